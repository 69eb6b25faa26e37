"""What a reader hands on: the rows of one table, the line of each, and all that is wrong with them or was put right."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import pyarrow as pa

from sunes.errors import Problem
from sunes.ingest import cells, places
from sunes.ingest.columns import Columns
from sunes.ingest.files import InputFile
from sunes.ingest.grid import shortened
from sunes.ingest.sheet import Sheet
from sunes.schema import Column, Table

_LACKING = "cette colonne est obligatoire et manque ; ajoutez-la."


@dataclass(slots=True)
class Reading:
    """The rows of a table as one file, or one sheet of it, gives them.

    One line of the file may give several rows, and a line that has a problem gives none that can be published.

    Attributes
    ----------
    kind
        What the file is, in French: the title of its source.
    origins
        Column of the contract → column of the file, where the names differ.
    header_line
        Where the names of the columns stand; 0 in files that have none.
    read
        How many lines hold something.
    rows, lines
        The rows under the contract's columns, and the line that each one comes from.
    originals
        Line → its cells under the names of the file: what a person gets back to correct. Holds nothing of what must
        not be kept (names, e-mails, phones of people).
    blocking
        What keeps the file as a whole from being used.
    problems
        What is wrong with single lines.
    repairs
        What was certain enough to be put right, each with what stood there.
    left_aside
        Reason → how many lines are no rows of the table, rightly.
    missing
        Columns of the file that the header should have.
    strangers
        Line → code, of the communes that are not in today's geography.
    columns
        How the columns were understood; None where their names are fixed.
    """

    file: InputFile
    table: Table
    kind: str
    sheet: str | None = None
    encoding: str | None = None
    separator: str | None = None
    header_line: int = 0
    origins: Mapping[str, str] = field(default_factory=dict)
    read: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    originals: dict[int, Mapping[str, str]] = field(default_factory=dict)
    blocking: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    repairs: list[Problem] = field(default_factory=list)
    left_aside: Counter[str] = field(default_factory=Counter)
    missing: set[str] = field(default_factory=set)
    strangers: dict[int, str] = field(default_factory=dict)
    columns: Columns | None = None
    _known: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, sheet: Sheet, table: Table, kind: str, origins: Mapping[str, str] | None = None) -> Self:
        """A reading of a sheet, without rows as yet. Its uneven rows are problems, its unread end is blocking."""
        grid = sheet.grid
        return cls(
            grid.file,
            table,
            kind,
            grid.sheet,
            grid.encoding,
            grid.separator,
            sheet.header_line,
            origins or {},
            read=len(sheet.rows) + len(sheet.uneven),
            originals={row.line: row.cells for row in (*sheet.rows, *(row for row, _ in sheet.uneven))},
            blocking=list(grid.problems),
            problems=[problem for _, problem in sheet.uneven],
            repairs=list(grid.repairs),
        )

    @property
    def readable(self) -> bool:
        """Whether rows can be told from each other: every column of the key is there."""
        return self.missing.isdisjoint(map(self.origin, self.table.key))

    @property
    def rejected(self) -> set[int]:
        """The lines that something is wrong with."""
        return {problem.line for problem in self.problems if problem.line is not None}

    @property
    def sound_rows(self) -> list[dict[str, Any]]:
        """The rows of the lines that nothing is wrong with."""
        rejected = self.rejected
        return [row for row, line in zip(self.rows, self.lines, strict=True) if line not in rejected]

    def origin(self, column: str) -> str:
        return self.origins.get(column, column)

    def problem(self, message: str, line: int, column: str, value: str | None = None) -> None:
        """Note what is wrong with a cell, named by the column of the file. Its line is rejected."""
        self.problems.append(self._at(message, line, column, value))

    def repair(self, message: str, line: int, column: str, value: str) -> None:
        """Note that a cell, named by the column of the file, was put right."""
        self.repairs.append(self._at(message, line, column, value))

    def lack(self, column: str, message: str = _LACKING) -> None:
        """Note, once for all rows, that the header lacks a column."""
        self.missing.add(column)
        self.refuse(message, column)

    def refuse(self, message: str, column: str) -> None:
        """Note what is wrong with a column of the header. The file can't be used."""
        self.blocking.append(self._at(message, self.header_line or None, column))

    def _at(self, message: str, line: int | None, column: str, value: str | None = None) -> Problem:
        shown = None if value is None else shortened(value) or "vide"
        return Problem(message, self.file.name, self.sheet, line=line, column=column, value=shown)

    def add(self, line: int, texts: Mapping[str, str]) -> None:
        """Add the row whose cells, by column of the contract, hold `texts`; an empty or absent one takes its default.

        A cell that cannot be read is a problem; the row is added all the same, so that the rows of other tables that
        refer to it are not held against it twice.
        """
        row: dict[str, Any] = {}
        for column in self.table.columns:
            text = texts.get(column.name, "")
            row[column.name] = self._parsed(column, text, line) if text else None
        if self.table.name == "establishments":
            self._place(line, texts, row)
        for column in self.table.columns:
            if row[column.name] is None:
                row[column.name] = column.default
        self.rows.append(row)
        self.lines.append(line)

    def _parsed(self, column: Column, text: str, line: int) -> Any:
        # The same few texts fill most cells of a large file.
        known = self._known.setdefault(column.name, {})
        if text not in known:
            try:
                known[text] = cells.parse(column, text)
            except ValueError as error:
                self.problem(str(error), line, self.origin(column.name), text)
                return text if column.type == pa.string() else None
        return known[text]

    def arrow(self) -> pa.Table:
        return pa.Table.from_pylist(self.rows, schema=self.table.schema)

    def _place(self, line: int, texts: Mapping[str, str], row: dict[str, Any]) -> None:
        cells_given = self.originals.get(line, {})

        def given(column: str) -> str:
            return cells_given.get(self.origin(column), texts.get(column, ""))

        def complain(column: str, message: str) -> None:
            if self.origin(column) not in self.missing:
                self.problem(message, line, self.origin(column), given(column))

        def mend(column: str, message: str) -> None:
            self.repair(message, line, self.origin(column), given(column))

        if not places.complete(row, complain, mend):
            self.strangers[line] = row["commune_code"]
