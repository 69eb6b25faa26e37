"""Where frames come from: Parquet snapshots as lazy Narwhals frames, whatever computes behind them.

What is small is computed in memory (Arrow), what is large by DuckDB, straight from the files: it reads the columns and
the rows that are asked for, and writes to a temporary folder what memory does not hold. Both say the same.
"""

import glob
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Literal

import duckdb
import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

from sunes import limits
from sunes.access.people import EVERYTHING, Sight
from sunes.cluster import spark
from sunes.errors import DataError, Problem, UsageError
from sunes.schema import TABLES
from sunes.snapshots import Snapshot, UnreachableError, check_files, fetch

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
# Rows of three tables that are computed in memory: below, asking DuckDB takes longer than the answer.
SMALL = 100_000
# What DuckDB may hold in memory, unless the environment says otherwise.
MEMORY = "2GB"


@dataclass(frozen=True, slots=True)
class Header:
    """What a figure must say of the snapshot that it comes from."""

    as_of: date
    revision: int
    simulated: bool


@dataclass(frozen=True, slots=True)
class Frames:
    """The three tables of one or more snapshots, of different dates.

    Each frame has the contract's columns, or those that are asked for, and `snapshot` (text, `YYYY-MM-DD`).

    Attributes
    ----------
    snapshots
        The published snapshots that they hold, in the order of `headers`; empty for tables in memory.
    sight
        Which establishments may be shown one by one, which is up to `roster` and `metrics`: the tables hold them all.
    """

    headers: tuple[Header, ...]
    _scan: Callable[[str, Sequence[str]], nw.LazyFrame[Any]]
    snapshots: tuple[Snapshot, ...] = ()
    sight: Sight = EVERYTHING
    _connection: duckdb.DuckDBPyConnection | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        dates = [header.as_of for header in self.headers]
        if not dates or len(set(dates)) < len(dates):
            raise ValueError("frames need at least one snapshot, and one revision of each date")

    @classmethod
    def of(cls, headers: Sequence[Header], tables: Mapping[str, nw.LazyFrame[Any]]) -> "Frames":
        """Frames that are there already, by the name of their table."""
        return cls(tuple(headers), lambda name, columns: tables[name].select(*columns, "snapshot"))

    @property
    def are_large(self) -> bool:
        """Whether DuckDB computes what is asked of them, outside of Python."""
        return self._connection is not None

    @property
    def establishments(self) -> nw.LazyFrame[Any]:
        return self.table("establishments")

    @property
    def applications(self) -> nw.LazyFrame[Any]:
        return self.table("applications")

    @property
    def usages(self) -> nw.LazyFrame[Any]:
        return self.table("usages")

    def table(self, name: str, *columns: str) -> nw.LazyFrame[Any]:
        """The rows of a table by name, with these columns of the contract (all of them unless stated)."""
        return self._scan(name, columns or TABLES[name].schema.names)

    def collect(self, frame: nw.LazyFrame[Any], until: float | None = None) -> pa.Table:
        """The rows of a frame that was made of these, computed now, `until` a `deadline` at the latest.

        Raises TooLongError when that takes too long, DataError where memory, the disk or a file fails.
        """
        until = limits.deadline() if until is None else until
        if self._connection is None:
            if monotonic() > until:
                raise limits.too_long()
            return frame.collect().to_arrow()
        with _told(), limits.limited(self._connection, until):
            return frame.collect().to_arrow()


def frames(snapshots: Sequence[Snapshot], sight: Sight) -> Frames:
    """Frames over the files of snapshots, for those who see so much; those of a table are read when it is asked for.

    Raises DataError when a file is missing, damaged or not what its manifest says.
    """
    fetch(snapshots)
    for snapshot in snapshots:
        check_files(snapshot)
    headers = tuple(Header(s.as_of, s.revision, s.simulated) for s in snapshots)
    if sum(map(rows, snapshots)) <= SMALL:
        return Frames(headers, partial(_load, snapshots), tuple(snapshots), sight)
    # A cursor is a connection of its own to the same database: threads that share one would wait for each other.
    cursor = _database().cursor()
    return Frames(headers, partial(_scan, cursor, snapshots), tuple(snapshots), sight, cursor)


def rows(snapshot: Snapshot) -> int:
    """How many rows the three tables of a snapshot have: its manifest knows, or else its files."""
    said = [snapshot.manifest.tables[name].rows for name in TABLES if name in snapshot.manifest.tables]
    known = [count for count in said if count is not None]
    return sum(known) if len(known) == len(TABLES) else sum(count for count, _ in _layout(snapshot).values())


def content(snapshot: Snapshot) -> str:
    """A key for what is made of a snapshot: it changes whenever its tables do.

    They are what the manifest says or, where it vouches for no content, what the files look like.
    """
    said = snapshot.manifest.tables
    if all(name in said and said[name].sha256 for name in TABLES):
        return f"{snapshot.path} {snapshot.digest}"
    looks = (snapshot.file(name).stat() for name in TABLES)
    return f"{snapshot.path} {snapshot.digest} {[(look.st_ino, look.st_size, look.st_mtime_ns) for look in looks]}"


def in_parts(snapshots: Sequence[Snapshot], most: int) -> Iterator[list[Snapshot]]:
    """The same snapshots in lists that have at most so many rows, or that hold a single snapshot."""
    part: list[Snapshot] = []
    size = 0
    for snapshot in snapshots:
        if part and size + rows(snapshot) > most:
            yield part
            part, size = [], 0
        part.append(snapshot)
        size += rows(snapshot)
    if part:
        yield part


def sound(snapshots: Sequence[Snapshot]) -> tuple[tuple[Snapshot, ...], tuple[Problem, ...]]:
    """Part the snapshots whose files are sound from what is wrong with the files of the others."""
    kept: list[Snapshot] = []
    problems: list[Problem] = []
    fetch(snapshots)
    for snapshot in snapshots:
        try:
            check_files(snapshot)
            kept.append(snapshot)
        except UnreachableError:
            raise  # nothing is wrong with it: what it says is not known for now
        except DataError as error:
            problems += error.problems
    return tuple(kept), tuple(problems)


def frames_from_tables(
    snapshots: Sequence[tuple[date, int, Mapping[str, pa.Table]]], backend: Backend, simulated: bool = False
) -> Frames:
    """Frames over tables in memory, each snapshot given as (date, revision, tables by name), on a backend by name."""
    headers = tuple(Header(as_of, revision, simulated) for as_of, revision, _ in snapshots)
    stacked = {name: _stack([(as_of, tables[name]) for as_of, _, tables in snapshots]) for name in TABLES}
    return Frames.of(headers, {name: _lazy(table, backend) for name, table in stacked.items()})


@lru_cache(maxsize=1)
def _database() -> duckdb.DuckDBPyConnection:
    memory = os.environ.get("SUNES_QUERY_MEMORY") or MEMORY
    spill = _spill().name
    try:
        return duckdb.connect(config={"memory_limit": memory, "temp_directory": spill})
    except duckdb.Error:
        raise UsageError(
            f"SUNES_QUERY_MEMORY : « {memory} » n’est pas une taille ; écrivez par exemple {MEMORY}."
        ) from None


def close() -> None:
    """Let go of the database: the next question opens another, with the settings of then."""
    _database.cache_clear()


@lru_cache(maxsize=1)
def _spill() -> TemporaryDirectory[str]:
    """What memory does not hold, for as long as this process runs."""
    return TemporaryDirectory(prefix="sunes-")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise DataError(
            "La mémoire et le dossier temporaire ne suffisent pas à cette question ; resserrez les filtres, ou "
            "relevez SUNES_QUERY_MEMORY."
        ) from error
    except duckdb.IOException as error:
        raise DataError("Un fichier de données ne peut plus être lu ; réessayez, puis vérifiez le dossier.") from error


def _layout(snapshot: Snapshot) -> Mapping[str, tuple[int, pa.Schema]]:
    """How many rows each table of a snapshot has, and its columns as they are in the file."""
    return _layout_of(snapshot, content(snapshot))


@lru_cache(maxsize=8192)
def _layout_of(snapshot: Snapshot, _: str) -> Mapping[str, tuple[int, pa.Schema]]:
    found = {}
    for name in TABLES:
        with _opened(snapshot, name) as parquet:
            found[name] = parquet.metadata.num_rows, parquet.schema_arrow
    return found


@contextmanager
def _opened(snapshot: Snapshot, name: str) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(snapshot.file(name)) as parquet:
            yield parquet
    except (OSError, pa.ArrowException) as error:
        file = f"{snapshot.path.name}/{name}.parquet"
        raise DataError(Problem("ce fichier Parquet est tronqué ou illisible.", file)) from error


def _load(snapshots: Sequence[Snapshot], name: str, columns: Sequence[str]) -> nw.LazyFrame[Any]:
    schema = pa.schema([TABLES[name].schema.field(column) for column in columns])
    tables = []
    for snapshot in snapshots:
        with _opened(snapshot, name) as parquet:
            # For files of this size, threads cost more than they save.
            table = parquet.read(columns=columns, use_threads=False).select(columns)
            tables.append((snapshot.as_of, table if table.schema == schema else table.cast(schema)))
    return _lazy(_stack(tables), "pyarrow")


def _stack(tables: Sequence[tuple[date, pa.Table]]) -> pa.Table:
    return pa.concat_tables(
        table.append_column("snapshot", pa.repeat(as_of.isoformat(), table.num_rows)) for as_of, table in tables
    )


def _scan(
    cursor: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot], name: str, columns: Sequence[str]
) -> nw.LazyFrame[Any]:
    # A star in the path of the store is a star, not every file that could stand there.
    files = [glob.escape(str(snapshot.file(name))) for snapshot in snapshots]
    first, *others = (_layout(snapshot)[name][1] for snapshot in snapshots)
    # Stores of another's making hold the same values in other widths: then every file is asked for its columns.
    alike = all(other.equals(first) for other in others)
    fields = [TABLES[name].schema.field(column) for column in columns]
    with _told():
        scan = cursor.read_parquet(files, filename=True, hive_partitioning=False, union_by_name=not alike)
        chosen = ", ".join(f'CAST("{each.name}" AS {_SQL[each.type]}) AS "{each.name}"' for each in fields)
        # The folder of a file says `as_of=2024-06-30` or, for a later revision, `as_of=2024-06-30~2`.
        day = r"regexp_extract(filename, 'as_of=([0-9-]{10})[^/\\]*[/\\][^/\\]*$', 1)"
        return _frame(scan.project(f"{chosen}, {day} AS snapshot"))


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
