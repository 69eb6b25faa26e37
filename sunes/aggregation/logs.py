"""The logs that an aggregation reads: which columns tell what they are, and those columns in one type each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.parquet as pq

from sunes.aggregation.engines import Engine, LazyFrame
from sunes.errors import DataError, Problem, UsageError

DOCUMENTS, STAYS = "documents", "stays"

# Kind of log → its columns, and whether a log may do without.
COLUMNS: Mapping[str, Mapping[str, bool]] = {
    DOCUMENTS: {
        "finess": False,
        "sent_at": False,
        "volet": False,
        "indicator": False,
        "document_id": False,
        "replaces": True,
    },
    STAYS: {"finess": False, "month": False, "stays": False},
}
_TOLD_BY = {DOCUMENTS: ("document_id", "sent_at"), STAYS: ("month", "stays")}
_WANTED = {
    "finess": "du texte",
    "sent_at": "une date ou un instant",
    "volet": "du texte",
    "indicator": "du texte",
    "document_id": "du texte ou un entier",
    "replaces": "du texte ou un entier",
    "month": "une date, ou du texte de la forme 2024-03",
    "stays": "un nombre",
}


def read(engine: Engine, logs: Sequence[str]) -> dict[str, LazyFrame]:
    """The logs by kind, each with the columns of its kind; a kind of which there is none is absent.

    A log is a Parquet file, a folder of such files, whatever kind each of them is, or an address that the engine knows.

    Returns
    -------
    `documents`: `finess`, `sent_on` (a day), `volet`, `indicator`, `document_id`, `replaces`, all text but the day.
    `stays`: `finess`, `month` (text: `2024-03`, or a day of it, as the log has it), `stays` (float).

    Raises UsageError for a path where there is none, DataError for files that can't be read or are no log.
    """
    alike: dict[tuple[object, ...], list[str]] = {}
    for log in logs:
        if "://" in log:
            alike[log,] = [log]
            continue
        for file in _files(log):
            alike.setdefault(_signature(file), []).append(str(file))
    found: dict[str, list[LazyFrame]] = {}
    problems: list[Problem] = []
    for files in alike.values():
        frame = engine.scan(files)
        schema = frame.collect_schema()
        kind = next((kind for kind, names in _TOLD_BY.items() if all(name in schema for name in names)), None)
        wrong = _problems(files[0], kind, schema)
        problems += wrong
        if kind and not wrong:
            found.setdefault(kind, []).append(_documents(frame) if kind == DOCUMENTS else _stays(frame))
    if problems:
        raise DataError(*problems)
    return {kind: nw.concat(frames) if len(frames) > 1 else frames[0] for kind, frames in found.items()}


def _files(log: str) -> list[Path]:
    """The Parquet files that a path stands for; what tools keep beside them (`_SUCCESS`) is none."""
    path = Path(log)
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"« {log} » n’existe pas ; vérifiez le chemin du journal.")
    found = sorted(
        file
        for file in path.rglob("*.parquet")
        if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
    )
    if not found:
        raise UsageError(f"le dossier « {log} » ne contient aucun fichier Parquet ; vérifiez le chemin du journal.")
    return found


def _signature(file: Path) -> tuple[object, ...]:
    """What must be alike in files that are read together: the columns of a log and their types."""
    try:
        schema = pq.read_schema(file)
    except (pa.ArrowException, OSError):
        message = "ce fichier n’est pas du Parquet, ou il est endommagé ; exportez-le de nouveau."
        raise DataError(Problem(message, str(file))) from None
    columns = {name for names in COLUMNS.values() for name in names}
    return tuple(sorted((field.name, str(field.type)) for field in schema if field.name in columns))


def _problems(log: str, kind: str | None, schema: Mapping[str, Any]) -> list[Problem]:
    if kind is None:
        message = (
            "ce n’est un journal ni de documents (finess, sent_at, volet, indicator, document_id, replaces) "
            "ni de séjours (finess, month, stays) ; vérifiez ses colonnes."
        )
        return [Problem(message, log)]
    problems = []
    for name, optional in COLUMNS[kind].items():
        if name not in schema:
            if not optional:
                problems.append(Problem("cette colonne manque.", log, column=name))
        elif not _suits(name, schema[name]):
            message = f"cette colonne n’a pas le type attendu ({_WANTED[name]}) ; exportez-la de nouveau."
            problems.append(Problem(message, log, column=name))
    return problems


def _suits(name: str, dtype: Any) -> bool:
    if name == "sent_at":
        return isinstance(dtype, nw.Date | nw.Datetime)
    if name == "month":
        return isinstance(dtype, nw.Date | nw.Datetime | nw.String)
    if name == "stays":
        return bool(dtype.is_numeric())
    # Where no document is a replacement, some tools write a column of floats, or of no type.
    if name == "replaces" and (dtype.is_float() or isinstance(dtype, nw.Unknown)):
        return True
    return isinstance(dtype, nw.String) or (name in ("document_id", "replaces") and bool(dtype.is_integer()))


def _documents(frame: LazyFrame) -> LazyFrame:
    schema = frame.collect_schema()
    replaces = _text(schema, "replaces") if "replaces" in schema else nw.lit(None, nw.String)
    return frame.select(
        **{name: _text(schema, name) for name in ("finess", "volet", "indicator", "document_id")},
        sent_on=nw.col("sent_at").cast(nw.Date),
        replaces=replaces,
    )


def _stays(frame: LazyFrame) -> LazyFrame:
    schema = frame.collect_schema()
    return frame.select(
        finess=_text(schema, "finess"), month=_text(schema, "month"), stays=nw.col("stays").cast(nw.Float64)
    )


def _text(schema: Mapping[str, Any], name: str) -> nw.Expr:
    """A column as text; null where it is empty."""
    column, dtype = nw.col(name), schema[name]
    if isinstance(dtype, nw.String):
        return nw.when(column != "").then(column)
    if dtype.is_float():
        return column.cast(nw.Int64).cast(nw.String)
    return (column.cast(nw.Date) if isinstance(dtype, nw.Datetime) else column).cast(nw.String)
