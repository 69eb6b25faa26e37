"""Answers as tables: French to read, exact to compute with."""

from datetime import date

import pytest

from sunes import engine, french, tables
from sunes.definitions import load_definitions
from sunes.metrics import KEYS, METRICS, Answer, answer
from sunes.programme import load_programme
from sunes.schema import LEGAL_STATUSES
from sunes.view import View
from tests import rows

PROGRAMME, DEFINITIONS = load_programme(), load_definitions()
CONTENT = rows.tables(
    [
        rows.establishment("310000001", legal_status="espic"),
        *(rows.establishment(f"7500{number:05}", "11", "75") for number in range(1200)),
        rows.establishment("970000001", "98", "975", legal_status="private", eligible=False),
    ],
    [rows.application("310000001", 1, "dmp", grant_eur=1_234_567), rows.application("750000001", 2, "mss", "rejected")],
)


def asked(*by: str, days: tuple[date, ...] = (date(2024, 6, 1),), simulated: bool = True) -> Answer:
    snapshots = [rows.arrow((day, 2, CONTENT)) for day in days]
    frames = engine.frames_from_tables(snapshots, "pyarrow", simulated=simulated)
    return answer(frames, View(), by, programme=PROGRAMME)


def readable(found: Answer, *columns: str) -> list[dict[str, str]]:
    return tables.readable(found, columns, DEFINITIONS, PROGRAMME)


def test_figures_are_french_text_under_french_headers() -> None:
    assert readable(asked("region"), "eligible", "participation_rate", "grants_eur") == [
        {
            "Région": "Île-de-France",
            "Éligibles": "1\u202f200",
            "Participation": "0,1\u00a0%",
            "Financements": "0\u00a0€",
        },
        {
            "Région": "Occitanie",
            "Éligibles": "1",
            "Participation": "100,0\u00a0%",
            "Financements": "1\u202f234\u202f567\u00a0€",
        },
        # A region that nobody knows keeps its code; nothing out of nothing has no rate.
        {"Région": "98", "Éligibles": "0", "Participation": french.UNKNOWN_MARK, "Financements": "0\u00a0€"},
    ]


def test_keys_are_called_by_their_names() -> None:
    first = readable(asked("department", "legal_status", "window", "volet"), "accepted")[0]
    assert first == {
        "Département": "Haute-Garonne",
        "Statut": "Privé non lucratif (ESPIC)",
        "Fenêtre": "1",
        "Volet": "1 – Alimentation du DMP",
        "Retenus": "1",
    }
    over_time = readable(asked("snapshot", days=(date(2024, 5, 31), date(2024, 6, 1))), "applicants")
    assert over_time == [
        {"Situation au": "31/05/2024", "Candidats": "2"},
        {"Situation au": "01/06/2024", "Candidats": "2"},
    ]


def test_every_key_and_status_has_its_words() -> None:
    assert set(tables.KEY_LABELS) == set(KEYS)
    assert set(tables.LEGAL_STATUS_LABELS) == set(LEGAL_STATUSES)
    headers = [*tables.KEY_LABELS.values(), *(metric.short for metric in DEFINITIONS.values())]
    assert len(set(headers)) == len(headers), "one header twice would hide a column"


@pytest.mark.parametrize("by", [(), ("region", "volet"), ("department", "window")], ids=str)
def test_all_of_it_is_text(by: tuple[str, ...]) -> None:
    for record in readable(asked(*by), *METRICS):
        assert all(isinstance(cell, str) and cell for cell in record.values())
        assert len(record) == len(by) + len(METRICS)


@pytest.mark.parametrize("simulated", [True, False])
def test_a_file_has_exact_numbers_and_says_where_they_come_from(simulated: bool) -> None:
    found = asked("region", simulated=simulated)
    exact = tables.exact(found, ("eligible", "participation_rate", "attainment_rate"), DEFINITIONS, PROGRAMME)
    assert exact[0] == {
        "Situation au": date(2024, 6, 1),
        "Révision": 2,
        "Données": "simulées" if simulated else "réelles",
        "Région": "Île-de-France",
        "Éligibles": 1200,
        "Participation": 1 / 1200,
        "Atteinte": None,
    }
    over_time = tables.exact(asked("snapshot"), ("eligible",), DEFINITIONS, PROGRAMME)
    assert [record["Situation au"] for record in over_time] == [date(2024, 6, 1)]
