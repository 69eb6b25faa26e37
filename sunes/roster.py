"""The establishments behind the figures: where each one stands in each volet. Their counts are those of `metrics`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import narwhals as nw

from sunes import engine, french
from sunes.access.people import ForbiddenError, Sight
from sunes.engine import Frames, Header
from sunes.memo import Memo
from sunes.programme import Programme
from sunes.schema import TABLES
from sunes.view import View

Cells = Mapping[str, Any]


class State(StrEnum):
    """Where an establishment stands in a volet, the furthest first.

    ATTAINED and MISSED are the two ways of being evaluated; IN_PROGRESS has a part of its required indicators
    evaluated, NOT_EVALUATED has usages without an evaluation, ACCEPTED has no usage yet.
    """

    ATTAINED = "attained"
    MISSED = "missed"
    IN_PROGRESS = "in_progress"
    NOT_EVALUATED = "not_evaluated"
    ACCEPTED = "accepted"
    APPLICANT = "applicant"
    NOT_APPLICANT = "not_applicant"

    @property
    def is_accepted(self) -> bool:
        return self not in (State.APPLICANT, State.NOT_APPLICANT)


STATE_LABELS: Mapping[State, str] = {
    State.ATTAINED: "cible atteinte",
    State.MISSED: "cible manquée",
    State.IN_PROGRESS: "en cours d’évaluation",
    State.NOT_EVALUATED: "non évaluée",
    State.ACCEPTED: "retenu, sans mesure",
    State.APPLICANT: "candidat, non retenu",
    State.NOT_APPLICANT: "non candidat",
}

# A sign beside each label, so that a state can be told without its colour.
STATE_SIGNS: Mapping[State, str] = {
    State.ATTAINED: "●",
    State.MISSED: "✕",
    State.IN_PROGRESS: "◐",
    State.NOT_EVALUATED: "○",
    State.ACCEPTED: "◇",
    State.APPLICANT: "△",
    State.NOT_APPLICANT: "·",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One establishment.

    Attributes
    ----------
    establishment
        Its row of the `establishments` table.
    applications, usages
        Its rows of these tables, within the View's windows and volet, by window and volet.
    states
        Volet → State, for each volet of the View.
    """

    establishment: Cells
    applications: tuple[Cells, ...]
    usages: tuple[Cells, ...]
    states: Mapping[str, State]

    @property
    def finess(self) -> str:
        return str(self.establishment["finess"])

    @property
    def name(self) -> str:
        return str(self.establishment["name"]) or self.finess


@dataclass(frozen=True, slots=True)
class Roster:
    """The establishments of a View in one snapshot that may be seen, by name in French order.

    Attributes
    ----------
    withheld
        How many others the View is about. Of a View of FINESS numbers, it is how many of these may not be seen: those
        that are not there at all are counted too, so that nobody learns which ones are.
    """

    view: View
    header: Header
    lines: tuple[Line, ...]
    withheld: int = 0

    def count(self, volet: str, *states: State) -> int:
        """How many establishments are in one of these states in a volet."""
        return sum(line.states[volet] in states for line in self.lines)


def roster(frames: Frames, view: View, programme: Programme) -> Roster:
    """The establishments that a View is about, eligible or not, from the frames of one snapshot and in their sight.

    Raises what `Frames.collect` raises.
    """
    volets = _volets(programme)
    day = frames.headers[0].as_of.isoformat()

    def everyone(finess: Sequence[str] = ()) -> tuple[Line, ...]:
        return _lines(frames, finess, volets).get(day, ())

    if not frames.snapshots:
        return _of_view(_narrowed(everyone(view.finess), view, volets), frames.headers[0], view, frames.sight)
    key = engine.content(frames.snapshots[0]), volets
    lines = _EVERYONE.of([key], lambda _: [(key, everyone())])[0]
    if view.windows or view.volet:
        narrow = *key, view.windows, view.volet
        lines = _NARROWED.of([narrow], lambda _: [(narrow, _narrowed(lines, view, volets))])[0]
    return _of_view(lines, frames.headers[0], view, frames.sight)


def history(frames: Frames, view: View, programme: Programme) -> tuple[Roster, ...]:
    """The same in each of the snapshots of `frames`, oldest first.

    Meant for a View of a few FINESS numbers, of which everything is read in one go.
    """
    volets = _volets(programme)
    lines = _lines(frames, view.finess, volets)
    headers = sorted(frames.headers, key=lambda header: header.as_of)
    return tuple(
        _of_view(_narrowed(lines.get(header.as_of.isoformat(), ()), view, volets), header, view, frames.sight)
        for header in headers
    )


def unseen(frames: Frames, finess: Sequence[str]) -> tuple[str, ...]:
    """Those of these numbers that the sight of `frames` doesn't show, whether they are there or not; none of the whole.

    A number is shown that is in one of the snapshots, and in none where it may not be seen.
    """
    if frames.sight.is_whole or not finess:
        return ()
    table = frames.table("establishments", "finess", "region_code")
    rows = frames.collect(table.filter(nw.col("finess").is_in(finess))).to_pylist()
    hidden = {row["finess"] for row in rows if not frames.sight.shows(row)}
    shown = {row["finess"] for row in rows} - hidden
    return tuple(number for number in finess if number not in shown)


def require(frames: Frames, finess: Sequence[str]) -> None:
    """Raises ForbiddenError where one of these numbers is `unseen`."""
    if hidden := unseen(frames, finess):
        raise ForbiddenError(unseen_said(hidden))


def unseen_said(finess: Sequence[str]) -> str:
    """That these numbers lead to nothing that may be seen; whether they exist is not said."""
    return french.typographic(f"{numbers_said(finess)} : aucun établissement dont vous puissiez voir le détail.")


def numbers_said(finess: Sequence[str]) -> str:
    """« Numéros FINESS 990000001 et 990000002 », the first twenty of many."""
    shown = french.join([*finess[:20], *([f"{len(finess) - 20} autres"] if len(finess) > 20 else [])])
    return f"{'Numéro FINESS' if len(finess) == 1 else 'Numéros FINESS'} {shown}"


def withheld_said(number: int, more: str = "") -> str:
    """« Le détail de 1 204 établissements est réservé. », with `more` before the full stop; "" where none is."""
    return (
        french.typographic(f"Le détail de {french.count(number, 'établissement')} est réservé{more}.") if number else ""
    )


def forget() -> None:
    """Forget every establishment that is kept."""
    _EVERYONE.forget()
    _NARROWED.forget()


def kept() -> int:
    """How many bytes are kept now, about."""
    return _EVERYONE.bytes + _NARROWED.bytes


# A volet and the indicators that it requires.
_Volet = tuple[str, tuple[str, ...]]
_Key = tuple[str, tuple[_Volet, ...]]

# The establishments of a snapshot that are kept, in bytes, and what one row takes. Rosters share their lines.
KEPT = 256 * 1024 * 1024
_ROW_BYTES = 600
_EVERYONE: Memo[_Key, tuple[Line, ...]] = Memo(
    KEPT, lambda lines: _ROW_BYTES * sum(1 + len(line.applications) + len(line.usages) for line in lines), "lines"
)
# The same within some windows or one volet: new lines of the same rows.
KEPT_NARROWED = 64 * 1024 * 1024
_LINE_BYTES = 500
_NARROWED: Memo[tuple[str, tuple[_Volet, ...], tuple[int, ...], str | None], tuple[Line, ...]] = Memo(
    KEPT_NARROWED, lambda lines: _LINE_BYTES * len(lines), "narrowed"
)


def _volets(programme: Programme) -> tuple[_Volet, ...]:
    return tuple((volet.id, volet.required) for volet in programme.volets)


def _of_view(lines: Sequence[Line], header: Header, view: View, sight: Sight) -> Roster:
    """Those of these lines that a View is about and that may be seen, in their order."""
    own = lines
    for column, values in (
        ("finess", view.finess),
        ("department_code", view.departments),
        ("region_code", view.regions),
        ("legal_status", view.legal_statuses),
    ):
        if values:
            wanted = frozenset(values)
            own = [line for line in own if line.establishment[column] in wanted]
    kept = own if sight.is_whole else [line for line in own if sight.shows(line.establishment)]
    withheld = len(own) - len(kept)
    if view.finess and not sight.is_whole:
        shown = {line.finess for line in lines if sight.shows(line.establishment)}
        withheld = len(set(view.finess) - shown)
    return Roster(view, header, tuple(kept), withheld)


def _narrowed(lines: tuple[Line, ...], view: View, volets: Sequence[_Volet]) -> tuple[Line, ...]:
    """Lines within the windows and the volet of a View."""
    if not view.windows and not view.volet:
        return lines
    asked = [volet for volet in volets if view.volet in (None, volet[0])]

    def within(rows: Iterable[Cells]) -> tuple[Cells, ...]:
        return tuple(
            row
            for row in rows
            if (not view.windows or row["window"] in view.windows) and view.volet in (None, row["volet"])
        )

    return tuple(
        _line(line.establishment, within(line.applications), within(line.usages), asked)
        if view.windows
        else Line(
            line.establishment, within(line.applications), within(line.usages), {v: line.states[v] for v, _ in asked}
        )
        for line in lines
    )


def _line(
    establishment: Cells, applications: tuple[Cells, ...], usages: tuple[Cells, ...], volets: Sequence[_Volet]
) -> Line:
    measured: defaultdict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for row in usages:
        measured[row["volet"], row["window"]][row["indicator"]] = row["status"]
    states = {
        volet: _state([row for row in applications if row["volet"] == volet], measured, required)
        for volet, required in volets
    }
    return Line(establishment, applications, usages, states)


def _state(
    own: Sequence[Cells], measured: Mapping[tuple[str, int], Mapping[str, str]], required: Sequence[str]
) -> State:
    found = {
        _window_state(measured.get((row["volet"], row["window"]), {}), required)
        for row in own
        if row["decision"] == "accepted"
    }
    if found:
        return min(found, key=_ORDER.__getitem__)
    filed = any(row["decision"] != "withdrawn" for row in own)
    return State.APPLICANT if filed else State.NOT_APPLICANT


_ORDER = {state: rank for rank, state in enumerate(State)}


def _window_state(statuses: Mapping[str, str], required: Sequence[str]) -> State:
    told = [statuses.get(indicator) for indicator in required]
    if "missed" in told:
        return State.MISSED
    if told.count("attained") == len(required):
        return State.ATTAINED
    if "attained" in told:
        return State.IN_PROGRESS
    return State.NOT_EVALUATED if statuses else State.ACCEPTED


def _lines(frames: Frames, finess: Sequence[str], volets: Sequence[_Volet]) -> Mapping[str, tuple[Line, ...]]:
    """Every establishment (or those of these numbers) in each snapshot, by its day, in French order."""
    applications, usages = (_by_establishment(frames, name, finess) for name in ("applications", "usages"))
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for key, (establishment,) in _by_establishment(frames, "establishments", finess).items():
        lines[key[0]].append(_line(establishment, applications.get(key, ()), usages.get(key, ()), volets))
    order = lru_cache(maxsize=None)(french.sort_key)
    return {day: tuple(sorted(each, key=lambda line: (order(line.name), line.finess))) for day, each in lines.items()}


def _by_establishment(frames: Frames, name: str, finess: Sequence[str]) -> Mapping[tuple[str, str], tuple[Cells, ...]]:
    """The rows of a table in the order of its key, by snapshot and FINESS number."""
    frame = getattr(frames, name)
    if finess:
        frame = frame.filter(nw.col("finess").is_in(finess))
    key = TABLES[name].key
    table = frames.collect(frame)
    table = table.sort_by([(column, "ascending") for column in ("snapshot", *key)])
    days, columns = table["snapshot"].to_pylist(), TABLES[name].schema.names
    found: defaultdict[tuple[str, str], list[Cells]] = defaultdict(list)
    for day, *cells in zip(days, *(table[column].to_pylist() for column in columns), strict=True):
        row = dict(zip(columns, cells, strict=True))
        found[day, row["finess"]].append(row)
    return {each: tuple(rows) for each, rows in found.items()}
