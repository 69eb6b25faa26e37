"""What commands have in common: which store, which form of output, and how days are written."""

import os
from datetime import date
from functools import cache
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from sunes.access.people import Person, Role
from sunes.cli.output import Format
from sunes.cli.speech import complain
from sunes.errors import UsageError
from sunes.french import parse_date, quote
from sunes.snapshots import DATA, Store

DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="DOSSIER",
        help="Dossier de données, ou son adresse s3:// (à défaut, celui de SUNES_DATA ou celui du dépôt).",
    ),
]
FormatOption = Annotated[
    Format, typer.Option("--format", metavar="table|json|csv", help="Forme de la sortie : table, json ou csv.")
]


def open_store(ctx: typer.Context, data: str | None) -> Store:
    """The store that `--data` names, after the command or before it, or the default one.

    Raises UsageError when that is a file.
    """
    where: str | None = data or ctx.obj
    store = Store.at(where) if where else Store.default()
    if not store.address and store.directory.exists() and not store.directory.is_dir():
        raise UsageError(f"{quote(str(store.directory))} n’est pas un dossier ; indiquez un dossier de données.")
    if store.directory != DATA and not store.address:
        _warn_root(store.directory)
    return store


@cache  # once for a command
def _warn_root(folder: Path) -> None:
    """What root writes into somebody's folder may be shut to them: a site could publish nothing any more."""
    if os.geteuid() or not folder.exists() or not (owner := folder.stat().st_uid):
        return
    try:
        name = folder.owner()
    except KeyError:
        name = f"#{owner}"
    complain(
        f"{quote(str(folder))} est à {quote(name)}, à qui ce que root y écrit peut être fermé ; "
        f"lancez plutôt les commandes par « runuser -u {name} -- … ».",
        label="Attention",
    )


def parse_day(option: str, text: str) -> date:
    """The day that an option gives. Raises UsageError when it is not one."""
    try:
        return parse_date(text)
    except ValueError as error:
        raise UsageError(f"{option} : {error}.") from None


def operator(name: str | None = None) -> Person:
    """Whoever has the files, as the journal calls them: by their name on this machine; `name` is what they say."""
    try:
        user = getuser()
    except (KeyError, OSError):  # a container may have no names
        user = f"uid {os.getuid()}"
    return Person(Role.ADMINISTRATOR, user, name or "")
