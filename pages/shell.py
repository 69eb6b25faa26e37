"""The frame round every page: the way to the others, the filters, how fresh the data are."""

import streamlit as st

from sunes.deck.plan import LINK
from sunes.insights import headlines
from sunes.ui import data, frame
from sunes.ui.asgi import CONTENT, MARK

# It shows no View, and has to work where there is nothing to show yet.
IMPORTER = st.Page("importer.py", title="Importer", url_path="importer")
# Its address holds a deck beside the View, and its figures stay those with which it was opened.
PRESENTATION = st.Page("presentation.py", title="Présentation", url_path="presentation")
PAGES = [
    st.Page("overview.py", title="Vue d’ensemble", default=True),
    st.Page("regions.py", title="Régions", url_path="regions"),
    st.Page("windows.py", title="Fenêtres", url_path="fenetres"),
    st.Page("map.py", title="Carte", url_path="carte"),
    st.Page("establishments.py", title="Établissements", url_path="etablissements"),
    PRESENTATION,
    st.Page("sources.py", title="Données et sources", url_path="donnees"),
    IMPORTER,
]

page = st.navigation(PAGES, position="hidden")
st.set_page_config(page_title=f"{page.title} · sunes", page_icon=str(MARK), layout="wide")

own = LINK if page is PRESENTATION else ()
data.keep_beside(own)
view, notices = data.read_view(own)
frame.links(PAGES, view)
if page is IMPORTER:
    st.title(page.title, anchor=False)
    with st.container(key=CONTENT):
        page.run()
    st.stop()
if data.nothing_in_force():
    frame.nothing_yet(page.title, IMPORTER)
    st.stop()
if damage := data.damage(view):
    frame.notices(*notices)
    frame.unusable(page.title, damage, view)
    st.stop()
if page is PRESENTATION:
    view = frame.hold(view)
frame.notices(*notices, *data.damaged(view), *headlines.beside_the_point(view, data.programme()))
frame.head(page.title, view)
frame.freshness(data.snapshot(view), view)
page.run()
