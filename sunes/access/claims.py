"""Who somebody is by what an OpenID provider says of them (its claims), under the rules of a deployment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from sunes import geography
from sunes.access.people import VISITOR, Person, Role
from sunes.access.rules import Grant, Rules

Claims = Mapping[str, Any]

_SKEW = 120  # seconds that the clock of a provider may be ahead of ours
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


class Standing(StrEnum):
    """What becomes of a sign-in. All but SIGNED_IN leave a visitor."""

    NONE = "none"
    SIGNED_IN = "signed-in"
    EXPIRED = "expired"
    ENDED = "ended"
    REFUSED = "refused"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody, and how they stand."""

    person: Person = VISITOR
    standing: Standing = Standing.NONE


NOBODY = Account()


def recognise(claims: Claims, rules: Rules, at: float, client: str | None = None) -> Account:
    """Who signed in.

    A sign-in is as old as its token (`iat`), not as the password that was given once for many sites (`auth_time`): who
    signs in again would otherwise be sent back at once. `exp` says until when a token may be handed in, some minutes;
    that was checked when it was.

    Parameters
    ----------
    claims
        Those of a token whose signature, issuer and nonce were checked at sign-in.
    at
        The time, in seconds since 1970.
    client
        Whom the token has to be for; None: not known.
    """
    issued = claims.get("iat")
    if not isinstance(issued, int | float) or isinstance(issued, bool) or not isfinite(issued):
        return Account(standing=Standing.INVALID)
    if issued - at > _SKEW or (client is not None and client not in _values(claims.get("aud"))):
        return Account(standing=Standing.INVALID)
    if at - issued > rules.sign_in.hours * 3600:
        return Account(standing=Standing.EXPIRED)
    named = _named(claims, rules.sign_in.identity)
    identity = named or _text(claims.get("sub"))
    grant = _grant(claims, rules, named) if identity else None
    if grant is None:
        return Account(standing=Standing.REFUSED)
    return Account(Person(grant.role, identity, _name(claims, rules) or identity, grant.regions), Standing.SIGNED_IN)


def _named(claims: Claims, path: str) -> str:
    """What the rules may know somebody by; not an address that the provider has not verified: it may be anybody's."""
    unverified = path == "email" and claims.get("email_verified", True) not in (True, "true")
    return "" if unverified else _text(_claim(claims, path))


def _name(claims: Claims, rules: Rules) -> str:
    """The name, put together where the provider only has its parts."""
    parts = (claims.get("given_name"), claims.get("family_name") or claims.get("usual_name"))
    return _text(_claim(claims, rules.sign_in.name)) or " ".join(filter(None, map(_text, parts)))


def _grant(claims: Claims, rules: Rules, named: str) -> Grant | None:
    """What the file says of this person or, of those that it doesn't name, the provider."""
    known = rules.known.get(named.casefold())
    # Folded, « ſ » is an s: an address that is spelt with it would be somebody else's.
    if known and known.id.translate(_SMALL) == named.translate(_SMALL):
        return known
    sign_in = rules.sign_in
    roles = [sign_in.roles[value] for value in _values(_claim(claims, sign_in.role)) if value in sign_in.roles]
    role = max(roles, key=lambda role: role.rank, default=sign_in.default)
    if role is None or role is Role.VISITOR:
        return None
    regions = _values(_claim(claims, sign_in.regions)) & geography.regions().keys()
    return Grant.model_construct(role=role, regions=frozenset(regions))


def _claim(claims: Claims, path: str) -> Any:
    """A claim of that very name, or what the dots of the path lead to."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _values(claim: Any) -> set[str]:
    """The values of a claim: those of a list, or of a text that spaces, commas or semicolons divide."""
    if isinstance(claim, list | tuple):
        return {_text(value) for value in claim} - {""}
    text = _text(claim)
    return {text, *re.split(r"[\s,;]+", text)} - {""}


def _text(value: Any) -> str:
    """A text or a whole number as text; anything else is no name of anything."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()
