"""Documentation that can't rot: what other programs depend on is in docs/reference.md, and links lead somewhere."""

import re
from pathlib import Path

import pytest
import typer.main

from sunes.cli import app
from sunes.metrics import KEYS, METRICS
from sunes.schema import TABLES
from sunes.view import PARAMETERS
from tests.browser import KNOWN

ROOT = Path(__file__).parents[1]
COLUMNS = {column.name for table in TABLES.values() for column in table.columns}
REFERENCE = (ROOT / "docs" / "reference.md").read_text("utf-8")


def commands() -> list[str]:
    found = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        found += [name, *getattr(command, "commands", {})]
    return found


@pytest.mark.parametrize("name", sorted({*METRICS, *KEYS, *PARAMETERS, *COLUMNS}))
def test_every_metric_key_parameter_and_column_is_documented(name: str) -> None:
    assert f"`{name}`" in REFERENCE


def test_every_command_is_documented() -> None:
    assert len(commands()) >= 8
    group = "(snapshots |export |deploy |access |journal )?"
    assert [name for name in commands() if not re.search(rf"`{group}{name}\b", REFERENCE)] == []


def test_every_known_finding_of_the_framework_is_documented() -> None:
    accessibility = (ROOT / "docs" / "accessibility.md").read_text("utf-8")
    assert [rule for rule in KNOWN if f"`{rule}`" not in accessibility] == []


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name
)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
