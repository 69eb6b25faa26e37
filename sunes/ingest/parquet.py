"""Parquet files, as tables are handed from one tool to another: their values as text."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sunes.errors import DataError, Problem
from sunes.french import number
from sunes.ingest.files import MAX_BYTES, InputFile
from sunes.ingest.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Grid, Record, trimmed

_BATCH = 1_000


def read(file: InputFile) -> Grid:
    """The rows of a Parquet file as a CSV file would hold them: its names on line 1, empty for null, lists joined by |.

    Raises DataError where the file is damaged, holds tables in its cells, or is larger than the bounds of a grid.
    """
    try:
        with pq.ParquetFile(pa.BufferReader(file.content)) as parquet:
            _check(file, parquet)
            texts = [
                leaf.path for leaf in map(parquet.schema.column, range(len(parquet.schema.names))) if _is_text(leaf)
            ]
        # A text that is repeated a million times is held once.
        with pq.ParquetFile(pa.BufferReader(file.content), read_dictionary=texts) as parquet:
            return Grid(file, tuple(_records(file, parquet)))
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError):
        message = "ce fichier Parquet est endommagé ou illisible ; exportez-le de nouveau."
        raise DataError(Problem(message, file.name)) from None


def _check(file: InputFile, parquet: pq.ParquetFile) -> None:
    metadata, schema = parquet.metadata, parquet.schema_arrow
    held = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    for found, limit, what in (
        (metadata.num_rows, MAX_ROWS, "lignes"),
        (metadata.num_columns, MAX_COLUMNS, "colonnes"),
        (metadata.num_rows * metadata.num_columns, MAX_CELLS, "cellules"),
        (held, 4 * MAX_BYTES, "octets"),
    ):
        if found > limit:
            message = f"ce fichier compte plus de {number(limit)} {what} ; découpez-le ou allégez-le."
            raise DataError(Problem(message, file.name))
    nested = [
        field.name
        for field in schema
        if pa.types.is_nested(field.type)
        and not (pa.types.is_list(field.type) and not pa.types.is_nested(field.type.value_type))
    ]
    if nested:
        message = "cette colonne contient des tableaux dans ses cellules ; retirez-la."
        raise DataError(*(Problem(message, file.name, column=name) for name in nested))


def _records(file: InputFile, parquet: pq.ParquetFile) -> Iterator[Record]:
    yield Record(1, tuple(map(trimmed, parquet.schema_arrow.names)))
    line, left = 1, MAX_BYTES
    for batch in parquet.iter_batches(_BATCH):
        left -= sum(map(_length, batch.columns))
        if left < 0:  # whatever the file said of itself
            raise DataError(Problem("ce fichier est trop grand une fois déplié ; découpez-le.", file.name))
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            line += 1
            cells = tuple(trimmed(_text(value)) for value in row)
            if any(cells):
                yield Record(line, cells)


def _is_text(leaf: pq.ColumnSchema) -> bool:
    return bool(leaf.physical_type == "BYTE_ARRAY" and leaf.logical_type.type in ("STRING", "NONE"))


def _length(column: pa.Array) -> int:
    """How many bytes the values of a column take, each text as often as it stands there."""
    values = column.flatten() if pa.types.is_nested(column.type) else column
    if not pa.types.is_dictionary(values.type):
        return int(values.nbytes)
    return pc.sum(pc.take(pc.binary_length(values.dictionary), values.indices)).as_py() or 0


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value + 0.0:.15g}" if value == value else ""  # dataframes write NaN for what is not known
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, list):
        return "|".join(map(_text, value))
    if isinstance(value, bytes):
        return value.decode()
    return value.isoformat() if isinstance(value, date) else str(value)
