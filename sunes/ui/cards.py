"""The few figures that a director looks for first, each with what it is made of and how it moved."""

from datetime import date
from typing import Any

import streamlit as st

from sunes import french
from sunes.definitions import Metric
from sunes.metrics import Answer, Row
from sunes.programme import Programme
from sunes.ui import data


def progress(over_time: Answer, volets_over_time: Answer, programme: Programme) -> None:
    """Participation and the attainment of each volet, as of the last of the snapshots.

    `over_time` is an answer by snapshot, `volets_over_time` one by snapshot and volet.
    """
    participation, attainment = (data.definitions()[name] for name in ("participation_rate", "attainment_rate"))
    cards = [(participation.short, participation, over_time)]
    for volet in programme.volets:
        of_volet = volets_over_time.only(volet=volet.id)
        if of_volet.rows:
            cards.append((f"Volet {volet.number} – {volet.name}", attainment, of_volet))
    for column, (label, metric, answer) in zip(st.columns(len(cards), gap="medium"), cards, strict=True):
        with column:
            _card(label, metric, answer)


def _card(label: str, metric: Metric, answer: Answer) -> None:
    now, before = answer.rows[-1], answer.rows[-2:-1]
    value = french.in_table(metric.format(now[metric.id]))
    st.metric(label, value, help=metric.definition, **_change(metric, now, *before))
    if metric.numerator and metric.denominator:
        part, whole = metric.numerator.value(now), metric.denominator.value(now)
        made_of = f"{french.number(part)} sur {french.number(whole)} {metric.denominator.words}"
        st.caption(f"{made_of}, {french.count(now['evaluated'], 'évalué')}" if metric.needs == "volet" else made_of)


def _change(metric: Metric, now: Row, before: Row | None = None) -> dict[str, Any]:
    if before is None or before[metric.id] is None or now[metric.id] is None:
        return {}
    change = now[metric.id] - before[metric.id]
    since = french.day(date.fromisoformat(before["snapshot"]))
    return {
        "delta": french.points(change) if change else "stable",
        "delta_description": f"depuis le {since}",
        "delta_arrow": "up" if change > 0 else "down" if change < 0 else "off",
        "delta_color": "off",
    }
