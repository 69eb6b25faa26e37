"""CSV that opens in French Excel at a double click: `;`, decimal comma, byte order mark."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

# A cell that a spreadsheet would run as a formula is made text by an apostrophe. A negative number is none.
_FORMULA = re.compile(r"\s*[=+\-@\t\r]")


def french_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as bytes. Numbers keep their full precision, dates are `JJ/MM/AAAA`, unknown cells are empty."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([_cell(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def records_csv(records: Sequence[Mapping[str, Any]]) -> bytes:
    """Records that all have the keys of the first one, which are the header."""
    header = list(records[0]) if records else []
    return french_csv(header, ([record[name] for name in header] for record in records))


def file_name(*parts: str, suffix: str) -> str:
    """« sunes_participation_occitanie_2024-06-30.csv »: letters, digits, dashes, so that every system accepts it."""
    plain = unicodedata.normalize("NFKD", "_".join(("sunes", *filter(None, parts)))).encode("ascii", "ignore").decode()
    return f"{re.sub(r'[^a-zA-Z0-9_~.-]+', '-', plain).strip('-').lower()}.{suffix}"


def harmless(text: str) -> str:
    """A text as a spreadsheet shows it instead of running it."""
    return f"'{text}" if _FORMULA.match(text) else text


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float):
        return str(value).replace(".", ",")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return harmless(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
