"""Which sheets of a workbook may hold something, of a template that was filled in above all."""

from collections.abc import Sequence

from sunes.errors import DataError, Problem
from sunes.french import quote
from sunes.ingest.grid import Grid
from sunes.ingest.headings import plain
from sunes.ingest.readers.template.words import EXAMPLE, SHEETS, TITLE


def own(grids: Sequence[Grid], table: str) -> Sequence[Grid]:
    """The grids of a file that may hold a table: all but an example and, of a template, just the sheet named for it.

    Raises DataError where there is none.
    """
    if any(_begins(grid, TITLE) for grid in grids):
        name = SHEETS[table]
        chosen = [grid for grid in grids if plain(grid.sheet or "") == plain(name)]
        lacking = f"ce modèle n’a pas de feuille {quote(name)} ; reprenez celle d’un modèle vide"
    else:
        chosen = [grid for grid in grids if not _begins(grid, EXAMPLE)]
        lacking = "ce fichier ne contient rien d’autre que l’exemple du modèle ; remplissez les autres feuilles"
    if not chosen:
        raise DataError(Problem(f"{lacking}, ou donnez un autre fichier.", grids[0].file.name))
    return chosen


def _begins(grid: Grid, text: str) -> bool:
    return any(plain(record.cells[0]).startswith(plain(text)) for record in grid.records[:1])
