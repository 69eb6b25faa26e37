"""What slides ask: answers from one revision of the data, and from the history as it was known at one moment."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sunes import engine, geography, metrics
from sunes import roster as rosters
from sunes.access.people import Sight
from sunes.definitions import Metric
from sunes.engine import Frames
from sunes.establishments import sheet
from sunes.insights import changes
from sunes.insights.changes import Changes
from sunes.manifest import SnapshotId
from sunes.metrics import Answer
from sunes.programme import Programme
from sunes.roster import Roster
from sunes.snapshots import Snapshot, Store
from sunes.view import View

T = TypeVar("T")


class Facts:
    """The figures of a deck. Whatever is published after `known_at` changes none of them.

    Parameters
    ----------
    view
        Its snapshot is pinned to the revision that stands at `known_at`, unless it names one.
    sight
        Which establishments it may show one by one.

    Raises UsageError or DataError when there is no such snapshot, or when it is damaged.
    """

    def __init__(
        self,
        store: Store,
        view: View,
        programme: Programme,
        definitions: Mapping[str, Metric],
        known_at: datetime | None = None,
        *,
        sight: Sight,
    ) -> None:
        self.programme, self.definitions, self.known_at, self.sight = programme, definitions, known_at, sight
        self.snapshot = store.resolve(view.snapshot)
        self.view = view.having(snapshot=self.snapshot.id.pin)
        self._store = store
        self._kept: dict[tuple[Any, ...], Any] = {}
        self._frames([self.snapshot])  # a damaged one is told of now, not by the third slide

    @cached_property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The sound snapshots of earlier dates, oldest first, and the deck's own."""
        earlier = [
            each
            for each in self._store.history(until=self.snapshot.as_of, known_at=self.known_at)
            if each.as_of < self.snapshot.as_of
        ]
        return (*engine.sound(earlier)[0], self.snapshot)

    @property
    def previous(self) -> Snapshot | None:
        """The snapshot before, if there is one."""
        return self.snapshots[-2] if len(self.snapshots) > 1 else None

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The regions that the View is about, those that the programme follows first."""
        return tuple(self.programme.followed_first(row["region"] for row in self.answer(("region",)).rows))

    @staticmethod
    def region_name(code: str) -> str:
        """Its name or, for a code that is none, the code."""
        return geography.regions()[code].name if code in geography.regions() else code

    def answer(self, by: tuple[str, ...] = (), **changes: Any) -> Answer:
        """The answer to the deck's View, with some of its fields changed."""
        view = self.view.having(**changes)
        return self.once(("answer", view, by), lambda: self._answer((self.snapshot,), view, by))

    def history(self, by: tuple[str, ...] = (), **changes: Any) -> Answer:
        """The answer per snapshot up to the deck's own."""
        view = self.view.having(**changes)
        return self.once(("history", view, by), lambda: self._answer(self.snapshots, view, ("snapshot", *by)))

    def roster(self, snapshot: SnapshotId | None = None, **changes: Any) -> Roster:
        """The establishments of the deck's View, in its snapshot or in an earlier one of `snapshots`."""
        found = next((each for each in self.snapshots if each.id == snapshot), self.snapshot)
        view = self.view.having(snapshot=found.id.pin, **changes)
        return self.once(("roster", view), lambda: rosters.roster(self._frames([found]), view, self.programme))

    def changes(self, since: SnapshotId) -> Changes:
        """What changed for the deck's View since an earlier one of `snapshots`."""
        before, after = (next(each for each in self.snapshots if each.id == id) for id in (since, self.snapshot.id))
        return self.once(
            ("changes", since),
            lambda: changes.between(self._frames([before]), self._frames([after]), self.view, self.programme),
        )

    def roster_history(self, finess: str) -> tuple[Roster, ...]:
        """One establishment, wherever it is, in each of `snapshots` (see `sheet.history`)."""
        view = self.view.having(regions=(), departments=(), legal_statuses=(), finess=(finess,))
        return self.once(("sheet", view), lambda: sheet.history(self._frames(self.snapshots), view, self.programme))

    def _answer(self, snapshots: tuple[Snapshot, ...], view: View, by: tuple[str, ...]) -> Answer:
        return metrics.answer(self._frames(snapshots), view, by, programme=self.programme)

    def _frames(self, snapshots: Sequence[Snapshot]) -> Frames:
        return engine.frames(snapshots, self.sight)

    def once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """What `make` gives, made once for a key."""
        if key not in self._kept:
            self._kept[key] = make()
        made: T = self._kept[key]
        return made
