"""Coordinates in every projection, under every name, become degrees; the impossible ones become nothing."""

from pathlib import Path

import pytest

from sunes.errors import DataError
from sunes.ingest.readers import positions
from sunes.ingest.readers.finess_codes import FILE, Codes, load_codes
from sunes.reference import load
from tests.finess_rows import PLACES, Place

METRES = 1.5e-5  # degrees: some 1.5 m, half a unit of the last decimal that the table gives


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.insee)
def test_ten_places_are_where_they_are(place: Place) -> None:
    codes = load_codes()
    department = codes.department(place.department)
    expected = pytest.approx((place.latitude, place.longitude), abs=METRES)

    assert codes.commune(place.department, place.commune) == place.insee
    assert positions.projected((place.x, place.y), place.source, department) == expected
    # Without a name the territory is enough, in either order.
    assert positions.projected((place.x, place.y), "", department) == expected
    assert positions.by_range([(place.x, place.y)], department) == expected
    assert positions.by_range([(place.y, place.x)], department) == expected
    degrees = (str(place.longitude), str(place.latitude))
    assert positions.by_range([("", ""), degrees], department) == expected
    assert positions.by_range([degrees[::-1]], department) == expected


@pytest.mark.parametrize(
    ("text", "epsg"),
    [
        ("1,ATLASANTE,96,BAN,EPSG:2154 RGF93 / Lambert-93 (Métropole)", 2154),
        ("1,ATLASANTE,100,IGN,BD_ADRESSE,V2.1,LAMBERT_93", 2154),
        ("1,ATLASANTE,96,BAN,L93_METROPOLE", 2154),
        ("lambert 93", 2154),
        ("EPSG:5490 RGAF09/UTM Zone 20N (Antilles)", 5490),
        ("2,ATLASANTE,100,IGN,BD_ADRESSE,V2.1,UTM_N20", 5490),
        ("EPSG:2972 RGFG95/UTM zone 22N", 2972),
        ("UTM_N22", 2972),
        ("EPSG 2975", 2975),
        ("UTM_S40", 2975),
        ("EPSG:4471 RGM04/UTM zone 38S (Mayotte)", 4471),
        ("UTM_S38", 4471),
        ("WGS84/UTM zone 21N (St-Pierre-et-Miquelon)", 4467),
        ("EPSG:4467", 4467),
        ("", None),
        ("BAN", None),
        ("EPSG:27572 NTF Lambert II étendu", None),
        ("LAMBERT_93 ou UTM_N20", None),
    ],
)
def test_a_projection_is_known_under_all_its_names(text: str, epsg: int | None) -> None:
    named = positions.projection_named(text)
    assert (named and named.epsg) == epsg


def test_a_wrong_name_does_not_move_a_point_to_another_territory() -> None:
    """Les Abymes said to be in Lambert-93: only the projection of Guadeloupe puts it in Guadeloupe."""
    point = positions.projected(("657242.9", "1795384.4"), "L93_METROPOLE", "971")
    assert point == pytest.approx((16.234, -61.52874), abs=METRES)


def test_where_either_order_is_in_the_territory_the_commune_decides() -> None:
    """Ouanary, in the east of Guyane: its metres, swapped, are in Guyane too."""
    ouanary = (4.2113, -51.6686)
    east, north = "425783.2", "465516.1"
    assert positions.by_range([(east, north)], "973", "97314") == pytest.approx(ouanary, abs=1e-3)
    assert positions.by_range([(north, east)], "973", "97314") == pytest.approx(ouanary, abs=1e-3)
    assert positions.by_range([(north, east)], "973") != pytest.approx(ouanary, abs=1e-1)


def test_degrees_are_preferred_to_metres() -> None:
    pairs = [("5.254203", "46.211257"), ("6570414.61", "873766.07")]
    assert positions.by_range(pairs, "01") == (46.211257, 5.254203)
    assert positions.by_range(pairs[::-1], "01") == (46.211257, 5.254203)


@pytest.mark.parametrize(
    "pair",
    [("", ""), ("0", "0"), ("870262.2", ""), ("nan", "inf"), ("1e400", "-1e308"), ("12 RUE", "46,2"), ("1e30", "2")],
)
def test_what_is_no_point_of_the_territory_is_nothing(pair: positions.Pair) -> None:
    assert positions.projected(pair, "LAMBERT_93", "01") is None
    assert positions.by_range([pair], "01") is None


def test_a_decimal_comma_is_read() -> None:
    assert positions.by_range([("5,254203", "46,211257")], "01") == (46.211257, 5.254203)


@pytest.mark.parametrize(
    ("source", "centre"),
    [
        ("5,ATLASANTE,0,ADMIN-EXPRESS-COG,EPSG:2154 RGF93 / Lambert-93 (Métropole)", True),
        ("5,ATLASANTE,0,ADMIN_EXPRESS,L93_METROPOLE", True),
        ("1,ATLASANTE,96,BAN,LAMBERT_93", False),
    ],
)
def test_a_geocoder_of_territories_gives_the_middle_of_a_commune(source: str, centre: bool) -> None:
    assert positions.is_commune_centre(source) is centre


@pytest.mark.parametrize(
    ("department", "commune", "insee"),
    [
        ("31", "555", "31555"), ("1", "4", "01004"), ("2A", "004", "2A004"), ("9A", "101", "97101"),
        ("971", "101", "97101"), ("971", "01", "97101"), ("9D", "411", "97411"), ("9J", "613", "98613"),
        ("31", "", ""), ("", "555", "555"), ("9z", "555", "9Z555"),
    ],
)  # fmt: skip
def test_the_halves_of_a_commune_code_come_together(department: str, commune: str, insee: str) -> None:
    assert load_codes().commune(department, commune) == insee


@pytest.mark.parametrize(("code", "insee"), [("9F611", "97611"), ("2A004", "2A004"), ("31555", "31555"), ("", "")])
def test_the_codes_of_the_sae_become_insee_s(code: str, insee: str) -> None:
    assert load_codes().commune_of_sae(code) == insee


def test_a_mistake_in_the_table_of_codes_is_told(tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    assert text.count('private = ["2"]') == 1
    broken = tmp_path / "finess.toml"
    broken.write_text(text.replace('private = ["2"]', 'private = ["1"]').replace('"L93"]', '"("]'), "utf-8")
    with pytest.raises(DataError) as caught:
        load(broken, Codes)
    assert "sae_group" in str(caught.value)
    assert "«\u00a01\u00a0» a deux statuts" in str(caught.value)
    assert "n’est pas une expression régulière" in str(caught.value)
