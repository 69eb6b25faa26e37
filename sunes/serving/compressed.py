"""Compressed copies of what never changes: they are sent as they are, to everyone."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_KINDS = {".css", ".js", ".svg"}  # pictures and fonts are compressed already
_SMALLEST = 1000  # bytes; below, a copy costs more than it saves


def compress(folder: Path) -> int:
    """Put `name.gz` beside every file that has none as new as itself; returns how many.

    Raises OSError where the folder can't be written to.
    """
    due = [path for path in folder.rglob("*") if path.suffix in _KINDS and _is_due(path)]
    with ThreadPoolExecutor() as threads:  # compressing lets the other threads go on
        list(threads.map(_copy, due))
    return len(due)


def copy_of(path: Path) -> Path | None:
    """The compressed copy beside a file, if there is one as new as itself."""
    copy = _beside(path)
    return copy if copy.exists() and copy.stat().st_mtime >= path.stat().st_mtime else None


def _is_due(path: Path) -> bool:
    return path.stat().st_size >= _SMALLEST and copy_of(path) is None


def _copy(path: Path) -> None:
    # Beside it and renamed: nginx may be serving the folder.
    unfinished = path.with_name(f".{path.name}.gz")
    unfinished.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    unfinished.replace(_beside(path))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.gz")
