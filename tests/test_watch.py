"""A server asks its store a thousand times a second: it looks rarely, misses nothing, and survives a bad disk."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from sunes import engine, revision, watch
from sunes.errors import DataError
from sunes.manifest import MANIFEST, WITHDRAWAL, Withdrawal, encode
from sunes.place import INDEX, LocalPlace
from sunes.snapshots import DamagedError, Snapshot, SnapshotId, Store, UnreachableError, check_files, patient
from tests.forked_publishers import content
from tests.people import HERE

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
SMALL = content(1)


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    for as_of in (MAY, JUNE):
        store.publish(as_of, SMALL, simulated=True)
    return store


@pytest.fixture
def server(store: Store) -> Iterator[Store]:
    """A store that a server has asked for a while."""
    with patient():
        settle(store)
        yield store


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that looks as often as it is asked, in the background."""
    monkeypatch.setattr(LocalPlace, "pace", 0.0)
    monkeypatch.setattr(watch, "_SHARE", 1e9)


def settle(store: Store) -> None:
    """Let the clock of the file system tick, after which a change leaves its trace."""
    store.resolve()
    time.sleep(2 * max(watch._TICK, watch._BREATH))
    store.resolve()


def eventually(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def elsewhere(store: Store, act: Callable[[LocalPlace], object]) -> None:
    """Do what another process would: nothing of it is known to the server's."""
    place = LocalPlace(store.folder)
    with place.publisher():
        act(place)


def rerun(store: Store) -> None:
    """What a page asks."""
    store.resolve()
    store.resolve("2024-05-31")
    assert not engine.sound(store.history())[1]
    store.damaged()
    store.generation()


class TestCost:
    def test_a_question_walks_through_no_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        called: list[Counter[str]] = []
        for size in (2, 20):
            store = Store(tmp_path / str(size))
            for number in range(size):
                store.publish(MAY + timedelta(days=number), SMALL, simulated=True)
            with patient(), monkeypatch.context() as patch:
                patch.setattr(LocalPlace, "pace", 1e9)
                settle(store)
                rerun(store)
                calls: Counter[str] = Counter()
                for name in ("stat", "scandir", "open", "listdir"):
                    patch.setattr(os, name, _counted(name, calls))
                rerun(store)
                called.append(calls)
        assert [set(calls) - {"stat"} for calls in called] == [set(), set()]
        assert max(calls["stat"] for calls in called) <= 5, "at most one for each question"

    def test_hundreds_who_come_at_once_do_not_each_look(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        watch.watch.cache_clear()
        revision._FOUND.clear()
        calls: Counter[str] = Counter()
        monkeypatch.setattr(LocalPlace, "pace", 1e9)
        monkeypatch.setattr(LocalPlace, "look", _counted("look", calls, LocalPlace, wait=0.05))
        monkeypatch.setattr(revision, "file_problems", _counted("file_problems", calls, revision, wait=0.05))
        together = Barrier(20)

        def visit(_: int) -> Snapshot:
            together.wait()
            snapshot = store.resolve()
            together.wait()
            check_files(snapshot)
            return snapshot

        with patient(), ThreadPoolExecutor(20) as people:
            assert len(set(people.map(visit, range(20)))) == 1
        assert calls["file_problems"] == 1
        assert calls["look"] <= 2, "one, and one more for whoever comes after it in the same tick"


def _counted(name: str, calls: Counter[str], of: Any = os, wait: float = 0) -> Callable[..., Any]:
    real = getattr(of, name)

    def call(*arguments: Any, **options: Any) -> Any:
        calls[name] += 1
        time.sleep(wait)
        return real(*arguments, **options)

    return call


@pytest.mark.usefixtures("server")
class TestOurOwnChanges:
    """Seen by the next question, and without waiting for the next look where another process made them."""

    @pytest.fixture(autouse=True)
    def _no_look(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(LocalPlace, "pace", 1e9)

    def test_a_publication(self, store: Store) -> None:
        before = store.generation()
        store.publish(JUNE, SMALL, simulated=True)
        assert store.resolve().id == SnapshotId(JUNE, 2)
        assert store.generation() != before

    def test_a_publication_of_another_process(self, store: Store) -> None:
        before = store.generation()
        files = {path.name: path.read_bytes() for path in store.resolve().path.iterdir()}
        files[MANIFEST] = files[MANIFEST].replace(b'"revision": 1', b'"revision": 2')
        elsewhere(store, lambda place: place.put_folder("as_of=2024-06-30~2", files))
        eventually(lambda: store.resolve().id == SnapshotId(JUNE, 2))
        assert store.generation() != before

    def test_a_withdrawal_and_its_end_in_another_process(self, store: Store) -> None:
        said = encode(Withdrawal(reason="essai", date=datetime.now(UTC)))
        elsewhere(store, lambda place: place.put_file("as_of=2024-06-30", WITHDRAWAL, said))
        eventually(lambda: store.resolve().as_of == MAY)
        elsewhere(store, lambda place: place.rename_file("as_of=2024-06-30", WITHDRAWAL, "withdrawn-until-x.json"))
        eventually(lambda: store.resolve().as_of == JUNE)

    def test_one_right_after_another(self, store: Store) -> None:
        """Faster than the clock of a file system ticks."""
        for revision_number in range(2, 12):
            store.publish(JUNE, SMALL, simulated=True)
            assert store.resolve().revision == revision_number
            store.withdraw("latest", "essai", HERE)
            assert store.resolve().revision == revision_number - 1
            store.restore("2024-06-30", HERE)
            assert store.resolve().revision == revision_number


@pytest.mark.usefixtures("server")
class TestOtherChanges:
    """Seen soon, by themselves."""

    @pytest.mark.usefixtures("hurried")
    def test_a_damaged_file_and_its_repair(self, store: Store) -> None:
        snapshot = store.resolve()
        check_files(snapshot)
        sound, file = store.generation(), snapshot.file("usages")
        content = file.read_bytes()
        file.write_bytes(content[:-20])
        eventually(lambda: store.generation() != sound)
        damaged = store.generation()
        with pytest.raises(DamagedError, match="tronqué"):
            check_files(store.resolve())
        file.write_bytes(content)
        eventually(lambda: store.generation() != damaged)
        check_files(store.resolve())

    @pytest.mark.usefixtures("hurried")
    def test_a_damaged_manifest(self, store: Store) -> None:
        (store.resolve().path / MANIFEST).write_text("{")
        eventually(store.damaged)
        with pytest.raises(DamagedError):
            store.resolve()

    @pytest.mark.usefixtures("hurried")
    def test_a_folder_that_somebody_copied(self, store: Store) -> None:
        """With its files arriving after it."""
        source, target = store.resolve("2024-05-31").path, store.folder / "as_of=2024-07-31"
        target.mkdir()
        eventually(lambda: [problem.file for problem in store.damaged()] == ["as_of=2024-07-31/manifest.json"])
        for file in source.iterdir():
            (target / file.name).write_bytes(file.read_bytes().replace(b"2024-05-31", b"2024-07-31"))
        eventually(lambda: not store.damaged())
        assert store.resolve().as_of == date(2024, 7, 31)

    def test_the_first_question_after_a_quiet_time_gets_the_truth(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (store.resolve().path / MANIFEST).write_text("{")
        monkeypatch.setattr(watch, "_ASLEEP", -1.0)
        assert store.damaged()

    def test_who_asks_once_gets_the_truth(self, store: Store) -> None:
        """A command line, next to a server that has not looked yet."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(watch, "_servers", 0)
            (store.resolve().path / MANIFEST).write_text("{")
            assert store.damaged()


class TestUnreachable:
    @pytest.mark.usefixtures("hurried")
    def test_a_folder_that_vanishes_leaves_the_last_figures(self, server: Store) -> None:
        before, snapshot = server.generation(), server.resolve()
        check_files(snapshot)
        assert server.state()
        away = server.folder.rename(server.folder.with_name("away"))
        eventually(lambda: server.resolve() and not server.state())
        state = server.state()
        assert "n’est plus là" in str(state.why)
        assert state.since
        assert state.since <= datetime.now(UTC)
        assert server.resolve() == snapshot
        assert server.generation() == before
        check_files(snapshot)
        away.rename(server.folder)
        eventually(lambda: server.resolve() and server.state())
        assert server.generation() == before

    @pytest.mark.usefixtures("hurried")
    def test_a_folder_that_vanishes_while_it_is_looked_at_is_gone_and_not_damaged(
        self, server: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before, snapshot = server.generation(), server.resolve()
        read = watch.Watch._read

        def vanish(self: watch.Watch, found: Any) -> Any:
            if server.folder.exists():
                server.folder.rename(server.folder.with_name("away"))
            return read(self, found)

        monkeypatch.setattr(watch.Watch, "_read", vanish)
        os.utime(snapshot.path / MANIFEST, (0, 0))
        eventually(lambda: server.resolve() == snapshot and not server.state())
        assert "n’est plus là" in str(server.state().why)
        assert server.generation() == before

    @pytest.mark.usefixtures("hurried")
    def test_a_right_that_is_lost_leaves_the_last_figures(self, server: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "scandir", _refuse)
            eventually(lambda: server.resolve() and not server.state())
            assert "n’est pas un dossier que vous puissiez lire" in str(server.state().why)
            assert server.resolve().as_of == JUNE
        eventually(lambda: server.resolve() and server.state())

    @pytest.mark.usefixtures("hurried")
    def test_a_disk_that_does_not_answer_keeps_nobody_waiting(
        self, server: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watch, "PATIENCE", 0.02)
        answers, real = Event(), LocalPlace.look

        def look(place: LocalPlace, files: Sequence[str]) -> Any:
            answers.wait(60)
            return real(place, files)

        with monkeypatch.context() as patch:
            patch.setattr(LocalPlace, "look", look)
            patch.setattr(LocalPlace, "hint", lambda place: time.monotonic())
            eventually(lambda: server.resolve() and not server.state())
            assert "ne répond pas" in str(server.state().why)
            patch.setattr(LocalPlace, "hint", lambda place: pytest.fail("asked a disk that does not answer"))
            assert server.resolve().as_of == JUNE
            answers.set()
        eventually(lambda: server.resolve() and server.state())

    def test_nothing_to_show_is_said(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        watch.watch.cache_clear()
        monkeypatch.setattr(watch, "WITHOUT", 0.02)
        answers = Event()
        with patient(), monkeypatch.context() as patch:
            patch.setattr(LocalPlace, "look", lambda place, files: answers.wait(60) and {})
            with pytest.raises(UnreachableError, match="ne répond pas"):
                store.resolve()
        answers.set()

    def test_outside_of_a_server_it_is_an_error(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "scandir", _refuse)
            for ask in (store.resolve, store.history, store.damaged, store.generation):
                with pytest.raises(UnreachableError, match="n’est pas un dossier que vous puissiez lire"):
                    ask()
        assert store.resolve().as_of == JUNE


def _refuse(path: str) -> None:
    raise PermissionError(13, "Permission denied", path)


class TestIndex:
    @pytest.fixture
    def reads(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The files of revisions that a process reads which has never seen the store."""
        watch.watch.cache_clear()
        found: list[str] = []
        real = LocalPlace.read

        def read(place: LocalPlace, folder: str, file: str) -> bytes:
            found.append(f"{folder}/{file}")
            return real(place, folder, file)

        monkeypatch.setattr(LocalPlace, "read", read)
        return found

    def test_opening_reads_no_manifest(self, store: Store, reads: list[str]) -> None:
        assert [snapshot.as_of for snapshot in store.history()] == [MAY, JUNE]
        assert reads == []

    def test_what_has_changed_since_is_read(self, store: Store, reads: list[str]) -> None:
        (store.folder / "as_of=2024-06-30" / MANIFEST).write_text("{}")
        assert [problem.file for problem in store.damaged()] == ["as_of=2024-06-30/manifest.json"]
        assert reads == ["as_of=2024-06-30/manifest.json"]

    def test_a_withdrawal_is_in_it(self, store: Store, reads: list[str]) -> None:
        store.withdraw("latest", "essai", HERE)
        watch.watch.cache_clear()
        reads.clear()
        assert store.withdrawals()[SnapshotId(JUNE)].reason == "essai"
        assert store.resolve().as_of == MAY
        assert reads == []

    @pytest.mark.parametrize(
        "text", ["", "?", "[]", "{}", '{"as_of=2024-06-30": 1}', '{"as_of=2024-06-30": {"stamps": [[1], null]}}', "é"]
    )
    def test_a_useless_one_changes_nothing(self, store: Store, reads: list[str], text: str) -> None:
        (store.folder / INDEX).write_bytes(text.encode("latin-1"))
        assert [snapshot.as_of for snapshot in store.history()] == [MAY, JUNE]
        assert store.damaged() == ()
        assert sorted(reads) == [f"as_of={day}/{MANIFEST}" for day in (MAY, JUNE)]

    def test_a_store_moved_elsewhere_is_read_anew(self, store: Store, tmp_path: Path, reads: list[str]) -> None:
        shutil.copytree(store.directory, tmp_path / "copy")
        assert [s.as_of for s in Store(tmp_path / "copy").history()] == [MAY, JUNE]
        assert len(reads) == 2

    def test_publishing_does_not_need_it(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(place: LocalPlace, content: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(LocalPlace, "put_index", refuse)
        assert store.publish(JUNE, SMALL, simulated=True).revision == 2
        watch.watch.cache_clear()
        assert store.resolve().revision == 2


def test_an_unreadable_store_is_no_empty_one(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("")
    with pytest.raises(DataError) as error:
        Store(tmp_path).snapshots()
    assert isinstance(error.value, UnreachableError)
