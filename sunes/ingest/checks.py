"""What is wrong with the rows of several files taken together, said by file and line."""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from sunes.errors import Problem
from sunes.ingest.places import JUDGED
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import shortened
from sunes.programme import Programme
from sunes.schema import APPLICATIONS, ESTABLISHMENTS, TABLES, USAGES, Table, row_problems


def problems(
    readings: Mapping[str, Reading], carried: Mapping[str, pa.Table], origin: str, programme: Programme
) -> list[Problem]:
    """Every problem of what was read and of how the tables refer to each other.

    Parameters
    ----------
    readings
        Table → what its file holds.
    carried
        Table → the rows that stand in the snapshot without a file, called `origin` where they are at fault. A table
        that is neither here nor readable is held against nobody: whatever refers to it is taken to be right.
    """
    found = [problem for reading in readings.values() for problem in (*reading.problems, *_repeated(reading))]
    readable = {name: reading for name, reading in readings.items() if reading.readable}
    tables = {**carried, **{name: reading.arrow() for name, reading in readable.items()}}
    for table in (USAGES, APPLICATIONS, ESTABLISHMENTS):  # each may stand in for what the next one lacks
        tables.setdefault(table.name, _stand_in(table, tables))
    told = {name: {(p.line, p.column) for p in reading.problems} for name, reading in readable.items()}
    for problem in row_problems(tables, programme):
        name = problem.file or ""
        if name in readable:
            found += _with_line(problem, readable[name], told[name])
        elif name in carried:
            found.append(
                Problem(problem.message, f"{origin}, {TABLES[name].label}", column=problem.column, value=problem.value)
            )
    return found


def _with_line(problem: Problem, reading: Reading, told: set[tuple[int | None, str | None]]) -> Iterator[Problem]:
    """A problem of a row by the line of its file; nothing where the cell was found wrong before."""
    if problem.line is None:  # a repeated key, which `_repeated` tells with its lines
        return
    columns = (problem.column or "").split(", ")
    names = [reading.origin(column) for column in columns]
    line = reading.lines[problem.line - 1]
    judged = reading.table.name == "establishments" and not JUDGED.isdisjoint(columns)
    if not judged and not any(name in reading.missing or (line, name) in told for name in names):
        told |= {(line, name) for name in names}
        value = None if problem.value is None else shortened(problem.value)
        yield Problem(problem.message, reading.file, line=line, column=", ".join(names), value=value)


def _repeated(reading: Reading) -> Iterator[Problem]:
    first: dict[tuple[object, ...], int] = {}
    for index, row in enumerate(reading.rows):
        key = tuple(row[column] for column in reading.table.key)
        if None in key:
            continue
        before = first.setdefault(key, index)
        if before != index:
            line = reading.lines[before]
            message = (
                f"cette ligne répète la ligne {line} ; supprimez-la."
                if reading.rows[before] == row
                else f"cette clé est déjà celle de la ligne {line}, qui dit autre chose ; gardez l’une des deux."
            )
            column, value = ", ".join(map(reading.origin, reading.table.key)), ", ".join(map(str, key))
            yield Problem(message, reading.file, line=reading.lines[index], column=column, value=shortened(value))


def _stand_in(missing: Table, tables: Mapping[str, pa.Table]) -> pa.Table:
    """A table that has just the keys that the others refer to."""
    key = missing.key
    referring = [table.select(key).to_pylist() for table in tables.values() if {*key} <= {*table.column_names}]
    return pa.Table.from_pylist([row for rows in referring for row in rows], schema=missing.schema)
