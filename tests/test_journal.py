"""The journal: nothing is changed that it doesn't tell, and nothing that happens to it loses what it told."""

import csv
import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunes.access import journal as journals
from sunes.access.journal import Entry, Journal, What, records, records_said
from sunes.access.people import VISITOR, ForbiddenError, Person, Role
from sunes.errors import DataError
from sunes.export.csv import records_csv
from sunes.ingest import publish
from sunes.snapshots import Store, patient
from tests.browser import ROOT
from tests.people import ADMINISTRATOR, HERE, NATIONAL, READER, REGIONAL
from tests.test_importing import PROGRAMME, look, plain, register

NOW = datetime.now(UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def file(journal: Journal) -> Path:
    assert journal.folder is not None
    (found,) = journal.folder.glob("*.jsonl")
    return found


def told(journal: Journal) -> list[tuple[str, str, str]]:
    return [(entry.who, entry.what, entry.about) for entry in journal.read(ADMINISTRATOR).entries]


@contextmanager
def failing(name: str, number: int) -> Iterator[None]:
    """A disk that fails whenever it is asked to do something."""

    def fail(*given: object) -> int:
        raise OSError(number, os.strerror(number))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"os.{name}", fail)
        yield


# Entries -------------------------------------------------------------------------------------------------------------


def test_an_entry_says_who_did_what_to_what_and_when(journal: Journal) -> None:
    journal.record(REGIONAL, What.PUBLISHED, "2024-06-30~2")
    journal.record(NATIONAL, What.WITHDREW, "2024-06-30~2 : essai")

    newest, first = journal.read(ADMINISTRATOR).entries
    assert (newest.who, newest.what, newest.about) == (NATIONAL.id, "withdrew", "2024-06-30~2 : essai")
    assert (first.who, first.name, first.role) == (REGIONAL.id, REGIONAL.name, "regional_editor")
    assert NOW - timedelta(minutes=1) < first.at <= newest.at <= datetime.now(UTC)
    assert json.loads(file(journal).read_text().splitlines()[0])["at"].endswith("+00:00")


def test_an_entry_has_the_id_of_its_request(journal: Journal) -> None:
    from sunes import request_id

    asked = request_id.begin()
    try:
        journal.record(REGIONAL, What.EXPORTED, "x.csv")
    finally:
        request_id._ID.set("")

    assert journal.read(ADMINISTRATOR).entries[0].request == asked


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(max_size=400), min_size=3, max_size=3))
def test_whatever_a_name_holds_an_entry_stays_one_line(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    who, name, about = texts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        journal = Journal(tmp_path_factory.mktemp("journal"))
        journal.record(Person(Role.READER, who, name), What.VIEWED, about)
        journal.record(READER, What.SIGNED_IN)

    content = journal.read(ADMINISTRATOR)
    assert (len(content.entries), content.problems) == (2, ())
    entry = content.entries[1]
    for kept, given_text in ((entry.who, who), (entry.name, name), (entry.about, about)):
        assert kept.isprintable()
        assert len(kept) == min(len(given_text), 300)
        assert kept == given_text[:300] or not given_text[:300].isprintable()


def test_visitors_and_whoever_has_the_machine_read_untold(journal: Journal) -> None:
    for person in (VISITOR, HERE):
        for what in (What.VIEWED, What.EXPORTED, What.IMPORTED):
            journal.note(person, what, "x")
    journal.note(VISITOR, What.REFUSED, "x")
    journal.note(READER, What.EXPORTED, "x.csv")

    assert told(journal) == [(READER.id, "exported", "x.csv")]


# Several at once -----------------------------------------------------------------------------------------------------

_WRITER = """
import sys
from pathlib import Path
from sunes.access.journal import Journal, What
from sunes.access.people import Person, Role
journal, me = Journal(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    journal.record(Person(Role.READER, me), What.VIEWED, f"{number} " + "é" * 250)
"""


def test_several_processes_write_at_once(journal: Journal) -> None:
    command = [sys.executable, "-c", _WRITER, str(journal.folder)]
    writers = [
        subprocess.Popen([*command, str(me)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for me in range(4)
    ]
    for each in writers:
        assert each.stdout
        assert each.stdout.readline() == b"ready\n"
    for each in writers:
        assert each.stdin
        each.stdin.write(b"\n")
        each.stdin.flush()
    for each in writers:
        each.communicate(timeout=60)
        assert each.returncode == 0

    content = journal.read(ADMINISTRATOR)
    assert content.problems == ()
    for me in range(4):
        own = [entry.about.split()[0] for entry in reversed(content.entries) if entry.who == str(me)]
        assert own == [str(number) for number in range(40)]


def test_a_writer_that_is_killed_keeps_nobody_from_writing(journal: Journal) -> None:
    command = [sys.executable, "-c", _WRITER.replace("range(40)", "range(10**9)"), str(journal.folder), "0"]
    writer = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert writer.stdin
    writer.stdin.write(b"\n")
    writer.stdin.flush()
    while not told(journal):
        assert writer.poll() is None
    writer.kill()
    writer.communicate()

    journal.record(ADMINISTRATOR, What.SIGNED_IN)

    newest, *earlier = told(journal)
    assert newest == (ADMINISTRATOR.id, "signed-in", "")
    assert [about.split()[0] for _, _, about in reversed(earlier)] == [str(number) for number in range(len(earlier))]


# Damage --------------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(1, 400))
def test_a_line_that_was_cut_short_is_told_and_the_next_one_begins_anew(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        journal = Journal(tmp_path_factory.mktemp("journal"))
        for about in ("a", "b"):
            journal.record(READER, What.VIEWED, about)
        whole = file(journal).read_bytes()
        left = whole[: max(len(whole) - cut, 0)]
        file(journal).write_bytes(left)

        journal.record(READER, What.VIEWED, "c")

    content = journal.read(ADMINISTRATOR)
    assert content.entries[0].about == "c"
    # A line that lost nothing but its end is whole.
    lines = [line for line in left.split(b"\n") if line]
    sound = [line for line in lines if line in whole.split(b"\n")]
    assert [entry.about for entry in content.entries[:0:-1]] == ["a", "b"][: len(sound)]
    assert len(content.problems) == len(lines) - len(sound)
    for problem in content.problems:
        assert problem.line == len(lines)
        assert "incomplète ou abîmée" in problem.message


@pytest.mark.parametrize(
    "line", [b"[]", b"{}", b"3", b"\xff\xfe", b'{"at": "hier", "what": "viewed"}', b'{"at": 3}', b"[" * 9999]
)
def test_a_line_that_is_no_entry_keeps_nothing_from_being_read(journal: Journal, line: bytes) -> None:
    journal.record(READER, What.SIGNED_IN)
    with file(journal).open("ab") as opened:
        opened.write(line + b"\n")
    journal.record(READER, What.SIGNED_OUT)

    content = journal.read(ADMINISTRATOR)

    assert [entry.what for entry in content.entries] == ["signed-out", "signed-in"]
    assert [problem.line for problem in content.problems] == [2]


# A disk that refuses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "number"), [("write", errno.ENOSPC), ("fsync", errno.EIO), ("open", errno.EROFS)])
def test_what_cannot_be_told_is_not_done(tmp_path: Path, call: str, number: int) -> None:
    store = Store(tmp_path)
    made = look(store, register=register())
    publish(store, PROGRAMME, made, by=NATIONAL)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    again = look(store, register=register())

    with pytest.MonkeyPatch.context() as patch:
        real = journals._append

        def full(path: Path, entry: Entry) -> None:
            with failing(call, number):
                real(path, entry)

        patch.setattr(journals, "_append", full)
        with pytest.raises(DataError, match=r"journal.*L’état précédent est intact"):
            publish(store, PROGRAMME, again, by=NATIONAL)
        with pytest.raises(DataError, match="journal"):
            store.withdraw("latest", "essai", NATIONAL)
        store.journal.note(READER, What.EXPORTED, "x.csv")

    changed = {path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() != before.get(path)}
    assert {path.name for path in changed} <= {".lock", ".index.json"}
    assert [entry.what for entry in store.journal.read(ADMINISTRATOR).entries] == ["published"]


def test_reading_goes_on_and_the_log_says_what_was_not_kept(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    with failing("write", errno.ENOSPC):
        journal.note(READER, What.EXPORTED, "x.csv")

    assert "n’a pas retenu « export »" in plain(caplog.text)
    assert "est plein" in caplog.text


def test_half_a_line_is_taken_back_where_the_disk_is_full(journal: Journal) -> None:
    journal.record(READER, What.SIGNED_IN)
    before, write = file(journal).read_bytes(), os.write

    def some(descriptor: int, content: bytes) -> int:
        if len(content) < 60:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, content[: len(content) // 2])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.write", some)
        with pytest.raises(DataError, match="est plein"):
            journal.record(READER, What.SIGNED_OUT)

    assert file(journal).read_bytes() == before


def test_a_change_that_fails_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    made = look(store, register=register())

    def broken(*given: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("sunes.place.put_folder", broken)
    with pytest.raises(DataError):
        publish(store, PROGRAMME, made, by=NATIONAL)

    assert told(store.journal) == [
        (NATIONAL.id, "failed", "publication : 2024-06-30~1"),
        (NATIONAL.id, "published", "2024-06-30~1"),
    ]


# Where it is, and for how long ---------------------------------------------------------------------------------------


def test_it_is_beside_the_data_or_where_one_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journals._say_that_there_is_none.cache_clear()
    assert Store(tmp_path).journal.folder == tmp_path / "journal"
    assert Store(tmp_path, "s3://bucket/x").journal.folder is None
    with caplog.at_level("WARNING"):
        Journal(None).record(READER, What.SIGNED_IN)
    assert "Aucun journal n’est tenu" in caplog.text
    assert Journal(None).read(ADMINISTRATOR).entries == ()

    monkeypatch.setenv("SUNES_JOURNAL", str(tmp_path / "ailleurs"))
    assert Store(tmp_path, "s3://bucket/x").journal.folder == tmp_path / "ailleurs"


def older(journal: Journal, days: int) -> Path:
    """A file of the month that was so many days ago, with one entry then."""
    at = datetime.now(UTC) - timedelta(days=days)
    assert journal.folder is not None
    journal.folder.mkdir(exist_ok=True)
    path = journal.folder / f"{at:%Y-%m}.jsonl"
    line = {"at": at.isoformat(), "who": "a", "name": "", "role": "reader", "what": "viewed", "about": "x"}
    path.write_text(json.dumps(line) + "\n")
    return path


def test_a_new_month_removes_what_is_older_than_the_rules_want_and_says_so(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = tmp_path / "acces.toml"
    access.write_text("[journal]\ndays = 100\n")
    monkeypatch.setenv("SUNES_ACCESS", str(access))
    gone, other, kept = older(journal, 200), older(journal, 140), older(journal, 70)
    assert journal.folder is not None
    note = journal.folder / "à lire.txt"
    note.write_text("pas au journal")

    journal.record(READER, What.SIGNED_IN)
    journal.record(READER, What.SIGNED_OUT)

    assert [path.exists() for path in (gone, other, kept, note)] == [False, False, True, True]
    assert told(journal)[:4] == [
        (READER.id, "signed-out", ""),
        ("sunes", "removed", f"mois {other.stem}"),
        ("sunes", "removed", f"mois {gone.stem}"),
        (READER.id, "signed-in", ""),
    ]


def test_a_command_that_is_not_told_the_rules_removes_nothing_and_the_server_does_so_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules may keep entries for longer than what counts without them."""
    monkeypatch.delenv("SUNES_ACCESS", raising=False)
    monkeypatch.delenv("SUNES_JOURNAL", raising=False)
    store = Store(tmp_path)
    before, kept = older(store.journal, 1000), older(store.journal, 300)
    store.journal.record(HERE, What.EXPORTED, "journal")
    assert before.exists()
    access = tmp_path / "acces.toml"
    access.write_text("[journal]\ndays = 2000\n")
    with patient(), monkeypatch.context() as patch:
        patch.setenv("SUNES_ACCESS", str(access))
        store.journal.record(READER, What.SIGNED_IN)
    assert before.exists()
    access.write_text("[journal]\ndays = 500\n")
    monkeypatch.setattr(journals, "_FORGOTTEN", {})  # another process
    monkeypatch.setenv("SUNES_ACCESS", str(access))
    store.journal.record(READER, What.SIGNED_IN)
    assert not before.exists()
    assert kept.exists()


def test_a_month_of_which_one_entry_is_young_enough_stays(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = tmp_path / "acces.toml"
    access.write_text("[journal]\ndays = 100\n")
    monkeypatch.setenv("SUNES_ACCESS", str(access))
    path = older(journal, 99)
    old = json.dumps(json.loads(path.read_text()) | {"at": "2000-01-01T00:00:00+00:00"})
    path.write_text(f"{old}\n{path.read_text()}")

    journal.record(READER, What.SIGNED_IN)

    assert len(path.read_text().splitlines()) == 2


def test_within_a_month_nothing_is_removed(journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.record(READER, What.SIGNED_IN)
    gone = older(journal, 400)

    journal.record(READER, What.SIGNED_OUT)

    assert gone.exists()


def test_a_clock_that_is_far_ahead_removes_nothing(journal: Journal) -> None:
    old = [older(journal, days) for days in (4000, 3900)]

    journal.record(READER, What.SIGNED_IN)

    assert all(path.exists() for path in old)


def test_rules_that_cannot_be_understood_remove_nothing(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = tmp_path / "acces.toml"
    access.write_text("[journal]\ndays = 'peu'\n")
    monkeypatch.setenv("SUNES_ACCESS", str(access))
    old = older(journal, 4000)

    journal.record(READER, What.SIGNED_IN)

    assert old.exists()


# Reading -------------------------------------------------------------------------------------------------------------


def test_it_is_read_by_administrators_only(journal: Journal) -> None:
    for person in (VISITOR, READER, REGIONAL, NATIONAL):
        with pytest.raises(ForbiddenError):
            journal.read(person)

    assert [who for who, what, _ in told(journal) if what == "refused"] == [NATIONAL.id, REGIONAL.id, READER.id]


def test_since_a_day_is_a_day_of_france(journal: Journal) -> None:
    assert journal.folder is not None
    journal.folder.mkdir()
    times = ["2024-05-31T21:59:59+00:00", "2024-05-31T22:00:00+00:00", "2024-06-01T12:00:00+00:00"]
    for at in times:
        with (journal.folder / f"{at[:7]}.jsonl").open("a") as opened:
            opened.write(json.dumps({"at": at, "who": "a", "role": "reader", "what": "viewed", "about": at}) + "\n")

    read = [entry.about for entry in journal.read(ADMINISTRATOR, date(2024, 6, 1)).entries]

    assert read == [times[2], times[1]], "two hours ahead of UTC in summer"
    assert [entry.about for entry in journal.read(ADMINISTRATOR, until=date(2024, 5, 31)).entries] == [times[0]]
    assert journal.read(ADMINISTRATOR, date(2023, 1, 1), date(2024, 4, 1)).entries == ()


def test_a_clock_that_goes_back_changes_no_order_of_time(journal: Journal) -> None:
    assert journal.folder is not None
    journal.folder.mkdir()
    days = [3, 1, 2]
    lines = [
        json.dumps(
            {"at": f"2024-05-0{day}T10:00:00+00:00", "who": "", "role": "reader", "what": "viewed", "about": day}
        )
        for day in days
    ]
    (journal.folder / "2024-05.jsonl").write_text("\n".join(lines))

    assert [entry.about for entry in journal.read(ADMINISTRATOR).entries] == ["3", "2", "1"]


def test_a_file_of_it_runs_nothing_in_a_spreadsheet_and_has_every_entry(journal: Journal) -> None:
    journal.record(Person(Role.READER, "=cmd|' /C calc'!A0", "+33;1\n2"), What.EXPORTED, '-1";@SUM(A1)')

    text = records_csv(records(journal.read(ADMINISTRATOR).entries)).decode("utf-8-sig")

    ((line),) = csv.DictReader(StringIO(text), delimiter=";")
    assert line["Identifiant"] == "'=cmd|' /C calc'!A0"
    assert (line["Nom"], line["Rôle"], line["Action"]) == ("'+33;1 2", "lecteur", "export")
    assert line["Objet"] == "'-1\";@SUM(A1)"


def test_people_are_told_days_and_hours_of_france(journal: Journal) -> None:
    at = datetime(2024, 6, 30, 22, 5, tzinfo=UTC)
    known = Entry(at, "a@exemple.fr", "Une personne", "reader", "viewed", "x")
    strange = Entry(at, "", "", "chef", "danced", "x")

    said = [{name: plain(text) for name, text in record.items()} for record in records_said([known, strange])]

    assert list(said[0].values()) == [
        *("01/07/2024", "0 h 05", "Une personne (a@exemple.fr)", "lecteur", "fiche consultée", "x")
    ]
    assert [said[1][name] for name in ("Personne", "Rôle", "Action")] == ["poste local", "chef", "danced"]
