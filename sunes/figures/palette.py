"""The colours and what each one means, everywhere in the product. Colour is never alone: a label says the same."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by meaning. They stay apart for protanopes, deuteranopes and tritanopes (OKLab distance ≥ 0.11)."""

    volets: tuple[str, ...]
    target: str
    participation: str
    text: str

    def volet(self, rank: int) -> str:
        """The colour of the volet that stands at `rank` (from 0) in the programme."""
        return self.volets[rank % len(self.volets)]


LIGHT = Palette(volets=("#0a6c8c", "#9285c9"), target="#d0640b", participation="#2f3b42", text="#2f3b42")
DARK = Palette(volets=("#6cc4de", "#7f73c4"), target="#f0a04b", participation="#dbe3e8", text="#dbe3e8")

# On a page the browser knows whether the theme is light or dark: Streamlit puts its n-th categorical colour, set in
# `.streamlit/config.toml`, where a figure says #00000n, and its own text colour for #000037.
SCREEN = Palette(volets=("#000001", "#000002"), target="#000003", participation="#000004", text="#000037")
