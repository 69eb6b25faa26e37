"""The sheets of a workbook on establishments: each one, each of its applications, each of its measures."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sunes import geography
from sunes.establishments.listing import listing
from sunes.establishments.measures import DECISION_LABELS, STATUS_LABELS, measures, progress
from sunes.export.sheets import ORIGIN, Column, Sheet, origin_cells
from sunes.programme import Programme, Volet
from sunes.roster import STATE_LABELS, Line, Roster, withheld_said
from sunes.tables import ACTIVITY_LABELS, KEY_LABELS, LEGAL_STATUS_LABELS

_LEVELS = {"ET": "entité géographique", "EJ": "entité juridique"}
_POSITIONS = {"register": "répertoire", "commune": "mairie de la commune", "none": None}
_WHO = (Column("FINESS", "code"), Column("Établissement"))


def establishments(roster: Roster, programme: Programme) -> Sheet:
    """One row for each establishment: where it is, what it is, where it stands in each volet and window."""
    volets = [volet for volet in programme.volets if roster.view.volet in (None, volet.id)]
    windows = [f"Fenêtre {number}" for number in roster.view.windows or programme.window_numbers]
    columns = (
        *ORIGIN,
        *_WHO,
        Column("Code région", "code"),
        Column("Région"),
        Column("Code département", "code"),
        Column("Département"),
        Column("Code commune", "code"),
        Column("Commune"),
        Column("Statut"),
        Column("Éligible"),
        *(Column(f"Volet {volet.number}") for volet in volets),
        Column("Indicateurs requis atteints", "whole"),
        Column("Indicateurs requis", "whole"),
        *map(Column, windows),
        Column("Niveau"),
        Column("FINESS de l’entité juridique", "code"),
        Column("Activités"),
        Column("Activité combinée", "number"),
        Column("Latitude", "number"),
        Column("Longitude", "number"),
        Column("Origine de la position"),
    )
    decisions = [[record[window] for window in windows] for record in listing(roster, programme).records]
    rows = [
        (*_origin(roster), *_establishment(line, own, volets, programme))
        for line, own in zip(roster.lines, decisions, strict=True)
    ]
    about = "Une ligne par établissement, éligible ou non : où il en est dans chaque volet et chaque fenêtre."
    return Sheet("Établissements", _about(about, roster), columns, rows, len(ORIGIN) + len(_WHO))


def applications(roster: Roster, programme: Programme) -> Sheet:
    """One row for each establishment, window and volet that an application covers, withdrawn ones included."""
    columns = (
        *ORIGIN,
        *_WHO,
        Column(KEY_LABELS["window"], "whole"),
        Column(KEY_LABELS["volet"]),
        Column("Déposée le", "day"),
        Column("Instruction"),
        Column("Décidée le", "day"),
        Column("Financement", "euro"),
    )
    rows = [
        (
            *_origin(roster),
            *(line.finess, line.name, row["window"], _volet(programme.volet(row["volet"]))),
            *(row["filed_on"], DECISION_LABELS[row["decision"]], row["decided_on"], row["grant_eur"]),
        )
        for line in roster.lines
        for row in line.applications
    ]
    about = "Une ligne par établissement, fenêtre et volet d’une candidature, retirées comprises."
    return Sheet("Candidatures", _about(about, roster), columns, rows, len(ORIGIN) + len(_WHO))


def usages(roster: Roster, programme: Programme) -> Sheet:
    """One row for each indicator of each application, those that are required and not measured included."""
    columns = (
        *ORIGIN,
        *_WHO,
        Column(KEY_LABELS["window"], "whole"),
        Column(KEY_LABELS["volet"]),
        Column("Indicateur"),
        Column("Requis"),
        Column("Candidature retenue"),
        Column("Numérateur", "whole"),
        Column("Dénominateur", "whole"),
        Column("Taux", "rate"),
        Column("Seuil", "rate"),
        Column("État"),
        Column("Évalué le", "day"),
    )
    rows = [(*_origin(roster), *cells) for line in roster.lines for cells in _measures(line, programme)]
    about = "Une ligne par indicateur de chaque candidature, y compris ceux qui sont requis et sans mesure."
    return Sheet("Usages", _about(about, roster), columns, rows, len(ORIGIN) + len(_WHO))


def _about(said: str, roster: Roster) -> str:
    return " ".join(filter(None, (said, withheld_said(roster.withheld))))


def _establishment(
    line: Line, decisions: Sequence[Any], volets: Sequence[Volet], programme: Programme
) -> tuple[Any, ...]:
    row = line.establishment
    attained, required = progress(line, programme)
    return (
        *(line.finess, line.name),
        *(row["region_code"], _name(geography.regions(), row["region_code"])),
        *(row["department_code"], _name(geography.departments(), row["department_code"])),
        *(row["commune_code"], row["commune_name"]),
        *(LEGAL_STATUS_LABELS[row["legal_status"]], _yes(row["eligible"])),
        *(STATE_LABELS[line.states[volet.id]] for volet in volets),
        # Without an accepted application there is nothing to attain, which is not the same as attaining nothing.
        *((attained, required) if required else (None, None)),
        *decisions,
        *(_LEVELS[row["level"]], row["finess_ej"]),
        ", ".join(ACTIVITY_LABELS.get(activity, activity) for activity in row["activities"] or ()),
        *(row["combined_activity"], row["latitude"], row["longitude"], _POSITIONS[row["location_source"]]),
    )


def _measures(line: Line, programme: Programme) -> Iterator[tuple[Any, ...]]:
    for measure in measures(line, programme):
        yield (
            *(line.finess, line.name, measure.window, _volet(measure.volet), measure.indicator.name),
            *(_yes(measure.required), _yes(measure.accepted)),
            *(measure.numerator, measure.denominator, measure.rate, measure.threshold),
            *(STATUS_LABELS[measure.status], measure.evaluated_on),
        )


def _origin(roster: Roster) -> tuple[Any, ...]:
    header = roster.header
    return origin_cells(header.as_of, header.revision, header.simulated)


def _name(known: Mapping[str, Any], code: str) -> str:
    return known[code].name if code in known else code


def _volet(volet: Volet) -> str:
    return f"{volet.number} – {volet.name}"


def _yes(value: bool) -> str:
    return "oui" if value else "non"
