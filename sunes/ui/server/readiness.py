"""Whether there is something to show, and how old the data are: age of what they describe, not of the last run."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sunes import french
from sunes.errors import DataError, UsageError
from sunes.snapshots import Snapshot, check_files
from sunes.ui import data


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a server can show at this moment.

    Attributes
    ----------
    reason
        Why it can't show the newest data, or not those of now; None: it is ready.
    newest
        The newest snapshot in force that is sound, as far as it is known.
    read_at
        When the store could last be read.
    """

    reason: str | None = None
    newest: Snapshot | None = None
    read_at: datetime | None = None

    @property
    def age(self) -> int | None:
        """Days since the day that the newest sound snapshot describes."""
        return age(self.newest.as_of) if self.newest else None

    @property
    def is_stale(self) -> bool:
        """Whether the newest data are older than somebody said that they may be."""
        limit = stale_days()
        return limit is not None and self.age is not None and self.age > limit

    def facts(self) -> dict[str, Any]:
        """The same as JSON types."""
        newest = self.newest
        return {
            "status": "unready" if self.reason else "ready",
            "reason": self.reason,
            "snapshot": newest.as_of.isoformat() if newest else None,
            "revision": newest.revision if newest else None,
            "simulated": newest.simulated if newest else None,
            "age_days": self.age,
            "stale": self.is_stale,
            "read_at": self.read_at.isoformat(timespec="seconds") if self.read_at else None,
        }


def readiness() -> Readiness:
    """Look at the store, for up to some twenty seconds where it does not answer."""
    store = data.store()
    try:
        newest = store.resolve()
        check_files(newest)
    except (DataError, UsageError) as error:
        return Readiness(str(error), _newest_sound(), store.state().since)
    state = store.state()
    return Readiness(state.why, newest, state.since)


def age(as_of: date) -> int:
    """Days since a day; 0 for one that has not come: clocks may be wrong."""
    return max(0, (date.today() - as_of).days)


def stale_days() -> int | None:
    """After how many days data are out of date, by `SUNES_STALE_DAYS`; None: never.

    Raises UsageError when that is no number of days.
    """
    return _days(os.environ.get("SUNES_STALE_DAYS", ""))


@lru_cache(maxsize=4)
def _days(stated: str) -> int | None:
    if stated and not (stated.isdecimal() and int(stated)):
        raise UsageError(f"SUNES_STALE_DAYS vaut « {stated} » ; indiquez un nombre entier de jours, par exemple 60.")
    return int(stated) if stated else None


def outdated() -> tuple[str, ...]:
    """A sentence about the newest data where they are out of date, for every page."""
    limit = stale_days()
    if limit is None:
        return ()
    newest = _newest_sound()
    if newest is None or age(newest.as_of) <= limit:
        return ()
    which = "Les données" if newest == _newest() else "Les données saines"
    old = french.count(age(newest.as_of), "jour")
    return (f"{which} les plus récentes sont au {french.day(newest.as_of)} : elles ont {old}.",)


def _newest_sound() -> Snapshot | None:
    """The newest snapshot whose figures can be shown; None where there is none, or nobody knows."""
    with suppress(DataError):  # what keeps them from being read is said elsewhere
        return data.last_sound()
    return None


def _newest() -> Snapshot | None:
    with suppress(DataError, UsageError):
        return data.store().resolve()
    return None
