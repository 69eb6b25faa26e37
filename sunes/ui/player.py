"""Go through the snapshots one by one: with a slider, which the arrow keys move, or played.

Nothing plays by itself. Playing is a deliberate choice, goes by steps without any transition, and stops at the last
snapshot, at « Pause », or as soon as the slider is moved by hand.
"""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from sunes import french
from sunes.metrics import Answer

_SECONDS = 1.0  # each snapshot stays, long enough to be read
_PLAY, _PAUSE = ":material/play_arrow: Lire", ":material/pause: Pause"


def replay(history: Answer, draw: Callable[[Answer], None], *, key: str) -> None:
    """A slider over the snapshots of an answer by snapshot, a play button, and what `draw` shows of the chosen one."""
    days = list(dict.fromkeys(row["snapshot"] for row in history.rows))
    if len(days) < 2:
        st.caption("Une seule situation connue\u00a0: rien à rejouer.")
        draw(history)
        return

    def show(day: str) -> None:
        draw(history.only(snapshot=day))

    playing = st.session_state.get(f"{key}-mode") == _PLAY
    st.fragment(_player, run_every=_SECONDS if playing else None)(days, show, key, playing)


def _player(days: Sequence[str], show: Callable[[str], None], key: str, ticking: bool) -> None:
    """`ticking`: whether this fragment is run again and again."""
    mode, position = f"{key}-mode", f"{key}-day"
    state = st.session_state
    state.setdefault(mode, _PAUSE)
    if state.get(position) not in days:
        state[position] = days[-1]
    if ticking and state[mode] == _PLAY:
        _advance(days, key)
    if ticking != (state[mode] == _PLAY):
        st.rerun()  # how often a fragment runs is settled outside it
    if state.pop(f"{key}-moved", False):
        # The browser may have been told the next step while the person moved the slider: tell it who won.
        state[position], state[mode] = state[position], state[mode]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        # Two options rather than one button: a state can be sent twice without harm, a click can't.
        st.segmented_control(
            "Défilement", [_PLAY, _PAUSE], key=mode, required=True, on_change=_chosen, args=(days, key), width=190
        )
        st.select_slider(
            "Situation rejouée",
            days,
            format_func=lambda day: french.day(date.fromisoformat(day)),
            key=position,
            on_change=_moved,
            args=(key,),
        )
    show(state[position])


def _advance(days: Sequence[str], key: str) -> None:
    rank = days.index(st.session_state[f"{key}-day"])
    if st.session_state.pop(f"{key}-fresh", False):
        return  # the day where playing begins is shown before the next one
    if rank + 1 < len(days):
        st.session_state[f"{key}-day"] = days[rank + 1]
    else:
        st.session_state[f"{key}-mode"] = _PAUSE


def _chosen(days: Sequence[str], key: str) -> None:
    state = st.session_state
    state[f"{key}-fresh"] = state[f"{key}-mode"] == _PLAY
    if state[f"{key}-fresh"] and state[f"{key}-day"] == days[-1]:
        state[f"{key}-day"] = days[0]


def _moved(key: str) -> None:
    st.session_state[f"{key}-moved"] = True
    st.session_state[f"{key}-mode"] = _PAUSE
