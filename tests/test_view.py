"""The View in the address bar: a link always asks the same question, and what it can't ask is said in French."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunes import geography
from sunes.programme import load_programme
from sunes.schema import LEGAL_STATUSES
from sunes.view import PARAMETERS, View

PROGRAMME = load_programme()
TERRITORIES = {code: department.region_code for code, department in geography.departments().items()}


def read(params: Mapping[str, str | Sequence[str]]) -> tuple[View, tuple[str, ...]]:
    return View.from_params(params, PROGRAMME, TERRITORIES)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@st.composite
def views(draw: st.DrawFn) -> View:
    """Every View that a person can reach: its départements lie in its regions."""
    regions = draw(st.lists(st.sampled_from(sorted(set(TERRITORIES.values()))), max_size=3))
    departments = sorted(code for code, region in TERRITORIES.items() if not regions or region in regions)
    return View(
        snapshot=draw(
            st.none()
            | st.builds(
                lambda day, revision: f"{day}{f'~{revision}' if revision else ''}", st.dates(), st.integers(0, 12)
            )
        ),
        regions=tuple(regions),
        departments=tuple(draw(st.lists(st.sampled_from(departments), max_size=3))),
        volet=draw(st.sampled_from((None, *PROGRAMME.volet_ids))),
        windows=tuple(draw(st.lists(st.sampled_from(PROGRAMME.window_numbers), max_size=4))),
        legal_statuses=tuple(draw(st.lists(st.sampled_from(LEGAL_STATUSES), max_size=3))),
        finess=tuple(draw(st.lists(st.from_regex(r"[0-9A-Z]{9}", fullmatch=True), max_size=3))),
    )


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(views())
def test_a_link_asks_the_same_question(view: View) -> None:
    assert read(view.to_params()) == (view, ())
    assert read(parse_qs(urlencode(view.to_params()))) == (view, ())


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(tuple(PARAMETERS)), st.text(max_size=20) | st.lists(st.text(max_size=20))))
def test_no_address_breaks_anything(params: dict[str, str | list[str]]) -> None:
    view, notices = read(params)
    assert read(view.to_params()) == (view, ())
    assert len(set(notices)) == len(notices)


def test_the_parameters_are_the_public_ones() -> None:
    assert set(PARAMETERS) == {"snapshot", "region", "department", "volet", "window", "status", "finess"}
    everything = View(
        snapshot="2024-06-30~2",
        regions=("76", "11"),
        departments=("31",),
        volet="dmp",
        windows=(2, 1),
        legal_statuses=("public",),
        finess=("2A0000014",),
    )
    assert everything.to_params() == {
        "snapshot": "2024-06-30~2",
        "region": "11,76",
        "department": "31",
        "volet": "dmp",
        "window": "1,2",
        "status": "public",
        "finess": "2A0000014",
    }


@pytest.mark.parametrize(
    "region", ["76,11", "11,76", ["76", "11"], ["76,11", "11"], " 76 , 11 ,", ["76", "", "11"]], ids=str
)
def test_lists_by_comma_or_by_repetition(region: str | list[str]) -> None:
    assert read({"region": region}) == (View(regions=("11", "76")), ())


def test_equal_questions_are_equal() -> None:
    one = View(regions=("76", "11", "76"), windows=(2, 1), legal_statuses=("public", "espic"))
    two = View(regions=("11", "76"), windows=(1, 2, 2), legal_statuses=("espic", "public", "public"))
    assert one == two
    assert hash(one) == hash(two)
    assert one.having(windows=(2, 1)) == one
    assert one.having(windows=()) != one


@pytest.mark.parametrize("snapshot", ["latest", "LATEST", "", " ", [], ["latest", "latest"]], ids=str)
def test_latest_is_the_default(snapshot: str | list[str]) -> None:
    assert read({"snapshot": snapshot}) == (View(), ())
    assert View(snapshot="latest").to_params() == {}


def test_a_second_snapshot_is_told_apart() -> None:
    view, notices = read({"snapshot": ["2024-06-30", "2023-06-30"]})
    assert view == View(snapshot="2024-06-30")
    assert [plain(notice) for notice in notices] == ["Situation : « 2023-06-30 » est de trop ; une seule est affichée."]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"region": "99"}, "Région : « 99 » n’existe pas ; cette valeur est ignorée."),
        ({"region": "Occitanie"}, "Région : « Occitanie » n’existe pas ; cette valeur est ignorée."),
        ({"department": "99"}, "Département : « 99 » n’existe pas ; cette valeur est ignorée."),
        ({"volet": "dpm"}, "Volet : « dpm » n’existe pas (possibles : dmp, mss) ; cette valeur est ignorée."),
        ({"window": "5"}, "Fenêtre : « 5 » n’existe pas (possibles : 1, 2, 3, 4) ; cette valeur est ignorée."),
        ({"window": "-1"}, "Fenêtre : « -1 » n’existe pas (possibles : 1, 2, 3, 4) ; cette valeur est ignorée."),
        (
            {"status": "privé"},
            "Statut juridique : « privé » n’existe pas (possibles : public, espic, private) ; "
            "cette valeur est ignorée.",
        ),
        ({"finess": "31000"}, "Numéro FINESS : « 31000 » n’existe pas ; cette valeur est ignorée."),
        ({"region": ["99", "99,99"]}, "Région : « 99 » n’existe pas ; cette valeur est ignorée."),
    ],
)
def test_an_unknown_value_is_said_once_and_ignored(params: dict[str, str | list[str]], said: str) -> None:
    view, notices = read(params)
    assert view == View()
    assert [plain(notice) for notice in notices] == [said]
    assert notices != (said,), "French typography is put in"


def test_each_unknown_value_has_its_notice_and_the_known_ones_stay() -> None:
    view, notices = read({"region": "76,98,99", "window": "2,x", "volet": "zz"})
    assert view == View(regions=("76",), windows=(2,))
    assert len(notices) == 4


def test_a_department_outside_the_region() -> None:
    view, notices = read({"region": "76", "department": "31,75"})
    assert view == View(regions=("76",), departments=("31",))
    assert [plain(notice) for notice in notices] == [
        "Le département 75 n’est pas dans la région choisie ; il est ignoré."
    ]
    assert read({"department": "31,75"}) == (View(departments=("31", "75")), ())
    assert read({"region": "11,76", "department": "31,75"})[1] == ()


def test_every_volet_is_no_restriction() -> None:
    assert read({"volet": "dmp,mss"}) == (View(), ())
    assert read({"volet": ["mss", "mss"]}) == (View(volet="mss"), ())


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("regoin", "vouliez-vous dire « region » ?"),
        ("regions", "vouliez-vous dire « region » ?"),
        ("Window", "vouliez-vous dire « window » ?"),
        ("departement", "vouliez-vous dire « department » ?"),
        ("x", "possibles : snapshot, region, department, volet, window, status, finess."),
    ],
)
def test_an_unknown_parameter_is_said_with_the_nearest_known_one(name: str, hint: str) -> None:
    view, notices = read({name: "76", "window": "2"})
    assert view == View(windows=(2,))
    assert [plain(notice) for notice in notices] == [
        f"Le paramètre « {name} » de l’adresse est inconnu et ignoré ; {hint}"
    ]


def test_parameters_of_mailing_tools_are_left_alone() -> None:
    assert read({"utm_source": "lettre", "utm_medium": "courriel"}) == (View(), ())
