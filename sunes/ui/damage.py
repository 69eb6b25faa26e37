"""What is wrong with the data, told to each as far as it is of use to them.

Who may mend the store learns which file it is, and why; others which date, and no name of a folder or of a server.
"""

from collections.abc import Sequence

from sunes import french, provenance
from sunes.access.rights import Deed, may
from sunes.errors import DataError, Problem, SunesError
from sunes.manifest import SnapshotId
from sunes.place import UnreachableError
from sunes.provenance import Revision, situation
from sunes.snapshots import DamagedError
from sunes.ui import data
from sunes.ui.access import signin

_TOLD = 3  # as many faults of a damaged snapshot as one sentence holds
_UNREACHABLE = "Les données ne peuvent pas être lues pour le moment."


def mends() -> bool:
    """Whether whoever looks at the page may mend the store: those who may take publications back."""
    try:
        return may(signin.person(), Deed.WITHDRAW)
    except DataError:  # the rules themselves can't be read
        return False


def said(error: SunesError) -> str:
    """An error, which may be about the store."""
    if mends() or not isinstance(error, DataError):
        return str(error)
    if isinstance(error, UnreachableError):
        return _UNREACHABLE
    if isinstance(error, DamagedError):
        return _is_damaged(error.snapshot_id)
    if not any(map(_snapshot, error.problems)):
        return str(error)
    told = (_is_damaged(found) if (found := _snapshot(each)) else str(each) for each in error.problems)
    return "\n".join(dict.fromkeys(told))


def unusable(error: DamagedError) -> str:
    """Why a snapshot can't be shown, and whom to tell."""
    why = ""
    if mends():
        found = [str(problem).removesuffix(".") for problem in error.found]
        told = found[:_TOLD] + ([french.count(len(found) - _TOLD, "autre défaut")] if found[_TOLD:] else [])
        why = f" ({' ; '.join(told)})"
    said = _is_damaged(error.snapshot_id).removesuffix(".")
    return f"{said}{why} ; prévenez la personne qui publie les données."


def left_aside(problems: Sequence[Problem]) -> tuple[str, ...]:
    """That damaged snapshots, and folders of the store that are none, are left aside: one sentence each."""
    if mends():
        # What names no file is the way out on the command line, where it can be taken.
        return tuple(f"{problem} Ce dossier est laissé de côté." for problem in problems if problem.file)
    # A folder that is no snapshot keeps nobody from any figure.
    ids = sorted(set(filter(None, map(_snapshot, problems))))
    return tuple(f"{_is_damaged(each).removesuffix('.')} ; elle est laissée de côté." for each in ids)


def unread() -> tuple[str, ...]:
    """That the store can't be read for now, and of when the figures are that are shown all the same."""
    state = data.store().state()
    if state:
        return ()
    why = state.why if mends() else _UNREACHABLE
    since = f" Les chiffres affichés sont ceux qui ont été lus à {french.clock(state.since)}." if state.since else ""
    return (f"{why}{since} Une nouvelle lecture est tentée d’elle-même ; rechargez la page dans un moment.",)


def revisions() -> tuple[Revision, ...]:
    """What the store holds, as far as it concerns whoever looks at the page."""
    found = provenance.revisions(data.store())
    return found if mends() else provenance.without_places(found)


def _snapshot(problem: Problem) -> SnapshotId | None:
    """The snapshot in whose folder something is wrong."""
    return SnapshotId.of_folder(problem.file.split("/")[0]) if problem.file else None


def _is_damaged(snapshot: SnapshotId) -> str:
    return f"La situation au {situation(snapshot)} est endommagée."
