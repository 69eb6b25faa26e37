"""What was done, by whom: a journal that is only added to, one file of JSON lines for each month.

An entry about a change is on disk before the change is made: nothing can be changed that the journal doesn't tell. If
the change then fails, an entry says so. Entries about reading never keep anybody from reading.
"""

import fcntl
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Self

from sunes import french, request_id
from sunes.access.people import ROLE_LABELS, ForbiddenError, Person, Role
from sunes.access.rights import DEED_LABELS, Deed, require
from sunes.access.rules import rules
from sunes.errors import DataError, Problem
from sunes.publishing import make_folder, spoken

_LOGGER = logging.getLogger(__name__)

_SUFFIX = ".jsonl"
_MONTH = re.compile(r"\d{4}-\d{2}")
# As much of a text as an entry holds: who writes it is not always trusted.
_LONGEST = 300
# For which month this process has removed what is too old, by folder.
_FORGOTTEN: dict[Path, str] = {}


class What(StrEnum):
    """What was done. FAILED and REMOVED are about the journal's own entries: a change announced, files too old."""

    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    VIEWED = "viewed"
    IMPORTED = "imported"
    PUBLISHED = "published"
    WITHDREW = "withdrew"
    RESTORED = "restored"
    EXPORTED = "exported"
    REFUSED = "refused"
    FAILED = "failed"
    REMOVED = "removed"


WHAT_LABELS = {
    What.SIGNED_IN: "connexion",
    What.SIGNED_OUT: "déconnexion",
    What.VIEWED: "fiche consultée",
    What.IMPORTED: "fichiers importés",
    What.PUBLISHED: "publication",
    What.WITHDREW: "retrait",
    What.RESTORED: "rétablissement",
    What.EXPORTED: "export",
    What.REFUSED: "refus",
    What.FAILED: "échec",
    What.REMOVED: "effacement du journal",
}

_AT_HOME_UNTOLD = (What.VIEWED, What.EXPORTED, What.IMPORTED)

# Done by nobody but the journal itself.
_ITSELF = "sunes"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done.

    Attributes
    ----------
    who, name, role
        The identifier of a person or a key (empty: whoever has the machine), what they are called, their role then.
    what, about
        A `What`, and the View, snapshot or files that it was done to.
    request
        The id of the request in the log, where there is one.
    """

    at: datetime
    who: str
    name: str
    role: str
    what: str
    about: str
    request: str = ""

    @property
    def person(self) -> str:
        """What a reader calls whoever did it."""
        if self.name and self.who and self.name != self.who:
            return f"{self.name} ({self.who})"
        return self.name or self.who or "poste local"


@dataclass(frozen=True, slots=True)
class Content:
    """Entries, newest first, and what could not be read."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal in a folder; None: nothing is kept.

    Attributes
    ----------
    forgets
        Whether what is too old is removed: not by whoever doesn't know the rules of the deployment.
    """

    folder: Path | None
    forgets: bool = True

    @classmethod
    def beside(cls, data: Path | None, forgets: bool = True) -> Self:
        """The journal that `SUNES_JOURNAL` names, or else the one in a folder of data; without either, none."""
        named = os.environ.get("SUNES_JOURNAL")
        return cls(Path(named) if named else data / "journal" if data else None, forgets)

    def record(self, by: Person, what: What, about: str = "") -> None:
        """Add an entry, now. Raises DataError where it can't be kept: what it is about must not be done then."""
        if self.folder is None:
            _say_that_there_is_none()
            return
        now = datetime.now(UTC)
        entry = Entry(
            now, _clean(by.id), _clean(by.name), by.role.value, what.value, _clean(about), request_id.current()
        )
        with spoken(self.folder):
            make_folder(self.folder)
            _append(self.folder / f"{now:%Y-%m}{_SUFFIX}", entry)
        month = f"{now:%Y-%m}"
        if self.forgets and _FORGOTTEN.get(self.folder) != month:
            _FORGOTTEN[self.folder] = month
            self._forget(now)

    def note(self, by: Person, what: What, about: str = "") -> None:
        """Add an entry about something that changes nothing: where it can't be kept, only the log says so.

        What visitors, and whoever has the machine, read or try is nobody's business.
        """
        if by.role is Role.VISITOR or (not by.id and what in _AT_HOME_UNTOLD):
            return
        try:
            self.record(by, what, about)
        except DataError as error:
            _LOGGER.warning("Le journal n’a pas retenu « %s » : %s", WHAT_LABELS[what], error)

    def require(self, by: Person, deed: Deed, about: str = "") -> None:
        """Raises ForbiddenError where somebody may not do something (see `rights.require`), and notes the refusal."""
        try:
            require(by, deed)
        except ForbiddenError:
            self.note(by, What.REFUSED, f"{DEED_LABELS[deed]} : {about}" if about else DEED_LABELS[deed])
            raise

    @contextmanager
    def change(self, by: Person, what: What, about: str) -> Iterator[None]:
        """Make a change that the journal tells: beforehand, so that none goes untold, and again where it fails.

        Raises DataError before anything is changed where the journal can't be written to.
        """
        self.record(by, what, about)
        try:
            yield
        except BaseException:
            self.note(by, What.FAILED, f"{WHAT_LABELS[what]} : {about}")
            raise

    def read(self, by: Person, since: date | None = None, until: date | None = None) -> Content:
        """Everything from a day to another, both included (days of France), newest first, for administrators.

        A line that was cut short, as by a power failure, is a problem and keeps nothing else from being read.

        Raises
        ------
        ForbiddenError
            Somebody else reads.
        DataError
            The folder can't be read.
        """
        self.require(by, Deed.READ_JOURNAL)
        entries: list[Entry] = []
        problems: list[Problem] = []
        for file in self._files():
            # A month of UTC begins and ends within a day of that of France.
            if since and file.stem < f"{since - timedelta(days=1):%Y-%m}":
                continue
            if until and file.stem > f"{until + timedelta(days=1):%Y-%m}":
                continue
            for number, line in _lines(file):
                try:
                    entries.append(_entry(line))
                except ValueError:
                    what = "cette ligne du journal est incomplète ou abîmée ; elle est laissée de côté."
                    problems.append(Problem(what, file.name, line=number))
        first, last = since or date.min, until or date.max
        kept = [entry for entry in entries if first <= french.local_day(entry.at) <= last]
        kept.reverse()
        # Nearly in order already; where a clock went back, time decides.
        return Content(tuple(sorted(kept, key=lambda entry: entry.at, reverse=True)), tuple(problems))

    def _files(self) -> list[Path]:
        """The files, oldest month first."""
        if self.folder is None:
            return []
        try:
            found = [file for file in self.folder.iterdir() if file.suffix == _SUFFIX and _MONTH.fullmatch(file.stem)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DataError(f"le journal « {self.folder} » ne peut pas être lu ({error.strerror}).") from error
        return sorted(found)

    def _forget(self, now: datetime) -> None:
        """Remove the months of which even the last entry is older than the rules want it, and say so.

        Where there is nothing since, the clock is more likely to be wrong than nobody to have done anything.
        """
        with suppress(DataError):  # rules that can't be understood remove nothing
            oldest = now - timedelta(days=rules().journal.days)
            earlier = [file for file in self._files() if file.stem != f"{now:%Y-%m}"]
            old = [file for file in earlier if file.stem < f"{oldest:%Y-%m}" or (_last(file) or now) < oldest]
            for file in old if len(old) < len(earlier) else ():
                with suppress(OSError):
                    file.unlink()
                    self.note(Person(Role.ADMINISTRATOR, _ITSELF), What.REMOVED, f"mois {file.stem}")


def records(entries: Iterable[Entry]) -> list[dict[str, str]]:
    """Entries under French headers, whole, for files; moments are in UTC."""
    return [
        {
            "Instant (UTC)": entry.at.astimezone(UTC).isoformat(timespec="seconds"),
            "Identifiant": entry.who,
            "Nom": entry.name,
            "Rôle": role_said(entry.role),
            "Action": what_said(entry.what),
            "Objet": entry.about,
            "Requête": entry.request,
        }
        for entry in entries
    ]


def records_said(entries: Iterable[Entry]) -> list[dict[str, str]]:
    """Entries under French headers, for people; moments are those of France."""
    return [
        {
            "Jour": french.short_day(french.local_day(entry.at)),
            "Heure": french.clock(entry.at),
            "Personne": entry.person,
            "Rôle": role_said(entry.role),
            "Action": what_said(entry.what),
            "Objet": entry.about,
        }
        for entry in entries
    ]


def role_said(role: str) -> str:
    """What a role is called."""
    return next((label for known, label in ROLE_LABELS.items() if known == role), role)


def what_said(what: str) -> str:
    """What an action is called."""
    return next((label for known, label in WHAT_LABELS.items() if known == what), what)


@cache
def _say_that_there_is_none() -> None:
    _LOGGER.warning("Aucun journal n’est tenu : les données sont ailleurs, et SUNES_JOURNAL ne nomme pas de dossier.")


def _append(path: Path, entry: Entry) -> None:
    """Add a line to a file, on disk when this returns. Raises OSError: nothing is added.

    The lock is for those who write at the same time; a reader needs none.
    """
    line = json.dumps(asdict(entry) | {"at": entry.at.isoformat()}, ensure_ascii=False).encode() + b"\n"
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file).st_size
        cut_short = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        try:
            content = b"\n" + line if cut_short else line
            written = os.write(file, content)
            while written < len(content):  # a full disk takes a part, then says why it takes no more
                written += os.write(file, content[written:])
            os.fsync(file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, size)
            raise
    finally:
        os.close(file)


def _lines(file: Path) -> list[tuple[int, bytes]]:
    """The lines of a file and their numbers, without the one that is being written."""
    try:
        with file.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_SH)
            content = opened.read()
        return [(number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip()]
    except FileNotFoundError:  # just removed, as too old
        return []
    except OSError as error:
        raise DataError(f"le journal « {file} » ne peut pas être lu ({error.strerror}).") from error


def _last(file: Path) -> datetime | None:
    """When the last entry of a file was made; None where nothing says so."""
    for _, line in reversed(_lines(file)):
        with suppress(ValueError):
            return _entry(line).at
    return None


def _entry(line: bytes) -> Entry:
    """Raises ValueError where a line is no entry."""
    try:
        given: Any = json.loads(line)
        at = datetime.fromisoformat(given["at"])
        texts = {name: str(given.get(name) or "") for name in ("who", "name", "role", "about", "request")}
        return Entry(at=at.replace(tzinfo=at.tzinfo or UTC), what=str(given["what"]), **texts)
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(repr(error)) from error


def _clean(text: str) -> str:
    """A text that stays on its line, and turns no other one round, wherever it is shown."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_LONGEST]
