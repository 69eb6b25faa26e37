"""« Régions »: how territories compare, what they lose on the way, and which differences chance explains."""

from functools import partial

import streamlit as st

from sunes.insights import comparison, variation
from sunes.ui import charts, data, territories

view = data.current_view()
rates = territories.rates(view)
regions = data.regions(data.answer(view, ("region",)))
if not regions:
    st.info("Aucun établissement ne répond à ces filtres ; retirez-en un.", icon=":material/filter_list:")
    st.stop()

first = comparison.first_level(regions)
level = territories.choose("Comparer", comparison.LEVEL_LABELS, key="comparison-level", default=first)
for cell, rate in zip(territories.grid(len(rates)), rates.values(), strict=True):
    with cell:
        compared = partial(territories.compared, view, rate, level)
        charts.chart(compared, view, key=f"comparaison-{level}-{rate.id}")
st.caption(f"{comparison.HOW_TO_READ[level]} Un clic sur un territoire filtre toutes les pages.")

st.header("Des éligibles aux cibles atteintes", anchor=False)
for cell, region in zip(territories.grid(len(regions)), regions, strict=True):
    with cell:
        charts.chart(partial(territories.lost, view, region), view, key=f"etapes-{region}", clicks=False)

st.header("Écarts entre départements : hasard ou non", anchor=False)
names = {rate.id: rate.label for rate in rates.values() if rate.id != "acceptance_rate"}
studied = rates[territories.choose("Taux étudié", names, key="studied-rate", default="participation_rate")]
spread = territories.spread(view, studied)
if len(spread.judged) < 2:
    territories.too_few(view, variation.too_few(spread))
    st.stop()
charts.chart(partial(territories.funnel, spread), view, key=f"entonnoir-{studied.id}")
charts.chart(partial(territories.deciles, spread), view, key=f"deciles-{studied.id}")
