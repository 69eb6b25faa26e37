"""What the figures say, in sentences. Every number is taken from an answer; nothing is computed again here."""

from datetime import date

from sunes import french, geography
from sunes.metrics import Answer, Row
from sunes.programme import Programme, Volet


def region_headline(region: str, whole: Row, volets: Answer, programme: Programme) -> str:
    """One sentence for a region: who applied, and what is missing to reach each target.

    Parameters
    ----------
    whole
        The region's row without a volet.
    volets
        The region's answer by volet.
    """
    day = french.day(date.fromisoformat(whole["snapshot"]))
    if not whole["eligible"]:
        return french.typographic(f"Au {day}, aucun établissement éligible {geography.in_region(region)}.")
    eligible = f"des {french.count(whole['eligible'], 'établissement éligible')} {geography.of_region(region)}"
    match whole["applicants"]:
        case 0:
            applied = f"aucun {eligible} n’a candidaté"
        case 1:
            applied = f"un seul {eligible} a candidaté"
        case many:
            applied = f"{french.number(many)} {eligible} ont candidaté"
    applied += f" ({french.percent(whole['participation_rate'])})"
    return french.typographic(f"Au {day}, {applied} ; {attainment_finding(volets, programme)}.")


def attainment_finding(volets: Answer, programme: Programme) -> str:
    """Where each volet of an answer by volet stands against its target, as one clause."""
    if not any(row["accepted"] for row in volets.rows):
        return "aucun établissement n’est retenu"
    missing = [row for row in volets.rows if row["accepted"] and row["gap_establishments"]]
    clauses = [_standing(row, programme.volet(row["volet"])) for row in volets.rows if row not in missing]
    if missing:
        first, *others = (
            (french.count(row["gap_establishments"], "établissement"), _target(row, programme.volet(row["volet"])))
            for row in missing
        )
        gaps = [f"{first[0]} pour atteindre la cible {first[1]}", *(f"{n} pour celle {which}" for n, which in others)]
        clauses.append(f"il manque {french.join(gaps)}")
    return french.join(clauses)


def distance_finding(volets: Answer, programme: Programme) -> str:
    """How far each volet of an answer by volet is from its target, in points, as a title."""
    parts = [
        f"volet {programme.volet(row['volet']).number} : {french.points(row['gap_points'])}"
        for row in volets.rows
        if row["gap_points"] is not None
    ]
    if not parts:
        return "Rien à comparer à la cible : aucun établissement retenu"
    return french.typographic(f"Écart à la cible, {french.join(parts)}")


def trend_finding(over_time: Answer) -> str:
    """How far participation moved over the snapshots of an answer by snapshot, as one sentence."""
    known = [row for row in over_time.rows if row["participation_rate"] is not None]
    if not known:
        return "Participation non calculable : aucun établissement éligible"
    first, last = known[0], known[-1]
    since = french.month(date.fromisoformat(first["snapshot"]))
    if first is last:
        return f"Participation de {french.percent(last['participation_rate'])}, première situation connue"
    change = french.points(last["participation_rate"] - first["participation_rate"])
    return f"Participation : {change} depuis {since}"


def _standing(row: Row, volet: Volet) -> str:
    if not row["accepted"]:
        return f"aucun établissement n’est retenu au volet {volet.number}"
    if row["target_rate"] is None:
        return f"la cible du volet {volet.number} n’est pas publiée"
    return f"la cible {_target(row, volet)} est atteinte"


def _target(row: Row, volet: Volet) -> str:
    return f"du volet {volet.number} ({french.percent(row['target_rate'], None)})"
