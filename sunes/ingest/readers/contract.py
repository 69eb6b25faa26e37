"""The plain case: a CSV file whose columns are those of the data contract, in any order."""

from difflib import get_close_matches

from sunes.french import quote
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import Sheet
from sunes.schema import LEGAL_STATUSES, Table


def read(sheet: Sheet, table: Table) -> Reading:
    """Read a file with the contract's columns. All may be missing but those without a default (the key, above all)."""
    sheet = sheet.renamed(str.lower)
    reading = Reading.of(sheet, table, f"{table.label.capitalize()} au format du contrat de données")
    _check_header(reading, sheet, table)
    if reading.readable:
        for row in sheet.rows:
            reading.add(row.line, row.cells)
    return reading


def _check_header(reading: Reading, sheet: Sheet, table: Table) -> None:
    header, names = sheet.header, table.schema.names
    for name in header:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"vouliez-vous dire {quote(near[0])} ?" if near else "retirez-la."
            reading.refuse(f"cette colonne est inconnue ; {hint}", name)
    for name in table.key:
        if name not in header:
            reading.lack(name)
    if table.name != "establishments":
        return
    if "legal_status" not in header:
        # Nothing else in the file tells it, and a guess would count as a fact.
        choices = ", ".join(LEGAL_STATUSES)
        reading.lack("legal_status", f"cette colonne manque et rien ne la remplace ; ajoutez-la ({choices}).")
    if not {"commune_code", "department_code"} & set(header):
        reading.lack("department_code", "cette colonne manque ; ajoutez-la, ou « commune_code », qui la remplace.")
