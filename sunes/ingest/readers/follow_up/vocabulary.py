"""What people call the columns of a follow-up of usages, and the indicators, volets and windows of a programme."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sunes.ingest.headings import words
from sunes.programme import Programme

T = TypeVar("T")

FINESS, WINDOW, VOLET, INDICATOR = KEYS = ("finess", "window", "volet", "indicator")
# A rate is no column of the contract: it only serves to tell whether a threshold is reached.
NUMERATOR, DENOMINATOR, RATE, THRESHOLD, STATUS, DAY = MEASURES = (
    "numerator",
    "denominator",
    "rate",
    "threshold",
    "status",
    "evaluated_on",
)
# Where a name has an indicator but says nothing of what is measured: the cells tell.
UNTOLD = ""

# Names without their small words and plurals (see `words`).
_KEY_NAMES = {
    WINDOW: "fenetre|fenetre candidature|fenetre depot|window",
    VOLET: "volet|volet programme",
    INDICATOR: "indicateur|usage|indicateur usage|document|type document|indicator",
}
_MEASURE_NAMES = {
    NUMERATOR: "numerateur|num|numerator|nombre document|nombre envoi|nombre envoye|envoye|nombre transmis|transmis"
    "|nombre document envoye|nombre document transmis|nombre document alimente|alimente|nombre alimente|nombre atteint",
    DENOMINATOR: "denominateur|denom|den|denominator|nombre sejour|sejour|nombre sortie|sortie|nombre total|total"
    "|nombre document produit|document produit|produit|nombre produit",
    RATE: "taux|tx|rate|pourcentage|pct|%|part|taux alimentation|taux usage|taux envoi|taux atteint|taux atteinte"
    "|taux document|taux envoye|taux transmis|taux observe|taux mesure|taux constate",
    THRESHOLD: "seuil|threshold|cible|objectif|valeur cible|seuil cible|seuil atteindre|cible atteindre"
    "|objectif atteindre|taux cible|taux seuil|seuil taux",
    STATUS: "atteint|atteinte|statut|etat|status|cible atteinte|atteinte cible|seuil atteint|atteinte seuil"
    "|objectif atteint|atteinte objectif|atteint non atteint|atteint oui non|atteint o non|resultat atteint",
    DAY: "date|date evaluation|evalue|evaluation|date mesure|mesure|date atteinte|date constat|date controle"
    "|evaluated on|date validation",
}
_LEAVES = {name: key for key, names in _KEY_NAMES.items() for name in names.split("|")}
_MEASURES = {name: measure for measure, names in _MEASURE_NAMES.items() for name in names.split("|")}

_NUMBERED_WINDOW = re.compile(r"\b(?:fenetre|fen|f) ?(\d{1,2})\b")
_SEVERAL_WINDOWS = re.compile(r"\b(?:fenetre|fen|f) ?\d{1,2} (?:et |ou )?\d{1,2}\b")
_NUMBERED_VOLET = re.compile(r"\b(?:volet|v) ?(\d{1,2})\b")
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^]]*\]")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a column holds: a key or a measure, the latter of an indicator and in a window where its name tells them."""

    column: int
    name: str
    holds: str
    indicator: str | None = None
    window: int | None = None


class Vocabulary:
    """What the indicators, volets and windows of a programme are called, on the screen and in people's files."""

    def __init__(self, programme: Programme) -> None:
        self._indicators = _phrases((i.id, (i.id, i.name, *i.aliases)) for i in programme.indicators)
        self._volets = _phrases((v.id, (v.id, v.name, *v.aliases)) for v in programme.volets)
        self._windows = programme.window_numbers
        self.indicators = tuple(indicator.name for indicator in programme.indicators)

    def indicator(self, text: str) -> str | None:
        """The one indicator that a text names."""
        return _only(_take(words(text), self._indicators)[1])

    def window(self, text: str) -> int | None:
        """The one window of the programme that a text names: « Fenêtre 2 », « F2 », but not « Fenêtres 1 et 2 »."""
        named = _only({int(number) for number in _NUMBERED_WINDOW.findall(words(text))})
        return named if named in self._windows and not _SEVERAL_WINDOWS.search(words(text)) else None

    def is_volet(self, text: str) -> bool:
        """Whether a text names a volet: « Volet 1 », « V1 – DMP »."""
        return bool(_NUMBERED_VOLET.search(words(text)) or _take(words(text), self._volets)[1])

    def read_indicator(self, text: str) -> str:
        """`indicator` of a cell. Raises ValueError with a French sentence where it names none."""
        if found := self.indicator(text):
            return found
        raise ValueError(f"un indicateur est attendu : {', '.join(self.indicators)}.")

    def heading(self, column: int, path: Sequence[str]) -> Heading | None:
        """What the column under some names holds; None where they don't tell, or tell two things."""
        name = joined(path)
        if path and words(path[-1]) in _LEAVES:
            return Heading(column, name, _LEAVES[words(path[-1])])
        if "finess" in words(name):
            return None
        return self._measure(column, name, name) or self._measure(column, name, _IN_BRACKETS.sub(" ", name))

    def _measure(self, column: int, name: str, text: str) -> Heading | None:
        left, indicators = _take(words(text), self._indicators)
        windows = {int(number) for number in _NUMBERED_WINDOW.findall(left)}
        left = _NUMBERED_VOLET.sub("", _NUMBERED_WINDOW.sub("", left))
        left = " ".join(_take(left, self._volets)[0].split())
        holds = _MEASURES.get(left) or _MEASURES.get(left.replace("%", "").strip())
        if len(indicators) > 1 or len(windows) > 1 or not (holds or (indicators and not left)):
            return None
        return Heading(column, name, holds or UNTOLD, _only(indicators), _only(windows))


def joined(path: Iterable[str]) -> str:
    """The name of a column under several names: « Lettres de liaison – Taux »."""
    return " – ".join(path)


def _phrases(named: Iterable[tuple[str, Iterable[str]]]) -> list[tuple[str, str]]:
    """What each thing is called, the longest first: « MSSanté professionnelle » is not the volet « MSSanté »."""
    found = {(words(name.replace("_", " ")), thing) for thing, names in named for name in names}
    return sorted(found, key=lambda each: (-len(each[0]), each))


def _take(text: str, phrases: Sequence[tuple[str, str]]) -> tuple[str, set[str]]:
    """A text without the phrases that it holds, and what they name."""
    text, named = f" {text} ", set()
    for phrase, thing in phrases:
        if f" {phrase} " in text:
            text = text.replace(f" {phrase} ", " ")
            named.add(thing)
    return text.strip(), named


def _only(found: set[T]) -> T | None:
    return next(iter(found)) if len(found) == 1 else None
