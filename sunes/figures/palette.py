"""The colours and what each one means, everywhere in the product. Colour is never alone: a label says the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from sunes.roster import State


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


@dataclass(frozen=True, slots=True)
class MapPalette:
    """The colours of a map, as `#rrggbb`: a map is drawn where no theme reaches, so each theme has its own.

    Measured as OKLab distances for normal, protanope, deuteranope and tritanope vision: any two states differ by at
    least 0.09 (and each has a mark of its own), neighbouring classes of a scale by at least 0.06, and every class
    below the target from every class above it by at least 0.07. Marks have a contrast of at least 4.5:1 with `paper`,
    the disc that lies under each of them.

    Attributes
    ----------
    paper, land, border, outline
        What lies around France, its regions, the borders of départements and of the regions in question.
    unknown
        A département whose rate has no value.
    rates
        The classes of a rate without a target, the lowest first.
    below, above
        The classes under the target and from it on, the lowest first: the target stands between the two.
    """

    paper: str
    land: str
    border: str
    outline: str
    text: str
    unknown: str
    rates: tuple[str, ...]
    below: tuple[str, ...]
    above: tuple[str, ...]
    states: Mapping[State, str]


MAP_LIGHT = MapPalette(
    paper="#ffffff",
    land="#e9edef",
    border="#ffffff",
    outline="#2f3b42",
    text="#0c171d",
    unknown="#f6f8f9",
    rates=("#eef1f7", "#d5dcea", "#bcc6dd", "#a4b1cf", "#8c9cc1", "#7488b2"),
    below=("#d9802f", "#eeb070", "#f9dcb8"),
    above=("#c9e3ee", "#8cc2da", "#4a9abd"),
    states={
        State.ATTAINED: "#164c07",
        State.MISSED: "#9f1746",
        State.IN_PROGRESS: "#a06b01",
        State.NOT_EVALUATED: "#2567f1",
        State.ACCEPTED: "#4c1c67",
        State.APPLICANT: "#0e5e71",
        State.NOT_APPLICANT: "#717579",
    },
)
MAP_DARK = MapPalette(
    paper="#10181d",
    land="#222d33",
    border="#10181d",
    outline="#dbe3e8",
    text="#e6edf0",
    unknown="#182127",
    rates=("#27314a", "#35425f", "#455476", "#57688d", "#6b7da4", "#8294bb"),
    below=("#c4701f", "#8f561f", "#5e3f22"),
    above=("#1c4658", "#1f6685", "#2f97bd"),
    states={
        State.ATTAINED: "#befdb4",
        State.MISSED: "#d9625d",
        State.IN_PROGRESS: "#f2b958",
        State.NOT_EVALUATED: "#6793f3",
        State.ACCEPTED: "#af73aa",
        State.APPLICANT: "#80def6",
        State.NOT_APPLICANT: "#a8adb2",
    },
)


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of what is drawn outside a page: a slide, a file.

    Attributes
    ----------
    paper, quiet, line
        The background, that of a block on it, and thin lines.
    accent
        Of links and of what is active.
    """

    name: str
    charts: Palette
    maps: MapPalette
    paper: str
    quiet: str
    line: str
    text: str
    accent: str


# The same colours as those of the pages, in `.streamlit/config.toml`.
THEMES: Mapping[str, Theme] = {
    "light": Theme("light", LIGHT, MAP_LIGHT, "#ffffff", "#f1f5f7", "#cbd6dc", "#0c171d", "#0b6280"),
    "dark": Theme("dark", DARK, MAP_DARK, "#10181d", "#1a252b", "#3b4a52", "#e6edf0", "#58b7d3"),
}
