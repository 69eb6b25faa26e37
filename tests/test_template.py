"""The template workbook: what a person sees in it, and that filling it in is enough to publish."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from sunes import snapshots
from sunes.errors import DataError
from sunes.ingest import formats, import_files
from sunes.ingest.files import InputFile
from sunes.ingest.importing import prepare
from sunes.ingest.readers.template import own, template
from sunes.ingest.readers.template.words import SHEETS, choices, examples, header
from sunes.ingest.sheet import read_grids
from sunes.programme import load_programme
from sunes.schema import TABLES
from sunes.snapshots import Store
from tests.people import HERE

PROGRAMME = load_programme()
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "données")


def filled(rows: Rows) -> InputFile:
    """The template as a person saves it with some rows, by column of the contract, in the sheets of its tables."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as workbook:
        for grid in read_grids(InputFile("modèle.xlsx", template(PROGRAMME))):
            sheet = workbook.add_worksheet(grid.sheet)
            for record in grid.records:
                sheet.write_row(record.line - 1, 0, record.cells)
            for name in (name for name, title in SHEETS.items() if title == grid.sheet):
                for line, row in enumerate(rows.get(name, ()), start=1):
                    for place, column in enumerate(header(TABLES[name])):
                        if column in row:
                            sheet.write(line, place, row[column])
    return InputFile("modèle rempli.xlsx", content.getvalue())


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


def test_it_helps_whoever_fills_it_in() -> None:
    content = template(PROGRAMME)
    grids = {grid.sheet: grid for grid in read_grids(InputFile("modèle.xlsx", content))}
    assert list(grids) == ["Mode d’emploi", *SHEETS.values(), "Exemple", "Listes"]
    assert [name for name, grid in grids.items() if grid.hidden] == ["Listes"]
    offered = {cell for record in grids["Listes"].records for cell in record.cells} - {""}
    assert offered == {choice for values in choices(PROGRAMME).values() for choice in values}
    inside = parts(content)
    for number, table in enumerate(TABLES.values(), start=2):
        xml = inside[f"xl/worksheets/sheet{number}.xml"]
        lists = sum(column in choices(PROGRAMME) for column in header(table))
        assert xml.count('type="list"') == lists > 0
        assert 'state="frozen"' in xml
        assert f"xl/comments{number - 1}.xml" in inside
    assert content == template(PROGRAMME)


def test_filled_in_it_is_all_that_an_import_needs(store: Store) -> None:
    file = filled(examples(PROGRAMME))
    report = import_files(
        store,
        PROGRAMME,
        register=[file],
        applications=[file],
        usages=[file],
        as_of=date(2024, 6, 30),
        by=HERE,
        confirmed=True,
    )
    assert report.rows == {"establishments": 1, "applications": 1, "usages": 1}
    tables = {name: table.to_pylist() for name, table in snapshots.read(store.resolve()).items()}
    [establishment], [application], [usage] = tables.values()
    assert establishment["legal_status"] == "private"
    assert establishment["activities"] == ["mco", "imaging"]
    assert establishment["department_code"] == "31"
    assert establishment["combined_activity"] == 1735.5
    assert establishment["eligible"] is True
    assert (application["window"], application["volet"], application["decision"]) == (4, "dmp", "accepted")
    assert (application["filed_on"], application["grant_eur"]) == (date(2023, 3, 30), 34600)
    assert (usage["indicator"], usage["status"], usage["threshold"]) == ("lettre_liaison", "attained", 0.6)
    assert (usage["numerator"], usage["evaluated_on"]) == (74, date(2024, 1, 5))


@pytest.mark.parametrize("table", TABLES)
def test_every_choice_of_every_list_is_understood(table: str) -> None:
    first = {column: value for column, value in examples(PROGRAMME)[table][0].items() if column != "numerator"}
    offered = {column: words for column, words in choices(PROGRAMME).items() if column in header(TABLES[table])}
    rows = [first | {column: word} for column, words in offered.items() for word in words]
    [reading] = formats.read(table, filled({table: rows}), PROGRAMME, {})
    assert reading.problems == []
    assert reading.blocking == []
    for column, words in offered.items():
        assert len({row[column] for row in reading.rows}) == len(words), column


@pytest.mark.parametrize("table", TABLES)
def test_left_empty_it_says_that_there_is_no_row_and_the_example_is_not_taken(store: Store, table: str) -> None:
    blank = InputFile("modèle.xlsx", template(PROGRAMME))
    prepared = prepare(store, PROGRAMME, {table: [blank]}, as_of=date(2024, 6, 30), by=HERE)
    assert any("aucune ligne" in problem.message for problem in prepared.report.blocking)
    assert set(prepared.report.rows.values()) == {0}


def test_a_sheet_that_was_removed_is_missed() -> None:
    grids = read_grids(InputFile("modèle.xlsx", template(PROGRAMME)))
    without = [grid for grid in grids if grid.sheet != "Usages"]
    with pytest.raises(DataError, match=r"n’a pas de feuille «.Usages.»"):
        own(without, "usages")
    with pytest.raises(DataError, match="rien d’autre que l’exemple"):
        own([grid for grid in grids if grid.sheet == "Exemple"], "usages")
