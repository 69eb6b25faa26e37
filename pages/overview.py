"""« Vue d'ensemble »: where each region stands, how far it is from its targets, and how it came there."""

import streamlit as st

from sunes.figures import attainment, history
from sunes.insights import headlines
from sunes.ui import cards, charts, data, frame, since
from sunes.ui.errors import plain

view = data.current_view()
programme = data.programme()
now, volets = data.answer(view, ("region",)), data.answer(view, ("region", "volet"))
departments = data.answer(view, ("region", "department", "volet"))
over_time, volets_over_time = data.history(view, ("region",)), data.history(view, ("region", "volet"))

if not now.rows:
    frame.notices("Aucun établissement ne correspond aux filtres ; retirez-en pour voir des chiffres.")

for region in data.regions(now):
    here, here_volets = now.only(region=region), volets.only(region=region)
    past, past_volets = over_time.only(region=region), volets_over_time.only(region=region)
    with st.container(border=True):
        st.header(data.region_name(region), anchor=False)
        st.markdown(headlines.region_headline(region, here.rows[0], here_volets, programme))
        if possible := headlines.still_possible(here_volets, departments.only(region=region), programme):
            st.markdown("  \n".join(map(plain, possible)))
        cards.progress(past, past_volets, programme)
        bars, lines = st.columns([2, 3], gap="large")
        with bars:
            charts.chart(
                attainment.bullets(here_volets, programme),
                key=f"atteinte-{region}",
                title=headlines.distance_finding(here_volets, programme),
                description=attainment.describe(here_volets, programme),
                table=here_volets,
                columns=("accepted", "evaluated", "attained", "attainment_rate", "target_rate", "gap_establishments"),
                view=view,
            )
        with lines:
            charts.chart(
                history.trend(past, past_volets, programme),
                key=f"evolution-{region}",
                title=headlines.trend_finding(past),
                description=history.describe(past, past_volets, programme),
                table=past,
                columns=("eligible", "applicants", "participation_rate"),
                view=view,
            )

st.caption("  \n".join(map(plain, headlines.target_notes(data.regions(now), data.snapshot(view).as_of, programme))))
since.changed_since(view)
