"""The names of columns, and what people write in cells, as words that can be compared."""

import re
import unicodedata

_SMALL = frozenset(
    ("a", "au", "aux", "d", "de", "des", "du", "en", "l", "la", "le", "les", "n", "no", "numero", "pour")
)
_LONGER = {"nb": "nombre", "nbre": "nombre"}


def plain(text: str) -> str:
    """A text without accents, capitals and punctuation, one space between words: « Non évalué. » → "non evalue"."""
    letters = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+|%", kept))


def words(text: str) -> str:
    """The words of a name that matter, in the singular: « Taux d’alimentation (%) » → "taux alimentation %"."""
    return " ".join(_singular(_LONGER.get(word, word)) for word in plain(text).split() if word not in _SMALL)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
