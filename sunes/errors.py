"""What can go wrong in a way that a person can act on. The text of each error is French and shown as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sunes.french import count, typographic

# How many problems the text of one error holds; `DataError.problems` has them all.
_TOLD = 50


class SunesError(Exception):
    """The base of every error meant for a person: one French sentence that says what is wrong, where, what to do.

    It may be written with ordinary spaces; French typography is put in.
    """

    def __init__(self, message: str) -> None:
        super().__init__(typographic(message))


class UsageError(SunesError):
    """The question is wrong (an unknown region, an impossible option). The command line exits with 2."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one value of one file or table.

    `line` counts as a person's editor does: the header of a CSV file is line 1.
    """

    message: str
    file: str | None = None
    sheet: str | None = None
    key: str | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        places = (
            ("", self.file),
            ("feuille ", self.sheet),
            ("clé ", self.key and f"« {self.key} »"),
            ("ligne ", self.line),
            ("colonne ", self.column and f"« {self.column} »"),
            ("valeur ", None if self.value is None else f"« {self.value} »"),
        )
        where = ", ".join(f"{label}{place}" for label, place in places if place is not None)
        return typographic(f"{where} : {self.message}" if where else self.message)


class DataError(SunesError):
    """The data say no: a damaged store, an invalid file, a broken reference file. The command line exits with 1.

    `problems` has everything that is wrong; the text stops after the first ones.
    """

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: Sequence[Problem] = tuple(Problem(p) if isinstance(p, str) else p for p in problems)
        told = [str(problem) for problem in self.problems[:_TOLD]]
        if more := len(self.problems) - len(told):
            told.append(f"… et {count(more, 'autre problème')}.")
        super().__init__("\n".join(told))


class GivenUpError(SunesError):
    """Whoever asked does not want the answer any more: nobody is told, others who wait for it ask again."""


class TooLongError(DataError):
    """A question was given up because its answer takes too long: the data are sound, there is too much of them."""
