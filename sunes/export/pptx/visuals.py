"""Key figures as cards; charts, maps and tables in their places, each with what stands for it where it is not seen."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN

from sunes import french
from sunes.deck.slide import Listing, Picture, Visual
from sunes.export.pptx import charts, drawing, tables, text
from sunes.export.pptx.place import EMU, POINT, Box
from sunes.export.pptx.template import muted
from sunes.export.pptx.text import Style
from sunes.figures.palette import Theme
from sunes.insights.key_figures import KeyFigure

_GAP, _LISTINGS_GAP, _CARDS_GAP, _PADDING = 28, 16, 14, 14
_ACROSS = 3  # visuals side by side
_CARD_HEIGHT = 220
_VALUE, _SMALL, _CAPTION = (40, 16), (16, 10), (16, 12)  # sizes in points
_ASIDE = 12
_LEAST = (1, 1, 2, 1)  # lines of a card's four texts where they are too long for it


def figures(shapes: Any, shown: Sequence[KeyFigure], area: Box, across: int, theme: Theme) -> None:
    """Key figures as cards of one size, `across` side by side."""
    down = ceil(len(shown) / across)
    area = area.first(min(area.height, down * _CARD_HEIGHT))
    boxes = [box for row in area.rows(down, _CARDS_GAP) for box in row.columns((1,) * across, _CARDS_GAP)]
    room = Box(0, 0, boxes[0].width - 2 * _PADDING, boxes[0].height - _PADDING).points
    value = min(text.fitting([each.value], (room[0], room[1] * 0.4), _VALUE, bold=True) for each in shown)
    tall = max(text.height([each.value], value, room[0], bold=True) for each in shown)  # words may take two lines
    left = room[0], room[1] - tall - 4
    small = min(text.fitting([each.label, each.made_of, each.change], left, _SMALL) for each in shown)
    for figure, box in zip(shown, boxes, strict=False):
        _card(shapes, figure, box, (value, small), theme)


def add(shapes: Any, shown: Sequence[Visual], title: str, area: Box, theme: Theme) -> None:
    """The visuals of a slide with that title: tables one under the other, all else side by side."""
    if not shown:
        return
    listings = [visual for visual in shown if isinstance(visual, Listing)]
    if len(listings) == len(shown):
        said = [_caption(each, title, area).height + _described(each, area) for each in listings]
        others = sum(said) + len(said) + _LISTINGS_GAP * (len(said) - 1)
        wanted = tables.heights([each.records for each in listings], area.width, others, area.height)
        boxes = area.stack([high + more + 1 for high, more in zip(wanted, said, strict=True)], _LISTINGS_GAP)
    else:
        down = ceil(len(shown) / _ACROSS)
        across = ceil(len(shown) / down)
        boxes = [box for row in area.rows(down, _GAP) for box in row.columns((1,) * across, _GAP)]
    for visual, box in zip(shown, boxes, strict=False):
        _visual(shapes, visual, title, box, theme)


def _visual(shapes: Any, visual: Visual, title: str, box: Box, theme: Theme) -> None:
    caption = _caption(visual, title, box)
    if caption.height:
        _write(shapes, visual.title, caption, Style(_caption_size(visual.title, box), bold=True))
        box = box.below(caption.height)
    if isinstance(visual, Listing):
        _listing(shapes, visual, title, box, theme)
    elif isinstance(visual, Picture):
        text.alternative(drawing.add(shapes, visual.svg, box), visual.title or title, visual.description)
    elif charts.is_empty(visual.native):
        _write(shapes, visual.description or french.UNKNOWN, box, Style(_CAPTION[0]))
    else:
        told = visual.plain_description or visual.description
        text.alternative(charts.add(shapes, visual, box, theme), visual.title or title, told)


def _caption(visual: Visual, title: str, box: Box) -> Box:
    """Where a visual's own title stands, the space under it included: nowhere if it is that of the slide."""
    if not visual.title or visual.title.split() == title.split():
        return box.first(0)
    size = _caption_size(visual.title, box)
    return box.first(text.height([visual.title], size, box.points[0], bold=True) / POINT + 8)


def _caption_size(title: str, box: Box) -> int:
    return text.fitting([title], (box.points[0], 3 * _CAPTION[1] * text.LINE), _CAPTION, bold=True)


def _described(listing: Listing, box: Box) -> float:
    """How high what is said under a table is, the space above it included."""
    if not listing.description:
        return 0
    return text.height([listing.description], _ASIDE, box.points[0]) / POINT + _CARDS_GAP


def _listing(shapes: Any, listing: Listing, title: str, box: Box, theme: Theme) -> None:
    under = _described(listing, box)
    bottom = box.top
    if listing.records:
        frame = tables.add(shapes, listing.records, box.first(box.height - under), theme)
        text.alternative(frame, listing.title or title, listing.description)
        bottom = (frame.top + frame.height) / EMU
    if under:
        place = Box(box.left, bottom + _CARDS_GAP, box.width, under - _CARDS_GAP)
        _write(shapes, listing.description, place, Style(_ASIDE, colour=muted(theme)))


def _card(shapes: Any, figure: KeyFigure, box: Box, sizes: tuple[int, int], theme: Theme) -> None:
    card = shapes.add_shape(MSO_SHAPE.RECTANGLE, *box.emu)
    card.name = f"Chiffre clé : {text.legible(figure.label)}"
    card.shadow.inherit = False
    card.fill.solid()
    card.fill.fore_color.rgb = text.rgb(theme.quiet)
    card.line.fill.background()
    text.margins(card.text_frame, _PADDING * EMU, _PADDING * EMU // 2, MSO_ANCHOR.MIDDLE)
    value, small = sizes
    said = [
        (figure.label, Style(small, True, theme.text, PP_ALIGN.LEFT)),
        (figure.value, Style(value, True, theme.text, PP_ALIGN.LEFT)),
        (figure.made_of, Style(small, False, theme.text, PP_ALIGN.LEFT)),
        (figure.change, Style(small, False, muted(theme), PP_ALIGN.LEFT, before=2)),
    ]
    room, down = box.width - 2 * _PADDING, box.height - _PADDING
    if sum(text.height([words], style.size, room * POINT, bold=style.bold) for words, style in said) > down * POINT:
        most = zip(said, _LEAST, strict=True)
        said = [(text.shortened(w, each.size, room * POINT, rows, bold=each.bold), each) for (w, each), rows in most]
    text.write(card.text_frame, [(words, style) for words, style in said if words])


def _write(shapes: Any, words: str, box: Box, style: Style) -> None:
    shape = shapes.add_textbox(*box.emu)
    text.margins(shape.text_frame)
    text.write(shape.text_frame, [(words, style)])
