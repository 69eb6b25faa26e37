"""The table of establishments of the SAE survey (`SAE_ID_….csv`): all France, one row for each, without coordinates.

Its columns: `fi`, `fi_ej`, `rs`, `cat` (FINESS category), `stjr` (1 public, 2 private for profit, 3 private not for
profit), `stj` (legal form), `espic`, `dep`, `COMINSEE` and `NOMCOM`; others are left aside. Overseas communes are
written 9A101 for 97101. An establishment is placed at the town hall of its commune, or nowhere if that commune is not
one of today's.
"""

from collections.abc import Mapping

from sunes.ingest import lenient
from sunes.ingest.readers import positions, statuses
from sunes.ingest.readers.finess_codes import load_codes
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import Row, Sheet
from sunes.programme import Programme
from sunes.schema import ESTABLISHMENTS

# Column of the contract → column of the table.
COLUMNS: Mapping[str, str] = {
    "finess": "fi",
    "name": "rs",
    "finess_ej": "fi_ej",
    "department_code": "dep",
    "commune_code": "cominsee",
    "commune_name": "nomcom",
    "legal_status": "stjr",
    "eligible": "cat",
}
_REQUIRED = ("fi", "cat", "cominsee")
_STATUS = ("stjr", "stj", "espic")


def recognises(sheet: Sheet) -> bool:
    """Whether a file is that table, by its header."""
    return {"fi", "fi_ej", "cominsee"} <= set(map(str.lower, sheet.header))


def read(sheet: Sheet, programme: Programme) -> Reading:
    """Read the table. Eligible are the establishments whose category `programme` holds eligible."""
    sheet = sheet.renamed(str.lower)
    reading = Reading.of(sheet, ESTABLISHMENTS, "Établissements de la SAE (table ID)", COLUMNS)
    for name in _REQUIRED:
        if name not in sheet.header:
            reading.lack(name)
    if not set(_STATUS) & set(sheet.header):
        reading.lack("stjr", "cette colonne manque et rien ne la remplace (ni « stj », ni « espic ») ; ajoutez-la.")
    if reading.readable:
        for row in sheet.rows:
            reading.add(row.line, _translated(reading, row, programme))
    return reading


def _translated(reading: Reading, row: Row, programme: Programme) -> dict[str, str]:
    """The cells of a row under the contract's names and with its values."""
    codes, cells = load_codes(), row.cells
    texts = {name: cells.get(column, "") for name, column in COLUMNS.items()}
    if cells.get("cat") == "":
        reading.problem("la catégorie manque ; elle dit si l’établissement est éligible.", row.line, "cat", "")
    texts["eligible"] = "true" if texts["eligible"] in programme.eligibility.codes else "false"
    texts |= {name: lenient.finess(reading, row, COLUMNS[name]) for name in ("finess", "finess_ej")}
    texts["legal_status"] = _status(reading, row)
    texts["department_code"] = codes.department(texts["department_code"])
    texts["commune_code"] = codes.commune_of_sae(texts["commune_code"])
    located = positions.located(reading, row.line, texts["commune_code"], None, "")
    # The table writes communes in capitals, without accents: its names serve where the geography has none.
    return texts | located | ({} if located else {"commune_name": ""})


def _status(reading: Reading, row: Row) -> str:
    codes = load_codes()
    group, form, service = (row.cells.get(column, "") for column in _STATUS)
    # In this table, unlike in FINESS, all that are neither public nor ESPIC are for profit.
    status = statuses.told(
        [
            (group, codes.sae_group),
            (form, codes.legal_form),
            (service, codes.public_service),
            (service, codes.assumed_from_public_service),
        ]
    )
    if status is None and reading.missing.isdisjoint(_STATUS):
        message = "1 (public), 2 (privé lucratif) ou 3 (privé non lucratif) est attendu."
        reading.problem(message, row.line, "stjr", group)
    return status or ""
