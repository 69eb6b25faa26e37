"""The metrics a second time: slow, obvious, without any dataframe library. What the fast ones are checked against.

A group is a dict such as `{"region": "76", "window": 2}`: the establishments of region 76, window 2, every volet.
Nothing here comes from `sunes.metrics`, and nothing should: two readings of one definition that agree are worth more
than one reading copied.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import product
from math import ceil
from typing import Any

from sunes.programme import Programme, Target
from sunes.schema import LEGAL_STATUSES
from sunes.view import View
from tests.rows import Row, Snapshot, Tables

Group = dict[str, Any]

TERRITORY = {"region": "region_code", "department": "department_code", "legal_status": "legal_status"}


def answer(
    programme: Programme, snapshots: Sequence[Snapshot], view: View, by: Sequence[str], simulated: bool = False
) -> list[Row]:
    """One row per group of `by`, sorted by its key: the keys, every metric, and the snapshot it comes from."""
    rows = []
    for as_of, revision, tables in snapshots:
        inside = [e for e in tables["establishments"] if _is_inside(e, view)]
        for group in _groups(programme, inside, view, by):
            origin = {"snapshot": as_of.isoformat(), "revision": revision, "simulated": simulated}
            rows.append(group | origin | _metrics(programme, as_of, inside, tables, view, group))
    return sorted(rows, key=lambda row: [_rank(programme, key, row[key]) for key in by])


def _is_inside(establishment: Row, view: View) -> bool:
    """Whether an establishment is of the view's territory and kind. An empty filter lets everything through."""
    return (
        (not view.regions or establishment["region_code"] in view.regions)
        and (not view.departments or establishment["department_code"] in view.departments)
        and (not view.legal_statuses or establishment["legal_status"] in view.legal_statuses)
        and (not view.finess or establishment["finess"] in view.finess)
    )


def _groups(programme: Programme, inside: list[Row], view: View, by: Sequence[str]) -> Iterator[Group]:
    """Territories that hold an establishment × windows × volets: a window in which nobody applied is a group too."""
    territory_keys = [key for key in by if key in TERRITORY]
    territories = {tuple(establishment[TERRITORY[key]] for key in territory_keys) for establishment in inside}
    if not territory_keys:
        territories = {()}
    windows = _windows(programme, view) if "window" in by else [None]
    volets = _volets(programme, view) if "volet" in by else [None]
    for territory, window, volet in product(territories, windows, volets):
        group: Group = dict(zip(territory_keys, territory, strict=True))
        if window is not None:
            group["window"] = window
        if volet is not None:
            group["volet"] = volet
        yield group


def _windows(programme: Programme, view: View) -> set[int]:
    return set(view.windows or programme.window_numbers)


def _volets(programme: Programme, view: View) -> set[str]:
    return {view.volet} if view.volet else set(programme.volet_ids)


def _rank(programme: Programme, key: str, value: Any) -> Any:
    """Where a value stands among those of its key: volets and statuses have an order of their own."""
    if key == "volet":
        return programme.volet_ids.index(value)
    if key == "legal_status":
        return LEGAL_STATUSES.index(value)
    return value


def _metrics(
    programme: Programme, as_of: date, inside: list[Row], tables: Tables, view: View, group: Group
) -> dict[str, Any]:
    """Every metric of one group of one snapshot."""
    here = [e for e in inside if all(e[TERRITORY[key]] == group[key] for key in TERRITORY if key in group)]
    finess_here = {e["finess"] for e in here}
    windows = {group["window"]} if "window" in group else _windows(programme, view)
    volets = {group["volet"]} if "volet" in group else _volets(programme, view)
    rows = [
        row
        for row in tables["applications"]
        if row["finess"] in finess_here and row["window"] in windows and row["volet"] in volets
    ]
    accepted_rows = [row for row in rows if row["decision"] == "accepted"]

    eligible = {e["finess"] for e in here if e["eligible"]}
    applications = _dossiers(row for row in rows if row["decision"] != "withdrawn")
    applicants = {finess for finess, _ in applications}
    accepted_applications = _dossiers(accepted_rows)
    accepted = {finess for finess, _ in accepted_applications}
    rejected_applications = _dossiers(row for row in rows if row["decision"] == "rejected")

    newcomers = None
    if "window" in group:
        newcomers = len({f for f in accepted if _first_accepted_window(tables, f) == group["window"]})

    activity_applicants = _known_sum([e["combined_activity"] for e in here if e["finess"] in applicants])
    activity_eligible = _known_sum([e["combined_activity"] for e in here if e["eligible"]])

    volet = group.get("volet", view.volet)
    return {
        "eligible": len(eligible),
        "applications": len(applications),
        "applicants": len(applicants),
        "newcomers": newcomers,
        "accepted_applications": len(accepted_applications),
        "accepted": len(accepted),
        "rejected_applications": len(rejected_applications),
        "participation_rate": _ratio(len(applicants), len(eligible)),
        "acceptance_rate": _ratio(len(accepted_applications), len(accepted_applications) + len(rejected_applications)),
        "activity_applicants": activity_applicants,
        "activity_eligible": activity_eligible,
        "activity_share": _ratio(activity_applicants, activity_eligible),
        "grants_eur": _known_sum([row["grant_eur"] for row in accepted_rows]),
    } | _attainment(programme, volet, _target(programme, volet, view, group, as_of), accepted_rows, tables["usages"])


def _attainment(
    programme: Programme, volet: str | None, target: Target | None, accepted_rows: list[Row], usages: list[Row]
) -> dict[str, Any]:
    """The metrics that make sense within one volet only; all null without one."""
    within_a_volet = ("evaluated", "attained", "attainment_rate", "attainment_rate_max")
    against_a_target = ("target_rate", "gap_points", "gap_establishments")
    answer: dict[str, Any] = dict.fromkeys(within_a_volet + against_a_target)
    if volet is None:
        return answer

    states = [(row["finess"], _state(programme, row, usages)) for row in accepted_rows]
    accepted = {finess for finess, _ in states}
    attained = {finess for finess, state in states if state == "attained"}
    evaluated = {finess for finess, state in states if state in ("attained", "missed")}
    answer["evaluated"] = len(evaluated)
    answer["attained"] = len(attained)
    answer["attainment_rate"] = _ratio(len(attained), len(accepted))
    answer["attainment_rate_max"] = _ratio(len(attained) + len(accepted) - len(evaluated), len(accepted))
    if target is not None:
        share = Fraction(target.share)  # exact: seven tenths of ten is seven, not a hair more
        answer["target_rate"] = float(share)
        answer["gap_establishments"] = max(0, ceil(share * len(accepted)) - len(attained))
        if accepted:
            answer["gap_points"] = float(Fraction(len(attained), len(accepted)) - share)
    return answer


def _target(programme: Programme, volet: str | None, view: View, group: Group, as_of: date) -> Target | None:
    """The target of the group's region; else of the only region that the view shows; else the one of every region."""
    if "region" in group:
        region = group["region"]
    elif len(view.regions) == 1:
        region = view.regions[0]
    else:
        region = None
    return programme.target(volet, region, as_of)


def _state(programme: Programme, accepted_row: Row, usages: list[Row]) -> str:
    """Of one establishment's volet in one window. An indicator without a row is not evaluated."""
    key = ("finess", "window", "volet")
    found = {u["indicator"]: u["status"] for u in usages if all(u[k] == accepted_row[k] for k in key)}
    statuses = [found.get(indicator, "not_evaluated") for indicator in programme.volet(accepted_row["volet"]).required]
    if all(status == "attained" for status in statuses):
        return "attained"
    if any(status == "missed" for status in statuses):
        return "missed"
    return "not_evaluated"


def _dossiers(rows: Iterable[Row]) -> set[tuple[str, int]]:
    """A dossier is one establishment in one window, whatever its number of volets."""
    return {(row["finess"], row["window"]) for row in rows}


def _first_accepted_window(tables: Tables, finess: str) -> int:
    """Over the whole programme: what the view leaves out still makes an establishment an old hand."""
    rows = (row for row in tables["applications"] if row["finess"] == finess and row["decision"] == "accepted")
    windows: list[int] = [row["window"] for row in rows]
    return min(windows)


def _known_sum(values: list[Any]) -> Any:
    """The sum of the known values. Nobody to sum gives 0; somebody, but nothing known, gives null."""
    known = [value for value in values if value is not None]
    return None if values and not known else sum(known)


def _ratio(numerator: float | None, denominator: float | None) -> float | None:
    """x/0 is null, and so is whatever is divided by the unknown."""
    return None if numerator is None or not denominator else numerator / denominator
