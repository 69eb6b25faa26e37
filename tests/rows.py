"""Rows and tables of a snapshot for tests: say what matters in a case, everything else gets an ordinary value."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, get_args

import pyarrow as pa

from sunes import engine, metrics
from sunes.programme import Programme
from sunes.schema import TABLES
from sunes.view import View

BACKENDS: tuple[engine.Backend, ...] = get_args(engine.Backend)

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Snapshot = tuple[date, int, Tables]


def establishment(finess: str, region: str = "76", department: str = "31", **cells: Any) -> Row:
    """One row of `establishments`: public, eligible, activity unknown unless told otherwise."""
    return {
        "finess": finess,
        "name": f"Établissement {finess}",
        "level": "ET",
        "finess_ej": None,
        "region_code": region,
        "department_code": department,
        "commune_code": "",
        "commune_name": "",
        "legal_status": "public",
        "activities": [],
        "combined_activity": None,
        "latitude": None,
        "longitude": None,
        "location_source": "none",
        "eligible": True,
    } | cells


def application(finess: str, window: int, volet: str, decision: str = "accepted", **cells: Any) -> Row:
    """One row of `applications`, its grant unknown unless told otherwise."""
    return {
        "finess": finess,
        "window": window,
        "volet": volet,
        "filed_on": None,
        "decision": decision,
        "decided_on": None,
        "grant_eur": None,
    } | cells


def usage(finess: str, window: int, volet: str, indicator: str, status: str) -> Row:
    """One row of `usages`, with nothing measured: the metrics look at the status only."""
    return {
        "finess": finess,
        "window": window,
        "volet": volet,
        "indicator": indicator,
        "numerator": None,
        "denominator": None,
        "threshold": None,
        "status": status,
        "evaluated_on": None,
    }


def tables(establishments: Iterable[Row], applications: Iterable[Row] = (), usages: Iterable[Row] = ()) -> Tables:
    """The three tables of a snapshot, as lists of rows."""
    return {"establishments": [*establishments], "applications": [*applications], "usages": [*usages]}


def arrow(snapshot: Snapshot) -> tuple[date, int, dict[str, pa.Table]]:
    """The same snapshot with its tables in Arrow, typed by the contract."""
    as_of, revision, content = snapshot
    typed = {name: pa.Table.from_pylist(rows, schema=TABLES[name].schema) for name, rows in content.items()}
    return as_of, revision, typed


def computed(
    backend: engine.Backend, programme: Programme, snapshots: Sequence[Snapshot], view: View, by: Sequence[str]
) -> list[Row]:
    """The rows that the metrics answer on one engine."""
    frames = engine.frames_from_tables([arrow(snapshot) for snapshot in snapshots], backend)
    return [dict(row) for row in metrics.answer(frames, view, by, programme=programme).rows]
