"""Whether a server, and whoever talks to it, are on the same machine: there, everybody may do everything."""

import os
from ipaddress import ip_address


def listens_at_home(address: str | None) -> bool:
    """Whether only programs of this machine reach the server.

    `SUNES_LISTENS` says where it listens, and counts alone: a process behind nginx can't know. Without it,
    `address` does; None, a name or a socket that nobody can judge: elsewhere.
    """
    return is_loopback(os.environ.get("SUNES_LISTENS", address))


def is_from_home(peer: str | None, host: str | None, forwarded: str | None) -> bool:
    """Whether a request was made on this machine, for this machine.

    A proxy of somebody else's on the same machine looks like a neighbour, but hands on the name of the site or says
    for whom it asks; so does a page elsewhere whose name was made to lead here.

    Parameters
    ----------
    peer, host, forwarded
        The address it comes from, the headers `Host` and `X-Forwarded-For`.
    """
    through = forwarded.split(",") if forwarded else ()
    return is_loopback(peer) and is_loopback(_without_port(host)) and all(is_loopback(each.strip()) for each in through)


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
