"""Whoever watches the server learns that it is alive, whether it is ready, how old its data are and what went wrong."""

import asyncio
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import date
from hashlib import sha256
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from socket import AF_UNIX, socket
from threading import Event, Thread
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from sunes import remote, request_id, tally
from sunes.errors import UsageError
from sunes.ingest.files import InputFile
from sunes.ingest.importing import prepare
from sunes.memo import Memo
from sunes.programme import load_programme
from sunes.serving import site
from sunes.serving.site import Site
from sunes.snapshots import Store, patient
from sunes.ui.server import logs, monitoring, readiness
from sunes.ui.server.monitoring import Observed
from tests.browser import ROOT
from tests.buckets import bucket
from tests.forked_publishers import content
from tests.people import HERE

MAY, JUNE, SEPTEMBER = date(2024, 5, 31), date(2024, 6, 30), date(2024, 9, 28)
SHELL = str(ROOT / "pages" / "shell.py")
SECRETS = ("bearer-secret-1234", "cookie-secret-1234", "query-secret-1234", "marie@exemple.fr")
ASKED = {
    "x-request-id": "0123456789abcdef",
    "authorization": f"Bearer {SECRETS[0]}",
    "cookie": f"_streamlit_user={SECRETS[1]}",
}
QUERY = f"token={SECRETS[2]}&email={SECRETS[3]}"


class _Today(date):
    """The day after which ninety days have gone by since the thirtieth of June."""

    @classmethod
    def today(cls) -> "_Today":
        return cls(2024, 9, 28)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Two situations, looked at ninety days after the newest one."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setattr(readiness, "date", _Today)
    monkeypatch.delenv("SUNES_STALE_DAYS", raising=False)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path / "store"))
    store = Store(tmp_path / "store")
    for as_of in (MAY, JUNE):
        store.publish(as_of, content(1), simulated=True)
    return store


def _broken(_request: Request) -> Response:
    raise ZeroDivisionError(f"https://exemple.fr/?{QUERY} Authorization: Bearer {SECRETS[0]}")


def _refusing(_request: Request) -> Response:
    raise HTTPException(404)


def _slow(_request: Request) -> Response:
    return PlainTextResponse("done")


ROUTES = [
    *monitoring.ROUTES,
    Mount("/data/v1", routes=[Route("/broken", _broken), Route("/refused", _refusing)]),
    Route("/plotly-{digest}.js", _slow),
    Route("/{anything:path}", _slow),
]


@contextmanager
def client(address: str = "127.0.0.1", host: str = "localhost:8501") -> Iterator[TestClient]:
    app = Starlette(routes=ROUTES, middleware=[Middleware(Observed, routes=ROUTES[:-1])])
    with TestClient(app, f"http://{host}", client=(address, 50_000)) as opened:
        yield opened


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A program of the machine, of a server that nothing else reaches."""
    monkeypatch.setenv("SUNES_LISTENS", "127.0.0.1")
    with client() as opened:
        yield opened


def figures(here: TestClient) -> dict[tuple[str, ...], float]:
    """What /metrics says: the name of a sample and the values of its labels → its value."""
    answer = here.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def ready(here: TestClient) -> tuple[int, dict[str, Any]]:
    answer = here.get("/readyz")
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()


# Ready ---------------------------------------------------------------------------------------------------------------


def test_ready_says_what_is_newest_and_how_old_it_is(store: Store, here: TestClient) -> None:
    status, facts = ready(here)
    read_at = facts.pop("read_at")
    assert (status, facts) == (
        200,
        {
            "status": "ready",
            "reason": None,
            "snapshot": "2024-06-30",
            "revision": 1,
            "simulated": True,
            "age_days": 90,
            "stale": False,
        },
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", read_at)


def test_nothing_in_force_is_not_ready(store: Store, here: TestClient, tmp_path: Path) -> None:
    for as_of in ("2024-05-31", "2024-06-30"):
        store.withdraw(as_of, "essai", HERE)
    status, facts = ready(here)
    assert (status, facts["status"], facts["snapshot"], facts["age_days"]) == (503, "unready", None, None)
    assert "retirée" in facts["reason"]


def test_an_empty_store_is_not_ready(here: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path / "empty"))
    status, facts = ready(here)
    assert status == 503
    assert "aucune situation" in facts["reason"]
    assert here.get("/healthz").json() == {"status": "ok"}
    told = figures(here)
    assert told["sunes_ready",] == 0
    assert not [name for name, *_ in told if name == "sunes_snapshot_age_days"]


def test_a_damaged_newest_one_is_not_ready(store: Store, here: TestClient) -> None:
    next(store.resolve("2024-06-30").path.glob("usages*.parquet")).write_bytes(b"")
    status, facts = ready(here)
    assert (status, facts["status"]) == (503, "unready")
    assert "usages" in facts["reason"]
    assert (facts["snapshot"], facts["revision"]) == ("2024-05-31", 1)


@pytest.mark.parametrize("file", ["usages.parquet", "manifest.json"])
def test_data_are_as_old_as_the_newest_sound_ones(
    store: Store, here: TestClient, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.setenv("SUNES_STALE_DAYS", "100")
    assert (ready(here)[1]["stale"], readiness.outdated()) == (False, ())
    (store.resolve().path / file).write_bytes(b"")

    facts = ready(here)[1]
    assert (facts["age_days"], facts["stale"]) == (120, True)
    assert figures(here)["sunes_snapshot_age_days", "true"] == 120
    old = "Les données saines les plus récentes sont au 31 mai 2024 : elles ont 120 jours."
    for params in ({}, {"snapshot": "2024-05-31"}):
        at = AppTest.from_file(SHELL, default_timeout=60)
        for name, value in params.items():
            at.query_params[name] = value
        assert not at.run().exception
        assert old in at.warning[0].value.replace("\u00a0", " ").replace("\\", "")


def test_a_store_that_goes_away_is_said_with_what_is_still_shown(store: Store, here: TestClient) -> None:
    with patient():
        assert ready(here)[0] == 200
        shutil.move(store.directory, store.directory.with_name("elsewhere"))
        wait(lambda: ready(here)[0] == 503)
        facts = ready(here)[1]
        assert "n’est plus là" in facts["reason"]
        assert (facts["snapshot"], facts["age_days"]) == ("2024-06-30", 90)
        assert facts["read_at"]
        shutil.move(store.directory.with_name("elsewhere"), store.directory)
        wait(lambda: ready(here)[0] == 200)


def test_an_object_store_that_refuses_is_said_without_its_password(
    here: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUNES_CACHE", str(tmp_path / "copies"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(remote, "LIMIT", 2)
    with bucket(tmp_path / "server") as server:
        monkeypatch.setenv("SUNES_DATA", server.address())
        server.refuses = lambda asked: True
        status, facts = ready(here)
    assert (status, facts["status"], facts["snapshot"]) == (503, "unready", None)
    assert "secret" not in json.dumps(facts)


def test_a_store_that_hangs_keeps_nobody_waiting(here: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = Event()
    monkeypatch.setattr(monitoring, "_PATIENCE", 0.05)
    monkeypatch.setattr(monitoring, "readiness", lambda: answered.wait(60) and readiness.Readiness())
    try:
        status, facts = ready(here)
        assert (status, facts["reason"]) == (503, "Le stockage des données ne répond pas.")
    finally:
        answered.set()


def wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# Out of date ---------------------------------------------------------------------------------------------------------


def test_age_is_never_negative() -> None:
    assert readiness.age(date(9999, 1, 1)) == 0


@pytest.mark.parametrize(("limit", "stale"), [("", False), ("90", False), ("89", True)])
def test_data_are_out_of_date_when_somebody_says_so(
    store: Store, here: TestClient, monkeypatch: pytest.MonkeyPatch, limit: str, stale: bool
) -> None:
    monkeypatch.setenv("SUNES_STALE_DAYS", limit)
    assert ready(here)[1]["stale"] is stale
    assert figures(here)["sunes_snapshot_age_days", "true"] == 90
    assert bool(readiness.outdated()) is stale


def test_every_page_says_that_data_are_out_of_date(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_STALE_DAYS", "89")
    at = AppTest.from_file(SHELL, default_timeout=60).run()
    for page in ("importer.py", "presentation.py", "overview.py"):
        assert not at.switch_page(page).run().exception
        said = "".join(each.value for each in at.warning).replace("\u00a0", " ").replace("\\", "")
        assert "Les données les plus récentes sont au 30 juin 2024 : elles ont 90 jours." in said


def test_an_older_view_says_nothing_of_its_own_age(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_STALE_DAYS", "100")
    at = AppTest.from_file(SHELL, default_timeout=60)
    at.query_params["snapshot"] = "2024-05-31"
    assert not at.run().exception
    assert not [each for each in at.warning if "plus de" in each.value]


@pytest.mark.parametrize("stated", ["0", "-1", "un mois", "1.5"])
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, stated: str) -> None:
    monkeypatch.setenv("SUNES_STALE_DAYS", stated)
    with pytest.raises(UsageError, match="nombre entier de jours"):
        readiness.stale_days()


# Figures -------------------------------------------------------------------------------------------------------------


def grown(here: TestClient, act: Callable[[], object]) -> dict[tuple[str, ...], float]:
    """By how much figures grow while something is done."""
    before = figures(here)
    act()
    return {name: value - before.get(name, 0) for name, value in figures(here).items()}


def test_requests_are_counted_by_route_whatever_is_asked(store: Store, here: TestClient) -> None:
    def ask() -> None:
        for path in ("/data/v1/broken", "/data/v1/refused", "/plotly-0123.js", "/carte?region=76", "/a/b/c"):
            here.get(path)
        here.get("/_stcore/upload_file/session/file")
        here.get("/_stcore/streamer")

    more = grown(here, ask)
    counted = {name[1:]: value for name, value in more.items() if name[0] == "sunes_requests_total" and value}
    assert counted == {
        ("/data/v1/broken", "500"): 1,
        ("/data/v1/refused", "404"): 1,
        ("/plotly-{digest}.js", "200"): 1,
        ("/", "200"): 2,
        ("/_stcore/upload_file", "200"): 1,
        ("/_stcore", "200"): 1,
        ("/metrics", "200"): 1,
    }
    assert more["sunes_request_seconds_count", "/"] == 2


def test_runs_are_counted_and_timed_by_page(store: Store, here: TestClient) -> None:
    at = AppTest.from_file(SHELL, default_timeout=60)
    more = grown(here, lambda: at.run().switch_page("regions.py").run().run())
    assert (more["sunes_run_seconds_count", "/"], more["sunes_run_seconds_count", "/regions"]) == (1, 2)
    assert more["sunes_run_seconds_bucket", "+Inf", "/regions"] == 2
    assert more["sunes_run_seconds_sum", "/regions"] > 0
    assert more["sunes_cache_hits_total", "shown"] > 0
    assert more["sunes_cache_misses_total", "shown"] > 0
    assert figures(here)["sunes_cache_bytes", "cells"] > 0


def test_a_run_that_fails_is_counted_as_such(store: Store, here: TestClient) -> None:
    def fail() -> None:
        with pytest.raises(ZeroDivisionError), monitoring.run("/carte"):
            raise ZeroDivisionError

    more = grown(here, fail)
    assert (more["sunes_run_errors_total", "/carte"], more["sunes_run_seconds_count", "/carte"]) == (1, 1)


def test_changes_of_the_store_are_counted(store: Store, here: TestClient) -> None:
    def change() -> None:
        store.publish(JUNE, content(1), simulated=True)
        store.withdraw("2024-06-30", "essai", HERE)
        store.restore("2024-06-30~2", HERE)
        prepare(store, load_programme(), {"usages": [InputFile("usages.csv", b"a;b\n1;2\n")]}, as_of=JUNE, by=HERE)
        tally.add(tally.Event.QUERY_TIMEOUT)

    more = grown(here, change)
    assert [more["sunes_publications_total", what] for what in ("published", "withdrawn", "restored")] == [1, 1, 1]
    assert (more["sunes_query_timeouts_total",], more["sunes_imports_total",]) == (1, 1)


def test_open_pages_are_counted_while_they_are_open(here: TestClient, store: Store) -> None:
    begun, go = Event(), Event()

    async def stay(*_: object) -> None:
        begun.set()
        assert await asyncio.to_thread(go.wait, 60)

    def visit() -> None:
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": []}
        asyncio.run(Observed(stay, [])(scope, stay, stay))  # type: ignore[arg-type]

    visitor = Thread(target=visit)
    visitor.start()
    assert begun.wait(60)
    during = figures(here)["sunes_sessions",]
    go.set()
    visitor.join(60)
    assert during == figures(here)["sunes_sessions",] + 1


def test_the_process_says_what_it_takes(here: TestClient, store: Store) -> None:
    told = figures(here)
    assert 0 < told["process_resident_memory_bytes",] < told["sunes_memory_limit_bytes",]
    assert told["sunes_runs_waiting",] == 0
    assert told["sunes_store_read_timestamp_seconds",] > 1.7e9


def test_openmetrics_are_told_to_who_asks_for_them(here: TestClient, store: Store) -> None:
    answer = here.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")


WATCHED = pytest.mark.parametrize("path", ["/readyz", "/metrics"])
PROXIED = {"x-forwarded-for": "192.0.2.7"}


@WATCHED
@pytest.mark.parametrize(
    ("address", "host", "headers", "listens", "status"),
    [
        ("127.0.0.1", "localhost:8501", {}, "127.0.0.1", 200),
        ("192.0.2.7", "localhost:8501", {}, "127.0.0.1", 404),
        # A server in front, on the same machine.
        ("127.0.0.1", "sunes.exemple.fr", {}, "127.0.0.1", 404),
        ("127.0.0.1", "localhost:8501", PROXIED, "127.0.0.1", 404),
        # One that adds no word of its own: its visitors look like programs of this machine.
        ("127.0.0.1", "localhost:8501", {}, "0.0.0.0", 404),
        # At the socket of a process.
        ("", "localhost", {}, "0.0.0.0", 200),
        ("", "sunes.exemple.fr", {}, "0.0.0.0", 404),
        ("", "localhost", PROXIED, "0.0.0.0", 404),
    ],
)
def test_only_who_keeps_the_server_is_told(
    *, path: str, store: Store, monkeypatch: pytest.MonkeyPatch, address: str, host: str, headers: dict[str, str],
    listens: str, status: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("SUNES_LISTENS", listens)
    with client(address, host) as asking:
        assert asking.get(path, headers=headers).status_code == status
        assert asking.get("/healthz", headers=headers).status_code == 200


@WATCHED
def test_where_one_signs_in_nobody_is_told_for_being_on_the_same_machine(
    path: str, store: Store, here: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sunes.ui.access.providers.is_configured", lambda: True)
    assert here.get(path).status_code == 404


@WATCHED
@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.7"])
def test_an_administrators_key_opens_the_figures_from_anywhere(
    path: str, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    def ask_with(asking: TestClient, key: str) -> Any:
        return asking.get(path, headers={"authorization": f"Bearer {key}"})

    rules = tmp_path / "acces.toml"
    rules.write_text(
        "".join(
            f'[[keys]]\nname = "{role}"\nrole = "{role}"\nsha256 = "{sha256(role.encode()).hexdigest()}"\n'
            for role in ("administrator", "national_editor")
        )
    )
    monkeypatch.setenv("SUNES_ACCESS", str(rules))
    monkeypatch.setenv("SUNES_LISTENS", "0.0.0.0")
    with client(address, "sunes.exemple.fr") as asking:
        assert ask_with(asking, "administrator").status_code == 200
        assert ask_with(asking, "national_editor").status_code == 404
        refused = ask_with(asking, "autre")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert refused.text.startswith("Cette clé n’est pas connue")
        rules.write_text("[[keys")
        assert ask_with(asking, "administrator").status_code == 404


def test_what_a_cache_had_and_what_it_made_is_told() -> None:
    memo: Memo[str, str] = Memo(1000, len, "test")
    memo.of(["a", "b"], lambda keys: ((key, key) for key in keys))
    memo.of(["a", "c"], lambda keys: ((key, key) for key in keys))
    assert memo.kept("a") == "a"
    assert memo.kept("z") is None
    assert tally.caches()["test"] == tally.Usage(hits=2, misses=3, entries=3, bytes=3)
    del memo
    assert "test" not in tally.caches()


# Log -----------------------------------------------------------------------------------------------------------------


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_what_fails_is_one_line_under_the_id_of_its_request(
    here: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    with logs.written(True):
        answer = here.get(f"/data/v1/broken?{QUERY}", headers=ASKED)
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "0123456789abcdef")
    assert "la référence 01234567" in answer.text
    (line,) = lines(capsys.readouterr().err)
    assert (line["level"], line["logger"], line["request_id"]) == (
        "error",
        "sunes.ui.server.monitoring",
        "0123456789abcdef",
    )
    assert line["message"] == "Erreur 01234567"
    assert line["exception"].startswith("Traceback")
    assert "ZeroDivisionError" in line["exception"]
    assert not [secret for secret in SECRETS if secret in json.dumps(line)]


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space 12345", 'quote"quote"quote', "ligne\\nsuivante"])
def test_an_id_that_could_be_anything_is_not_taken_over(here: TestClient, given: str) -> None:
    answer = here.get("/healthz", headers={"x-request-id": given})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


def failing_page() -> None:
    from sunes.ui.errors import show_error

    show_error(ZeroDivisionError("?email=marie@exemple.fr"))


def test_the_reference_that_a_page_shows_is_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.written(True):
        (shown,) = AppTest.from_function(failing_page).run().error
    reference = shown.value.split("**")[1]
    line = next(each for each in lines(capsys.readouterr().err) if each["logger"] == "sunes.ui.errors")
    assert re.fullmatch(f"{reference}[0-9a-f]{{24}}", line["request_id"])
    assert line["message"] == f"Erreur {reference} : ZeroDivisionError('?…')"
    assert "marie" not in json.dumps(line)


def test_the_id_of_a_session_is_the_same_for_all_its_runs_and_does_not_open_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sessions = ["one", "one", "two"]
    monkeypatch.setattr(request_id, "_session", lambda: sessions.pop(0))
    first, again, other = Context().run(lambda: [request_id.current() for _ in range(3)])
    assert first == again != other
    assert "one" not in first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("GET https://a.fr/x?code=1&state=2 failed", "GET https://a.fr/x?… failed"),
        ("s3://cle:motdepasse@seau/dossier", "s3://…@seau/dossier"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: …"),
        ("{'client_secret': 'abc'}", "{'client_secret': '…'}"),
        ("sent with Bearer abcdefghij", "sent with Bearer …"),
        ("{'cookie_secret': 'a b, c', 'x': 1}", "{'cookie_secret': '…', 'x': 1}"),
        ("AWS_SECRET_ACCESS_KEY=abc/def+", "AWS_SECRET_ACCESS_KEY=…"),
        ('{"id_token": "a.b.c", "access_token":"d"}', '{"id_token": "…", "access_token":"…"}'),
        ("password='cut sho", "password='…'"),
        ("code=4/abc&state=xyz&x=1", "code=…&state=…&x=1"),
        ("status_code=404, code : 3", "status_code=404, code : 3"),
        ("Cookie: a=b; c=d; e=f\nnext", "Cookie: …\nnext"),
        ("[(b'cookie', b'a=b; c=d'), (b'host', b'x')]", "[(b'cookie', b'…'), (b'host', b'x')]"),
        ("{'cookie': 'a=b; c=d'}", "{'cookie': '…'}"),
        ("Pourquoi ? Le jeton est expiré.", "Pourquoi ? Le jeton est expiré."),
    ],
)
def test_secrets_are_left_out_of_what_libraries_say(text: str, said: str) -> None:
    assert logs.without_secrets(text) == said


@pytest.mark.parametrize("lines", [False, True])
def test_what_somebody_sent_moves_no_terminal_and_begins_no_line(
    capsys: pytest.CaptureFixture[str], lines: bool
) -> None:
    sent = "x\x1b[31mrouge\u2028\u2029\x85\x9b\x7f\u202e\ud800\U000e0041\n12:00:00 faux é\u202f%"
    with logs.written(lines):
        logging.getLogger("sunes.x").warning("dit %s", sent)
    said = capsys.readouterr().err.removesuffix("\n")
    assert "rouge" in said
    assert "é\u202f%" in said  # French is left as it is
    assert not re.search("[\x1b\u2028\u2029\x85\x9b\x7f\u202e\ud800\U000e0041]", said)
    if lines:
        assert json.loads(said)["message"] == f"dit {sent}"
        assert len(said.splitlines()) == 1
    else:
        assert [line[:4] for line in said.splitlines()[1:]] == ["    "]


@pytest.mark.parametrize(("stated", "is_json"), [("json", True), ("text", False)])
def test_the_form_of_the_log_can_be_stated(monkeypatch: pytest.MonkeyPatch, stated: str, is_json: bool) -> None:
    monkeypatch.setenv("SUNES_LOG", stated)
    assert (logs.wants_lines(True), logs.wants_lines(False)) == (is_json, is_json)
    monkeypatch.setenv("SUNES_LOG", "")
    assert (logs.wants_lines(True), logs.wants_lines(False)) == (True, False)


def test_a_terminal_shows_sentences_and_others_only_what_went_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.written(False), logs.written(True):  # the outer one stays
        logging.getLogger("sunes.ui.server.ahead").info("%d situations", 3)
        logging.getLogger("httpx").info("GET https://a.fr/?code=1")
        logging.getLogger("uvicorn.error").info("Started")
        logging.getLogger("streamlit.runtime").warning("lost")
    logging.getLogger("sunes.ui.server.ahead").info("afterwards")
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[2] for line in said] == ["3 situations", "WARNING lost"]


class UnixConnection(HTTPConnection):
    """HTTP to a process that listens on a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX)
        self.sock.connect(str(self._path))


def ask(path: Path, target: str, headers: dict[str, str] | None = None) -> tuple[HTTPResponse, str]:
    connection = UnixConnection(path)
    try:
        connection.request("GET", target, headers=headers or {})
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def test_a_process_behind_nginx_logs_one_line_for_each_trouble(tmp_path: Path) -> None:
    """And none for what is asked; it says that it is not ready, and goes on."""
    listening, log = tmp_path / "1.sock", tmp_path / "log"
    folder = tmp_path / "store" / "snapshots" / "as_of=2024-06-30"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{", "utf-8")
    environment = os.environ | {"SUNES_DATA": str(tmp_path / "store"), "TMPDIR": str(tmp_path)}
    environment.pop("SUNES_LOG", None)
    with log.open("wb") as output:
        command = (sys.executable, "-m", "sunes", "deploy", "worker", str(listening))
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stderr=output)
    try:
        wait(lambda: worker.poll() is not None or answers(listening))
        assert worker.poll() is None, log.read_text("utf-8")
        answer, _ = ask(listening, f"/data/v1/metrics.json?{QUERY}", ASKED)
        assert answer.headers["x-request-id"] == ASKED["x-request-id"]
        answer, _ = ask(listening, "/data/v1/metrics.json", {"x-request-id": ASKED["x-request-id"]})
        assert answer.status == 503
        answer, body = ask(listening, "/readyz")
        assert (answer.status, json.loads(body)["status"]) == (503, "unready")
        assert ask(listening, "/healthz")[0].status == 200
        names = {family.name for family in text_string_to_metric_families(ask(listening, "/metrics")[1])}
        assert {"sunes_ready", "sunes_requests", "sunes_sessions", "process_resident_memory_bytes"} <= names
        # Visitors' addresses come from nginx: they are told nothing.
        assert ask(listening, "/metrics", {"x-forwarded-for": "192.0.2.7"})[0].status == 404
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=60)
    said = log.read_text("utf-8")
    assert not [secret for secret in SECRETS if secret in said]
    troubles = [line for line in lines(said) if line["level"] in ("warning", "error")]
    ours = [line for line in troubles if line.get("request_id") == ASKED["x-request-id"]]
    assert len(ours) == 1
    assert ours[0]["message"].startswith("/data/v1/metrics.json : ")
    assert all(line.keys() >= {"time", "level", "logger", "message", "pid"} for line in troubles)


def answers(path: Path) -> bool:
    try:
        return ask(path, "/healthz")[0].status == 200
    except OSError:
        return False


def test_the_manual_names_figures_that_there_are(here: TestClient, store: Store) -> None:
    here.get("/healthz")
    with monitoring.run("/"):
        pass
    told = {re.sub("_bucket$", "", name) for name, *_ in figures(here)}
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("## Watching it")[2]
    named = set(re.findall(r"\bsunes_[a-z_]+\b", manual))
    assert len(named) > 10
    assert named <= told


def test_nginx_tells_the_figures_of_each_process_to_its_own_machine_only() -> None:
    folder = Path("/run/sunes")
    own = Site(site.workers(2, folder), ("127.0.0.1:8501",))
    server = Site(own.workers, ("443 ssl",), "sunes.exemple.fr", Path("/c.crt"), Path("/c.key"))
    public, _, private = site.site_file(server).partition("listen 127.0.0.1:9464;")
    assert "/metrics;" not in public
    assert "location ~ ^/(metrics|readyz)$ {\n        return 404;" in public
    assert "location = /2/metrics {\n        proxy_pass http://unix:/run/sunes/2.sock:/metrics;" in private
    assert private.count("listen") == 0
    assert "9464" not in site.site_file(own)
