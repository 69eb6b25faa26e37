"""Sign-ins as Streamlit keeps them: in a signed cookie of the browser, which any request shows.

A large cookie comes in parts that are signed one by one: nothing of Streamlit's keeps somebody from putting parts of
several sign-ins of theirs together, so that they say what none of them said. A seal over all claims does.

A session that runs goes on with what the cookie said when it began, and a cookie can be copied: which sign-ins ended is
remembered (`sunes.access.ended`).
"""

import hmac
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from time import time
from typing import Any

import streamlit as st
from streamlit import config
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri, set_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import TOKENS_COOKIE_NAME, USER_COOKIE_NAME

from sunes.access.claims import NOBODY, Account, Claims, Standing, recognise
from sunes.access.ended import ended
from sunes.access.people import Person, Role
from sunes.access.rules import rules
from sunes.snapshots import Store
from sunes.ui.access import providers

AT_HOME = Account(Person(Role.ADMINISTRATOR))

_PART = re.compile(rf"({USER_COOKIE_NAME}|{TOKENS_COOKIE_NAME})(_\d+)?", re.ASCII)  # large ones are cut into several
_ATTRIBUTES = 120  # characters that come with each
_LARGEST = 65_536  # characters of all parts; nginx takes fewer
_SEAL = "seal"
_PURPOSE = "sunes: claims of a sign-in"  # the same secret signs cookies and the way to the provider
_UNSEALED = {_SEAL, "origin", "tokens"}  # Streamlit takes `origin` out before pages see it, and may add `tokens`


def account(claims: Claims) -> Account:
    """Who signed in with these claims, those of Streamlit among them (`is_logged_in`, `provider`)."""
    if not claims.get("is_logged_in") or providers.fault():
        return NOBODY
    if not _is_sealed(claims):
        return Account(standing=Standing.INVALID)
    if _name(claims) in ended(Store.default().journal.folder):
        return Account(standing=Standing.ENDED)
    return recognise(_bound(claims), rules(), time(), providers.client(claims.get("provider")))


def claims(cookies: Mapping[str, str]) -> Claims:
    """What the cookies of a request say of who signed in; nothing where another site, or nobody, signed them."""
    said = _content(cookies, USER_COOKIE_NAME)
    return said if said.get("origin") == get_origin_from_redirect_uri() else {}


def tokens(cookies: Mapping[str, str]) -> Mapping[str, str]:
    """What the provider gave for signing in: `id_token`, `access_token`."""
    return _content(cookies, TOKENS_COOKIE_NAME)


def cookies(claims: Claims, tokens: Mapping[str, str]) -> dict[str, str]:
    """The sealed and signed cookies that say so, in as many parts as browsers want."""
    made: dict[str, str] = {}

    def sign(name: str, value: str) -> bytes:
        return create_signed_value(get_cookie_secret(), name, value)

    def keep(name: str, value: str) -> None:
        made[name] = sign(name, value).decode()

    sealed = {**claims, _SEAL: seal(claims, get_origin_from_redirect_uri(), get_cookie_secret())}
    for name, content in ((USER_COOKIE_NAME, sealed), (TOKENS_COOKIE_NAME, tokens)):
        set_cookie_with_chunks(keep, sign, name, dict(content), cookie_attr_size=_ATTRIBUTES)
    return made


def seal(claims: Claims, origin: str | None, secret: str) -> str:
    """What binds the claims of a sign-in to one another and to this site: their HMAC-SHA256, in hexadecimal digits.

    Parameters
    ----------
    origin
        Where this site is (`https://sunes.exemple.fr`); not taken from the claims, because pages are not told it.
    secret
        The one that signs the cookies.
    """
    text = json.dumps([_PURPOSE, origin, _bound(claims)], sort_keys=True)
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def _bound(claims: Claims) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in _UNSEALED}


def _is_sealed(claims: Claims) -> bool:
    right = seal(claims, get_origin_from_redirect_uri(), get_cookie_secret())
    return hmac.compare_digest(str(claims.get(_SEAL)).encode("utf-8", "replace"), right.encode())


def is_part(cookie: str) -> bool:
    """Whether a cookie is one of these, or a part of one."""
    return bool(_PART.fullmatch(cookie))


def _content(cookies: Mapping[str, str], name: str) -> dict[str, Any]:
    signed = tuple(
        (each, value) for each, value in cookies.items() if (part := _PART.fullmatch(each)) and part[1] == name
    )
    if not signed or not providers.is_configured() or sum(len(value) for _, value in signed) > _LARGEST:
        return {}
    try:
        return _read(name, signed, get_cookie_secret())
    except (ValueError, RecursionError):
        return {}


@lru_cache(maxsize=1000)
def _read(name: str, signed: tuple[tuple[str, str], ...], secret: str) -> dict[str, Any]:
    """Raises ValueError where nobody here signed it, or the parts do not belong together: nothing is kept then."""
    cookies = dict(signed)

    def content(part: str) -> bytes | None:
        return decode_signed_value(secret, part, cookies[part].encode("latin-1")) if part in cookies else None

    said = json.loads(get_cookie_with_chunks(content, name) or b"")
    if not isinstance(said, dict):
        raise ValueError(name)
    return said


def end(claims: Claims) -> None:
    """Remember that a sign-in is over: in other tabs, and for whoever kept its cookie. Only one that there was."""
    if _is_sealed(claims):
        ended(Store.default().journal.folder).add(_name(claims))


def _name(claims: Claims) -> str:
    """Of one sign-in: its nonce was made for it."""
    return "\n".join(str(claims.get(part)) for part in ("provider", "sub", "nonce", "iat"))


def listens() -> str | None:
    """Where Streamlit's own server listens; None where another one serves the application, which says nothing of it."""
    by = getattr(config, "_server_mode", "unknown")
    # None: there is no server, as in tests.
    return st.get_option("server.address") if by in (None, "starlette-app", "starlette-app-direct") else None
