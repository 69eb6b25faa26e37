"""What the server tells those who watch it: that it is alive, whether it is ready, and figures for Prometheus."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import perf_counter

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sunes import request_id, tally
from sunes.access.listening import is_from_home
from sunes.access.people import Role
from sunes.api.callers import UnknownKeyError, caller
from sunes.errors import DataError
from sunes.tally import Event
from sunes.ui import turns
from sunes.ui.server import memory
from sunes.ui.server.readiness import Readiness, readiness
from sunes.ui.server.refusals import fail, plain

_LOGGER = logging.getLogger(__name__)

# Seconds for which whoever watches waits for a store that does not answer.
_PATIENCE = 5.0
_LOOKING = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sunes-ready")
_NOT_KEPT = {"cache-control": "no-store"}

# What Streamlit answers beside its pages: all that is below is one route.
_FRAMEWORK = (
    *("/_stcore/stream", "/_stcore/health", "/_stcore/upload_file", "/_stcore", "/static", "/media"),
    *("/component", "/auth", "/oauth2callback"),
)
_PAGES = "/"
_SESSIONS = "/_stcore/stream"

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
_REGISTRY = CollectorRegistry()
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_RUNS = Histogram(
    "sunes_run_seconds",
    "From the beginning of a run of a page to its end, waiting for its turn included.",
    ["page"],
    buckets=_BUCKETS,
    registry=_REGISTRY,
)
_FAILED_RUNS = Counter("sunes_run_errors", "Runs that ended in an error.", ["page"], registry=_REGISTRY)
_REQUESTS = Counter("sunes_requests", "HTTP requests.", ["route", "status"], registry=_REGISTRY)
_REQUEST_SECONDS = Histogram(
    "sunes_request_seconds", "HTTP requests until all is sent.", ["route"], buckets=_BUCKETS, registry=_REGISTRY
)
_OPEN = Gauge("sunes_sessions", "Pages that are open in browsers.", registry=_REGISTRY)
ProcessCollector(registry=_REGISTRY)


class _Process(Collector):
    """What this process counts elsewhere."""

    def collect(self) -> Iterator[Metric]:
        usages = tally.caches()
        hits = CounterMetricFamily("sunes_cache_hits", "Asked for and there, or in the making.", labels=["cache"])
        misses = CounterMetricFamily("sunes_cache_misses", "Asked for and made.", labels=["cache"])
        entries = GaugeMetricFamily("sunes_cache_entries", "Things that are kept.", labels=["cache"])
        size = GaugeMetricFamily("sunes_cache_bytes", "What they take, where that is known.", labels=["cache"])
        for name, usage in usages.items():
            hits.add_metric([name], usage.hits)
            misses.add_metric([name], usage.misses)
            entries.add_metric([name], usage.entries)
            if usage.bytes is not None:
                size.add_metric([name], usage.bytes)
        yield from (hits, misses, entries, size)

        events = tally.events()
        changes = CounterMetricFamily("sunes_publications", "Changes of the store by this process.", labels=["what"])
        for event in (Event.PUBLISHED, Event.WITHDRAWN, Event.RESTORED):
            changes.add_metric([event], events[event])
        yield changes
        yield CounterMetricFamily("sunes_imports", "Imports that were read and checked.", events[Event.IMPORT_READ])
        timeouts = events[Event.QUERY_TIMEOUT]
        yield CounterMetricFamily("sunes_query_timeouts", "Questions that were interrupted.", timeouts)
        yield GaugeMetricFamily("sunes_runs_waiting", "Runs of pages in line for their turn.", turns.waiting())
        yield GaugeMetricFamily("sunes_memory_limit_bytes", "What the process may take.", memory.limit())


class _Data(Collector):
    """How ready the server is, as it was found just now."""

    def __init__(self, found: Readiness) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        found = self._found
        yield GaugeMetricFamily("sunes_ready", "Whether the newest data can be shown.", float(not found.reason))
        if found.newest and found.age is not None:
            days = GaugeMetricFamily(
                "sunes_snapshot_age_days", "Days since the day that the newest data describe.", labels=["simulated"]
            )
            days.add_metric(["true" if found.newest.simulated else "false"], found.age)
            yield days
        if found.read_at:
            at = found.read_at.timestamp()
            yield GaugeMetricFamily("sunes_store_read_timestamp_seconds", "When the store could last be read.", at)


class _Together(Collector):
    """Several collectors as one."""

    def __init__(self, *collectors: Collector) -> None:
        self._collectors = collectors

    def collect(self) -> Iterator[Metric]:
        for each in self._collectors:
            yield from each.collect()


_REGISTRY.register(_Process())


# Runs of pages ------------------------------------------------------------------------------------------------------


def _session() -> str | None:
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else None


request_id.find_session(_session)


@contextmanager
def run(page: str) -> Iterator[None]:
    """Count and time what is done meanwhile as a run of a page."""
    failed, began = _FAILED_RUNS.labels(page), perf_counter()
    try:
        yield
    except Exception:
        failed.inc()
        raise
    finally:
        _RUNS.labels(page).observe(perf_counter() - began)


# Requests -----------------------------------------------------------------------------------------------------------


class Observed:
    """ASGI middleware, outside all others: each request has an id, which its answer tells, and is counted.

    What fails unexpectedly is logged and answered with one sentence.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._leaves = tuple(_leaves(routes))
        self._names = frozenset(path for path, _ in self._leaves)
        for name in (*self._names, *_FRAMEWORK, _PAGES):
            _REQUESTS.labels(name, 500)  # what first appears at 1 has not grown, for Prometheus

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        own = request_id.begin(Headers(scope=scope).get(request_id.HEADER))
        if scope["type"] == "websocket":
            with _OPEN.track_inprogress():
                await self._app(scope, receive, send)
            return

        status, began = 0, perf_counter()

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=list(message["headers"]))
                headers[request_id.HEADER] = own
                message = {**message, "headers": headers.raw}
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        except Exception as error:
            if status:
                raise
            _LOGGER.exception("Erreur %s", request_id.reference())
            await (await fail(Request(scope), error))(scope, receive, send_observed)
        finally:
            route = self._route(scope["path"])
            _REQUESTS.labels(route, status or "aborted").inc()
            _REQUEST_SECONDS.labels(route).observe(perf_counter() - began)

    def _route(self, path: str) -> str:
        """The name under which a path is counted: there are few, whatever is asked for."""
        if path in self._names:
            return path
        for name, route in self._leaves:
            if "{" in name and route.path_regex.match(path):
                return name
        return next((each for each in _FRAMEWORK if path == each or path.startswith(f"{each}/")), _PAGES)


def _leaves(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, Route]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _leaves(route.routes, f"{prefix}{route.path}")
        elif isinstance(route, Route):
            yield f"{prefix}{route.path}", route


# Routes -------------------------------------------------------------------------------------------------------------


async def _alive(_request: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers=_NOT_KEPT)


async def _ready(_request: Request) -> Response:
    found = await _found()
    return JSONResponse(found.facts(), 503 if found.reason else 200, _NOT_KEPT)


async def _metrics(request: Request) -> Response:
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    told = encode(_Together(_REGISTRY, _Data(await _found())))
    return Response(told, headers={"content-type": kind, **_NOT_KEPT})


async def _found() -> Readiness:
    looking = asyncio.get_running_loop().run_in_executor(_LOOKING, readiness)
    try:
        return await asyncio.wait_for(looking, _PATIENCE)
    except TimeoutError:
        return Readiness("Le stockage des données ne répond pas.")


def _for_keepers(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The same answer for whoever keeps the server; for others there is nothing."""

    async def serve(request: Request) -> Response:
        if _through_the_socket(request):
            return await answer(request)
        try:
            person = caller(request)
        except UnknownKeyError as error:
            return plain(401, f"{str(error)[0].upper()}{str(error)[1:]}", {"www-authenticate": "Bearer"})
        except DataError:
            return plain(404)  # the rules can't be read: nobody gets in
        return await answer(request) if person.is_at_least(Role.ADMINISTRATOR) else plain(404)

    return serve


def _through_the_socket(request: Request) -> bool:
    """Whether a program of this machine asks at the socket of the process itself, which only its keepers may open.

    It has no address there; what nginx hands on to it has its visitor's, or says by another name whom it asks. An
    address of this machine proves nothing: a server in front that adds no word of its own asks from there for all.
    """
    peer = request.client.host if request.client else ""
    return not peer and is_from_home("localhost", request.headers.items())


ROUTES: Sequence[BaseRoute] = (
    Route("/healthz", _alive),
    Route("/readyz", _for_keepers(_ready)),
    Route("/metrics", _for_keepers(_metrics)),
)
