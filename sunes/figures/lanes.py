"""Figures made of lanes: one below the other, each with its name, its mark and what the mark means, from the left."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sunes import french
from sunes.figures.palette import Palette
from sunes.figures.sketch import Sketch

# The height of one lane, in pixels: its name, its mark, two lines of text. The same in all figures, so that the lanes
# of two figures next to each other stand on one line.
LANE = 96
SIZE = 13
_TOP, _BOTTOM = 4, 28


def write(sketch: Sketch, lane: int, text: str, shift: int, palette: Palette) -> None:
    """Put a text `shift` pixels above the mark of a lane, from the left."""
    sketch.add_annotation(
        xref="paper", x=0, xanchor="left", y=lane, yshift=shift, text=text, showarrow=False, align="left",
        font={"size": SIZE, "color": palette.text},
    )  # fmt: skip


def lay_out(sketch: Sketch, lanes: int, palette: Palette, xaxis: Mapping[str, Any], height: int = LANE) -> None:
    """Give a figure whose y are numbers of lanes, from 0, its size and axes."""
    tickfont = {"size": SIZE, "color": palette.text}
    sketch.update_layout(
        frame(lanes, palette, height),
        xaxis={"fixedrange": True, "zeroline": False, "tickfont": tickfont, **xaxis},
        yaxis={"range": [lanes - 0.4, -0.4], "visible": False, "fixedrange": True},
    )


def frame(lanes: int, palette: Palette, height: int = LANE, left: int = 16) -> dict[str, Any]:
    """The size and margins of a figure of lanes."""
    return {
        "showlegend": False,
        "height": height * lanes + _TOP + _BOTTOM,
        "margin": {"l": left, "r": 24, "t": _TOP, "b": _BOTTOM},
        "font": {"color": palette.text},
    }


def dates(days: Sequence[date], palette: Palette) -> dict[str, Any]:
    """An axis over these days, a tick where each year begins; over less than two years one at each end."""
    if not days:
        return {}
    first, last = days[0], days[-1]
    years = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    ticks = years if len(years) > 1 else list(dict.fromkeys((first, last)))
    margin = timedelta(days=max(10, (last - first).days // 40))
    return {
        "range": [first - margin, last + margin],
        "tickvals": ticks,
        "ticktext": [str(tick.year) if len(years) > 1 else french.short_day(tick) for tick in ticks],
        "tickfont": {"size": SIZE, "color": palette.text},
        "showgrid": len(years) > 1,
        "fixedrange": True,
        "zeroline": False,
    }
