"""What files hold, cell by cell, whatever they do to exhaust a machine: workbooks, Parquet and text files."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from sunes.errors import DataError, Problem
from sunes.ingest import delimited, grid, parquet, workbook
from sunes.ingest.files import InputFile
from sunes.ingest.grid import Grid
from sunes.ingest.sheet import Sheet, from_grid, read_grids
from tests import workbooks
from tests.workbooks import SHEET, tampered


def grids(content: bytes, name: str = "suivi.xlsx") -> tuple[Grid, ...]:
    return read_grids(InputFile(name, content))


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [record.cells for record in grids(content)[0].records]


def refused(content: bytes) -> str:
    """The one sentence that a file is refused with, in ordinary spaces."""
    with pytest.raises(DataError) as error:
        from_grid(grids(content)[0])
    assert len(error.value.problems) == 1
    return str(error.value).replace("\u00a0", " ").replace("\u202f", " ")


# Workbooks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (310000123, "310000123"),
        (310000123.0, "310000123"),
        (10000024, "10000024"),
        (0.785, "0.785"),
        (0.1 + 0.2, "0.3"),
        (-2.5, "-2.5"),
        (12345678901234, "12345678901234"),
        (date(2024, 6, 30), "2024-06-30"),
        (datetime(2024, 6, 30, 14, 5), "2024-06-30 14:05:00"),
        (datetime(2024, 6, 30), "2024-06-30"),
        (True, "true"),
        (False, "false"),
        ("\u00a0\u200b Hôpital d’été\u202f\ufeff ", "Hôpital d’été"),
        ("deux\nlignes", "deux\nlignes"),
        ("'010000024", "'010000024"),
    ],
)
def test_cells_are_what_a_person_would_type(value: Any, text: str) -> None:
    assert cells(workbooks.workbook({"A": [["x", value]]})) == [("x", text)]


def test_formulas_are_what_they_were_and_errors_stay_errors() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["somme", "absent", "vrai", "division"])
        sheet.write_formula(1, 0, "=1+1", None, 3)  # not what it would be now
        sheet.write_formula(1, 1, '=VLOOKUP("a",A1:B2,2)', None, "#N/A")
        sheet.write_formula(1, 2, "=TRUE()", None, True)
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")

    assert cells(content.getvalue())[1] == ("3", "#N/A", "true", "#DIV/0!")


def test_rows_and_columns_are_those_that_excel_shows() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("Suivi")
        sheet.merge_range("B3:D3", "Lettres de liaison")
        sheet.write("B4", "Taux")
        sheet.write("D9", "fin")
        book.add_worksheet("Vide")

    (only,) = grids(content.getvalue())

    assert only.sheet == "Suivi"
    assert [(record.line, record.cells) for record in only.records] == [
        (3, ("", "Lettres de liaison", "", "")),
        (4, ("", "Taux", "", "")),
        (9, ("", "", "", "fin")),
    ]
    assert only.merged == ((3, 1, 3, 3),)


def test_every_sheet_is_read_and_hidden_ones_are_marked() -> None:
    content = workbooks.workbook({"Dossiers": [["a"]], "Listes": [["b"]], "Avis": [["c"]]}, hidden=["Listes"])

    assert [(each.sheet, each.hidden) for each in grids(content)] == [
        ("Dossiers", False),
        ("Listes", True),
        ("Avis", False),
    ]


def test_a_sheet_reads_like_a_file() -> None:
    content = workbooks.workbook({"A": [["finess", "", "nom"], ["010000024", "", "CH"], ["", "", ""], ["2", "", ""]]})

    sheet = from_grid(grids(content)[0])

    assert sheet.header == ("finess", "nom")
    assert [(row.line, dict(row.cells)) for row in sheet.rows] == [
        (2, {"finess": "010000024", "nom": "CH"}),
        (4, {"finess": "2", "nom": ""}),
    ]


BOOK = workbooks.workbook({"A": [["finess", "nom"], ["010000024", "CH"]]})
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
WIDE = b'<row r="3"><c r="XFD3"><v>1</v></c></row></sheetData>'
ENDLESS = b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + b"x" * 80_000_000 + b"</t></is></c></row></sheetData>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (OLD, "ce fichier est un ancien classeur XLS"),
        (OLD + "EncryptedPackage".encode("utf-16-le"), "ce classeur est protégé par un mot de passe"),
        (workbooks.archive(**{"suivi.csv": "finess"}), "ce fichier est une archive ZIP, pas un classeur XLSX"),
        (workbooks.archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "un document d’un autre format"),
        (BOOK[: len(BOOK) // 2], "ce classeur est endommagé"),
        (b"PK\x03\x04anything", "ce classeur est endommagé"),
        (b"PK\x05\x06" + bytes(18), "ce fichier est une archive ZIP"),
        (tampered(BOOK, SHEET, lambda xml: xml[: len(xml) // 2]), "ce classeur est endommagé"),
        (tampered(BOOK, "xl/workbook.xml", lambda xml: b"<"), "ce classeur est endommagé"),
        (tampered(BOOK, SHEET, lambda xml: xml.replace(b"</sheetData>", FAR)), "ce classeur est trop grand"),
        (tampered(BOOK, SHEET, lambda xml: xml.replace(b"</sheetData>", WIDE)), "ce classeur est trop grand"),
        (workbooks.workbook({"A": []}), "ce classeur est vide"),
        (workbooks.workbook({"A": [["finess", "nom"]]}), "il n’y a aucune ligne sous l’en-tête"),
        (b"%PDF-1.7", "ce fichier est un PDF"),
        (b"\xef\xbb\xbf <html><table>", "ce fichier est une page web ou un XML"),
    ],
)
def test_what_is_no_workbook_is_told_in_one_sentence(content: bytes, expected: str) -> None:
    sentence = refused(content)

    assert sentence.startswith("suivi.xlsx")
    assert expected in sentence
    assert sentence.endswith(".")


def test_a_workbook_that_unpacks_to_more_than_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MEMORY", 200_000_000)
    content = tampered(BOOK, SHEET, lambda xml: xml.replace(b"</sheetData>", ENDLESS))

    assert len(content) < 200_000
    assert "ce classeur est trop grand" in refused(content)


@pytest.mark.parametrize("bound", ["MAX_ROWS", "MAX_COLUMNS", "MAX_CELLS", "MAX_TEXT"])
def test_a_workbook_is_bounded_in_every_way(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    content = workbooks.workbook({"A": [["finess", "nom"], ["1", "a"], ["2", "b"], ["3", "c"]]})
    monkeypatch.setattr(workbook, bound, {"MAX_ROWS": 2, "MAX_COLUMNS": 1, "MAX_CELLS": 7, "MAX_TEXT": 14}[bound])

    assert "ce classeur est trop grand" in refused(content)
    monkeypatch.setattr(workbook, bound, {"MAX_ROWS": 3, "MAX_COLUMNS": 2, "MAX_CELLS": 8, "MAX_TEXT": 15}[bound])
    assert len(cells(content)) == 4


@pytest.mark.parametrize("clock", ["CPU_SECONDS", "SECONDS"])
def test_a_workbook_that_takes_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: str) -> None:
    endless = tmp_path / "endless.py"
    endless.write_text(
        "import runpy, sys\n"
        f"runpy.run_path({str(workbook._CHILD)!r})['limit'](int(sys.argv[1]), int(sys.argv[2]))\n"
        "while True: pass\n"
    )
    monkeypatch.setattr(workbook, "_CHILD", endless)
    monkeypatch.setattr(workbook, clock, 1)

    assert "ce classeur est trop long à lire" in refused(BOOK)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_refused_in_french(place: int, noise: bytes) -> None:
    problems: Sequence[Problem] = ()
    try:
        read = grids(BOOK[:place] + noise + BOOK[place + len(noise) :])
    except DataError as error:
        read, problems = (), error.problems
    assert len(read) + len(problems) == 1


# Parquet --------------------------------------------------------------------------------------------------------------


def as_parquet(columns: dict[str, Any]) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def test_a_parquet_file_reads_as_a_csv_would() -> None:
    content = as_parquet(
        {
            "finess": ["010000024", None],
            "part": [0.785, float("nan")],
            "lits": [3, None],
            "éligible": [True, False],
            "jour": [date(2024, 6, 30), None],
            "moment": [datetime(2024, 6, 30, 14, 5), datetime(2024, 6, 30)],
            "activités": [["mco", "smr"], []],
            "montant": [Decimal("12.50"), None],
        }
    )

    assert cells(content) == [
        ("finess", "part", "lits", "éligible", "jour", "moment", "activités", "montant"),
        ("010000024", "0.785", "3", "true", "2024-06-30", "2024-06-30 14:05:00", "mco|smr", "12.50"),
        ("", "", "", "false", "", "2024-06-30", "", ""),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PAR1", "ce fichier Parquet est endommagé"),
        (b"PAR1" + bytes(100) + b"PAR1", "ce fichier Parquet est endommagé"),
        (as_parquet({"a": [{"b": 1}]}), "colonne « a » : cette colonne contient des tableaux"),
    ],
)
def test_what_parquet_cannot_give_is_told(content: bytes, expected: str) -> None:
    assert expected in refused(content)


def test_a_parquet_file_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MAX_ROWS", 2)

    assert "plus de 2 lignes" in refused(as_parquet({"a": [1, 2, 3]}))


def test_a_text_repeated_beyond_measure_is_refused() -> None:
    once = pa.array(["x" * 1_000_000])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 400_000, pa.int32()), once)

    content = as_parquet({"a": column})  # 400 GB once unpacked

    assert len(content) < 60_000
    assert "trop grand une fois déplié" in refused(content)


# Text -----------------------------------------------------------------------------------------------------------------


def text(content: bytes) -> Grid:
    return grids(content, "suivi.csv")[0]


def table(content: bytes) -> list[tuple[str, ...]]:
    return [record.cells for record in text(content).records]


def test_lines_pasted_from_another_encoding_are_read_and_told() -> None:
    content = "nom;ville\nHôpital;Sète\n".encode() + "Clinique d’été;Nîmes\nCHU;Orléans\n".encode("cp1252")

    read = text(content)

    assert [record.cells for record in read.records[1:]] == [
        ("Hôpital", "Sète"),
        ("Clinique d’été", "Nîmes"),
        ("CHU", "Orléans"),
    ]
    assert read.encoding == "UTF-8 et Windows-1252 (ISO-8859-1)"
    assert [(problem.line, problem.message.split(",")[0]) for problem in read.repairs] == [
        (3, "2 lignes en Windows-1252 dans un fichier en UTF-8")
    ]


def test_a_line_in_two_encodings_is_refused() -> None:
    content = "nom;ville\nHôpital;".encode() + "Sète\n".encode("cp1252")

    assert "ligne 2 : cette ligne mêle UTF-8 et Windows-1252" in refused(content)


@pytest.mark.parametrize(
    "head",
    ["", "\ufeff", "Registre, au 30 juin 2024\n\n", "sep=;\n", "Registre ; Occitanie, Île-de-France\n", "\n;;\n"],
)
def test_the_separator_is_found_under_a_title(head: str) -> None:
    content = f'{head}finess;nom;ville\n010000024;"CH, site; sud";Sète\n310000123;Clinique, la mer;Nîmes, Gard\n'

    assert table(content.encode())[-2:] == [
        ("010000024", "CH, site; sud", "Sète"),
        ("310000123", "Clinique, la mer", "Nîmes, Gard"),
    ]


def test_invisible_spaces_are_no_part_of_a_cell() -> None:
    assert table("finess ;\u00a0nom\u200b\n\u202f010000024;\ufeffCH\n".encode()) == [
        ("finess", "nom"),
        ("010000024", "CH"),
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_like_across_chunks(monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(delimited, "_CHUNK", 3)
    content = ending.join(["finess;nom", "1;été", "", '2;"a', 'b"', "3;c"])

    read = text(content.encode())

    assert [record.line for record in read.records] == [1, 2, 4, 6]
    assert read.records[2].cells == ("2", f"a{ending}b")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n" + b"x" * 2_000_000, "ligne 2 : cette ligne dépasse 1 000 000 caractères"),
        (b"a,b\n" + b"," * 2_000_000, "ligne 2 : cette ligne dépasse 1 000 000 caractères"),
        (b"a,b\n" + b"1," * 2_000 + b"\n", "ligne 2 : ce fichier compte plus de 1 000 colonnes"),
    ],
)
def test_a_text_that_would_exhaust_the_memory_is_refused(content: bytes, expected: str) -> None:
    assert expected in refused(content)


def test_a_row_that_never_ends_is_a_problem_of_the_rest() -> None:
    read = text(b"a,b\n1,2\n" + b'"x\n",' * 250_000)

    assert [record.cells for record in read.records] == [("a", "b"), ("1", "2")]
    assert [problem.line for problem in read.problems] == [3]
    assert "un enregistrement dépasse 1000000 caractères" in read.problems[0].message


class Stream(io.RawIOBase):
    """Two hundred megabytes without a line end, of which it counts those that were asked for."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        left = min(size if size >= 0 else 2**30, 200_000_000 - self.given)
        self.given += left
        return b"1," * (left // 2)


def test_little_is_read_of_an_endless_line() -> None:
    stream = Stream()

    with pytest.raises(DataError, match="dépasse"):
        list(delimited._Text("suivi.csv", stream))  # type: ignore[arg-type]  # reads like any file
    assert stream.given < 5_000_000


@pytest.mark.parametrize(("bound", "most", "what"), [("MAX_CELLS", 5, "cellules"), ("MAX_ROWS", 1, "lignes")])
def test_rows_and_cells_are_counted(monkeypatch: pytest.MonkeyPatch, bound: str, most: int, what: str) -> None:
    monkeypatch.setattr(delimited, bound, most)

    assert f"ligne 3 : ce fichier compte plus de {most} {what}" in refused(b"a,b\n1,2\n3,4\n")
    assert (grid.MAX_ROWS, grid.MAX_COLUMNS, grid.MAX_CELLS) == (500_000, 1_000, 10_000_000)


def test_columns_that_were_emptied_are_left_out() -> None:
    sheet = from_grid(text(b"finess;;nom;;\n1;;a;;\n2;;b;;\n"))

    assert (sheet.header, [tuple(row.cells.values()) for row in sheet.rows]) == (
        ("finess", "nom"),
        [("1", "a"), ("2", "b")],
    )
    assert "la colonne n° 2 n’a pas de nom" in refused(b"finess;;nom\n1;x;a\n")


def test_a_sheet_forgets_what_it_is_told_to() -> None:
    sheet = from_grid(text(b"finess;nom;mail\n1;Jeanne;j@x.fr\n2;Jeanne;j@x.fr;y\n")).without(["nom", "mail"])

    assert remembered(sheet) == {"finess", "1", ""}


def remembered(sheet: Sheet) -> set[str]:
    rows: Sequence[Any] = (*sheet.rows, *(row for row, _ in sheet.uneven))
    held = {text for row in rows for pair in row.cells.items() for text in pair}
    return held | set(sheet.header) | {cell for record in sheet.grid.records for cell in record.cells}
