"""Publishing is all or nothing: whatever kills, fills or contests it, the store holds the old state or the new one."""

import errno
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sunes import publishing
from sunes.errors import DataError
from sunes.snapshots import SnapshotId, Store, StoreBusyError, read
from tests.forked_publishers import AS_OF, BUSY, content
from tests.people import HERE

KILLED = -9
TABLES = content()
SMALL = content(1)

State = dict[str, bytes]


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here cuts the power, and waiting for the disk takes most of the time."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


class Publishers:
    """The other end of `tests.forked_publishers`. `duration` is how many seconds the last order took."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked_publishers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )
        self.duration = 0.0
        assert self._answer() == "ready\n"

    def order(self, store: Store, act: str, **how: Any) -> list[int]:
        """The exit codes of processes that `act` on a store."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"store": str(store.directory), "act": act} | how) + "\n")
        self.process.stdin.flush()
        codes: list[int]
        codes, self.duration = json.loads(self._answer())
        assert set(codes) <= {0, BUSY, KILLED}
        return codes

    def _answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def publishers() -> Iterator[Publishers]:
    started = Publishers()
    yield started
    started.close()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with one small snapshot, to be copied."""
    store = Store(tmp_path_factory.mktemp("original"))
    store.publish(AS_OF, SMALL, simulated=True)
    return store


@pytest.fixture
def copy(original: Store, tmp_path: Path) -> Callable[[], Store]:
    """Makes a fresh copy of the original store."""

    def fresh() -> Store:
        target = tmp_path / "store"
        shutil.rmtree(target, ignore_errors=True)
        return Store(Path(shutil.copytree(original.directory, target)))

    return fresh


def state(store: Store) -> State:
    """Every file that a reader can see: those of the snapshots, whatever their name, but undone withdrawals."""
    return {
        str(file.relative_to(store.folder)): file.read_bytes()
        for file in store.folder.glob("as_of=*/*")
        if not file.name.startswith((".", "withdrawn-until-"))
    }


def leftovers(store: Store) -> list[str]:
    return [path.name for path in store.folder.iterdir() if not path.name.startswith(("as_of=", ".lock", ".index"))]


def outcome(store: Store, before: State) -> bool:
    """Whether the new state is there, having made sure that it is either the old one or the new one, and whole."""
    after = state(store)
    assert {name: after[name] for name in before} == before
    assert store.damaged() == ()
    ids = [snapshot.id for snapshot in store.snapshots()]
    if after == before:
        assert ids == [SnapshotId(AS_OF)]
        assert read(store.resolve())["establishments"].num_rows == 1
        return False
    assert ids == [SnapshotId(AS_OF), SnapshotId(AS_OF, 2)]
    assert len(after) == len(before) + 4
    assert read(store.resolve())["establishments"].num_rows == TABLES["establishments"].num_rows
    return True


def goes_on(store: Store) -> None:
    """The next publisher needs no repair and leaves nothing of the one that died."""
    count = len(store.snapshots())
    snapshot = store.publish(AS_OF, SMALL, simulated=True)
    assert snapshot.revision == count + 1
    assert store.verify() == ()
    assert leftovers(store) == []


class TestKilled:
    def test_at_random_instants(self, publishers: Publishers, copy: Callable[[], Store]) -> None:
        assert publishers.order(copy(), "publish") == [0]
        duration, chance, killed = publishers.duration, random.Random(20240630), 0
        for _ in range(1000):
            store = copy()
            before = state(store)
            if publishers.order(store, "publish", after=chance.uniform(0, duration)) == [KILLED]:
                killed += 1
            else:
                duration = min(duration, publishers.duration)
            outcome(store, before)
            goes_on(store)
            if killed == 50:
                break
        assert killed == 50

    def test_at_every_line_of_a_publication(self, publishers: Publishers, copy: Callable[[], Store]) -> None:
        published: list[bool] = []
        interrupted = 0
        for line in range(1, 1000):
            store = copy()
            before = state(store)
            code = publishers.order(store, "publish", line=line)
            published.append(outcome(store, before))
            interrupted += bool(leftovers(store))
            goes_on(store)
            if code == [0]:
                break
        assert code == [0]
        assert published == sorted(published), "once published, a snapshot stays"
        assert not published[0]
        assert published[-2], "somebody was killed after the rename"
        assert interrupted > 10, "somebody was killed amid writing"

    @pytest.mark.parametrize("act", ["withdraw", "restore"])
    def test_at_every_line_of_a_withdrawal(self, publishers: Publishers, copy: Callable[[], Store], act: str) -> None:
        withdrawn: list[bool] = []
        for line in range(1, 1000):
            store = copy()
            before = state(store)
            if act == "restore":
                store.withdraw("latest", "essai", HERE)
            code = publishers.order(store, act, line=line)
            assert store.damaged() == ()
            withdrawn.append(len(store.snapshots()) == 0)
            assert list(store.withdrawals()) == [SnapshotId(AS_OF)] * withdrawn[-1]
            if withdrawn[-1]:
                assert store.withdrawals()[SnapshotId(AS_OF)].reason == "essai"
                store.restore("latest", HERE)
            else:
                store.withdraw("latest", "encore", HERE)
                store.restore("latest", HERE)
            assert state(store) == before
            if code == [0]:
                break
        assert code == [0]
        assert withdrawn == sorted(withdrawn, reverse=act == "restore")
        assert {withdrawn[0], withdrawn[-2]} == {True, False}


class TestContested:
    @pytest.mark.parametrize(("processes", "rounds"), [(2, 10), (8, 4)])
    def test_one_wins_the_others_are_told(
        self, publishers: Publishers, copy: Callable[[], Store], processes: int, rounds: int
    ) -> None:
        store = copy()
        for revision in range(1, rounds + 1):
            codes = publishers.order(store, "publish", processes=processes, base=revision)
            assert sorted(codes) == [0, *[BUSY] * (processes - 1)]
            assert store.resolve().id == SnapshotId(AS_OF, revision + 1)
        assert [store.verify(snapshot.id.pin) for snapshot in store.snapshots()] == [()] * (rounds + 1)
        assert leftovers(store) == []

    def test_the_first_snapshot_of_a_new_store(self, publishers: Publishers, tmp_path: Path) -> None:
        store = Store(tmp_path / "new" / "store")
        codes = publishers.order(store, "publish", processes=8, base=None)
        assert sorted(codes) == [0, *[BUSY] * 7]
        assert [snapshot.id for snapshot in store.snapshots()] == [SnapshotId(AS_OF)]
        assert store.verify() == ()

    def test_those_who_do_not_care_get_revisions_in_a_row(self, publishers: Publishers, tmp_path: Path) -> None:
        store = Store(tmp_path)
        codes = [code for _ in range(3) for code in publishers.order(store, "publish", processes=4)]
        assert codes.count(0) >= 3
        assert [snapshot.revision for snapshot in store.snapshots()] == list(range(1, codes.count(0) + 1))
        assert leftovers(store) == []

    def test_a_publisher_at_work_is_left_alone(self, copy: Callable[[], Store]) -> None:
        store = copy()
        staging = store.folder / f"{publishing.STAGING}somebody"
        with publishing.publisher(store.folder):
            staging.mkdir()
            for act in (
                lambda: store.publish(AS_OF, SMALL, simulated=True),
                lambda: store.withdraw("latest", "essai", HERE),
                lambda: store.restore("latest", HERE),
            ):
                with pytest.raises(StoreBusyError, match="une autre publication est en cours"):
                    act()
            assert staging.is_dir()
            assert store.resolve().revision == 1
        goes_on(store)

    def test_where_locks_do_not_work_the_rename_decides(
        self, copy: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = copy()
        rival = store.folder / "as_of=2024-06-30~2" / "manifest.json"

        def overtake(path: Path, content: bytes) -> None:
            rival.parent.mkdir(exist_ok=True)
            rival.write_text("{}", encoding="utf-8")
            path.write_bytes(content)

        monkeypatch.setattr(publishing, "_write", overtake)
        with pytest.raises(StoreBusyError, match="vient d’être publié par ailleurs"):
            store.publish(AS_OF, TABLES, simulated=True)
        assert [path.name for path in rival.parent.iterdir()] == ["manifest.json"]
        assert rival.read_text(encoding="utf-8") == "{}"
        assert leftovers(store) == []


def failing(monkeypatch: pytest.MonkeyPatch, name: str, call: int, code: int) -> None:
    """Let the `call`-th call of a function of `os` fail, and those that follow."""
    real = getattr(os, name)
    calls = iter(range(1, 1000))

    def fail(*arguments: Any, **options: Any) -> Any:
        if next(calls) >= call:
            raise OSError(code, os.strerror(code))
        return real(*arguments, **options)

    monkeypatch.setattr(os, name, fail)


class TestRefusedByTheDisk:
    @pytest.mark.parametrize("files", range(4))
    def test_a_full_disk_leaves_the_old_state(
        self, copy: Callable[[], Store], monkeypatch: pytest.MonkeyPatch, files: int
    ) -> None:
        store = copy()
        before, written = state(store), iter(range(10))

        def fill(path: Path, content: bytes) -> None:
            full = next(written) == files
            path.write_bytes(content[: 100 if full else None])
            if full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr(publishing, "_write", fill)
            with pytest.raises(DataError, match=r"est plein.*libérez de la place.*L’état précédent est intact"):
                store.publish(AS_OF, TABLES, simulated=True)
        assert not outcome(store, before)
        assert leftovers(store) == []
        goes_on(store)

    @pytest.mark.parametrize(
        ("name", "call", "code", "said"),
        [
            ("fsync", 1, errno.EIO, "a échoué.*vérifiez le dossier et le disque"),
            ("fsync", 5, errno.EDQUOT, "est plein"),
            ("rename", 1, errno.EACCES, "n’est pas accessible en écriture"),
            ("mkdir", 1, errno.EROFS, "n’est pas accessible en écriture"),
            ("open", 1, errno.EROFS, "n’est pas accessible en écriture.*L’état précédent est intact"),
        ],
    )
    def test_any_refusal_leaves_the_old_state(
        self,
        copy: Callable[[], Store],
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        call: int,
        code: int,
        said: str,
    ) -> None:
        store = copy()
        before = state(store)
        with monkeypatch.context() as patch:
            failing(patch, name, call, code)
            with pytest.raises(DataError, match=said):
                store.publish(AS_OF, TABLES, simulated=True)
        assert not outcome(store, before)
        assert leftovers(store) == []
        goes_on(store)

    def test_a_disk_that_does_not_confirm_is_told(
        self, copy: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = copy()
        before = state(store)
        with monkeypatch.context() as patch:
            failing(patch, "fsync", 6, errno.EIO)
            with pytest.raises(DataError, match="est en place, mais le disque n’a pas confirmé"):
                store.publish(AS_OF, TABLES, simulated=True)
        assert outcome(store, before)

    def test_an_interrupted_person_leaves_no_trace(
        self, copy: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = copy()
        before = state(store)

        def interrupt(path: Path, content: bytes) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(publishing, "_write", interrupt)
            with pytest.raises(KeyboardInterrupt):
                store.publish(AS_OF, TABLES, simulated=True)
        assert state(store) == before
        assert leftovers(store) == []
        goes_on(store)

    def test_a_withdrawal_that_cannot_be_written_leaves_the_snapshot(
        self, copy: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = copy()
        before = state(store)
        with monkeypatch.context() as patch:
            failing(patch, "fsync", 1, errno.ENOSPC)
            with pytest.raises(DataError, match="est plein"):
                store.withdraw("latest", "essai", HERE)
        assert state(store) == before
        assert [path for path in store.resolve().path.iterdir() if path.name.startswith(".")] == []
        assert store.resolve().revision == 1
