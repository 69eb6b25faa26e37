"""The nation on one machine: `python -m benchmarks.nation --help`.

An invented history of 18 regions, 3,090 establishments and 120 weekly snapshots (see `generated`), and multiples of it.
Four tables: `metrics` over the whole history by snapshot, region and volet against the same figures written by hand
(the very same rows, or the measure fails); how that grows; what one View costs on it and on the embedded data; and what
somebody waits for who changes a filter of a page. Every measure is a process of its own, told with the peak of its
resident memory; its files were read once before.
"""

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Annotated, Any

import typer

from benchmarks import by_hand, generated, servers
from benchmarks.people import PAGES
from benchmarks.streamlit_client import Viewer
from benchmarks.tables import Columns, Row, table
from sunes import counts, engine, geography, metrics
from sunes import roster as rosters
from sunes.access.people import EVERYTHING
from sunes.programme import load_programme
from sunes.snapshots import DATA, Store
from sunes.view import View

ROOT = Path(__file__).resolve().parents[1]
BY = ("snapshot", "region", "volet")
MEMORY = "2GB"
LIMIT = 1800  # seconds for one measure
PANDAS_AT_MOST = 3  # times the history: what it takes beyond does not fit into an ordinary machine
_AHEAD = 8  # seconds that a server is given to count what it counts ahead
WAYS = ("scan", "sql", "sunes", "pandas")

HISTORY: Columns = {
    "growth": ("history", "{}×".format),
    "usages": ("usage rows", "{:,}".format),
    "way": ("", str),
    "seconds": ("seconds", "{:.2f}".format),
    "cpu": ("CPU s", "{:.2f}".format),
    "of_sql": ("of SQL by hand", "{:.2f}".format),
    "of_scan": ("of the bare scan", "{:.1f}".format),
    "growth_factor": ("for 10× of 1×", "{:.1f}".format),
    "peak_mb": ("peak MB", "{:,.0f}".format),
    "spilled_mb": ("spilled MB", "{:,.0f}".format),
}
VIEWS: Columns = {
    "view": ("", str),
    "embedded_ms": ("embedded data, ms", "{:.1f}".format),
    "national_ms": ("national, ms", "{:.1f}".format),
    "times": ("times", "{:.1f}".format),
}
CLICKS: Columns = {
    "page": ("another département, on the page", str),
    "embedded_ms": ("embedded data, p50 ms", "{:.0f}".format),
    "national_ms": ("national, p50 ms", "{:.0f}".format),
    "times": ("times", "{:.1f}".format),
}
_NAMES = {
    "scan": "bare Parquet scan (DuckDB)",
    "sql": "SQL by hand (DuckDB)",
    "sunes": "sunes metrics",
    "pandas": "pandas",
    "whole": "sunes metrics, all in one go",
}


# One measure, in a process of its own ---------------------------------------------------------------------------------


def measure(way: str, folder: Path, repeat: int) -> Row:
    """The best of `repeat` runs of one way to the figures, and a fingerprint of its rows."""
    store, programme = Store(folder), load_programme()
    snapshots = store.history()
    last = metrics.answer(engine.frames(snapshots[-1:], EVERYTHING), View(), ("region",), programme=programme)
    targets = by_hand.targets(programme, snapshots, {row["region"] for row in last.rows})
    if way == "whole":
        counts.AT_ONCE = sys.maxsize

    def sunes() -> Sequence[Row]:
        counts.forget()
        return metrics.answer(engine.frames(snapshots, EVERYTHING), View(), BY, programme=programme).rows

    ways: dict[str, Callable[[], Sequence[Row]]] = {
        "scan": lambda: by_hand.scan(store.folder),
        "sql": lambda: by_hand.sql(store.folder, programme, targets, MEMORY),
        "pandas": lambda: by_hand.pandas(store.folder, programme, targets),
        "sunes": sunes,
        "whole": sunes,
    }
    with _Spilling(Path(os.environ["TMPDIR"])) as spilled:
        runs = [_timed(ways[way]) for _ in range(repeat)]
    seconds, cpu, rows = min(runs, key=lambda run: run[0])
    return {
        "way": way,
        "seconds": seconds,
        "cpu": cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "spilled_mb": spilled() / 1e6,
        "rows": by_hand.fingerprint(rows),
    }


def views(folder: Path, repeat: int) -> list[Row]:
    """What the questions of a page cost, in milliseconds: the first time, and after another filter was chosen."""
    programme, snapshots = load_programme(), Store(folder).history()
    last, history = snapshots[-1:], snapshots
    finess = rosters.roster(engine.frames(last, EVERYTHING), View(), programme).lines[10].finess
    region, other = View(regions=("76",)), View(regions=("11",), volet="dmp")

    def ask(shown: Any, view: View, *by: str) -> Callable[[], object]:
        return lambda: metrics.answer(engine.frames(shown, EVERYTHING), view, by, programme=programme)

    def people(view: View) -> Callable[[], object]:
        return lambda: rosters.roster(engine.frames(last, EVERYTHING), view, programme)

    def page(view: View) -> Callable[[], object]:
        asked = [
            ask(last, view, "volet"),
            ask(last, view, "region", "volet"),
            ask(last, view, "window", "volet"),
            ask(history, view, "snapshot", "volet"),
            people(view),
        ]
        return lambda: [each() for each in asked]

    whole = View()
    asked: list[tuple[str, bool, Callable[[], object]]] = [
        ("one answer, first time", True, ask(last, whole, "region", "volet")),
        ("one answer, another region", False, ask(last, region, "volet")),
        ("history, first time", True, ask(history, whole, "snapshot", "volet")),
        ("history, another region", False, ask(history, region, "snapshot", "volet")),
        ("history, another volet", False, ask(history, other, "snapshot", "volet")),
        ("history, two windows, first time", True, ask(history, View(windows=(2, 3)), "snapshot", "volet")),
        ("history of a new snapshot", False, _after_publishing(history, programme)),
        ("establishments, first time", True, people(whole)),
        ("establishments, another region", False, people(region)),
        ("establishments, another volet", False, people(other)),
        (
            "one establishment over time",
            True,
            lambda: rosters.history(engine.frames(history, EVERYTHING), View(finess=(finess,)), programme),
        ),
        ("all that a page asks, another region", False, page(region)),
        ("all that a page asks, another region and volet", False, page(other)),
    ]
    page(whole)()
    rows: list[Row] = []
    for name, first, question in asked:
        if not first:
            question()
        rows.append({"view": name, "ms": min(_first(question, first) for _ in range(repeat)) * 1000})
    rows.append({"view": "kept in memory: cells, MB", "ms": counts.kept() / 1e6})
    rows.append({"view": "kept in memory: establishments of a snapshot, MB", "ms": rosters.kept() / 1e6})
    return rows


def clicks(folder: Path) -> dict[str, float]:
    """Milliseconds to what somebody sees who changes the département on a page, at the median, each asked once."""
    followed = [region.code for region in load_programme().regions]
    codes = [code for code, each in geography.departments().items() if each.region_code in followed]

    async def use(url: str, page: str) -> float:
        async with Viewer(url) as viewer:
            address = f"region={','.join(followed)}"
            seen = [await viewer.open(page, address)]
            seen += [await viewer.go_back(f"{address}&department={code}") for code in codes]
        errors = [error for each in seen for error in each.errors]
        assert not errors, errors
        return 1000 * statistics.median(each.seconds for each in seen[1:])

    with servers.streamlit(SUNES_DATA=str(folder)) as server:
        time.sleep(_AHEAD)
        return {name: asyncio.run(use(server.url, page)) for name, page in PAGES.items()}


def _first(question: Callable[[], object], first: bool) -> float:
    if first:
        counts.forget()
        rosters.forget()
    return _timed(question)[0]


def _after_publishing(history: Sequence[Any], programme: Any) -> Callable[[], object]:
    """The history when all of it was asked for before, but the last snapshot."""

    def ask() -> object:
        return metrics.answer(engine.frames(history, EVERYTHING), View(), ("snapshot", "volet"), programme=programme)

    def again() -> object:
        counts.forget(history[-1])
        return ask()

    return again


def _timed(run: Callable[[], Any]) -> tuple[float, float, Any]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = run()
    return time.perf_counter() - wall, time.process_time() - cpu, found


class _Spilling:
    """Watches a folder while something runs: how many bytes were there at most."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._done, self._most = folder, Event(), 0
        self._watcher = Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            sizes = []
            for file in self._folder.rglob("*"):
                try:
                    sizes.append(file.stat().st_size)
                except OSError:
                    continue  # it is gone already
            self._most = max(self._most, sum(sizes))

    def __enter__(self) -> Callable[[], int]:
        self._watcher.start()
        return lambda: self._most

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watcher.join()


# All of them ----------------------------------------------------------------------------------------------------------


def steps(
    growths: Sequence[int] = (1, 3), snapshots: int = generated.SNAPSHOTS, repeat: int = 3, spill_from: int = 30
) -> Iterator[tuple[str, Row]]:
    """Measure one thing after the other: « history », « click » or « view », and its row. See `main`."""
    first: dict[str, float] = {}
    with TemporaryDirectory(prefix="sunes-") as place:
        for growth in growths:
            folder = Path(place) / f"nation-{growth}"
            store = generated.write(folder, growth, snapshots)
            usages = sum(snapshot.manifest.tables["usages"].rows or 0 for snapshot in store.history())
            ways = [way for way in WAYS if way != "pandas" or growth <= PANDAS_AT_MOST]
            ways += ["whole"] if growth >= spill_from else []
            found = {way: _apart("measure", way, str(folder), str(repeat if growth < 10 else 1)) for way in ways}
            told = {row["rows"] for way, row in found.items() if way != "scan"}
            assert len(told) == 1, {way: row["rows"] for way, row in found.items()}
            for way, row in found.items():
                shown = {
                    "growth": growth,
                    "usages": usages,
                    **row,
                    "way": _NAMES[way],
                    "of_sql": row["seconds"] / found["sql"]["seconds"],
                    "of_scan": row["seconds"] / found["scan"]["seconds"],
                }
                if growth > growths[0] and way in first:
                    # What 10 times the rows would cost: 10 where the growth is linear.
                    ratio = (row["seconds"] / first[way]) / (growth / growths[0])
                    shown["growth_factor"] = 10 * ratio
                first.setdefault(way, row["seconds"])
                yield "history", {key: value for key, value in shown.items() if key != "rows"}
            if growth == 1:
                before, after = (clicks(each) for each in (DATA, folder))
                for page, ms in after.items():
                    yield (
                        "click",
                        {"page": page, "embedded_ms": before[page], "national_ms": ms, "times": ms / before[page]},
                    )
                ours, theirs = (_apart("views", str(each), str(repeat)) for each in (DATA, folder))
                for small, large in zip(ours, theirs, strict=True):
                    yield (
                        "view",
                        {
                            "view": small["view"],
                            "embedded_ms": small["ms"],
                            "national_ms": large["ms"],
                            "times": large["ms"] / small["ms"],
                        },
                    )


def _apart(*arguments: str) -> Any:
    """What a measure says, taken in a process of its own with a temporary folder of its own."""
    with TemporaryDirectory(prefix="sunes-") as spill:
        done = subprocess.run(
            (sys.executable, "-m", "benchmarks.nation", *arguments),
            cwd=ROOT,
            env={**os.environ, "TMPDIR": spill, "SUNES_QUERY_MEMORY": MEMORY, "SUNES_QUERY_SECONDS": str(LIMIT)},
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


app = typer.Typer(add_completion=False)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    growths: Annotated[str, typer.Option(help="times the national history, one measure each: 1,3,10,30")] = "1,3",
    snapshots: Annotated[int, typer.Option(help="weeks of history")] = generated.SNAPSHOTS,
    repeat: Annotated[int, typer.Option(help="runs of which the best is told")] = 3,
) -> None:
    """The nation on one machine."""
    if context.invoked_subcommand:
        return
    last = ""
    for kind, row in steps([int(growth) for growth in growths.split(",")], snapshots, repeat):
        *head, line = table([row], {"history": HISTORY, "view": VIEWS, "click": CLICKS}[kind]).splitlines()
        if head[0] != last:
            print("", *head, sep="\n")
        last = head[0]
        print(line, flush=True)


@app.command("measure", hidden=True)
def _measure(way: str, folder: Path, repeat: int) -> None:
    print(json.dumps(measure(way, folder, repeat)))


@app.command("views", hidden=True)
def _views(folder: Path, repeat: int) -> None:
    print(json.dumps(views(folder, repeat)))


if __name__ == "__main__":
    app()
