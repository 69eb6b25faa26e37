"""What the figures say, in sentences. Every number is taken from an answer; nothing is computed again here."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sunes import french, geography
from sunes.metrics import Answer, Row, known_value, not_evaluated_yet
from sunes.programme import Programme, Target, Volet
from sunes.view import View

# As many départements are named in a sentence.
_NAMED = 3

# Why there may be more applicants than eligible establishments.
INELIGIBLE_TOO = "candidats non éligibles compris"

# A rate of 0 that says nothing yet, and one that can't be: of nobody.
NOT_EVALUATED, NOTHING = "pas encore évalué", "sans objet"


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


def attainment_said(row: Row) -> str:
    """The attainment of one volet in a row, or that nobody is evaluated yet."""
    return NOT_EVALUATED if not_evaluated_yet(row) else french.percent(row["attainment_rate"])


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
        elif not_evaluated_yet(row):
            clauses.append(_waiting(row["accepted"], volet))
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


def _waiting(accepted: int, volet: Volet) -> str:
    if accepted == 1:
        return f"le seul établissement retenu au volet {volet.number} n’est pas encore évalué"
    return f"aucun des {french.number(accepted)} établissements retenus au volet {volet.number} n’est encore évalué"


def still_possible(volets: Answer, departments: Answer, programme: Programme) -> tuple[str, ...]:
    """For each volet short of its target: what can still be won, and which départements are short of it too.

    The target is the region's: a département is held against the same share to show where the region falls behind,
    and none has to reach it. Nothing for a volet that has reached its target, has none, or is not evaluated yet.

    Parameters
    ----------
    volets
        The region's answer by volet.
    departments
        The region's answer by département and volet.
    """
    return tuple(
        french.typographic(
            f"Volet {programme.volet(row['volet']).number} : {_winnable(row)}{_behind(departments, row)}."
        )
        for row in volets.rows
        if known_value(row, "gap_establishments")
    )


def _winnable(row: Row) -> str:
    gap, waiting, best = (
        row["gap_establishments"],
        row["accepted"] - row["evaluated"],
        french.percent(row["attainment_rate_max"]),
    )
    if not waiting:
        return "tous les retenus sont déjà évalués"
    one = waiting == 1
    outcome = f"{best} {'s’il l’atteint' if one else 's’ils l’atteignent tous'}"
    if waiting < gap:
        said = (
            "le seul retenu non évalué ne suffirait"
            if one
            else f"les {french.number(waiting)} retenus non évalués ne suffiraient"
        )
        return f"{said} pas à atteindre la cible ({outcome})"
    missing = (
        "l’établissement qui manque peut"
        if gap == 1
        else f"les {french.number(gap)} établissements qui manquent peuvent"
    )
    source = "du seul retenu non évalué" if one else f"des {french.number(waiting)} retenus non évalués"
    return f"{missing} encore venir {source} ({outcome})"


def _behind(departments: Answer, row: Row) -> str:
    """Where the region falls behind: the `_NAMED` départements that are the shortest of its target, each by itself."""
    rows = departments.only(volet=row["volet"]).rows
    short = [each for each in rows if each["gap_establishments"]]
    if len(rows) < 2 or not short:
        return ""
    short.sort(key=lambda each: (-each["gap_establishments"], each["evaluated"] - each["accepted"]))
    nouns = ("établissement", *[""] * _NAMED)
    places = [_short_of(each, noun) for each, noun in zip(short[:_NAMED], nouns, strict=False)]
    share = french.percent(row["target_rate"], None)
    mostly = " surtout" if len(short) > _NAMED else ""
    return f" ; compté à {share} dans chaque département, le retard est{mostly} {french.join(places)}"


def _short_of(row: Row, noun: str) -> str:
    """« dans l’Hérault (12 établissements, 5 non évalués) »."""
    gap, waiting, code = row["gap_establishments"], row["accepted"] - row["evaluated"], row["department"]
    known = code in geography.departments()
    where = geography.in_department(code) if known else f"dans le département {code}"
    missing = french.count(gap, noun) if noun else french.number(gap)
    return f"{where} ({missing}, {french.count(waiting, 'non évalué') if waiting else 'tous évalués'})"


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
    compared = [row for row in volets.rows if known_value(row, "gap_points") is not None]
    if not compared:
        accepted = any(row["accepted"] for row in volets.rows)
        waiting = any(not_evaluated_yet(row) for row in volets.rows)
        why = "évalué" if waiting else "retenu"
        said = f"aucun établissement {why}" if waiting or not accepted else "aucune cible publiée"
        return french.typographic(f"Rien à comparer à la cible : {said}")
    parts = [
        f"volet {programme.volet(row['volet']).number} : "
        f"{french.points(row['gap_points']) if row in compared else NOT_EVALUATED}"
        for row in volets.rows
        if row in compared or not_evaluated_yet(row)
    ]
    scope = target_scope(volets.view, programme, len(compared))
    return french.typographic(f"Écart à la cible, {french.join(parts)}{f' ({scope})' if scope else ''}")


def trend_finding(over_time: Answer, volets: Answer, programme: Programme) -> str:
    """How far participation moved over the snapshots, and where the attainment of each volet is now, as a title.

    Parameters
    ----------
    over_time, volets
        Answers by snapshot, and by snapshot and volet. An attainment has no beginning to be compared with: it is known
        from its first evaluation on.
    """
    last = [row for row in volets.rows if row["snapshot"] == volets.rows[-1]["snapshot"] and row["accepted"]]
    reached = [f"volet {programme.volet(row['volet']).number} {_now_at(row)}" for row in last]
    if len(last) > 1 and all(map(not_evaluated_yet, last)):
        reached = ["aucun volet encore évalué"]
    return french.typographic(f"{_participation_moved(over_time)} ; {', '.join(reached)}".removesuffix(" ; "))


def _now_at(row: Row) -> str:
    return NOT_EVALUATED if not_evaluated_yet(row) else f"à {french.percent(row['attainment_rate'])}"


def _participation_moved(over_time: Answer) -> str:
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
