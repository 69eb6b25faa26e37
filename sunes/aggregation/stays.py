"""Stays by establishment and month: the denominators, known or not."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sunes.aggregation.rollup import month_number

_MONTH = re.compile(r"(\d{4})-(\d{2})(-\d{2})?")


@dataclass(frozen=True, slots=True)
class Stays:
    """What logs of stays say: the number of each month that they tell without contradiction.

    `left` counts the lines left out by reason; `contradicted` the months for which lines disagree, or tell no whole
    number: these are not known. `covered`: the first and the last month that is told, None where none is.
    """

    lines: int
    left: Mapping[str, int]
    contradicted: int
    months: Mapping[str, Mapping[int, int]]
    covered: tuple[int, int] | None

    def over(self, finess: str, months: Iterable[int]) -> int | None:
        """The stays of an establishment in some months; None unless every one of them is known."""
        told = self.months.get(finess, {})
        found = [told.get(month) for month in months]
        known = [number for number in found if number is not None]
        return sum(known) if known and len(known) == len(found) else None


def read_stays(rows: Iterable[Mapping[str, Any]], last_month: int) -> Stays:
    """Make sense of what `rollup.count_stays` found. Months after `last_month` had not ended: they are left out."""
    lines = 0
    left: dict[str, int] = {}
    told: dict[tuple[str, int], list[float | None]] = {}
    for row in rows:
        lines += int(row["lines"])
        month = _month(row["month"])
        if reason := _reason(row, month, last_month):
            left[reason] = left.get(reason, 0) + int(row["lines"])
        elif month is not None:
            told.setdefault((row["finess"], month), []).extend((row["least"], row["most"]))
    months: dict[str, dict[int, int]] = {}
    contradicted = 0
    for (finess, month), values in told.items():
        numbers = {value for value in values if value is not None}
        if not numbers:
            continue
        number = numbers.pop()
        if numbers or number < 0 or not float(number).is_integer():
            contradicted += 1
        else:
            months.setdefault(finess, {})[month] = int(number)
    covered = sorted({month for each in months.values() for month in each})
    return Stays(lines, left, contradicted, months, (covered[0], covered[-1]) if covered else None)


def _reason(row: Mapping[str, Any], month: int | None, last_month: int) -> str | None:
    if row["finess"] is None:
        return "no_finess"
    if row["month"] is None:
        return "no_month"
    if month is None:
        return "unreadable_month"
    if month > last_month:
        return "later"
    return None if row["known"] else "unknown_establishment"


def _month(text: str | None) -> int | None:
    found = _MONTH.fullmatch(text or "")
    try:
        return month_number(date(int(found[1]), int(found[2]), 1)) if found else None
    except ValueError:
        return None
