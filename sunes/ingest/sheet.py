"""A table as a person sees it in a file: a header, and rows with the line where each one stands."""

import codecs
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from sunes.errors import DataError, Problem
from sunes.french import count
from sunes.ingest import delimited, parquet, workbook
from sunes.ingest.files import InputFile
from sunes.ingest.grid import Grid, Record, shortened, trimmed

# What a file says of itself in its first bytes, when it is nothing that can be read: its kind, and what to do.
_FOREIGN = (
    (b"%PDF", "un PDF ; exportez plutôt le tableau d’où il vient, au format CSV ou XLSX"),
    (b"Rar!", "une archive RAR ; donnez le fichier qu’elle contient"),
    (b"7z\xbc\xaf", "une archive 7z ; donnez le fichier qu’elle contient"),
    (b"<", "une page web ou un XML ; ouvrez-le dans un tableur et enregistrez-le au format XLSX"),
)
_EMPTY = "ce fichier est vide ; vérifiez l’export."


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, trimmed, and the line of the file where it begins."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file.

    Attributes
    ----------
    header
        The names of the columns as the file writes them.
    uneven
        The rows that have more or fewer cells than the header, each with what is wrong; missing cells are empty, and
        those without a column are left out.
    """

    grid: Grid
    header: tuple[str, ...]
    header_line: int
    rows: tuple[Row, ...]
    uneven: tuple[tuple[Row, Problem], ...] = ()

    @property
    def file(self) -> InputFile:
        return self.grid.file

    def renamed(self, name: Callable[[str], str]) -> "Sheet":
        """The same sheet with other column names."""
        names = {column: name(column) for column in self.header}
        return self._mapped(names)

    def without(self, columns: Iterable[str]) -> "Sheet":
        """The same sheet, nothing of which remembers some columns: neither its rows nor its grid."""
        dropped = set(columns)
        kept = self._mapped({column: column for column in self.header if column not in dropped})
        # In a row with too many or too few cells, any of them may stand under the name of another.
        uneven = tuple((Row(row.line, dict.fromkeys(row.cells, "")), problem) for row, problem in kept.uneven)
        return replace(kept, grid=replace(self.grid, records=()), uneven=uneven)

    def _mapped(self, names: Mapping[str, str]) -> "Sheet":
        def mapped(row: Row) -> Row:
            return Row(row.line, {new: row.cells[old] for old, new in names.items()})

        return replace(
            self,
            header=tuple(names.values()),
            rows=tuple(map(mapped, self.rows)),
            uneven=tuple((mapped(row), problem) for row, problem in self.uneven),
        )


def read_grids(file: InputFile) -> tuple[Grid, ...]:
    """The grids of a file: one of a text, one for each sheet of a workbook. Raises DataError where it is neither."""
    head = file.head()
    if not trimmed(head.decode("utf-8", "replace")):
        raise DataError(Problem(_EMPTY, file.name))
    for signature, kind in _FOREIGN:
        if head.lstrip(codecs.BOM_UTF8).lstrip().startswith(signature):
            raise DataError(Problem(f"ce fichier est {kind}.", file.name))
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise workbook.refuse_old(file)
    if head.startswith(b"PK"):
        return workbook.read(file)
    return (parquet.read(file) if head.startswith(b"PAR1") else delimited.read(file),)


def read_sheet(file: InputFile) -> Sheet:
    """The only table of a file (see `from_grid`)."""
    return from_grid(read_grids(file)[0])


def from_grid(grid: Grid, header: int = 0) -> Sheet:
    """Take the record at `header` of a grid for the names of its columns, and those below for its rows.

    Names are shortened where they are endless. Columns that hold nothing, not even a name, are left out.

    Raises
    ------
    DataError
        There is nothing to read: no row under the header, a header with an empty or repeated name.
    """
    if len(grid.records) <= header:
        raise DataError(*grid.problems or [Problem(_EMPTY, grid.file.name, grid.sheet)])
    named, *records = grid.records[header:]
    used = _used(named, records)
    names = tuple(shortened(named.cells[place]) for place in used)
    _check_header(grid, named.line, names, used)
    rows, uneven = [], []
    for record in records:
        if len(record.cells) == len(named.cells):
            rows.append(Row(record.line, dict(zip(names, (record.cells[place] for place in used), strict=True))))
        else:
            cells = dict(zip_longest(names, record.cells[: len(names)], fillvalue=""))
            uneven.append((Row(record.line, cells), _uneven(grid, record, named)))
    if not rows and not uneven and not grid.problems:
        message = "il n’y a aucune ligne sous l’en-tête ; vérifiez l’export."
        raise DataError(Problem(message, grid.file.name, grid.sheet))
    return Sheet(grid, names, named.line, tuple(rows), tuple(uneven))


def _used(named: Record, records: Sequence[Record]) -> list[int]:
    """The places of the columns that hold something. Spreadsheets keep those that were emptied."""
    nameless = {place for place, name in enumerate(named.cells) if not name}
    for record in records if nameless else ():
        nameless -= {place for place in nameless if place < len(record.cells) and record.cells[place]}
        if not nameless:
            break
    return [place for place in range(len(named.cells)) if place not in nameless]


def _uneven(grid: Grid, record: Record, named: Record) -> Problem:
    counted = count(len(record.cells), "cellule")
    message = f"cette ligne compte {counted} au lieu de {len(named.cells)} ; vérifiez les séparateurs."
    return Problem(message, grid.file.name, grid.sheet, line=record.line)


def _check_header(grid: Grid, line: int, names: Sequence[str], places: Sequence[int]) -> None:
    lower = Counter(name.lower() for name in names)
    wrong = [
        Problem("cette colonne est en double ; gardez-en une.", grid.file.name, grid.sheet, line=line, column=name)
        for name in dict.fromkeys(names)
        if name and lower[name.lower()] > 1
    ]
    wrong += [
        Problem(
            f"la colonne n° {place + 1} n’a pas de nom ; donnez-lui-en un ou supprimez-la.",
            grid.file.name,
            grid.sheet,
            line=line,
        )
        for place, name in zip(places, names, strict=True)
        if not name
    ]
    if wrong:
        raise DataError(*wrong)
