"""The establishments of a View as one table: where each stands in every volet and window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sunes import geography
from sunes.establishments.measures import DECISION_LABELS, progress
from sunes.establishments.search import matches, searchable
from sunes.programme import Programme
from sunes.roster import STATE_LABELS, STATE_SIGNS, Line, Roster
from sunes.tables import LEGAL_STATUS_LABELS

NAME, FINESS, PROGRESS, ATTAINED = "Établissement", "FINESS", "Progression (%)", "Indicateurs requis atteints"

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """Establishments as records under French headers, all with the same keys, and what each is found by."""

    records: tuple[Record, ...]
    haystacks: tuple[str, ...]

    @property
    def table(self) -> pa.Table:
        """The records as columns, all of them text but the progress; nothing at all without a record."""
        header = self.records[0] if self.records else ()
        kinds = [(name, pa.float64() if name == PROGRESS else pa.string()) for name in header]
        return pa.Table.from_pylist(list(self.records), schema=pa.schema(kinds))

    def matching(self, text: str) -> "Listing":
        """Those in which every word of `text` occurs, accents and capitals aside."""
        if not text.strip():
            return self
        pairs = zip(self.records, self.haystacks, strict=True)
        kept = [(record, haystack) for record, haystack in pairs if matches(haystack, text)]
        return Listing(tuple(record for record, _ in kept), tuple(haystack for _, haystack in kept))

    def finess(self, rows: Sequence[int]) -> tuple[str, ...]:
        """The numbers of some rows, by position; positions beyond the end are none."""
        return tuple(str(self.records[row][FINESS]) for row in rows if row < len(self.records))


def listing(roster: Roster, programme: Programme) -> Listing:
    """Every establishment of a roster, in its order.

    « Progression (%) » is the share of the required indicators that are attained (see `measures.progress`), from 0 to
    100; None without an accepted application.
    """
    windows = roster.view.windows or programme.window_numbers
    records = tuple(_record(line, windows, programme) for line in roster.lines)
    haystacks = tuple(searchable(" ".join(str(value) for value in record.values() if value)) for record in records)
    return Listing(records, haystacks)


def _record(line: Line, windows: Sequence[int], programme: Programme) -> Record:
    place = line.establishment
    attained, required = progress(line, programme)
    return {
        NAME: line.name,
        FINESS: line.finess,
        "Commune": place["commune_name"],
        "Département": _department(place["department_code"]),
        **{
            f"Volet {programme.volet(volet).number}": f"{STATE_SIGNS[state]} {STATE_LABELS[state]}"
            for volet, state in line.states.items()
        },
        PROGRESS: 100 * attained / required if required else None,
        ATTAINED: f"{attained} sur {required}" if required else None,
        **{f"Fenêtre {window}": _decisions(line, window, programme) for window in windows},
        "Statut": LEGAL_STATUS_LABELS[place["legal_status"]],
        "Éligible": "oui" if place["eligible"] else "non",
    }


def _department(code: str) -> str:
    known = geography.departments()
    return f"{code} – {known[code].name}" if code in known else code


def _decisions(line: Line, window: int, programme: Programme) -> str | None:
    """« retenu (V1, V2) », « retenu (V1), non retenu (V2) »; None without an application."""
    volets: dict[str, list[str]] = {}
    for row in line.applications:
        if row["window"] == window:
            volets.setdefault(row["decision"], []).append(f"V{programme.volet(row['volet']).number}")
    return ", ".join(f"{DECISION_LABELS[d]} ({', '.join(own)})" for d, own in volets.items()) or None
