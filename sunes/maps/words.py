"""A map in words: its finding, its text alternative, and its establishments as records."""

from collections.abc import Sequence
from typing import Any

from sunes import french, geography
from sunes.insights.comparison import Rate
from sunes.insights.headlines import NOT_EVALUATED
from sunes.manifest import Manifest
from sunes.maps import places
from sunes.maps.deck import Layers, measured
from sunes.maps.frames import Frame
from sunes.metrics import Answer, Row, known_value, not_evaluated_yet
from sunes.programme import Programme
from sunes.roster import STATE_LABELS, STATE_SIGNS, Line, Roster, State, withheld_said
from sunes.tables import LEGAL_STATUS_LABELS
from sunes.view import View

_HOW_TO_READ = (
    "Un clic sur un département filtre toutes les pages, un second clic l’enlève ; un clic sur un établissement ouvre "
    "sa fiche. Molette ou pincement : agrandir, ce qui sépare les établissements voisins ; glisser : se déplacer. "
    "Les tableaux ci-dessous disent la même chose."
)
_WITHOUT_ESTABLISHMENTS = (
    "Un clic sur un département filtre toutes les pages, un second clic l’enlève. Molette ou pincement : agrandir ; "
    "glisser : se déplacer. Le tableau ci-dessous dit la même chose."
)
_ONE_LEFT_OUT = "établissement non éligible et sans candidature n’est pas montré"
_LEFT_OUT = "établissements non éligibles et sans candidature ne sont pas montrés"

_SOURCES = {"register": "adresse", "commune": "mairie de la commune", "none": "non connue"}


def finding(rate: Rate, answer: Answer) -> str:
    """What a map of an answer by department shows first, as a title."""
    known = [row for row in answer.rows if known_value(row, rate.metric.id) is not None]
    known.sort(key=lambda row: row[rate.metric.id])
    if not known:
        waiting = rate.volet and any(map(not_evaluated_yet, answer.rows))
        return french.typographic(f"{rate.label} : {NOT_EVALUATED if waiting else rate.nothing}")
    if len(known) == 1:
        return french.typographic(f"{rate.label} : {_name(known[0])}, {measured(known[0], rate)}")
    if rate.volet and all(row["target_rate"] is not None for row in known):
        reached = sum(row["gap_establishments"] == 0 for row in known)
        verb = f"est atteinte dans {reached}" if reached else "n’est atteinte dans aucun"
        shares = french.join(sorted({french.percent(row["target_rate"], None) for row in known}))
        noun = "département évalué" if any(map(not_evaluated_yet, answer.rows)) else "département"
        whole = french.count(len(known), noun)
        return french.typographic(f"Volet {rate.volet.number} : la cible ({shares}) {verb} des {whole}")
    low, high = known[0], known[-1]
    least, most = (french.percent(row[rate.metric.id]) for row in (low, high))
    if least == most:
        return french.typographic(f"{rate.label} : {least} dans chaque département")
    return french.typographic(f"{rate.label} : de {least} ({_name(low)}) à {most} ({_name(high)})")


def notes(roster: Roster, shown: Sequence[Line]) -> str:
    """How a map is used, and what of its roster it leaves out."""
    left_out = len(roster.lines) - len(shown)
    more = f" {french.count(left_out, _ONE_LEFT_OUT, _LEFT_OUT)}." if left_out else ""
    return french.typographic((_HOW_TO_READ if roster.lines else _WITHOUT_ESTABLISHMENTS) + more)


def origin(manifest: Manifest) -> str:
    """Of which day a map is, and whether it shows simulated data."""
    day = f"Situation au {french.day(manifest.as_of)} (révision {manifest.revision})"
    return french.typographic(f"Données simulées · {day}" if manifest.simulated else day)


def source(manifest: Manifest) -> str:
    """« Source : … », or "" where the snapshot names none."""
    titles = [french.quote(title) for title in dict.fromkeys(each.title for each in manifest.sources or ())]
    return french.typographic(f"Source : {french.join(titles)}") if titles else ""


def filters(view: View, programme: Programme) -> str:
    """What a View leaves out, apart from whole regions, which a map shows: « Filtres : volet 1 ; fenêtre 2 », or ""."""
    windows = list(map(str, view.windows))
    parts = [
        french.join([_department(code) for code in view.departments]),
        f"volet {programme.volet(view.volet).number}" if view.volet else "",
        f"{'fenêtres' if len(windows) > 1 else 'fenêtre'} {french.join(windows)}" if windows else "",
        french.join([LEGAL_STATUS_LABELS[status] for status in view.legal_statuses]),
        french.count(len(view.finess), "établissement choisi") if view.finess else "",
    ]
    said = " ; ".join(filter(None, parts))
    return french.typographic(f"Filtres : {said}") if said else ""


def footnotes(manifest: Manifest, lines: Sequence[Line], withheld: int = 0) -> tuple[str, ...]:
    """Who published what a map shows, and what is not on it, line by line."""
    absent = len(places.located(lines)[1])
    texts = [source(manifest)]
    texts.append(f"Contours : {geography.CREDIT}")
    if absent:
        texts.append(f"{french.count(absent, 'établissement non localisé')} : dans la légende, pas sur la carte")
    texts.append(withheld_said(withheld).rstrip("."))
    return tuple(french.typographic(text) for text in texts if text)


def describe(layers: Layers, lines: Sequence[Line], frame: Frame) -> str:
    """What is in a frame, for those who do not see it: its finding, then how many establishments are in each state."""
    answer = layers.answer
    found = [places.state(line, layers.volet) for line in lines if frame.holds(line.establishment)]
    here = Answer(answer.view, answer.by, tuple(row for row in answer.rows if frame.holds(row)))
    counts = [f"{found.count(state)} {STATE_LABELS[state]}" for state in State if state in found]
    said = french.join(counts) if counts else "aucun"
    visible = " visibles" if layers.withheld else ""
    return french.typographic(f"Carte : {frame.title}. {finding(layers.rate, here)}. Établissements{visible} : {said}.")


def records(lines: Sequence[Line], programme: Programme) -> list[dict[str, Any]]:
    """The establishments of a map for a table: one record each, under French headers."""
    return [
        {
            "Établissement": line.name,
            "FINESS": line.finess,
            "Commune": line.establishment["commune_name"],
            "Département": _department(line.establishment["department_code"]),
            **{
                f"Volet {programme.volet(volet).number}": f"{STATE_SIGNS[state]} {STATE_LABELS[state]}"
                for volet, state in line.states.items()
            },
            "Activité combinée": line.establishment["combined_activity"],
            "Statut": LEGAL_STATUS_LABELS[line.establishment["legal_status"]],
            "Position": _SOURCES[line.establishment["location_source"]],
        }
        for line in lines
    ]


def _name(row: Row) -> str:
    known = geography.departments()
    return known[row["department"]].name if row["department"] in known else str(row["department"])


def _department(code: str) -> str:
    known = geography.departments()
    return f"{code} – {known[code].name}" if code in known else code
