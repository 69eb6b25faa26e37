"""What publishing would change in the figures, by region and volet: old, new, and by how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sunes import french, metrics
from sunes.definitions import Metric
from sunes.engine import Frames
from sunes.metrics import Row
from sunes.programme import Programme
from sunes.tables import key_text
from sunes.view import View

# The figures that are looked at, those of a region first, then those that need a volet.
_OF_REGION = ("eligible", "applicants", "accepted", "participation_rate")
_OF_VOLET = ("applicants", "accepted", "evaluated", "attained", "attainment_rate", "gap_establishments")


@dataclass(frozen=True, slots=True)
class Effect:
    """One figure of one region (and volet) in two states; None where it has no meaning or the region is not there."""

    region: str
    volet: str | None
    metric: str
    before: float | None
    after: float | None

    @property
    def changes(self) -> bool:
        return self.before != self.after


def effects(before: Frames | None, after: Frames, programme: Programme) -> tuple[Effect, ...]:
    """Every figure that is looked at, changed or not. `before` is None where there is nothing to compare with."""
    found = []
    for by, names in ((("region",), _OF_REGION), (("region", "volet"), _OF_VOLET)):
        was, now = (_rows(frames, by, programme) for frames in (before, after))
        for key in sorted(was.keys() | now.keys()):
            old, new = was.get(key, {}), now.get(key, {})
            volet = key[1] if len(key) > 1 else None
            found += [Effect(key[0], volet, name, old.get(name), new.get(name)) for name in names]
    return tuple(sorted(found, key=lambda effect: effect.region))


def _rows(frames: Frames | None, by: tuple[str, ...], programme: Programme) -> dict[tuple[str, ...], Row]:
    if frames is None:
        return {}
    rows = metrics.answer(frames, View(), by, programme=programme).rows
    return {tuple(row[key] for key in by): row for row in rows}


def finding(found: tuple[Effect, ...]) -> str:
    """In one sentence, how much would change."""
    changed = sum(effect.changes for effect in found)
    if not changed:
        return "Aucun des chiffres ne change."
    regions = len({effect.region for effect in found if effect.changes})
    what = french.count(changed, "chiffre change", "chiffres changent")
    return french.typographic(f"{what}, dans {french.count(regions, 'région')}.")


def records(
    found: tuple[Effect, ...], definitions: Mapping[str, Metric], programme: Programme, unchanged: bool = False
) -> list[dict[str, str]]:
    """The effects as a table that people read; only those that change something, unless `unchanged`."""
    return [_record(effect, definitions[effect.metric], programme) for effect in found if effect.changes or unchanged]


def _record(effect: Effect, metric: Metric, programme: Programme) -> dict[str, str]:
    keys: dict[str, Any] = {"region": effect.region, "volet": effect.volet}
    return {
        "Région": key_text("region", keys, programme),
        "Volet": key_text("volet", keys, programme) if effect.volet else "Tous",
        "Chiffre": metric.short,
        "Avant": french.in_table(metric.format(effect.before)),
        "Après": french.in_table(metric.format(effect.after)),
        "Écart": french.in_table(_difference(effect, metric)),
    }


def _difference(effect: Effect, metric: Metric) -> str:
    if effect.before is None or effect.after is None:
        return french.UNKNOWN_MARK if effect.changes else ""
    difference = effect.after - effect.before
    if metric.unit == "rate":
        return french.points(difference)
    return french.change(difference)
