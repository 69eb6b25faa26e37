"""The few figures that a director looks for first, each with what it is made of and how it moved."""

from datetime import date
from typing import Any

import streamlit as st

from sunes import french
from sunes.definitions import Metric
from sunes.figures.sparkline import sparkline
from sunes.insights import headlines
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
    st.metric(label, metric.format(now[metric.id]), help=metric.definition, **_change(metric, now, *before))
    if line := sparkline(metric, answer.rows):
        st.html(line)
    st.caption(_attained(now) if metric.needs == "volet" else _applied(now))


def _applied(row: Row) -> str:
    """What participation is made of; of nothing, or of more than there is, for what reason."""
    if not row["eligible"]:
        return "aucun établissement éligible"
    made_of = f"{french.number(row['applicants'])} sur {french.count(row['eligible'], 'établissement éligible')}"
    return f"{made_of}, {headlines.INELIGIBLE_TOO}" if row["applicants"] > row["eligible"] else made_of


def _attained(row: Row) -> str:
    if not row["accepted"]:
        return "aucun établissement retenu"
    made_of = f"{french.number(row['attained'])} sur {french.count(row['accepted'], 'établissement retenu')}"
    return f"{made_of}, {french.count(row['evaluated'], 'évalué')}"


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
