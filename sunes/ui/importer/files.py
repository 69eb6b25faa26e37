"""The first step: for which day, and which files."""

from collections.abc import Collection

import streamlit as st

from sunes import french
from sunes.access.rights import own_regions
from sunes.export.csv import file_name
from sunes.ingest import InputFile
from sunes.ingest.readers.template import template
from sunes.schema import TABLES
from sunes.ui import data
from sunes.ui.access import signin
from sunes.ui.errors import plain
from sunes.ui.importer.draft import Draft, check

_UPLOADS = {
    "establishments": (
        "Registre des établissements",
        "Extraction FINESS (CSV ou JSON), table SAE, registre CSV ou XLSX",
    ),
    "applications": ("Candidatures", "Export Démarches simplifiées (CSV ou XLSX)"),
    "usages": ("Usages", "Suivi Excel des indicateurs, ou CSV"),
}
_TYPES = ["csv", "txt", "gz", "json", "xlsx", "parquet"]


def show(made: Draft) -> None:
    """What is given, for which day; a button checks it."""
    regions = own_regions(signin.person())
    if regions is not None:
        st.info(plain(_regional(regions)), icon=":material/map:")
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    with left:
        _day(made)
    right.caption("Le jour que les données décrivent\u00a0: celui de l’extraction ou du bilan, pas celui de l’import.")
    for column, name in zip(st.columns(len(TABLES), gap="large"), TABLES, strict=True):
        with column:
            _table(made, name, may_replace=regions is None)
    st.caption("Ce qui n’est pas donné est repris de la situation précédente, si elle n’est pas simulée.")
    missing = not any(made.files.values()) or made.as_of is None
    if st.button("Vérifier les fichiers", type="primary", disabled=missing, icon=":material/fact_check:"):
        check(made)
    if missing:
        st.caption("Il faut une date et au moins un fichier.")
    st.download_button(
        "Télécharger un classeur modèle",
        lambda: template(data.programme()),
        file_name=file_name("modele", suffix="xlsx"),
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
        help="Pour qui part de rien : trois feuilles à remplir, avec des listes de choix et un exemple.",
    )


def _regional(regions: Collection[str]) -> str:
    own = "votre région" if len(regions) == 1 else "vos régions"
    names = french.join(sorted(map(data.region_name, regions), key=french.sort_key))
    return french.typographic(
        f"Vous publiez pour {own} ({names}) : vos fichiers complètent la situation précédente dans les trois tables, "
        "et les lignes d’autres régions sont rejetées."
    )


def _day(made: Draft) -> None:
    # A text, as the framework's own date field only takes what is typed once its calendar is closed.
    def changed() -> None:
        made.day = st.session_state["import-day"]
        made.changed()

    # Set at first only: a date that is being typed while a file arrives must stay.
    st.session_state.setdefault("import-day", made.day)
    st.text_input(
        "Situation au", placeholder="jj/mm/aaaa", key="import-day", on_change=changed, persist_state="session"
    )
    if made.day and made.as_of is None:
        st.caption("Écrivez une date comme 30/06/2024 ou « 30 juin 2024 ».")


def _table(made: Draft, name: str, *, may_replace: bool) -> None:
    label, expected = _UPLOADS[name]
    key = f"import-{name}-{made.uploads[name]}"

    def added() -> None:
        known = {file.sha256 for file in made.files[name]}
        new = [InputFile(upload.name, upload.getvalue()) for upload in st.session_state[key]]
        made.files[name] += [file for file in new if file.sha256 not in known]
        made.uploads[name] += 1  # an empty box for the next ones: what was given stands in the list below
        made.changed()

    st.file_uploader(label, type=_TYPES, accept_multiple_files=True, key=key, on_change=added)
    st.caption(expected)
    for index, file in enumerate(made.files[name]):
        st.button(
            f"Retirer {plain(file.name)}",
            icon=":material/close:",
            key=f"import-{name}-out-{index}",
            on_click=_remove,
            args=(made, name, index),
            type="tertiary",
        )
    if made.files[name] and may_replace:
        _complete(made, name)


def _remove(made: Draft, name: str, index: int) -> None:
    del made.files[name][index]
    made.changed()


def _complete(made: Draft, name: str) -> None:
    key = f"import-{name}-complete"

    def changed() -> None:
        (made.complete.add if st.session_state[key] else made.complete.discard)(name)
        made.changed()

    st.session_state.setdefault(key, name in made.complete)
    st.checkbox(
        "Compléter la situation précédente",
        key=key,
        on_change=changed,
        help="Sinon, ces fichiers remplacent tout ce qui était connu de cette table.",
    )
