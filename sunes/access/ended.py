"""Sign-ins that are over, for every process of a machine and after a restart: a file without content for each.

The folder is looked at now and then, by a thread of its own: a disk that hangs lets nobody wait for long.
"""

import logging
import time
from collections import OrderedDict
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock, Thread
from time import monotonic

from sunes.errors import DataError
from sunes.publishing import flush_folder, make_folder, spoken

_LOGGER = logging.getLogger(__name__)

# Beside the months of the journal, and in none of its backups: by the time one is restored, they are over anyway.
_FOLDER = ".ended"
# Seconds between two looks, and for which a question waits for one.
_BREATH, _PATIENCE = 0.2, 2.0
# Clocks of file systems tick: what happens within so many seconds of a change may leave no other trace.
_TICK = 0.02
# Longer than any rule lets a sign-in last (`rules.SignIn.hours`).
_KEPT = 31 * 86_400.0
# That a process remembers by itself, having ended them.
_MOST = 10_000


class Ended:
    """The sign-ins that are over, by what names each; beside a journal or, without its folder, in this process only."""

    def __init__(self, journal: Path | None) -> None:
        self._folder = journal / _FOLDER if journal else None
        self._own: OrderedDict[str, None] = OrderedDict()
        self._known: frozenset[str] = frozenset()
        self._changed: int | None = None
        self._looked = -_BREATH
        # The look that is on its way, and when it left.
        self._look: Future[None] | None = None
        self._left = 0.0
        self._lock = Lock()

    def __contains__(self, sign_in: str) -> bool:
        name = _name(sign_in)
        if name in self._own:
            return True
        if self._folder is not None and monotonic() - self._looked > _BREATH:
            self._wait(self._folder)
        return name in self._known

    def add(self, sign_in: str) -> None:
        """Remember one, on disk when this returns; where that can't be, this process does, and the log says so."""
        name = _name(sign_in)
        with self._lock:
            self._own[name] = None
            while len(self._own) > _MOST:
                self._own.popitem(last=False)
        if self._folder is None:
            return
        try:
            with spoken(self._folder):
                make_folder(self._folder)
                (self._folder / name).touch(0o640)
                flush_folder(self._folder)
        except DataError as error:
            _LOGGER.warning("Une déconnexion n’est connue que de ce processus : %s", error)
        else:
            self._tidy(self._folder)

    def _wait(self, folder: Path) -> None:
        with self._lock:
            look = self._look
            if look is None:
                look, self._left = Future(), monotonic()
                self._look = look
                Thread(target=self._take, args=(folder, look), name="sunes-ended", daemon=True).start()
            patience = self._left + _PATIENCE - monotonic()
        with suppress(TimeoutError):
            look.result(max(patience, 0))

    def _take(self, folder: Path, look: Future[None]) -> None:
        # What is not there, or can't be read, takes nothing back.
        with suppress(OSError):
            changed = folder.stat().st_mtime_ns
            if changed != self._changed:
                settled = time.time() - changed / 1e9 > _TICK
                self._known = frozenset(file.name for file in folder.iterdir())
                self._changed = changed if settled else None
        self._looked = monotonic()
        self._look = None
        look.set_result(None)

    def _tidy(self, folder: Path) -> None:
        oldest = time.time() - _KEPT
        with suppress(OSError):
            for file in folder.iterdir():
                with suppress(OSError):
                    if file.stat().st_mtime < oldest:
                        file.unlink()


@lru_cache(maxsize=8)
def ended(journal: Path | None) -> Ended:
    """Those of the deployment whose journal is in this folder, as this process knows them."""
    return Ended(journal)


def _name(sign_in: str) -> str:
    return sha256(sign_in.encode("utf-8", "surrogatepass")).hexdigest()
