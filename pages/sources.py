"""« Données et sources »: where the data come from, what each figure means, and what it is compared with."""

import streamlit as st

from sunes import documentation, geography, provenance
from sunes.insights import deadlines
from sunes.ui import damage, data, sources
from sunes.ui.errors import plain
from sunes.view import View

programme, snapshot = data.programme(), data.snapshot(data.current_view())
manifest = snapshot.manifest
revisions = data.shown(("revisions", damage.mends()), View(), damage.revisions)


def files() -> None:
    st.header("La situation affichée", anchor=False)
    st.markdown(plain(provenance.published_said(manifest)))
    sources.table(lambda: provenance.table_records(snapshot), "Fichiers de la situation affichée")
    sources.downloads(snapshot)
    st.subheader("Origine", anchor=False)
    if manifest.sources:
        sources.table(lambda: provenance.source_records(manifest), "Fichiers dont la situation est issue")
    else:
        st.markdown("La situation ne dit pas de quels fichiers elle est issue.")
    st.subheader("Vérifications", anchor=False)
    sources.bullets([provenance.verified_said(snapshot), *provenance.checks_said(manifest)])
    if checksums := provenance.checksums(snapshot):
        with st.expander("Empreintes complètes (SHA-256)", icon=":material/fingerprint:"):
            st.code(checksums, language=None, wrap_lines=True)
    sources.api(data.current_view())
    st.header("Toutes les situations", anchor=False)
    st.markdown(f"**{plain(provenance.revisions_finding(revisions))}**")
    sources.table(
        lambda: provenance.revision_records(revisions), "Situations et révisions", csv="situations", long=True
    )


def figures() -> None:
    sources.comparisons()
    st.caption(documentation.HOW_COMPARED)
    sources.table(lambda: documentation.bibliography(programme), "Sources des chiffres publiés")


def facts() -> None:
    st.markdown(plain(documentation.programme_said(programme)))
    st.header("Fenêtres", anchor=False)
    sources.table(deadlines.calendar(View(), programme), "Dates des fenêtres")
    st.caption(plain(deadlines.sources_said(View(), programme)))
    st.header("Volets", anchor=False)
    sources.table(lambda: documentation.volet_records(programme), "Volets et indicateurs")
    st.header("Cibles régionales", anchor=False)
    sources.table(lambda: documentation.target_records(programme), "Cibles régionales")
    st.header("Sources", anchor=False)
    sources.table(lambda: documentation.bibliography(programme), "Sources du programme")


def assumptions() -> None:
    st.header("Hypothèses", anchor=False)
    sources.bullets(documentation.assumptions(programme))
    with st.expander("Catégories tenues pour éligibles", icon=":material/checklist:"):
        sources.table(lambda: documentation.category_records(programme), "Catégories d’établissements")
    if manifest.simulated:
        st.header("Ce qui est simulé", anchor=False)
        st.markdown(plain(documentation.INVENTED))
    st.header("Crédits", anchor=False)
    sources.bullets(documentation.credits_said(geography.CREDIT))


TABS = {
    "Situations": files,
    "Définitions": sources.definitions,
    "Chiffres publiés": figures,
    "Programme": facts,
    "Hypothèses et crédits": assumptions,
}
for tab, draw in zip(st.tabs(list(TABS), key="sources", on_change="rerun"), TABS.values(), strict=True):
    with tab:
        if tab.open:  # only this one is drawn
            draw()
