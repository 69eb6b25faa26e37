"""How départements differ: a funnel plot of size against rate, and their distribution with its deciles."""

from collections.abc import Sequence
from html import escape
from itertools import product
from math import floor

import plotly.graph_objects as go

from sunes import french, statistics
from sunes.figures.comparison import click, percent_axis, tint
from sunes.figures.palette import SCREEN, Palette
from sunes.insights.comparison import measured
from sunes.insights.variation import LIKELY, SURE, VERDICT_LABELS, Judged, Spread, Verdict, finding, quantiles, verdicts

_SYMBOLS = {
    Verdict.DIFFERENT: "diamond",
    Verdict.PERHAPS: "diamond-open",
    Verdict.APPARENT: "circle-open",
    Verdict.ORDINARY: "circle",
}
_SIZES = {Verdict.DIFFERENT: 15, Verdict.PERHAPS: 14, Verdict.APPARENT: 11, Verdict.ORDINARY: 8}

_HEIGHT = 440


def funnel(spread: Spread, palette: Palette = SCREEN) -> go.Figure:
    """Size against rate: each département a mark, the overall rate a line, the limits at 95 % and 99.8 % round it.

    Marks differ in shape by verdict. Those that stand out are named, the others have their code. At least one
    département must be judged.
    """
    figure = go.Figure()
    largest = max(each.standing.whole for each in spread.judged)
    widest = largest * 1.06 + 1
    floor_rate = _floor(spread)
    texts, places = _labels(spread.judged, widest, 1.06 - floor_rate)
    _limits(figure, spread, widest, palette)
    figure.add_scatter(
        x=[each.standing.whole for each in spread.judged],
        y=[each.rate for each in spread.judged],
        mode="markers+text",
        marker={
            "color": tint(spread.rate, palette),
            "opacity": 1,
            "symbol": [_SYMBOLS[each.verdict] for each in spread.judged],
            "size": [_SIZES[each.verdict] for each in spread.judged],
            "line": {"width": 2, "color": tint(spread.rate, palette)},
        },
        text=texts,
        textposition=places,
        textfont={"size": 13, "color": palette.text},
        customdata=[(*click(each.standing), _said(each, spread)) for each in spread.judged],
        hovertemplate="%{customdata[2]}<extra></extra>",
        cliponaxis=False,
    )
    target = spread.overall.target
    if target is not None:
        figure.add_hline(y=target, line={"color": palette.target, "width": 2.5, "dash": "dot"})
        figure.add_annotation(
            xref="paper", x=0.005, xanchor="left", y=target, yanchor="bottom", showarrow=False,
            text=f"cible {french.percent(target, None)}", font={"size": 13},
        )  # fmt: skip
    denominator = spread.rate.metric.denominator
    words = denominator.words if denominator else ""
    figure.update_layout(
        showlegend=False,
        height=_HEIGHT,
        margin={"l": 0, "r": 112, "t": 14, "b": 62},
        font={"color": palette.text},
        yaxis=percent_axis(floor_rate, 1.06, palette),
        xaxis={
            "range": [0, widest],
            "title": {"text": f"Nombre d’{words}", "font": {"size": 13, "color": palette.text}},
            "tickfont": {"size": 13, "color": palette.text},
            "tickformat": ",d",
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
    )
    return figure


def _floor(spread: Spread) -> float:
    """The lowest rate to show: a round one under all marks, and low enough to show the limits open."""
    overall = spread.overall.rate or 0
    return max(0.0, floor((min(overall - 0.25, *(each.rate for each in spread.judged)) - 0.03) * 10) / 10)


def _limits(figure: go.Figure, spread: Spread, widest: float, palette: Palette) -> None:
    overall = spread.overall.rate or 0
    sizes = range(1, int(widest) + 1)
    ends: list[tuple[float, str]] = [(overall, f"ensemble {french.percent(overall)}")]
    for (level, limits), dash in zip(
        statistics.funnel_limits(sizes, overall, (LIKELY, SURE)).items(), ("dash", "solid"), strict=True
    ):
        for rates in limits:
            figure.add_scatter(
                x=list(sizes),
                y=rates.tolist(),
                mode="lines",
                line={"color": palette.text, "width": 1.5, "dash": dash, "shape": "spline"},
                opacity=0.6,
                hoverinfo="skip",
            )
            if 0 < rates[-1] < 1:
                ends.append((float(rates[-1]), f"limite {french.percent(level, None)}"))
    figure.add_hline(y=overall, line={"color": palette.text, "width": 1.5})
    for height, text in ends:
        figure.add_annotation(
            xref="paper", x=1.005, xanchor="left", y=height, showarrow=False, text=text,
            font={"size": 13, "color": palette.text},
        )  # fmt: skip


def _labels(judged: Sequence[Judged], widest: float, tallest: float) -> tuple[list[str], list[str]]:
    """What is written beside each mark, and where, so that nothing meets on a plot of about 900 × 380 pixels.

    The telling marks come first and have their name; where there is no room for it, or nothing to tell, the code.
    """
    marks = [(each.standing.whole / widest * 900, each.rate / tallest * 380) for each in judged]
    taken = [(x, y, 7.0, 7.0) for x, y in marks]
    texts, places = [""] * len(judged), ["top center"] * len(judged)
    for i in sorted(range(len(judged)), key=lambda i: (_SEVERITY.index(judged[i].verdict), i)):
        standing = judged[i].standing
        names = (standing.code,) if judged[i].verdict is Verdict.ORDINARY else (standing.name, standing.code)
        for text, place in product(names, _PLACES):
            box = _box(*marks[i], text, place)
            if box[0] > box[2] - 8 and not any(_meets(box, other) for other in taken):
                texts[i], places[i] = escape(text), place
                taken.append(box)
                break
    return texts, places


_SEVERITY = tuple(Verdict)
_PLACES = (
    *("top center", "bottom center", "middle right", "middle left"),
    *("top right", "top left", "bottom right", "bottom left"),
)

# Centre and half sizes, in pixels.
Box = tuple[float, float, float, float]


def _box(x: float, y: float, text: str, place: str) -> Box:
    up, aside = place.split()
    half = 3.9 * len(text)
    shift = half + (10 if up == "middle" else 2)
    return (
        x + {"left": -shift, "center": 0, "right": shift}[aside],
        y + {"top": 17, "middle": 0, "bottom": -17}[up],
        half,
        8,
    )


def _meets(one: Box, other: Box) -> bool:
    return abs(one[0] - other[0]) < one[2] + other[2] and abs(one[1] - other[1]) < one[3] + other[3]


def _said(each: Judged, spread: Spread) -> str:
    return french.typographic(
        f"<b>{escape(each.standing.name)}</b><br>{spread.rate.label} : {measured(spread.rate, each.standing)}"
        f"<br>différent : {VERDICT_LABELS[each.verdict]}"
    )


def describe_funnel(spread: Spread) -> str:
    """The funnel plot in words, for those who do not see it."""
    target = spread.overall.target
    held = f", cible {french.percent(target, None)}" if target is not None else ""
    said = " ".join((f"{finding(spread)}{held}.", *(f"{heading} : {text}" for heading, text in verdicts(spread))))
    return french.typographic(f"Taux de {len(spread.judged)} départements selon leur effectif. {said}")


def strip(spread: Spread, palette: Palette = SCREEN) -> go.Figure:
    """The rates of the départements along a line, equal ones piled up, with the quantiles marked under them.

    At least one département must be judged.
    """
    figure = go.Figure()
    rates = [each.rate for each in spread.judged]
    low, high = max(-0.04, floor((min(rates) - 0.05) * 10) / 10), max(1.02, max(rates) + 0.02)
    heights = _piles(rates, (high - low) / 44)
    figure.add_scatter(
        x=rates,
        y=heights,
        mode="markers",
        marker={"color": tint(spread.rate, palette), "size": 12, "opacity": 1},
        customdata=[(*click(each.standing), _said(each, spread)) for each in spread.judged],
        hovertemplate="%{customdata[2]}<extra></extra>",
    )
    marks = quantiles(spread)
    figure.add_scatter(
        x=[mark.rate for mark in marks],
        y=[-0.9] * len(marks),
        mode="markers",
        marker={
            "symbol": "line-ns",
            "size": [44 if mark.share == 0.5 else 14 for mark in marks],
            "line": {"width": 3, "color": palette.text},
        },
        customdata=[None] * len(marks),
        hovertext=[french.typographic(f"{mark.name} : {french.percent(mark.rate)}") for mark in marks],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    for mark in marks:
        if mark.name in ("D1", "Médiane", "D9"):
            figure.add_annotation(
                x=mark.rate, y=-2.5 if mark.share == 0.5 else -1.4, yanchor="top", showarrow=False,
                xanchor="right" if mark.rate > high - 0.1 * (high - low) else "center",
                text=f"{mark.name} <b>{french.percent(mark.rate)}</b>", font={"size": 13, "color": palette.text},
            )  # fmt: skip
    for end in {pick(range(len(rates)), key=rates.__getitem__) for pick in (min, max)}:
        if rates.count(rates[end]) == 1:
            near = max(h for rate, h in zip(rates, heights, strict=True) if abs(rate - rates[end]) < (high - low) / 12)
            figure.add_annotation(
                x=rates[end], y=near, yshift=10, yanchor="bottom", showarrow=False,
                xanchor="left" if rates[end] < low + 0.08 * (high - low) else "center",
                text=escape(spread.judged[end].standing.name), font={"size": 13, "color": palette.text},
            )  # fmt: skip
    if spread.overall.target is not None:
        figure.add_vline(x=spread.overall.target, line={"color": palette.target, "width": 2.5, "dash": "dot"})
        figure.add_annotation(
            x=spread.overall.target, y=1, yref="paper", yanchor="bottom", showarrow=False,
            text=f"cible {french.percent(spread.overall.target, None)}", font={"size": 13},
        )  # fmt: skip
    top = max(heights)
    figure.update_layout(
        showlegend=False,
        height=round(142 + 17 * top),
        margin={"l": 8, "r": 8, "t": 26, "b": 26},
        font={"color": palette.text},
        yaxis={"range": [-4, top + 1.7], "visible": False, "fixedrange": True},
        xaxis={**percent_axis(low, high, palette), "showgrid": False},
    )
    return figure


def _piles(rates: Sequence[float], width: float) -> list[float]:
    """A height for each mark, so that those closer than `width` lie on each other."""
    heights: list[float] = [0.0] * len(rates)
    placed: list[tuple[float, float]] = []
    for i in sorted(range(len(rates)), key=rates.__getitem__):
        taken = {height for rate, height in placed if abs(rate - rates[i]) < width}
        heights[i] = next(float(n) for n in range(len(rates) + 1) if n not in taken)
        placed.append((rates[i], heights[i]))
    return heights


def describe_strip(spread: Spread) -> str:
    """The distribution in words, for those who do not see it."""
    marks = french.join([f"{mark.name} {french.percent(mark.rate)}" for mark in quantiles(spread)])
    ends = [pick(spread.judged, key=lambda each: each.rate) for pick in (min, max)]
    lowest, highest = (f"{french.percent(each.rate)} ({each.standing.name})" for each in ends)
    return french.typographic(
        f"{spread.rate.label} de {len(spread.judged)} départements, de {lowest} à {highest}. {marks}."
    )
