"""« Vue d'ensemble »: where each region stands, how far it is from its targets, and how it came there."""

from functools import partial

import streamlit as st

from sunes.figures import attainment, history
from sunes.insights import headlines
from sunes.ui import cards, charts, data, frame, since
from sunes.ui.errors import plain

REACHED = ("accepted", "evaluated", "attained", "attainment_rate", "target_rate", "gap_establishments")

view, programme = data.current_view(), data.programme()
now = data.answer(view, ("region",))


def said(region: str) -> str:
    """The headline of a region, and what it can still win."""
    volets = data.answer(view, ("region", "volet")).only(region=region)
    departments = data.answer(view, ("region", "department", "volet")).only(region=region)
    possible = headlines.still_possible(volets, departments, programme)
    headline = headlines.region_headline(region, now.row(region=region), volets, programme)
    return "\n\n".join(filter(None, (headline, "  \n".join(map(plain, possible)))))


def reached(region: str) -> charts.Content:
    volets = data.answer(view, ("region", "volet")).only(region=region)
    return charts.Content(
        attainment.bullets(volets, programme),
        title=headlines.distance_finding(volets, programme),
        description=attainment.describe(volets, programme),
        table=volets,
        columns=REACHED,
    )


def trend(region: str) -> charts.Content:
    past = data.history(view, ("region",)).only(region=region)
    volets = data.history(view, ("region", "volet")).only(region=region)
    return charts.Content(
        history.trend(past, volets, programme),
        title=headlines.trend_finding(past, volets, programme),
        description=history.describe(past, volets, programme),
        table=past,
        columns=("eligible", "applicants", "participation_rate"),
        more=(volets, REACHED),
    )


def notes() -> str:
    day = data.snapshot(view).as_of
    return "  \n".join(map(plain, headlines.target_notes(data.regions(now), day, programme)))


if not now.rows:
    frame.notices("Aucun établissement ne correspond aux filtres ; retirez-en pour voir des chiffres.")

for region in data.regions(now):
    with st.container(border=True):
        st.header(data.region_name(region), anchor=False)
        st.markdown(data.shown(("headline", region), view, partial(said, region)))
        cards.progress(view, region)
        bars, lines = st.columns([2, 3], gap="large")
        with bars:
            charts.chart(partial(reached, region), view, key=f"atteinte-{region}")
        with lines:
            charts.chart(partial(trend, region), view, key=f"evolution-{region}")

st.caption(data.shown("target notes", view, notes))
since.changed_since(view)
