"""Bad days, each made on purpose: what a person sees, that nothing is lost, and how long it takes to be back.

Processes are real, and really killed. What is asserted is what a person sees and what is kept; how long it took is
measured, and written into docs/security.md by `SUNES_WRITE_TABLES=1 pytest tests/test_faults.py`.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import servers, workers
from benchmarks.streamlit_client import Viewer
from sunes.access.journal import What
from sunes.backup import back_up
from sunes.deck.frozen import frozen
from sunes.deck.plan import Choice, Deck
from sunes.place import INDEX
from sunes.programme import load_programme
from sunes.publishing import LOCK, STAGING
from sunes.snapshots import DATA, SnapshotId, Store
from tests.forked_publishers import AS_OF, content
from tests.generated_tables import SECURITY, settle
from tests.people import HERE

P = ParamSpec("P")

HEADER = ("fault", "how it is made", "what a person sees", "what is lost", "back after")
FAULTS: dict[str, tuple[str, str, str]] = {}
MEASURED: dict[str, float] = {}

# How many sessions there are when a process dies.
SESSIONS = 300
_DAYS = ("2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30")


def fault(name: str, made: str, seen: str, lost: str = "nothing") -> Callable[[Callable[P, float]], Callable[P, None]]:
    """A test is a row of the table; it returns the seconds that it took to be back."""

    def declare(test: Callable[P, float]) -> Callable[P, None]:
        FAULTS[name] = (made, seen, lost)

        @wraps(test)
        def run(*args: P.args, **options: P.kwargs) -> None:
            MEASURED[name] = test(*args, **options)

        return run

    return declare


@pytest.fixture(scope="module", autouse=True)
def _table() -> Iterator[None]:
    """What was measured is written once all of it is."""
    yield
    if os.environ.get("SUNES_WRITE_TABLES"):
        check_table()


def check_table() -> None:
    rows = [(name, *told, _seconds(MEASURED.get(name))) for name, told in FAULTS.items()]
    settle(SECURITY, "faults", HEADER, rows, measured=("back after",))


def _seconds(measured: float | None) -> str | None:
    return None if measured is None else f"{measured:.1f} s" if measured >= 0.1 else "less than 0.1 s"


def test_the_table_has_every_fault_and_no_other() -> None:
    check_table()


# What the faults happen to --------------------------------------------------------------------------------------------


class Commands:
    """The other end of `tests.forked_commands`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.forked_commands"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=servers.ROOT,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "COLUMNS": "200"},
        )
        assert self._answer() == "ready\n"

    def run(self, *args: object, **how: Any) -> tuple[int, float, str]:
        """How a command ended, how long it took, what it said."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"args": [str(each) for each in args]} | how) + "\n")
        self._process.stdin.flush()
        code, seconds, said = json.loads(self._answer())
        return code, seconds, said.replace("\u00a0", " ").replace("\u202f", " ")

    def done(self, *args: object) -> float:
        """A command that has to succeed, and the seconds that it took."""
        code, seconds, said = self.run(*args)
        assert code == 0, said
        return seconds

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    started = Commands()
    yield started
    started.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two dates of the embedded data, on a disk of this test's own."""
    return some_days(tmp_path / "data", _DAYS[-2:])


@pytest.fixture
def files(tmp_path: Path) -> tuple[object, ...]:
    """The words of an import that corrects the newest date."""
    register, dossiers = tmp_path / "registre.csv", tmp_path / "dossiers.csv"
    numbers = [f"99{number:07}" for number in range(400)]
    register.write_text(
        "finess,name,legal_status,department_code\n" + "".join(f"{n},Clinique {n},public,31\n" for n in numbers),
        "utf-8",
    )
    dossiers.write_text(
        "finess,window,volet,decision,filed_on,decided_on\n"
        + "".join(f"{n},1,dmp,accepted,2021-09-15,2021-12-01\n" for n in numbers),
        "utf-8",
    )
    return "import", "--as-of", "2024-06-30", "--register", register, "--applications", dossiers, "--confirm"


def some_days(folder: Path, days: tuple[str, ...]) -> Store:
    for day in days:
        shutil.copytree(DATA / "snapshots" / f"as_of={day}", folder / "snapshots" / f"as_of={day}")
    return Store(folder)


def state(store: Store) -> dict[str, bytes]:
    return {str(path.relative_to(store.directory)): path.read_bytes() for path in store.folder.glob("as_of=*/*")}


def is_sound(store: Store) -> bool:
    return not store.damaged() and not any(store.verify(each.id.pin) for each in store.snapshots())


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith((STAGING, ".restoring-", ".sunes"))]


def moments(number: int, duration: float) -> Iterator[float]:
    """When to kill what takes so many seconds: at random, the same for each run of the tests."""
    chance = random.Random(20240630)
    for _ in range(number):
        yield chance.uniform(0.0, duration)


# Killed ---------------------------------------------------------------------------------------------------------------


@fault(
    "a process is killed while it imports and publishes",
    "`import` of two files, `kill -9` at 15 random moments",
    "the figures of before, or the new ones; the import is given again",
    "the import that was not published",
)
def test_an_import_is_killed(commands: Commands, store: Store, files: tuple[object, ...], tmp_path: Path) -> float:
    before, killed = state(store), 0
    rehearsal = some_days(tmp_path / "rehearsal", _DAYS[-2:])
    duration = commands.done("--data", rehearsal.directory, *files)
    for after in moments(15, duration):
        known = state(store)
        code, _, said = commands.run("--data", store.directory, *files, after=after)
        assert code in (0, -signal.SIGKILL), said
        killed += code != 0
        now = state(store)
        assert {name: now[name] for name in known} == known
        assert len(now) - len(known) in (0, 4), "all of a revision or nothing of it"
        assert not store.damaged()
    assert killed > 5
    back = commands.done("--data", store.directory, *files)
    assert leftovers(store.folder) == []
    assert is_sound(store)
    assert {name: state(store)[name] for name in before} == before
    assert store.journal.read(HERE).problems == ()
    return back


@fault(
    "a process is killed while it withdraws or restores a revision",
    "`snapshots withdraw` and `restore`, `kill -9` at 20 random moments",
    "the revision stands, or is withdrawn with its reason",
)
def test_a_withdrawal_is_killed(commands: Commands, store: Store) -> float:
    before = state(store)
    withdraw = ("--data", store.directory, "snapshots", "withdraw", "2024-06-30", "--reason", "essai")
    undo = ("--data", store.directory, "snapshots", "restore", "2024-06-30")
    duration = max(commands.done(*withdraw), commands.done(*undo))
    for after in moments(20, duration):
        taken_back = bool(store.withdrawals())
        code, _, said = commands.run(*(undo if taken_back else withdraw), after=after)
        assert code in (0, -signal.SIGKILL), said
        assert not store.damaged()
        assert all(each.reason == "essai" for each in store.withdrawals().values())
    back = commands.done(*(undo if store.withdrawals() else withdraw))
    now = state(store)
    assert {name: now[name] for name in before} == before
    return back


@fault(
    "a process is killed while it exports",
    "`export workbook` over an older file, `kill -9` at 8 random moments",
    "the older file, or the new one; never half of one",
    "the export",
)
def test_an_export_is_killed(commands: Commands, tmp_path: Path) -> float:
    store = Store(tmp_path / "data")
    store.publish(AS_OF, content(), simulated=True)
    target = tmp_path / "exports" / "sunes.xlsx"
    target.parent.mkdir()
    export = ("--data", store.directory, "export", "workbook", "-o", target)
    duration = commands.done(*export)
    whole, old = target.read_bytes(), b"an older file"
    for after in moments(8, duration):
        target.write_bytes(old)
        code, _, said = commands.run(*export, after=after)
        assert code in (0, -signal.SIGKILL), said
        assert target.read_bytes() in (old, whole)
        assert code or target.read_bytes() == whole
    target.write_bytes(old)
    back = commands.done(*export)
    assert target.read_bytes() == whole
    return back


@fault(
    "a process is killed while it makes a backup",
    "`backup`, `kill -9` at 15 random moments",
    "the archives that were there; what is half-made has no name that is taken for one",
    "the backup",
)
def test_a_backup_is_killed(commands: Commands, store: Store, tmp_path: Path) -> float:
    folder = tmp_path / "backups"
    folder.mkdir()
    backup = ("--data", store.directory, "backup", folder, "--keep", 1000)
    duration = commands.done(*backup)
    before = state(store)
    for after in moments(15, duration):
        code, _, said = commands.run(*backup, after=after)
        assert code in (0, -signal.SIGKILL), said
        assert len(leftovers(folder)) <= 1
    back = commands.done(*backup)
    assert leftovers(folder) == []
    assert state(store) == before
    for number, archive in enumerate(sorted(folder.iterdir())):
        commands.done("--data", tmp_path / f"again{number}", "restore", archive)
        assert state(Store(tmp_path / f"again{number}")) == before
    return back


@fault(
    "a process is killed while it restores a backup",
    "`restore --replace`, `kill -9` at 10 random moments",
    "the store of before, or the one of the archive; the other one is beside it",
)
def test_a_restoration_is_killed(commands: Commands, store: Store, tmp_path: Path) -> float:
    saved, archived = back_up(store, tmp_path / "saved.tar").path, state(store)
    store.publish(AS_OF, content(), simulated=True)
    other = state(store)

    def restore(target: Store, **how: float) -> tuple[int, float, str]:
        return commands.run("--data", target.directory, "restore", saved, "--replace", **how)

    def copy(number: int) -> Store:
        return Store(shutil.copytree(store.directory, tmp_path / f"copy{number}"))

    _, duration, said = restore(copy(0))
    replaced, back = set(), 0.0
    for number, after in enumerate(moments(10, duration), start=1):
        target = copy(number)
        code, _, said = restore(target, after=after)
        assert code in (0, -signal.SIGKILL), said
        assert state(target) in (archived, other)
        replaced.add(state(target) == archived)
        beside = [{str(p.relative_to(kept)) for p in kept.glob("*/*")} for kept in target.directory.glob("*-before-*")]
        for names in beside:
            assert {f"snapshots/{name}" for name in names} in (set(archived), set(other))
        code, seconds, said = restore(target)
        assert code == 0, said
        back = max(back, seconds)
        assert state(target) == archived
        assert leftovers(target.directory) == []
    assert False in replaced
    return back


# Disks ----------------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of 3 MB, where this machine lets us mount one; else False: its refusals are made up."""
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=3m", "sunes-faults", folder)
    mounted = not os.geteuid() and not subprocess.run(mount, capture_output=True, check=False).returncode
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(("umount", folder), check=True)


@fault(
    "the disk is full",
    "a file takes what is left of the disk, then `import`, `backup` and `restore`",
    "« le disque de … est plein ; libérez de la place, puis recommencez. L’état précédent est intact. »",
    "what could not be written",
)
def test_the_disk_is_full(commands: Commands, files: tuple[object, ...], tmp_path: Path) -> float:
    with small_disk(tmp_path / "disk") as mounted:
        store = some_days(tmp_path / "disk" / "data", _DAYS[-2:])
        store.publish(AS_OF, content(1), simulated=True)
        before, filler = state(store), tmp_path / "disk" / "filler"
        saved = back_up(store, tmp_path / "saved.tar").path
        if mounted:
            room = shutil.disk_usage(tmp_path / "disk").free
            filler.write_bytes((room - 8192) * b"x")
        refuse = {} if mounted else {"refuse": "ENOSPC"}
        code, _, said = commands.run("--data", store.directory, *files, **refuse)
        assert code == 1
        assert "est plein ; libérez de la place" in said
        assert "L’état précédent est intact." in said
        assert state(store) == before
        if mounted:
            for command in (("backup", tmp_path / "disk"), ("restore", saved, "--replace")):
                code, _, said = commands.run("--data", store.directory, *command)
                assert code == 1
                assert "place" in said
                assert state(store) == before
        assert leftovers(store.folder) + leftovers(store.directory) + leftovers(tmp_path / "disk") == []
        assert is_sound(store)
        filler.unlink(missing_ok=True)
        back = commands.done("--data", store.directory, *files)
        assert is_sound(store)
    return back


@fault(
    "the disk becomes read-only",
    "remounted read-only, then `import`; everything is still read",
    "« … n’est pas accessible en écriture ; demandez ce droit ou choisissez un autre dossier. … »",
    "what could not be written",
)
def test_the_disk_becomes_read_only(commands: Commands, files: tuple[object, ...], tmp_path: Path) -> float:
    with small_disk(tmp_path / "disk") as mounted:
        store = some_days(tmp_path / "disk" / "data", _DAYS[-2:])
        before = state(store)

        def remount(how: str) -> None:
            if mounted:
                subprocess.run(("mount", "-o", f"remount,{how}", tmp_path / "disk"), check=True)

        remount("ro")
        try:
            refuse = {} if mounted else {"refuse": "EROFS"}
            code, _, said = commands.run("--data", store.directory, *files, **refuse)
            assert code == 1
            assert "n’est pas accessible en écriture" in said
            assert "L’état précédent est intact." in said
            commands.done("--data", store.directory, "metrics", "--by", "region")
            commands.done("--data", store.directory, "backup", tmp_path / "saved.tar")
        finally:
            remount("rw")
        assert state(store) == before
        back = commands.done("--data", store.directory, *files)
        assert is_sound(store)
    return back


# The clock ------------------------------------------------------------------------------------------------------------


@fault(
    "the clock goes back",
    "a correction is published while the clock is three days ahead, another one once it is right again",
    "the last one is in force; a deck that was frozen in between still shows the same figures",
)
def test_the_clock_goes_back(commands: Commands, store: Store, files: tuple[object, ...]) -> float:
    programme = load_programme()
    ahead = timedelta(days=3).total_seconds()
    code, _, said = commands.run("--data", store.directory, *files, clock=ahead)
    assert code == 0, said
    assert store.resolve().id == SnapshotId(AS_OF, 2)
    stamped = store.resolve().manifest.published_at
    assert stamped
    assert stamped > datetime.now(UTC) + timedelta(days=2)
    deck = frozen(Deck(title="Webinaire", slides=(Choice(kind="title"),)), store, programme)
    shown = store.history(known_at=deck.known_at)

    back = commands.done("--data", store.directory, *files)
    assert store.resolve().id == SnapshotId(AS_OF, 3)
    assert store.history()[-1].id == SnapshotId(AS_OF, 3)
    assert store.history(known_at=deck.known_at) == shown
    told = [entry.what for entry in store.journal.read(HERE).entries]
    assert told.count(What.PUBLISHED) == 2
    # A wrong stamp goes with its revisions.
    for revision in (3, 2):
        store.withdraw(f"2024-06-30~{revision}", "horloge", by=HERE)
    after = store.publish(date(2024, 6, 30), content(1), simulated=True).manifest.published_at
    assert after
    assert after < datetime.now(UTC) + timedelta(days=1)
    return back


# Served ---------------------------------------------------------------------------------------------------------------


@dataclass
class Reader(Viewer):
    """A viewer that reads what is said on the page: its alerts."""

    alerts: list[str] = field(default_factory=list)
    elements: int = 0

    def _take(self, message: ForwardMsg, kind: str | None) -> str | None:
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self.elements += 1
            if message.delta.new_element.WhichOneof("type") == "alert":
                self.alerts.append(message.delta.new_element.alert.body.replace("\\", "").replace("\u00a0", " "))
        return super()._take(message, kind)


@dataclass(frozen=True)
class Page:
    """What a person has in front of them: the sentences of alerts, what failed, how much there is besides."""

    alerts: str
    errors: tuple[str, ...]
    elements: int

    @property
    def is_calm(self) -> bool:
        return not self.alerts and not self.errors


def page(url: str, query: str = "") -> Page:
    async def visit() -> Page:
        async with Reader(url) as reader:
            rerun = await reader.open("", query)
            return Page("\n".join(reader.alerts), rerun.errors, reader.elements)

    return asyncio.run(visit())


def status(url: str) -> int:
    try:
        with urlopen(url, timeout=60) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def eventually(true: Callable[[], object]) -> float:
    """Wait until something is so; the seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < 120
        time.sleep(0.05)
    return time.monotonic() - began


@dataclass(frozen=True)
class Served:
    url: str
    store: Store
    stalled: Path


@contextmanager
def served(store: Store, stalled: Path) -> Iterator[Served]:
    command = (sys.executable, "-m", "uvicorn", "tests.slow_disk:app", "--host=127.0.0.1", "--port={port}")
    environment = {
        "SUNES_DATA": str(store.directory),
        "SUNES_STALLED": str(stalled),
        "SUNES_LISTENS": "127.0.0.1",
    }
    with servers.start(command, "healthz", environment=environment) as server:
        try:
            yield Served(server.url, store, stalled)
        finally:
            stalled.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with served(some_days(folder / "data", _DAYS), folder / "stalled") as started:
        assert page(started.url).is_calm
        yield started


@fault(
    "a Parquet file is corrupted while it is served",
    "a byte of the newest snapshot is changed",
    "the page says that it is damaged, to who may mend it also which file, and leads to the last sound snapshot; "
    "other dates are shown as ever",
    "nothing: the file is put back, or the snapshot withdrawn",
)
def test_a_file_is_corrupted(site: Served) -> float:
    path = site.store.folder / "as_of=2024-06-30" / "usages.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    try:
        eventually(lambda: "usages.parquet" in page(site.url).alerts)
        assert "Traceback" not in page(site.url).alerts
        assert page(site.url, "snapshot=2024-05-31").errors == ()
        assert status(f"{site.url}/data/v1/metrics.json?snapshot=2024-06-30") == 503
        assert status(f"{site.url}/data/v1/metrics.json?snapshot=2024-05-31") == 200
        assert status(f"{site.url}/healthz") == 200
    finally:
        path.write_bytes(whole)
    return eventually(lambda: page(site.url).is_calm)


@fault(
    "the store disappears while it is served",
    "its folder is moved away, then back: a disk that is unmounted",
    "the figures that were read last, with a line that says so and of what time they are",
)
def test_the_store_is_moved(site: Served) -> float:
    before = page(site.url)
    away = site.store.folder.rename(site.store.directory / "away")
    try:
        eventually(lambda: "n’est plus là" in page(site.url).alerts)
        seen = page(site.url)
        assert seen.errors == ()
        assert "Les chiffres affichés sont ceux qui ont été lus à" in seen.alerts
        assert seen.elements >= before.elements
        assert not site.store.folder.exists()
    finally:
        away.rename(site.store.folder)
    return eventually(lambda: page(site.url).is_calm)


@fault(
    "the disk does not answer",
    "whatever looks at the store or reads its statements waits until the disk is back",
    "the figures that were read last, with a line that says so and of what time they are",
)
def test_the_disk_does_not_answer(site: Served) -> float:
    before = page(site.url)
    site.stalled.touch()
    try:
        eventually(lambda: "ne répond pas" in page(site.url).alerts)
        seen = page(site.url)
        assert seen.errors == ()
        assert seen.elements >= before.elements
    finally:
        site.stalled.unlink()
    return eventually(lambda: page(site.url).is_calm)


@fault(
    "the power fails amid a publication",
    "the server starts on half a revision, half a withdrawal, half an index, half a line of the journal, half a backup,"
    " half a restoration",
    "the figures of before",
    "the publication",
)
def test_the_power_fails(commands: Commands, files: tuple[object, ...], tmp_path: Path) -> float:
    store = some_days(tmp_path / "data", _DAYS[-2:])
    store.withdraw("2024-05-31", "essai", by=HERE)
    store.restore("2024-05-31", by=HERE)
    before = state(store)
    half = store.folder / f"{STAGING}0123456789abcdef"
    half.mkdir()
    (half / "establishments.parquet").write_bytes(b"PAR1 and then nothing")
    (store.folder / "as_of=2024-06-30" / ".withdrawn.json").write_text('{"reason": "à moi', "utf-8")
    (store.folder / LOCK).touch()
    index = (store.folder / INDEX).read_bytes()
    (store.folder / INDEX).write_bytes(index[: len(index) // 2])
    (store.directory / ".restoring-0123456789abcdef" / "snapshots" / "as_of=2024-06-30").mkdir(parents=True)
    assert store.journal.folder
    (journal,) = store.journal.folder.iterdir()
    journal.write_bytes(journal.read_bytes() + b'{"at": "2024-06-30T12:0')
    (tmp_path / ".sunes.partial").write_bytes(100 * b"x")

    began = time.monotonic()
    with served(store, tmp_path / "stalled") as site:
        assert page(site.url).is_calm
        back = time.monotonic() - began
        assert status(f"{site.url}/data/v1/metrics.json?snapshot=2024-06-30") == 200
        commands.done("--data", store.directory, *files)
        eventually(lambda: status(f"{site.url}/data/v1/metrics.json?snapshot=2024-06-30~2") == 200)
    assert {name: state(store)[name] for name in before} == before
    assert store.resolve().id == SnapshotId(AS_OF, 2)
    assert is_sound(store)
    assert leftovers(store.folder) == []
    told = store.journal.read(HERE)
    assert len(told.problems) == 1
    assert [entry.what for entry in told.entries].count(What.PUBLISHED) == 1
    commands.done("--data", store.directory, "backup", tmp_path)
    commands.done("--data", store.directory, "restore", next(tmp_path.glob("sunes-*.tar")), "--replace")
    assert leftovers(tmp_path) + leftovers(store.directory) == []
    return back


@fault(
    "a process dies under 300 people",
    "`kill -9` of one of two processes behind nginx, each page open",
    "« Connexion… »; then the same page, served by the other process; the others notice nothing",
    "what was not in the address: files given to « Importer » but not published",
)
def test_a_process_dies_under_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> float:
    if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("nginx is not installed: a dead process can't be replaced by another (apt-get install nginx-light)")
    servers.allow_many_files()
    store = some_days(tmp_path / "data", _DAYS[-1:])
    monkeypatch.setenv("SUNES_DATA", str(store.directory))
    with workers.serve(2) as server:
        lost, back = asyncio.run(_lose_one(server))
        assert 0 < lost < SESSIONS, "the others notice nothing"
        eventually(lambda: len(_workers(server)) == 2)
    assert is_sound(store)
    return back


async def _lose_one(server: servers.Server) -> tuple[int, float]:
    """Open all pages and kill a process: how many lost theirs, and the seconds until the last one has it back."""
    async with AsyncExitStack() as leaving:

        async def arrive() -> Viewer:
            viewer = await leaving.enter_async_context(Viewer(server.url))
            assert (await viewer.open()).errors == ()
            return viewer

        viewers = await asyncio.gather(*(arrive() for _ in range(SESSIONS)))
        began = time.monotonic()
        _workers(server)[0].send_signal(signal.SIGKILL)
        reruns = await asyncio.gather(*(viewer.open() for viewer in viewers))
        staying = [rerun for viewer, rerun in zip(viewers, reruns, strict=True) if viewer.connected]
        assert [rerun.errors for rerun in staying if rerun.errors] == []
        lost = SESSIONS - len(staying)
        await asyncio.gather(*(arrive() for _ in range(lost)))  # as a browser does by itself
        return lost, time.monotonic() - began


def _workers(server: servers.Server) -> list[psutil.Process]:
    found = []
    for each in server.process.children(recursive=True):
        with suppress(psutil.Error):
            if each.cmdline()[-1:] and each.cmdline()[-1].endswith(".sock"):
                found.append(each)
    return found
