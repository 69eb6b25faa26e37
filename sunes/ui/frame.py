"""The frame round every page: the way to the others, the filters, how fresh the data are.

The address bar is the truth. Widgets are set from it at each run and write to it when a person changes them, so that a
link, a reload and the back button need nothing else.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from sunes import french, geography, provenance
from sunes.access.rights import Deed, may
from sunes.errors import DataError, UsageError
from sunes.insights import headlines
from sunes.provenance import situation
from sunes.schema import LEGAL_STATUSES
from sunes.snapshots import DamagedError, Snapshot
from sunes.tables import LEGAL_STATUS_LABELS
from sunes.ui import damage, data, layout, takeaway
from sunes.ui.access import account, signin
from sunes.ui.errors import plain, sentence
from sunes.ui.server.asgi import CONTENT
from sunes.view import View

_BEFORE = "view-before"
_CHIPS = "chips"
_NO_VOLET = "tous"


def links(pages: Sequence[StreamlitPage], view: View) -> None:
    """The way to every page, keeping the View."""
    with st.container(horizontal=True, vertical_alignment="center", key="navigation"):
        for page in pages:
            st.page_link(page, query_params=view.to_params())
        account.corner()


def head(title: str, view: View) -> None:
    """The page's title, the widgets that change the View, and what can be taken away of it."""
    with st.container(key="head"):
        heading, left, right, more = st.columns([4, 2.9, 4.4, 3.2], gap="small", vertical_alignment="bottom")
    heading.title(title, anchor=False)
    with left:
        _snapshot(view)
    with right:
        _several("Régions", "regions", view, _present(view, "region"), data.region_name, "Toutes les régions")
    with more, st.container(horizontal=True, gap="small"):
        with layout.menu("Filtres", icon=":material/filter_list:", key="filters") as opened:
            if opened:
                _further(view)
        takeaway.popover(title, view)
    _chips(view)


def freshness(snapshot: Snapshot, view: View) -> None:
    """Which state of the programme is on the screen, since when it is known, and whether it is simulated.

    Beside figures of some windows only, also what their targets are meant for.

    The content of a page begins here, for those who skip the filters.
    """
    manifest = snapshot.manifest
    day = provenance.published_on(manifest)
    published = f", publiée le {french.day(day)}" if day else ""
    sources = french.join([french.quote(title) for title in dict.fromkeys(s.title for s in manifest.sources or ())])
    parts = [f"Situation au **{french.day(snapshot.as_of)}** (révision {snapshot.revision}{published})"]
    parts += [f"Source\u00a0: {plain(sources)}"] if sources else []
    if scope := headlines.target_scope(view, data.programme(), targets=2):
        parts.append(scope[0].upper() + scope[1:])
    with st.container(horizontal=True, vertical_alignment="center", key=CONTENT):
        if snapshot.simulated:
            _badge()
        st.caption(" · ".join(parts))


def simulated(view: View) -> None:
    """Whether the data are simulated, on a page that shows no View."""
    with suppress(DataError, UsageError):  # where there are none yet, or none that can be read
        if data.snapshot(view).simulated:
            _badge()


def _badge() -> None:
    st.badge("Données simulées", icon=":material/science:", color="orange")


def notices(*texts: str) -> None:
    """What the address asked for and could not be had, what had to be left out: said, never silent."""
    if texts:
        st.warning("  \n".join(sentence(french.typographic(text)) for text in texts), icon=":material/info:")


def unusable(title: str, error: DamagedError, view: View) -> None:
    """Why the View's snapshot can't be shown, and the way to one that can. Nothing else stands in for it in silence."""
    st.title(title, anchor=False)
    with st.container(key=CONTENT):
        st.error(sentence(french.typographic(damage.unusable(error))), icon=":material/error:")
        if sound := data.last_sound():
            # A link to the page where one is already would not change the address.
            st.button(
                f"Voir la dernière situation saine, au {situation(sound.id)}",
                icon=":material/history:",
                on_click=go_to,
                args=(view.having(snapshot=sound.id.pin),),
            )


def nothing_yet(title: str, importer: StreamlitPage) -> None:
    """That there is nothing to show, and where whoever may can change that."""
    st.title(title, anchor=False)
    with st.container(key=CONTENT):
        st.info("Aucune situation n’est publiée : il n’y a rien à montrer.", icon=":material/info:")
        if may(signin.person(), Deed.IMPORT):
            st.page_link(importer, label="Importer des fichiers", icon=":material/upload_file:")


def go_to(view: View, beside: Mapping[str, str] | None = None) -> None:
    """Make `view` the one that is shown. To be called from a widget's callback.

    `beside` is what the address says beside it: what it says now, unless it is given.
    """
    st.session_state[_BEFORE] = data.current_view()
    st.query_params.from_dict(view.to_params() | (data.beside() if beside is None else dict(beside)))


def hold(view: View) -> View:
    """The View of the revision that is shown now, for a page on which nothing changes when another one is published.

    The address may say so later: until it does, widgets that are drawn for either answer to it.
    """
    held = view.having(snapshot=data.snapshot(view).id.pin)
    if held != view:
        st.session_state[_BEFORE] = view
    return held


# Filters -------------------------------------------------------------------------------------------------------------


def _snapshot(view: View) -> None:
    chosen = data.snapshot(view)

    def newest_first() -> dict[str, str]:
        known = {each.id for each in (*data.store().history(), chosen)}
        return {each.pin: situation(each) for each in sorted(known, reverse=True)}

    names = data.shown("snapshots", View(snapshot=chosen.id.pin), newest_first)
    st.selectbox("Situation au", list(names), format_func=names.__getitem__, **_bound(view, "snapshot", chosen.id.pin))


def _further(view: View) -> None:
    programme = data.programme()
    _several("Départements", "departments", view, _present(view, "department"), _department, "Tous les départements")
    st.segmented_control(
        "Volet",
        [_NO_VOLET, *programme.volet_ids],
        format_func=lambda value: "Tous" if value == _NO_VOLET else _volet(value),
        required=True,
        **_bound(view, "volet", view.volet or _NO_VOLET),
    )
    _several("Fenêtres", "windows", view, programme.window_numbers, str, "Toutes les fenêtres")
    _several(
        "Statut juridique", "legal_statuses", view, LEGAL_STATUSES, LEGAL_STATUS_LABELS.__getitem__, "Tous les statuts"
    )


def _several(label: str, field: str, view: View, options: Sequence[Any], name: Any, placeholder: str) -> None:
    # What the address asks for stays on offer, even where the snapshot holds nothing of it.
    chosen = getattr(view, field)
    options = [*options, *(value for value in chosen if value not in options)]
    st.multiselect(label, options, format_func=name, placeholder=placeholder, **_bound(view, field, list(chosen)))


def _bound(view: View, field: str, value: Any) -> dict[str, Any]:
    """What ties a widget to a field of the View: its state set from the address, its changes written to it."""
    key = f"filter-{field}"
    st.session_state[key] = value
    return {"key": key, "on_change": _changed, "args": (view, st.context.url, field, key)}


def _astray(view: View, page: str | None) -> bool:
    """Whether a widget that was drawn for `view` on `page` answers to an address that has gone elsewhere since.

    Going back twice in a row stops the run between. Its widgets never reach the browser, which goes on sending the
    state of older ones: what looks like a change is none, and would overwrite the address. The address that a change
    has just left is no such sign: over a slow line the browser learns of the new one after the next click.
    """
    return st.context.url != page or data.current_view() not in (view, st.session_state.get(_BEFORE))


def _changed(view: View, page: str | None, field: str, key: str) -> None:
    if _astray(view, page):
        return
    value = st.session_state[key]
    if field == "volet" and value == _NO_VOLET:
        value = None
    changed = view.having(**{field: tuple(value) if isinstance(value, list) else value})
    if field == "regions" and changed.regions:
        region_of = {code: department.region_code for code, department in geography.departments().items()}
        kept = tuple(code for code in view.departments if region_of.get(code) in changed.regions)
        changed = changed.having(departments=kept)
    go_to(changed)


def _present(view: View, key: str) -> list[str]:
    """The regions of the snapshot, or the départements of the chosen regions in it."""
    regions = view.regions if key == "department" else ()
    answer = data.answer(View(snapshot=view.snapshot, regions=regions), (key,))
    return data.regions(answer) if key == "region" else [row[key] for row in answer.rows]


# Chips: every restriction in sight, removable one by one ------------------------------------------------------------


def _chips(view: View) -> None:
    active = _active(view)
    if not active:
        return
    st.session_state[_CHIPS] = list(active)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.pills(
            "Filtres actifs (cliquer pour retirer)",
            list(active),
            format_func=lambda chip: f"{active[chip]} ✕",
            selection_mode="multi",
            key=_CHIPS,
            on_change=_removed,
            args=(view, st.context.url, list(active)),
            label_visibility="collapsed",
        )
        st.button("Réinitialiser", type="tertiary", icon=":material/restart_alt:", on_click=go_to, args=(View(),))


def _active(view: View) -> dict[tuple[str, Any], str]:
    chips: dict[tuple[str, Any], str] = {}
    # Not against what `latest` resolves to: a damaged one must not keep a sound one from being shown.
    if data.snapshot(view) not in data.store().history()[-1:]:
        chips["snapshot", None] = situation(data.snapshot(view).id)
    chips |= {("regions", code): data.region_name(code) for code in view.regions}
    chips |= {("departments", code): _department(code) for code in view.departments}
    chips |= {("volet", None): _volet(view.volet)} if view.volet else {}
    chips |= {("windows", number): f"Fenêtre {number}" for number in view.windows}
    chips |= {("legal_statuses", status): LEGAL_STATUS_LABELS[status] for status in view.legal_statuses}
    if view.finess:
        chips["finess", None] = french.count(len(view.finess), "établissement choisi")
    return chips


def _removed(view: View, page: str | None, chips: list[tuple[str, Any]]) -> None:
    if _astray(view, page):
        return
    for field, value in set(chips) - set(st.session_state[_CHIPS]):
        cleared: Any = getattr(View(), field)
        view = view.having(**{field: tuple(v for v in getattr(view, field) if v != value) if value else cleared})
    go_to(view)


def _department(code: str) -> str:
    known = geography.departments()
    return f"{code} – {known[code].name}" if code in known else code


def _volet(volet_id: str) -> str:
    return f"Volet {data.programme().volet(volet_id).number}"
