"""What a sheet says of one establishment: its measures, what it lacks, how it went, its rank; and the table of all."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from sunes import engine
from sunes.establishments import peers, sheet
from sunes.establishments.listing import ATTAINED, FINESS, NAME, PROGRESS, listing
from sunes.establishments.measures import measures, progress, required_measures
from sunes.figures import dossiers, place
from sunes.figures import sheet as figures
from sunes.figures.palette import LIGHT
from sunes.figures.sketch import Drawn
from sunes.french import NARROW_NBSP, NBSP
from sunes.programme import load_programme
from sunes.roster import Line, Roster, State, roster
from sunes.view import View
from tests.rows import Row, Snapshot, application, arrow, establishment, tables, usage

PROGRAMME = load_programme()
DAY = date(2024, 6, 30)
A, B, C, D = "990000001", "990000002", "990000003", "990000004"


def frames(*snapshots: Snapshot) -> engine.Frames:
    return engine.frames_from_tables([arrow(snapshot) for snapshot in snapshots], "pyarrow")


def rostered(
    establishments: Sequence[Row], applications: Sequence[Row] = (), usages: Sequence[Row] = (), **view: Any
) -> Roster:
    return roster(frames((DAY, 1, tables(establishments, applications, usages))), View(**view), PROGRAMME)


def measured(
    finess: str, indicator: str, status: str, numerator: int | None = None, denominator: int | None = None, **cells: Any
) -> Row:
    window = cells.pop("window", 1)
    volet = "mss" if indicator.startswith("mss") else "dmp"
    return usage(finess, window, volet, indicator, status) | {
        "numerator": numerator,
        "denominator": denominator,
        **cells,
    }


def only(applications: Sequence[Row], usages: Sequence[Row] = (), **view: Any) -> Line:
    return rostered([establishment(A)], applications, usages, **view).lines[0]


def ordinary(text: str) -> str:
    return text.replace(NBSP, " ").replace(NARROW_NBSP, " ")


def lacks(line: Line, view: View | None = None) -> list[str]:
    return [ordinary(sentence) for sentence in sheet.still_missing(line, view or View(), PROGRAMME)]


# Measures -------------------------------------------------------------------------------------------------------------


def test_a_required_indicator_is_there_even_without_a_row() -> None:
    line = only([application(A, 1, "dmp")], [measured(A, "cr_imagerie", "missed", 1, 2)])
    found = measures(line, PROGRAMME)
    assert [(m.indicator.id, m.required, m.status) for m in found] == [
        ("lettre_liaison", True, None),
        ("ordonnance_sortie", True, None),
        ("cr_imagerie", False, "missed"),
    ]


def test_what_was_measured_for_a_refused_dossier_decides_nothing() -> None:
    line = only([application(A, 1, "dmp", "rejected")], [measured(A, "lettre_liaison", "attained", 9, 10)])
    assert [m.accepted for m in measures(line, PROGRAMME)] == [False]
    assert required_measures(line, PROGRAMME) == ()
    assert progress(line, PROGRAMME) == (0, 0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "threshold", "short_of"),
    [
        (170, 305, 0.6, 13),  # 183 exactly, where 0.6 × 305 is a little more in binary
        (183, 305, 0.6, 0),
        (0, 10, 0.01, 1),
        (5, 0, 0.5, None),
        (None, 10, 0.5, None),
        (5, None, 0.5, None),
        (5, 10, None, None),
    ],
)
def test_how_many_are_missing(
    numerator: int | None, denominator: int | None, threshold: float | None, short_of: int | None
) -> None:
    usages = [measured(A, "lettre_liaison", "missed", numerator, denominator, threshold=threshold)]
    assert measures(only([application(A, 1, "dmp")], usages), PROGRAMME)[0].short_of == short_of


def test_progress_counts_the_best_window_of_each_volet_as_the_state_does() -> None:
    applications = [application(A, 1, "dmp"), application(A, 4, "dmp"), application(A, 4, "mss")]
    usages = [
        measured(A, "lettre_liaison", "missed"),
        measured(A, "lettre_liaison", "attained", window=4),
        measured(A, "ordonnance_sortie", "attained", window=4),
        measured(A, "mss_pro", "attained", window=4),
    ]
    line = only(applications, usages)
    assert line.states == {"dmp": State.ATTAINED, "mss": State.IN_PROGRESS}
    assert progress(line, PROGRAMME) == (3, 4)


# What is missing ------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_said_with_the_deadline_of_the_window() -> None:
    usages = [
        measured(A, "lettre_liaison", "missed", 170, 305, threshold=0.6),
        measured(A, "ordonnance_sortie", "not_evaluated"),
        measured(A, "mss_pro", "missed", 1, 4, window=4),
    ]
    line = only([application(A, 1, "dmp"), application(A, 4, "mss")], usages)
    assert lacks(line) == [
        "Volet 1, fenêtre 1 (échéance le 30 septembre 2022) : lettres de liaison, manqué, il en manque 13 "
        "(55,7 % pour un seuil de 60 %) ; ordonnances de sortie, non évalué, rien de mesuré.",
        "Volet 2, fenêtre 4 (échéance non publiée) : MSSanté professionnelle, manqué à 25,0 % (seuil non connu) ; "
        "MSSanté citoyenne, aucune mesure.",
    ]


def test_one_of_several_windows_is_enough() -> None:
    first, second, _ = lacks(only([application(A, 1, "dmp"), application(A, 3, "dmp")]))
    assert first.startswith("Volet 1, fenêtre 1")
    assert second.startswith("Volet 1, ou fenêtre 3")


def test_nothing_is_missing_once_the_target_is_attained() -> None:
    usages = [measured(A, "lettre_liaison", "attained"), measured(A, "ordonnance_sortie", "attained")]
    line = only([application(A, 1, "dmp"), application(A, 2, "dmp")], usages)
    assert lacks(line)[0] == "Volet 1 : rien ne manque, la cible est atteinte."


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ("pending", "la candidature est encore en instruction (fenêtre 2)."),
        ("rejected", "la candidature n’a pas été retenue (fenêtre 2)."),
        ("withdrawn", "la candidature a été retirée (fenêtre 2)."),
    ],
)
def test_an_application_that_is_not_accepted(decision: str, said: str) -> None:
    assert lacks(only([application(A, 2, "dmp", decision)])) == [f"Volet 1 : {said}", "Volet 2 : aucune candidature."]


def test_no_application_among_the_windows_that_are_looked_at() -> None:
    line = only([application(A, 1, "dmp")], windows=(2, 3), volet="dmp")
    assert lacks(line, View(windows=(2, 3))) == ["Volet 1 : aucune candidature pour les fenêtres 2 et 3."]
    stranger = rostered([establishment(A, eligible=False)], volet="mss").lines[0]
    assert lacks(stranger) == ["Volet 2 : aucune candidature, établissement non éligible."]


# Over the snapshots ---------------------------------------------------------------------------------------------------


def past() -> tuple[Roster, ...]:
    rows = [establishment(A), establishment(B)]
    usages = [measured(A, "lettre_liaison", "missed", 1, 4), measured(A, "ordonnance_sortie", "attained", 3, 4)]
    snapshots: list[Snapshot] = [
        (date(2022, 1, 31), 1, tables([establishment(B)])),
        (date(2022, 2, 28), 1, tables(rows, [application(A, 1, "dmp", "pending")])),
        (date(2022, 3, 31), 2, tables(rows, [application(A, 1, "dmp")])),
        (date(2022, 4, 30), 1, tables(rows, [application(A, 1, "dmp")], usages)),
    ]
    return sheet.history(frames(*reversed(snapshots)), View(finess=(A,)), PROGRAMME)


def test_the_history_is_that_of_the_rosters_of_each_snapshot() -> None:
    rosters = past()
    assert [(each.header.as_of, each.header.revision, len(each.lines)) for each in rosters] == [
        (date(2022, 1, 31), 1, 0),
        (date(2022, 2, 28), 1, 1),
        (date(2022, 3, 31), 2, 1),
        (date(2022, 4, 30), 1, 1),
    ]
    course = sheet.course(rosters, A, PROGRAMME)
    assert course.changes("dmp") == (
        (date(2022, 2, 28), State.APPLICANT),
        (date(2022, 3, 31), State.ACCEPTED),
        (date(2022, 4, 30), State.MISSED),
    )
    assert course.changes("mss") == ((date(2022, 2, 28), State.NOT_APPLICANT),)
    rates = [measure and measure.rate for measure in course.of((1, "lettre_liaison"))]
    assert rates == [None, None, 0.25]
    assert sheet.since(course, "dmp") == "depuis la situation du 30 avril 2022"
    assert sheet.since(course, "mss") == "depuis la première situation connue"
    finding = ordinary(sheet.history_finding(course, PROGRAMME))
    assert finding == "Dernier changement le 30 avril 2022, volet 1 : cible manquée"
    records = sheet.history_records(course, tuple(course.measures[-1].values()), PROGRAMME)
    assert [record["Volet 1"] for record in records] == ["candidat, non retenu", "retenu, sans mesure", "cible manquée"]
    column = "Lettres de liaison (fenêtre 1)"
    assert [ordinary(record[column]) for record in records] == [
        "aucune mesure",
        "aucune mesure",
        "1 sur 4 (25,0 %), manqué",
    ]


def test_one_snapshot_has_no_change() -> None:
    rosters = (rostered([establishment(A)]),)
    assert sheet.history_finding(sheet.course(rosters, A, PROGRAMME), PROGRAMME) == "Aucun changement sur 1 situation"


# Peers ----------------------------------------------------------------------------------------------------------------


def crowd(activities: dict[str, float | None], rates: dict[str, int]) -> Roster:
    return rostered(
        [establishment(finess, combined_activity=activity) for finess, activity in activities.items()],
        [application(finess, 1, "dmp") for finess in rates],
        [measured(finess, "lettre_liaison", "missed", rate, 100) for finess, rate in rates.items()],
    )


def test_peers_are_of_the_same_status_and_third() -> None:
    activities = {f"{n:09}": 100.0 * n for n in range(1, 10)}
    everyone = rostered(
        [
            *(establishment(finess, combined_activity=activity) for finess, activity in activities.items()),
            establishment(A, combined_activity=100.0, legal_status="private"),
            establishment(B, combined_activity=100.0, eligible=False),
            establishment(C, combined_activity=None),
        ]
    ).lines
    line = next(line for line in everyone if line.finess == "000000002")
    found = peers.peers(line, everyone, PROGRAMME)
    assert found is not None
    assert sorted(each.finess for each in found.lines) == ["000000001", "000000002", "000000003"]
    assert ordinary(found.words) == (
        "3 établissements publics de taille comparable : le tiers le plus petit par activité combinée (de 100 à 300)"
    )
    assert found.ranks == ()


def test_ranks_put_the_highest_rate_first_and_leave_out_who_is_not_measured() -> None:
    everyone = crowd(dict.fromkeys((A, B, C, D), 50.0), {A: 40, B: 40, C: 90}).lines
    ranks = {
        line.finess: [(r.place, r.measured, r.unmeasured, r.ties, r.middle) for r in found.ranks]
        for line in everyone
        if (found := peers.peers(line, everyone, PROGRAMME))
    }
    assert ranks == {A: [(2, 3, 1, 1, 0.4)], B: [(2, 3, 1, 1, 0.4)], C: [(1, 3, 1, 0, 0.4)], D: []}
    found = peers.peers(everyone[0], everyone, PROGRAMME)
    assert found is not None
    (said,) = peers.rank_sentences(found.ranks)
    assert ordinary(said) == (
        "Lettres de liaison (fenêtre 1) : 2e ex æquo sur 3 mesurés, à 40,0 % (médiane 40,0 %) ; 1 sans mesure"
    )


def test_an_unknown_activity_has_no_peers_and_a_lonely_one_only_itself() -> None:
    unknown = crowd({A: None}, {A: 40}).lines
    assert peers.peers(unknown[0], unknown, PROGRAMME) is None
    alone = crowd({A: 7.0}, {A: 40}).lines
    found = peers.peers(alone[0], alone, PROGRAMME)
    assert found is not None
    assert [(r.place, r.measured) for r in found.ranks] == [(1, 1)]
    (said,) = peers.rank_sentences(found.ranks)
    assert ordinary(said) == "Lettres de liaison (fenêtre 1) : seul mesuré, à 40,0 %"


# The table of all -----------------------------------------------------------------------------------------------------


def test_the_listing_says_state_decisions_and_progress() -> None:
    rows = [
        establishment(A, name="<b>Étoile</b>", commune_name="Toulouse"),
        establishment(B, "11", "75", name="=1+1"),
        establishment(C, name=""),
    ]
    applications = [
        application(A, 2, "dmp"),
        application(A, 2, "mss", "rejected"),
        application(B, 1, "dmp", "withdrawn"),
    ]
    found = listing(rostered(rows, applications, [measured(A, "lettre_liaison", "attained", window=2)]), PROGRAMME)
    by_finess = {record[FINESS]: record for record in found.records}
    assert by_finess[A]["Volet 1"] == "◐ en cours d’évaluation"
    assert (by_finess[A][PROGRESS], by_finess[A][ATTAINED]) == (50.0, "1 sur 2")
    assert by_finess[A]["Fenêtre 2"] == "retenu (V1), non retenu (V2)"
    assert (by_finess[B][PROGRESS], by_finess[B][ATTAINED], by_finess[B]["Fenêtre 1"]) == (None, None, "retiré (V1)")
    assert by_finess[C][NAME] == C
    assert {len(record) for record in found.records} == {len(found.table.column_names)}
    assert [record[FINESS] for record in found.matching("etoile TOULOUSE").records] == [A]
    assert found.matching("etoile paris").records == ()
    assert found.matching("nulle part").table.num_rows == 0
    assert found.finess([0, 99]) == (found.records[0][FINESS],)


def test_the_listing_keeps_to_the_windows_that_are_asked_for() -> None:
    found = listing(rostered([establishment(A)], windows=(3,)), PROGRAMME)
    assert [name for name in found.table.column_names if name.startswith("Fenêtre")] == ["Fenêtre 3"]


# Figures --------------------------------------------------------------------------------------------------------------


def texts(figure: Drawn) -> str:
    return ordinary("\n".join(annotation.text for annotation in figure.checked.layout.annotations))


def test_bars_tell_an_unknown_threshold_from_a_missed_one_and_not_evaluated_from_missed() -> None:
    usages = [
        measured(A, "lettre_liaison", "not_evaluated", 0, 8),
        measured(A, "ordonnance_sortie", "missed", 1, 4, threshold=0.5),
        measured(A, "cr_imagerie", "missed", 0, 0),
        measured(A, "cr_biologie", "not_evaluated"),
    ]
    found = measures(only([application(A, 1, "dmp"), application(A, 2, "mss")], usages), PROGRAMME)
    figure = figures.indicators(found, PROGRAMME, LIGHT)
    said = texts(figure)
    assert "○ non évalué : 0 sur 8 (0,0 %)\nfenêtre 1 · seuil non connu" in said
    assert "✕ manqué : 1 sur 4 (25,0 %)\nfenêtre 1 · seuil 50 %" in said
    assert "✕ manqué : 0 sur 0 (taux non calculable)\nfenêtre 1, facultatif" in said
    assert "○ non évalué : mesure non connue" in said
    assert "◇ aucune mesure\nfenêtre 2" in said
    thresholds = [trace.x for trace in figure.checked.data if trace.type == "scatter"]
    assert thresholds == [(0.5,)]
    described = ordinary(figures.describe_indicators(found))
    assert "Ordonnances de sortie, fenêtre 1, manqué : 1 sur 4 (25,0 %), seuil 50 %" in described


def test_the_history_marks_where_it_was_evaluated() -> None:
    course = sheet.course(past(), A, PROGRAMME)
    found = tuple(course.measures[-1].values())
    figure = figures.history(course, found, PROGRAMME, LIGHT)
    marks = {(trace.marker.symbol, trace.x[0], trace.y[0]) for trace in figure.checked.data if trace.mode == "markers"}
    assert marks == {("x", date(2022, 4, 30), 0.25), ("circle", date(2022, 4, 30), 0.75)}
    assert figure.checked.data[0].y == (None, None, 0.25)
    described = ordinary(figures.describe_history(course, found))
    assert "de 25,0 % au 30 avril 2022 à 25,0 % au 30 avril 2022, manqué" in described
    assert figures.describe_history(sheet.course((), A, PROGRAMME), found) == "Aucune situation à tracer."


def test_the_timeline_says_dates_that_are_known_and_deadlines_that_are_published() -> None:
    evaluated = date(2022, 9, 5)
    applications = [
        application(A, 1, "dmp", filed_on=date(2021, 10, 3), decided_on=date(2021, 12, 1)),
        application(A, 2, "dmp", "rejected"),
        application(A, 4, "mss", "pending", filed_on=date(2023, 3, 2)),
        application(A, 4, "dmp"),
    ]
    line = only(applications, [measured(A, "lettre_liaison", "attained", 1, 2, evaluated_on=evaluated)])
    said = texts(dossiers.timeline(line, PROGRAMME, DAY, LIGHT))
    expected = "déposé le 03/10/2021\nretenu le 01/12/2021, évalué le 05/09/2022\néchéance le 30/09/2022"
    assert f"<b>Fenêtre 1 · volet 1</b>\n{expected}" in said
    assert "<b>Fenêtre 2 · volet 1</b>\ndate de dépôt non connue\nnon retenu\n<b>" in said
    assert "retenu\néchéance non publiée" in said
    described = ordinary(dossiers.describe(line, PROGRAMME))
    assert "Fenêtre 4, volet 2, déposé le 02/03/2023, en instruction" in described


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        (["accepted", "rejected"], "2 dossiers, 1 retenu"),
        (["withdrawn", "pending"], "1 dossier, aucun retenu, 1 retiré"),
        (["withdrawn"], "0 dossier, 1 retiré"),
    ],
)
def test_dossiers_are_counted_as_in_the_metrics(decisions: Sequence[str], said: str) -> None:
    line = only([application(A, window, "dmp", decision) for window, decision in enumerate(decisions, 1)])
    assert sheet.dossiers_finding(line) == said


def test_a_place_without_coordinates_shows_its_département_alone() -> None:
    point = establishment(A, latitude=43.6, longitude=1.44, location_source="register")
    located, lost, abroad = (
        place.place(rostered([row]).lines[0], LIGHT)
        for row in (point, establishment(A), establishment(A, region="00", department="99"))
    )
    assert located is not None
    assert lost is not None
    assert located.checked.data[-1].x == (1.44,)
    assert len(located.checked.data) == len(lost.checked.data) + 1
    assert abroad is None
