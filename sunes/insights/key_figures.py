"""The few figures that a director looks for first, each with what it is made of and how it moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sunes import french
from sunes.definitions import Metric
from sunes.insights import headlines
from sunes.metrics import Answer, Row
from sunes.programme import Programme


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure of a territory: « Participation », « 79,9 % », « 235 sur 294 établissements éligibles ».

    `change` says how it moved since the snapshot before (« +0,3 point depuis le 31 mai 2024 »), "" where there is none.
    """

    label: str
    value: str
    made_of: str
    change: str = ""


def key_figures(
    over_time: Answer, volets_over_time: Answer, definitions: Mapping[str, Metric], programme: Programme
) -> tuple[KeyFigure, ...]:
    """Participation, the attainment of each volet, and how many establishments are missing to reach the targets.

    Parameters
    ----------
    over_time, volets_over_time
        The answers of one territory by snapshot, and by snapshot and volet; the figures are those of the last snapshot.
    """
    made = [_rate("Participation", definitions["participation_rate"], over_time)]
    gaps = []
    for volet in programme.volets:
        of_volet = volets_over_time.only(volet=volet.id)
        if of_volet.rows:
            made.append(_rate(f"Volet {volet.number} – {volet.name}", definitions["attainment_rate"], of_volet))
            gaps.append((volet.number, of_volet.rows[-1]))
    return (*made, _missing(gaps))


def made_of(metric: Metric, row: Row) -> str:
    """« 235 sur 294 établissements éligibles », « 130 sur 226 établissements retenus, 180 évalués »."""
    if metric.needs == "volet":
        if not row["accepted"]:
            return "aucun établissement retenu"
        accepted = french.count(row["accepted"], "établissement retenu")
        return f"{french.number(row['attained'])} sur {accepted}, {french.count(row['evaluated'], 'évalué')}"
    if not row["eligible"]:
        return "aucun établissement éligible"
    said = f"{french.number(row['applicants'])} sur {french.count(row['eligible'], 'établissement éligible')}"
    return f"{said}, {headlines.INELIGIBLE_TOO}" if row["applicants"] > row["eligible"] else said


def _rate(label: str, metric: Metric, answer: Answer) -> KeyFigure:
    now, before = answer.rows[-1], answer.rows[-2:-1]
    change = ""
    if before and before[0][metric.id] is not None and now[metric.id] is not None:
        moved = now[metric.id] - before[0][metric.id]
        since = f"depuis le {french.day(date.fromisoformat(before[0]['snapshot']))}"
        change = f"{french.points(moved) if moved else 'stable'} {since}"
    return KeyFigure(label, metric.format(now[metric.id]), made_of(metric, now), change)


def _missing(gaps: list[tuple[int, Row]]) -> KeyFigure:
    """The gaps of all volets: said one by one, since an establishment may be missing in both."""
    known = [(number, row) for number, row in gaps if row["gap_establishments"] is not None and row["accepted"]]
    if not known:
        return KeyFigure("Manquent aux cibles", french.UNKNOWN_MARK, "aucune cible à comparer")
    value = " + ".join(french.number(row["gap_establishments"]) for _, row in known)
    parts = [f"{french.number(row['gap_establishments'])} au volet {number}" for number, row in known]
    return KeyFigure("Manquent aux cibles", value, f"établissements : {french.join(parts)}")
