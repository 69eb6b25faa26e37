"""The map on a page: as wide as the page is, in the theme's colours; a click filters, or leads to a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.components.v2 import component

from sunes import french
from sunes.figures.palette import MAP_DARK, MAP_LIGHT, MapPalette
from sunes.insights.comparison import Rate
from sunes.maps import deck, frames, legend, picture, places, words
from sunes.metrics import Answer
from sunes.provenance import situation
from sunes.roster import Line
from sunes.ui import charts, data, downloads, frame, layout, territories
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
        format_func=lambda pin: situation(known[pin].id),
        key="map-day",
        on_change=lambda: frame.go_to(view.having(snapshot=st.session_state["map-day"])),
    )


def show(view: View, rate: Rate) -> None:
    """The maps of a View, coloured by a rate, with their legend beside them."""
    if opened := st.session_state.pop(_OPEN, None):
        st.switch_page("establishments.py", query_params=view.having(finess=(opened,)).to_params())
    dark = st.context.theme.type == "dark"
    width = int(st.session_state.get(_WIDTH, _USUAL_WIDTH))
    version = st.session_state.get(_VERSION, 0)
    drawn = data.shown(
        ("maps", rate.id, dark, width, version),
        view,
        lambda: _drawn(view, rate, width, MAP_DARK if dark else MAP_LIGHT, version),
        large=True,
    )
    st.html(_STYLE)
    wide = _is_wide(width)
    beside = st.columns([width - _LEGEND_WIDTH, _LEGEND_WIDTH], gap="small") if wide else [st.container()] * 2
    with beside[0]:
        for row in drawn.rows:
            for column, cell in zip(row, st.columns([share for share, _ in row], gap="small"), strict=True):
                with cell:
                    for each in column[1]:
                        _map(each, view, width)
    with beside[1]:
        st.html(drawn.legend)
        _ruler(key=_RULER, data={"width": width}, on_width_change=_measured)


def content(view: View, rate: Rate) -> tuple[Answer, tuple[Line, ...], int]:
    """What maps of a View show: an answer by region and department, establishments, how many are withheld."""
    listed = data.roster(view)
    return territories.answer(view, rate, "region", "department"), places.shown(listed), listed.withheld


def _is_wide(width: int) -> bool:
    return width - _LEGEND_WIDTH >= frames.NARROW


@dataclass(frozen=True, slots=True)
class _Map:
    key: str
    title: str
    deck: deck.Finished
    height: int
    said: str


@dataclass(frozen=True, slots=True)
class _Maps:
    """The maps of a page: rows of columns, each with its share of the width and the maps one below the other in it."""

    rows: tuple[tuple[tuple[float, tuple[_Map, ...]], ...], ...]
    legend: str


def _drawn(view: View, rate: Rate, width: int, palette: MapPalette, version: int) -> _Maps:
    answer, lines, withheld = content(view, rate)
    rows = frames.arrange(frames.frames(data.regions(answer)), width - _LEGEND_WIDTH if _is_wide(width) else width)
    layers = deck.layers(rate, answer, lines, data.programme(), rows, palette, version, withheld)

    def drawn(placed: frames.Placed) -> _Map:
        here = placed.frame
        finished = deck.deck(placed, layers).finished()
        return _Map(here.key, f"**{here.title}**", finished, placed.height, words.describe(layers, lines, here))

    return _Maps(
        tuple(tuple((column.share, tuple(map(drawn, column.placed))) for column in row) for row in rows),
        legend.legend(layers, lines, data.programme()),
    )


def download(view: View, rate: Rate) -> None:
    """A button for the maps and their legend as one picture, whatever the width and the theme of the page."""
    snapshot = data.snapshot(view)

    def drawn() -> bytes:
        answer, lines, withheld = content(view, rate)
        return picture.svg(rate, answer, lines, data.programme(), snapshot.manifest, withheld=withheld).encode()

    downloads.download(
        "Télécharger l’image (SVG)",
        drawn,
        "image/svg+xml",
        key=f"carte-{rate.id}",
        as_of=snapshot.as_of,
        suffix="svg",
    )


def _measured() -> None:
    # Kept apart from the ruler's own state, which goes when another page is opened.
    st.session_state[_WIDTH] = int(st.session_state[_RULER].width)


def _map(drawn: _Map, view: View, width: int) -> None:
    # A map whose size changes under deck.gl's feet is drawn stretched: at another size it is another map.
    key = f"carte-{drawn.key}-{width}"
    st.markdown(drawn.title)
    with st.container(key=f"carte-{drawn.key}"):
        st.pydeck_chart(
            drawn.deck,
            height=drawn.height,
            key=key,
            on_select=lambda: _picked(view, st.session_state[key]),
            alt=drawn.said,
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


def establishments(located: bool, noun: tuple[str, str | None], view: View, *, key: str) -> int:
    """Those establishments of a View that have a place on the map, or none, as a table to sort and to search.

    It is closed at first, and not there without any. `noun` says what they are, in the singular and, where it is
    irregular, in the plural. Returns how many they are.
    """

    def lines() -> Sequence[Line]:
        placed, unplaced = places.located(places.shown(data.roster(view)))
        return placed if located else unplaced

    def listed() -> tuple[list[dict[str, Any]], list[str]]:
        sheets = (view.having(finess=(line.finess,)).to_params() for line in lines())
        return words.records(lines(), data.programme()), [f"etablissements?{urlencode(params)}" for params in sheets]

    number = data.shown(("number", key), view, lambda: len(lines()))
    if number:
        with layout.folded(french.count(number, *noun), icon=":material/list:", key=f"{key}-list") as opened:
            if opened:
                charts.establishments(listed, view, key=key)
    return number
