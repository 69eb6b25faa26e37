"""What is taken away of a deck: files, a link, a place in another page; and the file that brings a deck back."""

from html import escape
from urllib.parse import quote

import streamlit as st

from sunes import french, links
from sunes.deck.plan import Deck
from sunes.errors import DataError
from sunes.ui import data
from sunes.ui.errors import sentence
from sunes.ui.presentation import address
from sunes.ui.server import headers

_FILE, _FAULT = "deck-file", "deck-fault"
# Longer addresses are cut by some servers and mail programs.
_SAFE = 2_000


def upload() -> None:
    """A `deck.toml` to open."""
    with st.popover("Ouvrir un fichier deck.toml", icon=":material/folder_open:"):
        st.file_uploader(
            "Une présentation enregistrée (deck.toml)", type=["toml"], max_upload_size=1, key=_FILE, on_change=_opened
        )
        st.caption("Elle s’ouvre ici, avec ses filtres ; celle qui est à l’écran reste sous « Précédent ».")
        if fault := st.session_state.get(_FAULT):
            st.error(sentence(fault), icon=":material/error:")


def _opened() -> None:
    st.session_state.pop(_FAULT, None)
    if (given := st.session_state[_FILE]) is None:
        return
    try:
        address.go_to(Deck.from_toml(given.getvalue(), given.name, data.programme()))
    except DataError as error:
        st.session_state[_FAULT] = str(error)


def take_away(deck: Deck) -> None:
    """The deck as files."""
    offers: tuple[tuple[str, str, str, dict[str, str], str], ...] = (
        ("PowerPoint (.pptx)", "slideshow", "deck.pptx", {}, "Graphiques et tableaux modifiables, notes comprises."),
        ("Page web (.html)", "public", "deck.html", {}, "Un seul fichier, qui s’ouvre sans réseau."),
        ("PDF", "picture_as_pdf", "ecran", {"layout": "page"}, "S’ouvre à l’écran : imprimez (Ctrl + P) en PDF."),
        ("deck.toml", "data_object", "deck.toml", {}, "La composition, à rouvrir ici ou ailleurs."),
    )
    with st.container(horizontal=True, gap="medium"):
        for label, icon, name, extra, said in offers:
            with st.container(width=270):
                st.link_button(
                    label,
                    address.here(deck, name, **extra),
                    icon=f":material/{icon}:",
                    width="stretch",
                    key=f"deck-{label}",
                )
                st.caption(said)


def share(deck: Deck) -> None:
    """The link, its QR code, and the code for a page of an intranet."""
    link = address.public(deck)
    text, picture = st.columns([3, 1], gap="large")
    with text:
        st.markdown("**Lien vers cette présentation**")
        st.code(link, language=None, wrap_lines=True)
        st.caption("Il montrera toujours ces chiffres, dans cet ordre, avec ces titres et ces notes.")
        if len(link) > _SAFE:
            st.caption(
                f"Ce lien est long ({french.count(len(link), 'caractère')}) : certaines messageries le coupent. "
                "Le fichier deck.toml se transmet sans risque."
            )
        with st.expander("Intégrer dans une page intranet", icon=":material/code:"):
            st.code(links.iframe(link, deck.title), language=None, wrap_lines=True)
            if said := headers.framing():
                st.caption(said)
    with picture:
        if svg := links.qr_svg(link):
            name = escape(f"QR code de la présentation « {deck.title} »")
            source = f"data:image/svg+xml,{quote(svg)}"
            st.html(f'<img src="{source}" alt="{name}" style="width: 100%; max-width: 14rem; height: auto">')
        else:
            st.caption("Le lien est trop long pour un QR code.")


def actions(deck: Deck) -> None:
    """What opens the deck: edge to edge, and with its notes."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button("Présenter", address.here(deck), type="primary", icon=":material/slideshow:", key="deck-present")
        st.link_button(
            "Fenêtre du présentateur", f"{address.here(deck)}#notes", icon=":material/speaker_notes:", key="deck-desk"
        )
        upload()
