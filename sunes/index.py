"""What the revisions of a store say of themselves, kept in one file, so that opening it reads one file rather than all.

The index only saves time. It is believed of a revision whose files have not changed since; whoever changes the store
writes it anew, and a store without one, or with one that can't be read, is read file by file.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress

from sunes.errors import DataError
from sunes.place import STATEMENTS, Place, Stamps

# The content of the JSON files of a revision, as far as it is known.
Kept = Mapping[str, bytes]


class Index:
    """What was kept of the revisions of a place, once it was read: one revision is found sooner without."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._kept: dict[str, dict[str, object]] = {}
        self._read = False

    def read(self) -> None:
        if not self._read:
            self._read = True
            with suppress(OSError, DataError, ValueError, RecursionError):
                self._kept = dict(json.loads(self._place.index()))

    def forget(self) -> None:
        """All that it knows was asked for."""
        self._kept = {}

    def of(self, folder: str, stamps: Stamps) -> Kept:
        """The files of a revision that is still what it was; nothing where it is not."""
        try:
            kept = self._kept[folder]
            if kept["stamps"] != _written(stamps):
                return {}
            return {file: str(kept[file]).encode() for file in STATEMENTS if file in kept}
        except (LookupError, TypeError, AttributeError):
            return {}

    def write(self, found: Mapping[str, Stamps], folders: Iterable[str]) -> None:
        """Keep what these folders say, without a word where that can't be done."""
        self.read()
        entries = {}
        for folder in folders:
            kept = self.of(folder, found[folder])
            with suppress(OSError, DataError, ValueError):
                present = [file for file, stamp in zip(STATEMENTS, found[folder], strict=False) if stamp]
                texts = {file: (kept.get(file) or self._place.read(folder, file)).decode() for file in present}
                entries[folder] = {"stamps": _written(found[folder]), **texts}
        with suppress(OSError, DataError):
            self._place.put_index(json.dumps(entries, ensure_ascii=False).encode())


def _written(stamps: Stamps) -> list[list[int] | None]:
    return [list(stamp) if stamp else None for stamp in stamps[: len(STATEMENTS)]]
