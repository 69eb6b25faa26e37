"""Territories side by side: dots with their intervals, and the steps from eligible to attained."""

from collections.abc import Sequence
from html import escape
from typing import Any

from sunes import french
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.insights.comparison import Rate, Standing, interval_text, measured
from sunes.insights.headlines import NOT_EVALUATED
from sunes.insights.steps import Step

_ROW = 27  # pixels; the dots of a row, its name and its figures on one line
_STEP = 44
_RIGHT = 1.06  # of an axis of rates: a dot at 100 % keeps clear of the figures beside it


def tint(rate: Rate, palette: Palette) -> str:
    """The colour of a rate: that of its volet if it has one."""
    return palette.volet(rate.rank) if rate.volet else palette.participation


def percent_axis(low: float, high: float, palette: Palette) -> dict[str, Any]:
    """An axis of rates from `low` to `high` with few, round ticks."""
    step = 0.25 if high - low > 0.7 else 0.1
    ticks = [n * step for n in range(round(1 / step) + 1) if low - 1e-9 <= n * step <= high]
    return {
        "range": [low, high],
        "tickvals": ticks,
        "ticktext": [french.percent(tick, 0) for tick in ticks],
        "tickfont": {"size": 13, "color": palette.text},
        "fixedrange": True,
        "zeroline": False,
    }


def click(standing: Standing) -> tuple[str, str]:
    """What a mark carries, for the page that is told of a click on it: level and code of its territory."""
    return standing.level, standing.code


def dots(rows: Sequence[Standing], rate: Rate, palette: Palette = SCREEN) -> Drawn:
    """One line per territory, from top to bottom: its rate as a dot, the 95 % interval, the target, the figures.

    Regions are diamonds with their name in bold, départements discs.
    """
    sketch = Sketch()
    places = _places(rows)
    known = [(place, row) for place, row in zip(places, rows, strict=True) if row.rate is not None]
    _targets(sketch, rows, places, palette)
    sketch.add_scatter(
        x=[row.rate for _, row in known],
        y=[place for place, _ in known],
        mode="markers",
        marker={
            "color": tint(rate, palette),
            "opacity": 1,
            "size": [13 if row.level == "region" else 10 for _, row in known],
            "symbol": ["diamond" if row.level == "region" else "circle" for _, row in known],
        },
        error_x={
            "type": "data",
            "array": [row.interval.high - (row.rate or 0) if row.interval else 0 for _, row in known],
            "arrayminus": [(row.rate or 0) - row.interval.low if row.interval else 0 for _, row in known],
            "color": tint(rate, palette),
            "thickness": 2,
            "width": 0,
        },
        customdata=[click(row) for _, row in known],
        text=[_said(row, rate) for _, row in known],
        hovertemplate="%{text}<extra></extra>",
    )
    sketch.add_scatter(
        x=[_RIGHT] * len(rows),
        y=places,
        mode="text",
        text=[_figures(row, rate) for row in rows],
        textposition="middle right",
        textfont={"size": 13, "color": palette.text},
        cliponaxis=False,
        hoverinfo="skip",
    )
    bottom = places[-1] + 0.6 if places else 0.6
    top = 26 if any(row.target is not None for row in rows) else 8
    names = [f"<b>{escape(row.name)}</b>" if row.level == "region" else escape(row.name) for row in rows]
    sketch.update_layout(
        showlegend=False,
        height=round(top + 26 + _ROW * (bottom + 0.6)),
        margin={"l": 0, "r": 134, "t": top, "b": 26},
        font={"color": palette.text},
        # Three ticks have room on a phone too.
        xaxis={
            **percent_axis(-0.02, _RIGHT, palette),
            "tickvals": (0, 0.5, 1),
            "ticktext": [french.percent(tick, 0) for tick in (0, 0.5, 1)],
            "tickangle": 0,
        },
        yaxis={
            "range": [bottom, -0.6],
            "tickvals": places,
            "ticktext": names,
            "tickfont": {"size": 13, "color": palette.text},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
    )
    return sketch.drawn()


def _places(rows: Sequence[Standing]) -> list[float]:
    """The line of each row from the top, with half a line before a region that follows départements."""
    places: list[float] = []
    for before, row in zip((None, *rows), rows, strict=False):
        parted = before is not None and before.level == "department" and row.level == "region"
        places.append(places[-1] + 1 + parted / 2 if places else 0.0)
    return places


def _targets(sketch: Sketch, rows: Sequence[Standing], places: Sequence[float], palette: Palette) -> None:
    """The target on every line, so that lines with different targets are right too."""
    marked = [(place, row.target) for place, row in zip(places, rows, strict=True) if row.target is not None]
    if not marked:
        return
    sketch.add_scatter(
        x=[target for _, target in marked],
        y=[place for place, _ in marked],
        mode="markers",
        marker={"symbol": "line-ns", "size": _ROW, "line": {"width": 3, "color": palette.target}},
        hoverinfo="skip",
    )
    for target in sorted({target for _, target in marked}):
        sketch.add_annotation(
            x=target, y=1, yref="paper", yanchor="bottom", showarrow=False, font={"size": 13},
            text=f"cible {french.percent(target, None)}",
        )  # fmt: skip


def _figures(row: Standing, rate: Rate) -> str:
    if row.rate is None:
        return f"\u00a0{NOT_EVALUATED if row.waiting else rate.nothing_short}"
    return f"\u00a0<b>{french.percent(row.rate)}</b> {french.number(row.part)} sur {french.number(row.whole)}"


def _said(row: Standing, rate: Rate) -> str:
    interval = french.typographic(f"<br>intervalle à 95 % : {interval_text(row.interval)}") if row.interval else ""
    return french.typographic(f"<b>{escape(row.name)}</b><br>{rate.label} : {measured(rate, row)}{interval}")


def describe_dots(rows: Sequence[Standing], rate: Rate, *, intervals: bool = True) -> str:
    """The dots in words, for those who do not see them; without `intervals`, what bars show of the same."""
    targets = sorted({row.target for row in rows if row.target is not None})
    held = f", cible {french.join([french.percent(target, None) for target in targets])}" if targets else ""
    said = " ; ".join(f"{row.name} {measured(rate, row)}" for row in rows)
    what = f"{rate.label} avec intervalles à 95 %" if intervals else rate.label
    return french.typographic(f"{what}{held}. {said or 'Aucun territoire'}.")


# From eligible to attained -------------------------------------------------------------------------------------------


def bars(steps: Sequence[Step], palette: Palette = SCREEN) -> Drawn:
    """The steps of one territory as bars from top to bottom, all on one scale of establishments.

    A volet's bar lies on a pale one, the establishments accepted in it, with the target as a line across both.
    """
    sketch = Sketch()
    for step in steps:
        colour = palette.participation if step.rank is None else palette.volet(step.rank)
        for count, width, opacity in ((step.base, 0.6, 0.2), (step.count if step.of else 0, 0.36, 1)):
            sketch.add_bar(
                x=[count],
                y=[step.label],
                orientation="h",
                width=width,
                marker={"color": colour, "opacity": opacity},
                hovertemplate=f"{step.label} : {french.number(step.count)} ({step.share})<extra></extra>",
            )
        if step.target is not None and step.base:
            sketch.add_scatter(
                x=[step.target * step.base],
                y=[step.label],
                mode="markers",
                marker={"symbol": "line-ns", "size": 34, "line": {"width": 4, "color": palette.target}},
                hovertemplate=f"cible {french.percent(step.target, None)} des {step.of}<extra></extra>",
            )
        sketch.add_annotation(
            xref="paper", x=1.02, xanchor="left", y=step.label, showarrow=False, align="left",
            text=f"<b>{french.number(step.count)}</b>{_target(step)}<br>{step.share}",
            font={"size": 13, "color": palette.text},
        )  # fmt: skip
    widest = max((max(step.base, step.count) for step in steps), default=0)
    sketch.update_layout(
        barmode="overlay",
        showlegend=False,
        height=20 + _STEP * len(steps),
        margin={"l": 0, "r": 178, "t": 8, "b": 8},
        font={"color": palette.text},
        yaxis={"autorange": "reversed", "tickfont": {"size": 14, "color": palette.text}, "fixedrange": True},
        xaxis={"range": [0, max(widest, 1)], "visible": False, "fixedrange": True},
    )
    return sketch.drawn()


def _target(step: Step) -> str:
    return "" if step.target is None else f", cible {french.percent(step.target, None)}"


def describe_bars(steps: Sequence[Step]) -> str:
    """The steps in words, for those who do not see them."""
    said = [
        f"{step.label[0].lower()}{step.label[1:]} {french.number(step.count)} ({step.share}{_target(step)})"
        for step in steps
    ]
    return french.typographic(f"Des éligibles aux cibles atteintes : {' ; '.join(said)}.")
