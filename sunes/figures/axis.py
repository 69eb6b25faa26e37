"""Axes: of counts, and of figures that have several."""

from itertools import count
from typing import Any


def counts(largest: float, most: int = 6) -> dict[str, Any]:
    """The ticks of an axis from 0 to `largest`: whole numbers, each once, at most `most` steps of 1, 2, 5, 10, 20…"""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    return {"tick0": 0, "dtick": next(step for step in steps if step * most >= largest), "tickformat": ",d"}


def numbered(rank: int) -> str:
    """How Plotly numbers the axes of a figure, from rank 0: "", "2", "3"."""
    return str(rank + 1) if rank else ""
