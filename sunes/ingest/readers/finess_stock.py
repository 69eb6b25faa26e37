"""FINESS as published until 2026: `etalab-cs1100507-stock-….csv`, the establishments, then where they are.

No header, cells parted by semicolons. The first line names the extraction; then come all `structureet` lines, then all
`geolocalisation` lines, which the FINESS number joins. The file is read line by line: whatever is wrong with one line
(quotation marks that do not match, above all) ends with it.

The legal status is not in the file. `codesph` tells it, or `codemft` does; where neither does, the category or
« Non concerné » lets it be assumed, and the reading says how often (see data/reference/finess.toml). Without any of
these the line is rejected. A table with a header of the same names is read likewise: it is what a person gets back to
correct.
"""

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from sunes.errors import DataError, Problem
from sunes.french import count, day, join, number
from sunes.ingest.files import InputFile
from sunes.ingest.readers import positions, statuses
from sunes.ingest.readers.finess_codes import load_codes
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import Sheet
from sunes.programme import Programme
from sunes.schema import ESTABLISHMENTS

STRUCTURE = (
    *("section", "nofinesset", "nofinessej", "rs", "rslongue", "complrs", "compldistrib", "numvoie", "typvoie", "voie"),
    *("compvoie", "lieuditbp", "commune", "departement", "libdepartement", "ligneacheminement", "telephone"),
    *("telecopie", "categetab", "libcategetab", "categagretab", "libcategagretab", "siret", "codeape", "codemft"),
    *("libmft", "codesph", "libsph", "dateouv", "dateautor", "datemaj", "numuai"),
)
PLACE = ("section", "nofinesset", "coordxet", "coordyet", "sourcecoordet", "datemaj")

# Column of the contract → column of the file.
ORIGINS = {
    "finess": "nofinesset",
    "name": "rs",
    "finess_ej": "nofinessej",
    "department_code": "departement",
    "commune_code": "commune",
    "legal_status": "codesph",
    "latitude": "coordxet",
    "longitude": "coordyet",
    "eligible": "categetab",
}
# What makes a table of these columns, with a header: the lines of an extraction that a person has corrected.
_TELLING = {"nofinesset", "categetab", "commune", "departement", "codesph"}
_NOT_KEPT = ("telephone", "telecopie")

OTHER_CATEGORY = "d’une autre catégorie"
NO_CATEGORY = "sans catégorie"
ELSEWHERE = "d’une collectivité d’outre-mer"

_KIND = "FINESS (format d’avant 2026)"
_RECOGNISED = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:"?finess"?;"?etalab"?;|(?:[^\n]*\n){0,2}"?structureet"?;)', re.I)
_EXTRACTED = re.compile(r"\d{4}-\d{2}-\d{2}")
_QUOTES = re.compile('"+')
# Lines are a few hundred bytes long. What goes on for longer, or is wrong again and again, is another kind of file.
_LONGEST_LINE = 65_536
_MOST_PROBLEMS = 1_000

# The last one reads any line.
_ENCODINGS = (
    ("utf-8-sig", "UTF-8"),
    ("cp1252", "Windows-1252 (ISO-8859-1)"),
    ("iso-8859-1", "ISO-8859-1"),
)

Cells = dict[str, str]


def recognises(head: bytes) -> bool:
    """Whether a file is such an extraction, by its first bytes."""
    return _RECOGNISED.match(head) is not None


def read(file: InputFile, programme: Programme, also: Collection[str] = ()) -> Reading:
    """Read the establishments that `programme` holds eligible, and those of `also`, whatever they are.

    Parameters
    ----------
    also
        FINESS numbers that applications refer to.

    Raises
    ------
    DataError
        The file cannot be read, or holds no establishment at all.
    """
    reading = Reading(file, ESTABLISHMENTS, _KIND, separator=";", origins=ORIGINS)
    extraction = _Extraction(reading, programme.eligibility.codes, also)
    with file.stream() as stream:
        encodings = Counter[str]()
        for line, text in enumerate(_texts(stream, encodings), start=1):
            extraction.take(line, text)
            stop_if_hopeless(reading)
    if not reading.read:
        raise DataError(Problem("il n’y a aucune ligne « structureet » ; vérifiez l’extraction.", file.name))
    reading.encoding = join([shown for shown, lines in encodings.items() if lines]) or "UTF-8"
    extraction.finish()
    return reading


def recognises_table(sheet: Sheet) -> bool:
    """Whether a table has the columns of an extraction in its header."""
    return set(map(str.lower, sheet.header)) >= _TELLING


def read_table(sheet: Sheet, programme: Programme, also: Collection[str] = ()) -> Reading:
    """Read a table whose header names the cells of an extraction, those of its points included. See `read`."""
    sheet = sheet.renamed(str.lower)
    reading = Reading.of(sheet, ESTABLISHMENTS, _KIND, ORIGINS)
    extraction = _Extraction(reading, programme.eligibility.codes, also)
    for row in sheet.rows:
        cells = {column: row.cells.get(column, "") for column in (*STRUCTURE, *PLACE)}
        extraction.places[cells["nofinesset"]] = cells
        extraction.keep(row.line, cells)
    extraction.finish()
    return reading


def stop_if_hopeless(reading: Reading) -> None:
    """Raise DataError when there are more problems than a person would ever mend: the file is something else."""
    if len(reading.problems) >= _MOST_PROBLEMS:
        message = f"plus de {number(_MOST_PROBLEMS)} lignes sont illisibles ; est-ce bien une extraction de FINESS ?"
        raise DataError(*reading.problems[:10], Problem(message, reading.file.name))


def _texts(stream: BinaryIO, encodings: Counter[str]) -> Iterator[str | None]:
    """The lines as text, None in the place of one without end. Which encodings it took is counted in `encodings`."""
    while line := stream.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            while rest := stream.readline(_LONGEST_LINE):
                if rest.endswith(b"\n"):
                    break
            yield None
            continue
        for encoding, shown in _ENCODINGS:
            try:
                text = line.decode(encoding)
            except UnicodeDecodeError:
                continue
            encodings[shown] += not text.isascii()
            yield text
            break


def _cells(text: str, widths: Collection[int]) -> list[str]:
    """The cells of a line. Quotation marks that part it into another number of cells than `widths` are but letters."""
    cells = text.split(";")
    if '"' in text:
        try:
            quoted = next(csv.reader([text], delimiter=";"), [])
        except csv.Error:  # a carriage return within the line
            quoted = []
        chosen = quoted if len(quoted) in widths else [cell.strip().strip('"') for cell in cells]
        cells = [_QUOTES.sub('"', cell) for cell in chosen]
    return [cell.strip() for cell in cells]


@dataclass(slots=True)
class _Extraction:
    """The lines read so far: establishments that are kept, and points that wait for theirs."""

    reading: Reading
    eligible: Collection[str]
    also: Collection[str]
    kept: list[tuple[int, Cells]] = field(default_factory=list)
    dismissed: set[str] = field(default_factory=set)
    places: dict[str, Cells] = field(default_factory=dict)
    assumptions: statuses.Assumptions = field(default_factory=Counter)

    def take(self, line: int, text: str | None) -> None:
        """Take in one line of an extraction; None stands for one without end."""
        if text is None:
            message = f"cette ligne dépasse {number(_LONGEST_LINE)} caractères ; supprimez-la."
            self.reading.problem(message, line, "section")
            return
        text = text.rstrip("\r\n")
        section = text.split(";", 1)[0].strip().strip('"').lower()
        if section == "structureet":
            self._structure(line, text)
        elif section == "geolocalisation":
            self._place(line, text)
        elif section == "finess" and line <= 2:
            self._title(text)
        elif text.strip("; \t\x1a"):
            message = "la section est inconnue ; « structureet » ou « geolocalisation » est attendu."
            self.reading.problem(message, line, "section", section)

    def keep(self, line: int, cells: Cells) -> None:
        """Keep an establishment, or leave it aside."""
        codes, category, finess = load_codes(), cells["categetab"], cells["nofinesset"]
        reason = None
        if codes.elsewhere(codes.department(cells["departement"])):
            reason = ELSEWHERE
        elif category not in self.eligible and finess not in self.also:
            reason = OTHER_CATEGORY if category else NO_CATEGORY
        if reason:
            self.reading.left_aside[reason] += 1
            self.dismissed.add(finess)
        else:
            self.kept.append((line, cells))

    def finish(self) -> None:
        """Add the establishments, each with its point."""
        for line, cells in self.kept:
            self._add(line, cells, self.places.get(cells["nofinesset"], {}))
        statuses.report(self.assumptions, self.reading)

    def _title(self, text: str) -> None:
        if found := _EXTRACTED.search(text):
            try:
                self.reading.kind = f"{_KIND}, situation au {day(date.fromisoformat(found[0]))}"
            except ValueError:
                return  # a date that no calendar has tells nothing of the establishments

    def _structure(self, line: int, text: str) -> None:
        self.reading.read += 1
        # `numuai` came late, and some extractions end each line with one more semicolon.
        wanted = (len(STRUCTURE) - 1, len(STRUCTURE), len(STRUCTURE) + 1)
        cells = _cells(text, wanted)
        named = {"numuai": "", **dict(zip(STRUCTURE, cells, strict=False))}
        if len(cells) in wanted and not any(cells[len(STRUCTURE) :]):
            self.keep(line, named)
        else:
            self.reading.originals[line] = _original(named)
            self._uneven(line, cells, len(STRUCTURE))

    def _place(self, line: int, text: str) -> None:
        cells = _cells(text, (len(PLACE), len(PLACE) + 1))
        if len(cells) == len(PLACE) + 1 and not cells[-1]:
            cells = cells[:-1]
        if len(cells) > len(PLACE):  # the source, whose parts are parted by commas, had semicolons
            cells = [*cells[:4], ",".join(cells[4:-1]), cells[-1]]
        if len(cells) < len(PLACE):
            self._uneven(line, cells, len(PLACE))
        elif cells[1] not in self.dismissed:  # whatever the order of the sections
            self.places.setdefault(cells[1], dict(zip(PLACE, cells, strict=True)))

    def _uneven(self, line: int, cells: list[str], wanted: int) -> None:
        counted = count(len(cells), "cellule")
        message = f"cette ligne compte {counted} au lieu de {wanted} ; vérifiez les points-virgules."
        self.reading.problem(message, line, "section", cells[0])

    def _add(self, line: int, cells: Cells, place: Cells) -> None:
        codes, category = load_codes(), cells["categetab"]
        department = codes.department(cells["departement"])
        commune = codes.commune(cells["departement"], cells["commune"])
        x, y, source = (place.get(name, "") for name in PLACE[2:5])
        self.reading.originals[line] = _original(cells) | {"coordxet": x, "coordyet": y, "sourcecoordet": source}
        texts = {
            "finess": cells["nofinesset"],
            "name": cells["rs"] or cells["rslongue"],
            "finess_ej": cells["nofinessej"],
            "department_code": department,
            "commune_code": commune,
            "eligible": "true" if category in self.eligible else "false",
            "legal_status": self._status(line, cells),
        }
        point = positions.projected((x, y), source, department)
        given, centre = ", ".join(filter(None, (x, y))), positions.is_commune_centre(source)
        self.reading.add(line, texts | positions.located(self.reading, line, commune, point, given, centre))

    def _status(self, line: int, cells: Cells) -> str:
        codes, category, service = load_codes(), cells["categetab"], cells["codesph"]
        pricing = cells["codemft"].zfill(2)
        status = statuses.told([(service, codes.public_service), (pricing, codes.pricing)]) or statuses.assumed(
            [(category, codes.assumed_from_category), (service, codes.assumed_from_public_service)], self.assumptions
        )
        if status is None:
            message = (
                f"ni ce code, ni « codemft » (« {pricing} »), ni la catégorie ne disent si l’établissement est public "
                "ou privé ; complétez finess.toml."
            )
            self.reading.problem(message, line, "codesph", service)
        return status or ""


def _original(cells: Cells) -> Cells:
    return {column: cell for column, cell in cells.items() if column not in _NOT_KEPT}
