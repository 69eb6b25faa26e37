"""« Journal »: who did what and when, for administrators."""

import streamlit as st

from sunes.access.people import ForbiddenError
from sunes.access.rights import Deed, require
from sunes.errors import SunesError
from sunes.ui import data, past
from sunes.ui.access import signin
from sunes.ui.errors import sentence

journal = data.store().journal
try:
    require(signin.person(), Deed.READ_JOURNAL)
    left, right = st.columns(2)
    with left:
        content = journal.read(signin.person(), *past.days())
except ForbiddenError as error:
    st.info(sentence(str(error)), icon=":material/lock:")
    st.stop()
except SunesError as error:
    st.error(sentence(str(error)), icon=":material/error:")
    st.stop()
past.faults(content.problems)
with right:
    entries = past.chosen(content.entries)
if content.entries:
    past.table(entries)
else:
    st.markdown("Aucune entrée sur cette période." if journal.folder else "Cette installation ne tient pas de journal.")
