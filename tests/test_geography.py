"""Geography of France: every place is there, is where it should be, and its neighbours touch it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry import Point, shape

from sunes import geography
from sunes.errors import DataError, UsageError

OCCITANIE = {"09", "11", "12", "30", "31", "32", "34", "46", "48", "65", "66", "81", "82"}
ILE_DE_FRANCE = {"75", "77", "78", "91", "92", "93", "94", "95"}

REGION_PHRASES = {
    "01": ("de la Guadeloupe", "en Guadeloupe"),
    "02": ("de la Martinique", "en Martinique"),
    "03": ("de la Guyane", "en Guyane"),
    "04": ("de La Réunion", "à La Réunion"),
    "06": ("de Mayotte", "à Mayotte"),
    "11": ("d’Île-de-France", "en Île-de-France"),
    "24": ("du Centre-Val de Loire", "en Centre-Val de Loire"),
    "27": ("de Bourgogne-Franche-Comté", "en Bourgogne-Franche-Comté"),
    "28": ("de Normandie", "en Normandie"),
    "32": ("des Hauts-de-France", "dans les Hauts-de-France"),
    "44": ("du Grand Est", "dans le Grand Est"),
    "52": ("des Pays de la Loire", "dans les Pays de la Loire"),
    "53": ("de Bretagne", "en Bretagne"),
    "75": ("de Nouvelle-Aquitaine", "en Nouvelle-Aquitaine"),
    "76": ("d’Occitanie", "en Occitanie"),
    "84": ("d’Auvergne-Rhône-Alpes", "en Auvergne-Rhône-Alpes"),
    "93": ("de Provence-Alpes-Côte d’Azur", "en Provence-Alpes-Côte d’Azur"),
    "94": ("de Corse", "en Corse"),
}

DEPARTMENT_PHRASES = {
    "11": ("de l’Aude", "dans l’Aude"),
    "2A": ("de la Corse-du-Sud", "en Corse-du-Sud"),
    "23": ("de la Creuse", "dans la Creuse"),
    "28": ("d’Eure-et-Loir", "en Eure-et-Loir"),
    "30": ("du Gard", "dans le Gard"),
    "31": ("de la Haute-Garonne", "en Haute-Garonne"),
    "46": ("du Lot", "dans le Lot"),
    "48": ("de la Lozère", "en Lozère"),
    "65": ("des Hautes-Pyrénées", "dans les Hautes-Pyrénées"),
    "75": ("de Paris", "à Paris"),
    "77": ("de Seine-et-Marne", "en Seine-et-Marne"),
    "91": ("de l’Essonne", "dans l’Essonne"),
    "95": ("du Val-d’Oise", "dans le Val-d’Oise"),
    "974": ("de La Réunion", "à La Réunion"),
}

# Land area in km² (INSEE): a commune lost in the making would show, even in Paris.
AREAS = {"31": 6309, "66": 4116, "69": 3249, "75": 105, "92": 176, "93": 236, "94": 245, "974": 2504, "973": 83534}

Shapes = dict[str, shapely.Geometry]


@pytest.fixture(scope="module")
def departments() -> Shapes:
    return {feature["id"]: shape(feature["geometry"]) for feature in geography.department_shapes()["features"]}


@pytest.fixture(scope="module")
def regions() -> Shapes:
    return {feature["id"]: shape(feature["geometry"]) for feature in geography.region_shapes()["features"]}


def square_kilometres(area: shapely.Geometry) -> float:
    """On a sphere, by the cylindrical projection that keeps areas."""
    longitude, latitude = 0, 1

    def project(points: np.ndarray) -> np.ndarray:
        angles = np.radians(points)
        return 6371.0 * np.column_stack([angles[:, longitude], np.sin(angles[:, latitude])])

    return float(shapely.transform(area, project).area)


def test_every_commune_is_listed_once() -> None:
    table = geography.communes()
    kinds = dict(zip(*np.unique(table["kind"].to_pylist(), return_counts=True), strict=True))

    assert kinds == {"arrondissement": 45, "commune": 34_875}
    assert len(set(table["code"].to_pylist())) == table.num_rows
    assert all(name.strip() == name and name for name in table["name"].to_pylist())
    assert set(table["point_source"].to_pylist()) == {"town_hall", "polygon"}


def test_population_is_known_but_where_it_is_not() -> None:
    table = geography.communes()
    communes = table.filter(pc.equal(table["kind"], "commune"))
    unknown = communes.filter(pc.is_null(communes["population"]))

    # The municipal population of France without Mayotte, 2017, is 66.5 million.
    assert 66_000_000 < pc.sum(communes["population"]).as_py() < 67_000_000
    assert set(unknown["department_code"].to_pylist()) == {"60", "976"}
    in_paris = pc.and_(pc.equal(table["department_code"], "75"), pc.equal(table["kind"], "arrondissement"))
    parisians = pc.sum(table.filter(in_paris)["population"]).as_py()
    paris = geography.commune("75056")
    assert paris is not None
    assert parisians == paris.population


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("31555", "Toulouse"),
        ("76351", "Le Havre"),
        ("94038", "L'Haÿ-les-Roses"),
        ("97101", "Les Abymes"),
        ("17300", "La Rochelle"),
        ("60703", "Aux Marais"),
        ("66104", "Los Masos"),
        ("93066", "Saint-Denis"),
        ("69383", "Lyon 3e Arrondissement"),
        ("49126", "Orée d'Anjou"),
    ],
)
def test_names_carry_their_article_and_accents(code: str, name: str) -> None:
    commune = geography.commune(code)
    assert commune is not None
    assert commune.name == name


def test_toulouse_is_in_haute_garonne_in_occitanie(departments: Shapes) -> None:
    toulouse = geography.commune("31555")
    assert toulouse is not None
    assert (toulouse.department_code, toulouse.region_code, toulouse.kind) == ("31", "76", "commune")
    assert toulouse.population == 479_553
    assert departments["31"].contains(Point(toulouse.longitude, toulouse.latitude))


def test_every_commune_lies_in_its_box() -> None:
    table = geography.communes()
    south, west, north, east = (table[side].to_numpy() for side in ("south", "west", "north", "east"))
    latitude, longitude = table["latitude"].to_numpy(), table["longitude"].to_numpy()
    # A town hall may stand just over the border (half a kilometre at most).
    margin = 0.006

    assert ((south < north) & (west < east)).all()
    assert ((south - margin <= latitude) & (latitude <= north + margin)).all()
    assert ((west - margin <= longitude) & (longitude <= east + margin)).all()
    # The largest communes of France are in Guyane (Maripasoula: 18 360 km²).
    overseas = np.array([code.startswith("973") for code in table["department_code"].to_pylist()])
    assert (north - south)[~overseas].max() < 0.6
    assert (north - south)[overseas].max() > 1


@pytest.mark.parametrize(
    ("latitude", "longitude", "kilometres", "tolerance"),
    [
        (43.6, 1.44, 0, 0),  # within Toulouse
        (43.669, 1.516, 0, 0),  # its very corner
        (44.669, 1.44, 111.2, 0.1),  # a degree north
        (43.6, 2.516, 80.5, 0.2),  # a degree east, which is shorter
        (48.8566, 2.3522, 580, 2),  # Paris
        (-20.88, 55.45, 9100, 200),  # Saint-Denis de La Réunion
    ],
)
def test_how_far_a_point_is_from_a_commune(
    latitude: float, longitude: float, kilometres: float, tolerance: float
) -> None:
    toulouse = geography.commune("31555")
    assert toulouse is not None
    assert toulouse.distance_km(latitude, longitude) == pytest.approx(kilometres, abs=tolerance)


def test_a_code_that_is_no_commune_today_is_none() -> None:
    assert geography.commune("93059") is None
    assert geography.commune("") is None


@pytest.mark.parametrize(
    ("code", "department"),
    [
        ("31555", "31"), ("2A004", "2A"), ("2B033", "2B"), ("97411", "974"), ("98735", "987"), ("01001", "01"),
        ("3155", None), ("315555", None), ("2C004", None), ("Paris", None), ("", None),
    ],
)  # fmt: skip
def test_the_department_reads_from_the_commune_code(code: str, department: str | None) -> None:
    assert geography.department_code(code) == department


def test_codes_of_communes_departments_and_regions_agree() -> None:
    departments = geography.departments()
    for row in geography.communes().select(["code", "department_code", "region_code"]).to_pylist():
        assert geography.department_code(row["code"]) == row["department_code"]
        assert departments[row["department_code"]].region_code == row["region_code"]


def test_all_departments_and_regions_are_there(departments: Shapes, regions: Shapes) -> None:
    assert len(geography.departments()) == 101
    assert len(geography.regions()) == 18
    assert list(departments) == list(geography.departments())
    assert list(regions) == list(geography.regions())
    assert {d.region_code for d in geography.departments().values()} == set(geography.regions())


@pytest.mark.parametrize(("region", "expected"), [("76", OCCITANIE), ("11", ILE_DE_FRANCE)])
def test_the_21_departments_belong_to_their_region(region: str, expected: set[str]) -> None:
    assert {d.code for d in geography.departments().values() if d.region_code == region} == expected
    assert {feature["id"] for feature in geography.department_shapes([region])["features"]} == expected
    assert [feature["id"] for feature in geography.region_shapes([region])["features"]] == [region]


def test_shapes_carry_the_names_of_their_territories() -> None:
    for collection, territories in (
        (geography.department_shapes(), geography.departments()),
        (geography.region_shapes(), geography.regions()),
    ):
        for feature in collection["features"]:
            territory = territories[feature["id"]]
            assert feature["properties"] == {
                "code": territory.code,
                "name": territory.name,
                "region_code": territory.region_code,
            }


@pytest.mark.parametrize(("code", "phrases"), REGION_PHRASES.items())
def test_regions_read_well_in_a_sentence(code: str, phrases: tuple[str, str]) -> None:
    assert (geography.of_region(code), geography.in_region(code)) == phrases
    assert phrases[0].endswith(geography.regions()[code].name)


@pytest.mark.parametrize(("code", "phrases"), DEPARTMENT_PHRASES.items())
def test_departments_read_well_in_a_sentence(code: str, phrases: tuple[str, str]) -> None:
    assert (geography.of_department(code), geography.in_department(code)) == phrases


def test_every_territory_has_a_well_typeset_name() -> None:
    for territory in (*geography.regions().values(), *geography.departments().values()):
        assert territory.name
        assert territory.of.endswith(territory.name)
        assert territory.of.startswith(("de ", "d’", "du ", "des "))
        assert territory.within.endswith(territory.name)
        assert territory.within.startswith(("en ", "dans l", "à "))
        assert "'" not in territory.of + territory.within


def test_an_unknown_territory_is_a_question_to_correct() -> None:
    with pytest.raises(UsageError, match="Aucune région n’a le code «\u00a0999\u00a0»"):
        geography.of_region("999")
    with pytest.raises(UsageError, match="Aucun département n’a le code «\u00a020\u00a0»"):
        geography.in_department("20")


def test_every_shape_is_valid_and_of_the_right_size(departments: Shapes, regions: Shapes) -> None:
    for polygon in (*departments.values(), *regions.values()):
        assert polygon.is_valid
        assert polygon.geom_type in ("Polygon", "MultiPolygon")
    for code, area in AREAS.items():
        assert square_kilometres(departments[code]) == pytest.approx(area, rel=0.02)


def test_outer_rings_run_clockwise_as_d3_wants_them(departments: Shapes, regions: Shapes) -> None:
    for polygon in (*departments.values(), *regions.values()):
        for part in shapely.get_parts(polygon):
            assert not part.exterior.is_ccw
            assert all(ring.is_ccw for ring in part.interiors)


def test_neighbours_have_neither_gap_nor_overlap(departments: Shapes, regions: Shapes) -> None:
    polygons = np.array(list(departments.values()))
    france = shapely.union_all(polygons)
    assert shapely.coverage_is_valid(polygons)
    assert shapely.coverage_is_valid(np.array(list(regions.values())))
    assert shapely.area(polygons).sum() == pytest.approx(france.area, rel=1e-9)

    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    shared = shapely.area(shapely.intersection(polygons[one], polygons[other]))
    assert shared[one != other].max() < 1e-9

    # The only hole in France is Llívia, a Spanish town within Pyrénées-Orientales.
    holes = [ring for part in shapely.get_parts(france) for ring in part.interiors]
    assert len(holes) == 1
    assert shapely.Polygon(holes[0]).contains(Point(1.98, 42.465))


def test_regions_are_exactly_their_departments(departments: Shapes, regions: Shapes) -> None:
    for code, region in regions.items():
        members = [departments[d.code] for d in geography.departments().values() if d.region_code == code]
        assert shapely.union_all(members).symmetric_difference(region).area < 1e-9


def test_every_commune_lies_in_its_department(departments: Shapes) -> None:
    table = geography.communes()
    points = shapely.points(table["longitude"].to_numpy(), table["latitude"].to_numpy())
    codes = np.array(table["department_code"].to_pylist())
    for code, polygon in departments.items():
        mine = points[codes == code]
        shapely.prepare(polygon)
        assert mine.size > 0
        # Some 3 km: shapes are simplified, and a town hall may stand just over the border.
        assert shapely.dwithin(polygon, mine, 0.03).all(), code


def test_the_files_stay_small_and_credited() -> None:
    files = list(geography.GEOGRAPHY.iterdir())
    assert sum(file.stat().st_size for file in files) <= 4_000_000
    assert geography.CREDIT in (geography.GEOGRAPHY / "ATTRIBUTION.md").read_text(encoding="utf-8")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in the place of the reference files."""

    def forget() -> None:
        for cached in vars(geography).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()

    monkeypatch.setattr(geography, "GEOGRAPHY", tmp_path)
    forget()
    yield tmp_path
    forget()


READERS: list[tuple[str, Callable[[], object]]] = [
    ("communes.parquet", geography.communes),
    ("territories.toml", geography.regions),
    ("territories.toml", geography.departments),
    ("departments.geojson", geography.department_shapes),
    ("regions.geojson", geography.region_shapes),
]


@pytest.mark.parametrize(("name", "read"), READERS)
def test_a_missing_file_is_named(name: str, read: Callable[[], object], elsewhere: Path) -> None:
    with pytest.raises(DataError, match=f"{name}.*manque"):
        read()


@pytest.mark.parametrize(("name", "read"), READERS)
def test_a_truncated_file_is_named(name: str, read: Callable[[], object], elsewhere: Path) -> None:
    whole = (Path(geography.__file__).parent.parent / "data" / "reference" / "geography" / name).read_bytes()
    (elsewhere / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=name):
        read()


def test_a_file_that_lacks_a_column_or_a_property_is_named(elsewhere: Path) -> None:
    pq.write_table(pa.table({"code": ["31555"]}), elsewhere / "communes.parquet")
    feature = {"type": "Feature", "id": "76", "properties": {"code": "76"}, "geometry": None}
    (elsewhere / "regions.geojson").write_text(json.dumps({"features": [feature]}), encoding="utf-8")

    with pytest.raises(DataError, match=r"communes\.parquet.*region_code"):
        geography.communes()
    with pytest.raises(DataError, match=r"regions\.geojson.*incomplet"):
        geography.region_shapes()
