"""An OpenID provider that runs beside the tests, and a site whose visitors sign in with it."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

FOLDER = Path(__file__).parent / "openid"

COOKIE_SECRET = "of the tests, and of nothing else"

ACCOUNTS = {
    "lectrice": {"email": "lectrice@exemple.fr", "name": "Lectrice d’essai"},
    "editrice": {
        "email": "editrice@exemple.fr",
        "name": "Éditrice d’essai",
        "realm_access": {"roles": ["autre", "sunes-region"]},
        "regions": "76, 53",
    },
    "nommee": {"email": "Nommee@exemple.fr", "name": "Nommée d’essai"},
    "inconnue": {"email": "inconnue@ailleurs.fr", "name": "Inconnue d’essai", "realm_access": {"roles": ["aucun"]}},
}

RULES = """
closed_pages = ["regions"]
public_data = false

[sign_in]
role = "realm_access.roles"
roles = { sunes-region = "regional_editor", sunes-lecture = "reader" }
default = "refused"

[[people]]
id = "nommee@exemple.fr"
role = "administrator"

[[people]]
id = "lectrice@exemple.fr"
role = "reader"
"""


@dataclass(frozen=True)
class Provider:
    """A provider that does as it is told."""

    url: str

    def tell(self, **how: Any) -> None:
        """Say how it behaves from now on (see `provider.js`); nothing: as it should."""
        content = json.dumps({"accounts": ACCOUNTS} | how).encode()
        with urlopen(Request(f"{self.url}/control", content, method="POST"), timeout=10) as answer:
            assert answer.read() == b"told"


@contextmanager
def provide(redirect_uri: str) -> Iterator[Provider]:
    """Start a provider. Without Node.js or its package the test is skipped, in CI it fails."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("The OpenID provider is not installed: signing in can't be checked (npm ci --prefix tests/openid)")
    with subprocess.Popen(
        (node, "provider.js", redirect_uri), cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            provider = Provider(process.stdout.readline().strip())
            assert provider.url.startswith("http://127.0.0.1:")
            provider.tell()
            yield provider
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def secrets(redirect_uri: str, issuer: str) -> str:
    """The file of secrets of a site that signs in with a provider."""
    return f"""
[auth]
redirect_uri = "{redirect_uri}"
cookie_secret = "{COOKIE_SECRET}"
client_id = "sunes"
client_secret = "secret-of-the-tests"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
client_kwargs = {{ prompt = "login" }}
"""
