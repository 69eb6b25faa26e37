"""What every answer tells a browser that it may do with it (docs/security.md says why, rule by rule)."""

import logging
import os
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANCESTORS = "SUNES_FRAME_ANCESTORS"

_LOGGER = logging.getLogger(__name__)
_SITE = re.compile(r"\*|https?://(\*\.)?[a-z0-9.-]+(:\d{1,5}|:\*)?", re.IGNORECASE)
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)

# What no page of ours ever asks a browser for.
_UNUSED = (
    *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid"),
    *("magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # addresses hold Views and the notes of talks
    "permissions-policy": ", ".join(f"{name}=()" for name in _UNUSED),
}
_DOCUMENT = {"cross-origin-opener-policy": "same-origin"}
# What is no document runs nothing, should a browser ever show it as one.
_INERT = "default-src 'none'; frame-ancestors 'none'"


def page_policy(document: str) -> str:
    """The Content-Security-Policy of the document that all pages are: the scripts written into it, and what is ours."""
    hashes = (b64encode(sha256(script.encode()).digest()).decode() for script in _INLINE.findall(document))
    rules = {
        "default-src": "'none'",
        # The framework imports the scripts of its small components (the map's, the presentation's) from blobs; its
        # library for messages counts in WebAssembly, which runs no script.
        "script-src": " ".join(("'self'", *(f"'sha256-{each}'" for each in hashes), "blob:", "'wasm-unsafe-eval'")),
        "style-src": "'self' 'unsafe-inline'",  # Emotion, Plotly and deck.gl write styles as they draw
        "img-src": "'self' data: blob:",  # a chart that is kept as a picture goes through a blob
        "font-src": "'self' data:",
        "connect-src": "'self' data:",  # the map asks for its marks, which are in the page
        "frame-src": "'self'",  # the preview of a presentation
        "worker-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def ancestors() -> tuple[str, ...]:
    """Who may show our pages in a frame of theirs, apart from ourselves: the sites of `SUNES_FRAME_ANCESTORS`.

    What is no site there is left out, and the log says so: a typing error lets nobody in.
    """
    given = re.split(r"[\s,]+", os.environ.get(ANCESTORS, "").strip())
    for each in filter(None, given):
        if not _SITE.fullmatch(each):
            _LOGGER.warning(
                "%s : « %s » n’est pas l’adresse d’un site (https://intranet.exemple.fr) ; elle est ignorée.",
                ANCESTORS,
                each,
            )
    return tuple(each for each in given if _SITE.fullmatch(each))


def framing() -> str:
    """What to say where embedding is offered and nobody has allowed it; empty: somebody has."""
    if os.environ.get(ANCESTORS):
        return ""
    return f"Ce site ne s’affiche dans un autre que si la personne qui le tient l’autorise ({ANCESTORS})."


class SafeHeaders:
    """ASGI middleware: no answer leaves without them, whoever wrote it; what it says itself stands."""

    def __init__(self, app: ASGIApp, framed_by: Sequence[str] = ()) -> None:
        self._app = app
        self._always = _encoded(_ALWAYS)
        # What says the same to old browsers can name nobody.
        self._document = _encoded(_DOCUMENT | ({} if framed_by else {"x-frame-options": "SAMEORIGIN"}))
        # Beside the policy of the document itself: a browser keeps to both.
        self._frames = (b"content-security-policy", " ".join(("frame-ancestors", "'self'", *framed_by)).encode())
        self._inert = (b"content-security-policy", _INERT.encode())
        self._ours = (b"cross-origin-resource-policy", b"same-origin")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._with(message["headers"])}
                if encrypted:
                    message["headers"] = [_secured(*header) for header in message["headers"]]
            await send(message)

        encrypted = scope["scheme"] == "https"
        await self._app(scope, receive, send_safe)

    def _with(self, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        headers = list(given)
        said = dict(headers)
        headers += [each for each in self._always if each[0] not in said]
        kind = said.get(b"content-type", b"")
        if kind.startswith(b"text/html"):
            headers += self._document
        # Also where a browser is told that what it has is still good (304), and takes over what is said anew.
        if kind.startswith(b"text/html") or b"content-security-policy" in said:
            headers.append(self._frames)
        # A worker obeys the policy of its own script, so scripts have none.
        elif kind and not kind.startswith(b"text/javascript"):
            headers.append(self._inert)
        if b"access-control-allow-origin" not in said:
            headers.append(self._ours)
        return headers


def _secured(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """A cookie that Streamlit would let go over the network in clear, for the sake of old browsers."""
    if name == b"set-cookie" and b"secure" not in value.lower():
        value += b"; Secure"
    return name, value


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
