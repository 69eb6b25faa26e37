"""Runs of pages take turns: one draws, the others wait in line.

Streamlit gives each run a thread, and Python runs one thread at a time: a hundred at once do the same work in twice the
processor's time, for handing it from one to the other. Who waits for data steps aside meanwhile.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local

# Nobody waits for ever behind something that takes long all the same.
_SECONDS = 20.0


class _Line:
    """A lock that is handed over in the order of the line, where those who had it before stand in front."""

    def __init__(self) -> None:
        self._waiting: deque[Lock] = deque()
        self._taken = False
        self._door = Lock()

    def enter(self, in_front: bool) -> bool:
        """Wait for the lock; False where that took too long."""
        with self._door:
            if not self._taken:
                self._taken = True
                return True
            called = Lock()
            called.acquire()
            (self._waiting.appendleft if in_front else self._waiting.append)(called)
        if called.acquire(timeout=_SECONDS):
            return True
        with self._door:
            if called in self._waiting:
                self._waiting.remove(called)
                return False
        return True  # called while leaving

    def __len__(self) -> int:
        """How many are waiting."""
        return len(self._waiting)

    def leave(self) -> None:
        with self._door:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


_LINE = _Line()
_MINE = local()


def waiting() -> int:
    """How many runs are waiting for their turn."""
    return len(_LINE)


@contextmanager
def turn(in_front: bool = False) -> Iterator[None]:
    """Wait for one's turn, and let the next one have it afterwards; `in_front` is for those whom others wait for."""
    _enter(in_front)
    try:
        yield
    finally:
        _leave()


@contextmanager
def aside() -> Iterator[None]:
    """Let others have the turn, if one has it, for as long as one waits for something else than Python."""
    had = getattr(_MINE, "has", False)
    _leave()
    try:
        yield
    finally:
        if had:
            _enter(in_front=True)


def _enter(in_front: bool) -> None:
    _MINE.has = _LINE.enter(in_front)


def _leave() -> None:
    if getattr(_MINE, "has", False):
        _MINE.has = False
        _LINE.leave()
