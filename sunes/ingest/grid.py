"""Rows and columns as a file holds them: cells as text, before anything is held to be a header."""

from dataclasses import dataclass

from sunes.errors import Problem
from sunes.ingest.files import InputFile

# What may be held of a file at once: as much as a register of all France takes, several times over.
MAX_ROWS = 500_000
MAX_COLUMNS = 1_000
MAX_CELLS = 10_000_000

# All that Python holds to be a space, and those that no eye can see.
_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\u200b\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Record:
    """One row that holds something: its cells, and the line of the file (or row of the sheet) where it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a text file or of one sheet of a workbook.

    Attributes
    ----------
    encoding, separator
        How a text was understood; None in files that leave nothing to understand.
    problems
        What could not be read: rows, or the rest of the file.
    repairs
        What was put right in reading the cells.
    hidden
        Whether it is a sheet that a workbook keeps from sight.
    merged
        Ranges that a workbook shows as one cell: first line, first column, last line, last column; lines count from 1
        and columns from 0. The content stands in the first cell, the others are empty.
    """

    file: InputFile
    records: tuple[Record, ...]
    sheet: str | None = None
    encoding: str | None = None
    separator: str | None = None
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Problem, ...] = ()
    hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()


def trimmed(text: str) -> str:
    """A text without the spaces round it, whether they can be seen or not."""
    return text.strip(_SPACES)


def shortened(text: str, limit: int = 80) -> str:
    """A text as an error can quote it: on one line, and not for pages."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[:limit]}…"
