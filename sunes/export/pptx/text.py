"""Text on slides: legible whatever it holds, French, and as large as its place allows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.text.text import TextFrame
from pptx.util import Emu, Pt

LINE = 1.17  # the height of a line, of its size
_LANGUAGE = "fr-FR"

# What XML can't carry or nobody can see. Line ends are spaces: a text here is a paragraph.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")

# How wide Arial's letters are, in thousandths of their size; those that are not here have about _WIDTH.
_WIDTHS = {
    letter: width
    for width, letters in (
        (139, "\u202f"), (191, "'"), (222, "ijl’‘"), (260, "|¦"), (278, " !,./:;I[\\]ft\u00a0·ÎÏîï"),
        (334, "()-`r“”\u2010{}"),
        (355, '"'), (389, "*°"), (500, "Jcksvxyzç"), (611, "FTZ"), (667, "&ABEKPSVXYÀÂÉÈÊË"), (722, "CDHNRUwÇÙÛ"),
        (778, "GOQÔ"), (833, "Mm"), (889, "%æ"), (944, "Wœ"), (1000, "@Æ—…Œ→"),
    )
    for letter in letters
}  # fmt: skip
_WIDTH, _WIDE = 556, 1000
_BOLD = 1.08


@dataclass(frozen=True, slots=True)
class Style:
    """How a paragraph is written; sizes in points, `colour` as `#rrggbb`, that of its place if it is empty."""

    size: float
    bold: bool = False
    colour: str = ""
    align: PP_ALIGN | None = None
    before: float = 0  # points above it


def legible(text: str) -> str:
    """A text as a file can hold it, as one paragraph."""
    return _UNSEEN.sub(" ", text).strip()


def width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is in one line, in points."""
    thousandths = sum(_WIDTHS.get(sign) or (_WIDE if ord(sign) > 0x2E7F else _WIDTH) for sign in text)
    return thousandths * size * (_BOLD if bold else 1) / 1000


def lines(text: str, size: float, room: float, *, bold: bool = False) -> int:
    """About how many lines of `room` points a text takes, broken at spaces and hyphens, and inside endless words."""
    count, used = 1, 0.0
    for word in re.findall(r"[^ -]*[ -]?", text):
        long = width(word.rstrip(" "), size, bold=bold)
        if used and used + long > room:
            count, used = count + 1, 0.0
        count += int(long // room)
        used = long % room if long > room else used + width(word, size, bold=bold)
    return count


def height(texts: Iterable[str], size: float, room: float, *, bold: bool = False, gap: float = 0) -> float:
    """About how high paragraphs are in `room` points, with `gap` between them, in points."""
    heights = [lines(text, size, room, bold=bold) * size * LINE for text in texts]
    return sum(heights) + gap * max(0, len(heights) - 1)


def fitting(
    texts: Sequence[str],
    room: tuple[float, float],
    sizes: tuple[int, int],
    *,
    bold: bool = False,
    gap: float = 0.0,
) -> int:
    """The largest size, from the first of `sizes` down to the second, at which paragraphs fit a width and a height.

    These are in points; `gap`, between paragraphs, is a share of the size.
    """
    across, down = room
    largest, smallest = sizes
    for size in range(largest, smallest, -1):
        if height(texts, size, across, bold=bold, gap=gap * size) <= down:
            return size
    return smallest


def shortened(text: str, size: float, room: float, rows: int, *, bold: bool = False) -> str:
    """A text, its end left out where it would take more than `rows` lines of `room` points."""
    short = text
    while short and lines(short if short == text else f"{short}…", size, room, bold=bold) > rows:
        short = short[: int(len(short) * 0.93)].rstrip()
    return short if short == text else f"{short}…"


def write(frame: TextFrame, paragraphs: Sequence[tuple[str, Style]]) -> None:
    """Fill a frame with paragraphs, instead of what it holds."""
    frame.word_wrap = True
    frame.clear()
    for rank, (text, style) in enumerate(paragraphs):
        paragraph = frame.add_paragraph() if rank else frame.paragraphs[0]
        if not (said := legible(text)):
            paragraph._p.append(parse_xml(f'<a:endParaRPr {nsdecls("a")} sz="{round(style.size * 100)}"/>'))
            continue
        run = paragraph.add_run()
        run.text = said
        run.font.size = Pt(style.size)
        if style.bold:
            run.font.bold = True
        if style.colour:
            run.font.color.rgb = rgb(style.colour)
        if style.align is not None:
            paragraph.alignment = style.align
        if style.before:
            paragraph.space_before = Pt(style.before)


def margins(frame: TextFrame, across: int = 0, down: int = 0, anchor: MSO_ANCHOR = MSO_ANCHOR.TOP) -> None:
    """The space between a frame's edge and its text, in EMU."""
    frame.margin_left = frame.margin_right = Emu(across)
    frame.margin_top = frame.margin_bottom = Emu(down)
    frame.vertical_anchor = anchor


def alternative(shape: Any, title: str, description: str) -> None:
    """Say what stands for a shape where it is not seen."""
    properties = shape._element[0].find(qn("p:cNvPr"))
    shape.name = legible(title)
    properties.set("title", legible(title))
    properties.set("descr", legible(description) or legible(title))


def speak_french(part: Any) -> None:
    """Say of all text of a part's element that it is French, for who reads it aloud or checks its spelling."""
    for name in ("a:rPr", "a:defRPr", "a:endParaRPr"):
        for properties in part.iter(qn(name)):
            properties.set("lang", _LANGUAGE)


def rgb(colour: str) -> RGBColor:
    """`#rrggbb` as PowerPoint has it."""
    return RGBColor(*bytes.fromhex(colour.lstrip("#")))
