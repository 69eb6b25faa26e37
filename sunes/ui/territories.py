"""Charts whose marks are territories: a click on one filters everything by it. And what a page compares by."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from sunes import geography
from sunes.comparison import Rate
from sunes.export.csv import file_name
from sunes.metrics import Answer
from sunes.ui import charts, data, frame
from sunes.view import View


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
    notes: Sequence[str] = (),
) -> None:
    """`charts.chart`, for a figure whose marks carry level and code of a territory; `notes` are said under the title."""
    st.markdown(f"**{title}**")
    if notes:
        st.markdown("\n".join(f"- {note}" for note in notes))
    st.plotly_chart(
        figure,
        config=charts.config(file_name(key, suffix="")[:-1]),
        key=key,
        alt=description,
        on_select=lambda: _picked(view, st.session_state[key]),
        selection_mode="points",
    )
    charts.twin(table, columns, key=key)


def _picked(view: View, state: Mapping[str, Any]) -> None:
    """Filter by the territories that were clicked. A click that takes a selection back changes nothing."""
    marks = [point["customdata"] for point in state["selection"]["points"] if point.get("customdata")]
    chosen = {level: tuple(mark[1] for mark in marks if mark[0] == level) for level in ("region", "department")}
    if chosen["department"]:
        frame.go_to(view.having(departments=chosen["department"]))
    elif chosen["region"]:
        known = geography.departments()
        kept = tuple(code for code in view.departments if code in known and known[code].region_code in chosen["region"])
        frame.go_to(view.having(regions=chosen["region"], departments=kept))


def choose(label: str, options: Sequence[str], names: Callable[[str], str], *, key: str, default: str) -> str:
    """One of a few options, kept for the session; `default` at first, and when what was chosen is no longer on offer."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = default
    chosen = st.segmented_control(label, options, format_func=names, key=key, required=True)
    return chosen or default
