"""What a deck is made of: its slides, their order, titles and notes. Every change is written to the address."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from sunes.deck.plan import KIND_LABELS, PER_ESTABLISHMENT, PER_REGION, Choice, Deck, Kind, readies
from sunes.french import typographic
from sunes.ui import data
from sunes.ui.errors import plain
from sunes.ui.presentation import address
from sunes.view import View

_RANK, _READY = "deck-rank", "deck-ready"
_OURS = "~"
_MOST_SLIDES, _LONGEST_TITLE, _LONGEST_NOTES, _LONGEST_NAME = 100, 300, 5_000, 200
_THEMES = {"light": "Clair", "dark": "Sombre"}


def ready(deck: Deck) -> None:
    """The choice of a ready deck; one of the person's own is a choice beside them."""
    decks = {each.id: each for each in readies()}
    shown = next((each.id for each in decks.values() if (each.title, each.slides) == (deck.title, deck.slides)), _OURS)
    options = [*decks, *([_OURS] if shown == _OURS else [])]

    def choose(asked: Deck) -> Deck:
        chosen = decks.get(st.session_state[_READY])
        return asked.model_copy(update={"title": chosen.title, "slides": chosen.slides}) if chosen else asked

    st.radio(
        "Quelle présentation ?",
        options,
        format_func=lambda option: decks[option].for_whom if option in decks else "La vôtre",
        captions=[plain(decks[option].title if option in decks else deck.title) for option in options],
        horizontal=True,
        **_bound(deck, _READY, shown, choose),
    )


def compose(deck: Deck, view: View) -> None:
    """The deck's title and theme, its slides to choose and to order, and each one's title and notes."""
    name, look = st.columns([3, 1], gap="large", vertical_alignment="bottom")
    with name:
        st.text_input(
            "Titre de la présentation",
            max_chars=_LONGEST_NAME,
            **_bound(deck, "deck-name", deck.title, lambda asked: _titled(asked, st.session_state["deck-name"])),
        )
    with look:
        st.segmented_control(
            "Thème",
            list(_THEMES),
            format_func=_THEMES.__getitem__,
            required=True,
            **_bound(
                deck,
                "deck-theme",
                deck.theme,
                lambda asked: asked.model_copy(update={"theme": st.session_state["deck-theme"]}),
            ),
        )
    rank = min(st.session_state.get(_RANK, 0), len(deck.slides) - 1)
    listed, chosen = st.columns([2, 3], gap="large")
    with listed:
        _list(deck, rank)
        _add(deck, rank)
    with chosen:
        _slide(deck, rank, view)


def _list(deck: Deck, rank: int) -> None:
    st.session_state[_RANK] = rank
    with st.container(height=420, border=True, key="deck-slides"):
        st.radio(
            "Diapositives",
            range(len(deck.slides)),
            format_func=lambda each: f"{each + 1}. {_label(deck.slides[each])}",
            key=_RANK,
        )


def _add(deck: Deck, rank: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Ajouter une diapositive", list(KIND_LABELS), format_func=_kind, key="deck-kind")
        st.button(
            "Ajouter",
            icon=":material/add:",
            disabled=len(deck.slides) >= _MOST_SLIDES,
            help="Elle vient après celle qui est choisie.",
            **_click(deck, lambda asked: _at(asked, rank + 1, _sliced(asked, rank + 1, 0, Choice(kind=kind)))),
        )


def _slide(deck: Deck, rank: int, view: View) -> None:
    """The slide that is chosen in the list."""
    slide, last = deck.slides[rank], len(deck.slides) - 1
    st.markdown(f"**Diapositive {rank + 1} sur {last + 1} : {plain(KIND_LABELS[slide.kind])}**")
    with st.container(horizontal=True):
        st.button(
            "Monter",
            icon=":material/arrow_upward:",
            disabled=rank == 0,
            **_click(deck, lambda asked: _at(asked, rank - 1, _moved(asked, rank, -1))),
        )
        st.button(
            "Descendre",
            icon=":material/arrow_downward:",
            disabled=rank == last,
            **_click(deck, lambda asked: _at(asked, rank + 1, _moved(asked, rank, 1))),
        )
        st.button(
            "Retirer",
            icon=":material/delete:",
            disabled=last == 0,
            help="Une présentation a au moins une diapositive." if last == 0 else None,
            **_click(deck, lambda asked: _at(asked, rank, _sliced(asked, rank, 1))),
        )
    if slide.kind in PER_REGION:
        _region(deck, rank, view)
    elif slide.kind in PER_ESTABLISHMENT:
        _text(deck, rank, "of", "Établissement (numéro FINESS)", 9, "Un par établissement de la sélection")
    _text(deck, rank, "title", "Titre de la diapositive", _LONGEST_TITLE, "À défaut : ce que disent ses chiffres")
    _text(deck, rank, "notes", "Notes pour vous", _LONGEST_NOTES, "Dans la fenêtre du présentateur et dans PowerPoint")


def _region(deck: Deck, rank: int, view: View) -> None:
    of = deck.slides[rank].of
    present = view.regions or tuple(data.regions(data.answer(View(snapshot=view.snapshot), ("region",))))
    st.selectbox(
        "Région",
        ["", *present, *([of] if of and of not in present else [])],
        format_func=lambda code: data.region_name(code) if code else "Une diapositive par région de la sélection",
        **_bound(deck, "deck-of", of or "", lambda asked: _set(asked, rank, "of", st.session_state["deck-of"])),
    )


def _text(deck: Deck, rank: int, field: str, label: str, longest: int, hint: str) -> None:
    widget: Any = st.text_area if field == "notes" else st.text_input
    key = f"deck-{field}"
    widget(
        label,
        max_chars=longest,
        placeholder=hint,
        **_bound(
            deck,
            key,
            getattr(deck.slides[rank], field) or "",
            lambda asked: _set(asked, rank, field, st.session_state[key]),
        ),
    )


# Changes -------------------------------------------------------------------------------------------------------------

Change = Callable[[Deck], Deck]


def _bound(deck: Deck, key: str, value: Any, change: Change) -> dict[str, Any]:
    """What ties a widget to the deck: its state set from the address, its changes written to it."""
    st.session_state[key] = value
    return {"key": key, "on_change": address.change, "args": (deck, st.context.url, change)}


def _click(deck: Deck, change: Change) -> dict[str, Any]:
    return {"on_click": address.change, "args": (deck, st.context.url, change)}


def _titled(deck: Deck, title: str) -> Deck:
    """A deck has a title: without one it keeps its own."""
    return deck.model_copy(update={"title": typographic(title.strip()) or deck.title})


def _set(deck: Deck, rank: int, field: str, text: str) -> Deck:
    text = text.strip()
    changed = Choice.model_validate({**deck.slides[rank].model_dump(), field: text or None})
    return _sliced(deck, rank, 1, changed)


def _moved(deck: Deck, rank: int, by: int) -> Deck:
    slides = list(deck.slides)
    slides.insert(rank + by, slides.pop(rank))
    return deck.model_copy(update={"slides": tuple(slides)})


def _sliced(deck: Deck, rank: int, removed: int, *added: Choice) -> Deck:
    slides = (*deck.slides[:rank], *added, *deck.slides[rank + removed :])
    return deck.model_copy(update={"slides": slides})


def _at(deck: Deck, rank: int, changed: Deck) -> Deck:
    """The changed deck, with the keyboard's slide at a rank."""
    st.session_state[_RANK] = max(0, min(rank, len(changed.slides) - 1))
    return changed


# Words ---------------------------------------------------------------------------------------------------------------


def _kind(kind: Kind) -> str:
    return typographic(KIND_LABELS[kind])


def _label(slide: Choice) -> str:
    """What a slide is called in the list, as Markdown."""
    about = data.region_name(slide.of) if slide.of and slide.kind in PER_REGION else slide.of
    if not about and slide.kind in PER_REGION:
        about = "chaque région"
    kind = f"{_kind(slide.kind)} ({about})" if about else _kind(slide.kind)
    return plain(f"{kind} : « {slide.title} »" if slide.title else kind)
