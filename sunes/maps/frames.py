"""Which maps are shown, and how large: each territory in a frame, those to be compared at one scale."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, log2, radians, sqrt
from typing import Any

from sunes import geography
from sunes.maps import outlines

PARIS_AND_AROUND = ("75", "92", "93", "94")

NARROW = 760  # pixels; where there is less room, frames stand one below the other
_LEAST_HEIGHT = 190
_ENLARGED = 1.25  # times as wide as the frame that it stands beside
_BESIDE = 0.42  # of the main frame's height, for another at the same scale
GAP = 16  # between two columns
TITLE = 40  # a frame's title and the space round it
_MARGIN = 1.06
_FULL_MARKS = 0.8  # kilometres per pixel up to which marks have their full size
_KM_PER_PIXEL_AT_ZOOM_0 = 78.271517  # of Web Mercator at the equator, in tiles of 512 pixels


@dataclass(frozen=True, slots=True)
class Frame:
    """A territory to be drawn.

    Attributes
    ----------
    regions
        Whose départements and establishments are in the frame.
    bounds
        West, south, east, north, in degrees.
    alone
        Has a scale of its own: an enlargement, or a territory overseas.
    part
        The départements that are enlarged, if not all of its regions.
    """

    key: str
    title: str
    regions: tuple[str, ...]
    bounds: tuple[float, float, float, float]
    alone: bool = False
    part: tuple[str, ...] = ()

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude."""
        west, south, east, north = self.bounds
        return (west + east) / 2, (south + north) / 2

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in kilometres."""
        return outlines.size(*self.bounds)

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether the territory of a row of an answer, or an establishment, is in the frame."""
        region = row["region" if "region" in row else "region_code"]
        department = row["department" if "department" in row else "department_code"]
        return region in self.regions and (not self.part or department in self.part)


@dataclass(frozen=True, slots=True)
class Placed:
    """A frame on the page: its height in pixels, and how many kilometres one of its pixels is."""

    frame: Frame
    height: int
    scale: float

    @property
    def zoom(self) -> float:
        """The zoom of a Web Mercator map that has this scale at the frame's latitude."""
        return log2(_KM_PER_PIXEL_AT_ZOOM_0 * cos(radians(self.frame.centre[1])) / self.scale)


@dataclass(frozen=True, slots=True)
class Column:
    """Frames one below the other, `share` of the page wide."""

    share: float
    placed: tuple[Placed, ...]


def frames(regions: Iterable[str]) -> tuple[Frame, ...]:
    """The frames of these regions: each one's own up to two, all of metropolitan France for more.

    Regions overseas have a frame each, and Paris with the petite couronne is shown again, enlarged. Codes that are no
    region are left out.
    """
    known = [code for code in dict.fromkeys(regions) if code in geography.regions()]
    mainland = tuple(code for code in known if code not in outlines.OVERSEAS)
    found = [_region(code) for code in mainland]
    if len(mainland) > 2:
        found = [Frame("metropole", "France métropolitaine", mainland, outlines.bounds(outlines.land()))]
    found += [_region(code, alone=True) for code in known if code in outlines.OVERSEAS]
    if "11" in mainland:
        around = [each for each in outlines.departments(("11",), 0) if each["id"] in PARIS_AND_AROUND]
        title = "Paris et petite couronne, agrandis"
        bounds = outlines.bounds(around)
        found.append(Frame("petite-couronne", title, ("11",), bounds, alone=True, part=PARIS_AND_AROUND))
    return tuple(found)


def apart(region: str) -> tuple[Frame, ...]:
    """The frames of one region, with each of its establishments in one of them only. Empty for a code that is none."""
    found = frames((region,))
    if len(found) < 2:
        return found
    whole, enlarged = found
    around = (each["id"] for each in outlines.departments((region,), 0))
    rest = tuple(code for code in around if code not in enlarged.part)
    return replace(whole, title="Grande couronne", part=rest), replace(enlarged, title="Paris et petite couronne")


def _region(code: str, alone: bool = False) -> Frame:
    return Frame(code, geography.region(code).name, (code,), outlines.bounds(outlines.regions((code,), 0)), alone)


def arrange(found: Sequence[Frame], width: int) -> tuple[tuple[Column, ...], ...]:
    """Rows of columns of frames where there are `width` pixels for them.

    Frames that are not `alone` have one scale: the largest that shows each of them whole.
    """
    if not found:
        return ()
    height = max(440, min(600, width // 2))
    if width < NARROW:
        return _stacked(found, width, height)
    main, *others = sorted(found, key=lambda frame: (frame.alone, -frame.size[0]))
    beside, below = others[:2], others[2:]
    share = _share(main, width, height) if beside else 1.0
    widths = {frame.key: round((width - GAP) * (1 - share)) for frame in others} | {main.key: round(width * share)}
    scale = max(
        _fit(frame, widths[frame.key], height if frame is main else round(_BESIDE * height))
        for frame in found
        if not frame.alone or frame is main
    )
    rows = [[Column(share, (Placed(main, height, scale),))]]
    if beside:
        rows[0].append(Column(1 - share, _column(beside, widths[beside[0].key], height, scale)))
    for start in range(0, len(below), 4):
        row = below[start : start + 4]
        each = (width - 3 * GAP) // 4
        rows.append([Column(1 / 4, (Placed(frame, 240, _fit(frame, each, 240)),)) for frame in row])
    return tuple(map(tuple, rows))


def beside(found: Sequence[Frame], width: int, height: int) -> tuple[Column, ...]:
    """One row of frames of this size, each at the largest scale that shows it whole."""
    room = width - GAP * (len(found) - 1)
    wide = [_ENLARGED if frame.alone else 1.0 for frame in found]
    return tuple(
        Column(share, (Placed(frame, height, _fit(frame, room * share, height)),))
        for frame, share in zip(found, (each / sum(wide) for each in wide), strict=True)
    )


def shrinkage(rows: Sequence[Sequence[Column]]) -> float:
    """What marks are multiplied by, so that they leave something to see where much land is on few pixels: 1 or less."""
    scales = [placed.scale for row in rows for column in row for placed in column.placed]
    return round(max(0.55, min(1.0, sqrt(_FULL_MARKS / max(scales, default=_FULL_MARKS)))), 2)


def _share(main: Frame, width: int, height: int) -> float:
    """How much of the width a frame needs when it is as high as can be."""
    across, up = main.size
    return min(0.66, max(0.5, across / up * height / width))


def _column(beside: Sequence[Frame], width: int, height: int, scale: float) -> tuple[Placed, ...]:
    """Frames under one another, together as high as the main one: the enlargements take what the others leave."""
    left = height - TITLE * (len(beside) - 1)
    heights = {frame.key: max(_LEAST_HEIGHT, round(frame.size[1] / scale * _MARGIN)) for frame in beside}
    enlarged = [frame for frame in beside if frame.alone] or list(beside[-1:])
    rest = left - sum(heights[frame.key] for frame in beside if frame not in enlarged)
    heights |= {frame.key: max(_LEAST_HEIGHT, rest // len(enlarged)) for frame in enlarged}
    return tuple(
        Placed(frame, heights[frame.key], _fit(frame, width, heights[frame.key]) if frame.alone else scale)
        for frame in beside
    )


def _stacked(found: Sequence[Frame], width: int, tallest: int) -> tuple[tuple[Column, ...], ...]:
    shared = max((_fit(frame, width, tallest) for frame in found if not frame.alone), default=0)
    rows = []
    for frame in found:
        scale = _fit(frame, width, 340) if frame.alone else shared
        height = max(_LEAST_HEIGHT, min(tallest, round(frame.size[1] / scale * _MARGIN)))
        rows.append((Column(1.0, (Placed(frame, height, scale),)),))
    return tuple(rows)


def _fit(frame: Frame, width: float, height: float) -> float:
    """The kilometres that a pixel must stand for, for a frame to be seen whole with a margin round it."""
    across, up = frame.size
    return max(across / width, up / height) * _MARGIN
