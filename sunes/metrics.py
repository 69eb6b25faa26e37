"""Participation and attainment: the answer to a View. Every figure on any screen or in any file is made here.

The trap of this domain: windows do not add up. An establishment that comes back in a second window is one
establishment, so a distinct count of two groups is never the sum of theirs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import product
from math import ceil
from typing import Any

import pyarrow as pa

from sunes import counts, engine
from sunes.engine import Frames, Header
from sunes.errors import UsageError
from sunes.programme import Programme
from sunes.schema import LEGAL_STATUSES
from sunes.snapshots import Store
from sunes.view import View

Row = Mapping[str, Any]

COUNTS = (
    "eligible",
    "applications",
    "applicants",
    "newcomers",
    "accepted_applications",
    "accepted",
    "rejected_applications",
    "evaluated",
    "attained",
)
RATES = (
    "participation_rate",
    "acceptance_rate",
    "attainment_rate",
    "attainment_rate_max",
    "target_rate",
    "gap_points",
)
METRICS: Mapping[str, pa.DataType] = {
    **dict.fromkeys(COUNTS, pa.int64()),
    **dict.fromkeys(RATES, pa.float64()),
    "gap_establishments": pa.int64(),
    "activity_applicants": pa.float64(),
    "activity_eligible": pa.float64(),
    "activity_share": pa.float64(),
    "grants_eur": pa.int64(),
}

# What an answer can be cut by → its column in the frames.
KEYS = {"snapshot": "snapshot", **counts.TERRITORY, "window": "window", "volet": "volet"}


@dataclass(frozen=True)
class Answer:
    """The answer to a View: one row per group, every metric in each row, None where a metric has no meaning.

    Attributes
    ----------
    rows
        `snapshot` (the date of the denominators, `YYYY-MM-DD`), `revision`, `simulated`, the keys of `by`, then
        METRICS; ordered by the keys as they stand in `by`.
    """

    view: View
    by: tuple[str, ...]
    rows: tuple[Row, ...]

    @cached_property
    def table(self) -> pa.Table:
        """The rows as an immutable table with typed columns."""
        head = {"snapshot": pa.string(), "revision": pa.int64(), "simulated": pa.bool_()}
        keys = {key: pa.int8() if key == "window" else pa.string() for key in self.by}
        return pa.Table.from_pylist(list(self.rows), schema=pa.schema({**head, **keys, **METRICS}))

    def only(self, **keys: Any) -> "Answer":
        """The rows whose keys have these values, as an answer of their own."""
        rows = (row for row in self.rows if all(row[key] == value for key, value in keys.items()))
        return Answer(self.view, self.by, tuple(rows))

    def row(self, **keys: Any) -> Row:
        """The one row whose keys have these values. Raises LookupError when there is not exactly one."""
        rows = self.only(**keys).rows
        if len(rows) != 1:
            raise LookupError(f"{len(rows)} rows with {keys}")
        return rows[0]


def ask(
    store: Store,
    view: View,
    by: Sequence[str] = (),
    *,
    programme: Programme,
    since: date | None = None,
    until: date | None = None,
) -> Answer:
    """Answer a View from a store: one snapshot or, when `by` has `snapshot`, the history between two dates.

    Raises UsageError for an unknown key or snapshot, DataError when a snapshot is damaged.
    """
    snapshots = store.history(since, until) if "snapshot" in by else (store.resolve(view.snapshot),)
    if not snapshots:
        store.resolve()  # an empty store says so itself
        raise UsageError("Aucune situation saine à ces dates ; élargissez la période.")
    return answer(engine.frames(snapshots), view, by, programme=programme)


def answer(frames: Frames, view: View, by: Sequence[str] = (), *, programme: Programme) -> Answer:
    """Every metric of `frames` for a View, per group of `by` (keys of KEYS), empty groups included.

    The definitions are those of `data/reference/metrics.toml`. Raises UsageError for an unknown key.
    """
    by = tuple(dict.fromkeys(by))
    unknown = [key for key in by if key not in KEYS]
    if unknown:
        raise UsageError(f"Découpage inconnu : {', '.join(unknown)} (possibles : {', '.join(KEYS)}).")
    if view.volet not in (None, *programme.volet_ids):
        raise UsageError(f"Volet inconnu : {view.volet} (possibles : {', '.join(programme.volet_ids)}).")
    has_volet = "volet" in by or view.volet is not None
    cut = [column for key, column in KEYS.items() if key in by or key == "snapshot"]
    territory = [column for column in cut if column not in ("window", "volet")]
    places, groups = counts.count(frames, view, cut, programme=programme, with_attainment=has_volet)

    rows = []
    for header, group in _grid(frames.headers, places, territory, view, by, programme):
        found = (
            dict.fromkeys(counts.COUNTED, 0)
            | places.get(tuple(group[column] for column in territory), {})
            | groups.get(tuple(group[column] for column in cut), {})
        )
        region = group.get("region_code", view.regions[0] if len(view.regions) == 1 else None)
        target = programme.target(group.get("volet", view.volet), region, header.as_of)
        rows.append(
            {
                "snapshot": header.as_of.isoformat(),
                "revision": header.revision,
                "simulated": header.simulated,
                **{key: group[KEYS[key]] for key in by},
                **_figures(found, target.share if target else None, has_volet, "window" in by),
            }
        )
    return Answer(view, by, tuple(sorted(rows, key=_order(by, programme))))


def _grid(
    headers: Iterable[Header],
    places: Iterable[counts.Group],
    territory: Sequence[str],
    view: View,
    by: Sequence[str],
    programme: Programme,
) -> Iterable[tuple[Header, dict[str, Any]]]:
    """Every group that could hold something, so that an empty one shows its zeros instead of vanishing."""
    windows = (view.windows or programme.window_numbers) if "window" in by else (None,)
    volets = ((view.volet,) if view.volet else programme.volet_ids) if "volet" in by else (None,)
    for header in headers:
        day = header.as_of.isoformat()
        here = [place for place in places if place[0] == day] if len(territory) > 1 else [(day,)]
        for place, window, volet in product(here, windows, volets):
            group = dict(zip(territory, place, strict=True)) | {"window": window, "volet": volet}
            yield header, {column: value for column, value in group.items() if value is not None}


def _figures(found: Mapping[str, int], share: Decimal | None, has_volet: bool, has_window: bool) -> dict[str, Any]:
    """The metrics of one group: ratios and differences on what was counted."""
    accepted, attained = found["accepted"], found["attained"]
    attainment = _ratio(attained, accepted) if has_volet else None
    decided = found["accepted_applications"] + found["rejected_applications"]
    activity_applicants = _activity(found, "activity_applicants", found["applicants"])
    activity_eligible = _activity(found, "activity_eligible", found["eligible"])
    return {
        **{name: found[name] for name in COUNTS},
        **({} if has_volet else {"evaluated": None, "attained": None}),
        **({} if has_window else {"newcomers": None}),
        "participation_rate": _ratio(found["applicants"], found["eligible"]),
        "acceptance_rate": _ratio(found["accepted_applications"], decided),
        "attainment_rate": attainment,
        "attainment_rate_max": _ratio(attained + accepted - found["evaluated"], accepted) if has_volet else None,
        "target_rate": None if share is None else float(share),
        "gap_points": None if share is None or attainment is None else attainment - float(share),
        # In exact decimals: 0.7 × 90 establishments are 63, where binary fractions would ask for one more or less.
        "gap_establishments": None if share is None else max(0, ceil(share * accepted) - attained),
        "activity_applicants": activity_applicants,
        "activity_eligible": activity_eligible,
        "activity_share": _ratio(activity_applicants, activity_eligible),
        "grants_eur": _known_sum(found["grants"], found["grants_known"], found["accepted_applications"]),
    }


def _ratio(numerator: float | None, denominator: float | None) -> float | None:
    """x/0 is not known, rather than 0 or an error; so is a ratio of something not known."""
    return numerator / denominator if numerator is not None and denominator else None


def _known_sum(total: int, known: int, members: int) -> int | None:
    """A sum of which nothing is known is not zero, unless there is nothing to add up."""
    return total if known or not members else None


def _activity(found: Mapping[str, int], name: str, members: int) -> float | None:
    total = _known_sum(found[name], found[f"{name}_known"], members)
    return None if total is None else total / counts.MILLION


def _order(by: Sequence[str], programme: Programme) -> Callable[[Row], list[Any]]:
    ranks = {"volet": programme.volet_ids, "legal_status": LEGAL_STATUSES}

    def rank(row: Row, key: str) -> Any:
        value, known = row[key], ranks.get(key, ())
        if key in ranks:
            return known.index(value) if value in known else len(known)
        return "" if value is None else value

    return lambda row: [rank(row, key) for key in (by if "snapshot" in by else ("snapshot", *by))]
