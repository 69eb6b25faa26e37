"""Whose rows are whose: what an editor of some regions may not touch is rejected when read, and refused again."""

from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sunes import geography
from sunes.access.people import ForbiddenError
from sunes.french import join
from sunes.ingest.reading import Reading
from sunes.schema import TABLES

Regions = frozenset[str]
Tables = Mapping[str, pa.Table]


def reject_others(readings: Mapping[str, Sequence[Reading]], stands: Tables, regions: Regions) -> None:
    """Reject the lines of files that are about establishments of other regions (INSEE codes).

    Where an establishment is known already (in `stands`), it is of the region that is known: moving one into one's own
    region would be taking it from another.
    """
    known = _region_of(stands["establishments"]) if "establishments" in stands else {}
    said = {row["finess"]: row["region_code"] for reading in readings["establishments"] for row in reading.sound_rows}
    only = f"votre rôle ne permet d’importer que pour {_names(regions)} ; retirez cette ligne."
    for own in readings.values():
        for reading in own:
            for row, line in zip(reading.rows, reading.lines, strict=True):
                finess = row["finess"]
                # An establishment that nobody knows is wrong in another way.
                here = (known.get(finess), row["region_code"] if "region_code" in row else said.get(finess))
                if other := {code for code in here if code} - regions:
                    what = f"cet établissement est d’une autre région ({_names(other)}) : {only}"
                    reading.problem(what, line, reading.origin("finess"), str(finess))


def ensure_untouched(before: Tables, after: Tables, regions: Regions) -> None:
    """Raises ForbiddenError unless all rows of other regions are what they were.

    An establishment is of another region where it is so before or after. No rows and no tables are the same.
    """
    of = [_region_of(tables["establishments"]) if tables else {} for tables in (before, after)]
    own = {
        finess for finess in of[0].keys() | of[1].keys() if {each[finess] for each in of if finess in each} <= regions
    }
    for name, table in TABLES.items():
        was, now = (_rows(tables.get(name, table.empty()), own) for tables in (before, after))
        if was != now:
            raise ForbiddenError(
                f"rien n’est publié : dans la table {table.label}, des lignes d’autres régions que {_names(regions)} "
                "ne sont pas celles de la situation en vigueur ; vérifiez de nouveau les fichiers."
            )


def within(tables: Tables, regions: Regions | None) -> Tables:
    """The rows about establishments of some regions; None: all rows."""
    if regions is None:
        return tables
    own = pa.array([finess for finess, code in _region_of(tables["establishments"]).items() if code in regions])
    chosen = own.cast(pa.string())
    return {name: table.filter(pc.is_in(table.column("finess"), chosen)) for name, table in tables.items()}


def _region_of(establishments: pa.Table) -> dict[str, str | None]:
    columns = (establishments.column(name).to_pylist() for name in ("finess", "region_code"))
    return dict(zip(*columns, strict=True))


def _rows(table: pa.Table, own: set[str]) -> list[tuple[object, ...]]:
    """The rows of others in an order of their own, whatever that of the table is."""
    others = table.filter(pa.array([finess not in own for finess in table.column("finess").to_pylist()], pa.bool_()))
    return sorted(zip(*(column.to_pylist() for column in others.columns), strict=True), key=repr)


def _names(regions: Collection[str]) -> str:
    known = geography.regions()
    return join([known[code].name if code in known else code for code in sorted(regions)])
