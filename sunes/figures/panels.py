"""Several rates of the same territories side by side, their names once: for slides, which nobody clicks."""

from collections.abc import Sequence
from html import escape
from math import floor

from sunes import french
from sunes.figures.axis import numbered
from sunes.figures.comparison import percent_axis, tint
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.insights.comparison import Rate, Standing, measured
from sunes.insights.headlines import NOT_EVALUATED

# Pixels from line to line at least, and of a whole figure: a slide draws a lower one so large that words have no room.
_LINE = 27
_HEIGHT = 300
_TOP, _BOTTOM = 50, 26
# Of a few territories, the figures take two lines, and the plot more of the width of its panel.
_FEW = 6

Column = tuple[Rate, Sequence[Standing]]


def panels(columns: Sequence[Column], palette: Palette = SCREEN) -> Drawn:
    """One panel per rate: each territory's rate as a dot, its 95 % interval, the target, the figures beside it.

    All panels have the same territories in the same order and the same scale, from the lowest end to 100 %.
    """
    sketch = Sketch()
    rows = columns[0][1]
    few = len(rows) <= _FEW
    plot = 0.62 if few else 0.42
    low, high = _ends(columns)
    for rank, (rate, standings) in enumerate(columns):
        axes = {"xaxis": f"x{numbered(rank)}", "yaxis": "y"}
        start = rank / len(columns)
        sketch.update_layout({
            f"xaxis{numbered(rank)}": {
                **percent_axis(low, high, palette),
                **_ticks(low),
                "domain": [start, start + plot / len(columns)],
                "anchor": "y",
            }
        })  # fmt: skip
        _dots(sketch, rate, standings, axes, palette)
        sketch.add_annotation(
            xref="paper", x=start, xanchor="left", yref="paper", y=1, yanchor="bottom", yshift=8, showarrow=False,
            text=f"<b>{rate.label}</b><br>{_target(standings, palette)}", align="left",
            font={"size": 14, "color": palette.text},
        )  # fmt: skip
        sketch.add_scatter(
            x=[high] * len(standings), y=list(range(len(standings))), mode="text", **axes,
            text=[_figures(row, rate, "<br>" if few else " ") for row in standings], textposition="middle right",
            textfont={"size": 13, "color": palette.text}, cliponaxis=False, hoverinfo="skip",
        )  # fmt: skip
    names = [f"<b>{escape(row.name)}</b>" if row.level == "region" else escape(row.name) for row in rows]
    sketch.update_layout(
        showlegend=False,
        height=max(_HEIGHT, _LINE * len(rows) + _TOP + _BOTTOM),
        margin={"l": 0, "r": 0, "t": _TOP, "b": _BOTTOM},
        font={"color": palette.text},
        yaxis={
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": names,
            "tickfont": {"size": 14, "color": palette.text},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
        },
    )
    return sketch.drawn()


def _ends(columns: Sequence[Column]) -> tuple[float, float]:
    shown = [
        value
        for _, rows in columns
        for row in rows
        for value in (row.rate, row.target, row.interval.low if row.interval else None)
        if value is not None
    ]
    return (max(-0.02, floor((min(shown, default=0) - 0.03) * 10) / 10), max(1.03, max(shown, default=0) + 0.03))


def _dots(sketch: Sketch, rate: Rate, standings: Sequence[Standing], axes: dict[str, str], palette: Palette) -> None:
    aimed = [(place, row.target) for place, row in enumerate(standings) if row.target is not None]
    sketch.add_scatter(
        x=[target for _, target in aimed], y=[place for place, _ in aimed], mode="markers", hoverinfo="skip", **axes,
        marker={"symbol": "line-ns", "size": 12, "line": {"width": 4, "color": palette.target}},
    )  # fmt: skip
    known = [(place, row, row.rate) for place, row in enumerate(standings) if row.rate is not None]
    sketch.add_scatter(
        x=[value for *_, value in known],
        y=[place for place, *_ in known],
        mode="markers",
        marker={
            "color": tint(rate, palette),
            "opacity": 1,
            "size": [13 if row.level == "region" else 10 for _, row, _ in known],
            "symbol": ["diamond" if row.level == "region" else "circle" for _, row, _ in known],
        },
        error_x={
            "type": "data",
            "array": [row.interval.high - value if row.interval else 0 for _, row, value in known],
            "arrayminus": [value - row.interval.low if row.interval else 0 for _, row, value in known],
            "color": tint(rate, palette),
            "thickness": 2.5,
            "width": 0,
        },
        text=[f"{escape(row.name)}<br>{_figures(row, rate)}" for _, row, _ in known],
        hovertemplate="%{text}<extra></extra>",
        **axes,
    )


def _target(standings: Sequence[Standing], palette: Palette) -> str:
    shares = sorted({row.target for row in standings if row.target is not None})
    if not shares:
        return french.NBSP
    said = french.percent(shares[0], None) if len(shares) == 1 else "régionale"
    return f"<span style='color:{palette.target}'>┃</span> cible {said}"


def _ticks(low: float) -> dict[str, object]:
    """Three ticks at most: a panel is narrow."""
    ticks = [tick for tick in ((0.5, 0.75, 1) if low > 0.4 else (0, 0.5, 1)) if tick >= low]
    return {"tickvals": ticks, "ticktext": [french.percent(tick, 0) for tick in ticks], "tickangle": 0}


def _figures(row: Standing, rate: Rate, between: str = " ") -> str:
    if row.rate is None:
        return f"\u00a0{NOT_EVALUATED if row.waiting else rate.nothing_short}"
    counts = f"{french.number(row.part)} sur {french.number(row.whole)}"
    return f"\u00a0<b>{french.percent(row.rate)}</b>{between}\u00a0{counts}"


def describe(columns: Sequence[Column], *, intervals: bool = True) -> str:
    """The panels in words, for those who do not see them; without `intervals`, what bars show of the same."""
    parts = []
    for rate, standings in columns:
        shares = sorted({row.target for row in standings if row.target is not None})
        held = f" (cible {french.join([french.percent(share, None) for share in shares])})" if shares else ""
        said = " ; ".join(f"{row.name} {measured(rate, row)}" for row in standings)
        parts.append(f"{rate.label}{held} : {said}.")
    return french.typographic(f"{'Taux avec leurs intervalles à 95 %. ' if intervals else ''}{' '.join(parts)}")
