"""The commands that write a View to a file: `export …`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl

import typer

from sunes import engine, french, questions
from sunes.access.people import EVERYTHING
from sunes.cli.options import DataOption, open_store
from sunes.cli.output import say
from sunes.cli.speech import Command, Commands, complain
from sunes.definitions import load_definitions
from sunes.errors import UsageError
from sunes.export.files import save
from sunes.links import EMBEDDED
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.view import PARAMETERS, TRACKING

# What makes files is loaded by the command that writes one: the others need not wait for it.
if TYPE_CHECKING:
    from sunes.deck.facts import Facts

export = typer.Typer(cls=Commands, help="Emporter une vue : classeur Excel, présentation PowerPoint, page web.")
command = partial(export.command, cls=Command)

ViewOption = Annotated[
    str,
    typer.Option(
        "--view",
        metavar="VUE",
        help=french.typographic(
            "Ce que montre le fichier, comme dans l’adresse d’une page : « region=76&snapshot=2024-06-30 », ou cette "
            "adresse entière. À défaut : tout, à la dernière situation."
        ),
        show_default=False,
    ),
]
FileOption = Annotated[
    Path, typer.Option("--output", "-o", metavar="FICHIER", help="Le fichier à écrire, remplacé s’il existe.")
]


@command("workbook")
def export_workbook(ctx: typer.Context, output: FileOption, view: ViewOption = "", data: DataOption = None) -> None:
    """Écrire un classeur Excel : une feuille par tableau, avec définitions, cibles et sources."""
    from sunes.export.workbook import SHEETS, workbook

    target = target_file(output, ".xlsx", "un classeur")
    facts = read_facts(open_store(ctx, data), view)
    with progress("Classeur", len(SHEETS)) as tell:
        content = workbook(facts, tell)
    write_file(target, content, "Classeur")


# What every export does ----------------------------------------------------------------------------------------------


def read_facts(store: Store, view: str) -> "Facts":
    """The figures of the View that an option gives as parameters or as a whole address.

    Raises UsageError for what is unknown, empty or impossible in it, DataError for a damaged store. Earlier snapshots
    that can't be read are named and left out.
    """
    from sunes.deck.facts import Facts

    programme = load_programme()
    question = questions.read(_params(view), programme, _written)
    facts = Facts(store, question.view, programme, load_definitions(), sight=EVERYTHING)
    earlier = [each for each in store.history(until=facts.snapshot.as_of) if each.as_of < facts.snapshot.as_of]
    complain(*map(str, (*store.damaged(), *engine.sound(earlier)[1])), label="Laissé de côté")
    return facts


def target_file(path: Path, suffix: str, what: str) -> Path:
    """Where to write: `path`, with the suffix that its kind of file has where it has none.

    Raises UsageError for the suffix of another kind, for a folder, for a folder that is missing.
    """
    if path.is_dir():
        example = french.quote(str(path / f"sunes{suffix}"))
        raise UsageError(f"« {path} » est un dossier ; indiquez un nom de fichier, par exemple {example}.")
    target = path if path.suffix or path.exists() else path.with_name(f"{path.name}{suffix}")
    if target.exists() and not target.is_file():
        raise UsageError(f"« {target} » n’est pas un fichier ordinaire ; choisissez un autre nom.")
    if target.suffix.lower() != suffix:
        right = french.quote(str(path.with_suffix(suffix)))
        raise UsageError(f"« {path} » : le nom d’{what} se termine par {suffix} ; écrivez par exemple {right}.")
    if not target.parent.is_dir():
        raise UsageError(f"« {target.parent} » n’est pas un dossier qui existe ; créez-le ou choisissez-en un autre.")
    return target


@contextmanager
def progress(label: str, steps: int) -> Iterator[Callable[[str], None]]:
    """A bar on the error stream while something is made, where a person watches; yields what names each step."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[step]}", markup=False))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(label, total=steps, step="")
        begun = iter(range(steps + 1))
        yield lambda step: bar.update(task, completed=next(begun, steps), step=step)


def write_file(target: Path, content: bytes, what: str) -> None:
    """Write the file as a whole and say so. Raises DataError when the system refuses."""
    save(target, content)
    say(f"{what} : « {target} » ({french.number(len(content) / 1000, 0)} ko).")


def _params(view: str) -> dict[str, list[str]]:
    query = view.partition("#")[0].strip()
    query = query.partition("?")[2] if "?" in query or "://" in query else query
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise UsageError(
            f"--view : « {view} » n’est pas de la forme « region=76&snapshot=2024-06-30 » (mettez-le entre guillemets)."
        ) from None
    params: dict[str, list[str]] = {}
    for name, value in pairs:
        # An address that was copied from a page in another page says so, which is nothing about the View.
        if name in EMBEDDED or name.startswith(TRACKING):
            continue
        if name not in PARAMETERS:
            raise UsageError(f"--view : le paramètre « {name} » est inconnu (possibles : {', '.join(PARAMETERS)}).")
        if not value.strip(" ,"):
            raise UsageError(f"--view : « {name} » est vide ; donnez-lui une valeur ou retirez-le.")
        params.setdefault(name, []).append(value)
    return params


def _written(name: str, value: str = "") -> str:
    return french.quote(f"{name}={value}" if value else name)
