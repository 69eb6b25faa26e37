"""A process that forks commands of sunes and lets them be killed: warm, so that one crash costs milliseconds.

Each line of its input is an order in JSON: the words of a command and, perhaps, after how many seconds it is killed,
with which error its disk refuses whatever is written (`refuse`: ENOSPC), by how many seconds its clock is wrong
(`clock`). The answer is how it ended (-9: killed), how long it took and what it said. Run as
`python -m tests.forked_commands`.
"""

import errno
import json
import os
import select
import signal
import sys
import tempfile
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self

from sunes import geography, ingest, listing, metrics, publishing
from sunes.cli import app
from sunes.definitions import load_definitions
from sunes.export import workbook
from sunes.programme import load_programme

_LONGEST = 60.0
# What most commands load when they begin.
_LOADED = (geography, ingest, metrics, workbook)


def _refuse(code: int) -> None:
    """Let the disk take half of each file, then no more."""

    def write(path: Path, content: bytes) -> None:
        path.write_bytes(content[: len(content) // 2])
        raise OSError(code, os.strerror(code))

    publishing._write = write


def _set_clock(seconds: float) -> None:
    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=seconds)

    vars(listing)["datetime"] = Shifted


def _obey(order: dict[str, Any]) -> tuple[int, float, str]:
    with tempfile.TemporaryFile() as said:
        ready, begin = os.pipe(), time.perf_counter()
        child = os.fork()
        if not child:
            code = 1
            try:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                if "refuse" in order:
                    _refuse(getattr(errno, order["refuse"]))
                if "clock" in order:
                    _set_clock(order["clock"])
                app(order["args"])
            except SystemExit as done:
                code = int(done.code or 0)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        os.close(ready[1])
        # The pipe closes when the child ends: this is how to wait for it no longer than that.
        os.close(ready[0]) if "after" not in order else _wait(ready[0], order["after"])
        if "after" in order:
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        seconds = time.perf_counter() - begin
        said.seek(0)
        return code, seconds, said.read().decode()


def _wait(end: int, seconds: float) -> None:
    select.select([end], [], [], min(seconds, _LONGEST))
    os.close(end)


def main() -> None:
    programme = load_programme()
    load_definitions(), geography.communes()
    assert programme
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
