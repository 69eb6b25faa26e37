"""« Présentation »: a deck of the View, prepared, previewed, shown and taken away."""

import streamlit as st

from sunes.ui import data, frame
from sunes.ui.presentation import address, composing, files, preview

deck, notices = address.read()
view = deck.question(data.programme())
frame.notices(*notices, *filter(None, [address.refused()]))

listed = data.roster(view)
if not listed.lines and not listed.withheld:
    frame.notices("Aucun établissement ne correspond aux filtres ; retirez-en pour voir des chiffres.")
composing.ready(deck)
files.actions(deck)
if news := address.news(deck):
    st.info(news, icon=":material/update:")
    st.button("Actualiser", icon=":material/refresh:", on_click=address.renew, args=(deck,))
preview.watch(deck, news)
st.caption(address.frozen_said(data.snapshot(view).id))
preview.show(deck)

st.header("Composer", anchor=False)
composing.compose(deck, view)
st.header("Emporter", anchor=False)
files.take_away(deck)
files.share(deck)
