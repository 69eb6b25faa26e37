"""A server under memory pressure lets go of what it can make again, rather than be killed by its machine."""

import asyncio
import logging
import os
from pathlib import Path

from sunes import counts, roster
from sunes.errors import UsageError
from sunes.ui import shared

_LOGGER = logging.getLogger(__name__)

_MEGABYTE = 1 << 20
# Of what the machine, or the container, has: the rest is for those who share it, and for what is made meanwhile.
_SHARE = 0.6
_GROUP = Path("/sys/fs/cgroup/memory.max")


_HELD = Path("/proc/self/statm")


def limit() -> int:
    """The bytes that this process may take: `SUNES_MEMORY` megabytes, or a share of what there is.

    Raises UsageError when that variable is no number.
    """
    if stated := os.environ.get("SUNES_MEMORY"):
        if not stated.isdecimal():
            raise UsageError(
                f"SUNES_MEMORY vaut « {stated} » ; indiquez un nombre entier de mégaoctets, par exemple 4000."
            )
        return int(stated) * _MEGABYTE
    there_is = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    allowed = _GROUP.read_text().strip() if _GROUP.exists() else "max"
    return int(_SHARE * (there_is if allowed == "max" else min(there_is, int(allowed))))


def taken() -> int:
    """The bytes that this process holds in memory; 0 where the system doesn't say."""
    return int(_HELD.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if _HELD.exists() else 0


async def watch(most: int, seconds: float = 5.0) -> None:
    """Empty the shelves whenever the process takes more than `most` bytes, and say so in the log, once each time."""
    told = False
    while True:
        await asyncio.sleep(seconds)
        if (now := taken()) <= most:
            told = False
            continue
        shared.empty()
        counts.forget()
        roster.forget()
        if not told:
            _LOGGER.warning(
                "Mémoire : %d Mo pris sur %d ; ce qui était gardé est libéré, les pages sont plus lentes un moment.",
                now // _MEGABYTE,
                most // _MEGABYTE,
            )
        told = True
