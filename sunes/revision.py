"""One revision: what its folder says, whether its files are sound, its tables as bytes and back."""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock

import pyarrow as pa
import pyarrow.parquet as pq

from sunes.errors import DataError, Problem
from sunes.index import Index, Kept
from sunes.manifest import MANIFEST, WITHDRAWAL, Manifest, SnapshotId, Statement, TableEntry, Withdrawal, decode
from sunes.place import FILES, STATEMENTS, Place, Stamps, UnreachableError, stamps
from sunes.schema import TABLES, column_problems, conform

_PARQUET = FILES[len(STATEMENTS) :]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One revision whose manifest is sound. Two are equal when folder and manifest are the same: a key for caches.

    `path` is where its files are read on this machine: copies, where `place` is elsewhere (see `check_files`).
    """

    id: SnapshotId
    path: Path
    digest: str = field(repr=False)
    manifest: Manifest = field(compare=False, repr=False)
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def as_of(self) -> date:
        return self.id.as_of

    @property
    def revision(self) -> int:
        return self.id.revision

    @property
    def simulated(self) -> bool:
        return self.manifest.simulated

    @property
    def where(self) -> str:
        """What a person calls its folder."""
        return f"{self.place}/{self.id.folder}" if self.place else str(self.path)

    def file(self, table: str) -> Path:
        return self.path / f"{table}.parquet"


class Folder:
    """The folder of a revision. It is read when it is first asked what is in it, without touching its Parquet files."""

    def __init__(self, place: Place, snapshot_id: SnapshotId, stamps: Stamps, index: Index) -> None:
        self.id, self.name = snapshot_id, snapshot_id.folder
        self._place, self._stamps, self._index = place, stamps, index
        self._said: tuple[Snapshot | Problem, Withdrawal | None] | None = None

    @property
    def content(self) -> Snapshot | Problem:
        """The snapshot, or the problem that hides it. Raises UnreachableError, never for a damaged one."""
        return self.open()[0]

    @property
    def withdrawal(self) -> Withdrawal | None:
        """Why it was taken back, if it was. Raises UnreachableError."""
        return self.open()[1] if self._is_withdrawn else None

    @property
    def _is_withdrawn(self) -> bool:
        return self._stamps[1] is not None

    def open(self) -> tuple[Snapshot | Problem, Withdrawal | None]:
        if self._said is None:
            self._said = self._read(self._index.of(self.name, self._stamps))
        return self._said

    def _read(self, kept: Kept) -> tuple[Snapshot | Problem, Withdrawal | None]:
        withdrawal = None
        file = f"{self.name}/{MANIFEST}"
        try:
            if self._is_withdrawn:
                withdrawal = load(self._place, self.name, WITHDRAWAL, Withdrawal, kept)
            content = _content(self._place, self.name, MANIFEST, kept)
            manifest = decode(content, Manifest, file)
            if "revision" not in manifest.model_fields_set:
                manifest = manifest.model_copy(update={"revision": self.id.revision})
            for key, said, meant in (
                ("as_of", manifest.as_of, self.id.as_of),
                ("revision", manifest.revision, self.id.revision),
            ):
                if said != meant:
                    raise DataError(Problem(f"le nom du dossier dit « {meant} ».", file, key=key, value=str(said)))
        except UnreachableError:
            raise
        except DataError as error:
            return error.problems[0], withdrawal
        digest = hashlib.sha256(content).hexdigest()
        return Snapshot(self.id, self._place.path(self.name, digest), digest, manifest, self._place), withdrawal


def load(place: Place, folder: str, file: str, model: type[Statement], kept: Kept | None = None) -> Statement:
    """One of the JSON files of a revision. Raises DataError with one problem, which names the file."""
    return decode(_content(place, folder, file, kept or {}), model, f"{folder}/{file}")


def _content(place: Place, folder: str, file: str, kept: Kept) -> bytes:
    try:
        return kept.get(file) or place.read(folder, file)
    except FileNotFoundError as error:
        raise DataError(Problem("ce fichier manque.", f"{folder}/{file}")) from error
    except OSError as error:
        message = "ce fichier ne peut pas être lu ; vérifiez-en les droits."
        raise DataError(Problem(message, f"{folder}/{file}")) from error


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


# What was found in files, and what they looked like then.
_FOUND: dict[Snapshot, tuple[Stamps, tuple[Problem, ...]]] = {}
# What the files look like, where somebody keeps looking at them (see `watch.patient`).
_SEEN: dict[Snapshot, Stamps] = {}
_MOST = 8192
# Hundreds may ask at once: one of them fetches and reads the files.
_ONE_AT_A_TIME = Lock()


def check_files(snapshot: Snapshot) -> None:
    """Make sure that the Parquet files are there, whole, unaltered and in the contract's columns.

    Row values are not looked at. Files that have not changed since this process read them cost three `stat` calls; in a
    server, which keeps looking at its stores, none. Files that are elsewhere are fetched first.

    Raises
    ------
    DamagedError
        One problem per file or column.
    UnreachableError
        Nobody knows, for now.
    """
    seen, found = _SEEN.get(snapshot), _FOUND.get(snapshot)
    if not (seen and found and found[0] == seen):
        with _ONE_AT_A_TIME:
            found = _found(snapshot)
    if found[1]:
        raise DamagedError(snapshot.id, *found[1])


def _found(snapshot: Snapshot) -> tuple[Stamps, tuple[Problem, ...]]:
    if snapshot.place:
        snapshot.place.fetch(snapshot.path)
    now = _SEEN.get(snapshot) or _stamps(snapshot)
    found = _FOUND.get(snapshot)
    if not found or found[0] != now:
        if len(_FOUND) >= _MOST:
            _FOUND.clear()
        found = _FOUND[snapshot] = now, file_problems(snapshot)
        if found[1] and snapshot.place:
            snapshot.place.discard(snapshot.path)
    return found


def forget(snapshots: Iterable[Snapshot]) -> None:
    """Look at the files of these again, when they are needed."""
    for snapshot in snapshots:
        _FOUND.pop(snapshot, None)


def fetch(snapshots: Iterable[Snapshot]) -> None:
    """Fetch the files of several snapshots that are elsewhere, several at a time, before `check_files` asks for each.

    What can't be fetched is left to `check_files`, which says why.
    """
    by_place: dict[Place, list[Path]] = {}
    for snapshot in snapshots:
        if snapshot.place and snapshot.place.remote and snapshot not in _FOUND:
            by_place.setdefault(snapshot.place, []).append(snapshot.path)
    for place, paths in by_place.items():
        with _ONE_AT_A_TIME, suppress(DataError):
            place.each(place.fetch, paths)


def watching(seen: Mapping[Snapshot, Stamps], before: Iterable[Snapshot]) -> None:
    """Say what the Parquet files of snapshots look like now. Nobody looks any longer at those of before."""
    _SEEN.update(seen)
    for snapshot in before:
        if snapshot not in seen:
            _SEEN.pop(snapshot, None)


def stop_watching() -> None:
    """Nobody looks at files any longer but those who need them."""
    _SEEN.clear()


def _stamps(snapshot: Snapshot) -> Stamps:
    try:
        return stamps(snapshot.path, _PARQUET)
    except OSError as error:
        raise UnreachableError(f"« {snapshot.where} » ne peut pas être lu ; vérifiez le dossier.") from error


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
