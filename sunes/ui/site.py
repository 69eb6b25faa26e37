"""The pages that there are."""

from collections.abc import Mapping
from copy import copy
from functools import cache

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from sunes.access.people import Person
from sunes.access.rights import Deed, may

# What not everybody may do, and the pages that are for nothing else.
_DEEDS = {"importer": Deed.IMPORT, "journal": Deed.READ_JOURNAL}

# The file and the title of each page, by the last part of its address, in the order of the links to them.
_TITLES = {
    "": ("overview.py", "Vue d’ensemble"),
    "regions": ("regions.py", "Régions"),
    "fenetres": ("windows.py", "Fenêtres"),
    "carte": ("map.py", "Carte"),
    "etablissements": ("establishments.py", "Établissements"),
    "presentation": ("presentation.py", "Présentation"),
    "donnees": ("sources.py", "Données et sources"),
    "importer": ("importer.py", "Importer"),
    "journal": ("journal.py", "Journal"),
}
NAMES = frozenset(_TITLES)


@cache
def _pages() -> tuple[StreamlitPage, ...]:
    # Each looks its file up: once for all.
    return tuple(
        st.Page(file, title=title, url_path=name or None, default=not name) for name, (file, title) in _TITLES.items()
    )


def pages() -> dict[str, StreamlitPage]:
    """The pages by the last part of their address, in the order of the links to them, for one run of one of them."""
    return {page.url_path: copy(page) for page in _pages()}


def linked(pages: Mapping[str, StreamlitPage], person: Person) -> list[StreamlitPage]:
    """The pages that somebody is shown the way to. The others say why they are not for them."""
    return [page for name, page in pages.items() if name not in _DEEDS or may(person, _DEEDS[name])]
