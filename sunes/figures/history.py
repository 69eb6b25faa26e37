"""Rates over the snapshots."""

import math
from collections.abc import Sequence
from datetime import date

from sunes import french
from sunes.figures.attainment import HEIGHT, mark
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.insights.headlines import NOT_EVALUATED
from sunes.metrics import Answer, Row, known_value, not_evaluated_yet
from sunes.programme import Programme

# The least distance between two labels at the right of the lines, as a share of the axis.
_LABEL_HEIGHT = 0.22


def trend(participation: Answer, attainment: Answer, programme: Programme, palette: Palette = SCREEN) -> Drawn:
    """Lines of participation and of each volet's attainment over the snapshots, with the targets as dotted lines.

    An attainment begins with the first evaluation: before, there is none.

    Parameters
    ----------
    participation
        An answer by snapshot.
    attainment
        An answer by snapshot and volet.

    Points carry their region and volet, as far as the answers are cut by them.
    """
    lines: list[tuple[str, str, str, str, Sequence[Row]]] = [
        ("Participation", "participation_rate", palette.participation, "dash", participation.rows)
    ]
    for rank, volet in enumerate(programme.volets):
        of_volet = attainment.only(volet=volet.id).rows
        lines.append((f"Volet {volet.number}", "attainment_rate", palette.volet(rank), "solid", of_volet))

    sketch = Sketch()
    ends: dict[str, tuple[float, str]] = {}
    for name, metric, colour, dash, rows in lines:
        said = len(mark(rows[0])) if rows else 0  # where the words begin in what a point carries
        sketch.add_scatter(
            x=[date.fromisoformat(row["snapshot"]) for row in rows],
            y=[known_value(row, metric) for row in rows],
            customdata=[
                (*mark(row), french.day(date.fromisoformat(row["snapshot"])), french.percent(known_value(row, metric)))
                for row in rows
            ],
            name=name,
            mode="lines" if len(rows) > 1 else "markers",
            line={"color": colour, "dash": dash, "width": 3},
            marker={"color": colour, "size": 10},
            hovertemplate=f"%{{customdata[{said}]}}<br>{name}{french.NBSP}: %{{customdata[{said + 1}]}}<extra></extra>",
        )
        if rows and (last := known_value(rows[-1], metric)) is not None:
            ends[name] = (last, colour)
    _targets(sketch, attainment, programme, palette)
    top = max([1.0, *(row[metric] or 0 for _, metric, _, _, rows in lines for row in rows)])
    for name, height in _spread({name: rate / top for name, (rate, _) in ends.items()}).items():
        rate, colour = ends[name]
        sketch.add_annotation(
            xref="paper", x=1.01, xanchor="left", y=height * top, showarrow=False, align="left",
            text=f'<span style="color:{colour}">●</span> {name}<br><b>{french.percent(rate)}</b>',
            font={"size": 14, "color": palette.text},
        )  # fmt: skip
    ticks = [quarter * math.ceil(top) / 4 for quarter in range(5)]
    tickfont = {"color": palette.text, "size": 13}
    sketch.update_layout(
        showlegend=False,
        height=HEIGHT,
        margin={"l": 0, "r": 108, "t": 40, "b": 24},
        yaxis={
            "range": [0, 1.04 * top],
            "tickvals": ticks,
            "ticktext": [french.percent(v, 0) for v in ticks],
            "tickfont": tickfont,
            "fixedrange": True,
        },
        xaxis={"fixedrange": True, "showgrid": False, "tickfont": tickfont, **_dates(participation.rows)},
    )
    return sketch.drawn()


def _targets(sketch: Sketch, attainment: Answer, programme: Programme, palette: Palette) -> None:
    """A dotted line for each target. Named above the chart: where they are, they would meet the lines of the rates."""
    named = []
    for volet in programme.volets:
        for last in attainment.only(volet=volet.id).rows[-1:]:
            if last["target_rate"] is None:
                continue
            sketch.add_hline(y=last["target_rate"], line={"color": palette.target, "width": 1.5, "dash": "dot"})
            named.append(f"{french.percent(last['target_rate'], None)} (volet {volet.number})")
    if named:
        sketch.add_annotation(
            xref="paper", x=0, xanchor="left", yref="paper", y=1, yanchor="bottom", yshift=14, showarrow=False,
            text=f'<span style="color:{palette.target}"><b>···</b></span> '
            f"{'cible' if len(named) < 2 else 'cibles'}{french.NBSP}: {french.join(named)}",
            font={"size": 13, "color": palette.text},
        )  # fmt: skip


def _dates(rows: Sequence[Row]) -> dict[str, object]:
    """One tick a year, where it begins; over less than a year the first and the last snapshot."""
    days = [date.fromisoformat(row["snapshot"]) for row in rows]
    if not days:
        return {}
    years = [date(year, 1, 1) for year in range(days[0].year + 1, days[-1].year + 1)]
    if len(years) > 1:
        return {"tickvals": years, "ticktext": [str(tick.year) for tick in years]}
    ends = list(dict.fromkeys((days[0], days[-1])))
    return {"tickvals": ends, "ticktext": [french.short_day(tick) for tick in ends]}


def _spread(heights: dict[str, float]) -> dict[str, float]:
    """Heights moved as little as keeps every label readable, in their order."""
    placed: dict[str, float] = {}
    floor = _LABEL_HEIGHT / 2
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        placed[name] = max(height, floor)
        floor = placed[name] + _LABEL_HEIGHT
    excess = max(0.0, floor - _LABEL_HEIGHT - 1)
    return {name: height - excess for name, height in placed.items()} if excess else placed


def describe(participation: Answer, attainment: Answer, programme: Programme) -> str:
    """The lines in words, for those who do not see them."""
    if not participation.rows:
        return "Aucune situation à tracer."
    first, last = (french.day(date.fromisoformat(participation.rows[i]["snapshot"])) for i in (0, -1))
    when = f"Courbes du {first} au {last}" if len(participation.rows) > 1 else f"Points au {last}"
    parts = [span("participation", "participation_rate", participation.rows)]
    for volet in programme.volets:
        rows = attainment.only(volet=volet.id).rows
        if not rows:
            continue
        parts.append(span(f"atteinte du volet {volet.number}", "attainment_rate", rows))
    return french.typographic(f"{when} : {french.join(parts)}.")


def span(name: str, metric: str, rows: Sequence[Row]) -> str:
    """One line in words: « atteinte du volet 1 (4,6 % le 31 août 2022, première valeur connue, puis 75,7 %) »."""
    known = [row for row in rows if known_value(row, metric) is not None]
    if not known:
        return f"{name} ({NOT_EVALUATED if not_evaluated_yet(rows[-1]) else french.UNKNOWN})"
    first, last = (french.percent(each[metric]) for each in (known[0], rows[-1]))
    if len(rows) == 1:
        return f"{name} ({last})"
    if known[0] is not rows[0]:
        since = french.day(date.fromisoformat(known[0]["snapshot"]))
        return f"{name} ({first} le {since}, première valeur connue, puis {last})"
    return f"{name} ({first}, puis {last})" if last == french.UNKNOWN else f"{name} (de {first} à {last})"
