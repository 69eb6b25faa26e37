"""Servers to measure: started for the occasion on a free port of this machine, and what they take of it."""

import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from urllib.request import urlopen

import psutil

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Server:
    """A server that answers at `url`: the process that was started (or found) and its children."""

    url: str
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of processor that it has taken so far."""
        return sum(times.user + times.system for times in (each.cpu_times() for each in self._all()))

    def memory(self) -> float:
        """Megabytes that it holds; what several processes share is counted once (PSS)."""
        return sum(each.memory_full_info().pss for each in self._all()) / 1e6

    def _all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def allow_many_files() -> None:
    """Let this process, and those it starts, open as many sockets as the machine allows it (`ulimit -n`)."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def start(
    command: Sequence[str], path: str = "", folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start a server in a folder and stop it at the end. `{port}` in its command stands for a free port.

    Raises RuntimeError, with what the server printed, when nothing answers under `path`.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with TemporaryFile() as log:
        process = subprocess.Popen(
            [part.format(port=port) for part in command],
            cwd=folder,
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            if not _answers(process, f"{url}/{path}"):
                log.seek(0)
                raise RuntimeError(f"The server did not start:\n{log.read().decode()}")
            yield Server(url, psutil.Process(process.pid))
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def streamlit(script: str = "app.py", **environment: str) -> AbstractContextManager[Server]:
    """An application of Streamlit: sunes, or another script, in its own folder: settings are read from there."""
    options = ("--server.address=127.0.0.1", "--server.port={port}", "--server.headless=true")
    command = (sys.executable, "-m", "streamlit", "run", Path(script).name, *options)
    return start(command, "_stcore/health", (ROOT / script).parent, environment)


def dash() -> AbstractContextManager[Server]:
    """The peer written with Dash."""
    folder = ROOT / "benchmarks" / "peers"
    return start((sys.executable, "dash_app.py", "{port}"), folder=folder)


def counted() -> AbstractContextManager[Server]:
    """sunes, which tells under `/computations` how often it computed an answer, and how many different ones."""
    command = (sys.executable, "-m", "uvicorn", "benchmarks.counted:app", "--host=127.0.0.1", "--port={port}")
    return start(command, "_stcore/health")


def given(url: str) -> AbstractContextManager[Server]:
    """The server of this machine that listens at an address, which goes on running; LookupError when none is seen."""
    return nullcontext(_listening(url))


def _listening(url: str) -> Server:
    port = int(url.rsplit(":", 1)[1].strip("/"))
    for each in psutil.net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port and each.pid:
            return Server(url.rstrip("/"), psutil.Process(each.pid))
    raise LookupError(f"nothing of this machine listens at {url}")


def _answers(process: subprocess.Popen[bytes], url: str, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urlopen(url, timeout=5):
            return True
        time.sleep(0.1)
    return False
