"""One HTML document of a deck: what is projected, what participants take away, what is printed."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sunes import links
from sunes.deck.slide import Presentation, Slide
from sunes.export.html import assets, visuals

Layout = Literal["deck", "page"]

_TEMPLATES = Environment(
    loader=FileSystemLoader(assets.FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


_TEMPLATES.filters |= {"soft": visuals.soft, "whole": visuals.whole}


@dataclass(frozen=True, slots=True)
class Live:
    """What a document asks of the server that serves it; absolute addresses or paths.

    Attributes
    ----------
    status
        Answers `{"said": …}`: a French sentence when newer data exist, or the empty text. Polled, to see whether the
        network is there as well.
    script
        Where plotly.js is.
    """

    status: str
    script: str


def document(
    presentation: Presentation, *, layout: Layout = "deck", base: str | None = None, live: Live | None = None
) -> str:
    """A deck as one HTML document: slides to project (`deck`), or the same ones below each other to read (`page`).

    The reader can switch between the two. The same input gives the same text.

    Parameters
    ----------
    base
        The address of the product, to which links and QR codes lead; None: there are none.
    live
        For a document that is served. Without it, the document holds all that it needs and asks nothing of any
        network.
    """
    script = assets.script()
    return _TEMPLATES.get_template("document.html").render(
        deck=presentation,
        origin=[(part, presentation.simulated and "simulées" in part) for part in presentation.footer.split(" · ")],
        slides=[_slide(slide, base) for slide in presentation.slides],
        layout=layout,
        live=live,
        fonts=Markup(visuals.FONTS),
        policy=_policy(script, live),
        style=Markup(assets.style()),
        script=Markup(script),
        plotly="" if live else Markup(assets.packed_plotly()),
        settings=visuals.embedded(
            {
                # What two windows must have in common to be in step.
                "deck": urlencode(presentation.link),
                "template": visuals.template(presentation.theme),
                "config": visuals.CONFIG,
                "live": {"status": live.status, "script": live.script} if live else None,
            }
        ),
    )


def _slide(slide: Slide, base: str | None) -> dict[str, object]:
    """What the template says of a slide."""
    address = base and links.page(base, slide.page, slide.view)
    return {
        "slide": slide,
        "visuals": [visuals.shown(slide, rank) for rank in range(len(slide.visuals))],
        "address": address,
        # With its quiet zone, always dark on light.
        "qr": Markup(links.qr_svg(address)) if address else "",
    }


def _policy(script: str, live: Live | None) -> str:
    """The document's Content-Security-Policy: nothing comes from anywhere but from the document and, live, its server.

    Only the scripts named run; they may write styles, and compile what WebGL needs, as plotly.js does.
    """
    rules = {
        "default-src": "'none'",
        "script-src": f"{_hash(script)} {_origin(live.script) if live else _hash(assets.plotly())} 'unsafe-eval'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    if live:
        rules["connect-src"] = _origin(live.status)
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(script: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "'self'"
