"""The few figures that a director looks for first, each with what it is made of and how it moved."""

from html import escape

import streamlit as st

from sunes.figures.sparkline import sparkline
from sunes.insights import key_figures
from sunes.insights.key_figures import KeyFigure
from sunes.ui import data
from sunes.view import View

_ARROWS = {-1: '<span aria-hidden="true">↓</span> ', 0: "", 1: '<span aria-hidden="true">↑</span> '}


def progress(view: View, region: str) -> None:
    """Participation and the attainment of each volet of a region, as of the View's snapshot."""
    # In one piece: as widgets, they would be a third of all that the page sends.
    st.html(data.shown(("cards", region), view, lambda: _cards(view, region)))


def _cards(view: View, region: str) -> str:
    past = data.history(view, ("region",)).only(region=region)
    volets = data.history(view, ("region", "volet")).only(region=region)
    cards = (
        _card(key_figures.figure(label, metric, answer), metric.definition, sparkline(metric, answer.rows))
        for label, metric, answer in key_figures.rates_of(past, volets, data.definitions(), data.programme())
    )
    return f'<div class="cards">{"".join(cards)}</div>'


def _card(figure: KeyFigure, definition: str, line: str) -> str:
    label = escape(figure.label)
    moved = f"<b>{_ARROWS[figure.direction]}{escape(figure.moved)}</b> {escape(figure.since)}" if figure.moved else ""
    return f"""<div class="card" role="group" aria-label="{label}">
<div class="label">{label}
<details><summary aria-label="Définition : {label}">?</summary><p>{escape(definition)}</p></details></div>
<div class="value">{escape(figure.value)}</div>
<div class="moved">{moved}</div>
{line}<p class="made-of">{escape(figure.made_of)}</p>
</div>"""
