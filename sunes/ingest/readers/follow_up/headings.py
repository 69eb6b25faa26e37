"""The header of a follow-up kept by hand: what each column holds, told by one to several rows of names.

A name is made of what stands above each other: « Lettres de liaison », « Taux ». Cells that are shown as one name all
the columns below; where the rows have none, a name goes on to the right until the next one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sunes.ingest.grid import Grid, Record, shortened
from sunes.ingest.headings import words
from sunes.ingest.readers.follow_up.vocabulary import Vocabulary

# Where a header is looked for.
_REACH = 60


@dataclass(frozen=True, slots=True)
class Header:
    """The names over a table.

    Attributes
    ----------
    line
        The last line of the header.
    first
        The place, among the records of the grid, of the first one below it.
    paths
        Column → its names, from the top down. Columns without any are left out.
    finess
        The column of the FINESS numbers, where one is called so.
    """

    line: int
    first: int
    paths: Mapping[int, tuple[str, ...]]
    finess: int | None


def find(grid: Grid, vocabulary: Vocabulary, said: str | None = None) -> Header | None:
    """The header of a grid, wherever it stands; None where there is none.

    It is where there is a column called `said`, or FINESS numbers are announced. Where neither is, it is the first row
    that has as many cells as any of those after it, for a person to say what its columns hold.
    """
    near = grid.records[:_REACH]
    place = (said and _finess_cell(near, lambda text: shortened(text) == said)) or _finess_cell(near, _announces_finess)
    if place is None:
        widths = [sum(map(bool, record.cells)) for record in near]
        if max(widths, default=0) < 2:
            return None
        index = widths.index(max(widths))
        return Header(grid.records[index].line, index + 1, _paths([_spread(grid, grid.records[index])]), None)
    index, column = place
    above = _above(grid, index, column, vocabulary)
    *upper, last = [grid.records[index], *_below(grid, index, column, vocabulary)]
    rows = [*above, *(_grown(grid, record) for record in upper), _spread(grid, last)]
    return Header(last.line, index + 1 + len(upper), _paths(rows), column)


# The names of a row by column, each with the column where it is written.
_Row = list[tuple[str, int]]


def _finess_cell(records: Sequence[Record], announces: Callable[[str], bool]) -> tuple[int, int] | None:
    """The record and the column where FINESS numbers are announced: the last such cell before the numbers begin."""
    found = None
    for index, record in enumerate(records):
        if found and _is_number(_cell(record, found[1])):
            break
        columns = [column for column, text in enumerate(record.cells) if announces(text)]
        if columns:
            found = index, columns[0]
    return found


def _announces_finess(text: str) -> bool:
    """Whether a cell is the name of a column of FINESS numbers, of establishments and not of legal entities."""
    name = words(text).split()
    return len(name) <= 5 and bool({"finess", "nofinesset"} & set(name)) and not {"ej", "juridique", "pm"} & set(name)


def _is_number(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= 5


def _cell(record: Record, column: int) -> str:
    return record.cells[column] if column < len(record.cells) else ""


def _above(grid: Grid, index: int, column: int, vocabulary: Vocabulary) -> list[_Row]:
    """The rows of names right over the one that announces FINESS numbers; a title is none of them."""
    rows: list[_Row] = []
    for upper, lower in zip(grid.records[:index][::-1], grid.records[: index + 1][::-1], strict=False):
        row = _grown(grid, upper)
        over = row[column] if column < len(row) else ("", -1)
        row = [("", -1) if cell == over else cell for cell in row]
        if lower.line - upper.line > 1 or not _names(row, vocabulary):
            break
        rows.insert(0, row)
    return rows


def _below(grid: Grid, index: int, column: int, vocabulary: Vocabulary) -> Iterator[Record]:
    """The other rows of names: those that the cell of the FINESS numbers covers, or that leave it empty."""
    line = grid.records[index].line
    covered = max((last for first, left, last, _ in grid.merged if (first, left) == (line, column)), default=line)
    for record in grid.records[index + 1 : index + _REACH]:
        leaves = not _cell(record, column) and _names(_spread(grid, record), vocabulary)
        if record.line > covered and not leaves:
            return
        yield record


def _names(row: _Row, vocabulary: Vocabulary) -> bool:
    """Whether a row says what columns hold: it has no values, and something that files of usages are about."""
    texts = {text for text, _ in row if text}
    return not any(map(_is_value, texts)) and any(
        vocabulary.heading(0, [text]) or vocabulary.window(text) or vocabulary.is_volet(text) for text in texts
    )


def _is_value(text: str) -> bool:
    return any(map(str.isdigit, text)) and not any(map(str.isalpha, text))


def _spread(grid: Grid, record: Record) -> _Row:
    """The names of a row, those of merged cells in all the columns that they cover."""
    row = [(text, column) for column, text in enumerate(record.cells)]
    for first, left, last, right in grid.merged:
        if first <= record.line <= last:
            text = next((_cell(other, left) for other in grid.records[: 2 * _REACH] if other.line == first), "")
            row += [("", -1)] * (right + 1 - len(row))
            row[left : right + 1] = [(text, left)] * (right + 1 - left)
    return row


def _grown(grid: Grid, record: Record) -> _Row:
    """The names of a row that has others below, each going on to the next one unless cells are merged to say so."""
    row = _spread(grid, record)
    if any(first <= record.line <= last and left < right for first, left, last, right in grid.merged):
        return row
    width = max(len(other.cells) for other in grid.records[:_REACH])
    row += [("", -1)] * (width - len(row))
    for column in range(1, width):
        if not row[column][0]:
            row[column] = row[column - 1]
    return row


def _paths(rows: Sequence[_Row]) -> dict[int, tuple[str, ...]]:
    """Column → the different names above each other."""
    width = max(map(len, rows))
    above = [[row[column][0] for row in rows if column < len(row)] for column in range(width)]
    paths = (tuple(dict.fromkeys(shortened(text) for text in texts if text)) for texts in above)
    return {column: path for column, path in enumerate(paths) if path}
