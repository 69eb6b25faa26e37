"""What a page compares territories by, and where there is nothing to compare."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sunes.insights.comparison import Rate
from sunes.metrics import Answer
from sunes.ui import data, frame
from sunes.ui.errors import plain
from sunes.view import View

Choice = TypeVar("Choice", bound=str)


def answer(view: View, rate: Rate, *by: str) -> Answer:
    """The answer that holds a rate: of its volet only, if it has one."""
    return data.answer(view, (*by, "volet")).only(volet=rate.volet.id) if rate.volet else data.answer(view, by)


def choose(label: str, names: Mapping[Choice, str], *, key: str, default: Choice) -> Choice:
    """One of a few options and their names, kept for the session; `default` at first, and when the choice is gone."""
    if st.session_state.get(key) not in names:
        st.session_state[key] = default
    chosen = st.segmented_control(label, list(names), format_func=names.__getitem__, key=key, required=True)
    return default if chosen is None else chosen


def grid(cells: int, columns: int = 2) -> list[DeltaGenerator]:
    """So many cells, row by row, in so many columns."""
    rows = [st.columns(min(columns, cells), gap="large") for _ in range(0, cells, columns)]
    return [cell for row in rows for cell in row][:cells]


def too_few(view: View, why: str) -> None:
    """Say why there is nothing to compare and, where the départements were chosen, offer all of them."""
    st.info(plain(why), icon=":material/info:")
    if view.departments:
        everything = view.having(departments=())
        st.button(
            "Comparer tous les départements", icon=":material/compare_arrows:", on_click=frame.go_to, args=(everything,)
        )
