"""What changed between two snapshots is told once per establishment and volet, by its furthest move."""

from datetime import date

import pytest

from sunes import engine
from sunes.insights.changes import KIND_WORDS, Change, Kind, changes, records, summary
from sunes.programme import load_programme
from sunes.roster import roster
from sunes.view import View
from tests.rows import Row, Tables, application, arrow, establishment, tables, usage

PROGRAMME = load_programme()
ONE = "990000001"


def between(before: Tables, after: Tables) -> tuple[Change, ...]:
    rosters = [
        roster(engine.frames_from_tables([arrow((day, 1, content))], "pyarrow"), View(), PROGRAMME)
        for day, content in ((date(2024, 5, 31), before), (date(2024, 6, 30), after))
    ]
    return changes(*rosters)


def dossier(decision: str | None, *statuses: str) -> Tables:
    """One establishment: its decision on volet 2 (None: no dossier) and the statuses of its required indicators."""
    filed: list[Row] = [application(ONE, 2, "mss", decision)] if decision else []
    required = PROGRAMME.volet("mss").required
    return tables(
        [establishment(ONE)],
        filed,
        [usage(ONE, 2, "mss", indicator, status) for indicator, status in zip(required, statuses, strict=False)],
    )


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (dossier(None), dossier("pending"), Kind.APPLIED),
        (dossier(None), dossier("accepted"), Kind.ACCEPTED),
        (dossier("pending"), dossier("accepted"), Kind.ACCEPTED),
        (dossier(None), dossier("accepted", "attained", "attained"), Kind.ATTAINED),
        (dossier("accepted"), dossier("accepted", "attained", "attained"), Kind.ATTAINED),
        (dossier("accepted", "missed"), dossier("accepted", "attained", "attained"), Kind.ATTAINED),
        (dossier("accepted", "attained", "attained"), dossier("accepted", "attained", "missed"), Kind.FELL_BACK),
        (dossier("accepted"), dossier("accepted", "missed"), Kind.MISSED),
        (dossier("accepted"), dossier("rejected"), Kind.NO_LONGER_ACCEPTED),
        (dossier("pending"), dossier("withdrawn"), Kind.WITHDREW),
        (dossier("accepted"), dossier("accepted", "not_evaluated"), None),
        (dossier("pending"), dossier("rejected"), None),
        (dossier(None), dossier(None), None),
    ],
)
def test_each_kind_of_change(before: Tables, after: Tables, kind: Kind | None) -> None:
    assert [(change.kind, change.volet) for change in between(before, after)] == ([(kind, "mss")] if kind else [])


def test_who_enters_and_who_leaves_the_register() -> None:
    found = between(tables([establishment(ONE)]), tables([establishment("990000002")]))
    assert [(change.kind, change.line.finess) for change in found] == [
        (Kind.ENTERED, "990000002"),
        (Kind.LEFT, ONE),
    ]


def test_the_sentence_counts_by_volet_and_says_when_nothing_moved() -> None:
    found = between(dossier("accepted"), dossier("accepted", "attained", "attained"))
    assert summary(found, PROGRAMME) == "Volet 2\u00a0: 1 a atteint la cible."
    assert summary(found * 2, PROGRAMME) == "Volet 2\u00a0: 2 ont atteint la cible."
    assert summary((), PROGRAMME) == "Aucun établissement n’a changé d’état."


def test_the_table_names_each_establishment() -> None:
    found = between(dossier(None), dossier("pending"))
    assert records(found, PROGRAMME) == [
        {
            "Établissement": f"Établissement {ONE}",
            "FINESS": ONE,
            "Commune": "",
            "Volet": "Volet 2",
            "Changement": "a candidaté",
        }
    ]


def test_every_kind_has_words() -> None:
    assert set(KIND_WORDS) == set(Kind)
