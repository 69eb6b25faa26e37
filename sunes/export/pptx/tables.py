"""Tables that PowerPoint draws and people edit: as many rows as have room, and how many more there are."""

from collections.abc import Sequence
from typing import Any

from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Emu, Pt

from sunes import french
from sunes.deck.slide import Records
from sunes.export.pptx import text
from sunes.export.pptx.place import EMU, POINT, Box
from sunes.export.pptx.text import Style
from sunes.figures.palette import Theme

_PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # PowerPoint's table style without lines or colours
_SIZES = (16, 11)  # points
_MOST, _LEAST = 10, 2  # lines of a cell: where there is room, and where there isn't
_PADDING = (7, 3)  # pixels beside and above the text of a cell


def add(shapes: Any, records: Records, box: Box, theme: Theme) -> Any:
    """Draw records as a table that fits in a box; returns its frame."""
    grid = _grid(records)
    columns = grid[0]
    size, most, widths, high = _fit(grid, box)
    shown = _rows_within(high, box.height, size)
    left_out = len(grid) - shown
    rows = shown + (left_out > 0)
    frame = shapes.add_table(rows, len(columns), *box.emu)
    table = frame.table
    frame._element.graphic.graphicData.tbl.tblPr.find(_TAG).text = _PLAIN
    table.horz_banding = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Emu(round(width * EMU))
    for at in range(shown):
        table.rows[at].height = Emu(round(high[at] * EMU))
        for place, value in enumerate(grid[at]):
            room = (widths[place] - 2 * _PADDING[0]) * POINT
            _write(table.cell(at, place), text.shortened(value, size, room, most, bold=at == 0), size, at == 0, theme)
    if left_out:
        table.rows[shown].height = Emu(round(_height(1, size) * EMU))
        table.cell(shown, 0).merge(table.cell(shown, len(columns) - 1))
        _write(table.cell(shown, 0), _more(left_out, shown - 1), size, False, theme)
    frame.height = Emu(sum(row.height for row in table.rows))
    return frame


_TAG = "{http://schemas.openxmlformats.org/drawingml/2006/main}tableStyleId"


def _more(left_out: int, shown: int) -> str:
    what = "autre ligne" if shown else "ligne"
    return french.typographic(f"… et {french.count(left_out, what)}, dans le classeur")


def heights(tables: Sequence[Records], room: float, others: float, down: float) -> list[float]:
    """How high tables of one width are, one under the other, in the largest text that leaves `others` of `down`."""
    grids = [_grid(records) for records in tables]
    for size in range(_SIZES[0], _SIZES[1] - 1, -1):
        wanted = [sum(_heights(grid, _widths(grid, size, room), size, _MOST)) for grid in grids]
        if sum(wanted) + others <= down:
            break
    return wanted


def _grid(records: Records) -> list[list[str]]:
    """The header, then the cells of each record."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    return [columns, *([text.legible(record.get(name, "")) for name in columns] for record in records)]


def _fit(grid: Sequence[Sequence[str]], box: Box) -> tuple[int, int, list[float], list[float]]:
    """The largest size at which all rows have room, whole or else with cut cells; the smallest where none has.

    With the most lines of a cell, the widths and the heights in pixels.
    """
    for most in (_MOST, _LEAST):
        for size in range(_SIZES[0], _SIZES[1] - 1, -1):
            widths = _widths(grid, size, box.width)
            rows = _heights(grid, widths, size, most)
            if sum(rows) <= box.height:
                return size, most, widths, rows
    return size, most, widths, rows


def _widths(grid: Sequence[Sequence[str]], size: float, room: float) -> list[float]:
    """What each column needs for its longest cell and, where that is too much, the larger ones less; all of `room`."""
    least, most = [], []
    for cells in zip(*grid, strict=True):
        longest = [text.width(cell, size, bold=not at) for at, cell in enumerate(cells)]
        words = [text.width(word, size, bold=not at) for at, cell in enumerate(cells) for word in cell.split(" ")]
        least.append(min(max(words), room * POINT / 3) / POINT + 2 * _PADDING[0] + 4)
        most.append(max(longest) / POINT + 2 * _PADDING[0] + 4)
    spare = room - sum(least)
    if spare <= 0:
        return [width * room / sum(least) for width in least]
    wished = [wide - narrow for wide, narrow in zip(most, least, strict=True)]
    if sum(wished) <= spare:
        return [width * room / sum(most) for width in most]
    return [narrow + spare * wish / sum(wished) for narrow, wish in zip(least, wished, strict=True)]


def _heights(grid: Sequence[Sequence[str]], widths: Sequence[float], size: float, most: int) -> list[float]:
    return [_row(row, widths, size, most, bold=not at) for at, row in enumerate(grid)]


def _row(cells: Sequence[str], widths: Sequence[float], size: float, most: int, *, bold: bool) -> float:
    rooms = ((width - 2 * _PADDING[0]) * POINT for width in widths)
    needed = (text.lines(cell, size, room, bold=bold) for cell, room in zip(cells, rooms, strict=True))
    return _height(min(most, max(needed)), size)


def _height(lines: int, size: float) -> float:
    return lines * size * text.LINE / POINT + 2 * _PADDING[1]


def _rows_within(heights: Sequence[float], room: float, size: float) -> int:
    """How many rows have room, with the line that says how many more there are, if there are."""
    if sum(heights) <= room:
        return len(heights)
    room -= _height(1, size)
    count = 0
    while sum(heights[: count + 1]) <= room:
        count += 1
    return max(1, count)


def _write(cell: Any, value: str, size: float, head: bool, theme: Theme) -> None:
    across, down = _PADDING
    text.write(cell.text_frame, [(value, Style(size, bold=head, colour=theme.text))])
    cell.margin_left = cell.margin_right = Emu(across * EMU)
    cell.margin_top = cell.margin_bottom = Emu(down * EMU)
    properties = cell._tc.get_or_add_tcPr()
    colour, width = (theme.text, Pt(1.5)) if head else (theme.line, Pt(0.75))
    line = f'<a:solidFill><a:srgbClr val="{colour[1:].upper()}"/></a:solidFill>'
    properties.append(parse_xml(f'<a:lnB {nsdecls("a")} w="{width}">{line}</a:lnB>'))
    if head:
        cell.fill.solid()
        cell.fill.fore_color.rgb = text.rgb(theme.quiet)
    else:
        cell.fill.background()
