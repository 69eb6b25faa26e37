"""Reads a workbook in a process of its own, which may run out of time or memory and take nothing with it.

Run by `workbook.read`, by its path: the bytes of the workbook come in by standard input; out go JSON lines, a first one
for each sheet (name, visibility, merged ranges), then one for each row that holds something (number, first column,
cells as text), and `{"end": …}` when all is said: "" or what went wrong. It imports nothing of sunes.
"""

import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

Cells = Mapping[tuple[int, int], str]

# A cell whose formula ends in an error, which the library reads as an empty one.
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^<>]*\bt="e")[^<>]*\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]*>'
    rb"(?:<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?<(?:\w+:)?v>(#[A-Z0-9/!?_]{2,20})<"
)
_CHUNK = 1 << 20
_OVERLAP = 10_000  # a formula takes at most 8,192 signs
_MANY = 10_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class _TooBigError(Exception):
    pass


def limit(memory: int, seconds: int) -> None:
    """Let the system end this process where it takes too much. Where a system can't, the caller's clock does."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            continue


def main(memory: int, seconds: int, rows: int, columns: int, cells: int, text: int) -> str:
    """Read the workbook, and say what went wrong: "", or a key of `workbook._FAULTS`."""
    limit(memory, seconds)
    content = sys.stdin.buffer.read()
    try:
        if kind := _other(content):
            return kind
        _write(content, rows, columns, cells, text)
    except (_TooBigError, MemoryError):
        return "big"
    return ""


def _other(content: bytes) -> str:
    """What an archive is if it is no XLSX: the "document" of another office format, or a mere "zip"."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = {name.lstrip("/").replace("\\", "/") for name in archive.namelist()}
    if "xl/workbook.xml" in names:
        return ""
    return "document" if names & {"[Content_Types].xml", "mimetype"} else "zip"


def _write(content: bytes, rows: int, columns: int, cells: int, text: int) -> None:
    import python_calamine  # after the limits, which hold for the library above all

    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    parts = _parts(content)
    for metadata in workbook.sheets_metadata:
        if metadata.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(metadata.name)
        merged = [[top + 1, left, bottom + 1, right] for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
        hidden = metadata.visible != python_calamine.SheetVisibleEnum.Visible
        _say({"sheet": metadata.name, "hidden": hidden, "merged": merged[:_MANY]})
        if sheet.start is None or sheet.end is None:
            continue
        errors = _errors(content, parts.get(metadata.name))
        for number, first, row in _filled(sheet.iter_rows(), sheet.start[1], errors):
            cells -= len(row)
            text -= sum(map(len, row))
            rows -= 1
            if first + len(row) > columns or min(rows + 1, cells, text) < 0:  # a header, on top of the rows
                raise _TooBigError
            _say([number, first, row])


def _say(said: object) -> None:
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")


def _filled(rows: Iterable[list[Any]], first: int, errors: Cells) -> Iterator[tuple[int, int, list[str]]]:
    """The rows that hold something: number, column of the first cell, cells up to the last that is not empty."""
    wrong = {row for row, _ in errors}
    for number, values in enumerate(rows, start=1):
        if number not in wrong and not any(value != "" for value in values):
            continue
        texts = [_text(value) or errors.get((number, column), "") for column, value in enumerate(values, start=first)]
        while texts and not texts[-1].strip():
            texts.pop()
        if texts:
            yield number, first, texts


def _text(value: Any) -> str:
    """A value as a person would type it: whole numbers without decimals, days as 2024-06-30."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value + 0.0:.15g}"  # as many digits as a workbook shows
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, time):
        return value.isoformat("seconds")
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, timedelta) else ""


def _parts(content: bytes) -> dict[str, str]:
    """The name of each sheet → the file in the archive that holds it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            book = ElementTree.parse(archive.open("xl/workbook.xml"))
            relations = ElementTree.parse(archive.open("xl/_rels/workbook.xml.rels"))
        except KeyError:
            return {}
        targets = {item.get("Id"): item.get("Target", "") for item in relations.iter()}
        found = {}
        for item in book.iter():
            if item.tag.endswith("}sheet") and (target := targets.get(item.get(_RELATION))):
                found[item.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        return {name: part for name, part in found.items() if part in archive.namelist()}


def _errors(content: bytes, part: str | None) -> Cells:
    """The cells of a sheet that show an error, such as #N/A."""
    found: dict[tuple[int, int], str] = {}
    if part is None:
        return found
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(part) as sheet:
        rest = b""
        while (chunk := sheet.read(_CHUNK)) and len(found) < _MANY:
            rest += chunk
            for match in _ERROR.finditer(rest):
                letters, row, error = (group.decode() for group in match.groups())
                column = 0
                for letter in letters:
                    column = column * 26 + ord(letter) - 64
                found[int(row), column - 1] = error
            rest = rest[-_OVERLAP:]
    return found


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a file, not any other kind of stream
    try:
        fault = main(*map(int, sys.argv[1:]))
    except ImportError:
        raise
    except BaseException as error:  # the library's panics too
        fault = "password" if type(error).__name__ == "PasswordError" else "corrupt"
    _say({"end": fault})
