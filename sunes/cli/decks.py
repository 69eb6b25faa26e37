"""The commands that write a deck to a file: `export deck` and `export html`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, urlsplit

import typer

from sunes.access.people import EVERYTHING
from sunes.cli import exporting
from sunes.cli.exporting import FileOption, ViewOption
from sunes.cli.options import DataOption, open_store
from sunes.deck import plan
from sunes.deck.frozen import frozen
from sunes.deck.plan import Deck
from sunes.definitions import load_definitions
from sunes.errors import DataError, UsageError
from sunes.links import EMBEDDED
from sunes.programme import Programme, load_programme
from sunes.snapshots import Store

# What draws is imported where it is needed: other commands don't wait for it.
if TYPE_CHECKING:
    from sunes.deck.slide import Presentation
    from sunes.export.html import Layout

_STEPS = ("Chiffres", "Diapositives", "Fichier")
_LAYOUT = "layout"
_LARGEST = 1_000_000  # bytes of a deck.toml

DeckOption = Annotated[
    str,
    typer.Option(
        "--deck",
        metavar="PRÉSENTATION",
        help="Une présentation prête (webinaire, directeurs, bilan), un fichier deck.toml, ou le lien d’une "
        "présentation. À défaut : la première.",
        show_default=False,
    ),
]
ThemeOption = Annotated[
    str, typer.Option("--theme", metavar="light|dark", help="Clair (light) ou sombre (dark).", show_default=False)
]
BaseOption = Annotated[
    str,
    typer.Option(
        "--base",
        metavar="ADRESSE",
        help="L’adresse du site, pour les liens et les QR codes ; sans elle, il n’y en a pas.",
        show_default=False,
    ),
]


def export_deck(
    ctx: typer.Context,
    output: FileOption,
    view: ViewOption = "",
    deck: DeckOption = "",
    theme: ThemeOption = "",
    base: BaseOption = "",
    data: DataOption = None,
) -> None:
    """Écrire une présentation PowerPoint, aux graphiques et tableaux modifiables."""
    from sunes.export.pptx import powerpoint

    target = exporting.target_file(output, ".pptx", "une présentation PowerPoint")
    site = _site(base)
    content = _made(open_store(ctx, data), deck, view, theme, lambda made: powerpoint(made, base=site))
    exporting.write_file(target, content, "Présentation")


def export_html(
    ctx: typer.Context,
    output: FileOption,
    view: ViewOption = "",
    deck: DeckOption = "",
    theme: ThemeOption = "",
    layout: Annotated[
        str, typer.Option("--layout", metavar="deck|page", help="Des diapositives (deck) ou une page (page).")
    ] = "deck",
    base: BaseOption = "",
    data: DataOption = None,
) -> None:
    """Écrire une page web d’un seul fichier, qui s’ouvre sans réseau."""
    from sunes.export.html import document

    target = exporting.target_file(output, ".html", "une page web")
    site, wanted = _site(base), _layout(layout)
    content = _made(
        open_store(ctx, data), deck, view, theme, lambda made: document(made, layout=wanted, base=site).encode()
    )
    exporting.write_file(target, content, "Page web")


def _made(store: Store, deck: str, view: str, theme: str, render: "Callable[[Presentation], bytes]") -> bytes:
    """The deck that the options name, as a file: the same bytes for the same data, whatever the day."""
    from sunes.deck.build import presentation
    from sunes.deck.facts import Facts

    programme = load_programme()
    planned = _themed(_planned(deck, programme), theme)
    facts = exporting.read_facts(store, view or planned.view)
    if view:
        planned = planned.model_copy(update={plan.KNOWN_AT: None})
    if not facts.roster().lines:
        raise DataError("aucun établissement de cette situation ne répond à cette vue ; changez --view.")
    held = frozen(planned.about(facts.view), store, programme)
    with exporting.progress("Présentation", len(_STEPS)) as tell:
        tell(_STEPS[0])
        question = held.question(programme)
        known = Facts(store, question, programme, load_definitions(), held.known_at, sight=EVERYTHING)
        tell(_STEPS[1])
        made = presentation(held, known)
        if not made.slides:
            raise DataError(
                "aucune diapositive de cette présentation n’a de quoi être montrée ; choisissez-en d’autres."
            )
        tell(_STEPS[2])
        return render(made)


def _planned(deck: str, programme: Programme) -> Deck:
    """The deck that `--deck` names: a file, a link or a ready one."""
    if deck.lower().endswith(".toml"):
        return Deck.from_toml(_content(Path(deck)), Path(deck).name, programme)
    params = {plan.DECK: deck} if deck else {}
    if "?" in deck or "=" in deck:
        asked = parse_qs(urlsplit(deck).query or deck.partition("#")[0])
        params = {name: ",".join(values) for name, values in asked.items() if name not in (_LAYOUT, *EMBEDDED)}
    planned, notices = plan.from_params(params, programme)
    if notices:
        raise UsageError("\n".join(f"--deck : {notice}" for notice in notices))
    return planned


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"--deck : « {path} » est trop grand pour une présentation (1 Mo au plus).")
        return path.read_bytes()
    except OSError:
        raise UsageError(f"--deck : « {path} » n’est pas un fichier que vous puissiez lire ; vérifiez-le.") from None


def _themed(deck: Deck, theme: str) -> Deck:
    if theme not in ("", "light", "dark"):
        raise UsageError(f"--theme : « {theme} » n’existe pas (possibles : light, dark).")
    return deck.model_copy(update={plan.THEME: theme}) if theme else deck


def _layout(text: str) -> "Layout":
    if text == "deck":
        return "deck"
    if text == "page":
        return "page"
    raise UsageError(f"--layout : « {text} » n’existe pas (possibles : deck, page).")


def _site(base: str) -> str | None:
    if not base:
        return None
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(
            f"--base : « {base} » n’est pas l’adresse d’un site ; écrivez par exemple https://sunes.exemple.fr."
        )
    return base.rstrip("/")
