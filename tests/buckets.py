"""An S3-compatible server on this machine, in a thread: what is put there is a file in a folder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, socket
from threading import Event, Thread
from typing import Any
from urllib.parse import unquote

from localbucket import S3Error, S3Handler

BUCKET = "donnees"


class Bucket:
    """A server with one bucket, which can be stopped and started again, or be made to keep its visitors waiting."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / BUCKET
        self.folder.mkdir(parents=True)
        # What was asked for, and what of it to refuse.
        self.asked: list[str] = []
        self.refuses: Callable[[str], bool] = lambda asked: False
        self.open = Event()
        self.open.set()
        bucket = self

        class Handler(S3Handler):  # type: ignore[misc]
            data_root = folder
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                bucket._connections.append(self.connection)

            def parse_request(self) -> bool:
                parsed = bool(super().parse_request())
                if not parsed:
                    return False
                asked = f"{self.command} {unquote(self.path)}"
                bucket.asked.append(asked)
                bucket.open.wait()
                if bucket.refuses(asked):
                    self._read_body()
                    self._send_error(S3Error(HTTPStatus.FORBIDDEN, "AccessDenied", "Access Denied"))
                    return False
                return True

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        self._handler = Handler
        self._server: ThreadingHTTPServer | None = None
        self._connections: list[socket] = []
        self.port = 0
        self.start()

    def start(self) -> None:
        server = self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        server.daemon_threads = True
        self.port = server.server_port
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(SHUT_RDWR)
            self._connections.clear()

    def address(self, folder: str = "sunes") -> str:
        return f"s3://cle:secret@{BUCKET}/{folder}?endpoint_override=127.0.0.1:{self.port}&scheme=http"


@contextmanager
def bucket(folder: Path) -> Iterator[Bucket]:
    started = Bucket(folder)
    try:
        yield started
    finally:
        started.open.set()
        started.stop()
