"""A frame as a pydeck deck: land, départements, regions, establishments. No basemap, so no request to anybody."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydeck as pdk
from pydeck.bindings.json_tools import default_serialize

from sunes import french, geography
from sunes.figures.palette import MapPalette
from sunes.insights.comparison import Rate
from sunes.insights.headlines import NOT_EVALUATED
from sunes.maps import marks, outlines
from sunes.maps.frames import Column, Frame, Placed, shrinkage
from sunes.maps.places import Place, places
from sunes.maps.scales import Scale, scale
from sunes.metrics import Answer, Row, not_evaluated_yet
from sunes.programme import Programme
from sunes.roster import Line

DEPARTMENTS, ESTABLISHMENTS = "departements", "etablissements"

_CONTROLLER = {"dragRotate": False, "touchRotate": False, "keyboard": True}
_FARTHEST, _NEAREST = 1.5, 15  # zoom levels: below the first view, and where streets would be
_ROOM = 44  # pixels that a code needs
_FINE, _COARSE, _WIDE = 0.001, 0.003, 0.008  # tolerances in degrees: about 100, 300 and 900 metres


@dataclass(frozen=True, slots=True)
class Finished:
    """What is left of a deck once it is written: all that whoever shows decks asks one for."""

    written: str
    _tooltip: Mapping[str, Any]

    def to_json(self) -> str:
        return self.written


class Deck(pdk.Deck):  # type: ignore[misc]  # pydeck has no types
    """A deck whose JSON is as short as it can be: pydeck's own puts every coordinate on a line of its own."""

    def to_json(self) -> str:
        return json.dumps(self, default=default_serialize, separators=(",", ":"), ensure_ascii=False)

    def finished(self) -> Finished:
        return Finished(self.to_json(), self._tooltip)


@dataclass(frozen=True)
class Layers:
    """What all frames of a page show.

    Attributes
    ----------
    volet
        Whose states the marks show; None for the volet in which each establishment is furthest.
    answer
        By region and department: the départements that are coloured. The others of a frame's regions are grey.
    shrinkage
        What the sizes of marks are multiplied by.
    version
        Goes into the names of the layers: a selection in layers of another version is forgotten.
    withheld
        How many establishments may not be seen: those that are shown are not all there are.
    """

    rate: Rate
    volet: str | None
    answer: Answer
    scale: Scale
    places: Sequence[Place]
    palette: MapPalette
    shrinkage: float = 1.0
    version: int = 0
    withheld: int = 0


def layers(
    rate: Rate,
    answer: Answer,
    lines: Sequence[Line],
    programme: Programme,
    rows: Sequence[Sequence[Column]],
    palette: MapPalette,
    version: int = 0,
    withheld: int = 0,
) -> Layers:
    """What is shown of an answer by region and department, and of the establishments `lines`, in frames in `rows`."""
    volet = rate.volet.id if rate.volet else answer.view.volet
    return Layers(
        rate=rate,
        volet=volet,
        answer=answer,
        scale=scale(rate, answer, palette),
        places=places(lines, volet, programme),
        palette=palette,
        shrinkage=shrinkage(rows),
        version=version,
        withheld=withheld,
    )


def deck(placed: Placed, layers: Layers) -> Deck:
    """The map of one frame.

    Objects that can be picked say what they are in `said` (plain text) and carry the `code` of their département or
    the `finess` of their establishment.
    """
    frame, palette = placed.frame, layers.palette
    longitude, latitude = frame.centre
    zoom = round(placed.zoom, 3)
    return Deck(
        layers=[
            _flat("papier", _everywhere(), palette.paper, layers.version),
            _flat("terres", _around(frame), palette.land, layers.version, border=palette.border),
            _departments(placed, layers),
            _region_outlines(placed, layers),
            _establishments(frame, layers),
            _codes(placed, layers),
        ],
        views=[pdk.View(type="MapView", controller=_CONTROLLER)],
        initial_view_state=pdk.ViewState(
            longitude=round(longitude, 4),
            latitude=round(latitude, 4),
            zoom=zoom,
            min_zoom=zoom - _FARTHEST,
            max_zoom=_NEAREST,
        ),
        map_provider=None,
        tooltip={
            "text": "{said}",  # text, never html: names come from files
            "style": {
                "backgroundColor": palette.text,
                "color": palette.paper,
                "fontSize": "14px",
                "width": "max-content",
                "maxWidth": "min(17rem, 60vw)",
                "borderRadius": "4px",
                "padding": "8px 10px",
                "lineHeight": "1.35",
            },
        },
    )


def _flat(
    name: str, features: Sequence[Mapping[str, Any]], colour: str, version: int, border: str | None = None
) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer",
        id=f"{name}-{version}",
        data=[{"type": "Feature", "geometry": feature["geometry"]} for feature in features],
        filled=True,
        get_fill_color=rgb(colour),
        stroked=border is not None,
        get_line_color=rgb(border or colour),
        line_width_min_pixels=1,
        pickable=False,
    )


def _departments(placed: Placed, layers: Layers) -> pdk.Layer:
    rows = {row["department"]: row for row in layers.answer.rows}
    palette = layers.palette
    features = []
    for shape in outlines.departments(placed.frame.regions, _tolerance(placed)):
        code = shape["id"]
        row = rows.get(code)
        features.append(
            {
                "type": "Feature",
                "geometry": shape["geometry"],
                "properties": {
                    "code": code,
                    "said": said(code, row, layers.rate),
                    "colour": rgb(layers.scale.colour(row) if row else palette.land),
                },
            }
        )
    return pdk.Layer(
        "GeoJsonLayer",
        id=f"{DEPARTMENTS}-{layers.version}",
        data=features,
        get_fill_color="properties.colour",
        get_line_color=rgb(palette.border),
        line_width_min_pixels=1.5,
        pickable=True,
        auto_highlight=True,
        highlight_color=[*rgb(palette.outline), 50],
    )


def _region_outlines(placed: Placed, layers: Layers) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer",
        id=f"regions-{layers.version}",
        data=[
            {"type": "Feature", "geometry": shape["geometry"]}
            for shape in outlines.regions(placed.frame.regions, _tolerance(placed))
        ],
        filled=False,
        stroked=True,
        get_line_color=rgb(layers.palette.outline),
        line_width_min_pixels=1.5,
        pickable=False,
    )


def _codes(placed: Placed, layers: Layers) -> pdk.Layer:
    """The code of each département that is large enough on the screen to carry it."""
    return pdk.Layer(
        "TextLayer",
        id=f"codes-{layers.version}",
        data=[
            {"at": outlines.middle(shape), "code": shape["id"]}
            for shape in outlines.departments(placed.frame.regions, _tolerance(placed))
            if min(outlines.size(*outlines.bounds((shape,)))) / placed.scale > _ROOM
        ],
        get_position="at",
        get_text="code",
        get_size=14,
        get_color=rgb(layers.palette.text),
        font_family=pdk.types.String("Source Sans, sans-serif"),
        font_weight=600,
        font_settings={"sdf": True, "buffer": 8},
        outline_width=4,
        outline_color=rgb(layers.palette.paper),
        pickable=False,
    )


def _establishments(frame: Frame, layers: Layers) -> pdk.Layer:
    return pdk.Layer(
        "IconLayer",
        id=f"{ESTABLISHMENTS}-{layers.version}",
        data=[
            {
                "finess": place.line.finess,
                "at": [round(place.longitude, 4), round(place.latitude, 4)],
                "size": place.size,
                "mark": place.state.value,
                "said": place.said,
            }
            for place in layers.places
            if frame.holds(place.line.establishment)
        ],
        get_position="at",
        get_icon="mark",
        get_size="size",
        size_scale=layers.shrinkage,
        icon_atlas=pdk.types.String(marks.atlas(layers.palette)),
        icon_mapping=marks.places(),
        pickable=True,
    )


def said(code: str, row: Row | None, rate: Rate) -> str:
    """What a map says of a département, in two lines; without a row of the answer it is not in the selection."""
    known = geography.departments()
    name = f"{known[code].name} ({code})" if code in known else code
    if row is None:
        return f"{name}\nHors de la sélection"
    return french.typographic(f"{name}\n{rate.label} : {measured(row, rate)}")


def measured(row: Row, rate: Rate) -> str:
    """« 38 sur 45 (84,4 %), cible 80 % (+4,4 points) », or why there is no rate."""
    if rate.volet and not_evaluated_yet(row):
        return f"{NOT_EVALUATED}, {french.count(row['accepted'], 'retenu')}"
    if row[rate.metric.id] is None or not (rate.metric.numerator and rate.metric.denominator):
        return rate.nothing
    part, whole = (int(side.value(row) or 0) for side in (rate.metric.numerator, rate.metric.denominator))
    text = french.ratio(part, whole)
    if rate.volet and row["target_rate"] is not None:
        text += f", cible {french.percent(row['target_rate'], None)} ({french.points(row['gap_points'])})"
    return text


def _tolerance(placed: Placed) -> float:
    """About half a pixel."""
    return _FINE if placed.scale < 0.3 else _COARSE if placed.scale < 1 else _WIDE


def _around(frame: Frame) -> list[dict[str, Any]]:
    """The regions that can be seen round a frame without going far."""
    west, south, east, north = frame.bounds
    across, up = east - west, north - south
    near = []
    for feature in outlines.land():
        left, bottom, right, top = outlines.bounds((feature,))
        if left < east + across and right > west - across and bottom < north + up and top > south - up:
            near.append(feature)
    return near


def _everywhere() -> list[dict[str, Any]]:
    """All that can be scrolled to, so that the map's colours lie on the map's own paper."""
    ring = [[-85, -30], [70, -30], [70, 65], [-85, 65], [-85, -30]]
    return [{"geometry": {"type": "Polygon", "coordinates": [ring]}}]


def rgb(colour: str) -> list[int]:
    """Red, green and blue of `#rrggbb`, as deck.gl wants them."""
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
