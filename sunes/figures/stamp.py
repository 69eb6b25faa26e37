"""What a figure is of, written in the figure itself: its picture still says so wherever it is shown."""

from datetime import date

import plotly.graph_objects as go

from sunes import french
from sunes.figures.palette import SCREEN, Palette

# Two short lines of text under the figure, in pixels: they have room in the narrowest column, and the second one is
# there in any case, so that nothing moves from a simulated situation to a real one.
_SIZE = 12
_ROOM = 38


def words(as_of: date, simulated: bool) -> tuple[str, str]:
    """The two lines of a stamp: the situation, then « données simulées » where they are and the product."""
    return f"Situation au {french.day(as_of)}", "données simulées · sunes" if simulated else "sunes"


def stamped(figure: go.Figure, as_of: date, simulated: bool, palette: Palette = SCREEN) -> go.Figure:
    """A figure with room added under it for its stamp, at the right end whatever the labels at the left need.

    Parameters
    ----------
    figure
        With a height and a bottom margin that holds its axis; left as it is.
    as_of
        The date of the snapshot that it shows, the last one if it shows several.
    simulated
        Whether any of the snapshots that it shows is simulated.
    """
    layout = figure.layout
    bottom = layout.margin.b + _ROOM
    return (
        go.Figure(figure)
        .update_layout(height=layout.height + _ROOM, margin_b=bottom)
        .add_annotation(
            xref="paper", x=1, xanchor="right", xshift=layout.margin.r, align="right",
            yref="paper", y=0, yanchor="bottom", yshift=2 - bottom,
            text="<br>".join(words(as_of, simulated)), showarrow=False,
            font={"size": _SIZE, "color": palette.text}, opacity=0.75,
        )
    )  # fmt: skip
