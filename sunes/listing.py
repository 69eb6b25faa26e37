"""What a store held when it was looked at, and the answers to what is asked of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache

from sunes.errors import DataError, Problem, UsageError
from sunes.index import Index
from sunes.manifest import SnapshotId, Withdrawal, parse_reference
from sunes.place import Place
from sunes.revision import DamagedError, Folder, Snapshot


@dataclass(frozen=True, eq=False)
class Listing:
    """The revisions of a store at one moment, oldest first, then by revision.

    `number` is another one in each listing that a process makes, which it does when anything has changed.
    """

    place: Place
    number: int
    folders: tuple[Folder, ...]
    names: frozenset[str]
    index: Index | None = None

    @cached_property
    def opened(self) -> tuple[Folder, ...]:
        """The same, all of them read."""
        if self.index:
            self.index.read()
        self.place.each(Folder.open, self.folders)
        if self.index:
            self.index.forget()
        return self.folders

    @cached_property
    def all(self) -> tuple[Snapshot, ...]:
        """The sound revisions, those taken back as well."""
        return tuple(f.content for f in self.opened if isinstance(f.content, Snapshot))

    @cached_property
    def standing(self) -> tuple[Snapshot, ...]:
        """The sound revisions that were not taken back."""
        return tuple(f.content for f in self.opened if isinstance(f.content, Snapshot) and not f.withdrawal)

    @cached_property
    def withdrawals(self) -> dict[SnapshotId, Withdrawal]:
        return {f.id: f.withdrawal for f in self.opened if f.withdrawal}

    @cached_property
    def damaged(self) -> tuple[Problem, ...]:
        """What keeps revisions from being opened, one problem for each; those taken back don't count."""
        strangers = [
            Problem("ce nom de dossier ne désigne pas une situation (as_of=AAAA-MM-JJ ou as_of=AAAA-MM-JJ~2).", name)
            for name in sorted(self.names)
            if SnapshotId.of_folder(name) is None
        ]
        damaged = [f.content for f in self.opened if isinstance(f.content, Problem) and not f.withdrawal]
        return (*strangers, *damaged)

    @cached_property
    def _by_date(self) -> dict[date, tuple[Folder, ...]]:
        found: dict[date, list[Folder]] = {}
        for folder in self.folders:
            found.setdefault(folder.id.as_of, []).append(folder)
        return {as_of: tuple(folders) for as_of, folders in found.items()}

    def of(self, as_of: date) -> tuple[Folder, ...]:
        """Every revision of a date."""
        return self._by_date.get(as_of, ())

    def last(self, as_of: date) -> int:
        """The highest number that a revision of a date took, even one that was never finished; 0: none."""
        ids = filter(None, map(SnapshotId.of_folder, self.names))
        return max((snapshot_id.revision for snapshot_id in ids if snapshot_id.as_of == as_of), default=0)

    def next_moment(self) -> datetime:
        """Now or, where a clock went back, just after the newest publication: what is frozen to that one stays so."""
        newest = max((s.manifest.published_at for s in self.standing if s.manifest.published_at), default=None)
        now = datetime.now(UTC)
        return now if newest is None else max(now, newest + timedelta(microseconds=1))

    def history(self, since: date | None, until: date | None, known_at: datetime | None) -> tuple[Snapshot, ...]:
        return _history(self, since, until, known_at)

    def meant(self, reference: str | None) -> tuple[Folder, ...]:
        """Every revision that a reference leads to, at least one, the newest last. Raises UsageError, DataError."""
        wanted = parse_reference(reference)
        if not self.folders:
            raise DataError(
                *self.damaged,
                f"« {self.place} » ne contient aucune situation ; importez des données (`python -m sunes import`) "
                "ou créez des données simulées (`python -m sunes simulate`).",
            )
        if wanted is None:
            return self.folders
        as_of = wanted.as_of if isinstance(wanted, SnapshotId) else wanted
        found = tuple(folder for folder in self.of(as_of) if wanted in (folder.id, as_of))
        if not found:
            raise UsageError(_unknown(wanted, [f.id for f in self.folders if not f.withdrawal]))
        return found

    def newest(self, reference: str | None) -> Folder:
        """The newest revision that a reference leads to, of those that stand. Raises UsageError, DataError."""
        meant = self.meant(reference)
        for folder in reversed(meant):
            if not folder.withdrawal:
                return folder
        raise UsageError(f"la situation « {meant[-1].id.pin} » a été {meant[-1].withdrawal} ; choisissez-en une autre.")

    def snapshot(self, reference: str | None) -> Snapshot:
        """Raises DamagedError where `newest` can't be opened."""
        folder = self.newest(reference)
        if isinstance(folder.content, Problem):
            raise DamagedError(folder.id, folder.content, instead=next((s.id for s in self.standing[::-1]), None))
        return folder.content


@lru_cache(maxsize=256)
def _history(
    listing: Listing, since: date | None, until: date | None, known_at: datetime | None
) -> tuple[Snapshot, ...]:
    newest = {f.id.as_of: f.content for f in listing.opened if not f.withdrawal and _known(f, known_at)}
    return tuple(
        content
        for as_of, content in newest.items()
        if isinstance(content, Snapshot) and (since or as_of) <= as_of <= (until or as_of)
    )


def _known(folder: Folder, at: datetime | None) -> bool:
    published = folder.content.manifest.published_at if isinstance(folder.content, Snapshot) else None
    return at is None or published is None or published <= at


def _unknown(wanted: SnapshotId | date, known: Iterable[SnapshotId]) -> str:
    as_of = wanted.as_of if isinstance(wanted, SnapshotId) else wanted
    dates = [snapshot_id.as_of for snapshot_id in known]
    if as_of in dates:
        label, near = "révisions de cette date", [s.pin for s in known if s.as_of == as_of]
    else:
        label = "dates les plus proches"
        near = [str(d) for d in [*[d for d in dates if d < as_of][-1:], *[d for d in dates if d > as_of][:1]]]
    return f"il n’y a pas de situation « {wanted} » ; {label} : {', '.join(near) or 'aucune'}."
