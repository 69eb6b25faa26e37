"""« Importer »: files are checked together, looked at, published as the state of a day, and taken back if need be."""

import streamlit as st

from sunes.access.people import ForbiddenError
from sunes.access.rights import Deed, require
from sunes.ui.access import signin
from sunes.ui.errors import sentence
from sunes.ui.importer import checks, columns, corrections, draft, files, preview

STEPS = {"files": files.show, "columns": columns.show, "checks": checks.show, "preview": preview.show}

try:
    require(signin.person(), Deed.IMPORT)
except ForbiddenError as error:
    st.info(sentence(str(error)), icon=":material/lock:")
    st.stop()
preview.published()
made = draft.draft()
STEPS[draft.step(made)](made)
st.divider()
st.header("Corriger ou retirer une publication", anchor=False)
corrections.show()
