"""What a person takes away from a page: its address, a code to scan, files of its View, a place in another page."""

from urllib.parse import quote, urljoin

import streamlit as st

from sunes import french, links
from sunes.ui import data, downloads, layout
from sunes.ui.server import headers
from sunes.view import View


def popover(title: str, view: View) -> None:
    """The way to share the page `title` as it shows `view`, pinned: the same figures whatever is published later."""
    with layout.menu("Partager", icon=":material/share:", key="share") as opened:
        if not opened:
            return
        snapshot = data.snapshot(view)
        pinned = view.having(snapshot=snapshot.id.pin)
        page, beside = st.context.url or "", data.beside()
        _link(links.page(page, "", pinned, **beside), french.day(snapshot.as_of), pinned)
        _embedded(links.page(page, "", pinned, **beside, **links.EMBEDDED), title, snapshot.simulated)


def _link(address: str, day: str, view: View) -> None:
    st.markdown("**Lien vers cette page**")
    st.code(address, language=None, wrap_lines=True)
    st.caption(f"Il montrera toujours la situation au {day}, avec ces filtres.")
    with st.container(horizontal=True):
        _code(address)
        with st.container(width=240):
            _files(view)


def _code(address: str) -> None:
    if svg := links.qr_svg(address):
        picture = f"data:image/svg+xml,{quote(svg)}"
        st.html(
            f'<img src="{picture}" alt="QR code du lien vers cette page" width="192" height="192">', width="content"
        )
    else:
        st.caption("Le lien est trop long pour un QR code.")


def _files(view: View) -> None:
    st.markdown("**Fichiers de cette vue**")
    downloads.whole(view)
    if (st.context.url or "").endswith("/presentation"):
        return
    st.link_button(
        "Présentation, PowerPoint, page web",
        urljoin(st.context.url or "", f"presentation?{links.query(view)}"),
        icon=":material/slideshow:",
    )


def _embedded(address: str, title: str, simulated: bool) -> None:
    with st.expander("Intégrer dans une page intranet", icon=":material/code:"):
        st.code(links.iframe(address, f"{title} · sunes"), language=None, wrap_lines=True)
        kept = "La date et « Données simulées » y restent." if simulated else "La date y reste."
        st.caption(french.typographic(f"À coller dans le code HTML de la page. {kept} {headers.framing()}".rstrip()))
