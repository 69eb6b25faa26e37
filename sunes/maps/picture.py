"""The maps of a page and their legend as one picture: an SVG file that needs nothing else, wherever it is put."""

from collections.abc import Sequence

from sunes.figures.palette import MAP_LIGHT, MapPalette
from sunes.insights.comparison import Rate
from sunes.manifest import Manifest
from sunes.maps import deck, frames, legend, words, writing
from sunes.maps.drawing import Drawing, Layout
from sunes.maps.writing import Block
from sunes.metrics import Answer
from sunes.programme import Programme
from sunes.roster import Line

_WIDTH, _MARGIN = 1600, 40
_WITHIN = _WIDTH - 2 * _MARGIN
_LEGEND, _BESIDE = 280, 32  # the legend's width, and the space between it and the maps
_LAYOUT = Layout(maps=_WITHIN - _LEGEND - _BESIDE, small=14, text=15, heading=17, code=14)


def svg(
    rate: Rate,
    answer: Answer,
    lines: Sequence[Line],
    programme: Programme,
    manifest: Manifest,
    palette: MapPalette = MAP_LIGHT,
    withheld: int = 0,
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
    withheld
        How many other establishments may not be seen (see `Roster`).
    """
    rows = frames.arrange(frames.frames(row["region"] for row in answer.rows), _LAYOUT.maps)
    layers = deck.layers(rate, answer, lines, programme, rows, palette, withheld=withheld)
    title, origin = words.finding(rate, answer), words.origin(manifest)
    placed = [placed for row in rows for column in row for placed in column.placed]
    head = Block(_MARGIN, _MARGIN, _WITHIN)
    head.write(title, 28, bold=True)
    head.write(origin, 17, bold=manifest.simulated)
    head.write(words.filters(answer.view, programme), 17)
    top = head.y + 18
    drawing = Drawing(_LAYOUT, layers)
    maps, maps_end = drawing.maps(rows, _MARGIN, top)
    explained = drawing.key(legend.parts(layers, lines, programme), _WIDTH - _MARGIN - _LEGEND, top, _LEGEND)
    foot = Block(_MARGIN, max(maps_end, explained.y) + 18, _WITHIN)
    for text in words.footnotes(manifest, lines, withheld):
        foot.write(text, 14)
    height = round(foot.y + _MARGIN - 10)
    described = " ".join([f"{origin}.", *(words.describe(layers, lines, each.frame) for each in placed)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'role="img" xml:lang="fr" font-family="{writing.FONTS}" fill="{palette.text}">'
        f"<title>{writing.xml(title)}</title><desc>{writing.xml(described)}</desc>"
        f'<rect width="{_WIDTH}" height="{height}" fill="{palette.paper}"/>'
        f"{head.drawn}{maps}{explained.drawn}{foot.drawn}</svg>\n"
    )
