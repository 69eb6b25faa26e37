"""One establishment in full: what it still lacks, and how it went over the snapshots."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sunes import french
from sunes.establishments.measures import DECISION_LABELS, STATUS_LABELS, Measure, measures, progress, required_measures
from sunes.programme import Programme, Volet
from sunes.roster import STATE_LABELS, Line, Roster, State
from sunes.roster import history as history  # what `course` takes
from sunes.view import View


def still_missing(line: Line, view: View, programme: Programme) -> tuple[str, ...]:
    """What keeps a line from attaining each volet of its View, one French sentence or more for each.

    A volet with several accepted windows is attained in any one of them: each has its own sentence.
    """
    return tuple(
        french.typographic(f"Volet {programme.volet(volet).number}{clause}")
        for volet, state in line.states.items()
        for clause in _missing(line, programme.volet(volet), state, view, programme)
    )


def _missing(line: Line, volet: Volet, state: State, view: View, programme: Programme) -> Iterable[str]:
    own = [row for row in line.applications if row["volet"] == volet.id]
    if state is State.ATTAINED:
        return [" : rien ne manque, la cible est atteinte."]
    if not state.is_accepted:
        return [f" : {_not_accepted(own, line, view)}"]
    lacking: dict[int, list[str]] = {}
    for measure in required_measures(line, programme):
        if measure.volet is volet and measure.status != "attained":
            lacking.setdefault(measure.window, []).append(_lacking(measure))
    return [
        f"{', ou' if rank else ','} fenêtre {window} ({deadline(window, programme)}) : {' ; '.join(lacks)}."
        for rank, (window, lacks) in enumerate(lacking.items())
    ]


def _not_accepted(own: Sequence[Mapping[str, Any]], line: Line, view: View) -> str:
    if not own:
        among = f" pour {_windows(view.windows)}" if view.windows else ""
        return f"aucune candidature{among}{'' if line.establishment['eligible'] else ', établissement non éligible'}."
    last = max(own, key=lambda row: row["window"])
    said = {
        "pending": "la candidature est encore en instruction",
        "rejected": "la candidature n’a pas été retenue",
        "withdrawn": "la candidature a été retirée",
    }
    return f"{said[last['decision']]} (fenêtre {last['window']})."


def _lacking(measure: Measure) -> str:
    name, standing = _lower(measure.indicator.name), STATUS_LABELS[measure.status]
    if measure.rate is None:
        return f"{name}, {standing if measure.status is None else f'{standing}, rien de mesuré'}"
    if measure.threshold is None:
        return f"{name}, {standing} à {french.percent(measure.rate)} (seuil non connu)"
    short = f", il en manque {french.number(measure.short_of)}" if measure.short_of else ""
    rates = f"{french.percent(measure.rate)} pour un seuil de {french.percent(measure.threshold, None)}"
    return f"{name}, {standing}{short} ({rates})"


def _windows(numbers: Sequence[int]) -> str:
    return f"{'la fenêtre' if len(numbers) == 1 else 'les fenêtres'} {french.join([str(n) for n in numbers])}"


def _lower(name: str) -> str:
    """A name inside a sentence: « lettres de liaison », but « MSSanté professionnelle »."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def deadline(window: int, programme: Programme) -> str:
    """« échéance le 30 septembre 2022 », « échéance non publiée »."""
    for each in programme.windows:
        if each.number == window and each.deadline:
            return f"échéance le {french.day(each.deadline.date)}"
    return "échéance non publiée"


# Over the snapshots ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Course:
    """One establishment over the snapshots in which it is, oldest first."""

    days: tuple[date, ...]
    lines: tuple[Line, ...]
    measures: tuple[Mapping[tuple[int, str], Measure], ...]

    @property
    def volets(self) -> tuple[str, ...]:
        return tuple(self.lines[-1].states) if self.lines else ()

    def of(self, key: tuple[int, str]) -> tuple[Measure | None, ...]:
        """One measure in each snapshot, None where there is none."""
        return tuple(known.get(key) for known in self.measures)

    def changes(self, volet: str) -> tuple[tuple[date, State], ...]:
        """Where it stood in a volet at first, and each snapshot in which that was no longer so."""
        found: list[tuple[date, State]] = []
        for day, line in zip(self.days, self.lines, strict=True):
            if not found or line.states[volet] is not found[-1][1]:
                found.append((day, line.states[volet]))
        return tuple(found)


def course(past: Sequence[Roster], finess: str, programme: Programme) -> Course:
    """What a history says of one establishment."""
    known = [(each.header.as_of, line) for each in past for line in each.lines if line.finess == finess]
    measured = tuple({measure.key: measure for measure in measures(line, programme)} for _, line in known)
    return Course(tuple(day for day, _ in known), tuple(line for _, line in known), measured)


# In words and as tables -----------------------------------------------------------------------------------------------


def indicators_finding(line: Line, programme: Programme) -> str:
    """How many of the required indicators are attained, as a title."""
    attained, required = progress(line, programme)
    if not required:
        return "Indicateurs : aucune candidature retenue"
    return french.typographic(f"Indicateurs requis : {french.number(attained)} sur {french.number(required)} atteints")


def since(past: Course, volet: str) -> str:
    """Since which snapshot it stands where it stands in a volet: « depuis la situation du 30 juin 2024 »."""
    changes = past.changes(volet)
    if len(changes) < 2:
        return "depuis la première situation connue"
    return f"depuis la situation du {french.day(changes[-1][0])}"


def history_finding(past: Course, programme: Programme) -> str:
    """What changed last, as a title."""
    turns = [(*change, volet) for volet in past.volets for change in past.changes(volet)[1:]]
    if not turns:
        return f"Aucun changement sur {french.count(len(past.days), 'situation')}"
    day, state, volet = max(turns)
    number = programme.volet(volet).number
    return french.typographic(f"Dernier changement le {french.day(day)}, volet {number} : {STATE_LABELS[state]}")


def dossiers_finding(line: Line) -> str:
    """How many dossiers were filed, accepted and withdrawn, as a title.

    A dossier is a window, whatever volets it covers; as in the metrics, one withdrawn altogether is not counted.
    """
    decisions: dict[int, set[str]] = {}
    for row in line.applications:
        decisions.setdefault(row["window"], set()).add(row["decision"])
    withdrawn = sum(found == {"withdrawn"} for found in decisions.values())
    accepted = sum("accepted" in found for found in decisions.values())
    parts = [french.count(len(decisions) - withdrawn, "dossier")]
    parts += [french.count(accepted, "retenu") if accepted else "aucun retenu"] if len(decisions) > withdrawn else []
    parts += [french.count(withdrawn, "retiré")] if withdrawn else []
    return ", ".join(parts)


def indicator_records(found: Sequence[Measure]) -> list[dict[str, str]]:
    """Measures as text under French headers."""
    return [
        {
            "Indicateur": measure.indicator.name,
            "Volet": str(measure.volet.number),
            "Fenêtre": str(measure.window),
            "Requis": "oui" if measure.required else "non",
            "Numérateur": _cell(measure.numerator),
            "Dénominateur": _cell(measure.denominator),
            "Taux": french.percent(measure.rate),
            "Seuil": french.percent(measure.threshold, None),
            "État": STATUS_LABELS[measure.status],
            "Évalué le": french.short_day(measure.evaluated_on),
        }
        for measure in found
    ]


def history_records(past: Course, found: Sequence[Measure], programme: Programme) -> list[dict[str, str]]:
    """What each snapshot says, as text under French headers: a column per volet and per measure of `found`."""
    return [
        {"Situation au": french.short_day(day)}
        | {f"Volet {programme.volet(volet).number}": STATE_LABELS[state] for volet, state in line.states.items()}
        | {f"{measure.indicator.name} (fenêtre {measure.window})": _then(known.get(measure.key)) for measure in found}
        for day, line, known in zip(past.days, past.lines, past.measures, strict=True)
    ]


def dossier_records(line: Line, programme: Programme) -> list[dict[str, str]]:
    """Applications as text under French headers."""
    return [
        {
            "Fenêtre": str(row["window"]),
            "Volet": str(programme.volet(row["volet"]).number),
            "Déposé le": french.short_day(row["filed_on"]),
            "Instruction": DECISION_LABELS[row["decision"]],
            "Décidé le": french.short_day(row["decided_on"]),
            "Échéance": deadline(row["window"], programme).removeprefix("échéance ").removeprefix("le "),
            "Financement": french.euros(row["grant_eur"]),
        }
        for row in line.applications
    ]


def _then(measure: Measure | None) -> str:
    if measure is None or measure.status is None:
        return STATUS_LABELS[None]
    measured = french.ratio(measure.numerator, measure.denominator) if measure.numerator is not None else french.UNKNOWN
    return f"{measured}, {STATUS_LABELS[measure.status]}"


def _cell(value: int | None) -> str:
    return french.UNKNOWN if value is None else str(value)
