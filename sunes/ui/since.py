"""« Ce qui a changé »: the establishments that moved since an earlier snapshot, each with the way to its sheet."""

from html import escape
from urllib.parse import urlencode

import streamlit as st

from sunes import french
from sunes.insights import changes
from sunes.insights.changes import Change
from sunes.ui import charts, data, layout
from sunes.ui.access import reserved
from sunes.ui.errors import plain
from sunes.view import View

_NEW_TAB = f'<span aria-hidden="true">{french.NBSP}↗</span><span class="unseen"> (nouvel onglet)</span>'
_FIRST = 10  # as many as are read at a glance; the others are one click away


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

    def listed() -> tuple[list[dict[str, str]], list[str]]:
        moved = data.changes_since(view, since).told
        return changes.records(moved, data.programme()), [_sheet(view, each) for each in moved]

    def said() -> tuple[str, str, int, int]:
        moved = data.changes_since(view, since)
        first = moved.told[:_FIRST]
        records = changes.records(first, data.programme())
        return (
            plain(changes.summary(moved.counts, data.programme())),
            _table(records, [_sheet(view, each) for each in first]) if first else "",
            len(moved.told),
            moved.withheld,
        )

    summary, table, number, withheld = data.shown(("changes", since), view, said)
    st.markdown(summary)
    reserved.notice(withheld)
    if not number:
        return
    st.html(table)
    every = "Trier, chercher, télécharger" if number <= _FIRST else f"Voir les {french.number(number)} changements"
    with layout.folded(every, icon=":material/table:", key="changements-tous") as opened:
        if opened:
            charts.establishments(listed, view, key="changements", of=since)


def _sheet(view: View, change: Change) -> str:
    return f"etablissements?{urlencode(view.having(finess=(change.line.finess,)).to_params())}"


def _table(records: list[dict[str, str]], sheets: list[str]) -> str:
    """The changes in HTML, each establishment's name being the way to its sheet.

    In a tab of its own, and saying so: a link in HTML would load the whole product again in this one.
    """
    header = "".join(f'<th scope="col">{escape(name)}</th>' for name in records[0])
    rows = (
        f'<tr><td><a href="{escape(sheet)}" target="_blank">{escape(name)}{_NEW_TAB}</a></td>'
        f"{''.join(f'<td>{escape(text)}</td>' for text in others)}</tr>"
        for (name, *others), sheet in zip((record.values() for record in records), sheets, strict=True)
    )
    return f'<div class="changes"><table><thead><tr>{header}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
