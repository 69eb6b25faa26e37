"""What the figures say, in sentences. Every number is taken from an answer; nothing is computed again here."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sunes import french, geography
from sunes.metrics import Answer, Row
from sunes.programme import Programme, Target, Volet
from sunes.view import View

# Why there may be more applicants than eligible establishments.
INELIGIBLE_TOO = "candidats non éligibles compris"


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
    of, within = _territory(region, volets.view)
    if not whole["eligible"]:
        beside = french.count(whole["applicants"], "établissement non éligible a", "établissements non éligibles ont")
        applied = f", mais {beside} candidaté" if whole["applicants"] else ""
        return french.typographic(f"Au {day}, aucun établissement éligible {within}{applied}.")
    eligible = f"des {french.count(whole['eligible'], 'établissement éligible')} {of}"
    match whole["applicants"]:
        case applicants if whole["eligible"] == 1 and applicants < 2:
            applied = f"le seul établissement éligible {of} {'a' if applicants else 'n’a pas'} candidaté"
        case 0:
            applied = f"aucun {eligible} n’a candidaté"
        case many if many > whole["eligible"]:
            among = french.count(whole["eligible"], "établissement éligible")
            applied = f"{french.count(many, 'candidat')} pour {among} {of}, {INELIGIBLE_TOO}"
        case 1:
            applied = f"un seul {eligible} a candidaté"
        case many:
            applied = f"{french.number(many)} {eligible} ont candidaté"
    applied += f" ({french.percent(whole['participation_rate'])})"
    return french.typographic(f"Au {day}, {applied} ; {attainment_finding(volets, programme)}.")


def attainment_finding(volets: Answer, programme: Programme) -> str:
    """Where each volet of an answer by volet stands against its target, as one clause.

    Targets are set over all windows: beside figures of some of them only, the clause says so.
    """
    if not any(row["accepted"] for row in volets.rows):
        return "aucun établissement n’est retenu"
    clauses: list[str] = []
    reached: list[str] = []
    missing: list[str] = []
    for row in volets.rows:
        volet, gap = programme.volet(row["volet"]), row["gap_establishments"]
        if not row["accepted"]:
            clauses.append(f"aucun établissement n’est retenu au volet {volet.number}")
        elif row["target_rate"] is None:
            clauses.append(f"la cible du volet {volet.number} n’est pas publiée")
        elif gap:
            target = "celle" if missing else "atteindre la cible"
            missing.append(f"{french.count(gap, 'établissement')} pour {target} {_of(volet, row['target_rate'])}")
        else:
            reached.append(_of(volet, row["target_rate"]))
    if reached:
        words = ("la cible", "est atteinte") if len(reached) == 1 else ("les cibles", "sont atteintes")
        clauses.append(f"{words[0]} {french.join(reached)} {words[1]}")
    if missing:
        clauses.append(f"il manque {french.join(missing)}")
    compared = len(reached) + len(missing)
    scope = target_scope(volets.view, programme, compared) if compared else ""
    return french.join(clauses) + (f", {scope}" if scope else "")


def target_scope(view: View, programme: Programme, targets: int = 1) -> str:
    """« cible fixée pour toutes les fenêtres ensemble » where a View keeps some of the windows only, or nothing."""
    if not view.windows or set(view.windows) >= set(programme.window_numbers):
        return ""
    return f"{'cible fixée' if targets < 2 else 'cibles fixées'} pour toutes les fenêtres ensemble"


def beside_the_point(view: View, programme: Programme) -> tuple[str, ...]:
    """A sentence for each window of a View that its volet was never open in: nothing there is a failure."""
    if view.volet is None:
        return ()
    volet = programme.volet(view.volet)
    return tuple(
        f"La fenêtre {window.number} n’était pas ouverte au volet {volet.number} : "
        "ses zéros veulent dire « sans objet », pas « aucun candidat »."
        for window in programme.windows
        if window.number in view.windows and volet.id not in window.volets
    )


def distance_finding(volets: Answer, programme: Programme) -> str:
    """How far each volet of an answer by volet is from its target, in points, as a title."""
    parts = [
        f"volet {programme.volet(row['volet']).number} : {french.points(row['gap_points'])}"
        for row in volets.rows
        if row["gap_points"] is not None
    ]
    if not parts:
        accepted = any(row["accepted"] for row in volets.rows)
        why = "aucune cible publiée" if accepted else "aucun établissement retenu"
        return french.typographic(f"Rien à comparer à la cible : {why}")
    scope = target_scope(volets.view, programme, len(parts))
    return french.typographic(f"Écart à la cible, {french.join(parts)}{f' ({scope})' if scope else ''}")


def trend_finding(over_time: Answer) -> str:
    """How far participation moved over the snapshots of an answer by snapshot, as one sentence."""
    known = [row for row in over_time.rows if row["participation_rate"] is not None]
    if not known or known[-1] is not over_time.rows[-1]:
        return french.typographic("Participation non calculable : aucun établissement éligible")
    first, last = known[0], known[-1]
    since = french.month(date.fromisoformat(first["snapshot"]))
    if first is last:
        return f"Participation de {french.percent(last['participation_rate'])}, première situation connue"
    change = last["participation_rate"] - first["participation_rate"]
    moved = french.typographic(f"Participation : {french.points(change)}") if change else "Participation stable"
    return f"{moved} depuis {since}"


def target_notes(regions: Sequence[str], on: date, programme: Programme) -> list[str]:
    """For each target that regions are compared with on a day: its share, its day, what it applies to, its source."""
    targets = (programme.target(volet, region, on) for volet in programme.volet_ids for region in regions)
    return [_note(target, programme) for target in dict.fromkeys(targets) if target]


def _note(target: Target, programme: Programme) -> str:
    what = f"Cible {_of(programme.volet(target.volet), target.share)} au {french.day(target.due)}."
    source = f"Source : {programme.sources[target.source]}."
    return french.typographic(" ".join(filter(None, (what, target.note, source))))


def _territory(region: str, view: View) -> tuple[str, str]:
    """« d’Occitanie » and « en Occitanie », unless the View holds only some establishments of the region."""
    if view.departments or view.legal_statuses or view.finess:
        return "de la sélection", "dans la sélection"
    if region not in geography.regions():
        return f"de la région {region}", f"dans la région {region}"
    return geography.of_region(region), geography.in_region(region)


def _of(volet: Volet, share: float | Decimal) -> str:
    return f"du volet {volet.number} ({french.percent(share, None)})"
