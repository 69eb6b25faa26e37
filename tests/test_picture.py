"""The map as a picture: what is in the file is what is on the screen, said as well as drawn, and safe to open."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from shapely.geometry import LinearRing, MultiLineString, Point, Polygon, box

from sunes import engine, french, metrics
from sunes.definitions import load_definitions
from sunes.figures.palette import MAP_DARK, MAP_LIGHT, MapPalette
from sunes.insights import comparison
from sunes.manifest import Manifest
from sunes.maps import clip, naming, outlines, picture, places
from sunes.programme import load_programme
from sunes.roster import STATE_LABELS, State, roster
from sunes.view import View
from tests.rows import Row, Tables, application, arrow, establishment, tables, usage

PROGRAMME = load_programme()
DAY = date(2024, 6, 30)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script> \"L’Œuvre\" & 'Cie' {said} \x00\x0b\ufffe =1+1"
SOURCE = {"title": "Fichier <b>& Cie</b>", "url": "https://example.org"}


def drawn(
    content: Tables, rate: str = "attainment_rate-dmp", palette: MapPalette = MAP_LIGHT, **asked: Any
) -> tuple[str, Element]:
    """The picture of these tables, as text and parsed; `simulated` is the manifest's, all else the View's."""
    manifest = Manifest.model_validate(
        {"as_of": DAY, "revision": 2, "simulated": asked.pop("simulated", False), "sources": [SOURCE]}
    )
    view = View(**asked)
    found = engine.frames_from_tables([arrow((DAY, 2, content))], "pyarrow")
    by = ("region", "department")
    chosen = {each.id: each for each in comparison.rates(view, PROGRAMME, load_definitions())}[rate]
    answer = metrics.answer(found, view, (*by, "volet") if chosen.volet else by, programme=PROGRAMME)
    answer = answer.only(volet=chosen.volet.id) if chosen.volet else answer
    lines = places.shown(roster(found, view, PROGRAMME))
    svg = picture.svg(chosen, answer, lines, PROGRAMME, manifest, palette)
    return svg, ElementTree.fromstring(svg.encode())


def located(finess: str, longitude: float, latitude: float, **cells: Any) -> Row:
    return establishment(finess, longitude=longitude, latitude=latitude, location_source="register", **cells)


def two_regions(**cells: Any) -> Tables:
    """Toulouse attains, Montpellier misses, Paris hasn't applied, and one has no coordinates."""
    rows = [
        located("000000001", 1.44, 43.6, **cells),
        located("000000002", 3.88, 43.61, department="34", combined_activity=150_000),
        located("000000003", 2.35, 48.85, region="11", department="75"),
        establishment("000000004"),
    ]
    applications = [application("000000001", 1, "dmp"), application("000000002", 1, "dmp")]
    usages = [
        usage(finess, 1, "dmp", each, status)
        for finess, status in (("000000001", "attained"), ("000000002", "missed"))
        for each in ("lettre_liaison", "ordonnance_sortie")
    ]
    return tables(rows, applications, usages)


def texts(root: Element) -> list[str]:
    """What is written in a picture, line by line, with ordinary spaces."""
    return [(each.text or "").replace(french.NBSP, " ").replace("\u202f", " ") for each in root.iter(f"{SVG}text")]


def hovered(root: Element, kind: str) -> Iterator[tuple[str, Element]]:
    """The first line of what is said of each département (`path`) or mark (`g`), and its element."""
    for each in root.iter(f"{SVG}{kind}"):
        title = each.find(f"{SVG}title")
        if title is not None and title.text:
            yield title.text.splitlines()[0], each


def polygon(path: Element) -> Polygon:
    """The first ring of a path, in pixels."""
    ring = path.attrib["d"].partition("Z")[0].removeprefix("M").split()
    return Polygon([tuple(map(float, point.split(","))) for point in ring])


def middle(mark: Element) -> tuple[float, float, float]:
    """The centre of a mark and its size, in pixels."""
    moved, scaled = mark.attrib["transform"].removeprefix("translate(").removesuffix(")").split(") scale(")
    x, y = map(float, moved.split())
    side = float(scaled) * 96
    return x + side / 2, y + side / 2, side


def test_names_are_text_whatever_they_contain() -> None:
    _, root = drawn(two_regions(name=HOSTILE, commune_name='"><image href="x"/>'))
    said = "".join(f"{each.text}\n" for each in root.iter(f"{SVG}title"))
    assert re.sub("[\x00\x0b\ufffe]", "\ufffd", HOSTILE) in said  # XML has no way of writing these
    assert '"><image href="x"/>' in said
    assert f"Source : « {SOURCE['title']} »" in texts(root)
    drawing = {"svg", "title", "desc", "rect", "g", "clipPath", "path", "circle", "text"}
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == drawing


def test_the_file_stands_alone() -> None:
    svg, root = drawn(two_regions())
    assert svg.count("://") == 1  # the name of SVG itself
    assert not any(word in svg for word in ("href", "src=", "@import", "data:", "<style"))
    clips = {f"url(#{each.attrib['id']})" for each in root.iter(f"{SVG}clipPath")}
    assert {each.attrib["clip-path"] for each in root.iter() if "clip-path" in each.attrib} == clips
    assert "system-ui" in root.attrib["font-family"]


@pytest.mark.parametrize("palette", [MAP_LIGHT, MAP_DARK])
def test_departements_and_marks_look_as_on_the_screen(palette: MapPalette) -> None:
    _, root = drawn(two_regions(), palette=palette)
    colours = {said: path.attrib["fill"] for said, path in hovered(root, "path")}
    assert colours["Haute-Garonne (31)"] == palette.above[-1]
    assert colours["Hérault (34)"] == palette.below[0]
    assert colours["Gers (32)"] == palette.land  # not in the answer
    assert colours["Paris (75)"] == palette.unknown  # nobody accepted: no rate
    shapes = {said: [child.tag for child in mark][1:] for said, mark in hovered(root, "g")}
    assert shapes["Établissement 000000001"] == [f"{SVG}circle", f"{SVG}circle"]
    assert shapes["Établissement 000000002"] == [f"{SVG}circle", f"{SVG}path"]
    assert "Établissement 000000004" not in shapes
    fills = {said: mark[2].attrib["fill"] for said, mark in hovered(root, "g")}
    assert fills["Établissement 000000001"] == palette.states[State.ATTAINED]


def test_a_departement_where_nobody_is_evaluated_yet_has_the_colour_of_what_is_not_known() -> None:
    rows = [located("000000001", 1.44, 43.6)]
    _, root = drawn(tables(rows, [application("000000001", 1, "dmp")]))
    colours = {said: path.attrib["fill"] for said, path in hovered(root, "path")}
    assert colours["Haute-Garonne (31)"] == MAP_LIGHT.unknown


def test_marks_stand_in_their_departement_and_grow_with_activity() -> None:
    _, root = drawn(two_regions())
    assert {"Occitanie", "Île-de-France", "Paris et petite couronne, agrandis"} < set(texts(root))
    maps = [group for group in root.iter(f"{SVG}g") if "clip-path" in group.attrib]
    where = {"Établissement 000000001": "Haute-Garonne (31)", "Établissement 000000002": "Hérault (34)"}
    assert len(maps) == 3
    for name, department in where.items():
        x, y, _ = middle(dict(hovered(maps[0], "g"))[name])
        assert polygon(dict(hovered(maps[0], "path"))[department]).contains(Point(x, y))
    for other in maps[1:]:
        marks = dict(hovered(other, "g"))
        assert marks.keys() == {"Établissement 000000003"}
        x, y, _ = middle(marks["Établissement 000000003"])
        assert polygon(dict(hovered(other, "path"))["Paris (75)"]).contains(Point(x, y))
    small, large = (middle(dict(hovered(maps[0], "g"))[name])[2] for name in where)
    assert large > 3 * small


def test_the_two_regions_have_one_scale() -> None:
    _, root = drawn(two_regions())
    occitanie, ile_de_france, _ = (group for group in root.iter(f"{SVG}g") if "clip-path" in group.attrib)
    herault, paris = (
        polygon(dict(hovered(group, "path"))[name]).area
        for group, name in ((occitanie, "Hérault (34)"), (ile_de_france, "Paris (75)"))
    )
    assert herault / paris == pytest.approx(6230 / 105, rel=0.03)  # km² of land


def test_it_says_what_it_shows_of_which_day_and_from_where() -> None:
    _, root = drawn(two_regions(), regions=("76",), windows=(2, 1), legal_statuses=("public",))
    assert texts(root)[:3] == [
        "Volet 1 : la cible (80 %) est atteinte dans 1 des 2 départements",
        "Situation au 30 juin 2024 (révision 2)",
        "Filtres : fenêtres 1 et 2 ; Public",
    ]
    written = "\n".join(texts(root))
    assert "Contours : IGN ADMIN EXPRESS" in written
    assert "1 établissement non localisé" in written
    assert "simulées" not in written
    _, simulated = drawn(two_regions(), simulated=True)
    assert texts(simulated)[1] == "Données simulées · Situation au 30 juin 2024 (révision 2)"
    assert not any(text.startswith("Filtres") for text in texts(simulated))


def test_it_is_described_for_those_who_do_not_see_it() -> None:
    _, root = drawn(two_regions())
    assert root.attrib["role"] == "img"
    title, description = (root.findtext(f"{SVG}{tag}") or "" for tag in ("title", "desc"))
    assert title.startswith("Volet 1")
    for sentence in (
        "Situation au 30 juin 2024",
        "Carte : Occitanie.",
        "Carte : Île-de-France.",
        "1 cible atteinte, 1 cible manquée",
    ):
        assert sentence in description.replace(french.NBSP, " ")


def test_the_legend_counts_every_state_and_names_the_target() -> None:
    written = texts(drawn(two_regions())[1])
    counts = {label: written[written.index(label) - 1] for label in STATE_LABELS.values()}
    assert {label: count for label, count in counts.items() if count != "0"} == {
        STATE_LABELS[State.ATTAINED]: "1",
        STATE_LABELS[State.MISSED]: "1",
        STATE_LABELS[State.NOT_APPLICANT]: "2",
    }
    assert written.index("0 à +10") < written.index("cible 80 %") < written.index("−10 à 0")
    assert "aucun établissement retenu" in written


def test_nothing_attained_and_nothing_placed_is_still_a_picture() -> None:
    _, root = drawn(tables([establishment("000000001")]), "attainment_rate-mss", volet="mss")
    assert texts(root)[0] == "Atteinte du volet 2 : aucun établissement retenu"
    assert "Filtres : volet 2" in texts(root)
    assert [said for said, _ in hovered(root, "g")] == []
    _, empty = drawn(tables([]), "participation_rate")
    assert float(empty.attrib["height"]) > 0


def test_a_picture_of_three_thousand_establishments_can_be_sent() -> None:
    many = [located(f"{i:09d}", 1.4, 43.6, name="Établissement de santé " * 2) for i in range(3000)]
    svg, root = drawn(tables(many), "participation_rate")
    assert sum(1 for _ in hovered(root, "g")) == 3000
    assert len(svg.encode()) < 2_000_000


# What a picture that nothing cuts off afterwards needs ----------------------------------------------------------------


def rings() -> list[list[clip.Point]]:
    """The outlines of a region's départements, of which a part is seen, one round all, one outside."""
    found = [
        [(200 * (x - 1.5), 200 * (44 - y)) for x, y in polygon[0][:-1]]
        for feature in outlines.departments(("76",), 0.008)
        for polygon in feature["geometry"]["coordinates"]
    ]
    return [
        *found,
        [(-9.0, -9.0), (999.0, -9.0), (999.0, 999.0), (-9.0, 999.0)],
        [(-9.0, -9.0), (-1.0, -9.0), (-1.0, 5)],
    ]


def test_what_is_cut_off_a_shape_is_what_lies_outside() -> None:
    seen = box(0, 0, 300, 200)
    for ring in rings():
        left = clip.ring(ring, 300, 200)
        area = Polygon(left).area if left else 0
        assert area == pytest.approx(Polygon(ring).intersection(seen).area)
        assert all(0 <= x <= 300 and 0 <= y <= 200 for x, y in left)
        length = MultiLineString(clip.lines(ring, 300, 200)).length
        assert length == pytest.approx(LinearRing(ring).intersection(seen).length)


def test_a_code_stands_beside_the_marks() -> None:
    square = [[(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]]
    size = (20.0, 14.0)
    assert naming.free_place((50, 50), size, square, []) == (50, 50)
    marks = [((50.0, 50.0), 12.0), ((50.0, 80.0), 12.0)]
    x, y = naming.free_place((50, 50), size, square, marks)
    text = box(x - 10, y - 7, x + 10, y + 7)
    assert Polygon(square[0]).contains(text)
    assert not any(Point(at).buffer(radius).intersects(text) for at, radius in marks)
    everywhere = [((50.0, 50.0), 80.0)]
    assert naming.free_place((50, 50), size, square, everywhere) == (50, 50)
