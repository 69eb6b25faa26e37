"""Outlines with as many points as a map can show: neighbours go on sharing their border."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any

from sunes import geography

Point = tuple[float, float]
Ring = list[Point]

# Overseas; every other region is seen from its neighbours.
OVERSEAS = ("01", "02", "03", "04", "06")

_KM_PER_DEGREE = 111.32
_LAND_TOLERANCE = 0.01  # about a kilometre: two pixels of a region


@cache
def departments(regions: tuple[str, ...], tolerance: float) -> tuple[dict[str, Any], ...]:
    """The départements of these regions as GeoJSON features, accurate to `tolerance` degrees of latitude.

    What is returned is shared: do not modify it.
    """
    return _simplified(geography.department_shapes(regions)["features"], tolerance)


@cache
def regions(codes: tuple[str, ...], tolerance: float) -> tuple[dict[str, Any], ...]:
    """The same for regions."""
    return _simplified(geography.region_shapes(codes)["features"], tolerance)


def land() -> tuple[dict[str, Any], ...]:
    """Metropolitan France, coarse, by region: what lies around the regions of a map."""
    return regions(tuple(code for code in geography.regions() if code not in OVERSEAS), _LAND_TOLERANCE)


def bounds(features: Collection[dict[str, Any]]) -> tuple[float, float, float, float]:
    """West, south, east and north of some features, in degrees."""
    points = [point for feature in features for ring in _rings(feature) for point in ring]
    longitudes, latitudes = zip(*points, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def size(west: float, south: float, east: float, north: float) -> tuple[float, float]:
    """Width (half-way up) and height of bounds in degrees, in kilometres."""
    return (east - west) * _KM_PER_DEGREE * cos(radians((south + north) / 2)), (north - south) * _KM_PER_DEGREE


def middle(feature: dict[str, Any]) -> tuple[float, float]:
    """The centre of gravity of the largest polygon of a feature."""
    return max(_gravity(polygon[0]) for polygon in _polygons(feature))[1]


def _gravity(ring: Ring) -> tuple[float, Point]:
    """The area that a ring encloses, in square degrees, and its centre."""
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in pairwise(ring):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross / 2, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return abs(area), (round(x / (6 * area), 3), round(y / (6 * area), 3))


def _simplified(features: Sequence[dict[str, Any]], tolerance: float) -> tuple[dict[str, Any], ...]:
    """Each feature with fewer points. An arc between two features is simplified once, so both keep the same border."""
    owners: defaultdict[frozenset[Point], set[str]] = defaultdict(set)
    for feature in features:
        for ring in _rings(feature):
            for side in pairwise(ring):
                owners[frozenset(side)].add(feature["id"])

    def simplify(ring: Ring) -> Ring:
        simple = [point for arc in _arcs(ring, owners) for point in _thinned(arc, tolerance)[:-1]]
        return [*simple, simple[0]] if len(simple) > 2 else []

    result = []
    for feature in features:
        polygons = [[simplify(ring) for ring in polygon] for polygon in _polygons(feature)]
        # An islet that is smaller than the tolerance goes, its holes with it.
        kept = [[ring for ring in polygon if ring] for polygon in polygons if polygon[0]]
        result.append(
            {
                "type": "Feature",
                "id": feature["id"],
                "properties": feature["properties"],
                "geometry": {"type": "MultiPolygon", "coordinates": kept},
            }
        )
    return tuple(result)


def _arcs(ring: Ring, owners: dict[frozenset[Point], set[str]]) -> Iterator[Ring]:
    """A ring cut where its neighbour changes."""
    points = ring[:-1]
    beside = [owners[frozenset(side)] for side in pairwise(ring)]
    # A ring with one neighbour all round begins where that neighbour's ring would.
    knots = [i for i in range(len(points)) if beside[i - 1] != beside[i]] or [points.index(min(points))]
    turned = points[knots[0] :] + points[: knots[0]] + [points[knots[0]]]
    places = [knot - knots[0] for knot in knots] + [len(points)]
    for start, end in pairwise(places):
        yield turned[start : end + 1]


def _thinned(arc: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker's line simplification, the same whichever way the arc is followed."""
    flipped = arc[:2] > arc[::-1][:2]
    points = arc[::-1] if flipped else arc
    kept, open_spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        apart, farthest = max((_distance(points[i], points[first], points[last]), i) for i in range(first + 1, last))
        if apart > tolerance:
            kept.add(farthest)
            open_spans += [(first, farthest), (farthest, last)]
    simple = [points[i] for i in sorted(kept)]
    return simple[::-1] if flipped else simple


def _distance(point: Point, start: Point, end: Point) -> float:
    """From a point to a segment, in degrees of latitude."""
    narrow = cos(radians(start[1]))
    x, y = (point[0] - start[0]) * narrow, point[1] - start[1]
    along_x, along_y = (end[0] - start[0]) * narrow, end[1] - start[1]
    length = along_x**2 + along_y**2
    share = max(0.0, min(1.0, (x * along_x + y * along_y) / length)) if length else 0.0
    return hypot(x - share * along_x, y - share * along_y)


def _polygons(feature: dict[str, Any]) -> list[list[Ring]]:
    geometry = feature["geometry"]
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[[(x, y) for x, y in ring] for ring in polygon] for polygon in polygons]


def _rings(feature: dict[str, Any]) -> Iterator[Ring]:
    for polygon in _polygons(feature):
        yield from polygon
