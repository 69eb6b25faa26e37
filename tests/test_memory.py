"""Under memory pressure a server lets go of what it keeps, says so once, and goes on."""

import asyncio
import logging

import pytest

from sunes.errors import UsageError
from sunes.ui.server import memory
from sunes.ui.shared import Shelf

MOST = 500 << 20


def watched(monkeypatch: pytest.MonkeyPatch, taken: list[int], shelf: Shelf) -> list[int]:
    """Let the watch see these amounts, one after the other; returns how often the shelf had been filled at each."""
    made: list[int] = []

    def measured() -> int:
        shelf.get("thing", lambda: made.append(1))
        seen.append(len(made))
        if not taken:
            raise asyncio.CancelledError
        return taken.pop(0) << 20

    seen: list[int] = []
    monkeypatch.setattr(memory, "taken", measured)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(memory.watch(MOST, seconds=0))
    return seen


def test_what_is_kept_is_let_go_while_too_much_is_taken(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    assert watched(monkeypatch, [400, 600, 400, 400], Shelf(10)) == [1, 1, 2, 2, 2]
    assert [record.getMessage() for record in caplog.records] == [
        "Mémoire : 600 Mo pris sur 500 ; ce qui était gardé est libéré, les pages sont plus lentes un moment."
    ]


def test_a_lasting_pressure_is_told_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    watched(monkeypatch, [600, 700, 600, 400, 600], Shelf(10))
    assert len(caplog.records) == 2


def test_the_limit_can_be_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_MEMORY", "4000")
    assert memory.limit() == 4000 << 20
    monkeypatch.setenv("SUNES_MEMORY", "4 Go")
    with pytest.raises(UsageError, match="4 Go"):
        memory.limit()


def test_without_a_statement_it_is_a_share_of_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUNES_MEMORY", raising=False)
    assert 0 < memory.taken() < memory.limit()
