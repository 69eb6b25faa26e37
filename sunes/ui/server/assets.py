"""Streamlit's own scripts and styles, which it sends as they are: here they are packed, each one once."""

import asyncio
import gzip
import mimetypes
from pathlib import Path

import streamlit
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sunes.serving.compressed import copy_of

_ROOT = Path(streamlit.__file__).with_name("static")
_WORTH_IT = 1024  # bytes
# Their names change with their content.
_FOR_EVER = "public, immutable, max-age=31536000"


class PackedAssets:
    """ASGI middleware: scripts and styles go out gzipped to whom takes them so, a third of their size.

    Where the installation has left no packed copies beside them, they are packed when they are first asked for, by one
    thread while the others wait. They are kept: those that the pages need are some 3 MB.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        files = (path for pattern in ("*.js", "*.css") for path in (_ROOT / "static").rglob(pattern))
        # Looked up by the whole address, so that no address leads anywhere else.
        self._files = {
            f"/{path.relative_to(_ROOT).as_posix()}": path for path in files if path.stat().st_size >= _WORTH_IT
        }
        self._packed: dict[Path, asyncio.Task[bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._files.get(scope["path"]) if scope["type"] == "http" else None
        if path is None or scope["method"] != "GET" or not _takes_gzip(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        headers = {"content-encoding": "gzip", "cache-control": _FOR_EVER, "vary": "accept-encoding"}
        body = await self._pack(path)
        await Response(body, headers=headers, media_type=mimetypes.guess_type(path.name)[0])(scope, receive, send)

    async def _pack(self, path: Path) -> bytes:
        if path not in self._packed:
            self._packed[path] = asyncio.create_task(asyncio.to_thread(_gzipped, path))
        # Whoever leaves must not take it away from the others.
        return await asyncio.shield(self._packed[path])


def _takes_gzip(headers: Headers) -> bool:
    return "range" not in headers and "gzip" in headers.get("accept-encoding", "")


def _gzipped(path: Path) -> bytes:
    if copy := copy_of(path):
        return copy.read_bytes()
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)
