"""Files that take a while to make: each is made once, however many ask for it at the same moment.

There are only so many at a time, and none for somebody who has left.
"""

import asyncio
import gzip
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from threading import RLock

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sunes.api.serving import Shelf
from sunes.errors import SunesError


@dataclass(frozen=True)
class File:
    """What is sent, and what it is.

    Attributes
    ----------
    packed
        Whether `body` is gzipped.
    name
        What a browser calls the file that it keeps; none: it shows it.
    """

    body: bytes
    media_type: str
    packed: bool = False
    name: str = ""

    @classmethod
    def of_text(cls, text: str, media_type: str, name: str = "") -> "File":
        return cls(gzip.compress(text.encode(), mtime=0), f"{media_type}; charset=utf-8", True, name)

    @cached_property
    def etag(self) -> str:
        """A weak one: the bytes differ with what the browser accepts, the content doesn't."""
        return f'W/"{sha256(self.body).hexdigest()[:40]}"'


class BusyError(SunesError):
    """There are as many files in the making as may be: to be answered with 503."""


@dataclass(slots=True)
class _Order:
    making: Future[File]
    waiting: int = 0  # how many


class Workshop:
    """Makes files on few threads, at most a number of them together, begun or waiting; keeps the latest ones.

    Those that are kept take up to `room` bytes in all.
    """

    def __init__(self, room: int, workers: int, most: int = 50) -> None:
        self._shelf: Shelf[File] = Shelf(room, "decks")
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="sunes-files")
        self._most = most
        self._making: dict[Hashable, _Order] = {}
        self._lock = RLock()  # what is cancelled is done in the same breath

    async def get(self, request: Request, key: Hashable, make: Callable[[], File]) -> File:
        """The file of this key.

        Raises what `make` raises, to everyone who waits for it; BusyError; ClientDisconnect where whoever asks leaves
        before it is made.
        """
        if kept := self._shelf.find(key):
            return kept
        order = self._join(key, make)
        # Whoever leaves must not take the file away from the others.
        made = asyncio.shield(asyncio.wrap_future(order.making))
        left = asyncio.create_task(_left(request))
        try:
            await asyncio.wait((made, left), return_when=asyncio.FIRST_COMPLETED)
            if not made.done():
                raise ClientDisconnect
            return made.result()
        finally:
            made.cancel()
            left.cancel()
            self._leave(order)

    def _join(self, key: Hashable, make: Callable[[], File]) -> _Order:
        with self._lock:
            order = self._making.get(key)
            if order is None:
                if len(self._making) >= self._most:
                    raise BusyError("Le serveur prépare déjà beaucoup de présentations ; réessayez dans une minute.")
                order = self._making[key] = _Order(self._workers.submit(self._shelf.get, key, make))
                order.making.add_done_callback(lambda _: self._done(key))
            order.waiting += 1
            return order

    def _leave(self, order: _Order) -> None:
        with self._lock:
            order.waiting -= 1
            if not order.waiting:
                order.making.cancel()  # unless it has begun

    def _done(self, key: Hashable) -> None:
        with self._lock:
            del self._making[key]


async def _left(request: Request) -> None:
    """Returns when whoever asks has gone away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def send(request: Request, file: File, caching: str, **headers: str) -> Response:
    """The response to a GET or HEAD request: the file or, where the browser has it already, 304 without a body."""
    headers = {
        **{name.replace("_", "-"): value for name, value in headers.items()},
        "etag": file.etag,
        "cache-control": caching,
        "x-content-type-options": "nosniff",
    }
    if file.packed:
        headers["vary"] = ", ".join(filter(None, ("accept-encoding", headers.get("vary"))))
    given = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if file.etag.removeprefix("W/") in given:
        return Response(status_code=304, headers=headers)
    body = file.body
    if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    elif file.packed:
        body = gzip.decompress(body)
    if file.name:
        headers["content-disposition"] = f'attachment; filename="{file.name}"'
    headers |= {"content-type": file.media_type, "content-length": str(len(body))}
    return Response(b"" if request.method == "HEAD" else body, headers=headers)
