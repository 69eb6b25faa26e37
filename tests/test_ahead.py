"""A server counts ahead, at its start and whenever something was published; the first visitor waits for nothing."""

import asyncio
import threading
from datetime import date
from pathlib import Path

import pytest

from app import app
from sunes import engine, metrics
from sunes.access.people import EVERYTHING
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.ui.server import ahead, asgi
from sunes.view import View
from tests.rows import application, arrow, establishment, tables

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)


def publish(store: Store, day: date) -> None:
    content = tables([establishment("310000001")], [application("310000001", 1, "dmp")])
    store.publish(day, arrow((day, 1, content))[2], simulated=True)


async def until(reached: list[int], number: int) -> None:
    while len(reached) < number:
        await asyncio.sleep(0.01)


def test_each_publication_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    store, counted = Store(tmp_path), list[int]()
    monkeypatch.setattr(metrics, "prepare", lambda snapshots, programme: counted.append(len(snapshots)))

    async def serve() -> None:
        task = asyncio.create_task(ahead.count(asyncio.Event(), seconds=0.01))
        for number, day in enumerate((MAY, JUNE), 1):
            publish(store, day)
            await asyncio.wait_for(until(counted, number), 60)
        task.cancel()

    asyncio.run(serve())
    assert counted == [1, 2]


def test_the_establishments_of_the_newest_are_listed_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    monkeypatch.setattr(ahead, "_PAUSE", 0)
    store, listed = Store(tmp_path), list[date]()
    for day in (MAY, JUNE):
        publish(store, day)
    monkeypatch.setattr(ahead, "_list", lambda snapshot: listed.append(snapshot.as_of))

    async def serve() -> None:
        task = asyncio.create_task(ahead.count(asyncio.Event(), seconds=60))
        while len(listed) < 2:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(asyncio.wait_for(serve(), 60))
    assert listed == [JUNE, MAY]


@pytest.mark.parametrize("counts", [True, False])
def test_a_server_answers_once_it_has_counted_and_does_not_wait_for_ever(
    counts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    publish(Store(tmp_path), MAY)
    asked, counted = threading.Event(), list[int]()

    def prepare(snapshots: tuple[object, ...], programme: object) -> None:
        if not counts:
            asked.wait(60)
        counted.append(len(snapshots))

    monkeypatch.setattr(metrics, "prepare", prepare)
    monkeypatch.setattr(asgi, "_PATIENCE", 60 if counts else 0.05)

    async def start() -> list[int]:
        async with asgi.lifespan(app):
            before_it_answers = list(counted)
            asked.set()
        return before_it_answers

    assert asyncio.run(start()) == ([1] if counts else [])


def test_a_damaged_snapshot_keeps_nobody_from_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    store = Store(tmp_path)
    for day in (MAY, JUNE):
        publish(store, day)
    (store.resolve("2024-05-31").file("usages")).write_bytes(b"")
    ahead._count()
    answer = metrics.answer(
        engine.frames([store.resolve("2024-06-30")], EVERYTHING), View(), programme=load_programme()
    )
    assert answer.row()["applicants"] == 1


def test_an_empty_store_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    ahead._count()
    assert Store(tmp_path).history() == ()
