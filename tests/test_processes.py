"""What serves is started, kept going and stopped, told what it needs, and says what is wrong in one sentence."""

import asyncio
import gzip
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sunes.cli import app
from sunes.errors import DataError
from sunes.serving import processes, site
from sunes.serving.compressed import compress
from sunes.serving.site import Site, Worker

_LISTENS = """
import asyncio, sys
async def main():
    async with await asyncio.start_unix_server(lambda reader, writer: writer.close(), sys.argv[1]) as server:
        await server.serve_forever()
asyncio.run(main())
"""
_FRONT = ("sleep", "600")


def keep(workers: Sequence[Worker], command: Callable[[Worker], processes.Command], front: processes.Command) -> str:
    """Serve until told that all is served, or until it fails; what was told."""
    told: list[str] = []

    def tell(sentence: str) -> None:
        told.append(sentence)
        if sentence == "served":
            os.kill(os.getpid(), signal.SIGTERM)

    asyncio.run(processes.serve(workers, command, front, "served", tell))
    return "\n".join(told)


def test_a_signal_stops_every_process(tmp_path: Path) -> None:
    told = keep(site.workers(2, tmp_path), lambda each: (sys.executable, "-c", _LISTENS, each.socket), _FRONT)
    pids = [int(pid) for pid in re.findall(r"pid (\d+)", told)]
    assert len(pids) == 2
    assert told.endswith("served\nArrêt…")
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_process_that_does_not_come_up_stops_the_rest(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="le processus 1 n’a pas démarré"):
        keep(site.workers(1, tmp_path), lambda _: (sys.executable, "-c", "raise SystemExit(3)"), _FRONT)


def test_nothing_goes_on_without_nginx(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nginx s’est arrêté"):
        keep(site.workers(1, tmp_path), lambda _: _FRONT, (sys.executable, "-c", ""))


def refused(*args: str) -> str:
    done = CliRunner().invoke(app, ["serve", *args])
    assert done.exit_code == 2
    return done.stderr.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_port_that_is_taken_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: "/usr/sbin/nginx")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"le port {port} n’est pas libre ; choisissez-en un autre" in refused("--port", str(port))
    assert "« 192.0.2.1 » n’est pas une adresse de cette machine" in refused("--address", "192.0.2.1")


def test_a_missing_nginx_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)
    assert "nginx n’est pas installé" in refused()


def test_copies_are_made_once_and_again_when_their_original_changes(tmp_path: Path) -> None:
    script, small, picture = tmp_path / "js" / "a.js", tmp_path / "b.css", tmp_path / "c.png"
    script.parent.mkdir()
    for path, size in ((script, 2000), (small, 10), (picture, 2000)):
        path.write_bytes(size * b"x")
    copy = script.with_name("a.js.gz")
    assert compress(tmp_path) == 1
    assert gzip.decompress(copy.read_bytes()) == script.read_bytes()
    assert compress(tmp_path) == 0

    script.write_bytes(2000 * b"y")
    later = copy.stat().st_mtime + 10
    os.utime(script, (later, later))
    assert compress(tmp_path) == 1
    assert gzip.decompress(copy.read_bytes()) == 2000 * b"y"
    assert sorted(path.name for path in tmp_path.rglob("*.gz")) == ["a.js.gz"]


def test_files_may_be_as_large_as_the_application_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Site(site.workers(1, Path("/run/sunes")), ("127.0.0.1:8501",))
    assert "client_max_body_size 101m;" in site.site_file(made)
    monkeypatch.setenv("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", "20")
    assert "client_max_body_size 21m;" in site.site_file(made)
