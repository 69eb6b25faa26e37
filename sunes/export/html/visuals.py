"""Charts, maps and tables as the document holds them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from plotly.io import to_json

from sunes import french
from sunes.deck.slide import Chart, Moment, Picture, Records, Slide
from sunes.figures.palette import Theme
from sunes.figures.sketch import Drawn

# Fonts that systems have, by name: what `system-ui` means on Linux may be a third wider than the figures reckon with.
FONTS = "'Segoe UI', -apple-system, BlinkMacSystemFont, Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"

# What the browser offers over a chart: what its marks say, and nothing else.
CONFIG: Mapping[str, Any] = {
    "displayModeBar": False,
    "doubleClick": False,
    "locale": "fr",
    "locales": {"fr": {"dictionary": {}, "format": {"decimal": ",", "thousands": french.NARROW_NBSP}}},
    "scrollZoom": False,
    "showTips": False,
}

# Cells that stand on the right: « 79,9 % », « 12 345 », « −4,3 points », « – ».
_NUMBER = re.compile(rf"[<>+{french.MINUS}]?\s*\d[\d\s]*(,\d+)?(\s*(%|points?|€|k€|M€))?|[{french.UNKNOWN_MARK}=]?")


# Longer than any word, but for those that somebody made up or ran together.
_ENDLESS = re.compile(r"\S{28,}")
_BREAK = "\0"  # in no text that was read from a file
_HYPHENATED = re.compile(r"([^\s(]{1,20}-[^\s)]{1,20})")
_PIECE = re.compile(r"\S{14}(?=\S)")


def soft(text: str) -> Markup:
    """Text as HTML, in which a word without end may be broken, where a column of a table is narrower than that."""
    pieces = _ENDLESS.sub(lambda word: _PIECE.sub(rf"\g<0>{_BREAK}", word[0]), text).split(_BREAK)
    return Markup("<wbr>").join(pieces)


def whole(text: str) -> Markup:
    """Text as HTML in which « Val-d’Oise » stays on one line."""
    pieces = _HYPHENATED.split(text)
    return Markup().join(
        Markup('<span class="whole">{}</span>').format(p) if n % 2 else p for n, p in enumerate(pieces)
    )


def template(theme: Theme) -> dict[str, Any]:
    """What all charts have in common, for plotly.js."""
    axis = {
        "automargin": True,
        "gridcolor": theme.line,
        "linecolor": theme.line,
        "zerolinecolor": theme.line,
        # A gap, so that the lowest label of one axis keeps clear of the first one of the other.
        "ticks": "outside",
        "ticklen": 5,
        "tickcolor": "rgba(0,0,0,0)",
    }
    return {
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONTS, "color": theme.text, "size": 14},
            "colorway": [*theme.charts.volets, theme.charts.target, theme.charts.participation],
            "hoverlabel": {
                "bgcolor": theme.quiet,
                "bordercolor": theme.line,
                "font": {"color": theme.text, "size": 14},
            },
            "hovermode": "closest",
            "dragmode": False,
            "xaxis": axis,
            "yaxis": axis,
        }
    }


def embedded(content: Any) -> Markup:
    """JSON that can't end the script that holds it, nor a line of it."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def shown(slide: Slide, rank: int) -> dict[str, Any]:
    """What the template says of one of the visuals of a slide."""
    visual = slide.visuals[rank]
    key = f"{slide.id}-{rank + 1}"
    said: dict[str, Any] = {
        "key": key,
        "visual": visual,
        "kind": type(visual).__name__.lower(),
        "table": table(visual.records),
        # A single visual says what the slide says: once is enough.
        "titled": len(slide.visuals) > 1 or visual.title != slide.title,
        "moments": (),
    }
    if isinstance(visual, Chart):
        said["data"] = embedded(
            [_drawn(figure) for figure in (visual.figure, *(each.figure for each in visual.frames))]
        )
        said["moments"] = [frame.label for frame in visual.frames]
    elif isinstance(visual, Picture):
        said["svg"] = Markup(own_ids(visual.svg, key))
        said["moments"] = [moment.label for moment in visual.moments]
        said["data"] = embedded([_moment(moment, key) for moment in visual.moments])
    return said


def _moment(moment: Moment, key: str) -> dict[str, Any]:
    """What changes in a map at a moment; its symbols have the names that `own_ids` gave them."""
    marks = {finess: symbol and f"{key}-{symbol}" for finess, symbol in moment.marks.items()}
    return {"fills": moment.fills, "marks": marks, "said": moment.said, "counts": moment.counts}


def _drawn(figure: Drawn) -> dict[str, Any]:
    """A figure for plotly.js, without the template, which all of them share."""
    content: dict[str, Any] = json.loads(to_json(figure.to_dict(), validate=False))
    return content


def table(records: Records) -> dict[str, Any]:
    """Records as headers and rows of cells; a column of numbers is marked as such."""
    headers = list(records[0]) if records else []
    numeric = [all(_NUMBER.fullmatch(record[name]) for record in records) for name in headers]
    return {
        "headers": list(zip(headers, numeric, strict=True)),
        "rows": [[(record[name], number) for name, number in zip(headers, numeric, strict=True)] for record in records],
        "legend": any(french.UNKNOWN_MARK in record.values() for record in records) and french.UNKNOWN_LEGEND,
    }


def own_ids(svg: str, key: str) -> str:
    """An SVG element whose ids, and what refers to them, begin with `key`: several can stand in one document."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(\sid=")([^"]+")', rf"\1{key}-\2", svg)
    svg = re.sub(r'(\s(?:xlink:)?href="#)([^"]+")', rf"\1{key}-\2", svg)
    return re.sub(r"(url\(#)([^)]+\))", rf"\1{key}-\2", svg)
