"""Attainment over the snapshots against what was due, and the state of one of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sunes import french
from sunes.figures import axis
from sunes.figures.axis import numbered
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.insights.deadlines import windows
from sunes.insights.headlines import attainment_said
from sunes.insights.progress_findings import standing_said
from sunes.metrics import Answer, Row, known_value
from sunes.programme import Programme, Volet

# The metrics of these figures, for the table beside them.
COLUMNS = ("accepted", "evaluated", "attained", "attainment_rate", "target_rate", "gap_establishments")

_LEFT = 14  # pixels that the first label of an axis needs
_ALONE = timedelta(days=45)  # round a single snapshot
_GAP = 0.2  # between two panels, as a share of the height of all


def against_deadlines(over_time: Answer, programme: Programme, palette: Palette = SCREEN) -> Drawn:
    """Attainment of each volet over the snapshots, one panel per volet, from an answer by snapshot and volet.

    Published deadlines of the windows of its View that are open to the volet are vertical lines, the regional target a
    horizontal one up to the day when it is due. Marks carry their volet.
    """
    volets = [volet for volet in programme.volets if over_time.only(volet=volet.id).rows]
    days = sorted({date.fromisoformat(row["snapshot"]) for row in over_time.rows})
    span = _span(days, over_time, volets, programme)
    sketch = Sketch()
    for rank, volet in enumerate(volets):
        panel = numbered(rank)
        rows = over_time.only(volet=volet.id).rows
        sketch.update_layout(_axes(rank, len(volets), span, days, palette))
        _heading(sketch, panel, volet, rows[-1], palette)
        _deadlines(sketch, panel, volet, over_time, programme, span, palette)
        _target(sketch, panel, rows[-1], programme, span, palette)
        _line(sketch, panel, rows, palette.volet(programme.volets.index(volet)))
    sketch.update_layout(
        showlegend=False,
        height=50 + 190 * len(volets),
        margin={"l": 0, "r": 14, "t": 26, "b": 24},
        font={"color": palette.text},
    )
    return sketch.drawn()


def describe(over_time: Answer, programme: Programme) -> str:
    """The panels in words, for those who do not see them."""
    parts = []
    for volet in programme.volets:
        rows = over_time.only(volet=volet.id).rows
        if rows:
            first, last = (french.day(date.fromisoformat(rows[i]["snapshot"])) for i in (0, -1))
            begin, end = (attainment_said(rows[i]) for i in (0, -1))
            target = french.percent(rows[-1]["target_rate"], None)
            parts.append(f"volet {volet.number}, {begin} le {first}, {end} le {last}, cible {target}")
    return french.typographic(f"Courbes de l’atteinte : {' ; '.join(parts)}.")


def standings(
    now: Answer, programme: Programme, names: Mapping[str, str], scale: int, palette: Palette = SCREEN
) -> Drawn:
    """Accepted (pale) and attained (solid) establishments per region and volet, the regional target as a mark.

    Parameters
    ----------
    now
        The rows of one snapshot, from an answer by snapshot, region and volet.
    names
        Region code → its name, in the order of the bars. Marks carry their region and volet.
    scale
        Establishments at the end of the axis: the same for all snapshots, so that the bars can be compared.
    """
    sketch = Sketch()
    order = list(names)
    for rank, row in enumerate(sorted(now.rows, key=lambda row: order.index(row["region"]))):
        volet = programme.volet(row["volet"])
        colour = palette.volet(programme.volets.index(volet))
        mark = ("region", row["region"], "volet", volet.id)
        for value, width, opacity in ((row["accepted"], 0.5, 0.22), (row["attained"], 0.3, 1)):
            sketch.add_bar(
                x=[value], y=[-rank], orientation="h", width=width, opacity=opacity, marker={"color": colour},
                customdata=[mark], hovertemplate=f"{standing_said(row)}<extra></extra>",
            )  # fmt: skip
        sketch.add_annotation(
            xref="paper", x=0, xanchor="left", xshift=-_LEFT, y=-rank, yshift=25, showarrow=False, font={"size": 14},
            text=french.typographic(f"<b>{names[row['region']]}, volet {volet.number}</b> : {standing_said(row)}"),
        )  # fmt: skip
        if row["accepted"] and row["target_rate"] is not None:
            sketch.add_scatter(
                x=[row["target_rate"] * row["accepted"]], y=[-rank], mode="markers",
                marker={"symbol": "line-ns", "size": 24, "line": {"width": 4, "color": palette.target}},
                customdata=[mark],
                hovertemplate=f"cible : {french.percent(row['target_rate'], None)} des retenus<extra></extra>",
            )  # fmt: skip
    sketch.add_annotation(
        xref="paper", x=0, xanchor="left", xshift=-_LEFT, yref="paper", y=1, yanchor="bottom", showarrow=False,
        font={"size": 13},
        text=f"bande pâle : retenus   barre : atteints   <span style='color:{palette.target}'>┃</span> cible régionale",
    )  # fmt: skip
    count = max(1, len(now.rows))
    sketch.update_layout(
        barmode="overlay",
        showlegend=False,
        height=58 * count + 52,
        margin={"l": _LEFT, "r": 18, "t": 26, "b": 26},
        font={"color": palette.text},
        yaxis={"range": [0.4 - count, 0.75], "visible": False, "fixedrange": True},
        xaxis={
            "range": [0, max(1, scale) * 1.01],
            "fixedrange": True,
            **axis.counts(scale),
            "tickfont": {"size": 13, "color": palette.text},
        },
    )
    return sketch.drawn()


def _span(days: Sequence[date], over_time: Answer, volets: Iterable[Volet], programme: Programme) -> list[date]:
    """From the first snapshot to the last one, or to what is due later."""
    if not days:
        return [date.min, date.max]
    due = [window.deadline.date for window in windows(over_time.view, programme) if window.deadline]
    targets = (programme.target(volet.id, None, days[-1]) for volet in volets)
    end = max([days[-1], *due, *(target.due for target in targets if target)])
    return [days[0], end] if days[0] < end else [days[0] - _ALONE, end + _ALONE]


def _axes(rank: int, panels: int, span: Sequence[date], days: Sequence[date], palette: Palette) -> dict[str, Any]:
    """The axes of a panel, from the top, in a layout; the days are written under the last one only."""
    panel, last = numbered(rank), numbered(panels - 1)
    years = [date(year, 1, 1) for year in range(span[0].year + 1, span[1].year + 1)]
    ticks = years if len(years) > 1 else list(dict.fromkeys((days[0], days[-1])))
    names = [str(day.year) if len(years) > 1 else french.short_day(day) for day in ticks]
    shares = (0, 0.5, 1)
    tickfont = {"color": palette.text, "size": 13}
    high = (1 - _GAP * (panels - 1)) / panels
    bottom = (panels - 1 - rank) * (high + _GAP)
    return {
        f"xaxis{panel}": {
            "anchor": f"y{panel}",
            "domain": [0, 1],
            "range": span,
            "tickvals": ticks,
            "ticktext": names,
            "tickfont": tickfont,
            "fixedrange": True,
            "showgrid": False,
            **({} if panel == last else {"matches": f"x{last}", "showticklabels": False}),
        },
        f"yaxis{panel}": {
            "anchor": f"x{panel}",
            "domain": [bottom, min(1, bottom + high)],
            "range": [0, 1.02],
            "tickvals": shares,
            "ticktext": [french.percent(share, 0) for share in shares],
            "tickfont": tickfont,
            "fixedrange": True,
        },
    }


def _heading(sketch: Sketch, panel: str, volet: Volet, last: Row, palette: Palette) -> None:
    sketch.add_annotation(
        xref=f"x{panel} domain", x=0, xanchor="left", yref=f"y{panel} domain", y=1, yanchor="bottom", yshift=2,
        showarrow=False, font={"size": 14, "color": palette.text},
        text=french.typographic(f"<b>Volet {volet.number}</b> : {standing_said(last)}"),
    )  # fmt: skip


def _line(sketch: Sketch, panel: str, rows: Sequence[Row], colour: str) -> None:
    days = [date.fromisoformat(row["snapshot"]) for row in rows]
    sketch.add_scatter(
        x=days,
        y=[known_value(row, "attainment_rate") for row in rows],
        customdata=[
            ("volet", row["volet"], french.day(day), standing_said(row)) for day, row in zip(days, rows, strict=True)
        ],
        mode="lines+markers",  # a line can't be clicked, markers that nobody sees can
        line={"color": colour, "width": 3},
        marker={"size": 9, "opacity": 0},
        hovertemplate="%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
        xaxis=f"x{panel}",
        yaxis=f"y{panel}",
    )
    if (last := known_value(rows[-1], "attainment_rate")) is not None:
        sketch.add_scatter(
            x=days[-1:], y=[last], xaxis=f"x{panel}", yaxis=f"y{panel}", mode="markers",
            marker={"color": colour, "size": 10}, hoverinfo="skip", cliponaxis=False,
        )  # fmt: skip


def _deadlines(
    sketch: Sketch,
    panel: str,
    volet: Volet,
    over_time: Answer,
    programme: Programme,
    span: Sequence[date],
    palette: Palette,
) -> None:
    due = [w for w in windows(over_time.view, programme) if w.deadline and volet.id in w.volets]
    due = [window for window in due if window.deadline and span[0] <= window.deadline.date <= span[1]]
    for rank, window in enumerate(due):
        day = window.deadline.date if window.deadline else span[1]
        sketch.add_shape(
            type="line", xref=f"x{panel}", x0=day, x1=day, yref=f"y{panel}", y0=0, y1=1.02,
            line={"color": palette.text, "width": 1.5, "dash": "dash"},
        )  # fmt: skip
        # The first label left of its line and the last one right of it: deadlines are close to each other.
        left = rank == 0
        sketch.add_annotation(
            xref=f"x{panel}", x=day, xanchor="right" if left else "left", xshift=-4 if left else 4,
            yref=f"y{panel}", y=0.24 if left else 0.03 + 0.3 * (rank - 1), yanchor="bottom", showarrow=False,
            align="right" if left else "left", font={"size": 13, "color": palette.text},
            text=f"échéance<br>fenêtre {window.number}<br>{french.short_day(day)}",
        )  # fmt: skip


def _target(
    sketch: Sketch, panel: str, last: Row, programme: Programme, span: Sequence[date], palette: Palette
) -> None:
    if last["target_rate"] is None:
        return
    target = programme.target(last["volet"], last.get("region"), date.fromisoformat(last["snapshot"]))
    end = min(target.due, span[1]) if target and target.due > span[0] else span[1]
    sketch.add_shape(
        type="line", xref=f"x{panel}", x0=span[0], x1=end,
        yref=f"y{panel}", y0=last["target_rate"], y1=last["target_rate"],
        line={"color": palette.target, "width": 2, "dash": "dot"},
    )  # fmt: skip
    sketch.add_annotation(
        xref=f"x{panel}", x=span[0], xanchor="left", yref=f"y{panel}", y=last["target_rate"], yanchor="bottom",
        showarrow=False, font={"size": 13, "color": palette.text},
        text=f"cible {french.percent(last['target_rate'], None)}",
    )  # fmt: skip
