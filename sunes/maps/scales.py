"""The classes of a choropleth: round the target where there is one, plain shares where there is none."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from sunes import french
from sunes.figures.palette import MapPalette
from sunes.insights.comparison import Rate
from sunes.metrics import Answer, Row, known_value

# Shares where participation, which has no target, goes from one class to the next.
_RATE_EDGES = (0.25, 0.5, 0.7, 0.8, 0.9)
# The same for the distance to a target; the target itself is reached.
_GAP_EDGES = (-0.2, -0.1, 0.0, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Scale:
    """What the colour of a département means.

    Attributes
    ----------
    colours, labels
        One per class, the lowest first.
    edges
        Where a class begins and the one before it ends, one fewer than classes.
    targets
        The targets that the edges are distances to, as shares; none on a plain scale.
    """

    metric: str
    colours: tuple[str, ...]
    labels: tuple[str, ...]
    edges: tuple[float, ...]
    targets: tuple[float, ...]
    unknown: str

    def place(self, row: Row) -> int | None:
        """The class of a row of an answer, from 0; None where its rate is not known."""
        value = known_value(row, "gap_points" if self.targets else self.metric)
        # 0.9 − 0.8 is a little less than 0.1 in binary fractions.
        return None if value is None else bisect_right(self.edges, round(value, 9))

    def colour(self, row: Row) -> str:
        place = self.place(row)
        return self.unknown if place is None else self.colours[place]


def scale(rate: Rate, answer: Answer, palette: MapPalette) -> Scale:
    """The scale for a rate of an answer: its middle is the target where every row has one."""
    shares = [row["target_rate"] for row in answer.rows] if rate.volet else []
    if not shares or None in shares:
        labels = _between([french.percent(edge, None) for edge in _RATE_EDGES], "moins de ", " et plus")
        return Scale(rate.metric.id, palette.rates, labels, _RATE_EDGES, (), palette.unknown)
    points = [french.points(edge, 0).removesuffix("s").removesuffix("\u00a0point") for edge in _GAP_EDGES]
    labels = _between(points, "moins de ", " et plus")
    colours = (*palette.below, *palette.above)
    return Scale(rate.metric.id, colours, labels, _GAP_EDGES, tuple(sorted(set(shares))), palette.unknown)


def _between(edges: Iterable[str], less: str, more: str) -> tuple[str, ...]:
    first, *rest = edges
    inner = [f"{low} à {high}" for low, high in zip([first, *rest], rest, strict=False)]
    return (f"{less}{first}", *inner, f"{[first, *rest][-1]}{more}")
