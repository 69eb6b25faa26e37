"""One establishment: its indicators against their thresholds, and how they went.

Several of these stand side by side, in columns of any width: what a mark means is written under it, from the left.
"""

from collections.abc import Sequence
from datetime import date

from sunes import french
from sunes.establishments.measures import STATUS_LABELS, STATUS_SIGNS, Measure
from sunes.establishments.sheet import Course
from sunes.figures.axis import numbered
from sunes.figures.lanes import LANE, SIZE, dates, frame, lay_out, write
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.programme import Programme

_MARK_SYMBOLS = {"attained": "circle", "missed": "x", "not_evaluated": "circle-open"}


# Indicators ----------------------------------------------------------------------------------------------------------


def indicators(measures: Sequence[Measure], programme: Programme, palette: Palette = SCREEN) -> Drawn:
    """One bar per measure (`rate`), hatched while not evaluated, with its threshold as a line across where known."""
    sketch = Sketch()
    for lane, measure in enumerate(measures):
        colour = palette.volet(programme.volets.index(measure.volet))
        sketch.add_bar(
            x=[1], y=[lane], orientation="h", width=0.2, hoverinfo="skip",
            marker={"color": palette.participation, "opacity": 0.12},
        )  # fmt: skip
        if measure.rate is not None:
            evaluated = measure.status in ("attained", "missed")
            sketch.add_bar(
                x=[min(measure.rate, 1)], y=[lane], orientation="h", width=0.2,
                marker={"color": colour, "pattern": {"shape": "" if evaluated else "/"}},
                hovertemplate=f"{_name(measure)} : {_measured(measure)}<extra></extra>",
            )  # fmt: skip
        if measure.threshold is not None:
            sketch.add_scatter(
                x=[measure.threshold], y=[lane], mode="markers",
                marker={"symbol": "line-ns", "size": 17, "line": {"width": 4, "color": palette.target}},
                hovertemplate=f"{_name(measure)} : {_threshold(measure)}<extra></extra>",
            )  # fmt: skip
        write(sketch, lane, f"<b>{measure.indicator.name}</b>", 28, palette)
        write(sketch, lane, f"{STATUS_SIGNS[measure.status]} {_measured(measure)}", -20, palette)
        write(sketch, lane, f"{_context(measure)} · {_threshold(measure)}", -37, palette)
    ticks = (0, 0.5, 1)
    names = [french.percent(tick, 0) for tick in ticks]
    lay_out(sketch, len(measures), palette, {"range": [0, 1.0001], "tickvals": ticks, "ticktext": names})
    sketch.update_layout(barmode="overlay")
    return sketch.drawn()


def describe_indicators(measures: Sequence[Measure]) -> str:
    """The bars in words, for those who do not see them."""
    parts = [f"{_name(measure)}, {_measured(measure)}, {_threshold(measure)}" for measure in measures]
    return french.typographic(f"Barres des indicateurs. {'. '.join(parts)}.")


def _measured(measure: Measure) -> str:
    standing = STATUS_LABELS[measure.status]
    if measure.denominator == 0 and measure.numerator is not None:
        return f"{standing} : {french.ratio(measure.numerator, 0)}"
    if measure.rate is None:
        return standing if measure.status is None else f"{standing} : mesure non connue"
    return f"{standing} : {french.ratio(measure.numerator or 0, measure.denominator)}"


def _threshold(measure: Measure) -> str:
    return f"seuil {'non connu' if measure.threshold is None else french.percent(measure.threshold, None)}"


def _context(measure: Measure) -> str:
    notes = [f"fenêtre {measure.window}"]
    notes += [] if measure.required else ["facultatif"]
    notes += [] if measure.accepted else ["non retenu"]
    return ", ".join(notes)


def _name(measure: Measure) -> str:
    return f"{measure.indicator.name}, fenêtre {measure.window}"


# Over the snapshots --------------------------------------------------------------------------------------------------


def history(course: Course, measures: Sequence[Measure], programme: Programme, palette: Palette = SCREEN) -> Drawn:
    """The lanes of `indicators` over the snapshots: a line each, a sign where it was first evaluated."""
    sketch = Sketch()
    for lane, measure in enumerate(measures):
        axis = numbered(lane)
        colour = palette.volet(programme.volets.index(measure.volet))
        past = course.of(measure.key)
        sketch.add_scatter(
            x=list(course.days),
            y=[then.rate if then else None for then in past],
            yaxis=f"y{axis}",
            customdata=[
                [french.day(day), _measured(then) if then else "aucune mesure"]
                for day, then in zip(course.days, past, strict=True)
            ],
            mode="lines" if len(course.days) > 1 else "markers",
            line={"color": colour, "width": 2.5},
            hovertemplate=f"%{{customdata[0]}}<br>{measure.indicator.name}, %{{customdata[1]}}<extra></extra>",
        )
        for day, then in _turns(course.days, past):
            if then.rate is not None:
                sketch.add_scatter(
                    x=[day], y=[then.rate], yaxis=f"y{axis}", mode="markers", hoverinfo="skip", cliponaxis=False,
                    marker={"symbol": _MARK_SYMBOLS[then.status or ""], "size": 10, "color": palette.text},
                )  # fmt: skip
        if measure.threshold is not None:
            sketch.add_shape(
                type="line", xref="paper", x0=0, x1=1, yref=f"y{axis}", y0=measure.threshold, y1=measure.threshold,
                line={"color": palette.target, "width": 1.5, "dash": "dot"},
            )  # fmt: skip
        top = 1 - lane / len(measures)
        sketch.add_annotation(
            xref="paper", x=0, xanchor="left", yref="paper", y=top, yanchor="top", showarrow=False,
            text=f"<b>{measure.indicator.name}</b> · fenêtre {measure.window}",
            font={"size": SIZE, "color": palette.text},
        )  # fmt: skip
        sketch.update_layout({
            f"yaxis{axis}": {
                "domain": [top - (LANE - 8) / LANE / len(measures), top - 26 / LANE / len(measures)],
                "range": [-0.03, 1.03],
                "tickvals": [0, 1],
                "ticktext": [french.percent(0, 0), french.percent(1, 0)],
                "tickfont": {"size": SIZE, "color": palette.text},
                "fixedrange": True,
                "zeroline": False,
            }
        })  # fmt: skip
    tail = f"y{len(measures)}" if len(measures) > 1 else "y"
    sketch.update_layout(
        frame(len(measures), palette, left=44),
        xaxis={"anchor": tail, **dates(course.days, palette)},
    )
    return sketch.drawn()


def describe_history(course: Course, measures: Sequence[Measure]) -> str:
    """The lines in words, for those who do not see them."""
    if not course.days:
        return "Aucune situation à tracer."
    parts = []
    for measure in measures:
        known = [(d, m) for d, m in zip(course.days, course.of(measure.key), strict=True) if m and m.rate is not None]
        if not known:
            parts.append(f"{_name(measure)}, aucune mesure")
            continue
        (since, first), (until, last) = known[0], known[-1]
        rates = f"de {french.percent(first.rate)} au {french.day(since)} à {french.percent(last.rate)}"
        parts.append(f"{_name(measure)}, {rates} au {french.day(until)}, {STATUS_LABELS[last.status]}")
    return french.typographic(f"Courbes des indicateurs. {'. '.join(parts)}.")


def _turns(days: Sequence[date], past: Sequence[Measure | None]) -> list[tuple[date, Measure]]:
    """Where a measure was evaluated, and where its evaluation changed."""
    found: list[tuple[date, Measure]] = []
    before: str | None = "not_evaluated"
    for day, then in zip(days, past, strict=True):
        if then is None or then.status is None:
            continue
        if then.status != before:
            found.append((day, then))
        before = then.status
    return found
