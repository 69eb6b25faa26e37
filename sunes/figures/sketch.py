"""A figure drawn in steps, and made at the end.

Plotly checks and copies what a figure has at each step that adds to it, which costs many times what the figure itself
does. A sketch only notes the steps, and what is drawn of them is sent as it is: the tests have Plotly check every kind
of figure, so that those who wait for one need not.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import plotly.graph_objects as go

Part = dict[str, Any]


@dataclass(frozen=True)
class Drawn:
    """A figure as its parts, which nobody changes any more."""

    traces: tuple[Part, ...]
    layout: Part

    def to_dict(self) -> dict[str, Any]:
        """Its traces and its layout, as Plotly writes them in JSON. What they hold is not copied."""
        return {"data": list(self.traces), "layout": dict(self.layout)}

    @cached_property
    def checked(self) -> go.Figure:
        """The same as Plotly's own object. Raises ValueError for what Plotly does not know."""
        return go.Figure(self.to_dict())


class Sketch:
    """What a `plotly.graph_objects.Figure` is to be: its methods are Plotly's own, with the same parameters."""

    def __init__(self) -> None:
        self._traces: list[Part] = []
        self._layout: Part = {}

    def add_bar(self, **trace: Any) -> None:
        self._traces.append({"type": "bar", **trace})

    def add_scatter(self, **trace: Any) -> None:
        self._traces.append({"type": "scatter", **trace})

    def add_annotation(self, **annotation: Any) -> None:
        self._layout.setdefault("annotations", []).append(annotation)

    def add_shape(self, **shape: Any) -> None:
        self._layout.setdefault("shapes", []).append(shape)

    def add_hline(self, y: float, **shape: Any) -> None:
        """A line across the whole plot."""
        self.add_shape(type="line", xref="x domain", x0=0, x1=1, yref="y", y0=y, y1=y, **shape)

    def add_vline(self, x: float, **shape: Any) -> None:
        """A line from the bottom of the plot to its top."""
        self.add_shape(type="line", xref="x", x0=x, x1=x, yref="y domain", y0=0, y1=1, **shape)

    def update_layout(self, layout: Part | None = None, /, **more: Any) -> None:
        """Add to the layout: of an axis that is there already, what is not said again stays."""
        self._layout = _merged(self._layout, {**(layout or {}), **more})

    def drawn(self) -> Drawn:
        parts = {name: list(part) if isinstance(part, list) else part for name, part in self._layout.items()}
        return Drawn(tuple(self._traces), parts)


def _merged(part: Part, more: Part) -> Part:
    both = {name for name in part.keys() & more.keys() if isinstance(part[name], dict) and isinstance(more[name], dict)}
    return part | more | {name: _merged(part[name], more[name]) for name in both}
