"""What an aggregation counted, what it left aside and why: every line and every document, in sentences."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby

from sunes import french
from sunes.aggregation import Aggregate
from sunes.aggregation.rollup import Documents, Left
from sunes.aggregation.stays import Stays
from sunes.aggregation.usages import Period

_LEFT: Mapping[str, str] = {
    "no_finess": "sans numéro FINESS",
    "no_day": "sans date d’envoi",
    "no_volet": "sans volet",
    "no_indicator": "sans indicateur",
    "no_document": "sans identifiant de document",
    "no_month": "sans mois",
    "unreadable_month": "mois illisible",
    "later": "après la date demandée",
    "unknown_volet": "volet inconnu",
    "unknown_indicator": "indicateur inconnu",
    "other_volet": "indicateur d’un autre volet",
    "unknown_establishment": "établissement absent du registre",
}
_ASIDE = ("laissée de côté", "laissées de côté")
_FATES: Mapping[str, str] = {
    "counted": "dans la période de mesure d’une candidature retenue",
    "no_dossier": "sans candidature retenue de l’établissement pour ce volet dans les fenêtres demandées",
    "before": "avant la période de mesure",
    "after": "après la période de mesure (arrivées tardives)",
}


def sentences(made: Aggregate) -> Iterator[str]:
    """The report, line by line; details begin with a dash."""
    header = made.snapshot
    nature = "simulées" if header.simulated else "réelles"
    yield (
        f"Registre et candidatures : situation au {french.day(header.as_of)}, révision {header.revision}, "
        f"données {nature}."
    )
    yield from _periods(made)
    yield from _documents(made.documents)
    yield "Ces documents se répartissent ainsi :"
    for fate, label in _FATES.items():
        yield f"– {label} : {french.number(made.measured.fates[fate])}"
    yield from _stays(made.stays)
    yield from _usages(made)


def _periods(made: Aggregate) -> Iterator[str]:
    for (first, last, _), group in groupby(made.measured.periods, lambda each: (each.first, each.last, each.deadline)):
        same = list(group)
        windows = french.join([str(each.window) for each in same])
        label = f"Fenêtre{'s' if len(same) > 1 else ''} {windows}"
        if same[0].empty:
            yield f"{label} : aucun mois à mesurer."
        else:
            since = _since(first) if first is not None else "du début des journaux"
            yield f"{label} : documents envoyés {since} à {_month(last)}{_end(same[0])}."
    if made.request.first is None:
        told = "premier mois dont les séjours sont connus" if made.stays.covered else "début des journaux"
        yield f"Aucune source ne publie le début de la mesure : c’est ici le {told} (--from le fixe)."


def _end(period: Period) -> str:
    return " (échéance publiée)" if period.deadline else ""


def _documents(documents: Documents) -> Iterator[str]:
    aside = documents.lines - documents.kept
    yield (
        f"{french.count(documents.lines, 'ligne')} de documents : "
        f"{french.count(documents.kept, 'gardée')}, {french.count(aside, *_ASIDE)}."
    )
    yield from map(_left, documents.left)
    yield (
        f"{french.count(documents.kept, 'ligne gardée', 'lignes gardées')} : "
        f"{french.count(documents.kept - documents.distinct, 'doublon')}, "
        f"{french.count(documents.distinct, 'document distinct')}."
    )
    yield f"– remplacent un autre document, non comptés : {french.number(documents.replacing)}"
    yield f"– absents des journaux, comptés une fois car remplacés : {french.number(documents.absent)}"
    yield f"– boucles de remplacements, comptées une fois chacune : {french.number(documents.loops)}"
    yield f"{french.count(documents.originals, 'document compté', 'documents comptés')} une seule fois."


def _left(left: Left) -> str:
    said = f"– {_LEFT[left.reason]} : {french.count(left.lines, 'ligne')}"
    if not left.values:
        return said
    named = ", ".join(f"{value} ({french.number(lines)})" for value, lines in left.most)
    more = left.values - len(left.most)
    others = f" et {french.count(more, 'autre')}" if more else ""
    return f"{said} ; {french.count(left.values, 'valeur')} : {named}{others}"


def _stays(stays: Stays) -> Iterator[str]:
    if not stays.lines:
        yield "Aucun journal de séjours : les dénominateurs sont inconnus."
        return
    aside = sum(stays.left.values())
    yield f"{french.count(stays.lines, 'ligne')} de séjours, dont {french.count(aside, *_ASIDE)}."
    for reason, lines in stays.left.items():
        yield f"– {_LEFT[reason]} : {french.count(lines, 'ligne')}"
    if stays.contradicted:
        months = french.count(stays.contradicted, "mois d’un établissement", "mois d’établissements")
        yield f"– nombres contradictoires ou impossibles, tenus pour inconnus : {months}"


def _usages(made: Aggregate) -> Iterator[str]:
    rows = made.measured.rows
    statuses = [row["status"] for row in rows]
    yield (
        f"{french.count(len(rows), 'ligne')} d’usages : {french.count(statuses.count('attained'), 'atteint')}, "
        f"{french.count(statuses.count('missed'), 'non atteint')}, "
        f"{french.count(statuses.count('not_evaluated'), 'non évalué')}."
    )
    if not made.request.thresholds:
        yield "Aucun seuil n’est donné (--threshold) : rien n’est évalué."
    unknown = sum(row["denominator"] is None for row in rows)
    running = sum(
        row["threshold"] is not None and bool(row["denominator"]) and row["status"] == "not_evaluated" for row in rows
    )
    for number, label in (
        (unknown, "dénominateur inconnu : les séjours d’un mois au moins de la période manquent"),
        (running, "sous le seuil, mais la période n’est pas close"),
    ):
        if number:
            yield f"– {label} : {french.count(number, 'ligne')}"
    if made.measured.silent:
        dossiers = french.count(made.measured.silent, "candidature retenue", "candidatures retenues")
        yield f"– aucun document d’un indicateur exigé, donc pas de ligne pour lui : {dossiers}"


def _since(month: int) -> str:
    name = _month(month)
    return f"d’{name}" if name[0] in "ao" else f"de {name}"


def _month(number: int) -> str:
    return french.month(date(number // 12, number % 12 + 1, 1))
