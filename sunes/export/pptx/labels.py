"""Labels of single points: which ones are shown, and where they hide nothing."""

from collections.abc import Iterable, Sequence
from itertools import pairwise, product
from typing import Any

from pptx.enum.chart import XL_LABEL_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from sunes.export.pptx import text
from sunes.export.pptx.frame import SMALL
from sunes.export.pptx.place import POINT
from sunes.export.pptx.text import Style
from sunes.figures.palette import Theme

Spot = tuple[float, float]  # pixels to the right and down

_MARK = 7  # half of a mark, in pixels, with what parts it from its label
_AROUND = (
    (XL_LABEL_POSITION.ABOVE, (0.0, -1.0)),
    (XL_LABEL_POSITION.RIGHT, (1.0, 0.0)),
    (XL_LABEL_POSITION.BELOW, (0.0, 1.0)),
    (XL_LABEL_POSITION.LEFT, (-1.0, 0.0)),
)


class Placed:
    """Labels round marks: each stands where it covers no mark and no other label, or is left out.

    Better off the lines than on one of them.
    """

    def __init__(self, marks: Sequence[Spot], lines: Iterable[Sequence[Spot]] = ()) -> None:
        self._lines = [
            (x, min(y, next_y) - 1, next_x, max(y, next_y) + 1)
            for line in lines
            for (x, y), (next_x, next_y) in pairwise(line)
        ]
        self._taken = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in marks]

    def position(self, label: str, spot: Spot) -> Any | None:
        """Where the label of a mark stands, None where there is no room."""
        wide, high = text.width(label, SMALL) / POINT, SMALL * text.LINE / POINT
        for on_a_line, (position, (right, down)) in product((False, True), _AROUND):
            x, y = spot[0] + right * (_MARK + 1 + wide / 2), spot[1] + down * (_MARK + 1 + high / 2)
            place = x - wide / 2, y - high / 2, x + wide / 2, y + high / 2
            others = self._taken if on_a_line else [*self._taken, *self._lines]
            if not any(_meet(place, other) for other in others):
                self._taken.append(place)
                return position
        return None


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def write(drawn: Any, at: int, words: str, position: Any, theme: Theme) -> None:
    """Give a point of a series a label of its own."""
    label = drawn.points[at].data_label
    text.write(label.text_frame, [(words, Style(SMALL, colour=theme.text))])
    label.text_frame.word_wrap = False
    label.position = position


def show(drawn: Any, at: int, position: Any, theme: Theme) -> None:
    """Show the value of a point of a series."""
    label = drawn.points[at].data_label
    label.position = position
    label.font.size, label.font.bold = Pt(SMALL), True
    label.font.color.rgb = text.rgb(theme.text)
    label._dLbl.find(qn("c:showVal")).set("val", "1")


def hide(drawn: Any, places: Iterable[int]) -> None:
    """Hide the labels of some points of a series that has labels."""
    shown = drawn._element.find(qn("c:dLbls"))
    for rank, at in enumerate(places):
        gone = f'<c:dLbl {nsdecls("c")}><c:idx val="{at}"/><c:delete val="1"/></c:dLbl>'
        shown.insert(rank, parse_xml(gone))
