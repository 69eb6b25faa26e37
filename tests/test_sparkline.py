"""The small line under a figure: every known day, no line over unknown ones, its ends in words."""

import re
from typing import Any

from sunes.definitions import load_definitions
from sunes.figures.sparkline import sparkline

ATTAINMENT = load_definitions()["attainment_rate"]
PARTICIPATION = load_definitions()["participation_rate"]


def rows(metric: str, *rates: float | None, target: float | None = None) -> list[dict[str, Any]]:
    return [
        {"snapshot": f"2024-0{month}-01", metric: rate, "target_rate": target, "accepted": 4, "evaluated": 2}
        for month, rate in enumerate(rates, start=1)
    ]


def lines(html: str) -> list[list[tuple[float, float]]]:
    """The upper edge of each line, in percent of the box: from the left, from the top."""
    found = []
    for outline in re.findall(r"polygon\((.*?)\)\"", html):
        points = [(float(x), float(y)) for x, y in re.findall(r"([\d.]+)% calc\(([\d.]+)%", outline)]
        found.append(points[: len(points) // 2])
    return found


def test_it_rises_with_the_rate_and_ends_at_the_last_point() -> None:
    html = sparkline(PARTICIPATION, rows("participation_rate", 0.0, 0.5, 1.0))
    (line,) = lines(html)
    assert [y for _, y in line] == [100.0, 50.0, 0.0]
    assert 'style="left: 100.0%; top: 0.0%"' in html
    assert "<b " not in html


def test_what_is_not_known_breaks_the_line_and_is_not_zero() -> None:
    html = sparkline(ATTAINMENT, rows("attainment_rate", 0.2, 0.3, None, 0.4, None, target=0.8))
    assert [len(line) for line in lines(html)] == [2, 1]
    assert '<b style="top: 20.0%"' in html


def test_a_line_begins_with_the_first_evaluation() -> None:
    first, *others = rows("attainment_rate", 0.0, 0.0, 0.25, 0.5)
    html = sparkline(ATTAINMENT, [{**first, "evaluated": 0}, *others]).replace("\u00a0", " ")
    assert [len(line) for line in lines(html)] == [3]
    assert 'aria-label="Atteinte : 0,0 % au 1er février 2024, 50,0 % au 1er avril 2024"' in html


def test_it_says_its_ends() -> None:
    html = sparkline(PARTICIPATION, rows("participation_rate", None, 0.25, 0.5)).replace("\u00a0", " ")
    assert 'aria-label="Participation : 25,0 % au 1er février 2024, 50,0 % au 1er mars 2024"' in html


def test_nothing_is_drawn_of_a_single_day() -> None:
    assert sparkline(PARTICIPATION, rows("participation_rate", None, 0.25)) == ""
    assert sparkline(PARTICIPATION, []) == ""
