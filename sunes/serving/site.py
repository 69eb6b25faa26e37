"""What nginx is told: one template for a machine of one's own and for a server (`deploy/`)."""

import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sunes.errors import UsageError
from sunes.serving.pace import RATES, STREAMS

ROOT = Path(__file__).resolve().parents[2]
_DEPLOY = ROOT / "deploy"
_TEMPLATES = Environment(
    loader=FileSystemLoader(_DEPLOY),
    autoescape=False,  # what is written is no HTML
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class Worker:
    """One process of the application: its number, from 1, and the Unix socket that it listens on."""

    number: int
    socket: Path


@dataclass(frozen=True, slots=True)
class Site:
    """An address and the processes behind it.

    Attributes
    ----------
    listen
        What nginx listens on, as it writes it: `127.0.0.1:8501`, `443 ssl http2`.
    name
        The host name, `_` for any.
    certificate, key
        Of TLS. Without them, the site is served in clear.
    """

    workers: Sequence[Worker]
    listen: Sequence[str]
    name: str = "_"
    certificate: Path | None = None
    key: Path | None = None


def workers(number: int, sockets: Path) -> tuple[Worker, ...]:
    """The processes whose sockets are in a folder."""
    return tuple(Worker(each, sockets / f"{each}.sock") for each in range(1, number + 1))


def assets() -> Path:
    """The folder whose `static/` has the scripts, styles and fonts of every page."""
    found = find_spec("streamlit")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).with_name("static")


def server_setting(name: str) -> Any:
    """An option of the section [server] of `.streamlit/config.toml`, as a variable may override it from outside."""
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in name)
    given = os.environ.get(f"STREAMLIT_SERVER_{words}".upper())
    if given is not None:
        return tomllib.loads(f"value = {given}")["value"]
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["server"][name]


def site_file(site: Site) -> str:
    """What goes into `/etc/nginx/sites-available`."""
    return _TEMPLATES.get_template("site.conf.jinja").render(_values(site))


def whole_file(site: Site, run: Path, connections: int) -> str:
    """The configuration of an nginx that serves nothing else and writes nowhere but to the folder `run`."""
    # Its workers would otherwise become somebody who has no access to that folder.
    user = "root" if os.geteuid() == 0 else ""
    values = _values(site) | {"run": run, "user": user, "connections": connections}
    return _TEMPLATES.get_template("nginx.conf.jinja").render(values)


def _values(site: Site) -> dict[str, Any]:
    return {
        "workers": site.workers,
        "listen": site.listen,
        "name": site.name,
        "certificate": site.certificate,
        "key": site.key,
        "assets": assets(),
        "pages": _DEPLOY,
        "upload_megabytes": server_setting("maxUploadSize"),
        "rates": RATES,
        "streams": STREAMS,
        "proxies": _proxies(),
    }


def _proxies() -> tuple[str, ...]:
    """The servers in front of nginx, if any, whose word on who asks is taken: `SUNES_PROXIES`, addresses or networks.

    Raises UsageError where one is no address.
    """
    given = re.split(r"[\s,]+", os.environ.get("SUNES_PROXIES", ""))
    try:
        return tuple(str(ip_network(each)) for each in given if each)
    except ValueError:
        raise UsageError(
            f"SUNES_PROXIES vaut « {' '.join(given)} » ; indiquez les adresses des serveurs qui sont devant, "
            "par exemple « 10.0.0.5, 172.17.0.0/16 »."
        ) from None
