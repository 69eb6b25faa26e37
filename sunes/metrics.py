"""Participation and attainment: the answer to a View. Every figure on any screen or in any file is made here.

The trap of this domain: windows do not add up. An establishment that comes back in a second window is one
establishment, so a distinct count of two groups is never the sum of theirs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import product
from math import ceil
from typing import Any

import pyarrow as pa

from sunes import counts, engine, roster
from sunes.access.people import EVERYTHING
from sunes.engine import Frames, Header
from sunes.errors import UsageError
from sunes.programme import Programme
from sunes.schema import LEGAL_STATUSES
from sunes.snapshots import Snapshot, Store
from sunes.view import View

Row = Mapping[str, Any]

_NOTHING = dict.fromkeys(counts.COUNTED, 0)

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


# What evaluations decide. Before the first one they are 0, or a whole target away from it, by definition.
_AFTER_EVALUATION = frozenset({"attainment_rate", "gap_points", "gap_establishments"})


def not_evaluated_yet(row: Row) -> bool:
    """Whether a row of one volet has accepted establishments and no evaluation: its rate of 0 says nothing yet."""
    return bool(row["accepted"]) and not row["evaluated"]


def known_value(row: Row, metric: str) -> Any:
    """A metric of a row as it is drawn and written for people: None before the first evaluation if it hangs on that.

    An attainment of 0 is the definition's minimum there, and no result: nobody has failed.
    """
    return None if metric in _AFTER_EVALUATION and not_evaluated_yet(row) else row[metric]


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

    It is for those who have the files, and hides nothing from them. Raises UsageError for an unknown key or snapshot,
    DataError when a snapshot is damaged.
    """
    snapshots = store.history(since, until) if "snapshot" in by else (store.resolve(view.snapshot),)
    if not snapshots:
        store.resolve()  # an empty store says so itself
        raise UsageError("Aucune situation saine à ces dates ; élargissez la période.")
    return answer(engine.frames(snapshots, EVERYTHING), view, by, programme=programme)


def prepare(snapshots: Sequence[Snapshot], programme: Programme) -> None:
    """Count ahead what the answers to most Views of a history are made of, so that nobody waits for it.

    Raises what `answer` raises.
    """
    frames = engine.frames(snapshots, EVERYTHING)
    for by in ((), ("volet",), ("window",), ("window", "volet")):
        answer(frames, View(), ("snapshot", *by), programme=programme)


def answer(frames: Frames, view: View, by: Sequence[str] = (), *, programme: Programme) -> Answer:
    """Every metric of `frames` for a View, per group of `by` (keys of KEYS), empty groups included.

    The definitions are those of `data/reference/metrics.toml`. Raises UsageError for an unknown key, ForbiddenError
    for FINESS numbers that the sight of `frames` doesn't show: the figures of one establishment are its detail.
    """
    by = tuple(dict.fromkeys(by))
    unknown = [key for key in by if key not in KEYS]
    if unknown:
        raise UsageError(f"Découpage inconnu : {', '.join(unknown)} (possibles : {', '.join(KEYS)}).")
    if view.volet not in (None, *programme.volet_ids):
        raise UsageError(f"Volet inconnu : {view.volet} (possibles : {', '.join(programme.volet_ids)}).")
    roster.require(frames, view.finess)
    has_volet = "volet" in by or view.volet is not None
    cut = [column for key, column in KEYS.items() if key in by or key == "snapshot"]
    territory = [column for column in cut if column not in ("window", "volet")]
    places, groups = counts.count(frames, view, cut, programme=programme)

    keys = [(key, KEYS[key]) for key in by]
    targets: dict[tuple[Any, ...], Decimal | None] = {}

    def share(volet: str | None, region: str | None, header: Header) -> Decimal | None:
        """The target of a group; thousands of groups have a handful of them."""
        wanted = (volet, region, header.as_of)
        if wanted not in targets:
            target = programme.target(*wanted)
            targets[wanted] = target.share if target else None
        return targets[wanted]

    only = view.regions[0] if len(view.regions) == 1 else None
    rows = []
    for header, group in _grid(frames.headers, places, territory, view, by, programme):
        found = {
            **_NOTHING,
            **places.get(tuple([group[column] for column in territory]), {}),
            **groups.get(tuple([group[column] for column in cut]), {}),
        }
        target = share(group.get("volet", view.volet), group.get("region_code", only), header)
        rows.append(
            {
                "snapshot": group["snapshot"],
                "revision": header.revision,
                "simulated": header.simulated,
                **{key: group[column] for key, column in keys},
                **_figures(found, target, has_volet, "window" in by),
            }
        )
    rows.sort(key=_order(by, programme))
    return Answer(view, by, tuple(rows))


def _grid(
    headers: Iterable[Header],
    places: Iterable[counts.Group],
    territory: Sequence[str],
    view: View,
    by: Sequence[str],
    programme: Programme,
) -> Iterator[tuple[Header, dict[str, Any]]]:
    """Every group that could hold something, so that an empty one shows its zeros instead of vanishing."""
    windows = (view.windows or programme.window_numbers) if "window" in by else (None,)
    volets = ((view.volet,) if view.volet else programme.volet_ids) if "volet" in by else (None,)
    inner = [
        {column: value for column, value in (("window", window), ("volet", volet)) if value is not None}
        for window, volet in product(windows, volets)
    ]
    here: defaultdict[str, list[counts.Group]] = defaultdict(list)
    if len(territory) > 1:
        for place in places:
            here[place[0]].append(place)
    for header in headers:
        day = header.as_of.isoformat()
        for place in here[day] if len(territory) > 1 else [(day,)]:
            for cell in inner:
                yield header, dict(zip(territory, place, strict=True)) | cell


def _figures(found: Mapping[str, int], share: Decimal | None, has_volet: bool, has_window: bool) -> dict[str, Any]:
    """The metrics of one group: ratios and differences on what was counted."""
    accepted, attained = found["accepted"], found["attained"]
    attainment = _ratio(attained, accepted) if has_volet else None
    decided = found["accepted_applications"] + found["rejected_applications"]
    activity_applicants = _activity(found, "activity_applicants", found["applicants"])
    activity_eligible = _activity(found, "activity_eligible", found["eligible"])
    return {
        "eligible": found["eligible"],
        "applications": found["applications"],
        "applicants": found["applicants"],
        "newcomers": found["newcomers"] if has_window else None,
        "accepted_applications": found["accepted_applications"],
        "accepted": accepted,
        "rejected_applications": found["rejected_applications"],
        "evaluated": found["evaluated"] if has_volet else None,
        "attained": attained if has_volet else None,
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
    known = {"volet": programme.volet_ids, "legal_status": LEGAL_STATUSES}
    ranks = {key: {value: rank for rank, value in enumerate(values)} for key, values in known.items()}
    keys = [(key, ranks.get(key)) for key in (by if "snapshot" in by else ("snapshot", *by))]

    def order(row: Row) -> list[Any]:
        return [row[key] if rank is None else rank.get(row[key], len(rank)) for key, rank in keys]

    return order
