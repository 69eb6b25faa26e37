"""Frames over published files: DuckDB on Parquet says what the same tables say in memory, wherever the store lies."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sunes import engine, metrics
from sunes.engine import Frames, Header
from sunes.errors import DataError
from sunes.metrics import Row
from sunes.programme import load_programme
from sunes.schema import TABLES
from sunes.snapshots import DATA, Snapshot, Store, read
from sunes.view import View
from tests.rows import application, arrow, establishment, tables, usage

PROGRAMME = load_programme()
EMBEDDED = Store(DATA)
CORRECTED = "2023-05-31~2"
MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
CONTENT = arrow(
    (
        JUNE,
        1,
        tables(
            [establishment("310000001", combined_activity=12.5), establishment("2A0000014", "94", "2A")],
            [application("310000001", 1, "dmp", grant_eur=90_000), application("2A0000014", 2, "mss", "rejected")],
            [usage("310000001", 1, "dmp", indicator, "attained") for indicator in PROGRAMME.volet("dmp").required],
        ),
    )
)[2]

CUTS: Sequence[tuple[str, ...]] = (
    (),
    ("window",),
    ("region", "volet"),
    ("region", "window"),
    ("department", "legal_status", "window", "volet"),
)
VIEWS = (
    View(),
    View(regions=("76",), volet="dmp"),
    View(departments=("31", "75"), windows=(2, 3), legal_statuses=("public", "espic")),
)


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here depends on what survives a power cut, and waiting for the disk takes most of the time."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


def in_memory(snapshots: Sequence[Snapshot]) -> Frames:
    return engine.frames_from_tables([(s.as_of, s.revision, read(s)) for s in snapshots], "pyarrow", simulated=True)


def rows(frames: Frames, view: View = VIEWS[0], by: Sequence[str] = ()) -> tuple[Row, ...]:
    return metrics.answer(frames, view, by, programme=PROGRAMME).rows


def undated(frames: Frames, by: Sequence[str]) -> list[dict[str, Any]]:
    return [{**row, "snapshot": None} for row in rows(frames, by=by)]


@pytest.fixture(scope="module")
def several() -> tuple[Snapshot, ...]:
    return tuple(EMBEDDED.resolve(reference) for reference in ("2022-07-31", CORRECTED, "2024-06-30"))


@pytest.mark.parametrize("view", VIEWS, ids=str)
@pytest.mark.parametrize("by", CUTS, ids=str)
def test_files_say_what_tables_say(several: tuple[Snapshot, ...], view: View, by: tuple[str, ...]) -> None:
    cut = ("snapshot", *by)
    found = rows(engine.frames(several), view, cut)
    assert found == rows(in_memory(several), view, cut)
    assert {(row["snapshot"], row["revision"]) for row in found} == {
        ("2022-07-31", 1),
        ("2023-05-31", 2),
        ("2024-06-30", 1),
    }
    assert any(row["applicants"] for row in found)


def test_each_revision_is_read_from_its_own_folder() -> None:
    wrong, corrected = (EMBEDDED.resolve(f"2023-05-31~{revision}") for revision in (1, 2))
    assert rows(engine.frames([wrong])) == rows(in_memory([wrong]))
    assert rows(engine.frames([corrected])) == rows(in_memory([corrected]))
    accepted = [rows(engine.frames([each]))[0]["accepted"] for each in (wrong, corrected)]
    assert accepted[0] != accepted[1]


def test_headers_say_where_figures_come_from(several: tuple[Snapshot, ...]) -> None:
    assert engine.frames(several[1:2]).headers == (Header(date(2023, 5, 31), 2, True),)


def test_frames_of_one_date_twice_make_no_sense() -> None:
    twice = [EMBEDDED.resolve(f"2023-05-31~{revision}") for revision in (1, 2)]
    with pytest.raises(ValueError, match="one revision of each date"):
        engine.frames(twice)


@pytest.mark.parametrize(
    "folder",
    [
        "as_of=2020-01-01",
        "as_of=2020-01-01/as_of=2021-02-02~3",
        "avec des espaces",
        'l’été d\'Agnès "2024"',
        "[2024]",
        "tout*",
        "quoi?",
        "a{b,c}",
        "100 %, ; --",
    ],
)
def test_the_place_of_a_store_does_not_matter(tmp_path: Path, folder: str) -> None:
    # Where * were a wildcard, this neighbour would be read as well.
    for place in (folder, "tout autre chose"):
        store = Store(tmp_path / place)
        for day in (MAY, JUNE):
            store.publish(day, CONTENT, simulated=False)
        corrected = store.publish(JUNE, CONTENT, simulated=False)
    snapshots = Store(tmp_path / folder).history()
    found = rows(engine.frames(snapshots), by=("snapshot",))
    assert [(row["snapshot"], row["revision"], row["eligible"], row["applicants"]) for row in found] == [
        ("2024-05-31", 1, 2, 2),
        ("2024-06-30", corrected.revision, 2, 2),
    ]


def test_stores_of_other_widths_and_ours_are_read_together(tmp_path: Path) -> None:
    """As pandas would write it: wide integers, floats where a value is missing."""
    store = Store(tmp_path)
    ours = store.publish(MAY, CONTENT, simulated=False)
    folder = store.folder / "as_of=2024-06-30"
    folder.mkdir()
    wide = {pa.int8(): pa.int64(), pa.int64(): pa.float64(), pa.string(): pa.large_string(), pa.date32(): pa.date64()}
    for name, table in CONTENT.items():
        columns = {field.name: table[field.name].cast(wide.get(field.type, field.type)) for field in table.schema}
        reversed_columns = dict(reversed(columns.items()))
        pq.write_table(pa.table(reversed_columns), folder / f"{name}.parquet")
    (folder / "manifest.json").write_text('{"as_of": "2024-06-30"}', encoding="utf-8")
    for by in (("snapshot",), ("snapshot", "window", "volet"), ("snapshot", "region", "volet")):
        may, june = (undated(engine.frames([each]), by) for each in (ours, store.resolve()))
        assert may == june
        assert undated(engine.frames(store.history()), by) == may + june


def test_frames_have_the_contract_s_columns(several: tuple[Snapshot, ...]) -> None:
    frames = engine.frames(several[:1])
    for name in TABLES:
        collected = getattr(frames, name).collect().to_arrow()
        assert collected.column_names == [*TABLES[name].schema.names, "snapshot"]
        assert set(collected["snapshot"].to_pylist()) == {"2022-07-31"}


def candidates(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What a thread asks: a join of two files of one snapshot, counted by region."""
    frames = engine.frames([snapshot])
    joined = frames.applications.join(frames.establishments, on=["snapshot", "finess"])
    counted = joined.group_by("snapshot", "region_code").agg(nw.len().alias("rows")).sort("region_code")
    found: list[dict[str, Any]] = counted.collect().to_arrow().to_pylist()
    return found


def test_people_may_ask_at_once() -> None:
    """Eight threads, twenty questions each, all of them through one database."""
    snapshots = EMBEDDED.history()[::6]
    expected = {snapshot: candidates(snapshot) for snapshot in snapshots}
    whole = metrics.ask(EMBEDDED, View(), ("region",), programme=PROGRAMME).rows
    together = Barrier(8)

    def ask(seed: int) -> list[bool]:
        asked = Random(seed).choices(snapshots, k=20)
        together.wait()
        same = [candidates(snapshot) == expected[snapshot] for snapshot in asked]
        return [*same, metrics.ask(EMBEDDED, View(), ("region",), programme=PROGRAMME).rows == whole]

    with ThreadPoolExecutor(8) as pool:
        agreed = [same for answers in pool.map(ask, range(8)) for same in answers]
    assert agreed == [True] * 8 * 21
    assert len({str(found) for found in expected.values()}) == len(snapshots)


class TestDamage:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        store = Store(tmp_path)
        for day in (date(2024, 4, 30), MAY, JUNE):
            store.publish(day, CONTENT, simulated=False)
        return store

    def test_sound_snapshots_are_parted_from_the_others(self, store: Store) -> None:
        april, may, june = store.history()
        assert engine.sound([april, may, june]) == ((april, may, june), ())
        assert engine.sound([]) == ((), ())
        may.file("usages").unlink()
        kept, problems = engine.sound(store.history())
        assert kept == (april, june)
        assert problems[0].file == "as_of=2024-05-31/usages.parquet"
        assert "ce fichier manque" in str(problems[0])
        rows(engine.frames(kept), by=("snapshot",))

    def test_a_damaged_file_is_never_read(self, store: Store) -> None:
        june = store.resolve()
        before = rows(engine.frames([june]))
        content = june.file("applications").read_bytes()
        june.file("applications").write_bytes(content[:-40])
        with pytest.raises(DataError, match=r"as_of=2024-06-30/applications\.parquet"):
            engine.frames([june])
        with pytest.raises(DataError, match=r"applications\.parquet"):
            metrics.ask(store, View(), ("snapshot",), programme=PROGRAMME)
        june.file("applications").write_bytes(content)
        assert rows(engine.frames([june])) == before
