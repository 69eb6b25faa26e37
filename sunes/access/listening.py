"""Whether a server, and whoever talks to it, are on the same machine: there, everybody may do everything."""

import os
from collections.abc import Iterable
from ipaddress import ip_address

# What servers in between say of for whom they ask: these, and whatever begins with `X-Forwarded-`.
_BETWEEN = {"forwarded", "via", "x-real-ip"}
# What our own nginx (`deploy/site.conf.jinja`) was told of that before it put its own word in its place.
_TOLD_NGINX = "x-sunes-through"


def listens_at_home(address: str | None) -> bool:
    """Whether only programs of this machine reach the server.

    `SUNES_LISTENS` says where it listens, and counts alone: a process behind nginx can't know. Without it,
    `address` does; None, a name or a socket that nobody can judge: elsewhere.
    """
    return is_loopback(os.environ.get("SUNES_LISTENS", address))


def is_from_home(peer: str | None, headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a request was made on this machine, for this machine, as far as it shows.

    A page elsewhere whose name was made to lead here shows by that name. A proxy on the same machine looks like a
    neighbour; most hand on the name of the site or say for whom they ask. One that does neither can't be told from a
    browser: none may stand before a server at home.

    Parameters
    ----------
    peer
        The address it comes from.
    headers
        Names and values, each of them where one is there several times.
    """
    given = [(name.lower(), value) for name, value in headers]
    hosts = [value for name, value in given if name == "host"]
    return (
        is_loopback(peer)
        and bool(hosts)
        and all(is_loopback(_without_port(host)) for host in hosts)
        and not any(_says_of_another(name, value) for name, value in given)
    )


def _says_of_another(name: str, value: str) -> bool:
    if name == _TOLD_NGINX:
        return bool(value)
    if name not in _BETWEEN and not name.startswith("x-forwarded-"):
        return False
    return not all(is_loopback(each) or is_loopback(_without_port(each)) for each in map(str.strip, value.split(",")))


def is_loopback(address: str | None) -> bool:
    """Whether an address or a host name is this machine's for itself: `localhost`, `127.0.0.1`, `::1`."""
    if not address:
        return False
    if address.lower() == "localhost":
        return True
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def _without_port(host: str | None) -> str | None:
    if not host or host.endswith("]"):
        return host
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
