"""Random draws that come out the same on every platform and with every version of Python."""

from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from math import exp, fsum
from random import Random
from typing import TypeVar

Item = TypeVar("Item")


class Draws:
    """One stream of draws, named by a path: what is drawn from one stream changes nothing in another.

    Python only promises that a seed given as text and `random()` itself never change, so everything is built on these
    two. `exp` may differ in its last bit from one machine to another: what comes out of it is rounded by its users.
    """

    def __init__(self, seed: int, *path: object) -> None:
        self._random = Random("/".join(map(str, (seed, *path)))).random

    def chance(self, probability: float) -> bool:
        return self._random() < probability

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._random()

    def integer(self, low: int, high: int) -> int:
        """A whole number, both bounds included."""
        return low + int((high - low + 1) * self._random())

    def normal(self) -> float:
        """A nearly normal number, of mean 0 and standard deviation 1: a sum of uniform ones needs no logarithm."""
        return fsum(self._random() for _ in range(12)) - 6

    def lognormal(self, median: float, spread: float) -> float:
        return median * exp(spread * self.normal())

    def day(self, first: date, last: date, rush: float = 1) -> date:
        """A day between two, both included. A `rush` above 1 draws more of them near the last one."""
        days = (last - first).days
        return last - timedelta(days=min(days, int((days + 1) * self._random() ** rush)))

    def weighted(self, items: Sequence[Item], weights: Sequence[float]) -> Item:
        cumulated = list(accumulate(weights))
        return items[min(bisect(cumulated, self._random() * cumulated[-1]), len(items) - 1)]

    def pick(self, items: Sequence[Item]) -> Item:
        return items[int(len(items) * self._random())]

    def sample(self, items: Sequence[Item], weights: Sequence[float], count: int) -> list[Item]:
        """`count` different items; those of a greater weight are more likely to be among them, and among the first."""
        left, weights_left, drawn = list(items), list(weights), []
        for _ in range(count):
            index = self.weighted(range(len(left)), weights_left)
            drawn.append(left.pop(index))
            weights_left.pop(index)
        return drawn

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        return self.sample(items, [1] * len(items), len(items))
