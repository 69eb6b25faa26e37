"""The part of an aggregation that looks at every document, on an engine, in portable Narwhals.

A document counts once, whatever number of lines, versions and windows it appears in: what is counted are *originals*,
documents that replace no other. Documents of an establishment and an indicator are a series; an identifier says which
document it is within one. What comes back is small: how many originals each series has by month.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import pyarrow as pa

from sunes.aggregation.engines import Engine, LazyFrame
from sunes.programme import Programme

# Why a line is left out, in the order in which this is looked at, and the columns that show it.
REASONS: Mapping[str, tuple[str, ...]] = {
    "no_finess": (),
    "no_day": (),
    "no_volet": (),
    "no_indicator": (),
    "no_document": (),
    "later": (),
    "unknown_volet": ("volet",),
    "unknown_indicator": ("indicator",),
    "other_volet": ("volet", "indicator"),
    "unknown_establishment": ("finess",),
}
NAMED = 20


@dataclass(frozen=True, slots=True)
class Left:
    """Lines left out for one reason: how many, of how many different values, and those with the most lines."""

    reason: str
    lines: int
    values: int = 0
    most: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """The originals of one establishment and one indicator by month (`month_number`); a month without any is absent."""

    finess: str
    indicator: str
    originals: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Documents:
    """What a log of documents holds.

    `lines` = `kept` + the lines of `left`. Among the kept ones, the originals of `series` number `distinct` −
    `replacing` + `absent` + `loops`: `absent` ones are known only from what replaces them, and documents that
    replace each other in a circle are one.
    """

    lines: int
    left: tuple[Left, ...]
    kept: int
    distinct: int
    replacing: int
    absent: int
    loops: int
    series: tuple[Series, ...]

    @property
    def originals(self) -> int:
        return sum(sum(series.originals.values()) for series in self.series)


def month_number(day: date) -> int:
    """Months as whole numbers, one after the other."""
    return day.year * 12 + day.month - 1


def count_documents(
    engine: Engine, documents: LazyFrame, register: Sequence[str], programme: Programme, as_of: date
) -> Documents:
    """Count the originals of a log of documents (`logs.read`), as it was known on a day.

    `register` holds the FINESS numbers of the establishments that are known. A line counts when it has a key, was sent
    by `as_of`, and its establishment, volet and indicator are known. Raises DataError when a log can't be read.
    """
    indicators = [indicator.id for indicator in programme.indicators]
    joined = documents.join(_places(engine, register), on="finess", how="left").join(
        _measures(engine, programme), on=["volet", "indicator"], how="left"
    )
    reasoned = joined.with_columns(reason=_reason(programme, as_of))
    replaces = (~nw.col("replaces").is_null() & (nw.col("replaces") != nw.col("document_id"))).fill_null(False)
    kept = reasoned.filter(nw.col("reason") == "").select(
        "document_id",
        "replaces",
        series=nw.col("place") * len(indicators) + nw.col("measure"),
        month=nw.col("sent_on").dt.year().cast(nw.Int64) * 12 + nw.col("sent_on").dt.month().cast(nw.Int64) - 1,
        replacing=replaces.cast(nw.Int64),
    )
    tally = {
        row["reason"]: row["lines"]
        for row in engine.collect(reasoned.select("reason").group_by("reason").agg(nw.len().alias("lines")))
    }
    left = tuple(_left(engine, reasoned, reason, tally[reason]) for reason in REASONS if reason in tally)
    cells = engine.collect(_cells(kept))
    loops = _loops(engine, kept) if any(cell["replacing"] for cell in cells) else []
    originals: dict[int, dict[int, int]] = {}
    for series, month, number in [*((c["series"], c["month"], c["originals"]) for c in cells), *loops]:
        months = originals.setdefault(series, {})
        if number:
            months[month] = months.get(month, 0) + int(number)
    return Documents(
        lines=sum(tally.values()),
        left=left,
        kept=tally.get("", 0),
        **{name: sum(int(cell[name]) for cell in cells) for name in ("distinct", "replacing", "absent")},
        loops=len(loops),
        series=tuple(
            Series(
                register[series // len(indicators)], indicators[series % len(indicators)], dict(sorted(months.items()))
            )
            for series, months in sorted(originals.items())
        ),
    )


def _places(engine: Engine, register: Sequence[str]) -> LazyFrame:
    return engine.table(pa.table({"finess": pa.array(register, pa.string()), "place": pa.array(range(len(register)))}))


def _measures(engine: Engine, programme: Programme) -> LazyFrame:
    columns = {
        "volet": [indicator.volet for indicator in programme.indicators],
        "indicator": [indicator.id for indicator in programme.indicators],
        "measure": list(range(len(programme.indicators))),
    }
    return engine.table(pa.table(columns))


def _reason(programme: Programme, as_of: date) -> nw.Expr:
    """Why a line is left out; empty when it is not."""
    measured = nw.col("measure").is_null()
    tests = {
        "no_finess": nw.col("finess").is_null(),
        "no_day": nw.col("sent_on").is_null(),
        "no_volet": nw.col("volet").is_null(),
        "no_indicator": nw.col("indicator").is_null(),
        "no_document": nw.col("document_id").is_null(),
        "later": nw.col("sent_on") > nw.lit(as_of),
        "unknown_volet": measured & ~nw.col("volet").is_in(programme.volet_ids),
        "unknown_indicator": measured & ~nw.col("indicator").is_in([each.id for each in programme.indicators]),
        "other_volet": measured,
        "unknown_establishment": nw.col("place").is_null(),
    }
    reason: Any = nw.lit("")
    for name in reversed(tuple(REASONS)):
        reason = nw.when(tests[name]).then(nw.lit(name)).otherwise(reason)
    return reason  # type: ignore[no-any-return]


def _left(engine: Engine, reasoned: LazyFrame, reason: str, lines: int) -> Left:
    columns = REASONS[reason]
    if not columns:
        return Left(reason, lines)
    values = reasoned.filter(nw.col("reason") == reason).group_by(*columns).agg(nw.len().cast(nw.Int64).alias("lines"))
    (found,) = engine.collect(values.select(nw.len().alias("values")))
    most = engine.collect(values.sort("lines", *columns, descending=[True, *(False for _ in columns)]).head(NAMED))
    named = tuple((", ".join(row[column] for column in columns), int(row["lines"])) for row in most)
    return Left(reason, lines, int(found["values"]), named)


def _edges(kept: LazyFrame) -> LazyFrame:
    """What each document replaces: one other. Where its lines differ, the smaller identifier is taken."""
    return (
        kept.filter(nw.col("replacing") == 1)
        .group_by("series", "document_id")
        .agg(nw.col("replaces").min(), nw.col("month").min())
    )


def _cells(kept: LazyFrame) -> LazyFrame:
    """Per series and month, how many documents there are and what they are.

    Every document is met by its own lines and, as something that is replaced, by those of others; a document that
    the log doesn't hold is met by the latter only.
    """
    own = kept.select("series", "document_id", "replacing", "month", own=nw.lit(1).cast(nw.Int64))
    met = _edges(kept).select(
        "series",
        nw.col("replaces").alias("document_id"),
        nw.lit(0).cast(nw.Int64).alias("replacing"),
        "month",
        nw.lit(0).cast(nw.Int64).alias("own"),
    )
    return (
        nw.concat([own, met])
        .group_by("series", "document_id")
        .agg(nw.col("own").max(), nw.col("replacing").max(), nw.col("month").min())
        .group_by("series", "month")
        .agg(nw.col("own").sum().alias("distinct"), nw.col("replacing").sum(), nw.len().alias("known"))
        # Some engines widen a sum of integers to a decimal type.
        .with_columns(nw.col("distinct", "replacing", "known").cast(nw.Int64))
        .with_columns(originals=nw.col("known") - nw.col("replacing"), absent=nw.col("known") - nw.col("distinct"))
    )


def _loops(engine: Engine, kept: LazyFrame) -> list[tuple[int, int, int]]:
    """Documents that replace each other in a circle have no original: each circle counts as one, in its first month.

    Whatever is in a circle replaces something that is a replacement itself: few enough to be followed one by one.
    """
    edges = _edges(kept)
    onward = edges.select("series", nw.col("document_id").alias("replaces")).unique()
    followed = engine.collect(edges.join(onward, on=["series", "replaces"], how="semi"))
    months = {(row["series"], row["document_id"]): int(row["month"]) for row in followed}
    next_one = {(row["series"], row["document_id"]): (row["series"], row["replaces"]) for row in followed}
    return [(circle[0][0], min(months[each] for each in circle), 1) for circle in _circles(next_one)]


def _circles(next_one: Mapping[Any, Any]) -> Iterator[list[Any]]:
    seen: set[Any] = set()
    for start in next_one:
        path: dict[Any, None] = {}
        here = start
        while here in next_one and here not in seen and here not in path:
            path[here] = None
            here = next_one[here]
        if here in path:
            walked = list(path)
            yield walked[walked.index(here) :]
        seen.update(path)


def count_stays(engine: Engine, stays: LazyFrame, register: Iterable[str]) -> list[dict[str, Any]]:
    """What a log of stays says of each establishment and month.

    One row per `finess` and `month` (as the log writes it), `known` telling whether the establishment is: `lines`, and
    the least and the most `stays` that they tell (null when unknown).
    """
    known = engine.table(pa.table({"finess": pa.array(register, pa.string())})).with_columns(known=nw.lit(1))
    return engine.collect(
        stays.group_by("finess", "month")
        .agg(nw.len().alias("lines"), nw.col("stays").min().alias("least"), nw.col("stays").max().alias("most"))
        .join(known, on="finess", how="left")
    )
