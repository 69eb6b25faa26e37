"""The few figures that a director looks for first, each with what it is made of and how it moved."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from sunes.definitions import Metric
from sunes.figures.sparkline import sparkline
from sunes.insights import key_figures
from sunes.metrics import Answer
from sunes.programme import Programme
from sunes.ui import data

_ARROWS: Mapping[int, Literal["down", "off", "up"]] = {-1: "down", 0: "off", 1: "up"}


def progress(over_time: Answer, volets_over_time: Answer, programme: Programme) -> None:
    """Participation and the attainment of each volet, as of the last of the snapshots.

    `over_time` is an answer by snapshot, `volets_over_time` one by snapshot and volet.
    """
    rates = key_figures.rates_of(over_time, volets_over_time, data.definitions(), programme)
    for column, rate in zip(st.columns(len(rates), gap="medium"), rates, strict=True):
        with column:
            _card(*rate)


def _card(label: str, metric: Metric, over_time: Answer) -> None:
    figure = key_figures.figure(label, metric, over_time)
    st.metric(
        label,
        figure.value,
        figure.moved or None,
        help=metric.definition,
        delta_description=figure.since or None,
        delta_arrow=_ARROWS[figure.direction],
        delta_color="off",
    )
    if line := sparkline(metric, over_time.rows):
        st.html(line)
    st.caption(figure.made_of)
