"""A CSV file as a person sees it: a header, rows with the line where each stands, and how the text was understood."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sunes.errors import DataError, Problem
from sunes.french import count

MAX_BYTES = 256 * 1024 * 1024
SEPARATORS = {",": "virgule", ";": "point-virgule", "\t": "tabulation"}

# What a file says of itself in its first bytes, when it is not a text.
_SIGNATURES = (
    (b"PK\x03\x04", "un classeur XLSX ou une archive ZIP"),
    (b"\xd0\xcf\x11\xe0", "un ancien classeur XLS ou un classeur protégé par mot de passe"),
    (b"\x1f\x8b", "une archive GZIP"),
    (b"%PDF", "un PDF"),
    (b"PAR1", "un fichier Parquet"),
)
_EMPTY = "ce fichier est vide ; vérifiez l’export."
_SAVE_AS_CSV = "enregistrez-le au format CSV (UTF-8)"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class InputFile:
    """The content of a file and the name that a person knows it by."""

    name: str
    content: bytes

    @classmethod
    def open(cls, path: Path) -> "InputFile":
        """Read a file from disk. Raises DataError when it cannot be read or is larger than `MAX_BYTES`."""
        try:
            if path.exists() and not path.is_file():
                raise DataError(Problem("ce n’est pas un fichier ; indiquez un fichier CSV.", path.name or str(path)))
            if path.stat().st_size > MAX_BYTES:
                limit = MAX_BYTES // (1024 * 1024)
                raise DataError(Problem(f"ce fichier dépasse {limit} Mo ; découpez-le ou allégez-le.", path.name))
            return cls(path.name, path.read_bytes())
        except FileNotFoundError:
            raise DataError(Problem("ce fichier n’existe pas ; vérifiez son chemin.", str(path))) from None
        except PermissionError:
            raise DataError(Problem("vous n’avez pas le droit de lire ce fichier.", str(path))) from None
        except (OSError, ValueError):  # a name too long, a null byte in it, a disk error
            raise DataError(Problem("ce fichier ne peut pas être lu ; vérifiez son chemin.", str(path))) from None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, trimmed, and the line of the file where it begins."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read. `problems` are the rows (and the end of the file) that could not be."""

    file: InputFile
    encoding: str
    separator: str
    header: tuple[str, ...]
    header_line: int
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_sheet(file: InputFile) -> Sheet:
    """Read a CSV file whose columns are parted by commas, semicolons or tabs, in UTF-8 or Windows-1252.

    Column names are trimmed, shortened where they are endless, and put in lower case; rows without any content are
    left out. A row that has more or fewer cells than the header is a problem of the sheet, and so is a quotation mark
    that is never closed.

    Raises
    ------
    DataError
        There is nothing to read: an empty file, no row under the header, something else than a text, a header with
        an empty or repeated name.
    """
    text, encoding = _decode(file)
    separator = max(SEPARATORS, key=lambda mark: len(_header(text, mark)))
    problems: list[Problem] = []
    records = _records(file.name, text, separator, problems)
    header_line, names = next(records, (1, []))
    header = tuple(shortened(name).lower() for name in names)
    _check_header(file.name, header_line, header, problems)
    rows = []
    for line, cells in records:
        if len(cells) == len(header):
            rows.append(Row(line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}))
        else:
            counted = count(len(cells), "cellule")
            message = f"cette ligne compte {counted} au lieu de {len(header)} ; vérifiez les séparateurs."
            problems.append(Problem(message, file.name, line=line))
    if not rows and not problems:
        raise DataError(Problem("il n’y a aucune ligne sous l’en-tête ; vérifiez l’export.", file.name))
    return Sheet(file, encoding, separator, header, header_line, tuple(rows), tuple(problems))


def _decode(file: InputFile) -> tuple[str, str]:
    content = file.content
    if not content.strip():
        raise DataError(Problem(_EMPTY, file.name))
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            raise DataError(Problem(f"ce fichier est {kind}, pas un CSV ; {_SAVE_AS_CSV}.", file.name))
    for encoding, shown in (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252 (ISO-8859-1)")):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if control := _CONTROL.search(text):
            message = f"ce fichier n’est pas un texte (caractère de contrôle) ; {_SAVE_AS_CSV}."
            raise DataError(Problem(message, file.name, line=text.count("\n", 0, control.start()) + 1))
        return text, shown
    raise DataError(Problem(f"ce fichier n’est ni en UTF-8 ni en Windows-1252 ; {_SAVE_AS_CSV}.", file.name))


def _records(name: str, text: str, separator: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """The records that hold something, each with its first line: one in quotation marks may go over several."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # What follows can't be parted into cells any more.
            problems.append(Problem(_csv_message(str(error)), name, line=line))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _csv_message(error: str) -> str:
    if "field limit" in error:
        return (
            f"une cellule dépasse {csv.field_size_limit()} caractères ; un guillemet n’est sans doute pas refermé. "
            "La suite du fichier n’a pas été lue."
        )
    return "un guillemet est mal placé ou n’est pas refermé ; corrigez-le. La suite du fichier n’a pas été lue."


def _header(text: str, separator: str) -> list[str]:
    return next(_records("", text, separator, []), (1, []))[1]


def _check_header(file: str, line: int, header: tuple[str, ...], problems: list[Problem]) -> None:
    if not header:
        raise DataError(*problems or [Problem(_EMPTY, file)])
    wrong = [
        Problem("cette colonne est en double ; gardez-en une.", file, line=line, column=name)
        for name in dict.fromkeys(header)
        if name and header.count(name) > 1
    ]
    wrong += [
        Problem(f"la colonne n° {place} n’a pas de nom ; donnez-lui-en un ou supprimez-la.", file, line=line)
        for place, name in enumerate(header, start=1)
        if not name
    ]
    if wrong:
        raise DataError(*wrong)


def shortened(text: str, limit: int = 80) -> str:
    """A text as an error can quote it: on one line, and not for pages."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[:limit]}…"
