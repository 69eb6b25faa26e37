"""What people send: how much of it at the same time, how much in all, and for how long it may take."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from sunes.access.people import ForbiddenError
from sunes.access.rights import Deed, may
from sunes.api.callers import caller
from sunes.errors import DataError
from sunes.ui.server import memory
from sunes.ui.server.refusals import plain

PREFIX = "/_stcore/upload_file/"

_LOGGER = logging.getLogger(__name__)

_MEGABYTE = 1 << 20
FILES = 40  # of one session
_DECK = 2 * _MEGABYTE  # all that somebody has to send who doesn't import: a deck.toml
_SHARE = 4  # of what the process may take, a quarter is for files


@dataclass(frozen=True, slots=True)
class Lane:
    """How many files may be on their way to this process, and for how many seconds each."""

    at_once: int
    seconds: float


# By whether somebody may import: visitors are in each other's way only.
LANES = {True: Lane(8, 900), False: Lane(2, 30)}  # 100 MB at 1 Mbit/s; 2 MB at half of that


class BoundedUploads:
    """ASGI middleware before Streamlit's own door for files, which takes any number from anybody with a session.

    Streamlit keeps what it was sent in memory until the session ends. The size of one file is its own limit
    (`server.maxUploadSize`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # The bytes that each upload on its way has announced, by whether it may be of an import.
        self._coming: dict[bool, list[int]] = {True: [], False: []}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        size = int(announced) if announced.isdecimal() and len(announced) < 15 else -1
        request = Request(scope)
        imports = _imports(request)
        if status := self._refuses(request, size, imports):
            await _refusal(status)(scope, receive, send)
            return
        seconds = LANES[imports].seconds
        self._coming[imports].append(size)
        try:
            async with asyncio.timeout(seconds):
                await self._app(scope, receive, send)
        except TimeoutError:
            _LOGGER.warning("Un envoi de fichier a pris plus de %d s ; il est abandonné.", seconds)
            await _refusal(408)(scope, receive, send)
        except ClientDisconnect:
            pass  # somebody closed the page: nothing went wrong here
        finally:
            self._coming[imports].remove(size)

    def _refuses(self, request: Request, size: int, imports: bool) -> int:
        if size < 0:
            return 411
        if size > _DECK and not imports:
            return 403
        kept = _kept()
        ours = kept.get(request.url.path.removeprefix(PREFIX).partition("/")[0], ())
        most = config.get_option("server.maxUploadSize") * _MEGABYTE
        # One file may be as large as Streamlit allows; a session may hold a few of these.
        if len(ours) >= FILES or sum(ours) + size > (4 * most if imports else _DECK):
            return 413
        everything = size + sum(map(sum, (*self._coming.values(), *kept.values())))
        room = max(most, memory.limit() // _SHARE)
        # However many visitors send something, half of the room is left for imports.
        if len(self._coming[imports]) >= LANES[imports].at_once or everything > (room if imports else room // 2):
            return 503
        return 0


def _imports(request: Request) -> bool:
    try:
        return may(caller(request), Deed.IMPORT)
    except (ForbiddenError, DataError):  # a key that opens nothing; rules that nobody understands
        return False


def _kept() -> Mapping[str, tuple[int, ...]]:
    """The sizes of the files that are kept, by session."""
    manager = get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    return {
        session: tuple(len(file.data) for file in list(files.values()))
        for session, files in list(manager.file_storage.items())
    }


def _refusal(status: int) -> Response:
    headers = {"connection": "close"}  # nobody reads what is still on its way
    return plain(status, headers=headers | ({"retry-after": "60"} if status == 503 else {}))
