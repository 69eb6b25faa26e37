"""Sheets as an Excel file: real numbers and days, headers that stay, filters, pages that print.

Whatever a text holds, it stays a text: nothing becomes a formula, a link or markup.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, isfinite
from typing import Any

import xlsxwriter

from sunes import french
from sunes.export.sheets import Column, Kind, Sheet
from sunes.figures.palette import THEMES

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GUIDE = "Lisez-moi"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the first sheet: a heading, sentences, then a table whose rows all have the keys of the first one."""

    title: str
    sentences: Sequence[str] = ()
    records: Sequence[dict[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook.

    Attributes
    ----------
    origin
        Where its figures come from, in one line: under the title, and at the foot of each printed page.
    warning
        What nobody may miss, or nothing.
    created
        When its content came to be, in UTC; the moment of writing is not told, so that equal content is equal bytes.
    """

    title: str
    origin: str
    warning: str
    created: datetime
    guide: Sequence[Section]
    sheets: Sequence[Sheet]


# Excel writes its separators in the language of whoever opens the file: « 79,9 % », « 1 234 ».
_FORMATS: dict[Kind, str] = {
    "text": "General",
    "code": "@",
    "day": "dd/mm/yyyy",
    "whole": "#,##0",
    "number": "General",
    "rate": r"0.0\ %",
    "points": r"+0.0\ %;-0.0\ %;0.0\ %",
    "euro": r"#,##0\ \€",
}
_WIDEST = 46
_GUIDE_WIDTHS = (30, 62, 30, 30, 22, 44)
_LINE = 15  # points
_LIGHT = THEMES["light"]
_HEAD = {"bold": True, "font_color": _LIGHT.paper, "bg_color": _LIGHT.accent, "text_wrap": True, "valign": "top"}
_WARNING = "#8a1c1c"
_WORDY: tuple[Kind, ...] = ("text", "code")
_WORDS = {"text_wrap": True, "indent": 1}  # apart from the figures of the column before

# What XML can't carry or nobody can see; a line break would hide the rest of a name in its cell.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_LONGEST = 32_000  # Excel takes 32,767 UTF-16 units


def encode(book: Book) -> bytes:
    """The `.xlsx` file."""
    content = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(content, options) as file:
        file.set_properties(
            {
                "title": book.title,
                "subject": book.origin,
                "comments": book.warning,
                "author": "sunes",
                "created": book.created.replace(tzinfo=None),
            }
        )
        writer = _Writer(file, book)
        writer.guide()
        for sheet in book.sheets:
            writer.table(sheet)
    return content.getvalue()


def plain(text: str) -> str:
    """A text as a cell can hold it, still legible: unseen signs as spaces, the end of an endless one left out."""
    seen = _UNSEEN.sub(" ", text)
    if len(seen) > _LONGEST:
        seen = f"{seen[:_LONGEST]}…"
    # XlsxWriter takes what is between these two for markup of its own.
    return f"{seen} " if seen.startswith("<r>") and seen.endswith("</r>") else seen


class _Writer:
    """Fills a file, sheet after sheet."""

    def __init__(self, file: Any, book: Book) -> None:
        self._file, self._book = file, book
        self._cells = {
            kind: file.add_format({"valign": "top", "num_format": shown} | (_WORDS if kind in _WORDY else {}))
            for kind, shown in _FORMATS.items()
        }
        self._simulated = file.add_format({"valign": "top", **_WORDS, "bold": True, "font_color": _WARNING})
        self._head = file.add_format(_HEAD | _WORDS)
        self._head_of_figures = file.add_format({**_HEAD, "align": "right"})
        self._title = file.add_format({"bold": True, "font_size": 16})
        self._section = file.add_format({"bold": True, "font_size": 13, "font_color": _LIGHT.accent, "top": 1})
        self._warning = file.add_format({"bold": True, "font_size": 13, "font_color": _WARNING})
        self._label = file.add_format({"bold": True, "valign": "top", **_WORDS})
        self._link = file.add_format({"font_color": _LIGHT.accent, "underline": 1, "valign": "top"})

    def guide(self) -> None:
        sheet = self._add(GUIDE)
        sheet.hide_gridlines(2)
        for place, width in enumerate(_GUIDE_WIDTHS):
            sheet.set_column(place, place, width)
        sheet.write_string(0, 0, plain(self._book.title), self._title)
        sheet.write_string(1, 0, plain(self._book.origin))
        if self._book.warning:
            sheet.write_string(2, 0, plain(self._book.warning), self._warning)
        row = self._section_of_sheets(sheet, 4)
        for section in self._book.guide:
            row = self._write_section(sheet, row, section)

    def _section_of_sheets(self, sheet: Any, row: int) -> int:
        self._heading(sheet, row, "Feuilles")
        for each in self._book.sheets:
            row += 1
            sheet.write_url(row, 0, f"internal:'{each.name}'!A1", self._link, each.name)
            sheet.write_string(row, 1, french.typographic(each.about), self._cells["text"])
            sheet.set_row(row, _height([each.about], _GUIDE_WIDTHS[1:2]))
        return row + 2

    def _write_section(self, sheet: Any, row: int, section: Section) -> int:
        self._heading(sheet, row, section.title)
        for sentence in section.sentences:
            row += 1
            sheet.merge_range(row, 0, row, 1, "", self._cells["text"])
            sheet.write_string(row, 0, plain(sentence), self._cells["text"])
            sheet.set_row(row, _height([sentence], [sum(_GUIDE_WIDTHS[:2])]))
        if section.records:
            row += 1
            for place, name in enumerate(section.records[0]):
                sheet.write_string(row, place, plain(name), self._head)
        for record in section.records:
            row += 1
            for place, text in enumerate(record.values()):
                sheet.write_string(row, place, plain(text), self._cells["text"] if place else self._label)
            sheet.set_row(row, _height(list(record.values()), _GUIDE_WIDTHS))
        return row + 2

    def _heading(self, sheet: Any, row: int, title: str) -> None:
        sheet.write_string(row, 0, title, self._section)
        sheet.write_blank(row, 1, None, self._section)

    def table(self, table: Sheet) -> None:
        sheet = self._add(table.name)
        sheet.repeat_rows(0)
        sheet.freeze_panes(1, table.keys)
        widths = [_width(column, [row[place] for row in table.rows]) for place, column in enumerate(table.columns)]
        sheet.set_row(0, _LINE + _height([column.header for column in table.columns], widths))  # and the arrows below
        for place, (column, width) in enumerate(zip(table.columns, widths, strict=True)):
            sheet.set_column(place, place, width)
            head = self._head if column.kind in _WORDY else self._head_of_figures
            sheet.write_string(0, place, plain(column.header), head)
            if column.kind == "code":
                sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{len(table.rows) + 1}"})
        for line, row in enumerate(table.rows, start=1):
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                self._cell(sheet, line, place, column.kind, value)
            if (height := _height(row, widths)) > _LINE:
                sheet.set_row(line, height)
        if table.columns:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)

    def _cell(self, sheet: Any, line: int, place: int, kind: Kind, value: Any) -> None:
        if value is None or (isinstance(value, float) and not isfinite(value)):
            return
        if isinstance(value, date):
            sheet.write_datetime(line, place, value, self._cells["day"])
        elif isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(line, place, value, self._cells[kind])
        else:
            marked = value == "simulées"
            sheet.write_string(line, place, plain(str(value)), self._simulated if marked else self._cells[kind])

    def _add(self, name: str) -> Any:
        """A sheet that prints: on A4, as wide as a page, with its origin and the number of the page at the foot."""
        sheet = self._file.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        left, right = f"{self._book.origin} – {name}".replace("&", "&&"), "Page &P sur &N"
        sheet.set_footer(f"&L{left[:200]}&R{right}")
        if self._book.warning:
            sheet.set_tab_color(_LIGHT.charts.target)
        return sheet


def _width(column: Column, values: Sequence[Any]) -> float:
    """As many characters as the longest word of a header and most of its cells need."""
    words = max((len(word) for word in re.split(r"[ -]", column.header)), default=0)
    longest = max((len(_shown(column.kind, value)) for value in values if value is not None), default=0)
    return min(_WIDEST, max(words, longest, 5) + 3)


def _shown(kind: Kind, value: Any) -> str:
    """A value about as long as a spreadsheet shows it."""
    if isinstance(value, date):
        return "30/06/2024"
    if isinstance(value, str) or kind == "number":
        return str(value)
    return "+100,0 %" if kind in ("rate", "points") else f"{value:,.0f}{' €' if kind == 'euro' else ''}"


def _height(cells: Sequence[Any], widths: Sequence[float]) -> int:
    """The height of a row whose texts wrap, which not every program works out by itself."""
    texts = ((len(text), width) for text, width in zip(cells, widths, strict=False) if isinstance(text, str))
    # Lines end between words, before they are full.
    return _LINE * max((ceil(length * 1.1 / width) for length, width in texts if length > width), default=1)
