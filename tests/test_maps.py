"""Maps: what a person would misread if outlines, scales, marks, places or words were wrong."""

import json
from collections.abc import Sequence
from datetime import date
from itertools import combinations, pairwise
from math import cos, hypot, radians
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from sunes import engine, french, geography, metrics
from sunes.definitions import load_definitions
from sunes.figures.palette import MAP_DARK, MAP_LIGHT, MapPalette
from sunes.insights import comparison
from sunes.insights.comparison import Rate
from sunes.maps import deck, frames, legend, marks, outlines, places, scales, words
from sunes.metrics import Answer
from sunes.programme import load_programme
from sunes.roster import STATE_LABELS, Roster, State, roster
from sunes.view import View
from tests.colours import apart, contrast
from tests.rows import Row, Tables, application, arrow, establishment, tables, usage

PROGRAMME = load_programme()
RATES = {rate.id: rate for rate in comparison.rates(View(), PROGRAMME, load_definitions())}
PARTICIPATION, DMP = RATES["participation_rate"], RATES["attainment_rate-dmp"]
BY = ("region", "department")
NAME = '<img src=x onerror="alert(1)"> & Cie {said}'


def read(text: str) -> str:
    """Text with ordinary spaces."""
    return text.replace(french.NBSP, " ").replace(french.NARROW_NBSP, " ")


def asked(content: Tables, rate: Rate, **view: Any) -> tuple[Answer, Roster]:
    found = engine.frames_from_tables([arrow((date(2024, 6, 30), 1, content))], "pyarrow")
    volet = rate.volet.id if rate.volet else None
    answer = metrics.answer(found, View(**view | ({"volet": volet} if volet else {})), BY, programme=PROGRAMME)
    return answer, roster(found, View(**view), PROGRAMME)


def layers(content: Tables, rate: Rate = DMP, palette: MapPalette = MAP_LIGHT, **changes: Any) -> deck.Layers:
    answer, everyone = asked(content, rate)
    volet = rate.volet.id if rate.volet else None
    lines = places.shown(everyone)
    found = {
        "rate": rate,
        "volet": volet,
        "answer": answer,
        "scale": scales.scale(rate, answer, palette),
        "places": places.places(lines, volet, PROGRAMME),
        "palette": palette,
    }
    return deck.Layers(**found | changes)


def drawn(shown: deck.Layers, region: str = "76") -> dict[str, Any]:
    """The JSON of a region's map, its layers by what stands before the version in their names."""
    ((column,),) = frames.arrange([f for f in frames.frames([region]) if not f.part], 1000)
    found: dict[str, Any] = json.loads(deck.deck(column.placed[0], shown).to_json())
    return found | {"layers": {layer["id"].rpartition("-")[0]: layer for layer in found["layers"]}}


def located(finess: str, longitude: float | None = 1.44, latitude: float = 43.6, **cells: Any) -> Row:
    return establishment(finess, longitude=longitude, latitude=latitude, location_source="register", **cells)


def attaining(finess: str, *statuses: str) -> list[Row]:
    indicators = ("lettre_liaison", "ordonnance_sortie")
    return [usage(finess, 1, "dmp", each, status) for each, status in zip(indicators, statuses, strict=False)]


# Outlines -------------------------------------------------------------------------------------------------------------


def test_neighbours_go_on_sharing_their_border_when_outlines_lose_points() -> None:
    exact = geography.department_shapes(("76", "11"))["features"]
    simple = outlines.departments(("76", "11"), 0.01)
    before, after = ([shape(each["geometry"]) for each in features] for features in (exact, simple))
    assert shapely.coverage_is_valid(after)
    assert all(polygon.is_valid for polygon in after)
    assert shapely.get_num_coordinates(after).sum() < 0.5 * shapely.get_num_coordinates(before).sum()
    assert [each["id"] for each in simple] == [each["id"] for each in exact]
    for full, thin in zip(before, after, strict=True):
        assert full.hausdorff_distance(thin) < 0.02


def test_no_region_is_lost_from_the_land_around() -> None:
    assert {each["id"] for each in outlines.land()} == geography.regions().keys() - set(outlines.OVERSEAS)
    assert all(not shape(each["geometry"]).is_empty for each in outlines.land())


def test_the_code_of_a_departement_stands_in_it() -> None:
    for feature in outlines.departments(("76", "11"), 0.003):
        assert shape(feature["geometry"]).contains(shapely.Point(outlines.middle(feature)))


# Frames ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regions", "keys"),
    [
        (["76", "11"], ["76", "11", "petite-couronne"]),
        (["76"], ["76"]),
        (["84", "27", "76"], ["metropole"]),
        (["84", "11", "76", "04"], ["metropole", "04", "petite-couronne"]),
        (["99"], []),
        ([], []),
    ],
)
def test_the_frames_follow_the_regions_that_are_there(regions: list[str], keys: list[str]) -> None:
    assert [frame.key for frame in frames.frames(regions)] == keys


@pytest.mark.parametrize("width", [340, 700, 944, 1300, 1600])
@pytest.mark.parametrize("regions", [["76", "11"], ["76"], ["11"], ["84", "11", "76", "01", "02", "03", "04", "06"]])
def test_every_frame_is_seen_whole(regions: list[str], width: int) -> None:
    found = frames.frames(regions)
    rows = frames.arrange(found, width)
    placed = [(each, column.share) for row in rows for column in row for each in column.placed]
    assert sorted(each.frame.key for each, _ in placed) == sorted(frame.key for frame in found)
    for each, share in placed:
        across, up = each.frame.size
        assert across / each.scale <= share * width
        assert up / each.scale <= each.height
    assert all(sum(column.share for column in row) <= 1.0001 for row in rows)
    assert width >= frames.NARROW or all(len(row) == 1 for row in rows)


@pytest.mark.parametrize("width", [340, 944])
def test_regions_side_by_side_have_one_scale(width: int) -> None:
    rows = frames.arrange(frames.frames(["76", "11"]), width)
    placed = {each.frame.key: each for row in rows for column in row for each in column.placed}
    assert placed["76"].scale == placed["11"].scale > placed["petite-couronne"].scale
    # A Web Mercator map is 512 pixels wide at zoom 0, and the farther north, the fewer kilometres they are.
    for each in placed.values():
        pixels = 512 * 2**each.zoom
        assert 40_075 * cos(radians(each.frame.centre[1])) / pixels == pytest.approx(each.scale, rel=1e-3)


def test_marks_shrink_where_much_land_is_on_few_pixels() -> None:
    two, all_of_them = (frames.arrange(frames.frames(codes), 944) for codes in (["76", "11"], ["76", "84", "11"]))
    assert frames.shrinkage(two) == 1
    assert frames.shrinkage(all_of_them) < 0.8
    assert frames.shrinkage(()) == 1


# Scales ---------------------------------------------------------------------------------------------------------------


def answered(rows: Sequence[tuple[int, int]]) -> Answer:
    """The answer for one département after another, as (attained, accepted)."""
    codes = [code for code, each in geography.departments().items() if each.region_code == "76"]
    content = tables([])
    for department, (attained, accepted) in zip(codes, rows, strict=False):
        for rank in range(max(accepted, 1)):
            finess = f"{department}{rank:07d}"
            content["establishments"].append(establishment(finess, department=department))
            if accepted:
                content["applications"].append(application(finess, 1, "dmp"))
                content["usages"] += attaining(finess, *(["attained" if rank < attained else "missed"] * 2))
    return asked(content, DMP)[0]


def test_the_middle_of_the_scale_is_the_target() -> None:
    answer = answered([(0, 0), (0, 1), (6, 10), (7, 10), (79, 100), (8, 10), (9, 10), (10, 10)])
    scale = scales.scale(DMP, answer, MAP_LIGHT)
    assert scale.targets == (0.8,)
    assert [scale.place(row) for row in answer.rows] == [None, 0, 1, 2, 2, 3, 4, 5]
    reached = [row for row in answer.rows if row["accepted"] and not row["gap_establishments"]]
    assert {scale.colour(row) for row in reached} == set(MAP_LIGHT.above)
    assert scale.colour(answer.rows[0]) == MAP_LIGHT.unknown
    assert [read(label) for label in scale.labels][2:4] == ["−10 à 0", "0 à +10"]


def test_a_rate_without_a_target_has_plain_classes() -> None:
    answer, _ = asked(tables([establishment("000000001")]), PARTICIPATION)
    scale = scales.scale(PARTICIPATION, answer, MAP_DARK)
    assert (scale.targets, scale.colours) == ((), MAP_DARK.rates)
    assert scale.colour(answer.rows[0]) == MAP_DARK.rates[0]
    assert [scale.place({"participation_rate": rate}) for rate in (0.25, 0.4999, 0.9, 1.0)] == [1, 1, 5, 5]
    untargeted = Answer(answer.view, answer.by, ({**answer.rows[0], "target_rate": None},))
    assert scales.scale(DMP, untargeted, MAP_DARK).targets == ()


# Colours --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("palette", [MAP_LIGHT, MAP_DARK])
def test_colours_stay_apart_for_every_kind_of_vision(palette: MapPalette) -> None:
    assert set(palette.states) == set(State)
    assert min(apart(a, b) for a, b in combinations(palette.states.values(), 2)) >= 0.09
    assert min(contrast(each, palette.paper) for each in palette.states.values()) >= 4.5
    diverging = (*palette.below, *palette.above)
    assert min(apart(a, b) for each in (diverging, palette.rates) for a, b in pairwise(each)) >= 0.06
    assert min(apart(low, high) for low in palette.below for high in palette.above) >= 0.07
    assert contrast(palette.outline, palette.paper) >= 4.5


# Places ---------------------------------------------------------------------------------------------------------------


def metres(one: places.Place, other: places.Place) -> float:
    narrow = cos(radians(one.latitude))
    return 111_320 * hypot((one.longitude - other.longitude) * narrow, one.latitude - other.latitude)


def test_establishments_at_one_address_can_all_be_reached() -> None:
    content = tables([located(f"00000000{i}") for i in range(8)])
    _, everyone = asked(content, PARTICIPATION)
    found = places.places(everyone.lines, None, PROGRAMME)
    assert min(metres(a, b) for a, b in combinations(found, 2)) > 200
    assert max(metres(found[0], each) for each in found) < 1000
    assert (found[0].longitude, found[0].latitude) == (1.44, 43.6)
    assert places.places(tuple(reversed(everyone.lines)), None, PROGRAMME) == found


def test_the_size_says_the_activity() -> None:
    activities = {"000000001": None, "000000002": 0.0, "000000003": 40_000.0, "000000004": 160_000.0}
    content = tables([located(finess, combined_activity=value) for finess, value in activities.items()])
    _, everyone = asked(content, PARTICIPATION)
    found = places.places(everyone.lines, None, PROGRAMME)
    sizes = {place.line.finess: place.size for place in found}
    assert sizes["000000001"] == sizes["000000002"] == places.SMALLEST
    assert sizes["000000004"] == 2 * sizes["000000003"]  # four times the activity, four times the area
    assert [place.size for place in found] == sorted(sizes.values(), reverse=True)
    texts = {place.line.finess: read(place.said) for place in found}
    assert "Activité combinée non connue" in texts["000000001"]
    assert "Activité combinée : 0" in texts["000000002"]


def test_who_is_on_the_map() -> None:
    rows = [located("000000001"), establishment("000000002"), located("000000003", eligible=False)]
    rows += [located("000000004", eligible=False), located("000000005", longitude=None)]
    _, everyone = asked(tables(rows, [application("000000004", 1, "mss", "pending")]), PARTICIPATION)
    lines = places.shown(everyone)
    assert [line.finess for line in lines] == ["000000001", "000000002", "000000004", "000000005"]
    placed, unplaced = places.located(lines)
    assert [line.finess for line in placed] == ["000000001", "000000004"]
    assert [line.finess for line in unplaced] == ["000000002", "000000005"]
    assert "1 établissement non éligible et sans candidature n’est pas montré" in words.notes(everyone, lines)


def test_the_state_is_that_of_the_volet_or_the_furthest() -> None:
    applications = [application("000000001", 1, "dmp", "pending"), application("000000001", 1, "mss")]
    _, everyone = asked(tables([located("000000001")], applications), PARTICIPATION)
    (line,) = everyone.lines
    assert places.state(line, "dmp") is State.APPLICANT
    assert places.state(line, "mss") is places.state(line, None) is State.ACCEPTED


# Decks ----------------------------------------------------------------------------------------------------------------


def a_region() -> Tables:
    rows = [
        located("000000001", name=NAME),
        located("000000002", department="34", longitude=3.87654321, latitude=43.61234567),
        located("000000003", region="11", department="75", longitude=2.35, latitude=48.85),
        establishment("000000004"),
    ]
    applications = [application("000000001", 1, "dmp"), application("000000002", 1, "dmp")]
    return tables(rows, applications, attaining("000000001", "attained", "attained"))


def test_a_map_asks_nothing_of_anybody_and_interprets_no_name() -> None:
    made = deck.deck(frames.arrange(frames.frames(["76"]), 900)[0][0].placed[0], layers(a_region()))
    found = json.loads(made.to_json())
    assert "http" not in made.to_json()
    assert found.get("mapProvider") is None
    assert found["mapStyle"] == "__MAP_STYLE__"  # pydeck's word for: nobody asked for one
    assert made._tooltip["text"] == "{said}"
    assert "html" not in made._tooltip


def test_a_map_shows_the_establishments_of_its_frame() -> None:
    marked = drawn(layers(a_region()))["layers"][deck.ESTABLISHMENTS]
    assert [(each["finess"], each["mark"]) for each in marked["data"]] == [
        ("000000001", "attained"),
        ("000000002", "accepted"),
    ]
    assert marked["data"][0]["said"].splitlines()[0] == NAME
    assert marked["data"][1]["at"] == [3.8765, 43.6123]
    assert {each["mark"] for each in marked["data"]} <= marked["iconMapping"].keys() == {*map(str, State)}
    assert marked["iconAtlas"].startswith("data:image/svg+xml;base64,")


def test_departements_are_coloured_by_their_rate_and_grey_outside_the_selection() -> None:
    shown = layers(a_region())
    features = {
        each["properties"]["code"]: each["properties"] for each in drawn(shown)["layers"]["departements"]["data"]
    }
    assert features.keys() == set(next(r for r in PROGRAMME.regions if r.code == "76").departments)
    assert features["31"]["colour"] == deck.rgb(MAP_LIGHT.above[-1])
    assert read(features["31"]["said"]).startswith(
        "Haute-Garonne (31)\nAtteinte du volet 1 : 1 sur 1 (100,0 %), cible 80 %"
    )
    assert features["34"]["colour"] == deck.rgb(MAP_LIGHT.unknown), "nobody is evaluated there: no 0 %"
    assert read(features["34"]["said"]) == "Hérault (34)\nAtteinte du volet 1 : pas encore évalué, 1 retenu"
    assert features["65"] == {
        "code": "65",
        "said": "Hautes-Pyrénées (65)\nHors de la sélection",
        "colour": deck.rgb(MAP_LIGHT.land),
    }


def test_a_clicked_thing_can_be_clicked_again() -> None:
    first, second = (json.loads(json.dumps(drawn(layers(a_region(), version=v)))) for v in (0, 1))
    names = [{layer["id"] for layer in each["layers"].values()} for each in (first, second)]
    assert not names[0] & names[1]
    assert first["initialViewState"] == second["initialViewState"]


def test_a_large_map_stays_light() -> None:
    many = tables(
        [located(f"{i:09d}", name="Établissement de santé " * 2, commune_name="Toulouse") for i in range(3000)]
    )
    size = len(json.dumps(drawn(layers(many, PARTICIPATION)), ensure_ascii=False).encode())
    assert size < 1_200_000


# Words, marks, legend -------------------------------------------------------------------------------------------------


def test_the_legend_counts_every_state_with_the_mark_of_the_map() -> None:
    content = a_region()
    shown = layers(content)
    _, everyone = asked(content, DMP)
    html = read(legend.legend(shown, everyone.lines, PROGRAMME))
    for state in State:
        number = sum(line.states["dmp"] is state for line in everyone.lines)
        assert f'{marks.picture(state, MAP_LIGHT)}" width="20" height="20" alt="">{STATE_LABELS[state]}' in html
        assert f"{STATE_LABELS[state]}<span>{number}</span>" in html
    assert html.index("0 à +10") < html.index("cible 80 %") < html.index("−10 à 0")
    assert "aucun établissement retenu" in html  # Paris has no rate
    assert len({marks.picture(state, MAP_LIGHT) for state in State}) == len(State)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(1, 1), (0, 1)], "Volet 1 : la cible (80 %) est atteinte dans 1 des 2 départements"),
        ([(0, 1), (0, 1)], "Volet 1 : la cible (80 %) n’est atteinte dans aucun des 2 départements"),
        ([(0, 0), (0, 0)], "Atteinte du volet 1 : aucun établissement retenu"),
        ([(9, 10)], "Atteinte du volet 1 : Ariège, 9 sur 10 (90,0 %), cible 80 % (+10 points)"),
    ],
)
def test_the_title_is_the_finding(rows: list[tuple[int, int]], said: str) -> None:
    assert read(words.finding(DMP, answered(rows))) == said


def test_the_title_of_a_rate_without_target_names_both_ends() -> None:
    rows = [establishment("000000001"), establishment("000000002", department="34")]
    answer, _ = asked(tables(rows), PARTICIPATION)
    assert read(words.finding(PARTICIPATION, answer)) == "Participation : 0,0 % dans chaque département"
    answer, _ = asked(tables(rows, [application("000000001", 1, "dmp")]), PARTICIPATION)
    expected = "Participation : de 0,0 % (Hérault) à 100,0 % (Haute-Garonne)"
    assert read(words.finding(PARTICIPATION, answer)) == expected


def test_a_frame_is_described_by_what_is_in_it() -> None:
    content = a_region()
    shown = layers(content)
    lines = places.shown(asked(content, DMP)[1])
    occitanie, ile_de_france = (words.describe(shown, lines, frame) for frame in frames.frames(["76", "11"])[:2])
    assert read(occitanie) == (
        "Carte : Occitanie. Atteinte du volet 1 : Haute-Garonne, 1 sur 1 (100,0 %), cible 80 % (+20 points). "
        "Établissements : 1 cible atteinte, 1 retenu, sans mesure et 1 non candidat."
    )
    assert read(ile_de_france).endswith("Établissements : 1 non candidat.")


def test_records_say_where_a_position_comes_from_and_keep_names_as_they_are() -> None:
    content = a_region()
    _, everyone = asked(content, DMP)
    by_finess = {record["FINESS"]: record for record in words.records(everyone.lines, PROGRAMME)}
    assert by_finess["000000001"]["Établissement"] == NAME
    assert by_finess["000000001"]["Position"] == "adresse"
    assert by_finess["000000004"]["Position"] == "non connue"
    assert by_finess["000000001"]["Volet 1"] == "● cible atteinte"
    assert by_finess["000000004"]["Activité combinée"] is None
