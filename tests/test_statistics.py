"""Intervals and funnel limits agree with published values, with brute force, and with each other."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from sunes.statistics import funnel_limits, outside, wilson

# The same examples each time, however busy the machine.
steady = settings(deadline=None, derandomize=True, database=None)

TOTALS = st.integers(1, 400)
RATES = st.floats(0, 1)
LEVELS = st.sampled_from((0.5, 0.9, 0.95, 0.998))


def probability(successes: int, total: int, rate: float) -> float:
    return float(comb(total, successes) * rate**successes * (1 - rate) ** (total - successes))


# Newcombe, « Two-sided confidence intervals for the single proportion », Statistics in Medicine 17 (1998), table I.
@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_values(successes: int, total: int, low: float, high: float) -> None:
    assert wilson(successes, total) == pytest.approx((low, high), abs=5e-5)


@steady
@given(TOTALS, st.data(), LEVELS)
def test_wilson_is_where_the_score_test_changes_its_mind(total: int, data: st.DataObject, level: float) -> None:
    successes = data.draw(st.integers(0, total))
    interval = wilson(successes, total, level)
    assert interval is not None
    observed, z = successes / total, norm.ppf((1 + level) / 2)
    assert 0 <= interval.low <= observed <= interval.high <= 1
    for bound in interval:
        if 0 < bound < 1:
            assert abs(observed - bound) == pytest.approx(z * (bound * (1 - bound) / total) ** 0.5)
    mirrored = wilson(total - successes, total, level)
    assert mirrored is not None
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx(interval)


def test_wilson_widens_with_the_level_and_narrows_with_size() -> None:
    narrow, wide, small = wilson(80, 100), wilson(80, 100, 0.998), wilson(8, 10)
    assert narrow is not None
    assert wide is not None
    assert small is not None
    assert wide.low < narrow.low < narrow.high < wide.high
    assert small.low < narrow.low < narrow.high < small.high


def test_nothing_out_of_nothing_has_no_interval_and_is_never_outside() -> None:
    assert wilson(0, 0) is None
    limits = funnel_limits([0], 0.8)[0.95]
    assert (limits.lower[0], limits.upper[0]) == (0, 1)
    assert outside(0, 0, 0.8) == 0


@pytest.mark.parametrize(("successes", "total"), [(3, 2), (-1, 2), (0, -1)])
def test_what_is_no_proportion_is_refused(successes: int, total: int) -> None:
    with pytest.raises(ValueError, match="proportion"):
        wilson(successes, total)
    with pytest.raises(ValueError, match="proportion"):
        outside(successes, total, 0.5)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    for ask in (
        lambda: wilson(1, 2, level),
        lambda: outside(1, 2, 0.5, level),
        lambda: funnel_limits([2], 0.5, [level]),
    ):
        with pytest.raises(ValueError, match="niveau de confiance"):
            ask()


def test_a_rate_or_a_total_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="taux"):
        funnel_limits([10], 1.2)
    with pytest.raises(ValueError, match="taux"):
        outside(1, 2, float("nan"))
    with pytest.raises(ValueError, match="négatif"):
        funnel_limits([10, -1], 0.5)


def test_the_lower_limit_is_spiegelhalters_worked_by_hand() -> None:
    # R ~ B(10, ½): P(R ≤ 1) = 11/1024 < 0.025 ≤ P(R ≤ 2) = 56/1024, so r = 2 and α = (56 - 25.6) / 45.
    limits = funnel_limits([10], 0.5, [0.95])[0.95]
    assert limits.lower[0] == pytest.approx((2 - (56 - 25.6) / 45) / 10)
    assert limits.upper[0] == pytest.approx(1 - limits.lower[0])


def test_large_groups_have_the_normal_limits() -> None:
    limits = funnel_limits([100_000], 0.8)
    spread = (0.8 * 0.2 / 100_000) ** 0.5
    for level, z in ((0.95, 1.95996), (0.998, 3.09023)):
        assert limits[level].lower[0] == pytest.approx(0.8 - z * spread, abs=2e-5)
        assert limits[level].upper[0] == pytest.approx(0.8 + z * spread, abs=2e-5)


@steady
@given(st.lists(TOTALS, min_size=1, max_size=5), RATES)
def test_limits_hold_the_rate_and_widen_with_the_level(totals: list[int], rate: float) -> None:
    inner, outer = funnel_limits(totals, rate).values()
    for lower, upper in (inner, outer):
        assert lower.shape == upper.shape == (len(totals),)
        assert (lower >= 0).all()
        assert (upper <= 1).all()
        assert (lower <= rate).all()
        assert (upper >= rate).all()
    assert (outer.lower <= inner.lower + 1e-12).all()
    assert (outer.upper >= inner.upper - 1e-12).all()


@steady
@given(TOTALS, RATES)
def test_limits_narrow_with_size(total: int, rate: float) -> None:
    limits = funnel_limits([total, 4 * total], rate)[0.95]
    small, large = limits.upper - limits.lower
    assert large <= small + 1e-12


@steady
@given(st.integers(0, 60), RATES, LEVELS)
def test_chance_alone_leads_outside_no_more_often_than_said(total: int, rate: float, level: float) -> None:
    sides = [outside(successes, total, rate, level) for successes in range(total + 1)]
    assert sides == sorted(sides)
    for side in (-1, 1):
        chance = sum(probability(k, total, rate) for k, found in enumerate(sides) if found == side)
        assert chance <= (1 - level) / 2 + 1e-9


@steady
@given(st.integers(1, 60), st.floats(0.01, 0.99), LEVELS)
def test_a_group_is_outside_exactly_when_it_is_drawn_outside(total: int, rate: float, level: float) -> None:
    (lower,), (upper,) = funnel_limits([total], rate, [level])[level]
    for successes in range(total + 1):
        drawn = -1 if successes / total < lower - 1e-9 else int(successes / total > upper + 1e-9)
        on_the_line = min(abs(successes / total - lower), abs(successes / total - upper)) <= 1e-9
        assert on_the_line or outside(successes, total, rate, level) == drawn


@steady
@given(TOTALS, st.data(), RATES, LEVELS)
def test_success_and_failure_are_treated_alike(total: int, data: st.DataObject, rate: float, level: float) -> None:
    successes = data.draw(st.integers(0, total))
    complement = 1 - rate
    assert outside(successes, total, 1 - complement, level) == -outside(total - successes, total, complement, level)


def test_rates_of_none_and_all_leave_no_room_for_another_result() -> None:
    assert [outside(k, 5, 0.0) for k in (0, 1, 5)] == [0, 1, 1]
    assert [outside(k, 5, 1.0) for k in (0, 4, 5)] == [-1, -1, 0]
    none, everything = funnel_limits([5], 0.0)[0.95], funnel_limits([5], 1.0)[0.95]
    assert none.lower[0] == 0
    assert 0 < none.upper[0] < 1 / 5
    assert 4 / 5 < everything.lower[0] < 1
    assert everything.upper[0] == 1


def test_a_small_group_is_not_called_exceptional_for_doing_everything_right() -> None:
    assert [outside(n, n, 0.8) for n in (1, 5, 16)] == [0, 0, 0]
    assert outside(17, 17, 0.8) == 1  # 0.8 ** 17 is the first below 0.025
    assert (funnel_limits(np.arange(1, 17), 0.8)[0.95].upper == 1).all()
