"""What a page says of establishments that may not be seen one by one by whoever looks at it."""

import streamlit as st

from sunes.access.people import Role
from sunes.roster import withheld_said
from sunes.ui.access import providers, signin
from sunes.ui.errors import plain


def notice(number: int) -> None:
    """« Le détail de 1 204 établissements est réservé ; connectez-vous pour le voir. », or nothing where none is."""
    if number:
        more = ""
        if signin.person().role is Role.VISITOR:
            way = "connectez-vous" if providers.is_configured() else "adressez-vous à qui administre ce site"
            more = f" ; {way} pour le voir"
        st.markdown(f":material/lock: {plain(withheld_said(number, more))}")
