"""Processes that run together: started, started again when they die, and stopped together."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

from sunes.errors import DataError
from sunes.serving.site import Worker

Command = Sequence[str | Path]
Tell = Callable[[str], None]

_PATIENCE = 15  # seconds from asking a process to stop to ending it
_LONGEST_PAUSE = 30  # seconds before a worker that keeps dying is started once more
_STEADY = 60  # seconds; what lived as long did not die of its start


async def serve(
    workers: Sequence[Worker], command: Callable[[Worker], Command], front: Command, opened: str, tell: Tell
) -> None:
    """Keep `front` and the workers behind it running until a signal says stop; then they stop before it does.

    Parameters
    ----------
    command
        What starts a worker. It answers when its socket does.
    opened
        What to tell once all workers answer.

    Raises DataError when a worker doesn't come up the first time, or when `front` ends by itself.
    """
    ready = [asyncio.Event() for _ in workers]
    keeping = (_keep(each, command(each), event, tell) for each, event in zip(workers, ready, strict=True))
    async with (
        _tasks(_asked_to_stop()) as (asked,),
        _running(front) as process,
        _tasks(process.wait(), _announce(ready, opened, tell)) as (ended, _),
        _tasks(*keeping) as kept,
    ):
        await asyncio.wait({asked, ended, *kept}, return_when=asyncio.FIRST_COMPLETED)
        for failed in (task for task in kept if task.done()):
            failed.result()
        if ended.done():
            raise DataError("nginx s’est arrêté ; ce qu’il en dit est ci-dessus.")
        tell("Arrêt…")


async def _keep(worker: Worker, command: Command, ready: asyncio.Event, tell: Tell) -> None:
    pause = 0.0
    while True:
        began = monotonic()
        async with _running(command) as process, _tasks(_answers(worker.socket), process.wait()) as (answers, ended):
            await asyncio.wait({answers, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                ready.set()
                tell(f"Processus {worker.number} : prêt (pid {process.pid}).")
            how = _how(await ended)
        if not ready.is_set():
            raise DataError(f"le processus {worker.number} n’a pas démarré ({how}) ; ce qu’il en dit est ci-dessus.")
        tell(f"Processus {worker.number} : arrêté ({how}) ; il est relancé.")
        pause = min(2 * pause + 1, _LONGEST_PAUSE) if monotonic() - began < _STEADY else 0
        await asyncio.sleep(pause)


def _how(code: int) -> str:
    if code == -signal.SIGKILL:
        return "signal 9, souvent faute de mémoire"
    return f"signal {-code}" if code < 0 else f"code {code}"


async def _answers(socket: Path) -> None:
    """Wait until somebody listens. A socket that a dead process left behind refuses."""
    while True:
        try:
            _, writer = await asyncio.open_unix_connection(socket)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


async def _announce(ready: Sequence[asyncio.Event], opened: str, tell: Tell) -> None:
    for event in ready:
        await event.wait()
    tell(opened)


async def _asked_to_stop() -> None:
    asked = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(each, asked.set)
    await asked.wait()


@asynccontextmanager
async def _running(command: Command) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A process that is over when this is. A key pressed in the terminal is for us alone: we say who stops when."""
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        if process.returncode is None:
            _send(process, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), _PATIENCE)
            except TimeoutError:
                _send(process, signal.SIGKILL)
                await process.wait()


def _send(process: asyncio.subprocess.Process, number: int) -> None:
    # Its own method asks after the process first: were it just dead, asyncio would never hear how it died.
    with suppress(ProcessLookupError):
        os.kill(process.pid, number)


@asynccontextmanager
async def _tasks(*doing: Coroutine[Any, Any, Any]) -> AsyncGenerator[list[asyncio.Task[Any]]]:
    """Tasks that are over when this is."""
    tasks = [asyncio.create_task(each) for each in doing]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
