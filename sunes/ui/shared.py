"""What all sessions share: each thing is made once, however many ask for it at a time, and kept for a while."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast
from weakref import WeakSet

from sunes import tally
from sunes.memo import Memo
from sunes.tally import Usage
from sunes.ui import turns

Made = TypeVar("Made")

_SHELVES: "WeakSet[Shelf]" = WeakSet()


def empty() -> None:
    """Let go of everything that is kept; it is made again when it is asked for."""
    for shelf in list(_SHELVES):
        shelf.empty()


class Shelf:
    """The things that were asked for last, so many at most. Threads may share it.

    What could not be made is not kept: the next one who asks tries again. By `name` it is known to who watches.
    """

    def __init__(self, room: int, name: str = "") -> None:
        self._memo: Memo[Hashable, tuple[Any]] = Memo(room, lambda _: 1)
        _SHELVES.add(self)
        if name:
            tally.watch(name, self)

    def usage(self) -> Usage:
        return replace(self._memo.usage(), bytes=None)  # it counts things, whatever they take

    def empty(self) -> None:
        self._memo.forget()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The thing of this key, which `make` makes if nobody has, or is at it. Raises what `make` raises."""
        if kept := self._memo.kept(key):
            return cast(Made, kept[0])

        def made(_: Sequence[Hashable]) -> Iterator[tuple[Hashable, tuple[Made]]]:
            with turns.turn(in_front=True):
                yield key, (make(),)

        # Whoever makes it takes a turn for that; those who wait for it leave theirs to others.
        with turns.aside():
            return cast(Made, self._memo.of([key], made)[0][0])
