"""What a page says of establishments that may not be seen one by one by whoever looks at it."""

import streamlit as st

from sunes.access.people import Role
from sunes.roster import Roster, withheld_said
from sunes.ui import signin
from sunes.ui.errors import plain


def said(number: int) -> str:
    """« Le détail de 1 204 établissements est réservé ; connectez-vous pour le voir. », or "" where none is."""
    if not number:
        return ""
    return withheld_said(number, " ; connectez-vous pour le voir" if signin.person().role is Role.VISITOR else "")


def notice(listed: Roster) -> None:
    """The same about a roster, where it holds less than there is."""
    if sentence := said(listed.withheld):
        st.markdown(f":material/lock: {plain(sentence)}")
