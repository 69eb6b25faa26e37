"""How often one address may ask: the same figures for nginx (`deploy/site.conf.jinja`) and for a process without it."""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil


@dataclass(frozen=True, slots=True)
class Rate:
    """A number of requests at once, then so many a second.

    A whole agency is behind one address: 300 people who open a page, sign in and take a file away within ten seconds
    pass all of these. A program that asks in a loop doesn't.
    """

    at_once: int
    per_second: int


RATES = {
    "data": Rate(at_once=400, per_second=20),  # open data, and files of presentations
    "screen": Rate(at_once=900, per_second=20),  # presentations; a link leads on to the one that stays as it is
    "login": Rate(at_once=900, per_second=10),  # each takes two or three requests
    "stream": Rate(at_once=1000, per_second=60),  # all of them come back when a process is restarted
}
STREAMS = 2000  # websockets that are open at the same time


class Buckets:
    """How much of a rate each address has left. Remembers a bounded number of them, those that asked last."""

    def __init__(self, rate: Rate, most: int = 10_000) -> None:
        self._rate = rate
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and when

    def take(self, address: str, now: float) -> int:
        """Count a request at a moment (seconds). 0 where it may pass, else the seconds after which to ask again."""
        rate = self._rate
        left, then = self._left.pop(address, (float(rate.at_once), now))
        left = min(float(rate.at_once), left + (now - then) * rate.per_second)
        passes = left >= 1
        self._left[address] = (left - passes, now)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return 0 if passes else ceil((1 - left) / rate.per_second)


def asker(address: str) -> str | None:
    """Whom requests from an address are counted for: somebody's network in IPv6, of which each has a /64.

    None for this machine itself, which is not counted.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return address  # no address of the network: a test, or a proxy that says nothing
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is None:
            return None if ip.is_loopback else str(IPv6Address(int(ip) >> 64 << 64))
        ip = ip.ipv4_mapped
    return None if ip.is_loopback else str(ip)
