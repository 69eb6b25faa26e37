"""The overview, « Régions » and « Fenêtres », as one writes them with Streamlit, with its default settings.

`streamlit run plain_streamlit.py`, from this folder. What is read from the files is kept with `st.cache_data`, as the
manual says; nothing else is.
"""

import figures
import pandas as pd
import streamlit as st
from figures import REGIONS, STATUSES, VOLETS, WINDOWS, Tables

TABLE = ["eligible", "applicants", "participation_rate"]
VOLET_TABLE = ["volet", "accepted", "evaluated", "attained", "attainment_rate", "target_rate", "gap"]


@st.cache_data
def load() -> Tables:
    return figures.load()


def filters(tables: Tables) -> tuple[Tables, str]:
    """The widgets, and what they keep: up to the chosen snapshot."""
    left, right, more = st.columns([2, 3, 2], vertical_alignment="bottom")
    day = left.selectbox("Situation au", figures.snapshots())
    regions = right.multiselect("Régions", list(REGIONS), format_func=REGIONS.__getitem__)
    known = tables.establishments[tables.establishments["snapshot"] == day]
    if regions:
        known = known[known["region_code"].isin(regions)]
    with more.popover("Filtres"):
        departments = st.multiselect(
            "Départements",
            sorted(known["department_code"].unique()),
            format_func=lambda code: f"{code} – {figures.DEPARTMENTS.get(code, code)}",
        )
        volet = st.segmented_control(
            "Volet", ["tous", *VOLETS], format_func=lambda each: VOLETS.get(each, "Tous"), default="tous"
        )
        windows = st.multiselect("Fenêtres", WINDOWS)
        statuses = st.multiselect("Statut juridique", list(STATUSES), format_func=STATUSES.__getitem__)
    one = volet if volet in VOLETS else None
    kept = figures.select(tables, day, regions, departments, one, windows, statuses)
    if figures.at(kept, day).applications.empty:
        st.info("Aucun établissement ne correspond aux filtres.")
        st.stop()
    return kept, day


def show(figure: object, title: str, table: pd.DataFrame, key: str) -> None:
    st.markdown(f"**{title}**")
    st.plotly_chart(figure, key=key)
    with st.expander("Voir les chiffres"):
        st.dataframe(table, hide_index=True)


def present(tables: Tables) -> list[str]:
    known = set(tables.applications["region_code"])
    return [region for region in REGIONS if region in known]


def overview() -> None:
    st.title("Vue d’ensemble")
    tables, day = filters(load())
    now = figures.at(tables, day)
    wholes, volets = figures.counts(now, ["region_code"]), figures.counts(now, ["region_code", "volet"])
    departments = figures.counts(now, ["region_code", "department_code", "volet"])
    past = figures.counts(tables, ["snapshot", "region_code"])
    volets_past = figures.counts(tables, ["snapshot", "region_code", "volet"])
    for region in present(now):
        whole = wholes[wholes["region_code"] == region].iloc[0]
        here, here_past, here_volets_past = (
            frame[frame["region_code"] == region] for frame in (volets, past, volets_past)
        )
        with st.container(border=True):
            st.header(REGIONS[region])
            st.markdown(figures.headline(region, whole, here))
            st.markdown(figures.behind(departments[departments["region_code"] == region]))
            made = figures.cards(here_past, here_volets_past)
            for column, (label, value, change, of, line) in zip(st.columns(len(made)), made, strict=True):
                column.metric(label, value, change or None, chart_data=line.tolist())
                column.caption(of)
            left, right = st.columns([2, 3])
            with left:
                show(figures.bullets(here), "Écart à la cible", here[VOLET_TABLE], f"bullets-{region}")
            with right:
                show(
                    figures.trend(here_past, here_volets_past),
                    "Participation et atteinte",
                    here_past[["snapshot", *TABLE]],
                    f"trend-{region}",
                )
    st.caption("Cible du volet 1 : 80 % ; du volet 2 : 70 %, au 30 juin 2024.")
    st.header("Ce qui a changé")
    earlier = [each for each in figures.snapshots() if each < day]
    if earlier:
        since = st.selectbox("Depuis la situation au", earlier)
        st.dataframe(figures.changes(tables, since, day), hide_index=True)


def regions() -> None:
    st.title("Régions")
    tables, day = filters(load())
    now = figures.at(tables, day)
    level = st.segmented_control("Comparer", ["Régions", "Départements"], default="Régions")
    for row in (("participation_rate", "acceptance_rate"), ("attainment_dmp", "attainment_mss")):
        for column, rate in zip(st.columns(2), row, strict=True):
            rows = figures.territories(now, rate, "department" if level == "Départements" else "region")
            with column:
                show(
                    figures.dots(rows, rate),
                    figures.RATES[rate][0],
                    rows[["territory", "part", "whole", "rate", "low", "high"]],
                    f"dots-{rate}",
                )
    st.header("Des éligibles aux cibles atteintes")
    wholes, volets = figures.counts(now, ["region_code"]), figures.counts(now, ["region_code", "volet"])
    for column, region in zip(st.columns(2), present(now), strict=False):
        made = figures.steps(wholes[wholes["region_code"] == region].iloc[0], volets[volets["region_code"] == region])
        with column:
            show(figures.bars(made), REGIONS[region], made, f"steps-{region}")
    st.header("Écarts entre départements : hasard ou non")
    names = {each: label for each, (label, *_) in figures.RATES.items() if each != "acceptance_rate"}
    studied = st.segmented_control(
        "Taux étudié", list(names), format_func=names.__getitem__, default="participation_rate"
    )
    rows = figures.territories(now, studied or "participation_rate", "department")
    if len(rows) > 1:
        table = rows[["territory", "part", "whole", "rate"]]
        show(figures.funnel(rows), "Entonnoir", table, "funnel")
        show(figures.strip(rows), "Déciles", table, "strip")


def windows() -> None:
    st.title("Fenêtres")
    tables, day = filters(load())
    now = figures.at(tables, day)
    past = figures.counts(tables, ["snapshot", "region_code", "window", "volet"])
    volets_past = figures.counts(tables, ["snapshot", "region_code", "volet"])
    st.header("Fenêtre par fenêtre")
    for region in present(now):
        left, right = st.columns(2)
        steps = figures.window_steps(now, region)
        made = figures.milestones(past[past["region_code"] == region])
        with left:
            table = steps[["window", "applications", "accepted", "newcomers", "returning", "cumulative", "eligible"]]
            show(figures.staircase(steps), f"{REGIONS[region]} – fenêtres", table, f"staircase-{region}")
        with right:
            show(figures.milestones_chart(made), f"{REGIONS[region]} – échéances", made, f"milestones-{region}")
    st.header("Au fil du temps")
    for column, region in zip(st.columns(2), present(now), strict=False):
        rows = volets_past[volets_past["region_code"] == region]
        with column:
            show(figures.over_time(rows), REGIONS[region], rows[["snapshot", *VOLET_TABLE]], f"time-{region}")
    st.header("Rejouer le programme")
    days = sorted(volets_past["snapshot"].unique())
    if days:
        shown = volets_past[volets_past["snapshot"] == st.select_slider("Situation", days, value=days[-1])]
        show(figures.standings(shown), "Situation par situation", shown[VOLET_TABLE], "replay")


st.set_page_config(page_title="SUN-ES", layout="wide")
st.navigation(
    [
        st.Page(overview, title="Vue d’ensemble", default=True),
        st.Page(regions, title="Régions", url_path="regions"),
        st.Page(windows, title="Fenêtres", url_path="fenetres"),
    ],
    position="top",
).run()
