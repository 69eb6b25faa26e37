"""The pages that there are."""

from copy import copy
from functools import cache

import streamlit as st
from streamlit.navigation.page import StreamlitPage


@cache
def _pages() -> tuple[StreamlitPage, ...]:
    # Each looks its file up: once for all.
    return (
        st.Page("overview.py", title="Vue d’ensemble", default=True),
        st.Page("regions.py", title="Régions", url_path="regions"),
        st.Page("windows.py", title="Fenêtres", url_path="fenetres"),
        st.Page("map.py", title="Carte", url_path="carte"),
        st.Page("establishments.py", title="Établissements", url_path="etablissements"),
        st.Page("presentation.py", title="Présentation", url_path="presentation"),
        st.Page("sources.py", title="Données et sources", url_path="donnees"),
        st.Page("importer.py", title="Importer", url_path="importer"),
    )


def pages() -> dict[str, StreamlitPage]:
    """The pages by the last part of their address, in the order of the links to them, for one run of one of them."""
    return {page.url_path: copy(page) for page in _pages()}
