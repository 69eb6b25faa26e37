"""The legal status that the codes of FINESS and of the SAE survey tell, or let us assume."""

from collections import Counter
from collections.abc import Iterable

from sunes.errors import Problem
from sunes.french import count
from sunes.ingest.readers.finess_codes import FILE, Status, Statuses
from sunes.ingest.reading import Reading

# A code of an establishment, and the table that reads it.
Evidence = tuple[str, Statuses]

# The statement of an assumption → how many establishments it was made for.
Assumptions = Counter[str]


def told(evidence: Iterable[Evidence]) -> Status | None:
    """The legal status that the first telling code tells; None where none does."""
    return next((table.by_code[code] for code, table in evidence if code in table.by_code), None)


def assumed(evidence: Iterable[Evidence], assumptions: Assumptions) -> Status | None:
    """The legal status that the first code lets assume, and is counted; None where nobody should choose."""
    for code, table in evidence:
        if code in table.by_code:
            assumptions[table.source] += 1
            return table.by_code[code]
    return None


def report(assumptions: Assumptions, reading: Reading) -> None:
    """Say what was assumed, once for all lines, among the repairs of a reading."""
    for statement, lines in assumptions.items():
        what = count(lines, "établissement")
        message = f"le statut juridique de {what} n’est pas indiqué. {statement} (voir {FILE.name})."
        reading.repairs.append(Problem(message, reading.file.name))
