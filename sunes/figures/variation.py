"""How départements differ: a funnel plot of size against rate, and their distribution with its deciles."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor
from typing import Any

from sunes import french
from sunes.figures import axis
from sunes.figures.comparison import click, percent_axis, tint
from sunes.figures.funnel import BOTTOM, KEY, RIGHT, TOP, Plane, target_said
from sunes.figures.labels import SIZE, Box, around
from sunes.figures.labels import width as width_of
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.insights.comparison import measured
from sunes.insights.variation import (
    VERDICT_LABELS,
    Judged,
    Quantile,
    Spread,
    Verdict,
    finding,
    quantiles,
    verdicts,
)

_SYMBOLS = {
    Verdict.DIFFERENT: "diamond",
    Verdict.PERHAPS: "diamond-open",
    Verdict.APPARENT: "circle-open",
    Verdict.ORDINARY: "circle",
}
_SIGNS = {Verdict.DIFFERENT: "◆", Verdict.PERHAPS: "◇", Verdict.APPARENT: "○", Verdict.ORDINARY: "●"}
_SIZES = {Verdict.DIFFERENT: 15, Verdict.PERHAPS: 14, Verdict.APPARENT: 11, Verdict.ORDINARY: 8}

# The size, in pixels, that words are placed for. On a wider figure they only move away from each other.
_WIDTH, _HEIGHT = 900, 440


def funnel(
    spread: Spread, palette: Palette = SCREEN, *, width: int = _WIDTH, height: int = _HEIGHT, right: int = RIGHT
) -> Drawn:
    """Size against rate: each département a mark, the overall rate a line, the limits at 95 % and 99.8 % round it.

    Marks differ in shape by verdict, as a key over them says. Those that stand out are named, the others have their
    code, both as far as there is room in a figure of `width` × `height` pixels, of which `right` are for the names of
    the limits. At least one département must be judged.
    """
    sketch = Sketch()
    plane = Plane.of(spread, width, height)
    target = spread.overall.target
    texts, places, led = plane.labels()
    for dash, curves in zip(("dash", "solid"), plane.limits.values(), strict=True):
        for curve in curves:
            sketch.add_scatter(
                x=[size for size, _ in curve],
                y=[rate for _, rate in curve],
                mode="lines",
                line={"color": palette.text, "width": 1.5, "dash": dash, "shape": "spline"},
                opacity=0.6,
                hoverinfo="skip",
            )
    sketch.add_hline(y=spread.overall.rate or 0, line={"color": palette.text, "width": 1.5})
    for text, line, place in plane.line_ends():
        sketch.add_annotation(
            xref="paper", x=1.005, xanchor="left", y=line, yshift=place - plane.y(line), showarrow=False, text=text,
            font={"size": SIZE, "color": palette.text},
        )  # fmt: skip
    sketch.add_scatter(
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
        textfont={"size": SIZE, "color": palette.text},
        customdata=[(*click(each.standing), _said(each, spread)) for each in spread.judged],
        hovertemplate="%{customdata[2]}<extra></extra>",
        cliponaxis=False,
    )
    for name in led:
        at = spread.judged[name.rank]
        sketch.add_annotation(
            x=at.standing.whole, y=at.rate, ax=name.right, ay=-name.up, text=name.text, showarrow=True, arrowhead=0,
            arrowwidth=1, arrowcolor=palette.text, standoff=8, font={"size": SIZE, "color": palette.text},
        )  # fmt: skip
    if target is not None:
        sketch.add_hline(y=target, line={"color": palette.target, "width": 2.5, "dash": "dot"})
        sketch.add_annotation(
            xref="paper", x=0.005, xanchor="left", y=target, yanchor="bottom", showarrow=False,
            text=target_said(target), font={"size": SIZE},
        )  # fmt: skip
    sketch.add_annotation(
        xref="paper", x=0, xanchor="left", yref="paper", y=1, yanchor="bottom", yshift=TOP, showarrow=False,
        align="left", text=_key(), font={"size": SIZE, "color": palette.text},
    )  # fmt: skip
    denominator = spread.rate.metric.denominator
    words = denominator.words if denominator else ""
    sketch.update_layout(
        showlegend=False,
        height=height,
        margin={"l": 0, "r": right, "t": KEY + TOP, "b": BOTTOM},
        font={"color": palette.text},
        yaxis={**percent_axis(plane.low, plane.high, palette), "automargin": True},
        xaxis={
            "range": [0, plane.widest],
            "title": {"text": f"Nombre d’{words}", "font": {"size": SIZE, "color": palette.text}},
            "tickfont": {"size": SIZE, "color": palette.text},
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            **axis.counts(plane.widest, most=12),
        },
    )
    return sketch.drawn()


def _key() -> str:
    """What the marks mean, in two lines that a telephone holds."""
    said = [f"{_SIGNS[verdict]}{french.NBSP}{VERDICT_LABELS[verdict]}" for verdict in Verdict]
    return "<br>".join("   ".join(said[place : place + 2]) for place in (0, 2))


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


def strip(spread: Spread, palette: Palette = SCREEN, *, width: int = _WIDTH, height: int | None = None) -> Drawn:
    """The rates of the départements along a line, equal ones piled up, with the quantiles marked under them.

    Words are placed for a figure of `width` × `height` pixels; without a height, it is as high as its piles need. At
    least one département must be judged.
    """
    sketch = Sketch()
    rates, target = [each.rate for each in spread.judged], spread.overall.target
    low = max(-0.04, floor((min(rates) - 0.05) * 10) / 10)
    high = min(1.02, ceil((max(*rates, target or 0, low + 0.2) + 0.05) * 10) / 10)
    wide = width - 2 * _SIDE
    heights = _piles(rates, (high - low) * _APART / wide)

    def across(rate: float) -> float:
        return (rate - low) / (high - low) * wide

    marks = quantiles(spread)
    under = _rows({mark.name: (across(mark.rate), _quantile_said(mark)) for mark in marks if mark.name in _NAMED}, wide)
    ends = [pick(range(len(rates)), key=rates.__getitem__) for pick in (min, max)]
    piles = [(across(rate), pile) for rate, pile in zip(rates, heights, strict=True)]
    named = {i: spread.judged[i].standing.name for i in dict.fromkeys(ends) if rates.count(rates[i]) == 1}
    below = _UNDER + _LINE * (1 + max((row for row, _ in under.values()), default=0))
    above = _LINE * (1 + len(named))
    top = max(heights)
    tall = below + above + _PILE * top if height is None else height - 2 * _EDGE
    # One step of a pile in pixels; what a given height leaves over stays above and below.
    step = min(1.5 * _PILE, (tall - below - above) / top) if top else _PILE
    spare = max(0.0, tall - below - above - step * top) / 2
    sketch.add_scatter(
        x=rates,
        y=heights,
        mode="markers",
        marker={"color": tint(spread.rate, palette), "size": 12, "opacity": 1},
        customdata=[(*click(each.standing), _said(each, spread)) for each in spread.judged],
        hovertemplate="%{customdata[2]}<extra></extra>",
    )
    sketch.add_scatter(
        x=[mark.rate for mark in marks],
        y=[-15 / step] * len(marks),
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
        if mark.name in under:
            row, shift = under[mark.name]
            sketch.add_annotation(
                **_anchor(mark.rate, shift), y=0, yshift=-_UNDER - _LINE * row, yanchor="top", showarrow=False,
                text=f"{mark.name} <b>{french.percent(mark.rate)}</b>", font={"size": SIZE, "color": palette.text},
            )  # fmt: skip
    written: list[Box] = []
    for i, name in named.items():
        shift = _kept(across(rates[i]), width_of(name), wide)
        middle = across(rates[i]) + shift
        near = max(pile for x, pile in piles if abs(x - middle) < width_of(name) / 2 + 8)
        box = around(middle, near * step + 18, width_of(name), _LINE)
        while box.meets(written):
            box = around(middle, box.top + _LINE / 2 + 1, width_of(name), _LINE)
        written.append(box)
        sketch.add_annotation(
            **_anchor(rates[i], shift), y=0, yshift=box.bottom, yanchor="bottom", showarrow=False,
            text=escape(name), font={"size": SIZE, "color": palette.text},
        )  # fmt: skip
    if target is not None:
        sketch.add_vline(x=target, line={"color": palette.target, "width": 2.5, "dash": "dot"})
        sketch.add_annotation(
            x=target, y=1, yref="paper", yanchor="bottom", showarrow=False, text=target_said(target),
            font={"size": SIZE},
        )  # fmt: skip
    sketch.update_layout(
        showlegend=False,
        height=round(tall) + 2 * _EDGE,
        margin={"l": _SIDE, "r": _SIDE, "t": _EDGE, "b": _EDGE},
        font={"color": palette.text},
        yaxis={
            "range": [-(below + spare) / step, top + (above + spare) / step],
            "visible": False,
            "fixedrange": True,
        },
        xaxis={**percent_axis(low, high, palette), "showgrid": False},
    )
    return sketch.drawn()


# Pixels: margins; what a mark takes along the line and in a pile; how far under it words begin; a line of words.
_SIDE, _EDGE = 8, 26
_APART, _PILE = 20, 17
_UNDER, _LINE = 24, 18

# The quantiles that are named in the strip, in the order in which they take their place.
_NAMED = ("D1", "Médiane", "D9")


def _quantile_said(mark: Quantile) -> str:
    return f"{mark.name} {french.percent(mark.rate)}"


def _rows(words: Mapping[str, tuple[float, str]], wide: float) -> dict[str, tuple[int, float]]:
    """The row under the line where each of the words stands, and how far aside: the median one row under the others."""
    taken: list[Box] = []
    found = {}
    for name, (x, text) in words.items():
        shift = _kept(x, width_of(text), wide)
        for row in range(1 if name == "Médiane" and len(words) > 1 else 0, len(words) + 1):
            box = around(x + shift, -row, width_of(text), 0.5)
            if not box.meets(taken):
                found[name] = (row, shift)
                taken.append(box)
                break
    return found


def _kept(x: float, wide: float, whole: float) -> float:
    """How far words that are centred on `x` have to move to stay within a figure."""
    return max(0.0, wide / 2 - x - _SIDE) - max(0.0, x + wide / 2 - whole - _SIDE)


def _anchor(rate: float, shift: float) -> dict[str, Any]:
    """Words centred on a rate or, where they have to move, held by the edge of the figure, which may be narrower."""
    if not shift:
        return {"x": rate}
    side, aside = ("left", -_SIDE) if shift > 0 else ("right", _SIDE)
    return {"xref": "paper", "x": int(shift < 0), "xanchor": side, "xshift": aside}


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
