"""How much départements differ, and whether chance alone would make them differ that much."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sunes import french, statistics
from sunes.insights.comparison import Rate, Standing, interval_text, measured
from sunes.insights.headlines import NOT_EVALUATED

SURE, LIKELY = 0.998, 0.95

# From this distance to the overall rate on, a reader takes a département for different.
FAR = 0.10

# Under so many values, nine deciles would say more than there is.
ENOUGH_FOR_DECILES = 10


class Verdict(StrEnum):
    """What a département's distance to the overall rate means."""

    DIFFERENT = "different"
    PERHAPS = "perhaps"
    APPARENT = "apparent"
    ORDINARY = "ordinary"


VERDICT_LABELS = {
    Verdict.DIFFERENT: "plus que le hasard",
    Verdict.PERHAPS: "peut-être",
    Verdict.APPARENT: "en apparence seulement",
    Verdict.ORDINARY: "dans l’ordinaire",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A département and what its distance to the overall rate means; `side` is -1 below, 1 above, 0 on it."""

    standing: Standing
    rate: float
    verdict: Verdict
    side: int


@dataclass(frozen=True)
class Spread:
    """Départements round the overall rate of their View.

    `judged` are those that have the rate, in the order of codes. `left_out` are those that can't be placed.
    """

    rate: Rate
    overall: Standing
    judged: tuple[Judged, ...]
    left_out: tuple[Standing, ...]

    def of(self, *verdicts: Verdict) -> tuple[Judged, ...]:
        return tuple(each for each in self.judged if each.verdict in verdicts)


def spread(rate: Rate, overall: Standing, departments: Sequence[Standing]) -> Spread:
    """Judge each département against the funnel limits of the overall rate (see `statistics.funnel_limits`).

    Beyond the 99.8 % limits it is DIFFERENT, between those and the 95 % limits PERHAPS; within the limits, at FAR or
    more from the overall rate, only APPARENT.
    """
    placed, left_out = [], []
    for each in sorted(departments, key=lambda department: department.code):
        if each.rate is None or each.part > each.whole or overall.rate is None or overall.rate > 1:
            left_out.append(each)
        else:
            placed.append(_judge(each, each.rate, overall.rate))
    return Spread(rate, overall, tuple(placed), tuple(left_out))


def _judge(standing: Standing, rate: float, overall: float) -> Judged:
    side = int(rate > overall) - int(rate < overall)
    if statistics.outside(standing.part, standing.whole, overall, SURE):
        verdict = Verdict.DIFFERENT
    elif statistics.outside(standing.part, standing.whole, overall, LIKELY):
        verdict = Verdict.PERHAPS
    else:
        verdict = Verdict.APPARENT if abs(rate - overall) >= FAR else Verdict.ORDINARY
    return Judged(standing, rate, verdict, side)


# Sentences -----------------------------------------------------------------------------------------------------------


def finding(spread: Spread) -> str:
    """How many départements differ more than chance would explain, as a title."""
    total, different = len(spread.judged), len(spread.of(Verdict.DIFFERENT))
    who = f"{different} des {total} départements" if different else f"aucun des {total} départements"
    verb = "s’écartent" if different > 1 else "s’écarte" if different else "ne s’écarte"
    overall = french.percent(spread.overall.rate)
    said = f"{who} {verb} de l’ensemble ({overall}) plus que le hasard ne l’expliquerait"
    return french.typographic(f"{spread.rate.label} : {said}")


def too_few(spread: Spread) -> str:
    """Why there is nothing to compare."""
    if not spread.judged:
        if any(each.part > each.whole for each in (spread.overall, *spread.left_out)):
            # More candidates than eligible establishments: of such a share, chance has nothing to say.
            return french.typographic(f"{spread.rate.label} non comparable : elle dépasse 100 %.")
        if spread.overall.waiting:
            return french.typographic(f"{spread.rate.label} : {NOT_EVALUATED}.")
        return french.typographic(f"{spread.rate.label} non calculable : {spread.rate.nothing}.")
    (only,) = spread.judged
    return french.typographic(
        f"{only.standing.name} : {measured(spread.rate, only.standing)}. Il faut au moins deux départements pour dire "
        "si une différence tient au hasard."
    )


def verdicts(spread: Spread) -> list[tuple[str, str]]:
    """Who differs more than chance would explain, who perhaps, who only looks different: headings and sentences."""
    total = len(spread.judged)
    said = []
    if different := spread.of(Verdict.DIFFERENT):
        said.append(("Plus que le hasard", f"{_sides(different)}, hors des limites à 99,8 %."))
    if perhaps := spread.of(Verdict.PERHAPS):
        expected = round(total * (1 - LIKELY))
        chance = f"en placerait environ {'un' if expected == 1 else expected}" if expected else "en place parfois un"
        limits = f"entre les limites à 95 % et à 99,8 % ; sur {total} départements, le hasard seul y {chance}"
        said.append(("Peut-être", f"{_sides(perhaps)}, {limits}."))
    if apparent := spread.of(Verdict.APPARENT):
        too_few = "son effectif est trop petit" if len(apparent) == 1 else "leurs effectifs sont trop petits"
        far = f"à {french.number(FAR * 100, 0)} points ou plus de l’ensemble, mais {too_few} pour conclure"
        said.append(("En apparence seulement", f"{_sides(apparent)}, {far}."))
    if not said:
        said.append(("Rien qui se distingue", "toutes les différences sont de celles que le hasard produit."))
    if spread.left_out:
        missing = french.join([each.name for each in spread.left_out])
        odd = "taux non calculable" if any(each.whole for each in spread.left_out) else spread.rate.nothing
        why = NOT_EVALUATED if all(each.waiting for each in spread.left_out) else odd
        said.append(("Hors du graphique", f"{missing} ({why})."))
    return [(heading, french.typographic(sentence)) for heading, sentence in said]


def _sides(judged: Sequence[Judged]) -> str:
    sides = []
    for side, words in ((-1, "en dessous"), (1, "au-dessus")):
        names = [each.standing.name for each in sorted(judged, key=lambda each: each.rate) if each.side == side]
        if names:
            sides.append(f"{french.join(names)} {words}")
    return ", ".join(sides)


def records(spread: Spread) -> list[dict[str, str]]:
    """The funnel plot as a table: one record per département, under French headers."""
    metric = spread.rate.metric
    part, whole = (
        f"{side.words[0].upper()}{side.words[1:]}" if side else "" for side in (metric.numerator, metric.denominator)
    )
    return [
        {
            "Département": each.standing.name,
            whole: french.number(each.standing.whole),
            part: french.number(each.standing.part),
            spread.rate.label: french.percent(each.rate),
            "Intervalle à 95\u00a0%": interval_text(each.standing.interval),
            "Écart à l’ensemble": french.points(each.rate - (spread.overall.rate or 0)),
            "Différent\u00a0?": VERDICT_LABELS[each.verdict],
        }
        for each in spread.judged
    ]


# Deciles -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quantile:
    """The rate under which a share of the départements lie."""

    name: str
    share: float
    rate: float


def quantiles(spread: Spread) -> tuple[Quantile, ...]:
    """The nine deciles of the départements' rates, each département counting once; of few départements the median only.

    Between two départements the value is interpolated linearly (definition 7 of R. J. Hyndman and Y. Fan, « Sample
    quantiles in statistical packages », The American Statistician 50 (1996), 361-365). Nothing of nothing.
    """
    values = [each.rate for each in spread.judged]
    if not values:
        return ()
    tenths = range(1, 10) if len(values) >= ENOUGH_FOR_DECILES else (5,)
    return tuple(Quantile("Médiane" if n == 5 else f"D{n}", n / 10, float(np.quantile(values, n / 10))) for n in tenths)


def quantiles_finding(spread: Spread) -> str:
    """How the rates of the départements are distributed, as a title."""
    marks = {each.name: french.percent(each.rate) for each in quantiles(spread)}
    total = len(spread.judged)
    if not marks:
        return french.typographic(f"{spread.rate.label} non calculable : {spread.rate.nothing}")
    if "D1" in marks:
        return french.typographic(
            f"{spread.rate.label} : la moitié des départements sont à {marks['Médiane']} ou plus, "
            f"un sur dix à {marks['D1']} ou moins"
        )
    few = "un seul département" if total == 1 else f"{total} départements, trop peu pour des déciles"
    return french.typographic(f"{spread.rate.label} : {few} ; médiane {marks['Médiane']}")


def quantile_records(spread: Spread) -> list[dict[str, str]]:
    """Lowest, quantiles and highest as a table, under French headers."""
    ordered = sorted(spread.judged, key=lambda each: each.rate)
    ends = (
        [(label, each) for label, each in zip(("Minimum", "Maximum"), (ordered[0], ordered[-1]), strict=True)]
        if ordered
        else []
    )
    lines = [(f"{label} ({each.standing.name})", each.rate) for label, each in ends]
    lines[1:1] = [(each.name, each.rate) for each in quantiles(spread)]
    return [{"Repère": name, spread.rate.label: french.percent(rate)} for name, rate in lines]
