"""What every document holds, whatever its slides: styles, scripts, plotly.js."""

import gzip
from base64 import b64encode
from functools import cache
from pathlib import Path

from plotly.offline import get_plotlyjs

FOLDER = Path(__file__).parent / "files"

_STYLES = ("common.css", "stage.css", "page.css", "desk.css", "print.css")
# In the order in which they need each other: together they are one script.
_SCRIPTS = (
    "elements.js",
    "charts.js",
    "pictures.js",
    "fit.js",
    "stage.js",
    "overlays.js",
    "desk.js",
    "live.js",
    "start.js",
)


@cache
def style() -> str:
    """The styles of all layouts and of paper."""
    return "\n".join(_read(name) for name in _STYLES)


@cache
def script() -> str:
    """What moves the slides."""
    return '(() => {\n"use strict";\n' + "\n".join(_read(name) for name in _SCRIPTS) + "\n})();"


@cache
def plotly() -> str:
    """plotly.js, as its package has it."""
    source: str = get_plotlyjs()
    return source


@cache
def packed_plotly() -> str:
    """plotly.js, gzipped, as base64: a third of its size. The same bytes each time."""
    return b64encode(gzip.compress(plotly().encode(), compresslevel=9, mtime=0)).decode()


def _read(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
