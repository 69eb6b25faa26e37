"""A process that forks publishers and lets them be killed: warm, so that one crash costs milliseconds.

Each line of its input is an order in JSON, answered by a line with how the forked processes ended (0: done; BUSY:
refused in favour of another publisher; -9: killed) and how long they took. Run as `python -m tests.forked_publishers`.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa

from sunes import publishing
from sunes.programme import load_programme
from sunes.schema import TABLES, row_problems
from sunes.snapshots import SnapshotId, Store, StoreBusyError
from tests.people import HERE
from tests.rows import application, establishment, tables

AS_OF = date(2024, 6, 30)
BUSY = 3


def content(rows: int = 100) -> dict[str, pa.Table]:
    """Tables of some size, so that writing them takes a while."""
    keys = [f"{number:09}" for number in range(rows)]
    made = tables([establishment(key) for key in keys], [application(key, 1, "dmp") for key in keys])
    return {name: pa.Table.from_pylist(made[name], schema=TABLES[name].schema) for name in TABLES}


def _die_at_line(number: int) -> None:
    """Be killed just before the `number`-th line that this process executes in `sunes/publishing.py`."""
    left = number

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != publishing.__file__:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def _fork(act: Callable[[], object], warm_up: Callable[[], object], ready: int, gate: tuple[int, int]) -> int:
    """Start a process that warms up, says that it is `ready`, and acts once the parent closes its end of `gate`."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.close(gate[1])
        warm_up()
        os.write(ready, b".")
        os.read(gate[0], 1)
        act()
        code = 0
    except StoreBusyError:
        code = BUSY
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _obey(order: dict[str, Any], tables: dict[str, pa.Table]) -> tuple[list[int], float]:
    store = Store(Path(order["store"]))
    revision = order.get("base", ...)
    base = SnapshotId(AS_OF, revision) if isinstance(revision, int) else revision
    acts: dict[str, Callable[[], object]] = {
        "publish": lambda: store.publish(AS_OF, tables, simulated=True, base=base),
        "withdraw": lambda: store.withdraw("latest", "essai", HERE),
        "restore": lambda: store.restore("latest", HERE),
    }

    def act() -> None:
        if "line" in order:
            _die_at_line(order["line"])
        acts[order["act"]]()

    ready, gate = os.pipe(), os.pipe()
    children = [
        _fork(act, lambda: row_problems(tables, load_programme()), ready[1], gate)
        for _ in range(order.get("processes", 1))
    ]
    for _ in children:
        os.read(ready[0], 1)
    started = time.perf_counter()
    os.close(gate[1])
    if "after" in order:
        time.sleep(order["after"])
        os.kill(children[0], signal.SIGKILL)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    for end in (*ready, gate[0]):
        os.close(end)
    return codes, time.perf_counter() - started


def main() -> None:
    # A process that is killed loses nothing that it has written, so the disk need not be waited for; how long it
    # would take is kept, as a good moment to be killed.
    os.fsync = lambda fd: time.sleep(0.002)
    made = content()
    load_programme()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line), made)), flush=True)


if __name__ == "__main__":
    main()
