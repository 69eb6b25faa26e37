"""Maps and QR codes as PowerPoint's own shapes: sharp at any size, each territory and mark to be recoloured."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import atan2, cos, pi, sin, sqrt
from typing import Any, Final
from xml.etree.ElementTree import Element, fromstring
from xml.sax.saxutils import escape, quoteattr

import segno
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls

from sunes.export.pptx import text
from sunes.export.pptx.place import EMU, POINT, Box

_SVG = "{http://www.w3.org/2000/svg}"
_STEP: Final = 100  # of a path's coordinates: hundredths of a pixel
_ASCENT = 0.905  # how far Arial's letters go up from their line, of their size
_ARC = 12  # points that stand for an arc

Point = tuple[float, float]
Ring = tuple[Sequence[Point], bool]  # the points of a line, and whether it is closed


def add(shapes: Any, svg: str, box: Box) -> Any:
    """Draw an SVG of `sunes.maps` as large as a box allows; returns the group of its shapes.

    What such an SVG has: groups, symbols and their uses, paths of straight lines and circular arcs, rectangles,
    circles, text; moved and scaled.
    """
    root = fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    scale = min(box.width / width, box.height / height)
    group = shapes.add_group_shape()
    symbols = {f"#{each.get('id')}": each for each in root.iter(f"{_SVG}symbol")}
    pen = _Pen(box.left, box.top, scale, root.get("fill", "#000000"))
    drawn = "".join(_Drawing(symbols, group.shape_id).children(root, pen))
    for shape in parse_xml(f"<p:grpSp {nsdecls('p', 'a')}>{drawn}</p:grpSp>"):
        group._element.append(shape)
    group._element.recalculate_extents()
    return group


def qr(shapes: Any, address: str, box: Box) -> None:
    """Draw the QR code of an address, dark on light, which also leads there; none for an address too long for any."""
    try:
        rows = segno.make_qr(address, error="m").matrix_iter(border=4)
    except segno.DataOverflowError:
        return
    modules = [list(row) for row in rows]
    side = box.width / len(modules)
    rings: list[Ring] = []
    for down, row in enumerate(modules):
        place = 0
        for dark, run in groupby(row):
            along = len(list(run))
            if dark:
                left, top = box.left + place * side, box.top + down * side
                right, bottom = left + along * side, top + side
                rings.append(([(left, top), (right, top), (right, bottom), (left, bottom)], True))
            place += along
    pen = _Pen(box.left, box.top, 1, "#000000")
    first = max((shape.shape_id for shape in shapes), default=1) + 1
    square = _shape(first, "Fond du code QR", box, _preset("rect"), pen.filled("#ffffff"))
    for made in (square, _freeform(first + 1, "Code QR", rings, pen)):
        shapes._spTree.append(parse_xml(made.replace("<p:sp>", f"<p:sp {nsdecls('p', 'a')}>", 1)))
    code = shapes[-1]
    code.click_action.hyperlink.address = address
    text.alternative(code, "Code QR", "Code QR : les mêmes chiffres dans sunes")


@dataclass(frozen=True, slots=True)
class _Pen:
    """Where and how shapes are drawn: SVG units × `scale` + `left`, `top` are pixels of the slide."""

    left: float
    top: float
    scale: float
    fill: str
    stroke: str = "none"
    width: float = 1.0
    dashed: bool = False

    def at(self, x: float, y: float) -> Point:
        return self.left + self.scale * x, self.top + self.scale * y

    def moved(self, x: float, y: float, scale: float = 1.0) -> "_Pen":
        left, top = self.at(x, y)
        return replace(self, left=left, top=top, scale=self.scale * scale)

    def filled(self, colour: str) -> "_Pen":
        return replace(self, fill=colour)

    def of(self, element: Element) -> "_Pen":
        """As an element has it, and what it leaves open as here."""
        return replace(
            self,
            fill=element.get("fill", self.fill),
            stroke=element.get("stroke", self.stroke),
            width=float(element.get("stroke-width", self.width)),
            dashed=self.dashed or "stroke-dasharray" in element.attrib,
        )


class _Drawing:
    """Turns the elements of an SVG into shapes, each with an id of its own."""

    def __init__(self, symbols: Mapping[str, Element], taken: int) -> None:
        self._symbols, self._id = symbols, taken
        self._halo = ""

    def children(self, parent: Element, pen: _Pen) -> Iterator[str]:
        for element in parent:
            draw = getattr(self, f"_{element.tag.removeprefix(_SVG)}", None)
            if draw:
                yield draw(element, pen.of(element))

    def _g(self, element: Element, pen: _Pen) -> str:
        return "".join(self.children(element, _transformed(pen, element.get("transform", ""))))

    def _use(self, element: Element, pen: _Pen) -> str:
        """A mark, as a group that is named after what it stands for; nothing where it points at nothing."""
        symbol = self._symbols.get(element.get("href", ""))
        if symbol is None:
            return ""
        *_, side, _ = map(float, symbol.get("viewBox", "").split())
        x, y, width = (float(element.get(name, 0)) for name in ("x", "y", "width"))
        own = self._next()
        corner, size = pen.at(x, y), width * pen.scale
        box = Box(*corner, size, size)
        extent = _extent(box)
        inner = extent.replace("a:off", "a:chOff").replace("a:ext", "a:chExt")
        return (
            f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="{own}" name={_name(element)}/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
            f"<p:grpSpPr><a:xfrm>{extent}{inner}</a:xfrm></p:grpSpPr>"
            f"{''.join(self.children(symbol, pen.moved(x, y, width / side)))}</p:grpSp>"
        )

    def _path(self, element: Element, pen: _Pen) -> str:
        rings = [([pen.at(*point) for point in points], closed) for points, closed in _rings(element.get("d", ""))]
        return _freeform(self._next(), _name(element), rings, pen) if rings else ""

    def _rect(self, element: Element, pen: _Pen) -> str:
        x, y, width, height = (float(element.get(name, 0)) for name in ("x", "y", "width", "height"))
        return self._simple("rect", element, (x, y, width, height), pen)

    def _circle(self, element: Element, pen: _Pen) -> str:
        x, y, radius = (float(element.get(name, 0)) for name in ("cx", "cy", "r"))
        return self._simple("ellipse", element, (x - radius, y - radius, 2 * radius, 2 * radius), pen)

    def _simple(self, kind: str, element: Element, place: tuple[float, float, float, float], pen: _Pen) -> str:
        x, y, width, height = place
        box = Box(*pen.at(x, y), width * pen.scale, height * pen.scale)
        return _shape(self._next(), _name(element), box, _preset(kind), pen)

    def _text(self, element: Element, pen: _Pen) -> str:
        """A line of text. One that is drawn as an outline is the halo of the next."""
        if pen.stroke != "none":
            self._halo = pen.stroke
            return ""
        halo, self._halo = self._halo, ""
        words = text.legible("".join(element.itertext()))
        size = float(element.get("font-size", 16)) * pen.scale
        bold = int(element.get("font-weight", 400)) >= 600
        room = text.width(words, size, bold=bold) * 1.1 + 4
        align, share = {"middle": ("ctr", 0.5), "end": ("r", 1.0)}.get(element.get("text-anchor", ""), ("l", 0.0))
        x, y = pen.at(float(element.get("x", 0)), float(element.get("y", 0)))
        box = Box(x - share * room, y - _ASCENT * size, room, size * 1.15)
        glow = f'<a:effectLst><a:glow rad="{round(2 * EMU)}">{_colour(halo)}</a:glow></a:effectLst>' if halo else ""
        weight = ' b="1"' if bold else ""
        return (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{self._next()}" name={_attribute(words)}/><p:cNvSpPr txBox="1"/><p:nvPr/>'
            f"</p:nvSpPr><p:spPr>{_xfrm(box)}{_preset('rect')}<a:noFill/></p:spPr>"
            f'<p:txBody><a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="t"/><a:lstStyle/>'
            f'<a:p><a:pPr algn="{align}"/><a:r><a:rPr lang="fr-FR" sz="{round(size * POINT * 100)}"{weight}>'
            f"<a:solidFill>{_colour(pen.fill)}</a:solidFill>{glow}</a:rPr><a:t>{escape(words)}</a:t></a:r></a:p></p:txBody></p:sp>"
        )

    def _next(self) -> int:
        self._id += 1
        return self._id


# Shapes ---------------------------------------------------------------------------------------------------------------


def _freeform(number: int, name: str, rings: Sequence[Ring], pen: _Pen) -> str:
    """Lines through points of the slide, in pixels."""
    points = [point for ring, _ in rings for point in ring]
    left, top = (min(each) for each in zip(*points, strict=True))
    right, bottom = (max(each) for each in zip(*points, strict=True))
    box = Box(left, top, max(right - left, 0.01), max(bottom - top, 0.01))

    def step(kind: str, point: Point) -> str:
        x, y = round((point[0] - left) * _STEP), round((point[1] - top) * _STEP)
        return f'<a:{kind}><a:pt x="{x}" y="{y}"/></a:{kind}>'

    drawn = "".join(
        step("moveTo", ring[0]) + "".join(step("lnTo", point) for point in ring[1:]) + ("<a:close/>" if closed else "")
        for ring, closed in rings
    )
    size = f'w="{round(box.width * _STEP)}" h="{round(box.height * _STEP)}"'
    geometry = (
        "<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>"
        f'<a:rect l="0" t="0" r="r" b="b"/><a:pathLst><a:path {size}>{drawn}</a:path></a:pathLst></a:custGeom>'
    )
    return _shape(number, name, box, geometry, pen)


def _shape(number: int, name: str, box: Box, geometry: str, pen: _Pen) -> str:
    fill = "<a:noFill/>" if pen.fill == "none" else f"<a:solidFill>{_colour(pen.fill)}</a:solidFill>"
    line = "<a:ln><a:noFill/></a:ln>"
    if pen.stroke != "none":
        dash = '<a:prstDash val="sysDash"/>' if pen.dashed else ""
        colour = f"<a:solidFill>{_colour(pen.stroke)}</a:solidFill>"
        line = f'<a:ln w="{round(pen.width * pen.scale * EMU)}">{colour}{dash}<a:round/></a:ln>'
    name = name if name.startswith('"') else _attribute(name)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name={name}/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f"<p:spPr>{_xfrm(box)}{geometry}{fill}{line}</p:spPr></p:sp>"
    )


def _preset(kind: str) -> str:
    return f'<a:prstGeom prst="{kind}"><a:avLst/></a:prstGeom>'


def _xfrm(box: Box) -> str:
    return f"<a:xfrm>{_extent(box)}</a:xfrm>"


def _extent(box: Box) -> str:
    left, top, width, height = box.emu
    return f'<a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/>'


def _colour(colour: str) -> str:
    return f'<a:srgbClr val="{colour.lstrip("#").upper()}"/>'


def _name(element: Element) -> str:
    """What an element is, as its hover text says first."""
    title = element.findtext(f"{_SVG}title", "")
    return _attribute(title.split("\n")[0])


def _attribute(words: str) -> str:
    return quoteattr(text.legible(words), {'"': "&quot;"})


# Paths ----------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"[MLHVAZmlhvaz]|-?[0-9]*\.?[0-9]+")
_ARGUMENTS = {"H": 1, "V": 1, "A": 7}


def _rings(path: str) -> list[Ring]:
    """The lines of a path of M, L, H, V, A (circular) and Z, absolute or relative."""
    rings: list[tuple[list[Point], bool]] = []
    tokens = _TOKEN.findall(path)
    at, command, x, y = 0, "", 0.0, 0.0
    while at < len(tokens):
        if tokens[at].isalpha():
            command, at = tokens[at], at + 1
        kind, relative = command.upper(), command.islower()
        if kind == "Z":
            points, _ = rings[-1]
            rings[-1], (x, y) = (points, True), points[0]
            continue
        count = _ARGUMENTS.get(kind, 2)
        numbers, at = [float(token) for token in tokens[at : at + count]], at + count
        start = x, y
        if kind != "V":
            x = numbers[0 if kind == "H" else -2] + (x if relative else 0)
        if kind != "H":
            y = numbers[-1] + (y if relative else 0)
        if kind == "M":
            rings.append(([(x, y)], False))
            command = "l" if relative else "L"
        elif kind == "A":
            rings[-1][0].extend(_arc(start, (x, y), numbers[0], numbers[3], numbers[4]))
        else:
            rings[-1][0].append((x, y))
    return list(rings)


def _arc(start: Point, end: Point, radius: float, large: float, sweep: float) -> Iterator[Point]:
    """Points along a circular arc, its end included, whose centre is found as SVG's appendix on arcs says."""
    (x0, y0), (x, y) = start, end
    half = sqrt((x - x0) ** 2 + (y - y0) ** 2) / 2
    if not half:
        return
    radius = max(radius, half)
    away = sqrt(max(0.0, radius**2 - half**2)) / (2 * half) * (1 if large != sweep else -1)
    cx, cy = (x0 + x) / 2 - away * (y - y0), (y0 + y) / 2 + away * (x - x0)
    first = atan2(y0 - cy, x0 - cx)
    turn = atan2(y - cy, x - cx) - first
    turn += 2 * pi if sweep and turn < 0 else -2 * pi if not sweep and turn > 0 else 0
    for step in range(1, _ARC + 1):
        angle = first + turn * step / _ARC
        yield cx + radius * cos(angle), cy + radius * sin(angle)


def _transformed(pen: _Pen, transform: str) -> _Pen:
    """A pen after « translate(x y) scale(s) », or either."""
    found = {
        name: [float(n) for n in re.split("[ ,]+", given)] for name, given in re.findall(r"(\w+)\(([^)]*)\)", transform)
    }
    x, y = (*found.get("translate", (0.0, 0.0)), 0.0)[:2]
    return pen.moved(x, y, found.get("scale", [1.0])[0])
