"""Streamlit reads the whole theme from its options at each run, a tenth of all that it does: once is enough."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from streamlit.runtime import app_session

Populate = Callable[..., None]


def remembered(populate: Populate) -> Populate:
    """What fills in a section of the theme, made to work it out the first time only: options don't change meanwhile."""
    kept: dict[str, Any] = {}

    @wraps(populate)
    def again(message: Any, section: str = "theme") -> None:
        if section not in kept:
            kept[section] = type(message)()
            populate(kept[section], section)
        message.MergeFrom(kept[section])

    return again


def remember() -> None:
    """Have it worked out once in this process. There is no option for it; tests compare what is sent."""
    if not hasattr(app_session._populate_theme_msg, "__wrapped__"):
        app_session._populate_theme_msg = remembered(app_session._populate_theme_msg)
