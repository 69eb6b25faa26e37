"""The template workbook as it is given out: empty sheets with lists, formats and comments, a guide and an example."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import xlsxwriter

from sunes.french import typographic
from sunes.ingest.readers.template.words import (
    EXAMPLE,
    GUIDE,
    NOTES,
    REQUIRED,
    SHEETS,
    TITLE,
    choices,
    examples,
    header,
)
from sunes.programme import Programme
from sunes.schema import TABLES, Column, Table

# As many rows as have lists to choose from.
_ROWS = 10_000
_LISTS = "Listes"
_WIDTHS = {"name": 44, "indicator": 34, "volet": 34, "legal_status": 28, "activities": 28}
_WIDTH = 20
_HEAD = {"bold": True, "font_color": "#FFFFFF", "bg_color": "#3A3A5A", "text_wrap": True, "valign": "top", "border": 1}
_FREE = {**_HEAD, "bg_color": "#6A6A80"}


def template(programme: Programme) -> bytes:
    """The workbook, as bytes; the same ones for the same programme."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": f"{TITLE} – {programme.name}", "created": datetime(2024, 1, 1)})
        _Writer(workbook, choices(programme)).write(programme)
    return content.getvalue()


class _Writer:
    """Fills a workbook, sheet after sheet."""

    def __init__(self, workbook: Any, offered: Mapping[str, Sequence[str]]) -> None:
        self._workbook = workbook
        self._offered = offered
        self._formats: dict[str, Any] = {}

    def write(self, programme: Programme) -> None:
        self._guide(programme)
        for name, sheet in SHEETS.items():
            self._table(TABLES[name], self._workbook.add_worksheet(sheet))
        self._example(programme)
        self._lists()

    def _guide(self, programme: Programme) -> None:
        sheet = self._workbook.add_worksheet("Mode d’emploi")
        sheet.set_column(0, 0, 110, self._format("guide", text_wrap=True, valign="top"))
        sheet.hide_gridlines(2)
        sheet.write(0, 0, f"{TITLE} – {programme.name}", self._format("title", bold=True, font_size=16))
        for row, line in enumerate(GUIDE, start=2):
            sheet.write(row, 0, typographic(line))

    def _table(self, table: Table, sheet: Any) -> None:
        sheet.freeze_panes(1, 1)
        self._header(sheet, table, row=0, notes=True)
        for place, name in enumerate(header(table)):
            column = table.column(name)
            sheet.set_column(place, place, _WIDTHS.get(name, _WIDTH), self._cells(column))
            if rule := self._rule(column):
                sheet.data_validation(1, place, _ROWS, place, rule)

    def _header(self, sheet: Any, table: Table, row: int, notes: bool) -> None:
        for place, (name, label) in enumerate(header(table).items()):
            must = name in REQUIRED
            sheet.write(row, place, label, self._format("must", **_HEAD) if must else self._format("free", **_FREE))
            if notes and name in NOTES:
                sheet.write_comment(row, place, typographic(NOTES[name]), {"x_scale": 2, "author": TITLE})

    def _rule(self, column: Column) -> dict[str, Any] | None:
        """What a cell accepts, as Excel puts it."""
        if column.name in self._offered:
            place, count = list(self._offered).index(column.name), len(self._offered[column.name])
            rule: dict[str, Any] = {
                "validate": "list",
                "source": f"={_LISTS}!${chr(65 + place)}$1:${chr(65 + place)}${count}",
                "error_message": "Choisissez une valeur de la liste.",
            }
        elif column.name in ("finess", "finess_ej"):
            rule = {"validate": "length", "criteria": "==", "value": 9}
            rule["error_message"] = "Un numéro FINESS compte 9 caractères, zéros de tête compris."
        elif column.type == pa.int64():
            rule = {"validate": "integer", "criteria": ">=", "value": 0}
            rule["error_message"] = "Un nombre entier est attendu."
        elif column.name == "threshold":
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
            rule["error_message"] = "Un pourcentage est attendu, par exemple 60 %."
        else:
            return None
        return {**rule, "error_title": "Valeur inattendue", "error_message": typographic(rule["error_message"])}

    def _cells(self, column: Column) -> Any:
        """How the cells of a column are shown: as text where a number would lose its zeros."""
        if column.type == pa.date32():
            return self._format("day", num_format="dd/mm/yyyy")
        if column.name == "threshold":
            return self._format("share", num_format="0%")
        if column.type == pa.int64():
            return self._format("whole", num_format="#,##0")
        if column.type == pa.float64():
            return self._format("number", num_format="General")
        return self._format("text", num_format="@")

    def _example(self, programme: Programme) -> None:
        """The three tables, one below the other, each with a row as a person would fill it in."""
        sheet = self._workbook.add_worksheet("Exemple")
        sheet.set_column(0, 20, 24)
        sheet.write(0, 0, EXAMPLE, self._format("warning", bold=True, font_color="#8A1C1C"))
        row = 2
        for name, rows in examples(programme).items():
            label, table = SHEETS[name], TABLES[name]
            sheet.write(row, 0, label, self._format("label", bold=True))
            self._header(sheet, table, row + 1, notes=False)
            for values in rows:
                for place, column in enumerate(header(table)):
                    if column in values:
                        sheet.write(row + 2, place, values[column], self._cells(table.column(column)))
                row += 1
            row += 4

    def _lists(self) -> None:
        sheet = self._workbook.add_worksheet(_LISTS)
        sheet.hide()
        for place, offered in enumerate(self._offered.values()):
            sheet.write_column(0, place, offered)

    def _format(self, name: str, **properties: Any) -> Any:
        """A format of the workbook, made once."""
        if name not in self._formats:
            self._formats[name] = self._workbook.add_format(properties)
        return self._formats[name]
