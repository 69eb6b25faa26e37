"""The maps of a deck: what they show at every moment is what the figures of that day say, and it can be read."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from sunes import engine, french, geography, metrics
from sunes.access.people import EVERYTHING
from sunes.deck import mapping
from sunes.deck.facts import Facts
from sunes.deck.slide import Moment, Picture, Slide
from sunes.definitions import load_definitions
from sunes.figures.palette import THEMES, Theme
from sunes.maps import outlines
from sunes.programme import load_programme
from sunes.roster import STATE_LABELS, State, roster
from sunes.snapshots import Store
from sunes.view import View
from tests.rows import Row, Tables, application, arrow, establishment, tables, usage

PROGRAMME = load_programme()
LIGHT, DARK = THEMES["light"], THEMES["dark"]
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script> \"L’Œuvre\" & 'Cie' \x00 =1+1"
DAYS = (date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 30))
TOULOUSE, MURET, MONTPELLIER, PARIS, MELUN, NOWHERE, CLOSED = (f"{rank:09d}" for rank in range(1, 8))


def located(finess: str, longitude: float, latitude: float, **cells: Any) -> Row:
    return establishment(finess, longitude=longitude, latitude=latitude, location_source="register", **cells)


REGISTER = [
    located(TOULOUSE, 1.44, 43.6, name=HOSTILE, commune_name='"><image href="x"/>'),
    located(MURET, 1.33, 43.46),
    located(MONTPELLIER, 3.88, 43.61, department="34", combined_activity=150_000),
    located(PARIS, 2.35, 48.85, region="11", department="75"),
    located(MELUN, 2.65, 48.54, region="11", department="77"),
    establishment(NOWHERE, department="34"),
]
ATTAINED = [usage(TOULOUSE, 1, "dmp", each, "attained") for each in ("lettre_liaison", "ordonnance_sortie")]


def three_days(store: Store) -> None:
    """Nobody, then Toulouse and one that closes afterwards, then Toulouse attains and the others follow."""
    applied = [application(TOULOUSE, 1, "dmp"), application(CLOSED, 1, "dmp")]
    followed = [application(each, 1, "dmp", "pending") for each in (MURET, MONTPELLIER, PARIS)]
    publish(store, DAYS[0], tables(REGISTER))
    publish(store, DAYS[1], tables([*REGISTER, located(CLOSED, 0.6, 43.65, department="32")], applied))
    publish(store, DAYS[2], tables(REGISTER, [applied[0], *followed], ATTAINED))


def publish(store: Store, day: date, content: Tables) -> None:
    store.publish(day, arrow((day, 1, content))[2], simulated=False)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("three-days"))
    three_days(store)
    return store


@cache
def facts(store: Store, **asked: Any) -> Facts:
    """Kept, as the slides of a deck keep them."""
    return Facts(store, View(**asked), PROGRAMME, load_definitions(), sight=EVERYTHING)


def slide(store: Store, region: str, theme: Theme = LIGHT, **asked: Any) -> Slide:
    made = mapping.region_map(facts(store, **asked), region, theme)
    assert made
    return made


def pictured(slide: Slide) -> tuple[Picture, Element]:
    (picture,) = slide.visuals
    assert isinstance(picture, Picture)
    return picture, ElementTree.fromstring(picture.svg.encode())


def departments(root: Element) -> Iterator[tuple[str, Element]]:
    yield from ((each.attrib["data-department"], each) for each in root.iter() if "data-department" in each.attrib)


def marks(root: Element) -> dict[str, Element]:
    found = [(each.attrib["data-finess"], each) for each in root.iter(f"{SVG}use")]
    assert len(dict(found)) == len(found)  # each establishment stands in one map only
    return dict(found)


def texts(root: Element) -> list[str]:
    return [plain(each.text or "") for each in root.iter(f"{SVG}text")]


def plain(text: str) -> str:
    return text.replace(french.NBSP, " ").replace("\u202f", " ")


def legend(root: Element) -> dict[str, str]:
    """What each class of the legend is called, with its colour."""
    drawn = list(root)
    return {plain(after.text or ""): each.attrib["fill"] for each, after in pairwise(drawn) if each.tag == f"{SVG}rect"}


PLAIN_CLASSES = ((0.25, "moins de 25 %"), (0.5, "25 % à 50 %"), (0.7, "50 % à 70 %"), (0.8, "70 % à 80 %"))
GAP_CLASSES = ((-0.2, "moins de −20"), (-0.1, "−20 à −10"), (0, "−10 à 0"), (0.1, "0 à +10"), (0.2, "+10 à +20"))


def class_of(row: Mapping[str, Any], volet: str | None) -> str:
    """The class that a row of the metrics is in, by the words of the legend."""
    value = row["gap_points"] if volet else row["participation_rate"]
    if volet and row["accepted"] and not row["evaluated"]:
        return "aucun établissement évalué"
    if value is None:
        return "aucun établissement retenu" if volet else "aucun établissement éligible"
    classes, rest = (GAP_CLASSES, "+20 et plus") if volet else (PLAIN_CLASSES, "90 % et plus")
    return next((label for edge, label in classes if round(value, 9) < edge), rest)


@pytest.mark.parametrize(
    ("region", "theme", "volet"), [("76", LIGHT, None), ("76", DARK, "dmp"), ("11", DARK, None), ("11", LIGHT, "dmp")]
)
def test_every_moment_is_what_the_figures_of_that_day_say(
    store: Store, region: str, theme: Theme, volet: str | None
) -> None:
    picture, root = pictured(slide(store, region, theme, volet=volet))
    known = legend(root)
    unknown = theme.maps.unknown
    assert [moment.label for moment in picture.moments] == [french.day(day) for day in DAYS]
    for moment, day in zip(picture.moments, DAYS, strict=True):
        view = View(snapshot=day.isoformat(), regions=(region,), volet=volet)
        by = ("department", "volet") if volet else ("department",)
        answer = metrics.ask(store, view, by, programme=PROGRAMME)
        rows = {row["department"]: class_of(row, volet) for row in answer.rows}
        for code, colour in moment.fills.items():
            if code not in rows:
                assert colour == theme.maps.land
            elif "aucun" in rows[code]:
                assert colour == unknown
                assert unknown in known.values()
            else:
                assert colour == known[rows[code]]
        lines = roster(engine.frames([store.resolve(day.isoformat())], EVERYTHING), view, PROGRAMME).lines
        states = {line.finess: min(line.states.values(), key=list(State).index) for line in lines}
        assert {finess: symbol.removeprefix(f"carte-{region}-") for finess, symbol in moment.marks.items()} == {
            finess: states.get(finess, "") for finess in moment.marks
        }
        assert moment.marks.keys() >= states.keys() - {NOWHERE}
        assert moment.counts == {state.value: str(Counter(states.values())[state]) for state in State}


def test_the_shares_of_a_legend_are_those_of_the_classes(store: Store) -> None:
    """The fills, against colours that are written here: 1 of 2, 1 of 3 and none of them."""
    rates = LIGHT.maps.rates
    picture, _ = pictured(slide(store, "76"))
    fills = [(moment.fills["31"], moment.fills["34"], moment.fills["46"]) for moment in picture.moments]
    land = LIGHT.maps.land
    assert fills == [(rates[0], rates[0], land), (rates[2], rates[0], land), (rates[5], rates[2], land)]


def drawn(picture: Picture, root: Element) -> Moment:
    """What the picture itself shows, put as a moment."""
    return Moment(
        label=picture.moments[-1].label,
        fills={code: each.attrib["fill"] for code, each in departments(root)},
        marks={finess: each.attrib.get("href", "").removeprefix("#") for finess, each in marks(root).items()},
        said={code: each.findtext(f"{SVG}title") or "" for code, each in departments(root)},
        counts={each.attrib["data-count"]: each.text or "" for each in root.iter() if "data-count" in each.attrib},
    )


@pytest.mark.parametrize("region", ["76", "11"])
def test_the_picture_shows_the_last_moment(store: Store, region: str) -> None:
    picture, root = pictured(slide(store, region))
    assert drawn(picture, root) == picture.moments[-1]
    symbols = {each.attrib["id"]: each.attrib["data-label"] for each in root.iter(f"{SVG}symbol")}
    assert list(symbols.values()) == list(STATE_LABELS.values())
    assert {symbol for moment in picture.moments for symbol in moment.marks.values()} - {""} <= symbols.keys()
    for each in marks(root).values():
        if "href" in each.attrib:
            said = plain(each.findtext(f"{SVG}title") or "")
            assert said.splitlines()[-1] == symbols[each.attrib["href"][1:]]


def test_one_that_closed_is_seen_while_it_was_there(store: Store) -> None:
    picture, root = pictured(slide(store, "76"))
    assert [moment.marks[CLOSED] for moment in picture.moments] == ["", "carte-76-accepted", ""]
    assert "href" not in marks(root)[CLOSED].attrib


def test_titles_say_the_figures_of_their_moment(store: Store) -> None:
    picture, _ = pictured(slide(store, "76"))
    said = [plain(moment.said["31"]) for moment in picture.moments]
    assert said[0] == "Haute-Garonne (31)\nParticipation : 0 sur 2 (0,0 %)"
    assert said[1] == "Haute-Garonne (31)\nParticipation : 1 sur 2 (50,0 %)"
    assert plain(picture.moments[0].said["46"]) == "Lot (46)\nHors de la sélection"


def test_a_slide_says_what_it_shows(store: Store) -> None:
    made = slide(store, "76")
    assert (made.id, made.kind, made.kicker, made.page) == ("carte-76", "map", "Occitanie", "carte")
    assert plain(made.title) == "Participation : de 50,0 % (Hérault) à 100,0 % (Haute-Garonne)"
    assert made.view.regions == ("76",)
    assert plain(made.paragraphs[0]).endswith("1 établissement non localisé n’est pas sur la carte.")
    picture, _ = pictured(made)
    assert [record["Département"] for record in picture.records] == ["Haute-Garonne", "Hérault"]
    assert plain(picture.records[1]["Participation"]) == "50,0 %"
    assert "Carte : Occitanie." in plain(picture.description)
    volet = slide(store, "76", volet="dmp")
    assert plain(volet.title) == "Atteinte du volet 1 : Haute-Garonne, 1 sur 1 (100,0 %), cible 80 % (+20 points)"
    assert "atteinte du volet 1" in plain(volet.paragraphs[0])


@pytest.mark.parametrize("region", ["76", "11"])
@pytest.mark.parametrize("volet", [None, "dmp"])
def test_it_can_be_read_from_afar_and_stays_in_its_place(store: Store, region: str, volet: str | None) -> None:
    _, root = pictured(slide(store, region, volet=volet))
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    assert (left, top, width, height) == (0, 0, 1200, 450)
    sizes = [float(each.attrib["font-size"]) for each in root.iter(f"{SVG}text")]
    assert min(sizes) >= 16
    assert min(float(each.attrib["width"]) for each in marks(root).values()) >= 12
    for each in root.iter(f"{SVG}text"):
        assert 0 < float(each.attrib["y"]) < height
        assert 0 <= float(each.attrib["x"]) <= width
    panels = [each for each in root.iter(f"{SVG}g") if "data-map" in each.attrib]
    assert len(panels) == (2 if region == "11" else 1)
    for panel in panels:
        points = [tuple(map(float, pair)) for each in panel.iter(f"{SVG}path") for pair in corners(each)]
        across, down = ({point[axis] for point in points} for axis in (0, 1))
        assert min(across) >= 0
        assert min(down) >= 0
        assert max(across) <= 760
        assert max(down) <= height
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {
        "svg", "defs", "symbol", "g", "path", "circle", "rect", "text", "use", "title",
    }  # fmt: skip


def corners(path: Element) -> list[tuple[str, str]]:
    return re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.attrib["d"])


def test_names_are_text_and_nothing_is_asked_of_anybody(store: Store) -> None:
    picture, root = pictured(slide(store, "76"))
    said = plain(marks(root)[TOULOUSE].findtext(f"{SVG}title") or "")
    assert said.startswith('</title><script>alert(1)</script> "L’Œuvre" & \'Cie\' \ufffd =1+1, "><image href=')
    assert said.endswith("\ncible atteinte")
    assert picture.svg.count("://") == 1  # the name of SVG itself
    assert not any(word in picture.svg for word in ("url(", "src=", "@import", "data:", "<style", "<script"))
    ids = {each.attrib["id"] for each in root.iter() if "id" in each.attrib}
    assert {each.attrib["href"][1:] for each in root.iter() if "href" in each.attrib} <= ids


def test_two_maps_can_be_in_one_document(store: Store) -> None:
    ids = [
        each.attrib["id"]
        for region in ("76", "11")
        for each in pictured(slide(store, region))[1].iter()
        if "id" in each.attrib
    ]
    assert len(ids) == 2 * len(State)
    assert len(set(ids)) == len(ids)


def test_the_same_facts_make_the_same_slide(store: Store) -> None:
    again = Facts(store, View(), PROGRAMME, load_definitions(), sight=EVERYTHING)
    assert slide(store, "11", DARK) == mapping.region_map(again, "11", DARK)


def test_paris_and_around_are_apart(store: Store) -> None:
    _, root = pictured(slide(store, "11"))
    where = {
        finess: panel.attrib["data-map"]
        for panel in root.iter(f"{SVG}g")
        if "data-map" in panel.attrib
        for finess in marks(panel)
    }
    assert where == {PARIS: "petite-couronne", MELUN: "11"}
    assert {"Grande couronne", "Paris et petite couronne", "75", "94", "77"} <= set(texts(root))


def test_departements_that_are_not_asked_for_are_grey(store: Store) -> None:
    picture, root = pictured(slide(store, "76", departments=("34",)))
    assert {code for code, each in departments(root) if each.attrib["fill"] != LIGHT.maps.land} == {"34"}
    assert len(picture.moments[0].fills) == 13
    assert marks(root).keys() == {MONTPELLIER}


def test_nothing_to_map_is_no_slide(store: Store) -> None:
    assert mapping.region_map(facts(store, departments=("34",)), "11", LIGHT) is None
    assert mapping.region_map(facts(store), "94", LIGHT) is None
    assert mapping.region_map(facts(store), "00", LIGHT) is None


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A register of all France alone: an establishment in the middle of each département, whose code is its number."""
    store = Store(tmp_path_factory.mktemp("register"))
    rows = [
        located(shape["id"].zfill(9), *outlines.middle(shape), region=code, department=shape["id"])
        for code in geography.regions()
        for shape in outlines.departments((code,), 0)
    ]
    publish(store, DAYS[0], tables(rows))
    return store


@pytest.mark.parametrize("code", geography.regions())
def test_every_region_has_a_map(register: Store, code: str) -> None:
    made = slide(register, code)
    picture, root = pictured(made)
    codes = {department.code for department in geography.departments().values() if department.region_code == code}
    assert picture.moments == ()  # a single day
    assert len(made.title) <= 110
    assert {department for department, _ in departments(root)} == codes
    assert marks(root).keys() == {each.zfill(9) for each in codes}
    assert codes & set(texts(root))


def test_maps_of_many_establishments_and_moments_are_light(tmp_path: Path) -> None:
    store = Store(tmp_path)
    many = [
        located(f"{rank:09d}", 2.16 + rank % 20 / 50, 48.71 + rank // 20 / 80, region="11", department="92")
        for rank in range(450)
    ]
    applied = [application(each["finess"], 1, "dmp") for each in many]
    for day in DAYS:
        publish(store, day, tables(many, applied))
    picture, root = pictured(slide(store, "11"))
    assert len(marks(root)) == 450
    assert len(picture.moments) == 3
    assert len(picture.svg.encode()) < 250_000


def test_moments_are_spread_evenly_with_both_ends() -> None:
    assert mapping.spread("abc", 16) == ("a", "b", "c")
    chosen = mapping.spread(range(33), 16)
    assert len(chosen) == 16
    assert (chosen[0], chosen[-1]) == (0, 32)
    assert {later - earlier for earlier, later in pairwise(chosen)} == {2, 3}
