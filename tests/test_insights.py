"""The sentences of the overview, word by word."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from sunes import engine, french
from sunes.insights import headlines
from sunes.metrics import Answer, answer
from sunes.programme import Programme, Target, load_programme
from sunes.view import View
from tests.rows import Row, Tables, application, arrow, establishment, tables, usage

PROGRAMME = load_programme()
NO_TARGET = PROGRAMME.model_copy(update={"targets": ()})
DAY = date(2024, 6, 30)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def told(
    content: Tables, view: View | None = None, programme: Programme = PROGRAMME, region: str = "76"
) -> tuple[str, Answer]:
    """The headline of a region, and its answer by volet."""
    frames = engine.frames_from_tables([arrow((DAY, 1, content))], "pyarrow")
    whole, volets = (
        answer(frames, view or View(), by, programme=programme).only(region=region)
        for by in (("region",), ("region", "volet"))
    )
    headline = headlines.region_headline(region, whole.rows[0], volets, programme)
    assert headline == french.typographic(headline)
    return plain(headline), volets


def group(eligible: int = 10, region: str = "76", *, dmp: str = "", mss: str = "", **cells: Any) -> Tables:
    """A region where each letter is one accepted establishment: `a` attained, `m` missed, `.` not evaluated."""
    finess = [f"31{number:07}" for number in range(max(eligible, len(dmp), len(mss)))]
    statuses = {"a": "attained", "m": "missed", ".": "not_evaluated"}
    applications: list[Row] = []
    usages: list[Row] = []
    for volet, letters in (("dmp", dmp), ("mss", mss)):
        for number, letter in zip(finess, letters, strict=False):
            applications.append(application(number, 2, volet))
            required = PROGRAMME.volet(volet).required
            usages += [usage(number, 2, volet, indicator, statuses[letter]) for indicator in required]
    rows = [establishment(number, region, **cells, eligible=rank < eligible) for rank, number in enumerate(finess)]
    return tables(rows or [establishment("310000000", region, **cells, eligible=False)], applications, usages)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            group(dmp="aaamm", mss="aamm"),
            "5 des 10 établissements éligibles d’Occitanie ont candidaté (50,0 %) ; "
            "il manque 1 établissement pour atteindre la cible du volet 1 (80 %) "
            "et 1 établissement pour celle du volet 2 (70 %)",
        ),
        (
            group(dmp="mmmmm", mss="aaa"),
            "5 des 10 établissements éligibles d’Occitanie ont candidaté (50,0 %) ; "
            "la cible du volet 2 (70 %) est atteinte "
            "et il manque 4 établissements pour atteindre la cible du volet 1 (80 %)",
        ),
        (
            group(dmp="aaaam", mss="aaaa..."[:5]),
            "5 des 10 établissements éligibles d’Occitanie ont candidaté (50,0 %) ; "
            "les cibles du volet 1 (80 %) et du volet 2 (70 %) sont atteintes",
        ),
        (
            group(dmp="a"),
            "un seul des 10 établissements éligibles d’Occitanie a candidaté (10,0 %) ; "
            "aucun établissement n’est retenu au volet 2 et la cible du volet 1 (80 %) est atteinte",
        ),
        (
            group(mss=".."),
            "2 des 10 établissements éligibles d’Occitanie ont candidaté (20,0 %) ; "
            "aucun établissement n’est retenu au volet 1 "
            "et aucun des 2 établissements retenus au volet 2 n’est encore évalué",
        ),
        (
            group(dmp=".", mss="am"),
            "2 des 10 établissements éligibles d’Occitanie ont candidaté (20,0 %) ; "
            "le seul établissement retenu au volet 1 n’est pas encore évalué "
            "et il manque 1 établissement pour atteindre la cible du volet 2 (70 %)",
        ),
        (
            group(),
            "aucun des 10 établissements éligibles d’Occitanie n’a candidaté (0,0 %) ; "
            "aucun établissement n’est retenu",
        ),
        (
            group(1),
            "le seul établissement éligible d’Occitanie n’a pas candidaté (0,0 %) ; aucun établissement n’est retenu",
        ),
        (
            group(1, dmp="m"),
            "le seul établissement éligible d’Occitanie a candidaté (100,0 %) ; "
            "aucun établissement n’est retenu au volet 2 "
            "et il manque 1 établissement pour atteindre la cible du volet 1 (80 %)",
        ),
        (group(0), "aucun établissement éligible en Occitanie"),
        (
            group(0, dmp="a"),
            "aucun établissement éligible en Occitanie, mais 1 établissement non éligible a candidaté",
        ),
        (
            group(1234),
            "aucun des 1 234 établissements éligibles d’Occitanie n’a candidaté (0,0 %) ; "
            "aucun établissement n’est retenu",
        ),
    ],
)
def test_the_headline_of_a_region(content: Tables, said: str) -> None:
    assert told(content)[0] == f"Au 30 juin 2024, {said}."


@pytest.mark.parametrize(
    ("windows", "dmp", "mss", "said"),
    [
        ((2,), "aaaam", "aamm", "du volet 2 (70 %), cibles fixées pour toutes les fenêtres ensemble."),
        ((1, 2), "aaaam", "", "du volet 1 (80 %) est atteinte, cible fixée pour toutes les fenêtres ensemble."),
        ((1, 2, 3, 4), "aaaam", "aamm", "du volet 2 (70 %)."),
        ((1,), "aaaam", "aamm", "aucun établissement n’est retenu."),
    ],
)
def test_a_target_beside_some_of_the_windows_says_what_it_was_set_for(
    windows: tuple[int, ...], dmp: str, mss: str, said: str
) -> None:
    headline, volets = told(group(dmp=dmp, mss=mss), View(windows=windows))
    assert headline.endswith(said)
    finding = plain(headlines.distance_finding(volets, PROGRAMME))
    assert finding.endswith("toutes les fenêtres ensemble)") == ("ensemble" in said)


def test_more_applicants_than_eligible_establishments_are_explained() -> None:
    assert told(group(2, dmp="aaa"))[0].startswith(
        "Au 30 juin 2024, 3 candidats pour 2 établissements éligibles d’Occitanie, "
        "candidats non éligibles compris (150,0 %) ; "
    )


def test_pending_applications_count_before_anything_is_accepted() -> None:
    content = group(4)
    content["applications"] = [application(f"31000000{n}", 1, "dmp", "pending") for n in range(3)]
    assert told(content)[0] == (
        "Au 30 juin 2024, 3 des 4 établissements éligibles d’Occitanie ont candidaté (75,0 %) ; "
        "aucun établissement n’est retenu."
    )


def test_without_a_target_nothing_is_compared() -> None:
    headline, volets = told(group(dmp="am", mss="a"), programme=NO_TARGET)
    assert headline.endswith("; la cible du volet 1 n’est pas publiée et la cible du volet 2 n’est pas publiée.")
    assert plain(headlines.distance_finding(volets, NO_TARGET)) == "Rien à comparer à la cible : aucune cible publiée"


@pytest.mark.parametrize(
    ("region", "place"),
    [("11", "d’Île-de-France"), ("32", "des Hauts-de-France"), ("53", "de Bretagne"), ("98", "de la région 98")],
)
def test_each_region_has_its_article(region: str, place: str) -> None:
    assert f"établissements éligibles {place} n’a" in told(group(region=region), region=region)[0]


@pytest.mark.parametrize(
    "view",
    [View(departments=("31",)), View(legal_statuses=("public",)), View(finess=("310000000", "310000001"))],
    ids=str,
)
def test_a_part_of_a_region_is_not_called_the_region(view: View) -> None:
    headline = told(group(dmp="aa"), view)[0]
    assert "établissements éligibles de la sélection ont candidaté" in headline
    assert "Occitanie" not in headline
    assert told(group(0), view)[0] == "Au 30 juin 2024, aucun établissement éligible dans la sélection."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (group(dmp="aaamm", mss="aaaaa"), "Écart à la cible, volet 1 : −20 points et volet 2 : +30 points"),
        (group(dmp="aaaam"), "Écart à la cible, volet 1 : 0 point"),
        (group(), "Rien à comparer à la cible : aucun établissement retenu"),
        (group(dmp=".."), "Rien à comparer à la cible : aucun établissement évalué"),
        (group(dmp="..", mss="aaaaa"), "Écart à la cible, volet 1 : pas encore évalué et volet 2 : +30 points"),
    ],
)
def test_the_distance_to_the_targets(content: Tables, said: str) -> None:
    found = headlines.distance_finding(told(content)[1], PROGRAMME)
    assert plain(found) == said
    assert " :" not in found


def trend(*contents: Tables) -> str:
    days = [date(2022, 11, 30), date(2022, 12, 31), date(2023, 1, 31)]
    snapshots = [arrow((day, 1, content)) for day, content in zip(days, contents, strict=False)]
    frames = engine.frames_from_tables(snapshots, "pyarrow")
    past, volets = (answer(frames, View(), by, programme=PROGRAMME) for by in (("snapshot",), ("snapshot", "volet")))
    found = headlines.trend_finding(past, volets, PROGRAMME)
    assert " :" not in found
    return plain(found)


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (
            [group(), group(dmp="a"), group(dmp="aaa")],
            "Participation : +30 points depuis novembre 2022 ; volet 1 à 100,0 %",
        ),
        (
            [group(dmp="aaa"), group(), group(dmp=".")],
            "Participation : −20 points depuis novembre 2022 ; volet 1 pas encore évalué",
        ),
        ([group(dmp="a"), group(dmp="a")], "Participation stable depuis novembre 2022 ; volet 1 à 100,0 %"),
        (
            [group(0), group(dmp="a"), group(dmp="aa")],
            "Participation : +10 points depuis décembre 2022 ; volet 1 à 100,0 %",
        ),
        ([group(dmp="a")], "Participation de 10,0 %, première situation connue ; volet 1 à 100,0 %"),
        ([group(0), group(dmp="am")], "Participation de 20,0 %, première situation connue ; volet 1 à 50,0 %"),
        ([group(0)], "Participation non calculable : aucun établissement éligible"),
        ([group(dmp="a"), group(0)], "Participation non calculable : aucun établissement éligible"),
    ],
)
def test_how_participation_moved(contents: Sequence[Tables], said: str) -> None:
    assert trend(*contents) == said


def test_targets_are_sourced() -> None:
    notes = [plain(note) for note in headlines.target_notes(("76", "11"), DAY, PROGRAMME)]
    assert [note.split(". ")[0] for note in notes] == [
        "Cible du volet 1 (80 %) au 30 juin 2024",
        "Cible du volet 2 (70 %) au 30 juin 2024",
    ]
    for note in notes:
        assert "Publiée pour l’Occitanie, appliquée ici à chaque région." in note
        assert note.endswith(" Source : « Bilan du programme SUN-ES » (e-santé Occitanie, 2024).")
    assert headlines.target_notes((), DAY, PROGRAMME) == []
    assert headlines.target_notes(("76",), DAY, NO_TARGET) == []


def test_targets_of_other_regions_are_not_told() -> None:
    of_the_other = Target(volet="dmp", share="0.5", due=DAY, source="A", regions=("11",))  # type: ignore[arg-type]
    programme = PROGRAMME.model_copy(update={"targets": (of_the_other,)})
    assert headlines.target_notes(("76",), DAY, programme) == []
    (note,) = headlines.target_notes(("76", "11"), DAY, programme)
    assert plain(note).startswith("Cible du volet 1 (50 %) au 30 juin 2024. Source : « Ségur numérique")


def test_a_volet_that_a_window_never_had_is_no_failure() -> None:
    (sentence,) = headlines.beside_the_point(View(volet="mss", windows=(1, 2)), PROGRAMME)
    assert plain(sentence).startswith("La fenêtre 1 n’était pas ouverte au volet 2")
    for view in (
        View(volet="dmp", windows=(1,)),
        View(volet="mss", windows=(2,)),
        View(windows=(1,)),
        View(volet="mss"),
    ):
        assert headlines.beside_the_point(view, PROGRAMME) == ()


# What can still be won -----------------------------------------------------------------------------------------------


def possible(*places: Tables, programme: Programme = PROGRAMME, view: View | None = None) -> list[str]:
    """What is said of Occitanie, made of these groups."""
    content = {name: [row for place in places for row in place[name]] for name in places[0]}
    frames = engine.frames_from_tables([arrow((DAY, 1, content))], "pyarrow")
    volets, departments = (
        answer(frames, view or View(), by, programme=programme).only(region="76")
        for by in (("region", "volet"), ("region", "department", "volet"))
    )
    said = headlines.still_possible(volets, departments, programme)
    assert list(said) == [french.typographic(sentence) for sentence in said]
    return [plain(sentence) for sentence in said]


def place(department: str, dmp: str = "", mss: str = "") -> Tables:
    """A `group` of one département."""
    content = group(0, dmp=dmp, mss=mss, department=department)
    return {
        name: [row | {"finess": f"{department}{row['finess'][2:]}"} for row in rows] for name, rows in content.items()
    }


@pytest.mark.parametrize(
    ("dmp", "said"),
    [
        ("aaaa....", "les 3 établissements qui manquent peuvent encore venir des 4 retenus non évalués "
                     "(100,0 % s’ils l’atteignent tous)"),
        ("aaam.", "l’établissement qui manque peut encore venir du seul retenu non évalué (80,0 % s’il l’atteint)"),
        ("ammm..", "les 2 retenus non évalués ne suffiraient pas à atteindre la cible "
                   "(50,0 % s’ils l’atteignent tous)"),
        ("ammm.", "le seul retenu non évalué ne suffirait pas à atteindre la cible (40,0 % s’il l’atteint)"),
        ("amm", "tous les retenus sont déjà évalués"),
    ],
)  # fmt: skip
def test_what_can_still_be_won_is_said_of_a_volet_short_of_its_target(dmp: str, said: str) -> None:
    assert possible(place("31", dmp)) == [f"Volet 1 : {said}."]


@pytest.mark.parametrize("dmp", ["", "aaaam", "....", "."])
def test_nothing_is_said_where_nobody_is_accepted_the_target_reached_or_nobody_evaluated(dmp: str) -> None:
    assert possible(place("31", dmp)) == []


def test_nothing_is_said_without_a_target() -> None:
    assert possible(place("31", "amm."), programme=NO_TARGET) == []


def test_the_départements_that_fall_behind_are_named_each_by_itself() -> None:
    places = (place("34", "ammmm."), place("31", "aaaaa"), place("46", "am.."), place("48", "aamm"), place("09", "m."))
    (sentence,) = possible(*places)
    assert sentence == (
        "Volet 1 : les 4 retenus non évalués ne suffiraient pas à atteindre la cible "
        "(61,9 % s’ils l’atteignent tous) ; compté à 80 % dans chaque département, le retard est surtout "
        "dans l’Hérault (4 établissements, 1 non évalué), dans le Lot (3, 2 non évalués) "
        "et dans l’Ariège (2, 1 non évalué)."
    )
    few = possible(place("31", "aaaaa"), place("34", "", "am."), place("98", "mm"))
    assert few == [
        "Volet 1 : tous les retenus sont déjà évalués ; compté à 80 % dans chaque département, "
        "le retard est dans le département 98 (2 établissements, tous évalués).",
        "Volet 2 : le seul retenu non évalué ne suffirait pas à atteindre la cible (66,7 % s’il l’atteint) ; "
        "compté à 70 % dans chaque département, le retard est dans l’Hérault (2 établissements, 1 non évalué).",
    ]
