"""The establishments behind the figures add up to the figures, whatever the programme, the snapshot and the View."""

from datetime import date

import pytest
from hypothesis import given, settings

from sunes import engine, metrics
from sunes.insights.changes import changes
from sunes.programme import load_programme
from sunes.roster import STATE_LABELS, STATE_SIGNS, Roster, State, roster
from sunes.view import View
from tests.rows import Tables, application, arrow, establishment, tables, usage
from tests.strategies import Question, questions

PROGRAMME = load_programme()
DAY = date(2024, 6, 30)


def one_day(content: Tables, view: View | None = None) -> Roster:
    frames = engine.frames_from_tables([arrow((DAY, 1, content))], "pyarrow")
    return roster(frames, view or View(), PROGRAMME)


@settings(deadline=None, derandomize=True, database=None, max_examples=150)
@given(questions())
def test_the_lines_add_up_to_the_metrics(question: Question) -> None:
    frames = engine.frames_from_tables([arrow(question.snapshots[-1])], "pyarrow")
    lines = roster(frames, question.view, question.programme)
    for row in metrics.answer(frames, question.view, ["volet"], programme=question.programme).rows:
        counted = [line for line in lines.lines if line.states[row["volet"]].is_accepted]
        assert len(counted) == row["accepted"]
        assert lines.count(row["volet"], State.ATTAINED) == row["attained"]
        assert lines.count(row["volet"], State.ATTAINED, State.MISSED) == row["evaluated"]
        assert len(lines.lines) - lines.count(row["volet"], State.NOT_APPLICANT) == row["applicants"]
    assert (
        sum(line.establishment["eligible"] for line in lines.lines)
        == (metrics.answer(frames, question.view, programme=question.programme).rows[0]["eligible"])
    )


@pytest.mark.parametrize(
    ("decision", "statuses", "state"),
    [
        (None, [], State.NOT_APPLICANT),
        ("withdrawn", [], State.NOT_APPLICANT),
        ("pending", [], State.APPLICANT),
        ("rejected", ["attained", "attained"], State.APPLICANT),
        ("accepted", [], State.ACCEPTED),
        ("accepted", ["not_evaluated", "not_evaluated"], State.NOT_EVALUATED),
        ("accepted", ["attained", "not_evaluated"], State.IN_PROGRESS),
        ("accepted", ["attained"], State.IN_PROGRESS),
        ("accepted", ["attained", "attained"], State.ATTAINED),
        ("accepted", ["attained", "missed"], State.MISSED),
    ],
)
def test_each_state(decision: str | None, statuses: list[str], state: State) -> None:
    filed = [application("990000001", 2, "mss", decision)] if decision else []
    measured = [
        usage("990000001", 2, "mss", indicator, status)
        for indicator, status in zip(PROGRAMME.volet("mss").required, statuses, strict=False)
    ]
    found = one_day(tables([establishment("990000001")], filed, measured))
    assert found.lines[0].states == {"dmp": State.NOT_APPLICANT, "mss": state}


def test_another_window_may_attain_what_one_missed() -> None:
    filed = [application("990000001", window, "dmp") for window in (1, 2)]
    measured = [
        usage("990000001", window, "dmp", indicator, status)
        for window, status in ((1, "missed"), (2, "attained"))
        for indicator in PROGRAMME.volet("dmp").required
    ]
    content = tables([establishment("990000001")], filed, measured)
    assert one_day(content).lines[0].states["dmp"] is State.ATTAINED
    assert one_day(content, View(windows=(1,))).lines[0].states["dmp"] is State.MISSED


def test_the_view_cuts_the_list_and_its_volets() -> None:
    content = tables([establishment("990000001"), establishment("990000002", "11", "75")])
    found = one_day(content, View(regions=("11",), volet="mss"))
    assert [line.finess for line in found.lines] == ["990000002"]
    assert list(found.lines[0].states) == ["mss"]


def test_every_state_has_a_sign_and_a_label_of_its_own() -> None:
    assert set(STATE_SIGNS) == set(STATE_LABELS) == set(State)
    assert len(set(STATE_SIGNS.values())) == len(set(STATE_LABELS.values())) == len(State)


def test_establishments_stand_in_french_order_and_so_do_their_changes() -> None:
    names = ["Zénith", "Écureuil", "étang", "Eaux-Vives", ""]
    rows = [establishment(f"99000000{n}", name=name) for n, name in enumerate(names)]
    found = one_day(tables(rows))
    assert [line.name for line in found.lines] == ["990000004", "Eaux-Vives", "Écureuil", "étang", "Zénith"]
    filed = one_day(tables(rows, [application(row["finess"], 1, "dmp") for row in rows]))
    assert [change.line.name for change in changes(found, filed)] == [line.name for line in found.lines]
