"""What a reader hands on: the rows of one table, the line of each, and everything wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from sunes.errors import Problem
from sunes.ingest import cells, places
from sunes.ingest.sheet import Sheet, shortened
from sunes.schema import Table


@dataclass(slots=True)
class Reading:
    """The rows of a table as one file gives them.

    Attributes
    ----------
    kind
        What the file is, in French: the title of its source.
    origins
        Column of the contract → column of the file, where the names differ.
    strangers
        Line → code, of the communes that are not in today's geography.
    missing
        Columns of the file that the header should have.
    """

    sheet: Sheet
    table: Table
    kind: str
    origins: Mapping[str, str] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    strangers: dict[int, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    @property
    def readable(self) -> bool:
        """Whether rows can be told from each other: every column of the key is there."""
        return self.missing.isdisjoint(map(self.origin, self.table.key))

    @property
    def file(self) -> str:
        return self.sheet.file.name

    def origin(self, column: str) -> str:
        return self.origins.get(column, column)

    def problem(self, message: str, line: int, column: str, value: str | None = None) -> None:
        """Note what is wrong with a cell, named by the column of the file."""
        shown = None if value is None else shortened(value) or "vide"
        self.problems.append(Problem(message, self.file, line=line, column=column, value=shown))

    def lack(self, column: str, message: str = "cette colonne est obligatoire et manque ; ajoutez-la.") -> None:
        """Note, once for all rows, that the header lacks a column."""
        self.missing.add(column)
        self.problem(message, self.sheet.header_line, column)

    def add(self, line: int, texts: Mapping[str, str]) -> None:
        """Add the row whose cells, by column of the contract, hold `texts`; an empty or absent one takes its default.

        A cell that cannot be read is a problem; the row is added all the same, so that the rows of other tables that
        refer to it are not held against it twice.
        """
        row: dict[str, Any] = {}
        for column in self.table.columns:
            text = texts.get(column.name, "")
            row[column.name] = None
            if text:
                try:
                    row[column.name] = cells.parse(column, text)
                except ValueError as error:
                    self.problem(str(error), line, self.origin(column.name), text)
                    row[column.name] = text if column.type == pa.string() else None
        if self.table.name == "establishments":
            self._place(line, texts, row)
        for column in self.table.columns:
            if row[column.name] is None:
                row[column.name] = column.default
        self.rows.append(row)
        self.lines.append(line)

    def arrow(self) -> pa.Table:
        return pa.Table.from_pylist(self.rows, schema=self.table.schema)

    def _place(self, line: int, texts: Mapping[str, str], row: dict[str, Any]) -> None:
        def complain(column: str, message: str) -> None:
            if self.origin(column) not in self.missing:
                self.problem(message, line, self.origin(column), texts.get(column, ""))

        if not places.complete(row, complain):
            self.strangers[line] = row["commune_code"]
