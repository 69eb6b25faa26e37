"""How much chance alone explains: the interval of a rate, and the limits between which comparable rates should lie.

Both take establishments as independent of each other; a group that decides together varies more than they allow.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, binomtest


class Interval(NamedTuple):
    """Two shares, from 0 to 1."""

    low: float
    high: float


class Limits(NamedTuple):
    """The lower and the upper limit (shares from 0 to 1) for each of a series of totals."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def wilson(successes: int, total: int, level: float = 0.95) -> Interval | None:
    """The Wilson score interval of a proportion (without continuity correction); None for nothing out of nothing.

    Source: E. B. Wilson, « Probable inference, the law of succession, and statistical inference », Journal of the
    American Statistical Association 22 (1927), 209-212. It stays within [0, 1] and is sound for small totals.
    Raises ValueError unless 0 ≤ successes ≤ total and 0 < level < 1.
    """
    _check(successes, total)
    _tail(level)
    if total == 0:
        return None
    found = binomtest(successes, total).proportion_ci(confidence_level=level, method="wilson")
    return Interval(float(found.low), float(found.high))


def funnel_limits(
    totals: Sequence[int] | NDArray[np.integer], rate: float, levels: Sequence[float] = (0.95, 0.998)
) -> dict[float, Limits]:
    """The control limits of a funnel plot, for groups of `totals` establishments that all have the true `rate`.

    For each level, the limits in the order of `totals`, within [0, 1]. A group lies beyond a limit exactly when
    `outside` says so, which happens by chance with a probability of at most (1 - level) / 2 on each side. Where a
    limit is clipped, no result is beyond it; a total of 0 has the limits 0 and 1.

    The limits are the exact binomial ones with the interpolation of D. J. Spiegelhalter, « Funnel plots for comparing
    institutional performance », Statistics in Medicine 24 (2005), 1185-1202, appendix A.1. That interpolation is
    cautious for the lower limit and bold for the upper one (a single success could be « too many »). Here the upper
    limit of successes is the lower limit of failures, so both sides are equally cautious.

    Raises ValueError for a negative total, a rate outside [0, 1] or a level outside ]0, 1[.
    """
    n = np.asarray(totals, dtype=np.int64)
    if (n < 0).any():
        raise ValueError("un effectif ne peut pas être négatif")
    _check_rate(rate)
    return {
        level: Limits(_lower_limit(n, rate, _tail(level)), 1 - _lower_limit(n, 1 - rate, _tail(level)))
        for level in levels
    }


def outside(successes: int, total: int, rate: float, level: float = 0.95) -> Literal[-1, 0, 1]:
    """Whether a group lies below (-1), above (1) or between (0) the funnel limits of `rate` at a level.

    Below: so few successes or fewer have a probability under (1 - level) / 2 at the true `rate`; above: likewise for
    so many or more. Nothing out of nothing is never outside. Raises ValueError as `wilson` and `funnel_limits` do.
    """
    _check(successes, total)
    _check_rate(rate)
    tail = _tail(level)
    if binom.cdf(successes, total, rate) < tail:
        return -1
    return 1 if binom.cdf(total - successes, total, 1 - rate) < tail else 0


def _lower_limit(totals: NDArray[np.int64], rate: float, tail: float) -> NDArray[np.float64]:
    """(r - α) / n, with r the smallest count whose cumulated probability reaches `tail`, α how far it overshoots."""
    count = binom.ppf(tail, totals, rate)
    reached, before = binom.cdf(count, totals, rate), binom.cdf(count - 1, totals, rate)
    overshoot = (reached - tail) / (reached - before)
    limits: NDArray[np.float64] = np.clip((count - overshoot) / np.maximum(totals, 1), 0, 1)
    return limits


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"un niveau de confiance est compris entre 0 et 1 exclus, pas {level}")
    return (1 - level) / 2


def _check(successes: int, total: int) -> None:
    if not 0 <= successes <= total:
        raise ValueError(f"{successes} sur {total} n’est pas une proportion")


def _check_rate(rate: float) -> None:
    if not 0 <= rate <= 1:
        raise ValueError(f"un taux est compris entre 0 et 1, pas {rate}")
