"""What was made before, kept for the next who asks: bounded in memory, made once however many ask at once."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

from sunes import tally
from sunes.errors import GivenUpError
from sunes.tally import Usage

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Values by key, the least recently used ones forgotten beyond a number of bytes. Threads may share it.

    Parameters
    ----------
    most
        How many bytes it keeps, as `size` tells them of a value.
    name
        What it is called by who watches this process; without one, nobody watches.
    """

    def __init__(self, most: int, size: Callable[[V], int], name: str = "") -> None:
        self._most, self._size, self._bytes = most, size, 0
        self._hits = self._misses = 0
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._making: dict[K, Future[V]] = {}
        self._lock = Lock()
        if name:
            tally.watch(name, self)

    @property
    def bytes(self) -> int:
        """How many bytes are kept now."""
        return self._bytes

    def usage(self) -> Usage:
        """What was there when it was asked for, or in the making, is a hit."""
        return Usage(self._hits, self._misses, len(self._kept), self._bytes)

    def forget(self, which: Callable[[K], bool] | None = None) -> None:
        """Forget the values of these keys, or all of them."""
        with self._lock:
            for key in [key for key in self._kept if which is None or which(key)]:
                self._bytes -= self._kept.pop(key)[1]

    def kept(self, key: K) -> V | None:
        """The value of a key, if it is there; nothing is made."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            self._hits += 1
            return self._kept[key][0]

    def of(self, keys: Sequence[K], make: Callable[[list[K]], Iterable[tuple[K, V]]]) -> list[V]:
        """The value of each key; `make` is asked for those that nobody knows or is making already, all in one go.

        What `make` raises is raised here, to everyone who waits for it, and is not kept. Only when who was making it
        has given up, the next one makes it.
        """
        found: dict[K, V] = {}
        mine: dict[K, Future[V]] = {}
        others: dict[K, Future[V]] = {}
        with self._lock:
            for key in dict.fromkeys(keys):
                if key in self._kept:
                    self._kept.move_to_end(key)
                    found[key] = self._kept[key][0]
                elif key in self._making:
                    others[key] = self._making[key]
                else:
                    mine[key] = self._making[key] = Future()
            self._misses += len(mine)
            self._hits += len(found) + len(others)
        if mine:
            found |= self._made(mine, make)
        for key, future in others.items():
            try:
                found[key] = future.result()
            except GivenUpError:
                found |= zip([key], self.of([key], make), strict=True)
        return [found[key] for key in keys]

    def _made(self, wanted: dict[K, Future[V]], make: Callable[[list[K]], Iterable[tuple[K, V]]]) -> dict[K, V]:
        found = {}
        try:
            for key, value in make(list(wanted)):
                found[key] = value
                self._keep(key, value)
                wanted[key].set_result(value)
        except BaseException as error:
            for future in wanted.values():
                if not future.done():
                    future.set_exception(error)
            raise
        finally:
            with self._lock:
                for key in wanted:
                    del self._making[key]
        return found

    def _keep(self, key: K, value: V) -> None:
        size = self._size(value)
        with self._lock:
            self._kept[key] = value, size
            self._bytes += size
            while self._bytes > self._most:
                self._bytes -= self._kept.popitem(last=False)[1][1]
