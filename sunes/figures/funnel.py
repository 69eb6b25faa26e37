"""The area of a funnel plot, and where there is room for words in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import product
from math import ceil, floor

from sunes import french, statistics
from sunes.figures.labels import SIZE, Box, along, apart, around, beside, width
from sunes.insights.variation import LIKELY, SURE, Spread, Verdict

# Margins in pixels: room for the words at the right ends of the lines, for the axis of sizes and its title. What the
# axis of rates needs is taken from the plot. Over it are the words of marks at the top, and the two lines of the key.
RIGHT, TOP, BOTTOM = 112, 14, 62
KEY = 36
_RATES = 46

Curve = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Led:
    """A name away from its mark (of that rank), by so many pixels to the right and up."""

    rank: int
    text: str
    right: float
    up: float


@dataclass(frozen=True)
class Plane:
    """From 0 to `widest` establishments and from the rate `low` to the rate `high`, in `wide` × `tall` pixels.

    `limits` are, by level, the lower and the upper limit as points (size, rate).
    """

    spread: Spread
    wide: float
    tall: float
    widest: float
    low: float
    high: float
    limits: Mapping[float, tuple[Curve, Curve]]

    @classmethod
    def of(cls, spread: Spread, width: int, height: int) -> "Plane":
        """The plane of a figure of `width` × `height` pixels that shows all marks, and the limits opening.

        At least one département must be judged.
        """
        overall, target = spread.overall.rate or 0, spread.overall.target or 0
        rates = [each.rate for each in spread.judged]
        low = floor((min(overall - 0.25, *rates) - 0.03) * 10) / 10
        high = ceil((max(overall + 0.25, target, *rates) + 0.03) * 10) / 10
        widest = max(each.standing.whole for each in spread.judged) * 1.06 + 1
        sizes = range(1, int(widest) + 1)
        limits = {
            level: (list(zip(sizes, lower.tolist(), strict=True)), list(zip(sizes, upper.tolist(), strict=True)))
            for level, (lower, upper) in statistics.funnel_limits(sizes, overall, (LIKELY, SURE)).items()
        }
        wide, tall = width - _RATES - RIGHT, height - KEY - TOP - BOTTOM
        return cls(spread, wide, tall, widest, max(0.0, low), high if high < 1 else 1.06, limits)

    def x(self, size: float) -> float:
        return size / self.widest * self.wide

    def y(self, rate: float) -> float:
        return (rate - self.low) / (self.high - self.low) * self.tall

    def line_ends(self) -> list[tuple[str, float, float]]:
        """What the lines mean, to be written at their right ends: words, rate of the line, height of the words."""
        overall = self.spread.overall.rate or 0
        ends = [(f"ensemble {french.percent(overall)}", overall)]
        for level, curves in self.limits.items():
            rates = (curve[-1][1] for curve in curves)
            shown = (rate for rate in rates if 0 < rate < 1 and self.low <= rate <= self.high)
            ends += [(f"limite {french.percent(level, None)}", rate) for rate in shown]
        heights = apart([self.y(rate) for _, rate in ends], SIZE / 2, self.tall)
        return [(text, rate, height) for (text, rate), height in zip(ends, heights, strict=True)]

    def labels(self) -> tuple[list[str], list[str], list[Led]]:
        """What is written beside each mark, and where, so that it meets no mark, no line and no other words.

        The telling marks come first and have their name; where there is no room for it, or nothing to tell, the code.
        Where there is none for that either, a telling mark has its name further away, at the end of a short line, and
        an ordinary one nothing: words that a line strikes through can't be read.
        """
        judged, target = self.spread.judged, self.spread.overall.target
        marks = [(self.x(each.standing.whole), self.y(each.rate)) for each in judged]
        taken = [around(x, y, 14, 14) for x, y in marks]
        if target is not None:
            taken.append(Box(0, self.y(target), width(target_said(target)) + 8, self.y(target) + 22))
        inside = Box(2, -4, self.wide, self.tall + TOP)  # words at the right ends of the lines are beyond it
        lines = self._lines()
        texts, places = [""] * len(judged), ["top center"] * len(judged)
        led: list[Led] = []
        for i in sorted(range(len(judged)), key=lambda i: (_SEVERITY.index(judged[i].verdict), i)):
            standing = judged[i].standing
            names = (standing.code,) if judged[i].verdict is Verdict.ORDINARY else (standing.name, standing.code)
            for text, place in product(names, _PLACES):
                box = beside(*marks[i], text, place)
                others = [*taken[:i], *taken[i + 1 :]]  # its own mark is as close as may be
                if box.within(inside) and not box.meets(others) and not box.meets(lines):
                    texts[i], places[i] = escape(text), place
                    taken.append(box)
                    break
            else:
                if judged[i].verdict is not Verdict.ORDINARY:
                    led += self._led(i, standing.name, marks[i], (inside, taken, lines))
        return texts, places, led

    def _led(self, i: int, text: str, mark: tuple[float, float], room: tuple[Box, list[Box], list[Box]]) -> list[Led]:
        """The text at the nearest place some lines away from its mark, which it then takes; none where none is free."""
        inside, taken, lines = room
        for far, up, aside in product((34, 52, 70), (1, -1), (0, 1, -1)):
            right = aside * width(text) / 2
            box = around(mark[0] + right, mark[1] + up * far, width(text), SIZE + 3)
            if box.within(inside) and not box.meets(taken) and not box.meets(lines):
                taken.append(box)
                return [Led(i, escape(text), right, up * far)]
        return []

    def _lines(self) -> list[Box]:
        across = [rate for rate in (self.spread.overall.rate or 0, self.spread.overall.target) if rate is not None]
        drawn = [[(0, self.y(rate)), (self.wide, self.y(rate))] for rate in across]
        drawn += [
            [(self.x(size), self.y(rate)) for size, rate in curve]
            for curves in self.limits.values()
            for curve in curves
        ]
        return [box for line in drawn for box in along(line)]


def target_said(target: float) -> str:
    return f"cible {french.percent(target, None)}"


_SEVERITY = tuple(Verdict)
_PLACES = (
    *("top center", "bottom center", "middle right", "middle left"),
    *("top right", "top left", "bottom right", "bottom left"),
)
