"""Text in an SVG picture: lines, paragraphs, and what names from files need to be read as text."""

import re
from dataclasses import dataclass
from textwrap import wrap
from xml.sax.saxutils import escape, quoteattr

from sunes import french

FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif"
_LETTER = 0.56  # how wide a letter is at most on average, of its size

# What XML can't hold, however it is written.
_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Block:
    """A part of a picture, `width` wide, that is written from top to bottom; the next thing stands under `y`."""

    x: float
    y: float
    width: float
    drawn: str = ""

    def write(self, text: str, size: float, *, bold: bool = False) -> None:
        """A paragraph, in as many lines as it needs; none begins with a number."""
        for line in lines(re.sub(r" (?=\d)", french.NBSP, text), size, self.width):
            self.y += 1.3 * size
            self.drawn += line_of_text(line, self.x, self.y - 0.3 * size, size, bold=bold)


def lines(text: str, size: float, width: float) -> list[str]:
    """A text in lines that are no wider than `width`."""
    return wrap(text, int(width / (_LETTER * size)))


def line_of_text(
    text: str, x: float, y: float, size: float, *, bold: bool = False, style: str = 'text-anchor="start"'
) -> str:
    """A text on one line, which stands on `y`."""
    weight = 600 if bold else 400
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" {style}>{xml(text)}</text>'


def xml(text: str) -> str:
    """Text as it is read, whatever it contains."""
    return escape(_fit(text))


def attribute(name: str, text: str) -> str:
    """The attribute of an element, whatever the text contains."""
    return f"{name}={quoteattr(_fit(text))}"


def hover(text: str) -> str:
    """What a viewer shows of the element that this stands in, on hovering."""
    return f"<title>{xml(text)}</title>"


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)
