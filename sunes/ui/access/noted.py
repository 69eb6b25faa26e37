"""What the journal is told of reading: files that are taken away, sheets of establishments that are opened."""

from collections.abc import Callable, Iterable

import streamlit as st

from sunes.access.journal import What
from sunes.access.rules import rules
from sunes.ui import data
from sunes.ui.access import signin

_SEEN = "journal-viewed"


def exported(make: Callable[[], bytes], name: str) -> Callable[[], bytes]:
    """What makes a file when it is asked for, and has the journal tell who did."""
    person, journal = signin.person(), data.store().journal

    def made() -> bytes:
        content = make()
        journal.note(person, What.EXPORTED, name)
        return content

    return made


def viewed(numbers: Iterable[str], snapshot: str) -> None:
    """Have the journal tell whose sheets (FINESS numbers) are opened, once in a session, if the rules want it."""
    if not rules().journal.details:
        return
    seen: set[tuple[str, str]] = st.session_state.setdefault(_SEEN, set())
    for finess in numbers:
        if (finess, snapshot) not in seen:
            seen.add((finess, snapshot))
            data.store().journal.note(signin.person(), What.VIEWED, f"{finess}, situation {snapshot}")
