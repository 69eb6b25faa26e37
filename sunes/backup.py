"""The whole of a store in one file (see `restoration` for the way back).

The archive (see `archive`) holds every revision, those that were withdrawn as well, and the journal. What saves time
only (`.index.json`) is left out, and so is all that is no data: rules and secrets are the machine's.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sunes.archive import Writer, written
from sunes.errors import DataError, Problem, UsageError
from sunes.manifest import MANIFEST, WITHDRAWAL, Manifest, SnapshotId, decode
from sunes.place import STATEMENTS, Place, Stamps
from sunes.publishing import StoreBusyError, spoken
from sunes.schema import TABLES
from sunes.snapshots import Store

ABOUT = "sunes-backup.json"
FORMAT = 1

# Called with how much is done, from 0 to 1, and with what.
Progress = Callable[[float, str], None]

_OURS = re.compile(r"sunes-\d{8}T\d{6}Z\.tar")
FILE = re.compile(r"(snapshots/as_of=[\d~-]+|journal)/(\w[\w.~-]{0,59})", re.ASCII)
# How often a store that changes is looked at again.
_LOOKS = 100


@dataclass(frozen=True, slots=True)
class BackedUp:
    """An archive that is in place: how many revisions and bytes it holds, and what was wrong with them before."""

    path: Path
    snapshots: int
    size: int
    problems: tuple[Problem, ...]


def silent(_done: float, _what: str) -> None:
    """Nobody is waiting."""


def archive_name(now: datetime) -> str:
    return f"sunes-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar"


def back_up(store: Store, target: Path, journal: Path | None = None, tell: Progress = silent) -> BackedUp:
    """Write all that a store holds at one moment into an archive, while others publish into it if they like.

    Revisions that are damaged are kept as they are, and told. `journal` is the folder of the journal, if there is one.

    Raises
    ------
    DataError
        The store is empty or can't be read, or the disk of `target` refuses: nothing is written there.
    StoreBusyError
        Another backup is at work in that folder, or the store doesn't come to rest.
    """
    if not target.parent.is_dir():
        raise UsageError(f"« {target.parent} » n’est pas un dossier qui existe ; créez-le ou choisissez-en un autre.")
    with spoken(target.parent), written(target) as archive:
        about = {"format": FORMAT, "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        archive.add(ABOUT, f"{json.dumps(about)}\n".encode())
        revisions = _Revisions(store.place, archive, tell)
        revisions.add()
        for path in sorted(journal.iterdir()) if journal and journal.is_dir() else ():
            if FILE.fullmatch(f"journal/{path.name}") and path.is_file():
                content = path.read_bytes()
                # Somebody may be writing the last line.
                archive.add(f"journal/{path.name}", content[: content.rfind(b"\n") + 1])
    return BackedUp(target, len(revisions.statements), target.stat().st_size, tuple(revisions.problems()))


@dataclass(slots=True)
class _Revisions:
    """The revisions of a place, on their way into an archive.

    Their tables never change and are written as they come. What is said of them (withdrawals) is read again until two
    looks find the same: then it is what the store said at one moment.
    """

    place: Place
    archive: Writer
    tell: Progress
    statements: dict[str, dict[str, bytes]] = field(default_factory=dict)
    _unreadable: list[Problem] = field(default_factory=list)

    def add(self) -> None:
        seen: Mapping[str, Stamps] = {}
        for _ in range(_LOOKS):
            found = self._look()
            if not found:
                raise DataError(f"« {self.place} » ne contient aucune situation : il n’y a rien à sauvegarder.")
            if found == seen:
                break
            if seen.keys() - found.keys():
                raise self._replaced()
            changed = [folder for folder in found if seen.get(folder) != found[folder]]
            for number, folder in enumerate(changed):
                self.tell(number / len(changed), folder)
                self._read(folder)
            seen = found
        else:
            raise StoreBusyError(f"« {self.place} » change sans cesse ; recommencez la sauvegarde plus tard.")
        for folder, statements in self.statements.items():
            for file, content in statements.items():
                self.archive.add(f"snapshots/{folder}/{file}", content)
        self.tell(1, "")

    def _look(self) -> Mapping[str, Stamps]:
        found = self.place.look(STATEMENTS)
        # Where a revision doesn't appear as a whole, one without a manifest isn't there yet.
        return {
            name: now for name, now in found.items() if SnapshotId.of_folder(name) and (now[0] or not self.place.remote)
        }

    def _read(self, folder: str) -> None:
        is_new, statements = folder not in self.statements, {}
        for file in sorted(self.place.names(folder)):
            is_table = file.endswith(".parquet")
            if not FILE.fullmatch(f"snapshots/{folder}/{file}") or (is_table and not is_new):
                continue
            try:
                content = self.place.read(folder, file)
            except FileNotFoundError:
                continue  # a withdrawal that was undone meanwhile: the next look finds it out
            except OSError:
                self._unreadable.append(
                    Problem("ce fichier ne peut pas être lu ; il n’est pas sauvegardé.", f"{folder}/{file}")
                )
                continue
            if is_table:
                self.archive.add(f"snapshots/{folder}/{file}", content)
            else:
                statements[file] = content
        if not is_new and self.statements[folder].get(MANIFEST) != statements.get(MANIFEST):
            raise self._replaced()
        self.statements[folder] = statements

    def _replaced(self) -> DataError:
        return StoreBusyError(f"« {self.place} » a été remplacé pendant la sauvegarde ; recommencez-la.")

    def problems(self) -> Iterator[Problem]:
        """What was wrong with the revisions that stand."""
        yield from self._unreadable
        for folder, statements in self.statements.items():
            if WITHDRAWAL in statements:
                continue
            try:
                manifest = decode(statements.get(MANIFEST, b""), Manifest, f"{folder}/{MANIFEST}")
            except DataError as error:
                yield from error.problems
                continue
            for table in TABLES:
                file = f"{folder}/{table}.parquet"
                written = self.archive.digests.get(f"snapshots/{file}")
                told = manifest.tables[table].sha256 if table in manifest.tables else None
                if written is None:
                    yield Problem("ce fichier manque.", file)
                elif told and written != told.lower().removeprefix("sha256:"):
                    yield Problem("l’empreinte n’est plus celle du manifeste : le fichier a changé.", file)


def prune(newest: Path, keep: int) -> list[Path]:
    """Remove the oldest archives of a folder until `keep` are left, `newest` among them; those that were removed.

    Only what has the name of an archive, as `archive_name` makes them, is counted and removed.
    """
    others = sorted(p for p in newest.parent.iterdir() if _OURS.fullmatch(p.name) and p.name != newest.name)
    gone = others[: max(len(others) - keep + 1, 0)]
    with spoken(newest.parent):
        for path in gone:
            path.unlink(missing_ok=True)
    return gone
