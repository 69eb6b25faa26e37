"""How an establishment compares with those of its kind and size."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median, quantiles

from sunes import french
from sunes.access.people import EVERYTHING
from sunes.engine import Frames
from sunes.establishments.measures import Measure, required_measures
from sunes.programme import Programme
from sunes.roster import Line, roster
from sunes.view import View

_THIRDS = ("le tiers le plus petit", "le tiers du milieu", "le tiers le plus grand")
_OF_STATUS = {"public": "publics", "espic": "privés non lucratifs (ESPIC)", "private": "privés"}


@dataclass(frozen=True, slots=True)
class Rank:
    """How one rate compares: `place` 1 is the highest rate of the `measured` peers, `ties` share it with others.

    `unmeasured` peers have no measure of the indicator in any accepted window.
    """

    measure: Measure
    place: int
    measured: int
    unmeasured: int
    ties: int
    middle: float


@dataclass(frozen=True, slots=True)
class Peers:
    """The establishments of the same legal status and size, itself included, and its rank among them.

    `words` says which ones they are.
    """

    words: str
    lines: tuple[Line, ...]
    ranks: tuple[Rank, ...]


def among_all(frames: Frames, view: View, lines: Sequence[Line], programme: Programme) -> tuple[Peers | None, ...]:
    """What `peers` says of each of some lines, from the frames of one snapshot.

    Ranks are those among all, whatever the sight of `frames`; the peers that are told one by one are those in sight.
    View: the windows and the volet that the lines are about.
    """
    everyone = View(volet=view.volet, windows=view.windows)
    others = roster(replace(frames, sight=EVERYTHING), everyone, programme).lines
    found = (peers(line, others, programme) for line in lines)
    return tuple(each and replace(each, lines=_seen(each.lines, frames)) for each in found)


def _seen(lines: Sequence[Line], frames: Frames) -> tuple[Line, ...]:
    return tuple(line for line in lines if frames.sight.shows(line.establishment))


def peers(line: Line, lines: Sequence[Line], programme: Programme) -> Peers | None:
    """Its peers among `lines`: those that are eligible, of its legal status, and in its third by combined activity.

    The thirds are those of the eligible establishments of that status whose activity is known. It is ranked by each
    required indicator, in the last accepted window in which that was measured. None if its own activity is not known.
    """
    status, own = line.establishment["legal_status"], line.establishment["combined_activity"]
    if own is None:
        return None
    others = [
        each
        for each in lines
        if each.finess != line.finess
        and each.establishment["legal_status"] == status
        and each.establishment["eligible"]
        and each.establishment["combined_activity"] is not None
    ]
    same_kind = [*others, line]
    cuts = quantiles((_activity(each) for each in same_kind), n=3, method="inclusive") if others else [own, own]
    third = _third(own, cuts)
    alike = tuple(each for each in same_kind if _third(_activity(each), cuts) == third)
    sizes = [_activity(each) for each in alike]
    between = f"de {french.number(min(sizes), 0)} à {french.number(max(sizes), 0)}"
    words = (
        f"{french.count(len(alike), 'établissement')} {_OF_STATUS[status]} de taille comparable : "
        f"{_THIRDS[third]} par activité combinée ({between})"
    )
    return Peers(french.typographic(words), alike, _ranks(line, alike, programme))


def _activity(line: Line) -> float:
    return float(line.establishment["combined_activity"])


def _third(activity: float, cuts: Sequence[float]) -> int:
    return sum(activity > cut for cut in cuts)


def _ranks(line: Line, alike: Sequence[Line], programme: Programme) -> tuple[Rank, ...]:
    latest = {each.finess: _latest(each, programme) for each in alike}
    ranks = []
    for indicator, measure in latest[line.finess].items():
        rates = [known[indicator].rate or 0 for known in latest.values() if indicator in known]
        own = measure.rate or 0
        place, ties = 1 + sum(rate > own for rate in rates), rates.count(own) - 1
        ranks.append(Rank(measure, place, len(rates), len(alike) - len(rates), ties, median(rates)))
    return tuple(ranks)


def _latest(line: Line, programme: Programme) -> dict[str, Measure]:
    known = (measure for measure in required_measures(line, programme) if measure.rate is not None)
    return {measure.indicator.id: measure for measure in sorted(known, key=lambda measure: measure.window)}


def rank_sentences(ranks: Sequence[Rank]) -> tuple[str, ...]:
    """Each rank in a sentence, the highest rate being the first.

    « Lettres de liaison (fenêtre 1) : 12e sur 32 mesurés, à 61,2 % (médiane 70,0 %) ; 8 sans mesure »
    """
    return tuple(french.typographic(_rank_said(rank)) for rank in ranks)


def _rank_said(rank: Rank) -> str:
    among = "seul mesuré" if rank.measured == 1 else f"{_place(rank)} sur {french.number(rank.measured)} mesurés"
    return (
        f"{rank.measure.indicator.name} (fenêtre {rank.measure.window}) : {among}, "
        f"à {french.percent(rank.measure.rate)}"
        f"{f' (médiane {french.percent(rank.middle)})' if rank.measured > 1 else ''}"
        f"{f' ; {french.number(rank.unmeasured)} sans mesure' if rank.unmeasured else ''}"
    )


def _place(rank: Rank) -> str:
    return f"{_ordinal(rank.place)}{' ex æquo' if rank.ties else ''}"


def _ordinal(n: int) -> str:
    return "1er" if n == 1 else f"{french.number(n)}e"
