"""Files that take a while to make: each is made once, however many ask for it at the same moment."""

import asyncio
import gzip
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from threading import Lock

from starlette.requests import Request
from starlette.responses import Response

from sunes.api.serving import Shelf


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


class Workshop:
    """Makes files on few threads, and keeps the latest ones, up to a number of bytes in all."""

    def __init__(self, room: int, workers: int) -> None:
        self._shelf: Shelf[File] = Shelf(room, "decks")
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="sunes-files")
        self._making: dict[Hashable, Future[File]] = {}
        self._lock = Lock()

    async def get(self, key: Hashable, make: Callable[[], File]) -> File:
        """The file of this key. Raises what `make` raises, to everyone who waits for it."""
        if kept := self._shelf.find(key):
            return kept
        with self._lock:
            ours = key not in self._making
            if ours:
                self._making[key] = self._workers.submit(self._shelf.get, key, make)
            making = self._making[key]
        if ours:
            making.add_done_callback(lambda _: self._done(key))
        # Whoever leaves must not take the file away from the others.
        return await asyncio.shield(asyncio.wrap_future(making))

    def _done(self, key: Hashable) -> None:
        with self._lock:
            del self._making[key]


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
