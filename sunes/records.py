"""What programs get, on the command line and over HTTP: flat records under stable names, every field, unrounded."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from sunes.establishments.measures import progress
from sunes.metrics import METRICS
from sunes.programme import Programme
from sunes.roster import Line, Roster
from sunes.schema import ESTABLISHMENTS, TABLES
from sunes.snapshots import Snapshot, Store
from sunes.view import View

Record = dict[str, Any]

# What every record says of the snapshot that it comes from.
ORIGIN = ("snapshot", "revision", "simulated")

SNAPSHOT_FIELDS = (
    *("snapshot", "revision", "state", "simulated", "published_at", "published_by"),
    *TABLES,
    "withdrawal_reason",
)


def metric_fields(by: Sequence[str]) -> tuple[str, ...]:
    """The fields of the rows of an answer cut by these keys."""
    return tuple(dict.fromkeys((*ORIGIN, *by, *METRICS)))


def snapshot_records(store: Store, found: Sequence[Snapshot]) -> list[Record]:
    """One record per revision, with SNAPSHOT_FIELDS. `state` is `current`, `replaced` or `withdrawn`."""
    current, withdrawals = store.history(), store.withdrawals()
    return [
        {
            "snapshot": snapshot.as_of.isoformat(),
            "revision": snapshot.revision,
            "state": "withdrawn" if snapshot.id in withdrawals else "current" if snapshot in current else "replaced",
            "simulated": snapshot.simulated,
            "published_at": snapshot.manifest.published_at and snapshot.manifest.published_at.isoformat(),
            "published_by": snapshot.manifest.published_by,
            **{name: entry.rows if (entry := snapshot.manifest.tables.get(name)) else None for name in TABLES},
            "withdrawal_reason": withdrawals[snapshot.id].reason if snapshot.id in withdrawals else None,
        }
        for snapshot in found
    ]


def establishment_fields(view: View, programme: Programme) -> tuple[str, ...]:
    """The fields of `establishment_records`.

    The columns of the contract, then `state_…` for each volet of the View (see `roster.State`), and how many required
    indicators are attained, of how many (see `measures.progress`).
    """
    volets = (view.volet,) if view.volet else programme.volet_ids
    columns = (column.name for column in ESTABLISHMENTS.columns)
    states = (f"state_{volet}" for volet in volets)
    return (*ORIGIN, *columns, *states, "attained_indicators", "required_indicators")


def establishment_records(roster: Roster, lines: Sequence[Line], programme: Programme) -> list[Record]:
    """Some lines of a roster as records."""
    header = roster.header
    origin = (header.as_of.isoformat(), header.revision, header.simulated)
    return [dict(zip(ORIGIN, origin, strict=True)) | _establishment(line, programme) for line in lines]


def has_position(line: Line) -> bool:
    """Whether both coordinates of an establishment are known."""
    return None not in (_known(line.establishment["latitude"]), _known(line.establishment["longitude"]))


def _establishment(line: Line, programme: Programme) -> Record:
    attained, required = progress(line, programme)
    return {
        **{column.name: _known(line.establishment[column.name]) for column in ESTABLISHMENTS.columns},
        **{f"state_{volet}": state.value for volet, state in line.states.items()},
        # Without an accepted application there is nothing to attain, which is not the same as attaining nothing.
        "attained_indicators": attained if required else None,
        "required_indicators": required or None,
    }


def _known(value: Any) -> Any:
    """A store of another's making may hold « not a number » where the contract has null."""
    return None if isinstance(value, float) and not isfinite(value) else value
