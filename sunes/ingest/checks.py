"""What is wrong with the rows of several files taken together, said by file and line."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from sunes.errors import Problem
from sunes.french import count, day, quote
from sunes.ingest.places import JUDGED
from sunes.ingest.reading import Reading
from sunes.programme import Programme
from sunes.schema import APPLICATIONS, ESTABLISHMENTS, TABLES, USAGES, Table, row_problems

_REFERS_TO = {"applications": (ESTABLISHMENTS, ("finess",)), "usages": (APPLICATIONS, APPLICATIONS.key)}


@dataclass(frozen=True, slots=True)
class Given:
    """The rows of one table: those of its files, then those carried over from a snapshot, called `origin`."""

    table: Table
    readings: Sequence[Reading]
    carried: pa.Table
    origin: str = ""

    @property
    def places(self) -> list[tuple[Reading, int]]:
        """The reading of each row of the files, and its place there."""
        return [(reading, index) for reading in self.readings for index in range(len(reading.rows))]

    def arrow(self) -> pa.Table:
        return pa.concat_tables([*(reading.arrow() for reading in self.readings), self.carried])


def check(given: Mapping[str, Given], programme: Programme, today: date) -> list[Problem]:
    """Note in the readings what their rows, and how they refer to each other, show to be wrong.

    A table that is not in `given` is held against nobody: whatever refers to it is taken to be right.

    Returns
    -------
    What is wrong with the rows that are carried over.
    """
    for each in given.values():
        _repeated(each)
        for reading in each.readings:
            _dates(reading, today)
    tables = {name: each.arrow() for name, each in given.items()}
    for table in (USAGES, APPLICATIONS, ESTABLISHMENTS):  # each may stand in for what the next one lacks
        tables.setdefault(table.name, _stand_in(table, tables))
    told = {id(reading): _told(reading) for each in given.values() for reading in each.readings}
    places = {name: each.places for name, each in given.items()}
    carried = []
    for problem in row_problems(tables, programme):
        name = problem.file or ""
        if name not in given or problem.line is None:  # a repeated key is told by `_repeated`, with its lines
            continue
        if problem.line <= len(places[name]):
            reading, index = places[name][problem.line - 1]
            _note(problem, reading, reading.lines[index], told[id(reading)])
        else:
            where = f"{given[name].origin}, {TABLES[name].label}"
            carried.append(Problem(problem.message, where, column=problem.column, value=problem.value))
    return carried


def keep(given: Mapping[str, Given]) -> tuple[dict[str, pa.Table], dict[str, list[tuple[Reading, int]]]]:
    """The tables without the rejected lines, nor what refers to them.

    Returns
    -------
    The tables; and the lines that are only left out because they refer to others that are, by table.
    """
    kept: dict[str, pa.Table] = {}
    following: dict[str, list[tuple[Reading, int]]] = {}
    for name in TABLES:
        parent, key = _REFERS_TO.get(name, (None, ()))
        known = set(zip(*(kept[parent.name].column(c).to_pylist() for c in key), strict=True)) if parent else None
        rows: list[dict[str, Any]] = []
        following[name] = []
        for reading in given[name].readings:
            lost = {
                line
                for row, line in zip(reading.rows, reading.lines, strict=True)
                if known is not None and tuple(row[column] for column in key) not in known
            } - reading.rejected
            following[name] += [(reading, line) for line in sorted(lost)]
            out = reading.rejected | lost
            rows += [row for row, line in zip(reading.rows, reading.lines, strict=True) if line not in out]
        own = pa.Table.from_pylist(rows, schema=TABLES[name].schema)
        kept[name] = pa.concat_tables([own, given[name].carried])
    return kept, following


def _told(reading: Reading) -> set[tuple[int | None, str | None]]:
    return {(problem.line, problem.column) for problem in reading.problems}


def _note(problem: Problem, reading: Reading, line: int, told: set[tuple[int | None, str | None]]) -> None:
    """Note a problem of a row by the line of its file, unless the cell was found wrong before."""
    columns = (problem.column or "").split(", ")
    names = [reading.origin(column) for column in columns]
    judged = reading.table.name == "establishments" and not JUDGED.isdisjoint(columns)
    if not judged and not any(name in reading.missing or (line, name) in told for name in names):
        told |= {(line, name) for name in names}
        reading.problem(problem.message, line, ", ".join(names), problem.value)


def _repeated(given: Given) -> None:
    """Note every row whose key another one has: once for two sheets that say the same, else line by line."""
    first: dict[tuple[object, ...], tuple[Reading, int]] = {}
    again: defaultdict[tuple[int, int], list[tuple[Reading, int, Reading, int]]] = defaultdict(list)
    for reading, index in given.places:
        key = tuple(reading.rows[index][column] for column in given.table.key)
        if None in key:
            continue
        other, before = first.setdefault(key, (reading, index))
        if (other, before) != (reading, index) and (other is not reading or before != index):
            again[id(other), id(reading)].append((other, before, reading, index))
    for repeats in again.values():
        other, _, reading, _ = repeats[0]
        if other is not reading and other.file is reading.file:
            message = (
                f"les feuilles {quote(other.sheet or '')} et {quote(reading.sheet or '')} disent deux fois la même "
                f"chose ({count(len(repeats), 'clé')} en commun) ; gardez-en une."
            )
            reading.blocking.append(Problem(message, reading.file.name, reading.sheet))
            continue
        for _, before, _, index in repeats:
            _repeat(given.table, other, before, reading, index)


def _repeat(table: Table, other: Reading, before: int, reading: Reading, index: int) -> None:
    line = f"la ligne {other.lines[before]}" + ("" if other is reading else f" de {other.file.name}")
    message = (
        f"cette ligne répète {line} ; supprimez-la."
        if other.rows[before] == reading.rows[index]
        else f"cette clé est déjà celle de {line}, qui dit autre chose ; gardez l’une des deux."
    )
    key = [str(reading.rows[index][column]) for column in table.key]
    columns = list(dict.fromkeys(map(reading.origin, table.key)))
    reading.problem(message, reading.lines[index], ", ".join(columns), ", ".join(key))


def _dates(reading: Reading, today: date) -> None:
    """Note days that have not come, and decisions taken before anything was filed."""
    days = [column.name for column in reading.table.columns if column.type == pa.date32()]
    for row, line in zip(reading.rows, reading.lines, strict=True):
        for column in days:
            if row[column] and row[column] > today:
                message = f"le {day(row[column])} est dans le futur ; corrigez cette date."
                reading.problem(message, line, reading.origin(column), row[column].isoformat())
        filed, decided = row.get("filed_on"), row.get("decided_on")
        if filed and decided and decided < filed:
            message = f"cette décision précède le dépôt du {day(filed)} ; corrigez l’une des deux dates."
            reading.problem(message, line, reading.origin("decided_on"), decided.isoformat())


def _stand_in(missing: Table, tables: Mapping[str, pa.Table]) -> pa.Table:
    """A table that has just the keys that the others refer to."""
    key = missing.key
    referring = [table.select(key).to_pylist() for table in tables.values() if {*key} <= {*table.column_names}]
    return pa.Table.from_pylist([row for rows in referring for row in rows], schema=missing.schema)
