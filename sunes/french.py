"""French as readers expect it: numbers, rates, euros, dates and plurals, written and read back (over Babel).

Two rules hold everywhere. A value that is not known (None or NaN) is written `UNKNOWN`, never zero. Rounding is half
up, away from zero (2,45 → 2,5), as people learn it at school, where Babel's default is half to even (2,45 → 2,4).
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_month_names
from babel.lists import format_list
from babel.numbers import format_decimal

LOCALE = "fr"
NBSP = "\u00a0"
NARROW_NBSP = "\u202f"
MINUS = "\u2212"

UNKNOWN = "non connu"
# The mark for narrow cells. It says nothing when read aloud, so a table that holds it carries the legend too.
UNKNOWN_MARK = "–"
UNKNOWN_LEGEND = f"{UNKNOWN_MARK}{NBSP}: {UNKNOWN}"

Number = int | float | Decimal

_HERE = ZoneInfo("Europe/Paris")

# Wide enough for every float, so that no value is too large or too small to be written.
_CONTEXT = Context(prec=1100, rounding=ROUND_HALF_UP)

P = ParamSpec("P")
V = TypeVar("V")

# What sentences begin with that is no name.
_NO_NAMES = frozenset((
    "aucun", "aucune", "ce", "ces", "cet", "cette", "chaque", "complète", "des", "elle", "elles", "il", "ils",
    "l", "la", "le", "les", "leur", "leurs", "on", "pas", "repris", "rien", "sans", "son", "sa", "ses",
    "tous", "tout", "toute", "toutes", "un", "une",
))  # fmt: skip


def is_unknown(value: object) -> bool:
    """Whether a value is None, or the NaN or NaT that dataframes put in its place."""
    return value is None or value != value


def _or_unknown(write: Callable[Concatenate[V, P], str]) -> Callable[Concatenate[V | None, P], str]:
    """Let a function that writes a value write UNKNOWN for one that is not known."""

    @wraps(write)
    def wrapped(value: V | None, /, *args: P.args, **kwargs: P.kwargs) -> str:
        return UNKNOWN if value is None or is_unknown(value) else write(value, *args, **kwargs)

    return wrapped


def in_table(text: str) -> str:
    """The text of a narrow cell: UNKNOWN_MARK for UNKNOWN. Put UNKNOWN_LEGEND under the table."""
    return UNKNOWN_MARK if text == UNKNOWN else text


# Numbers -------------------------------------------------------------------------------------------------------------


@_or_unknown
def number(value: Number, decimals: int | None = None) -> str:
    """« 12 345,6 »: narrow no-break space in thousands, decimal comma, true minus.

    `decimals` rounds to so many; None writes all those that the value has, and none for a whole number.
    Raises ValueError for an infinite value, as every writer of this module does.
    """
    exact = _exact(value)
    return _write(exact, _places(exact)) if decimals is None else _write(_rounded(exact, decimals), decimals)


@_or_unknown
def percent(rate: Number, decimals: int | None = 1) -> str:
    """« 79,9 % » from 0.7993. None as `decimals` writes those that the rate has: « 80 % », « 72,5 % ».

    Rounding never turns a rate into 0 % or 100 % when it is neither: 0.9997 is « > 99,9 % », 0.0002 « < 0,1 % ».
    Differences under 10⁻¹² are floating-point noise and not held against it.
    """
    hundredths = _hundredths(rate)
    if decimals is None:
        return f"{_write(hundredths, _places(hundredths))}{NBSP}%"
    bound, shown = _honest(hundredths, decimals, landmarks=(0, 100))
    return f"{bound}{_write(shown, decimals)}{NBSP}%"


@_or_unknown
def points(difference: Number, decimals: int = 1) -> str:
    """A signed difference of two rates in percentage points: « −12,3 points » from -0.123, « +1,9 point », « 0 point ».

    Trailing zeros are dropped. A difference too small to show keeps its side of zero: -0.0001 is « > −0,1 point ».
    """
    bound, shown = _honest(_hundredths(difference), decimals, landmarks=(0,))
    return f"{bound}{_sign(shown)}{_write(shown, decimals, trim=True)}{NBSP}{'points' if abs(shown) >= 2 else 'point'}"


@_or_unknown
def change(value: Number) -> str:
    """A signed change of a count: « +3 », « −2 », « = » for none."""
    exact = _exact(value)
    return f"{_sign(exact)}{_write(exact, _places(exact))}" if exact else "="


@_or_unknown
def euros(amount: Number) -> str:
    """« 20 900 000 € », to the euro."""
    return f"{number(amount, 0)}{NBSP}€"


@_or_unknown
def euros_short(amount: Number) -> str:
    """« 20,9 M€ »: in k€, M€ or Md€ with at most one decimal, in euros below a thousand."""
    exact = _rounded(_exact(amount), 0)
    for power, unit in ((9, "Md€"), (6, "M€"), (3, "k€")):
        scaled = exact.scaleb(-power, _CONTEXT)
        if abs(scaled) >= _ENOUGH:
            return f"{_write(_rounded(scaled, 1), 1, trim=True)}{NBSP}{unit}"
    return euros(amount)


# One of a unit, or so little less that the unit below would round it up to « 1 000 ».
_ENOUGH = Decimal("0.99995")


@_or_unknown
def count(n: int, noun: str, plural: str | None = None) -> str:
    """« 2 établissements », « 0 établissement »: a number and its noun, plural from two on as in French.

    Give `plural` where `pluralize` cannot know it (« régional », « pas encore évalué »).
    """
    return f"{number(n)} {noun if abs(n) < 2 else plural or pluralize(noun)}"


@_or_unknown
def ratio(part: int, total: int | None, decimals: int = 1) -> str:
    """« 235 sur 294 (79,9 %) »: a rate with what it is made of. Nothing out of nothing has no rate, and says so."""
    if total is None or is_unknown(total):
        return UNKNOWN
    rate = percent(part / total, decimals) if total else "taux non calculable"
    return f"{number(part)} sur {number(total)} ({rate})"


def parse_number(text: str) -> int | float:
    """Read a number that a person wrote: « 12 345 », « 1 234,5 », « −3 », "12345.5".

    Thousands may be parted by ordinary, no-break or narrow spaces; the decimal mark is a comma or a point; a minus
    is a hyphen or a true one. An int unless there is a decimal mark. Raises ValueError for anything else.
    """
    match = _NUMBER.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{quote(text)} n’est pas un nombre ; écrivez par exemple 12{NARROW_NBSP}345 ou 79,9")
    sign, whole, decimals = match.groups()
    plain = ("-" if sign in ("-", MINUS) else "") + re.sub(r"[^0-9]", "", whole)
    return int(plain) if decimals is None else float(f"{plain}.{decimals}")


_SPACE = f"[ {NBSP}{NARROW_NBSP}]"
_NUMBER = re.compile(
    rf"([+\-{MINUS}]?) {_SPACE}? ([0-9]{{1,3}} (?:{_SPACE}[0-9]{{3}})+ | [0-9]+) (?:[.,]([0-9]+))?", re.VERBOSE
)


def _exact(value: Number) -> Decimal:
    """The decimal number that a reader of `value` sees: 0.1 is one tenth, not the binary fraction nearest to it."""
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError("un nombre fini est attendu")
    return exact or exact.copy_abs()  # there is no « −0 »


def _hundredths(rate: Number) -> Decimal:
    return _rounded(_exact(rate), 12).scaleb(2, _CONTEXT)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-decimals), context=_CONTEXT)
    return rounded or rounded.copy_abs()  # there is no « −0 »


def _honest(exact: Decimal, decimals: int, landmarks: Sequence[int]) -> tuple[str, Decimal]:
    """`exact` rounded, unless that makes it a landmark that it is not: then a bound on the side where it lies."""
    rounded = _rounded(exact, decimals)
    if rounded == exact or rounded not in landmarks:
        return "", rounded
    step = Decimal(1).scaleb(-decimals)
    return (f">{NBSP}", rounded - step) if exact < rounded else (f"<{NBSP}", rounded + step)


def _places(value: Decimal) -> int:
    """How many decimals `value` has, trailing zeros left out."""
    exponent = value.normalize(_CONTEXT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _sign(value: Decimal) -> str:
    return "+" if value > 0 else ""  # a minus comes with the digits


@lru_cache(maxsize=4096)  # rates to one decimal have a thousand ways of being written
def _write(value: Decimal, decimals: int, trim: bool = False) -> str:
    pattern = f"#,##0.{('#' if trim else '0') * decimals}"
    with localcontext(_CONTEXT):
        return format_decimal(value, pattern, locale=LOCALE).replace("-", MINUS)


# Letters -------------------------------------------------------------------------------------------------------------

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})


def folded(text: str) -> str:
    """A text in small letters without accents or ligatures: « Œuvre d’Évry » → « oeuvre d’evry »."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def sort_key(text: str) -> tuple[str, str]:
    """The place of a name in a French list: word by word, accents, capitals and punctuation aside.

    « Écureuil » stands between « Eaux » and « Étang », « L’Isle » beside « L Isle », « Saint-Maur » before « Sainte ».
    Names that differ in nothing else have a fixed order too.
    """
    return " ".join(re.findall(r"\w+", folded(text))), text


# Dates ---------------------------------------------------------------------------------------------------------------


@_or_unknown
@lru_cache(maxsize=4096)
def day(value: date) -> str:
    """« 30 juin 2024 », « 1er juillet 2024 »."""
    text = format_date(value, "long", locale=LOCALE)
    return f"1er{text[1:]}" if value.day == 1 else text  # CLDR has no ordinal in its dates


def local_day(moment: datetime) -> date:
    """The day that it was in metropolitan France at a moment, which is kept in UTC."""
    return moment.astimezone(_HERE).date()


def clock(moment: datetime) -> str:
    """« 14 h 05 »: the time that it was in metropolitan France at a moment, which is kept in UTC."""
    here = moment.astimezone(_HERE)
    return f"{here.hour}{NBSP}h{NBSP}{here.minute:02d}"


@_or_unknown
def month(value: date) -> str:
    """« juin 2024 »."""
    return format_date(value, "MMMM y", locale=LOCALE)


@_or_unknown
def short_day(value: date) -> str:
    """« 30/06/2024 »."""
    return format_date(value, "dd/MM/yyyy", locale=LOCALE)


def parse_date(text: str) -> date:
    """Read a day: « 30/06/2024 », « 2024-06-30 », « 30 juin 2024 », « 1er juillet 2024 », with any kind of space.

    Accents and capitals in the name of the month do not matter. Raises ValueError for anything else, and for a day
    that no calendar has.
    """
    plain = " ".join(folded(text).split())
    for pattern in _DATES:
        if match := pattern.fullmatch(plain):
            name = match["month"]
            try:
                return date(int(match["year"]), _MONTHS[name] if name in _MONTHS else int(name), int(match["day"]))
            except ValueError:
                break
    raise ValueError(f"{quote(text)} n’est pas une date ; écrivez 30/06/2024, 2024-06-30 ou 30 juin 2024")


_MONTHS = {folded(name): n for n, name in get_month_names("wide", locale=LOCALE).items()}
_DATES = (
    re.compile(r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})"),
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
    re.compile(rf"(?P<day>[0-9]{{1,2}})(?:(?<=\b1)er)? (?P<month>{'|'.join(_MONTHS)}) (?P<year>[0-9]{{4}})"),
)


# Words ---------------------------------------------------------------------------------------------------------------

# What follows one of these completes the noun and does not agree with it: « établissements de santé ».
_LINKS = frozenset({"à", "au", "aux", "avec", "dans", "de", "des", "du", "en", "par", "pour", "qui", "sans", "sur"})


def pluralize(noun: str) -> str:
    """Add an « s » to a regular noun and the adjectives after it, up to « de », « en », « sur »…

    « établissement éligible » → « établissements éligibles »; « établissement de santé » → « établissements de santé ».
    Words that already end in s, x or z stay; other irregular ones are not for this function.
    """
    words = noun.split(" ")
    end = next((i for i, word in enumerate(words) if word in _LINKS or word.startswith("d’")), len(words))
    agreeing = [word if word.endswith(("s", "x", "z")) or word == "non" else f"{word}s" for word in words[:end]]
    return " ".join(agreeing + words[end:])


def join(items: Sequence[str]) -> str:
    """« a, b et c »; an empty text for no item."""
    return format_list(items, locale=LOCALE)


def after_colon(sentence: str) -> str:
    """A sentence as it goes on after a colon: without the capital that it owes to being one. Names keep theirs."""
    first = re.match(r"\w+", sentence)
    if first and first[0].lower() in _NO_NAMES:
        return f"{sentence[0].lower()}{sentence[1:]}"
    return sentence


def quote(text: str) -> str:
    """The text between guillemets, with their no-break spaces."""
    return f"«{NBSP}{text}{NBSP}»"


def typographic(text: str) -> str:
    """Turn the ordinary spaces that French typography wants unbreakable into no-break ones.

    Narrow before ; ! and ?, of full width before : % € k€ M€ Md€ and inside guillemets. Where no space was written,
    none is added, so that a time (12:30) or an address (https://…) stays as it is.
    """
    text = re.sub(rf"{_SPACE}+(?=[;!?])", NARROW_NBSP, text)
    return re.sub(rf"{_SPACE}+(?=[:%»]|(?:[kM]|Md)?€)|(?<=«){_SPACE}+", NBSP, text)


_MONTH = "|".join(get_month_names("wide", locale=LOCALE).values())
_TOGETHER = re.compile(rf"(?<=[0-9]) (?=(?:et|à|ou) [0-9])|(?:(?<=[0-9])|(?<=\b1er)) (?=(?:{_MONTH})\b)")
_LINKED = re.compile(rf"(\b(?:{_MONTH}|[vV]olets?|[fF]enêtres?)|[0-9]{NBSP}(?:et|à|ou)) (?=[0-9])")


def unbroken(text: str) -> str:
    """The text with no-break spaces inside of what a line must not part: « 30 juin 2024 », « volets 1 et 2 »."""
    return _LINKED.sub(rf"\g<1>{NBSP}", _TOGETHER.sub(NBSP, text))
