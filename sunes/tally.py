"""What this process has done since it started, counted where it happens at next to no cost, and read by who watches."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Protocol
from weakref import WeakValueDictionary


class Event(StrEnum):
    """What is counted."""

    IMPORT_READ = "import_read"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    QUERY_TIMEOUT = "query_timeout"


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of what a cache was asked for it had, what it holds now, and how many bytes that takes, if it knows."""

    hits: int
    misses: int
    entries: int
    bytes: int | None = None


class Cache(Protocol):
    """What keeps things that it can make again."""

    def usage(self) -> Usage: ...


_EVENTS: Counter[Event] = Counter()
_LOCK = Lock()
_CACHES: WeakValueDictionary[str, Cache] = WeakValueDictionary()


def add(event: Event) -> None:
    """It happened once more."""
    with _LOCK:
        _EVENTS[event] += 1


def events() -> Mapping[Event, int]:
    """How often each has happened, those that never did included."""
    return {event: _EVENTS[event] for event in Event}


def watch(name: str, cache: Cache) -> None:
    """Tell of a cache by this name as long as it exists."""
    _CACHES[name] = cache


def caches() -> Mapping[str, Usage]:
    """How the caches of this process are used, by name."""
    return {name: cache.usage() for name, cache in sorted(_CACHES.items())}
