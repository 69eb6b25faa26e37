"""The maps of a page and their legend as one picture: an SVG file that needs nothing else, wherever it is put.

What it shows is read from the decks that the page shows, so that the two can't differ.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import asinh, pi, radians, tan
from textwrap import wrap
from typing import Any
from xml.sax.saxutils import escape

from sunes import french
from sunes.figures.palette import MAP_LIGHT, MapPalette
from sunes.insights.comparison import Rate
from sunes.manifest import Manifest
from sunes.maps import deck, frames, legend, marks, words
from sunes.maps.deck import Layers
from sunes.metrics import Answer
from sunes.programme import Programme
from sunes.roster import Line, State

_WIDTH, _MARGIN = 1600, 40
_LEGEND, _BESIDE = 280, 32  # the legend's width, and the space between it and the maps
_MAPS = _WIDTH - 2 * _MARGIN - _LEGEND - _BESIDE
_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif"
_LETTER = 0.56  # how wide a letter is at most on average, of its size
_SWATCH = (28, 25)
_MARK = 20
_TILE = 512  # pixels of the whole world at zoom 0

# What XML can't hold, however it is written.
_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Datum = Mapping[str, Any]


def svg(
    rate: Rate,
    answer: Answer,
    lines: Sequence[Line],
    programme: Programme,
    manifest: Manifest,
    palette: MapPalette = MAP_LIGHT,
) -> str:
    """The maps of an answer by region and department and of its establishments, under what they show as a title.

    It is 1,600 pixels wide, as high as it needs, asks nothing of any network, and says what it shows to those who
    don't see it. Départements and marks say what they are where a viewer shows it on hovering.

    Parameters
    ----------
    lines
        The establishments, as `places.shown` gives them.
    manifest
        Of the answer's snapshot: its date, its sources, and whether it is simulated.
    """
    rows = frames.arrange(frames.frames(row["region"] for row in answer.rows), _MAPS)
    layers = deck.layers(rate, answer, lines, programme, rows, palette)
    title, origin = words.finding(rate, answer), words.origin(manifest)
    placed = [placed for row in rows for column in row for placed in column.placed]
    head = _Block(palette, _MARGIN)
    head.write(title, 28, bold=True)
    head.write(origin, 17, bold=manifest.simulated)
    head.write(words.filters(answer.view, programme), 17)
    top = head.y + 18
    maps, maps_end = _maps(rows, layers, top)
    explained = _legend(legend.parts(layers, lines, programme), palette, top)
    foot = _Block(palette, max(maps_end, explained.y) + 18)
    for text in words.footnotes(manifest, lines):
        foot.write(text, 14)
    height = round(foot.y + _MARGIN - 10)
    described = " ".join([f"{origin}.", *(words.describe(layers, lines, each.frame) for each in placed)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'role="img" xml:lang="fr" font-family="{_FONTS}" fill="{palette.text}">'
        f"<title>{_xml(title)}</title><desc>{_xml(described)}</desc>"
        f'<rect width="{_WIDTH}" height="{height}" fill="{palette.paper}"/>'
        f"{head.drawn}{maps}{explained.drawn}{foot.drawn}</svg>\n"
    )


@dataclass
class _Block:
    """A part of the picture that is written from top to bottom; the next thing stands under `y`."""

    palette: MapPalette
    y: float
    x: float = _MARGIN
    drawn: str = ""

    def write(self, text: str, size: int, *, bold: bool = False, width: float = _WIDTH - 2 * _MARGIN) -> None:
        """A paragraph, in as many lines as it needs; none begins with a number."""
        for line in wrap(re.sub(r" (?=\d)", french.NBSP, text), int(width / (_LETTER * size))):
            self.y += 1.3 * size
            self.drawn += _text(line, self.x, self.y - 0.3 * size, size, bold=bold)


# Maps -----------------------------------------------------------------------------------------------------------------


def _maps(rows: Sequence[Sequence[frames.Column]], layers: Layers, top: float) -> tuple[str, float]:
    """The frames in their rows, and where the last one ends."""
    drawn = ""
    for row in rows:
        left, bottoms = float(_MARGIN), [top]
        room = (_MAPS - frames.GAP * (len(row) - 1)) / sum(column.share for column in row)
        for column in row:
            width, y = column.share * room, top
            for placed in column.placed:
                drawn += _text(placed.frame.title, left, y + 18, 17, bold=True)
                drawn += f'<g transform="translate({left:.1f} {y + 28:.1f})">{_map(placed, round(width), layers)}</g>'
                y += placed.height + frames.TITLE
            bottoms.append(y)
            left += width + frames.GAP
        top = max(bottoms)
    return drawn, top


def _map(placed: frames.Placed, width: int, layers: Layers) -> str:
    drawn = json.loads(deck.deck(placed, layers).to_json())
    at = _projection(drawn["initialViewState"], width, placed.height)
    inside = "".join(_DRAWN[layer["@@type"]](layer, at, layers.palette) for layer in drawn["layers"])
    # A clip is named after its size: where several pictures are put into one page, one name still means one clip.
    clip = f"sunes-{width}-{placed.height}"
    return (
        f'<clipPath id="{clip}"><rect width="{width}" height="{placed.height}" rx="6"/></clipPath>'
        f'<g clip-path="url(#{clip})" stroke-linejoin="round">{inside}</g>'
    )


Project = Callable[[Sequence[float]], tuple[float, float]]


def _projection(view: Datum, width: float, height: float) -> Project:
    """From longitude and latitude to pixels, as deck.gl's MapView has it: Web Mercator round the middle of a map."""
    pixels = _TILE * 2 ** view["zoom"] / (2 * pi)  # per radian

    def mercator(latitude: float) -> float:
        return asinh(tan(radians(latitude)))

    west, north = radians(view["longitude"]) - width / 2 / pixels, mercator(view["latitude"]) + height / 2 / pixels

    def project(position: Sequence[float]) -> tuple[float, float]:
        return pixels * (radians(position[0]) - west), pixels * (north - mercator(position[1]))

    return project


def _shapes(layer: Datum, at: Project, palette: MapPalette) -> str:
    stroke = ""
    if layer.get("stroked", True):
        stroke = f' stroke="{_colour(layer["getLineColor"])}" stroke-width="{layer["lineWidthMinPixels"]}"'
    drawn = ""
    for feature in layer["data"]:
        fill = _colour(_value(layer["getFillColor"], feature)) if layer.get("filled", True) else "none"
        said = _hover(feature.get("properties", {}))
        drawn += f'<path d="{_path(feature["geometry"], at)}" fill="{fill}" fill-rule="evenodd"{stroke}>{said}</path>'
    return drawn


def _path(geometry: Datum, at: Project) -> str:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = ([at(point) for point in ring[:-1]] for polygon in polygons for ring in polygon)
    return "".join(f"M{' '.join(f'{x:.1f},{y:.1f}' for x, y in ring)}Z" for ring in rings)


def _marks(layer: Datum, at: Project, palette: MapPalette) -> str:
    drawn = ""
    for datum in layer["data"]:
        size = _value(layer["getSize"], datum) * layer["sizeScale"]
        x, y = at(_value(layer["getPosition"], datum))
        mark = marks.drawing(State(_value(layer["getIcon"], datum)), palette)
        drawn += _scaled(mark, x - size / 2, y - size / 2, size, _hover(datum))
    return drawn


def _scaled(mark: str, x: float, y: float, size: float, said: str = "") -> str:
    return f'<g transform="translate({x:.1f} {y:.1f}) scale({size / marks.SIDE:.3f})">{said}{mark}</g>'


def _labels(layer: Datum, at: Project, palette: MapPalette) -> str:
    size, drawn = layer["getSize"], ""
    halo = f'stroke="{_colour(layer["outlineColor"])}" stroke-width="{layer["outlineWidth"]}" stroke-linejoin="round"'
    for datum in layer["data"]:
        x, y = at(_value(layer["getPosition"], datum))
        # Twice, as not every program knows how to put a letter's outline behind it.
        for style in (halo, f'fill="{_colour(layer["getColor"])}"'):
            label = _value(layer["getText"], datum)
            drawn += _text(label, x, y + 0.36 * size, size, bold=True, style=f'text-anchor="middle" {style}')
    return drawn


_DRAWN: Mapping[str, Callable[[Datum, Project, MapPalette], str]] = {
    "GeoJsonLayer": _shapes,
    "IconLayer": _marks,
    "TextLayer": _labels,
}


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


def _hover(datum: Datum) -> str:
    return f"<title>{_xml(datum['said'])}</title>" if "said" in datum else ""


# Legend ---------------------------------------------------------------------------------------------------------------


def _legend(parts: Sequence[legend.Part], palette: MapPalette, top: float) -> _Block:
    page = _Block(palette, top, _WIDTH - _MARGIN - _LEGEND)
    for part in parts:
        page.write(part.title, 15, bold=True, width=_LEGEND)
        page.write(part.what, 15, width=_LEGEND)
        page.y += 6
        for item in part.items:
            _item(page, item)
        page.y += 18
    return page


def _item(page: _Block, item: legend.Item) -> None:
    """A sign and what it means; for the target, a line between the classes that it parts."""
    width, height = _SWATCH
    x, y, palette = page.x, page.y, page.palette
    if item.colour:
        border = "" if item.known else f' stroke="{palette.text}" stroke-dasharray="3"'
        page.drawn += f'<rect x="{x}" y="{y:.1f}" width="{width}" height="{height}" fill="{item.colour}"{border}/>'
    elif item.state:
        page.drawn += _scaled(marks.drawing(item.state, palette), x, y + (height - _MARK) / 2, _MARK)
        page.drawn += _text(french.number(item.count), x + _LEGEND, y + 18, 15, style='text-anchor="end"')
    elif item.diameter:
        width, height = item.diameter, max(height, item.diameter + 3)
        page.drawn += (
            f'<circle cx="{x + width / 2}" cy="{y + height / 2:.1f}" r="{width / 2 - 0.75}" fill="none" '
            f'stroke="{palette.text}" stroke-width="1.5"/>'
        )
    else:
        page.drawn += f'<path d="M{x} {y:.1f}h{_LEGEND}" stroke="{palette.text}" stroke-width="2"/>'
        page.drawn += _text(item.label, x, y + 16, 14, bold=True)
        page.y += 22
        return
    page.drawn += _text(item.label, x + width + 9, y + height / 2 + 5, 15)
    page.y += height


# Text -----------------------------------------------------------------------------------------------------------------


def _text(text: str, x: float, y: float, size: float, *, bold: bool = False, style: str = 'text-anchor="start"') -> str:
    weight = 600 if bold else 400
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" {style}>{_xml(text)}</text>'


def _xml(text: str) -> str:
    """Text as it is read, whatever it contains."""
    return escape(_UNFIT.sub("\ufffd", text))
