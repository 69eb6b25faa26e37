"""Finding establishments: FINESS numbers pasted from anywhere, and words typed without their accents."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from sunes import french
from sunes.errors import UsageError
from sunes.schema import FINESS

# Every number goes into the address, which servers and mail programs cut when it gets too long.
MOST = 500

_LENGTH = 9
_BETWEEN = re.compile(r"[,;|\t\r\n]+")
_WRAPPING = "\"'’`«»“”=()[].:"


@dataclass(frozen=True, slots=True)
class Pasted:
    """The numbers of a pasted text, in capitals and without repeats, and a French sentence for all that is none."""

    finess: tuple[str, ...]
    notices: tuple[str, ...]


def pasted_numbers(text: str, known: Collection[str]) -> Pasted:
    """Read FINESS numbers parted by spaces, commas, semicolons or lines; a number may itself be cut by spaces.

    A number that lost its leading zero in a spreadsheet is not mended: the sentence about it names the number of
    `known` that it may have been. Raises UsageError for nothing at all and for more than `MOST` numbers.
    """
    tokens = list(dict.fromkeys(token for chunk in _BETWEEN.split(text) for token in _tokens(chunk)))
    if not tokens:
        raise UsageError("Collez au moins un numéro FINESS, par exemple 990000001.")
    if len(tokens) > MOST:
        raise UsageError(f"Collez au plus {MOST} numéros à la fois ; il y en a {french.number(len(tokens))}.")
    found = tuple(token for token in tokens if is_finess(token))
    notices = [_problem(token, known) for token in tokens if not is_finess(token)]
    return Pasted(found, tuple(map(french.typographic, notices)))


def is_finess(text: str) -> bool:
    """Whether a text has the form of a FINESS number; it need not be one of an establishment."""
    return re.fullmatch(FINESS.strip("^$"), text) is not None


def _tokens(chunk: str) -> list[str]:
    words = [word for word in (part.strip(_WRAPPING).upper() for part in chunk.split()) if word]
    together = "".join(words)
    # « 31 078 140 6 » is how people write one number; nine characters on their own can't be two.
    return [together] if is_finess(together) else words


def _problem(token: str, known: Collection[str]) -> str:
    lost = token.rjust(_LENGTH, "0")
    hint = f" ; s’agit-il de {lost}, dont le zéro initial s’est perdu ?" if lost != token and lost in known else "."
    shown = token if len(token) <= 30 else f"{token[:30]}…"
    return f"« {shown} » n’est pas un numéro FINESS : {_LENGTH} chiffres ou lettres sont attendus{hint}"


def searchable(text: str) -> str:
    """A text as it is searched: small letters, no accents, plain apostrophes and spaces."""
    return " ".join(french.folded(text).replace("’", "'").split())


def matches(haystack: str, text: str) -> bool:
    """Whether each word of `text` is somewhere in `haystack` (itself made by `searchable`)."""
    return all(word in haystack for word in searchable(text).split())
