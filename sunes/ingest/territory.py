"""Whose rows are whose: what an editor of some regions may not touch is rejected when read, and refused again."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache

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
    region would be taking it from another. One that is new must not have a number of another region: whoever is there
    could not give it any more. A national editor can, should there be one that moved.
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
                elif "region_code" in row and finess not in known and not _may_be_of(regions, finess):
                    what = (
                        f"ce numéro commence comme ceux d’une autre région ({_names({_home(finess) or ''})}) ; "
                        "corrigez-le, ou demandez à un éditeur national d’ajouter cet établissement."
                    )
                    reading.problem(what, line, reading.origin("finess"), str(finess))


def ensure_untouched(before: Tables, after: Tables, regions: Regions) -> None:
    """Raises ForbiddenError unless all rows of other regions are what they were.

    An establishment is of another region where it is so before or after, or where it is new and has a number of
    another. No rows and no tables are the same.
    """
    of = [_region_of(tables["establishments"]) if tables else {} for tables in (before, after)]
    own = {
        finess
        for finess in of[0].keys() | of[1].keys()
        if {each[finess] for each in of if finess in each} <= regions
        and (finess in of[0] or _may_be_of(regions, finess))
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


def _may_be_of(regions: Regions, finess: str | None) -> bool:
    """Whether a new establishment of some regions may have a number; what no region numbers is anybody's."""
    return _home(finess) in {None, *regions}


def _home(finess: str | None) -> str | None:
    """The region whose numbers begin like this one: 31… → 76, 2A… → 94, 9704… → 04; None where none do.

    So it is for all 3,975 establishments of the SAE 2023; it isn't for the legal entities of one in ten.
    """
    known = _numbered()
    return known.get(finess[:4]) or known.get(finess[:2]) if finess else None


@cache
def _numbered() -> Mapping[str, str]:
    """First characters of numbers → region: the département, overseas with a zero in it, and 9805 in Mayotte."""
    departments = geography.departments()
    regions = {
        "0".join((code[:2], code[2:])) if code[2:] else code: each.region_code for code, each in departments.items()
    }
    return regions | {"9805": departments["976"].region_code}


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
