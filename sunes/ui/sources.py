"""What « Données et sources » is made of: tables of plain text, definitions, files to download."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st

from sunes import documentation, french, provenance, published
from sunes.api.links import links, reserved_said
from sunes.definitions import Metric
from sunes.errors import DataError
from sunes.export.csv import file_name, records_csv
from sunes.export.parquet import roster_parquet
from sunes.schema import TABLES
from sunes.snapshots import Snapshot
from sunes.ui import damage, data
from sunes.ui.access import noted, reserved, signin
from sunes.ui.errors import plain
from sunes.view import View

Records = Sequence[Mapping[str, str]]

_STYLE = """<style>
.sunes-table { overflow: auto; }
.sunes-table.long { max-height: 28rem; }
.sunes-table table { width: 100%; border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.sunes-table :is(th, td) {
  padding: 0.4rem 1rem 0.4rem 0;
  border-bottom: 1px solid light-dark(#cbd6dc, #3b4a52);
  text-align: left;
  vertical-align: top;
}
.sunes-table th {
  position: sticky;
  top: 0;
  background: light-dark(#ffffff, #10181d);
  font-weight: 600;
  white-space: nowrap;
}
.sunes-table .word { white-space: nowrap; }
.sunes-table .name { min-width: min(13rem, 35vw); }
.sunes-table .sentence { min-width: 16rem; }
</style>"""


def table(records: Records | Callable[[], Records], label: str, *, csv: str = "", long: bool = False) -> None:
    """A table whose cells are shown as they are written, whatever they hold; `csv` names a file to download it as.

    Its records are given, or made once for everybody (see `data.shown`). Streamlit's own table can't be scrolled with
    the keyboard where it is wider than the screen. A `long` one scrolls under its header instead of pushing the page
    down.
    """

    def ready(records: Records) -> tuple[Records, str, bool]:
        html = _html(records, label, "sunes-table long" if long else "sunes-table") if records else ""
        return records, html, any(french.UNKNOWN_MARK in record.values() for record in records)

    if callable(records):
        make = records
        shown, html, has_unknown = data.shown(
            ("table", label, damage.mends()), data.current_view(), lambda: ready(make())
        )
    else:
        shown, html, has_unknown = ready(records)
    if not shown:
        st.markdown("Aucun élément.")
        return
    st.html(html)
    if has_unknown:
        st.caption(french.UNKNOWN_LEGEND)
    if csv:
        st.download_button(
            "Télécharger (CSV)",
            lambda: records_csv(shown),
            file_name=file_name(csv, suffix="csv"),
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"{csv}-csv",
        )


def _html(records: Records, label: str, names: str) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in records[0])
    body = "".join(f"<tr>{''.join(map(_cell, record.values()))}</tr>" for record in records)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="{names}" role="region" aria-label="{escape(label)}" tabindex="0">{table}</div>{_STYLE}'


def _cell(text: str) -> str:
    # A date or a name stays on one line; a sentence wraps, but not to one word a line on a telephone.
    kind = "word" if len(text) <= 16 else "name" if len(text) <= 60 else "sentence"
    return f'<td class="{kind}">{escape(text)}</td>'


def bullets(sentences: Sequence[str]) -> None:
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences))


def downloads(snapshot: Snapshot) -> None:
    """A button for each file of a snapshot; a file is read when its button is pressed.

    Who may not see all establishments one by one gets the rows about those that they see, if there are any.
    """
    listed = None if data.sight().is_whole else data.roster(View(snapshot=snapshot.id.pin))
    if listed:
        reserved.notice(listed.withheld)
    with st.container(horizontal=True):
        for label, name, mime in provenance.files(snapshot):
            path, part, read = Path(name), "", (snapshot.path / name).read_bytes
            if listed and path.stem in TABLES:
                if not listed.lines:
                    continue
                part, read = "extrait", partial(roster_parquet, listed, path.stem)
            called = file_name(snapshot.id.pin, path.stem, part, suffix=path.suffix[1:])
            st.download_button(
                f"{label} ({', '.join(filter(None, (path.suffix[1:], part)))})",
                noted.exported(read, called),
                file_name=called,
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"fichier-{name}",
            )


def api(view: View) -> None:
    """Where programs read the figures of a View: the addresses that whoever looks at the page gets an answer from."""
    person = signin.person()
    st.header("API", anchor=False)
    st.markdown("Les mêmes chiffres pour un tableur ou un programme, avec les filtres choisis\u00a0:")
    st.markdown("\n".join(f"- [{plain(label)}]({address})" for label, address in links(view, person).items()))
    if said := reserved_said(person):
        st.markdown(f":material/lock: {plain(said)}")


def definitions() -> None:
    """Every definition, to open one by one or to search through."""
    text = st.text_input("Chercher dans les définitions", placeholder="dénominateur, cible, volet…", key="definition")
    found = documentation.search(data.definitions(), text)
    if not found:
        st.info(f"Aucune définition ne contient {plain(french.quote(text))}.", icon=":material/search_off:")
    half = math.ceil(len(found) / 2)
    for column, metrics in zip(st.columns(2), (found[:half], found[half:]), strict=True):
        with column:
            for metric in metrics:
                # Few enough to read at once. Open ones have another key, or the browser would keep them as they were.
                few = len(found) <= 3
                with st.expander(plain(metric.label), expanded=few, key=f"definition-{metric.id}-{few}"):
                    _meaning(metric)


def _meaning(metric: Metric) -> None:
    st.markdown("\n\n".join(f"**{name}** – {plain(text)}" for name, text in documentation.meaning(metric)))


def comparisons() -> None:
    """What agencies published beside what the snapshots give, or why that can't be said."""
    try:
        compared = data.shown("published", View(), lambda: published.reconcile(data.store(), data.programme()))
    except DataError as error:
        st.error(plain(damage.said(error)), icon=":material/error:")
        return
    st.markdown(f"**{plain(documentation.comparisons_finding(compared))}**")
    table(
        lambda: documentation.comparison_records(compared, data.definitions(), data.programme()),
        "Chiffres publiés et chiffres calculés",
        csv="chiffres-publies",
    )
