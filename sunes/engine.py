"""Where frames come from: Parquet snapshots as lazy Narwhals frames, whatever computes behind them."""

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import duckdb
import narwhals as nw
import pyarrow as pa

from sunes.cluster import spark
from sunes.errors import DataError, Problem
from sunes.schema import TABLES
from sunes.snapshots import Snapshot, check_files

_SQL = {
    pa.string(): "VARCHAR",
    pa.list_(pa.string()): "VARCHAR[]",
    pa.int8(): "TINYINT",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
}

Backend = Literal["duckdb", "pandas", "pyarrow", "polars", "pyspark"]


@dataclass(frozen=True, slots=True)
class Header:
    """What a figure must say of the snapshot that it comes from."""

    as_of: date
    revision: int
    simulated: bool


@dataclass(frozen=True, slots=True)
class Frames:
    """The three tables of one or more snapshots, of different dates.

    Each frame has the contract's columns and `snapshot` (text, `YYYY-MM-DD`).
    """

    establishments: nw.LazyFrame[Any]
    applications: nw.LazyFrame[Any]
    usages: nw.LazyFrame[Any]
    headers: tuple[Header, ...]

    def __post_init__(self) -> None:
        dates = [header.as_of for header in self.headers]
        if not dates or len(set(dates)) < len(dates):
            raise ValueError("frames need at least one snapshot, and one revision of each date")


def frames(snapshots: Sequence[Snapshot]) -> Frames:
    """Frames over the files of snapshots, read by the embedded engine (DuckDB) when a figure is asked for.

    Raises DataError when a file is missing, damaged or not what its manifest says.
    """
    for snapshot in snapshots:
        check_files(snapshot)
    # A cursor is a connection of its own to the same database: threads that share one would wait for each other.
    cursor = _database().cursor()
    headers = tuple(Header(s.as_of, s.revision, s.simulated) for s in snapshots)
    return Frames(**{name: _scan(cursor, name, snapshots) for name in TABLES}, headers=headers)


def sound(snapshots: Sequence[Snapshot]) -> tuple[tuple[Snapshot, ...], tuple[Problem, ...]]:
    """Part the snapshots whose files are sound from what is wrong with the files of the others."""
    kept: list[Snapshot] = []
    problems: list[Problem] = []
    for snapshot in snapshots:
        try:
            check_files(snapshot)
            kept.append(snapshot)
        except DataError as error:
            problems += error.problems
    return tuple(kept), tuple(problems)


def frames_from_tables(
    snapshots: Sequence[tuple[date, int, Mapping[str, pa.Table]]], backend: Backend, simulated: bool = False
) -> Frames:
    """Frames over tables in memory, each snapshot given as (date, revision, tables by name), on a backend by name."""
    headers = tuple(Header(as_of, revision, simulated) for as_of, revision, _ in snapshots)
    stacked = {
        name: pa.concat_tables(
            tables[name].append_column("snapshot", pa.repeat(as_of.isoformat(), tables[name].num_rows))
            for as_of, _, tables in snapshots
        )
        for name in TABLES
    }
    return Frames(**{name: _lazy(table, backend) for name, table in stacked.items()}, headers=headers)


@lru_cache(maxsize=1)
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


def _scan(cursor: duckdb.DuckDBPyConnection, name: str, snapshots: Sequence[Snapshot]) -> nw.LazyFrame[Any]:
    # A star in the path of the store is a star, not every file that could stand there.
    files = [glob.escape(str(snapshot.file(name))) for snapshot in snapshots]
    scan = cursor.read_parquet(files, filename=True, hive_partitioning=False, union_by_name=len(files) > 1)
    # Stores of another's making hold the same values in other widths.
    columns = ", ".join(
        f'CAST("{field.name}" AS {_SQL[field.type]}) AS "{field.name}"' for field in TABLES[name].schema
    )
    # The folder of a file says `as_of=2024-06-30` or, for a later revision, `as_of=2024-06-30~2`.
    day = r"regexp_extract(filename, 'as_of=([0-9-]{10})[^/\\]*[/\\][^/\\]*$', 1)"
    return _frame(scan.project(f"{columns}, {day} AS snapshot"))


def _lazy(table: pa.Table, backend: Backend) -> nw.LazyFrame[Any]:
    if backend == "pandas":
        return _frame(table.to_pandas())
    frame: nw.DataFrame[Any] = nw.from_native(table, eager_only=True)
    if backend == "pyspark":
        return frame.lazy(backend=backend, session=spark())
    return frame.lazy() if backend == "pyarrow" else frame.lazy(backend=backend)


def _frame(native: Any) -> nw.LazyFrame[Any]:
    frame: nw.LazyFrame[Any] = nw.from_native(native).lazy()
    return frame
