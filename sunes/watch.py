"""How often a process looks at a store: each time it is asked or, in a server, when something may have changed."""

from collections.abc import Hashable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from threading import Lock, RLock, Thread, Timer
from time import monotonic

from sunes.index import Index
from sunes.listing import Listing
from sunes.manifest import SnapshotId
from sunes.place import FILES, STATEMENTS, Place, Stamps, UnreachableError
from sunes.revision import Folder, forget, stop_watching, watching

# Seconds for which a question waits for a look: with an earlier one to answer from, and without.
PATIENCE, WITHOUT = 2.0, 20.0
# A look that takes long is repeated the less often: it never takes more than this share of the time.
_SHARE = 0.1
# A server that nobody asked for so many seconds looks before it answers, rather than afterwards.
_ASLEEP = 10.0
# For how long a store that can't be read is tried again and again after the last question.
_ATTENDED = 120.0
# Clocks of file systems tick: what happens within so many seconds of a change may leave no other trace.
_TICK = 0.02

_NUMBERS = count(1)
# One page asks a store some thirty times: within so many seconds it asks the system once.
_BREATH = 0.05

# How many servers run in this process, and how many ever did.
_servers = _started = 0


@contextmanager
def patient() -> Iterator[None]:
    """Make of this process a server, which is asked a thousand times a second: it looks at its stores now and then.

    What this process publishes, withdraws or restores is seen by the next question, what our tools do elsewhere within
    a twentieth of a second, what comes otherwise (a copied folder, a damaged file) within seconds. A store that does
    not answer is told from an empty one, and what was read of it last goes on being served (see `Watch.state`).
    """
    global _servers, _started
    _servers, _started = _servers + 1, _started + 1
    try:
        yield
    finally:
        _servers -= 1
        stop_watching()


def is_server() -> bool:
    return _servers > 0


@dataclass(frozen=True, slots=True)
class State:
    """Whether a store can be read: `why` not, as a French sentence, and since when what is shown was not read anew."""

    since: datetime | None = None
    why: str | None = None

    def __bool__(self) -> bool:
        return self.why is None


class Watch:
    """What this process knows of one place."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._looking, self._starting = RLock(), Lock()
        self._listing: Listing | None = None
        self._found: Mapping[str, Stamps] = {}
        # The look that is on its way, and when it left.
        self._flight: Future[Listing] | None = None
        self._left = 0.0
        # When the last look began and how long it took; what the place looked like then, and since when.
        self._looked = self._took = 0.0
        self._hint: Hashable = None
        self._hinted = self._asked_for_hint = 0.0
        self._hinting: Future[Hashable] | None = None
        # What this process did itself, and how much of that the last look saw.
        self._acts = self._acts_seen = 0
        self._asked = 0.0
        self._server = 0
        self._read_at: datetime | None = None
        self._failure: UnreachableError | None = None

    def listing(self) -> Listing:
        """What the place holds. Raises UnreachableError where nobody knows, and there is no earlier answer."""
        if not _servers:
            return self.look(closely=False)
        now, asked = monotonic(), self._asked
        self._asked = now
        rested = now - self._looked > self._pace
        known = self._listing
        if known is None:
            if self._failure and not rested:
                raise UnreachableError(*self._failure.problems)
            return self._fresh(WITHOUT)
        if self._is_slow(now):
            return known
        if now - asked > _ASLEEP:
            return self._fresh(PATIENCE)
        if self._failure:
            return known  # somebody is trying again
        if self._has_changed():
            return self._fresh(PATIENCE)
        if rested:
            self._fly()
        return known

    def look(self, closely: bool = True) -> Listing:
        """Look now, whatever was known; unless `closely`, not at the tables. Raises UnreachableError."""
        with self._looking:
            started, hint, acts = monotonic(), self.place.hint(), self._acts
            found = self.place.look(FILES if closely else STATEMENTS)
            if _servers and self._found and not found:
                raise self._gone()
            known = self._listing
            before = self._found if closely else {name: stamps[:2] for name, stamps in self._found.items()}
            listing = known if known and found == before else self._read(found)
            if _servers and known and hint is not None and self.place.hint() is None:
                raise self._gone()  # while it was being looked at: what could not be read is not damaged
            if _servers and (listing is not known or self._server != _started):
                watching({each: found[each.path.name][2:] for each in listing.all}, known.all if known else ())
                self._server = _started
            if _servers and (gone := self.place.keep(each.path for each in listing.all)):
                forget(each for each in listing.all if each.path in gone)
            if hint != self._hint:
                self._hint, self._hinted = hint, started
            if listing is not known:
                self._listing, self._found = listing, found
            self._acts_seen, self._looked, self._took = acts, started, monotonic() - started
            self._read_at, self._failure = datetime.now(UTC), None
            return listing

    def _gone(self) -> UnreachableError:
        # Nothing of ours ever deletes a revision: what is gone altogether is a disk that is not there.
        return UnreachableError(f"« {self.place} » n’est plus là ; vérifiez le disque ou le réseau.")

    def acted(self) -> None:
        """This very process has changed something."""
        self._acts += 1

    def state(self) -> State:
        """Whether the place answers, as far as is known."""
        if self._failure:
            return State(self._read_at, str(self._failure))
        if self._is_slow(monotonic()):
            return State(self._read_at, f"« {self.place} » ne répond pas.")
        return State(self._read_at)

    @property
    def _pace(self) -> float:
        return max(self.place.pace, self._took / _SHARE)

    def _is_slow(self, now: float) -> bool:
        return self._flight is not None and now - self._left > PATIENCE

    def _has_changed(self) -> bool:
        """Whether one of our own tools may have done something since the last look."""
        if self._acts != self._acts_seen:
            return True
        if monotonic() - self._asked_for_hint < _BREATH:
            return False
        self._asked_for_hint = monotonic()
        hint = self._hint_now()
        return hint != self._hint or (hint is not None and self._looked - self._hinted < _TICK)

    def _hint_now(self) -> Hashable:
        """Ask for the hint in a thread of its own: a disk that hangs holds up even that. Then a look is on its way."""
        with self._starting:
            hinting = self._hinting
            if hinting is None:
                hinting = self._hinting = Future()
                Thread(target=self._take_hint, args=(hinting,), name="sunes-hint", daemon=True).start()
        try:
            return hinting.result(PATIENCE)
        except TimeoutError:
            self._fly()
            return self._hint

    def _take_hint(self, hinting: Future[Hashable]) -> None:
        try:
            hint = self.place.hint()
        except BaseException as error:
            self._hinting = None
            hinting.set_exception(error)
        else:
            self._hinting = None
            hinting.set_result(hint)

    def _fresh(self, seconds: float) -> Listing:
        """The result of a look that begins now, or the last one where it takes longer than this."""
        deadline = monotonic() + seconds
        flight, begun = self._fly()
        try:
            if not begun and self._listing:  # it left before the change that we want to see
                flight.exception(seconds)
                flight, _ = self._fly()
            return flight.result(max(deadline - monotonic(), 0))
        except TimeoutError:
            if self._listing is None:
                message = f"« {self.place} » ne répond pas ; vérifiez le disque ou le réseau, puis réessayez."
                raise UnreachableError(message) from None
        except UnreachableError:
            if self._listing is None:
                raise
        return self._listing

    def _fly(self) -> tuple[Future[Listing], bool]:
        """The look that is on its way, in a thread of its own as it may take for ever, and whether it begins now."""
        with self._starting:
            if self._flight is not None:
                return self._flight, False
            flight = self._flight = Future()
            self._left = monotonic()
        Thread(target=self._arrive, args=(flight,), name="sunes-store", daemon=True).start()
        return flight, True

    def _arrive(self, flight: Future[Listing]) -> None:
        try:
            listing = self.look()
        except BaseException as error:
            if isinstance(error, UnreachableError):
                self._failure, self._looked = error, monotonic()
                again = Timer(max(self._pace, _BREATH), self._try_again)
                again.daemon = True
                again.start()
            self._flight = None
            flight.set_exception(error)
        else:
            self._flight = None
            flight.set_result(listing)

    def write_index(self) -> None:
        """Keep what the revisions say of themselves for those who open this place next."""
        with self._looking:
            listing = self.look()
            Index(self.place).write(self._found, [folder.name for folder in listing.folders])

    def _try_again(self) -> None:
        """As long as somebody asks."""
        if _servers and self._failure and monotonic() - self._asked < _ATTENDED:
            self._fly()

    def _read(self, found: Mapping[str, Stamps]) -> Listing:
        known = {folder.id: folder for folder in self._listing.folders} if self._listing else {}
        index = Index(self.place)
        folders: list[Folder] = []
        for name, now in found.items():
            snapshot_id = SnapshotId.of_folder(name)
            if snapshot_id is None or (now[0] is None and self.place.remote):
                continue  # a stranger, or what somebody is writing, or died writing
            folder = known.get(snapshot_id)
            if folder is None or self._found[name][:2] != now[:2]:
                folder = Folder(self.place, snapshot_id, now, index)
            folders.append(folder)
        folders.sort(key=lambda folder: (folder.id.as_of, folder.id.revision))
        return Listing(self.place, next(_NUMBERS), tuple(folders), frozenset(found), None if known else index)


@lru_cache(maxsize=64)
def watch(place: Place) -> Watch:
    """The one of this process for a place."""
    return Watch(place)
