"""The text of one cell as a value of the contract."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from sunes.french import parse_number
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
