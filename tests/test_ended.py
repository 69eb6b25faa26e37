"""Sign-ins that ended: they stay so in every process, after a restart, and whatever becomes of the disk."""

import errno
import os
import subprocess
import sys
import tarfile
import time
from datetime import date
from pathlib import Path
from threading import Event

import pytest

from sunes.access import ended as module
from sunes.access.ended import Ended, ended
from sunes.access.journal import Journal, What
from sunes.backup import back_up
from sunes.snapshots import Store
from tests.browser import ROOT
from tests.forked_publishers import content
from tests.people import ADMINISTRATOR

ONE, OTHER = "default\n42\nnonce\n1", "default\n42\nanother nonce\n1"


@pytest.fixture(autouse=True)
def always_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was known a moment ago is asked again."""
    monkeypatch.setattr(module, "_BREATH", -1.0)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def files(journal: Journal) -> list[Path]:
    assert journal.folder is not None
    return sorted((journal.folder / ".ended").iterdir())


def test_what_ends_in_one_process_has_ended_in_the_others_and_in_those_to_come(journal: Journal) -> None:
    here, there = Ended(journal.folder), Ended(journal.folder)
    assert ONE not in here
    assert ONE not in there  # each has looked, and found nothing
    script = "import sys; from pathlib import Path; from sunes.access.ended import ended; "
    script += "ended(Path(sys.argv[1])).add(sys.argv[2])"
    subprocess.run((sys.executable, "-c", script, str(journal.folder), ONE), cwd=ROOT, check=True, timeout=60)
    assert ONE in here
    here.add(OTHER)
    for process in (there, Ended(journal.folder)):
        assert ONE in process
        assert OTHER in process
        assert "default\n42\na third\n1" not in process


def test_nothing_of_a_sign_in_can_be_read_from_what_is_kept_of_it(journal: Journal) -> None:
    ended(journal.folder).add("default\nalix@exemple.fr\nnonce\n1")
    ended(journal.folder).add("default\nalix@exemple.fr\nnonce\n1")
    (file,) = files(journal)
    assert file.read_bytes() == b""
    assert len(file.name) == 64
    assert "alix" not in file.name


def test_what_is_known_is_not_asked_of_the_disk_again(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BREATH", 3600.0)
    known = Ended(journal.folder)
    assert ONE not in known
    Ended(journal.folder).add(ONE)
    assert ONE not in known  # within a breath: 0.2 s but for here
    monkeypatch.setattr(module, "_BREATH", -1.0)
    assert ONE in known


def test_two_that_end_within_one_tick_of_the_clock_both_have(journal: Journal) -> None:
    """The folder then shows the same moment for both: what was seen of it first is not all there is."""
    other, known = Ended(journal.folder), Ended(journal.folder)
    other.add(ONE)
    (file,) = files(journal)
    folder, now = file.parent, time.time_ns() + 3600 * 10**9
    os.utime(folder, ns=(now, now))
    assert ONE in known
    other.add(OTHER)
    os.utime(folder, ns=(now, now))
    assert OTHER in known


def test_what_can_be_of_no_use_any_more_is_removed(journal: Journal) -> None:
    known = Ended(journal.folder)
    known.add(ONE)
    (old,) = files(journal)
    os.utime(old, (time.time() - 32 * 86400,) * 2)
    known.add(OTHER)
    assert old not in files(journal)
    assert len(files(journal)) == 1
    assert ONE not in Ended(journal.folder)
    assert OTHER in Ended(journal.folder)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_what_can_not_be_written_is_known_here_and_the_log_says_so(
    journal: Journal, number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    known = Ended(journal.folder)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "touch", fail)
        known.add(ONE)
    assert ONE in known
    assert ONE not in Ended(journal.folder)
    assert "n’est connue que de ce processus" in caplog.text


def test_without_a_journal_a_process_remembers_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    known = Ended(None)
    for number in range(5):
        known.add(str(number))
    assert [number for number in range(5) if str(number) in known] == [2, 3, 4]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_goes_away_takes_nothing_back(journal: Journal) -> None:
    assert journal.folder is not None
    known = Ended(journal.folder)
    Ended(journal.folder).add(ONE)
    assert ONE in known
    journal.folder.rename(journal.folder.with_name("elsewhere"))
    assert ONE in known


def test_a_disk_that_hangs_holds_nobody_up(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Ended(journal.folder)
    Ended(journal.folder).add(ONE)
    assert ONE in known
    back, asked = Event(), Event()
    stat = Path.stat

    def hang(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == ".ended":
            asked.set()
            assert back.wait(60)
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    monkeypatch.setattr(Path, "stat", hang)
    assert ONE in known
    assert OTHER not in known
    assert asked.wait(60)
    monkeypatch.setattr(Path, "stat", stat)
    Ended(journal.folder).add(OTHER)
    monkeypatch.setattr(module, "_PATIENCE", 60.0)
    back.set()
    assert OTHER in known


def test_it_is_in_no_backup_and_no_entry_of_the_journal(journal: Journal, tmp_path: Path) -> None:
    ended(journal.folder).add(ONE)
    journal.record(ADMINISTRATOR, What.SIGNED_OUT)
    store = Store(tmp_path / "data")
    store.publish(date(2024, 6, 30), content(1), simulated=True)
    with tarfile.open(back_up(store, tmp_path / "saved.tar", journal.folder).path) as archive:
        names = archive.getnames()
    assert any(name.endswith(".jsonl") for name in names)
    assert not any("ended" in name for name in names)
    read = journal.read(ADMINISTRATOR)
    assert (len(read.entries), read.problems) == (1, ())
