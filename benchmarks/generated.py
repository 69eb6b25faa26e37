"""An invented national history: 18 regions, 3,090 establishments, 120 weekly snapshots, 3.7 million usage rows.

`write` makes a store of it, the same every time. `growth` multiplies the establishments of every commune, and so the
dossiers and the usages of each: regions, départements, windows and snapshots stay what they are. The whole history is
drawn once, in arrays; a snapshot is what was known of it on its day. Nothing of it is real but the communes.
"""

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sunes import geography
from sunes.manifest import MANIFEST, Manifest, SnapshotId, SourceFile, TableEntry, encode
from sunes.programme import Programme, Volet, load_programme
from sunes.schema import LEGAL_STATUSES, TABLES
from sunes.snapshots import Store

ESTABLISHMENTS = 3_090
SNAPSHOTS = 120
LAST = date(2024, 6, 30)
SEED = 20240630

# How many establishments file a dossier in each window, how many dossiers are accepted, how many volets they cover.
FILES = (0.72, 0.74, 0.7, 0.74)
DECIDED = {"accepted": 0.86, "rejected": 0.09, "withdrawn": 0.05}
COVERS = 0.9
MEASURED = 0.97

Days = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class History:
    """All that ever happened, by table, with the days on which a row appears or changes (days since 1970)."""

    establishments: pa.Table
    applications: pa.Table
    filed: Days
    decided: Days
    usages: pa.Table
    measured: Days
    evaluated: Days
    target: Days  # documents a year
    share: npt.NDArray[np.float64]  # of which this part goes where it should

    def on(self, day: date) -> dict[str, pa.Table]:
        """The three tables of the contract as they were known on a day, in the order of their keys."""
        today = (day - date(1970, 1, 1)).days
        return {
            "establishments": self.establishments,
            "applications": self._applications(today),
            "usages": self._usages(today),
        }

    def _applications(self, today: int) -> pa.Table:
        kept = self.filed <= today
        rows, decided = self.applications.filter(kept), pa.array(self.decided[kept] <= today)
        known = pc.if_else(decided, rows["decision"], "pending")
        return _table(
            "applications",
            {
                **{name: rows[name] for name in ("finess", "window", "volet", "filed_on")},
                "decision": known,
                "decided_on": pc.if_else(decided, rows["decided_on"], None),
                "grant_eur": pc.if_else(pc.equal(known, "accepted"), rows["grant_eur"], None),
            },
        )

    def _usages(self, today: int) -> pa.Table:
        kept = self.measured <= today
        rows, evaluated = self.usages.filter(kept), pa.array(self.evaluated[kept] <= today)
        documents = 1 + self.target[kept] * (today - self.measured[kept]) // 365
        return _table(
            "usages",
            {
                **{name: rows[name] for name in ("finess", "window", "volet", "indicator", "threshold")},
                "numerator": pa.array((documents * self.share[kept]).astype(np.int64)),
                "denominator": pa.array(documents.astype(np.int64)),
                "status": pc.if_else(evaluated, rows["status"], "not_evaluated"),
                "evaluated_on": pc.if_else(evaluated, rows["evaluated_on"], None),
            },
        )


def write(
    folder: Path,
    growth: int = 1,
    snapshots: int = SNAPSHOTS,
    progress: Callable[[int, int], None] | None = None,
) -> Store:
    """Write the history into an empty folder as a store, marked as simulated. `progress` is told (done, of all).

    The rows obey the contract by construction and are not checked one by one (`Store.verify` does that).
    """
    store, drawn, done = Store(folder), draw(load_programme(), growth), 0
    (folder / "snapshots").mkdir(parents=True, exist_ok=True)
    days = [LAST - timedelta(weeks=weeks) for weeks in reversed(range(snapshots))]
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda day: _publish(store, day, drawn.on(day)), days):
            done += 1
            if progress:
                progress(done, snapshots)
    return store


def draw(programme: Programme, growth: int = 1) -> History:
    """Draw the whole history."""
    random = np.random.default_rng([SEED, growth])
    register = _establishments(random, ESTABLISHMENTS * growth)
    applications, filed, decided = _applications(random, programme, register["finess"].to_numpy())
    return History(register, applications, filed, decided, *_usages(random, programme, applications, decided))


def _establishments(random: np.random.Generator, count: int) -> pa.Table:
    """Invented establishments in the communes that people live in, more where more of them do."""
    communes = geography.communes()
    people = pc.fill_null(communes["population"], 0).to_numpy()
    # Every région has some, even the smallest.
    first = np.unique(communes["region_code"].to_numpy(), return_index=True)[1]
    others = random.choice(len(people), count - len(first), p=people**0.8 / (people**0.8).sum())
    places = communes.take(np.sort(np.concatenate([first, others])))
    kinds = np.array([["mco"], ["smr"], ["psy"], ["mco", "smr"], ["had", "mco"]], dtype=object)
    activity = np.round(random.lognormal(9.0, 1.0, count))
    return _table(
        "establishments",
        {
            "finess": [f"99{number:07}" for number in range(count)],
            "name": [f"Établissement fictif n° {number + 1}" for number in range(count)],
            "level": pa.array(np.where(random.random(count) < 0.2, "EJ", "ET")),
            "finess_ej": pa.nulls(count, pa.string()),
            "region_code": places["region_code"],
            "department_code": places["department_code"],
            "commune_code": places["code"],
            "commune_name": places["name"],
            "legal_status": pa.array(random.choice(LEGAL_STATUSES, count, p=(0.45, 0.22, 0.33))),
            "activities": list(random.choice(kinds, count)),
            "combined_activity": pa.array(activity, mask=random.random(count) < 0.04),
            "latitude": pc.add(places["latitude"], random.uniform(-0.01, 0.01, count)),
            "longitude": pc.add(places["longitude"], random.uniform(-0.01, 0.01, count)),
            "location_source": pa.repeat("register", count),
            "eligible": pa.array(random.random(count) < 0.96),
        },
    )


def _applications(
    random: np.random.Generator, programme: Programme, finess: npt.NDArray[np.object_]
) -> tuple[pa.Table, Days, Days]:
    """One row per establishment × window × volet that is ever filed, in the order of the key."""
    cells = [
        (rank, window.number, volet.id, window.opens, window.closes)
        for rank, window in enumerate(programme.windows)
        for volet in sorted(programme.volets, key=lambda volet: volet.id)
        if volet.id in window.volets
    ]
    ranks, windows, volets, opens, closes = (np.array(column) for column in zip(*cells, strict=True))
    files = random.random((len(finess), len(programme.windows))) < np.array(FILES)
    places, found = np.nonzero(files[:, ranks] & (random.random((len(finess), len(cells))) < COVERS))
    opened = opens.astype("datetime64[D]").astype(np.int32)[found]
    lasts = closes.astype("datetime64[D]").astype(np.int32)[found] - opened
    filed = opened + (random.random(len(found)) * lasts).astype(np.int32)
    decided = filed + random.integers(40, 110, len(found)).astype(np.int32)
    decision = random.choice(list(DECIDED), len(found), p=list(DECIDED.values()))
    table = pa.table(
        {
            "finess": finess[places],
            "window": pa.array(windows[found], pa.int8()),
            "volet": volets[found],
            "filed_on": pa.array(filed, pa.int32()).cast(pa.date32()),
            "decision": decision,
            "decided_on": pa.array(decided, pa.int32()).cast(pa.date32()),
            "grant_eur": pa.array(
                random.integers(20, 400, len(found)) * 1000, pa.int64(), mask=random.random(len(found)) < 0.02
            ),
        }
    )
    return table, filed, decided


def _usages(
    random: np.random.Generator, programme: Programme, applications: pa.Table, decided: Days
) -> tuple[pa.Table, Days, Days, Days, npt.NDArray[np.float64]]:
    """One row per accepted application × indicator of its volet, in the order of the key."""
    accepted = pc.equal(applications["decision"], "accepted").to_numpy()
    of_volet = {volet.id: _indicators(programme, volet) for volet in programme.volets}
    rows = np.nonzero(accepted)[0]
    indicators = [of_volet[volet] for volet in applications["volet"].take(rows).to_pylist()]
    rows = np.repeat(rows, [len(each) for each in indicators])
    indicator = np.concatenate(indicators)
    kept = random.random(len(rows)) < MEASURED
    rows, indicator = rows[kept], indicator[kept]
    count = len(rows)
    measured = decided[rows] + random.integers(0, 60, count).astype(np.int32)
    evaluated = measured + random.integers(60, 420, count).astype(np.int32)
    share = np.clip(random.normal(0.83, 0.12, count), 0, 1)
    threshold = np.full(count, 0.7)
    table = pa.table(
        {
            **{name: applications[name].take(rows) for name in ("finess", "window", "volet")},
            "indicator": indicator,
            "threshold": threshold,
            "status": np.where(share >= threshold, "attained", "missed"),
            "evaluated_on": pa.array(evaluated, pa.int32()).cast(pa.date32()),
        }
    )
    return table, measured, evaluated, random.integers(200, 20_000, count).astype(np.int32), share


def _indicators(programme: Programme, volet: Volet) -> npt.NDArray[np.str_]:
    return np.array(sorted(indicator.id for indicator in programme.indicators if indicator.volet == volet.id))


def _table(name: str, columns: Mapping[str, object]) -> pa.Table:
    schema = TABLES[name].schema
    arrays = []
    for field in schema:
        values = columns[field.name]
        array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, field.type)
        arrays.append(array.cast(field.type))
    return pa.table(arrays, schema=schema)


def _publish(store: Store, day: date, tables: Mapping[str, pa.Table]) -> None:
    """Write one revision, as `Store.publish` would, but for the checks of its rows and for the wait for the disk."""
    place = store.folder / SnapshotId(day).folder
    place.mkdir()
    entries = {}
    for name, table in tables.items():
        sink = pa.BufferOutputStream()
        pq.write_table(table.combine_chunks(), sink, compression="zstd")
        content = sink.getvalue()
        (place / f"{name}.parquet").write_bytes(content)
        entries[name] = TableEntry(rows=table.num_rows, sha256=hashlib.sha256(content).hexdigest())
    manifest = Manifest(
        as_of=day,
        simulated=True,
        published_at=datetime.combine(day, time(18), UTC),
        published_by="sunes",
        sources=(SourceFile(title="Histoire nationale inventée", publisher="sunes"),),
        tables=entries,
        checks=[{"name": "Remarque", "result": "Les établissements, les candidatures et les usages sont inventés."}],
    )
    (place / MANIFEST).write_bytes(encode(manifest))
