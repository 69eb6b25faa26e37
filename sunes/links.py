"""Addresses to share: of a page and its View, as a picture to scan, as HTML to put into a page of an intranet."""

from functools import lru_cache
from html import escape
from io import BytesIO
from urllib.parse import urlencode, urlsplit

import segno

from sunes.view import View

# What the framework leaves out of an embedded page: its menu and its margins.
EMBEDDED = {"embed": "true"}

# Light round the modules of a QR code, in modules: what its standard asks for.
_QUIET = 4


def query(view: View, **extra: str) -> str:
    """A View as the parameters of an address: « region=76&snapshot=2024-06-30~1 »; empty for all of the latest."""
    return urlencode(view.to_params() | extra, safe=",~")


def page(base: str, path: str, view: View, **extra: str) -> str:
    """The address of a page that shows a View.

    Parameters
    ----------
    base
        The address of the site or, with an empty `path`, of the page itself, without parameters.
    path
        The page's path in the site: « carte ».
    view
        Pin its snapshot to a revision (`2024-06-30~1`) for an address that shows the same for ever.
    extra
        More parameters: `embed="true"`.
    """
    address = f"{base.rstrip('/')}/{path}" if path or not urlsplit(base).path else base
    asked = query(view, **extra)
    return f"{address}?{asked}" if asked else address


def iframe(address: str, title: str) -> str:
    """The HTML that shows an embedded page (see EMBEDDED) in another one."""
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="100%" height="800" '
        'style="border: 0" loading="lazy" allow="fullscreen; clipboard-write"></iframe>'
    )


@lru_cache(maxsize=256)
def qr_svg(address: str) -> str:
    """A QR code as an `<svg>` element that scales with its place, dark on light whatever is around it.

    Empty where an address is too long for any (some 2,300 characters). It has no name: its place says what it is.
    """
    try:
        # The smallest code that still reads with a seventh of it spoilt.
        code = segno.make_qr(address, error="m")
    except segno.DataOverflowError:
        return ""
    svg = BytesIO()
    code.save(svg, kind="svg", border=_QUIET, dark="#000", light="#fff", xmldecl=False, nl=False, omitsize=True)
    return svg.getvalue().decode()
