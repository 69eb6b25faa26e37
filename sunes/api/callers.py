"""Who asks over HTTP: a program with a key, somebody who signed in, a visitor."""

from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest

from starlette.requests import Request

from sunes.access.listening import is_from_home, listens_at_home
from sunes.access.people import VISITOR, ForbiddenError, Person
from sunes.access.rules import rules
from sunes.ui.access import providers, sessions


class UnknownKeyError(ForbiddenError):
    """The key of a request is not, or no longer, one of this deployment: to be answered with 401."""


def caller(request: Request) -> Person:
    """Who sends a request.

    Raises UnknownKeyError for a key that opens nothing: a program is not to take what visitors get for all there is.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _by_key(key.strip())
    if providers.is_configured():
        return sessions.account(sessions.claims(request.cookies)).person
    return sessions.AT_HOME.person if is_at_home(request) else VISITOR


def _by_key(given: str) -> Person:
    digest = sha256(given.encode("utf-8", "surrogateescape")).hexdigest()
    # All of them, always: how long it takes says nothing of any.
    for key in [key for key in rules().keys if compare_digest(key.sha256, digest)]:
        if key.until is None or datetime.now(UTC) < key.until:
            return Person(key.role, key.name, key.name, key.regions)
        raise UnknownKeyError("cette clé n’est plus valable ; demandez-en une autre à qui administre ce site.")
    raise UnknownKeyError("cette clé n’est pas connue ; vérifiez-la, ou demandez-en une à qui administre ce site.")


def is_at_home(request: Request) -> bool:
    """Whether somebody at this machine asks a server that only this machine reaches."""
    peer = request.client.host if request.client else None
    if not listens_at_home(sessions.listens()):
        return False
    return is_from_home(peer, request.headers.items())
