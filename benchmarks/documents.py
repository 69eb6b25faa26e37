"""What counting documents costs: python benchmarks/documents.py [LARGEST], 10,000,000 documents if not given.

Logs of 10⁶, 10⁷… documents of 3,090 invented establishments are generated into a temporary folder (TMPDIR), 2 % of the
lines being duplicates, 3 % replacements and 0.5 % of unknown establishments. Each measure is a process of its own, told
with the peak of its resident memory (Python, and Java where there is one). The bare scan reads every column of the same
files and computes nothing: no engine can be faster than that.
"""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
from rich.box import MARKDOWN
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sunes.programme import load_programme  # noqa: E402
from sunes.schema import TABLES  # noqa: E402
from sunes.snapshots import Store  # noqa: E402

ESTABLISHMENTS = 3_090
MONTHS = 24
BYTES_A_DOCUMENT = 250  # on the disk while it is counted: its line in the log, and what the engine spills
LIMIT = 600  # seconds for one measure
MEMORY = "4GB"

_DOCUMENTS = """
COPY (
    WITH drawn AS (SELECT i, hash(i) AS h FROM range({rows}) AS t(i)),
    known AS (
        SELECT i, h, h % 100 AS kind,
               CASE WHEN h % 100 < 5 THEN greatest(0, i - 1 - ((h >> 8) % 5000)::BIGINT) ELSE i END AS source
        FROM drawn
    )
    SELECT
        CASE WHEN (h >> 20) % 1000 < 5 THEN 'X' || lpad(((h >> 32) % 200)::VARCHAR, 8, '0')
             ELSE '99' || lpad((hash(source + 1) % {establishments})::VARCHAR, 7, '0') END AS finess,
        TIMESTAMP '2022-07-01' + to_microseconds((i * {months}.0 * 2592000000000 / {rows})::BIGINT) AS sent_at,
        CASE WHEN hash(source + 2) % 7 < 5 THEN 'dmp' ELSE 'mss' END AS volet,
        (['lettre_liaison', 'ordonnance_sortie', 'cr_operatoire', 'cr_imagerie', 'cr_biologie', 'mss_pro',
          'mss_citoyenne'])[1 + (hash(source + 2) % 7)::INT] AS indicator,
        md5((CASE WHEN kind < 2 THEN source ELSE i END)::VARCHAR) AS document_id,
        CASE WHEN kind BETWEEN 2 AND 4 THEN md5(source::VARCHAR) END AS replaces
    FROM known
) TO '{folder}' (FORMAT parquet, COMPRESSION zstd, PER_THREAD_OUTPUT)
"""
_STAYS = """
COPY (
    SELECT '99' || lpad(e::VARCHAR, 7, '0') AS finess, (DATE '2022-07-01' + to_months(m::INT))::DATE AS month,
           (100 + hash(e) % 900)::INT AS stays
    FROM range({establishments}) AS t(e), range({months}) AS u(m)
) TO '{file}' (FORMAT parquet)
"""

# What each measure runs; all of them end by telling what they took.
_HEAD = "import json, re, sys, time; from pathlib import Path; folder, stays, store = sys.argv[1:4]; "
_TAIL = (
    "seconds = time.perf_counter() - started; "
    "pids = ['self', *Path('/proc/self/task', str(__import__('os').getpid()), 'children').read_text().split()]; "
    "peak = sum(int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc', p, 'status').read_text())[1]) for p in pids) / 1024; "
    "print(json.dumps([seconds, peak, count]))"
)
_AGGREGATE = (
    "from datetime import date; from sunes.aggregation import aggregate; from sunes.programme import load_programme; "
    "from sunes.aggregation.engines import open_engine; from sunes.aggregation.usages import Request; "
    "from sunes.snapshots import Store; " + _HEAD + "opened = open_engine('{engine}', {memory!r}); "
    "engine = opened.__enter__(); started = time.perf_counter(); "
    "known = Store(Path(store)).resolve(); request = Request(date(2024, 6, 30)); "
    "made = aggregate(engine, [folder, stays], known, load_programme(), request); "
    "count = made.documents.originals; assert made.documents.loops == 0 and made.measured.rows; " + _TAIL
)
# Every value is looked at: what Parquet says of a column in advance answers none of this.
_TEXTS = ("finess", "volet", "indicator", "document_id", "replaces")
_LENGTHS = ", ".join(("sum(day(sent_at))", *(f"sum(length({column}))" for column in _TEXTS)))
_SCAN = {
    "duckdb": "import duckdb; " + _HEAD + "started = time.perf_counter(); "
    f"duckdb.sql(f\"SELECT {_LENGTHS} FROM '{{folder}}/*.parquet'\").fetchall(); count = 0; " + _TAIL,
    "pyspark": "from sunes.cluster import spark; " + _HEAD + "session = spark(); started = time.perf_counter(); "
    f"session.read.parquet(folder).selectExpr(*{_LENGTHS.split(', ')!r}).collect(); count = 0; " + _TAIL,
}
# The least that a hand could write: neither replacements, nor reasons, nor bounds; one count of distinct texts.
_BY_HAND = (
    "import duckdb; " + _HEAD + "started = time.perf_counter(); "
    "duckdb.sql(f\"SET memory_limit = '{memory}'; SET temp_directory = '{{folder}}-spill'\"); "
    "rows = duckdb.sql(f\"SELECT finess, indicator, date_trunc('month', sent_at), count(DISTINCT document_id) "
    "FROM '{{folder}}/*.parquet' GROUP BY ALL\").fetchall(); count = len(rows); " + _TAIL
).format(memory=MEMORY)


def main(largest: int) -> None:
    sizes = [10**power for power in range(6, 12) if 10**power <= largest]
    told = Table(
        "documents", "", "seconds", "documents/s", "peak MB", "share of the scan", "growth for 10×", box=MARKDOWN
    )
    with TemporaryDirectory(prefix="sunes-") as place:
        free = shutil.disk_usage(place).free
        if free < largest * BYTES_A_DOCUMENT:
            sys.exit(f"{place}: {free / 1e9:.0f} GB free, {largest * BYTES_A_DOCUMENT / 1e9:.0f} needed; see TMPDIR")
        os.environ["TMPDIR"] = place
        store, stays = _store(Path(place) / "store"), Path(place) / "stays.parquet"
        duckdb.sql(_STAYS.format(establishments=ESTABLISHMENTS, months=MONTHS, file=stays))
        before: dict[str, float] = {}
        counts: dict[int, set[int]] = {}
        for rows in sizes:
            folder = Path(place) / f"documents-{rows}"
            duckdb.sql(_DOCUMENTS.format(rows=rows, establishments=ESTABLISHMENTS, months=MONTHS, folder=folder))
            runs = {
                "duckdb, bare scan": _SCAN["duckdb"],
                f"duckdb, sunes aggregate (--memory {MEMORY})": _AGGREGATE.format(engine="duckdb", memory=MEMORY),
                "duckdb by hand: count(DISTINCT) only": _BY_HAND,
                "pyspark, bare scan": _SCAN["pyspark"],
                "pyspark, sunes aggregate": _AGGREGATE.format(engine="pyspark", memory=None),
            }
            scan = 0.0
            for name, code in track(runs.items(), f"{rows:,} documents", console=Console(stderr=True)):
                measured = _measure(code, folder, stays, store)
                if measured is None:
                    told.add_row(f"{rows:,}", name, f"over {LIMIT}")
                    continue
                seconds, peak, count = measured
                if "aggregate" in name:
                    counts.setdefault(rows, set()).add(int(count))
                scan = seconds if "scan" in name else scan
                growth = f"{seconds / before[name]:.1f}" if name in before else ""
                figures = (f"{seconds:.1f}", f"{rows / seconds:,.0f}", f"{peak:,.0f}", f"{scan / seconds:.0%}", growth)
                told.add_row(f"{rows:,}", name, *figures)
                before[name] = seconds
            shutil.rmtree(folder)
    Console(width=160).print(told)
    assert all(len(found) == 1 for found in counts.values()), counts


def _measure(code: str, *paths: Path) -> tuple[float, float, float] | None:
    command = (sys.executable, "-W", "ignore", "-c", code, *map(str, paths))
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        sys.exit(done.stderr)
    seconds, peak, count = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak, count


def _store(folder: Path) -> Path:
    """A register of invented establishments, each with an accepted dossier for each volet of window 4."""
    programme = load_programme()
    finess = [f"99{number:07}" for number in range(ESTABLISHMENTS)]
    ordinary = {
        "level": "ET",
        "region_code": "76",
        "department_code": "31",
        "legal_status": "public",
        "activities": [],
        "location_source": "none",
        "eligible": True,
    }
    empty = {"name": "", "commune_code": "", "commune_name": ""}
    rows = {
        "establishments": [{"finess": each, **ordinary, **empty} for each in finess],
        "applications": [
            {"finess": each, "window": 4, "volet": volet, "decision": "accepted"}
            for each in finess
            for volet in programme.volet_ids
        ],
        "usages": [],
    }
    content = {name: pa.Table.from_pylist(rows[name], schema=TABLES[name].schema) for name in TABLES}
    Store(folder).publish(date(2024, 6, 30), content, simulated=True)
    return folder


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
