"""Parquet: a table with the types of its columns, for programs."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

MIME = "application/vnd.apache.parquet"


def table_parquet(table: pa.Table) -> bytes:
    """A table as a file: the same bytes for the same table."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def records_parquet(
    fields: Sequence[str], records: Sequence[Mapping[str, Any]], schema: pa.Schema | None = None
) -> bytes:
    """Records with these fields as a file; those that `schema` doesn't know are typed by what they hold."""
    types = {} if schema is None else dict(zip(schema.names, schema.types, strict=True))
    columns = [pa.array([record[field] for record in records], types.get(field)) for field in fields]
    return table_parquet(pa.table(columns, names=list(fields)))
