"""One slide: its title, where its sentences, key figures and visuals stand, and what its foot says."""

from collections.abc import Sequence
from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.presentation import Presentation as File
from pptx.util import Pt

from sunes import links
from sunes.deck.slide import Listing, Presentation, Slide
from sunes.export.pptx import drawing, template, text, visuals
from sunes.export.pptx.place import EMU, POINT, WIDTH, Box
from sunes.export.pptx.text import Style

_MARGIN, _GAP = 56, 28
_HEAD, _TITLE, _BOTTOM = 28, 58, 646  # where the kicker, the title and the foot begin
_TITLE_HEIGHT = 96
_QR = Box(WIDTH - _MARGIN - 104, 20, 104, 104)
_BADGE = (168, 28)
_SIMULATED, _LINK = "Données simulées", "Retrouver ces chiffres dans sunes"
_FOOTER, _NUMBER = 11, 12  # placeholders of both layouts, by `idx`

# The largest and smallest sizes of text, in points: on the cover, on the other slides.
_TITLE_SIZES = (50, 28), (30, 18)
_KICKER_SIZES = (22, 14), (16, 12)
_ALONE, _WITH_VISUALS, _WITH_TABLES = (24, 12), (18, 12), (16, 12)
_SPACE = 0.5  # between paragraphs, of their size


def add(file: File, slide: Slide, presentation: Presentation, base: str | None) -> None:
    """Add a slide to a file."""
    made = file.slides.add_slide(file.slide_layouts[template.TITLE if slide.kind == "title" else template.CONTENT])
    page = _Page(made, slide, presentation, links.page(base, slide.page, slide.view) if base else "")
    if slide.kind == "title":
        page.cover()
    else:
        page.content()
    page.foot(len(file.slides))
    text.speak_french(made.element)
    if slide.notes:
        notes = made.notes_slide
        notes.notes_placeholder.text_frame.text = "\n".join(map(text.legible, slide.notes.splitlines()))
        text.speak_french(notes.element)


class _Page:
    """A slide while it is made, in the order in which it is read aloud."""

    def __init__(self, made: Any, slide: Slide, presentation: Presentation, address: str) -> None:
        self._made, self._slide, self._presentation, self._address = made, slide, presentation, address
        self._shapes = made.shapes
        self._right = _QR.left - _GAP if address else WIDTH - _MARGIN  # where the head ends
        for shape, source in zip(made.placeholders, made.slide_layout.iter_cloneable_placeholders(), strict=True):
            shape.name = source.name

    def cover(self) -> None:
        """The title of the deck, and what it is about."""
        self._fill(self._shapes.title, [self._slide.title], _TITLE_SIZES[0], bold=True)
        self._kicker(self._placeholder(template.KICKER), _KICKER_SIZES[0])
        self._fill(self._placeholder(template.SUBTITLE), self._slide.paragraphs, _KICKER_SIZES[0])
        self._beside_the_head()

    def content(self) -> None:
        """Title, sentences, then key figures, then visuals: beside the figures if there are both."""
        slide = self._slide
        area = self._body(self._head())
        if slide.figures and slide.visuals:
            left, area = area.columns((9, 13), _GAP)
            visuals.figures(self._shapes, slide.figures, left, 2 if len(slide.figures) > 2 else 1, self._theme)
        elif slide.figures:
            visuals.figures(self._shapes, slide.figures, area, min(4, len(slide.figures)), self._theme)
        visuals.add(self._shapes, slide.visuals, slide.title, area, self._theme)

    def foot(self, number: int) -> None:
        """Date, source and number of the slide, and the way to the same figures in the product."""
        footer = self._latent(_FOOTER)
        frame = footer.text_frame
        said = text.legible(self._presentation.footer)
        if self._presentation.simulated and said.startswith(_SIMULATED):
            run = frame.paragraphs[0].add_run()
            run.text, run.font.bold = _SIMULATED, True
            said = said.removeprefix(_SIMULATED)
        frame.paragraphs[0].add_run().text = said
        if self._address:
            link = frame.add_paragraph().add_run()
            link.text = _LINK
            link.hyperlink.address = self._address
        size = text.fitting([paragraph.text for paragraph in frame.paragraphs], _room(footer), (12, 8))
        for run in (run for paragraph in frame.paragraphs for run in paragraph.runs):
            run.font.size = Pt(size)
        field = '<a:fld {} id="{{5C1D7A30-2B7F-4E0B-9C55-0D3A5B6E7F10}}" type="slidenum"><a:rPr/><a:t>{}</a:t></a:fld>'
        self._latent(_NUMBER).text_frame.paragraphs[0]._p.append(parse_xml(field.format(nsdecls("a"), number)))

    # Parts ------------------------------------------------------------------------------------------------------------

    def _head(self) -> float:
        """The title, under what it is about; returns where it ends."""
        title, kicker = self._shapes.title, self._placeholder(template.KICKER)
        place = Box(_MARGIN, _TITLE, self._right - _MARGIN, _TITLE_HEIGHT)
        size = text.fitting([self._slide.title], place.points, _TITLE_SIZES[1], bold=True)
        high = text.height([self._slide.title], size, place.points[0], bold=True) / POINT
        _move(title, place.first(max(high, 1)))
        self._fill(title, [self._slide.title], (size, size), bold=True)
        badge = _BADGE[0] + _GAP if self._presentation.simulated else 0
        _move(kicker, Box(_MARGIN, _HEAD, self._right - _MARGIN - badge, _TITLE - _HEAD))
        self._kicker(kicker, _KICKER_SIZES[1])
        self._beside_the_head()
        return max(_TITLE + high, _QR.bottom if self._address else 0)

    def _kicker(self, shape: Any, sizes: tuple[int, int]) -> None:
        """What the slide is about, in one line."""
        short = text.shortened(text.legible(self._slide.kicker), sizes[1], _room(shape)[0], 1, bold=True)
        self._fill(shape, [short], sizes, bold=True)

    def _body(self, top: float) -> Box:
        """The sentences; returns what is left under them."""
        slide, body = self._slide, self._placeholder(template.BODY)
        area = Box(_MARGIN, top, WIDTH - 2 * _MARGIN, _BOTTOM - top).below(14)
        if not slide.paragraphs:
            _drop(body)
            return area
        alone = not (slide.figures or slide.visuals)
        room = area if alone else area.first(area.height * 0.3)
        tables = any(isinstance(visual, Listing) for visual in slide.visuals)
        sizes = _ALONE if alone else _WITH_TABLES if tables else _WITH_VISUALS
        size = text.fitting(slide.paragraphs, room.points, sizes, gap=_SPACE)
        used = text.height(slide.paragraphs, size, area.points[0], gap=_SPACE * size) / POINT + 4
        _move(body, area if alone else area.first(used))
        self._fill(body, slide.paragraphs, (size, size))
        return area.below(used + 16)

    def _beside_the_head(self) -> None:
        """That the data are simulated, where they are; a QR code that leads to them."""
        if self._presentation.simulated:
            place = Box(self._right - _BADGE[0], _HEAD - 5, *_BADGE)
            badge = self._shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *place.emu)
            badge.name = _SIMULATED
            badge.adjustments[0] = 0.5
            badge.shadow.inherit = False
            badge.fill.background()
            badge.line.color.rgb, badge.line.width = text.rgb(self._theme.charts.target), Pt(1.5)
            text.margins(badge.text_frame, anchor=MSO_ANCHOR.MIDDLE)
            style = Style(13, bold=True, colour=self._theme.text, align=PP_ALIGN.CENTER)
            text.write(badge.text_frame, [(_SIMULATED, style)])
        if self._address:
            drawing.qr(self._shapes, self._address, _QR)

    @property
    def _theme(self) -> Any:
        return self._presentation.theme

    def _placeholder(self, idx: int) -> Any:
        return next(each for each in self._made.placeholders if each.placeholder_format.idx == idx)

    def _fill(self, shape: Any, paragraphs: Sequence[str], sizes: tuple[int, int], *, bold: bool = False) -> None:
        """Fill a placeholder at the largest size that fits; without a text it goes."""
        said = [words for words in map(text.legible, paragraphs) if words]
        if not said:
            _drop(shape)
            return
        size = text.fitting(said, _room(shape), sizes, bold=bold, gap=_SPACE)
        styles = (Style(size, before=_SPACE * size if rank else 0) for rank in range(len(said)))
        text.write(shape.text_frame, list(zip(said, styles, strict=True)))

    def _latent(self, idx: int) -> Any:
        """A placeholder of the layout that slides don't have by themselves."""
        source = next(each for each in self._made.slide_layout.placeholders if each.placeholder_format.idx == idx)
        self._shapes.clone_placeholder(source)
        shape = self._placeholder(idx)
        shape.name = source.name
        return shape


def _room(shape: Any) -> tuple[float, float]:
    return shape.width / EMU * POINT, shape.height / EMU * POINT


def _move(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = box.emu


def _drop(shape: Any) -> None:
    shape._element.getparent().remove(shape._element)
