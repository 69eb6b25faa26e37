"""The establishments behind the figures: where each one stands in each volet. Their counts are those of `metrics`."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import narwhals as nw

from sunes import french
from sunes.engine import Frames, Header
from sunes.programme import Programme, Volet
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
    """Every establishment of a View in one snapshot, by name in French order."""

    view: View
    header: Header
    lines: tuple[Line, ...]

    def count(self, volet: str, *states: State) -> int:
        """How many establishments are in one of these states in a volet."""
        return sum(line.states[volet] in states for line in self.lines)


def roster(frames: Frames, view: View, programme: Programme) -> Roster:
    """The establishments that a View is about, eligible or not, from the frames of one snapshot."""
    establishments = _rows(frames.establishments, view, territory=True)
    applications, usages = _by_establishment(frames.applications, view), _by_establishment(frames.usages, view)
    volets = [volet for volet in programme.volets if view.volet in (None, volet.id)]
    lines = []
    for establishment in establishments:
        own, measured = applications[establishment["finess"]], usages[establishment["finess"]]
        states = {volet.id: _state(volet, own, measured) for volet in volets}
        lines.append(Line(establishment, tuple(own), tuple(measured), states))
    lines.sort(key=lambda line: (french.sort_key(line.name), line.finess))
    return Roster(view, frames.headers[0], tuple(lines))


def _state(volet: Volet, applications: list[Cells], usages: list[Cells]) -> State:
    own = [row for row in applications if row["volet"] == volet.id]
    found = {_window_state(volet, row["window"], usages) for row in own if row["decision"] == "accepted"}
    if found:
        return min(found, key=list(State).index)
    filed = any(row["decision"] != "withdrawn" for row in own)
    return State.APPLICANT if filed else State.NOT_APPLICANT


def _window_state(volet: Volet, window: int, usages: list[Cells]) -> State:
    rows = [row for row in usages if row["volet"] == volet.id and row["window"] == window]
    required = [row["status"] for row in rows if row["indicator"] in volet.required]
    if "missed" in required:
        return State.MISSED
    if required.count("attained") == len(volet.required):
        return State.ATTAINED
    if "attained" in required:
        return State.IN_PROGRESS
    return State.NOT_EVALUATED if rows else State.ACCEPTED


def _by_establishment(frame: nw.LazyFrame[Any], view: View) -> Mapping[str, list[Cells]]:
    found: defaultdict[str, list[Cells]] = defaultdict(list)
    for row in sorted(_rows(frame, view), key=lambda row: (row["window"], row["volet"], row.get("indicator", ""))):
        found[row["finess"]].append(row)
    return found


def _rows(frame: nw.LazyFrame[Any], view: View, territory: bool = False) -> list[Cells]:
    wanted: dict[str, tuple[Any, ...]] = {"finess": view.finess}
    if territory:
        wanted |= {
            "region_code": view.regions,
            "department_code": view.departments,
            "legal_status": view.legal_statuses,
        }
    else:
        wanted |= {"window": view.windows, "volet": (view.volet,) if view.volet else ()}
    for column, values in wanted.items():
        if values:
            frame = frame.filter(nw.col(column).is_in(values))
    rows: list[Cells] = frame.drop("snapshot").collect().to_arrow().to_pylist()
    return rows
