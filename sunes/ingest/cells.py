"""The text of one cell as a value: strictly, as the contract writes it (`parse`), or as people and spreadsheets do."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from sunes.french import join, local_day, parse_date, parse_number
from sunes.schema import FINESS, Column

_BOOLEANS = dict.fromkeys(("true", "vrai", "oui", "1"), True) | dict.fromkeys(("false", "faux", "non", "0"), False)
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d*)?e[+-]?\d+", re.ASCII | re.IGNORECASE)
# Dataframe tools write a day with the hour at which it begins.
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)


def parse(column: Column, text: str) -> Any:
    """The value that `text`, which is not empty, has in `column`.

    Numbers may be written as in French (1 234,5) or as programs do (1234.5, 1e-05); a whole number with the decimals
    of a float (3.0) is whole. Raises ValueError with a French sentence that tells what is expected.
    """
    value = _PARSERS[column.type](text)
    if column.pattern == FINESS and not re.match(FINESS, text):
        raise ValueError("un numéro FINESS compte 9 chiffres ou lettres majuscules, zéros de tête compris.")
    if column.choices and text not in column.choices:
        raise ValueError(f"les valeurs possibles sont {', '.join(column.choices)}.")
    if column.type in (pa.int8(), pa.int64()):
        try:
            pa.scalar(value, column.type)
        except (pa.ArrowInvalid, OverflowError):
            raise ValueError("ce nombre est trop grand.") from None
    return value


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError("true ou false est attendu.") from None


def _number(text: str) -> int | float:
    try:
        value = float(text) if _SCIENTIFIC.fullmatch(text) else parse_number(text)
        if math.isfinite(value):
            return value
    except (ValueError, OverflowError):
        pass
    raise ValueError("un nombre est attendu, par exemple 12345 ou 79.9.")


def _whole(text: str) -> int:
    value = _number(text)
    if value != int(value):
        raise ValueError("un nombre entier est attendu.")
    return int(value)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(_DAY.fullmatch(text)[1])  # type: ignore[index]  # None is caught below
    except (TypeError, ValueError):
        raise ValueError("une date AAAA-MM-JJ est attendue, par exemple 2024-06-30.") from None


def _list(text: str) -> list[str]:
    items = [item.strip() for item in text.split("|") if item.strip()]
    if not all(_WORD.fullmatch(item) for item in items):
        raise ValueError("une liste de mots en minuscules séparés par | est attendue, par exemple mco|smr.")
    return list(dict.fromkeys(items))


_PARSERS: Mapping[pa.DataType, Callable[[str], Any]] = {
    pa.string(): str,
    pa.bool_(): _boolean,
    pa.int8(): _whole,
    pa.int64(): _whole,
    pa.float64(): lambda text: float(_number(text)),
    pa.date32(): _day,
    pa.list_(pa.string()): _list,
}


# As people and spreadsheets write them --------------------------------------------------------------------------------

_WRITTEN_FINESS = re.compile(r"(\d\d|2[AB])\d{7}", re.ASCII)
# What spreadsheets do to a FINESS number and what is certain to undo it, in this order.
_UNDONE: Mapping[str, Callable[[str], str]] = {
    "les espaces sont retirées": lambda text: re.sub(r"\s+", "", text),
    "l’apostrophe est retirée": lambda text: text.lstrip("'’"),
    "les décimales sont retirées": lambda text: re.sub(r"[.,]0+$", "", text),
    "la lettre est mise en majuscule": lambda text: text.upper() if re.fullmatch(r"2[ab]\d{7}", text) else text,
    # Départements that begin with a zero are the only ones whose numbers can lose a digit.
    "le zéro de tête est rétabli": lambda text: f"0{text}" if re.fullmatch(r"[1-9]\d{7}", text, re.ASCII) else text,
}
_ROUNDED = re.compile(r"\d+([.,]\d+)?e\+?\d+", re.ASCII | re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ].*", re.ASCII)
_TIME = re.compile(r",? (?:à )?\d{1,2}(?::|h| h )\d{2}(?::\d{2})?", re.ASCII)
_CURRENCY = re.compile(r"\s*(?:€|euros?|eur)", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+", re.ASCII)
_YES = frozenset(("oui", "o", "x", "true", "vrai", "1", "yes", "✓", "✔", "☑"))
_NO = frozenset(("", "non", "n", "false", "faux", "0", "no", "-", "–", "☐"))


def finess(text: str) -> tuple[str, str]:
    """A FINESS number that may have been through a spreadsheet, and a French sentence on how it was put right.

    The sentence is empty where nothing had to be. Raises ValueError with a French sentence where the number would have
    to be guessed.
    """
    if _ROUNDED.fullmatch(text):
        raise ValueError(
            "un tableur a arrondi ce numéro, et rien ne dit les chiffres perdus ; mettez la colonne au format texte et "
            "ressaisissez-le, ou refaites l’export."
        )
    value, done = text, []
    for what, undo in _UNDONE.items():
        if (undone := undo(value)) != value:
            value = undone
            done.append(what)
    if not _WRITTEN_FINESS.fullmatch(value):
        raise ValueError("un numéro FINESS compte 9 chiffres, zéros de tête compris (2A ou 2B en tête pour la Corse).")
    return value, f"lu {value} : {join(done)}." if done else ""


def day(text: str) -> date:
    """A day in any of the ways in which people and tools write it, with or without the time of day.

    A time that names its zone is turned to that of Paris first. Raises ValueError with a French sentence.
    """
    try:
        if _ISO.fullmatch(text):
            moment = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d)", "", text.replace(" UTC", "Z")))
            return local_day(moment) if moment.tzinfo else moment.date()
        plain = " ".join(text.split())
        time = _TIME.search(plain)
        return parse_date(plain[: time.start()] if time and time.end() == len(plain) else plain)
    except (ValueError, OverflowError):
        pass
    if re.fullmatch(r"[1-9]\d{4}", text, re.ASCII):
        raise ValueError("ce nombre est une date dont le tableur a perdu le format ; mettez la colonne au format date.")
    raise ValueError("une date est attendue, par exemple 30/06/2024, 2024-06-30 ou 30 juin 2024.")


def amount(text: str) -> str:
    """An amount without its currency, for `parse`. Raises ValueError where a point may part thousands or decimals."""
    plain = _CURRENCY.sub("", text) if _CURRENCY.search(text) else text
    if _THOUSANDS.fullmatch(plain.strip()):
        told = plain.strip().replace(".", "")
        raise ValueError(
            f"le point peut séparer des milliers ou des décimales ; écrivez par exemple {told} ou {told},00."
        )
    return plain.strip()


def yes_no(text: str) -> bool:
    """What a person ticked; an empty cell is a no. Raises ValueError with a French sentence."""
    plain = text.lower()
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise ValueError("oui ou non est attendu.")
