"""What reads logs and computes on them: DuckDB on this machine, or PySpark wherever it runs."""

import glob
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Protocol

import duckdb
import narwhals as nw
import pyarrow as pa

from sunes.cluster import spark
from sunes.errors import DataError, UsageError

LazyFrame = nw.LazyFrame[Any]
Name = Literal["duckdb", "pyspark"]

# The day of a moment that is written with its time zone.
TIME_ZONE = "Europe/Paris"

# A star in the path of a log is a star, not every file that could stand there.
_GLOB = re.compile(r"([\\*?\[\]{}])")


class Engine(Protocol):
    """What the aggregation asks of an engine; all else is Narwhals."""

    def scan(self, files: Sequence[str]) -> LazyFrame:
        """Parquet files that hold the same columns: paths on this machine, or addresses that the engine knows."""

    def table(self, table: pa.Table) -> LazyFrame:
        """A small table of ours, where it can be joined to a log."""

    def collect(self, frame: LazyFrame) -> list[dict[str, Any]]:
        """The rows of a frame that is small by now. Raises DataError when a log can't be read or room is lacking."""


@contextmanager
def open_engine(name: Name, memory: str | None = None) -> Iterator[Engine]:
    """An engine by name. `memory` (« 4GB ») bounds what DuckDB holds before it writes to a temporary folder.

    Raises UsageError when PySpark or Java is missing.
    """
    if name == "pyspark":
        session = spark()
        session.conf.set("spark.sql.session.timeZone", TIME_ZONE)
        yield _PySpark(session)
        return
    with TemporaryDirectory(prefix="sunes-") as spill, duckdb.connect() as connection:
        settings = {"temp_directory": spill, "preserve_insertion_order": "false", "TimeZone": TIME_ZONE}
        if memory:
            settings["memory_limit"] = memory
        for setting, value in settings.items():
            connection.execute(f"SET {setting} = '{value}'")
        yield _DuckDB(connection)


@dataclass(frozen=True, slots=True)
class _DuckDB:
    connection: duckdb.DuckDBPyConnection

    def scan(self, files: Sequence[str]) -> LazyFrame:
        away = [file for file in files if "://" in file]
        if away:
            raise UsageError(f"« {away[0]} » n’est pas sur cette machine ; lisez-le avec --engine pyspark.")
        with _told(duckdb.Error):
            frame: LazyFrame = nw.from_native(
                self.connection.read_parquet([*map(glob.escape, files)], hive_partitioning=False)
            ).lazy()
            return frame

    def table(self, table: pa.Table) -> LazyFrame:
        frame: LazyFrame = nw.from_native(self.connection.from_arrow(table)).lazy()
        return frame

    def collect(self, frame: LazyFrame) -> list[dict[str, Any]]:
        with _told(duckdb.Error):
            return _rows(frame)


@dataclass(frozen=True, slots=True)
class _PySpark:
    session: Any

    def scan(self, files: Sequence[str]) -> LazyFrame:
        with _told(*_spark_failures()):
            addresses = [
                file if "://" in file else _GLOB.sub(r"\\\1", f"file://{Path(file).resolve()}") for file in files
            ]
            reader = self.session.read.option("recursiveFileLookup", True)
            frame: LazyFrame = nw.from_native(reader.parquet(*addresses)).lazy()
            return frame

    def table(self, table: pa.Table) -> LazyFrame:
        frame: LazyFrame = nw.from_native(self.session.createDataFrame(table)).lazy()
        return frame

    def collect(self, frame: LazyFrame) -> list[dict[str, Any]]:
        with _told(*_spark_failures()):
            return _rows(frame)


def _spark_failures() -> tuple[type[Exception], ...]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return PySparkException, Py4JError


def _rows(frame: LazyFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = frame.collect().to_arrow().to_pylist()
    return rows


@contextmanager
def _told(*failures: type[Exception]) -> Iterator[None]:
    """Say in one sentence what an engine says in a page."""
    try:
        yield
    except failures as error:
        # Of what Java says, the last cause is what happened.
        lines = str(error).strip().split("\n")
        said = next((line for line in reversed(lines) if line.startswith("Caused by: ")), lines[0])[:200]
        if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error):
            message = f"la mémoire ou le disque ne suffit pas ({said}) ; voyez --memory et TMPDIR."
        else:
            message = (
                f"les journaux ne peuvent pas être lus ({said}) ; vérifiez leurs fichiers et les types des colonnes."
            )
        raise DataError(message) from error
