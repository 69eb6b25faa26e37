"""Where a code stands in its département: beside the marks rather than on them."""

from collections.abc import Sequence
from itertools import pairwise, product
from math import hypot

from sunes.maps.clip import Point

_STEP, _FARTHEST = 6.0, 14  # pixels from one place that is tried to the next, and how many of them each way


def free_place(
    middle: Point, size: tuple[float, float], rings: Sequence[Sequence[Point]], marks: Sequence[tuple[Point, float]]
) -> Point:
    """The place nearest to the middle of a shape where a text of this size covers no mark and stays in the shape.

    Parameters
    ----------
    marks
        The middle and the radius of each. Where there is no free place, the text stands in the middle.
    """
    steps = [step * _STEP for step in range(-_FARTHEST, _FARTHEST + 1)]
    tried = sorted(product(steps, steps), key=lambda by: (hypot(*by), by))
    around = [(at, radius) for at, radius in marks if hypot(at[0] - middle[0], at[1] - middle[1]) < 300]
    for across, down in tried:
        at = middle[0] + across, middle[1] + down
        if not any(_covers(at, size, *mark) for mark in around) and _holds(rings, at, size):
            return at
    return middle


def _covers(at: Point, size: tuple[float, float], mark: Point, radius: float) -> bool:
    beside = (max(abs(at[axis] - mark[axis]) - size[axis] / 2, 0.0) for axis in (0, 1))
    return hypot(*beside) < radius


def _holds(rings: Sequence[Sequence[Point]], at: Point, size: tuple[float, float]) -> bool:
    """Whether the four corners of a text are in a shape."""
    across, down = size[0] / 2, size[1] / 2
    return all(_within(rings, (at[0] + x, at[1] + y)) for x, y in product((-across, across), (-down, down)))


def _within(rings: Sequence[Sequence[Point]], point: Point) -> bool:
    """Whether a line from a point to the right crosses the rings an odd number of times."""
    x, y = point
    crossed = False
    for ring in rings:
        for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]]):
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                crossed = not crossed
    return crossed
