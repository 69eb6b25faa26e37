"""Records on standard output: a table for people, JSON or CSV for programs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sunes.export.plain import to_csv, to_json
from sunes.french import typographic

_WIDTH = 120  # where there is no terminal to fit

Record = Mapping[str, Any]


class Format(StrEnum):
    """How records are written: programs get every field, unrounded; people get a choice of them, in French."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def write(output: Format, records: Sequence[Record], fields: Sequence[str], for_people: Callable[[], None]) -> None:
    """Write records: as a JSON list of objects, as CSV with `fields` for header, or as `for_people` does.

    What is not known is null in JSON, empty in CSV.
    """
    if output is Format.TABLE:
        for_people()
    else:
        sys.stdout.write((to_json if output is Format.JSON else to_csv)(fields, records))


def say(sentence: str, output: Format = Format.TABLE) -> None:
    """Write a sentence for people, out of the way of a program that reads the output."""
    print(typographic(sentence), file=sys.stdout if output is Format.TABLE else sys.stderr)


def write_table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1, caption: str = "") -> None:
    """Write a table for people; its first `left` columns are words, the others figures."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for index, (header, *cells) in enumerate(zip(headers, *rows, strict=True)):
        # A narrow terminal breaks lines between words, never a figure or a name.
        widest = max(len(word) for text in (header, *cells) for word in text.split(" "))
        table.add_column(Text(header), justify="left" if index < left else "right", min_width=widest)
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    # Where even that is too wide, the terminal breaks the lines: no column is left out.
    console.print(table, width=max(console.width, console.measure(table).minimum), crop=False, no_wrap=None)
    if caption:
        say(caption)
