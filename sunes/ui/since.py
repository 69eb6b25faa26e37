"""« Ce qui a changé »: the establishments that moved since an earlier snapshot, each with the way to its sheet."""

from urllib.parse import urlencode

import streamlit as st

from sunes import french
from sunes.insights import changes
from sunes.insights.changes import Change
from sunes.ui import charts, data
from sunes.ui.errors import plain
from sunes.view import View


@st.fragment
def changed_since(view: View) -> None:
    """Compare the View's snapshot with an earlier one, the previous one unless a person chooses another."""
    chosen = data.snapshot(view)
    earlier = {each.id.pin: each for each in data.up_to(chosen)[:-1]}
    st.header("Ce qui a changé", anchor=False)
    if not earlier:
        st.markdown(f"La situation au {french.day(chosen.as_of)} est la première connue : rien à quoi la comparer.")
        return
    since = st.selectbox(
        "Depuis la situation au",
        list(reversed(earlier)),
        format_func=lambda pin: french.day(earlier[pin].as_of),
        key="since",
        width=280,
    )

    def found() -> tuple[Change, ...]:
        return changes.changes(data.roster(view.having(snapshot=since)), data.roster(view))

    def said() -> tuple[str, bool]:
        return plain(changes.summary(found(), data.programme())), bool(found())

    def listed() -> tuple[list[dict[str, str]], list[str]]:
        moved = found()
        sheets = (view.having(finess=(each.line.finess,)).to_params() for each in moved)
        return changes.records(moved, data.programme()), [f"etablissements?{urlencode(params)}" for params in sheets]

    summary, any_moved = data.shown(("changes", since), view, said)
    st.markdown(summary)
    if any_moved:
        charts.establishments(listed, view, key="changements", of=since)
