"""The frame round every page: the filters, which live in the address bar, and how fresh the data are."""

from dataclasses import replace

import streamlit as st

from sunes import french
from sunes.snapshots import Snapshot
from sunes.ui import data
from sunes.ui.errors import plain
from sunes.view import View

_SNAPSHOT, _REGIONS = "filter_snapshot", "filter_regions"


def head(title: str, view: View) -> None:
    """The page's title and the widgets that change the View, which are set from the address bar and write to it."""
    chosen = data.snapshot(view)
    known = {s.id.pin: s for s in (*data.store().history(), chosen)}
    regions = data.regions(data.answer(View(snapshot=view.snapshot), ("region",)))
    st.session_state[_SNAPSHOT] = chosen.id.pin
    st.session_state[_REGIONS] = [code for code in regions if code in view.regions]
    heading, left, right = st.columns([2, 1, 2], gap="medium", vertical_alignment="bottom")
    heading.title(title, anchor=False)
    left.selectbox(
        "Situation au",
        sorted(known, key=lambda pin: known[pin].id, reverse=True),
        format_func=lambda pin: _name(known[pin]),
        key=_SNAPSHOT,
        on_change=_to_address,
        args=(view,),
    )
    right.multiselect(
        "Régions",
        regions,
        format_func=data.region_name,
        placeholder="Toutes les régions",
        key=_REGIONS,
        on_change=_to_address,
        args=(view,),
    )


def freshness(snapshot: Snapshot) -> None:
    """Which state of the programme is on the screen, since when it is known, and whether it is simulated."""
    manifest = snapshot.manifest
    published = f", publiée le {french.day(manifest.published_at.date())}" if manifest.published_at else ""
    sources = french.join(list(dict.fromkeys(source.title for source in manifest.sources or ())))
    parts = [f"Situation au **{french.day(snapshot.as_of)}** (révision {snapshot.revision}{published})"]
    parts += [f"Source\u00a0: {plain(sources)}"] if sources else []
    with st.container(horizontal=True, vertical_alignment="center"):
        if snapshot.simulated:
            st.badge("Données simulées", icon=":material/science:", color="orange")
        st.caption(" · ".join(parts))


def notices(*texts: str) -> None:
    """What the address asked for and could not be had, what had to be left out: said, never silent."""
    if texts:
        st.warning("  \n".join(map(plain, texts)), icon=":material/info:")


def _name(snapshot: Snapshot) -> str:
    corrected = f" (révision {snapshot.revision})" if snapshot.revision > 1 else ""
    return f"{french.day(snapshot.as_of)}{corrected}"


def _to_address(view: View) -> None:
    changed = replace(view, snapshot=st.session_state[_SNAPSHOT], regions=tuple(st.session_state[_REGIONS]))
    st.query_params.from_dict(changed.to_params())
