"""French over typer, and errors as one sentence and an exit code.

Typer writes its help through constants that can be replaced, but its errors in English only: these are recognised and
said again. What is not recognised is said in general terms, so that no other language ever reaches the screen.
"""

import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from typer import Context, TyperException
from typer.core import TyperCommand, TyperGroup

from sunes.errors import DataError, SunesError, UsageError
from sunes.french import quote, typographic

PROGRAM = "python -m sunes"
OK, DATA_SAY_NO, WRONG_USAGE = 0, 1, 2

_PHRASES: Sequence[tuple[str, str]] = (
    (r"Missing command\.", "il manque une commande"),
    (r"No such command '(.*?)'\. Did you mean (.*)\?", "la commande « {0} » n’existe pas ; vouliez-vous dire {1} ?"),
    (r"No such command '(.*?)'\.", "la commande « {0} » n’existe pas"),
    (r"No such option: (\S+) \(Possible options: (.*)\)", "l’option {0} n’existe pas ; vouliez-vous dire {1} ?"),
    (r"No such option: (\S+)", "l’option {0} n’existe pas"),
    (r"Missing option '(.*?)'.*", "l’option {0} est obligatoire"),
    (r"Missing argument '(.*?)'.*", "il manque {0}"),
    (r"Option '(.*?)' requires .*", "l’option {0} attend une valeur"),
    (r"Option '(.*?)' does not take a value\.", "l’option {0} n’attend pas de valeur"),
    (r"Got unexpected extra argument\(s\) \((.*)\)", "« {0} » est de trop"),
    (r"Invalid value for '(.*?)'.*: .*?'(.*)' is not one of (.*)\.", "{0} ne peut être « {1} » ; possibles : {2}"),
    (r"Invalid value for '(.*?)'.*", "la valeur de {0} ne convient pas"),
)
_NOT_UNDERSTOOD = "cette commande n’est pas comprise"


class _French:
    """What help is made of, in French."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces: list[str] = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="Utilisation : ")

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.help, option.metavar = "Afficher cette aide.", ""
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from typer import rich_utils

        rich_utils.ARGUMENTS_PANEL_TITLE = "Arguments"
        rich_utils.OPTIONS_PANEL_TITLE = "Options"
        rich_utils.COMMANDS_PANEL_TITLE = "Commandes"
        rich_utils.DEFAULT_STRING = "[par défaut : {}]"
        rich_utils.REQUIRED_LONG_STRING = "[obligatoire]"
        for param in ctx.command.params:
            if param.param_type_name == "argument":
                param.display_type_rich = lambda ctx: ""  # what it would say is the name of a Python type
        super().format_help(ctx, formatter)  # type: ignore[misc]


class Command(_French, TyperCommand):
    """One command."""


class Commands(_French, TyperGroup):
    """A group of commands. As the outermost one, it turns whatever happens into an exit code."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"subcommand_metavar": "COMMANDE …"})

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        sys.exit(_guarded(lambda: super(Commands, self).main(args, PROGRAM, standalone_mode=False, **extra)))


def _guarded(run: Callable[[], int | None]) -> int:
    """Run a command; its exit code, with one French sentence for each thing that went wrong."""
    try:
        code = run() or OK
        sys.stdout.flush()
        return code
    except TyperException as error:
        complain(_said_again(error))
        return WRONG_USAGE
    except SunesError as error:
        complain(*(map(str, error.problems) if isinstance(error, DataError) else str(error).split("\n")))
        return WRONG_USAGE if isinstance(error, UsageError) else DATA_SAY_NO
    except BrokenPipeError:
        # Whoever was reading has seen enough; what is still in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1  # as typer and rich do
    except Exception as error:
        if os.environ.get("SUNES_DEBUG"):
            raise
        complain(f"incident inattendu ({type(error).__name__}) ; SUNES_DEBUG=1 en montre le détail.")
        return DATA_SAY_NO


def complain(*sentences: str, label: str = "Erreur", limit: int = 100) -> None:
    """Write what is wrong to the error stream, at most `limit` sentences of it."""
    more = [f"et {len(sentences) - limit} autres."] if len(sentences) > limit else []
    for sentence in [*sentences[:limit], *more]:
        print(typographic(f"{label} : {sentence}"), file=sys.stderr)


def _said_again(error: TyperException) -> str:
    said = " ".join(error.format_message().split())
    found = ((re.fullmatch(pattern, said), phrase) for pattern, phrase in _PHRASES)
    sentence = next((phrase.format(*_plain(match)) for match, phrase in found if match), _NOT_UNDERSTOOD)
    ctx: Context | None = getattr(error, "ctx", None)
    link = " Voir" if sentence.endswith("?") else " ; voir"
    return f"{sentence}{link} {quote(f'{ctx.command_path if ctx else PROGRAM} --help')}."


def _plain(match: re.Match[str]) -> list[str]:
    """The names that an error gives, without the quotation marks of Python."""
    return [group.replace("'", "") for group in match.groups()]
