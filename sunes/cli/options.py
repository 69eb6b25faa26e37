"""What commands have in common: which store, which form of output, and how days are written."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sunes.cli.output import Format
from sunes.errors import UsageError
from sunes.french import parse_date, quote
from sunes.snapshots import Store

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DOSSIER", help="Dossier de données (à défaut, celui de SUNES_DATA ou celui du dépôt)."
    ),
]
FormatOption = Annotated[
    Format, typer.Option("--format", metavar="table|json|csv", help="Forme de la sortie : table, json ou csv.")
]


def open_store(ctx: typer.Context, data: Path | None) -> Store:
    """The store that `--data` names, after the command or before it, or the default one.

    Raises UsageError when that is a file.
    """
    folder: Path | None = data or ctx.obj
    store = Store(folder) if folder else Store.default()
    if store.directory.exists() and not store.directory.is_dir():
        raise UsageError(f"{quote(str(store.directory))} n’est pas un dossier ; indiquez un dossier de données.")
    return store


def parse_day(option: str, text: str) -> date:
    """The day that an option gives. Raises UsageError when it is not one."""
    try:
        return parse_date(text)
    except ValueError as error:
        raise UsageError(f"{option} : {error}.") from None
