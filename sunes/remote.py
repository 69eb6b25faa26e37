"""A store on an object store: `s3://bucket/prefix`, or any other address that pyarrow's file systems know.

Objects appear whole, one by one, and nothing can be renamed. So a revision is there once its manifest is, which is
written last; what has no manifest yet is not seen. pyarrow knows no conditional write: publishers keep apart by an
announcement that each makes before it looks at those of the others (see `RemotePlace.publisher`). What is read is
copied to this machine and verified against the manifest.
"""

import random
import shutil
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Thread, local
from typing import ParamSpec, TypeVar
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from pyarrow import fs

from sunes.copies import copies_of, keep, make_room, used
from sunes.errors import DataError, UsageError
from sunes.manifest import MANIFEST, WITHDRAWAL
from sunes.place import FILES, INDEX, Stamps, UnreachableError
from sunes.publishing import StoreBusyError

LOCKS = ".locks"
# Whoever said that they were publishing so many seconds ago died since.
LEASE = 900.0
# Seconds after which what was asked of the server is given up, and for which it is then left in peace: a page that
# needs thirty files of a server that is down must not wait for each.
LIMIT, REST = 15.0, 3.0
# How often a publisher that meets others tries.
_TRIES = 4
# How many files are read at a time, and how often the copies that this process reads are said to be in use.
_TOGETHER = 16
_KEPT = 60.0

_REASONS = {
    "NETWORK_CONNECTION": "le serveur ne répond pas",
    "NO_SUCH_BUCKET": "ce compartiment n’existe pas",
    "ACCESS_DENIED": "l’accès est refusé, vérifiez vos droits (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)",
    "INVALID_ACCESS_KEY_ID": "cette clé d’accès n’est pas connue (AWS_ACCESS_KEY_ID)",
    "SIGNATURE_DOES_NOT_MATCH": "cette clé secrète n’est pas la bonne (AWS_SECRET_ACCESS_KEY)",
    "SLOW_DOWN": "le serveur demande d’attendre",
}

P = ParamSpec("P")
T = TypeVar("T")


def is_remote(where: str) -> bool:
    return "://" in where


def local_copies(address: str) -> Path:
    """The folder of this machine that holds what is kept of a place: two addresses of one place share it."""
    return copies_of(_name(address))


@lru_cache(maxsize=64)
def _name(address: str) -> str:
    parts = urlsplit(address)
    endpoint = dict(parse_qsl(parts.query)).get("endpoint_override", "")
    place = f"{parts.scheme}://{parts.hostname}{parts.path.rstrip('/')} {endpoint}"
    return sha256(place.encode()).hexdigest()[:16]


@lru_cache(maxsize=64)
def remote_place(address: str) -> "RemotePlace":
    """The place at an address. Raises UsageError where the address is not one."""
    return RemotePlace(address)


class RemotePlace:
    """See `place.Place`. Two are the same when they are the same object: `remote_place` makes one for each address."""

    pace = 5.0
    remote = True

    def __init__(self, address: str) -> None:
        try:
            # From its parts: an address may hold a key and a password, which nobody should read.
            self._files, path = fs.FileSystem.from_uri(address)
            if not urlsplit(address).hostname:
                raise ValueError(address)
        except (OSError, ValueError) as error:
            scheme = urlsplit(address).scheme
            raise UsageError(
                f"cette adresse de données ({scheme}://…) ne peut pas être lue ; écrivez s3://compartiment/dossier."
            ) from error
        self._above, self._scheme = path.rstrip("/"), urlsplit(address).scheme
        self._copies = local_copies(address)
        self._found_root: str | None = None
        self._kept_at = self._resting_until = 0.0
        self._own = local()
        self.troubles = 0

    def __str__(self) -> str:
        return f"{self._scheme}://{self._found_root or f'{self._above}/snapshots'}"

    def hint(self) -> Hashable:
        return None

    def look(self, files: Sequence[str]) -> Mapping[str, Stamps]:
        found: dict[str, dict[str, tuple[int, ...]]] = {}
        root = self._root
        for info in self._do(self._list, root):
            folder, _, file = info.path[len(root) + 1 :].partition("/")
            if folder.startswith("as_of=") and file:
                found.setdefault(folder, {})[file] = (info.size or 0, info.mtime_ns or 0)
        return {folder: tuple([there.get(file) for file in files]) for folder, there in found.items()}

    def read(self, folder: str, file: str) -> bytes:
        return self._do(self._read, f"{self._root}/{folder}/{file}")

    def names(self, folder: str) -> list[str]:
        path = f"{self._root}/{folder}"
        return [info.base_name for info in self._do(self._list, path)]

    def index(self) -> bytes:
        return self._do(self._read, f"{self._root}/{INDEX}")

    def put_index(self, content: bytes) -> None:
        self._do(self._write, f"{self._root}/{INDEX}", content)

    def each(self, act: Callable[[T], object], items: Iterable[T]) -> None:
        with ThreadPoolExecutor(_TOGETHER) as pool:
            for _ in pool.map(act, items):
                pass

    def path(self, folder: str, digest: str) -> Path:
        return self._copies / digest[:16] / folder

    def fetch(self, path: Path) -> None:
        missing = [file for file in FILES if file != WITHDRAWAL and not (path / file).exists()]
        if not missing:
            return

        def copy(file: str) -> None:
            with suppress(FileNotFoundError):  # whoever reads the copy finds that there is none
                keep(path / file, self.read(path.name, file))

        try:
            self.each(copy, missing)
        except DataError:
            self.troubles += 1
            raise
        make_room(self._copies)

    def discard(self, path: Path) -> None:
        shutil.rmtree(path, ignore_errors=True)

    def keep(self, paths: Iterable[Path]) -> Collection[Path]:
        if time.monotonic() - self._kept_at < _KEPT:
            return ()
        self._kept_at = time.monotonic()
        return [path for path in paths if not used(path)]

    @contextmanager
    def publisher(self) -> Iterator[None]:
        """Announce oneself, then look who else did.

        Of two who announce themselves at once, at least one sees the other, as a listing shows every object that was
        written before; who sees another steps back. The announcement of someone who died holds for LEASE seconds.
        """
        own = self._own.path = self._announce()
        try:
            yield
        finally:
            self._own.path = None
            self._resting_until = 0.0  # an announcement that stays would hold the next publisher up
            with suppress(OSError, DataError):
                self._do(self._delete, own)

    def put_folder(self, folder: str, files: Mapping[str, bytes]) -> None:
        path = f"{self._root}/{folder}"
        if self._do(self._is_there, f"{path}/{MANIFEST}"):
            raise StoreBusyError(f"« {folder} » vient d’être publié par ailleurs ; rien n’a été remplacé.")
        for file in files:
            if file != MANIFEST:
                self._put(f"{path}/{file}", files[file])
        self._put(f"{path}/{MANIFEST}", files[MANIFEST], decisive=True)

    def put_file(self, folder: str, file: str, content: bytes) -> None:
        self._put(f"{self._root}/{folder}/{file}", content, decisive=True)

    def rename_file(self, folder: str, file: str, name: str) -> None:
        """A copy, then a deletion: whoever dies in between leaves both, so the file keeps its old meaning."""
        old = f"{self._root}/{folder}/{file}"
        self._put(f"{self._root}/{folder}/{name}", self._do(self._read, old))
        with self._writing(decisive=True):
            self._do(self._delete, old)

    @property
    def _root(self) -> str:
        """The folder of the revisions: `snapshots` or, in a store of another's making, the one of the address."""
        if self._found_root is None:
            names = [info.base_name for info in self._do(self._list, self._above, recursive=False)]
            nested = "snapshots" in names or not any(name.startswith("as_of=") for name in names)
            root = f"{self._above}/snapshots" if nested else self._above
            if not names:
                return root
            self._found_root = root
        return self._found_root

    def _announce(self) -> str:
        folder = f"{self._root}/{LOCKS}"
        for attempt in range(_TRIES):
            time.sleep(random.uniform(0.1, 0.4) * attempt)
            own = f"{folder}/{uuid4().hex}"
            with self._writing():
                self._do(self._write, own, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode())
            made = {info.path: info.mtime_ns or 0 for info in self._do(self._list, folder)}
            # By the clock of the server, whoever's announcement it is.
            now = made.pop(own, None)
            living = [path for path, moment in made.items() if now is None or now - moment < LEASE * 1e9]
            if not living and now is not None:
                for path in made:
                    self._do(self._delete, path)
                return own
            self._do(self._delete, own)
        raise StoreBusyError(f"une autre publication est en cours dans « {self} » ; attendez sa fin, puis recommencez.")

    def _put(self, path: str, content: bytes, decisive: bool = False) -> None:
        with self._writing():
            if not self._do(self._is_there, self._own.path):
                raise StoreBusyError(
                    "cette publication a duré trop longtemps et une autre a pris sa place ; rien n’a été publié, "
                    "recommencez."
                )
        with self._writing(decisive):
            self._do(self._write, path, content)

    @contextmanager
    def _writing(self, decisive: bool = False) -> Iterator[None]:
        """Tell a person what became of what was to be written. What is `decisive` may be in place all the same."""
        try:
            yield
        except (UnreachableError, FileNotFoundError) as error:
            rest = (
                "Ce changement est peut-être en place : relisez la liste des situations avant de recommencer."
                if decisive
                else "L’état précédent est intact."
            )
            raise UnreachableError(f"l’écriture dans « {self} » a échoué. {error} {rest}") from error

    def _do(self, act: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Ask the server for something, and wait for it no longer than LIMIT."""
        if time.monotonic() < self._resting_until:
            raise self._unreachable("le serveur ne répond pas")
        answer: Future[T] = Future()

        def ask() -> None:
            try:
                answer.set_result(act(*args, **options))
            except BaseException as error:
                answer.set_exception(error)

        Thread(target=ask, name="sunes-remote", daemon=True).start()
        try:
            return answer.result(LIMIT)
        except FileNotFoundError:
            raise
        except OSError as error:  # TimeoutError is one
            said = "NETWORK_CONNECTION" if isinstance(error, TimeoutError) else str(error)
            if "NETWORK_CONNECTION" in said:
                self._resting_until = time.monotonic() + REST
            reason = next((reason for code, reason in _REASONS.items() if code in said), said[:200])
            raise self._unreachable(reason) from error

    def _unreachable(self, reason: str) -> UnreachableError:
        return UnreachableError(f"« {self} » ne peut pas être lu ({reason}) ; vérifiez-en l’adresse et le réseau.")

    def _list(self, path: str, recursive: bool = True) -> list[fs.FileInfo]:
        selector = fs.FileSelector(path, allow_not_found=True, recursive=recursive)
        infos = self._files.get_file_info(selector)
        return [info for info in infos if info.is_file] if recursive else infos

    def _is_there(self, path: str) -> bool:
        return bool(self._files.get_file_info(path).is_file)

    def _read(self, path: str) -> bytes:
        with self._files.open_input_file(path) as file:
            return bytes(file.read())

    def _write(self, path: str, content: bytes) -> None:
        with self._files.open_output_stream(path) as file:
            file.write(content)

    def _delete(self, path: str) -> None:
        try:
            self._files.delete_file(path)
        except OSError:
            # pyarrow then writes an empty object for the folder, which not every server or right allows.
            if self._is_there(path):
                raise
