"""Cells as people and spreadsheets write them: what is certain is read, what is a guess is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunes.ingest import cells
from sunes.ingest.readers.spoken import Speech
from sunes.programme import load_programme

PROGRAMME = load_programme()
SPEECH = Speech(PROGRAMME)


@pytest.mark.parametrize(
    ("text", "number", "repair"),
    [
        ("010000024", "010000024", ""),
        ("2A0000014", "2A0000014", ""),
        ("10000024", "010000024", "lu 010000024 : le zéro de tête est rétabli."),
        ("310000123.0", "310000123", "lu 310000123 : les décimales sont retirées."),
        ("310000123,00", "310000123", "lu 310000123 : les décimales sont retirées."),
        ("31\u00a0000\u202f0123", "310000123", "lu 310000123 : les espaces sont retirées."),
        ("'010000024", "010000024", "lu 010000024 : l’apostrophe est retirée."),
        ("2b0000014", "2B0000014", "lu 2B0000014 : la lettre est mise en majuscule."),
        (
            "10 000 024.0",
            "010000024",
            "les espaces sont retirées, les décimales sont retirées et le zéro de tête est rétabli.",
        ),
    ],
)
def test_what_a_spreadsheet_did_to_a_number_is_undone(text: str, number: str, repair: str) -> None:
    value, told = cells.finess(text)

    assert value == number
    assert told.endswith(repair)
    assert bool(told) == bool(repair)


@pytest.mark.parametrize(
    "text", ["1,0E+07", "1.0E+07", "1E+07", "3,1e8", "1000002", "0100000240", "00000024", "x", "3A0000014"]
)
def test_a_number_is_never_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"tableur a arrondi|compte 9 chiffres"):
        cells.finess(text)


@given(st.from_regex(r"(0[1-9]|[1-9][0-9]|2[AB])[0-9]{7}", fullmatch=True))
def test_whatever_a_spreadsheet_takes_from_a_number_comes_back(number: str) -> None:
    mangled = number.lower() if number[1] in "AB" else str(int(number))

    assert cells.finess(mangled)[0] == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("30/06/2024", date(2024, 6, 30)),
        ("30/06/2024 14:05", date(2024, 6, 30)),
        ("30/06/2024 à 14h05", date(2024, 6, 30)),
        ("30\u00a0juin\u00a02024", date(2024, 6, 30)),
        ("1er juillet 2024", date(2024, 7, 1)),
        ("1er juillet 2024 9:05", date(2024, 7, 1)),
        ("2024-06-30", date(2024, 6, 30)),
        ("2024-06-30 23:59:59", date(2024, 6, 30)),
        ("2024-06-30T14:05:00", date(2024, 6, 30)),
        ("2024-06-30 14:05:00 +0200", date(2024, 6, 30)),
        ("2022-04-30 22:30:00 UTC", date(2022, 5, 1)),  # past midnight in Paris
        ("2022-10-31T23:30:00.000Z", date(2022, 11, 1)),
    ],
)
def test_days_are_read_as_people_write_them(text: str, day: date) -> None:
    assert cells.day(text) == day


@pytest.mark.parametrize(
    "text",
    ["30/06/24", "06/30/2024", "31/02/2024", "juin 2024", "2024-W26-7", "2024", "demain", "0001-01-01 00:00:00 +1400"],
)
def test_other_days_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="une date est attendue, par exemple 30/06/2024"):
        cells.day(text)


def test_a_day_that_lost_its_format_says_so() -> None:
    with pytest.raises(ValueError, match="mettez la colonne au format date"):
        cells.day("45473")


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_a_sentence(text: str) -> None:
    for read in (cells.finess, cells.day, cells.amount, cells.yes_no, SPEECH.window, SPEECH.volets):
        said = ""
        try:
            value: object = read(text)
        except ValueError as error:
            value, said = None, str(error)
        assert value is not None or said.endswith(".")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("50 000,00 €", "50 000,00"),
        ("50000", "50000"),
        ("50\u202f000 euros", "50\u202f000"),
        ("12.5", "12.5"),
        ("0 €", "0"),
    ],
)
def test_amounts_leave_their_currency(text: str, amount: str) -> None:
    assert cells.amount(text) == amount


def test_a_point_that_may_part_thousands_is_not_decided() -> None:
    with pytest.raises(ValueError, match="écrivez par exemple 50000"):
        cells.amount("50.000 €")


@pytest.mark.parametrize(
    ("text", "yes"), [("Oui", True), ("x", True), ("VRAI", True), ("1", True), ("non", False), ("", False)]
)
def test_ticks(text: str, yes: bool) -> None:
    assert cells.yes_no(text) is yes


@pytest.mark.parametrize(
    ("text", "window"),
    [
        *(
            (text, 2)
            for text in ("2", "2.0", "02", "F2", "Fenêtre 2", "FENETRE N°2", "2e fenêtre", "2ème", "Deuxième fenêtre")
        ),
        *((text, 1) for text in ("1re fenêtre", "1ère", "Première", "fenêtre 1 (automne 2021)")),
        ("Fenêtre 2 : du 1er mars 2022 au 30 avril 2022", 2),
    ],
)
def test_windows_are_read_as_people_write_them(text: str, window: int) -> None:
    assert SPEECH.window(text) == window


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "Fenêtre 9",
        "Fenêtres 1 et fenêtre 2",
        "Fenêtres 1 et 2",
        "F1 et 2",
        "F1/2",
        "mars 2022",
        "Première et deuxième",
        "2022",
    ],
)
def test_other_windows_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="une fenêtre est attendue"):
        SPEECH.window(text)


@pytest.mark.parametrize(
    ("text", "volets"),
    [
        *(
            (text, ("dmp",))
            for text in ("1", "Volet 1", "volet n°1", "DMP", "V1", "Volet 1 : alimentation du DMP", "volet 1 (DMP)")
        ),
        *((text, ("mss",)) for text in ("2", "MSSanté", "Volet 2 – MSSanté", "Usage de MSSanté", "mss")),
        *(
            (text, ("dmp", "mss"))
            for text in (
                *(
                    "Volet 1 et volet 2",
                    "Volets 1 & 2",
                    "1 ; 2",
                    "1+2",
                    "Volet 2, Volet 1",
                    "DMP ; MSSanté",
                    "Les deux volets",
                ),
                *(
                    "Volet 1 : DMP, Volet 2 : MSSanté",
                    "dmp|mss",
                    "Volet 1 - Alimentation du DMP\nVolet 2 - Usage de MSSanté",
                    "Tous",
                ),
            )
        ),
    ],
)
def test_volets_are_read_as_people_write_them(text: str, volets: tuple[str, ...]) -> None:
    assert SPEECH.volets(text) == volets


@pytest.mark.parametrize(
    "text",
    [
        "Volet 3",
        "Volet 1 et volet 3",
        "Volet 1 : MSSanté",
        "DMP MSSanté",
        "Volet 1, pas le volet 2",
        "DMP et ROR",
        "oui",
        "Volet 1 sans volet 2",
    ],
)
def test_other_volets_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="des volets sont attendus"):
        SPEECH.volets(text)
