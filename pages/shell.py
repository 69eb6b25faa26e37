"""The frame round every page: the way to the others, the filters, how fresh the data are."""

import streamlit as st

from sunes.ui import data, frame
from sunes.ui.asgi import MARK

PAGES = [
    st.Page("overview.py", title="Vue d’ensemble", default=True),
    st.Page("regions.py", title="Régions", url_path="regions"),
    st.Page("windows.py", title="Fenêtres", url_path="fenetres"),
    st.Page("map.py", title="Carte", url_path="carte"),
    st.Page("establishments.py", title="Établissements", url_path="etablissements"),
    st.Page("sources.py", title="Données et sources", url_path="donnees"),
]

page = st.navigation(PAGES, position="hidden")
st.set_page_config(page_title=f"{page.title} · sunes", page_icon=str(MARK), layout="wide")

view, notices = data.read_view()
frame.links(PAGES, view)
frame.notices(*notices, *map(str, data.damaged(view)))
frame.head(page.title, view)
frame.freshness(data.snapshot(view))
page.run()
