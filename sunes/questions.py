"""The questions of programs, on the command line and over HTTP: what can't be understood is refused, not set aside."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sunes import geography
from sunes.errors import UsageError
from sunes.french import parse_date
from sunes.manifest import SnapshotId, parse_reference
from sunes.metrics import KEYS
from sunes.programme import Programme
from sunes.snapshots import Snapshot, Store
from sunes.view import PARAMETERS, View

Params = Mapping[str, Sequence[str]]
# How a door writes one of its parameters, with a value or without: `--by snapshot`, `by=snapshot`.
Writer = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Question:
    """A View, what its answer is cut by and, where `snapshot` is among that, the first and the last day."""

    view: View
    by: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    @property
    def over_time(self) -> bool:
        return "snapshot" in self.by

    @property
    def pinned(self) -> bool:
        """Whether it names one revision, so that nothing published later changes the answer."""
        return not self.over_time and isinstance(parse_reference(self.view.snapshot), SnapshotId)


def read(params: Params, programme: Programme, write: Writer) -> Question:
    """Read the parameters of a View, `by`, `since` and `until`.

    Raises UsageError for every value that is unknown or impossible, with one French sentence for each.
    """
    view = _view({name: values for name, values in params.items() if name in PARAMETERS}, programme)
    by = tuple(dict.fromkeys(_listed(params.get("by", ()))))
    unknown = [key for key in by if key not in KEYS]
    if unknown:
        raise UsageError(f"Découpage inconnu : {', '.join(unknown)} (possibles : {', '.join(KEYS)}).")
    question = Question(view, by, *(_day(params.get(name, ()), write(name)) for name in ("since", "until")))
    if not question.over_time and (question.since or question.until):
        raise UsageError(f"{write('since')} et {write('until')} demandent {write('by', 'snapshot')}.")
    if question.over_time and any(_listed(params.get("snapshot", ()))):
        raise UsageError(
            f"{write('snapshot')} ne va pas avec {write('by', 'snapshot')} ; "
            f"bornez la période par {write('since')} et {write('until')}."
        )
    parse_reference(view.snapshot)
    return question


def snapshots(store: Store, question: Question, write: Writer) -> tuple[Snapshot, ...]:
    """The snapshots that a question is about, at least one.

    A date whose newest revision can't be opened is not in a history (see `Store.damaged`). Raises UsageError when
    there is none such, DataError when the store is empty or the one that is asked for is damaged.
    """
    if not question.over_time:
        return (store.resolve(question.view.snapshot),)
    found = store.history(question.since, question.until)
    if not found:
        store.resolve()  # says so when there is nothing at all
        raise UsageError(
            f"il n’y a pas de situation dans cette période ; élargissez {write('since')} et {write('until')}."
        )
    return found


def _view(params: Params, programme: Programme) -> View:
    territories = {code: department.region_code for code, department in geography.departments().items()}
    view, notices = View.from_params(params, programme, territories)
    if notices:
        # Where a page goes on without the value, a program stops: what follows the last semicolon is not true here.
        raise UsageError("\n".join(re.sub(r"\s*;[^;]*$", ".", notice) for notice in notices))
    return view


def _day(values: Sequence[str], name: str) -> date | None:
    if len(values) > 1:
        raise UsageError(f"{name} : une seule date est attendue.")
    try:
        return parse_date(values[0]) if values else None
    except ValueError as error:
        raise UsageError(f"{name} : {error}.") from None


def _listed(values: Sequence[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]
