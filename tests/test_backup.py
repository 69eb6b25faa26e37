"""A backup is one file that holds the store of one moment; it comes back whole, or nothing of it does."""

import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile
import threading
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sunes import archive, publishing
from sunes.access.journal import What
from sunes.backup import ABOUT, back_up, prune
from sunes.cli import app
from sunes.errors import DataError, SunesError, UsageError
from sunes.manifest import MANIFEST
from sunes.place import LocalPlace
from sunes.restoration import restore
from sunes.snapshots import SnapshotId, Store, StoreBusyError, check_files, patient, read
from tests.buckets import bucket
from tests.forked_publishers import content
from tests.people import HERE

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
SMALL, LARGER = content(1), content(20)


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_CACHE", str(tmp_path / "copies"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two days, one of them corrected, the correction withdrawn, and a withdrawal that was undone."""
    store = Store(tmp_path / "store")
    for as_of in (MAY, JUNE):
        store.publish(as_of, SMALL, simulated=True)
    store.publish(JUNE, LARGER, simulated=True)
    for reference in ("2024-05-31", "2024-06-30~2"):
        store.withdraw(reference, "essai", by=HERE)
    store.restore("2024-05-31", by=HERE)
    return store


@pytest.fixture
def saved(store: Store, tmp_path: Path) -> Path:
    return back_up(store, tmp_path / "saved.tar", store.journal.folder).path


@pytest.fixture
def empty(tmp_path: Path) -> Store:
    return Store(tmp_path / "elsewhere" / "data")


def state(folder: Path) -> dict[str, bytes]:
    """The content of every file of a store, as far as it is worth keeping."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for part in ("snapshots/as_of=*/*", "journal/*")
        for file in folder.glob(part)
    }


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in args])


class TestRoundTrip:
    def test_all_of_a_store_comes_back(self, store: Store, empty: Store, saved: Path) -> None:
        done = restore(saved, empty, empty.journal.folder)
        assert (done.snapshots, done.before) == (3, None)
        assert state(empty.directory) == state(store.directory)
        assert [each.id for each in empty.snapshots()] == [SnapshotId(MAY), SnapshotId(JUNE)]
        assert [str(each) for each in empty.withdrawals()] == ["2024-06-30~2"]
        assert len(empty.undone_withdrawals(SnapshotId(MAY))) == 1
        assert len(empty.journal.read(HERE).entries) == 3
        assert [empty.verify(each.id.pin) for each in empty.snapshots(withdrawn=True)] == [()] * 3
        assert empty.publish(JUNE, SMALL, simulated=True).revision == 3
        assert sorted(path.name for path in empty.directory.iterdir()) == ["journal", "snapshots"]

    def test_it_can_be_opened_and_checked_without_sunes(self, store: Store, saved: Path, tmp_path: Path) -> None:
        opened = tmp_path / "opened"
        opened.mkdir()
        subprocess.run(("tar", "-xf", saved), cwd=opened, check=True)
        subprocess.run(("sha256sum", "--check", "--strict", "--quiet", archive.LIST), cwd=opened, check=True)
        assert {path: state(opened)[path] for path in state(store.directory)} == state(store.directory)

    def test_only_its_owner_may_read_it(self, saved: Path) -> None:
        assert saved.stat().st_mode & 0o777 == 0o600

    def test_nothing_is_in_it_but_data(self, store: Store, tmp_path: Path) -> None:
        for name in (".streamlit/secrets.toml", "acces.toml", "snapshots/.index.json", "snapshots/as_of=2024-05-31/.x"):
            (store.directory / name).parent.mkdir(exist_ok=True)
            (store.directory / name).write_text("secret", "utf-8")
        (store.directory / "snapshots" / "as_of=2024-05-31" / "lien.json").symlink_to("/etc/hostname")
        saved = back_up(store, tmp_path / "saved.tar", store.journal.folder).path
        with tarfile.open(saved) as opened:
            names = [name for name in opened.getnames() if name.startswith((".", "acces")) or "/." in name]
        assert names == []
        assert b"secret" not in saved.read_bytes()

    def test_a_store_on_an_object_store_is_saved_as_well(self, store: Store, empty: Store, tmp_path: Path) -> None:
        with bucket(tmp_path / "server") as server:
            there = Store.at(server.address())
            for as_of in (MAY, JUNE):
                there.publish(as_of, SMALL, simulated=True)
            there.withdraw("latest", "essai", by=HERE)
            shutil.rmtree(server.folder / "sunes" / "snapshots" / "as_of=2024-06-30~2", ignore_errors=True)
            half = server.folder / "sunes" / "snapshots" / "as_of=2024-07-31"
            half.mkdir()
            (half / "usages.parquet").write_bytes(b"PAR1")
            done = back_up(there, tmp_path / "saved.tar")
        assert (done.snapshots, done.problems) == (2, ())
        restore(done.path, empty, None)
        assert [each.id.pin for each in empty.snapshots()] == ["2024-05-31~1"]
        assert list(empty.withdrawals()) == [SnapshotId(JUNE)]
        assert empty.verify("2024-05-31") == ()


class TestMeanwhile:
    def test_what_happens_meanwhile_is_in_it_as_it_happened(
        self, tmp_path: Path, empty: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A correction, then the withdrawal of what it corrects: not the second without the first."""
        store = Store(tmp_path / "store")
        for as_of in (MAY, JUNE):
            store.publish(as_of, SMALL, simulated=True)
        real, acts = LocalPlace.read, iter(range(10))

        def read_late(place: LocalPlace, folder: str, file: str) -> bytes:
            if (folder, file) == ("as_of=2024-05-31", MANIFEST) and next(acts) == 0:
                store.publish(MAY, LARGER, simulated=True)
                store.withdraw("2024-05-31~1", "corrigé", by=HERE)
            return real(place, folder, file)

        monkeypatch.setattr(LocalPlace, "read", read_late)
        assert back_up(store, tmp_path / "saved.tar").snapshots == 3
        monkeypatch.undo()
        restore(tmp_path / "saved.tar", empty, None)
        assert [each.id.pin for each in empty.snapshots()] == ["2024-05-31~2", "2024-06-30~1"]
        assert empty.verify("2024-05-31") == ()

    def test_publishers_at_work_are_neither_stopped_nor_caught_half_way(self, tmp_path: Path, empty: Store) -> None:
        store = Store(tmp_path / "store")
        store.publish(JUNE, SMALL, simulated=True)
        stop, published = threading.Event(), threading.Semaphore(0)
        failed: list[BaseException] = []

        def correct() -> None:
            try:
                while not stop.is_set():
                    newest = store.publish(JUNE, SMALL, simulated=True).revision
                    store.withdraw(f"2024-06-30~{newest - 1}", "corrigé", by=HERE)
                    published.release()
            except BaseException as error:
                failed.append(error)
                published.release()

        at_work = threading.Thread(target=correct)
        at_work.start()
        try:
            for number in range(8):
                published.acquire()
                saved = back_up(store, tmp_path / f"{number}.tar", store.journal.folder)
                assert saved.problems == ()
        finally:
            stop.set()
            at_work.join()
        assert failed == []
        for number in range(8):
            again = Store(empty.directory / str(number))
            restore(tmp_path / f"{number}.tar", again, again.journal.folder)
            everything = [each.revision for each in again.snapshots(withdrawn=True)]
            standing = [each.revision for each in again.snapshots()]
            assert everything == [*range(1, len(everything) + 1)]
            assert standing in (everything[-1:], everything[-2:])
            assert again.journal.read(HERE).problems == ()
            assert not any(again.verify(each.id.pin) for each in again.snapshots(withdrawn=True))

    def test_a_store_that_is_put_in_its_place_meanwhile_is_said(
        self, store: Store, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.publish(JUNE, SMALL, simulated=True)
        real, acts = LocalPlace.look, iter(range(10))

        def look(place: LocalPlace, files: tuple[str, ...]) -> object:
            if next(acts) == 1:
                monkeypatch.undo()
                restore(saved, store, None, replace=True)
            return real(place, files)

        monkeypatch.setattr(LocalPlace, "look", look)
        with pytest.raises(StoreBusyError, match="a été remplacé pendant la sauvegarde"):
            back_up(store, tmp_path / "late.tar")
        assert not (tmp_path / "late.tar").exists()


class TestDamage:
    @pytest.mark.parametrize("file", ["usages.parquet", MANIFEST])
    @pytest.mark.parametrize("how", ["altered", "missing"])
    def test_a_damaged_revision_is_kept_as_it_is_and_told(
        self, store: Store, empty: Store, tmp_path: Path, file: str, how: str
    ) -> None:
        damaged = store.folder / "as_of=2024-05-31" / file
        if how == "missing":
            damaged.unlink()
        else:
            damaged.write_bytes(damaged.read_bytes()[:-3])
        done = run("backup", tmp_path / "saved.tar", "--data", store.directory)
        assert done.exit_code == 1
        assert f"as_of=2024-05-31/{file}" in done.stderr
        restore(tmp_path / "saved.tar", empty, empty.journal.folder)
        assert state(empty.directory) == state(store.directory)

    def test_a_sound_archive_is_not_removed_for_one_that_is_not(self, store: Store, tmp_path: Path) -> None:
        folder = tmp_path / "saved"
        folder.mkdir()
        assert run("backup", folder, "--keep", 1, "--data", store.directory).exit_code == 0
        (sound,) = folder.iterdir()
        sound = sound.rename(folder / "sunes-20240101T000000Z.tar")
        (store.folder / "as_of=2024-05-31" / "usages.parquet").write_bytes(b"PAR1")
        assert run("backup", folder, "--keep", 1, "--data", store.directory).exit_code == 1
        assert sound in folder.iterdir()
        assert len([*folder.iterdir()]) == 2

    def test_an_empty_store_is_no_backup(self, tmp_path: Path, empty: Store) -> None:
        with pytest.raises(DataError, match="rien à sauvegarder"):
            back_up(empty, tmp_path / "saved.tar")
        assert [*tmp_path.iterdir()] == []


class TestKeeping:
    def test_the_newest_stay(self, tmp_path: Path) -> None:
        names = [f"sunes-202401{day:02}T000000Z.tar" for day in range(1, 6)]
        for name in (*names, "sunes-copie.tar", "autre.tar"):
            (tmp_path / name).touch()
        assert [path.name for path in prune(tmp_path / names[-1], 3)] == names[:2]
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names[2:], "sunes-copie.tar", "autre.tar"])

    def test_the_one_just_made_stays_even_if_the_clock_went_back(self, tmp_path: Path) -> None:
        names = [f"sunes-202401{day:02}T000000Z.tar" for day in range(1, 4)]
        for name in names:
            (tmp_path / name).touch()
        assert [path.name for path in prune(tmp_path / names[0], 2)] == [names[1]]

    def test_two_at_once_do_not_mix(self, store: Store, tmp_path: Path) -> None:
        with archive.written(tmp_path / "first.tar") as first:
            first.add("a", b"a")
            with pytest.raises(StoreBusyError, match="une autre sauvegarde est en cours"):
                back_up(store, tmp_path / "second.tar")
        assert [path.name for path in tmp_path.glob("*.tar")] == ["first.tar"]

    def test_what_one_that_was_killed_has_left_is_in_nobodys_way(self, store: Store, tmp_path: Path) -> None:
        folder = tmp_path / "saved"
        folder.mkdir()
        (folder / archive.PARTIAL).write_bytes(1_000_000 * b"x")
        assert run("backup", folder, "--data", store.directory).exit_code == 0
        assert len([*folder.iterdir()]) == 1

    def test_a_disk_that_refuses_leaves_the_archives_that_are_there(
        self, store: Store, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = saved.read_bytes()

        def refuse(writer: archive.Writer, name: str, content: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(archive.Writer, "add", refuse)
        with pytest.raises(DataError, match="est plein"):
            back_up(store, saved)
        assert saved.read_bytes() == before
        assert not [*tmp_path.glob(".*")]

    def test_a_link_that_somebody_laid_is_not_followed(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "saved").mkdir()
        (tmp_path / "precious").write_text("precious", "utf-8")
        (tmp_path / "saved" / archive.PARTIAL).symlink_to(tmp_path / "precious")
        assert run("backup", tmp_path / "saved", "--data", store.directory).exit_code == 1
        assert (tmp_path / "precious").read_text("utf-8") == "precious"

    def test_where_to_is_said(self, store: Store, tmp_path: Path) -> None:
        for destination, said in (
            ("nulle/part.tar", "n’est pas un dossier qui existe"),
            ("sans-suffixe", "ni un dossier"),
        ):
            done = run("backup", tmp_path / destination, "--data", store.directory)
            assert done.exit_code == 2
            assert said in done.stderr
        assert run("backup", tmp_path / "a.tar", "--keep", 3, "--data", store.directory).exit_code == 2


class TestInPlace:
    def test_a_store_is_in_the_way(self, store: Store, saved: Path) -> None:
        store.publish(JUNE, SMALL, simulated=True)
        before = state(store.directory)
        done = run("restore", saved, "--data", store.directory)
        assert done.exit_code == 2
        assert "--replace" in done.stderr
        assert state(store.directory) == before

    def test_what_is_replaced_is_kept_beside_and_the_journal_goes_on(self, store: Store, saved: Path) -> None:
        before = state(store.directory)
        store.publish(JUNE, SMALL, simulated=True, by=HERE)
        done = run("restore", saved, "--replace", "--data", store.directory)
        assert done.exit_code == 0
        (kept,) = store.directory.glob("snapshots-before-*")
        assert str(kept) in done.stdout
        assert (kept / "as_of=2024-06-30~3" / MANIFEST).exists()
        now = state(store.directory)
        assert {name: now[name] for name in now if "journal" not in name} == {
            name: before[name] for name in before if "journal" not in name
        }
        told = [entry.what for entry in reversed(store.journal.read(HERE).entries)]
        assert told == [What.WITHDREW, What.WITHDREW, What.RESTORED, What.PUBLISHED, What.RESTORED]

    def test_a_journal_that_has_begun_anew_gets_the_lines_it_lacks(
        self, empty: Store, store: Store, saved: Path
    ) -> None:
        empty.journal.record(HERE, What.IMPORTED, "avant")
        assert run("restore", saved, "--data", empty.directory).exit_code == 0
        entries = [(entry.what, entry.about) for entry in reversed(empty.journal.read(HERE).entries)]
        assert len(entries) == 5
        assert entries[-2:] == [(What.IMPORTED, "avant"), (What.RESTORED, "sauvegarde saved.tar")]

    def test_a_server_notices_by_itself(self, store: Store, saved: Path) -> None:
        with patient():
            store.publish(JUNE, SMALL, simulated=True)
            assert store.resolve().id == SnapshotId(JUNE, 3)
            assert read(store.resolve())["establishments"].num_rows == 1
            before = store.generation()
            restore(saved, Store(store.directory), None, replace=True)
            deadline = threading.Event()
            for _ in range(2000):
                if store.resolve().id == SnapshotId(JUNE, 1):
                    break
                deadline.wait(0.01)
            assert store.resolve().id == SnapshotId(JUNE, 1)
            assert store.state()
            assert store.generation() != before
            for each in store.snapshots():
                check_files(each)

    def test_a_publisher_at_work_is_left_alone(self, store: Store, saved: Path) -> None:
        before = state(store.directory)
        with publishing.publisher(store.folder), pytest.raises(StoreBusyError, match="une autre publication"):
            restore(saved, store, None, replace=True)
        assert state(store.directory) == before

    def test_where_names_cannot_change_places_at_once_they_do_one_after_the_other(
        self, store: Store, saved: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.publish(JUNE, SMALL, simulated=True)
        monkeypatch.setattr("ctypes.CDLL", lambda *_args, **_options: None)
        done = restore(saved, store, None, replace=True)
        assert done.before
        assert len([*done.before.glob("as_of=*")]) == 4
        assert [each.id for each in store.snapshots()] == [SnapshotId(MAY), SnapshotId(JUNE)]
        assert [path.name for path in store.directory.iterdir() if path.name.startswith(".")] == []

    def test_a_disk_that_refuses_leaves_everything_as_it_was(
        self, store: Store, empty: Store, saved: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = state(store.directory)

        def refuse(one: Path, other: Path) -> None:
            raise OSError(30, "Read-only file system")

        monkeypatch.setattr("sunes.restoration.exchange", refuse)
        for target in (store, empty):
            with pytest.raises(DataError, match="n’est pas accessible en écriture"):
                restore(saved, target, None, replace=True)
        assert state(store.directory) == before
        assert [*store.directory.glob("snapshots-before-*")] == []
        assert not empty.directory.exists() or [*empty.directory.iterdir()] == []

    def test_too_little_room_is_said_before_anything_is_written(
        self, empty: Store, saved: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("shutil.disk_usage", lambda path: type("", (), {"free": 1000}))
        with pytest.raises(DataError, match="pas assez de place"):
            restore(saved, empty, None)
        assert [*empty.directory.iterdir()] == []

    def test_only_a_folder_of_this_machine_is_restored_into(self, store: Store, saved: Path, tmp_path: Path) -> None:
        shutil.copytree(store.folder, tmp_path / "flat")
        for where, said in ((tmp_path / "flat", "contient directement"), ("s3://cle:mot@donnees/x", "s3://")):
            with pytest.raises(UsageError, match=said):
                restore(saved, Store.at(where), None)


def members(path: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(path) as opened:
        return [(info, opened.extractfile(info).read()) for info in opened]  # type: ignore[union-attr]


def packed(path: Path, content: list[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.USTAR_FORMAT) -> None:
    with tarfile.open(path, "w", format=form) as made:
        for info, data in content:
            made.addfile(info, io.BytesIO(data))


def with_list(content: list[tuple[tarfile.TarInfo, bytes]]) -> list[tuple[tarfile.TarInfo, bytes]]:
    """What a hostile archive would hold: a list that agrees with it."""
    kept = [(info, data) for info, data in content if info.name != archive.LIST]
    told = "".join(f"{hashlib.sha256(data).hexdigest()}  {info.name}\n" for info, data in kept).encode()
    last = tarfile.TarInfo(archive.LIST)
    last.size = len(told)
    return [*kept, (last, told)]


def entry(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(data), link
    return info, data


HOSTILE = {
    "absolute": entry("/tmp/sunes-evil", b"x"),
    "above": entry("../../evil", b"x"),
    "above, in the middle": entry("snapshots/../../../evil", b"x"),
    "a folder of another name": entry("snapshots/as_of=2024-13-45/manifest.json", b"x"),
    "a hidden file": entry("snapshots/as_of=2024-06-30/.lock", b"x"),
    "a deeper folder": entry("snapshots/as_of=2024-06-30/a/b", b"x"),
    "configuration": entry("journal/../.streamlit/secrets.toml", b"x"),
    "a symbolic link": entry("snapshots/as_of=2024-05-31/extra.json", kind=tarfile.SYMTYPE, link="/etc/passwd"),
    "a hard link": entry("snapshots/as_of=2024-05-31/extra.json", kind=tarfile.LNKTYPE, link="/etc/passwd"),
    "a device": entry("snapshots/as_of=2024-05-31/extra.json", kind=tarfile.CHRTYPE),
    "a pipe": entry("snapshots/as_of=2024-05-31/extra.json", kind=tarfile.FIFOTYPE),
    "a folder": entry("snapshots/as_of=2024-05-31/extra", kind=tarfile.DIRTYPE),
    "a sparse file": entry("snapshots/as_of=2024-05-31/extra.json", b"x", kind=tarfile.GNUTYPE_SPARSE),
    "a name twice": entry("snapshots/as_of=2024-05-31/manifest.json", b"{}"),
    "colours for a terminal": entry("\x1b[31mrouge", b"x"),
}


class TestHostile:
    def refused(self, path: Path, empty: Store, said: str = "sauvegarde") -> str:
        with pytest.raises(SunesError, match=said) as error:
            restore(path, empty, empty.journal.folder)
        assert not empty.directory.exists() or [*empty.directory.iterdir()] == []
        assert "\n" not in str(error.value)
        return str(error.value)

    @pytest.mark.parametrize("name", HOSTILE)
    def test_what_no_backup_holds_is_refused(self, saved: Path, empty: Store, tmp_path: Path, name: str) -> None:
        made = members(saved)
        packed(tmp_path / "evil.tar", with_list([*made[:-1], HOSTILE[name]]))
        said = self.refused(tmp_path / "evil.tar", empty, "ce qu’une sauvegarde ne contient pas")
        assert "\x1b" not in said
        assert not (tmp_path / "evil").exists()
        assert not Path("/tmp/sunes-evil").exists()

    @pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
    def test_names_that_hide_behind_another_header_are_refused(
        self, saved: Path, empty: Store, tmp_path: Path, form: int
    ) -> None:
        long = entry(f"snapshots/as_of=2024-05-31/{200 * 'x'}", b"x")
        packed(tmp_path / "evil.tar", with_list([*members(saved)[:-1], long]), form)
        self.refused(tmp_path / "evil.tar", empty, "ce qu’une sauvegarde ne contient pas")

    def test_a_bomb_is_refused(self, saved: Path, empty: Store, tmp_path: Path) -> None:
        """A header that promises 8 GB, a list that does: what isn't there is not made up, nor waited for."""
        for name in ("snapshots/as_of=2024-07-31/usages.parquet", archive.LIST):
            info = tarfile.TarInfo(name)
            info.size = 8 * 2**30 - 1
            bomb = tmp_path / "bomb.tar"
            packed(bomb, members(saved)[:-1])
            whole = bomb.read_bytes().rstrip(b"\0")
            whole += -len(whole) % 512 * b"\0" + info.tobuf(tarfile.USTAR_FORMAT) + 10_000 * b"x"
            bomb.write_bytes(whole)
            self.refused(bomb, empty)

    def test_one_that_is_cut_short_is_refused_wherever_it_is(self, saved: Path, empty: Store, tmp_path: Path) -> None:
        whole, cut = saved.read_bytes(), tmp_path / "cut.tar"
        listed = whole.index(archive.LIST.encode())
        for length in [
            0,
            1,
            511,
            512,
            700,
            *range(1024, listed + 600, 1777),
            listed,
            listed + 100,
            listed + 512,
            listed + 700,
        ]:
            cut.write_bytes(whole[:length])
            self.refused(cut, empty, "sauvegarde")

    def test_one_byte_that_changed_anywhere_is_found(self, saved: Path, empty: Store, tmp_path: Path) -> None:
        """In what is kept: the padding and the fields of a header that nobody reads don't matter."""
        whole, changed = bytearray(saved.read_bytes()), tmp_path / "changed.tar"
        position = 0
        for info, data in members(saved):
            for at in {position, position + 512, position + 512 + len(data) // 2, position + 511 + len(data)}:
                whole[at] ^= 1
                changed.write_bytes(whole)
                self.refused(changed, empty)
                whole[at] ^= 1
            assert info.name.encode() in whole[position : position + 100]
            position += 512 + len(data) + -len(data) % 512

    def test_one_file_more_or_less_is_found(self, saved: Path, empty: Store, tmp_path: Path) -> None:
        made = members(saved)
        more = entry("snapshots/as_of=2024-07-31/manifest.json", b"{}")
        for held in (
            [*made[:-2], made[-1]],
            [*made[:-1], more, made[-1]],
            [*made, more],
            made[:-1],
            with_list(made[1:-1]),
        ):
            packed(tmp_path / "other.tar", held)
            self.refused(tmp_path / "other.tar", empty, "sauvegarde")

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", 2000 * b"\0", 2000 * b"\xff", 100 * b"sauvegarde"])
    def test_any_other_file_is_no_backup(self, empty: Store, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x.tar").write_bytes(content)
        self.refused(tmp_path / "x.tar", empty, "n’est pas une sauvegarde de sunes")

    def test_one_that_was_packed_is_no_backup_either(self, saved: Path, empty: Store, tmp_path: Path) -> None:
        (tmp_path / "x.tar.gz").write_bytes(gzip.compress(saved.read_bytes()))
        self.refused(tmp_path / "x.tar.gz", empty, "n’est pas une sauvegarde de sunes")

    def test_one_of_a_newer_sunes_is_said(self, saved: Path, empty: Store, tmp_path: Path) -> None:
        for about, said in (
            (b'{"format": 2}', "mettez sunes à jour"),
            (b'{"format": "x"}', "n’est pas"),
            (b'{"format": Infinity}', "n’est pas"),
            (b'{"format": NaN}', "n’est pas"),
            (b"[", "n’est pas"),
        ):
            packed(tmp_path / "x.tar", with_list([entry(ABOUT, about), *members(saved)[1:]]))
            self.refused(tmp_path / "x.tar", empty, said)

    def test_one_that_cannot_be_read_is_said(self, empty: Store, tmp_path: Path) -> None:
        self.refused(tmp_path / "missing.tar", empty, "ne peut pas être lu")
        self.refused(tmp_path, empty, "ne peut pas être lu")
