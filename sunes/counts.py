"""What is counted, per group: the part of the metrics that runs on an engine, in portable Narwhals.

Written for what all engines do alike: 0/1 columns, then sums and maxima in one pass, from the row to the establishment
and from there to its territory. Ratios are left to `metrics`, on the small collected result.

An establishment is in one territory only, so counts of territories add up, where those of windows and volets don't.
The engine therefore counts the smallest territories (*cells*), whatever territories a View is about, each snapshot on
its own; they are kept, and the groups of a View are sums of cells.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from sunes import engine, limits
from sunes.engine import Frames
from sunes.memo import Memo
from sunes.programme import Programme
from sunes.snapshots import Snapshot
from sunes.view import View

LazyFrame = nw.LazyFrame[Any]
Group = tuple[Any, ...]
Counts = dict[Group, dict[str, int]]

TERRITORY = {"region": "region_code", "department": "department_code", "legal_status": "legal_status"}
CELL = ("snapshot", *TERRITORY.values())
ROW = ("snapshot", "finess", "window", "volet")

# Activities are added as whole millionths: integer sums are the same whatever the order in which an engine adds.
MILLION = 1_000_000

PLACE_COUNTS = ("eligible", "activity_eligible", "activity_eligible_known")
DOSSIER_COUNTS = ("applications", "accepted_applications", "rejected_applications", "grants", "grants_known")
APPLICANT_COUNTS = ("applicants", "accepted", "newcomers", "activity_applicants", "activity_applicants_known")
OUTCOME_COUNTS = ("evaluated", "attained")
COUNTED = PLACE_COUNTS + DOSSIER_COUNTS + APPLICANT_COUNTS + OUTCOME_COUNTS

# Cells that are kept, in bytes: of a national history of 120 weeks, they take about 60 MB.
KEPT = 192 * 1024 * 1024
# The same of whole histories, end to end.
KEPT_STACKS = 64 * 1024 * 1024
# How many rows the engine looks at in one go, at most: a longer history is counted part by part.
AT_ONCE = 8_000_000


@dataclass(frozen=True, slots=True)
class _Question:
    """What cells depend on: all of a View but its territories, and whether windows and volets are told apart.

    A View of one window is a part of the cells by window, and one of a volet a part of those by volet.
    """

    within: tuple[str, ...]
    windows: tuple[int, ...]
    finess: tuple[str, ...]
    # Volet → the indicators that it requires, where usages matter.
    required: tuple[tuple[str, tuple[str, ...]], ...]


# The question, or the FINESS numbers where only establishments are counted; then what the snapshot holds (see
# `engine.content`), or all those of a history, a line for each.
_Asked = _Question | tuple[str, ...]
_Key = tuple[_Asked, str]


def _bytes(cells: pa.Table) -> int:
    return int(cells.nbytes) + 4096  # and what describes them


_CELLS: Memo[_Key, pa.Table] = Memo(KEPT, _bytes, "cells")
_STACKS: Memo[_Key, pa.Table] = Memo(KEPT_STACKS, _bytes, "stacks")


def count(frames: Frames, view: View, cut: Sequence[str], *, programme: Programme) -> tuple[Counts, Counts]:
    """Count a View's establishments and dossiers per group.

    Parameters
    ----------
    cut
        Columns that make a group: `snapshot` first, then any of TERRITORY's columns, `window`, `volet`.

    Returns
    -------
    Per territory (the part of `cut` that is neither window nor volet), what is never cut by those: PLACE_COUNTS. Every
    territory that has an establishment is there.
    Per group of `cut`, the counts of applications, of applicants and of what became of them: OUTCOME_COUNTS where a
    volet is asked for, `newcomers` where a window is. A group without any application may be absent.

    Raises what `Frames.collect` raises.
    """
    one = {"window": len(view.windows) == 1, "volet": view.volet is not None}
    within = tuple(column for column in one if column in cut or one[column])
    question = _Question(
        within,
        windows=() if "window" in within else view.windows,
        finess=view.finess,
        required=tuple((v.id, v.required) for v in programme.volets) if "volet" in within else (),
    )
    places = _cells(frames, view.finess, lambda some: _places(some, view.finess))
    groups = _cells(frames, question, lambda some: _groups(some, question))
    territory = [column for column in cut if column not in one]
    return _added(places, view, territory, ()), _added(groups, view, cut, within)


def forget(*snapshots: Snapshot) -> None:
    """Forget the cells that are kept of these snapshots, of all of them where none is named."""
    _STACKS.forget()
    contents = set(map(engine.content, snapshots))
    _CELLS.forget((lambda key: key[1] in contents) if snapshots else None)


def kept() -> int:
    """How many bytes are kept now."""
    return _CELLS.bytes + _STACKS.bytes


def _cells(frames: Frames, question: _Asked, ask: Callable[[Frames], LazyFrame]) -> pa.Table:
    """The cells of each snapshot; those that were counted before are not counted again."""
    if not frames.snapshots:
        return _typed(frames.collect(ask(frames)))

    held = {engine.content(snapshot): snapshot for snapshot in frames.snapshots}

    def make(missing: list[_Key]) -> Iterator[tuple[_Key, pa.Table]]:
        until = limits.deadline()
        content_of = {held[content]: content for _, content in missing}
        for part in engine.in_parts(list(content_of), AT_ONCE):
            some = frames if len(part) == len(held) else engine.frames(part, frames.sight)
            cells = _typed(some.collect(ask(some), until))
            parted = _by_day(cells)
            for snapshot in part:
                own = parted.get(snapshot.as_of.isoformat(), cells.slice(0, 0))
                yield (question, content_of[snapshot]), own

    def stack(wanted: list[_Key]) -> Iterator[tuple[_Key, pa.Table]]:
        cells = _CELLS.of([(question, content) for content in held], make)
        yield wanted[0], pa.concat_tables(cells).combine_chunks()

    return _STACKS.of([(question, "\n".join(held))], stack)[0]


def _by_day(cells: pa.Table) -> dict[str, pa.Table]:
    """The cells of each snapshot, by its day."""
    ordered = cells.sort_by("snapshot")
    days, sizes = pc.value_counts(ordered["snapshot"]).flatten()
    starts = accumulate(sizes.to_pylist(), initial=0)
    return {
        day: ordered.slice(start, size)
        for day, start, size in zip(days.to_pylist(), starts, sizes.to_pylist(), strict=False)
    }


def _typed(cells: pa.Table) -> pa.Table:
    """Cells in the types of the contract; some engines widen a sum of integers to a decimal type."""
    types = {**dict.fromkeys(CELL, pa.string()), "window": pa.int8(), "volet": pa.string()}
    return cells.cast(pa.schema([(name, types.get(name, pa.int64())) for name in cells.column_names]))


def _added(cells: pa.Table, view: View, cut: Sequence[str], within: Sequence[str]) -> Counts:
    """The counts of a View, by group of `cut`, as sums of its cells."""
    wanted: dict[str, tuple[Any, ...]] = {
        "region_code": view.regions,
        "department_code": view.departments,
        "legal_status": view.legal_statuses,
    }
    if "window" in within:
        wanted["window"] = view.windows
    if "volet" in within:
        wanted["volet"] = (view.volet,) if view.volet else ()
    for column, values in wanted.items():
        if values:
            cells = cells.filter(pc.is_in(cells[column], pa.array(values, cells[column].type)))
    names = [name for name in cells.column_names if name in COUNTED]
    added = cells.group_by(list(cut), use_threads=False).aggregate([(name, "sum") for name in names])
    groups = zip(*(added[column].to_pylist() for column in cut), strict=True)
    counts = zip(*(added[f"{name}_sum"].to_pylist() for name in names), strict=True)
    return {group: dict(zip(names, each, strict=True)) for group, each in zip(groups, counts, strict=True)}


# What the engine does ------------------------------------------------------------------------------------------------


def _of(frames: Frames, name: str, finess: Sequence[str], *columns: str) -> LazyFrame:
    frame = frames.table(name, *columns)
    return frame.filter(nw.col("finess").is_in(finess)) if finess else frame


def _establishments(frames: Frames, finess: Sequence[str]) -> LazyFrame:
    columns = ("finess", *TERRITORY.values(), "eligible", "combined_activity")
    activity = nw.col("combined_activity")
    return _of(frames, "establishments", finess, *columns).select(
        *CELL,
        "finess",
        eligible=nw.col("eligible").cast(nw.Int64),
        activity=(activity.fill_null(0.0) * MILLION + 0.5).floor().cast(nw.Int64),
        activity_known=(~activity.is_null()).cast(nw.Int64),
    )


def _places(frames: Frames, finess: Sequence[str]) -> LazyFrame:
    return (
        _establishments(frames, finess)
        .with_columns(
            activity_eligible=nw.col("eligible") * nw.col("activity"),
            activity_eligible_known=nw.col("eligible") * nw.col("activity_known"),
        )
        .group_by(*CELL)
        .agg(_sums(PLACE_COUNTS))
    )


def _groups(frames: Frames, question: _Question) -> LazyFrame:
    """From rows to dossiers (windows of an establishment), to applicants, to cells."""
    rows = _applications(frames, question)
    flags = ["accepted"]
    if "window" in question.within:
        rows = _with_newcomers(rows)
        flags.append("newcomers")
    if question.required:
        rows = _with_attainment(rows, frames, question)
        flags += OUTCOME_COUNTS
    if "volet" not in question.within:
        rows = rows.group_by("snapshot", "finess", "window").agg(
            *_maxima(("filed", "rejected", *flags)), *_sums(("grants", "grants_known"))
        )
    rows = rows.with_columns(
        applications=nw.col("filed"),
        applicants=nw.col("filed"),
        accepted_applications=nw.col("accepted"),
        rejected_applications=nw.col("rejected"),
    )
    if "window" not in question.within:
        rows = rows.group_by("snapshot", "finess", *question.within).agg(
            *_sums(DOSSIER_COUNTS), *_maxima(("applicants", *flags))
        )
    return (
        rows.join(_establishments(frames, question.finess), on=["snapshot", "finess"], how="inner")
        .with_columns(
            activity_applicants=nw.col("applicants") * nw.col("activity"),
            activity_applicants_known=nw.col("applicants") * nw.col("activity_known"),
        )
        .group_by(*CELL, *question.within)
        .agg(_sums((*DOSSIER_COUNTS, "applicants", *flags, "activity_applicants", "activity_applicants_known")))
    )


def _applications(frames: Frames, question: _Question) -> LazyFrame:
    """One row per establishment × window × volet, with 0/1 columns for what became of it."""
    rows = _of(frames, "applications", question.finess, "finess", "window", "volet", "decision", "grant_eur")
    if question.windows:
        rows = rows.filter(nw.col("window").is_in(question.windows))
    accepted = (nw.col("decision") == "accepted").cast(nw.Int64)
    return rows.select(
        *ROW,
        filed=(nw.col("decision") != "withdrawn").cast(nw.Int64),
        accepted=accepted,
        rejected=(nw.col("decision") == "rejected").cast(nw.Int64),
        grants=accepted * nw.col("grant_eur").fill_null(0),
        grants_known=accepted * (~nw.col("grant_eur").is_null()).cast(nw.Int64),
    )


def _with_newcomers(applications: LazyFrame) -> LazyFrame:
    """Add `newcomers` (0/1): whether the window of an accepted row is the first one of its establishment."""
    first = (
        applications.filter(nw.col("accepted") == 1)
        .group_by("snapshot", "finess")
        .agg(nw.col("window").min().alias("first_window"))
    )
    is_first = (nw.col("window") == nw.col("first_window")).fill_null(False).cast(nw.Int64)
    return applications.join(first, on=["snapshot", "finess"], how="left").with_columns(
        newcomers=nw.col("accepted") * is_first
    )


def _with_attainment(applications: LazyFrame, frames: Frames, question: _Question) -> LazyFrame:
    """Add `attained` and `evaluated` (0/1): what the required indicators say of each accepted row."""
    required = nw.lit(0)
    of_volet = nw.lit(False)
    for volet, indicators in question.required:
        is_volet = nw.col("volet") == volet
        of_volet = of_volet | (is_volet & nw.col("indicator").is_in(indicators))
        required = nw.when(is_volet).then(nw.lit(len(indicators))).otherwise(required)
    results = (
        _of(frames, "usages", question.finess, "finess", "window", "volet", "indicator", "status")
        .filter(of_volet)
        .select(
            *ROW,
            attained_indicators=(nw.col("status") == "attained").cast(nw.Int64),
            missed_indicators=(nw.col("status") == "missed").cast(nw.Int64),
        )
        .group_by(*ROW)
        .agg(_sums(("attained_indicators", "missed_indicators")))
    )
    return (
        applications.join(results, on=list(ROW), how="left")
        .with_columns(nw.col("attained_indicators").fill_null(0), nw.col("missed_indicators").fill_null(0))
        .with_columns(
            attained=nw.col("accepted") * (nw.col("attained_indicators") == required).cast(nw.Int64),
            missed=nw.col("accepted") * (nw.col("missed_indicators") > 0).cast(nw.Int64),
        )
        .with_columns(evaluated=nw.max_horizontal("attained", "missed"))
    )


def _sums(columns: Sequence[str]) -> list[nw.Expr]:
    return [nw.col(column).sum() for column in columns]


def _maxima(columns: Sequence[str]) -> list[nw.Expr]:
    return [nw.col(column).max() for column in columns]
