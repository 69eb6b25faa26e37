"""Any register of establishments: one row each, its columns recognised by their names or said by a person."""

import re
from collections.abc import Mapping
from functools import cache

from sunes import geography
from sunes.french import join, quote
from sunes.ingest import cells, columns, lenient
from sunes.ingest.columns import Meaning
from sunes.ingest.grid import Grid
from sunes.ingest.headings import words
from sunes.ingest.readers.questions import FINESS_NAMES
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import Row, from_grid
from sunes.programme import Programme
from sunes.schema import ESTABLISHMENTS

KIND = "Registre d’établissements"

_CATEGORY = "category"
MEANINGS = (
    Meaning("finess", "Numéro FINESS", FINESS_NAMES, required=True),
    Meaning("name", "Nom", ("name", "nom", "raison sociale", "libellé", "rs", "dénomination", "enseigne", "nom usuel")),
    Meaning(
        "finess_ej",
        "FINESS de l’entité juridique",
        ("finess_ej", "finess juridique", "entité juridique", "nofinessej", "finess de l’entité juridique", "ej"),
    ),
    Meaning("level", "Niveau (EJ ou ET)", ("level", "niveau")),
    Meaning(
        "legal_status",
        "Statut juridique",
        ("legal_status", "statut", "statut juridique", "nature juridique", "catégorie juridique", "secteur"),
        required=True,
    ),
    Meaning(
        "commune_code",
        "Code INSEE de la commune",
        (
            "commune_code",
            "code commune",
            "code insee",
            "insee",
            "code insee commune",
            "code officiel commune",
            "cominsee",
        ),
    ),
    Meaning(
        "commune_name",
        "Commune",
        ("commune_name", "commune", "ville", "nom commune", "libellé commune", "localité"),
    ),
    Meaning(
        "department_code",
        "Département",
        ("department_code", "département", "code département", "dep", "dept", "numéro département", "département code"),
    ),
    Meaning("region_code", "Région", ("region_code", "région", "code région", "nom région")),
    Meaning(
        "activities",
        "Activités (mco, smr, psy…)",
        ("activities", "activité", "activités", "champ", "champs d’activité"),
    ),
    Meaning("combined_activity", "Activité combinée", ("combined_activity", "activité combinée")),
    Meaning("latitude", "Latitude", ("latitude", "lat", "y wgs84")),
    Meaning("longitude", "Longitude", ("longitude", "lon", "long", "lng", "x wgs84")),
    Meaning("eligible", "Éligible", ("eligible", "éligible", "éligibilité", "éligible oui non")),
    Meaning(
        _CATEGORY, "Catégorie FINESS", ("categetab", "catégorie", "code catégorie", "catégorie finess", "category")
    ),
)
_STATUSES = {
    "public": "public|établissement public|eps|établissement public de santé|secteur public|hôpital public",
    "espic": "espic|privé non lucratif|privé à but non lucratif|privé d’intérêt collectif|pspich|pspic|ebnl|pnl|pbnl"
    "|établissement de santé privé d’intérêt collectif|non lucratif|à but non lucratif|associatif",
    "private": "private|privé lucratif|privé à but lucratif|lucratif|à but lucratif|commercial|privé commercial",
}
_ACTIVITIES = {
    "mco": "mco|médecine|chirurgie|obstétrique|médecine chirurgie obstétrique|court séjour",
    "smr": "smr|ssr|soins médicaux et de réadaptation|soins de suite et de réadaptation|soins de suite",
    "psy": "psy|psychiatrie|santé mentale",
    "had": "had|hospitalisation à domicile",
    "usld": "usld|sld|soins de longue durée|long séjour",
    "dialysis": "dialysis|dialyse",
    "imaging": "imaging|imagerie",
    "biology": "biology|biologie",
}


def _spelled(values: Mapping[str, str]) -> Mapping[str, str]:
    return {words(word): value for value, known in values.items() for word in known.split("|")}


_STATUS_OF, _ACTIVITY_OF = _spelled(_STATUSES), _spelled(_ACTIVITIES)


def recognises(grid: Grid, programme: Programme) -> bool:
    """Whether a sheet holds establishments, whatever the programme: its columns say so."""
    return columns.speak(grid, MEANINGS)


def read(grid: Grid, programme: Programme, said: Mapping[str, str]) -> Reading:
    """Read the establishments of a sheet.

    Without an « éligible » column, those are eligible whose FINESS category `programme` holds eligible; without
    categories either, all of them.
    """
    understood, sheet = columns.understand(from_grid(grid, columns.place(grid, MEANINGS, said)), MEANINGS, said)
    found = understood.found
    reading = Reading.of(sheet, ESTABLISHMENTS, KIND, {"eligible": found.get(_CATEGORY, "eligible")} | dict(found))
    lenient.check_columns(reading, understood, () if "department_code" in found else ("commune_code",))
    if not reading.blocking:
        for row in sheet.rows:
            reading.add(row.line, _translated(reading, row, found, programme))
    return reading


def _translated(reading: Reading, row: Row, found: Mapping[str, str], programme: Programme) -> dict[str, str]:
    """The cells of a row under the contract's names and with its values."""
    texts = {meaning: row.cells[column] for meaning, column in found.items()}
    for name in ("finess", "finess_ej"):
        texts[name] = lenient.finess(reading, row, found.get(name))
    texts["level"] = texts.get("level", "").upper()
    texts["legal_status"] = lenient.value(reading, row, found.get("legal_status"), _status) or ""
    texts["activities"] = lenient.value(reading, row, found.get("activities"), _activities) or ""
    texts["commune_code"] = _zeroed(reading, row, found.get("commune_code"), 5)
    texts["department_code"] = _territory(_zeroed(reading, row, found.get("department_code"), 2), _departments())
    texts["region_code"] = _territory(_zeroed(reading, row, found.get("region_code"), 2), _regions())
    eligible = lenient.value(reading, row, found.get("eligible"), cells.yes_no)
    category = texts.pop(_CATEGORY, "")[:3]
    if eligible is None and category:
        eligible = category in programme.eligibility.codes
    texts["eligible"] = "" if eligible is None else str(eligible).lower()
    return texts


def _status(text: str) -> str:
    status = _STATUS_OF.get(words(text))
    if status is None:
        known = join([quote(word) for word in ("Public", "ESPIC", "Privé non lucratif", "Privé lucratif")])
        raise ValueError(f"ce statut ne dit pas lequel des trois est le bon ; écrivez {known}.")
    return status


def _activities(text: str) -> str:
    named = [_ACTIVITY_OF.get(words(part)) for part in re.split(r"[|,;/+]", text) if words(part)]
    if None in named:
        raise ValueError(f"des activités séparées par des virgules sont attendues : {', '.join(_ACTIVITIES)}.")
    return "|".join(dict.fromkeys(filter(None, named)))


def _zeroed(reading: Reading, row: Row, column: str | None, length: int) -> str:
    """A code of so many digits, with the zero that a spreadsheet took from it."""
    text = row.cells.get(column, "") if column else ""
    if len(text) == length - 1 and text.isdecimal() and not text.startswith("0"):
        reading.repair(f"lu 0{text} : le zéro de tête est rétabli.", row.line, column or "", text)
        return f"0{text}"
    return text


def _territory(text: str, known: Mapping[str, str]) -> str:
    """The code of a territory written as 31, Haute-Garonne or 31 - Haute-Garonne; what is none of these as it is."""
    return known.get(words(text), text)


@cache
def _departments() -> Mapping[str, str]:
    return _written(geography.departments())


@cache
def _regions() -> Mapping[str, str]:
    return _written(geography.regions())


def _written(territories: Mapping[str, geography.Territory]) -> Mapping[str, str]:
    return {
        words(way): code
        for code, territory in territories.items()
        for way in (code, territory.name, f"{code} {territory.name}", f"{territory.name} {code}")
    }
