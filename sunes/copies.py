"""Local copies of files that are elsewhere: never changed, verified, in a folder that doesn't grow for ever.

`SUNES_CACHE` names the folder (else that of the user's caches), `SUNES_CACHE_GB` how much it may hold (2 by default).
"""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from sunes.errors import DataError, UsageError
from sunes.publishing import put_file

# Copies that were used within so many seconds are kept, however much room they take: somebody is reading them.
IN_USE = 900.0
_GB = 1_000_000_000


def copies_of(name: str) -> Path:
    """The folder for the copies of what a place of this name holds."""
    return _root() / name


def keep(target: Path, content: bytes) -> None:
    """Put a copy in place, by one rename. Raises DataError where the disk refuses it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        put_file(target, content, staging=target.with_name(f".{target.name}-{os.getpid()}-{time.monotonic_ns()}"))
    except OSError as error:
        raise DataError(
            f"le dossier des copies « {_root()} » ne peut pas être écrit ({error.strerror or error}) ; "
            "libérez de la place ou indiquez-en un autre par SUNES_CACHE."
        ) from error


def used(folder: Path) -> bool:
    """Say that the copies in a folder are in use. False: there are none."""
    try:
        os.utime(folder)
    except OSError:
        return False
    return True


def make_room(place: Path) -> None:
    """Remove the copies of revisions that were not used for longest, until the others fit."""
    room, recent = _room(), time.time() - IN_USE
    found = []
    for revision in place.parent.glob("*/*/as_of=*"):
        with suppress(OSError):
            size = sum(file.stat().st_size for file in revision.iterdir())
            found.append((revision.stat().st_mtime, size, revision))
    total = sum(size for _, size, _ in found)
    for moment, size, revision in sorted(found):
        if total <= room or moment > recent:
            break
        shutil.rmtree(revision.parent, ignore_errors=True)
        total -= size


def _root() -> Path:
    chosen, caches = os.environ.get("SUNES_CACHE"), os.environ.get("XDG_CACHE_HOME")
    return Path(chosen) if chosen else (Path(caches) if caches else Path.home() / ".cache") / "sunes"


def _room() -> float:
    text = os.environ.get("SUNES_CACHE_GB") or "2"
    try:
        return float(text.replace(",", ".")) * _GB
    except ValueError:
        raise UsageError(f"SUNES_CACHE_GB vaut « {text} » ; indiquez un nombre de gigaoctets.") from None
