"""How one rate went, small enough to stand under its figure."""

from collections.abc import Sequence
from datetime import date
from html import escape
from itertools import groupby

from sunes import french
from sunes.definitions import Metric
from sunes.figures.palette import DARK, LIGHT
from sunes.metrics import Row, known_value

# Half the thickness of the line, in pixels.
_HALF = 1


def sparkline(metric: Metric, rows: Sequence[Row]) -> str:
    """A rate over the snapshots in HTML: its line, its last point and, where it has one, its target, dotted.

    `rows` are those of an answer by snapshot; days without a value break the line. Empty where fewer than two days
    have one. The text alternative says the first and the last. Shapes are clipped boxes, as a page strips any SVG.
    """
    rates = [known_value(row, metric.id) for row in rows]
    known = [row for row, rate in zip(rows, rates, strict=True) if rate is not None]
    if len(known) < 2:
        return ""
    days = [date.fromisoformat(row["snapshot"]).toordinal() for row in rows]
    top: float = max(1.0, *(row[metric.id] for row in known))

    def depth(rate: float) -> float:
        return 100 * (1 - rate / top)

    points = [
        None if rate is None else (100 * (day - days[0]) / (days[-1] - days[0]), depth(rate))
        for day, rate in zip(days, rates, strict=True)
    ]
    lines = [list(filter(None, run)) for drawn, run in groupby(points, key=lambda point: point is not None) if drawn]
    x, y = lines[-1][-1]
    target = rows[-1]["target_rate"] if metric.needs == "volet" else None
    goal = "" if target is None else f'<b style="top: {depth(target):.1f}%"></b>'
    drawn = "".join(f'<i style="clip-path: polygon({_outline(line)})"></i>' for line in lines)
    end = f'<u style="left: {x:.1f}%; top: {y:.1f}%"></u>'
    label = escape(_said(metric, known))
    return f'<div class="sparkline" role="img" aria-label="{label}">{goal}{drawn}{end}</div>{_STYLE}'


def _outline(line: Sequence[tuple[float, float]]) -> str:
    """A line as a thin area: there along its upper edge, back along its lower one."""
    there = [f"{x:.1f}% calc({y:.1f}% - {_HALF}px)" for x, y in line]
    back = [f"{x:.1f}% calc({y:.1f}% + {_HALF}px)" for x, y in reversed(line)]
    return ", ".join((*there, *back))


def _said(metric: Metric, known: Sequence[Row]) -> str:
    ends = [
        f"{metric.format(row[metric.id])} au {french.day(date.fromisoformat(row['snapshot']))}"
        for row in (known[0], known[-1])
    ]
    return french.typographic(f"{metric.short} : {ends[0]}, {ends[1]}")


_STYLE = f"""<style>
.sparkline {{ position: relative; width: min(12rem, 95%); height: 1.75rem; margin: 0.25rem 0; }}
.sparkline > * {{ position: absolute; }}
.sparkline i {{ inset: 0; background: light-dark({LIGHT.participation}, {DARK.participation}); }}
.sparkline u {{
  width: 6px; height: 6px; margin: -3px; border-radius: 50%;
  background: light-dark({LIGHT.participation}, {DARK.participation});
}}
.sparkline b {{ width: 100%; border-top: 2px dotted light-dark({LIGHT.target}, {DARK.target}); }}
</style>"""
