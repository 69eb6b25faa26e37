"""What people said of the columns of their files, kept for the next file with the same ones."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

from sunes.french import day, join, quote
from sunes.ingest.columns import Columns
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


def remark(store: Path, table: str, columns: Columns, said: Mapping[str, str]) -> str:
    """What a report says where `find` gave `said`: which columns are read that way, and since when."""
    try:
        on = json.loads(_file(store, table, columns.header).read_bytes())["on"]
        since = f"de l’import du {day(date.fromisoformat(on))}"
    except (OSError, ValueError, LookupError, TypeError):
        since = "d’un import précédent"
    labels = {meaning.id: meaning.label for meaning in columns.meanings}
    told = [
        f"{quote(labels.get(meaning, meaning))} lu dans {quote(column)}"
        if column
        else f"{quote(labels.get(meaning, meaning))} absent"
        for meaning, column in said.items()
    ]
    return f"colonnes reprises {since} : {join(told)}."


def _file(store: Path, table: str, header: Collection[str]) -> Path:
    columns = json.dumps(sorted(header), ensure_ascii=False).encode(errors="replace")
    return store / FOLDER / f"{table}-{hashlib.sha256(columns).hexdigest()[:16]}.json"
