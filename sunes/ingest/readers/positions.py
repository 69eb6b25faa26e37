"""Coordinates as files give them, whatever they call their projection or leave unsaid, as degrees (WGS 84)."""

import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pyproj import Transformer

from sunes.ingest.places import FAR_KM, find_commune
from sunes.ingest.readers.finess_codes import Projection, load_codes
from sunes.ingest.reading import Reading

# A geocoder that only knew the commune says so: ADMIN EXPRESS holds territories, not addresses.
_COMMUNE_CENTRE = re.compile(r"ADMIN[ _-]?EXPRESS", re.IGNORECASE)


class Point(NamedTuple):
    """A place on the Earth, in degrees (WGS 84)."""

    latitude: float
    longitude: float


# Two coordinates as a file writes them, in the order of the file.
Pair = tuple[str, str]


def projection_named(text: str) -> Projection | None:
    """The projection that a text names; None where it names none, or several."""
    named = [projection for projection in load_codes().projections if projection.pattern.search(text)]
    return named[0] if len(named) == 1 else None


def is_commune_centre(source: str) -> bool:
    """Whether FINESS's `sourcecoordet` says that a point is the middle of its commune."""
    return _COMMUNE_CENTRE.search(source) is not None


def projected(pair: Pair, source: str, department: str) -> Point | None:
    """The point whose coordinates FINESS gives in metres, east then north.

    Parameters
    ----------
    source
        What names the projection: the end of `sourcecoordet`. Where it names none that puts the point in its
        territory, the legal projection of the département is tried.
    department
        INSEE code.

    Returns
    -------
    None where the coordinates are no numbers, or lie nowhere in the territory of either projection.
    """
    numbers = _numbers(pair)
    tried = (projection_named(source), load_codes().projection(department))
    return numbers and next((p for projection in tried if projection for p in _within(projection, *numbers)), None)


def by_range(pairs: Iterable[Pair], department: str, commune: str = "") -> Point | None:
    """The point of an address whose coordinates may be degrees or metres, and stand in either order.

    Of these readings one puts the point in its territory: a latitude of France is no longitude of France, nor are
    metres degrees. In the east of Guyane metres do so in either order; then the commune decides. Degrees come first:
    they need no conversion.

    Parameters
    ----------
    pairs
        The coordinates that the address gives; those that are no numbers are passed over.
    department, commune
        INSEE codes. The département's legal projection is the one that metres are in, and where the point must be.
    """
    projection, place = load_codes().projection(department), find_commune(commune)
    numbers = [found for found in map(_numbers, pairs) if found]
    both_ways = [order for one, other in numbers for order in ((one, other), (other, one))]
    degrees = [Point(y, x) for x, y in both_ways if projection.holds(y, x)]
    points = degrees or [point for x, y in both_ways for point in _within(projection, x, y)]
    return min(points, key=lambda point: place is not None and place.distance_km(*point) > FAR_KM, default=None)


def located(
    reading: Reading, line: int, commune: str, point: Point | None, given: str, centre: bool = False
) -> dict[str, str]:
    """Where an establishment is, as cells of the contract; what had to be chosen is a repair of the reading.

    Without a point it is at the town hall (`places.complete` sees to that), or nowhere where the commune is not one of
    today's: the département, which is known, is enough to count it.

    Parameters
    ----------
    commune
        INSEE code.
    given
        The coordinates as the file writes them, empty where it gives none.
    centre
        Whether the point is known to be the middle of the commune.
    """
    if point:
        source = {"location_source": "commune"} if centre else {}
        return {"latitude": f"{point.latitude:.6f}", "longitude": f"{point.longitude:.6f}", **source}
    today = find_commune(commune) is not None
    if given:
        column = reading.origin("latitude")
        where = "est placé à la mairie" if today else "reste sans position"
        message = f"ces coordonnées ne sont pas celles d’un point du territoire : l’établissement {where}."
        reading.repair(message, line, column, given)
    elif not today and commune:
        message = "cette commune n’existe plus : l’établissement compte dans son département, sans position."
        reading.repair(message, line, reading.origin("commune_code"), commune)
    return {} if today else {"location_source": "none"}


def _numbers(pair: Pair) -> tuple[float, float] | None:
    try:
        one, other = (float(text.replace(",", ".")) for text in pair)
    except ValueError:
        return None
    return (one, other) if math.isfinite(one) and math.isfinite(other) else None


def _within(projection: Projection, x: float, y: float) -> Iterator[Point]:
    """The point at `x` metres east and `y` metres north, if it is in the territory of the projection."""
    longitude, latitude = _transformer(projection.epsg).transform(x, y)
    if projection.holds(latitude, longitude):
        yield Point(latitude, longitude)


@lru_cache
def _transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(epsg, 4326, always_xy=True)
