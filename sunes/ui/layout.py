"""How charts stand on a page."""

from collections.abc import Callable, Sequence

import streamlit as st


def side_by_side(draws: Sequence[Callable[[str], None]], territories: Sequence[str]) -> None:
    """Each chart for every territory, two in a row; of a single territory, its charts are neighbours."""
    cells = [(draw, territory) for draw in draws for territory in territories]
    for start in range(0, len(cells), 2):
        columns = st.columns(min(2, len(cells)), gap="large")
        for column, (draw, territory) in zip(columns, cells[start:], strict=False):
            with column:
                draw(territory)
