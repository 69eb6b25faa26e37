"""Pages under AppTest: what is folded away on them is only made once it is opened."""

import re
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest

_KEY = re.compile(r"\$\$ID-[0-9a-f]+-(?P<key>.+)")


def opened(page: AppTest) -> AppTest:
    """The page with everything unfolded: what stands behind « Voir les chiffres », « Filtres », « Partager »…"""
    shut = _folded(page)
    while shut:
        for key in shut:
            page.session_state[key] = True
        page.run()
        shut = _folded(page) - shut  # what was opened may hold more
    return page


def _folded(page: AppTest) -> set[str]:
    """The keys of what could be opened and isn't."""
    found = {}
    for block in (*page.expander, *page.get("popover")):
        proto = block.proto.popover if block.type == "popover" else block.proto
        if match := _KEY.fullmatch(proto.id):
            found[match["key"]] = proto.open if block.type == "popover" else proto.expanded
    return {key for key, is_open in found.items() if not is_open}


def sent(block: Any) -> Iterator[str]:
    """The messages of a page, or of a part of it, one by one; tables among them as they are in memory."""
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from sent(child)
        if (proto := getattr(child, "proto", None)) is not None:
            yield proto.SerializeToString().decode("utf-8", "replace")
