"""The fictitious establishments, in real communes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import cos, radians, sqrt
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sunes.errors import DataError, Problem
from sunes.simulation.draws import Draws
from sunes.simulation.settings import FILE, Closure, Kind, Location, Names, Settings


@dataclass(frozen=True, slots=True)
class Establishment:
    """One establishment over the whole history.

    `size` is what the establishment really does, where `combined_activity` is what the register knows of it;
    `quality` how far its usages are from those of the others (1 = 100 points).
    """

    finess: str
    name: str
    level: str
    finess_ej: str | None
    region_code: str
    department_code: str
    commune_code: str
    commune_name: str
    legal_status: str
    activities: tuple[str, ...]
    combined_activity: float | None
    latitude: float | None
    longitude: float | None
    location_source: str
    eligible: bool
    kind: Kind
    size: float
    quality: float
    closure: Closure | None = None
    next_status: tuple[date, str] | None = None

    def open_on(self, day: date) -> bool:
        return self.closure is None or day < self.closure.on

    def status_on(self, day: date) -> str:
        return self.next_status[1] if self.next_status and self.next_status[0] <= day else self.legal_status


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in the register to be filled."""

    region: str
    department: str
    eligible: bool = True
    closure: Closure | None = None


@dataclass(frozen=True, slots=True)
class _Places:
    """The communes of one département that can have an establishment, by code."""

    rows: list[dict[str, Any]]
    weights: list[float]


def establishments(settings: Settings, communes: pa.Table) -> tuple[Establishment, ...]:
    """Every establishment of the history, in the order of its key: eligible, closing and not eligible ones.

    `communes` has the columns of `sunes.geography.communes`. Raises DataError where there are not enough names or
    places, or where nothing can change its legal status as the settings want.
    """
    slots = list(_slots(settings))
    names = _names(settings.names, Draws(settings.seed, "names"))
    if len(names) < len(slots):
        message = f"{len(names)} noms ne suffisent pas à {len(slots)} établissements ; ajoutez-en."
        raise DataError(Problem(message, FILE.name, key="names"))
    departments = dict.fromkeys(slot.department for slot in slots)
    places = {department: _places(settings.location, communes, department) for department in departments}
    register: list[Establishment] = []
    for number, (slot, name) in enumerate(zip(slots, names, strict=False), start=1):
        register.append(_establishment(settings, number, slot, name, places[slot.department], register))
    for change in settings.status_changes:
        wanted = (change.department, change.before, True)
        found = [i for i, e in enumerate(register) if (e.department_code, e.legal_status, e.eligible) == wanted]
        if not found:
            message = "aucun établissement ne peut changer ainsi de statut ; changez le département."
            raise DataError(Problem(message, FILE.name, key="status_changes", value=change.department))
        register[found[0]] = replace(register[found[0]], next_status=(change.on, change.after))
    return tuple(sorted(register, key=lambda establishment: establishment.finess))


def _slots(settings: Settings) -> Iterator[_Slot]:
    for territory in settings.territories:
        for department, count in territory.eligible.items():
            for closure in settings.closures:
                if closure.department == department:
                    yield _Slot(territory.region, department, closure=closure)
            for _ in range(count):
                yield _Slot(territory.region, department)
        draws = Draws(settings.seed, "not eligible", territory.region)
        departments, counts = list(territory.eligible), list(territory.eligible.values())
        for _ in range(territory.not_eligible):
            yield _Slot(territory.region, draws.weighted(departments, counts), eligible=False)


def _names(names: Names, draws: Draws) -> list[str]:
    """Every name that the lists make, in a drawn order: « des Trois Nuages », « du Phare Rêveur »."""
    made = [f"des {number} {plural}" for number in names.numbers for plural in names.plurals]
    made += [f"{place} {masculine}" for place in names.masculine for masculine, _ in names.adjectives]
    made += [f"{place} {feminine}" for place in names.feminine for _, feminine in names.adjectives]
    return draws.shuffled(list(dict.fromkeys(made)))


def _places(location: Location, communes: pa.Table, department: str) -> _Places:
    rows = communes.filter(pc.equal(communes["department_code"], department)).sort_by("code").to_pylist()
    rows = [
        row
        for row in rows
        if row["code"] not in location.replaced_communes and (row["population"] or 0) >= location.minimum_population
    ]
    if not rows:
        message = "aucune commune de ce département n’est assez peuplée ; abaissez « minimum_population »."
        raise DataError(Problem(message, FILE.name, key="location", value=department))
    return _Places(rows, [row["population"] for row in rows])


def _establishment(
    settings: Settings, number: int, slot: _Slot, name: str, places: _Places, register: Sequence[Establishment]
) -> Establishment:
    draws = Draws(settings.seed, "establishment", slot.department, number)
    kinds = [
        kind
        for kind in (settings.kinds if slot.eligible else settings.not_eligible_kinds)
        if not kind.departments or slot.department in kind.departments
    ]
    kind = draws.weighted(kinds, [kind.weight for kind in kinds])
    status = draws.weighted(list(kind.statuses), list(kind.statuses.values()))
    optional = [activity for activity, probability in kind.optional.items() if draws.chance(probability)]
    size = float(round(draws.lognormal(kind.activity_median, kind.activity_spread)))
    level = "EJ" if draws.chance(kind.entity_level) else "ET"
    commune = draws.weighted(places.rows, places.weights)
    latitude, longitude, source = _position(settings.location, draws, commune)
    quality = kind.usage + settings.effect(slot.department).usage
    entity = settings.keys.entity if level == "EJ" else settings.keys.establishment
    return Establishment(
        finess=_key(entity, number),
        name=f"{kind.title} {name}",
        level=level,
        finess_ej=None if level == "EJ" else _entity(settings, draws, number, slot, status, register),
        region_code=slot.region,
        department_code=slot.department,
        commune_code=commune["code"],
        commune_name=commune["name"],
        legal_status=status,
        activities=tuple(sorted((*kind.activities, *optional))),
        combined_activity=None if draws.chance(settings.details.activity_unknown) else size,
        latitude=latitude,
        longitude=longitude,
        location_source=source,
        eligible=slot.eligible,
        kind=kind,
        size=size,
        quality=quality + settings.usages.establishment_spread * draws.normal(),
        closure=slot.closure,
    )


def _key(prefix: str, number: int) -> str:
    return f"{prefix}{number:0{9 - len(prefix)}d}"


def _entity(
    settings: Settings, draws: Draws, number: int, slot: _Slot, status: str, register: Sequence[Establishment]
) -> str:
    """Its own legal entity, or the one of a neighbour of the same status."""
    neighbours = [
        e for e in register if (e.department_code, e.legal_status) == (slot.department, status) and e.finess_ej
    ]
    if neighbours and draws.chance(settings.details.shares_entity):
        return str(neighbours[-1].finess_ej)
    return _key(settings.keys.entity, number)


def _position(location: Location, draws: Draws, commune: dict[str, Any]) -> tuple[float | None, float | None, str]:
    """Latitude, longitude and where they come from: a point of the disc round the town hall, or the town hall."""
    east, north = draws.between(-1, 1), draws.between(-1, 1)
    while east * east + north * north > 1:
        east, north = draws.between(-1, 1), draws.between(-1, 1)
    source = draws.weighted(
        ("none", "commune", "register"),
        (location.unknown, location.from_commune, 1 - location.unknown - location.from_commune),
    )
    if source == "none":
        return None, None, source
    latitude, longitude = commune["latitude"], commune["longitude"]
    if source == "commune":
        return latitude, longitude, source
    radius = min(location.largest_radius_km, location.radius_km_per_root_inhabitant * sqrt(commune["population"]))
    degrees = radius / location.kilometres_per_degree
    return (
        round(latitude + degrees * north, 5),
        round(longitude + degrees * east / cos(radians(latitude)), 5),
        source,
    )
