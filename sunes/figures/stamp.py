"""What a figure is of, written in the figure itself: its picture still says so wherever it is shown."""

from datetime import date
from typing import Any

from sunes import french
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn

# Two short lines of text under the figure, in pixels: they have room in the narrowest column, and the second one is
# there in any case, so that nothing moves from a simulated situation to a real one.
_SIZE = 12
_ROOM = 38


def words(as_of: date, simulated: bool) -> tuple[str, str]:
    """The two lines of a stamp: the situation, then « données simulées » where they are and the product."""
    return f"Situation au {french.day(as_of)}", "données simulées · sunes" if simulated else "sunes"


def stamped(figure: Drawn, as_of: date, simulated: bool, palette: Palette = SCREEN) -> dict[str, Any]:
    """The parts of a figure with room added under it for its stamp, at the right end whatever the labels at the left
    need. (Parts, as a figure that is changed checks all of itself again.)

    Parameters
    ----------
    figure
        With a height and a bottom margin that holds its axis; left as it is.
    as_of
        The date of the snapshot that it shows, the last one if it shows several.
    simulated
        Whether any of the snapshots that it shows is simulated.
    """
    parts: dict[str, Any] = figure.to_dict()
    layout = parts["layout"]
    margin = layout["margin"] = {**layout["margin"], "b": layout["margin"]["b"] + _ROOM}
    stamp = {
        "xref": "paper", "x": 1, "xanchor": "right", "xshift": margin.get("r", 0), "align": "right",
        "yref": "paper", "y": 0, "yanchor": "bottom", "yshift": 2 - margin["b"],
        "text": "<br>".join(words(as_of, simulated)), "showarrow": False,
        "font": {"size": _SIZE, "color": palette.text}, "opacity": 0.75,
    }  # fmt: skip
    layout["height"] += _ROOM
    layout["annotations"] = [*layout.get("annotations", ()), stamp]
    return parts
