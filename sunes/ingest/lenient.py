"""Cells of files that people keep, read in every way that is certain; what is put right or wrong is noted."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import TypeVar

from sunes.ingest import cells
from sunes.ingest.columns import Columns, twice
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import Row

T = TypeVar("T")


def value(reading: Reading, row: Row, column: str | None, parse: Callable[[str], T]) -> T | None:
    """What `parse` makes of a cell; None where it is empty, or where ValueError says what is wrong, which is noted."""
    text = row.cells.get(column, "") if column else ""
    try:
        return parse(text) if column and text else None
    except ValueError as error:
        reading.problem(str(error), row.line, column or "", text)
        return None


def finess(reading: Reading, row: Row, column: str | None) -> str:
    """A FINESS number, its certain repair noted; empty where there is none or where it is wrong, which is noted."""
    number, repair = value(reading, row, column, cells.finess) or ("", "")
    if repair:
        reading.repair(repair, row.line, column or "", row.cells[column or ""])
    return number


def check_columns(reading: Reading, columns: Columns, besides: Iterable[str] = ()) -> None:
    """Ask for every column that the file can't be read without (`besides` too), and that several columns might be."""
    reading.columns = columns
    doubtful = {*besides, *(meaning.id for meaning in (*columns.missing, *twice(columns)))}
    ask(reading, doubtful - set(columns.found))


def ask(reading: Reading, meanings: Collection[str]) -> None:
    """Refuse the file until a person says which columns hold some meanings; no other table is held against it."""
    if reading.columns and meanings:
        asked = (replace(each, required=each.required or each.id in meanings) for each in reading.columns.meanings)
        reading.columns = replace(reading.columns, meanings=tuple(asked))
        for meaning in reading.columns.meanings:
            if meaning.id in meanings:
                reading.refuse(reading.columns.doubt(meaning), meaning.label)
    if reading.blocking:
        reading.missing |= set(map(reading.origin, reading.table.key))
