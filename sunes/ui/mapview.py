"""The map on a page: as wide as the page is, in the theme's colours; a click filters, or leads to a sheet."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.components.v2 import component

from sunes import french
from sunes.figures.palette import MAP_DARK, MAP_LIGHT
from sunes.insights.comparison import Rate
from sunes.maps import deck, frames, legend, picture, words
from sunes.metrics import Answer
from sunes.roster import Line
from sunes.ui import charts, data, downloads, frame
from sunes.view import View

_WIDTH, _RULER, _VERSION, _OPEN = "map-width", "map-ruler", "map-version", "map-open"
_USUAL_WIDTH = 1206  # of a page's content in a window 1366 pixels wide
_LEGEND_WIDTH = 262

# A map's scale depends on how wide it is, which only the browser knows. It says so once, and when that changes a lot.
_RULER_SCRIPT = """
export default function ({ data, setStateValue, parentElement }) {
  const block = (parentElement.host ?? parentElement).closest('[data-testid="stMainBlockContainer"]')
  let timer
  const measure = () => {
    const style = getComputedStyle(block)
    const width = Math.round(block.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight))
    if (Math.abs(width - data.width) >= 40) setStateValue("width", width)
  }
  const observer = new ResizeObserver(() => { clearTimeout(timer); timer = setTimeout(measure, 250) })
  observer.observe(block)
  return () => { clearTimeout(timer); observer.disconnect() }
}
"""
_ruler = component("sunes_ruler", js=_RULER_SCRIPT, css=":host { display: none; }")

# What a map says of a place may reach beyond the map, over its neighbours, where it would be cut off at the edge. Where
# a map is as wide as the page, it says it underneath.
_STYLE = """<style>
.stElementContainer[class*="st-key-carte-"]:hover { z-index: 20; }
[class*="st-key-carte-"] .stDeckGlJsonChart > div,
[class*="st-key-carte-"] .deck-widget-container > div { overflow: visible !important; }
[class*="st-key-carte-"] .stDeckGlJsonChart canvas { border-radius: 0.35rem; }
@media (max-width: 1180px) {
  [class*="st-key-carte-"] .deck-tooltip {
    transform: none !important; top: 100% !important; max-width: 100% !important;
  }
}
</style>"""


def timeline(view: View) -> None:
    """A slider over the snapshots. It moves the View, and with it everything on the page."""
    chosen = data.snapshot(view)
    known = {each.id.pin: each for each in sorted((*data.store().history(), chosen), key=lambda each: each.id)}
    if len(known) < 2:
        return
    st.session_state["map-day"] = chosen.id.pin
    st.select_slider(
        "Avancer dans le temps",
        list(known),
        format_func=lambda pin: french.day(known[pin].as_of),
        key="map-day",
        on_change=lambda: frame.go_to(view.having(snapshot=st.session_state["map-day"])),
    )


def show(view: View, rate: Rate, answer: Answer, lines: Sequence[Line]) -> None:
    """The maps of an answer by region and department and of its establishments, with their legend beside them."""
    if opened := st.session_state.pop(_OPEN, None):
        st.switch_page("establishments.py", query_params=view.having(finess=(opened,)).to_params())
    palette = MAP_DARK if st.context.theme.type == "dark" else MAP_LIGHT
    width = int(st.session_state.get(_WIDTH, _USUAL_WIDTH))
    wide = width - _LEGEND_WIDTH >= frames.NARROW
    rows = frames.arrange(frames.frames(data.regions(answer)), width - _LEGEND_WIDTH if wide else width)
    version = st.session_state.get(_VERSION, 0)
    layers = deck.layers(rate, answer, lines, data.programme(), rows, palette, version)
    st.html(_STYLE)
    beside = st.columns([width - _LEGEND_WIDTH, _LEGEND_WIDTH], gap="small") if wide else [st.container()] * 2
    with beside[0]:
        for row in rows:
            _row(row, view, layers, lines, width)
    with beside[1]:
        st.html(legend.legend(layers, lines, data.programme()))
        _ruler(key=_RULER, data={"width": width}, on_width_change=_measured)


def download(view: View, rate: Rate, answer: Answer, lines: Sequence[Line]) -> None:
    """A button for the maps and their legend as one picture, whatever the width and the theme of the page."""
    snapshot = data.snapshot(view)
    downloads.download(
        "Télécharger l’image (SVG)",
        lambda: picture.svg(rate, answer, lines, data.programme(), snapshot.manifest).encode(),
        "image/svg+xml",
        key=f"carte-{rate.id}",
        as_of=snapshot.as_of,
        suffix="svg",
    )


def _measured() -> None:
    # Kept apart from the ruler's own state, which goes when another page is opened.
    st.session_state[_WIDTH] = int(st.session_state[_RULER].width)


def _row(row: Sequence[frames.Column], view: View, layers: deck.Layers, lines: Sequence[Line], width: int) -> None:
    for column, cell in zip(row, st.columns([each.share for each in row], gap="small"), strict=True):
        with cell:
            for placed in column.placed:
                here = placed.frame
                # A map whose size changes under deck.gl's feet is drawn stretched: at another size it is another map.
                key = f"carte-{here.key}-{width}"
                st.markdown(f"**{here.title}**")
                with st.container(key=f"carte-{here.key}"):
                    st.pydeck_chart(
                        deck.deck(placed, layers),
                        height=placed.height,
                        key=key,
                        on_select=lambda key=key: _picked(view, st.session_state[key]),
                        alt=words.describe(layers, lines, here),
                    )


def _picked(view: View, state: Mapping[str, Any]) -> None:
    """Filter by the département that was clicked, or take that filter back; open the sheet of an establishment."""
    picked = [thing for things in state["selection"]["objects"].values() for thing in things]
    if not picked:
        return
    # Layers under new names: what was clicked is not selected in them, and can be clicked again.
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1
    if finess := picked[0].get("finess"):
        st.session_state[_OPEN] = finess
    elif code := picked[0].get("properties", {}).get("code"):
        frame.go_to(view.having(departments=() if view.departments == (code,) else (code,)))


def establishments(lines: Sequence[Line], noun: tuple[str, str | None], view: View, *, key: str) -> None:
    """Establishments of a map, if there are any, as a table to sort and to search, closed at first.

    `noun` says what they are, in the singular and, where it is irregular, in the plural.
    """
    if not lines:
        return
    with st.expander(french.count(len(lines), *noun), icon=":material/list:", key=f"{key}-list"):
        charts.establishments(
            words.records(lines, data.programme()),
            key=key,
            links=[f"etablissements?{urlencode(view.having(finess=(line.finess,)).to_params())}" for line in lines],
        )
