"""Tables of the documentation that tests make: what stands between `<!-- name -->` and `<!-- /name -->` of a page.

A test run changes no file: it fails where a table is not what the tests say. `SUNES_WRITE_TABLES=1 make test`, or
pytest on the one file, writes it.
"""

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECURITY = ROOT / "docs" / "security.md"

Row = Sequence[str | None]


def settle(page: Path, name: str, header: Sequence[str], rows: Sequence[Row], measured: Collection[str] = ()) -> None:
    """Make sure that a table is these rows, or write it where that was asked for.

    Cells of the columns that are `measured` differ from run to run: they are written, and held against nothing but
    their presence. None, for one of them, is what was not measured now: what the table has stays. Rows are known by
    their first cell.
    """
    text = page.read_text("utf-8") if page.exists() else ""
    found = re.search(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", text, re.DOTALL)
    assert found, f"{page.name} has no <!-- {name} --> … <!-- /{name} -->"
    before = {row[0]: row for row in _rows(found[0])}
    kept = {index for index, column in enumerate(header) if column in measured}
    if os.environ.get("SUNES_WRITE_TABLES"):
        whole = [[_cell(cell, index, before.get(str(row[0]))) for index, cell in enumerate(row)] for row in rows]
        page.write_text(text[: found.start()] + _table(header, whole) + text[found.end() :], "utf-8")
        return
    now = [[_cell(cell, index, None) for index, cell in enumerate(row)] for row in rows]
    written = [[cell if index not in kept else "" for index, cell in enumerate(row)] for row in _rows(found[0])]
    wanted = [[cell if index not in kept else "" for index, cell in enumerate(row)] for row in [[*header], *now]]
    assert written == wanted, (
        f"the table {name} of {page.name} is not what the tests say: SUNES_WRITE_TABLES=1 writes it"
    )
    empty = [row[0] for row in _rows(found[0])[1:] if any(not row[index] for index in kept)]
    assert empty == [], f"the table {name} of {page.name} lacks what was measured"


def _cell(cell: str | None, index: int, before: Sequence[str] | None) -> str:
    if cell is None:
        return before[index] if before and index < len(before) else ""
    return cell.replace("|", "\\|").replace("\n", " ")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rows(table: str) -> list[list[str]]:
    """The cells of a table in Markdown, its header first."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in rows if set("".join(row)) - {"-"} or not row]
