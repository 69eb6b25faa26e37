"""What changed between two snapshots, establishment by establishment."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sunes import french
from sunes.access.people import EVERYTHING
from sunes.engine import Frames
from sunes.programme import Programme
from sunes.roster import Line, Roster, State, roster
from sunes.view import View


class Kind(StrEnum):
    """A way for an establishment to have changed, the ones that move the figures most first."""

    ATTAINED = "attained"
    FELL_BACK = "fell_back"
    MISSED = "missed"
    ACCEPTED = "accepted"
    NO_LONGER_ACCEPTED = "no_longer_accepted"
    APPLIED = "applied"
    WITHDREW = "withdrew"
    ENTERED = "entered"
    LEFT = "left"


# Said of one establishment, and of several.
KIND_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.ATTAINED: ("a atteint la cible", "ont atteint la cible"),
    Kind.FELL_BACK: ("n’atteint plus la cible", "n’atteignent plus la cible"),
    Kind.MISSED: ("a manqué la cible", "ont manqué la cible"),
    Kind.ACCEPTED: ("est retenu", "sont retenus"),
    Kind.NO_LONGER_ACCEPTED: ("n’est plus retenu", "ne sont plus retenus"),
    Kind.APPLIED: ("a candidaté", "ont candidaté"),
    Kind.WITHDREW: ("n’est plus candidat", "ne sont plus candidats"),
    Kind.ENTERED: ("entre au registre", "entrent au registre"),
    Kind.LEFT: ("sort du registre", "sortent du registre"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one establishment; `volet` is None where it concerns the register."""

    kind: Kind
    line: Line
    volet: str | None = None


# How many establishments changed in which way, by volet.
Counts = Mapping[tuple[str | None, Kind], int]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed between two snapshots: counted of all establishments, told of those that may be seen one by one.

    Attributes
    ----------
    told
        The changes of these, as `changes` gives them.
    moved, withheld
        How many establishments changed, and how many of these may not be seen.
    """

    counts: Counts
    told: tuple[Change, ...]
    moved: int
    withheld: int


def between(before: Frames, after: Frames, view: View, programme: Programme) -> Changes:
    """What changed for a View between the frames of two snapshots, told in the sight of `after`.

    Of a View of FINESS numbers, only those in sight are counted: a count of one establishment is its detail.
    """
    counted = after.sight if view.finess else EVERYTHING
    found = changes(*(roster(replace(frames, sight=counted), view, programme) for frames in (before, after)))
    told = tuple(change for change in found if after.sight.shows(change.line.establishment))
    moved, seen = (len({change.line.finess for change in each}) for each in (found, told))
    return Changes(counts(found), told, moved, moved - seen)


def counts(found: Iterable[Change]) -> Counts:
    """How many establishments changed in which way, by volet."""
    return Counter((change.volet, change.kind) for change in found)


def changes(before: Roster, after: Roster) -> tuple[Change, ...]:
    """Every change between two rosters of the same View, by kind, then by name.

    An establishment shows in each volet the furthest that it moved: who was accepted and attained the target since is
    there once, as having attained it.
    """
    was, now = ({line.finess: line for line in roster.lines} for roster in (before, after))
    found = [Change(Kind.LEFT, was[finess]) for finess in was.keys() - now.keys()]
    for finess, line in now.items():
        old = was.get(finess)
        if old is None:
            found.append(Change(Kind.ENTERED, line))
        for volet, state in line.states.items():
            kind = _moved(old.states[volet] if old else State.NOT_APPLICANT, state)
            if kind:
                found.append(Change(kind, line, volet))
    order = list(Kind)
    return tuple(
        sorted(found, key=lambda each: (order.index(each.kind), french.sort_key(each.line.name), each.line.finess))
    )


def _moved(old: State, new: State) -> Kind | None:
    if old is new:
        return None
    if new is State.ATTAINED:
        return Kind.ATTAINED
    if old is State.ATTAINED:
        return Kind.FELL_BACK
    if new is State.MISSED:
        return Kind.MISSED
    if new.is_accepted != old.is_accepted:
        return Kind.ACCEPTED if new.is_accepted else Kind.NO_LONGER_ACCEPTED
    if State.NOT_APPLICANT in (old, new):
        return Kind.APPLIED if old is State.NOT_APPLICANT else Kind.WITHDREW
    return None


def summary(found: Counts | tuple[Change, ...], programme: Programme) -> str:
    """The changes in sentences: per volet, how many establishments changed in which way."""
    counted = found if isinstance(found, Mapping) else counts(found)
    subjects = {volet.id: f"Volet {volet.number}" for volet in programme.volets} | {None: "Registre"}
    sentences = [
        f"{subject} : {french.join(clauses)}."
        for volet, subject in subjects.items()
        if (clauses := [_clause(kind, n) for kind in Kind if (n := counted.get((volet, kind), 0))])
    ]
    return french.typographic(" ".join(sentences)) or "Aucun établissement n’a changé d’état."


def _clause(kind: Kind, number: int) -> str:
    return f"{french.number(number)} {KIND_WORDS[kind][number > 1]}"


def records(found: tuple[Change, ...], programme: Programme) -> list[dict[str, str]]:
    """The changes as a table that people read."""
    return [
        {
            "Établissement": change.line.name,
            "FINESS": change.line.finess,
            "Commune": str(change.line.establishment["commune_name"]),
            "Volet": f"Volet {programme.volet(change.volet).number}" if change.volet else "",
            "Changement": KIND_WORDS[change.kind][0],
        }
        for change in found
    ]
