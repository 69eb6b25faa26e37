"""What of a shape lies within a rectangle, for programs that can't cut off by themselves what lies outside."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

Point = tuple[float, float]


def ring(points: Sequence[Point], width: float, height: float) -> list[Point]:
    """What of a closed ring (its first point is not repeated) lies between 0, 0 and `width`, `height`; maybe nothing.

    Sutherland and Hodgman's algorithm: where several parts are left, they hang together along the rectangle's sides.
    """
    found = list(points)
    for axis, limit, side in ((0, 0.0, 1), (0, width, -1), (1, 0.0, 1), (1, height, -1)):
        found = list(_half(found, axis, limit, side))
    return found


def lines(points: Sequence[Point], width: float, height: float) -> list[list[Point]]:
    """The lines that are left of a closed ring, without what only runs along the rectangle's sides."""
    inside = ring(points, width, height)
    found: list[list[Point]] = []
    for start, end in pairwise([*inside, *inside[:1]]):
        if any(start[axis] == end[axis] == limit for axis, size in ((0, width), (1, height)) for limit in (0.0, size)):
            continue
        if found and found[-1][-1] == start:
            found[-1].append(end)
        else:
            found.append([start, end])
    if len(found) > 1 and found[-1][-1] == found[0][0]:
        found[0] = [*found.pop(), *found[0][1:]]
    return found


def _half(points: Sequence[Point], axis: int, limit: float, side: int) -> Iterator[Point]:
    """The part of a ring on one side of a line across an axis."""
    within: Callable[[Point], bool] = lambda point: (point[axis] - limit) * side >= 0  # noqa: E731
    for start, end in pairwise([*points[-1:], *points]):
        if within(start) != within(end):
            share = (limit - start[axis]) / (end[axis] - start[axis])
            other = start[1 - axis] + share * (end[1 - axis] - start[1 - axis])
            yield (limit, other) if axis == 0 else (other, limit)
        if within(end):
            yield end
