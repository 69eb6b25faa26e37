"""A store on an object store does what one in a folder does: nothing half-made, nothing unverified, no endless wait."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sunes import copies, engine, remote, watch
from sunes.access.people import EVERYTHING
from sunes.cli import app
from sunes.errors import DataError, UsageError
from sunes.remote import LOCKS
from sunes.snapshots import (
    DamagedError,
    SnapshotId,
    Store,
    StoreBusyError,
    UnreachableError,
    check_files,
    fetch,
    patient,
    read,
)
from tests.buckets import Bucket, bucket
from tests.forked_publishers import content
from tests.people import HERE, named

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
TABLES, SMALL = content(20), content(1)


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_CACHE", str(tmp_path / "copies"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Bucket]:
    with bucket(tmp_path / "server") as started:
        yield started


@pytest.fixture
def store(server: Bucket) -> Store:
    store = Store.at(server.address())
    for as_of in (MAY, JUNE):
        store.publish(as_of, SMALL, simulated=True)
    return store


@pytest.fixture
def objects(server: Bucket) -> Path:
    """Where the server keeps the objects of the store."""
    return server.folder / "sunes" / "snapshots"


def eventually(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def attempt(act: Callable[[], object]) -> DataError | None:
    try:
        act()
    except DataError as error:
        return error
    return None


def message(error: pytest.ExceptionInfo[Exception]) -> str:
    return str(error.value).replace("\u00a0", " ").replace("\u202f", " ")


class TestLikeAFolder:
    def test_publishing_and_reading(self, store: Store, server: Bucket) -> None:
        snapshot = store.publish(JUNE, TABLES, simulated=False)
        assert snapshot.id == store.resolve().id == SnapshotId(JUNE, 2)
        assert (
            snapshot.where
            == f"{store.where}/as_of=2024-06-30~2"
            == f"s3://{server.folder.name}/sunes/snapshots/as_of=2024-06-30~2"
        )
        assert [str(each.id) for each in store.history()] == ["2024-05-31", "2024-06-30~2"]
        assert read(snapshot)["establishments"].num_rows == 20
        assert store.verify() == store.damaged() == ()
        assert not store.resolve().simulated

    def test_figures_come_from_it(self, store: Store) -> None:
        frames = engine.frames(store.history(), EVERYTHING)
        found = frames.establishments.collect()
        assert sorted(found["snapshot"].to_list()) == ["2024-05-31", "2024-06-30"]

    def test_withdrawing_and_restoring(self, store: Store) -> None:
        store.withdraw("latest", "trop tôt", by=named("Une personne"))
        assert store.resolve().as_of == MAY
        assert store.withdrawals()[SnapshotId(JUNE)].reason == "trop tôt"
        store.restore("2024-06-30", HERE)
        assert store.resolve().as_of == JUNE
        assert [each.reason for each in store.undone_withdrawals(SnapshotId(JUNE))] == ["trop tôt"]

    def test_a_correction_of_what_one_has_not_seen_is_refused(self, store: Store) -> None:
        with pytest.raises(StoreBusyError, match="a changé entre-temps"):
            store.publish(JUNE, SMALL, simulated=True, base=None)

    def test_a_store_of_anothers_making_may_lie_at_the_address_itself(self, store: Store, server: Bucket) -> None:
        shutil.copytree(server.folder / "sunes" / "snapshots", server.folder / "autre")
        other = Store.at(server.address("autre"))
        assert [each.as_of for each in other.history()] == [MAY, JUNE]
        assert other.where.endswith("/autre")

    def test_the_command_line(self, store: Store, server: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
        def said(*words: str) -> str:
            result = CliRunner().invoke(app, words)
            assert result.exit_code == 0, result.output
            return result.stdout

        listed = json.loads(said("snapshots", "list", "--format", "json", "--data", server.address()))
        assert [each["snapshot"] for each in listed] == ["2024-05-31", "2024-06-30"]
        monkeypatch.setenv("SUNES_DATA", server.address())
        assert "2 situations vérifiées" in said("snapshots", "verify").replace("\u00a0", " ")
        said("snapshots", "withdraw", "2024-06-30", "--reason", "essai")
        assert store.resolve().as_of == MAY
        said("snapshots", "restore", "2024-06-30")
        assert store.resolve().as_of == JUNE
        assert "2024-06-30" in said("metrics", "--format", "json")

    def test_an_empty_one_says_what_to_do(self, server: Bucket) -> None:
        store = Store.at(server.address("vide"))
        assert store.snapshots() == ()
        with pytest.raises(DataError) as error:
            store.resolve()
        assert "s3://donnees/vide/snapshots » ne contient aucune situation" in message(error)

    def test_what_is_no_address(self) -> None:
        for text in ("s4://rien/du/tout", "s3://"):
            with pytest.raises(UsageError, match="s3://compartiment/dossier"):
                Store.at(text).resolve()

    def test_no_message_tells_the_password(self, store: Store, server: Bucket) -> None:
        server.refuses = lambda asked: True
        with pytest.raises(UnreachableError) as error:
            store.resolve()
        assert "l’accès est refusé" in message(error)
        assert "secret" not in f"{error.value} {store!r} {store.where}".replace("AWS_SECRET", "")


class TestAllOrNothing:
    def test_the_manifest_comes_last(self, store: Store, server: Bucket) -> None:
        server.asked.clear()
        store.publish(JUNE, TABLES, simulated=True)
        written = [asked for asked in server.asked if asked.startswith("PUT") and "as_of=" in asked]
        assert [asked.split("?")[0].rpartition("/")[2] for asked in written] == [
            "establishments.parquet",
            "applications.parquet",
            "usages.parquet",
            "manifest.json",
        ]

    def test_what_has_no_manifest_yet_is_not_there(self, store: Store, objects: Path) -> None:
        (objects / "as_of=2024-06-30" / "manifest.json").unlink()
        assert store.resolve().as_of == MAY
        assert store.damaged() == ()
        assert store.publish(JUNE, SMALL, simulated=True).id == SnapshotId(JUNE, 2), "its number is not taken again"

    def test_a_server_that_refuses_at_any_moment(
        self, server: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        store = Store.at(server.address())
        store.publish(JUNE, SMALL, simulated=True)
        shutil.copytree(server.folder, tmp_path / "original")
        for moment in range(0, 200, 3):
            shutil.rmtree(server.folder)
            shutil.copytree(tmp_path / "original", server.folder)
            server.asked.clear()
            server.refuses = lambda asked, moment=moment: len(server.asked) > moment  # type: ignore[misc]
            refused = attempt(lambda: store.publish(JUNE, TABLES, simulated=True))
            needed = len(server.asked)
            server.refuses = lambda asked: False
            assert refused is None or isinstance(refused, UnreachableError)
            assert refused is None or "l’accès est refusé" in str(refused)
            assert len(store.snapshots()) in ((1, 2) if refused else (2,))
            assert store.damaged() == store.verify() == ()
            if needed <= moment:
                break
        assert refused is None

    def test_the_answer_that_says_done_may_be_lost(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        real = remote.RemotePlace._write

        def write(place: remote.RemotePlace, path: str, said: bytes) -> None:
            real(place, path, said)
            if path.endswith("manifest.json"):
                raise OSError("AWS Error NETWORK_CONNECTION")

        monkeypatch.setattr(remote.RemotePlace, "_write", write)
        monkeypatch.setattr(remote, "REST", 0.0)
        with pytest.raises(DataError, match=r"est peut-être en place.*relisez la liste"):
            store.publish(JUNE, SMALL, simulated=True)
        assert store.resolve().id == SnapshotId(JUNE, 2)


class TestContested:
    def test_several_at_once(self, store: Store, server: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each with its own connection, as other machines would."""
        monkeypatch.setattr(remote, "_TRIES", 2)
        others = [Store.at(f"{server.address()}&region=eu-west-{number}") for number in range(1, 5)]

        def publish(other: Store) -> DataError | None:
            return attempt(lambda: other.publish(JUNE, SMALL, simulated=True))

        with ThreadPoolExecutor(4) as people:
            told = [error for _ in range(3) for error in people.map(publish, others)]
        assert all("une autre publication est en cours" in str(error) for error in told if error)
        published = told.count(None)
        found = [snapshot for snapshot in store.snapshots() if snapshot.as_of == JUNE]
        assert [snapshot.revision for snapshot in found] == list(range(1, published + 2))
        assert all(store.verify(snapshot.id.pin) == () for snapshot in found)

    def test_a_publisher_at_work_is_left_alone(
        self, store: Store, objects: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        (objects / LOCKS).mkdir(exist_ok=True)
        (objects / LOCKS / "somebody").write_text("x")
        for act in (
            lambda: store.publish(JUNE, SMALL, simulated=True),
            lambda: store.withdraw("latest", "essai", HERE),
        ):
            with pytest.raises(StoreBusyError, match="une autre publication est en cours"):
                act()
        assert [path.name for path in (objects / LOCKS).iterdir()] == ["somebody"]
        assert store.resolve().id == SnapshotId(JUNE)

    def test_one_that_died_holds_nobody_up_for_ever(self, store: Store, objects: Path) -> None:
        (objects / LOCKS).mkdir(exist_ok=True)
        dead = objects / LOCKS / "somebody"
        dead.write_text("x")
        moment = time.time() - remote.LEASE - 60
        os.utime(dead, (moment, moment))
        assert store.publish(JUNE, SMALL, simulated=True).revision == 2
        assert list((objects / LOCKS).glob("*")) == []

    def test_one_that_took_too_long_publishes_nothing(
        self, store: Store, objects: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = remote.RemotePlace._write

        def write(place: remote.RemotePlace, path: str, said: bytes) -> None:
            real(place, path, said)
            if path.endswith("usages.parquet"):
                for lock in (objects / LOCKS).iterdir():
                    lock.unlink()

        monkeypatch.setattr(remote.RemotePlace, "_write", write)
        with pytest.raises(StoreBusyError, match="a duré trop longtemps"):
            store.publish(JUNE, SMALL, simulated=True)
        assert store.resolve().id == SnapshotId(JUNE)
        assert store.damaged() == ()


class TestCopies:
    def test_a_file_is_fetched_once(self, store: Store, server: Bucket) -> None:
        fetch(store.history())
        server.asked.clear()
        engine.frames(store.history(), EVERYTHING).usages.collect()
        read(store.resolve())
        assert not [asked for asked in server.asked if ".parquet" in asked]

    def test_what_was_altered_on_the_server_is_damage_until_it_is_repaired(self, store: Store, objects: Path) -> None:
        file = objects / "as_of=2024-06-30" / "usages.parquet"
        sound = file.read_bytes()
        for damage, said in ((b"x", "tronqué ou illisible"), (None, "ce fichier manque")):
            file.unlink()
            if damage:
                file.write_bytes(damage)
            with pytest.raises(DamagedError, match=said):
                check_files(store.resolve())
            file.write_bytes(sound)
            check_files(store.resolve())
            shutil.rmtree(store.directory)
        assert store.verify() == ()

    def test_a_copy_that_was_altered_is_fetched_again(self, store: Store) -> None:
        check_files(store.resolve())
        copy = store.resolve().file("usages")
        copy.write_bytes(b"x")
        with pytest.raises(DamagedError):
            check_files(store.resolve())
        check_files(store.resolve())

    def test_verifying_looks_at_the_server(self, store: Store, objects: Path) -> None:
        check_files(store.resolve())
        (objects / "as_of=2024-06-30" / "usages.parquet").write_bytes(b"x")
        check_files(store.resolve())
        assert ["tronqué" in problem.message for problem in store.verify()] == [True]

    def test_they_take_no_more_room_than_they_may(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUNES_CACHE_GB", "0")
        old, new = store.history()
        check_files(old)
        assert old.path.is_dir(), "it is being read"
        moment = time.time() - copies.IN_USE - 60
        os.utime(old.path, (moment, moment))
        check_files(new)
        assert not old.path.exists()
        assert new.path.is_dir()
        check_files(old)
        assert old.path.is_dir()

    def test_a_server_says_which_it_reads(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(remote, "_KEPT", 0.0)
        monkeypatch.setattr(remote.RemotePlace, "pace", 0.0)
        with patient():
            snapshot = store.resolve()
            check_files(snapshot)
            os.utime(snapshot.path, (0, 0))
            eventually(lambda: store.resolve() and snapshot.path.stat().st_mtime > 0)
            shutil.rmtree(store.directory)

            def fetched() -> bool:
                check_files(store.resolve())
                return snapshot.path.is_dir()

            eventually(fetched)

    @pytest.mark.parametrize("size", ["beaucoup", "-"])
    def test_a_senseless_bound_is_told(self, store: Store, monkeypatch: pytest.MonkeyPatch, size: str) -> None:
        monkeypatch.setenv("SUNES_CACHE_GB", size)
        with pytest.raises(UsageError, match="nombre de gigaoctets"):
            check_files(store.resolve())

    def test_a_folder_that_cannot_hold_them_is_told(
        self, server: Bucket, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "fichier").write_text("")
        monkeypatch.setenv("SUNES_CACHE", str(tmp_path / "fichier"))
        remote.remote_place.cache_clear()
        watch.watch.cache_clear()
        with pytest.raises(DataError, match="indiquez-en un autre par SUNES_CACHE"):
            check_files(Store.at(server.address()).resolve())

    def test_hundreds_who_come_at_once_fetch_it_once(self, store: Store, server: Bucket) -> None:
        found = store.history()
        server.asked.clear()
        with ThreadPoolExecutor(10) as people:
            assert all(len(sound) == 2 for sound, _ in people.map(engine.sound, [found] * 10))
        fetched = [asked for asked in server.asked if asked.startswith("GET") and ".parquet" in asked]
        assert len(fetched) == len(set(fetched)) == 6


class TestOpening:
    def test_it_takes_one_list_and_one_file(self, store: Store, server: Bucket) -> None:
        watch.watch.cache_clear()
        server.asked.clear()
        assert len(store.history()) == 2
        read_ = [asked for asked in server.asked if asked.startswith("GET") and "list-type" not in asked]
        assert [asked.rpartition("/")[2] for asked in read_] == [".index.json"]

    def test_without_an_index_it_reads_the_manifests(self, store: Store, objects: Path) -> None:
        (objects / ".index.json").unlink()
        watch.watch.cache_clear()
        assert len(store.history()) == 2


class TestUnreachable:
    def test_a_server_that_is_stopped(self, store: Store, server: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
        """With retries that pyarrow makes, for some seconds."""
        monkeypatch.setattr(remote.RemotePlace, "pace", 0.0)
        with patient():
            snapshot = store.resolve()
            check_files(snapshot)
            before = store.generation()
            server.stop()
            eventually(lambda: store.resolve() and not store.state())
            assert "ne répond pas" in str(store.state().why)
            assert store.resolve() == snapshot
            assert store.generation() == before
            assert read(snapshot)["establishments"].num_rows == 1
            server.start()
            eventually(lambda: store.resolve() and store.state())
            assert store.generation() == before

    def test_a_server_that_keeps_one_waiting(
        self, store: Store, server: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(remote, "LIMIT", 0.2)
        monkeypatch.setattr(remote, "REST", 1e9)
        server.open.clear()
        server.asked.clear()
        for _ in range(30):  # it is asked once, not thirty times in vain
            with pytest.raises(UnreachableError, match="le serveur ne répond pas"):
                store.resolve()
        server.open.set()
        assert len(server.asked) <= 1

    def test_a_history_is_not_shown_without_what_cannot_be_fetched(self, store: Store, server: Bucket) -> None:
        check_files(store.resolve())
        server.refuses = lambda asked: ".parquet" in asked
        with pytest.raises(UnreachableError):
            engine.sound(store.history())
        server.refuses = lambda asked: False
        assert len(engine.sound(store.history())[0]) == 2

    def test_a_bucket_that_is_not_there(self, server: Bucket) -> None:
        address = server.address().replace(server.folder.name, "ailleurs")
        with pytest.raises(UnreachableError, match="ce compartiment n’existe pas"):
            Store.at(address).publish(JUNE, SMALL, simulated=True)

    def test_a_file_that_cannot_be_fetched_now_changes_the_generation(self, store: Store, server: Bucket) -> None:
        """A page that had to do without it must not be kept."""
        before = store.generation()
        snapshot = store.resolve()
        server.refuses = lambda asked: ".parquet" in asked
        with pytest.raises(UnreachableError):
            check_files(snapshot)
        server.refuses = lambda asked: False
        assert store.generation() != before
        check_files(snapshot)
