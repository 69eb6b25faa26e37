"""Workbooks for tests: ordinary ones, and ones whose parts were tampered with."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

SHEET = "xl/worksheets/sheet1.xml"


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]], hidden: Sequence[str] = ()) -> bytes:
    """A workbook with these rows, days and times formatted as such. A text that begins with = is a formula."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        formats = {
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
        }
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for line, row in enumerate(rows):
                for column, value in enumerate(row):
                    sheet.write(line, column, value, formats.get(type(value)))
    return content.getvalue()


def tampered(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one of its parts changed."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return changed.getvalue()


def archive(**files: str) -> bytes:
    """A ZIP that is no workbook."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as new:
        for name, text in files.items():
            new.writestr(name, text)
    return content.getvalue()
