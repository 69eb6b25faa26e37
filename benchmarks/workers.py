"""What more processes bring, and what a dead one takes with it: `python -m benchmarks.workers`.

`python -m sunes serve` with one process behind nginx, then with two: the throughput of the same viewers, who ask what
was asked before and, one click in ten, something else. Then one of two processes is killed while they are at it.
"""

import asyncio
import signal
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Annotated, Any
from urllib.request import urlopen

import typer

from benchmarks import servers
from benchmarks.people import PAGES, Person
from benchmarks.servers import Server
from benchmarks.streamlit_client import Viewer
from benchmarks.tables import USE, Columns, Row, table
from benchmarks.webinar import measure, tour

_KILLED = 1  # the number of the process that is killed, of two


@contextmanager
def serve(workers: int) -> Iterator[Server]:
    """The application behind nginx, once each of its processes answers."""
    command = (sys.executable, "-m", "sunes", "serve", "--address", "127.0.0.1", "--port", "{port}")
    with servers.start((*command, "--workers", str(workers)), "healthz") as server:
        seen: set[str] = set()
        while len(seen) < workers:  # a new visitor is given to the next one that answers
            with urlopen(server.url, timeout=60) as answer:
                seen.add(answer.headers["set-cookie"].split(";")[0])
            time.sleep(0.1)
        yield server


@dataclass
class _Seen:
    """What the viewers of one process saw: milliseconds from a click to the page, and what went wrong."""

    before: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    errors: int = 0


def kill(server: Server, sessions: int, seconds: float) -> Row:
    """Kill one of two processes a third of the way through; who loses the page opens it again, as a browser does."""
    return asyncio.run(_kill(server, sessions, seconds))


async def _kill(server: Server, sessions: int, seconds: float) -> Row:
    async with AsyncExitStack() as leaving:
        viewers = [await leaving.enter_async_context(Viewer(server.url)) for _ in range(sessions)]
        people = [Person(viewer, Random(number), ("",)) for number, viewer in enumerate(viewers)]
        await asyncio.gather(*(person.arrive() for person in people))
        started = time.perf_counter()
        death, end = started + seconds / 3, started + seconds
        staying, back = _Seen(), list[float]()

        async def use(person: Person) -> None:
            taken = list[tuple[float, float]]()
            while time.perf_counter() < end:
                rerun = await person.act()
                if not person.viewer.connected:
                    page, query = person.viewer.page, person.viewer.query
                    viewer = await leaving.enter_async_context(Viewer(server.url))
                    again = await viewer.open(page, query)
                    back.append(time.perf_counter() - death)
                    staying.errors += len(again.errors)
                    return
                staying.errors += len(rerun.errors)
                taken.append((time.perf_counter(), 1000 * rerun.seconds))
            staying.before += [took for at, took in taken if at < death]
            staying.after += [took for at, took in taken if at >= death]

        using = [asyncio.create_task(use(person)) for person in people]
        await asyncio.sleep(seconds / 3)
        _worker(server, _KILLED).send_signal(signal.SIGKILL)
        await asyncio.gather(*using)
    return {
        "sessions": sessions,
        "lost": len(back),
        "errors": staying.errors,
        "p95_before_ms": _p95(staying.before),
        "p95_after_ms": _p95(staying.after),
        "back_p50_s": statistics.median(back or [float("nan")]),
        "back_max_s": max(back or [float("nan")]),
    }


def _worker(server: Server, number: int) -> Any:
    children = server.process.children(recursive=True)
    return next(each for each in children if each.cmdline()[-1].endswith(f"/{number}.sock"))


def _p95(taken: list[float]) -> float:
    return sorted(taken or [float("nan")])[int(0.95 * (len(taken) - 1))]


def steps(page: str = "overview", sessions: int = 100, seconds: float = 10) -> Iterator[tuple[str, Row]]:
    """Measure one thing after the other: « use » with one process and with two, « kill » with two.

    Of « each » page, the first is measured with one process too.
    """
    pages = (*PAGES,) if page == "each" else (page,)
    for workers in (1, 2):
        with serve(workers) as server:
            for one in pages if workers == 2 else pages[:1]:
                asked = tour(server, one, workers)
                yield "use", {"workers": workers, **measure(server, one, sessions, seconds, asked=asked)}
            if workers == 2:
                yield "kill", kill(server, sessions, seconds)


_SHARED = ("page", "sessions", "reruns_per_s", "p50_ms", "p95_ms", "errors", "new_views", "server_cpus", "server_mb")
_COLUMNS: Mapping[str, Columns] = {
    "use": {"workers": ("processes", str), **{key: USE[key] for key in _SHARED}},
    "kill": {
        "sessions": ("sessions", str),
        "lost": ("of the killed process", str),
        "errors": ("errors of all", str),
        "p95_before_ms": ("p95 ms of the others, before", "{:,.0f}".format),
        "p95_after_ms": ("after", "{:,.0f}".format),
        "back_p50_s": ("page back after s, p50", "{:.1f}".format),
        "back_max_s": ("last", "{:.1f}".format),
    },
}


def main(
    page: Annotated[str, typer.Option(help="a page of benchmarks.webinar, or « each »")] = "overview",
    sessions: Annotated[int, typer.Option(help="people at once")] = 100,
    seconds: Annotated[float, typer.Option(help="for one measure")] = 10,
) -> None:
    """What more processes bring, and what a dead one takes with it."""
    servers.allow_many_files()
    last = ""
    for kind, row in steps(page, sessions, seconds):
        *head, line = table([row], _COLUMNS[kind]).splitlines()
        if kind != last:
            print("", *head, sep="\n")
        last = kind
        print(line, flush=True)


if __name__ == "__main__":
    typer.run(main)
