"""What people said of the columns of their files, kept for the next file with the same ones."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

from sunes.errors import DataError
from sunes.french import day, join, quote
from sunes.ingest.reading import Reading
from sunes.publishing import publisher, put_file

FOLDER = "mappings"


def save(store: Path, table: str, header: Collection[str], said: Mapping[str, str]) -> None:
    """Keep what was said of a file's columns: meaning → column. Only names of columns are written, never a cell.

    `header` has the columns on offer, in any order (see `columns.Columns`). Raises StoreBusyError where somebody else
    is saving at this instant, DataError where the folder of the store can't be written to.
    """
    content = {
        "table": table,
        "columns": sorted(header),
        "said": dict(sorted(said.items())),
        "on": date.today().isoformat(),
    }
    with publisher(store / FOLDER):
        put_file(_file(store, table, header), json.dumps(content, ensure_ascii=False, indent=2).encode())


def find(store: Path, table: str, header: Collection[str]) -> Mapping[str, str]:
    """What was said last of a file with these very columns; nothing where nobody did, or where that can't be read."""
    try:
        content = json.loads(_file(store, table, header).read_bytes())
        said = content["said"]
        if content["columns"] != sorted(header):
            return {}
        return {str(meaning): str(column) for meaning, column in said.items() if column in {*header, ""}}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}  # the person says it once more


def remember(store: Path, readings: Iterable[Reading], said: Mapping[str, Mapping[str, str]]) -> None:
    """Keep what was said of columns, by name of file. Where that can't be done, a person says it once more."""
    for reading in readings:
        if reading.columns and (own := said.get(reading.file.name)):
            with suppress(DataError):
                save(store, reading.table.name, reading.columns.header, own)


def before(store: Path, readings: Iterable[Reading]) -> dict[str, str]:
    """What was said of the columns of a file when they came before."""
    return {
        meaning: column
        for reading in readings
        if reading.columns
        for meaning, column in find(store, reading.table.name, reading.columns.header).items()
    }


def remarks(store: Path, readings: Iterable[Reading]) -> Iterator[str]:
    """What a report says where a file is read by what was said `before`: since when, and how."""
    for reading in readings:
        name, columns = reading.table.name, reading.columns
        if not columns or not (said := find(store, name, columns.header)):
            continue
        try:
            on = json.loads(_file(store, name, columns.header).read_bytes())["on"]
            since = f"de l’import du {day(date.fromisoformat(on))}"
        except (OSError, ValueError, LookupError, TypeError):
            since = "d’un import précédent"
        labels = {meaning.id: quote(meaning.label) for meaning in columns.meanings}
        told = [
            f"{labels.get(meaning, meaning)} {f'lu dans {quote(column)}' if column else 'absent'}"
            for meaning, column in said.items()
        ]
        yield f"{reading.file.name} : colonnes reprises {since} : {join(told)}."


def _file(store: Path, table: str, header: Collection[str]) -> Path:
    columns = json.dumps(sorted(header), ensure_ascii=False).encode(errors="replace")
    return store / FOLDER / f"{table}-{hashlib.sha256(columns).hexdigest()[:16]}.json"
