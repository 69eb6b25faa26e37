"""The figures of a national history as they would be written without sunes, the same rows to the last digit.

`sql` is one statement of DuckDB, `pandas` what a competent analyst writes, `scan` reads the columns that all of them
need and computes nothing: no engine can be faster.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from sunes.programme import Programme
from sunes.snapshots import Snapshot

Rows = list[dict[str, Any]]

# What sunes says besides.
OURS = {"revision", "simulated", "newcomers"}
COLUMNS = {
    "establishments": ("finess", "region_code", "eligible", "combined_activity"),
    "applications": ("finess", "window", "volet", "decision", "grant_eur"),
    "usages": ("finess", "window", "volet", "indicator", "status"),
}

_SQL = """
WITH establishments AS (
    SELECT {day} AS snapshot, finess, region_code AS region, eligible, combined_activity
    FROM read_parquet('{folder}/*/establishments.parquet', filename = true, hive_partitioning = false)
),
measured AS (
    SELECT {day} AS snapshot, finess, "window", volet,
           count(*) FILTER (status = 'attained') AS attained, count(*) FILTER (status = 'missed') AS missed
    FROM read_parquet('{folder}/*/usages.parquet', filename = true, hive_partitioning = false)
    WHERE {is_required}
    GROUP BY ALL
),
dossiers AS (
    SELECT {day} AS snapshot, finess, volet, decision, grant_eur, "window"
    FROM read_parquet('{folder}/*/applications.parquet', filename = true, hive_partitioning = false)
),
applicants AS (
    SELECT snapshot, finess, volet,
           count(*) FILTER (decision <> 'withdrawn') AS applications,
           count(*) FILTER (decision = 'accepted') AS accepted_applications,
           count(*) FILTER (decision = 'rejected') AS rejected_applications,
           sum(grant_eur) FILTER (decision = 'accepted') AS grants_eur,
           coalesce(bool_or(attained = {required}) FILTER (decision = 'accepted'), false) AS attained,
           coalesce(bool_or(attained = {required} OR missed > 0) FILTER (decision = 'accepted'), false) AS evaluated
    FROM dossiers LEFT JOIN measured USING (snapshot, finess, "window", volet)
    GROUP BY ALL
),
counted AS (
    SELECT snapshot, region, volet,
           sum(applications)::BIGINT AS applications,
           count(*) FILTER (applications > 0) AS applicants,
           sum(accepted_applications)::BIGINT AS accepted_applications,
           count(*) FILTER (accepted_applications > 0) AS accepted,
           sum(rejected_applications)::BIGINT AS rejected_applications,
           count(*) FILTER (evaluated) AS evaluated,
           count(*) FILTER (attained) AS attained,
           sum(combined_activity) FILTER (applications > 0) AS activity_applicants,
           sum(grants_eur)::BIGINT AS grants_eur
    FROM applicants JOIN establishments USING (snapshot, finess)
    GROUP BY ALL
),
territories AS (
    SELECT snapshot, region, count(*) FILTER (eligible) AS eligible,
           sum(combined_activity) FILTER (eligible) AS activity_eligible
    FROM establishments GROUP BY ALL
),
complete AS (
    SELECT snapshot, region, volet, eligible, share,
           coalesce(applications, 0) AS applications, coalesce(applicants, 0) AS applicants,
           coalesce(accepted_applications, 0) AS accepted_applications, coalesce(accepted, 0) AS accepted,
           coalesce(rejected_applications, 0) AS rejected_applications,
           coalesce(evaluated, 0) AS evaluated, coalesce(attained, 0) AS attained,
           CASE WHEN coalesce(applicants, 0) = 0 THEN 0.0 ELSE activity_applicants END AS activity_applicants,
           CASE WHEN eligible = 0 THEN 0.0 ELSE activity_eligible END AS activity_eligible,
           CASE WHEN coalesce(accepted_applications, 0) = 0 THEN 0 ELSE grants_eur END AS grants_eur
    FROM territories CROSS JOIN (VALUES {volets}) AS v(volet)
    LEFT JOIN counted USING (snapshot, region, volet)
    LEFT JOIN targets USING (snapshot, region, volet)
)
SELECT snapshot, region, volet, eligible, applications, applicants, accepted_applications, accepted,
       rejected_applications, evaluated, attained,
       applicants / nullif(eligible, 0) AS participation_rate,
       accepted_applications / nullif(accepted_applications + rejected_applications, 0) AS acceptance_rate,
       attained / nullif(accepted, 0) AS attainment_rate,
       (attained + accepted - evaluated) / nullif(accepted, 0) AS attainment_rate_max,
       share::DOUBLE AS target_rate,
       attained / nullif(accepted, 0) - share::DOUBLE AS gap_points,
       greatest(0, ceil(share * accepted)::BIGINT - attained) AS gap_establishments,
       activity_applicants, activity_eligible,
       activity_applicants / nullif(activity_eligible, 0) AS activity_share,
       grants_eur
FROM complete ORDER BY snapshot, region, volet
"""
_DAY = "regexp_extract(filename, 'as_of=([0-9-]{10})', 1)"


def targets(programme: Programme, snapshots: Iterable[Snapshot], regions: Iterable[str]) -> Rows:
    """The `share` that each group of snapshot, region and volet should reach, None where there is no such target."""
    return [
        {"snapshot": f"{snapshot.as_of}", "region": region, "volet": volet, "share": target and target.share}
        for snapshot in snapshots
        for region in sorted(regions)
        for volet in programme.volet_ids
        for target in (programme.target(volet, region, snapshot.as_of),)
    ]


def scan(folder: Path) -> Rows:
    """Look at every value of the columns that the figures need; no row comes back."""
    with duckdb.connect() as connection:
        for name, columns in COLUMNS.items():
            looked = ", ".join(f'max(hash("{column}"))' for column in columns)
            connection.execute(f"SELECT {looked} FROM read_parquet('{folder}/*/{name}.parquet')").fetchall()
    return []


def sql(folder: Path, programme: Programme, targets: Rows, memory: str = "2GB") -> Rows:
    """The figures by snapshot, region and volet. `targets` has the `share` that each of these should reach, if any."""
    required = [
        f"(volet = '{volet.id}' AND indicator IN ({', '.join(map(repr, volet.required))}))"
        for volet in programme.volets
    ]
    sizes = " ".join(f"WHEN '{volet.id}' THEN {len(volet.required)}" for volet in programme.volets)
    statement = _SQL.format(
        folder=folder,
        day=_DAY,
        is_required=f"({' OR '.join(required)})",
        required=f"CASE volet {sizes} END",
        volets=", ".join(f"('{volet.id}')" for volet in programme.volets),
    )
    with duckdb.connect(config={"memory_limit": memory, "temp_directory": tempfile.gettempdir()}) as connection:
        connection.execute("CREATE TABLE targets (snapshot TEXT, region TEXT, volet TEXT, share DECIMAL(5, 4))")
        connection.from_df(pd.DataFrame(targets)).insert_into("targets")
        found = connection.execute(statement)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def pandas(folder: Path, programme: Programme, targets: Rows) -> Rows:
    """The same with pandas."""

    def read(name: str) -> pd.DataFrame:
        return pd.concat(
            pd.read_parquet(file, columns=list(COLUMNS[name])).assign(snapshot=file.parent.name[6:16])
            for file in sorted(folder.glob(f"*/{name}.parquet"))
        )

    establishments, applications, usages = (read(name) for name in COLUMNS)
    establishments = establishments.rename(columns={"region_code": "region"})
    key = ["snapshot", "finess", "window", "volet"]
    required = pd.DataFrame(
        [(volet.id, indicator) for volet in programme.volets for indicator in volet.required],
        columns=["volet", "indicator"],
    )
    usages = usages.merge(required, on=["volet", "indicator"])
    usages["hits"], usages["misses"] = usages["status"] == "attained", usages["status"] == "missed"
    measured = usages.groupby(key, as_index=False)[["hits", "misses"]].sum()
    rows = applications.merge(measured, on=key, how="left").fillna({"hits": 0, "misses": 0})
    accepted = rows["decision"] == "accepted"
    rows["applications"] = rows["decision"] != "withdrawn"
    rows["accepted_applications"], rows["rejected_applications"] = accepted, rows["decision"] == "rejected"
    rows["grants_eur"] = rows["grant_eur"].where(accepted)
    rows["attained"] = accepted & (rows["hits"] == rows["volet"].map({v.id: len(v.required) for v in programme.volets}))
    rows["evaluated"] = rows["attained"] | (accepted & (rows["misses"] > 0))
    sums = ["applications", "accepted_applications", "rejected_applications"]
    each = rows.groupby(["snapshot", "finess", "volet"], as_index=False).agg(
        {**dict.fromkeys(sums, "sum"), "grants_eur": "sum", "attained": "max", "evaluated": "max"}
    )
    each = each.merge(establishments, on=["snapshot", "finess"])
    each["applicants"], each["accepted"] = each["applications"] > 0, each["accepted_applications"] > 0
    each["activity_applicants"] = each["combined_activity"].where(each["applicants"])
    counted = each.groupby(["snapshot", "region", "volet"], as_index=False)[
        [*sums, "applicants", "accepted", "evaluated", "attained", "activity_applicants", "grants_eur"]
    ].sum()
    establishments["activity_eligible"] = establishments["combined_activity"].where(establishments["eligible"])
    places = establishments.groupby(["snapshot", "region"], as_index=False)[["eligible", "activity_eligible"]].sum()
    volets = pd.DataFrame({"volet": programme.volet_ids})
    found = (
        places.merge(volets, how="cross")
        .merge(counted, on=["snapshot", "region", "volet"], how="left")
        .fillna(0)
        .merge(pd.DataFrame(targets), on=["snapshot", "region", "volet"], how="left")
        .sort_values(["snapshot", "region", "volet"])
    )
    decided = found["accepted_applications"] + found["rejected_applications"]
    found["participation_rate"] = found["applicants"] / found["eligible"]
    found["acceptance_rate"] = found["accepted_applications"] / decided
    found["attainment_rate"] = found["attained"] / found["accepted"]
    found["attainment_rate_max"] = (found["attained"] + found["accepted"] - found["evaluated"]) / found["accepted"]
    found["target_rate"] = found["share"].astype(float)
    found["gap_points"] = found["attainment_rate"] - found["target_rate"]
    found["activity_share"] = found["activity_applicants"] / found["activity_eligible"]
    wanted = (found["share"] * found["accepted"].astype(int)).map(lambda value: value.__ceil__(), na_action="ignore")
    found["gap_establishments"] = (wanted - found["attained"]).clip(lower=0)
    found = found.drop(columns="share").astype(object)
    told = found.where(found.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in told]


def fingerprint(rows: Sequence[Mapping[str, Any]]) -> str:
    """The same for the same figures, however they were computed: a whole number is one, be it written 3 or 3.0."""
    digest = hashlib.sha256()
    for row in rows:
        for name in sorted(row.keys() - OURS):
            value = row[name]
            digest.update(f"{name}={value if value is None or isinstance(value, str) else float(value)!r};".encode())
    return digest.hexdigest()
