"""The few figures that a director looks for first, each with what it is made of and how it moved."""

from collections.abc import Mapping
from html import escape
from typing import Literal

import streamlit as st

from sunes.figures.sparkline import sparkline
from sunes.insights import key_figures
from sunes.insights.key_figures import KeyFigure
from sunes.ui import data
from sunes.view import View

_ARROWS: Mapping[int, Literal["down", "off", "up"]] = {-1: "down", 0: "off", 1: "up"}

# A figure, its definition, and its line over the snapshots in HTML.
_Card = tuple[KeyFigure, str, str]


def progress(view: View, region: str) -> None:
    """Participation and the attainment of each volet of a region, as of the View's snapshot."""
    made = data.shown(("cards", region), view, lambda: _cards(view, region))
    for column, card in zip(st.columns(len(made), gap="medium"), made, strict=True):
        with column:
            _show(*card)


def _cards(view: View, region: str) -> tuple[_Card, ...]:
    past = data.history(view, ("region",)).only(region=region)
    volets = data.history(view, ("region", "volet")).only(region=region)
    rates = key_figures.rates_of(past, volets, data.definitions(), data.programme())
    return tuple(
        (key_figures.figure(label, metric, answer), metric.definition, sparkline(metric, answer.rows))
        for label, metric, answer in rates
    )


def _show(figure: KeyFigure, definition: str, line: str) -> None:
    st.metric(
        figure.label,
        figure.value,
        figure.moved or None,
        help=definition,
        delta_description=figure.since or None,
        delta_arrow=_ARROWS[figure.direction],
        delta_color="off",
    )
    st.html(f'{line}<p class="made-of">{escape(figure.made_of)}</p>')
