"""A chart with all that belongs to it: its finding as a title, its text alternative, its table one click away.

Where its marks say what they stand for, a click on one filters everything by it.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from sunes import french, geography, tables
from sunes.export.csv import file_name
from sunes.figures import stamp
from sunes.figures.finished import Finished
from sunes.figures.palette import SCREEN
from sunes.figures.sketch import Drawn
from sunes.metrics import Answer
from sunes.ui import data, downloads, frame, layout
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


@dataclass(frozen=True)
class Content:
    """What a chart shows and says.

    Attributes
    ----------
    description
        Says the main figures to those who do not see the chart.
    table
        The figures behind it: an answer, of which `columns` (ids of metrics) are shown, or ready records under
        French headers.
    more
        A second answer that the chart draws from, with its columns: a table of its own.
    notes
        Each with its heading, stand under the title.
    over_time
        Whether records show earlier snapshots too; an answer says itself what it shows.
    """

    figure: Drawn
    title: str
    description: str
    table: Table
    columns: Sequence[str] = ()
    more: tuple[Answer, Sequence[str]] | None = None
    notes: Sequence[tuple[str, str]] = ()
    over_time: bool = False


@dataclass(frozen=True)
class _Ready:
    """The content of a chart as it is sent, with what every chart says."""

    figure: Finished
    title: str
    settings: Mapping[str, Any]
    table: Table
    columns: Sequence[str]
    more: tuple[Answer, Sequence[str]] | None


def chart(make: Callable[[], Content], view: View, *, key: str, of: Hashable = (), clicks: bool = True) -> None:
    """Show a figure under the sentence that says what it shows, with its figures one click away.

    Parameters
    ----------
    make
        Makes what is shown, once for everybody (see `data.shown`): from the View, and from what `key` and `of` name.
    view
        The View of the page, which a click on a mark narrows to what the mark stands for (see `narrowed`); without
        `clicks`, it does nothing.
    key
        Names the chart on its page, and its files: « participation-occitanie ».
    """
    if view != data.current_view():
        st.rerun()  # A click in a part of the page that runs by itself: all of the page follows it.
    ready = data.shown(("chart", _written(make), key, of), view, lambda: _ready(make(), key))
    st.markdown(ready.title)
    if clicks:
        # The browser remembers what is selected in a chart. Once a click has become a filter, the chart is another
        # one: or, back by the browser's button, the same click would only take the selection back.
        count = f"{key}-clicks"
        widget = f"{key}-{st.session_state.setdefault(count, 0)}"
        st.plotly_chart(
            ready.figure,
            key=widget,
            on_select=lambda: _picked(view, st.session_state[widget], count),
            selection_mode="points",
            **ready.settings,
        )
    else:
        st.plotly_chart(ready.figure, key=key, **ready.settings)
    twin(ready.table, ready.columns, key=key, more=ready.more)


def _written(make: Callable[..., Content]) -> Hashable:
    """Where what makes a chart is written: charts of two pages may have the same key."""
    code = (make.func if isinstance(make, partial) else make).__code__
    return code.co_filename, code.co_qualname


def side_by_side(makes: Mapping[str, Callable[[str], Content]], territories: Sequence[str], view: View) -> None:
    """Each chart for every territory, two in a row; of a single territory, its charts are neighbours.

    `makes` says by the first part of a chart's key how it is made for a territory.
    """
    cells = [(name, territory) for name in makes for territory in territories]
    for start in range(0, len(cells), 2):
        columns = st.columns(min(2, len(cells)), gap="large")
        for column, (name, territory) in zip(columns, cells[start:], strict=False):
            with column:
                chart(partial(makes[name], territory), view, key=f"{name}-{territory}")


def _ready(content: Content, key: str) -> _Ready:
    as_of, simulated = _shown(content.table, content.over_time)
    parts = stamp.stamped(content.figure, as_of, simulated)
    # Streamlit's own words over a mark are too small and too pale to be read by everybody.
    parts["layout"]["hoverlabel"] = {"font": {"size": 14, "color": SCREEN.text}}
    said = f"{content.description} {', '.join(stamp.words(as_of, simulated))}."
    notes = (f"- **{heading}**\u00a0: {plain(text)}" for heading, text in content.notes)
    return _Ready(
        Finished(parts),
        "\n".join((f"**{content.title}**", "", *notes)).strip(),
        {"config": config(file_name(key, as_of.isoformat(), suffix="png")[:-4]), "alt": said},
        content.table,
        content.columns,
        content.more,
    )


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


def twin(
    table: Table, columns: Sequence[str] = (), *, key: str, more: tuple[Answer, Sequence[str]] | None = None
) -> None:
    """The table behind a chart or a map, to read and to download. It is made when it is opened.

    `more` is a second answer with its columns.
    """
    with layout.folded("Voir les chiffres", icon=":material/table:", key=f"{key}-table") as opened:
        if not opened:
            return
        if isinstance(table, Answer):
            _answer(table, columns, key=key)
        else:
            _print(table)
            downloads.records(lambda: _marked(table), data.current_view(), key=key, as_of=_shown(table)[0])
        if more:
            _answer(*more, key=f"{key}-volets")


def _answer(answer: Answer, columns: Sequence[str], *, key: str) -> None:
    definitions, programme = data.definitions(), data.programme()
    _print(tables.readable(answer, columns, definitions, programme))
    downloads.answer(
        answer,
        columns,
        lambda: tables.exact(answer, columns, definitions, programme),
        key=key,
        as_of=_shown(answer)[0],
    )


def _print(records: Sequence[dict[str, Any]]) -> None:
    st.table(list(records), border="horizontal", hide_index=True)
    if any(french.UNKNOWN_MARK in record.values() for record in records):
        st.caption(french.UNKNOWN_LEGEND)


def establishments(
    make: Callable[[], tuple[Sequence[dict[str, Any]], Sequence[str]]], view: View, *, key: str, of: Hashable = ()
) -> None:
    """A table of establishments that can be sorted and searched, each row with a link to the establishment's sheet.

    `make` makes its records under French headers, and the links, once for everybody (see `data.shown`).
    """

    def ready() -> tuple[pa.Table, Sequence[dict[str, Any]]]:
        records, links = make()
        rows = [record | {"Fiche": link} for record, link in zip(records, links, strict=True)]
        return pa.Table.from_pylist(rows), records

    table, records = data.shown(("establishments", key, of), view, ready, large=True)
    st.dataframe(
        table,
        column_config={"Fiche": st.column_config.LinkColumn("Fiche", display_text="Ouvrir la fiche")},
        hide_index=True,
        key=key,
    )
    downloads.records(lambda: _marked(records), view, key=key, as_of=data.snapshot(view).as_of)


def _marked(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records for a file: each says of which snapshot it is, and whether that is simulated."""
    chosen = data.snapshot(data.current_view())
    return [tables.origin(chosen.as_of, chosen.revision, chosen.simulated) | record for record in records]
