"""What the first visitor after a start or a publication would wait for is counted ahead."""

import asyncio
import logging
from contextlib import suppress

from sunes import engine, metrics
from sunes.errors import DataError
from sunes.ui import data

_LOGGER = logging.getLogger(__name__)


async def count(seconds: float = 5.0) -> None:
    """Count ahead now, and again each time when what the store says has changed."""
    counted = None
    while True:
        # What is wrong with the data is told to those who ask for them.
        with suppress(DataError):
            if (state := data.store().generation()) != counted:
                await asyncio.to_thread(_count)
                counted = state
        await asyncio.sleep(seconds)


def _count() -> None:
    if sound := engine.sound(data.store().history())[0]:
        metrics.prepare(sound, data.programme())
        _LOGGER.info("%d situations comptées d’avance", len(sound))
