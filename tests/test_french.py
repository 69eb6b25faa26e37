"""What readers see is written as they expect it, says no more than is known, and can be read back."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunes import french

# The same examples each time, however busy the machine.
steady = settings(deadline=None, derandomize=True, database=None)

DAYS = st.dates(min_value=date(1000, 1, 1))
SHARES = st.fractions(0, 1, max_denominator=10_000)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (12345, None, "12\u202f345"),
        (1234567, None, "1\u202f234\u202f567"),
        (0, None, "0"),
        (12345.6, None, "12\u202f345,6"),
        (Decimal("0.70"), None, "0,7"),
        (-3, None, "\u22123"),
        (3, 2, "3,00"),
        (2.45, 1, "2,5"),
        (-2.45, 1, "\u22122,5"),
        (0.125, 2, "0,13"),
        (2.5, 0, "3"),
        (-0.04, 1, "0,0"),
        (-0.0, None, "0"),
        (None, None, "non connu"),
        (float("nan"), 1, "non connu"),
    ],
)
def test_number(value: float, decimals: int | None, text: str) -> None:
    assert french.number(value, decimals) == text


@pytest.mark.parametrize("write", [french.number, french.percent, french.points, french.change, french.euros])
def test_an_infinite_value_is_refused(write: Callable[[float], str]) -> None:
    with pytest.raises(ValueError, match="nombre fini"):
        write(float("inf"))


@pytest.mark.parametrize(
    ("rate", "decimals", "text"),
    [
        (0.7993, 1, "79,9\u00a0%"),
        (235 / 294, 1, "79,9\u00a0%"),
        (0.7993, 0, "80\u00a0%"),
        (0.8, 1, "80,0\u00a0%"),
        (Decimal("0.80"), None, "80\u00a0%"),
        (0.725, None, "72,5\u00a0%"),
        (0.0545, 1, "5,5\u00a0%"),
        (0, 1, "0,0\u00a0%"),
        (1, 1, "100,0\u00a0%"),
        (0.9997, 1, ">\u00a099,9\u00a0%"),
        (0.9995, 1, ">\u00a099,9\u00a0%"),
        (0.99949, 1, "99,9\u00a0%"),
        (0.996, 0, ">\u00a099\u00a0%"),
        (0.0002, 1, "<\u00a00,1\u00a0%"),
        (0.0005, 1, "0,1\u00a0%"),
        (1.0003, 1, "<\u00a0100,1\u00a0%"),
        (0.1 + 0.2 + 0.7, 1, "100,0\u00a0%"),
        (None, 1, "non connu"),
    ],
)
def test_percent(rate: float, decimals: int | None, text: str) -> None:
    assert french.percent(rate, decimals) == text


@steady
@given(SHARES, st.integers(0, 3))
def test_a_percentage_is_right_and_never_rounded_into_all_or_nothing(share: Fraction, decimals: int) -> None:
    text = french.percent(float(share), decimals)
    shown = Fraction(Decimal(text.strip("<>\u00a0%").replace(",", "."))) / 100
    if text.startswith("<"):
        assert 0 < share < shown
    elif text.startswith(">"):
        assert shown < share < 1
    else:
        assert abs(share - shown) <= Fraction(1, 200 * 10**decimals)
        assert (shown in (0, 1)) == (share in (0, 1)) or shown == share


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (-0.123, "\u221212,3\u00a0points"),
        (0.005, "+0,5\u00a0point"),
        (0.019, "+1,9\u00a0point"),
        (-0.019, "\u22121,9\u00a0point"),
        (0.0196, "+2\u00a0points"),
        (0.02, "+2\u00a0points"),
        (0, "0\u00a0point"),
        (0.3 - 0.1 - 0.2, "0\u00a0point"),
        (-0.0001, ">\u00a0\u22120,1\u00a0point"),
        (0.0001, "<\u00a0+0,1\u00a0point"),
        (None, "non connu"),
    ],
)
def test_points(difference: float, text: str) -> None:
    assert french.points(difference) == text


@pytest.mark.parametrize(
    ("value", "text"), [(3, "+3"), (-2, "\u22122"), (0, "="), (1500, "+1\u202f500"), (None, "non connu")]
)
def test_change(value: int, text: str) -> None:
    assert french.change(value) == text


@pytest.mark.parametrize(
    ("amount", "long", "short"),
    [
        (20_900_000, "20\u202f900\u202f000\u00a0€", "20,9\u00a0M€"),
        (21_000_000, "21\u202f000\u202f000\u00a0€", "21\u00a0M€"),
        (1_250_000_000, "1\u202f250\u202f000\u202f000\u00a0€", "1,3\u00a0Md€"),
        (950_000, "950\u202f000\u00a0€", "950\u00a0k€"),
        (999_949, "999\u202f949\u00a0€", "999,9\u00a0k€"),
        (999_950, "999\u202f950\u00a0€", "1\u00a0M€"),
        (999.5, "1\u202f000\u00a0€", "1\u00a0k€"),
        (999, "999\u00a0€", "999\u00a0€"),
        (0, "0\u00a0€", "0\u00a0€"),
        (-5_000_000, "\u22125\u202f000\u202f000\u00a0€", "\u22125\u00a0M€"),
        (None, "non connu", "non connu"),
    ],
)
def test_euros(amount: float, long: str, short: str) -> None:
    assert french.euros(amount) == long
    assert french.euros_short(amount) == short


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0 établissement éligible"),
        (1, "1 établissement éligible"),
        (2, "2 établissements éligibles"),
        (1234, "1\u202f234 établissements éligibles"),
        (None, "non connu"),
    ],
)
def test_count(n: int, text: str) -> None:
    assert french.count(n, "établissement éligible") == text


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("établissement de santé", "établissements de santé"),
        ("refus", "refus"),
        ("candidature en instruction", "candidatures en instruction"),
        ("établissement non évalué", "établissements non évalués"),
        ("taux d’atteinte", "taux d’atteinte"),
    ],
)
def test_pluralize(noun: str, plural: str) -> None:
    assert french.pluralize(noun) == plural
    assert french.count(2, noun) == f"2 {plural}"


def test_an_irregular_plural_is_given() -> None:
    assert french.count(3, "bilan régional", "bilans régionaux") == "3 bilans régionaux"
    assert french.count(1, "bilan régional", "bilans régionaux") == "1 bilan régional"


def test_a_ratio_shows_what_it_is_made_of() -> None:
    assert french.ratio(235, 294) == "235 sur 294 (79,9\u00a0%)"
    assert french.ratio(9997, 10_000) == "9\u202f997 sur 10\u202f000 (>\u00a099,9\u00a0%)"
    assert french.ratio(0, 0) == "0 sur 0 (taux non calculable)"
    assert french.ratio(None, 294) == french.ratio(235, None) == french.UNKNOWN


def test_unknown_is_not_zero_and_has_a_mark_for_tables() -> None:
    assert french.in_table(french.number(None)) == "–"
    assert french.in_table(french.number(0)) == "0"
    assert french.UNKNOWN in french.UNKNOWN_LEGEND
    assert french.UNKNOWN_MARK in french.UNKNOWN_LEGEND


def test_dates() -> None:
    assert french.day(date(2024, 6, 30)) == "30 juin 2024"
    assert french.day(date(2024, 7, 1)) == "1er juillet 2024"
    assert french.day(date(2024, 12, 11)) == "11 décembre 2024"
    assert french.day(datetime(2024, 7, 1, 23, 59)) == "1er juillet 2024"
    assert french.month(date(2024, 6, 30)) == "juin 2024"
    assert french.short_day(date(2024, 6, 3)) == "03/06/2024"
    assert french.day(None) == french.month(None) == french.short_day(None) == french.UNKNOWN


@steady
@given(st.integers() | st.floats(-1e15, 1e15))
def test_a_number_written_can_be_read_back(value: float) -> None:
    assert french.parse_number(french.number(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12 345", 12345),
        ("12\u00a0345", 12345),
        ("12\u202f345,5", 12345.5),
        ("12345.5", 12345.5),
        (" 79,9\u00a0", 79.9),
        ("-3", -3),
        ("\u22123", -3),
        ("+ 3", 3),
        ("0,0", 0),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, value: float) -> None:
    assert french.parse_number(text) == value


@pytest.mark.parametrize("text", ["", "n.c.", "12 34", "1,2,3", "1.234,5", "12,", ",5", "1e5", "nan", "٣", "12 345 €"])
def test_what_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="n’est pas un nombre"):
        french.parse_number(text)


@steady
@given(DAYS)
def test_a_day_written_can_be_read_back(value: date) -> None:
    for text in (french.day(value), french.short_day(value), value.isoformat()):
        assert french.parse_date(text) == value
        assert french.parse_date(text.replace(" ", "\u00a0")) == value
        assert french.parse_date(text.upper()) == value


@pytest.mark.parametrize("text", ["1 juillet 2024", " 1er\u202fjuillet\u00a02024 ", "01 JUILLET 2024", "1/7/2024"])
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert french.parse_date(text) == date(2024, 7, 1)


def test_accents_of_months_may_be_missing() -> None:
    assert french.parse_date("29 fevrier 2024") == date(2024, 2, 29)
    assert french.parse_date("15 aout 2024") == date(2024, 8, 15)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31/02/2024",
        "29 février 2023",
        "2024-6-30",
        "20240630",
        "30/06/24",
        "2er juillet 2024",
        "11er juillet 2024",
        "30 june 2024",
        "juin 2024",
        "06/30/2024",
    ],
)
def test_what_is_not_a_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="n’est pas une date"):
        french.parse_date(text)


def test_lists_and_quotes() -> None:
    assert french.join(["a", "b", "c"]) == "a, b et c"
    assert french.join(["a", "b"]) == "a et b"
    assert french.join(["a"]) == "a"
    assert french.join([]) == ""
    assert french.quote("text") == "«\u00a0text\u00a0»"


def test_typographic_spaces() -> None:
    assert french.typographic("Attention : « oui » ; non ! À 80 % ?") == (
        "Attention\u00a0: «\u00a0oui\u00a0»\u202f; non\u202f! À 80\u00a0%\u202f?"
    )
    assert french.typographic("près de 21 M€, 3 €") == "près de 21\u00a0M€, 3\u00a0€"
    assert french.typographic("à 12:30, https://exemple.fr/?a=b;c") == "à 12:30, https://exemple.fr/?a=b;c"


@steady
@given(st.text("ab :;!?%«» \u00a0\u202f€1", max_size=30))
def test_typographic_changes_spaces_only_and_settles_at_once(text: str) -> None:
    once = french.typographic(text)
    assert french.typographic(once) == once
    assert "".join(once.split()) == "".join(text.split())


def test_names_stand_as_in_a_french_list() -> None:
    names = [
        "Zénith",
        "Étang",
        "eaux vives",
        "Écureuil",
        "Œuvre",
        "Ormeau",
        "Sainte-Foy",
        "Saint-Maur",
        "Saint Denis",
        "L’Isle",
        "« Les Lilas »",
        "Évry (2)",
        "Evry 1",
    ]
    assert sorted(names, key=french.sort_key) == [
        "eaux vives",
        "Écureuil",
        "Étang",
        "Evry 1",
        "Évry (2)",
        "L’Isle",
        "« Les Lilas »",
        "Œuvre",
        "Ormeau",
        "Saint Denis",
        "Saint-Maur",
        "Sainte-Foy",
        "Zénith",
    ]


def test_names_that_differ_in_accents_or_capitals_only_have_one_order() -> None:
    for names in (["Etang", "Étang", "étang"], ["Saint Denis", "Saint-Denis"]):
        backwards = names[::-1]
        assert sorted(backwards, key=french.sort_key) == names
        assert len({french.sort_key(name)[0] for name in names}) == 1


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Au 30 juin 2024, les volets 1 et 2", "Au 30_juin_2024, les volets_1_et_2"),
        ("depuis novembre 2021 ; le 1er juillet 2024", "depuis novembre_2021 ; le 1er_juillet_2024"),
        ("de 10 à 12 établissements, fenêtre 4", "de 10_à_12 établissements, fenêtre_4"),
        ("la mer mai qui, 3 mais 2 établissements", "la mer mai qui, 3 mais 2 établissements"),
    ],
)
def test_no_line_ends_inside_a_date_or_between_two_numbers(text: str, held: str) -> None:
    assert french.unbroken(text).replace(french.NBSP, "_") == held
