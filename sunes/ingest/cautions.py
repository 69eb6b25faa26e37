"""What may be right and rarely is: a person has to confirm it before it is published."""

from collections.abc import Iterator, Mapping
from datetime import date

import pyarrow as pa

from sunes import engine, geography, metrics
from sunes.access.people import EVERYTHING
from sunes.engine import Frames
from sunes.french import count, day, number, percent
from sunes.ingest.report import Caution
from sunes.insights.changes import KIND_WORDS, Change, Kind, changes
from sunes.metrics import Row
from sunes.programme import Programme
from sunes.roster import roster
from sunes.snapshots import Snapshot
from sunes.view import View

Tables = Mapping[str, pa.Table]

# What a new snapshot seldom undoes, each to be confirmed.
_SETBACKS = (Kind.LEFT, Kind.FELL_BACK, Kind.NO_LONGER_ACCEPTED)
# A figure that loses more than this share since the snapshot before is worth a second look, unless it was tiny.
_FALL = 1 / 3
_TINY = 3
_FIGURES = {
    "eligible": "éligibles",
    "applicants": "candidats",
    "accepted": "retenus",
    "attained": "ayant atteint la cible",
}


def all_of(
    tables: Tables, own: Tables, previous: Snapshot | None, as_of: date, programme: Programme
) -> tuple[Caution, ...]:
    """Everything to confirm about tables that would be published as the state of a day.

    `own` are the rows that whoever publishes can do something about: all of them but for a regional editor.
    """
    found = list(_within(own, programme))
    if previous:
        found += _since(previous, tables, as_of, programme)
    return tuple(found)


def _within(tables: Tables, programme: Programme) -> Iterator[Caution]:
    """What is unusual in a snapshot taken by itself."""
    names = dict(zip(*(tables["establishments"].column(c).to_pylist() for c in ("finess", "name")), strict=True))
    windows = {window.number: window for window in programme.windows}
    applications = tables["applications"].to_pylist()
    decisions = {(row["finess"], row["window"], row["volet"]): row["decision"] for row in applications}

    def about(finess: str, more: str) -> str:
        return f"{names.get(finess) or finess} ({finess}), {more}"

    outside = [
        about(row["finess"], f"fenêtre {row['window']} : déposé le {day(row['filed_on'])}")
        for row in applications
        if row["filed_on"] and not windows[row["window"]].opens <= row["filed_on"] <= windows[row["window"]].closes
    ]
    if outside:
        what = count(len(outside), "candidature déposée hors", "candidatures déposées hors")
        yield Caution(f"{what} des dates de sa fenêtre.", tuple(outside))
    foreign = [
        about(row["finess"], f"fenêtre {row['window']}, volet {programme.volet(row['volet']).number}")
        for row in applications
        if row["volet"] not in windows[row["window"]].volets
    ]
    if foreign:
        what = count(len(foreign), "candidature porte", "candidatures portent")
        yield Caution(f"{what} sur un volet qui n’était pas ouvert dans sa fenêtre.", tuple(foreign))
    unaccepted = {
        (row["finess"], row["window"], row["volet"])
        for row in tables["usages"].to_pylist()
        if decisions.get((row["finess"], row["window"], row["volet"])) != "accepted"
    }
    if unaccepted:
        what = count(len(unaccepted), "candidature non retenue a", "candidatures non retenues ont")
        told = tuple(about(finess, f"fenêtre {window}") for finess, window, _ in sorted(unaccepted))
        yield Caution(f"{what} des usages : ils ne comptent pas.", told)


def _since(previous: Snapshot, tables: Tables, as_of: date, programme: Programme) -> Iterator[Caution]:
    """What a snapshot takes back of the one before."""
    before = engine.frames([previous], EVERYTHING)
    after = frames_of(tables, as_of)
    found = changes(*(roster(frames, View(), programme) for frames in (before, after)))
    when = f"depuis la situation au {day(previous.as_of)}"
    for kind in _SETBACKS:
        setbacks = [change for change in found if change.kind is kind]
        if setbacks:
            what = f"{count(len(setbacks), 'établissement')} {KIND_WORDS[kind][len(setbacks) > 1]}"
            yield Caution(f"{what} {when}.", tuple(_about(change, programme) for change in setbacks))
    fallen = list(_fallen(before, after, programme))
    if fallen:
        what = count(len(fallen), "chiffre baisse", "chiffres baissent")
        yield Caution(f"{what} de plus d’un tiers {when}.", tuple(fallen))


def frames_of(tables: Tables, as_of: date) -> Frames:
    """Frames over tables that are not published yet."""
    return engine.frames_from_tables([(as_of, 1, tables)], "pyarrow")


def _about(change: Change, programme: Programme) -> str:
    volet = f", volet {programme.volet(change.volet).number}" if change.volet else ""
    return f"{change.line.name} ({change.line.finess}){volet}"


def _fallen(before: Frames, after: Frames, programme: Programme) -> Iterator[str]:
    by = ("region", "volet")
    was, now = (metrics.answer(frames, View(), by, programme=programme).rows for frames in (before, after))
    known = {(row["region"], row["volet"]): row for row in now}
    told = set()
    for row in was:
        current: Row = known.get((row["region"], row["volet"]), {})
        for metric, words in _FIGURES.items():
            old, new = row[metric] or 0, current.get(metric) or 0
            if old < _TINY or new >= old * (1 - _FALL):
                continue
            # Eligible establishments are the same in both volets.
            volet = "" if metric == "eligible" else f", volet {programme.volet(row['volet']).number}"
            told.add(
                f"{_region(row['region'])}{volet} : {number(old)} → {number(new)} {words} ({percent(new / old - 1)})"
            )
    yield from sorted(told)


def _region(code: str) -> str:
    known = geography.regions()
    return known[code].name if code in known else code
