"""The words of the template workbook: its sheets, columns, lists to choose from, notes and example."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sunes.programme import Programme
from sunes.schema import TABLES, Table

TITLE = "Modèle de saisie"
EXAMPLE = "Exemple fictif : cette feuille n’est jamais importée"
GUIDE = (
    "Trois feuilles sont à remplir. « Établissements » : une ligne par établissement. « Candidatures » : une ligne par "
    "établissement, fenêtre et volet. « Usages » : une ligne par établissement, fenêtre, volet et indicateur.",
    "Les colonnes à en-tête foncé sont obligatoires. Une note sur chaque en-tête dit ce qui est attendu. Les colonnes "
    "peuvent changer d’ordre, pas de nom.",
    "Laissez vide ce qui n’est pas connu : « non connu » et 0 sont deux choses différentes.",
    "Les numéros FINESS, les codes des communes et des départements sont au format texte : leurs zéros restent.",
    "La feuille « Exemple » montre une ligne remplie de chaque feuille. Elle n’est jamais importée.",
    "N’écrivez ni nom, ni e-mail, ni téléphone de personne : rien de tel n’est gardé.",
    "Pour importer, donnez ce classeur comme registre, candidatures ou usages, selon les feuilles remplies. "
    "Chaque ligne est vérifiée, et vous voyez ce qui changera avant de publier.",
)
SHEETS = {"establishments": "Établissements", "applications": "Candidatures", "usages": "Usages"}

# Derived from the commune when they are not there.
_LEFT_OUT = {"region_code", "location_source"}
_HEADERS = {
    "decision": "Décision",
    "commune_code": "Code INSEE de la commune",
    "department_code": "Code du département",
}
NOTES = {
    "finess": "Obligatoire. 9 caractères, zéros de tête compris : la colonne est au format texte.",
    "finess_ej": "9 caractères, si vous le connaissez.",
    "commune_code": "Par exemple 31555. Il dit le département, la région et, sans coordonnées, la position.",
    "department_code": "Obligatoire sans code INSEE de la commune. Par exemple 31 ou 2A.",
    "legal_status": "Obligatoire : rien d’autre ne le dit.",
    "activities": "Séparées par des virgules : mco, smr, psy, had, usld, dialyse, imagerie, biologie.",
    "combined_activity": "Activité combinée, en nombre. Vide si elle n’est pas connue.",
    "latitude": "En degrés (WGS 84), avec la longitude. Vide : la mairie de la commune.",
    "longitude": "En degrés (WGS 84), avec la latitude.",
    "eligible": "Vide : oui.",
    "level": "ET pour un établissement, EJ pour une entité juridique. Vide : ET.",
    "window": "Obligatoire.",
    "volet": "Obligatoire.",
    "filed_on": "Par exemple 15/10/2021.",
    "decision": "Vide : en instruction.",
    "decided_on": "Pas avant le dépôt.",
    "grant_eur": "En euros, sans décimales. Vide s’il n’est pas connu : ce n’est pas la même chose que 0.",
    "indicator": "Obligatoire.",
    "numerator": "Ce qui a été envoyé. Vide si ce n’est pas connu.",
    "denominator": "Ce qui devait l’être. Le numérateur ne le dépasse pas.",
    "threshold": "Le seuil de cet établissement, en pourcentage, s’il est connu.",
    "status": "Vide : non évalué.",
    "evaluated_on": "Le jour où la cible a été vérifiée.",
}
REQUIRED = {"finess", "legal_status", "window", "volet", "indicator"}
_OFFERED: Mapping[str, Sequence[str]] = {
    "legal_status": ("Public", "Privé non lucratif", "Privé lucratif"),
    "level": ("ET", "EJ"),
    "eligible": ("Oui", "Non"),
    "decision": ("Accepté", "Refusé", "En instruction", "Sans suite"),
    "status": ("Atteint", "Non atteint", "Non évalué"),
}
# Rows of the example: what a person would type, by column of the contract, besides the programme's own words. The
# establishment does not exist.
_EXAMPLES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "establishments": [
        {
            "finess": "990000019",
            "name": "Clinique fictive des Trois Fontaines",
            "level": "ET",
            "commune_code": "31555",
            "legal_status": "Privé lucratif",
            "activities": "mco, imagerie",
            "combined_activity": 1735.5,
            "eligible": "Oui",
        }
    ],
    "applications": [
        {
            "finess": "990000019",
            "filed_on": date(2023, 3, 30),
            "decision": "Accepté",
            "decided_on": date(2023, 5, 22),
            "grant_eur": 34600,
        }
    ],
    "usages": [
        {
            "finess": "990000019",
            "numerator": 74,
            "denominator": 87,
            "threshold": 0.6,
            "status": "Atteint",
            "evaluated_on": date(2024, 1, 5),
        }
    ],
}


def header(table: Table) -> dict[str, str]:
    """Column of the contract → its name in the workbook."""
    columns = (column for column in table.columns if column.name not in _LEFT_OUT)
    return {c.name: _HEADERS.get(c.name, c.label[0].upper() + c.label[1:]) for c in columns}


def examples(programme: Programme) -> dict[str, list[dict[str, Any]]]:
    """Table → rows as a person would fill them in, about the last window and the first volet."""
    offered, volet = choices(programme), programme.volets[0]
    indicator = next(each.name for each in programme.indicators if each.id == volet.required[0])
    own = {"window": offered["window"][-1], "volet": offered["volet"][0], "indicator": indicator}
    return {
        name: [{**{column: own[column] for column in header(TABLES[name]) if column in own}, **row} for row in rows]
        for name, rows in _EXAMPLES.items()
    }


def choices(programme: Programme) -> dict[str, Sequence[str]]:
    """Column → what may be chosen there."""
    return {
        **_OFFERED,
        "window": [f"Fenêtre {window.number}" for window in programme.windows],
        "volet": [f"Volet {volet.number} – {volet.name}" for volet in programme.volets],
        "indicator": [indicator.name for indicator in programme.indicators],
    }
