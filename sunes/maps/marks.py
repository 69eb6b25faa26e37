"""The mark of each state, drawn once for the map and for its legend: a disc with the sign of `roster.STATE_SIGNS`."""

from base64 import b64encode
from collections.abc import Mapping

from sunes.figures.palette import MapPalette
from sunes.roster import State

SIDE = 96  # of the square in which a mark is drawn
_DISC = '<circle cx="48" cy="48" r="46" fill="{paper}"/>'
_SIGNS: Mapping[State, str] = {
    State.ATTAINED: '<circle cx="48" cy="48" r="38" fill="{colour}"/>',
    State.MISSED: '<path d="M26 26L70 70M70 26L26 70" fill="none" stroke="{colour}" stroke-width="17"/>',
    State.IN_PROGRESS: '<circle cx="48" cy="48" r="34" fill="none" stroke="{colour}" stroke-width="9"/>'
    '<path d="M48 14A34 34 0 0 0 48 82Z" fill="{colour}"/>',
    State.NOT_EVALUATED: '<circle cx="48" cy="48" r="31" fill="none" stroke="{colour}" stroke-width="14"/>',
    State.ACCEPTED: '<path d="M48 16L80 48L48 80L16 48Z" fill="none" stroke="{colour}" stroke-width="11"/>',
    State.APPLICANT: '<path d="M48 19L79 72H17Z" fill="none" stroke="{colour}" stroke-width="11"/>',
    State.NOT_APPLICANT: '<circle cx="48" cy="48" r="41" fill="none" stroke="{colour}" stroke-width="5"/>'
    '<circle cx="48" cy="48" r="12" fill="{colour}"/>',
}


def picture(state: State, palette: MapPalette) -> str:
    """A mark by itself, as a `data:` address of an SVG picture."""
    return _picture(drawing(state, palette), 1)


def atlas(palette: MapPalette) -> str:
    """All marks side by side in one picture, as a `data:` address; `places` says where each one is."""
    moved = (f'<g transform="translate({rank * SIDE})">{drawing(s, palette)}</g>' for rank, s in enumerate(State))
    return _picture("".join(moved), len(State))


def places() -> dict[str, dict[str, int | bool]]:
    """Where each state's mark is in the atlas, as deck.gl's icon mapping."""
    return {
        state.value: {"x": rank * SIDE, "y": 0, "width": SIDE, "height": SIDE, "mask": False}
        for rank, state in enumerate(State)
    }


def drawing(state: State, palette: MapPalette) -> str:
    """A mark as SVG elements, in a square of `SIDE` that begins at 0, 0."""
    return (_DISC + _SIGNS[state]).format(paper=palette.paper, colour=palette.states[state])


def _picture(drawing: str, marks: int) -> str:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{marks * SIDE}" height="{SIDE}">{drawing}</svg>'
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
