"""« Fenêtres »: what each window added, where it stood at its deadline, and how the programme went on."""

from functools import partial

import streamlit as st

from sunes.figures import timeline, windows
from sunes.insights import deadlines, progress, progress_findings
from sunes.metrics import Answer
from sunes.ui import charts, data, player
from sunes.ui.charts import Content
from sunes.ui.errors import plain

view, programme = data.current_view(), data.programme()
volets_over_time = data.history(view, ("region", "volet"))
names = {code: data.region_name(code) for code in data.regions(data.answer(view, ("region", "window")))}


def staircase(region: str) -> Content:
    prefixes = progress.prefixes(view, programme)
    so_far = {number: data.answer(prefix, ("region",)) for number, prefix in prefixes.items()}
    steps = progress.steps(region, data.answer(view, ("region", "window")), so_far, programme)
    return Content(
        windows.staircase(steps),
        title=f"{names[region]} – {progress_findings.windows_finding(steps)}",
        description=progress_findings.describe_windows(steps),
        table=progress.steps_table(steps),
    )


def milestones(region: str) -> Content:
    made = progress.milestones(data.history(view, ("region", "window", "volet")).only(region=region), programme)
    return Content(
        windows.milestones(made, programme),
        title=f"{names[region]} – {progress_findings.milestones_finding(made)}",
        description=progress_findings.describe_milestones(made, programme),
        table=progress.milestones_table(made, programme),
        over_time=True,
    )


def over_time(region: str) -> Content:
    here = volets_over_time.only(region=region)
    return Content(
        timeline.against_deadlines(here, programme),
        title=f"{names[region]} – {progress_findings.targets_finding(here, programme)}",
        description=timeline.describe(here, programme),
        table=here,
        columns=timeline.COLUMNS,
    )


def standings(now: Answer) -> Content:
    return Content(
        timeline.standings(now, programme, names, progress.largest(volets_over_time)),
        title=progress_findings.replay_finding(now),
        description=progress_findings.describe_replay(now, programme, names),
        table=now,
        columns=timeline.COLUMNS,
    )


def replayed(now: Answer) -> None:
    charts.chart(partial(standings, now), view, key="situation", of=now.rows[0]["snapshot"])


if not names:
    st.info("Aucun établissement dans cette sélection\u00a0: retirez un filtre.", icon=":material/info:")
    st.stop()

st.header("Fenêtre par fenêtre", anchor=False, help="Un clic sur une barre ou un point filtre toutes les pages.")
charts.side_by_side({"retenus-par-fenetre": staircase, "echeances": milestones}, list(names), view)
st.header("Au fil du temps", anchor=False)
st.caption(plain(deadlines.deadlines_said(view, programme)))
charts.side_by_side({"atteinte": over_time}, list(names), view)
st.header("Rejouer le programme", anchor=False)
player.replay(volets_over_time, replayed, key="rejouer")
st.header("Dates des fenêtres", anchor=False)
st.table(deadlines.calendar(view, programme), border="horizontal", hide_index=True)
st.caption(plain(deadlines.sources_said(view, programme)))
