"""What the progress of the programme says, in sentences. Every number is taken from an answer.

Windows do not add up: their sum exceeds the distinct establishments by those that came back, and the title says so.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from sunes import french
from sunes.insights.headlines import NOT_EVALUATED, attainment_said
from sunes.insights.progress import Milestone, Step
from sunes.metrics import Answer, Row, known_value, not_evaluated_yet
from sunes.programme import Programme


def windows_finding(made: Sequence[Step]) -> str:
    """What the windows add up to, and how many establishments that really is, as a title."""
    counts = [step.row["accepted"] for step in made if step.row["accepted"]]
    if not counts:
        return "Aucun établissement retenu dans ces fenêtres" if len(made) > 1 else "Aucun établissement retenu"
    distinct, total = made[-1].cumulative, sum(counts)
    if len(counts) == 1:
        only = next(step for step in made if step.row["accepted"])
        known = f", dont {_came_back(only.returning)} d’une fenêtre antérieure" if only.returning else ""
        return f"{french.count(distinct, 'établissement retenu')} en fenêtre {only.window.number}{known}"
    added = f"{' + '.join(map(french.number, counts))} = {french.number(total)} retenus par fenêtre"
    back, before = total - distinct, sum(step.returning for step in made if step.row["accepted"])
    if not back:
        # In one volet, or from the third window on, nobody comes twice, but some came before for something else.
        came = f"{_came_before(before)} auparavant" if before else "aucun n’est revenu"
        return french.typographic(f"{added}, et autant d’établissements : {came}")
    # Over more than two windows, one establishment may have come back more than once.
    said = f"{french.number(back)} {'sont revenus' if back > 1 else 'est revenu'}"
    said = said if len(counts) == 2 else french.count(back, "retour")
    if before > back:
        said += f", {_came_before(before)} auparavant tous volets confondus"
    return french.typographic(f"{added}, mais {french.count(distinct, 'établissement')} : {said}")


def _came_before(known: int) -> str:
    return f"{french.number(known)} {'déjà retenus' if known > 1 else 'déjà retenu'}"


def describe_windows(made: Sequence[Step]) -> str:
    """The steps in words, for those who do not see them."""
    return french.typographic(f"Barres par fenêtre. {' '.join(f'{_step_said(step)}.' for step in made)}")


def _step_said(step: Step) -> str:
    name = f"Fenêtre {step.window.number}"
    if step.absent:
        return f"{name} : {step.absent}"
    return (
        f"{name} : {french.count(step.row['applications'], 'dossier')}, "
        f"{french.count(step.row['accepted'], 'établissement retenu')} "
        f"({_new(step.row['newcomers'])}, {_came_back(step.returning)}), "
        f"{french.number(step.cumulative)} en tout sur {french.count(step.row['eligible'], 'éligible')}"
    )


def _new(count: int) -> str:
    return french.count(count, "nouveau", "nouveaux")


def _came_back(count: int) -> str:
    return french.count(count, "revenu")


def milestones_finding(made: Sequence[Milestone]) -> str:
    """How attainment moved since the published deadlines, as a title."""
    ends = [(known_value(m.then, "attainment_rate"), known_value(m.now, "attainment_rate")) for m in made if m.then]
    moves = [now - then for then, now in ends if then is not None and now is not None]
    if moves:
        gained = all(move > 0 for move in moves)
        least, most = (french.points(end).removeprefix("+" if gained else "") for end in (min(moves), max(moves)))
        span = f"{least.rsplit(french.NBSP, 1)[0]} à {most} selon la fenêtre et le volet" if least != most else most
        said = "a gagné" if gained else "a évolué de"
        return french.typographic(f"Depuis les échéances publiées, l’atteinte {said} {span}")
    held = [m.now for m in made if m.now["attainment_rate"] is not None]
    rates = [row["attainment_rate"] for row in held if row["evaluated"]]
    if held and not rates:
        return french.typographic("Rien à mesurer par fenêtre : aucun établissement évalué")
    if not rates:
        return french.typographic("Rien à mesurer par fenêtre : aucun établissement retenu")
    if min(rates) == max(rates):
        where = "chaque fenêtre mesurée" if len(rates) > 1 else "la seule fenêtre mesurée"
        return f"Atteinte de {french.percent(rates[0])} dans {where}"
    return f"L’atteinte va de {french.percent(min(rates))} à {french.percent(max(rates))} selon la fenêtre et le volet"


def milestone_said(milestone: Milestone) -> str:
    """One milestone as a clause: « 21,6 % à l’échéance, puis 75,0 % »."""
    if milestone.absent:
        return milestone.absent
    if not milestone.now["accepted"]:
        return "aucun établissement retenu"
    now, deadline = attainment_said(milestone.now), milestone.window.deadline
    if deadline is None:
        return f"{now}, échéance non publiée"
    if milestone.now["snapshot"] < deadline.date.isoformat():
        return f"{now}, échéance le {french.short_day(deadline.date)}"
    if milestone.then is None:
        return f"{now}, situation à l’échéance non connue"
    reached = attainment_said(milestone.then) if milestone.then["accepted"] else "aucun retenu"
    if milestone.then["snapshot"] == milestone.now["snapshot"]:
        return f"{now} à l’échéance"
    return f"{reached} à l’échéance, puis {now}"


def describe_milestones(made: Sequence[Milestone], programme: Programme) -> str:
    """The milestones in words, for those who do not see them."""
    parts = [f"Fenêtre {m.window.number}, volet {programme.volet(m.volet).number} : {milestone_said(m)}." for m in made]
    return french.typographic(f"Atteinte par fenêtre et par volet. {' '.join(parts)}")


def targets_finding(over_time: Answer, programme: Programme) -> str:
    """Since when each volet of an answer by snapshot and volet has reached its target, if it has, as a title."""
    clauses = [
        _target_said(programme.volet(volet).number, over_time.only(volet=volet).rows)
        for volet in programme.volet_ids
        if over_time.only(volet=volet).rows
    ]
    text = french.typographic(" ; ".join(clauses))
    return text[:1].upper() + text[1:]


def _target_said(number: int, rows: Sequence[Row]) -> str:
    last = rows[-1]
    if not last["accepted"]:
        return f"volet {number} : aucun établissement retenu"
    if not_evaluated_yet(last):
        return f"volet {number} : {NOT_EVALUATED}"
    rate, target = french.percent(last["attainment_rate"]), french.percent(last["target_rate"], None)
    if last["target_rate"] is None:
        return f"volet {number} : {rate}, cible non publiée"
    reached = [bool(row["accepted"]) and row["gap_establishments"] == 0 for row in rows]
    if not reached[-1]:
        lost = ", après l’avoir atteinte" if any(reached) else ""
        return f"volet {number} : {rate}, sous la cible de {target}{lost}"
    first = next(rank for rank in range(len(rows)) if all(reached[rank:]))
    since = french.month(date.fromisoformat(rows[first]["snapshot"]))
    return f"volet {number} : {rate}, cible de {target} atteinte depuis {since}"


def replay_finding(standing: Answer) -> str:
    """How many targets are reached in an answer of one snapshot by region and volet, as a title."""
    if not standing.rows:
        return "Rien à rejouer"
    day = french.day(date.fromisoformat(standing.rows[0]["snapshot"]))
    aimed = [row for row in standing.rows if row["accepted"] and row["target_rate"] is not None]
    if not any(row["accepted"] for row in standing.rows):
        return f"Au {day}, aucun établissement n’est retenu"
    if not aimed:
        return f"Au {day}, aucune cible n’est publiée"
    if not any(row["evaluated"] for row in aimed):
        return f"Au {day}, aucun établissement n’est encore évalué"
    # A target is a region's: a part of its establishments may be beyond it without the region being there.
    view = standing.view
    whose = "" if view.departments or view.legal_statuses or view.finess else " régionale"
    part = "" if whose else ", dans la sélection"
    reached = sum(row["gap_establishments"] == 0 for row in aimed)
    verb = "n’est atteinte" if not reached else "sont atteintes" if reached > 1 else "est atteinte"
    if reached == len(aimed) > 1:
        return f"Au {day}, les {reached} cibles{whose and f'{whose}s'} {verb}{part}"
    said = french.number(reached) if reached else "aucune"
    whole = f"des {len(aimed)} cibles{whose and f'{whose}s'}" if len(aimed) > 1 else f"cible{whose}"
    return f"Au {day}, {said} {whole} {verb}{part}"


def describe_replay(standing: Answer, programme: Programme, names: Mapping[str, str]) -> str:
    """The bars of one snapshot by region and volet in words; `names` are those of the regions."""
    parts = [
        f"{names[row['region']]}, volet {programme.volet(row['volet']).number} : {standing_said(row)}."
        for row in standing.rows
    ]
    return french.typographic(f"Barres des établissements retenus. {' '.join(parts)}")


def standing_said(row: Row) -> str:
    """How many of the accepted ones have attained: « 165 atteints sur 218 retenus (75,7 %) »."""
    if not row["accepted"]:
        return "aucun retenu"
    if not_evaluated_yet(row):
        return f"{french.count(row['accepted'], 'retenu')}, {NOT_EVALUATED if row['accepted'] == 1 else 'aucun évalué'}"
    attained = french.count(row["attained"], "atteint")
    return f"{attained} sur {french.count(row['accepted'], 'retenu')} ({french.percent(row['attainment_rate'])})"
