"""Establishments as places on a map: where, how large, in which state, and what is said of each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt

from sunes import french
from sunes.programme import Programme
from sunes.roster import STATE_LABELS, Line, Roster, State
from sunes.tables import LEGAL_STATUS_LABELS

SMALLEST, _LARGEST = 11, 56  # diameters in pixels
_GROWTH = 0.13  # pixels per square root of activity: a mark's area grows with its activity
_STEP = 300  # metres between places that would lie on one another
_METRES_PER_DEGREE = 111_320
_GOLDEN_ANGLE = pi * (3 - sqrt(5))


@dataclass(frozen=True, slots=True)
class Place:
    """One establishment that has coordinates.

    Attributes
    ----------
    longitude, latitude
        In degrees; a little beside its own coordinates where others have the same ones.
    size
        The diameter of its mark, in pixels.
    said
        What the map says of it, as plain text in lines.
    """

    line: Line
    longitude: float
    latitude: float
    size: int
    state: State
    said: str


def shown(roster: Roster) -> tuple[Line, ...]:
    """The establishments that a map is about: eligible ones, and others that filed an application all the same."""
    applied = {line.finess for line in roster.lines if state(line, None) is not State.NOT_APPLICANT}
    return tuple(line for line in roster.lines if line.establishment["eligible"] or line.finess in applied)


def state(line: Line, volet: str | None) -> State:
    """Where a line stands in a volet or, for None, in the one where it is furthest."""
    return line.states[volet] if volet else min(line.states.values(), key=list(State).index)


def located(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Part the lines that have coordinates from those that have none."""
    placed = [line for line in lines if _position(line) is not None]
    return placed, [line for line in lines if _position(line) is None]


def places(lines: Sequence[Line], volet: str | None, programme: Programme) -> tuple[Place, ...]:
    """The lines that have coordinates, the largest first, so that small marks are drawn over large ones.

    Those with the same coordinates are set on a spiral, always in the same way, in the order of their numbers.
    """
    together: defaultdict[tuple[float, float], list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: line.finess):
        if position := _position(line):
            together[position].append(line)
    found = [
        Place(line, *_beside(position, rank), size(line), state(line, volet), said(line, programme))
        for position, neighbours in together.items()
        for rank, line in enumerate(neighbours)
    ]
    return tuple(sorted(found, key=lambda place: (-place.size, place.line.finess)))


def size(line: Line) -> int:
    """The diameter of a mark in pixels. An activity that is not known has the smallest."""
    return diameter(line.establishment["combined_activity"] or 0)


def diameter(activity: float) -> int:
    return round(min(_LARGEST, max(SMALLEST, _GROWTH * sqrt(activity))))


def said(line: Line, programme: Programme) -> str:
    """Name, place, state in each volet and activity, as plain text in lines."""
    establishment = line.establishment
    activity = establishment["combined_activity"]
    where = [establishment["commune_name"], LEGAL_STATUS_LABELS[establishment["legal_status"]]]
    texts = [
        line.name,
        " · ".join(filter(None, where)),
        *(f"Volet {programme.volet(volet).number} : {STATE_LABELS[found]}" for volet, found in line.states.items()),
        "Activité combinée non connue" if activity is None else f"Activité combinée : {french.number(activity, 0)}",
    ]
    if establishment["location_source"] == "commune":
        texts.append("Placé à la mairie de sa commune")
    return french.typographic("\n".join(texts))


def _position(line: Line) -> tuple[float, float] | None:
    longitude, latitude = line.establishment["longitude"], line.establishment["latitude"]
    return None if longitude is None or latitude is None else (longitude, latitude)


def _beside(position: tuple[float, float], rank: int) -> tuple[float, float]:
    """The place of rank 0 is the position itself, the others go round it, each about `_STEP` from its neighbours."""
    longitude, latitude = position
    radius, angle = _STEP * sqrt(rank) / _METRES_PER_DEGREE, rank * _GOLDEN_ANGLE
    narrow = max(0.01, cos(radians(latitude)))
    return round(longitude + radius * cos(angle) / narrow, 4), round(latitude + radius * sin(angle), 4)
