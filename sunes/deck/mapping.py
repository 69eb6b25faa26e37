"""The map of a region, as it became what it is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from sunes import french, geography
from sunes.deck.facts import Facts
from sunes.deck.slide import Moment, Picture, Slide
from sunes.figures.palette import Theme
from sunes.insights import comparison
from sunes.insights.comparison import Rate
from sunes.manifest import SnapshotId
from sunes.maps import places, words
from sunes.maps.scene import Scene
from sunes.metrics import Answer
from sunes.roster import Line, withheld_said
from sunes.tables import readable

MOST_MOMENTS = 16

T = TypeVar("T")


def region_map(facts: Facts, of: str, theme: Theme) -> Slide | None:
    """The départements of a region by their rate, and its establishments by their state, today and before.

    The rate is the attainment of the View's volet or, without one, participation. None where there is nothing to map.
    """
    rate, name = _rate(facts), f"carte-{of}"
    answer = _answer(facts, rate, of)
    if not answer.rows or of not in geography.regions():
        return None
    chosen = spread(facts.snapshots, MOST_MOMENTS)
    past = _answer(facts, rate, of, history=True)
    answers = [past.only(snapshot=each.as_of.isoformat()) for each in chosen]
    lines = [_lines(facts, of, each.id) for each in chosen]
    withheld = facts.roster(regions=(of,)).withheld
    scene = Scene(name, of, rate, answers, lines, facts.programme, theme.maps, withheld)
    moments = [
        Moment(
            label=french.day(snapshot.as_of),
            fills=scene.fills(then),
            marks=scene.marks(there),
            said=scene.said(then),
            counts=scene.counts(there),
        )
        for snapshot, then, there in zip(chosen, answers, lines, strict=True)
    ]
    title = words.finding(rate, answer)
    shown = replace(answer, by=("department",))
    picture = Picture(
        name=name,
        title=title,
        svg=scene.svg(),
        description=scene.description,
        records=readable(shown, rate.columns, facts.definitions, facts.programme),
        moments=tuple(moments) if len(moments) > 1 else (),
    )
    return Slide(
        id=name,
        kind="map",
        kicker=facts.region_name(of),
        title=title,
        paragraphs=tuple(filter(None, (_how_to_read(rate, lines[-1]), withheld_said(withheld)))),
        visuals=(picture,),
        page="carte",
        view=facts.view.having(regions=(of,)),
    )


def spread(sequence: Sequence[T], most: int) -> tuple[T, ...]:
    """Up to `most` (at least 2) of a sequence, evenly, with the first and the last of them."""
    if len(sequence) <= most:
        return tuple(sequence)
    return tuple(sequence[round(rank * (len(sequence) - 1) / (most - 1))] for rank in range(most))


def _rate(facts: Facts) -> Rate:
    rates = comparison.rates(facts.view, facts.programme, facts.definitions)
    wanted = f"attainment_rate-{facts.view.volet}" if facts.view.volet else "participation_rate"
    return next(rate for rate in rates if rate.id == wanted)


def _answer(facts: Facts, rate: Rate, region: str, *, history: bool = False) -> Answer:
    """By region and department: all regions are asked for at once, as their maps are in one deck."""
    ask = facts.history if history else facts.answer
    if rate.volet:
        return ask(("region", "department", "volet")).only(region=region, volet=rate.volet.id)
    return ask(("region", "department")).only(region=region)


def _lines(facts: Facts, region: str, snapshot: SnapshotId) -> tuple[Line, ...]:
    lines = places.shown(facts.roster(snapshot))
    return tuple(line for line in lines if line.establishment["region_code"] == region)


def _how_to_read(rate: Rate, lines: Sequence[Line]) -> str:
    colour = f"atteinte du volet {rate.volet.number}" if rate.volet else "participation"
    absent = len(places.located(lines)[1])
    one, several = "établissement non localisé n’est pas", "établissements non localisés ne sont pas"
    left_out = f" {french.count(absent, one, several)} sur la carte." if absent else ""
    return french.typographic(
        f"Couleur d’un département : {colour}. Signe d’un établissement : son état ; taille : son activité.{left_out}"
    )
