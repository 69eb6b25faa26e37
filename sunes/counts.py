"""What is counted, per group: the part of the metrics that runs on an engine, in portable Narwhals.

Written for what all engines do alike: 0/1 columns, plain sums per group, a distinct count as one row each and then a
sum. Ratios are left to `metrics`, on the small collected result.
"""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from sunes.engine import Frames
from sunes.programme import Programme
from sunes.view import View

LazyFrame = nw.LazyFrame[Any]
Group = tuple[Any, ...]

TERRITORY = {"region": "region_code", "department": "department_code", "legal_status": "legal_status"}
ROW = ("snapshot", "finess", "window", "volet")

# Activities are added as whole millionths: integer sums are the same whatever the order in which an engine adds.
MILLION = 1_000_000

PLACE_COUNTS = ("eligible", "activity_eligible", "activity_eligible_known")
DOSSIER_COUNTS = ("applications", "accepted_applications", "rejected_applications", "grants", "grants_known")
APPLICANT_COUNTS = ("applicants", "accepted", "newcomers", "activity_applicants", "activity_applicants_known")
OUTCOME_COUNTS = ("evaluated", "attained")
COUNTED = PLACE_COUNTS + DOSSIER_COUNTS + APPLICANT_COUNTS + OUTCOME_COUNTS


def count(
    frames: Frames, view: View, cut: Sequence[str], *, programme: Programme, with_attainment: bool
) -> tuple[dict[Group, dict[str, int]], dict[Group, dict[str, int]]]:
    """Count a View's establishments and dossiers per group.

    Parameters
    ----------
    cut
        Columns that make a group: `snapshot` first, then any of TERRITORY's columns, `window`, `volet`.
    with_attainment
        Whether to look into the usages; without it `evaluated` and `attained` are absent.

    Returns
    -------
    Per territory (the part of `cut` that is neither window nor volet), what is never cut by those: `eligible`,
    `activity_eligible` and how many of these activities are known. Every territory that has an establishment is there.
    Per group of `cut`, the counts of applications, of applicants and of what became of them. A group without any
    application is absent.
    """
    territory = [column for column in cut if column not in ("window", "volet")]
    establishments = _establishments(frames, view)
    applications = _applications(frames, view).join(establishments, on=["snapshot", "finess"], how="inner")
    if with_attainment:
        applications = _with_attainment(applications, frames, programme)
    dossiers = _collect(_dossiers(applications, cut), cut)
    applicants = _collect(_applicants(applications, cut, with_attainment), cut)
    groups = {group: dossiers[group] | applicants[group] for group in dossiers}
    return _collect(_eligible(establishments, territory), territory), groups


def _collect(frame: LazyFrame, cut: Sequence[str]) -> dict[Group, dict[str, int]]:
    collected = frame.collect().to_arrow()
    groups = zip(*(collected.column(name).to_pylist() for name in cut), strict=True)
    tallies = collected.drop_columns(list(cut)).to_pylist()
    # Some engines widen a sum of integers to a decimal type.
    return {
        group: {name: int(total) for name, total in tally.items()} for group, tally in zip(groups, tallies, strict=True)
    }


def _establishments(frames: Frames, view: View) -> LazyFrame:
    frame = frames.establishments
    for column, wanted in (
        ("region_code", view.regions),
        ("department_code", view.departments),
        ("legal_status", view.legal_statuses),
        ("finess", view.finess),
    ):
        if wanted:
            frame = frame.filter(nw.col(column).is_in(wanted))
    activity = nw.col("combined_activity")
    return frame.select(
        "snapshot",
        "finess",
        *TERRITORY.values(),
        eligible=nw.col("eligible").cast(nw.Int64),
        activity=(activity.fill_null(0.0) * MILLION + 0.5).floor().cast(nw.Int64),
        activity_known=(~activity.is_null()).cast(nw.Int64),
    )


def _applications(frames: Frames, view: View) -> LazyFrame:
    """One row per establishment × window × volet of the View, with 0/1 columns for what became of it."""
    rows = frames.applications.select("snapshot", "finess", "window", "volet", "decision", "grant_eur")
    first = (
        rows.filter(nw.col("decision") == "accepted")
        .group_by("snapshot", "finess")
        .agg(nw.col("window").min().alias("first_window"))
    )
    if view.windows:
        rows = rows.filter(nw.col("window").is_in(view.windows))
    if view.volet:
        rows = rows.filter(nw.col("volet") == view.volet)
    return rows.join(first, on=["snapshot", "finess"], how="left").select(
        *ROW,
        filed=(nw.col("decision") != "withdrawn").cast(nw.Int64),
        accepted=(nw.col("decision") == "accepted").cast(nw.Int64),
        rejected=(nw.col("decision") == "rejected").cast(nw.Int64),
        first=(nw.col("window") == nw.col("first_window")).fill_null(False).cast(nw.Int64),
        grant=nw.col("grant_eur").fill_null(0).cast(nw.Int64),
        grant_known=(~nw.col("grant_eur").is_null()).cast(nw.Int64),
    )


def _with_attainment(applications: LazyFrame, frames: Frames, programme: Programme) -> LazyFrame:
    """Add `attained` and `evaluated` (0/1): what the required indicators say of each accepted row."""
    required = nw.lit(0)
    of_volet = nw.lit(False)
    for volet in programme.volets:
        is_volet = nw.col("volet") == volet.id
        of_volet = of_volet | (is_volet & nw.col("indicator").is_in(volet.required))
        required = nw.when(is_volet).then(nw.lit(len(volet.required))).otherwise(required)
    results = (
        frames.usages.filter(of_volet)
        .select(
            *ROW,
            attained_indicators=(nw.col("status") == "attained").cast(nw.Int64),
            missed_indicators=(nw.col("status") == "missed").cast(nw.Int64),
        )
        .group_by(*ROW)
        .agg(nw.col("attained_indicators").sum(), nw.col("missed_indicators").sum())
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


def _eligible(establishments: LazyFrame, territory: Sequence[str]) -> LazyFrame:
    return (
        establishments.with_columns(
            activity_eligible=nw.col("eligible") * nw.col("activity"),
            activity_eligible_known=nw.col("eligible") * nw.col("activity_known"),
        )
        .group_by(*territory)
        .agg(_sums(PLACE_COUNTS))
    )


def _dossiers(applications: LazyFrame, cut: Sequence[str]) -> LazyFrame:
    dossier = list(dict.fromkeys([*cut, "finess", "window"]))
    return (
        applications.with_columns(
            grants=nw.col("accepted") * nw.col("grant"),
            grants_known=nw.col("accepted") * nw.col("grant_known"),
        )
        .group_by(dossier)
        .agg(
            nw.col("filed").max().alias("applications"),
            nw.col("accepted").max().alias("accepted_applications"),
            nw.col("rejected").max().alias("rejected_applications"),
            nw.col("grants").sum(),
            nw.col("grants_known").sum(),
        )
        .group_by(*cut)
        .agg(_sums(DOSSIER_COUNTS))
    )


def _applicants(applications: LazyFrame, cut: Sequence[str], with_attainment: bool) -> LazyFrame:
    outcomes = OUTCOME_COUNTS if with_attainment else ()
    return (
        applications.with_columns(newcomer=nw.col("accepted") * nw.col("first"))
        .group_by(*cut, "finess")
        .agg(
            nw.col("filed").max().alias("applicants"),
            nw.col("accepted").max(),
            nw.col("newcomer").max().alias("newcomers"),
            nw.col("activity").max(),
            nw.col("activity_known").max(),
            *(nw.col(name).max() for name in outcomes),
        )
        .with_columns(
            activity_applicants=nw.col("applicants") * nw.col("activity"),
            activity_applicants_known=nw.col("applicants") * nw.col("activity_known"),
        )
        .group_by(*cut)
        .agg(_sums(APPLICANT_COUNTS + outcomes))
    )


def _sums(columns: Sequence[str]) -> list[nw.Expr]:
    return [nw.col(column).sum() for column in columns]
