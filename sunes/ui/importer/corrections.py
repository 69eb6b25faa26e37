"""Taking a publication back, and putting it in force again, with the reason kept."""

from collections.abc import Callable

import streamlit as st

from sunes import engine, french, provenance
from sunes.access.people import EVERYTHING
from sunes.access.rights import Deed, may, signed
from sunes.errors import SunesError
from sunes.insights import effect
from sunes.provenance import Revision
from sunes.snapshots import Snapshot
from sunes.ui import damage, data, sources
from sunes.ui.access import signin
from sunes.ui.errors import plain, sentence

_CHOSEN, _SAID = "correction-revision", "correction-said"


def show() -> None:
    """One revision at a time: who published it and when, from which files, with what effect; and what can be undone."""
    if said := st.session_state.pop(_SAID, None):
        (st.success if said[0] else st.error)(said[1])
    known = {revision.folder: revision for revision in damage.revisions() if revision.id}
    if not known:
        st.markdown("Aucune situation n’est encore publiée.")
        return
    folder = st.selectbox(
        "Situation", list(known), format_func=lambda folder: _name(known[folder]), key=_CHOSEN, width=480
    )
    revision = known[folder]
    st.markdown(plain(f"{revision.state_said}."))
    if revision.manifest:
        st.markdown(plain(provenance.published_said(revision.manifest)))
        for withdrawal in data.store().undone_withdrawals(revision.id) if revision.id else ():
            st.caption(plain(french.typographic(f"Auparavant {withdrawal}, puis rétablie.")))
        with st.expander("Fichiers, vérifications et effet", icon=":material/history:", key=f"correction-{folder}"):
            _story(revision)
    _act(revision)


def _name(revision: Revision) -> str:
    if revision.id is None:
        return revision.folder
    return f"{french.day(revision.id.as_of)}, révision {revision.id.revision} – {revision.state_said.split(' (')[0]}"


def _story(revision: Revision) -> None:
    manifest = revision.manifest
    if manifest is None:
        return
    sources.table(provenance.source_records(manifest), "Fichiers dont la situation est issue")
    sources.bullets(provenance.checks_said(manifest) or ["La situation ne dit pas ce qui a été vérifié."])
    snapshots = data.store().snapshots(withdrawn=True)
    own = next((snapshot for snapshot in snapshots if snapshot.id == revision.id), None)
    if own is None or revision.state == "damaged":
        return
    before = _before(own, snapshots)
    try:
        found = effect.effects(
            engine.frames([before], EVERYTHING) if before else None, engine.frames([own], EVERYTHING), data.programme()
        )
    except SunesError as error:
        st.error(sentence(damage.said(error)))
        return
    against = f"au regard de la situation au {french.day(before.as_of)}, révision {before.revision}" if before else ""
    st.markdown(f"**Effet** {plain(f'{against} : {effect.finding(found)}' if before else ': première situation.')}")
    if before:
        records = effect.records(found, data.definitions(), data.programme())
        if records:
            sources.table(records, "Effet de cette publication", long=True)


def _before(own: Snapshot, snapshots: tuple[Snapshot, ...]) -> Snapshot | None:
    """What was in force before a revision: the one that it corrects or, failing that, the newest of an earlier date.

    Real and simulated data are not held against each other.
    """
    earlier = [each for each in snapshots if each.id < own.id and each.simulated == own.simulated]
    sound, _ = engine.sound(earlier[-1:])
    return sound[-1] if sound else None


def _act(revision: Revision) -> None:
    person = signin.person()
    if not may(person, Deed.WITHDRAW):
        st.caption("Retirer et rétablir des situations revient aux éditeurs nationaux.")
        return
    if revision.state == "withdrawn":
        st.button("Rétablir", icon=":material/undo:", on_click=_do, args=(_restore, revision, "rétablie"))
        return
    with st.form("withdrawal", border=False):
        st.text_input("Motif du retrait", key="withdrawal-reason", placeholder="Pourquoi cette situation est retirée")
        if person.id:
            st.caption(f"Retirée par\u00a0: {plain(signed(person).name or 'non précisé')}")
        else:
            st.text_input("Retirée par (facultatif)", key="withdrawal-by")
        st.form_submit_button("Retirer", icon=":material/block:", on_click=_do, args=(_withdraw, revision, "retirée"))
    st.caption(
        "Rien n’est effacé\u00a0: une autre révision de la date prend sa place s’il y en a une, sinon la date n’a plus "
        "de situation\u202f; le retrait peut être annulé."
    )


def _do(act: Callable[[str], object], revision: Revision, done: str) -> None:
    reference = revision.id.pin if revision.id else revision.folder
    try:
        act(reference)
    except SunesError as error:
        st.session_state[_SAID] = (False, sentence(damage.said(error)))
        return
    st.session_state[_SAID] = (True, f"La situation {plain(reference)} est {done}.")


def _withdraw(reference: str) -> None:
    by = signed(signin.person(), st.session_state.get("withdrawal-by", ""))
    data.store().withdraw(reference, st.session_state["withdrawal-reason"], by)


def _restore(reference: str) -> None:
    data.store().restore(reference, signed(signin.person()))
