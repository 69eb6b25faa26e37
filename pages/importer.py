"""« Importer »: files are checked together, looked at, published as the state of a day, and taken back if need be."""

import streamlit as st

from sunes.ui.importer import checks, columns, corrections, draft, files, preview

STEPS = {"files": files.show, "columns": columns.show, "checks": checks.show, "preview": preview.show}

preview.published()
made = draft.draft()
STEPS[draft.step(made)](made)
st.divider()
st.header("Corriger ou retirer une publication", anchor=False)
corrections.show()
