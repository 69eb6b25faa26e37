"""Two implementations of one definition agree, on every engine: whatever the programme, the snapshots, the question."""

import math
from typing import Any

import pytest
from hypothesis import given, settings

from sunes.engine import Backend
from tests import oracle
from tests.rows import BACKENDS, Row, computed
from tests.strategies import Question, questions

# Sums and quotients of floats may differ in their last digit; everything else is a count, a key or null.
FLOATS = {"activity_applicants", "activity_eligible", "activity_share", "gap_points"}
FLOATS |= {"participation_rate", "acceptance_rate", "attainment_rate", "attainment_rate_max", "target_rate"}
# What an example costs differs: pyarrow and Polars carry most of the search for mistakes of definition.
EXAMPLES: dict[Backend, int] = {"pyarrow": 300, "polars": 200, "pandas": 60, "duckdb": 60, "pyspark": 5}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param == "pyspark":
        request.getfixturevalue("spark")
    name: Backend = request.param
    return name


def on_engine(backend: Backend, question: Question) -> list[Row]:
    return computed(backend, question.programme, question.snapshots, question.view, question.by)


def by_the_oracle(question: Question) -> list[Row]:
    return oracle.answer(question.programme, question.snapshots, question.view, question.by)


def same(name: str, left: Any, right: Any) -> bool:
    """Equal and of one type (1, 1.0 and true are three things), but for the last digits of what is a float."""
    if name in FLOATS and left is not None and right is not None:
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return type(left) is type(right) and left == right


def differences(left: list[Row], right: list[Row]) -> list[str]:
    """What differs between two answers, in words that make a failing example readable."""
    if len(left) != len(right):
        return [f"{len(left)} rows against {len(right)}"]
    return [
        f"row {number}, {name}: {ours.get(name, 'absent')!r} against {theirs.get(name, 'absent')!r}"
        for number, (ours, theirs) in enumerate(zip(left, right, strict=True))
        for name in sorted(ours.keys() | theirs.keys())
        if name not in ours or name not in theirs or not same(name, ours[name], theirs[name])
    ]


def test_an_engine_agrees_with_the_oracle(backend: Backend) -> None:
    @settings(deadline=None, derandomize=True, database=None, max_examples=EXAMPLES[backend])
    @given(questions())
    def agrees(question: Question) -> None:
        assert differences(on_engine(backend, question), by_the_oracle(question)) == []

    agrees()


@pytest.mark.usefixtures("spark")
@settings(deadline=None, derandomize=True, database=None, max_examples=25)
@given(questions())
def test_all_engines_give_the_very_same_rows(question: Question) -> None:
    """Not a digit of difference: what a deck says does not depend on where it was computed."""
    reference, *others = (on_engine(backend, question) for backend in BACKENDS)
    for rows in others:
        assert rows == reference
