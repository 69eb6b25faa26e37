"""Charts that PowerPoint draws and people edit: the unrounded values of a slide's plain series."""

from dataclasses import replace
from typing import Any

from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.util import Pt

from sunes.deck.slide import Bars, Chart, Lines, Marks, Native, Points, Series
from sunes.export.pptx import labels, text, workbook
from sunes.export.pptx.frame import FORMATS, SMALL, Frame, Margins, short, values_room
from sunes.export.pptx.place import POINT, Box
from sunes.figures.palette import Theme

_USUAL = 14  # points
_DENSE = 15  # pixels: a bar that is thinner has no room for its value
_WIDEST = 0.34  # of the width: what the names of bars take at most
_DASHES = (MSO_LINE.SQUARE_DOT, MSO_LINE.ROUND_DOT, MSO_LINE.LONG_DASH)
_LIGHT, _DARK = "#ffffff", "#0c171d"


def is_empty(native: Native) -> bool:
    """Whether there is nothing to draw: no series, or none with a place for a value."""
    if isinstance(native, Points):
        return not any(marks.xs for marks in native.series)
    return not (native.series and (native.categories if isinstance(native, Bars) else native.days))


def add(shapes: Any, chart: Chart, box: Box, theme: Theme) -> Any:
    """Draw a chart that is not empty; returns its frame."""
    native = chart.native
    if isinstance(native, Bars):
        frame = _bars(shapes, native, box, theme)
    elif isinstance(native, Lines):
        frame = _lines(shapes, native, box, theme)
    else:
        # The longest first: LibreOffice loses what is longer than the first series. Points also come over lines so.
        native = replace(native, series=tuple(sorted(native.series, key=lambda marks: -len(marks.xs))))
        frame = _points(shapes, native, box, theme)
    frame.chart.part.chart_workbook.update_from_xlsx_blob(workbook.workbook(native, FORMATS[native.unit]))
    text.speak_french(frame.chart._chartSpace)
    return frame.shape


# Bars -----------------------------------------------------------------------------------------------------------------


def _bars(shapes: Any, native: Bars, box: Box, theme: Theme) -> Frame:
    data = CategoryChartData(FORMATS[native.unit])
    data.categories = [short(category) for category in native.categories]
    for series in native.series:
        data.add_series(short(series.name), series.values)
    bars = len(native.categories) * (1 if native.stacked else len(native.series))
    labelled = box.height / (bars + len(native.categories) * 0.5) >= _DENSE
    size = min(_USUAL, max(9, int(box.height / len(native.categories) * 0.6)))
    names = max(text.width(short(category), size) for category in native.categories) / POINT + 14
    room = 66 if labelled and not native.stacked else 18
    margins = Margins(left=min(names, box.width * _WIDEST), right=room, bottom=8 if labelled else 28)
    kind = XL_CHART_TYPE.BAR_STACKED if native.stacked else XL_CHART_TYPE.BAR_CLUSTERED
    frame = Frame(shapes, kind, data, [series.name for series in native.series], box, margins, theme)
    frame.categories(size)
    frame.values(frame.chart.value_axis, native.unit, _totals(native), hidden=labelled)
    frame.chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.HIGH  # below: the first category is on top
    plot: Any = frame.chart.plots[0]
    plot.gap_width, plot.overlap = 45, 100 if native.stacked else -5
    for drawn, series in zip(plot.series, native.series, strict=True):
        _fill(drawn, series.colour, hollow=series.colour == theme.charts.target)
        if labelled:
            _bar_labels(drawn, series, native, box, theme)
    return frame


def _fill(drawn: Any, colour: str, *, hollow: bool) -> None:
    """A bar; hollow and dotted where it is a target: how far the others should go, not what has been done."""
    drawn.invert_if_negative = False
    if hollow:
        drawn.format.fill.background()
        drawn.format.line.color.rgb, drawn.format.line.width = text.rgb(colour), Pt(1.5)
        drawn.format.line.dash_style = MSO_LINE.ROUND_DOT
        return
    drawn.format.fill.solid()
    drawn.format.fill.fore_color.rgb = text.rgb(colour)


def _bar_labels(drawn: Any, series: Series, native: Bars, box: Box, theme: Theme) -> None:
    shown = drawn.data_labels
    shown.show_value = True
    shown.number_format, shown.number_format_is_linked = FORMATS[native.unit], False
    shown.font.size = Pt(SMALL)
    if not native.stacked:
        shown.position = XL_LABEL_POSITION.OUTSIDE_END
        shown.font.color.rgb = text.rgb(theme.text)
        return
    shown.position = XL_LABEL_POSITION.CENTER
    shown.font.color.rgb = text.rgb(_on(series.colour))
    needed = max(_totals(native), default=0) * 40 / box.width  # what a label takes, as a value
    labels.hide(drawn, [at for at, value in enumerate(series.values) if value is not None and value < needed])


def _totals(native: Bars) -> list[float]:
    """How far the bars go."""
    if not native.stacked:
        return [value for series in native.series for value in series.values if value is not None]
    return [sum(filter(None, values)) for values in zip(*(series.values for series in native.series), strict=True)]


def _on(colour: str) -> str:
    """Dark or light, whichever is read better on a colour."""
    red, green, blue = bytes.fromhex(colour[1:])
    return _DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else _LIGHT


# Lines ----------------------------------------------------------------------------------------------------------------


def _lines(shapes: Any, native: Lines, box: Box, theme: Theme) -> Frame:
    data = CategoryChartData(FORMATS[native.unit])
    data.categories = native.days
    for series in native.series:
        data.add_series(short(series.name), series.values)
    values = [value for series in native.series for value in series.values if value is not None]
    margins = Margins(left=values_room(native.unit, values), right=62, bottom=28)
    frame = Frame(shapes, XL_CHART_TYPE.LINE, data, [each.name for each in native.series], box, margins, theme)
    frame.days(native.days)
    top = frame.values(frame.chart.value_axis, native.unit, values)
    plot: Any = frame.chart.plots[0]
    labelled: list[float] = []
    for drawn, series in zip(plot.series, native.series, strict=True):
        _line(drawn, series.colour, 1.75 if series.name in native.constant else 2.75)
        if series.name in native.constant:
            drawn.format.line.dash_style = MSO_LINE.ROUND_DOT
        known = [(at, value) for at, value in enumerate(series.values) if value is not None]
        if len(known) == 1:  # which makes no line
            _marker(drawn, series.colour, theme)
        at, value = known[-1] if known else (0, None)
        # A target is in the legend: its label would pass for that of a line that has no room for its own.
        if (
            value is not None
            and series.name not in native.constant
            and all(abs(value - other) >= 22 / frame.height * top for other in labelled)
        ):
            labelled.append(value)
            labels.show(drawn, at, XL_LABEL_POSITION.RIGHT, theme)
    return frame


def _line(drawn: Any, colour: str, width: float) -> None:
    drawn.smooth = False
    drawn.format.line.color.rgb, drawn.format.line.width = text.rgb(colour), Pt(width)
    drawn.marker.style = XL_MARKER_STYLE.NONE


# Points ---------------------------------------------------------------------------------------------------------------


def _points(shapes: Any, native: Points, box: Box, theme: Theme) -> Frame:
    data = XyChartData("General")
    for marks in native.series:
        added = data.add_series(short(marks.name), FORMATS[native.unit])
        for x, y in zip(marks.xs, marks.ys, strict=True):
            added.add_data_point(x, y)
    across = [x for marks in native.series for x in marks.xs]
    up = [y for marks in native.series for y in marks.ys]
    margins = Margins(left=values_room(native.unit, up), right=24, bottom=56 if native.x_title else 28)
    names = [marks.name for marks in native.series]
    frame = Frame(shapes, XL_CHART_TYPE.XY_SCATTER, data, names, box, margins, theme)
    right = frame.values(frame.chart.category_axis, "count", across, grid=False, title=short(native.x_title))
    top = frame.values(frame.chart.value_axis, native.unit, up)
    spots = [_spots(marks, frame.width / right, frame.height / top) for marks in native.series]
    alone = [spot for each, marks in zip(spots, native.series, strict=True) if not marks.line for spot in each]
    placed = labels.Placed(alone, [each for each, marks in zip(spots, native.series, strict=True) if marks.line])
    dashes: dict[str, Any] = {}
    plot: Any = frame.chart.plots[0]
    for drawn, marks, places in zip(plot.series, native.series, spots, strict=True):
        if marks.line:
            _line(drawn, marks.colour, 1.75)
            _dash(drawn, marks, dashes)
            continue
        drawn.format.line.fill.background()
        _marker(drawn, marks.colour, theme)
        for at, label in enumerate(marks.labels):
            if label and (position := placed.position(short(label), places[at])) is not None:
                labels.write(drawn, at, short(label), position, theme)
    return frame


def _spots(marks: Marks, across: float, up: float) -> list[labels.Spot]:
    return [(x * across, -y * up) for x, y in zip(marks.xs, marks.ys, strict=True)]


def _dash(drawn: Any, marks: Marks, dashes: dict[str, Any]) -> None:
    """A level line is drawn through; others are dashed, those alike that are named alike before a comma."""
    if len(set(marks.ys)) > 1:
        drawn.format.line.dash_style = dashes.setdefault(marks.name.split(",")[0], _DASHES[len(dashes) % len(_DASHES)])


def _marker(drawn: Any, colour: str, theme: Theme) -> None:
    marker = drawn.marker
    marker.style, marker.size = XL_MARKER_STYLE.CIRCLE, 10
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = text.rgb(colour)
    marker.format.line.color.rgb = text.rgb(theme.paper)
