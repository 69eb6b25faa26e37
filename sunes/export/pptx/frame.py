"""What all charts of a file share: a plot in its place, a legend, quiet axes. No title: the slide has one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

from pptx.enum.chart import XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from sunes import french
from sunes.deck.slide import Unit
from sunes.export.pptx import text
from sunes.export.pptx.place import POINT, Box
from sunes.export.pptx.template import muted
from sunes.export.pptx.text import Style
from sunes.figures.palette import Theme

# Of values and of axes. PowerPoint writes their separators in the language of whoever opens the file: « 79,9 % ».
FORMATS: dict[Unit, str] = {"rate": r"0.0\ %", "count": "#,##0"}
AXES: dict[Unit, str] = {"rate": r"0\ %", "count": "#,##0"}
_MONTH = r"[$-40C]mmm\ yyyy"
SMALL = 12  # points
_LEGEND, _KEY = 24, 52  # pixels: a line of a legend, what stands beside a name in it
_TOP = 10  # pixels over the plot: half a label
_LONGEST = 60  # letters of a name


@dataclass(frozen=True, slots=True)
class Margins:
    """What is left free beside and under a plot for labels, in pixels."""

    left: float
    right: float
    bottom: float


class Frame:
    """A chart on a slide, without any series' style. `width` and `height` are those of its plot, in pixels."""

    def __init__(
        self, shapes: Any, kind: Any, data: Any, names: Sequence[str], box: Box, margins: Margins, theme: Theme
    ) -> None:
        self._theme = theme
        self.shape = shapes.add_chart(kind, *box.emu, data)
        self.chart = self.shape.chart
        self.chart.has_title = False
        self.chart.font.size = Pt(SMALL)
        self.chart.font.color.rgb = text.rgb(theme.text)
        self.chart.has_legend = len(names) > 1
        legend = 0
        if len(names) > 1:
            self.chart.legend.position = XL_LEGEND_POSITION.BOTTOM
            self.chart.legend.include_in_layout = False
            self.chart.legend.font.size = Pt(SMALL)
            entry = max(text.width(name, SMALL) for name in names) / POINT + _KEY
            legend = _LEGEND * ceil(len(names) / max(1, box.width // entry)) + 14
        self.width = box.width - margins.left - margins.right
        self.height = max(1.0, box.height - _TOP - margins.bottom - legend)
        self._place(margins.left / box.width, _TOP / box.height, self.width / box.width, self.height / box.height)

    def categories(self, size: float) -> None:
        """An axis of names, the first one on top, none left out."""
        axis = self.chart.category_axis
        axis.reverse_order = True
        axis.tick_labels.font.size = Pt(size)
        axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        self._quiet(axis)
        axis._element.find(qn("c:noMultiLvlLbl")).addprevious(parse_xml(f'<c:tickLblSkip {nsdecls("c")} val="1"/>'))

    def days(self, days: Sequence[date]) -> None:
        """An axis of days, a label every so many months."""
        axis = self.chart.category_axis
        axis.tick_labels.font.size = Pt(SMALL)
        axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = _MONTH, False
        self._quiet(axis)
        axis.major_tick_mark = XL_TICK_MARK.OUTSIDE
        months = (days[-1].year - days[0].year) * 12 + days[-1].month - days[0].month
        step = ceil(months / max(2, self.width // 100)) or 1
        for name, value in (("c:majorUnit", step), ("c:majorTimeUnit", "months")):
            for found in axis._element.findall(qn(name)):
                axis._element.remove(found)
            axis._element.append(parse_xml(f'<{name} {nsdecls("c")} val="{value}"/>'))

    def values(
        self,
        axis: Any,
        unit: Unit,
        values: Sequence[float],
        *,
        hidden: bool = False,
        grid: bool = True,
        title: str = "",
    ) -> float:
        """An axis of values from zero on, to 100 % at least for rates; returns where it ends."""
        most = max([*values, 0.0]) or 1.0
        top = max(1.0, ceil(round(most * 10, 6)) / 10) if unit == "rate" else most * 1.05
        axis.has_major_gridlines = grid and not hidden
        if min([*values, 0.0]) == 0:
            axis.minimum_scale = 0
        if unit == "rate":
            axis.maximum_scale, axis.major_unit = top, 0.2
        elif most < 5:
            axis.major_unit = 1  # nothing is counted in halves
        self._quiet(axis)
        if title:
            style = Style(SMALL, colour=self._theme.text)
            text.write(axis.axis_title.text_frame, [(title, style)])
            axis.axis_title.text_frame.paragraphs[0].runs[0].font.bold = False
        if hidden:
            axis.visible = False
            return top
        axis.tick_labels.font.size = Pt(SMALL)
        axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = AXES[unit], False
        if grid:
            axis.format.line.fill.background()
            lines = axis.major_gridlines.format.line
            lines.color.rgb, lines.width = text.rgb(self._theme.line), Pt(0.75)
        return top

    def _quiet(self, axis: Any) -> None:
        axis.major_tick_mark = XL_TICK_MARK.NONE
        axis.format.line.color.rgb = text.rgb(muted(self._theme))

    def _place(self, left: float, top: float, width: float, height: float) -> None:
        """Put the plot where it belongs, its labels around it; python-pptx has no words for it."""
        area = self.chart._chartSpace.chart.plotArea
        for found in area.findall(qn("c:layout")):
            area.remove(found)
        shares = "".join(
            f'<c:{name} val="{share:.4f}"/>' for name, share in zip("xywh", (left, top, width, height), strict=True)
        )
        area.insert(
            0,
            parse_xml(
                f'<c:layout {nsdecls("c")}><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/>'
                f'<c:yMode val="edge"/>{shares}</c:manualLayout></c:layout>'
            ),
        )


def values_room(unit: Unit, values: Sequence[float]) -> float:
    """How wide the labels of an axis of values are, in pixels."""
    longest = "100 %" if unit == "rate" else french.number(max([*values, 0]), 0)
    return text.width(longest, SMALL) / POINT + 16


def short(label: str) -> str:
    """A name as an axis has room for it."""
    told = text.legible(label)
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1].rstrip()}…"
