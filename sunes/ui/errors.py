"""What a person sees when a page fails: one calm French sentence, never a stack trace."""

import logging
import re

import streamlit as st

from sunes import request_id
from sunes.errors import DataError, GivenUpError, SunesError
from sunes.ui import damage

_LOGGER = logging.getLogger(__name__)


def show_error(error: Exception) -> bool:
    """Show an error that no page caught, and log those that somebody has to mend, under the reference that is shown.

    Returns True: Streamlit has nothing to add.
    """
    if isinstance(error, GivenUpError):
        return True  # the run that takes its place has begun
    if isinstance(error, SunesError):
        if isinstance(error, DataError):
            _LOGGER.warning("%s", error)
        st.error(sentence(damage.said(error)), icon=":material/error:")
    else:
        reference = request_id.reference()
        _LOGGER.error("Erreur %s : %r", reference, error, exc_info=error)
        st.error(
            "Une erreur inattendue s’est produite. Rechargez la page ; si elle revient, "
            f"signalez-la avec la référence **{reference}**.",
            icon=":material/error:",
        )
    return True


def sentence(text: str) -> str:
    """Plain text that begins as sentences do; a name that it begins with, of a file for instance, stays as it is."""
    return plain(re.sub(r"^[^\W\d_]+(?=[\s’])", lambda word: word[0][0].upper() + word[0][1:], text))


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is: what comes from a file or an address neither formats nor links."""
    # Addresses become links even where every sign is escaped; an invisible joiner keeps them words.
    unlinked = re.sub(r"(?i)(://|@|\bwww(?=\.))", "\\1\u2060", text)
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", unlinked).replace("\n", "  \n")
