"""Many people who come at once, or who stay: a storm on a link that was just sent, and what a crowd leaves behind."""

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from random import Random
from urllib.request import urlopen

from benchmarks.people import PAGES
from benchmarks.servers import Server
from benchmarks.streamlit_client import Rerun, Viewer
from benchmarks.tables import Row

_SHOWN = 5  # kinds of errors
_AHEAD = 10  # seconds in which a server makes what it makes ahead, visitors or not
_BACK = 1.2  # of the memory before they came
_HELD = 20  # seconds of idleness
_AT_THE_DOOR = 20  # arrive at once where it is not arriving that is measured
_PATIENCE = 120  # seconds that somebody waits for a page


def storm(server: Server, page: str, sessions: int, within: float = 10.0, query: str = "") -> Row:
    """Let so many people open the same link to a page, each at a moment of its own within so many seconds.

    On a server that has just started the caches are cold. How often the same was computed can be told of
    `servers.counted()` only.
    """
    return asyncio.run(_storm(server, page, sessions, within, query))


async def _storm(server: Server, page: str, sessions: int, within: float, query: str) -> Row:
    random = Random(sessions)
    cpu, started = server.cpu(), time.perf_counter()
    async with AsyncExitStack() as leaving:  # nobody leaves before everybody has seen the page

        async def arrive(after: float) -> Rerun:
            await asyncio.sleep(after)
            clicked = time.perf_counter()
            try:
                viewer = await leaving.enter_async_context(Viewer(server.url))
                rerun = await asyncio.wait_for(viewer.open(PAGES[page], query), _PATIENCE)
            except (OSError, TimeoutError) as error:
                rerun = Rerun(0, 0, 0, 0, (type(error).__name__,))
            return replace(rerun, seconds=time.perf_counter() - clicked)  # the handshake included

        seen = await asyncio.gather(*(arrive(random.uniform(0, within)) for _ in range(sessions)))
        ended = time.perf_counter() - started
        cpu = server.cpu() - cpu
    errors = Counter(error for rerun in seen for error in rerun.errors)
    return {
        "page": page,
        "sessions": sessions,
        "within_s": within,
        **times([each.seconds for each in seen]),
        "last_s": ended,
        "errors": errors.total(),
        "kinds_of_errors": dict(errors.most_common(_SHOWN)),
        "server_cpu_s": cpu,
        **_computations(server),
    }


def _computations(server: Server) -> Row:
    with suppress(OSError), urlopen(f"{server.url}/computations", timeout=10) as answer:
        counts: Row = json.load(answer)
        return counts
    return {}


def crowd(server: Server, page: str, sessions: int, leave: float = 0.0) -> Row:
    """Let so many people open a page and keep it open: what each costs in memory, and what stays when they leave.

    Every one of them has seen the page. Memory is compared with that of the same server after
    one viewer saw it, and once it has made what it makes ahead. Once
    they left somebody comes by every ten seconds, for so many seconds at most (`leave`): Streamlit keeps the sessions
    of those who left, 128 at most and for `server.disconnectedSessionTTL` seconds, and clears them when others come.
    """
    return asyncio.run(_crowd(server, page, sessions, leave))


async def _crowd(server: Server, page: str, sessions: int, leave: float) -> Row:
    await _come_by(server, page)
    await asyncio.sleep(_AHEAD)
    await _come_by(server, page)
    before = server.memory()
    errors: Counter[str] = Counter()
    gate = asyncio.Semaphore(_AT_THE_DOOR)
    async with AsyncExitStack() as leaving:

        async def arrive() -> Viewer:
            async with gate:
                viewer = await leaving.enter_async_context(Viewer(server.url))
                errors.update((await viewer.open(PAGES[page])).errors)
                return viewer

        viewers = await asyncio.gather(*(arrive() for _ in range(sessions)))
        cpu, started = server.cpu(), time.perf_counter()
        await asyncio.sleep(_HELD)
        cpu = (server.cpu() - cpu) / (time.perf_counter() - started)
        held = server.memory()
        lost = sum(not viewer.connected for viewer in viewers)
        clicks = [await viewer.open(PAGES[page]) for viewer in Random(1).sample(viewers, min(20, sessions))]
    left, after = time.perf_counter(), server.memory()
    back = None
    while leave and time.perf_counter() - left < leave:
        await asyncio.sleep(10)
        await _come_by(server, page)
        after = server.memory()
        if after <= _BACK * before:
            back = time.perf_counter() - left
            break
    return {
        "page": page,
        "sessions": sessions,
        "errors": errors.total() + lost,
        "before_mb": before,
        "held_mb": held,
        "kb_per_session": 1000 * (held - before) / sessions,
        "idle_cpus": cpu,
        "click_p50_ms": times(each.seconds for each in clicks)["p50_ms"],
        "after_mb": after,
        "after_share": after / before,
        "back_s": back,
    }


async def _come_by(server: Server, page: str) -> None:
    async with Viewer(server.url) as viewer:
        await viewer.open(PAGES[page])


def times(seconds: Iterable[float]) -> dict[str, float | None]:
    """Median, 95 % and longest of some waits, in milliseconds; None of none."""
    taken = sorted(1000 * each for each in seconds)
    if not taken:
        return {"p50_ms": None, "p95_ms": None, "max_ms": None}
    return {"p50_ms": statistics.median(taken), "p95_ms": taken[int(0.95 * (len(taken) - 1))], "max_ms": taken[-1]}
