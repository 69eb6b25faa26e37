"""What a backup holds, put in place as a store: all of it, or nothing."""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sunes.archive import Chunks, read
from sunes.backup import ABOUT, FILE, FORMAT, Progress, silent
from sunes.errors import DataError, UsageError
from sunes.manifest import SnapshotId
from sunes.publishing import exchange, flush_folder, make_folder, publisher
from sunes.snapshots import Store

_RESTORING = ".restoring-"


@dataclass(frozen=True, slots=True)
class Restored:
    """A store that is in place: how many revisions it has, and where the one before it is kept, if there was one."""

    snapshots: int
    before: Path | None


def restore(
    archive: Path, store: Store, journal: Path | None, replace: bool = False, tell: Progress = silent
) -> Restored:
    """Put what an archive holds in place as a store: all of it, once every file is found to be sound, or nothing.

    A store that is there already is in the way unless `replace`: then it is kept beside. Those who read it notice by
    themselves. What the journal in the folder `journal` lacks is added to it; what it has stays.

    Raises
    ------
    UsageError
        There is a store already, or none can be put there.
    StoreBusyError
        Somebody is publishing.
    DataError
        The archive is not whole, not sound or not one, or the disk refuses. Nothing was changed.
    """
    if store.address:
        raise UsageError("une sauvegarde se rétablit dans un dossier de cette machine, pas à une adresse s3://.")
    folder = store.directory / "snapshots"
    if store.folder != folder:
        raise UsageError(
            f"« {store.directory} » contient directement des situations ; rétablissez dans un autre dossier."
        )
    with _made(folder), publisher(folder):
        holds = any(folder.glob("as_of=*"))
        if holds and not replace:
            raise UsageError(
                f"« {folder} » contient déjà des situations ; choisissez un autre dossier par --data, ou remplacez-les "
                "par --replace (elles seront gardées à côté)."
            )
        # What an earlier one that was killed has left: it has another name once it is whole.
        for leftover in store.directory.glob(f"{_RESTORING}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        staging = store.directory / f"{_RESTORING}{uuid.uuid4().hex}"
        try:
            staging.mkdir()
            found = _unpack(archive, staging, tell)
            if journal:
                make_folder(journal)
                for path in found.journal:
                    _add_lines(journal / path.name, path.read_bytes())
            before = _put_in_place(staging / "snapshots", folder, holds)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        flush_folder(store.directory)
    return Restored(len(found.revisions), before)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Leave no empty folder behind where none was."""
    was_there = folder.exists()
    try:
        yield
    except BaseException:
        if not was_there:
            with suppress(OSError):
                for path in folder.glob(".lock"):
                    path.unlink()
                folder.rmdir()
        raise


@dataclass(slots=True)
class _Unpacked:
    revisions: set[str] = field(default_factory=set)
    journal: list[Path] = field(default_factory=list)
    about: dict[str, object] | None = None


def _unpack(archive: Path, staging: Path, tell: Progress) -> _Unpacked:
    """Write the files of an archive into an empty folder. Raises DataError, as `archive.read` does."""
    found, done = _Unpacked(), 0
    size = archive.stat().st_size if archive.is_file() else 0
    if size > shutil.disk_usage(staging).free:
        raise DataError(
            f"« {staging.parent} » n’a pas assez de place pour « {archive} » ; libérez-en, puis recommencez."
        )

    def take(name: str, chunks: Chunks) -> None:
        nonlocal done
        if name == ABOUT:
            found.about = _about(archive, b"".join(chunks))
            return
        if found.about is None:
            raise _no_backup(archive)
        path = staging / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            for chunk in chunks:
                done += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if path.parent.name == "journal":
            found.journal.append(path)
        else:
            found.revisions.add(path.parent.name)
        tell(done / (size or 1), path.parent.name)

    read(archive, _is_expected, take)
    if not found.revisions:
        raise _no_backup(archive)
    for revision in found.revisions:
        flush_folder(staging / "snapshots" / revision)
    flush_folder(staging / "snapshots")
    return found


def _is_expected(name: str) -> bool:
    found = FILE.fullmatch(name)
    if not found:
        return name == ABOUT
    folder = found[1].removeprefix("snapshots/")
    return folder == "journal" or SnapshotId.of_folder(folder) is not None


def _about(archive: Path, content: bytes) -> dict[str, object]:
    try:
        about = dict(json.loads(content))
        made_by = int(about["format"])
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        raise _no_backup(archive) from None
    if made_by > FORMAT:
        raise DataError(f"« {archive} » vient d’une version plus récente de sunes ; mettez sunes à jour.")
    return about


def _no_backup(archive: Path) -> DataError:
    return DataError(f"« {archive} » n’est pas une sauvegarde de sunes ; prenez-en une autre.")


def _add_lines(path: Path, content: bytes) -> None:
    """Add what a file of the journal lacks. Its order does not matter: every line says when it was written."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o660), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        there = file.read()
        known = set(there.splitlines())
        lacking = [line for line in content.splitlines() if line not in known]
        if lacking:
            cut_short = there and not there.endswith(b"\n")
            file.write(b"".join([b"\n" if cut_short else b"", *[line + b"\n" for line in lacking]]))
            file.flush()
            os.fsync(file.fileno())


def _put_in_place(made: Path, folder: Path, holds: bool) -> Path | None:
    """Let what was made take the name of the folder, at once; where the one that had it is kept, if it holds anything.

    Whoever dies meanwhile leaves two whole stores, one of which has the name.
    """
    if not holds:
        exchange(made, folder)
        return None
    before = folder.with_name(f"{folder.name}-before-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    made.rename(before)
    try:
        exchange(before, folder)
    except BaseException:
        before.rename(made)
        raise
    return before
