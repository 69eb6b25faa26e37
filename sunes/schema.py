"""The tables of a snapshot (the data contract) and what makes a row valid."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from sunes.errors import DataError, Problem
from sunes.french import number
from sunes.programme import Programme

SCHEMA_VERSION = 1

FINESS = r"^[0-9A-Z]{9}$"
LEGAL_STATUSES = ("public", "espic", "private")
DECISIONS = ("pending", "accepted", "rejected", "withdrawn")
USAGE_STATUSES = ("not_evaluated", "attained", "missed")

Cell = str | int | float | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract.

    `default` is what a plain CSV import puts where the column is absent or empty; a column that is neither nullable
    nor has a default is part of the key, or derived by the import.
    """

    name: str
    type: pa.DataType
    label: str
    nullable: bool = False
    default: Cell = None
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the contract, its rows identified by `key`."""

    name: str
    label: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type, nullable=c.nullable) for c in self.columns])

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def empty(self) -> pa.Table:
        return self.schema.empty_table()


def _finess(label: str = "numéro FINESS", nullable: bool = False) -> Column:
    name = "finess_ej" if nullable else "finess"
    return Column(name, pa.string(), label, nullable, pattern=FINESS)


_WINDOW = Column("window", pa.int8(), "fenêtre", minimum=1)
_VOLET = Column("volet", pa.string(), "volet")

ESTABLISHMENTS = Table(
    "establishments",
    "établissements",
    ("finess",),
    (
        _finess(),
        Column("name", pa.string(), "nom", default=""),
        Column("level", pa.string(), "niveau", default="ET", choices=("EJ", "ET")),
        _finess("FINESS de l’entité juridique", nullable=True),
        Column("region_code", pa.string(), "région", pattern=r"^\d{2}$"),
        Column("department_code", pa.string(), "département", pattern=r"^(\d{2}|2[AB]|9[78]\d)$"),
        Column("commune_code", pa.string(), "commune (INSEE)", default="", pattern=r"^(|\d[0-9AB]\d{3})$"),
        Column("commune_name", pa.string(), "commune", default=""),
        Column("legal_status", pa.string(), "statut juridique", choices=LEGAL_STATUSES),
        Column("activities", pa.list_(pa.string()), "activités", default=[]),
        Column("combined_activity", pa.float64(), "activité combinée", nullable=True, minimum=0, maximum=1e9),
        Column("latitude", pa.float64(), "latitude", nullable=True, minimum=-90, maximum=90),
        Column("longitude", pa.float64(), "longitude", nullable=True, minimum=-180, maximum=180),
        Column(
            "location_source",
            pa.string(),
            "origine de la position",
            default="none",
            choices=("register", "commune", "none"),
        ),
        Column("eligible", pa.bool_(), "éligible", default=True),
    ),
)

APPLICATIONS = Table(
    "applications",
    "candidatures",
    ("finess", "window", "volet"),
    (
        _finess(),
        _WINDOW,
        _VOLET,
        Column("filed_on", pa.date32(), "date de dépôt", nullable=True),
        Column("decision", pa.string(), "instruction", default="pending", choices=DECISIONS),
        Column("decided_on", pa.date32(), "date de décision", nullable=True),
        Column("grant_eur", pa.int64(), "financement (€)", nullable=True, minimum=0, maximum=1e12),
    ),
)

USAGES = Table(
    "usages",
    "usages",
    ("finess", "window", "volet", "indicator"),
    (
        _finess(),
        _WINDOW,
        _VOLET,
        Column("indicator", pa.string(), "indicateur"),
        Column("numerator", pa.int64(), "numérateur", nullable=True, minimum=0),
        Column("denominator", pa.int64(), "dénominateur", nullable=True, minimum=0),
        Column("threshold", pa.float64(), "seuil", nullable=True, minimum=0, maximum=1),
        Column("status", pa.string(), "état", default="not_evaluated", choices=USAGE_STATUSES),
        Column("evaluated_on", pa.date32(), "date d’évaluation", nullable=True),
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({t.name: t for t in (ESTABLISHMENTS, APPLICATIONS, USAGES)})

# Stores written by other tools choose other widths for the same kind of value; these differences carry no meaning.
_SAME_KIND = (
    # pandas writes integers with nulls as floats, SQL engines write 0.8 as a decimal.
    lambda t: pa.types.is_integer(t) or pa.types.is_floating(t) or pa.types.is_decimal(t),
    lambda t: pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_dictionary(t),
    lambda t: pa.types.is_date(t) or pa.types.is_timestamp(t),
    pa.types.is_boolean,
    lambda t: pa.types.is_list(t) or pa.types.is_large_list(t),
)


def column_problems(name: str, schema: pa.Schema, file: str | None = None) -> list[Problem]:
    """What keeps a Parquet schema from being the table `name`: columns unknown, missing, twice or of another kind."""
    contract = TABLES[name].schema
    found, expected = list(schema.names), set(contract.names)
    problems = [
        Problem("cette colonne n’est pas prévue par le contrat de données.", file=file, column=column)
        for column in dict.fromkeys(found)
        if column not in expected
    ]
    for field in contract:
        if field.name not in found:
            problems.append(Problem("cette colonne manque.", file=file, column=field.name))
        elif found.count(field.name) > 1:
            problems.append(Problem("cette colonne est en double.", file=file, column=field.name))
        elif not _same_kind(schema.field(field.name).type, field.type):
            given = schema.field(field.name).type
            problems.append(
                Problem(f"le type « {given} » ne convient pas ; « {field.type} » est attendu.", file, column=field.name)
            )
    return problems


def _same_kind(given: pa.DataType, expected: pa.DataType) -> bool:
    return bool(pa.types.is_null(given) or next(same(given) for same in _SAME_KIND if same(expected)))


def conform(name: str, table: pa.Table, file: str | None = None) -> pa.Table:
    """`table` with the contract's columns in the contract's order and types. Raises DataError where that fails."""
    problems = column_problems(name, table.schema, file)
    if problems:
        raise DataError(*problems)
    columns = []
    for field in TABLES[name].schema:
        try:
            columns.append(table.column(field.name).cast(field.type))
        except pa.ArrowException:
            problems.append(_uncastable(table.column(field.name), field, file))
    if problems:
        raise DataError(*problems)
    return pa.table(columns, schema=TABLES[name].schema)


def _uncastable(values: pa.ChunkedArray, field: pa.Field, file: str | None) -> Problem:
    """The first value of a column that its type in the contract does not hold."""
    for index, value in enumerate(values):
        try:
            value.cast(field.type)
        except pa.ArrowException:
            message = f"cette valeur n’a pas le type « {field.type} »."
            return Problem(message, file, line=index + 1, column=field.name, value=str(value.as_py()))
    return Problem(f"une valeur n’a pas le type « {field.type} ».", file, column=field.name)


def row_problems(tables: Mapping[str, pa.Table], programme: Programme) -> list[Problem]:
    """Every invalid value of a snapshot's tables, and every key that is repeated or refers to nothing.

    `tables` maps the three names to tables of the contract's schema (see `conform`). The line of a problem is the
    row's place in its table, the first one being 1.
    """
    problems = [problem for name, table in tables.items() for problem in _table_problems(name, table, programme)]
    problems += _orphans(tables, "applications", "establishments", ("finess",))
    problems += _orphans(tables, "usages", "applications", ("finess", "window", "volet"))
    return problems


def _table_problems(name: str, table: pa.Table, programme: Programme) -> Iterator[Problem]:
    for column in TABLES[name].columns:
        values = table.column(column.name)
        for message, broken in _rules(column, values, programme):
            yield from _rows(name, column.name, values, broken, message)
    if name == "usages":
        volet_of = {indicator.id: indicator.volet for indicator in programme.indicators}
        indicators, volets = table.column("indicator").to_pylist(), table.column("volet").to_pylist()
        strays = pa.array(
            [i in volet_of and volet_of[i] != v for i, v in zip(indicators, volets, strict=True)], pa.bool_()
        )
        yield from _rows(name, "indicator", table.column("indicator"), strays, "cet indicateur est d’un autre volet.")
    key = TABLES[name].key
    counts = table.group_by(list(key)).aggregate([([], "count_all")])
    for row in counts.filter(pc.greater(counts.column("count_all"), 1)).to_pylist():
        value = ", ".join(str(row[column]) for column in key)
        yield Problem(f"cette clé apparaît {row['count_all']} fois.", name, column=", ".join(key), value=value)


def _rules(column: Column, values: pa.ChunkedArray, programme: Programme) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """The rules of one column, each with the mask of the rows that break it (null where it does not apply)."""
    choices = column.choices or {
        "volet": programme.volet_ids,
        "indicator": tuple(indicator.id for indicator in programme.indicators),
        "window": programme.window_numbers,
    }.get(column.name, ())
    if not column.nullable:
        yield "une valeur est obligatoire.", values.is_null()
    if choices:
        known = pc.is_in(values, value_set=pa.array(choices, column.type))
        yield (
            f"les valeurs possibles sont {', '.join(map(str, choices))}.",
            pc.and_(pc.invert(known), values.is_valid()),
        )
    if column.pattern:
        yield (
            f"la forme attendue est {column.pattern}.",
            pc.invert(pc.match_substring_regex(values, pattern=column.pattern)),
        )
    if column.minimum is not None:
        yield f"la valeur doit être d’au moins {number(column.minimum)}.", pc.less(values, column.minimum)
    if column.maximum is not None:
        yield f"la valeur doit être d’au plus {number(column.maximum)}.", pc.greater(values, column.maximum)
    if pa.types.is_floating(column.type):
        yield "un nombre fini est attendu.", pc.invert(pc.is_finite(values))


def _rows(
    table: str, column: str, values: pa.ChunkedArray, broken: pa.Array | pa.ChunkedArray, message: str
) -> Iterator[Problem]:
    for index in pc.indices_nonzero(pc.fill_null(broken, False)).to_pylist():
        value = values[index].as_py()
        yield Problem(message, table, line=index + 1, column=column, value="vide" if value is None else str(value))


def _orphans(tables: Mapping[str, pa.Table], child: str, parent: str, key: tuple[str, ...]) -> Iterator[Problem]:
    known = set(zip(*(tables[parent].column(column).to_pylist() for column in key), strict=True))
    rows = zip(*(tables[child].column(column).to_pylist() for column in key), strict=True)
    for index, row in enumerate(rows):
        if row not in known:
            yield Problem(
                f"aucune ligne de « {TABLES[parent].label} » ne porte cette clé.",
                child,
                line=index + 1,
                column=", ".join(key),
                value=", ".join(map(str, row)),
            )
