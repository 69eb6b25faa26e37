"""What the first visitor after a start or a publication would wait for is counted ahead."""

import asyncio
import logging
from contextlib import suppress

from sunes import engine, metrics, roster
from sunes.access.people import EVERYTHING
from sunes.errors import DataError
from sunes.snapshots import Snapshot
from sunes.ui import data
from sunes.view import View

_LOGGER = logging.getLogger(__name__)

# The establishments of so many of the newest snapshots are listed too, one after the other, so that visitors who come
# meanwhile have the processor.
_LISTED = 12
_PAUSE = 0.5  # seconds


async def count(done: asyncio.Event, seconds: float = 5.0) -> None:
    """Count ahead now, and again each time when what the store says has changed; sets `done` after the first time."""
    counted, unlisted = None, list[Snapshot]()
    while True:
        # What is wrong with the data is told to those who ask for them.
        with suppress(DataError):
            if (state := data.store().generation()) != counted:
                unlisted = [*await asyncio.to_thread(_count)][-_LISTED:]
                counted = state
                if unlisted:
                    await asyncio.to_thread(_list, unlisted.pop())
        done.set()
        while unlisted:
            await asyncio.sleep(_PAUSE)
            with suppress(DataError):
                await asyncio.to_thread(_list, unlisted.pop())
        await asyncio.sleep(seconds)


def _count() -> tuple[Snapshot, ...]:
    """The sound snapshots in force, counted."""
    if sound := engine.sound(data.store().history())[0]:
        metrics.prepare(sound, data.programme())
        _LOGGER.info("%d situations comptées d’avance", len(sound))
    return sound


def _list(snapshot: Snapshot) -> None:
    roster.roster(engine.frames([snapshot], EVERYTHING), View(), data.programme())
