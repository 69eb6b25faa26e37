"""A file that holds files and the SHA-256 of each: written whole or not at all, believed only where all of it is right.

It is a plain tar, its list `SHA256SUMS` last: `tar -xf` opens it and `sha256sum -c SHA256SUMS` checks it without sunes.
Reading one trusts nobody. Every header is looked at here, and what is no ordinary file under a name that the caller
expects ends the reading: no link, no device, no path that leads elsewhere, nothing that unpacks to more than it takes.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tarfile import BLOCKSIZE, NUL, REGTYPE, USTAR_FORMAT, HeaderError, TarInfo
from typing import BinaryIO

from sunes.errors import DataError
from sunes.publishing import StoreBusyError, flush_folder

LIST = "SHA256SUMS"
PARTIAL = ".sunes.partial"

_CHUNK = 1 << 20
_LONGEST_LIST = 1 << 27
_END = 2 * BLOCKSIZE * NUL  # of any tar
_OTHER = "prenez une autre sauvegarde"

Chunks = Iterator[bytes]


class Writer:
    """What is being written into an archive, one file after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digests: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> None:
        """Names are ASCII, at most 100 characters, each but once."""
        if name in self.digests:
            raise ValueError(name)
        self.digests[name] = hashlib.sha256(content).hexdigest()
        info = TarInfo(name)
        info.size, info.mode, info.type = len(content), 0o644, REGTYPE
        self._file.write(info.tobuf(USTAR_FORMAT, "ascii", "strict"))
        self._file.write(content)
        self._file.write(-len(content) % BLOCKSIZE * NUL)

    def finish(self) -> None:
        self.add(LIST, _list_of(self.digests))
        self._file.write(_END)


@contextmanager
def written(target: Path) -> Iterator[Writer]:
    """Create or replace an archive: it has its name once it is on the disk and was read back.

    What a writer that died has left is used again by the next one of the same folder. Only its owner may read it.

    Raises
    ------
    StoreBusyError
        Somebody else is writing it.
    DataError
        The disk did not keep what was written. OSError where it refuses to.
    """
    staging = target.with_name(PARTIAL)
    with os.fdopen(os.open(staging, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_ino != staging.stat().st_ino:  # another one had it, and is done
                raise BlockingIOError
        except (BlockingIOError, FileNotFoundError) as error:
            message = f"une autre sauvegarde est en cours dans « {target.parent} » ; attendez sa fin, puis recommencez."
            raise StoreBusyError(message) from error
        try:
            file.truncate()
            writer = Writer(file)
            yield writer
            digests = dict(writer.digests)
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
            _verify(staging, digests)
            staging.rename(target)
        except BaseException:
            with suppress(OSError):
                staging.unlink(missing_ok=True)
            raise
    flush_folder(target.parent)


def _verify(path: Path, digests: Mapping[str, str]) -> None:
    """Read an archive back. Raises DataError unless it holds exactly these files, as they were written."""
    if _walk(path, _digest) != digests:
        raise DataError(f"« {path} » n’est pas ce qui vient d’être écrit ; vérifiez le disque.")


def read(path: Path, expects: Callable[[str], bool], take: Callable[[str, Chunks], object]) -> None:
    """Hand over the files of an archive one after the other, then make sure that they are what its list says.

    What `take` does of them is not to be believed before this returns. It is given the name of a file, for which
    `expects` is true, and all of its content.

    Raises DataError, with one sentence, where anything is not as it should be.
    """

    def handed(name: str, chunks: Chunks) -> str:
        if not expects(name):
            raise _foreign(path, name)
        digest = hashlib.sha256()

        def digested() -> Chunks:
            for chunk in chunks:
                digest.update(chunk)
                yield chunk

        take(name, digested())
        return digest.hexdigest()

    _walk(path, handed)


def _walk(path: Path, digest_of: Callable[[str, Chunks], str]) -> dict[str, str]:
    """The digests of an archive's files by name: those that its list has."""
    found: dict[str, str] = {}
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        while (info := _header(file, path, is_first=not found)).name != LIST:
            if info.name in found:
                raise _foreign(path, info.name)
            if info.size > size - file.tell():
                raise _truncated(path)
            found[info.name] = digest_of(info.name, _chunks(file, path, info.size))
            _get(file, path, -info.size % BLOCKSIZE)
        if info.size > _LONGEST_LIST:
            raise _foreign(path, LIST)
        listed = b"".join(_chunks(file, path, info.size))
        if _get(file, path, BLOCKSIZE + len(_END)).strip(NUL) or _get(file, path, 1):
            raise _altered(path, "quelque chose suit la fin")
    if listed != _list_of(found):
        told = dict(line.split("  ", 1)[::-1] for line in listed.decode("ascii", "replace").split("\n") if "  " in line)
        changed = [name for name in sorted(found.keys() | told.keys()) if found.get(name) != told.get(name)]
        which = f"« {_printable(changed[0])} » n’a plus son empreinte" if changed else "sa liste n’est plus la même"
        raise _altered(path, which)
    return found


def _header(file: BinaryIO, path: Path, is_first: bool) -> TarInfo:
    """What the next file is called and how large it is."""
    block = _get(file, path, BLOCKSIZE)
    if not is_first and (len(block) < BLOCKSIZE or block == BLOCKSIZE * NUL):
        raise _truncated(path)
    try:
        info = TarInfo.frombuf(block, "ascii", "strict")
    except (HeaderError, UnicodeDecodeError) as error:
        if is_first:
            raise DataError(f"« {path} » n’est pas une sauvegarde de sunes ; {_OTHER}.") from error
        raise _altered(path, "il n’est plus lisible jusqu’au bout") from error
    if info.type != REGTYPE or info.size < 0:
        raise _foreign(path, info.name)
    return info


def _chunks(file: BinaryIO, path: Path, size: int) -> Chunks:
    while size:
        chunk = _get(file, path, min(size, _CHUNK))
        if not chunk:
            raise _truncated(path)
        size -= len(chunk)
        yield chunk


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        yield file


def _get(file: BinaryIO, path: Path, size: int) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        raise _unreadable(path, error) from error


def _digest(_name: str, chunks: Chunks) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _list_of(digests: Mapping[str, str]) -> bytes:
    """As `sha256sum` writes and reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode("ascii")


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"« {path} » ne peut pas être lu ({error.strerror or error}) ; vérifiez-le.")


def _foreign(path: Path, name: str) -> DataError:
    return DataError(f"« {path} » contient ce qu’une sauvegarde ne contient pas (« {_printable(name)} ») ; {_OTHER}.")


def _altered(path: Path, how: str) -> DataError:
    return DataError(f"« {path} » a été altéré ({how}) ; {_OTHER}.")


def _truncated(path: Path) -> DataError:
    return DataError(f"« {path} » est incomplet : la fin manque ; {_OTHER}.")
