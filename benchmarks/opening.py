"""What opening a store costs with few and with many snapshots: python -m benchmarks.opening

Each line is the median of processes that know nothing of the store yet: `latest` is found, then everything is listed
(as the first page does), then a server's pages ask on. The files are small: what a snapshot holds is not read here. The
object store is one of this machine, without the delays of a network: what counts there is how often it is asked.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated
from unittest.mock import patch

import typer

from benchmarks.tables import Columns, Row, table
from sunes.manifest import MANIFEST
from sunes.place import INDEX
from sunes.snapshots import Store
from tests.buckets import bucket
from tests.forked_publishers import content

ROUNDS = 3
_FIRST = date(2020, 1, 5)

# What a process does that opens the store: times in seconds, then how many files of the store it opened.
_OPEN = """
import json, sys, time
clock = time.perf_counter
started = clock()
from sunes.snapshots import Store, check_files, patient
imported = clock()
opened = []
def heard(event, given):
    if event == "open" and "as_of=" in str(given[0]):
        opened.append(given[0])
sys.addaudithook(heard)
store = Store.at(sys.argv[1])
store.resolve()
latest = clock()
store = Store.at(sys.argv[1])
count = len(store.history())
assert not store.damaged()
listed, files = clock(), len(opened)
with patient():
    snapshot = store.resolve()
    check_files(snapshot)
    time.sleep(0.2)
    store.resolve()
    asked = clock()
    for _ in range(1000):
        store.resolve(); store.history(); store.damaged(); check_files(snapshot); store.generation()
    pages = (clock() - asked) / 1000
print(json.dumps([imported - started, latest - imported, listed - latest, pages, files, count]))
"""

_MS = "{:,.1f}".format
COLUMNS: Columns = {
    "store": ("store", str),
    "index": ("index", str),
    "snapshots": ("snapshots", "{:,}".format),
    "import_ms": ("Python's imports ms", "{:,.0f}".format),
    "latest_ms": ("latest ms", _MS),
    "all_ms": ("all listed ms", _MS),
    "files": ("manifests and tables opened", "{:,}".format),
    "requests": ("requests", "{:,}".format),
    "rerun_us": ("five questions of a page µs", "{:,.0f}".format),
}


def write_store(folder: Path, snapshots: int) -> None:
    """A store of weekly snapshots with one establishment each, the last one published by our own hand."""
    store = Store(folder)
    first = store.publish(_FIRST, content(1), simulated=True)
    manifest = (first.path / MANIFEST).read_text("utf-8")
    for week in range(1, snapshots - 1):
        day = _FIRST + timedelta(weeks=week)
        target = store.folder / f"as_of={day}"
        target.mkdir()
        for file in first.path.glob("*.parquet"):
            (target / file.name).hardlink_to(file)
        (target / MANIFEST).write_text(manifest.replace(f"{_FIRST}", f"{day}"), "utf-8")
    store.publish(_FIRST + timedelta(weeks=snapshots), content(1), simulated=True)


def steps(sizes: Sequence[int] = (12, 1200), remote: bool = True) -> Iterator[Row]:
    """Measure one store after the other: a folder with its index and without, then the same on an object store."""
    with TemporaryDirectory(prefix="sunes-opening-") as made:
        for size in sizes:
            folder = Path(made) / str(size)
            write_store(folder, size)
            yield {"store": "folder", "index": "yes", "snapshots": size, **_opened(str(folder))}
            index = folder / "snapshots" / INDEX
            kept = index.rename(index.with_suffix(".kept"))
            yield {"store": "folder", "index": "no", "snapshots": size, **_opened(str(folder))}
            kept.rename(index)
        for size in sizes if remote else ():
            with bucket(Path(made) / f"s3-{size}") as server:
                above = server.folder / "sunes"
                above.mkdir()
                (Path(made) / str(size) / "snapshots").rename(above / "snapshots")
                environment = {"SUNES_CACHE": f"{made}/copies-{size}", "AWS_EC2_METADATA_DISABLED": "true"}
                for index_said in ("no", "yes"):  # that of the folder is not believed, until somebody publishes
                    server.asked.clear()
                    row = _opened(server.address(), **environment)
                    requests = round(len(server.asked) / ROUNDS)
                    yield {"store": "s3", "index": index_said, "snapshots": size, **row, "requests": requests}
                    if index_said == "no":
                        with patch.dict(os.environ, environment):
                            day = _FIRST + timedelta(weeks=size)
                            Store.at(server.address()).publish(day, content(1), simulated=True)


def _opened(where: str, **environment: str) -> Row:
    """The medians of some processes that open a store."""
    command = (sys.executable, "-c", _OPEN, where)
    runs = []
    for _ in range(ROUNDS):
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ | environment)
        runs.append(json.loads(done.stdout))
    imported, latest, listed, pages, files, _ = (median(each) for each in zip(*runs, strict=True))
    return {
        "import_ms": 1000 * imported,
        "latest_ms": 1000 * latest,
        "all_ms": 1000 * listed,
        "files": int(files),
        "rerun_us": 1e6 * pages,
    }


def main(
    sizes: Annotated[str, typer.Option(help="how many snapshots, one store each")] = "12,120,1200",
    remote: Annotated[bool, typer.Option(help="on a local object store as well")] = True,
    jsonl: Annotated[str, typer.Option("--json", help="a file to add the rows to, one JSON object a line")] = "",
) -> None:
    """What opening a store costs with few and with many snapshots."""
    first = True
    for row in steps([int(size) for size in sizes.split(",")], remote):
        lines = table([{"requests": 0, **row}], COLUMNS).splitlines()
        print("\n".join(lines if first else lines[-1:]), flush=True)
        first = False
        if jsonl:
            with Path(jsonl).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"kind": "opening", **row}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    typer.run(main)
