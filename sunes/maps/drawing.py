"""Maps and their legend as SVG elements, from the decks that a page shows, so that the two can't differ."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import asinh, pi, radians, tan
from typing import Any

from sunes import french
from sunes.maps import deck, frames, legend, marks, writing
from sunes.maps.deck import Layers
from sunes.maps.writing import Block
from sunes.roster import State

_TILE = 512  # pixels of the whole world at zoom 0
HEAD = 28  # a frame's title and the space under it
_SWATCH = (28, 25)
_MARK = 20

Datum = Mapping[str, Any]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """The measures of a picture, in its units.

    Attributes
    ----------
    maps
        How wide the maps are together.
    small, text, heading, code
        Sizes of letters: beside a target, in the legend, over a map, on a département.
    aligned
        The labels of a part of the legend begin below one another, however large their signs are.
    """

    maps: int
    small: float
    text: float
    heading: float
    code: float
    aligned: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """The rectangle of a frame, and its projection, as deck.gl's MapView has it: Web Mercator round the middle."""

    frame: frames.Frame
    width: int
    height: int
    view: Datum

    def project(self, position: Sequence[float]) -> Point:
        """From longitude and latitude to pixels."""
        pixels = _TILE * 2 ** self.view["zoom"] / (2 * pi)  # per radian
        west = radians(self.view["longitude"]) - self.width / 2 / pixels
        north = _mercator(self.view["latitude"]) + self.height / 2 / pixels
        return pixels * (radians(position[0]) - west), pixels * (north - _mercator(position[1]))

    def rings(self, geometry: Datum) -> list[list[Point]]:
        """The rings of a polygon or of several, in pixels, without their last point, which is the first."""
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        return [[self.project(point) for point in ring[:-1]] for polygon in polygons for ring in polygon]


class Drawing:
    """Draws frames with what they show, and their legend. The public methods about one thing can be made otherwise."""

    def __init__(self, layout: Layout, layers: Layers) -> None:
        self.layout, self.layers = layout, layers

    def maps(
        self, rows: Sequence[Sequence[frames.Column]], x: float, y: float, *, titled: bool = True
    ) -> tuple[str, float]:
        """The frames in their rows, and where the last one ends."""
        drawn, top, head = "", y, HEAD if titled else 0
        for row in rows:
            left, bottoms = x, [top]
            room = (self.layout.maps - frames.GAP * (len(row) - 1)) / sum(column.share for column in row)
            for column in row:
                width, y = column.share * room, top
                for placed in column.placed:
                    if titled:
                        drawn += writing.line_of_text(placed.frame.title, left, y + 18, self.layout.heading, bold=True)
                    moved = f"translate({left:.1f} {y + head:.1f})"
                    drawn += f'<g transform="{moved}">{self._map(placed, round(width))}</g>'
                    y += placed.height + frames.TITLE
                bottoms.append(y)
                left += width + frames.GAP
            top = max(bottoms)
        return drawn, top

    def panel(self, panel: Panel, inside: str) -> str:
        """A map with what is in it."""
        # A clip is named after its size: where several pictures are put into one page, one name means one clip.
        clip = f"sunes-{panel.width}-{panel.height}"
        return (
            f'<clipPath id="{clip}"><rect width="{panel.width}" height="{panel.height}" rx="6"/></clipPath>'
            f'<g clip-path="url(#{clip})" stroke-linejoin="round">{inside}</g>'
        )

    def outline(self, panel: Panel, feature: Datum, fill: str, stroke: str) -> str:
        """A shape; `stroke` is attributes, or empty."""
        rings = panel.rings(feature["geometry"])
        said = _said(feature.get("properties", {}))
        return f'<path d="{path(rings)}" fill="{fill}" fill-rule="evenodd"{stroke}>{said}</path>'

    def mark(self, panel: Panel, datum: Datum, state: State, at: Point, size: float) -> str:
        """The mark of an establishment, `size` high, round a point."""
        x, y = at[0] - size / 2, at[1] - size / 2
        return scaled(marks.drawing(state, self.layers.palette), x, y, size, _said(datum))

    def code(self, panel: Panel, code: str, middle: Point) -> Point | None:
        """Round which point the code of a département stands, None for nowhere."""
        return middle

    def count(self, state: State) -> str:
        """The attributes of the number of establishments in a state, in the legend."""
        return 'text-anchor="end"'

    def _map(self, placed: frames.Placed, width: int) -> str:
        drawn = json.loads(deck.deck(placed, self.layers).to_json())
        panel = Panel(placed.frame, width, placed.height, drawn["initialViewState"])
        draw = {"GeoJsonLayer": self._shapes, "IconLayer": self._marks, "TextLayer": self._codes}
        return self.panel(panel, "".join(draw[layer["@@type"]](panel, layer) for layer in drawn["layers"]))

    def _shapes(self, panel: Panel, layer: Datum) -> str:
        stroke = ""
        if layer.get("stroked", True):
            stroke = f' stroke="{_colour(layer["getLineColor"])}" stroke-width="{layer["lineWidthMinPixels"]}"'
        drawn = ""
        for feature in layer["data"]:
            fill = _colour(_value(layer["getFillColor"], feature)) if layer.get("filled", True) else "none"
            drawn += self.outline(panel, feature, fill, stroke)
        return drawn

    def _marks(self, panel: Panel, layer: Datum) -> str:
        drawn = ""
        for datum in layer["data"]:
            size = _value(layer["getSize"], datum) * layer["sizeScale"]
            at = panel.project(_value(layer["getPosition"], datum))
            drawn += self.mark(panel, datum, State(_value(layer["getIcon"], datum)), at, size)
        return drawn

    def _codes(self, panel: Panel, layer: Datum) -> str:
        size, drawn = self.layout.code, ""
        outline = f'stroke="{_colour(layer["outlineColor"])}" stroke-width="{layer["outlineWidth"]}"'
        halo = f'{outline} stroke-linejoin="round"'
        for datum in layer["data"]:
            label = _value(layer["getText"], datum)
            place = self.code(panel, label, panel.project(_value(layer["getPosition"], datum)))
            if place is None:
                continue
            x, y = place
            # Twice, as not every program knows how to put a letter's outline behind it.
            for style in (halo, f'fill="{_colour(layer["getColor"])}"'):
                style = f'text-anchor="middle" {style}'
                drawn += writing.line_of_text(label, x, y + 0.36 * size, size, bold=True, style=style)
        return drawn

    # Legend

    def key(self, parts: Sequence[legend.Part], x: float, y: float, width: int) -> Block:
        """Parts of a legend in one column."""
        column = Block(x, y, width)
        for part in parts:
            column.write(part.title, self.layout.text, bold=True)
            column.write(part.what, self.layout.text)
            column.y += 6
            widest = max(item.diameter for item in part.items) if self.layout.aligned else 0
            for item in part.items:
                self._item(column, item, max(item.diameter or _SWATCH[0], widest))
            column.y += 18
        return column

    def _item(self, column: Block, item: legend.Item, room: int) -> None:
        """A sign with `room` for it, and what it means; for the target, a line between the classes that it parts."""
        width, height = _SWATCH
        x, y, size, palette = column.x, column.y, self.layout.text, self.layers.palette
        if item.colour:
            border = "" if item.known else f' stroke="{palette.text}" stroke-dasharray="3"'
            column.drawn += (
                f'<rect x="{x}" y="{y:.1f}" width="{width}" height="{height}" fill="{item.colour}"{border}/>'
            )
        elif item.state:
            column.drawn += scaled(marks.drawing(item.state, palette), x, y + (height - _MARK) / 2, _MARK)
            count = french.number(item.count)
            column.drawn += writing.line_of_text(count, x + column.width, y + 18, size, style=self.count(item.state))
        elif item.diameter:
            height = max(height, item.diameter + 3)
            column.drawn += (
                f'<circle cx="{x + room / 2}" cy="{y + height / 2:.1f}" r="{item.diameter / 2 - 0.75}" fill="none" '
                f'stroke="{palette.text}" stroke-width="1.5"/>'
            )
        else:
            column.drawn += f'<path d="M{x} {y:.1f}h{column.width}" stroke="{palette.text}" stroke-width="2"/>'
            column.drawn += writing.line_of_text(item.label, x, y + 16, self.layout.small, bold=True)
            column.y += 22
            return
        lines = writing.lines(item.label, size, column.width - room - 9)
        height = max(height, round(1.25 * size * len(lines)))
        first = y + height / 2 + 5 - 0.625 * size * (len(lines) - 1)
        for rank, line in enumerate(lines):
            column.drawn += writing.line_of_text(line, x + room + 9, first + 1.25 * size * rank, size)
        column.y += height


# Elements -------------------------------------------------------------------------------------------------------------


def path(rings: Sequence[Sequence[Point]], close: str = "Z") -> str:
    """The `d` of a path: each ring by its corners, to a tenth of a pixel."""
    return "".join(f"M{' '.join(f'{x:.1f},{y:.1f}' for x, y in ring)}{close}" for ring in rings)


def scaled(mark: str, x: float, y: float, size: float, said: str = "") -> str:
    """The drawing of a mark, `size` high, under x and y."""
    return f'<g transform="translate({x:.1f} {y:.1f}) scale({size / marks.SIDE:.3f})">{said}{mark}</g>'


def _mercator(latitude: float) -> float:
    return asinh(tan(radians(latitude)))


def _value(accessor: Any, datum: Datum) -> Any:
    """What deck.gl reads from a datum: `@@=properties.colour`, or a constant."""
    if not isinstance(accessor, str):
        return accessor
    found: Any = datum
    for name in accessor.removeprefix("@@=").split("."):
        found = found[name]
    return found


def _colour(rgb: Sequence[int]) -> str:
    return f"#{bytes(rgb).hex()}"


def _said(datum: Datum) -> str:
    return writing.hover(datum["said"]) if "said" in datum else ""
