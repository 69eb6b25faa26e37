"""Charts whose marks are territories: a click on one filters everything by it. And what a page compares by."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sunes import geography
from sunes.export.csv import file_name
from sunes.insights.comparison import Rate
from sunes.metrics import Answer
from sunes.ui import charts, data, frame
from sunes.ui.errors import plain
from sunes.view import View

Choice = TypeVar("Choice", bound=str)


def answer(view: View, rate: Rate, *by: str) -> Answer:
    """The answer that holds a rate: of its volet only, if it has one."""
    return data.answer(view, (*by, "volet")).only(volet=rate.volet.id) if rate.volet else data.answer(view, by)


def chart(
    figure: go.Figure,
    *,
    view: View,
    key: str,
    title: str,
    description: str,
    table: charts.Table,
    columns: Sequence[str] = (),
    notes: Sequence[tuple[str, str]] = (),
) -> None:
    """`charts.chart` for a figure whose marks carry the level and the code of a territory.

    `notes`, each with its heading, stand under the title.
    """
    st.markdown(f"**{title}**")
    if notes:
        st.markdown("\n".join(f"- **{heading}**\u00a0: {plain(text)}" for heading, text in notes))
    # The browser remembers what is selected in a chart. Once a click has become a filter, the chart is another one:
    # or, back by the browser's button, the same click would only take the selection back.
    widget = f"{key}-{st.session_state.setdefault(f'{key}-clicks', 0)}"
    st.plotly_chart(
        figure,
        config=charts.config(file_name(key, suffix="")[:-1]),
        key=widget,
        alt=description,
        on_select=lambda: _picked(view, st.session_state[widget], f"{key}-clicks"),
        selection_mode="points",
    )
    charts.twin(table, columns, key=key)


def _picked(view: View, state: Mapping[str, Any], clicks: str) -> None:
    """Filter by the territories that were clicked. A click that takes a selection back changes nothing."""
    marks = [point["customdata"] for point in state["selection"]["points"] if point.get("customdata")]
    st.session_state[clicks] += bool(marks)
    chosen = {level: tuple(mark[1] for mark in marks if mark[0] == level) for level in ("region", "department")}
    if chosen["department"]:
        frame.go_to(view.having(departments=chosen["department"]))
    elif chosen["region"]:
        known = geography.departments()
        kept = tuple(code for code in view.departments if code in known and known[code].region_code in chosen["region"])
        frame.go_to(view.having(regions=chosen["region"], departments=kept))


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
