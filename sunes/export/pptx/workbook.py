"""The workbook inside a chart, which opens when its data are edited.

Laid out as python-pptx has the chart refer to it, written again because its own holds the moment of writing and would
take a name such as `=A1` for a formula.
"""

import io
from datetime import date, datetime
from typing import Any

import xlsxwriter

from sunes.deck.slide import Native, Points
from sunes.export.spreadsheet import plain

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_CREATED = datetime(1980, 1, 1)
_SHEET = "Sheet1"  # the name that the charts refer to


def workbook(native: Native, number_format: str) -> bytes:
    """The `.xlsx` file of a chart's values, unrounded; what is not known is an empty cell."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, _OPTIONS) as file:
        file.set_properties({"author": "sunes", "created": _CREATED})
        sheet = file.add_worksheet(_SHEET)
        cells = file.add_format({"num_format": number_format})
        sheet.set_column(0, 0, 28)
        if isinstance(native, Points):
            _write_points(sheet, native, cells)
        else:
            _write_columns(sheet, native, cells, file.add_format({"num_format": "dd/mm/yyyy"}))
    return content.getvalue()


def _write_columns(sheet: Any, native: Any, cells: Any, days: Any) -> None:
    """Categories or days down the first column, then a column per series, under its name."""
    for row, label in enumerate(native.days if hasattr(native, "days") else native.categories, start=1):
        if isinstance(label, date):
            sheet.write_datetime(row, 0, label, days)
        else:
            sheet.write_string(row, 0, plain(label))
    for column, series in enumerate(native.series, start=1):
        sheet.write_string(0, column, plain(series.name))
        for row, value in enumerate(series.values, start=1):
            if value is not None:
                sheet.write_number(row, column, value, cells)


def _write_points(sheet: Any, native: Points, cells: Any) -> None:
    """Two columns, series under series, each under its name and followed by an empty line."""
    top = 0
    for marks in native.series:
        sheet.write_string(top, 1, plain(marks.name))
        for row, (x, y) in enumerate(zip(marks.xs, marks.ys, strict=True), start=top + 1):
            sheet.write_number(row, 0, x)
            sheet.write_number(row, 1, y, cells)
        top += len(marks.xs) + 2
