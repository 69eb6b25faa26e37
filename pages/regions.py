"""« Régions »: how territories compare, what they lose on the way, and which differences chance explains."""

import streamlit as st

from sunes.figures import comparison as figures
from sunes.figures import variation as spreads
from sunes.insights import comparison, steps, variation
from sunes.ui import charts, data, territories

view, programme = data.current_view(), data.programme()
rates = {rate.id: rate for rate in comparison.rates(view, programme, data.definitions())}
wholes, volets = data.answer(view, ("region",)), data.answer(view, ("region", "volet"))
regions = data.regions(wholes)
if not regions:
    st.info("Aucun établissement ne répond à ces filtres ; retirez-en un.", icon=":material/filter_list:")
    st.stop()

first = comparison.first_level(regions)
level = territories.choose("Comparer", comparison.LEVEL_LABELS, key="comparison-level", default=first)
for cell, rate in zip(territories.grid(len(rates)), rates.values(), strict=True):
    groups = territories.answer(view, rate, "region")
    members = territories.answer(view, rate, *comparison.CUTS[level])
    rows = comparison.ranked(rate, groups, members, regions, programme)
    with cell:
        charts.chart(
            figures.dots(rows, rate),
            view=view,
            key=f"comparaison-{level}-{rate.id}",
            title=comparison.finding(rate, rows),
            description=figures.describe_dots(rows, rate),
            table=members,
            columns=rate.columns,
        )
st.caption(comparison.HOW_TO_READ)

st.header("Des éligibles aux cibles atteintes", anchor=False)
for cell, region in zip(territories.grid(len(regions)), regions, strict=True):
    whole = wholes.row(region=region)
    taken = steps.steps(whole, volets.only(region=region), programme)
    with cell:
        charts.chart(
            figures.bars(taken),
            key=f"etapes-{region}",
            title=steps.finding(comparison.named(data.region_name(region), view), whole),
            description=figures.describe_bars(taken),
            table=steps.records(taken),
        )

st.header("Écarts entre départements : hasard ou non", anchor=False)
names = {rate.id: rate.label for rate in rates.values() if rate.id != "acceptance_rate"}
studied = rates[territories.choose("Taux étudié", names, key="studied-rate", default="participation_rate")]
spread = variation.spread(
    studied,
    comparison.overall(studied, territories.answer(view, studied)),
    comparison.standings(studied, territories.answer(view, studied, "region", "department"), programme),
)
if len(spread.judged) < 2:
    territories.too_few(view, variation.too_few(spread))
    st.stop()
charts.chart(
    spreads.funnel(spread),
    view=view,
    key=f"entonnoir-{studied.id}",
    title=variation.finding(spread),
    notes=variation.verdicts(spread),
    description=spreads.describe_funnel(spread),
    table=variation.records(spread),
)
charts.chart(
    spreads.strip(spread),
    view=view,
    key=f"deciles-{studied.id}",
    title=variation.quantiles_finding(spread),
    description=spreads.describe_strip(spread),
    table=variation.quantile_records(spread),
)
