"""The way to the OpenID provider and back: Streamlit's own, with a return to the View and failures told in French."""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.web.server.starlette.starlette_server_config import AUTH_COOKIE_MAX_AGE_SECONDS, USER_COOKIE_NAME

from sunes.access.claims import Claims
from sunes.access.journal import What
from sunes.access.rules import rules
from sunes.errors import DataError
from sunes.french import typographic
from sunes.snapshots import Store
from sunes.ui.access import sessions, userinfo
from sunes.ui.access.providers import CALLBACK

_LOGGER = logging.getLogger(__name__)

_LOGIN, _LOGOUT = "/auth/login", "/auth/logout"
_BACK = "sunes_back"
_MINUTES = 10  # for signing in at the provider
_PAGE = Path(__file__).with_name("failed.html").read_text("utf-8")

_AGAIN = "si cela se répète, prévenez la personne qui administre ce site."
_UNREACHABLE = f"Le service de connexion ne répond pas. Réessayez dans quelques minutes ; {_AGAIN}"
_ABANDONED = "La connexion a été abandonnée, ou refusée par le service de connexion."
_DECLINED = f"Le service de connexion n’a pas voulu de cette demande. Réessayez ; {_AGAIN}"
_UNTRUSTED = f"La réponse du service de connexion n’a pas pu être vérifiée. Réessayez ; {_AGAIN}"


class Entrance:
    """ASGI middleware round Streamlit's routes of signing in.

    The page where somebody began is known by the `Referer`, which browsers send within a site; without it, one comes
    back to the first page. It waits in a cookie, and only ever leads to a path of this site.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(_base()) if scope["type"] == "http" else ""
        if path not in (_LOGIN, _LOGOUT, CALLBACK):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        # A provider also leads here after signing out, with nothing to say. A link on another site signs nobody out.
        led = path == CALLBACK and not request.query_params.keys() & {"code", "error", "state"}
        if led or (path == _LOGOUT and request.headers.get("sec-fetch-site") == "cross-site"):
            await RedirectResponse(safe(""), 302)(scope, receive, send)
            return
        start, parts = await self._answer(scope, receive)
        headers = MutableHeaders(raw=start["headers"])
        failed: Response | None = None
        if path == _LOGIN:
            if start["status"] >= 400:
                failed = _failure(503, _UNREACHABLE, came_from(request.headers))
            else:
                _set(headers, _BACK, quote(came_from(request.headers), safe=""), _MINUTES * 60)
        elif path == _LOGOUT:
            await _leave(sessions.claims(request.cookies))
        else:
            failed = await _return(request, headers)
        if failed:
            _LOGGER.warning("Connexion refusée (%s, %s).", path, failed.status_code)
            for cookie in headers.getlist("set-cookie"):
                failed.headers.append("set-cookie", cookie)
            headers = failed.headers
            start, parts = {**start, "status": failed.status_code}, [bytes(failed.body)]
        if scope["scheme"] == "https":
            _secure(headers)
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": b"".join(parts)})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[Message, list[bytes]]:
        """What Streamlit answers: a few hundred bytes."""
        start: list[Message] = []
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.append(message)
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, keep)
        return start[0], parts


async def _return(request: Request, headers: MutableHeaders) -> Response | None:
    """Lead back to where somebody began; or a page that says why they are not signed in."""
    back = safe(unquote(request.cookies.get(_BACK, "")))
    given = dict(_cookies(headers))
    if given.get(USER_COOKIE_NAME):
        return await _welcome(headers, given, back)
    if wrong := request.query_params.get("error"):
        return _failure(403, _ABANDONED if wrong == "access_denied" else _DECLINED, back)
    # Somebody who is signed in went back to this address in their browser.
    if USER_COOKIE_NAME not in given and sessions.claims(request.cookies):
        return None
    return _failure(403, _UNTRUSTED, back)


async def _welcome(headers: MutableHeaders, given: Mapping[str, str], back: str) -> Response | None:
    """Let somebody in whose token is right: with what is to be known of them, and nothing more."""
    claims, tokens = sessions.claims(given), sessions.tokens(given)
    _forget(headers)
    try:
        claims = await _completed(claims, tokens)
    except userinfo.UserinfoError as error:
        _LOGGER.warning("Le fournisseur d’identité n’a pas dit qui se connecte (%s).", error)
        return _failure(403, _UNTRUSTED, back)
    headers["location"] = back
    # The other token was for asking; this one is for signing out.
    made = sessions.cookies(claims, {"id_token": tokens.get("id_token", "")})
    for name, value in made.items():
        _set(headers, name, value, AUTH_COOKIE_MAX_AGE_SECONDS)
    _set(headers, _BACK, "", 0)
    await _note(sessions.claims(made), What.SIGNED_IN)
    return None


async def _completed(claims: Claims, tokens: Mapping[str, str]) -> Claims:
    """What is to be kept of somebody. Raises UserinfoError."""
    try:
        sign_in = rules().sign_in
    except DataError:
        return claims  # the pages say what is wrong
    if userinfo.lacks(claims, sign_in) and "access_token" in tokens:
        claims = await userinfo.ask(str(claims["provider"]), tokens["access_token"], claims)
    return userinfo.kept(claims, sign_in)


async def _leave(claims: Claims) -> None:
    if claims:
        await _note(claims, What.SIGNED_OUT)
        await asyncio.to_thread(sessions.end, claims)


async def _note(claims: Claims, what: What) -> None:
    await asyncio.to_thread(lambda: Store.default().journal.note(sessions.account(claims).person, what))


def _failure(status: int, sentence: str, back: str) -> Response:
    text = _PAGE.replace("{sentence}", escape(typographic(sentence))).replace("{back}", escape(back))
    return HTMLResponse(text, status, {"cache-control": "no-store"})


def came_from(headers: Headers) -> str:
    """The path of this site, with its View, that a request was made from."""
    page = urlsplit(headers.get("referer", ""))
    if page.netloc != headers.get("host"):
        return safe("")
    return safe(f"{page.path}?{page.query}" if page.query else page.path)


def safe(path: str) -> str:
    """A path of a page of this site: another one's address begins with two slashes, or is read so by browsers."""
    first = f"{_base()}/"
    inside = path.startswith(first) and re.fullmatch(r"/(?![/\\])[!-~]*", path) and "\\" not in path
    ours = (f"{_base()}{each}" for each in (_LOGIN, _LOGOUT, CALLBACK))
    return path if inside and not path.startswith(tuple(ours)) else first


def _base() -> str:
    """What all addresses of this site begin with, without the slash at its end."""
    folder = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{folder}" if folder else ""


def _set(headers: MutableHeaders, name: str, value: str, seconds: int) -> None:
    path = _base() or "/"  # as Streamlit writes it, or it could not take its own back
    headers.append("set-cookie", f"{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=lax")


def _forget(headers: MutableHeaders) -> None:
    """Take out the cookies of signing in that an answer was to set."""
    headers.raw[:] = [
        (name, value)
        for name, value in headers.raw
        if name != b"set-cookie" or not sessions.is_part(value.decode("latin-1").partition("=")[0])
    ]


def _cookies(headers: MutableHeaders) -> Sequence[tuple[str, str]]:
    """Names and values of the cookies that an answer sets; those that it takes back are empty."""
    pairs = [cookie.split(";", 1)[0].partition("=") for cookie in headers.getlist("set-cookie")]
    return [(name, value.strip('"')) for name, _, value in pairs]


def _secure(headers: MutableHeaders) -> None:
    """Cookies set over TLS never travel without. Streamlit leaves that out, for the sake of http://localhost."""
    headers.raw[:] = [
        (name, value + b"; Secure" if name == b"set-cookie" and b"; secure" not in value.lower() else value)
        for name, value in headers.raw
    ]
