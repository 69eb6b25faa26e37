"""A figure that is ready to be sent: written as JSON once, however many people look at it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from plotly.basedatatypes import BaseFigure
from plotly.io import templates, to_json


class Finished(BaseFigure):  # type: ignore[misc]
    """What is shown of a figure, without the means to change it: much smaller, and nothing is left to compute.

    Made of the parts of a figure. Whoever shows a figure asks it for its parts and writes them as JSON: these have been
    written already.
    """

    def __init__(self, parts: Mapping[str, Any]) -> None:
        # Nothing that the base class sets up is wanted: its validators, its objects that answer to changes.
        written = orjson.loads(to_json(parts, validate=False, engine="orjson"))
        self.__dict__["_data"] = [_fragments(trace) for trace in written["data"]]
        self.__dict__["_layout"] = {"template": _template(templates.default), **_fragments(written["layout"])}

    def to_dict(self) -> dict[str, Any]:
        """The parts of the figure: dicts whose values need no writing any more."""
        return {"data": [dict(trace) for trace in self._data], "layout": dict(self._layout)}


@cache
def _template(name: str) -> orjson.Fragment:
    """What every figure has in common, where it says nothing else: that of the layout, as traces have none."""
    layout = templates[name].layout.to_plotly_json()
    return orjson.Fragment(orjson.dumps({"layout": layout}))


def _fragments(part: dict[str, Any]) -> dict[str, Any]:
    # What is simple stays readable: Streamlit looks up how tall and how wide a figure wants to be.
    return {
        name: orjson.Fragment(orjson.dumps(value)) if isinstance(value, dict | list) else value
        for name, value in part.items()
    }
