"""XLSX workbooks: the values of their cells as text, one grid for each sheet that holds something."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sunes.errors import DataError, Problem
from sunes.french import number
from sunes.ingest.files import InputFile
from sunes.ingest.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Grid, Record, trimmed

# A workbook of half a million rows takes a third of these; one made to exhaust a machine takes all that it is given.
MEMORY = 1_500_000_000
CPU_SECONDS = 60
SECONDS = 120
MAX_TEXT = 200_000_000
MAX_BYTES = 100_000_000

_CHILD = Path(__file__).with_name("workbook_child.py")
# In the old format of Office, which also wraps what a password protects. Its folder names things in UTF-16.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_CORRUPT = "ce classeur est endommagé ; ouvrez-le dans un tableur et enregistrez-le de nouveau au format XLSX."
_FAULTS = {
    "zip": "ce fichier est une archive ZIP, pas un classeur XLSX ; donnez le fichier qu’elle contient.",
    "document": "ce fichier est un document d’un autre format (ODS, XLSB, DOCX…) ; enregistrez-le au format XLSX.",
    "password": "ce classeur est protégé par un mot de passe ; enregistrez-le sans mot de passe.",
    "corrupt": _CORRUPT,
    "big": (
        f"ce classeur est trop grand ({number(MAX_ROWS)} lignes, {number(MAX_COLUMNS)} colonnes et "
        f"{number(MAX_CELLS)} cellules au plus) ; une cellule isolée loin du tableau y suffit : supprimez ce qui n’est "
        "pas le tableau, ou enregistrez la feuille au format CSV (UTF-8)."
    ),
    "long": "ce classeur est trop long à lire ; enregistrez la feuille utile au format CSV (UTF-8).",
}


def read(file: InputFile) -> tuple[Grid, ...]:
    """The sheets of an XLSX workbook that hold something, in its order; hidden ones are marked as such.

    Cells are text, as a person would type them: 310000123, 0.785, 2024-06-30, 2024-06-30 14:05:00, true. A formula is
    what it was when the workbook was saved; nothing is evaluated. An error (#N/A, #REF!) stays as it shows, so that it
    can't pass for an empty cell. Lines are those that Excel shows; columns count from the sheet's first one.

    The workbook is read by another process within limits of memory and time, whatever it does to exhaust them.

    Raises
    ------
    DataError
        It is no workbook, damaged, protected, empty, or larger than the bounds of a grid.
    """
    if len(file.content) > MAX_BYTES:
        raise _fault(file, "big")
    grids = tuple(_grids(file, _answer(file)))
    if not grids:
        raise DataError(Problem("ce classeur est vide ; vérifiez l’export.", file.name))
    return grids


def refuse_old(file: InputFile) -> DataError:
    """What to say of a file in the old format of Office: a workbook that a password protects, or an XLS."""
    if _ENCRYPTED in file.content:
        return _fault(file, "password")
    message = "ce fichier est un ancien classeur XLS ; ouvrez-le dans un tableur et enregistrez-le au format XLSX."
    return DataError(Problem(message, file.name))


def _fault(file: InputFile, fault: str) -> DataError:
    return DataError(Problem(_FAULTS.get(fault, _CORRUPT), file.name))


def _answer(file: InputFile) -> Iterator[Any]:
    """What the other process says of the workbook, line by line. Raises DataError where it does not say all."""
    bounds = (MEMORY, CPU_SECONDS, MAX_ROWS, MAX_COLUMNS, MAX_CELLS, MAX_TEXT)
    command = [sys.executable, "-I", str(_CHILD), *map(str, bounds)]
    try:
        done = subprocess.run(command, input=file.content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _fault(file, "long") from None
    if b"ModuleNotFoundError" in done.stderr:
        raise ModuleNotFoundError("python_calamine, which reads workbooks, is not installed: see requirements.txt")
    lines = done.stdout.split(b"\n")
    end = json.loads(lines[-2]) if done.returncode == 0 and len(lines) > 1 else {}
    if end != {"end": ""}:
        raise _fault(file, end["end"] if end else _killed(done.returncode))
    return map(json.loads, lines[:-2])


def _killed(code: int) -> str:
    """Why a process ended before its time: the clock of the system ended it, or it found no more memory."""
    return "long" if code in (-signal.SIGXCPU, -signal.SIGKILL) else "big"


def _grids(file: InputFile, answer: Iterator[Any]) -> Iterator[Grid]:
    sheet: dict[str, Any] = {}
    rows: list[tuple[int, list[str]]] = []
    for said in answer:
        if isinstance(said, dict):
            yield from _grid(file, sheet, rows)
            sheet, rows = said, []
        else:
            line, first, cells = said
            rows.append((line, [""] * first + [trimmed(cell) for cell in cells]))
    yield from _grid(file, sheet, rows)


def _grid(file: InputFile, sheet: dict[str, Any], rows: list[tuple[int, list[str]]]) -> Iterator[Grid]:
    """The rows of a sheet, all as wide as the widest; nothing where there are none."""
    width = max((len(cells) for _, cells in rows), default=0)
    records = tuple(Record(line, (*cells, *[""] * (width - len(cells)))) for line, cells in rows)
    if records:
        merged = tuple((top, left, bottom, right) for top, left, bottom, right in sheet["merged"])
        yield Grid(file, records, sheet["sheet"], hidden=sheet["hidden"], merged=merged)
