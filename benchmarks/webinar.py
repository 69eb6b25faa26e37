"""How many people one server serves at once: `python -m benchmarks.webinar --help`.

Every viewer is a websocket session of this process (see `streamlit_client`); the server is another process, on its own,
so that its share of the processors can be told from the viewers'. Nobody thinks between two clicks unless `--think`
says so: the figures are then what the server can do, not what people ask of it.
"""

import asyncio
import gc
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Annotated, Any

import psutil
import typer

from benchmarks import servers
from benchmarks.crowds import crowd, storm, times
from benchmarks.dash_client import DashViewer
from benchmarks.people import MORE, OWN, PAGES, Person, Site
from benchmarks.servers import Server
from benchmarks.streamlit_client import Rerun, Viewer
from benchmarks.tables import CROWD, STORM, USE, Row, table

Visit = Callable[[str], AbstractAsyncContextManager[Site]]

_ALL = "all"
View = tuple[Any, ...]  # what a page shows: its address, and what only its own widgets say
_REFERENCE = re.compile(r"\b[0-9a-f]{8}\b")  # under which an error is in the server's log
_SHOWN = 5  # kinds of errors
_ARRIVAL = 60  # seconds that those who use a page are waited for


@dataclass
class _Measure:
    """What the viewers of one measure saw while it counted."""

    reruns: list[Rerun] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    asked: set[View] = field(default_factory=set)  # before, of the same server
    new: int = 0
    waiting: dict[asyncio.Task[Any] | None, float] = field(default_factory=dict)  # since when

    def add(self, rerun: Rerun, viewer: Site) -> None:
        self.reruns.append(rerun)
        self.errors.update(f"/{viewer.page}: {_REFERENCE.sub('…', error)}" for error in rerun.errors)
        # The address says every filter, or, of an application where it doesn't, all of them are on the screen.
        said = OWN if viewer.query else viewer.widgets
        shown = ((label, viewer.widgets[label].chosen) for label in said if label in viewer.widgets and label != MORE)
        view = (viewer.page, viewer.query, *shown)
        self.new += view not in self.asked
        self.asked.add(view)


def measure(
    server: Server,
    page: str,
    sessions: int,
    seconds: float,
    think: float = 0.0,
    rare: float = 0.1,
    visit: Visit = Viewer,
    asked: set[View] | None = None,
) -> Row:
    """Let so many people use a page (or `all`) at once for so many seconds.

    Everybody arrives first; what counts begins when the last one has the page, or after a minute: who has no page then
    goes on waiting, and counts. It lasts longer, up to six times, while fewer clicks were answered than there are
    people: throughput is what was answered by then. What was asked before the end is waited for, for as long again:
    who has no answer then is `unanswered`, and waited at least that long. `rare` is the share of steps that lead to a
    question which hardly anybody asked before; `new_views` tells what became of it: the share of reruns that showed
    what nobody had `asked` for before.
    """
    seen = _Measure(asked=set() if asked is None else asked)
    return asyncio.run(_measure(server, page, sessions, seconds, think, rare, visit, seen))


async def _measure(
    server: Server, page: str, sessions: int, seconds: float, think: float, rare: float, visit: Visit, seen: _Measure
) -> Row:
    pages = tuple(PAGES.values()) if page == _ALL else (PAGES[page],)
    async with AsyncExitStack() as leaving:
        viewers = [await leaving.enter_async_context(visit(server.url)) for _ in range(sessions)]
        people = [Person(viewer, Random(number), pages, rare) for number, viewer in enumerate(viewers)]
        began = time.perf_counter()
        arriving = [asyncio.create_task(person.arrive()) for person in people]
        await asyncio.wait(arriving, timeout=_ARRIVAL)
        gc.collect()
        gc.disable()  # of this process: a pause here would look like one of the server
        me, over = psutil.Process(), asyncio.Event()
        cpu, own = server.cpu(), sum(me.cpu_times()[:2])
        started = time.perf_counter()
        using = [
            asyncio.create_task(_use(person, arrived, over, think, seen))
            for person, arrived in zip(people, arriving, strict=True)
        ]
        await asyncio.sleep(seconds)
        while len(seen.reruns) < sessions and time.perf_counter() < started + 6 * seconds:
            await asyncio.sleep(0.1)
        over.set()
        lasted, in_time = time.perf_counter() - started, len(seen.reruns)
        cpu, own = server.cpu() - cpu, sum(me.cpu_times()[:2]) - own
        held = server.memory()
        done, late = await asyncio.wait(using, timeout=lasted)
        waiting = {task: time.perf_counter() - since for task, since in seen.waiting.items()}
        gc.enable()
        for task in (*late, *arriving):
            task.cancel()
        for task in done:
            task.result()  # a mistake of this program is none of the server
    taken = [each.seconds for each in seen.reruns] + [waited for task, waited in waiting.items() if task in late]
    return {
        "page": page,
        "sessions": sessions,
        "seconds": lasted,
        "arrival_s": started - began,
        "reruns": len(seen.reruns),
        "reruns_per_s": in_time / lasted,
        **times(taken),
        "errors": seen.errors.total(),
        "unanswered": len(late),
        "kinds_of_errors": dict(seen.errors.most_common(_SHOWN)),
        "new_views": seen.new / max(1, len(seen.reruns)),
        "bytes_per_rerun": statistics.fmean([each.size for each in seen.reruns] or [0]),
        "messages_per_rerun": statistics.fmean([each.messages for each in seen.reruns] or [0]),
        "server_cpus": cpu / lasted,
        "cpu_ms_per_rerun": 1000 * cpu / in_time if in_time else None,
        "viewers_cpus": own / lasted,
        "server_mb": held,
    }


async def _use(person: Person, arrived: asyncio.Task[Rerun], over: asyncio.Event, think: float, seen: _Measure) -> None:
    me = asyncio.current_task()
    if arrived.done():
        seen.errors.update(arrived.result().errors)
    else:
        seen.waiting[me] = time.perf_counter() - _ARRIVAL
        seen.add(await arrived, person.viewer)
    while not over.is_set() and person.viewer.connected:
        seen.waiting[me] = time.perf_counter()
        seen.add(await person.act(), person.viewer)
        if think:
            await asyncio.sleep(person.random.expovariate(1 / think))


def tour(server: Server, page: str, people: int, visit: Visit = Viewer) -> set[View]:
    """What people ask for who ask what is going to be asked often: of each process, where there are as many of them."""
    return asyncio.run(_tour(server, page, people, visit))


async def _tour(server: Server, page: str, people: int, visit: Visit) -> set[View]:
    seen = _Measure()

    async def walk(viewer: Site, page: str) -> None:
        async for rerun in Person(viewer, Random(), (page,)).tour():
            seen.add(rerun, viewer)

    pages = tuple(PAGES.values()) if page == _ALL else (PAGES[page],)
    async with AsyncExitStack() as leaving:
        viewers = [await leaving.enter_async_context(visit(server.url)) for _ in range(people)]
        for one in pages:
            await asyncio.gather(*(walk(viewer, one) for viewer in viewers))
    return seen.asked


def steps(
    page: str = "overview",
    sessions: Sequence[int] = (1, 20, 100),
    seconds: float = 10,
    think: float = 0,
    rare: float = 0.1,
    url: str = "",
    script: str = "app.py",
    storming: int = 0,
    idle: int = 0,
    leave: float = 0,
    warm: int = 0,
) -> Iterator[tuple[str, Row]]:
    """Measure one thing after the other: « use », « storm » or « crowd », and its row. See `main`."""
    dash = script.endswith("dash_app.py")
    app = {"app": "sunes" if script == "app.py" else "Dash" if dash else "plain Streamlit"}
    for each in (*PAGES,) if page == "each" else (page,):
        if sessions:
            with _server(url, servers.dash() if dash else servers.streamlit(script)) as server:
                visit: Visit = DashViewer if dash else Viewer
                asked = tour(server, each, warm, visit)
                for count in sessions:
                    row = measure(server, each, count, seconds, think, rare, visit, asked)
                    yield "use", {**app, **row}
        # A person who follows a link arrives at one page.
        one = "overview" if each == _ALL else each
        if storming:
            with _server(url, servers.counted()) as server:
                yield "storm", {**app, **storm(server, one, storming)}
        if idle:
            with _server(url, servers.streamlit(script)) as server:
                yield "crowd", {**app, **crowd(server, one, idle, leave)}


def _server(url: str, otherwise: AbstractContextManager[Server]) -> AbstractContextManager[Server]:
    return servers.given(url) if url else otherwise


def main(
    page: Annotated[
        str, typer.Option(help=f"{', '.join(PAGES)}; « all »: people change pages; « each »: one after the other")
    ] = "overview",
    sessions: Annotated[str, typer.Option(help="people at once, one measure each: 1,20,100; none: 0")] = "1,20,100",
    seconds: Annotated[float, typer.Option(help="for one measure")] = 10,
    think: Annotated[float, typer.Option(help="mean seconds between an answer and the next click")] = 0,
    rare: Annotated[float, typer.Option(help="share of clicks that ask what hardly anybody asked before")] = 0.1,
    storm: Annotated[int, typer.Option(help="people who open one link within ten seconds, cold caches")] = 0,
    idle: Annotated[int, typer.Option(help="people who keep a page open: memory per session")] = 0,
    leave: Annotated[float, typer.Option(help="seconds to wait for their memory once they left")] = 0,
    warm: Annotated[int, typer.Option(help="people who ask every ordinary question once before it counts")] = 0,
    url: Annotated[str, typer.Option(help="a server of this machine, instead of one for each page")] = "",
    script: Annotated[
        str, typer.Option(help="another application with the same widgets: one of benchmarks/peers")
    ] = "app.py",
    jsonl: Annotated[str, typer.Option("--json", help="a file to add the rows to, one JSON object a line")] = "",
) -> None:
    """How many people one server serves at once."""
    servers.allow_many_files()
    counts = [int(count) for count in sessions.split(",") if int(count)]
    last = ""
    for kind, row in steps(page, counts, seconds, think, rare, url, script, storm, idle, leave, warm):
        *head, line = table([row], {"use": USE, "storm": STORM, "crowd": CROWD}[kind]).splitlines()
        if kind != last:
            print("", *head, sep="\n")
        last = kind
        print(line, flush=True)
        for error, number in row.get("kinds_of_errors", {}).items():
            print(f"  {number} × {error}", file=sys.stderr)
        if jsonl:
            with Path(jsonl).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"kind": kind, **row}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    typer.run(main)
