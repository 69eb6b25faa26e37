"""What is kept stays within its bounds, and is made once however many ask at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from sunes.errors import GivenUpError
from sunes.memo import Memo


def memo(most: int = 100) -> Memo[str, str]:
    return Memo(most, len)


class Maker:
    """Makes the value of a key, and says what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, keys: list[str]) -> Iterator[tuple[str, str]]:
        self.asked.append(keys)
        return ((key, key * 10) for key in keys)


def test_only_what_is_missing_is_made_and_in_one_go() -> None:
    kept, make = memo(), Maker()
    assert kept.of(["a", "b"], make) == ["a" * 10, "b" * 10]
    assert kept.of(["c", "b", "d", "c"], make) == ["c" * 10, "b" * 10, "d" * 10, "c" * 10]
    assert make.asked == [["a", "b"], ["c", "d"]]


def test_what_nobody_asked_for_lately_is_forgotten_first() -> None:
    kept, make = memo(30), Maker()
    kept.of(["a", "b", "c"], make)
    kept.of(["a"], make)
    kept.of(["d"], make)
    assert kept.bytes == 30
    kept.of(["a", "c", "d"], make)
    assert make.asked == [["a", "b", "c"], ["d"]]
    assert kept.of(["b"], make) == ["b" * 10]
    assert make.asked[-1] == ["b"]


def test_what_is_larger_than_all_room_is_given_and_not_kept() -> None:
    kept, make = memo(5), Maker()
    assert kept.of(["a"], make) == ["a" * 10]
    assert kept.bytes == 0
    kept.of(["a"], make)
    assert make.asked == [["a"], ["a"]]


def test_some_or_all_can_be_forgotten() -> None:
    kept, make = memo(), Maker()
    kept.of(["a", "b"], make)
    kept.forget(lambda key: key == "a")
    assert kept.bytes == 10
    kept.of(["a", "b"], make)
    assert make.asked == [["a", "b"], ["a"]]
    kept.forget()
    assert kept.bytes == 0
    kept.of(["a"], make)
    assert make.asked[-1] == ["a"]


def test_hundreds_who_ask_at_once_wait_for_one() -> None:
    kept, make, together, last = memo(), Maker(), Barrier(8), Event()

    def slowly(keys: list[str]) -> Iterator[tuple[str, str]]:
        assert last.wait(60)
        return make(keys)

    def ask(number: int) -> list[str]:
        together.wait()
        if number == 7:
            last.set()
        return kept.of(["a", "b"], slowly)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [["a" * 10, "b" * 10]] * 8
    assert make.asked == [["a", "b"]]


def test_when_the_one_who_makes_it_gives_up_the_next_one_makes_it() -> None:
    kept = memo()
    begun, waiting = Event(), Event()

    def leave(keys: list[str]) -> Iterator[tuple[str, str]]:
        begun.set()
        assert waiting.wait(30)
        raise GivenUpError("Parti.")

    with ThreadPoolExecutor() as threads:
        first = threads.submit(kept.of, ["a"], leave)
        assert begun.wait(30)
        second = threads.submit(kept.of, ["a"], Maker())
        waiting.set()
        with pytest.raises(GivenUpError):
            first.result(30)
        assert second.result(30) == ["a" * 10]


def test_a_failure_is_told_to_everyone_who_waits_and_is_not_kept() -> None:
    kept, failing, waiting = memo(), Event(), Event()

    def fail(keys: list[str]) -> Iterator[tuple[str, str]]:
        failing.set()
        assert waiting.wait(60)
        raise ValueError("no")

    def wait(keys: list[str]) -> Iterator[tuple[str, str]]:
        waiting.set()  # "b" is asked of this one, and then "a" is waited for
        return ((key, key) for key in keys)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(kept.of, ["a"], fail)
        assert failing.wait(60)
        second = pool.submit(kept.of, ["a", "b"], wait)
        for each in (first, second):
            with pytest.raises(ValueError, match="no"):
                each.result()
    make = Maker()
    assert kept.of(["a", "b"], make) == ["a" * 10, "b"]
    assert make.asked == [["a"]]
