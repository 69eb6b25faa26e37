"""What a page asks for: the View in the address bar, and the answers to it, shared by all sessions."""

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextvars import ContextVar
from functools import lru_cache
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext, get_script_run_ctx

from sunes import engine, french, geography, limits, metrics
from sunes import roster as rosters
from sunes.access.people import EVERYTHING, Sight
from sunes.access.rules import Detail, rules
from sunes.definitions import Metric, load_definitions
from sunes.engine import Frames
from sunes.errors import DataError, Problem, UsageError
from sunes.establishments import peers, sheet
from sunes.establishments.peers import Peers
from sunes.insights import changes
from sunes.insights.changes import Changes
from sunes.metrics import Answer
from sunes.programme import Programme, load_programme
from sunes.roster import Roster
from sunes.snapshots import DamagedError, Snapshot, Store, check_files
from sunes.ui import turns
from sunes.ui.access import signin
from sunes.ui.shared import Shelf
from sunes.view import View

Made = TypeVar("Made")

_BESIDE = "beside-the-view"
_SIGHT: ContextVar[Sight | None] = ContextVar("sight", default=None)

# What the pages are made of, for all sessions. Answers and rosters are kept under the revisions that they come from, so
# that a publication leaves most of them valid; what is shown of them, under the state of the store.
_ANSWERS, _ROSTERS = Shelf(1500, "answers"), Shelf(60, "rosters")
_SHOWN, _LARGE = Shelf(3000, "shown"), Shelf(120, "shown_large")
_PARSED = Shelf(500)
# Of an address: characters that are read, remarks that are made.
_LONGEST, _TOLD = 32_768, 10


def programme() -> Programme:
    return load_programme()


def definitions() -> Mapping[str, Metric]:
    return load_definitions()


def store() -> Store:
    return _store(os.environ.get("SUNES_DATA"))


@lru_cache(maxsize=16)
def _store(_place: str | None) -> Store:
    return Store.default()


def sight() -> Sight:
    """Which establishments whoever looks at the page may see one by one."""
    if own := _SIGHT.get():
        return own
    given = rules()
    return EVERYTHING if given.establishments is Detail.PUBLIC else given.sight(signin.person())


def later(make: Callable[[], Made]) -> Callable[[], Made]:
    """What makes a file when it is asked for, after the page has run: in the sight of whoever looks at it now."""
    own = sight()

    def made() -> Made:
        before = _SIGHT.set(own)
        try:
            return make()
        finally:
            _SIGHT.reset(before)

    return made


def read_view(beside: Sequence[str] = ()) -> tuple[View, tuple[str, ...]]:
    """The View of the address bar, and a French sentence for each value that had to be set aside.

    FINESS numbers that may not be seen are set aside like those that are none. `beside` names the parameters that the
    page reads itself.
    """
    params = tuple((name, tuple(st.query_params.get_all(name))) for name in st.query_params if name not in beside)
    if sum(len(value) for _, values in params for value in values) > _LONGEST:
        said = f"L’adresse est trop longue ({french.number(_LONGEST)} caractères au plus) ; elle est ignorée."
        return View(), (said,)
    view, notices = _PARSED.get(params, lambda: _parsed(params))
    try:
        store().resolve(view.snapshot)
    except UsageError as error:
        view, notices = view.having(snapshot=None), (*notices, f"{error} La plus récente est affichée.")
    except DataError:
        pass  # nothing is wrong with the address; whoever opens the snapshot says what is wrong with the data
    if not view.finess or sight().is_whole:
        return view, notices
    if hidden := _unseen(view):
        ignored = "Ce numéro est ignoré." if len(hidden) == 1 else "Ces numéros sont ignorés."
        notices = (*notices, f"{rosters.unseen_said(hidden)} {ignored}")
    return view.having(finess=tuple(set(view.finess) - set(hidden))), notices


def _unseen(view: View) -> tuple[str, ...]:
    """The numbers of a View that are not in its snapshot, or may not be seen there or in an earlier one."""

    def found() -> tuple[str, ...]:
        hidden = set(_computed([snapshot(view)], lambda frames: rosters.unseen(frames, view.finess)))
        hidden |= set(_computed(up_to(snapshot(view)), lambda frames: rosters.unseen(frames, view.finess)))
        return tuple(sorted(hidden))

    try:
        return shown("unseen", View(snapshot=view.snapshot, finess=view.finess), found)
    except DataError:
        return view.finess


def _parsed(params: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[View, tuple[str, ...]]:
    territories = {code: department.region_code for code, department in geography.departments().items()}
    view, notices = View.from_params(dict(params), programme(), territories)
    more = len(notices) - _TOLD
    return view, notices if more <= 0 else (*notices[:_TOLD], f"… et {french.count(more, 'autre remarque')}.")


def keep_beside(names: Sequence[str]) -> None:
    """Say which parameters of the address the page reads itself: they stay there when the View changes."""
    st.session_state[_BESIDE] = names


def beside() -> dict[str, str]:
    """Those parameters, as they are in the address."""
    return {name: st.query_params[name] for name in st.session_state.get(_BESIDE, ()) if name in st.query_params}


def current_view() -> View:
    return read_view()[0]


def snapshot(view: View) -> Snapshot:
    """The snapshot that a View is about."""
    return store().resolve(view.snapshot)


def answer(view: View, by: tuple[str, ...] = ()) -> Answer:
    """The answer to a View from its snapshot. Raises DataError when that is damaged."""
    return shown(("answer", by), view, lambda: _answer((snapshot(view),), view, by))


def history(view: View, by: tuple[str, ...] = ()) -> Answer:
    """The answer per snapshot up to the View's own; those that `damaged` speaks of are left out."""
    return shown(("history", by), view, lambda: _answer(up_to(snapshot(view)), view, ("snapshot", *by)))


def nothing_in_force() -> bool:
    """Whether there is no snapshot to show: none was published yet, or all were taken back."""
    return not store().snapshots() and not store().damaged()


def damage(view: View) -> DamagedError | None:
    """What keeps the View's own snapshot from being shown, if anything."""
    try:
        check_files(snapshot(view))
    except DamagedError as error:
        return error
    return None


def last_sound() -> Snapshot | None:
    """The newest snapshot in force whose files are sound."""
    return next((each for each in reversed(store().history()) if engine.sound((each,))[0]), None)


def damaged(view: View) -> tuple[Problem, ...]:
    """What is wrong with earlier snapshots, and with folders of the store that are none."""
    return shown("damaged", view, lambda: (*store().damaged(), *_up_to(snapshot(view))[1]))


def up_to(chosen: Snapshot) -> tuple[Snapshot, ...]:
    """The sound snapshots of earlier dates, oldest first, and the chosen one."""
    return shown("up to", View(snapshot=chosen.id.pin), lambda: _up_to(chosen)[0])


def _up_to(chosen: Snapshot) -> tuple[tuple[Snapshot, ...], tuple[Problem, ...]]:
    earlier = [each for each in store().history(until=chosen.as_of) if each.as_of < chosen.as_of]
    sound, problems = engine.sound(earlier)
    return (*sound, chosen), problems


def shown(what: Hashable, view: View, make: Callable[[], Made], *, large: bool = False) -> Made:
    """What a page shows of a View, made once for everybody and as long as the store says the same.

    `what` names it among all that is shown of Views; `make` may depend on nothing else that changes. What is `large`
    (maps, lists of establishments) is kept apart: fewer of them are. Each sight has its own.
    """
    return (_LARGE if large else _SHOWN).get((what, view, sight(), store().generation()), make)


def roster(view: View) -> Roster:
    """The establishments of a View in its snapshot that may be seen. Raises DataError when that is damaged."""
    chosen = snapshot(view)
    check_files(chosen)
    return _ROSTERS.get(
        (_identity(chosen), view, sight()),
        lambda: _computed([chosen], lambda frames: rosters.roster(frames, view, programme())),
    )


def roster_history(view: View) -> tuple[Roster, ...]:
    """The establishments of a View of a few FINESS numbers, per snapshot up to its own (see `sheet.history`)."""
    snapshots = up_to(snapshot(view))
    check_files(snapshots[-1])
    return _ROSTERS.get(
        ("history", *map(_identity, snapshots), view, sight()),
        lambda: _computed(snapshots, lambda frames: sheet.history(frames, view, programme())),
    )


def changes_since(view: View, since: str) -> Changes:
    """What changed for a View since an earlier snapshot. To be asked for in `shown`: nothing of it is kept."""
    before, after = snapshot(view.having(snapshot=since)), snapshot(view)

    def found(then: Frames) -> Changes:
        return _computed([after], lambda now: changes.between(then, now, view, programme()))

    return _computed([before], found)


def peers_of(listed: Roster) -> tuple[Peers | None, ...]:
    """How each establishment of a roster compares with those of its kind, all of them. Nothing of it is kept."""
    view = listed.view
    return _computed([snapshot(view)], lambda frames: peers.among_all(frames, view, listed.lines, programme()))


def _answer(snapshots: tuple[Snapshot, ...], view: View, by: tuple[str, ...]) -> Answer:
    # Checked before what is kept is asked: a file that was damaged since must not go on looking sound.
    for each in snapshots:
        check_files(each)
    return _ANSWERS.get(
        (*map(_identity, snapshots), view, by, sight() if view.finess else EVERYTHING),
        lambda: _computed(snapshots, lambda frames: metrics.answer(frames, view, by, programme=programme())),
    )


def _computed(snapshots: Sequence[Snapshot], compute: Callable[[Frames], Made]) -> Made:
    """What is computed of snapshots. While files are fetched or DuckDB computes, others draw their pages."""
    with turns.aside():
        frames = engine.frames(snapshots, sight())
    if not frames.are_large:
        return compute(frames)
    # Who has gone on to another question, or has left, keeps no processor busy.
    token = limits.UNWANTED.set(_left(get_script_run_ctx(suppress_warning=True)))
    try:
        with turns.aside():
            return compute(frames)
    finally:
        limits.UNWANTED.reset(token)


def _left(run: ScriptRunContext | None) -> Callable[[], bool]:
    """What says whether a run of a page was asked to stop, or to begin again with something else."""
    requests = run.script_requests if run else None
    return lambda: requests is not None and requests._state is not ScriptRequestType.CONTINUE


def _identity(of: Snapshot) -> Hashable:
    return of.path, of.digest


def regions(by_region: Answer) -> list[str]:
    """The regions of an answer by region, those that the programme follows first, in its order."""
    return programme().followed_first(row["region"] for row in by_region.rows)


def region_name(code: str) -> str:
    known = geography.regions()
    return known[code].name if code in known else code
