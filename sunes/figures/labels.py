"""Words on a figure of a known size, kept from meeting each other. Everything is in pixels, heights from the bottom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

SIZE = 13  # of the letters
_WIDE, _HIGH = 7.8, 16.0  # what a letter and a line of that size take at most


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that words, or a mark, take."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, others: Collection["Box"]) -> bool:
        return any(
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
            for other in others
        )

    def within(self, other: "Box") -> bool:
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.bottom <= self.bottom
            and self.top <= other.top
        )


def around(x: float, y: float, wide: float, high: float) -> Box:
    return Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def width(text: str) -> float:
    return _WIDE * len(text)


def beside(x: float, y: float, text: str, place: str) -> Box:
    """Where Plotly writes a text beside a mark: `place` is a `textposition`, such as « top center ».

    Over or under a small mark it is closer than to a large one: the box holds both.
    """
    up, aside = place.split()
    wide = width(text)
    shift = wide / 2 + (10 if up == "middle" else 2)
    return around(
        x + {"left": -shift, "center": 0, "right": shift}[aside],
        y + {"top": 13, "middle": 0, "bottom": -13}[up],
        wide,
        _HIGH,
    )


def along(points: Sequence[tuple[float, float]]) -> list[Box]:
    """A line as boxes that hold it, one for each piece from one point to the next."""
    return [Box(x, min(y, next_y) - 1, next_x, max(y, next_y) + 1) for (x, y), (next_x, next_y) in pairwise(points)]


def apart(heights: Sequence[float], low: float, high: float, distance: float = _HIGH) -> list[float]:
    """Heights moved as far as keeps lines of words from meeting, in their order, from `low` to `high`."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved = list(heights)
    for i in order:
        moved[i] = low = max(moved[i], low)
        low += distance
    for i in reversed(order):
        moved[i] = high = min(moved[i], high)
        high -= distance
    return moved
