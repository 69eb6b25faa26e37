"""The store of snapshots: list, resolve, verify, publish, withdraw.

A store is a folder of revisions. Each revision is a folder of its own (`as_of=2024-06-30`, then `as_of=2024-06-30~2`)
that appears by one rename and never changes; only a sidecar file can say that it was withdrawn. Reading needs no lock
and no right to write.
"""

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import EllipsisType
from typing import Any, Self
from weakref import WeakValueDictionary

import pyarrow as pa

from sunes import tally
from sunes.access.journal import Journal, What
from sunes.access.people import Person
from sunes.access.rights import Deed
from sunes.errors import DataError, Problem, UsageError
from sunes.french import day
from sunes.listing import Listing
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
    parse_reference,
)
from sunes.place import LocalPlace, Place, UnreachableError
from sunes.programme import Programme, load_programme
from sunes.publishing import StoreBusyError
from sunes.remote import is_remote, local_copies, remote_place
from sunes.revision import DamagedError, Snapshot, check_files, encode_tables, fetch, file_problems, load, read
from sunes.schema import TABLES, conform, row_problems
from sunes.tally import Event
from sunes.watch import State, Watch, is_server, patient, watch

__all__ = [
    "DamagedError",
    "Manifest",
    "Snapshot",
    "SnapshotId",
    "SourceFile",
    "State",
    "Store",
    "StoreBusyError",
    "TableEntry",
    "UnreachableError",
    "Withdrawal",
    "check_files",
    "fetch",
    "parse_reference",
    "patient",
    "read",
]

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Store:
    """The snapshots of a data folder: in its `snapshots` folder or, in a store of another's making, directly in it.

    Every method looks at the folders anew, and reads the manifests of those that have changed; a server looks now and
    then (see `patient`). A store that can't be looked at raises UnreachableError.
    """

    directory: Path
    address: str | None = field(default=None, repr=False)  # it may hold a password

    @classmethod
    def default(cls) -> Self:
        """The store that `SUNES_DATA` names, or else the one of the repository."""
        return cls.at(os.environ.get("SUNES_DATA") or DATA)

    @classmethod
    def at(cls, where: str | Path) -> Self:
        """The store in a folder or at an address (`s3://bucket/prefix`), of which `directory` then keeps copies."""
        text = str(where)
        return cls(local_copies(text), text) if is_remote(text) else cls(Path(text))

    @property
    def folder(self) -> Path:
        """Where the revisions of a store of this machine are (see `where`)."""
        nested = self.directory / "snapshots"
        return nested if nested.is_dir() or not any(self.directory.glob("as_of=*")) else self.directory

    @property
    def place(self) -> Place:
        """What holds the revisions, and all that can be done with it."""
        return remote_place(self.address) if self.address else LocalPlace(self.folder)

    @property
    def where(self) -> str:
        """What a person calls the place of the revisions."""
        return str(self._watch.place)

    @property
    def journal(self) -> Journal:
        """What was done with this store, and by whom."""
        # A command is seldom told the rules of the server beside it, which may keep entries for longer.
        knows_rules = is_server() or "SUNES_ACCESS" in os.environ
        return Journal.beside(None if self.address else self.directory, forgets=knows_rules)

    def generation(self) -> Hashable:
        """What differs whenever an answer of this store, or of `check_files`, may differ: a key for whole pages.

        It means nothing to another process. Raises UnreachableError.
        """
        known = self._watch
        listing = known.listing() if is_server() else known.look()
        return self.where, listing.number, known.place.troubles

    def state(self) -> State:
        """Whether the store could be read the last time."""
        return self._watch.state()

    def snapshots(self, withdrawn: bool = False) -> tuple[Snapshot, ...]:
        """The sound revisions, oldest first; with `withdrawn`, those taken back as well."""
        return self._listing.all if withdrawn else self._listing.standing

    def history(
        self, since: date | None = None, until: date | None = None, known_at: datetime | None = None
    ) -> tuple[Snapshot, ...]:
        """The newest revision of each date from `since` to `until`, both included, oldest first.

        A date whose newest revision is damaged is left out (see `damaged`) rather than shown as it was before. With
        `known_at`, what was published after that moment is not known yet; a revision that doesn't say when is known.
        """
        return self._listing.history(since, until, known_at)

    def newest(self, as_of: date) -> SnapshotId | None:
        """The newest revision of a date that stands, damaged or not: what a correction would replace."""
        return max((folder.id for folder in self._listing.of(as_of) if not folder.withdrawal), default=None)

    def withdrawals(self) -> Mapping[SnapshotId, Withdrawal]:
        """Why, when and by whom revisions were taken back."""
        return self._listing.withdrawals

    def undone_withdrawals(self, snapshot_id: SnapshotId) -> tuple[Withdrawal, ...]:
        """Why, when and by whom a revision had been taken back before it was restored, oldest first."""
        place, folder = self.place, snapshot_id.folder
        found = sorted(name for name in place.names(folder) if name.startswith(UNDONE.partition("{")[0]))
        return tuple(load(place, folder, name, Withdrawal) for name in found)

    def damaged(self) -> tuple[Problem, ...]:
        """What keeps revisions from being opened, one problem for each; those taken back don't count."""
        return self._listing.damaged

    def resolve(self, reference: str | None = None) -> Snapshot:
        """The revision that a person means: `latest` (or None), a date (its newest revision), or `date~revision`.

        Raises
        ------
        UsageError
            The reference is not one, or leads to nothing, or to a revision that was withdrawn.
        DataError
            The store is empty, or what was asked for is damaged: `latest` never falls back on an older date in silence.
        """
        return self._listing.snapshot(reference)

    def verify(self, reference: str | None = None, programme: Programme | None = None) -> tuple[Problem, ...]:
        """Everything wrong with one revision, even a withdrawn one: its files and every row of its tables.

        Raises UsageError or DataError only where `reference` leads to no revision.
        """
        meant = self._listing.meant(reference)
        content = ([f for f in meant if not f.withdrawal] or meant)[-1].content
        if isinstance(content, Problem):
            return (content,)
        try:
            with self._as_published(content) as snapshot:
                return file_problems(snapshot) or tuple(row_problems(read(snapshot), programme or load_programme()))
        except UnreachableError:
            raise
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
        guard: Callable[[Listing], object] | None = None,
        programme: Programme | None = None,
        by: Person | None = None,
    ) -> Snapshot:
        """Add a revision of `as_of`: all of it or nothing.

        `tables` maps the three names of the contract to tables that `schema.conform` accepts. `published_at` is now
        unless stated. `base` is the newest revision of that date that the publisher knows of (None: there was none).
        The journal tells what is published `by` somebody; whether they may is for `ingest.publish`, which knows of whom
        the rows are: its `guard` is called with what the store holds when nobody else can change it any more, and
        nothing is published if it raises.

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
        place = self.place
        with self._publisher() as listing:
            there = listing.of(as_of)
            standing = [folder.id for folder in there if not folder.withdrawal]
            if base is not ... and base != max(standing, default=None):
                raise StoreBusyError(
                    f"la situation au {day(as_of)} a changé entre-temps ; relisez-la avant d’en publier une correction."
                )
            if guard:
                guard(listing)
            snapshot_id = SnapshotId(as_of, listing.last(as_of) + 1)
            manifest = Manifest(
                as_of=as_of,
                revision=snapshot_id.revision,
                simulated=simulated,
                published_at=published_at or listing.next_moment(),
                published_by=published_by,
                sources=tuple(sources),
                tables=entries,
                checks=[dict(check) for check in checks],
            )
            with self.journal.change(by, What.PUBLISHED, snapshot_id.pin) if by else nullcontext():
                place.put_folder(snapshot_id.folder, {**files, MANIFEST: encode(manifest)})
        tally.add(Event.PUBLISHED)
        return self._watch.look().snapshot(snapshot_id.pin)

    def withdraw(self, reference: str, reason: str, by: Person) -> SnapshotId:
        """Take a revision back: it stays on disk, and the one before it becomes the default. A damaged one may be too.

        The name of who does it is kept beside it, and the journal tells.

        Raises ForbiddenError, UsageError (unknown, withdrawn already, no reason given), DataError (cannot be written),
        StoreBusyError.
        """
        self.journal.require(by, Deed.WITHDRAW, reference)
        if not reason.strip():
            raise UsageError("un retrait demande un motif ; indiquez-le.")
        with self._publisher() as listing:
            folder = listing.newest(reference)
            withdrawal = Withdrawal(reason=reason.strip(), date=datetime.now(UTC), by=by.name or None)
            with self.journal.change(by, What.WITHDREW, f"{folder.id.pin} : {withdrawal.reason}"):
                self.place.put_file(folder.name, WITHDRAWAL, encode(withdrawal))
        tally.add(Event.WITHDRAWN)
        return folder.id

    def restore(self, reference: str, by: Person) -> SnapshotId:
        """Undo the newest withdrawal that `reference` leads to. Its reason is kept (see `undone_withdrawals`).

        Raises ForbiddenError, UsageError (unknown, not withdrawn), DataError (cannot be written), StoreBusyError.
        """
        self.journal.require(by, Deed.RESTORE, reference)
        with self._publisher() as listing:
            meant = listing.meant(reference)
            taken_back = [folder.id for folder in meant if folder.withdrawal]
            if not taken_back:
                raise UsageError(f"la situation « {meant[-1].id.pin} » n’est pas retirée.")
            with self.journal.change(by, What.RESTORED, taken_back[-1].pin):
                self.place.rename_file(taken_back[-1].folder, WITHDRAWAL, UNDONE.format(datetime.now(UTC)))
        tally.add(Event.RESTORED)
        return taken_back[-1]

    @property
    def _watch(self) -> Watch:
        known = _WATCHES.get(self)
        if known is None or not is_server():
            known = _WATCHES[self] = watch(self.place)
        return known

    @property
    def _listing(self) -> Listing:
        return self._watch.listing()

    @contextmanager
    def _as_published(self, snapshot: Snapshot) -> Iterator[Snapshot]:
        """A snapshot whose files are those of the store, not copies made earlier."""
        if not self.address:
            yield snapshot
            return
        with TemporaryDirectory(prefix="sunes-") as made:
            fresh = replace(snapshot, path=Path(made) / snapshot.id.folder)
            self.place.fetch(fresh.path)
            yield fresh

    @contextmanager
    def _publisher(self) -> Iterator[Listing]:
        """Be the only one who changes the store, knowing what it holds."""
        with self.place.publisher():
            try:
                yield self._watch.look()
            finally:
                self._watch.acted()
            self._watch.write_index()


# Where the stores are that this process has asked, so that a server need not find them again.
_WATCHES: WeakValueDictionary[Store, Watch] = WeakValueDictionary()


def _conformed(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    problems = [Problem("cette table manque.", name) for name in TABLES if name not in tables]
    problems += [Problem("cette table n’est pas prévue par le contrat.", name) for name in tables if name not in TABLES]
    if problems:
        raise DataError(*problems)
    return {name: conform(name, tables[name], name) for name in TABLES}
