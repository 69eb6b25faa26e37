"""What a page compares territories by, what it shows of them, and where there is nothing to compare."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sunes.figures import comparison as figures
from sunes.figures import variation as spreads
from sunes.insights import comparison, steps, variation
from sunes.insights.comparison import Level, Rate
from sunes.insights.variation import Spread
from sunes.metrics import Answer
from sunes.ui import data, frame
from sunes.ui.charts import Content
from sunes.ui.errors import plain
from sunes.view import View

Choice = TypeVar("Choice", bound=str)


def rates(view: View) -> dict[str, Rate]:
    """The rates that territories are compared by, under their ids."""
    made = data.shown("rates", view, lambda: comparison.rates(view, data.programme(), data.definitions()))
    return {rate.id: rate for rate in made}


def answer(view: View, rate: Rate, *by: str) -> Answer:
    """The answer that holds a rate: of its volet only, if it has one."""
    return data.answer(view, (*by, "volet")).only(volet=rate.volet.id) if rate.volet else data.answer(view, by)


def choose(label: str, names: Mapping[Choice, str], *, key: str, default: Choice) -> Choice:
    """One of a few options and their names, kept for the session; `default` at first, and when the choice is gone."""
    if st.session_state.get(key) not in names:
        st.session_state[key] = default
    chosen = st.segmented_control(label, list(names), format_func=names.__getitem__, key=key, required=True)
    return default if chosen is None else chosen


def grid(cells: int, columns: int = 2) -> list[DeltaGenerator]:
    """So many cells, row by row, in so many columns."""
    rows = [st.columns(min(columns, cells), gap="large") for _ in range(0, cells, columns)]
    return [cell for row in rows for cell in row][:cells]


def compared(view: View, rate: Rate, level: Level) -> Content:
    """A rate of the regions, or of the départements of each."""
    groups, members = answer(view, rate, "region"), answer(view, rate, *comparison.CUTS[level])
    rows = comparison.ranked(rate, groups, members, data.regions(groups), data.programme())
    return Content(
        figures.dots(rows, rate),
        title=comparison.finding(rate, rows),
        description=figures.describe_dots(rows, rate),
        table=members,
        columns=rate.columns,
    )


def lost(view: View, region: str) -> Content:
    """How many establishments of a region are left at each step, from the eligible ones to those that attain."""
    whole = data.answer(view, ("region",)).row(region=region)
    taken = steps.steps(whole, data.answer(view, ("region", "volet")).only(region=region), data.programme())
    return Content(
        figures.bars(taken),
        title=steps.finding(comparison.named(data.region_name(region), view), whole),
        description=figures.describe_bars(taken),
        table=steps.records(taken),
    )


def spread(view: View, rate: Rate) -> Spread:
    """How a rate differs between départements, and where chance explains it."""

    def made() -> Spread:
        departments = comparison.standings(rate, answer(view, rate, "region", "department"), data.programme())
        return variation.spread(rate, comparison.overall(rate, answer(view, rate)), departments)

    return data.shown(("spread", rate.id), view, made)


def funnel(found: Spread) -> Content:
    """Each département against the limits within which chance explains its distance."""
    return Content(
        spreads.funnel(found),
        title=variation.finding(found),
        notes=variation.verdicts(found),
        description=spreads.describe_funnel(found),
        table=variation.records(found),
    )


def deciles(found: Spread) -> Content:
    """How the départements are spread."""
    return Content(
        spreads.strip(found),
        title=variation.quantiles_finding(found),
        description=spreads.describe_strip(found),
        table=variation.quantile_records(found),
    )


def too_few(view: View, why: str) -> None:
    """Say why there is nothing to compare and, where the départements were chosen, offer all of them."""
    st.info(plain(why), icon=":material/info:")
    if view.departments:
        everything = view.having(departments=())
        st.button(
            "Comparer tous les départements", icon=":material/compare_arrows:", on_click=frame.go_to, args=(everything,)
        )
