"""Writing that is all or nothing: whatever happens meanwhile, a reader finds the old state or the new one."""

import ctypes
import errno
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sunes.errors import DataError

LOCK = ".lock"
STAGING = ".staging-"

# Of `renameat2`, which Python has no function for: relative to the working directory; two names change places.
_HERE, _EXCHANGE = -100, 2

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


class StoreBusyError(DataError):
    """Somebody else is publishing into this store, or has just done so."""


@contextmanager
def publisher(folder: Path) -> Iterator[None]:
    """Be the only one who writes into the store's `folder`, which is created where it is missing.

    What a publisher that died has left half-made is removed.

    Raises
    ------
    StoreBusyError
        Another publisher is at work.
    DataError
        The folder cannot be written to (no right, no room, a disk error): nothing was changed.
    """
    with spoken(folder):
        make_folder(folder)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            try:
                # The system lets go of the lock when its holder dies, however it dies.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StoreBusyError(
                    f"une autre publication est en cours dans « {folder} » ; attendez sa fin, puis recommencez."
                ) from error
            for leftover in folder.glob(f"{STAGING}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            yield
        finally:
            os.close(lock)


def put_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Create the folder `target` with `files`, by one rename. Raises StoreBusyError where it exists already."""
    staging = target.with_name(f"{STAGING}{uuid.uuid4().hex}")
    try:
        staging.mkdir()
        for name, content in files.items():
            _write(staging / name, content)
        flush_folder(staging)
        try:
            staging.rename(target)
        except OSError as error:
            if error.errno in _TAKEN:
                raise StoreBusyError(
                    f"« {target.name} » vient d’être publié par ailleurs ; rien n’a été remplacé."
                ) from error
            raise
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    try:
        flush_folder(target.parent)
    except OSError as error:
        raise DataError(
            f"« {target.name} » est en place, mais le disque n’a pas confirmé son enregistrement ; vérifiez-le."
        ) from error


def put_file(target: Path, content: bytes, staging: Path | None = None) -> None:
    """Create or replace one file, by one rename.

    Where no lock keeps others from writing the same file, `staging` is a name beside it that nobody else uses.
    """
    staging = staging or target.with_name(f".{target.name}")
    try:
        _write(staging, content)
        staging.rename(target)
    except BaseException:
        with suppress(OSError):
            staging.unlink(missing_ok=True)
        raise
    flush_folder(target.parent)


def rename_file(path: Path, name: str) -> None:
    """Give a file another name in its folder, replacing whatever has it."""
    path.replace(path.with_name(name))
    flush_folder(path.parent)


def exchange(one: Path, other: Path) -> None:
    """Let two folders of one disk take each other's name: at once, where the system can do that."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return
    if rename and (code := ctypes.get_errno()) not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(code, os.strerror(code))
    aside = other.with_name(f"{STAGING}{uuid.uuid4().hex}")
    other.rename(aside)
    try:
        one.rename(other)
    except BaseException:
        aside.rename(other)
        raise
    aside.rename(one)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """A name is only safe on disk when the folder that holds it is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)


@contextmanager
def spoken(folder: Path) -> Iterator[None]:
    """Tell a person what the system says in numbers."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            message = f"le disque de « {folder} » est plein ; libérez de la place, puis recommencez."
        elif error.errno in _NO_RIGHT:
            message = (
                f"« {folder} » n’est pas accessible en écriture ; demandez ce droit ou choisissez un autre dossier."
            )
        else:
            message = (
                f"l’écriture dans « {folder} » a échoué ({error.strerror or error}) ; vérifiez le dossier et le disque."
            )
        raise DataError(f"{message} L’état précédent est intact.") from error
