"""The sheets of a workbook: what stands in their columns, as values that a spreadsheet counts, sorts and filters.

A value that is not known is None, and its cell stays empty. Rates are shares, unrounded.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal

from sunes import french
from sunes.definitions import Metric, Part, Unit
from sunes.metrics import METRICS, Answer, Row, known_value
from sunes.programme import Programme
from sunes.tables import KEY_LABELS, key_text, origin

# How cells are written and shown. A `code` is text that looks like a number; `points` is a difference of two rates.
Kind = Literal["text", "code", "day", "whole", "number", "rate", "points", "euro"]
Cells = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Column:
    header: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table.

    Attributes
    ----------
    about
        What one of its rows is, as a sentence.
    keys
        How many columns, from the first one on, say what a row is: they stay in sight.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    rows: Sequence[Cells]
    keys: int


ORIGIN = (Column("Situation au", "day"), Column("Révision", "whole"), Column("Données"))


def origin_cells(as_of: date, revision: int, simulated: bool) -> tuple[Any, ...]:
    """What each row says first, under ORIGIN: where it comes from."""
    return tuple(origin(as_of, revision, simulated).values())


# Answers -------------------------------------------------------------------------------------------------------------

# A column of an answer, and its cell in a row.
Figure = tuple[Column, Callable[[Row], Any]]

# In the order of a sentence: who applied, what became of it, what was reached. Each rate comes after its parts.
_ORDER = (
    *("participation_rate", "activity_share"),
    *("applications", "rejected_applications", "acceptance_rate", "newcomers"),
    *("evaluated", "attainment_rate", "attainment_rate_max"),
    *("target_rate", "gap_points", "gap_establishments", "grants_eur"),
)
_KINDS: Mapping[Unit, Kind] = {
    "establishment": "whole",
    "dossier": "whole",
    "rate": "rate",
    "target": "rate",
    "points": "points",
    "activity": "whole",
    "euro": "euro",
}
_CODES = {"region": "Code région", "department": "Code département"}


def answer_sheet(name: str, about: str, answer: Answer, figures: Iterable[Figure], programme: Programme) -> Sheet:
    """The rows of an answer: where they come from, their keys (territories with their codes), then `figures`."""
    keys = [figure for key in answer.by if key != "snapshot" for figure in _key_figures(key, programme)]
    all_figures = [*keys, *figures]
    rows = [
        (
            *origin_cells(date.fromisoformat(row["snapshot"]), row["revision"], row["simulated"]),
            *(cell(row) for _, cell in all_figures),
        )
        for row in answer.rows
    ]
    columns = (*ORIGIN, *(column for column, _ in all_figures))
    return Sheet(name, about, columns, rows, len(ORIGIN) + len(keys))


def figures(answer: Answer, definitions: Mapping[str, Metric]) -> list[Figure]:
    """Every metric that has a value in an answer, the numerator and the denominator before each rate."""
    asked = {
        None,
        *(key for key in ("volet", "window") if key in answer.by),
        *(("volet",) if answer.view.volet else ()),
    }
    found: dict[str, Figure] = {}
    for name in (*_ORDER, *METRICS):
        metric = definitions[name]
        if metric.needs not in asked:
            continue
        for part in filter(None, (metric.numerator, metric.denominator)):
            found |= _part(part, definitions)
        found.setdefault(name, metric_figure(metric))
    return list(found.values())


def metric_figure(metric: Metric) -> Figure:
    """A metric under the short name that tables give it."""
    # A difference of rates, which spreadsheets can only show as a percentage.
    header = f"{metric.short} (points de pourcentage)" if metric.unit == "points" else metric.short
    return Column(header, _KINDS[metric.unit]), lambda row: known_value(row, metric.id)


def _part(part: Part, definitions: Mapping[str, Metric]) -> dict[str, Figure]:
    if len(part.add) == 1 and not part.minus:
        return {part.add[0]: metric_figure(definitions[part.add[0]])}
    return {part.words: (Column(part.words[0].upper() + part.words[1:], "whole"), part.value)}


def _key_figures(key: str, programme: Programme) -> list[Figure]:
    kind: Kind = "whole" if key == "window" else "text"
    cell = (lambda row: row[key]) if key == "window" else partial(_key_text, key, programme)
    code = [(Column(_CODES[key], "code"), lambda row: row[key])] if key in _CODES else []
    return [*code, (Column(KEY_LABELS[key], kind), cell)]


def _key_text(key: str, programme: Programme, row: Row) -> str:
    return key_text(key, row, programme)


# Records that people read --------------------------------------------------------------------------------------------

_EMPTY = ("", french.UNKNOWN, french.UNKNOWN_MARK)
_WHOLE = re.compile(rf"[{french.MINUS}]?[0-9]{{1,3}}(?:{french.NARROW_NBSP}[0-9]{{3}})*")
_PERCENT = re.compile(rf"(.+){french.NBSP}%")


def records_sheet(name: str, about: str, records: Sequence[Mapping[str, Any]]) -> Sheet:
    """Records that all have the keys of the first one, which are the header.

    A column in which every text is a number, a percentage or a day as French tables write them becomes one of real
    numbers or days, with the precision of the text; « non connu » becomes an empty cell.
    """
    header = list(records[0]) if records else []
    columns, cells = [], []
    for title in header:
        kind, values = _typed([record[title] for record in records])
        columns.append(Column(title, kind))
        cells.append(values)
    return Sheet(name, about, tuple(columns), list(zip(*cells, strict=True)), min(1, len(columns)))


def _typed(values: Sequence[Any]) -> tuple[Kind, list[Any]]:
    known = [value for value in values if not (french.is_unknown(value) or value in _EMPTY)]
    readers: tuple[tuple[Kind, Callable[[Any], Any]], ...] = (
        ("day", _day),
        ("whole", _whole),
        ("rate", _share),
        ("number", _number),
    )
    for kind, read in readers if known else ():
        try:
            found = iter([read(value) for value in known])
        except ValueError:
            continue
        return kind, [None if french.is_unknown(value) or value in _EMPTY else next(found) for value in values]
    return "text", [None if french.is_unknown(value) else value for value in values]


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if re.fullmatch(r"\d{2}/\d{2}/\d{4}", str(value)):
        return french.parse_date(value)
    raise ValueError


def _whole(value: Any) -> int:
    # A number of four digits and more is parted in thousands; what is not is a code.
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(french.parse_number(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError


def _share(value: Any) -> float:
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError
    return french.parse_number(found[1]) / 100


def _number(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ValueError
