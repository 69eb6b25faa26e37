"""Every benchmark in less than 20 minutes: `make bench`, or `python -m benchmarks nation` for one of them.

Each runs in a process of its own. Its tables replace those under its name in docs/benchmarks.md, with the day, the
machine and the versions; what is said about them there is for people to write.
"""

import platform
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks.md"

# What it is called in the report → its commands, each with about how many seconds it takes.
RUNS: Mapping[str, Sequence[tuple[str, int]]] = {
    "webinar": [("webinar --page each --sessions 1,20,100,300 --seconds 4 --warm 1", 240)],
    "peers": [
        ("webinar --sessions 20 --seconds 4 --script benchmarks/peers/plain_streamlit.py", 55),
        ("webinar --sessions 20,100 --seconds 4 --script benchmarks/peers/dash_app.py", 120),
    ],
    "storm": [("webinar --sessions 0 --storm 300", 15), ("webinar --page map --sessions 0 --storm 300", 15)],
    "idle": [("webinar --sessions 0 --idle 1000 --leave 130", 70)],
    "visit": [("first_visit", 130)],
    "workers": [("workers --page each --seconds 4", 90)],
    "nation": [("nation --growths 1,3", 160), ("dragging", 50)],
    "opening": [("opening --sizes 12,1200 --no-remote", 15)],
    "documents": [("documents 1000000", 50)],
    "importing": [("importing", 60)],
}
_PACKAGES = ("streamlit", "plotly", "narwhals", "duckdb", "pyarrow", "pandas", "uvloop", "dash", "pyspark")


def machine() -> str:
    """The day, the machine, and what is installed on it."""
    hardware = f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB"
    software = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{datetime.now(UTC):%d %B %Y}, {hardware}, {platform.freedesktop_os_release()['PRETTY_NAME']}, "
        f"Python {platform.python_version()}, {software}; load of the machine before: {psutil.getloadavg()[0]:.1f}"
    )


def measured(command: str, place: str) -> str:
    """What a benchmark prints. Raises SystemExit with what it complains of, when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *f"benchmarks.{command}".split()], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{place}: `python -m benchmarks.{command}`\n{done.stdout}\n{done.stderr}")
    return done.stdout.strip()


def written(report: str, place: str, tables: str) -> str:
    """The report with other tables under a name, between the two comments that mark its place."""
    marks = f"<!-- {place} -->", f"<!-- /{place} -->"
    found = re.compile(f"{marks[0]}.*?{marks[1]}", re.DOTALL)
    if not found.search(report):
        sys.exit(f"{REPORT}: no place named {place}")
    return found.sub(lambda _: f"{marks[0]}\n{tables}\n{marks[1]}", report)


def main(only: Annotated[list[str] | None, typer.Argument(help=", ".join(RUNS))] = None) -> None:
    """Run the benchmarks and write their tables into docs/benchmarks.md."""
    chosen = {place: RUNS[place] for place in only or RUNS}
    told = machine()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("of about {task.fields[of]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        total = sum(seconds for commands in chosen.values() for _, seconds in commands)
        task = progress.add_task("", total=total, of=f"{total // 60} min")
        for place, commands in chosen.items():
            started, tables = time.monotonic(), []
            for command, seconds in commands:
                progress.update(task, description=f"{place}: {command}"[:70])
                tables.append(f"`python -m benchmarks.{command}`\n\n{measured(command, place)}\n")
                progress.advance(task, seconds)
            took = time.monotonic() - started
            body = "\n".join(["", f"{told}; {took:.0f} s.", "", *tables])
            REPORT.write_text(written(REPORT.read_text("utf-8"), place, body), "utf-8")


if __name__ == "__main__":
    typer.run(main)
