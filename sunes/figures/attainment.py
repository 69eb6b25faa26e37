"""Attainment against the target: one bullet bar per volet."""

from sunes import french
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.insights.headlines import NOT_EVALUATED, target_scope
from sunes.metrics import Answer, Row, not_evaluated_yet
from sunes.programme import Programme

_LEGEND = 36  # pixels: two short lines, which the narrowest column holds
_LINE = 84
# Of the figure at least: as high as the lines of the trend, its neighbour (see `history.trend`).
HEIGHT = 264


def bullets(volets: Answer, programme: Programme, palette: Palette = SCREEN) -> Drawn:
    """Horizontal bars of `attainment_rate`, one per row of an answer by volet, with the target as a line across each.

    The pale extension of a bar is what can still be attained (`attainment_rate_max`), as a line over the bars says. A
    volet that is not evaluated yet has it alone, with its words on it. Marks carry their volet and, in an answer by
    region too, their region.
    """
    sketch = Sketch()
    extended = any(row["accepted"] and row["attainment_rate_max"] > row["attainment_rate"] for row in volets.rows)
    for row in volets.rows:
        volet = programme.volet(row["volet"])
        label = f"Volet {volet.number}"
        if row["accepted"]:
            _bar(sketch, row, label, palette.volet(programme.volets.index(volet)))
        if not row["accepted"] or not_evaluated_yet(row):
            text = NOT_EVALUATED if row["accepted"] else "aucun établissement retenu"
            sketch.add_annotation(x=0, y=label, xanchor="left", text=text, showarrow=False, font={"size": 14})
        if row["target_rate"] is not None:
            _target(sketch, row["target_rate"], label, palette)
    top = 30
    if extended:
        top += _LEGEND
        sketch.add_annotation(
            xref="paper", x=0, xanchor="left", yref="paper", y=1, yanchor="bottom", yshift=26, showarrow=False,
            align="left", font={"size": 13, "color": palette.text},
            text="bande pâle : encore possible, si tous les<br>non évalués atteignent la cible d’usage",
        )  # fmt: skip
    ticks = (0, 0.5, 1)
    count = len(volets.rows)
    height = max(HEIGHT, 30 + top + _LINE * count)
    slots, middle = (height - 30 - top) / _LINE, (count - 1) / 2
    sketch.update_layout(
        barmode="overlay",
        showlegend=False,
        height=height,
        margin={"l": 0, "r": 48, "t": top, "b": 24},
        font={"color": palette.text},
        yaxis={
            "range": [middle + slots / 2, middle - slots / 2],
            "tickfont": {"size": 16, "color": palette.text},
            "fixedrange": True,
        },
        xaxis={
            "range": [0, 1.0001],
            "tickvals": ticks,
            "ticktext": [french.percent(tick, 0) for tick in ticks],
            "tickfont": {"size": 13, "color": palette.text},
            "fixedrange": True,
        },
    )
    return sketch.drawn()


def mark(row: Row) -> tuple[str, ...]:
    """What a mark of a row stands for: the parameters of a View, each followed by its value."""
    return tuple(part for key in ("region", "volet") if key in row for part in (key, row[key]))


def _bar(sketch: Sketch, row: Row, label: str, colour: str) -> None:
    best = french.percent(row["attainment_rate_max"])
    said = french.ratio(row["attained"], row["accepted"])
    for value, width, opacity, hover in (
        (row["attainment_rate_max"], 0.62, 0.22, f"{best} si tous les non évalués l’atteignent"),
        (row["attainment_rate"], 0.36, 1, f"{said} ont atteint la cible d’usage"),
    ):
        sketch.add_bar(
            x=[value],
            y=[label],
            orientation="h",
            width=width,
            marker={"color": colour, "opacity": opacity},
            customdata=[mark(row)],
            hovertemplate=f"{label}{french.NBSP}: {hover}<extra></extra>",
        )


def _target(sketch: Sketch, share: float, label: str, palette: Palette) -> None:
    text = f"cible {french.percent(share, None)}"
    sketch.add_scatter(
        x=[share],
        y=[label],
        mode="markers",
        marker={"symbol": "line-ns", "size": 40, "line": {"width": 4, "color": palette.target}},
        hovertemplate=f"{label}{french.NBSP}: {text}<extra></extra>",
    )
    sketch.add_annotation(x=share, y=label, yshift=35, text=text, showarrow=False, font={"size": 14})


def describe(volets: Answer, programme: Programme) -> str:
    """The bars in words, for those who do not see them."""
    parts = [f"Volet {programme.volet(row['volet']).number} : {_measured(row)}" for row in volets.rows]
    scope = target_scope(volets.view, programme, len(volets.rows))
    parts += [f"{scope[0].upper()}{scope[1:]}"] if scope else []
    return french.typographic(f"Barres de l’atteinte par volet. {'. '.join(parts)}.")


def _measured(row: Row) -> str:
    if not row["accepted"]:
        return "aucun établissement retenu"
    if not_evaluated_yet(row):
        return f"{NOT_EVALUATED}, {french.count(row['accepted'], 'établissement retenu')}"
    target = f", pour une cible de {french.percent(row['target_rate'], None)}" if row["target_rate"] is not None else ""
    return f"{french.ratio(row['attained'], row['accepted'])} des retenus ont atteint la cible d’usage{target}"
