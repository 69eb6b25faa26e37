"""A slide, whoever draws it: sentences, key figures, charts with the figures behind them. All of it is final French."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sunes.figures.palette import Theme
from sunes.figures.sketch import Drawn
from sunes.insights.key_figures import KeyFigure
from sunes.manifest import SnapshotId
from sunes.view import View

Records = Sequence[Mapping[str, str]]
Unit = Literal["rate", "count"]


# The same chart as plain series, for programs that draw their own ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Series:
    """One value per category or day, unrounded (a rate is a share of 1); None is not known. `colour` is `#rrggbb`."""

    name: str
    values: tuple[float | int | None, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars, the first category on top: side by side or, `stacked`, one after the other."""

    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines over days. A series that is `constant` (a target) is dotted."""

    days: tuple[date, ...]
    series: tuple[Series, ...]
    unit: Unit
    constant: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Marks:
    """Points of a scatter plot, or a line through them; each may have a label."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    colour: str
    line: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Points:
    """A scatter plot: `unit` is that of the vertical axis, the horizontal one counts."""

    series: tuple[Marks, ...]
    x_title: str
    unit: Unit


Native = Bars | Lines | Points


# What a slide shows ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """A moment of a chart that goes through time."""

    label: str
    figure: Drawn


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart in three forms: a Plotly figure in the theme's colours, plain series, and the records behind it.

    Attributes
    ----------
    name
        Names it within its deck, for ids and files: « comparaison-participation ».
    title
        What it shows, where that is not the title of the slide.
    figure
        With a height in pixels at which its text is about 14 pixels high; a slide draws it larger.
    reading
        How the marks of the figure are read. The plain series are drawn otherwise, and go without.
    description
        Its main figures in words, for those who don't see it.
    plain_description
        The same of the plain series, where `description` speaks of what these do not have (intervals, bars for lines).
    frames
        What it goes through, if movement means something; `figure` is the last of them.
    """

    name: str
    title: str
    figure: Drawn
    native: Native
    description: str
    records: Records
    reading: str = ""
    plain_description: str = ""
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A map as SVG that asks nothing of any network.

    Attributes
    ----------
    moments
        What it goes through: the SVG's paths whose `data-department` is a code, and whose fill changes from one
        moment to the next; and its uses with `data-finess`, whose `href` does.
    """

    name: str
    title: str
    svg: str
    description: str
    records: Records
    moments: tuple["Moment", ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A map at one moment: département → its colour, FINESS number → the id of its mark's symbol ("": not there).

    Attributes
    ----------
    said
        Département → what is said of it on hovering.
    counts
        State → the text of the legend's number whose `data-count` it is.
    """

    label: str
    fills: Mapping[str, str]
    marks: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """A table that the slide shows as it is."""

    name: str
    title: str
    records: Records
    description: str = ""


Visual = Chart | Picture | Listing


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide.

    Attributes
    ----------
    id
        Unique in its deck: « region-76 ».
    kicker
        What it is about, above the title: « Occitanie ».
    title
        What it finds, as one line or two.
    page, view
        Where the product shows the same, for the link and the QR code: the path of a page (« carte ») and its View.
    """

    id: str
    kind: str
    kicker: str
    title: str
    view: View
    page: str = ""
    paragraphs: tuple[str, ...] = ()
    figures: tuple[KeyFigure, ...] = ()
    visuals: tuple[Visual, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Presentation:
    """A deck with its figures in: all that a renderer needs.

    Attributes
    ----------
    footer
        What every slide says of its figures: the day, « données simulées », who published them.
    link
        The parameters that bring the same deck back, with the same figures.
    """

    title: str
    slides: tuple[Slide, ...]
    snapshot: SnapshotId
    simulated: bool
    footer: str
    theme: Theme
    view: View
    link: Mapping[str, str]
