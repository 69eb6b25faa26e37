"""From originals by month to the rows of `usages`: which months each window measures, and what they say."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sunes.aggregation.rollup import Series, month_number
from sunes.aggregation.stays import Stays
from sunes.programme import Programme, Window

Row = dict[str, Any]
Dossier = tuple[str, int, str]

# What becomes of an original: it counts in a window at least, or else in none, for one of these reasons.
FATES = ("counted", "no_dossier", "before", "after")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: months are those of `month_number`, both included; None is what the data say.

    `windows`: none means all. `thresholds`: the share that an indicator must reach, where it is to be evaluated.
    """

    as_of: date
    first: int | None = None
    last: int | None = None
    windows: tuple[int, ...] = ()
    thresholds: Mapping[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The months that a window measures, both included; from the beginning where `first` is None.

    `closed`: its end is known and has come, so that what is not reached is missed. `deadline`: its end is the window's.
    """

    window: int
    first: int | None
    last: int
    closed: bool
    deadline: bool

    @property
    def empty(self) -> bool:
        return self.first is not None and self.first > self.last

    def __contains__(self, month: int) -> bool:
        return (self.first is None or self.first <= month) and month <= self.last


@dataclass(frozen=True, slots=True)
class Measured:
    """Rows of `usages` in the order of their key, and what became of every original."""

    rows: tuple[Row, ...]
    periods: tuple[Period, ...]
    fates: Mapping[str, int]
    silent: int


def last_whole_month(day: date) -> int:
    """The last month that is over on the evening of a day."""
    whole = day.day == monthrange(day.year, day.month)[1]
    return month_number(day) if whole else month_number(day) - 1


def periods(programme: Programme, request: Request, covered: tuple[int, int] | None) -> tuple[Period, ...]:
    """The period of each window asked for.

    No source publishes when measuring begins: it is what is asked for, or else the first month of which stays are
    known (`covered`). It ends with what is asked for, or else with the window's deadline where one is published; and
    never after the last month that is over on the day asked for, nor, unless asked for, after the last one of which
    stays are known. Months are whole, because stays are told by month.
    """
    wanted = [w for w in programme.windows if not request.windows or w.number in request.windows]
    return tuple(_period(window, request, covered) for window in wanted)


def _period(window: Window, request: Request, covered: tuple[int, int] | None) -> Period:
    over = last_whole_month(request.as_of)
    due = None if window.deadline is None else last_whole_month(window.deadline.date)
    end = due if request.last is None else request.last
    first = request.first if request.first is not None or covered is None else covered[0]
    last = over if end is None else min(end, over)
    if covered is not None and request.last is None:
        last = min(last, covered[1])
    return Period(window.number, first, last, end is not None and last == end, request.last is None and last == due)


def measure(
    programme: Programme, request: Request, dossiers: Iterable[Dossier], series: Sequence[Series], stays: Stays
) -> Measured:
    """Roll series up into one row per dossier (establishment × window × volet) and indicator.

    An indicator of which the log holds no document of that establishment has no row: none was sent, or none was told,
    and these are two things. `silent` counts the dossiers that lack an indicator which their volet requires.
    """
    by_window = {period.window: period for period in periods(programme, request, stays.covered)}
    volet_of = {indicator.id: indicator.volet for indicator in programme.indicators}
    known = {(each.finess, each.indicator): each for each in series}
    asked = sorted(dossier for dossier in dossiers if dossier[1] in by_window)
    rows = [
        _row(known[finess, indicator], by_window[window], volet, request, stays)
        for finess, window, volet in asked
        if not by_window[window].empty
        for indicator in sorted(i for i, of in volet_of.items() if of == volet)
        if (finess, indicator) in known
    ]
    measuring: dict[tuple[str, str], list[Period]] = {}
    for finess, window, volet in asked:
        measuring.setdefault((finess, volet), []).append(by_window[window])
    fates: Counter[str] = Counter(dict.fromkeys(FATES, 0))
    for each in series:
        own = measuring.get((each.finess, volet_of[each.indicator]), [])
        for month, number in each.originals.items():
            fates[_fate(month, own)] += number
    silent = sum(
        any((finess, indicator) not in known for indicator in programme.volet(volet).required)
        for finess, _, volet in asked
    )
    return Measured(tuple(rows), tuple(by_window.values()), fates, silent)


def _row(series: Series, period: Period, volet: str, request: Request, stays: Stays) -> Row:
    numerator = sum(number for month, number in series.originals.items() if month in period)
    denominator = None if period.first is None else stays.over(series.finess, range(period.first, period.last + 1))
    threshold = (request.thresholds or {}).get(series.indicator)
    status = _status(numerator, denominator, threshold, period.closed)
    return {
        "finess": series.finess,
        "window": period.window,
        "volet": volet,
        "indicator": series.indicator,
        "numerator": numerator,
        "denominator": denominator,
        "threshold": None if threshold is None else float(threshold),
        "status": status,
        "evaluated_on": None if status == "not_evaluated" else request.as_of,
    }


def _status(numerator: int, denominator: int | None, threshold: Decimal | None, closed: bool) -> str:
    if threshold is None or not denominator:
        return "not_evaluated"
    if numerator >= threshold * denominator:
        return "attained"
    return "missed" if closed else "not_evaluated"


def _fate(month: int, own: Sequence[Period]) -> str:
    if not own:
        return "no_dossier"
    if any(month in period for period in own):
        return "counted"
    return "after" if all(month > period.last for period in own) else "before"
