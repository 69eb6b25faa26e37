"""The last step: what publishing would change in the figures, and the button that does it."""

import streamlit as st

from sunes import french
from sunes.access.rights import signed
from sunes.errors import SunesError
from sunes.ingest import Prepared, Report, publish
from sunes.insights import effect
from sunes.ui import damage, data, sources
from sunes.ui.access import signin
from sunes.ui.errors import plain, sentence
from sunes.ui.importer.draft import Draft, clear, go
from sunes.view import View

_PUBLISHED = "import-published"


def show(made: Draft) -> None:
    """What publishing would change in the figures, and the button that does it."""
    prepared = made.checked
    report, found = prepared.report, prepared.effects(data.programme())
    compared = f"la situation au {french.day(report.compared.as_of)}" if report.compared else ""
    st.markdown(f"**{plain(effect.finding(found) if compared else 'Première situation réelle : rien à comparer.')}**")
    st.caption(f"Avant\u00a0: {compared or 'rien'}. Après\u00a0: la situation au {french.day(report.as_of)}.")
    everything = st.toggle("Montrer aussi les chiffres qui ne changent pas", value=not compared)
    records = effect.records(found, data.definitions(), data.programme(), unchanged=everything)
    if records:
        sources.table(records, "Ce qui changerait dans les chiffres", csv="apercu", long=True)
    _publication(made, prepared)


def _publication(made: Draft, prepared: Prepared) -> None:
    if (person := signin.person()).id:
        st.markdown(f"Publié par\u00a0: **{plain(signed(person).name or 'non précisé')}**")
    else:
        made.published_by = st.text_input(
            "Publié par (facultatif)", made.published_by, placeholder="Service ou personne", key="import-published-by"
        )
    wanted = _still_to_do(made, prepared.report)
    for what in wanted:
        st.info(plain(what), icon=":material/checklist:")
    back, on = st.columns(2)
    back.button("Revenir aux contrôles", on_click=go, args=("checks",), icon=":material/arrow_back:")
    if on.button("Publier", type="primary", disabled=bool(wanted), icon=":material/publish:"):
        _publish(made, prepared)


def _still_to_do(made: Draft, report: Report) -> list[str]:
    todo = ["Des problèmes empêchent de publier : voir les contrôles."] if report.blocking else []
    if report.rejected and not made.without_rejected:
        todo.append("Des lignes sont rejetées : corrigez-les, ou cochez « Publier sans » aux contrôles.")
    if report.cautions and not made.confirmed:
        todo.append("Des avertissements restent à confirmer aux contrôles.")
    return todo


def _publish(made: Draft, prepared: Prepared) -> None:
    try:
        with st.spinner("Publication"):
            report = publish(
                data.store(),
                data.programme(),
                prepared,
                by=signed(signin.person(), made.published_by),
                without_rejected=made.without_rejected,
                confirmed=made.confirmed,
            )
    except SunesError as error:
        st.error(sentence(damage.said(error)), icon=":material/error:")
        st.button("Vérifier de nouveau", icon=":material/refresh:", on_click=_again, args=(made,))
        return
    clear()
    st.session_state[_PUBLISHED] = report.snapshot
    st.rerun()


def _again(made: Draft) -> None:
    made.changed()
    go("files")


def published() -> None:
    """What this session has just published, with the way to look at it."""
    if snapshot := st.session_state.get(_PUBLISHED):
        day = french.day(snapshot.as_of)
        st.success(f"La situation au {day} (révision {snapshot.revision}) est publiée.", icon=":material/check_circle:")
        view = View(snapshot=snapshot.id.pin)
        st.page_link("overview.py", label="Voir la vue d’ensemble", query_params=view.to_params())
