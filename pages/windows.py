"""« Fenêtres »: what each window added, where it stood at its deadline, and how the programme went on."""

from functools import partial

import streamlit as st

from sunes.figures import timeline, windows
from sunes.insights import deadlines, progress, progress_findings
from sunes.metrics import Answer
from sunes.ui import charts, data, layout, player
from sunes.ui.errors import plain

view, programme = data.current_view(), data.programme()
chart = partial(charts.chart, view=view)
by_window = data.answer(view, ("region", "window"))
so_far = {number: data.answer(prefix, ("region",)) for number, prefix in progress.prefixes(view, programme).items()}
volets_over_time = data.history(view, ("region", "volet"))
names = {code: data.region_name(code) for code in data.regions(by_window)}


def staircase(region: str) -> None:
    steps = progress.steps(region, by_window, so_far, programme)
    chart(
        windows.staircase(steps),
        key=f"retenus-par-fenetre-{region}",
        title=f"{names[region]} – {progress_findings.windows_finding(steps)}",
        description=progress_findings.describe_windows(steps),
        table=progress.steps_table(steps),
    )


def milestones(region: str) -> None:
    made = progress.milestones(data.history(view, ("region", "window", "volet")).only(region=region), programme)
    chart(
        windows.milestones(made, programme),
        key=f"echeances-{region}",
        title=f"{names[region]} – {progress_findings.milestones_finding(made)}",
        description=progress_findings.describe_milestones(made, programme),
        table=progress.milestones_table(made, programme),
        over_time=True,
    )


def over_time(region: str) -> None:
    here = volets_over_time.only(region=region)
    chart(
        timeline.against_deadlines(here, programme),
        key=f"atteinte-{region}",
        title=f"{names[region]} – {progress_findings.targets_finding(here, programme)}",
        description=timeline.describe(here, programme),
        table=here,
        columns=timeline.COLUMNS,
    )


def standings(now: Answer) -> None:
    chart(
        timeline.standings(now, programme, names, progress.largest(volets_over_time)),
        key="situation",
        title=progress_findings.replay_finding(now),
        description=progress_findings.describe_replay(now, programme, names),
        table=now,
        columns=timeline.COLUMNS,
    )


if not names:
    st.info("Aucun établissement dans cette sélection\u00a0: retirez un filtre.", icon=":material/info:")
    st.stop()

st.header("Fenêtre par fenêtre", anchor=False, help="Un clic sur une barre ou un point filtre toutes les pages.")
layout.side_by_side([staircase, milestones], list(names))
st.header("Au fil du temps", anchor=False)
st.caption(plain(deadlines.deadlines_said(view, programme)))
layout.side_by_side([over_time], list(names))
st.header("Rejouer le programme", anchor=False)
player.replay(volets_over_time, standings, key="rejouer")
st.header("Dates des fenêtres", anchor=False)
st.table(deadlines.calendar(view, programme), border="horizontal", hide_index=True)
st.caption(plain(deadlines.sources_said(view, programme)))
