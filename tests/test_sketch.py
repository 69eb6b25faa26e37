"""A figure that was sketched is the one that Plotly makes of the same steps."""

from typing import Any

import plotly.graph_objects as go
import pytest

from sunes.figures.sketch import Sketch

_STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("add_bar", {"x": [1], "y": ["a"], "orientation": "h", "marker": {"color": "#123456"}}),
    ("add_scatter", {"x": [1, 2], "y": [0.5, None], "mode": "lines", "customdata": [("region", "76")] * 2}),
    ("add_annotation", {"xref": "paper", "x": 0, "y": 0.5, "text": "mot", "showarrow": False}),
    ("add_shape", {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": 0.2, "y1": 0.2}),
    ("add_hline", {"y": 0.8, "line": {"color": "#123456", "dash": "dot"}}),
    ("add_vline", {"x": 0.8, "line": {"width": 2}}),
    ("update_layout", {"height": 200, "xaxis": {"range": [0, 1], "tickfont": {"size": 13}}}),
)


def both(*steps: tuple[str, dict[str, Any]]) -> tuple[go.Figure, go.Figure]:
    sketch, figure = Sketch(), go.Figure()
    for name, parameters in steps:
        getattr(sketch, name)(**parameters)
        getattr(figure, name)(**parameters)
    return sketch.drawn().checked, figure


@pytest.mark.parametrize("step", _STEPS, ids=[name for name, _ in _STEPS])
def test_each_step_is_plotlys_own(step: tuple[str, dict[str, Any]]) -> None:
    drawn, figure = both(step)
    assert drawn == figure
    assert drawn != go.Figure()


def test_steps_add_up_in_their_order() -> None:
    again = ("add_annotation", {"x": 1, "y": 1, "text": "un autre"})
    drawn, figure = both(*_STEPS, again)
    assert drawn == figure
    assert [note.text for note in drawn.layout.annotations] == ["mot", "un autre"]


def test_what_is_said_later_of_an_axis_leaves_the_rest_of_it() -> None:
    later = {"xaxis": {"range": [0, 2], "tickfont": {"color": "#123456"}}, "yaxis": {"visible": False}}
    drawn, figure = both(*_STEPS, ("update_layout", later))
    assert drawn == figure
    assert drawn.layout.xaxis.tickfont.to_plotly_json() == {"size": 13, "color": "#123456"}


def test_a_figure_does_not_change_with_the_sketch_that_it_was_drawn_from() -> None:
    sketch = Sketch()
    sketch.update_layout({"xaxis": {"range": [0, 1]}})
    figure = sketch.drawn()
    sketch.update_layout(xaxis={"range": [0, 2]})
    assert figure.checked.layout.xaxis.range == (0, 1)
    assert sketch.drawn().checked.layout.xaxis.range == (0, 2)


@pytest.mark.parametrize("step", ["add_bar", "add_annotation", "update_layout"])
def test_a_word_that_plotly_does_not_know_is_refused(step: str) -> None:
    sketch = Sketch()
    getattr(sketch, step)(colour="#123456")
    with pytest.raises(ValueError, match="colour"):
        assert sketch.drawn().checked
