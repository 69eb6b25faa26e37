"""The second step: which column holds what, where the names don't tell."""

import streamlit as st

from sunes import french
from sunes.ingest.reading import Reading
from sunes.ui.errors import plain
from sunes.ui.importer.draft import Draft, check, go

_NONE = "—"


def show(made: Draft) -> None:
    """Which column holds what, for the files whose headers have to be understood."""
    read = [reading for reading in made.checked.readings if reading.columns]
    if not read:
        st.markdown("Toutes les colonnes ont un nom convenu\u00a0: il n’y a rien à préciser.")
    for number, reading in enumerate(read):
        _mapping(made, reading, number)
    again, on = st.columns([1, 1])
    if read and again.button("Relire avec ces colonnes", type="primary", icon=":material/refresh:"):
        check(made)
    on.button("Continuer vers les contrôles", on_click=go, args=("checks",), icon=":material/arrow_forward:")


def _mapping(made: Draft, reading: Reading, number: int) -> None:
    understood = reading.columns
    if understood is None:
        return
    sheet = f", feuille {french.quote(reading.sheet)}" if reading.sheet else ""
    st.subheader(plain(f"{reading.file.name}{sheet}"), anchor=False)
    if understood.missing:
        wanted = french.join([meaning.label for meaning in understood.missing])
        st.warning(plain(f"À indiquer : {wanted}."), icon=":material/help:")
    cells = st.columns(3)
    for place, meaning in enumerate(understood.meanings):
        found = made.said.get(reading.file.name, {}).get(meaning.id, understood.found.get(meaning.id))
        options = [_NONE, *understood.header]
        key = f"import-column-{number}-{meaning.id}"

        def changed(key: str = key, meaning_id: str = meaning.id) -> None:
            said = made.said.setdefault(reading.file.name, {})
            said[meaning_id] = "" if st.session_state[key] == _NONE else st.session_state[key]

        st.session_state[key] = found if found in options else _NONE
        cells[place % 3].selectbox(
            f"{meaning.label}{' *' if meaning.required else ''}", options, key=key, on_change=changed
        )
    st.caption("\\* Indispensable. Les colonnes de noms, courriels et téléphones ne sont ni proposées ni gardées.")
