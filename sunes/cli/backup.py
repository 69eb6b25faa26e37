"""The commands that keep a store safe: `backup` and `restore`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sunes import french
from sunes.access.journal import What
from sunes.backup import archive_name, back_up, prune
from sunes.cli.options import DataOption, open_store, operator
from sunes.cli.output import say
from sunes.cli.speech import DATA_SAY_NO, complain
from sunes.errors import UsageError
from sunes.restoration import restore


def back_up_data(
    ctx: typer.Context,
    destination: Annotated[
        Path,
        typer.Argument(
            metavar="DESTINATION", help="Un dossier, où l’archive est nommée par sa date, ou un fichier .tar."
        ),
    ],
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep",
            metavar="NOMBRE",
            min=1,
            help="Ne garder dans ce dossier que les archives les plus récentes. À défaut : toutes.",
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
) -> None:
    """Sauvegarder les situations et le journal dans une archive, pendant que l’on publie ou non."""
    store = open_store(ctx, data)
    into_folder = destination.is_dir()
    if keep is not None and not into_folder:
        raise UsageError(f"--keep attend un dossier qui existe : « {destination} » n’en est pas un.")
    if not into_folder and destination.suffix != ".tar":
        raise UsageError(f"« {destination} » n’est ni un dossier qui existe, ni un nom qui se termine par .tar.")
    target = destination / archive_name(datetime.now(UTC)) if into_folder else destination
    with _progress("Sauvegarde") as tell:
        done = back_up(store, target, store.journal.folder, tell)
    size = french.number(done.size / 1e6, 1)
    say(f"Sauvegarde : « {done.path} » ({french.count(done.snapshots, 'révision')}, {size} Mo), relue et vérifiée.")
    if done.problems:
        kept = " ; aucune archive plus ancienne n’est supprimée" if keep else ""
        complain(*map(str, done.problems), f"ces situations étaient endommagées avant la sauvegarde{kept}.")
        raise typer.Exit(DATA_SAY_NO)
    for path in prune(target, keep) if keep else ():
        say(f"Supprimée : « {path} ».")


def restore_data(
    ctx: typer.Context,
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Ce que « backup » a écrit.")],
    replace: Annotated[
        bool,
        typer.Option("--replace", metavar="", help="Remplacer les situations qui sont là ; elles sont gardées à côté."),
    ] = False,
    data: DataOption = None,
) -> None:
    """Rétablir une sauvegarde : tout, une fois chaque fichier vérifié, ou rien."""
    store = open_store(ctx, data)
    with _progress("Vérification") as tell:
        done = restore(archive, store, store.journal.folder, replace, tell)
    store.journal.record(operator(), What.RESTORED, f"sauvegarde {archive.name}")
    say(f"« {store.where} » est rétabli : {french.count(done.snapshots, 'révision')}.")
    if done.before:
        say(f"Ce qui était là est gardé dans « {done.before} » ; supprimez-le quand vous n’en avez plus besoin.")
    if damaged := store.damaged():
        complain(*map(str, damaged), "ces situations étaient endommagées avant la sauvegarde.")
        raise typer.Exit(DATA_SAY_NO)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[float, str], None]]:
    """A bar on the error stream, where a person watches; yields what moves it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn(label), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[what]}", markup=False))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(label, total=1.0, what="")
        yield lambda done, what: bar.update(task, completed=done, what=what)
