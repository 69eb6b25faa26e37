"""Who looks at a page."""

import streamlit as st

from sunes.access.claims import NOBODY, Account
from sunes.access.listening import is_from_home, listens_at_home
from sunes.access.people import Person
from sunes.ui.access import providers, sessions


def person() -> Person:
    """Who looks at the page that runs now.

    Raises DataError where the rules can't be understood.
    """
    return account().person


def account() -> Account:
    """The same, and how they stand."""
    if providers.is_configured():
        return sessions.account(st.user.to_dict())
    return sessions.AT_HOME if _is_at_home() else NOBODY


def _is_at_home() -> bool:
    if not listens_at_home(sessions.listens()):
        return False
    headers = st.context.headers
    # Nobody's address is given for this machine's own. Tests have no browser, so no headers either.
    peer = st.context.ip_address or "localhost"
    each = [(name, value) for name in headers for value in headers.get_all(name)]
    return not each or is_from_home(peer, each)
