"""Text files whose cells are parted by a mark, whatever mark and encoding they chose."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO

from sunes.errors import DataError, Problem
from sunes.french import count, number
from sunes.ingest.files import MAX_BYTES, InputFile
from sunes.ingest.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Grid, Record, trimmed

SEPARATORS = {",": "virgule", ";": "point-virgule", "\t": "tabulation"}

# One row may be longer than any table needs, and never long enough to exhaust the memory.
_MAX_LINE = 1_000_000
_CHUNK = 1 << 20
# Titles may stand above the header; this far down, a table has begun.
_HEAD = 20

_SAVE_AS_CSV = "enregistrez-le au format CSV (UTF-8)"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HINT = re.compile(r"sep=([,;\t])\s*")
# Two bytes that are one accented letter in UTF-8; in Windows-1252 they are two signs that no word has side by side.
_TWO_BYTES = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")


def read(file: InputFile) -> Grid:
    """The cells of a CSV file parted by commas, semicolons or tabs, in UTF-8 or Windows-1252.

    A file that is in both, because lines were pasted into it, is read line by line, which is a repair of the grid. A
    quotation mark that is never closed is a problem of the grid: what follows it can't be parted any more.

    Raises
    ------
    DataError
        The file is no text, or larger than `MAX_ROWS`, `MAX_COLUMNS`, `MAX_CELLS` or a million bytes a line. Whatever
        its size, little more is read than those.
    """
    with file.stream() as stream:
        text = _Text(file.name, stream)
        lines = iter(text)
        head = list(islice(lines, _HEAD))
        separator = _separator(head)
        problems: list[Problem] = []
        records = tuple(_bounded(file.name, _records(file.name, chain(head, lines), separator, problems)))
    return Grid(
        file, records, encoding=text.encoding, separator=separator, problems=tuple(problems), repairs=text.repairs
    )


@dataclass
class _Text:
    """The lines of a file, with their ends, each in the encoding that it can only be in."""

    name: str
    stream: BinaryIO
    utf8: int = 0
    windows: list[int] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        total = 0
        for line, content in enumerate(self._lines(), start=1):
            total += len(content)
            if len(content) > _MAX_LINE:
                limit = number(_MAX_LINE)
                raise self._wrong(f"cette ligne dépasse {limit} caractères ; ce n’est pas un tableau.", line)
            if total > MAX_BYTES:
                raise self._wrong(f"ce fichier dépasse {number(MAX_BYTES >> 20)} Mo ; découpez-le ou allégez-le.")
            text = self._decoded(content.removeprefix(codecs.BOM_UTF8) if line == 1 else content, line)
            if _CONTROL.search(text):
                raise self._wrong(f"ce fichier n’est pas un texte (caractère de contrôle) ; {_SAVE_AS_CSV}.", line)
            yield text

    def _lines(self) -> Iterator[bytes]:
        rest = b""
        while len(rest) <= _MAX_LINE and (chunk := self.stream.read(_CHUNK)):
            # The last piece may go on in the next chunk, and so may the end of its line.
            *lines, rest = (rest + chunk).splitlines(keepends=True)
            yield from lines
        yield from (rest,) if rest else ()

    def _decoded(self, content: bytes, line: int) -> str:
        try:
            text = content.decode()
            self.utf8 += not content.isascii()
            return text
        except UnicodeDecodeError:
            pass
        if _TWO_BYTES.search(content):
            message = "cette ligne mêle UTF-8 et Windows-1252, et ses accents seraient faux ; corrigez-la"
            raise self._wrong(f"{message}, ou {_SAVE_AS_CSV}.", line)
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise self._wrong(f"ce fichier n’est ni en UTF-8 ni en Windows-1252 ; {_SAVE_AS_CSV}.", line) from None
        self.windows.append(line)
        return text

    @property
    def encoding(self) -> str:
        windows = "Windows-1252 (ISO-8859-1)" if self.windows else ""
        return " et ".join(filter(None, ("UTF-8" if self.utf8 or not windows else "", windows)))

    @property
    def repairs(self) -> tuple[Problem, ...]:
        if not self.utf8 or not self.windows:
            return ()
        lines = count(len(self.windows), "ligne")
        message = f"{lines} en Windows-1252 dans un fichier en UTF-8, dont celle-ci ; chacune est lue dans le sien."
        return (Problem(message, self.name, line=self.windows[0]),)

    def _wrong(self, message: str, line: int | None = None) -> DataError:
        return DataError(Problem(message, self.name, line=line))


def _separator(head: list[str]) -> str:
    """The mark that parts most rows into the same number of cells; a title or a comment may stand above them."""
    if head and (hint := _HINT.fullmatch(head[0])):  # a line that Excel understands and doesn't show
        return hint[1]

    def regularity(mark: str) -> tuple[int, int]:
        widths = Counter(len(record.cells) for record in _records("", head, mark, []))
        return max(((times, width) for width, times in widths.items() if width > 1), default=(0, 0))

    return max(SEPARATORS, key=regularity)


class _Endless(Exception):  # noqa: N818  # no error, but the way out of a reader that goes on for too long
    pass


def _records(name: str, lines: Iterable[str], separator: str, problems: list[Problem]) -> Iterator[Record]:
    """The records that hold something, each with its first line: one in quotation marks may go over several."""
    size = 0

    def counted() -> Iterator[str]:
        nonlocal size
        for line in lines:
            size += len(line)
            if size > _MAX_LINE:
                raise _Endless
            yield line

    reader = csv.reader(counted(), delimiter=separator, strict=True)
    while True:
        line, size = reader.line_num + 1, 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_Endless, csv.Error) as error:
            problems.append(Problem(_csv_message(error), name, line=line))
            return
        if line == 1 and len(cells) <= 2 and _HINT.fullmatch(separator.join(cells)):
            continue
        cells = [trimmed(cell) for cell in cells]
        if any(cells):
            yield Record(line, tuple(cells))


def _csv_message(error: Exception) -> str:
    limit = csv.field_size_limit() if "field limit" in str(error) else _MAX_LINE
    if isinstance(error, _Endless) or "field limit" in str(error):
        what = "un enregistrement" if isinstance(error, _Endless) else "une cellule"
        return (
            f"{what} dépasse {limit} caractères ; un guillemet n’est sans doute pas refermé. "
            "La suite du fichier n’a pas été lue."
        )
    return "un guillemet est mal placé ou n’est pas refermé ; corrigez-le. La suite du fichier n’a pas été lue."


def _bounded(name: str, records: Iterable[Record]) -> Iterator[Record]:
    """The same records, as long as they can be held. Raises DataError where they can't."""
    cells = 0
    for row, record in enumerate(records, start=1):
        cells += len(record.cells)
        for found, limit, what in (
            (row - 1, MAX_ROWS, "lignes"),
            (len(record.cells), MAX_COLUMNS, "colonnes"),
            (cells, MAX_CELLS, "cellules"),
        ):
            if found > limit:
                message = f"ce fichier compte plus de {number(limit)} {what} ; découpez-le ou allégez-le."
                raise DataError(Problem(message, name, line=record.line))
        yield record
