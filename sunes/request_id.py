"""Under which id something is being answered now: what leads from a sentence that a person quotes to the log."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from hashlib import sha256
from secrets import token_hex

HEADER = "x-request-id"

# What a server in front gives; anything else is not written into a log.
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUOTED = 8  # characters: enough to find it, few enough to say on the telephone

_ID: ContextVar[str] = ContextVar("request", default="")


def _no_session() -> str | None:
    return None


_session: Callable[[], str | None] = _no_session


def begin(given: str | None = None) -> str:
    """Answer a request from here on, in this context, under the id that it was given or one of its own."""
    chosen = given if given and _GIVEN.fullmatch(given) else token_hex(16)
    _ID.set(chosen)
    return chosen


def find_session(find: Callable[[], str | None]) -> None:
    """Where no request is being answered, it may be a page that runs: `find` says for which session."""
    global _session
    _session = find


def current() -> str:
    """The id of what is being answered in this context, or of the session whose page runs; empty: nothing does."""
    return _ID.get() or _of(_session())


def _of(session: str | None) -> str:
    # The session's own id opens its files to whoever knows it.
    return sha256(session.encode()).hexdigest()[:32] if session else ""


def reference() -> str:
    """What a person is asked to quote when something unexpected happens: how the id begins in the log."""
    return (current() or begin())[:_QUOTED]
