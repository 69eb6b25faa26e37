"""The map of one region as a part of a slide: what it shows can change from moment to moment, its outlines stay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sunes import french, geography
from sunes.figures.palette import MapPalette
from sunes.insights.comparison import Rate
from sunes.maps import clip, deck, frames, legend, marks, naming, places, words, writing
from sunes.maps.drawing import HEAD, Datum, Drawing, Layout, Panel, Point, path
from sunes.metrics import Answer
from sunes.programme import Programme
from sunes.roster import STATE_LABELS, Line, State

_CLASSES, _STATES, _GAP = 190, 246, 26  # how wide the legend's two columns are, and what is left before each
_LETTERS = Layout(maps=0, small=16, text=16, heading=18, code=17, aligned=True)
_LARGER = 1.15  # marks, than on a page: they are seen from afar


class Scene:
    """A region's départements and establishments with their legend, without a title: the slide has one.

    It is drawn as of the last of the moments that it goes through; colours mean the same in all of them.

    Parameters
    ----------
    name
        The ids in the picture begin with it, so that several pictures can be in one document.
    answers
        By region and department, about this region: one for each moment, oldest first.
    lines
        The establishments at each of these moments, as `places.shown` gives them.
    withheld
        How many others may not be seen (see `Roster`).
    """

    def __init__(
        self,
        name: str,
        region: str,
        rate: Rate,
        answers: Sequence[Answer],
        lines: Sequence[Sequence[Line]],
        programme: Programme,
        palette: MapPalette,
        withheld: int = 0,
    ) -> None:
        self.name, self._lines, self._programme = name, lines[-1], programme
        self._answers = answers
        self._departments = [code for code, each in geography.departments().items() if each.region_code == region]
        self._frames = frames.apart(region)
        ever = {line.finess: line for moment in lines for line in moment}  # each as it was last known
        self._layers = deck.layers(rate, answers[-1], tuple(ever.values()), programme, (), palette, withheld=withheld)

    @property
    def description(self) -> str:
        """What is in each map, for those who don't see it."""
        return " ".join(words.describe(self._layers, self._lines, frame) for frame in self._frames)

    def fills(self, answer: Answer) -> dict[str, str]:
        """The colour of each département of the region in an answer."""
        rows, colour = _by_department(answer), self._layers.scale.colour
        land = self._layers.palette.land
        return {code: colour(rows[code]) if code in rows else land for code in self._departments}

    def said(self, answer: Answer) -> dict[str, str]:
        """What is said of each département of the region, on hovering."""
        rows, rate = _by_department(answer), self._layers.rate
        return {code: deck.said(code, rows.get(code), rate) for code in self._departments}

    def marks(self, lines: Sequence[Line]) -> dict[str, str]:
        """The symbol of each establishment that the map ever shows, the empty text for one that is not in `lines`."""
        states = {line.finess: places.state(line, self._layers.volet) for line in lines}
        numbers = sorted(place.line.finess for place in self._layers.places)
        return {finess: self._symbol(states[finess]) if finess in states else "" for finess in numbers}

    def counts(self, lines: Sequence[Line]) -> dict[str, str]:
        """How many establishments are in each state, as the legend says it."""
        found = [places.state(line, self._layers.volet) for line in lines]
        return {state.value: french.number(found.count(state)) for state in State}

    def svg(self, width: int = 1200, height: int = 450) -> str:
        """The picture. Its letters are at least 16 units high, and nothing is cut off by anything but its own corners.

        It consists of paths (`M`, corners, `Z`), rects, circles, texts, groups that are moved and scaled, and uses of
        symbols. Départements are paths with `data-department`; establishments are uses with `data-finess`, of a symbol
        for each state, without an `href` when they are no longer there. What is said of an establishment on hovering
        ends with a line that is the `data-label` of its symbol. The legend's numbers are texts with `data-count`.
        """
        palette, several = self._layers.palette, len(self._frames) > 1
        layout = replace(_LETTERS, maps=width - _CLASSES - _STATES - 2 * _GAP)
        row = frames.beside(self._frames, layout.maps, height - HEAD * several)
        layers = replace(self._layers, shrinkage=round(frames.shrinkage([row]) * _LARGER, 2))
        rows = tuple(row for answer in self._answers for row in answer.rows)
        ever = replace(layers, answer=replace(layers.answer, rows=rows))
        classes, *marked = legend.parts(ever, self._lines, self._programme)
        drawing = _Changing(layout, layers, self.marks(self._lines))
        left = layout.maps + _GAP
        keys = (
            drawing.key([classes], left, 0, _CLASSES),
            drawing.key(marked, left + _CLASSES + _GAP, 0, _STATES),
        )
        symbols = "".join(
            f'<symbol id="{self._symbol(state)}" data-label="{STATE_LABELS[state]}" '
            f'viewBox="0 0 {marks.SIDE} {marks.SIDE}">{marks.drawing(state, palette)}</symbol>'
            for state in State
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" xml:lang="fr" '
            f"{writing.attribute('aria-label', self.description)} "
            f'font-family="{writing.FONTS}" fill="{palette.text}">'
            f"<defs>{symbols}</defs>{drawing.maps([row], 0, 0, titled=several)[0]}"
            f"{''.join(key.drawn for key in keys)}</svg>"
        )

    def _symbol(self, state: State) -> str:
        return f"{self.name}-{state.value}"


class _Changing(Drawing):
    """Draws what can be changed afterwards, and cuts shapes off itself where a map ends."""

    def __init__(self, layout: Layout, layers: deck.Layers, symbols: Mapping[str, str]) -> None:
        super().__init__(layout, layers)
        self._symbols = symbols
        self._rings: dict[str, list[list[Point]]] = {}
        self._taken: list[tuple[Point, float]] = []
        self._said = {place.line.finess: _said(place) for place in layers.places}

    def panel(self, panel: Panel, inside: str) -> str:
        self._rings.clear()
        self._taken.clear()
        return f'<g data-map="{panel.frame.key}" stroke-linejoin="round">{inside}</g>'

    def outline(self, panel: Panel, feature: Datum, fill: str, stroke: str) -> str:
        rings, size = panel.rings(feature["geometry"]), (panel.width, panel.height)
        if fill == "none":
            d = path([line for ring in rings for line in clip.lines(ring, *size)], close="")
            return f'<path d="{d}" fill="none"{stroke}/>' if d else ""
        rings = [left for ring in rings if (left := clip.ring(ring, *size))]
        code, said = "", ""
        if properties := feature.get("properties"):
            self._rings[properties["code"]] = rings
            code, said = f' data-department="{properties["code"]}"', writing.hover(properties["said"])
        return f'<path{code} d="{path(rings)}" fill="{fill}" fill-rule="evenodd"{stroke}>{said}</path>' if rings else ""

    def mark(self, panel: Panel, datum: Datum, state: State, at: Point, size: float) -> str:
        x, y = at[0] - size / 2, at[1] - size / 2
        if not (-size < x < panel.width and -size < y < panel.height):
            return ""
        self._taken.append((at, size / 2))
        finess, symbol = datum["finess"], self._symbols[datum["finess"]]
        shown = f' href="#{symbol}"' if symbol else ""
        return (
            f'<use {writing.attribute("data-finess", finess)}{shown} x="{x:.1f}" y="{y:.1f}" '
            f'width="{size:.1f}" height="{size:.1f}">{self._said[finess]}</use>'
        )

    def code(self, panel: Panel, code: str, middle: Point) -> Point | None:
        if panel.frame.part and code not in panel.frame.part:
            return None
        size = self.layout.code
        return naming.free_place(middle, (0.7 * len(code) * size, size), self._rings[code], self._taken)

    def count(self, state: State) -> str:
        return f'{super().count(state)} data-count="{state.value}"'


def _said(place: places.Place) -> str:
    name = ", ".join(filter(None, (place.line.name, place.line.establishment["commune_name"])))
    return writing.hover(french.typographic(f"{name}\n{STATE_LABELS[place.state]}"))


def _by_department(answer: Answer) -> Mapping[str, Mapping[str, object]]:
    return {row["department"]: row for row in answer.rows}
