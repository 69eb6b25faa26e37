"""Records as text for programs: JSON, and CSV in the flavour of the contract.

Numbers are unrounded, dates as ISO, unknown is null in JSON and empty in CSV.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sunes.export.csv import harmless

Record = Mapping[str, Any]


def to_json(fields: Sequence[str], records: Iterable[Record]) -> str:
    """A list of flat objects with these fields."""
    return f"{dump([{field: record[field] for field in fields} for record in records])}\n"


def dump(content: Any) -> str:
    """JSON that people can read as well. Raises ValueError for a number that JSON doesn't have."""
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def to_csv(fields: Sequence[str], records: Iterable[Record]) -> str:
    """CSV with commas, `true`/`false`, lists joined by `|`.

    A name that a spreadsheet would run as a formula is preceded by an apostrophe: such files are opened with a click,
    whomever they are meant for. JSON has it as it is.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([_cell(record[field]) for field in fields] for record in records)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = "|".join(value)
    if isinstance(value, str):
        return harmless(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list | dict) else value
