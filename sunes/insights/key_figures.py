"""The few figures that a director looks for first, each with what it is made of and how it moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sunes import french
from sunes.definitions import Metric
from sunes.insights import headlines
from sunes.metrics import Answer, Row, known_value, not_evaluated_yet
from sunes.programme import Programme


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure of a territory: « Participation », « 79,9 % », « 235 sur 294 établissements éligibles ».

    `moved` says how it moved (« +0,3 point », « stable ») `since` the snapshot before (« depuis le 31 mai 2024 »), both
    "" where there is nothing to compare with; `direction` is -1 down, 1 up.
    """

    label: str
    value: str
    made_of: str
    moved: str = ""
    since: str = ""
    direction: int = 0

    @property
    def change(self) -> str:
        return f"{self.moved} {self.since}".strip()


def key_figures(
    over_time: Answer, volets_over_time: Answer, definitions: Mapping[str, Metric], programme: Programme
) -> tuple[KeyFigure, ...]:
    """Participation, the attainment of each volet, and how many establishments are missing to reach the targets.

    Parameters
    ----------
    over_time, volets_over_time
        The answers of one territory by snapshot, and by snapshot and volet; the figures are those of the last snapshot.
    """
    rates = rates_of(over_time, volets_over_time, definitions, programme)
    standing = [(programme.volet(answer.rows[-1]["volet"]).number, answer.rows[-1]) for _, _, answer in rates[1:]]
    return (*(figure(*each) for each in rates), _missing(standing))


def rates_of(
    over_time: Answer, volets_over_time: Answer, definitions: Mapping[str, Metric], programme: Programme
) -> list[tuple[str, Metric, Answer]]:
    """What the rates among the key figures are called, are, and come from: participation, then each volet's."""
    participation = definitions["participation_rate"]
    volets = [(volet, volets_over_time.only(volet=volet.id)) for volet in programme.volets]
    return [
        (participation.short, participation, over_time),
        *(
            (f"Volet {volet.number} – {volet.name}", definitions["attainment_rate"], answer)
            for volet, answer in volets
            if answer.rows
        ),
    ]


def made_of(metric: Metric, row: Row) -> str:
    """« 235 sur 294 établissements éligibles », « 130 sur 226 établissements retenus, 180 évalués »."""
    if metric.needs == "volet":
        if not row["accepted"]:
            return "aucun établissement retenu"
        accepted = french.count(row["accepted"], "établissement retenu")
        evaluated = french.count(row["evaluated"], "évalué") if row["evaluated"] else "aucun évalué"
        return f"{french.number(row['attained'])} sur {accepted}, {evaluated}"
    if not row["eligible"]:
        return "aucun établissement éligible"
    said = f"{french.number(row['applicants'])} sur {french.count(row['eligible'], 'établissement éligible')}"
    return f"{said}, {headlines.INELIGIBLE_TOO}" if row["applicants"] > row["eligible"] else said


def figure(label: str, metric: Metric, over_time: Answer) -> KeyFigure:
    """A rate in the last snapshot of an answer by snapshot; « pas encore évalué » and « sans objet » are no rates."""
    now, before = over_time.rows[-1], over_time.rows[-2:-1]
    of_volet = metric.needs == "volet"
    if of_volet and not_evaluated_yet(now):
        return KeyFigure(label, headlines.NOT_EVALUATED, made_of(metric, now))
    nobody = not now["accepted" if of_volet else "eligible"]
    value = headlines.NOTHING if nobody else metric.format(now[metric.id])
    then = known_value(before[0], metric.id) if before else None
    if then is None or now[metric.id] is None:
        return KeyFigure(label, value, made_of(metric, now))
    change = now[metric.id] - then
    return KeyFigure(
        label,
        value,
        made_of(metric, now),
        moved=french.points(change) if change else "stable",
        since=f"depuis le {french.day(date.fromisoformat(before[0]['snapshot']))}",
        direction=(change > 0) - (change < 0),
    )


def _missing(standing: Sequence[tuple[int, Row]]) -> KeyFigure:
    """What is missing in each volet. It is not added up: the same establishment may be missing in both."""
    label = "Manquent aux cibles" if len(standing) > 1 else "Manquent à la cible"
    accepted = [(number, row) for number, row in standing if row["accepted"]]
    held = [(n, row) for n, row in accepted if row["evaluated"] and row["target_rate"] is not None]
    if not held:
        waiting = any(not_evaluated_yet(row) for _, row in accepted)
        why = "évalué" if waiting else "retenu"
        said = f"aucun établissement {why}" if waiting or not accepted else "cible non publiée"
        return KeyFigure(label, headlines.NOT_EVALUATED if waiting else headlines.NOTHING, said)
    missing = [(number, row["gap_establishments"]) for number, row in held if row["gap_establishments"]]
    reached = [str(number) for number, row in held if not row["gap_establishments"]]
    if not missing:
        words = "cible atteinte" if len(reached) < 2 else "cibles atteintes"
        return KeyFigure(label, french.number(0), french.typographic(f"{words} : {_volets(reached)}"))
    value = french.join([french.number(gap) for _, gap in missing])
    noun = "établissement" if len(missing) == 1 and missing[0][1] == 1 else "établissements"
    where = _volets([str(number) for number, _ in missing])
    where = f"au {where}" if len(missing) == 1 else f"aux {where}"
    side = f" ; cible du {_volets(reached)} atteinte" if reached else ""
    return KeyFigure(label, value, french.typographic(f"{noun} {where}{side}"))


def _volets(numbers: Sequence[str]) -> str:
    return f"{'volets' if len(numbers) > 1 else 'volet'} {french.join(numbers)}"
