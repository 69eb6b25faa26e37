"""What was measured for one establishment: every indicator of every application, against its threshold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from sunes.programme import Indicator, Programme, Volet
from sunes.roster import Line

DECISION_LABELS: Mapping[str, str] = {
    "pending": "en instruction",
    "accepted": "retenu",
    "rejected": "non retenu",
    "withdrawn": "retiré",
}
# None: no row at all, which is not the same as a row that is not evaluated.
STATUS_LABELS: Mapping[str | None, str] = {
    "attained": "atteint",
    "missed": "manqué",
    "not_evaluated": "non évalué",
    None: "aucune mesure",
}
STATUS_SIGNS: Mapping[str | None, str] = {"attained": "●", "missed": "✕", "not_evaluated": "○", None: "◇"}


@dataclass(frozen=True, slots=True)
class Measure:
    """One indicator of one application.

    Attributes
    ----------
    required
        Whether the volet asks for this indicator.
    accepted
        Whether the application is accepted: what was measured for another one decides nothing.
    status
        `attained`, `missed`, `not_evaluated`, or None without a row.
    """

    window: int
    volet: Volet
    indicator: Indicator
    required: bool
    accepted: bool
    numerator: int | None = None
    denominator: int | None = None
    threshold: float | None = None
    status: str | None = None
    evaluated_on: date | None = None

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from the other measures of its establishment."""
        return self.window, self.indicator.id

    @property
    def rate(self) -> float | None:
        """numerator / denominator; None where one is not known or there is nothing to divide by."""
        return self.numerator / self.denominator if self.numerator is not None and self.denominator else None

    @property
    def short_of(self) -> int | None:
        """How many more in the numerator would reach the threshold; None where that is not known."""
        if self.rate is None or self.threshold is None or self.denominator is None or self.numerator is None:
            return None
        # In decimals: 0.6 × 305 are 183, where binary fractions may ask for one more.
        return max(0, ceil(Decimal(str(self.threshold)) * self.denominator) - self.numerator)


def measures(line: Line, programme: Programme) -> tuple[Measure, ...]:
    """What was measured for each application of a line, by window and volet, required indicators first.

    Those that an accepted application requires are there even without a row.
    """
    rows = {(row["window"], row["indicator"]): row for row in line.usages}
    found = []
    for application in line.applications:
        window, volet = application["window"], programme.volet(application["volet"])
        accepted = application["decision"] == "accepted"
        own = [indicator for indicator in programme.indicators if indicator.volet == volet.id]
        for indicator in sorted(own, key=lambda indicator: indicator.id not in volet.required):
            required = indicator.id in volet.required
            row = rows.get((window, indicator.id), {})
            if row or (accepted and required):
                cells = {name: row.get(name) for name in _MEASURED}
                found.append(Measure(window, volet, indicator, required, accepted, **cells))
    return tuple(found)


_MEASURED = ("numerator", "denominator", "threshold", "status", "evaluated_on")


def required_measures(line: Line, programme: Programme) -> tuple[Measure, ...]:
    """What the accepted applications of a line must attain."""
    return tuple(measure for measure in measures(line, programme) if measure.required and measure.accepted)


def progress(line: Line, programme: Programme) -> tuple[int, int]:
    """How many required indicators are attained, and of how many, over the volets in which a line is accepted.

    Each volet counts in the accepted window in which most is attained, as its state does.
    """
    best: dict[str, dict[int, int]] = {}
    for measure in required_measures(line, programme):
        windows = best.setdefault(measure.volet.id, {})
        windows[measure.window] = windows.get(measure.window, 0) + (measure.status == "attained")
    attained = sum(max(windows.values()) for windows in best.values())
    return attained, sum(len(programme.volet(volet).required) for volet in best)
