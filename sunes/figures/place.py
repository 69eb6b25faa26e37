"""Where one establishment is: its département within its region, on a map of two outlines."""

from collections.abc import Sequence
from math import cos, radians
from typing import Any

from sunes import geography
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.roster import Line


def place(line: Line, palette: Palette = SCREEN) -> Drawn | None:
    """Its département within its region, and its point where that is known; None where France knows no such place.

    The axes are degrees, stretched so that distances look alike in both directions.
    """
    row = line.establishment
    region = geography.region_shapes((row["region_code"],))["features"] if row["region_code"] else []
    departments = geography.department_shapes((row["region_code"],))["features"] if region else []
    own = [feature for feature in departments if feature["properties"]["code"] == row["department_code"]]
    if not region:
        return None
    sketch = Sketch()
    outline = _outline(region)
    for (xs, ys), filled in ((outline, False), (_outline(own), True)):
        if filled and xs:
            sketch.add_scatter(
                x=xs, y=ys, mode="lines", fill="toself", fillcolor=palette.participation, opacity=0.18,
                line={"width": 0}, hoverinfo="skip",
            )  # fmt: skip
        sketch.add_scatter(
            x=xs, y=ys, mode="lines", hoverinfo="skip", line={"width": 1.2, "color": palette.participation}
        )
    if row["latitude"] is not None and row["longitude"] is not None:
        sketch.add_scatter(
            x=[row["longitude"]], y=[row["latitude"]], mode="markers", hoverinfo="skip",
            marker={
                "size": 14, "color": palette.target, "symbol": "circle",
                "line": {"width": 2, "color": palette.text},
            },
        )  # fmt: skip
    heights = [y for y in outline[1] if y is not None]
    stretch = 1 / cos(radians((min(heights) + max(heights)) / 2))
    sketch.update_layout(
        showlegend=False,
        height=240,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis={"visible": False, "fixedrange": True},
        yaxis={"visible": False, "fixedrange": True, "scaleanchor": "x", "scaleratio": stretch},
    )
    return sketch.drawn()


def _outline(features: Sequence[Any]) -> tuple[list[float | None], list[float | None]]:
    """Every ring of some shapes, parted by None, to about 100 m."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for feature in features:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            xs += [*(round(x, 3) for x, _ in ring), None]
            ys += [*(round(y, 3) for _, y in ring), None]
    return xs, ys
