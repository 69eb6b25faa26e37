"""Runs of pages take turns: in the order in which they come, and never behind somebody who only waits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from sunes.ui import turns
from sunes.ui.importer import draft


@pytest.fixture(autouse=True)
def line(monkeypatch: pytest.MonkeyPatch) -> turns._Line:
    line = turns._Line()
    monkeypatch.setattr(turns, "_LINE", line)
    return line


def stands(line: turns._Line, number: int) -> Callable[[], bool]:
    return lambda: len(line._waiting) == number


def wait_for(condition: Callable[[], bool]) -> None:
    while not condition():
        Event().wait(0.005)


def test_one_at_a_time_in_the_order_of_the_line(line: turns._Line) -> None:
    drawn: list[int] = []

    def draw(number: int) -> None:
        with turns.turn():
            drawn.append(number)

    with ThreadPoolExecutor(4) as threads, turns.turn():
        for number in range(4):
            threads.submit(draw, number)
            wait_for(stands(line, number + 1))
        assert drawn == []
        turns._leave()
    assert drawn == [0, 1, 2, 3]


def test_who_steps_aside_lets_the_next_one_draw_and_goes_on_before_the_others(line: turns._Line) -> None:
    drawn: list[str] = []
    begun, go = Event(), Event()

    def slow() -> None:
        with turns.turn():
            with turns.aside():
                begun.set()
                assert go.wait(30)
            drawn.append("slow")

    def quick(name: str) -> None:
        with turns.turn():
            drawn.append(name)

    with ThreadPoolExecutor(3) as threads:
        waiting = threads.submit(slow)
        assert begun.wait(30)
        threads.submit(quick, "first").result(30)
        with turns.turn():
            threads.submit(quick, "second")
            wait_for(stands(line, 1))
            go.set()
            wait_for(stands(line, 2))
        waiting.result(30)
    assert drawn == ["first", "slow", "second"]


def test_a_run_that_fails_leaves_its_turn_to_the_next() -> None:
    with pytest.raises(LookupError), turns.turn():
        raise LookupError
    with pytest.raises(LookupError), turns.turn(), turns.aside():
        raise LookupError
    with ThreadPoolExecutor(1) as threads:
        threads.submit(turns._enter, in_front=False).result(30)


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_SECONDS", 0.05)

    def draw() -> str:
        with turns.turn():
            return "drawn all the same"

    with ThreadPoolExecutor(1) as threads, turns.turn():
        assert threads.submit(draw).result(30) == "drawn all the same"


def test_stepping_aside_without_a_turn_takes_none(line: turns._Line) -> None:
    with turns.aside():
        pass
    assert not line._taken


def test_whoever_imports_large_files_keeps_nobody_waiting(line: turns._Line, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bool] = []
    begin = draft.draft

    def observed() -> draft.Draft:
        taken.append(line._taken)
        return begin()

    monkeypatch.setattr(draft, "draft", observed)
    shell = Path(__file__).parents[1] / "pages" / "shell.py"
    page = AppTest.from_file(shell, default_timeout=60).run().switch_page("importer.py").run()
    assert not page.exception
    assert taken
    assert not any(taken)
