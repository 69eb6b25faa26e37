"""The windows of the programme: what each one added, and where each stood at its deadline."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sunes import french
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.insights.progress import Milestone, Step
from sunes.insights.progress_findings import milestone_said
from sunes.metrics import known_value
from sunes.programme import Programme

_CLEAR = "rgba(0,0,0,0)"
_LEFT = 14  # pixels that the first label of an axis needs
_TRACK = 0.1  # opacity of what a bar could still fill


def staircase(steps: Sequence[Step], palette: Palette = SCREEN) -> Drawn:
    """Accepted establishments per window, one bar below the other, each ending at the cumulative distinct count.

    What a window adds (newcomers, solid) thus stands beyond the end of the bar before it, and what came back (hollow)
    lies under it. The pale track ends at the eligible establishments. Marks carry their window.
    """
    sketch = Sketch()
    top = max([1, *(step.row["eligible"] for step in steps), *(step.cumulative for step in steps)])
    counted = [(-rank, step) for rank, step in enumerate(steps) if not step.absent]
    numbers = [step.window.number for _, step in counted]
    eligible = [(y, step.row["eligible"]) for y, step in counted]
    tracks = [(y, 0, size, french.count(size, "éligible")) for y, size in eligible]
    _bars(sketch, numbers, tracks, palette, opacity=_TRACK)
    _bars(
        sketch,
        numbers,
        [(y, step.cumulative - step.row["accepted"], step.returning, "déjà retenus auparavant") for y, step in counted],
        palette,
        name="déjà retenus auparavant",
        hollow=True,
    )
    _bars(
        sketch,
        numbers,
        [
            (y, step.cumulative - step.row["newcomers"], step.row["newcomers"], "nouveaux retenus")
            for y, step in counted
        ],
        palette,
        name="nouveaux retenus",
    )
    for rank, step in enumerate(steps):
        _caption(sketch, -rank, _heading(step))
        if step.absent:
            continue
        cumulative = f"<b>{french.number(step.cumulative)}</b> sur {french.number(step.row['eligible'])}"
        sketch.add_annotation(
            xref="paper", x=1.01, xanchor="left", y=-rank, text=cumulative, showarrow=False, font={"size": 14}
        )
    sketch.add_annotation(
        xref="paper", x=1.01, xanchor="left", yref="paper", y=1, yanchor="bottom", showarrow=False,
        text="en tout,<br>sur éligibles", align="left", font={"size": 13},
    )  # fmt: skip
    sketch.update_layout(
        **_rows(len(steps), palette, row=56, top=38, left=0, right=92, bottom=0),
        barmode="overlay",
        xaxis={"range": [0, top], "visible": False, "fixedrange": True},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "traceorder": "reversed"}
        | {"font": {"size": 13, "color": palette.text}, "itemclick": False, "itemdoubleclick": False},
    )
    return sketch.drawn()


def milestones(made: Sequence[Milestone], programme: Programme, palette: Palette = SCREEN) -> Drawn:
    """Attainment per window and volet: a ring at the window's deadline, a dot now, the regional target as a line.

    Marks carry their window and volet.
    """
    sketch = Sketch()
    for rank, milestone in enumerate(made):
        volet = programme.volet(milestone.volet)
        colour = palette.volet(programme.volets.index(volet))
        label = f"Fenêtre {milestone.window.number}, volet {volet.number}"
        _caption(sketch, -rank, f"<b>{label}</b> · {milestone_said(milestone)}", xshift=-_LEFT)
        if milestone.absent:
            continue
        mark = ("window", milestone.window.number, "volet", volet.id)
        ends = [
            (rate, symbol)
            for row, symbol in ((milestone.then, "circle-open"), (milestone.now, "circle"))
            if row and (rate := known_value(row, "attainment_rate")) is not None
        ]
        sketch.add_scatter(
            x=[0, 1], y=[-rank, -rank], mode="lines", line={"color": palette.text, "width": 1}, opacity=0.3,
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
        sketch.add_scatter(
            x=[rate for rate, _ in ends],
            y=[-rank] * len(ends),
            customdata=[mark] * len(ends),
            mode="lines+markers",
            line={"color": colour, "width": 4},
            marker={
                "color": colour,
                "size": 13,
                "symbol": [symbol for _, symbol in ends],
                "line": {"width": 3, "color": colour},
            },
            hovertemplate=french.typographic(f"{label} : {milestone_said(milestone)}<extra></extra>"),
            showlegend=False,
        )
        _target(sketch, milestone.now["target_rate"], -rank, mark, palette)
    ticks = (0, 0.25, 0.5, 0.75, 1)
    present = french.short_day(date.fromisoformat(made[0].now["snapshot"])) if made else ""
    sketch.add_annotation(
        xref="paper", x=0, xanchor="left", xshift=-_LEFT, yref="paper", y=1, yanchor="bottom", showarrow=False,
        text=f"○ à l’échéance   ● au {present}   <span style='color:{palette.target}'>┃</span> cible régionale",
        font={"size": 13},
    )  # fmt: skip
    sketch.update_layout(
        **_rows(len(made), palette, row=46, top=26, left=_LEFT, right=18, bottom=26),
        xaxis={
            "range": [-0.015, 1.015],
            "tickvals": ticks,
            "ticktext": [french.percent(tick, 0) for tick in ticks],
            "tickfont": {"size": 13, "color": palette.text},
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
        showlegend=False,
    )
    return sketch.drawn()


def _bars(
    sketch: Sketch,
    numbers: Sequence[int],
    bars: Sequence[tuple[int, int, int, str]],
    palette: Palette,
    *,
    name: str = "",
    hollow: bool = False,
    opacity: float = 1,
) -> None:
    """Horizontal bars of these windows, each (y, start, length, what it counts).

    Those with a name are labelled and in the legend.
    """
    sketch.add_bar(
        y=[y for y, *_ in bars],
        base=[start for _, start, *_ in bars],
        x=[length for *_, length, _ in bars],
        customdata=[("window", number) for number in numbers],
        orientation="h",
        width=0.4,
        name=name,
        showlegend=bool(name),
        opacity=opacity,
        marker={
            "color": _CLEAR if hollow else palette.participation,
            "line": {"width": 2 if name else 0, "color": palette.participation},
        },
        text=[french.number(length) if name and length else "" for *_, length, _ in bars],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"size": 14} | ({"color": palette.text} if hollow else {}),
        constraintext="none",
        hovertext=[f"{french.number(length)} {what}" if name else what for *_, length, what in bars],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _heading(step: Step) -> str:
    name = f"<b>Fenêtre {step.window.number}</b>"
    if step.absent:
        return f"{name} · {step.absent}"
    filed, accepted = step.row["applications"], step.row["accepted"]
    if not filed:
        return f"{name} · aucun dossier"
    return (
        f"{name} · {french.count(filed, 'dossier')}, {french.count(accepted, 'retenu') if accepted else 'aucun retenu'}"
    )


def _caption(sketch: Sketch, y: int, text: str, xshift: int = 0) -> None:
    """What a row is about, above it, so that the row has the whole width even on a telephone."""
    sketch.add_annotation(
        xref="paper", x=0, xanchor="left", xshift=xshift, y=y, yshift=22, text=text, showarrow=False, font={"size": 14}
    )


def _target(sketch: Sketch, share: float | None, y: int, mark: tuple[str | int, ...], palette: Palette) -> None:
    if share is None:
        return
    sketch.add_scatter(
        x=[share],
        y=[y],
        customdata=[mark],
        mode="markers",
        marker={"symbol": "line-ns", "size": 14, "line": {"width": 4, "color": palette.target}},
        hovertemplate=f"cible régionale, toutes fenêtres : {french.percent(share, None)}<extra></extra>",
        showlegend=False,
    )


def _rows(count: int, palette: Palette, *, row: int, top: int, left: int, right: int, bottom: int) -> dict[str, Any]:
    """The layout of `count` rows of `row` pixels at y = 0, -1, -2…"""
    return {
        "height": row * max(1, count) + top + bottom,
        "margin": {"l": left, "r": right, "t": top, "b": bottom},
        "font": {"color": palette.text},
        "yaxis": {"range": [0.4 - max(1, count), 0.75], "visible": False, "fixedrange": True},
    }
