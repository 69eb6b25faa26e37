"""« Carte »: where participation and attainment stand, and where each establishment does."""

import streamlit as st

from sunes.insights import comparison
from sunes.maps import places, words
from sunes.ui import charts, data, mapview, territories

view, programme = data.current_view(), data.programme()
rates = {
    rate.id: rate
    for rate in comparison.rates(view, programme, data.definitions())
    if rate.metric.id != "acceptance_rate"
}
controls = st.columns([2, 3], gap="large", vertical_alignment="bottom")
with controls[0]:
    names = {rate.id: f"Cible volet {rate.volet.number}" if rate.volet else rate.label for rate in rates.values()}
    default = f"attainment_rate-{view.volet}" if view.volet else "participation_rate"
    rate = rates[territories.choose("Couleur des départements", names, key="map-rate", default=default)]
with controls[1]:
    mapview.timeline(view)

answer = territories.answer(view, rate, "region", "department")
roster = data.roster(view)
lines = places.shown(roster)
placed, unplaced = places.located(lines)
if not answer.rows:
    st.info("Aucun établissement ne répond à ces filtres ; retirez-en un.", icon=":material/filter_list:")
    st.stop()

st.markdown(f"**{words.finding(rate, answer)}**")
mapview.show(view, rate, answer, lines)
mapview.download(view, rate, answer, lines)
st.caption(words.notes(roster, lines))
charts.twin(answer, rate.columns, key=f"carte-{rate.id}")
mapview.establishments(placed, ("établissement sur la carte", "établissements sur la carte"), view, key="localises")
mapview.establishments(unplaced, ("établissement non localisé", None), view, key="non-localises")
if not unplaced:
    st.caption("Tous les établissements sont localisés.")
