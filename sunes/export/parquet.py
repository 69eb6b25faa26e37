"""Parquet: a table with the types of its columns, for programs."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sunes.roster import Roster
from sunes.schema import TABLES

MIME = "application/vnd.apache.parquet"


def table_parquet(table: pa.Table) -> bytes:
    """A table as a file: the same bytes for the same table."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def roster_parquet(roster: Roster, name: str) -> bytes:
    """The rows of a table of the contract, by name, about the establishments of a roster."""
    rows = {
        "establishments": (line.establishment for line in roster.lines),
        "applications": (row for line in roster.lines for row in line.applications),
        "usages": (row for line in roster.lines for row in line.usages),
    }
    return table_parquet(pa.Table.from_pylist(list(rows[name]), schema=TABLES[name].schema))


def records_parquet(
    fields: Sequence[str], records: Sequence[Mapping[str, Any]], schema: pa.Schema | None = None
) -> bytes:
    """Records with these fields as a file; those that `schema` doesn't know are typed by what they hold."""
    types = {} if schema is None else dict(zip(schema.names, schema.types, strict=True))
    columns = [pa.array([record[field] for record in records], types.get(field)) for field in fields]
    return table_parquet(pa.table(columns, names=list(fields)))
