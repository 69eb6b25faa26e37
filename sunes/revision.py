"""One revision on disk: what its folder says, whether its files are sound, its tables as bytes and back."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sunes.errors import DataError, Problem
from sunes.manifest import MANIFEST, WITHDRAWAL, Manifest, SnapshotId, TableEntry, Withdrawal, load_statement
from sunes.schema import TABLES, column_problems, conform

Stamps = tuple[tuple[int, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One revision whose manifest is sound. Two are equal when folder and manifest are the same: a key for caches."""

    id: SnapshotId
    path: Path
    digest: str = field(repr=False)
    manifest: Manifest = field(compare=False, repr=False)

    @property
    def as_of(self) -> date:
        return self.id.as_of

    @property
    def revision(self) -> int:
        return self.id.revision

    @property
    def simulated(self) -> bool:
        return self.manifest.simulated

    def file(self, table: str) -> Path:
        return self.path / f"{table}.parquet"


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of a revision: the snapshot in it, or the problem that hides it, and its withdrawal if any."""

    id: SnapshotId
    path: Path
    content: Snapshot | Problem
    withdrawal: Withdrawal | None


def open_folder(path: Path, snapshot_id: SnapshotId) -> Folder:
    """Read what a revision says about itself, without touching its Parquet files. Never raises for a damaged one."""
    return _open_folder(path, snapshot_id, _stamps(path / MANIFEST, path / WITHDRAWAL))


@lru_cache(maxsize=8192)
def _open_folder(path: Path, snapshot_id: SnapshotId, stamps: Stamps) -> Folder:
    withdrawal = None
    try:
        if stamps[1]:
            withdrawal = load_statement(path / WITHDRAWAL, Withdrawal)
        manifest = load_statement(path / MANIFEST, Manifest)
        if "revision" not in manifest.model_fields_set:
            manifest = manifest.model_copy(update={"revision": snapshot_id.revision})
        for key, said, meant in (
            ("as_of", manifest.as_of, snapshot_id.as_of),
            ("revision", manifest.revision, snapshot_id.revision),
        ):
            if said != meant:
                message = f"le nom du dossier dit « {meant} »."
                raise DataError(Problem(message, f"{path.name}/{MANIFEST}", key=key, value=str(said)))
        digest = _digest(path / MANIFEST)
    except DataError as error:
        return Folder(snapshot_id, path, error.problems[0], withdrawal)
    return Folder(snapshot_id, path, Snapshot(snapshot_id, path, digest, manifest), withdrawal)


class DamagedError(DataError):
    """A revision can't be used. `found` is what is wrong with it; the text adds the ways out on the command line."""

    def __init__(self, snapshot_id: SnapshotId, *found: Problem, instead: SnapshotId | None = None) -> None:
        sound = [f"La dernière situation saine est « {instead.pin} »."] if instead else []
        super().__init__(
            *found,
            f"La situation « {snapshot_id.pin} » est endommagée ; rétablissez-la ou retirez-la "
            f"(`python -m sunes snapshots withdraw {snapshot_id.pin} --reason …`).",
            *sound,
        )
        self.snapshot_id = snapshot_id
        self.found = found


def check_files(snapshot: Snapshot) -> None:
    """Make sure that the Parquet files are there, whole, unaltered and in the contract's columns.

    Row values are not looked at. Files that have not changed since they were found sound, by this process, cost three
    `stat` calls. Raises DataError with one problem per file or column.
    """
    _check_files(snapshot, _stamps(*map(snapshot.file, TABLES)))


@lru_cache(maxsize=4096)
def _check_files(snapshot: Snapshot, stamps: Stamps) -> None:
    problems = file_problems(snapshot)
    if problems:
        raise DamagedError(snapshot.id, *problems)


def file_problems(snapshot: Snapshot) -> tuple[Problem, ...]:
    """What `check_files` would raise, always looked up anew."""
    return tuple(problem for name in TABLES for problem in _file_problems(snapshot, name))


def _file_problems(snapshot: Snapshot, name: str) -> list[Problem]:
    path = snapshot.file(name)
    file = f"{path.parent.name}/{path.name}"
    published = snapshot.manifest.tables.get(name, TableEntry())
    try:
        with pq.ParquetFile(path) as parquet:
            schema, rows = parquet.schema_arrow, parquet.metadata.num_rows
        digest = _digest(path) if published.sha256 else None
    except FileNotFoundError:
        return [Problem("ce fichier manque.", file)]
    except (OSError, pa.ArrowException):
        return [Problem("ce fichier Parquet est tronqué ou illisible.", file)]
    problems = column_problems(name, schema, file)
    if published.rows is not None and published.rows != rows:
        problems.append(Problem(f"{rows} ligne(s) au lieu de {published.rows} selon le manifeste.", file))
    if published.sha256 and digest != published.sha256.lower().removeprefix("sha256:"):
        problems.append(Problem("l’empreinte n’est plus celle du manifeste : le fichier a changé.", file))
    return problems


def read(snapshot: Snapshot) -> dict[str, pa.Table]:
    """The three tables, in the contract's columns and types. Raises DataError like `check_files` and `conform`."""
    check_files(snapshot)
    return {name: _read(snapshot, name) for name in TABLES}


def _read(snapshot: Snapshot, name: str) -> pa.Table:
    path = snapshot.file(name)
    file = f"{path.parent.name}/{path.name}"
    try:
        with pq.ParquetFile(path) as parquet:
            return conform(name, parquet.read(), file)
    except (OSError, pa.ArrowException) as error:
        raise DamagedError(snapshot.id, Problem("ce fichier Parquet est tronqué ou illisible.", file)) from error


def encode_tables(tables: Mapping[str, pa.Table]) -> tuple[dict[str, bytes], dict[str, TableEntry]]:
    """The Parquet files of tables that conform to the contract, by file name, and their entries in the manifest.

    The same content gives the same bytes: rows are sorted by key, nothing depends on the moment or on the machine.
    """
    files, entries = {}, {}
    for name, table in tables.items():
        ordered = table.sort_by([(column, "ascending") for column in TABLES[name].key]).combine_chunks()
        sink = pa.BufferOutputStream()
        pq.write_table(ordered, sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        files[f"{name}.parquet"] = content
        entries[name] = TableEntry(rows=table.num_rows, sha256=hashlib.sha256(content).hexdigest())
    return files, entries


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamps(*paths: Path) -> Stamps:
    return tuple(map(_stamp, paths))


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What changes whenever a file does, None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
