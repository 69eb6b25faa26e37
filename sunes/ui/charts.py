"""A chart with all that belongs to it: its finding as a title, its text alternative, its table one click away.

Where its marks say what they stand for, a click on one filters everything by it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from sunes import french, geography, tables
from sunes.export.csv import file_name
from sunes.figures import stamp
from sunes.figures.palette import SCREEN
from sunes.metrics import Answer
from sunes.ui import data, downloads, frame
from sunes.ui.errors import plain
from sunes.view import PARAMETERS, View

# An answer, or records under French headers.
Table = Answer | Sequence[dict[str, Any]]

_WORDS = {"Download plot as a PNG": "Télécharger l’image (PNG)", "Download plot": "Télécharger l’image"}


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
    notes: Sequence[tuple[str, str]] = (),
    over_time: bool = False,
    view: View | None = None,
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
    notes
        Each with its heading, stand under the title.
    over_time
        Whether records show earlier snapshots too; an answer says itself what it shows.
    view
        The View of the page, which a click on a mark narrows to what the mark stands for (see `narrowed`); without
        it, clicks do nothing.
    """
    if view is not None and view != data.current_view():
        st.rerun()  # A click in a part of the page that runs by itself: all of the page follows it.
    st.markdown(f"**{title}**")
    if notes:
        st.markdown("\n".join(f"- **{heading}**\u00a0: {plain(text)}" for heading, text in notes))
    # Streamlit's own words over a mark are too small and too pale to be read by everybody.
    figure = go.Figure(figure).update_layout(hoverlabel_font={"size": 14, "color": SCREEN.text})
    as_of, simulated = _shown(table, over_time)
    figure = stamp.stamped(figure, as_of, simulated)
    said = f"{description} {', '.join(stamp.words(as_of, simulated))}."
    settings: dict[str, Any] = {"config": config(file_name(key, as_of.isoformat(), suffix="png")[:-4]), "alt": said}
    if view is None:
        st.plotly_chart(figure, key=key, **settings)
    else:
        # The browser remembers what is selected in a chart. Once a click has become a filter, the chart is another
        # one: or, back by the browser's button, the same click would only take the selection back.
        clicks = f"{key}-clicks"
        widget = f"{key}-{st.session_state.setdefault(clicks, 0)}"
        st.plotly_chart(
            figure,
            key=widget,
            on_select=lambda: _picked(view, st.session_state[widget], clicks),
            selection_mode="points",
            **settings,
        )
    twin(table, columns, key=key)


def _shown(table: Table, over_time: bool = False) -> tuple[date, bool]:
    """The last date that a chart shows, and whether anything in it is simulated."""
    if isinstance(table, Answer) and table.rows:
        return (
            max(date.fromisoformat(row["snapshot"]) for row in table.rows),
            any(row["simulated"] for row in table.rows),
        )
    chosen = data.snapshot(data.current_view())
    return chosen.as_of, any(each.simulated for each in (data.up_to(chosen) if over_time else (chosen,)))


def narrowed(view: View, marks: Sequence[Sequence[Any]]) -> View:
    """A View narrowed to what the marks of a chart stand for.

    A mark is what a figure carries as its `customdata`: URL parameters (`region`, `window`, `volet`…), each followed by
    its value, and whatever else the figure needs after them: `("window", 2)`, `("department", "31", "Haute-Garonne")`.
    Marks that disagree on what a View has only one of (a volet) leave it open.
    """
    named: defaultdict[str, tuple[Any, ...]] = defaultdict(tuple)
    for mark in marks:
        for parameter, value in zip(mark[::2], mark[1::2], strict=False):
            if field := PARAMETERS.get(parameter):
                named[field] += (value,)
    if "departments" in named:
        named["regions"] = view.regions
    elif "regions" in named:
        known = geography.departments()
        kept = (code for code in view.departments if code in known and known[code].region_code in named["regions"])
        named["departments"] = tuple(kept)
    changes: dict[str, Any] = {
        field: values if isinstance(getattr(view, field), tuple) else values[0] if len(set(values)) == 1 else None
        for field, values in named.items()
    }
    return view.having(**changes)


def _picked(view: View, state: Mapping[str, Any], clicks: str) -> None:
    """Filter by the marks that were clicked. A click that takes a selection back changes nothing."""
    marks = [point["customdata"] for point in state["selection"]["points"] if point.get("customdata")]
    if marks:
        st.session_state[clicks] += 1
        frame.go_to(narrowed(view, marks))


def twin(table: Table, columns: Sequence[str] = (), *, key: str) -> None:
    """The table behind a chart or a map, to read and to download."""
    with st.expander("Voir les chiffres", icon=":material/table:", key=f"{key}-table"):
        as_of = _shown(table)[0]
        if isinstance(table, Answer):
            _print(tables.readable(table, columns, data.definitions(), data.programme()))
            exact = tables.exact(table, columns, data.definitions(), data.programme())
            downloads.answer(table, columns, exact, key=key, as_of=as_of)
        else:
            _print(table)
            downloads.records(_marked(table), data.current_view(), key=key, as_of=as_of)


def _print(records: Sequence[dict[str, Any]]) -> None:
    st.table(list(records), border="horizontal", hide_index=True)
    if any(french.UNKNOWN_MARK in record.values() for record in records):
        st.caption(french.UNKNOWN_LEGEND)


def establishments(records: Sequence[dict[str, Any]], links: Sequence[str], *, key: str) -> None:
    """A table of establishments that can be sorted and searched, each row with a link to the establishment's sheet."""
    st.dataframe(
        [record | {"Fiche": link} for record, link in zip(records, links, strict=True)],
        column_config={"Fiche": st.column_config.LinkColumn("Fiche", display_text="Ouvrir la fiche")},
        hide_index=True,
        key=key,
    )
    downloads.records(_marked(records), data.current_view(), key=key, as_of=_shown(records)[0])


def _marked(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records for a file: each says of which snapshot it is, and whether that is simulated."""
    chosen = data.snapshot(data.current_view())
    return [tables.origin(chosen.as_of, chosen.revision, chosen.simulated) | record for record in records]
