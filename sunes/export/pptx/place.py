"""Places on a slide of 1280 × 720 pixels of 1/96 inch, as the deck has it on the screen."""

from collections.abc import Sequence
from dataclasses import dataclass

from pptx.util import Emu

WIDTH, HEIGHT = 1280, 720
EMU = 9525  # in a pixel
POINT = 0.75  # in a pixel


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[Emu, Emu, Emu, Emu]:
        """Left, top, width and height as PowerPoint has them."""
        left, top, width, height = (Emu(round(n * EMU)) for n in (self.left, self.top, self.width, self.height))
        return left, top, width, height

    @property
    def points(self) -> tuple[float, float]:
        """Its width and height in points."""
        return self.width * POINT, self.height * POINT

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def below(self, height: float) -> "Box":
        """What is left under its first `height` pixels."""
        return Box(self.left, self.top + height, self.width, max(0.0, self.height - height))

    def first(self, height: float) -> "Box":
        """Its first `height` pixels."""
        return Box(self.left, self.top, self.width, height)

    def columns(self, shares: Sequence[float], gap: float) -> list["Box"]:
        """Side by side, as wide as their shares say."""
        room = (self.width - gap * (len(shares) - 1)) / sum(shares)
        lefts = [self.left + sum(shares[:rank]) * room + rank * gap for rank in range(len(shares))]
        return [Box(left, self.top, share * room, self.height) for left, share in zip(lefts, shares, strict=True)]

    def rows(self, count: int, gap: float) -> list["Box"]:
        """One above the other, equally high."""
        height = (self.height - gap * (count - 1)) / count
        return [Box(self.left, self.top + rank * (height + gap), self.width, height) for rank in range(count)]

    def stack(self, heights: Sequence[float], gap: float) -> list["Box"]:
        """One above the other, as high as wished or, where that is too much, as high in proportion."""
        share = min(1.0, (self.height - gap * (len(heights) - 1)) / sum(heights))
        tops = [self.top + sum(heights[:rank]) * share + rank * gap for rank in range(len(heights))]
        return [Box(self.left, top, self.width, high * share) for top, high in zip(tops, heights, strict=True)]
