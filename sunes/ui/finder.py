"""Finding establishments: a search, pasted FINESS numbers, and the table of those that fit."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import streamlit as st

from sunes import french, tables
from sunes.errors import UsageError
from sunes.establishments.listing import ATTAINED, FINESS, NAME, PROGRESS, Listing, listing
from sunes.establishments.search import pasted_numbers
from sunes.roster import Roster, numbers_said
from sunes.ui import data, downloads, frame
from sunes.ui.access import reserved
from sunes.view import View

# As many sheets as can be compared side by side.
SHEETS = 4

_PASTED, _NOTICE, _WORDS = "pasted-finess", "pasted-notice", "establishment-words"
_TALL = 9

# Pixels. The framework keeps a column in sight up to 60 % of the table, which is 358 wide on a phone; long names need
# lines then, and text is only wrapped in rows of more than 64.
_NAME, _ROW = 204, 66

# The table's own toolbar speaks English, hides the buttons above, and writes files in which a name may be a formula.
_STYLE = "<style>[class*=st-key-etablissements-] [data-testid=stElementToolbar] {display: none}</style>"


def notices(view: View, listed: Roster) -> None:
    """What was pasted and is no number, and which numbers of the View lead to no establishment, and why."""
    pasted_for, texts = st.session_state.get(_NOTICE, (None, ()))
    said = list(texts) if pasted_for == view else []
    absent = sorted(set(view.finess) - {line.finess for line in listed.lines})
    if absent:
        anywhere = {line.finess for line in data.roster(View(snapshot=view.snapshot, finess=tuple(absent))).lines}
        unknown = [number for number in absent if number not in anywhere]
        elsewhere = [number for number in absent if number in anywhere]
        on = french.day(data.snapshot(view).as_of)
        if unknown:
            said.append(f"{numbers_said(unknown)} : {'inconnu' if len(unknown) == 1 else 'inconnus'} au {on}.")
        if elsewhere:
            said.append(f"{numbers_said(elsewhere)} : hors des filtres actifs ; retirez un filtre pour voir la fiche.")
    frame.notices(*map(french.typographic, said))


def paste(view: View) -> None:
    """The box into which numbers are pasted; they become the View's, so that the address is a link to them."""
    with st.popover("Coller des numéros FINESS", icon=":material/content_paste:"):
        st.text_area(
            "Numéros FINESS",
            key=_PASTED,
            height=140,
            placeholder="990000001, 990000002 990000003",
        )
        st.caption("Séparés par des espaces, des virgules, des points-virgules ou des retours à la ligne.")
        st.button("Voir ces établissements", type="primary", on_click=_see, args=(view,))


def _see(view: View) -> None:
    known = {line.finess for line in data.roster(View(snapshot=view.snapshot)).lines}
    target = view
    try:
        pasted = pasted_numbers(st.session_state[_PASTED], known)
        said: Sequence[str] = pasted.notices
        target = view.having(finess=pasted.finess) if pasted.finess else view
    except UsageError as error:
        said = (str(error),)
    st.session_state[_NOTICE] = (target, said)
    frame.go_to(target)


def table(view: View, listed: Roster) -> None:
    """The establishments of a roster as a table to search, to sort, to choose from and to download."""
    reserved.notice(listed.withheld)
    if listed.withheld and not listed.lines:
        return
    everyone = data.shown("listing", view, lambda: listing(listed, data.programme()), large=True)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Rechercher",
            key=_WORDS,
            type="search",
            live=True,
            placeholder="Nom, commune, département, FINESS, état…",
            persist_state="session",
        )
        paste(view)
    found = everyone.matching(words or "")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(_said(len(found.records), len(everyone.records), listed.withheld))
        actions = st.container(horizontal=True, width="content")
    if not found.records:
        st.info("Aucun établissement ne correspond à cette recherche et à ces filtres.", icon=":material/search_off:")
        return
    key = f"etablissements-{crc32(repr((view, words, data.snapshot(view).digest)).encode())}"
    st.html(_STYLE)
    shown: Any = st.dataframe(
        found.table,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        row_height=_ROW,
        height=600 if len(found.records) > _TALL else "content",
        placeholder=french.UNKNOWN_MARK,
        column_config=_columns(found),
        alt="Tableau des établissements, une ligne chacun ; le fichier CSV contient les mêmes.",
    )
    st.caption(f"{french.UNKNOWN_MARK}{french.NBSP}: sans objet (pas de candidature, ou aucune retenue).")
    with actions:
        _open(view, found.finess(shown.selection.rows))
        _download(found, listed)


def _said(found: int, everyone: int, withheld: int) -> str:
    total = french.count(everyone, "établissement visible" if withheld else "établissement")
    counted = total if found == everyone else f"{french.number(found)} sur {total}"
    return f"**{counted}** – cochez des lignes pour ouvrir ou comparer des fiches"


def _open(view: View, chosen: tuple[str, ...]) -> None:
    many = french.count(len(chosen), "établissement")
    label = "Ouvrir la fiche" if len(chosen) < 2 else f"Comparer {many}" if len(chosen) <= SHEETS else f"Garder {many}"
    st.button(
        label,
        type="primary",
        icon=":material/description:",
        disabled=not chosen,
        on_click=frame.go_to,
        args=(view.having(finess=chosen),),
        key="open-sheets",
    )


def _download(found: Listing, listed: Roster) -> None:
    header = listed.header
    origin = tables.origin(header.as_of, header.revision, header.simulated)
    chosen = {record[FINESS] for record in found.records}
    downloads.establishments(
        lambda: [origin | dict(record) for record in found.records],
        listed,
        lambda: [line for line in listed.lines if line.finess in chosen],
        key="etablissements",
    )


def _columns(found: Listing) -> dict[str, Any]:
    text, wide = st.column_config.TextColumn, ("Volet", "Fenêtre")
    known: dict[str, Any] = {name: text(width=164) for name in found.records[0] if name.startswith(wide)}
    return known | {
        NAME: text(width=_NAME, pinned=True),
        FINESS: text(width=96),
        "Commune": text(width=156),
        "Département": text(width=140),
        PROGRESS: st.column_config.ProgressColumn(
            "Progression",
            help="Part des indicateurs requis qui sont atteints",
            format=f"%.0f{french.NBSP}%%",
            min_value=0,
            max_value=100,
            width=130,
        ),
        ATTAINED: text("Indicateurs atteints", width=130, help="Parmi les indicateurs requis"),
    }
