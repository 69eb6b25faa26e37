"""Documents become usages: each counted once, whatever the engine, and nothing left aside in silence."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from sunes import cluster
from sunes.aggregation import aggregate, engines, logs
from sunes.aggregation.engines import Engine, open_engine
from sunes.aggregation.report import sentences
from sunes.aggregation.rollup import REASONS, Documents, Left, Series, count_documents, month_number
from sunes.aggregation.stays import Stays, read_stays
from sunes.aggregation.usages import Period, Request, last_whole_month, measure, periods
from sunes.cli import app
from sunes.errors import DataError, UsageError
from sunes.ingest import prepare
from sunes.programme import load_programme
from sunes.schema import USAGES
from sunes.snapshots import Store
from tests.people import HERE
from tests.rows import Row, application, arrow, establishment, tables

SUN_ES = load_programme()
JUNE = date(2022, 6, 30)
A, B, C = "310000001", "2A0000014", "010000024"
MARCH, APRIL, MAY = (month_number(date(2022, month, 1)) for month in (3, 4, 5))


def document(document_id: str | None, sent: Any = "2022-03-05", replaces: str | None = None, **cells: Any) -> Row:
    """A line of a log: a discharge letter of A in the DMP, unless told otherwise."""
    sent_at = datetime.fromisoformat(sent) if sent else None
    line = {"finess": A, "sent_at": sent_at, "volet": "dmp", "indicator": "lettre_liaison"}
    return {**line, "document_id": document_id, "replaces": replaces} | cells


COLUMNS = ("finess", "sent_at", "volet", "indicator", "document_id", "replaces")
DOCUMENTS = pa.schema([(name, pa.timestamp("us") if name == "sent_at" else pa.string()) for name in COLUMNS])


def written(path: Path, lines: Sequence[Row]) -> str:
    pq.write_table(pa.Table.from_pylist(list(lines), schema=DOCUMENTS), path)
    return str(path)


def stays_file(path: Path, lines: Sequence[tuple[Any, Any, Any]]) -> str:
    finess, months, numbers = zip(*lines, strict=True)
    pq.write_table(pa.table({"finess": list(finess), "month": list(months), "stays": list(numbers)}), path)
    return str(path)


@pytest.fixture(scope="module", params=get_args(engines.Name))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn."""
    if request.param == "pyspark":
        request.getfixturevalue("spark")
    with open_engine(request.param) as opened:
        yield opened


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Engine]:
    with open_engine("duckdb") as opened:
        yield opened


@pytest.fixture
def count(tmp_path: Path, engine: Engine) -> Callable[..., Documents]:
    """Count the documents of some lines, A and B being the register: `count(*lines)`."""

    def count(*lines: Row) -> Documents:
        return counted(engine, tmp_path, lines, (A, B))

    return count


def counted(engine: Engine, folder: Path, lines: Sequence[Row], register: Sequence[str]) -> Documents:
    log = logs.read(engine, [written(folder / "documents.parquet", lines)])[logs.DOCUMENTS]
    return count_documents(engine, log, register, SUN_ES, JUNE)


def originals(found: Documents) -> dict[tuple[str, str], dict[int, int]]:
    return {(each.finess, each.indicator): dict(each.originals) for each in found.series}


# Documents ----------------------------------------------------------------------------------------------------------


def test_duplicates_and_replacements_count_once(count: Callable[..., Documents]) -> None:
    found = count(
        document("twice"),
        document("twice", "2022-04-01"),  # the first sending counts
        document("chain"),
        document("chain-2", "2022-04-01", "chain"),
        document("chain-3", "2022-05-01", "chain-2"),
        document("fork-1", "2022-05-02", "chain"),
        document("itself", replaces="itself"),
        document("empty", replaces=""),
    )
    assert originals(found) == {(A, "lettre_liaison"): {MARCH: 4}}
    assert (found.lines, found.kept, found.distinct, found.replacing, found.absent, found.loops) == (8, 8, 7, 3, 0, 0)
    assert found.left == ()


def test_what_replaces_a_document_that_no_log_holds_counts_once(count: Callable[..., Documents]) -> None:
    found = count(
        document("b", "2022-05-01", "unknown"), document("c", "2022-04-01", "unknown"), document("d", replaces="b")
    )
    assert originals(found)[A, "lettre_liaison"][APRIL] == 1
    assert (found.originals, found.distinct, found.replacing, found.absent) == (1, 3, 3, 1)


def test_documents_that_replace_each_other_count_once(count: Callable[..., Documents]) -> None:
    found = count(
        document("a", "2022-04-01", "b"),
        document("b", "2022-03-01", "c"),
        document("c", "2022-05-01", "a"),
        document("onto the circle", "2022-01-01", "a"),
        document("apart", "2022-05-01"),
    )
    assert found.loops == 1
    assert originals(found) == {(A, "lettre_liaison"): {MARCH: 1, MAY: 1}}


def test_a_document_that_names_two_others_replaces_one(count: Callable[..., Documents]) -> None:
    found = count(document("c", replaces="b"), document("c", replaces="a"), document("b"), document("c"))
    assert (found.originals, found.distinct, found.replacing, found.absent) == (2, 2, 1, 1)


def test_an_identifier_holds_within_an_establishment_and_an_indicator(count: Callable[..., Documents]) -> None:
    found = count(
        document("1"),
        document("1", finess=B),
        document("1", volet="mss", indicator="mss_pro"),
        document("2", replaces="1", finess=B),
        document("3", replaces="1", indicator="ordonnance_sortie"),
    )
    assert {series: sum(months.values()) for series, months in originals(found).items()} == {
        (A, "lettre_liaison"): 1,
        (A, "mss_pro"): 1,
        (A, "ordonnance_sortie"): 1,
        (B, "lettre_liaison"): 1,
    }


def test_every_line_left_aside_has_a_reason(count: Callable[..., Documents]) -> None:
    found = count(
        document("kept"),
        document("no establishment", finess=None),
        document("nor here", finess=""),
        document("no day", ""),
        document("no volet", volet=None),
        document("no indicator", indicator=None),
        document(None),
        document(""),
        document("later", "2022-07-01"),
        document("kept", "2022-07-01", "what is not known yet"),
        document("last moment", "2022-06-30 23:59:59"),
        document("strange", volet="dpm"),
        document("strange", indicator="lettre"),
        document("strange", indicator="mss_pro"),
        *(document("elsewhere", finess=C) for _ in range(3)),
        document("elsewhere", finess="999999999"),
    )
    assert found.left == (
        Left("no_finess", 2),
        Left("no_day", 1),
        Left("no_volet", 1),
        Left("no_indicator", 1),
        Left("no_document", 2),
        Left("later", 2),
        Left("unknown_volet", 1, 1, (("dpm", 1),)),
        Left("unknown_indicator", 1, 1, (("lettre", 1),)),
        Left("other_volet", 1, 1, (("dmp, mss_pro", 1),)),
        Left("unknown_establishment", 4, 2, ((C, 3), ("999999999", 1))),
    )
    assert tuple(left.reason for left in found.left) == tuple(REASONS)
    assert (found.lines, found.kept, found.originals) == (18, 2, 2)


def test_nothing_is_no_document(count: Callable[..., Documents]) -> None:
    assert count() == Documents(0, (), 0, 0, 0, 0, 0, ())


# The same, the slow and obvious way ---------------------------------------------------------------------------------


def obvious(lines: Sequence[Row], register: Sequence[str]) -> Documents:
    """What `count_documents` must find."""
    volets = {indicator.id: indicator.volet for indicator in SUN_ES.indicators}
    left: Counter[str] = Counter()
    strange: dict[str, Counter[str]] = {}
    series: dict[tuple[str, str], list[Row]] = {}
    kept = 0
    for line in lines:
        reason, value = why_not(line, volets, register)
        if reason:
            left[reason] += 1
            if value:
                strange.setdefault(reason, Counter())[value] += 1
        else:
            kept += 1
            series.setdefault((line["finess"], line["indicator"]), []).append(line)
    total = Counter[str]()
    months: dict[tuple[str, str], Counter[int]] = {}
    for key, own in series.items():
        names = {line["document_id"] for line in own}
        corrections = [line for line in own if line["replaces"] not in (None, "", line["document_id"])]
        target = {
            name: min(line["replaces"] for line in corrections if line["document_id"] == name)
            for name in {line["document_id"] for line in corrections}
        }
        circles = set()
        for name in target:
            path = [name]
            while path[-1] in target and path[-1] not in path[:-1]:
                path.append(target[path[-1]])
            if path[-1] in target:
                circles.add(frozenset(path[path.index(path[-1]) :]))
        found = months.setdefault(key, Counter())
        for name in (names | set(target.values())) - set(target):
            met = [line for line in own if line["document_id"] == name]
            met += [line for line in corrections if target[line["document_id"]] == name]
            found[min(month_number(line["sent_at"]) for line in met)] += 1
        for circle in circles:
            found[min(month_number(line["sent_at"]) for line in corrections if line["document_id"] in circle)] += 1
        total.update(
            distinct=len(names),
            replacing=len(target),
            absent=len(set(target.values()) - names),
            loops=len(circles),
        )
    indicators = list(volets)
    return Documents(
        len(lines),
        tuple(
            Left(reason, left[reason], len(strange.get(reason, ())), most(strange.get(reason, Counter())))
            for reason in REASONS
            if reason in left
        ),
        kept,
        total["distinct"],
        total["replacing"],
        total["absent"],
        total["loops"],
        tuple(
            Series(*key, dict(months[key]))
            for key in sorted(months, key=lambda each: (register.index(each[0]), indicators.index(each[1])))
        ),
    )


def why_not(line: Row, volets: Mapping[str, str], register: Sequence[str]) -> tuple[str, str]:
    for reason, column in (
        ("no_finess", "finess"),
        ("no_day", "sent_at"),
        ("no_volet", "volet"),
        ("no_indicator", "indicator"),
        ("no_document", "document_id"),
    ):
        if not line[column]:
            return reason, ""
    if line["sent_at"].date() > JUNE:
        return "later", ""
    if line["volet"] not in volets.values():
        return "unknown_volet", line["volet"]
    if line["indicator"] not in volets:
        return "unknown_indicator", line["indicator"]
    if volets[line["indicator"]] != line["volet"]:
        return "other_volet", f"{line['volet']}, {line['indicator']}"
    return ("", "") if line["finess"] in register else ("unknown_establishment", line["finess"])


def most(values: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(values.items(), key=lambda each: (-each[1], each[0]))[:20])


IDS = ("a", "b", "c", "d", "é", "Z", "10", "9")
LINES = st.lists(
    st.builds(
        document,
        st.sampled_from((*IDS, *IDS, *IDS, None, "")),
        st.sampled_from(("2022-03-01", "2022-03-31 23:59", "2022-04-01", "2022-05-07", "2022-06-30", "2022-07-01", "")),
        st.sampled_from((None, None, "", *IDS)),
        finess=st.sampled_from((A, A, A, A, B, C, None)),
        volet=st.sampled_from(("dmp", "dmp", "dmp", "dmp", "mss", "x", None)),
        indicator=st.sampled_from(("lettre_liaison",) * 5 + ("ordonnance_sortie", "mss_pro", "x", None)),
    ),
    max_size=25,
)


@settings(deadline=None, derandomize=True, database=None, max_examples=60)
@given(lines=LINES)
def test_duckdb_agrees_with_the_obvious_way(duckdb: Engine, lines: list[Row]) -> None:
    with TemporaryDirectory() as folder:
        found = counted(duckdb, Path(folder), lines, (A, B))
    assert found == obvious(lines, (A, B))
    assert found.originals == found.distinct - found.replacing + found.absent + found.loops


def test_every_engine_agrees_with_the_obvious_way_on_a_long_log(tmp_path: Path, engine: Engine) -> None:
    draw = random.Random(7)
    register = [f"31000{number:04}" for number in range(40)]
    lines = [
        document(
            draw.choice((None, *(f"{number}" for number in range(60)))),
            str(datetime(2022, 1, 1) + timedelta(hours=draw.randrange(24 * 200))),
            draw.choice((None, None, None, *(f"{number}" for number in range(60)))),
            finess=draw.choice((*register, *register, None, *(f"99{number:07}" for number in range(30)))),
            volet=(volet := draw.choice(("dmp", "mss"))),
            indicator=draw.choice([i.id for i in SUN_ES.indicators if i.volet == volet or draw.random() < 0.1]),
        )
        for _ in range(8_000)
    ]
    found = counted(engine, tmp_path, lines, register)
    assert found == obvious(lines, register)
    assert min(found.loops, found.absent, found.replacing, len(found.left)) > 0


# What a log may look like --------------------------------------------------------------------------------------------


def column_types() -> Mapping[str, dict[str, Any]]:
    text = ["1", "2"]
    nothing: list[Any] = [None, None]
    noon = [datetime(2022, 3, 31, 12)] * 2
    return {
        "days": {"sent_at": pa.array([date(2022, 3, 31)] * 2)},
        "milliseconds": {"sent_at": pa.array(noon, pa.timestamp("ms"))},
        "in another time zone": {"sent_at": pa.array([datetime(2022, 3, 30, 22, 30, tzinfo=UTC)] * 2)},
        "untyped": {"replaces": pa.array(nothing)},
        "floats": {"replaces": pa.array(nothing, pa.float64())},
        "without": {"replaces": None},
        "whole numbers": {"document_id": pa.array([1, 2]), "replaces": pa.array([None, 1], pa.int64())},
        "dictionaries": {"finess": pa.array([A, A]).dictionary_encode()},
        "large": {"document_id": pa.array(text, pa.large_string())},
        "something else": {"remark": pa.array(text), "sent_on": pa.array(text)},
    }


@pytest.mark.parametrize("name", column_types())
def test_a_log_is_read_whatever_tool_wrote_it(tmp_path: Path, engine: Engine, name: str) -> None:
    columns: dict[str, Any] = {
        "finess": pa.array([A, A]),
        "sent_at": pa.array([datetime(2022, 3, 31, 12)] * 2, pa.timestamp("us")),
        "volet": pa.array(["dmp", "dmp"]),
        "indicator": pa.array(["lettre_liaison"] * 2),
        "document_id": pa.array(["1", "2"]),
        "replaces": pa.array([None, None], pa.string()),
    } | column_types()[name]
    pq.write_table(pa.table({name: column for name, column in columns.items() if column is not None}), tmp_path / "log")
    found = logs.read(engine, [str(tmp_path / "log")])[logs.DOCUMENTS]
    rows = sorted(engine.collect(found), key=lambda row: str(row["document_id"]))
    assert [row["document_id"] for row in rows] == ["1", "2"]
    assert {row["sent_on"] for row in rows} == {date(2022, 3, 31)}
    assert [row["replaces"] for row in rows] == [None, "1" if name == "whole numbers" else None]


def test_a_folder_may_hold_everything(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / "l’été [2022]*" / "volet=mss"
    folder.mkdir(parents=True)
    written(folder / "part-0.snappy.parquet", [document("1")])
    pq.write_table(pa.table({"finess": [A], "month": ["2022-03"], "stays": [7]}), folder / "stays.parquet")
    other = pa.Table.from_pylist([document("2") | {"sent_at": date(2022, 3, 1)}])
    pq.write_table(other.drop_columns("replaces"), folder.parent / "older.parquet")
    (folder / "_SUCCESS").touch()
    (folder / "_temporary").mkdir()
    (folder / "_temporary" / "half.parquet").write_bytes(b"PAR1")
    # Where * were a wildcard, this neighbour would be read as well.
    (tmp_path / "l’été [2022]*b" / "volet=mss").mkdir(parents=True)
    written(tmp_path / "l’été [2022]*b" / "volet=mss" / "part-0.snappy.parquet", [document("3")])
    found = logs.read(engine, [str(tmp_path / "l’été [2022]*")])
    assert sorted(row["document_id"] for row in engine.collect(found[logs.DOCUMENTS])) == ["1", "2"]
    assert {row["volet"] for row in engine.collect(found[logs.DOCUMENTS])} == {"dmp"}
    assert engine.collect(found[logs.STAYS]) == [{"finess": A, "month": "2022-03", "stays": 7.0}]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"finess": [310000001]}, "« finess » : cette colonne n’a pas le type attendu (du texte)"),
        ({"sent_at": ["2022-03-01"]}, "« sent_at » : cette colonne n’a pas le type attendu (une date ou un instant)"),
        ({"document_id": [1.5]}, "« document_id » : cette colonne n’a pas le type attendu (du texte ou un entier)"),
        ({"volet": None}, "« volet » : cette colonne manque"),
        ({"document_id": None}, "ce n’est un journal ni de documents"),
    ],
)
def test_columns_that_make_no_log_are_named(
    tmp_path: Path, duckdb: Engine, columns: dict[str, Any], expected: str
) -> None:
    whole = {name: [cell] for name, cell in document("1").items()} | columns
    pq.write_table(pa.table({n: c for n, c in whole.items() if c is not None}), tmp_path / "log.parquet")
    with pytest.raises(DataError) as caught:
        logs.read(duckdb, [str(tmp_path / "log.parquet")])
    assert expected in plain(str(caught.value))
    assert str(caught.value).startswith(str(tmp_path / "log.parquet"))


def test_a_damaged_log_is_one_sentence(tmp_path: Path, engine: Engine) -> None:
    file = Path(written(tmp_path / "log.parquet", [document(f"{number}" * 50) for number in range(2_000)]))
    content = file.read_bytes()
    file.write_bytes(content[:-40])
    with pytest.raises(DataError, match="il est endommagé"):
        logs.read(engine, [str(file)])
    file.write_bytes(content[:100] + bytes(len(content) // 2) + content[100 + len(content) // 2 :])
    with pytest.raises(DataError, match="ne peuvent pas être lus") as caught:
        count_documents(engine, logs.read(engine, [str(file)])[logs.DOCUMENTS], [A], SUN_ES, JUNE)
    assert "\n" not in str(caught.value)


def test_an_address_that_leads_nowhere_is_one_sentence(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises((UsageError, DataError), match=r"n’est pas sur cette machine|ne peuvent pas être lus") as caught:
        logs.read(engine, [(tmp_path / "nowhere").as_uri()])
    assert "\n" not in str(caught.value)


# Stays and periods ---------------------------------------------------------------------------------------------------


def test_stays_are_known_or_not() -> None:
    def told(finess: str | None, month: str | None, *stays: float | None, lines: int = 1, known: Any = 1) -> Row:
        least, most = (min(stays), max(stays)) if stays else (None, None)  # type: ignore[type-var]
        return {"finess": finess, "month": month, "lines": lines, "least": least, "most": most, "known": known}

    found = read_stays(
        [
            told(A, "2022-03", 10.0),
            told(A, "2022-03-01", 10.0, lines=2),
            told(A, "2022-04-30", 0.0),
            told(A, "2022-05", 1.0, 2.0, lines=2),
            told(B, "2022-03", 2.5),
            told(B, "2022-04", -1.0),
            told(B, "2022-05"),
            told(B, "2022-06", float("nan")),
            told(B, "2022-07", 3.0),
            told(B, "2022-13", 3.0),
            told(B, "mars", 3.0, lines=4),
            told(B, None, 3.0),
            told(None, "2022-03", 3.0),
            told(C, "2022-03", 3.0, known=None),
        ],
        last_whole_month(JUNE),
    )
    assert found.months == {A: {MARCH: 10, APRIL: 0}}
    assert (found.lines, found.contradicted, found.covered) == (19, 4, (MARCH, APRIL))
    assert found.left == {"later": 1, "unreadable_month": 5, "no_month": 1, "no_finess": 1, "unknown_establishment": 1}
    assert [found.over(A, months) for months in ([MARCH], [MARCH, APRIL], [APRIL, MAY], [])] == [10, 10, None, None]


def test_a_month_is_measured_once_it_is_over() -> None:
    days = (date(2022, 6, 29), JUNE, date(2022, 7, 1), date(2024, 2, 28), date(2024, 2, 29))
    assert [last_whole_month(day) - month_number(day) for day in days] == [-1, 0, -1, -1, 0]


SEPTEMBER, DECEMBER = month_number(date(2022, 9, 1)), month_number(date(2022, 12, 1))


@pytest.mark.parametrize(
    ("request_", "covered", "expected"),
    [
        (Request(JUNE), None, Period(1, None, MAY + 1, False, False)),
        (Request(date(2023, 6, 30)), None, Period(1, None, SEPTEMBER, True, True)),
        (Request(date(2023, 6, 30)), (MARCH, DECEMBER), Period(1, MARCH, SEPTEMBER, True, True)),
        (Request(date(2023, 6, 30)), (MARCH, MAY), Period(1, MARCH, MAY, False, False)),
        (Request(date(2023, 6, 30), first=APRIL, last=DECEMBER), (MARCH, MAY), Period(1, APRIL, DECEMBER, True, False)),
        (Request(date(2022, 6, 15), first=APRIL, last=DECEMBER), None, Period(1, APRIL, MAY, False, False)),
        (Request(date(2023, 6, 30)), (DECEMBER, DECEMBER), Period(1, DECEMBER, SEPTEMBER, True, True)),
    ],
)
def test_what_a_window_measures(request_: Request, covered: tuple[int, int] | None, expected: Period) -> None:
    first, *others = periods(SUN_ES, request_, covered)
    assert first == expected
    assert [period.window for period in others] == [2, 3, 4]
    assert first.empty == (covered == (DECEMBER, DECEMBER))


def stays_of(months: Mapping[str, Mapping[int, int]]) -> Stays:
    told = [month for each in months.values() for month in each]
    return Stays(len(told), {}, 0, months, (min(told), max(told)) if told else None)


@pytest.mark.parametrize(
    ("sent", "stays", "threshold", "last", "expected"),
    [
        (7, 10, None, MAY, (7, 10, None, "not_evaluated", None)),
        (7, 10, "0.7", MAY, (7, 10, 0.7, "attained", JUNE)),
        (6, 10, "0.7", MAY, (6, 10, 0.7, "missed", JUNE)),
        (6, 10, "0.7", None, (6, 10, 0.7, "not_evaluated", None)),
        (7, 10, "0.7", None, (7, 10, 0.7, "attained", JUNE)),
        (6, 0, "0.7", MAY, (6, 0, 0.7, "not_evaluated", None)),
        (6, None, "0.7", MAY, (6, None, 0.7, "not_evaluated", None)),
        (0, 10, "0.7", MAY, (0, 10, 0.7, "missed", JUNE)),
    ],
)
def test_a_row_says_what_is_known(
    sent: int, stays: int | None, threshold: str | None, last: int | None, expected: tuple[Any, ...]
) -> None:
    thresholds = {"lettre_liaison": Decimal(threshold)} if threshold else {}
    request = Request(JUNE, first=MAY, last=last, windows=(3,), thresholds=thresholds)
    series = Series(A, "lettre_liaison", {APRIL: 5, MAY: sent})
    told = {} if stays is None else {A: {MAY: stays}}
    (row,) = measure(SUN_ES, request, [(A, 3, "dmp")], [series], stays_of(told)).rows
    assert tuple(row) == tuple(USAGES.schema.names)
    assert tuple(row.values()) == (A, 3, "dmp", "lettre_liaison", *expected)


def test_each_original_counts_or_is_told_why_not() -> None:
    request = Request(date(2023, 6, 30), first=APRIL)
    after = month_number(date(2022, 10, 1))
    series = [
        Series(A, "lettre_liaison", {MARCH: 1, APRIL: 2, SEPTEMBER: 4, after: 8}),
        Series(A, "mss_pro", {APRIL: 16}),
        Series(B, "lettre_liaison", {APRIL: 32}),
    ]
    dossiers = [(A, 1, "dmp"), (A, 2, "mss"), (C, 1, "dmp")]
    found = measure(SUN_ES, request, dossiers, series, stays_of({}))
    assert [(row["finess"], row["window"], row["numerator"]) for row in found.rows] == [(A, 1, 6), (A, 2, 16)]
    assert found.fates == {"counted": 22, "no_dossier": 32, "before": 1, "after": 8}
    assert found.silent == 3
    both = measure(SUN_ES, request, [*dossiers, (A, 3, "dmp")], series, stays_of({}))
    assert [row["numerator"] for row in both.rows] == [6, 16, 14]
    assert both.fates == {"counted": 30, "no_dossier": 32, "before": 1, "after": 0}


# The command ---------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    store = Store(tmp_path / "data")
    content = tables(
        [establishment(A), establishment(B, "94", "2A")],
        [application(A, 2, "dmp"), application(A, 3, "dmp"), application(B, 2, "dmp", "rejected")],
    )
    store.publish(date(2022, 5, 31), arrow((JUNE, 1, content))[2], simulated=False)
    return store


@pytest.fixture
def events(tmp_path: Path) -> list[str]:
    lines = [document(f"{number}", "2022-04-02") for number in range(7)]
    lines += [document("7", "2022-05-31 23:59"), document("8", "2022-06-01", "7"), document("9", "2022-06-15")]
    lines += [document("1", finess=B), document("1", finess=C), document("0", "2022-04-30")]
    stays = stays_file(tmp_path / "stays.parquet", [(A, "2022-04", 6), (A, "2022-05", 4), (B, "2022-04", 1)])
    return [written(tmp_path / "documents.parquet", lines), stays]


def run(store: Store, *args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["aggregate", *map(str, args), "--data", str(store.directory)])
    return result.exit_code, plain(result.stdout), plain(result.stderr)


EXPECTED = """finess,window,volet,indicator,numerator,denominator,threshold,status,evaluated_on
310000001,2,dmp,lettre_liaison,8,10,0.7,attained,2022-06-30
310000001,3,dmp,lettre_liaison,8,10,0.7,attained,2022-06-30
"""


@pytest.mark.parametrize("name", get_args(engines.Name))
def test_usages_are_written_and_can_be_imported(
    store: Store, events: list[str], tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    if name == "pyspark":
        request.getfixturevalue("spark")
    csv, parquet = tmp_path / "usages.csv", tmp_path / "usages.parquet"
    wanted = ("--as-of", "2022-06-30", "--threshold", "lettre_liaison=0,7", "--engine", name)
    code, out, err = run(store, *events, *wanted, "-o", csv, "-o", parquet)
    assert (code, err) == (0, "")
    assert csv.read_text("utf-8") == EXPECTED
    table = pq.read_table(parquet)
    assert table.schema.equals(USAGES.schema)
    assert table.column("evaluated_on").to_pylist() == [JUNE, JUNE]
    assert f"Usages : « {csv} »" in out
    for said in (
        "13 lignes de documents : 12 gardées, 1 laissée de côté.",
        f"établissement absent du registre : 1 ligne ; 1 valeur : {C} (1)",
        "12 lignes gardées : 1 doublon, 11 documents distincts.",
        "sans candidature retenue de l’établissement pour ce volet dans les fenêtres demandées : 1",
        "après la période de mesure (arrivées tardives) : 1",
        "Fenêtres 1, 2, 3 et 4 : documents envoyés d’avril 2022 à mai 2022.",
        "c’est ici le premier mois dont les séjours sont connus (--from le fixe).",
    ):
        assert said in out
    prepared = prepare(store, SUN_ES, {"usages": [csv]}, as_of=JUNE, by=HERE)
    assert not prepared.report.problems
    assert len(prepared.report.rejected) == 0


def test_programs_get_rows_and_people_the_report(store: Store, events: list[str]) -> None:
    code, out, err = run(store, *events, "--as-of", "2022-06-30", "--format", "csv", "--window", 2)
    assert (code, out.splitlines()[1:]) == (0, ["310000001,2,dmp,lettre_liaison,8,10,,not_evaluated,"])
    assert "Aucun seuil n’est donné (--threshold) : rien n’est évalué." in err
    assert "Fenêtre 2 : documents envoyés d’avril 2022 à mai 2022." in err


def test_a_period_that_is_asked_for_holds(store: Store, events: list[str]) -> None:
    wanted = ("--as-of", "2022-06-30", "--from", "2022-05", "--until", "2022-06", "--format", "csv", "--window", 2)
    code, out, err = run(store, *events, *wanted, "--threshold", "lettre_liaison=0.7")
    assert (code, out.splitlines()[1:]) == (0, ["310000001,2,dmp,lettre_liaison,2,,0.7,not_evaluated,"])
    assert "dénominateur inconnu : les séjours d’un mois au moins de la période manquent : 1 ligne" in err
    assert "avant la période de mesure : 7" in err


def test_a_day_before_the_store_begins_may_borrow_a_later_register(store: Store, events: list[str]) -> None:
    wanted = ("--as-of", "2022-04-30", "--snapshot", "latest", "--format", "csv", "--window", 2)
    code, out, err = run(store, *events, *wanted)
    assert (code, out.splitlines()[1:]) == (0, ["310000001,2,dmp,lettre_liaison,7,6,,not_evaluated,"])
    assert "situation au 31 mai 2022" in err


def test_without_stays_nothing_is_divided(store: Store, events: list[str]) -> None:
    code, out, err = run(store, events[0], "--as-of", "2022-05-31", "--format", "csv")
    assert (code, out.splitlines()[1]) == (0, "310000001,2,dmp,lettre_liaison,8,,,not_evaluated,")
    assert "Aucun journal de séjours : les dénominateurs sont inconnus." in err
    assert "après la date demandée : 2 lignes" in err


@pytest.mark.parametrize(
    ("args", "code", "expected"),
    [
        ("{documents}", 2, "l’option --as-of est obligatoire"),
        ("nulle-part.parquet --as-of 2022-06-30", 2, "« nulle-part.parquet » n’existe pas"),
        ("{folder}/data/snapshots/empty --as-of 2022-06-30", 2, "n’existe pas"),
        ("s3://seau/log --as-of 2022-06-30", 2, "n’est pas sur cette machine ; lisez-le avec --engine pyspark"),
        ("{stays} --as-of 2022-06-30", 1, "aucun journal de documents n’est donné"),
        ("{folder}/data --as-of 2022-06-30", 1, "ce n’est un journal ni de documents"),
        ("{documents} --as-of hier", 2, "--as-of : « hier » n’est pas une date"),
        ("{documents} --as-of 2022-04-30", 1, "n’a aucune situation au 30 avril 2022 ni avant"),
        ("{documents} --as-of 2022-06-30 --window 5", 2, "--window : « 5 » n’existe pas (possibles : 1, 2, 3, 4)"),
        ("{documents} --as-of 2022-06-30 --from 2022-13", 2, "--from : « 2022-13 » n’est pas un mois"),
        ("{documents} --as-of 2022-06-30 --until juin", 2, "--until : « juin » n’est pas un mois"),
        ("{documents} --as-of 2022-06-30 --from 2022-05 --until 2022-04", 2, "est après --until (2022-04)"),
        ("{documents} --as-of 2022-06-30 --threshold lettres=0.7", 2, "l’indicateur « lettres » n’existe pas"),
        ("{documents} --as-of 2022-06-30 --threshold mss_pro=70", 2, "ne donne pas une part entre 0 et 1"),
        ("{documents} --as-of 2022-06-30 --threshold mss_pro=nan", 2, "ne donne pas une part entre 0 et 1"),
        ("{documents} --as-of 2022-06-30 --memory beaucoup", 2, "--memory : « beaucoup » n’est pas une taille"),
        ("{documents} --as-of 2022-06-30 --memory 1GB --engine pyspark", 2, "--memory est pour duckdb"),
        ("{documents} --as-of 2022-06-30 --engine spark", 2, "ne peut être « spark »"),
        ("{documents} --as-of 2022-06-30 -o {folder}/usages.xlsx", 2, "se termine par .csv"),
        ("{documents} --as-of 2022-06-30 --window 4 -o {folder}/u.csv", 1, "aucune ligne d’usage n’en résulte"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_writes_nothing(
    store: Store, events: list[str], tmp_path: Path, args: str, code: int, expected: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    found, _, err = run(store, *args.format(documents=events[0], stays=events[1], folder=tmp_path).split(" "))
    assert found == code
    errors = [line for line in err.splitlines() if line.startswith("Erreur : ")]
    assert expected in errors[-1]
    assert errors[-1].endswith(".")
    assert sorted(tmp_path.rglob("*")) == before


def test_too_little_memory_is_one_sentence(store: Store, events: list[str]) -> None:
    assert run(store, *events, "--as-of", "2022-06-30", "--memory", "100MB")[0] == 0
    code, _, err = run(store, *events, "--as-of", "2022-06-30", "--memory", "1MB")
    assert (code, err.count("\n")) == (1, 1)
    assert "la mémoire ou le disque ne suffit pas" in err


def test_the_report_accounts_for_every_line_and_document(store: Store, events: list[str], duckdb: Engine) -> None:
    made = aggregate(duckdb, events, store.resolve(), SUN_ES, Request(JUNE))
    documents = made.documents
    assert documents.lines == documents.kept + sum(left.lines for left in documents.left)
    assert documents.originals == sum(made.measured.fates.values())
    assert all("\n" not in sentence for sentence in sentences(made))


@pytest.mark.parametrize(
    ("missing", "expected"), [("pyspark.sql", "n’est pas installé"), ("java", "a besoin de Java 17 ou plus récent")]
)
def test_pyspark_without_what_it_needs_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, missing: str, expected: str
) -> None:
    cluster.spark.cache_clear()
    if missing == "java":
        monkeypatch.setenv("JAVA_HOME", "/nowhere")
        monkeypatch.setattr("pyspark.sql.SparkSession.getActiveSession", lambda: None)
    else:
        monkeypatch.setitem(__import__("sys").modules, missing, None)
    with pytest.raises(UsageError, match=expected), open_engine("pyspark"):
        pass
