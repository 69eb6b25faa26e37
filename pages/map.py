"""« Carte »: where participation and attainment stand, and where each establishment does."""

import streamlit as st

from sunes.maps import places, words
from sunes.ui import charts, data, mapview, territories
from sunes.ui.access import reserved

view = data.current_view()
rates = {id: rate for id, rate in territories.rates(view).items() if rate.metric.id != "acceptance_rate"}
controls = st.columns([2, 3], gap="large", vertical_alignment="bottom")
with controls[0]:
    names = {id: f"Cible volet {rate.volet.number}" if rate.volet else rate.label for id, rate in rates.items()}
    default = f"attainment_rate-{view.volet}" if view.volet else "participation_rate"
    rate = rates[territories.choose("Couleur des départements", names, key="map-rate", default=default)]
with controls[1]:
    mapview.timeline(view)

answer = territories.answer(view, rate, "region", "department")
if not answer.rows:
    st.info("Aucun établissement ne répond à ces filtres ; retirez-en un.", icon=":material/filter_list:")
    st.stop()

listed = data.roster(view)


def notes() -> str:
    return words.notes(listed, places.shown(listed))


st.markdown(f"**{data.shown(('map', rate.id), view, lambda: words.finding(rate, answer))}**")
reserved.notice(listed.withheld)
mapview.show(view, rate)
mapview.download(view, rate)
st.caption(data.shown("map notes", view, notes))
charts.twin(answer, rate.columns, key=f"carte-{rate.id}")
mapview.establishments(True, ("établissement sur la carte", "établissements sur la carte"), view, key="localises")
unplaced = mapview.establishments(False, ("établissement non localisé", None), view, key="non-localises")
if not unplaced and not listed.withheld:
    st.caption("Tous les établissements sont localisés.")
