"""How people write in a table that a target is reached, or that there is nothing to say."""

import re
from collections.abc import Iterable
from functools import lru_cache

from sunes.ingest.headings import plain

_NOTHING = """
    n a|na|nc|nd|nr|ns|s o|so|vide|div 0|sans objet|non concerne|non communique|non connu|non disponible|non renseigne
    |non transmis|pas de donnee|pas de donnees"""
_WORDS = {
    "attained": """
        oui|o|atteint|atteinte|cible atteinte|objectif atteint|seuil atteint|ok|vrai|true|1|1 0|attained""",
    "missed": """
        non|n|non atteint|non atteinte|pas atteint|pas atteinte|cible non atteinte|objectif non atteint
        |seuil non atteint|ko|faux|false|0|0 0|missed""",
    "not_evaluated": """
        non evalue|non evaluee|pas evalue|pas encore evalue|pas encore evaluee|a evaluer|en cours|en attente
        |en cours d evaluation|a venir|not evaluated""",
}
_STATUSES = {word.strip(): status for status, words in _WORDS.items() for word in words.split("|")}
_NOTHINGS = frozenset(word.strip() for word in _NOTHING.split("|"))
_TOTALS = re.compile(r"(total|totaux|moyenne|mediane)\b.*|ensemble|somme")
_MARKS = frozenset("-–—/?.…_* ")


@lru_cache(100_000)
def says_nothing(text: str) -> bool:
    """Whether a cell is empty, or says that there is nothing to say: « n/a », « NC », « – », « #DIV/0! »."""
    return _MARKS.issuperset(text) or plain(text) in _NOTHINGS


def read_status(text: str) -> str:
    """The status that a cell tells: « oui », « Non atteint »… Raises ValueError with a French sentence."""
    try:
        return _STATUSES[plain(text)]
    except KeyError:
        raise ValueError("« oui », « non » ou « non évalué » est attendu.") from None


def is_status(text: str) -> bool:
    """Whether a cell can be nothing but a status: « oui » is, 1 may be a count."""
    return plain(text) in _STATUSES and not any(map(str.isdigit, text))


def is_total(finess: str, cells: Iterable[str]) -> bool:
    """Whether a row, whose FINESS cell is given, sums up others: « Total », « Moyenne régionale »."""
    return not any(map(str.isdigit, finess)) and any(_TOTALS.fullmatch(plain(text)) for text in cells)
