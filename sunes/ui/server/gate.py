"""Who is let through to the pages: whoever calls us by our name, from a page of ours, no faster than people do."""

import os
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from time import monotonic
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from sunes.access.listening import is_loopback, listens_at_home
from sunes.api.openapi import PREFIX as DATA
from sunes.api.presenting import PREFIX as PRESENTING
from sunes.api.replies import problem
from sunes.serving.pace import RATES, STREAMS, Buckets, asker
from sunes.ui.access import sessions
from sunes.ui.server.refusals import plain

HOSTS = "SUNES_HOSTS"

_STREAM = "/_stcore/stream"
# Streamlit's doors for programs, which nobody here needs: a session without a browser, figures about the process.
_CLOSED = ("/_stcore/agent", "/_stcore/metrics", "/_stcore/script-health-check")
# Asked by who supervises the process, by whatever name.
_ALIVE = ("/healthz", "/readyz")
_PACED = {
    f"{DATA}/": "data",
    f"{PRESENTING}/deck.": "data",
    f"{PRESENTING}/ecran": "screen",
    "/auth/": "login",
    "/oauth2callback": "login",
}
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")

_SAID = {
    400: "Ce site ne répond pas sous ce nom.",
    403: "Cette connexion ne vient pas d’une page de ce site.",
    429: "Trop de demandes en peu de temps ; réessayez dans {} s.",
}


def hosts() -> tuple[str, ...]:
    """The names that the site goes by, from `SUNES_HOSTS`: « sunes.exemple.fr, *.agence.fr ». Empty: any."""
    return tuple(name.lower() for name in re.split(r"[\s,]+", os.environ.get(HOSTS, "")) if name)


class Gate:
    """ASGI middleware that refuses what no browser of a visitor's asks.

    Without names of its own, a server that only this machine reaches answers to the names of this machine only: a page
    elsewhere whose name is made to lead here (DNS rebinding) would otherwise read the data of whoever opens it.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str] = ()) -> None:
        self._app = app
        self._names = tuple(names)
        self._buckets = {name: Buckets(rate) for name, rate in RATES.items()}
        self._open: Counter[str] = Counter()  # websockets by address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind, path = scope["type"], scope.get("path", "")
        if kind not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif status := self._refuses(scope, path):
            await _refusal(scope, status)(scope, receive, send)
        elif wait := self._wait(scope, path):
            await _refusal(scope, 429, wait)(scope, receive, send)
        elif kind == "websocket":
            address = _address(scope)
            self._open[address] += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._open[address] -= 1
                if not self._open[address]:
                    del self._open[address]
        else:
            await self._app(scope, receive, send)

    def _refuses(self, scope: Scope, path: str) -> int:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if path not in _ALIVE and not self._is_ours(host):
            return 400
        if path.startswith(_CLOSED):
            return 404
        # Streamlit lets in pages of any server on localhost, and for others asks a site far away for its own address.
        if scope["type"] == "websocket" and not _same_origin(headers.get("origin"), host):
            return 403
        return 0

    def _is_ours(self, host: str) -> bool:
        if not self._names and not self._at_home:
            return True
        name = _name(host)
        if is_loopback(name) or name.endswith(".localhost"):
            return True
        return any(name == each or (each[0] == "*" and name.endswith(each[1:])) for each in self._names)

    @cached_property
    def _at_home(self) -> bool:
        return listens_at_home(sessions.listens())

    def _wait(self, scope: Scope, path: str) -> int:
        """The seconds that somebody has to wait; 0: none."""
        if scope["type"] == "websocket":
            group: str | None = "stream"
        else:
            group = next((name for start, name in _PACED.items() if path.startswith(start)), None)
        if group is None or (counted := asker(_address(scope))) is None:
            return 0
        if group == "stream" and self._open[_address(scope)] >= STREAMS:
            return 60
        return self._buckets[group].take(counted, monotonic())


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _name(host: str) -> str:
    """The name in a `Host` header, without its port; empty where it is none."""
    found = _HOST.fullmatch(host)
    return found[1].rstrip(".") if found else ""


def _same_origin(origin: str | None, host: str) -> bool:
    """Whether a websocket is asked for by one of our own pages, or by a program, which says of no page."""
    if origin is None or origin in config.get_option("server.corsAllowedOrigins"):
        return True
    try:
        return urlsplit(origin.lower()).netloc == host
    except ValueError:
        return False


def _refusal(scope: Scope, status: int, wait: int = 0) -> Response:
    said = _SAID.get(status, "").format(wait)
    headers = {"retry-after": str(wait)} if wait else {}
    if said and scope["type"] == "http" and scope["path"].startswith(f"{DATA}/"):
        return problem(Request(scope), status, said, headers)
    return plain(status, said, headers)
