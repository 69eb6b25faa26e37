"""How requests become answers: off the event loop, remembered, and never with a trace of what went wrong inside."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Lock
from typing import Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sunes import request_id, tally
from sunes.access.people import ForbiddenError
from sunes.api.replies import Reply, preflight, problem, refusal, respond
from sunes.errors import DataError, TooLongError, UsageError
from sunes.tally import Usage

# Long enough for some 500 FINESS numbers; servers in between cut addresses not far above.
LONGEST = 8192

# Few, and not those that send files: however much programs ask, the pages go on.
_WORKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sunes-api")
_LOGGER = logging.getLogger(__name__)

Endpoint = Callable[[Request], Reply]


class UnknownError(UsageError):
    """The question is right, but there is nothing that it asks for."""


def route(path: str, answer: Endpoint) -> Route:
    """A route that answers GET, HEAD and OPTIONS with what `answer` computes."""

    async def serve(request: Request) -> Response:
        if request.method == "OPTIONS":
            return preflight(request)
        return await asyncio.get_running_loop().run_in_executor(_WORKERS, copy_context().run, _served, request, answer)

    return Route(path, serve, methods=["GET", "OPTIONS"])


def _served(request: Request, answer: Endpoint) -> Response:
    if len(request.scope["query_string"]) > LONGEST:
        return problem(request, 414, f"L’adresse est trop longue : {LONGEST} caractères au plus après le « ? ».")
    try:
        return respond(request, answer(request))
    except ForbiddenError as error:
        status, headers = refusal(request)
        return problem(request, status, str(error), headers)
    except UsageError as error:
        return problem(request, 404 if isinstance(error, UnknownError) else 400, " ".join(str(error).splitlines()))
    except TooLongError as error:
        return problem(request, 503, str(error))
    except DataError as error:
        # What is wrong, and where, is for those who run the server.
        _LOGGER.error("%s : %s", request.url.path, error)
        return problem(
            request,
            503,
            "Les données demandées sont absentes ou endommagées sur le serveur ; demandez une autre situation "
            "(snapshots.json les énumère) ou prévenez qui le tient.",
        )
    except Exception:
        reference = request_id.reference()
        _LOGGER.exception("Erreur %s", reference)
        return problem(
            request, 500, f"Une erreur inattendue s’est produite ; signalez-la avec la référence {reference}."
        )


class HasBody(Protocol):
    """What is sent."""

    @property
    def body(self) -> bytes: ...


Kept = TypeVar("Kept", bound=HasBody)


class Shelf(Generic[Kept]):
    """The latest replies, up to a number of bytes in all. Threads may share it. `name`: for who watches."""

    def __init__(self, room: int, name: str = "") -> None:
        self._room = room
        self._taken = self._hits = self._misses = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = Lock()
        if name:
            tally.watch(name, self)

    def usage(self) -> Usage:
        return Usage(self._hits, self._misses, len(self._kept), self._taken)

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """The reply of this key, made where it isn't there."""
        if (kept := self.find(key)) is not None:
            return kept
        reply = make()
        with self._lock:
            self._misses += 1
        # One huge answer would push out all the others.
        if _size(reply) <= self._room // 4:
            with self._lock:
                if key not in self._kept:
                    self._kept[key] = reply
                    self._taken += _size(reply)
                while self._taken > self._room:
                    self._taken -= _size(self._kept.popitem(last=False)[1])
        return reply

    def find(self, key: Hashable) -> Kept | None:
        """The reply of this key, if it is there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                self._hits += 1
            return self._kept.get(key)


def _size(reply: HasBody) -> int:
    return len(reply.body) + 2000  # and what is round it
