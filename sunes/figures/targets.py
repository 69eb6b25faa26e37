"""Bars under their own words, with what they are held against: for slides, which nobody clicks."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from sunes import french
from sunes.establishments.measures import STATUS_LABELS, STATUS_SIGNS, Measure
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.insights.headlines import NOT_EVALUATED
from sunes.metrics import Row, known_value, not_evaluated_yet

# Pixels of a whole figure at least: a slide draws a lower one so large that its words have no room.
_HEIGHT = 282
_LINE = 17  # of text
_LEFT = 12  # what the first label of the axis needs
_TOP, _BOTTOM = 28, 26
_PALE, _SOLID = 0.34, 0.2  # of the distance from bar to bar

Line = tuple[str, Row, str]


@dataclass(frozen=True, slots=True)
class _Bar:
    """A bar up to `rate`, pale up to `best`, with a line across it at `aim`; None where there is no such thing.

    Without `best`, it lies on a track to 100 %.
    """

    caption: str
    rate: float | None
    best: float | None
    aim: float | None
    colour: str


def bars(lines: Sequence[Line], palette: Palette = SCREEN) -> Drawn:
    """Bars of `attainment_rate` from top to bottom, the target as a line across each.

    The pale extension of a bar is what can still be attained (`attainment_rate_max`).

    Parameters
    ----------
    lines
        What each line is called, a row of an answer by volet, and the line's colour.
    """
    shares = _shares(lines)
    made = [
        _Bar(
            f"<b>{escape(name)}</b> {_said(row, aim=len(shares) > 1)}",
            known_value(row, "attainment_rate"),
            row["attainment_rate_max"] or 0,
            row["target_rate"] if row["accepted"] else None,
            colour,
        )
        for name, row, colour in lines
    ]
    target = f"cible {french.percent(shares[0], None)}" if len(shares) == 1 else "cible régionale" if shares else ""
    return _drawn(made, target, f"bande pâle{french.NBSP}: encore possible   ", palette)


def indicators(measures: Sequence[tuple[Measure, str]], palette: Palette = SCREEN) -> Drawn:
    """Bars of what was measured for an establishment, its threshold as a line across each; measures with a colour."""
    made = [
        _Bar(
            f"<b>{escape(measure.indicator.name)}</b> · fenêtre {measure.window}<br>{_measured(measure)}",
            None if measure.rate is None else min(measure.rate, 1),
            None,
            measure.threshold,
            colour,
        )
        for measure, colour in measures
    ]
    return _drawn(made, "seuil" if any(bar.aim is not None for bar in made) else "", "", palette)


def describe(lines: Sequence[Line]) -> str:
    """The bars in words, for those who do not see them."""
    parts = []
    for name, row, _ in lines:
        best = row["attainment_rate_max"]
        possible = f", {french.percent(best)} possibles" if row["accepted"] and best != row["attainment_rate"] else ""
        parts.append(f"{name} : {_said(row, aim=True)}{possible}")
    return french.typographic(f"Barres de l’atteinte. {'. '.join(parts)}.")


def _drawn(made: Sequence[_Bar], aim: str, legend: str, palette: Palette) -> Drawn:
    sketch = Sketch()
    rows = max((bar.caption.count("<br>") + 1 for bar in made), default=1)
    count = max(1, len(made))
    pitch = max(_LINE * rows + 14, (_HEIGHT - _TOP - _BOTTOM) / count)
    for rank, bar in enumerate(made):
        sketch.add_annotation(
            xref="paper", x=0, xanchor="left", xshift=-_LEFT, y=-rank, yanchor="bottom",
            yshift=round(pitch * _PALE * 0.6), text=bar.caption, align="left", showarrow=False,
            font={"size": 14 if count <= _FEW else 13, "color": palette.text},
        )  # fmt: skip
        under = (1, _SOLID, 0.12, palette.text) if bar.best is None else (bar.best, _PALE, 0.25, bar.colour)
        for value, width, opacity, colour in (under, (bar.rate, _SOLID, 1, bar.colour)):
            if value is not None:
                sketch.add_bar(
                    x=[value], y=[-rank], orientation="h", width=width, marker={"color": colour, "opacity": opacity},
                    hovertemplate=f"{bar.caption}<extra></extra>",
                )  # fmt: skip
        if bar.aim is not None:
            mark = {"symbol": "line-ns", "size": round(pitch * 0.24), "line": {"width": 4, "color": palette.target}}
            sketch.add_scatter(x=[bar.aim], y=[-rank], mode="markers", hoverinfo="skip", marker=mark)
    said = f"<span style='color:{palette.target}'>┃</span> {aim}" if aim else ""
    sketch.add_annotation(
        xref="paper", x=0, xanchor="left", xshift=-_LEFT, yref="paper", y=1, yanchor="bottom", yshift=6,
        showarrow=False, font={"size": 13, "color": palette.text}, text=legend + said,
    )  # fmt: skip
    ticks = (0, 0.5, 1)
    sketch.update_layout(
        barmode="overlay",
        showlegend=False,
        height=round(pitch * count) + _TOP + _BOTTOM,
        margin={"l": _LEFT, "r": 20, "t": _TOP, "b": _BOTTOM},
        font={"color": palette.text},
        yaxis={"range": [0.72 - count, 0.72], "visible": False, "fixedrange": True},
        xaxis={
            "range": [0, 1.003],
            "tickvals": ticks,
            "ticktext": [french.percent(tick, 0) for tick in ticks],
            "tickfont": {"size": 13, "color": palette.text},
            "fixedrange": True,
            "zeroline": False,
        },
    )
    return sketch.drawn()


_FEW = 6  # bars whose words can be larger


def _shares(lines: Sequence[Line]) -> list[float]:
    return sorted({row["target_rate"] for _, row, _ in lines if row["target_rate"] is not None})


def _said(row: Row, aim: bool = False) -> str:
    """« 75,7 % (165 sur 218), il en manque 10 »; with `aim`, the target as well."""
    if not row["accepted"]:
        return "aucun établissement retenu"
    if not_evaluated_yet(row):
        return f"{NOT_EVALUATED}, {french.count(row['accepted'], 'retenu')}"
    of = f"{french.number(row['attained'])} sur {french.number(row['accepted'])}"
    said = f"{french.percent(row['attainment_rate'])} ({of})"
    gap = row["gap_establishments"]
    if gap is None:
        return said
    target = f"cible de {french.percent(row['target_rate'], None)}" if aim else "cible"
    if not gap:
        return f"{said}, {target} atteinte"
    return f"{said}, {f'{target}{french.NBSP}: ' if aim else ''}il en manque {french.number(gap)}"


def _measured(measure: Measure) -> str:
    """« ● atteint : 72,9 %, seuil 60 % »."""
    standing = f"{STATUS_SIGNS[measure.status]} {STATUS_LABELS[measure.status]}"
    rate = f"{french.NBSP}: {french.percent(measure.rate)}" if measure.rate is not None else ""
    threshold = "non connu" if measure.threshold is None else french.percent(measure.threshold, None)
    return f"{standing}{rate}, seuil {threshold}"
