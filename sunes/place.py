"""Where a store lives: the handful of things that can be done with a folder of revisions, whatever holds it."""

import errno
import os
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from sunes.errors import DataError
from sunes.manifest import MANIFEST, WITHDRAWAL
from sunes.publishing import publisher, put_file, put_folder, rename_file
from sunes.schema import TABLES

INDEX = ".index.json"

# What a revision is made of, in the order of its `Stamps`: what it says of itself, then its tables.
STATEMENTS = (MANIFEST, WITHDRAWAL)
FILES = (*STATEMENTS, *(f"{name}.parquet" for name in TABLES))

Stamp = tuple[int, ...] | None
Stamps = tuple[Stamp, ...]
T = TypeVar("T")

# What says that a file is not there; anything else says that nobody knows.
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG)


class UnreachableError(DataError):
    """The store can't be read at all for now (a network, a server, a right), which says nothing of what it holds."""


class Place(Hashable, Protocol):
    """A folder of revisions. `folder` and `file` are names in it. Two are equal when they are the same place."""

    # Seconds between two looks of a server that is asked all the time, at least.
    pace: float
    # Whether it is elsewhere: a revision does not appear as a whole there, but is complete once its manifest is there,
    # and its files are fetched before they are read.
    remote: bool
    # How often files could not be fetched: what was made meanwhile may lack something.
    troubles: int

    def __str__(self) -> str:
        """What a person calls it."""

    def hint(self) -> Hashable:
        """What changes whenever one of our own tools changes the store, for one system call; None: nobody knows."""

    def look(self, files: Sequence[str]) -> Mapping[str, Stamps]:
        """What is there: for each folder of a revision, what changes whenever one of these files does.

        Raises UnreachableError.
        """

    def read(self, folder: str, file: str) -> bytes:
        """Raises FileNotFoundError, UnreachableError, or OSError where a file that is there can't be read."""

    def names(self, folder: str) -> list[str]:
        """The files of a revision. Raises UnreachableError."""

    def index(self) -> bytes:
        """The content of the index (see `index.Index`). Raises OSError or UnreachableError."""

    def put_index(self, content: bytes) -> None:
        """Replace the index. Raises OSError or UnreachableError."""

    def each(self, act: Callable[[T], object], items: Iterable[T]) -> None:
        """Do for each of many things something that reads, several at a time where that means waiting."""

    def path(self, folder: str, digest: str) -> Path:
        """Where the files of a revision, whose manifest has this digest, are read on this machine."""

    def fetch(self, path: Path) -> None:
        """Make sure that they are there, as far as they exist. Raises DataError, UnreachableError."""

    def discard(self, path: Path) -> None:
        """Forget what was fetched: it is not what it should be."""

    def keep(self, paths: Iterable[Path]) -> Collection[Path]:
        """Say that what was fetched is still in use, and hear which of it is gone."""

    def publisher(self) -> AbstractContextManager[None]:
        """Be the only one who changes this place. Raises StoreBusyError, or DataError: nothing was changed."""

    def put_folder(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Add a revision, all of it or nothing. Raises StoreBusyError where it is there already."""

    def put_file(self, folder: str, file: str, content: bytes) -> None:
        """Create or replace one file of a revision, all of it or nothing."""

    def rename_file(self, folder: str, file: str, name: str) -> None:
        """Give one file of a revision another name."""


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A folder of this machine, or one that it mounts."""

    folder: Path
    pace = 2.0
    remote = False
    troubles = 0

    def __str__(self) -> str:
        return str(self.folder)

    def hint(self) -> Hashable:
        with suppress(OSError):
            return _stamp(str(self.folder))
        return None

    def look(self, files: Sequence[str]) -> Mapping[str, Stamps]:
        top = str(self.folder)
        try:
            with os.scandir(top) as entries:
                names = [entry.name for entry in entries if entry.name.startswith("as_of=")]
            return {name: tuple([_stamp(f"{top}/{name}/{file}") for file in files]) for name in names}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise UnreachableError(f"« {self} » n’est pas un dossier que vous puissiez lire ; vérifiez-le.") from error

    def read(self, folder: str, file: str) -> bytes:
        return (self.folder / folder / file).read_bytes()

    def names(self, folder: str) -> list[str]:
        try:
            return [path.name for path in (self.folder / folder).iterdir()]
        except OSError as error:
            raise UnreachableError(f"« {self.folder / folder} » ne peut pas être lu ; vérifiez-le.") from error

    def index(self) -> bytes:
        return (self.folder / INDEX).read_bytes()

    def put_index(self, content: bytes) -> None:
        put_file(self.folder / INDEX, content)

    def each(self, act: Callable[[T], object], items: Iterable[T]) -> None:
        for item in items:
            act(item)

    def path(self, folder: str, digest: str) -> Path:
        return self.folder / folder

    def fetch(self, path: Path) -> None:
        """They are read where they are."""

    def discard(self, path: Path) -> None:
        """They are the store's own."""

    def keep(self, paths: Iterable[Path]) -> Collection[Path]:
        return ()

    @contextmanager
    def publisher(self) -> Iterator[None]:
        with publisher(self.folder):
            try:
                yield
            finally:
                # A withdrawal changes a revision's folder only: this is how others see at once that something happened.
                with suppress(OSError):
                    os.utime(self.folder)

    def put_folder(self, folder: str, files: Mapping[str, bytes]) -> None:
        put_folder(self.folder / folder, files)

    def put_file(self, folder: str, file: str, content: bytes) -> None:
        put_file(self.folder / folder / file, content)

    def rename_file(self, folder: str, file: str, name: str) -> None:
        rename_file(self.folder / folder / file, name)


def stamps(path: Path, files: tuple[str, ...]) -> Stamps:
    """What changes whenever one of these files of a folder does, None for those that are not there."""
    return tuple(_stamp(f"{path}/{file}") for file in files)


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)  # noqa: PTH116 - a thousand folders are looked at: `Path` would take most of the time
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
