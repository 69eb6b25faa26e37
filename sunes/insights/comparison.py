"""Territories side by side: where each stands in a rate, how sure that is, and what to say of it.

Every count and rate comes from an answer; only intervals are derived here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sunes import french, statistics
from sunes.definitions import Metric
from sunes.insights.headlines import NOT_EVALUATED
from sunes.metrics import Answer, Row, known_value
from sunes.programme import Programme, Volet
from sunes.statistics import Interval
from sunes.tables import key_text
from sunes.view import View

Level = Literal["region", "department"]

LEVEL_LABELS: Mapping[Level, str] = {"region": "Régions", "department": "Départements"}
CUTS: Mapping[Level, tuple[str, ...]] = {"region": ("region",), "department": ("region", "department")}
NOUNS: Mapping[Level, str] = {"region": "région", "department": "département"}

_INTERVAL = "Trait : intervalle à 95 % (Wilson), long quand l’effectif est petit."
HOW_TO_READ: Mapping[Level, str] = {
    "region": french.typographic(_INTERVAL),
    "department": french.typographic(f"Losange : la région ; point : un département. {_INTERVAL}"),
}

# Up to so many territories, a title names them all.
FEW = 3

# Why a rate has no value: its denominator is empty. In a sentence, and beside a mark.
_NOTHING = {
    "participation_rate": ("aucun établissement éligible", "aucun éligible"),
    "acceptance_rate": ("aucun dossier instruit", "aucun dossier"),
    "attainment_rate": ("aucun établissement retenu", "aucun retenu"),
}


@dataclass(frozen=True)
class Rate:
    """What territories are compared by: a rate, of one volet (at `rank` in the programme) or of none."""

    metric: Metric
    volet: Volet | None = None
    rank: int = 0

    @property
    def id(self) -> str:
        return f"{self.metric.id}-{self.volet.id}" if self.volet else self.metric.id

    @property
    def label(self) -> str:
        return f"Atteinte du volet {self.volet.number}" if self.volet else self.metric.short

    @property
    def nothing(self) -> str:
        """Why the rate has no value where its denominator is 0."""
        return _NOTHING[self.metric.id][0]

    @property
    def nothing_short(self) -> str:
        return _NOTHING[self.metric.id][1]

    @property
    def columns(self) -> tuple[str, ...]:
        """The metrics that a table of this rate shows."""
        parts = [part.add for part in (self.metric.denominator, self.metric.numerator) if part]
        counts = dict.fromkeys(name for part in parts for name in part)
        return (*counts, self.metric.id, *(("target_rate", "gap_establishments") if self.volet else ()))


@dataclass(frozen=True, slots=True)
class Standing:
    """One territory in one rate: `part` out of `whole` (establishments or dossiers).

    `waiting`: nobody is evaluated yet. `rate` is None then, and when `whole` is 0. `interval` (Wilson, 95 %) is None as
    well when there are more of the part than of the whole, which happens where establishments applied that are not held
    eligible. `reached` says whether the target is reached, None where there is none or nothing to hold against it.
    """

    level: Level
    code: str
    name: str
    region: str
    part: int
    whole: int
    rate: float | None
    interval: Interval | None
    target: float | None
    reached: bool | None
    waiting: bool = False

    @property
    def clearly_below(self) -> bool:
        """Whether the whole interval lies under the target."""
        if self.interval is None or self.target is None:
            return False
        return self.interval.high < self.target


def rates(view: View, programme: Programme, definitions: Mapping[str, Metric]) -> tuple[Rate, ...]:
    """What a View can be compared by: participation, acceptance, and the attainment of each volet that it asks for."""
    attainment = definitions["attainment_rate"]
    return (
        Rate(definitions["participation_rate"]),
        Rate(definitions["acceptance_rate"]),
        *(
            Rate(attainment, volet, rank)
            for rank, volet in enumerate(programme.volets)
            if view.volet in (None, volet.id)
        ),
    )


def first_level(regions: Sequence[str]) -> Level:
    """What to compare unless told otherwise: regions or, of a single one, its départements."""
    return "region" if len(regions) > 1 else "department"


def named(region: str, view: View) -> str:
    """The name of a region, or that of the part of it that a View has chosen: « Occitanie (sélection) »."""
    return f"{region} (sélection)" if view.departments or view.finess else region


def standings(rate: Rate, answer: Answer, programme: Programme) -> tuple[Standing, ...]:
    """Where each territory of an answer (by region, or by region and department) stands, in the answer's order."""
    level: Level = "department" if "department" in answer.by else "region"
    return tuple(_standing(rate, row, level, row[level], key_text(level, row, programme)) for row in answer.rows)


def overall(rate: Rate, answer: Answer) -> Standing:
    """Where all of a View stands together; `answer` has one row, without a territory."""
    (row,) = answer.rows
    return _standing(rate, row, "region", "", "Ensemble")


def _standing(rate: Rate, row: Row, level: Level, code: str, name: str) -> Standing:
    numerator, denominator = rate.metric.numerator, rate.metric.denominator
    part, whole = (int(side.value(row) or 0) if side else 0 for side in (numerator, denominator))
    target = row["target_rate"] if rate.volet else None
    waiting = rate.volet is not None and bool(whole) and not row["evaluated"]
    return Standing(
        level=level,
        code=code,
        name=name,
        region=row.get("region", ""),
        part=part,
        whole=whole,
        rate=known_value(row, rate.metric.id),
        interval=statistics.wilson(part, whole) if part <= whole and not waiting else None,
        target=target,
        reached=None if target is None or not whole or waiting else row["gap_establishments"] == 0,
        waiting=waiting,
    )


def ranked(rate: Rate, groups: Answer, members: Answer, order: Sequence[str], programme: Programme) -> list[Standing]:
    """Each region of `groups` in the `order` of codes, followed by its départements, the highest rate first.

    `members` is an answer by region and department; where it is one by region as well, there are no départements.
    """
    by_code = {
        group.code: replace(group, name=named(group.name, groups.view)) for group in standings(rate, groups, programme)
    }
    below = standings(rate, members, programme) if "department" in members.by else ()
    by_rate = sorted(below, key=lambda member: (member.rate is None, -(member.rate or 0), member.code))
    return [
        each for code in order for each in (by_code[code], *(member for member in by_rate if member.region == code))
    ]


# Findings ------------------------------------------------------------------------------------------------------------


def finding(rate: Rate, rows: Sequence[Standing]) -> str:
    """What a comparison shows, as a title: against the target if there is one, else from end to end.

    It is about the départements, if there are any among the rows.
    """
    finest = [row for row in rows if row.level == "department"] or rows
    known = [each for each in finest if each.rate is not None]
    if not known:
        if any(each.waiting for each in finest):
            return french.typographic(f"{rate.label} : {NOT_EVALUATED}")
        return french.typographic(f"{rate.label} non calculable : {rate.nothing}")
    held = [each for each in known if each.reached is not None]
    if held:
        return french.typographic(f"{rate.label} : {_against_target(held)}")
    low, high = (pick(each.rate for each in known if each.rate is not None) for pick in (min, max))
    if low == high:
        where = known[0].name if len(known) == 1 else french.count(len(known), NOUNS[known[0].level])
        return french.typographic(f"{rate.label} : {french.percent(low)} ({where})")
    ends = [f"{french.percent(end)} ({_who(known, end)})" for end in (low, high)]
    return french.typographic(f"{rate.label} : de {ends[0]} à {ends[1]}")


def _against_target(held: Sequence[Standing]) -> str:
    target = _targets(held)
    if len(held) == 1:
        (only,) = held
        side = "cible atteinte" if only.reached else "sous la cible"
        return f"{french.percent(only.rate)} ({only.name}), {side} ({target})"
    reached = [each.name for each in held if each.reached]
    below = [each.name for each in held if each.clearly_below]
    if len(held) <= FEW:
        near = [each.name for each in held if not each.reached and not each.clearly_below]
        sides = ((reached, f"à la cible ({target})"), (near, "en dessous"), (below, "nettement en dessous"))
        said = ", ".join(f"{french.join(names)} {words}" for names, words in sides if names)
        return said if reached else f"{said} (cible {target})"
    noun = NOUNS[held[0].level]
    none = "aucune" if noun == "région" else "aucun"
    said = f"{len(reached) or none} des {len(held)} {french.pluralize(noun)} à la cible ({target})"
    return f"{said}, {len(below)} nettement en dessous" if below else said


def _targets(held: Sequence[Standing]) -> str:
    return french.join([french.percent(share, None) for share in sorted({each.target for each in held if each.target})])


def _who(known: Sequence[Standing], rate: float) -> str:
    names = [each.name for each in known if each.rate == rate]
    return names[0] if len(names) == 1 else french.count(len(names), NOUNS[known[0].level])


def measured(rate: Rate, standing: Standing) -> str:
    """« 45 sur 54 (83,3 %) », or why there is no rate."""
    if standing.waiting:
        return f"{NOT_EVALUATED}, {french.count(standing.whole, 'retenu')}"
    return french.ratio(standing.part, standing.whole) if standing.whole else rate.nothing


def interval_text(interval: Interval | None) -> str:
    """« 71,3 % à 91,0 % »."""
    return (
        french.UNKNOWN
        if interval is None
        else french.typographic(f"{french.percent(interval.low)} à {french.percent(interval.high)}")
    )
