"""FINESS numbers pasted from anywhere, and words typed without their accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunes.errors import UsageError
from sunes.establishments.search import MOST, matches, pasted_numbers, searchable
from sunes.french import NARROW_NBSP, NBSP

NUMBERS = st.lists(st.from_regex(r"[0-9][0-9AB][0-9]{7}", fullmatch=True), min_size=1, max_size=20, unique=True)


@given(NUMBERS, st.sampled_from([" ", ", ", ";", "\n", "\r\n", "\t", "  ;\n", f"{NBSP}", " | "]))
def test_numbers_are_read_whatever_parts_them(numbers: list[str], between: str) -> None:
    assert pasted_numbers(between.join(numbers), ()).finess == tuple(numbers)


@pytest.mark.parametrize(
    ("text", "finess"),
    [
        ("2a0000014", ("2A0000014",)),
        ("310781406 310781406\n310781406", ("310781406",)),
        ("31 078 140 6, 010000024", ("310781406", "010000024")),
        (f"31{NBSP}078{NARROW_NBSP}140{NBSP}6", ("310781406",)),
        ('="310781406";"010000024"', ("310781406", "010000024")),
        ("(310781406).", ("310781406",)),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, finess: tuple[str, ...]) -> None:
    pasted = pasted_numbers(text, ())
    assert pasted.finess == finess
    assert pasted.notices == ()


def test_a_lost_zero_is_asked_about_and_never_put_back() -> None:
    pasted = pasted_numbers("10000024, 10000099", {"010000024"})
    assert pasted.finess == ()
    lost, unknown = pasted.notices
    assert "10000024" in lost
    assert "s’agit-il de 010000024" in lost
    assert "s’agit-il" not in unknown


def test_what_is_no_number_is_listed_and_the_rest_goes_on() -> None:
    pasted = pasted_numbers("310781406; 3107814; CHU*;" + "x" * 200, ())
    assert pasted.finess == ("310781406",)
    assert len(pasted.notices) == 3
    assert all(len(notice) < 120 for notice in pasted.notices)


@pytest.mark.parametrize("text", ["", "  \n ; , "])
def test_nothing_pasted_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="au moins un numéro"):
        pasted_numbers(text, ())


def test_more_than_an_address_can_hold_is_refused() -> None:
    numbers = [f"{n:09}" for n in range(MOST + 1)]
    assert len(pasted_numbers(" ".join(numbers[:MOST]), ()).finess) == MOST
    with pytest.raises(UsageError, match=str(MOST)):
        pasted_numbers("\n".join(numbers), ())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", True),
        ("HOPITAL etoile", True),
        ("l'etoile", True),
        ("étoile hôpital", True),
        ("oeuvre", True),
        ("x", False),
    ],
)
def test_words_are_found_without_accents_in_any_order(words: str, found: bool) -> None:
    assert matches(searchable("Hôpital de l’Étoile, œuvre"), words) is found
