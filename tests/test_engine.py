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

from sunes import counts, engine, limits, metrics, roster
from sunes.access.people import EVERYTHING
from sunes.engine import Frames, Header
from sunes.errors import DataError, GivenUpError, TooLongError, UsageError
from sunes.metrics import Row
from sunes.programme import load_programme
from sunes.schema import TABLES
from sunes.snapshots import DATA, Snapshot, Store, read
from sunes.view import View
from tests.people import HERE
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


@pytest.fixture(autouse=True, params=["in memory", "by DuckDB"])
def _where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is small is computed in memory, what is large by DuckDB: here, everything by both."""
    monkeypatch.setattr(engine, "SMALL", 10**9 if request.param == "in memory" else 0)
    counts.forget()
    roster.forget()


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
    found = rows(engine.frames(several, EVERYTHING), view, cut)
    assert found == rows(in_memory(several), view, cut)
    assert {(row["snapshot"], row["revision"]) for row in found} == {
        ("2022-07-31", 1),
        ("2023-05-31", 2),
        ("2024-06-30", 1),
    }
    assert any(row["applicants"] for row in found)


@pytest.mark.parametrize("view", [*VIEWS, View(finess=("2A0000014",)), View(windows=(2,), volet="mss")], ids=str)
def test_files_hold_the_establishments_that_tables_hold(several: tuple[Snapshot, ...], view: View) -> None:
    for snapshot in several:
        found = roster.roster(engine.frames([snapshot], EVERYTHING), view, PROGRAMME)
        assert found == roster.roster(in_memory([snapshot]), view, PROGRAMME)
    assert roster.history(engine.frames(several, EVERYTHING), view, PROGRAMME) == roster.history(
        in_memory(several), view, PROGRAMME
    )


def test_each_revision_is_read_from_its_own_folder() -> None:
    wrong, corrected = (EMBEDDED.resolve(f"2023-05-31~{revision}") for revision in (1, 2))
    assert rows(engine.frames([wrong], EVERYTHING)) == rows(in_memory([wrong]))
    assert rows(engine.frames([corrected], EVERYTHING)) == rows(in_memory([corrected]))
    accepted = [rows(engine.frames([each], EVERYTHING))[0]["accepted"] for each in (wrong, corrected)]
    assert accepted[0] != accepted[1]


def test_headers_say_where_figures_come_from(several: tuple[Snapshot, ...]) -> None:
    assert engine.frames(several[1:2], EVERYTHING).headers == (Header(date(2023, 5, 31), 2, True),)


def test_frames_of_one_date_twice_make_no_sense() -> None:
    twice = [EMBEDDED.resolve(f"2023-05-31~{revision}") for revision in (1, 2)]
    with pytest.raises(ValueError, match="one revision of each date"):
        engine.frames(twice, EVERYTHING)


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
    found = rows(engine.frames(snapshots, EVERYTHING), by=("snapshot",))
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
        may, june = (undated(engine.frames([each], EVERYTHING), by) for each in (ours, store.resolve()))
        assert may == june
        assert undated(engine.frames(store.history(), EVERYTHING), by) == may + june


def test_frames_have_the_contract_s_columns(several: tuple[Snapshot, ...]) -> None:
    frames = engine.frames(several[:1], EVERYTHING)
    for name in TABLES:
        collected = getattr(frames, name).collect().to_arrow()
        assert collected.column_names == [*TABLES[name].schema.names, "snapshot"]
        assert set(collected["snapshot"].to_pylist()) == {"2022-07-31"}


def candidates(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What a thread asks: a join of two files of one snapshot, counted by region."""
    frames = engine.frames([snapshot], EVERYTHING)
    regions = frames.table("establishments", "finess", "region_code")
    joined = frames.applications.join(regions, on=["snapshot", "finess"])
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


@pytest.mark.parametrize("most", [1, 8_000, 10**9])
def test_a_long_history_is_counted_in_parts(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(counts, "AT_ONCE", most)
    history = EMBEDDED.history()[::4]
    assert rows(engine.frames(history, EVERYTHING), VIEWS[2], ("snapshot", "volet")) == rows(
        in_memory(history), VIEWS[2], ("snapshot", "volet")
    )


class TestKept:
    """What was counted once is kept; it must never be told of something else."""

    def test_a_filter_counts_nothing_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        history = EMBEDDED.history()[-3:]
        before = rows(in_memory(history), View(regions=("76",), windows=(2,)), ("snapshot", "volet"))
        rows(engine.frames(history, EVERYTHING), View(), ("snapshot", "window", "volet"))
        monkeypatch.setattr(engine.Frames, "collect", None)  # calling it would be an error
        found = rows(engine.frames(history, EVERYTHING), View(regions=("76",), windows=(2,)), ("snapshot", "volet"))
        assert found == before

    @pytest.mark.parametrize("view", [View(), View(volet="mss", windows=(3,)), View(departments=("31",))], ids=str)
    def test_what_was_prepared_counts_nothing_any_more(self, monkeypatch: pytest.MonkeyPatch, view: View) -> None:
        history = EMBEDDED.history()[-3:]
        cuts = [("snapshot", *by) for by in ((), ("volet",), ("region", "window"), ("window", "volet"))]
        expected = [rows(in_memory(history), view, by) for by in cuts]
        metrics.prepare(history, PROGRAMME)
        monkeypatch.setattr(engine.Frames, "collect", None)
        assert [rows(engine.frames(history, EVERYTHING), view, by) for by in cuts] == expected

    def test_only_a_new_snapshot_is_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        *known, last = EMBEDDED.history()[-4:]
        rows(engine.frames(known, EVERYTHING), by=("snapshot", "volet"))
        asked = []
        collect = engine.Frames.collect

        def watched(frames: Frames, frame: nw.LazyFrame[Any], until: float | None = None) -> pa.Table:
            asked.append(frames.snapshots)
            return collect(frames, frame, until)

        monkeypatch.setattr(engine.Frames, "collect", watched)
        found = rows(engine.frames([*known, last], EVERYTHING), by=("snapshot", "volet"))
        assert set(asked) == {(last,)}
        assert found == rows(in_memory([*known, last]), by=("snapshot", "volet"))

    def test_a_correction_and_its_withdrawal_are_seen(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        store.publish(JUNE, CONTENT, simulated=False)

        def told() -> tuple[Any, ...]:
            whole = rows(engine.frames(store.history(), EVERYTHING), by=("snapshot",))[0]
            lines = roster.roster(engine.frames(store.history(), EVERYTHING), View(), PROGRAMME).lines
            return whole["revision"], whole["eligible"], len(lines)

        assert told() == (1, 2, 2)
        alone = dict(CONTENT) | {"establishments": CONTENT["establishments"].slice(0, 1)}
        store.publish(
            JUNE, {**alone, **{name: TABLES[name].empty() for name in ("applications", "usages")}}, simulated=False
        )
        assert told() == (2, 1, 1)
        store.withdraw("2024-06-30~2", "erreur", HERE)
        assert told() == (1, 2, 2)

    def test_files_that_no_manifest_vouches_for_are_looked_at(self, tmp_path: Path) -> None:
        folder = tmp_path / "as_of=2024-06-30"
        folder.mkdir()
        (folder / "manifest.json").write_text('{"as_of": "2024-06-30"}', encoding="utf-8")
        for size in (2, 1):
            content = {**{name: TABLES[name].empty() for name in TABLES}}
            content["establishments"] = CONTENT["establishments"].slice(0, size)
            for name, table in content.items():
                pq.write_table(table, folder / f"{name}.parquet")
            assert rows(engine.frames(Store(tmp_path).history(), EVERYTHING))[0]["eligible"] == size


class TestLimits:
    @pytest.fixture
    def endless(self, monkeypatch: pytest.MonkeyPatch) -> tuple[Frames, nw.LazyFrame[Any]]:
        """A question to DuckDB that takes years: rows joined with themselves, over and over."""
        monkeypatch.setattr(engine, "SMALL", 0)
        frames = engine.frames([EMBEDDED.resolve("2024-06-30")], EVERYTHING)
        frame = frames.table("usages", "numerator")
        for _ in range(5):
            frame = frame.join(frame, how="cross").select("snapshot", nw.col("numerator") + 1)
        return frames, frame.group_by("snapshot").agg(nw.col("numerator").sum())

    def test_a_question_without_end_is_given_up(
        self, endless: tuple[Frames, nw.LazyFrame[Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SUNES_QUERY_SECONDS", "0.1")
        frames, frame = endless
        with pytest.raises(TooLongError, match=r"plus de 0,1 s de calcul.*resserrez les filtres"):
            frames.collect(frame)
        # The same connection answers the next question.
        monkeypatch.delenv("SUNES_QUERY_SECONDS")
        assert frames.collect(frames.table("usages", "status")).num_rows == 2481

    def test_a_question_that_nobody_asks_any_more_is_given_up(self, endless: tuple[Frames, nw.LazyFrame[Any]]) -> None:
        frames, frame = endless
        looks = iter([False, False, True])
        token = limits.UNWANTED.set(lambda: next(looks))
        try:
            with pytest.raises(GivenUpError):
                frames.collect(frame)
        finally:
            limits.UNWANTED.reset(token)
        assert next(looks, None) is None
        assert frames.collect(frames.table("usages", "status")).num_rows == 2481

    def test_the_next_who_ask_get_their_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        snapshots = EMBEDDED.history()[-2:]
        monkeypatch.setenv("SUNES_QUERY_SECONDS", "-1")
        monkeypatch.setattr(engine, "SMALL", 10**9)
        with pytest.raises(TooLongError):
            rows(engine.frames(snapshots, EVERYTHING), by=("snapshot",))
        monkeypatch.delenv("SUNES_QUERY_SECONDS")
        assert rows(engine.frames(snapshots, EVERYTHING), by=("snapshot",)) == rows(
            in_memory(snapshots), by=("snapshot",)
        )

    @pytest.mark.parametrize("said", ["une minute", "inf", "nan"])
    def test_a_limit_that_is_no_number_is_refused(self, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
        monkeypatch.setenv("SUNES_QUERY_SECONDS", said)
        with pytest.raises(UsageError, match=rf"SUNES_QUERY_SECONDS.*{said}.*nombre de secondes"):
            rows(engine.frames([EMBEDDED.resolve()], EVERYTHING))

    def test_a_size_that_is_none_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUNES_QUERY_MEMORY", "beaucoup")
        monkeypatch.setattr(engine, "SMALL", 0)
        engine.close()
        with pytest.raises(UsageError, match=r"SUNES_QUERY_MEMORY.*beaucoup"):
            engine.frames([EMBEDDED.resolve()], EVERYTHING)


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
        rows(engine.frames(kept, EVERYTHING), by=("snapshot",))

    def test_a_damaged_file_is_never_read(self, store: Store) -> None:
        june = store.resolve()
        before = rows(engine.frames([june], EVERYTHING))
        content = june.file("applications").read_bytes()
        june.file("applications").write_bytes(content[:-40])
        with pytest.raises(DataError, match=r"as_of=2024-06-30/applications\.parquet"):
            engine.frames([june], EVERYTHING)
        with pytest.raises(DataError, match=r"applications\.parquet"):
            metrics.ask(store, View(), ("snapshot",), programme=PROGRAMME)
        june.file("applications").write_bytes(content)
        assert rows(engine.frames([june], EVERYTHING)) == before
