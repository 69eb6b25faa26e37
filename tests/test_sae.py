"""The SAE table of establishments: every row is placed, by its commune or at least by its département."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunes.errors import DataError
from sunes.ingest import formats
from sunes.ingest.files import InputFile
from sunes.ingest.reading import Reading
from sunes.programme import load_programme

PROGRAMME = load_programme()
HEADER = "bor;an;fi;rs;fi_ej;stj;stjr;cat;espic;dep;COMINSEE;NOMCOM"

steady = settings(deadline=None, derandomize=True, database=None)


def line(finess: str = "990000014", **cells: str) -> str:
    values = {
        "bor": "ID",
        "an": "2023",
        "fi": finess,
        "rs": "HÔPITAL FICTIF",
        "fi_ej": "990000001",
        "stj": "13",
        "stjr": "1",
        "cat": "355",
        "espic": "1",
        "dep": "01",
        "cominsee": "01451",
        "nomcom": "VIRIAT",
    }
    return ";".join((values | cells).values())


def sae(*lines: str, header: str = HEADER, encoding: str = "iso-8859-1") -> InputFile:
    return InputFile("SAE_ID_2023r.csv", "\r\n".join((header, *lines, "")).encode(encoding))


def read(file: InputFile) -> Reading:
    [reading] = formats.read("establishments", file, PROGRAMME, {})
    return reading


def one(file: InputFile) -> dict[str, Any]:
    reading = read(file)
    assert [str(problem) for problem in reading.problems] == []
    [row] = reading.rows
    return row


def test_a_row_is_at_the_town_hall_of_its_commune() -> None:
    reading = read(sae(line()))
    assert reading.kind == "Établissements de la SAE (table ID)"
    assert (reading.problems, reading.repairs, reading.blocking) == ([], [], [])
    [row] = reading.rows
    assert (row["finess"], row["finess_ej"], row["name"]) == ("990000014", "990000001", "HÔPITAL FICTIF")
    assert (row["commune_code"], row["commune_name"], row["department_code"]) == ("01451", "Viriat", "01")
    assert (row["region_code"], row["legal_status"], row["eligible"]) == ("84", "public", True)
    assert row["location_source"] == "commune"
    assert (row["latitude"], row["longitude"]) == pytest.approx((46.25, 5.22), abs=0.03)


def test_both_encodings_and_capitals_in_the_header() -> None:
    row = one(sae(line(), header=HEADER.upper(), encoding="utf-8"))
    assert row["name"] == "HÔPITAL FICTIF"


@pytest.mark.parametrize(
    ("dep", "commune", "insee", "department", "region"),
    [
        ("9A", "9A101", "97101", "971", "01"),
        ("9B", "9B209", "97209", "972", "02"),
        ("9C", "9C302", "97302", "973", "03"),
        ("9D", "9D411", "97411", "974", "04"),
        ("9F", "9F611", "97611", "976", "06"),
        ("2A", "2A004", "2A004", "2A", "94"),
        ("75", "75113", "75113", "75", "11"),
    ],
)
def test_the_survey_s_codes_of_places(dep: str, commune: str, insee: str, department: str, region: str) -> None:
    row = one(sae(line(dep=dep, cominsee=commune)))
    assert (row["commune_code"], row["department_code"], row["region_code"]) == (insee, department, region)
    assert row["location_source"] == "commune"


def test_a_commune_that_is_no_more_counts_in_its_department() -> None:
    """62549 Marconne and 93059 Pierrefitte-sur-Seine have merged; Saint-Martin is no commune of Guadeloupe any more."""
    lines = [
        line(dep="62", cominsee="62549", nomcom="MARCONNE"),
        line("990000022", dep="93", cominsee="93059", nomcom="PIERREFITTE SUR SEINE"),
        line("990000030", dep="9A", cominsee="9A127", nomcom="ST MARTIN"),
    ]
    reading = read(sae(*lines))
    assert reading.problems == []
    assert [row["region_code"] for row in reading.rows] == ["32", "11", "01"]
    assert [row["commune_name"] for row in reading.rows] == ["MARCONNE", "PIERREFITTE SUR SEINE", "ST MARTIN"]
    assert {(row["location_source"], row["latitude"], row["longitude"]) for row in reading.rows} == {
        ("none", None, None)
    }
    assert reading.strangers == {}  # none of them has coordinates to keep
    assert [(repair.line, repair.column, repair.value) for repair in reading.repairs] == [
        (2, "cominsee", "62549"),
        (3, "cominsee", "93059"),
        (4, "cominsee", "97127"),
    ]


@pytest.mark.parametrize("commune", ["99999", "ABCDE", "0145"])
def test_a_commune_in_no_department_is_told(commune: str) -> None:
    reading = read(sae(line(dep="", cominsee=commune)))
    assert reading.rejected == {2}
    assert {problem.column for problem in reading.problems} <= {"cominsee", "dep"}


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({"stjr": "1"}, "public"),
        ({"stjr": "2"}, "private"),
        ({"stjr": "3"}, "espic"),
        ({"stjr": "", "stj": "95"}, "private"),
        ({"stjr": "", "stj": "60"}, "espic"),
        ({"stjr": "", "stj": "", "espic": "7"}, "espic"),
        ({"stjr": "", "stj": "", "espic": "0"}, "private"),
    ],
)
def test_the_codes_of_the_legal_status(cells: dict[str, str], status: str) -> None:
    assert one(sae(line(**cells)))["legal_status"] == status


def test_a_legal_status_that_no_code_tells_is_not_invented() -> None:
    reading = read(sae(line(stjr="4", stj="", espic="")))
    [problem] = reading.problems
    assert (problem.line, problem.column, problem.value) == (2, "stjr", "4")


def test_categories_that_may_not_apply_are_kept_and_say_so() -> None:
    reading = read(sae(line(), line("990000022", cat="444"), line("990000030", cat="")))
    assert [row["eligible"] for row in reading.rows] == [True, False, False]
    assert [(problem.line, problem.column) for problem in reading.problems] == [(4, "cat")]


def test_a_table_without_what_it_takes_is_told_once() -> None:
    reading = read(sae("990000014;990000001;01451", header="fi;fi_ej;COMINSEE"))
    assert [problem.column for problem in reading.blocking] == ["cat", "stjr"]
    assert reading.problems == []


@steady
@given(st.lists(st.text(st.characters(codec="iso-8859-1"), max_size=8), max_size=24))
def test_any_cells_are_read_or_refused(cells: list[str]) -> None:
    try:
        reading = read(sae(line(), ";".join(cells)))
    except DataError:
        return
    assert len(reading.rows) == len(reading.lines)
