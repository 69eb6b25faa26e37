"""Which reader a file is for, told by what it holds and not by its name."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from sunes.french import quote
from sunes.ingest import columns
from sunes.ingest.files import InputFile
from sunes.ingest.grid import Grid
from sunes.ingest.readers import (
    contract,
    dossiers,
    finess_stock,
    finess_structures,
    follow_up,
    plain,
    register,
    sae,
    template,
)
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import Sheet, from_grid, read_grids
from sunes.programme import Programme
from sunes.schema import TABLES, Table

# Meaning → column, as a person has said it.
Said = Mapping[str, str]
Reader = Callable[[Grid, Programme, Said], Reading]

# Table → the reader of files whose columns are told by their names or by a person.
_OPEN = {"establishments": plain, "applications": dossiers, "usages": follow_up}
# Columns of the contract that are called the same in French: they don't tell that it is the contract.
_FRENCH = frozenset(("finess", "volet", "latitude", "longitude"))


def read(table: str, file: InputFile, programme: Programme, said: Said, also: Collection[str] = ()) -> list[Reading]:
    """What a file holds of a table: a reading for each of its sheets. Raises DataError where there is none.

    `also`: FINESS numbers that other files refer to, kept from the national files whatever they are.
    """
    if table == "establishments":
        head = file.head()
        if finess_stock.recognises(head):
            return [finess_stock.read(file, programme, also)]
        if finess_structures.recognises(head):
            return [finess_structures.read(file, programme, also)]
    return _read_grids(table, template.own(read_grids(file), table), programme, said)


def _read_grids(table: str, grids: Sequence[Grid], programme: Programme, said: Said) -> list[Reading]:
    """The sheets that hold rows of a table; where none does, the first, for a person to say what its columns hold."""
    seen = [grid for grid in grids if not grid.hidden] or grids
    known = [(grid, reader) for grid in seen if (reader := _reader(table, grid, programme))]
    chosen = known or [(seen[0], _OPEN[table].read)]
    readings = [reader(grid, programme, said) for grid, reader in chosen]
    for grid in grids:
        if all(grid is not one for one, _ in chosen):
            why = "masquée" if grid.hidden else "dont les colonnes ne sont pas reconnues"
            readings[0].left_aside[f"de la feuille {quote(grid.sheet or '')}, {why}"] += len(grid.records)
    return readings


def _reader(table: str, grid: Grid, programme: Programme) -> Reader | None:
    """The reader that knows the columns of a sheet."""
    names = [name.lower() for name in (grid.records[0].cells if grid.records else ()) if name]
    known = set(names) & set(TABLES[table].schema.names)
    if len(known) == len(set(names)) or (known - _FRENCH and 2 * len(known) >= len(names)):
        return partial(_by_contract, TABLES[table])
    if table == "establishments":
        top = Sheet(grid, grid.records[0].cells, 0, ())
        if finess_stock.recognises_table(top):
            return partial(_by_names, finess_stock.read_table)
        for own in (sae, register):
            if own.recognises(top):
                return partial(_by_names, own.read)
    return _OPEN[table].read if _OPEN[table].recognises(grid, programme) else None


def _by_contract(table: Table, grid: Grid, programme: Programme, said: Said) -> Reading:
    """Read a sheet that has the contract's columns, and perhaps some of people, which are forgotten."""
    sheet = from_grid(grid)
    people = [name for name in columns.personal(sheet) if name.lower() not in table.schema.names]
    return contract.read(sheet.without(people) if people else sheet, table)


def _by_names(read: Callable[[Sheet, Programme], Reading], grid: Grid, programme: Programme, said: Said) -> Reading:
    """Read a sheet whose columns have names of their own, which leave nothing to say."""
    return read(from_grid(grid), programme)
