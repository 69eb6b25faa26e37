"""Windows and volets as people write them in a cell: « Fenêtre 2 », « 1re », « Volets 1 et 2 », « DMP ; MSSanté »."""

import re

from sunes.french import join, quote
from sunes.ingest.headings import plain, words
from sunes.programme import Programme

_BARE = re.compile(r"(?:f|fen|fenetre|window)? ?(?:n|no|numero)? ?0?(\d{1,2})(?: 0)?")
_NAMED = re.compile(
    r"\b(?:fenetre|fen|f) ?(?:(?:n|no|numero) )?(\d{1,2})\b|\b(\d{1,2}) ?(?:ere|er|re|eme|e|nde|nd) fenetre"
)
_SEVERAL = re.compile(r"\bfenetres\b|\d (?:et|ou|puis) \d|\bf\w* ?\d{1,2} \d{1,2}$")
_ORDINAL = re.compile(r"(\d{1,2}) ?(?:ere|er|re|eme|e|nde|nd)")
_ORDINALS = {"premiere": 1, "deuxieme": 2, "seconde": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5}
_PARTS = re.compile(r"[;,/|+&\n]|\bet\b|\bainsi que\b", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^)]*\)")
_NOT = frozenset(("aucun", "hors", "ni", "non", "pas", "sans", "sauf"))
_ALL = frozenset(map(words, ("les deux", "les deux volets", "tous", "tous les volets")))


class Speech:
    """What the windows and volets of a programme are called in people's files."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        named = {words(name): v.id for v in programme.volets for name in (v.id, v.name, *v.aliases)}
        named |= {f"{word}{v.number}": v.id for v in programme.volets for word in ("volet ", "volet", "v", "v ")}
        self._phrases = sorted(named.items(), key=lambda each: -len(each[0]))
        self._numbers = {str(volet.number): volet.id for volet in programme.volets}

    def window(self, text: str) -> int:
        """The window that a cell names. Raises ValueError with a French sentence where it names another, or several."""
        said = plain(text)
        if match := _BARE.fullmatch(said) or _ORDINAL.fullmatch(said):
            named = {int(match[1])}
        elif _SEVERAL.search(said):
            named = set()
        else:
            named = {int(before or after) for before, after in _NAMED.findall(said)}
            named |= {number for word, number in _ORDINALS.items() if word in said.split()}
        numbers = self._programme.window_numbers
        if len(named) != 1 or not named <= set(numbers):
            known = join([str(number) for number in numbers])
            raise ValueError(f"une fenêtre est attendue, par exemple {quote(f'Fenêtre {numbers[0]}')} ({known}).")
        return named.pop()

    def volets(self, text: str) -> tuple[str, ...]:
        """The volets that a cell names, in the programme's order.

        Raises ValueError with a French sentence where a part of a list names none or several, or something is denied.
        """
        outside = _BRACKETS.sub(" ", text)
        if words(outside) in _ALL:
            return self._programme.volet_ids
        named = {self._volet(words(part)) for part in _PARTS.split(outside) if words(part)}
        if not named or None in named or _NOT & set(plain(outside).split()):
            one = self._programme.volets[0].number
            every = " et ".join(self._numbers)
            raise ValueError(
                f"des volets sont attendus, par exemple {quote(f'Volet {one}')} ou {quote(f'Volets {every}')}."
            )
        return tuple(volet for volet in self._programme.volet_ids if volet in named)

    def _volet(self, part: str) -> str | None:
        """The only volet that a part of a list names; None where it names none, several, or one that there is not."""
        if part in self._numbers:
            return self._numbers[part]
        left, named = f" {part} ", set()
        for phrase, volet in self._phrases:
            if f" {phrase} " in left:
                left = left.replace(f" {phrase} ", " ")
                named.add(volet)
        return named.pop() if len(named) == 1 and not re.search(r"\bv(olet)? ?\d", left) else None
