"""Several processes behind one address: who is where, what a dead process takes with it, how all of it stops."""

import gzip
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from sunes.cli import serving
from sunes.serving import site
from sunes.serving.site import Site
from tests.browser import ROOT, Visit

Open = Callable[..., Visit]


@dataclass(frozen=True)
class Served:
    """A site with two processes, and what it says of itself."""

    url: str
    log: Path

    def said(self) -> str:
        return self.log.read_text("utf-8").replace("\u00a0", " ").replace("\u202f", " ")

    def pids(self, worker: str) -> list[int]:
        """The processes that this worker has been, so far as they came up."""
        return [int(pid) for pid in re.findall(rf"Processus {worker} : prêt \(pid (\d+)\)", self.said())]


def wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def served(log: Path, **environment: str) -> Iterator[Served]:
    """`python -m sunes serve`, once its processes answer. It has to stop well."""
    port = free_port()
    command = (sys.executable, "-m", "sunes", "serve", "--workers", "2", "--port", str(port), "--address", "127.0.0.1")
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    here = Served(f"http://127.0.0.1:{port}", log)
    try:
        wait(lambda: server.poll() is not None or "est servi" in here.said())
        assert server.poll() is None, here.said()
        yield here
    finally:
        server.terminate()
        server.wait(timeout=60)
    assert server.returncode == 0, here.said()
    assert "Traceback" not in here.said()


@pytest.fixture(scope="module")
def nginx() -> str:
    found = shutil.which("nginx", path=serving.WHERE_NGINX_IS)
    if found is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("nginx is not installed: several processes can't be checked (apt-get install nginx-light)")
    return found


@pytest.fixture(scope="module")
def here(nginx: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with served(folder / "serve.log", TMPDIR=str(folder)) as site:
        yield site
    assert list(folder.glob("sunes-*")) == []


def get(url: str, **headers: str) -> tuple[dict[str, str], bytes]:
    with urlopen(Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})) as answer:
        return {name.lower(): value for name, value in answer.headers.items()}, answer.read()


def test_new_visitors_are_shared_out_and_stay(here: Served) -> None:
    given = [get(here.url)[0]["set-cookie"].split(";")[0] for _ in range(4)]
    assert sorted(given) == ["sunes_worker=1"] * 2 + ["sunes_worker=2"] * 2
    assert all("set-cookie" not in get(here.url, cookie=cookie)[0] for cookie in given)
    assert re.match("sunes_worker=[12];", get(here.url, cookie="sunes_worker=9")[0]["set-cookie"])


def test_a_browser_that_knows_the_index_gets_it_once(here: Served) -> None:
    headers, _ = get(here.url, accept_encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    with pytest.raises(HTTPError) as again:
        get(here.url, accept_encoding="gzip", if_none_match=headers["etag"])
    with again.value as answer:
        assert answer.code == 304


def test_programs_get_no_cookie_and_their_answers_compressed(here: Served) -> None:
    headers, body = get(f"{here.url}/data/v1/snapshots.json", accept_encoding="gzip")
    assert "set-cookie" not in headers
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).startswith(b"[")


def test_what_never_changes_is_kept_for_good_and_comes_compressed(here: Served) -> None:
    script = next((site.assets() / "static" / "js").glob("PlotlyChart.*.js"))
    url = f"{here.url}/static/js/{script.name}"
    headers, body = get(url, accept_encoding="gzip, br")
    assert (headers["content-encoding"], headers["vary"]) == ("gzip", "Accept-Encoding")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"].startswith("text/javascript")
    assert "set-cookie" not in headers
    assert gzip.decompress(body) == script.read_bytes()
    assert get(url)[1] == script.read_bytes()


def test_a_dead_process_takes_only_its_own_sessions_and_they_come_back_to_the_same_view(
    here: Served, visit: Open, tmp_path: Path
) -> None:
    ours, theirs = visit(f"{here.url}/?region=76,11&volet=dmp"), visit(f"{here.url}/importer")
    mine, other = (worker(each) for each in (ours, theirs))
    assert {mine, other} == {"1", "2"}
    region = ours.page.get_by_role("heading", name="Île-de-France")
    expect(region).to_be_visible()
    reconnected: list[str] = []
    theirs.page.on("websocket", lambda opened: reconnected.append(opened.url))

    with ours.page.expect_websocket():
        os.kill(here.pids(mine)[-1], signal.SIGKILL)
    expect(region).to_be_visible()
    wait(lambda: len(here.pids(mine)) == 2)
    ours.settle()
    ours.page.get_by_role("button", name="Île-de-France ✕").click()
    expect(region).to_have_count(0)
    expect(ours.page).to_have_url(f"{here.url}/?region=76&volet=dmp")

    # The dead one is back, its sessions stay where they are, and so do the files that they send and get.
    assert worker(ours) == other
    ours.page.get_by_role("link", name="Importer").click()
    (tmp_path / "registre.csv").write_bytes(2_000_000 * b"finess;nom\n")
    ours.page.get_by_test_id("stFileUploader").first.locator("input[type=file]").set_input_files(
        tmp_path / "registre.csv"
    )
    expect(ours.page.get_by_role("button", name="Retirer registre.csv")).to_be_visible()
    ours.page.get_by_role("link", name="Données et sources").click()
    ours.page.get_by_role("tab", name="Situations").click()
    with ours.page.expect_download() as download:
        ours.page.get_by_role("button", name="Usages (parquet)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PAR1")
    assert worker(ours) == other
    assert (ours.errors, theirs.errors, reconnected) == ([], [], [])


def worker(seen: Visit) -> str:
    """The process that a browser is told to keep to."""
    return next(each["value"] for each in seen.page.context.cookies() if each.get("name") == "sunes_worker")


def test_while_no_process_answers_a_visitor_is_told_to_wait(nginx: str, tmp_path: Path) -> None:
    port = free_port()
    made = Site(site.workers(2, tmp_path), (f"127.0.0.1:{port}",))
    (tmp_path / "nginx.conf").write_text(site.whole_file(made, tmp_path, 1024), "utf-8")
    alone = subprocess.Popen((nginx, "-p", tmp_path, "-e", "stderr", "-c", tmp_path / "nginx.conf"))
    try:
        wait(lambda: answers(port))
        with pytest.raises(HTTPError) as refused:
            get(f"http://127.0.0.1:{port}/regions?region=76")
        with refused.value as answer:
            assert (answer.code, answer.headers["retry-after"]) == (503, "5")
            assert "<h1>sunes démarre</h1>" in answer.read().decode()
        with pytest.raises(ConnectionResetError):  # a page that is open goes on trying
            get(f"http://127.0.0.1:{port}/_stcore/health")
    finally:
        alone.terminate()
        alone.wait(timeout=60)


def test_nginx_accepts_the_site_of_a_server(nginx: str, tmp_path: Path) -> None:
    certificate, key = tmp_path / "sunes.crt", tmp_path / "sunes.key"
    subprocess.run(
        (
            *["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sunes.exemple.fr"],
            "-out",
            certificate,
            "-keyout",
            key,
        ),
        check=True,
        capture_output=True,
    )
    made = Site(site.workers(3, Path("/run/sunes")), ("8443 ssl http2",), "sunes.exemple.fr", certificate, key)
    (tmp_path / "nginx.conf").write_text(site.whole_file(made, tmp_path, 1024), "utf-8")
    checked = subprocess.run(
        (nginx, "-t", "-p", tmp_path, "-e", "stderr", "-c", tmp_path / "nginx.conf"), capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    assert site.site_file(made).count("backup;") == 6
