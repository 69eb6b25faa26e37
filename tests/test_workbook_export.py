"""The workbook that people take away, read back: the figures of the metrics, as numbers, dates and harmless text."""

import io
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from sunes import metrics, tables
from sunes.access.people import EVERYTHING
from sunes.deck.facts import Facts
from sunes.definitions import load_definitions
from sunes.export.parquet import records_parquet, table_parquet
from sunes.export.sheets import records_sheet
from sunes.export.spreadsheet import plain
from sunes.export.workbook import SHEETS, answer_workbook, records_workbook, workbook
from sunes.metrics import METRICS
from sunes.programme import load_programme
from sunes.schema import ESTABLISHMENTS
from sunes.snapshots import Store
from sunes.view import View
from tests import rows
from tests.rows import application, establishment, usage

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
PROGRAMME, DEFINITIONS = load_programme(), load_definitions()
HOSTILE = (
    "=cmd|' /C calc'!A0",
    '@SUM(1+1)*cmd|" /C calc"!A0',
    "+33 1 02 03 04 05",
    "https://example.org/hopital",
    "mailto:nobody@example.org",
    "<r><t>Clinique</t></r>",
    "Hôpital <b>gras</b> & fils",
    "مستشفى القلب",
    "1234567",
    "N" * 200,
)


def facts(store: Store, **view: Any) -> Facts:
    return Facts(store, View(**view), PROGRAMME, DEFINITIONS, sight=EVERYTHING)


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


@cache
def whole() -> bytes:
    return workbook(facts(Store.default()))


@cache
def whole_book() -> openpyxl.Workbook:
    return opened(whole())


def publish(directory: Path, content: rows.Tables, simulated: bool = False, as_of: date = JUNE) -> Store:
    store = Store(directory)
    store.publish(as_of, rows.arrow((as_of, 1, content))[2], simulated=simulated, published_by="Test")
    return store


def records(sheet: Worksheet) -> list[dict[str, Any]]:
    header, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, header), line, strict=True)) for line in lines]


def column(sheet: Worksheet, header: str) -> list[Any]:
    place = [cell.value for cell in sheet[1]].index(header)
    return [line[place] for line in sheet.iter_rows(min_row=2)]


# Figures --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("Régions", ("region",)),
        ("Régions × volets", ("region", "volet")),
        ("Départements", ("region", "department")),
        ("Départements × volets", ("region", "department", "volet")),
        ("Fenêtres", ("region", "window", "volet")),
        ("Évolution", ("snapshot", "region", "volet")),
    ],
)
def test_every_figure_is_the_one_of_the_metrics(name: str, by: tuple[str, ...]) -> None:
    store = Store.default()
    expected = metrics.ask(store, View(), by, programme=PROGRAMME).rows
    found = records(whole_book()[name])
    assert len(found) == len(expected) > 0
    asked = {None, *by}
    names = [metric for metric in METRICS if DEFINITIONS[metric].needs in asked]
    assert len(names) >= 12
    for cells, row in zip(found, expected, strict=True):
        assert cells["Situation au"] == datetime.fromisoformat(row["snapshot"])
        assert (cells["Révision"], cells["Données"]) == (row["revision"], "simulées")
        assert cells["Code région"] == row["region"]
        assert cells["Région"] == tables.key_text("region", row, PROGRAMME)
        for metric in names:
            short = DEFINITIONS[metric].short
            header = f"{short} (points de pourcentage)" if metric == "gap_points" else short
            # The file has 16 digits of a number, one more than Excel looks at.
            value = metrics.known_value(row, metric)
            exactly = value if value is None else pytest.approx(value, rel=1e-15, abs=1e-16)
            assert cells[header] == exactly, (header, cells)


def test_a_view_restricts_every_sheet() -> None:
    found = opened(
        workbook(facts(Store.default(), regions=("76",), volet="dmp", windows=(1, 2), snapshot="2023-06-30"))
    )
    for name in SHEETS:
        cells = records(found[name])
        assert cells
        assert {row.get("Code région", "76") for row in cells} == {"76"}
        assert {row["Volet"] for row in cells if "Volet" in row} <= {"1 – Alimentation du DMP"}
        assert {row["Fenêtre"] for row in cells if "Fenêtre" in row} <= {1, 2}
        assert max(row["Situation au"] for row in cells) == datetime(2023, 6, 30)
    assert "Volet 2" not in records(found["Établissements"])[0]
    assert "Cible atteinte" in records(found["Régions"])[0]  # the volet of the View has its targets


def test_each_rate_comes_after_its_parts() -> None:
    header = [cell.value for cell in whole_book()["Régions × volets"][1]]
    rates = [metric for metric in DEFINITIONS.values() if metric.unit == "rate"]
    assert len(rates) == 5
    for rate in rates:
        for part in (rate.numerator, rate.denominator):
            assert part is not None
            words = part.words[0].upper() + part.words[1:]
            simple = DEFINITIONS[part.add[0]].short if len(part.add) == 1 and not part.minus else words
            assert header.index(simple) < header.index(rate.short)
    row = records(whole_book()["Régions × volets"])[0]
    assert row["Candidatures retenues ou refusées"] == row["Dossiers retenus"] + row["Dossiers refusés"]


def test_establishments_applications_and_usages_are_those_of_the_snapshot() -> None:
    store, found = Store.default(), whole_book()
    there = facts(store).roster()
    assert [row["FINESS"] for row in records(found["Établissements"])] == [line.finess for line in there.lines]
    applied = records(found["Candidatures"])
    assert len(applied) == sum(len(line.applications) for line in there.lines)
    first = next(line for line in there.lines if line.applications)
    mine = next(row for row in applied if row["FINESS"] == first.finess)
    filed = first.applications[0]["filed_on"]
    assert mine["Déposée le"] == datetime(filed.year, filed.month, filed.day)
    measured = [row for row in records(found["Usages"]) if row["Dénominateur"]]
    assert measured
    for row in measured:
        assert row["Taux"] == pytest.approx(row["Numérateur"] / row["Dénominateur"], rel=1e-15)


# How it looks ---------------------------------------------------------------------------------------------------------


def test_cells_have_the_formats_of_what_they_hold() -> None:
    found = whole_book()
    formats = {
        ("Régions", "Participation"): r"0.0\ %",
        ("Régions", "Activité éligible"): "#,##0",
        ("Régions", "Financements"): r"#,##0\ \€",
        ("Régions", "Situation au"): "dd/mm/yyyy",
        ("Régions", "Code région"): "@",
        ("Régions × volets", "Écart (points de pourcentage)"): r"+0.0\ %;-0.0\ %;0.0\ %",
        ("Candidatures", "Décidée le"): "dd/mm/yyyy",
        ("Établissements", "FINESS"): "@",
    }
    for (sheet, header), shown in formats.items():
        cells = [cell for cell in column(found[sheet], header) if cell.value is not None]
        assert {cell.number_format for cell in cells} == {shown}, header
    assert {cell.data_type for cell in column(found["Établissements"], "FINESS")} == {"s"}
    assert {cell.data_type for cell in column(found["Régions"], "Participation")} == {"n"}
    assert {cell.is_date for cell in column(found["Régions"], "Situation au")} == {True}


def test_headers_stay_filter_and_print() -> None:
    found = whole_book()
    assert found.sheetnames == ["Lisez-moi", *SHEETS]
    for name in SHEETS:
        sheet = found[name]
        assert sheet.auto_filter.ref == sheet.dimensions
        assert str(sheet.freeze_panes).endswith("2")
        assert sheet.print_title_rows == "$1:$1"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert "30 juin 2024 (révision 1) – DONNÉES SIMULÉES" in str(sheet.oddFooter.left.text)
        assert "&P" in str(sheet.oddFooter.right.text)
        assert sheet.sheet_properties.tabColor is not None
        widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        assert min(widths) >= 8
        assert max(widths) < 50
    keys = found["Départements"].freeze_panes
    assert found["Départements"][f"{str(keys)[:-1]}1"].value == "Candidats"


def test_the_first_sheet_says_what_the_others_are() -> None:
    found = opened(workbook(facts(Store.default(), regions=("76",), volet="mss")))
    texts = [str(cell) for line in found["Lisez-moi"].iter_rows(values_only=True) for cell in line if cell is not None]
    said = "\n".join(texts).replace("\u00a0", " ").replace("\u202f", " ")
    for expected in (
        "SUN-ES – participation et atteinte des cibles d’usage",
        "DONNÉES SIMULÉES : ces chiffres ne décrivent aucun établissement réel.",
        "Occitanie",
        "2 – Usage de MSSanté",
        "snapshot=2024-06-30~1&region=76&volet=mss",
        "publiée le 6 juillet 2024 par sunes",
        "Jeu simulé",
        "80 %",
        "Une cellule vide veut dire « non connu »",
    ):
        assert expected in said
    for metric in DEFINITIONS.values():
        assert metric.id in texts
        assert metric.definition in texts
        assert metric.source in texts
    links = [cell.hyperlink for line in found["Lisez-moi"].iter_rows() for cell in line if cell.hyperlink]
    assert [link.location for link in links] == [f"'{name}'!A1" for name in SHEETS]
    assert all(not link.target for link in links)


def test_real_data_are_not_called_simulated(tmp_path: Path) -> None:
    found = opened(workbook(facts(publish(tmp_path, rows.tables([establishment("310000001")])))))
    assert {cell.value for cell in column(found["Régions"], "Données")} == {"réelles"}
    texts = [cell for line in found["Lisez-moi"].iter_rows(values_only=True) for cell in line]
    assert not [text for text in texts if "SIMUL" in str(text).upper() and "dit si" not in str(text)]
    assert found["Régions"].sheet_properties.tabColor is None


# What is not known, what is hostile -----------------------------------------------------------------------------------


def test_zero_is_a_zero_and_what_is_not_known_is_empty(tmp_path: Path) -> None:
    content = rows.tables(
        [establishment("310000001", combined_activity=0.0), establishment("750000002", "11", "75", eligible=False)],
        [application("310000001", 1, "dmp", grant_eur=0)],
        [usage("310000001", 1, "dmp", "lettre_liaison", "not_evaluated")],
    )
    found = opened(workbook(facts(publish(tmp_path, content))))
    paris, occitanie = records(found["Régions"])
    assert (paris["Éligibles"], paris["Candidats"], paris["Participation"]) == (0, 0, None)
    assert (occitanie["Participation"], occitanie["Financements"], occitanie["Acceptation"]) == (1, 0, 1)
    here = records(found["Établissements"])
    assert [(row["Activité combinée"], row["Latitude"]) for row in here] == [(0, None), (None, None)]
    assert [row["Indicateurs requis atteints"] for row in here] == [0, None]
    (filed,) = records(found["Candidatures"])
    assert (filed["Déposée le"], filed["Financement"]) == (None, 0)
    empty = next(cell for cell in column(found["Établissements"], "Latitude"))
    assert empty.data_type == "n"
    assert empty.value is None
    assert {row["État"] for row in records(found["Usages"])} == {"non évalué", "aucune mesure"}


def test_a_register_alone_makes_a_workbook(tmp_path: Path) -> None:
    found = opened(workbook(facts(publish(tmp_path, rows.tables([establishment("2A0000014", "94", "2A")])))))
    assert found["Candidatures"].max_row == found["Usages"].max_row == 1
    assert found["Candidatures"].auto_filter.ref == found["Candidatures"].dimensions
    (corsica,) = records(found["Départements"])
    assert (corsica["Code département"], corsica["Éligibles"], corsica["Candidats"]) == ("2A", 1, 0)
    nobody = opened(workbook(facts(Store(tmp_path), regions=("11",))))
    assert nobody["Régions"].max_row == nobody["Établissements"].max_row == 1


def test_hostile_names_stay_legible_text(tmp_path: Path) -> None:
    named = [establishment(f"3100000{number:02}", name=name) for number, name in enumerate(HOSTILE)]
    content = workbook(facts(publish(tmp_path, rows.tables(named))))
    found = opened(content)["Établissements"]
    cells = {cell.value for cell in column(found, "Établissement")}
    assert {str(value).rstrip() for value in cells} == set(HOSTILE)
    assert {cell.data_type for cell in column(found, "Établissement")} == {"s"}
    assert not [cell for line in found.iter_rows() for cell in line if cell.hyperlink or cell.data_type == "f"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Clinique\x00\x07 du\x1bParc", "Clinique  du Parc"),
        ("une\r\nligne", "une ligne"),
        ("moitié \ud800", "moitié  "),
        ("a" * 40_000, "a" * 32_000 + "…"),
        ("🏥" * 20_000, "🏥" * 20_000),
        ("<r></r>", "<r></r> "),
        ("_x0041_", "_x0041_"),
        ("", ""),
    ],
)
def test_what_a_cell_cannot_hold_is_left_out(text: str, shown: str) -> None:
    assert plain(text) == shown
    book = opened(records_workbook(facts(Store.default()), [{"Nom": text, "Autre": "x"}]))
    value = str(book["Chiffres"]["A2"].value or "")
    assert shown.startswith(value.removesuffix("…")) if len(shown) > 10_000 else value in (shown, "_x005F_x0041_")
    assert len(value.encode("utf-16-le")) <= 2 * 32_767


def test_the_same_data_give_the_same_bytes() -> None:
    told: list[str] = []
    assert workbook(facts(Store.default()), told.append) == whole()
    assert told == list(SHEETS)


# One table, other formats ---------------------------------------------------------------------------------------------


def test_the_table_of_a_chart_holds_its_columns_unrounded() -> None:
    there = facts(Store.default(), regions=("76",))
    answer = there.answer(("region", "volet"))
    found = opened(answer_workbook(there, answer, ("accepted", "attainment_rate")))
    assert found.sheetnames == ["Lisez-moi", "Chiffres"]
    (dmp, mss) = records(found["Chiffres"])
    assert list(dmp)[-2:] == ["Retenus", "Atteinte"]
    assert [row["Atteinte"] for row in (dmp, mss)] == [row["attainment_rate"] for row in answer.rows]
    texts = [cell for line in found["Lisez-moi"].iter_rows(values_only=True) for cell in line]
    assert "attainment_rate" in texts
    assert "grants_eur" not in texts


def test_records_that_people_read_become_numbers_where_all_of_a_column_are() -> None:
    shown: Sequence[Mapping[str, Any]] = [
        {
            "Nom": "A",
            "FINESS": "310000001",
            "Compte": "1\u202f234",
            "Taux": "79,9\u00a0%",
            "Le": "30/06/2024",
            "P": 50.0,
        },
        {"Nom": "12", "FINESS": "310000002", "Compte": "–", "Taux": "100\u00a0%", "Le": "non connu", "P": None},
    ]
    sheet = records_sheet("Chiffres", "", shown)
    assert [column.kind for column in sheet.columns] == ["text", "text", "whole", "rate", "day", "number"]
    assert list(sheet.rows[0]) == ["A", "310000001", 1234, 0.799, JUNE, 50.0]
    assert list(sheet.rows[1]) == ["12", "310000002", None, 1.0, None, None]
    bounded = records_sheet("Chiffres", "", [{"Taux": "79,9\u00a0%"}, {"Taux": ">\u00a099,9\u00a0%"}])
    assert [cell for (cell,) in bounded.rows] == ["79,9\u00a0%", ">\u00a099,9\u00a0%"]
    assert records_sheet("Chiffres", "", []).columns == ()


def test_parquet_keeps_types_and_is_the_same_every_time() -> None:
    answer = metrics.ask(Store.default(), View(), ("region",), programme=PROGRAMME)
    content = table_parquet(answer.table)
    assert content == table_parquet(answer.table)
    assert pq.read_table(io.BytesIO(content)).equals(answer.table)
    records = [{"finess": "310000001", "latitude": None, "eligible": True, "state_dmp": "accepted"}]
    typed = pq.read_table(io.BytesIO(records_parquet(list(records[0]), records, ESTABLISHMENTS.schema)))
    assert typed.to_pylist() == records
    assert typed.schema.types == [pa.string(), pa.float64(), pa.bool_(), pa.string()]


# Another program ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_it(tmp_path: Path) -> None:
    (tmp_path / "classeur.xlsx").write_bytes(workbook(facts(Store.default(), regions=("76",), windows=(1,))))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    # The second sheet in UTF-8, parted by ;.
    options = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,2"
    command = ("soffice", profile, "--headless", "--convert-to", options, "--outdir", tmp_path, "classeur.xlsx")
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    (file,) = tmp_path.glob("*.csv")
    header, *lines = file.read_text("utf-8").splitlines()
    assert header.startswith("Situation au;Révision;Données;Code région;Région;Candidats;Éligibles;Participation")
    cells = dict(zip(header.split(";"), lines[-1].split(";"), strict=True))
    assert (cells["Code région"], cells["Région"], cells["Candidats"]) == ("76", "Occitanie", "96")
    assert float(cells["Participation"].rstrip("\u00a0 %").replace(",", ".")) == pytest.approx(100 * 96 / 294)
