"""A chart with all that belongs to it: its finding as a title, its text alternative, its table one click away."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from sunes import tables
from sunes.metrics import Answer
from sunes.ui import data

# The icons over a chart take the eye from it; what they offer is on the page in French.
_CONFIG = {"displayModeBar": False, "scrollZoom": False, "locale": "fr"}


def chart(figure: go.Figure, *, title: str, description: str, key: str) -> None:
    """Show a figure under the sentence that says what it shows; `description` says it to those who do not see it."""
    st.markdown(f"**{title}**")
    st.plotly_chart(figure, config=_CONFIG, key=key, alt=description)


def table(answer: Answer, columns: Sequence[str], *, label: str = "Voir les chiffres") -> None:
    """The figures behind a chart, one click away; `columns` are ids of metrics."""
    with st.expander(label, icon=":material/table:"):
        st.table(
            tables.readable(answer, columns, data.definitions(), data.programme()), border="horizontal", hide_index=True
        )
