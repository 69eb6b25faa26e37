"""The register of establishments drawn from the SAE survey and FINESS, one CSV row per geographic establishment.

Its columns: `nofinesset`, `nofinessej`, `rs`, `categetab`, `statut`, `code_insee`, `departement`, `code_region`,
`latitude`, `longitude`, `source_coord`, and flags `act_…` for what the establishment does; others are left aside.
"""

from collections.abc import Mapping

from sunes.french import quote
from sunes.ingest import lenient
from sunes.ingest.places import find_commune
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import Row, Sheet
from sunes.programme import Programme
from sunes.schema import ESTABLISHMENTS

# Column of the contract → column of the register.
COLUMNS: Mapping[str, str] = {
    "finess": "nofinesset",
    "name": "rs",
    "finess_ej": "nofinessej",
    "region_code": "code_region",
    "department_code": "departement",
    "commune_code": "code_insee",
    "legal_status": "statut",
    "latitude": "latitude",
    "longitude": "longitude",
    "location_source": "source_coord",
    "eligible": "categetab",
}
STATUSES = {"Public": "public", "Privé non lucratif": "espic", "Privé lucratif": "private"}
# A point taken from an address or a street is the establishment's; the others are the middle of something larger.
POINTS = {
    "finess_2020_adresse": "register",
    "finess_2020_rue": "register",
    "finess_2020_commune": "commune",
    "centre_commune": "commune",
    "arrondissement_paris": "commune",
}
ACTIVITIES = {
    "act_medecine": "mco",
    "act_chirurgie": "mco",
    "act_obstetrique": "mco",
    "act_ssr": "smr",
    "act_psy": "psy",
    "act_had": "had",
    "act_usld": "usld",
    "act_dialyse": "dialysis",
    "act_imagerie": "imaging",
    "act_biologie": "biology",
}
_FLAGS = {"1": True, "0": False, "": False}
_REQUIRED = ("nofinesset", "categetab", "statut", "code_insee")


def recognises(sheet: Sheet) -> bool:
    """Whether a file is such a register, by its header."""
    return "nofinesset" in map(str.lower, sheet.header)


def read(sheet: Sheet, programme: Programme) -> Reading:
    """Read a register. Eligible are the establishments whose category `programme` holds eligible."""
    sheet = sheet.renamed(str.lower)
    reading = Reading.of(sheet, ESTABLISHMENTS, "Registre des établissements (SAE et FINESS)", COLUMNS)
    for name in _REQUIRED:
        if name not in sheet.header:
            reading.lack(name)
    if reading.readable:
        for row in sheet.rows:
            reading.add(row.line, _translated(reading, row, programme))
    return reading


def _translated(reading: Reading, row: Row, programme: Programme) -> dict[str, str]:
    """The cells of a row under the contract's names and with its values."""
    cells = row.cells
    texts = {name: cells.get(column, "") for name, column in COLUMNS.items()}
    texts |= {name: lenient.finess(reading, row, COLUMNS[name]) for name in ("finess", "finess_ej")}
    texts["legal_status"] = _choice(reading, row, "statut", STATUSES)
    texts["location_source"] = _choice(reading, row, "source_coord", POINTS)
    if cells.get("categetab") == "":
        reading.problem("la catégorie manque ; elle dit si l’établissement est éligible.", row.line, "categetab", "")
    texts["eligible"] = "true" if texts["eligible"] in programme.eligibility.codes else "false"
    texts["activities"] = "|".join(activity for column, activity in ACTIVITIES.items() if _flag(reading, row, column))
    # The register writes communes in capitals, without accents: its names serve where the geography has none.
    texts["commune_name"] = "" if find_commune(texts["commune_code"]) else cells.get("commune", "")
    return texts


def _choice(reading: Reading, row: Row, column: str, meanings: Mapping[str, str]) -> str:
    text = row.cells.get(column, "")
    if text and text not in meanings:
        possible = ", ".join(map(quote, meanings))
        reading.problem(f"les valeurs possibles sont {possible}.", row.line, column, text)
    return meanings.get(text, "")


def _flag(reading: Reading, row: Row, column: str) -> bool:
    text = row.cells.get(column, "")
    if text not in _FLAGS:
        reading.problem("1 ou 0 est attendu.", row.line, column, text)
    return _FLAGS.get(text, False)
