"""What the windows add up to, where they stood at their deadlines, and the charts that show it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from sunes import engine, french, metrics
from sunes.figures import timeline, windows
from sunes.figures.palette import LIGHT
from sunes.figures.sketch import Drawn
from sunes.insights import deadlines, progress, progress_findings
from sunes.metrics import Answer
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.view import View
from tests.rows import application, arrow, establishment, tables, usage

PROGRAMME = load_programme()
DAYS = (date(2022, 6, 30), date(2022, 9, 30), date(2022, 12, 31), date(2023, 6, 30))


def made(view: View, *, content: dict[str, Any], day: date = DAYS[-1]) -> tuple[progress.Step, ...]:
    frames = engine.frames_from_tables([arrow((day, 1, content))], "pyarrow")

    def ask(view: View, by: Sequence[str]) -> Answer:
        return metrics.answer(frames, view, by, programme=PROGRAMME)

    so_far = {number: ask(each, ("region",)) for number, each in progress.prefixes(view, PROGRAMME).items()}
    return progress.steps("76", ask(view, ("region", "window")), so_far, PROGRAMME)


def accepted(*dossiers: tuple[str, int, str], eligible: int = 6) -> dict[str, Any]:
    return tables(
        [establishment(f"31000000{n}") for n in range(eligible)],
        [application(f"31000000{name}", window, volet) for name, window, volet in dossiers],
    )


def attained(finess: str, window: int, volet: str, status: str = "attained") -> list[dict[str, Any]]:
    return [usage(finess, window, volet, indicator, status) for indicator in PROGRAMME.volet(volet).required]


def history(*states: tuple[date, dict[str, Any]], by: Sequence[str], view: View | None = None) -> Answer:
    frames = engine.frames_from_tables([arrow((day, 1, content)) for day, content in states], "pyarrow")
    return metrics.answer(frames, view or View(), ("snapshot", *by), programme=PROGRAMME)


def texts(figure: Drawn) -> str:
    return "\n".join(annotation.text for annotation in figure.checked.layout.annotations)


# Steps ---------------------------------------------------------------------------------------------------------------


def test_the_published_figures_of_île_de_france_read_as_they_add_up() -> None:
    store, view = Store.default(), View(regions=("11",), windows=(1, 2))
    so_far = {
        number: metrics.ask(store, each, ("region",), programme=PROGRAMME)
        for number, each in progress.prefixes(view, PROGRAMME).items()
    }
    by_window = metrics.ask(store, view, ("region", "window"), programme=PROGRAMME)
    steps = progress.steps("11", by_window, so_far, PROGRAMME)
    assert [step.cumulative for step in steps] == [166, 249]
    assert [step.returning for step in steps] == [0, 76]
    assert progress_findings.windows_finding(steps) == (
        "166 + 159 = 325 retenus par fenêtre, mais 249 établissements\u00a0: 76 sont revenus"
    )


def test_in_one_volet_those_who_came_before_for_the_other_are_told_of() -> None:
    content = accepted(("0", 1, "dmp"), ("0", 2, "mss"), ("1", 2, "mss"), ("2", 3, "mss"))
    steps = made(View(volet="mss"), content=content)
    assert sum(step.returning for step in steps) == 1
    assert progress_findings.windows_finding(steps) == (
        "2 + 1 = 3 retenus par fenêtre, et autant d’établissements\u00a0: 1 déjà retenu auparavant"
    )


@pytest.mark.parametrize(
    ("dossiers", "finding"),
    [
        ((), "Aucun établissement retenu dans ces fenêtres"),
        ([("0", 1, "dmp")], "1 établissement retenu en fenêtre 1"),
        (
            [("0", 1, "dmp"), ("0", 2, "mss")],
            "1 + 1 = 2 retenus par fenêtre, mais 1 établissement\u00a0: 1 est revenu",
        ),
        (
            [("0", 1, "dmp"), ("1", 2, "mss")],
            "1 + 1 = 2 retenus par fenêtre, et autant d’établissements\u00a0: aucun n’est revenu",
        ),
        (
            [("0", 1, "dmp"), ("0", 2, "mss"), ("0", 3, "dmp"), ("1", 3, "dmp")],
            "1 + 1 + 2 = 4 retenus par fenêtre, mais 2 établissements\u00a0: 2 retours",
        ),
    ],
)
def test_windows_add_up_to_more_than_the_establishments(dossiers: list[tuple[str, int, str]], finding: str) -> None:
    assert progress_findings.windows_finding(made(View(), content=accepted(*dossiers))) == finding


def test_who_came_back_for_the_other_volet_is_no_newcomer_when_a_volet_is_chosen() -> None:
    steps = made(View(volet="mss"), content=accepted(("0", 1, "dmp"), ("0", 2, "mss"), ("1", 2, "mss")))
    assert progress_findings.windows_finding(steps) == (
        "2 établissements retenus en fenêtre 2, dont 1 revenu d’une fenêtre antérieure"
    )
    assert steps[0].absent == "sans objet (volet 1 seulement)"
    assert progress.steps_table(steps)[0]["Retenus"] == "sans objet (volet 1 seulement)"
    assert "Fenêtre 1</b> · sans objet (volet 1 seulement)" in texts(windows.staircase(steps))


def test_a_window_that_is_not_open_yet_is_not_a_zero() -> None:
    steps = made(View(), content=accepted(("0", 1, "dmp")), day=date(2022, 6, 30))
    assert [step.absent for step in steps] == [None, None, "ouvre le 1er septembre 2022", "ouvre le 1er mars 2023"]
    assert "Fenêtre 2</b> · aucun dossier" in texts(windows.staircase(steps))
    assert "Fenêtre 3\u00a0: ouvre le 1er septembre 2022." in progress_findings.describe_windows(steps)


def test_data_that_contradict_the_programme_are_shown() -> None:
    steps = made(View(volet="mss"), content=accepted(("0", 1, "mss")))
    assert steps[0].absent is None
    assert progress.steps_table(steps)[0]["Retenus"] == "1"


def test_each_bar_ends_at_the_distinct_establishments_so_far() -> None:
    steps = made(View(), content=accepted(("0", 1, "dmp"), ("1", 1, "dmp"), ("0", 2, "mss"), ("2", 2, "mss")))
    figure = windows.staircase(steps, LIGHT)
    track, returning, newcomers = figure.checked.data
    assert list(track.x) == [6, 6, 6, 6]
    assert list(zip(returning.base, returning.x, strict=True))[:2] == [(0, 0), (1, 1)]
    assert list(zip(newcomers.base, newcomers.x, strict=True))[:2] == [(0, 2), (2, 1)]
    assert "<b>3</b> sur 6" in texts(figure)
    assert figure.checked.layout.xaxis.range == (0, 6)


def test_without_eligible_establishment_the_chart_still_has_an_axis() -> None:
    content = tables([establishment("310000000", eligible=False)], [application("310000000", 1, "dmp")])
    steps = made(View(), content=content)
    assert windows.staircase(steps).checked.layout.xaxis.range == (0, 1)
    assert "<b>1</b> sur 0" in texts(windows.staircase(steps))


# Deadlines -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_windows() -> list[tuple[date, dict[str, Any]]]:
    """One establishment in windows 1 and 3: window 1 is attained between its deadline and the end."""
    dossiers = [application("310000000", 1, "dmp"), application("310000000", 3, "dmp")]
    before = tables([establishment("310000000")], dossiers, attained("310000000", 1, "dmp", "missed"))
    after = tables([establishment("310000000")], dossiers, attained("310000000", 1, "dmp"))
    return [(DAYS[0], before), (DAYS[1], before), (DAYS[2], before), (DAYS[3], after)]


def test_a_window_is_measured_at_its_deadline_and_now(two_windows: list[tuple[date, dict[str, Any]]]) -> None:
    milestones = progress.milestones(history(*two_windows, by=("window", "volet")), PROGRAMME)
    said = {(each.window.number, each.volet): progress_findings.milestone_said(each) for each in milestones}
    assert said == {
        (1, "dmp"): "0,0\u00a0% à l’échéance, puis 100,0\u00a0%",
        (1, "mss"): "sans objet (volet 1 seulement)",
        (2, "dmp"): "aucun établissement retenu",
        (2, "mss"): "aucun établissement retenu",
        (3, "dmp"): "pas encore évalué, échéance non publiée",
        (3, "mss"): "aucun établissement retenu",
        (4, "dmp"): "aucun établissement retenu",
        (4, "mss"): "aucun établissement retenu",
    }
    assert milestones[0].then is not None
    assert milestones[0].then["snapshot"] == "2022-09-30"
    assert progress_findings.milestones_finding(milestones) == (
        "Depuis les échéances publiées, l’atteinte a gagné 100\u00a0points"
    )
    first = progress.milestones_table(milestones, PROGRAMME)[0]
    assert (first["Atteints à l’échéance"], first["Atteints"]) == ("0 sur 1", "1 sur 1")
    figure = windows.milestones(milestones, PROGRAMME, LIGHT)
    assert "Fenêtre 3, volet 1</b> · pas encore évalué, échéance non publiée" in texts(figure)
    assert next(tuple(trace.x) for trace in figure.checked.data if trace.mode == "lines+markers") == (0.0, 1.0)


def test_a_deadline_to_come_is_said_and_not_measured(two_windows: list[tuple[date, dict[str, Any]]]) -> None:
    milestones = progress.milestones(history(two_windows[0], by=("window", "volet")), PROGRAMME)
    assert progress_findings.milestone_said(milestones[0]) == "0,0\u00a0%, échéance le 30/09/2022"
    assert progress_findings.milestones_finding(milestones) == "Atteinte de 0,0\u00a0% dans la seule fenêtre mesurée"


def test_a_deadline_before_all_snapshots_is_not_known(two_windows: list[tuple[date, dict[str, Any]]]) -> None:
    milestones = progress.milestones(history(two_windows[-1], by=("window", "volet")), PROGRAMME)
    assert progress_findings.milestone_said(milestones[0]) == "100,0\u00a0%, situation à l’échéance non connue"
    assert milestones[0].then is None


def test_nothing_accepted_is_nothing_to_measure() -> None:
    milestones = progress.milestones(history((DAYS[3], accepted()), by=("window", "volet")), PROGRAMME)
    assert progress_findings.milestones_finding(milestones) == (
        "Rien à mesurer par fenêtre\u00a0: aucun établissement retenu"
    )


def test_published_deadlines_have_a_source_and_the_others_say_that_they_are_not() -> None:
    said = deadlines.deadlines_said(View(), PROGRAMME)
    assert "fenêtre 1, 30 septembre 2022" in said
    assert "ARS Île-de-France" in said
    assert said.endswith("Fenêtres 3 et 4\u00a0: échéance non publiée.")
    assert "fenêtre 1" not in deadlines.deadlines_said(View(volet="mss"), PROGRAMME)
    assert deadlines.deadlines_said(View(windows=(4,)), PROGRAMME) == "Fenêtre 4\u00a0: échéance non publiée."


def test_the_calendar_has_the_dates_of_the_programme() -> None:
    rows = deadlines.calendar(View(windows=(1, 3)), PROGRAMME)
    assert [row["Fenêtre"] for row in rows] == ["1", "3"]
    assert rows[0]["Dépôt des dossiers"] == "du 1er septembre 2021 au 31 octobre 2021"
    assert [row["Échéance des usages"] for row in rows] == ["30 septembre 2022", "échéance non publiée"]
    assert [row["Ouverte à"] for row in rows] == ["volet 1", "volets 1 et 2"]
    assert "ARS Île-de-France, mi-2022" in deadlines.sources_said(View(), PROGRAMME)


# Over time -----------------------------------------------------------------------------------------------------------


def verticals(figure: Drawn, panel: str) -> list[str]:
    return [shape.x0 for shape in figure.checked.layout.shapes if shape.x0 == shape.x1 and shape.yref == panel]


def test_each_panel_has_the_deadlines_of_its_volet_and_its_target(
    two_windows: list[tuple[date, dict[str, Any]]],
) -> None:
    over_time = history(*two_windows, by=("region", "volet"))
    figure = timeline.against_deadlines(over_time, PROGRAMME, LIGHT)
    assert verticals(figure, "y") == [date(2022, 9, 30), date(2022, 12, 31)]
    assert verticals(figure, "y2") == [date(2022, 12, 31)]
    levels = [shape.y0 for shape in figure.checked.layout.shapes if shape.y0 == shape.y1]
    assert levels == [0.8, 0.7]
    assert "cible 80\u00a0%" in texts(figure)
    assert "Volet 2</b>\u00a0: aucun retenu" in texts(figure)
    assert "100,0\u00a0% le 30 juin 2023" in timeline.describe(over_time, PROGRAMME)


def test_only_the_deadlines_of_the_chosen_windows_are_drawn(two_windows: list[tuple[date, dict[str, Any]]]) -> None:
    over_time = history(*two_windows, by=("region", "volet"), view=View(windows=(2, 3)))
    assert verticals(timeline.against_deadlines(over_time, PROGRAMME, LIGHT), "y") == [date(2022, 12, 31)]


def test_a_single_snapshot_is_a_point(two_windows: list[tuple[date, dict[str, Any]]]) -> None:
    late = (date(2026, 1, 31), two_windows[-1][1])
    figure = timeline.against_deadlines(history(late, by=("region", "volet")), PROGRAMME, LIGHT)
    start, end = figure.checked.layout.xaxis.range
    assert start < date(2026, 1, 31) < end
    assert verticals(figure, "y") == []
    assert any(trace.mode == "markers" for trace in figure.checked.data)


def test_since_when_a_target_is_reached(two_windows: list[tuple[date, dict[str, Any]]]) -> None:
    over_time = history(*two_windows, by=("region", "volet"))
    assert progress_findings.targets_finding(over_time, PROGRAMME) == (
        "Volet 1\u00a0: 100,0\u00a0%, cible de 80\u00a0% atteinte depuis juin 2023\u202f; "
        "volet 2\u00a0: aucun établissement retenu"
    )
    lost = history((DAYS[0], two_windows[-1][1]), (DAYS[1], two_windows[0][1]), by=("region", "volet"))
    assert "sous la cible de 80\u00a0%, après l’avoir atteinte" in progress_findings.targets_finding(lost, PROGRAMME)


def test_the_bars_of_a_replay_keep_one_scale(two_windows: list[tuple[date, dict[str, Any]]]) -> None:
    over_time = history(*two_windows, by=("region", "volet"))
    names = {"76": "Occitanie"}
    ranges = []
    for day in DAYS:
        now = over_time.only(snapshot=day.isoformat())
        figure = timeline.standings(now, PROGRAMME, names, progress.largest(over_time), LIGHT)
        ranges.append(figure.checked.layout.xaxis.range)
    assert len(set(ranges)) == 1
    assert "Occitanie, volet 1</b>\u00a0: 1 atteint sur 1 retenu (100,0\u00a0%)" in texts(figure)
    assert progress_findings.replay_finding(now) == "Au 30 juin 2023, 1 cible régionale est atteinte"
    before = progress_findings.replay_finding(over_time.only(snapshot="2022-06-30"))
    assert before == "Au 30 juin 2022, aucune cible régionale n’est atteinte"
    assert "Occitanie, volet 2\u00a0: aucun retenu" in progress_findings.describe_replay(now, PROGRAMME, names)


def test_a_replay_of_the_register_alone_says_that_nobody_is_accepted() -> None:
    now = history((DAYS[0], accepted()), by=("region", "volet"))
    assert progress_findings.replay_finding(now) == f"Au {french.day(DAYS[0])}, aucun établissement n’est retenu"
    assert (
        timeline.standings(now, PROGRAMME, {"76": "Occitanie"}, progress.largest(now)).checked.layout.xaxis.range[1] > 0
    )
