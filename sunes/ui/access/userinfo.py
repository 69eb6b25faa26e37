"""What a provider says of somebody beyond their token: its `userinfo`, where some keep all but a number."""

from collections.abc import Mapping
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from streamlit.auth_util import get_secrets_auth_section

from sunes.access.claims import Claims
from sunes.access.rules import SignIn

_SECONDS = 10
_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
# Of the sign-in itself; and what names are put together from.
_KEPT = ("iss", "sub", "aud", "azp", "iat", "nonce", "provider", "origin", "is_logged_in", "email_verified")
_PARTS = ("given_name", "family_name", "usual_name")
_LONGEST = 300  # characters of a text that names something


class UserinfoError(Exception):
    """The provider did not answer, or not with what may be believed."""


def lacks(claims: Claims, sign_in: SignIn) -> bool:
    """Whether the rules look for something that a token does not say."""
    return any(name not in claims and name.split(".")[0] not in claims for name in _wanted(sign_in))


def kept(claims: Claims, sign_in: SignIn) -> dict[str, Any]:
    """The claims that anything here asks for: the others are nobody's business, and make cookies large.

    Texts that are too long to name anything are left out, not cut: what is left could name something else. Roles and
    regions may be long: some providers write all of somebody's into one text.
    """
    names = {*_KEPT, *_PARTS, *_wanted(sign_in), *(name.split(".")[0] for name in _wanted(sign_in))}
    whole = {sign_in.role, sign_in.regions, "email_verified"}  # without the last, an address would count as verified
    return {
        name: value
        for name, value in claims.items()
        if name in names and (name in whole or not isinstance(value, str) or len(value) <= _LONGEST)
    }


async def ask(provider: str, access_token: str, claims: Claims) -> Claims:
    """The claims of a token, and those that the provider adds to them; what the token says stands.

    Raises UserinfoError.
    """
    section = get_secrets_auth_section()
    metadata_url = str(section.get(provider, section)["server_metadata_url"])
    try:
        async with httpx2.AsyncClient(timeout=_SECONDS) as client:
            metadata = (await client.get(metadata_url)).raise_for_status().json()
            if "userinfo_endpoint" not in metadata:
                return claims
            bearer = {"Authorization": f"Bearer {access_token}"}
            answer = (await client.get(metadata["userinfo_endpoint"], headers=bearer)).raise_for_status()
            if answer.headers.get("content-type", "").startswith("application/jwt"):
                keys = (await client.get(metadata["jwks_uri"])).raise_for_status().json()
                found = _signed(answer.text, keys, metadata["issuer"], claims)
            else:
                found = answer.json()
    except (httpx2.HTTPError, JoseError, ValueError, KeyError) as error:
        raise UserinfoError(type(error).__name__) from error
    # Of somebody else, it would be worth nothing (OpenID Connect Core 5.3.2).
    if not isinstance(found, Mapping) or found.get("sub") != claims["sub"]:
        raise UserinfoError("sub")
    return {**found, **claims}


def _signed(text: str, keys: Any, issuer: str, claims: Claims) -> Mapping[str, Any]:
    token = jwt.decode(text, KeySet.import_key_set(keys), algorithms=_SIGNATURES)
    ours, theirs = (_several(each.get("aud")) for each in (claims, token.claims))
    if token.claims.get("iss", issuer) != issuer or (theirs and not ours & theirs):
        raise UserinfoError("iss, aud")
    return token.claims


def _several(audience: Any) -> set[str]:
    return {audience} if isinstance(audience, str) else set(audience or ())


def _wanted(sign_in: SignIn) -> tuple[str, ...]:
    return (sign_in.identity, sign_in.name, sign_in.role, sign_in.regions)
