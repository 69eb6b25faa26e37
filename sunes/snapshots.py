"""The store of snapshots: list, resolve, verify, publish, withdraw.

A store is a folder of revisions. Each revision is a folder of its own (`as_of=2024-06-30`, then `as_of=2024-06-30~2`)
that appears by one rename and never changes; only a sidecar file can say that it was withdrawn. Reading needs no lock
and no right to write.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import EllipsisType
from typing import Any, Self

import pyarrow as pa

from sunes.errors import DataError, Problem, UsageError
from sunes.french import day
from sunes.manifest import (
    MANIFEST,
    UNDONE,
    WITHDRAWAL,
    Manifest,
    SnapshotId,
    SourceFile,
    TableEntry,
    Withdrawal,
    encode,
    load_statement,
    parse_reference,
)
from sunes.programme import Programme, load_programme
from sunes.publishing import StoreBusyError, publisher, put_file, put_folder, rename_file
from sunes.revision import DamagedError, Folder, Snapshot, check_files, encode_tables, file_problems, open_folder, read
from sunes.schema import TABLES, conform, row_problems

__all__ = [
    "DamagedError",
    "Manifest",
    "Snapshot",
    "SnapshotId",
    "SourceFile",
    "Store",
    "StoreBusyError",
    "TableEntry",
    "Withdrawal",
    "check_files",
    "parse_reference",
    "read",
]

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Store:
    """The snapshots of a data folder: in its `snapshots` folder or, in a store of another's making, directly in it.

    Every method lists the folder anew, from the manifests alone; an unchanged one is parsed once per process.
    """

    directory: Path

    @classmethod
    def default(cls) -> Self:
        """The store that `SUNES_DATA` names, or else the one of the repository."""
        return cls(Path(os.environ.get("SUNES_DATA") or DATA))

    @property
    def folder(self) -> Path:
        nested = self.directory / "snapshots"
        return nested if nested.is_dir() or not any(self.directory.glob("as_of=*")) else self.directory

    def snapshots(self, withdrawn: bool = False) -> tuple[Snapshot, ...]:
        """The sound revisions, oldest first; with `withdrawn`, those taken back as well."""
        return tuple(
            f.content for f in self._folders() if isinstance(f.content, Snapshot) and (withdrawn or not f.withdrawal)
        )

    def history(
        self, since: date | None = None, until: date | None = None, known_at: datetime | None = None
    ) -> tuple[Snapshot, ...]:
        """The newest revision of each date from `since` to `until`, both included, oldest first.

        A date whose newest revision is damaged is left out (see `damaged`) rather than shown as it was before. With
        `known_at`, what was published after that moment is not known yet; a revision that doesn't say when is known.
        """
        newest = {f.id.as_of: f.content for f in self._folders() if not f.withdrawal and _known(f, known_at)}
        return tuple(
            content
            for as_of, content in newest.items()
            if isinstance(content, Snapshot) and (since or as_of) <= as_of <= (until or as_of)
        )

    def newest(self, as_of: date) -> SnapshotId | None:
        """The newest revision of a date that stands, damaged or not: what a correction would replace."""
        return max((f.id for f in self._folders() if f.id.as_of == as_of and not f.withdrawal), default=None)

    def withdrawals(self) -> dict[SnapshotId, Withdrawal]:
        """Why, when and by whom revisions were taken back."""
        return {f.id: f.withdrawal for f in self._folders() if f.withdrawal}

    def undone_withdrawals(self, snapshot_id: SnapshotId) -> tuple[Withdrawal, ...]:
        """Why, when and by whom a revision had been taken back before it was restored, oldest first."""
        found = sorted((self.folder / snapshot_id.folder).glob(UNDONE.partition("{")[0] + "*"))
        return tuple(load_statement(path, Withdrawal) for path in found)

    def damaged(self) -> tuple[Problem, ...]:
        """What keeps revisions from being opened, one problem for each; those taken back don't count."""
        strangers = [
            Problem("ce nom de dossier ne désigne pas une situation (as_of=AAAA-MM-JJ ou as_of=AAAA-MM-JJ~2).", name)
            for name in self._names()
            if SnapshotId.of_folder(name) is None
        ]
        damaged = [f.content for f in self._folders() if isinstance(f.content, Problem) and not f.withdrawal]
        return (*strangers, *damaged)

    def resolve(self, reference: str | None = None) -> Snapshot:
        """The revision that a person means: `latest` (or None), a date (its newest revision), or `date~revision`.

        Raises
        ------
        UsageError
            The reference is not one, or leads to nothing, or to a revision that was withdrawn.
        DataError
            The store is empty, or what was asked for is damaged: `latest` never falls back on an older date in silence.
        """
        folder = self._standing(reference)
        if isinstance(folder.content, Problem):
            raise DamagedError(folder.id, folder.content, instead=next((s.id for s in self.snapshots()[::-1]), None))
        return folder.content

    def verify(self, reference: str | None = None, programme: Programme | None = None) -> tuple[Problem, ...]:
        """Everything wrong with one revision, even a withdrawn one: its files and every row of its tables.

        Raises UsageError or DataError only where `reference` leads to no revision.
        """
        meant = self._meant(reference)
        content = ([f for f in meant if not f.withdrawal] or meant)[-1].content
        if isinstance(content, Problem):
            return (content,)
        try:
            return file_problems(content) or tuple(row_problems(read(content), programme or load_programme()))
        except DataError as error:
            return tuple(error.problems)

    def publish(
        self,
        as_of: date,
        tables: Mapping[str, pa.Table],
        *,
        simulated: bool,
        sources: Iterable[SourceFile] = (),
        published_by: str | None = None,
        published_at: datetime | None = None,
        checks: Iterable[Mapping[str, Any]] = (),
        base: SnapshotId | EllipsisType | None = ...,
        programme: Programme | None = None,
    ) -> Snapshot:
        """Add a revision of `as_of`: all of it or nothing.

        `tables` maps the three names of the contract to tables that `schema.conform` accepts. `published_at` is now
        unless stated. `base` is the newest revision of that date that the publisher knows of (None: there was none).

        Raises
        ------
        DataError
            The tables break the contract, or the disk refuses them. Nothing is published.
        StoreBusyError
            Somebody else is publishing, or has changed that date since `base`.
        """
        conformed = _conformed(tables)
        problems = row_problems(conformed, programme or load_programme())
        if problems:
            raise DataError(*problems)
        files, entries = encode_tables(conformed)
        with publisher(self.folder):
            there = [f for f in self._folders() if f.id.as_of == as_of]
            if base is not ... and base != self.newest(as_of):
                raise StoreBusyError(
                    f"la situation au {day(as_of)} a changé entre-temps ; relisez-la avant d’en publier une correction."
                )
            snapshot_id = SnapshotId(as_of, max((f.id.revision for f in there), default=0) + 1)
            manifest = Manifest(
                as_of=as_of,
                revision=snapshot_id.revision,
                simulated=simulated,
                published_at=published_at or datetime.now(UTC),
                published_by=published_by,
                sources=tuple(sources),
                tables=entries,
                checks=[dict(check) for check in checks],
            )
            put_folder(self.folder / snapshot_id.folder, {**files, MANIFEST: encode(manifest)})
            return self.resolve(snapshot_id.pin)

    def withdraw(self, reference: str, reason: str, by: str | None = None) -> SnapshotId:
        """Take a revision back: it stays on disk, and the one before it becomes the default. A damaged one may be too.

        Raises UsageError (unknown, withdrawn already, no reason given), DataError (cannot be written), StoreBusyError.
        """
        if not reason.strip():
            raise UsageError("un retrait demande un motif ; indiquez-le.")
        with publisher(self.folder):
            folder = self._standing(reference)
            withdrawal = Withdrawal(reason=reason.strip(), date=datetime.now(UTC), by=by)
            put_file(folder.path / WITHDRAWAL, encode(withdrawal))
        return folder.id

    def restore(self, reference: str) -> SnapshotId:
        """Undo the newest withdrawal that `reference` leads to. Its reason is kept (see `undone_withdrawals`).

        Raises UsageError (unknown, not withdrawn), DataError (cannot be written), StoreBusyError.
        """
        with publisher(self.folder):
            meant = self._meant(reference)
            taken_back = [f for f in meant if f.withdrawal]
            if not taken_back:
                raise UsageError(f"la situation « {meant[-1].id.pin} » n’est pas retirée.")
            rename_file(taken_back[-1].path / WITHDRAWAL, UNDONE.format(datetime.now(UTC)))
        return taken_back[-1].id

    def _names(self) -> list[str]:
        try:
            return sorted(entry.name for entry in self.folder.iterdir() if entry.name.startswith("as_of="))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DataError(f"« {self.folder} » n’est pas un dossier que vous puissiez lire ; vérifiez-le.") from error

    def _folders(self) -> list[Folder]:
        """The revisions, oldest first, then by revision."""
        folder = self.folder
        ids = sorted(filter(None, map(SnapshotId.of_folder, self._names())))
        return [open_folder(folder / snapshot_id.folder, snapshot_id) for snapshot_id in ids]

    def _meant(self, reference: str | None) -> list[Folder]:
        """Every revision that a reference leads to, at least one, the newest last."""
        wanted, folders = parse_reference(reference), self._folders()
        if not folders:
            raise DataError(
                *self.damaged(),
                f"« {self.folder} » ne contient aucune situation ; importez des données (`python -m sunes import`) "
                "ou créez des données simulées (`python -m sunes simulate`).",
            )
        meant = [f for f in folders if wanted is None or wanted in (f.id, f.id.as_of)]
        if wanted and not meant:
            raise UsageError(_unknown(wanted, [f.id for f in folders if not f.withdrawal]))
        return meant

    def _standing(self, reference: str | None) -> Folder:
        """The newest revision that a reference leads to, of those that stand."""
        meant = self._meant(reference)
        for folder in reversed(meant):
            if not folder.withdrawal:
                return folder
        raise UsageError(f"la situation « {meant[-1].id.pin} » a été {meant[-1].withdrawal} ; choisissez-en une autre.")


def _known(folder: Folder, at: datetime | None) -> bool:
    published = folder.content.manifest.published_at if isinstance(folder.content, Snapshot) else None
    return at is None or published is None or published <= at


def _conformed(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    problems = [Problem("cette table manque.", name) for name in TABLES if name not in tables]
    problems += [Problem("cette table n’est pas prévue par le contrat.", name) for name in tables if name not in TABLES]
    if problems:
        raise DataError(*problems)
    return {name: conform(name, tables[name], name) for name in TABLES}


def _unknown(wanted: SnapshotId | date, known: list[SnapshotId]) -> str:
    as_of = wanted.as_of if isinstance(wanted, SnapshotId) else wanted
    dates = [snapshot_id.as_of for snapshot_id in known]
    if as_of in dates:
        label, near = "révisions de cette date", [s.pin for s in known if s.as_of == as_of]
    else:
        label = "dates les plus proches"
        near = [str(d) for d in [*[d for d in dates if d < as_of][-1:], *[d for d in dates if d > as_of][:1]]]
    return f"il n’y a pas de situation « {wanted} » ; {label} : {', '.join(near) or 'aucune'}."
