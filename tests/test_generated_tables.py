"""A table of the documentation that is not what the tests say fails them, and is written only when asked for."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.generated_tables import settle

HEADER = ("fault", "seen", "back after")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page with one row, as it is written."""
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x -->\n<!-- /x -->\nafter\n", "utf-8")
    with monkeypatch.context() as patch:
        patch.setenv("SUNES_WRITE_TABLES", "1")
        settle(page, "x", HEADER, [("kill", "a | b", "1 s")], measured=("back after",))
    monkeypatch.delenv("SUNES_WRITE_TABLES", raising=False)
    return page


def test_a_row_is_written_and_found_again(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.startswith("before\n<!-- x -->\n| fault | seen | back after |\n")
    assert text.endswith("| kill | a \\| b | 1 s |\n<!-- /x -->\nafter\n")
    settle(page, "x", HEADER, [("kill", "a | b", "9 s")], measured=("back after",))
    settle(page, "x", HEADER, [("kill", "a | b", None)], measured=("back after",))
    assert page.read_text("utf-8") == text


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("kill", "something else", "1 s")],
        [("kill", "a | b", "1 s"), ("full disk", "a sentence", "1 s")],
    ],
)
def test_a_table_that_is_not_what_the_tests_say_fails(page: Path, rows: Sequence[tuple[str, str, str]]) -> None:
    text = page.read_text("utf-8")
    with pytest.raises(AssertionError, match="is not what the tests say"):
        settle(page, "x", HEADER, rows, measured=("back after",))
    assert page.read_text("utf-8") == text


def test_what_was_never_measured_fails(page: Path) -> None:
    page.write_text(page.read_text("utf-8").replace("| 1 s |", "|  |"), "utf-8")
    with pytest.raises(AssertionError, match="lacks what was measured"):
        settle(page, "x", HEADER, [("kill", "a | b", None)], measured=("back after",))


def test_what_was_not_measured_now_stays(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_WRITE_TABLES", "1")
    rows = [("kill", "a | b", None), ("full disk", "a sentence", "2 s")]
    settle(page, "x", HEADER, rows, measured=("back after",))
    assert "| kill | a \\| b | 1 s |\n| full disk | a sentence | 2 s |\n" in page.read_text("utf-8")


def test_a_page_without_the_table_fails(page: Path) -> None:
    with pytest.raises(AssertionError, match="has no <!-- y -->"):
        settle(page, "y", HEADER, [])
