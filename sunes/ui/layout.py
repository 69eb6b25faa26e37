"""Parts of a page that are only made once they are opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st


@contextmanager
def folded(label: str, *, icon: str, key: str) -> Iterator[bool]:
    """A part of the page that a click on its label opens, and whether it is open: closed, it may stay empty."""
    with st.expander(label, icon=icon, key=key, on_change="rerun") as part:
        yield bool(part.open)


@contextmanager
def menu(label: str, *, icon: str, key: str, width: Literal["stretch", "content"] = "stretch") -> Iterator[bool]:
    """What a button shows over the page, and whether it is open: closed, it may stay empty."""
    with st.popover(label, icon=icon, key=key, on_change="rerun", width=width) as part:
        yield bool(part.open)
