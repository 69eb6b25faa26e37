"""How long a question may take: it is interrupted when its time is over, or when nobody asks it any more."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from math import isfinite
from threading import TIMEOUT_MAX, Event, Thread
from time import monotonic

import duckdb

from sunes import tally
from sunes.errors import GivenUpError, TooLongError, UsageError
from sunes.french import number

# Seconds, unless the environment says otherwise.
SECONDS = 60.0
# Asked while DuckDB computes for this thread: whether nobody wants the answer any more.
UNWANTED: ContextVar[Callable[[], bool]] = ContextVar("unwanted", default=lambda: False)
_LOOK = 0.05  # seconds from one look to the next


def deadline() -> float:
    """The moment (of `time.monotonic`) at which a question that is asked now is given up: `SUNES_QUERY_SECONDS`."""
    return monotonic() + _seconds()


def too_long() -> TooLongError:
    """What is said of a question whose time is over."""
    tally.add(tally.Event.QUERY_TIMEOUT)
    return TooLongError(
        f"Cette question demande plus de {number(_seconds())} s de calcul et a été interrompue ; resserrez les filtres "
        "(une région, un département, une période plus courte)."
    )


@contextmanager
def limited(connection: duckdb.DuckDBPyConnection, until: float) -> Iterator[None]:
    """Interrupt what a connection computes as soon as its time is over, or nobody wants it any more."""
    done, unwanted = Event(), UNWANTED.get()
    given_up = False

    def watch() -> None:
        nonlocal given_up
        while not done.wait(_LOOK if given_up or monotonic() >= until else min(_LOOK, until - monotonic())):
            given_up = given_up or unwanted()
            if given_up or monotonic() >= until:
                # Once might be too early: before it has begun, there is nothing to interrupt.
                connection.interrupt()

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except duckdb.InterruptException:
        raise (GivenUpError("Cette question n’est plus posée.") if given_up else too_long()) from None
    finally:
        done.set()
        watcher.join()


def _seconds() -> float:
    said = os.environ.get("SUNES_QUERY_SECONDS") or str(SECONDS)
    with suppress(ValueError):
        if isfinite(seconds := float(said)):
            return min(seconds, TIMEOUT_MAX)
    raise UsageError(
        f"SUNES_QUERY_SECONDS : « {said} » n’est pas un nombre de secondes ; écrivez par exemple {SECONDS:.0f}."
    )
