"""The server round the pages: what it loads before it answers, its French index document, its own routes."""

import asyncio
import gc
import importlib
import logging
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sunes import snapshots
from sunes.errors import DataError
from sunes.ui import theme
from sunes.ui.access import closed
from sunes.ui.server import ahead, logs, memory, monitoring, readiness
from sunes.ui.server.headers import page_policy

_LOGGER = logging.getLogger(__name__)

MARK = Path(__file__).with_name("mark.svg")

# Streamlit's own index document, and what becomes of it. The script says where the server is: the folder of the page,
# like everything else in the document. Streamlit would try the page's own path first and leave errors in the console.
_INDEX = Path(streamlit.__file__).with_name("static") / "index.html"
_STYLE = Path(__file__).with_name("style.css")
_WORDS = Path(__file__).with_name("french.js")
_RECONNECT = Path(__file__).with_name("reconnect.js")
_MENUS = Path(__file__).with_name("menus.js")
# The first thing that Tab reaches leads past the way to other pages and past the filters: to the container of this key
# or, where a page has none, to its title.
CONTENT = "content"
_SKIP = f"""<a class="skip" href="#root">Aller au contenu</a>
    <script>
      document.querySelector(".skip").addEventListener("click", (event) => {{
        const content = document.querySelector(".st-key-{CONTENT}") ?? document.querySelector("h1")
        if (!content) return
        event.preventDefault()  // the address is the View's
        content.tabIndex = -1
        content.focus()
      }})
    </script>"""
_OURS = {
    r'<html lang="en">': '<html lang="fr">',
    r"<title>.*?</title>": "<title>sunes</title>",
    r"<noscript>.*?</noscript>": "<noscript><p>sunes a besoin de JavaScript&nbsp;: activez-le.</p></noscript>",
    r'<link rel="shortcut icon".*?>': f'<link rel="icon" href="data:image/svg+xml,{quote(MARK.read_bytes())}" />',
    # What it points to is shut (ui/server/gate.py).
    r"<!--\s*Machine-readable.*?-->\s*<link rel=\"service-desc\".*?>\s*": "",
    r"</head>": f"""<style>{_STYLE.read_text("utf-8")}</style>
    <script>window.__streamlit = {{BACKEND_BASE_URL: new URL(".", location.href).href}}</script>
    <script>{_WORDS.read_text("utf-8")}</script>
    <script>{_RECONNECT.read_text("utf-8")}</script>
    <script>{_MENUS.read_text("utf-8")}</script>
  </head>""",
    r"<body>": f"<body>\n    {_SKIP}",
}

# What the first person to open a page would otherwise wait for.
_HEAVY = (
    *("duckdb", "pandas", "plotly.graph_objects", "pyarrow.parquet", "sunes.figures.history"),
    *(f"sunes.ui.{name}" for name in ("cards", "finder", "frame", "mapview", "sheet", "since")),
)

_PATIENCE = 2  # seconds after which a server answers, though it has not counted everything ahead


@asynccontextmanager
async def lifespan(_app: streamlit.App) -> AsyncGenerator[None]:
    """Load what every page needs, then exempt it from garbage collection: each rerun would walk all of it again."""
    for module in _HEAVY:
        importlib.import_module(module)
    readiness.stale_days()  # what can't be understood is said now
    with suppress(DataError):
        snapshots.Store.default().history()
    theme.remember()
    gc.collect()
    gc.freeze()
    with snapshots.patient(), logs.written(logs.wants_lines(False)):
        for fault in closed.faults():
            _LOGGER.warning("%s", fault)
        counted = asyncio.Event()
        meanwhile = [asyncio.create_task(each) for each in (memory.watch(memory.limit()), ahead.count(counted))]
        # A slow store, or a long history, keeps nobody from the page that says so.
        with suppress(TimeoutError):
            await asyncio.wait_for(counted.wait(), _PATIENCE)
        yield
        for task in meanwhile:
            task.cancel()
    gc.unfreeze()  # or extension modules complain at exit that nobody collected them


class FrenchIndex:
    """ASGI middleware: by whatever path a page is opened, the index document that comes back is in French.

    Streamlit sends that document from several places, for any path that is no file, compressed or not. It is known
    by its ETag rather than by the path, replaced whole, and has an ETag of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._etag = FileResponse(_INDEX, stat_result=_INDEX.stat()).headers["etag"]
        html = _INDEX.read_text("utf-8")
        for theirs, ours in _OURS.items():
            html = re.sub(theirs, ours.replace("\\", r"\\"), html, count=1, flags=re.DOTALL)
        self._french = html.encode()
        self._french_etag = f'"{sha256(self._french).hexdigest()[:32]}"'
        self._policy = page_policy(html)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        replaced = False

        async def send_french(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and Headers(raw=message["headers"]).get("etag") == self._etag:
                replaced = True
                given = Headers(scope=scope).get("if-none-match", "")
                known = given.removeprefix("W/") == self._french_etag  # weak, once a proxy has compressed the document
                await send(self._start(message, known))
                await send({"type": "http.response.body", "body": b"" if known else self._french})
            elif not replaced:
                await send(message)

        await self._app(scope, receive, send_french)

    def _start(self, message: Message, known: bool) -> Message:
        """The start of the French answer: every header that does not describe the replaced body stays."""
        headers = MutableHeaders(raw=message["headers"])
        for name in ("accept-ranges", "content-encoding", "content-length", "content-range", "last-modified"):
            del headers[name]
        headers["etag"] = self._french_etag
        headers["content-security-policy"] = self._policy
        if not known:
            headers["content-length"] = str(len(self._french))
        return {**message, "status": 304 if known else 200, "headers": headers.raw}


ROUTES: list[BaseRoute] = [*monitoring.ROUTES]
