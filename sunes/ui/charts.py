"""A chart with all that belongs to it: its finding as a title, its text alternative, its table one click away."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from sunes import french, tables
from sunes.export.csv import file_name, records_csv
from sunes.metrics import Answer
from sunes.ui import data

# An answer, or records under French headers.
Table = Answer | Sequence[dict[str, Any]]

_WORDS = {"Download plot as png": "Télécharger l’image (PNG)", "Download plot": "Télécharger l’image"}


def config(name: str) -> dict[str, Any]:
    """What the browser offers over a chart: its picture under a telling name, in French, and nothing else."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
        "scrollZoom": False,
        "locale": "fr",
        "locales": {"fr": {"dictionary": _WORDS, "format": {"decimal": ",", "thousands": "\u202f"}}},
    }


def chart(
    figure: go.Figure,
    *,
    key: str,
    title: str,
    description: str,
    table: Table,
    columns: Sequence[str] = (),
) -> None:
    """Show a figure under the sentence that says what it shows, with its figures one click away.

    Parameters
    ----------
    key
        Names the chart on its page, and its files: « participation-occitanie ».
    description
        Says the main figures to those who do not see the chart.
    table
        The figures behind it: an answer, of which `columns` (ids of metrics) are shown, or ready records under
        French headers.
    """
    st.markdown(f"**{title}**")
    st.plotly_chart(figure, config=config(file_name(key, suffix="")[:-1]), key=key, alt=description)
    twin(table, columns, key=key)


def twin(table: Table, columns: Sequence[str] = (), *, key: str) -> None:
    """The table behind a chart or a map, to read and to download."""
    with st.expander("Voir les chiffres", icon=":material/table:", key=f"{key}-table"):
        if isinstance(table, Answer):
            shown = tables.readable(table, columns, data.definitions(), data.programme())
            exact = tables.exact(table, columns, data.definitions(), data.programme())
        else:
            shown = exact = list(table)
        st.table(shown, border="horizontal", hide_index=True)
        if any(french.UNKNOWN_MARK in record.values() for record in shown):
            st.caption(french.UNKNOWN_LEGEND)
        _download(exact, key)


def establishments(records: Sequence[dict[str, Any]], links: Sequence[str], *, key: str) -> None:
    """A table of establishments that can be sorted and searched, each row with a link to the establishment's sheet."""
    st.dataframe(
        [record | {"Fiche": link} for record, link in zip(records, links, strict=True)],
        column_config={"Fiche": st.column_config.LinkColumn("Fiche", display_text="Ouvrir la fiche")},
        hide_index=True,
        key=key,
    )
    _download(records, key)


def _download(records: Sequence[dict[str, Any]], key: str) -> None:
    st.download_button(
        "Télécharger (CSV)",
        lambda: records_csv(records),
        file_name=file_name(key, suffix="csv"),
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"{key}-csv",
    )
