"""With whom one signs in: the section [auth] of `.streamlit/secrets.toml`, or of the file in `SUNES_SECRETS`."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from streamlit.auth_util import get_secrets_auth_section

from sunes.access.listening import is_loopback
from sunes.errors import DataError, Problem
from sunes.french import join, typographic

SECRETS = "SUNES_SECRETS"
CALLBACK = "/oauth2callback"

_ALONE = "default"  # what Streamlit calls the provider of a section that has but one
_NEEDED = ("client_id", "client_secret", "server_metadata_url")
_SHORTEST = 32  # characters of what signs the cookies that say who somebody is


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider.

    Attributes
    ----------
    id
        What `st.login` takes.
    label
        What people call it; empty where there is but one and nothing says so.
    """

    id: str
    label: str
    client: str


def secrets() -> Mapping[str, Any] | None:
    """What the file that `SUNES_SECRETS` names says; None: Streamlit looks where it always does.

    Raises DataError where it can't be read: a site that was to have a sign-in does not go without.
    """
    place = os.environ.get(SECRETS)
    if not place:
        return None
    try:
        return tomllib.loads(Path(place).read_text("utf-8"))
    except OSError as error:
        raise DataError(
            Problem(f"le fichier que {SECRETS} nomme ne peut pas être lu ({error.strerror}).", place)
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # Its lines hold secrets: none of them is shown.
        raise DataError(Problem(f"le fichier que {SECRETS} nomme n’est pas du TOML.", Path(place).name)) from error


def is_configured() -> bool:
    """Whether anything is said about signing in."""
    return understood().is_configured


def providers() -> tuple[Provider, ...]:
    """Those that are configured, in the order of the file."""
    return understood().providers


def client(provider: object) -> str:
    """Whom tokens of a provider have to be for; empty where there is no such provider."""
    return next((each.client for each in providers() if each.id == provider), "")


def fault() -> str:
    """What is wrong with the configuration, and what to do; empty: nothing. With a fault, nobody is signed in."""
    return understood().fault


@dataclass(frozen=True, slots=True)
class Understood:
    """What is said about signing in, and what is wrong with it."""

    is_configured: bool = False
    providers: tuple[Provider, ...] = ()
    fault: str = ""


@cache
def understood() -> Understood:
    """Once for all: secrets change with a restart."""
    if not get_secrets_auth_section():
        return Understood()
    found = tuple(
        Provider(name, str(each.get("label", "" if name == _ALONE else name)), str(each.get("client_id", "")))
        for name, each in _sections().items()
    )
    return Understood(True, found, _fault())


def _fault() -> str:
    section = get_secrets_auth_section()
    address = urlsplit(str(section.get("redirect_uri", "")))
    lacking = {key for each in _sections().values() or [{}] for key in _NEEDED if not each.get(key)}
    if len(str(section.get("cookie_secret", ""))) < _SHORTEST:
        what = (
            f"« cookie_secret » manque ou est trop court ({_SHORTEST} caractères au moins) ; "
            "la commande « openssl rand -hex 32 » en donne un"
        )
    elif not address.path.endswith(CALLBACK) or not _is_safe(address.scheme, address.hostname):
        what = f"« redirect_uri » doit être l’adresse du site, en https, suivie de {CALLBACK}"
    elif lacking:
        what = f"il manque {join(sorted(lacking))}"
    else:
        return ""
    return typographic(f"La connexion n’est pas ouverte ; dans la section [auth] des secrets, {what}.")


def _sections() -> Mapping[str, Mapping[str, Any]]:
    """What is said of each provider: in the section itself where there is but one, or in sections of it."""
    section = get_secrets_auth_section()
    alone = {_ALONE: section} if "client_id" in section or "server_metadata_url" in section else {}
    named = {name: each for name, each in section.items() if isinstance(each, Mapping) and each.keys() & {*_NEEDED}}
    return alone | named


def _is_safe(scheme: str, host: str | None) -> bool:
    return scheme == "https" or (scheme == "http" and is_loopback(host))
