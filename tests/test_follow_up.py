"""The follow-up of usages kept by hand: what its columns mean, how its cells are read, what is refused."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunes.ingest import formats
from sunes.ingest.files import InputFile
from sunes.ingest.grid import Grid, Record
from sunes.ingest.readers import follow_up
from sunes.ingest.readers.follow_up.shares import Scale
from sunes.ingest.reading import Reading
from sunes.programme import load_programme

PROGRAMME = load_programme()

LL = ("Lettres de liaison", "", "", "")
TWO_ROWS = (
    ("FINESS", "Établissement", *LL, "Ordo", "", "Commentaires"),
    ("", "", "Taux", "Seuil", "Atteint ?", "Date", "Taux", "Atteint ?", ""),
)
Merged = Sequence[tuple[int, int, int, int]]


def grid(*rows: Sequence[str], sheet: str | None = "Fenêtre 2", merged: Merged = (), first: int = 1) -> Grid:
    """A sheet whose first row is line `first`; empty rows are blank lines."""
    width = max(map(len, rows))
    records = tuple(
        Record(line, (*row, *[""] * (width - len(row)))) for line, row in enumerate(rows, start=first) if any(row)
    )
    return Grid(InputFile("suivi.xlsx", b""), records, sheet, merged=tuple(merged))


def read(*rows: Sequence[str], said: dict[str, str] | None = None, **options: Any) -> Reading:
    return follow_up.read(grid(*rows, **options), PROGRAMME, said or {})


def rows(reading: Reading, *columns: str) -> list[tuple[Any, ...]]:
    assert told(reading) == []
    return [tuple(row[column] for column in columns) for row in reading.rows]


def told(reading: Reading) -> list[str]:
    """What is wrong, in ordinary spaces."""
    problems = [*reading.blocking, *reading.problems]
    sentences = [str(problem).replace("\u00a0", " ").replace("\u202f", " ") for problem in problems]
    assert all(sentence.endswith((".", "?")) for sentence in sentences), sentences
    return sentences


# What the columns mean ------------------------------------------------------------------------------------------------


def test_groups_of_columns_under_two_rows_of_names() -> None:
    reading = read(
        ("Suivi des usages SUN-ES – lettres de liaison et ordonnances",),
        (),
        *TWO_ROWS,
        ("310000012", "CH du Pré", "78,5 %", "60 %", "oui", "05/03/2023", "40%", "non", "relancé le 3 mai"),
    )
    assert rows(reading, "finess", "window", "volet", "indicator", "threshold", "status", "evaluated_on") == [
        ("310000012", 2, "dmp", "lettre_liaison", 0.6, "attained", date(2023, 3, 5)),
        ("310000012", 2, "dmp", "ordonnance_sortie", None, "missed", None),
    ]
    assert reading.header_line == 4
    assert reading.read == 1


def test_merged_cells_name_all_the_columns_that_they_cover() -> None:
    reading = read(
        ("Suivi des usages MSSanté", "", "", "", "", ""),
        ("N° FINESS", "Volet 2 – MSSanté", "", "", "", "Observations"),
        ("", "MSS pro", "", "Messagerie citoyenne", "", ""),
        ("", "Numérateur", "Dénominateur", "Num.", "Dénom.", ""),
        ("310000012", "67", "87", "23", "93", "oui"),
        merged=[(1, 0, 1, 5), (2, 0, 4, 0), (2, 1, 2, 4), (3, 1, 3, 2), (3, 3, 3, 4), (2, 5, 4, 5)],
    )
    assert rows(reading, "volet", "indicator", "numerator", "denominator", "status") == [
        ("mss", "mss_pro", 67, 87, "not_evaluated"),
        ("mss", "mss_citoyenne", 23, 93, "not_evaluated"),
    ]


def test_the_same_saved_as_text() -> None:
    text = """Suivi des usages ; mis à jour le 30/06/2024;;;;;
    ;;;;;
    FINESS;Lettres de liaison;;;Ordo;
    ;Taux;Seuil;Atteint ?;Taux;Atteint ?
    310000012;78,50%;60%;oui;40%;non
    310000020;;60%;;n/a;
    """
    file = InputFile("suivi.csv", text.replace("    ", "").encode("cp1252"))
    [reading] = formats.read("usages", file, PROGRAMME, {"window": "2"})
    assert rows(reading, "finess", "window", "indicator", "status") == [
        ("310000012", 2, "lettre_liaison", "attained"),
        ("310000012", 2, "ordonnance_sortie", "missed"),
    ]
    assert reading.left_aside == {"sans mesure": 1}


def test_one_row_of_names_that_say_both() -> None:
    reading = read(
        ("LL – numérateur", "Date LL", "Lettres de liaison - dénominateur", "Atteinte de la cible (LL)", "Code FINESS"),
        ("74", "2023-03-05", "87", "O", "310000012"),
    )
    assert rows(reading, "finess", "indicator", "numerator", "denominator", "status", "evaluated_on") == [
        ("310000012", "lettre_liaison", 74, 87, "attained", date(2023, 3, 5))
    ]


@pytest.mark.parametrize(
    ("name", "indicator"),
    [
        ("LL", "lettre_liaison"),
        ("lettres de liaison à la sortie", "lettre_liaison"),
        ("ORDO", "ordonnance_sortie"),
        ("Ordonnance de sortie", "ordonnance_sortie"),
        ("CRO", "cr_operatoire"),
        ("CR d’imagerie", "cr_imagerie"),
        ("Compte-rendu de biologie médicale", "cr_biologie"),
        ("MSS pro", "mss_pro"),
        ("MSSANTE PROFESSIONNELLE", "mss_pro"),
        ("messagerie citoyenne", "mss_citoyenne"),
        ("mss_citoyenne", "mss_citoyenne"),
        ("Volet 2 : MSSanté – MSS patients", "mss_citoyenne"),
    ],
)
def test_indicators_go_by_many_names(name: str, indicator: str) -> None:
    wide = read(("FINESS", f"{name} (atteint ?)"), ("310000012", "oui"))
    long = read(("FINESS", "Indicateur", "Statut"), ("310000012", name, "oui"))
    assert rows(wide, "indicator", "status") == rows(long, "indicator", "status") == [(indicator, "attained")]


def test_a_column_that_only_names_an_indicator_is_what_its_cells_can_only_be() -> None:
    reading = read(("FINESS", "LL", "CRO"), ("310000012", "oui", "1"), ("310000020", "non", "0"))
    assert rows(reading, "indicator", "status") == [("lettre_liaison", "attained"), ("lettre_liaison", "missed")]
    assert reading.columns is not None
    assert "CRO" in reading.columns.header, "a person may say what it holds"


def test_one_row_for_each_indicator() -> None:
    reading = read(
        ("Fenêtre", "N° FINESS", "Volet", "Indicateur", "Numérateur", "Dénominateur", "Seuil", "Date d’évaluation"),
        ("F1", "310000012", "Volet 1", "LL", "74", "87", "0,6", "5 mars 2023"),
        ("Fenêtre 3", "310000012", "mss", "MSS pro", "1 020", "2 000", "0,6", ""),
        ("4.0", "310000012", "", "MSS pro", "", "", "0,6", ""),
        sheet=None,
    )
    assert rows(reading, "window", "volet", "indicator", "numerator", "denominator", "status") == [
        (1, "dmp", "lettre_liaison", 74, 87, "attained"),
        (3, "mss", "mss_pro", 1020, 2000, "missed"),
    ]
    assert reading.left_aside == {"sans mesure": 1}


def test_a_group_may_tell_its_window() -> None:
    reading = read(
        ("FINESS", "Fenêtre 1", "", "Fenêtre 2", ""),
        ("", "LL", "Ordo", "LL", "Ordo"),
        ("310000012", "atteint", "non atteint", "atteint", "NC"),
        sheet="Volet 1",
    )
    assert rows(reading, "window", "indicator", "status") == [
        (1, "lettre_liaison", "attained"),
        (1, "ordonnance_sortie", "missed"),
        (2, "lettre_liaison", "attained"),
    ]


@pytest.mark.parametrize("sheet", ["Fenêtre 3", "F3", "f3 – volet 1", "DMP_fenetre n° 3", "SUN-ES F3 2022"])
def test_the_name_of_the_sheet_may_tell_the_window(sheet: str) -> None:
    assert rows(read(("FINESS", "LL atteint"), ("310000012", "oui"), sheet=sheet), "window") == [(3,)]


def test_the_name_of_the_sheet_may_tell_the_indicator() -> None:
    mixed = read(("FINESS", "CRO atteint", "Date"), ("310000012", "oui", "05/03/2023"), sheet="CRO F2")
    assert rows(mixed, "indicator", "evaluated_on") == [("cr_operatoire", date(2023, 3, 5))]
    reading = read(("FINESS", "Fenêtre", "Atteint ?"), ("310000012", "2", "oui"), sheet="CRO")
    assert rows(reading, "window", "indicator") == [(2, "cr_operatoire")]


def test_a_person_may_say_the_window_and_the_columns() -> None:
    table = (("Identifiant", "Liaison, oui ou non", "LL taux"), ("310000012", "oui", "80 %"))
    said = {"window": "4", "finess": "Identifiant", "lettre_liaison.status": "Liaison, oui ou non"}
    reading = read(*table, sheet="Feuil1", said=said)
    assert rows(reading, "finess", "window", "status") == [("310000012", 4, "attained")]
    assert reading.columns is not None
    assert reading.columns.found == {
        "finess": "Identifiant",
        "lettre_liaison.status": "Liaison, oui ou non",
        "lettre_liaison.rate": "LL taux",
    }
    assert reading.columns.missing == ()


def test_what_a_person_said_of_one_sheet_leaves_the_others_as_they_are() -> None:
    reading = read(
        ("FINESS", "LL atteint"), ("310000012", "oui"), said={"lettre_liaison.status": "Liaison", "finess": "Id"}
    )
    assert rows(reading, "finess", "status") == [("310000012", "attained")]
    dismissed = read(
        ("FINESS", "LL atteint", "LL taux", "LL seuil"),
        ("310000012", "oui", "50 %", "80 %"),
        said={"lettre_liaison.status": ""},
    )
    assert rows(dismissed, "status") == [("missed",)]


@pytest.mark.parametrize("sheet", ["Feuil1", "Fenêtres 1 et 2", "F1-F2", "Fenêtres 1 à 4", "F9", None])
def test_a_sheet_for_no_or_several_windows_tells_none(sheet: str | None) -> None:
    assert "rien ne dit de quelle fenêtre" in told(read(("FINESS", "LL atteint"), ("310000012", "oui"), sheet=sheet))[0]


def test_what_is_not_told_is_asked_for() -> None:
    assert told(read(("FINESS", "LL atteint"), ("310000012", "oui"), sheet="Feuil1")) == [
        "suivi.xlsx, feuille Feuil1, ligne 1, colonne « Fenêtre » : rien ne dit de quelle fenêtre il s’agit ; ajoutez "
        "une colonne « Fenêtre », nommez la feuille « Fenêtre 2 », ou dites-le en important."
    ]
    unknown = read(("Identifiant", "Résultat", "Nom du contact"), ("310000012", "oui", "Martin"))
    assert unknown.columns is not None
    assert [meaning.id for meaning in unknown.columns.missing] == ["finess"]
    assert unknown.columns.header == ("Identifiant", "Résultat"), "who to call is not offered"
    assert not unknown.readable
    assert len(told(unknown)) == 2


def test_two_columns_must_not_say_the_same() -> None:
    reading = read(("FINESS", "LL – Atteint", "Lettres de liaison (atteinte)"), ("310000012", "oui", "non"))
    assert told(reading) == [
        "suivi.xlsx, feuille Fenêtre 2, ligne 1, colonne « Lettres de liaison (atteinte) » : cette colonne dit la même "
        "chose que « LL – Atteint » ; gardez-en une."
    ]
    assert reading.rows == []


def test_such_a_sheet_is_told_from_others() -> None:
    assert follow_up.recognises(grid(*TWO_ROWS), PROGRAMME)
    assert not follow_up.recognises(grid(("Légende",), ("LL", "lettre de liaison")), PROGRAMME)
    assert not follow_up.recognises(grid(("FINESS", "Raison sociale"), ("310000012", "CH")), PROGRAMME)


# What rows there are --------------------------------------------------------------------------------------------------


def test_what_is_no_measure_is_left_aside() -> None:
    reading = read(
        *TWO_ROWS,
        ("Établissements publics",),
        ("310000012", "CH du Pré", "78,5 %", "60 %", "", "", "", ""),
        (),
        ("310000020", "Clinique du Bois", "n/a", "60 %", "NC", "", "", "–", "fermée"),
        ("", "", "", "", "", "", "", "", "Mis à jour le 3 mai"),
        ("", "Total", "1", "", "1", "", "", ""),
        ("Moyenne", "", "78,5 %", "", "", "", "", ""),
    )
    nameless = read(*TWO_ROWS, ("", "Ensemble hospitalier du Pré", "", "", "oui"))
    assert "le numéro FINESS manque" in told(nameless)[0]
    assert rows(reading, "finess", "status") == [("310000012", "not_evaluated")]
    assert reading.left_aside == {"de commentaire": 2, "sans mesure": 1, "de total": 2}
    assert reading.read == 6


def test_an_establishment_shown_once_for_several_rows() -> None:
    reading = read(
        ("FINESS", "Fenêtre", "LL atteint"),
        ("310000012", "1", "oui"),
        ("", "2", "non"),
        ("310000020", "1", "oui"),
        merged=[(2, 0, 3, 0)],
    )
    assert rows(reading, "finess", "window") == [("310000012", 1), ("310000012", 2), ("310000020", 1)]


def test_a_lost_zero_is_put_back_and_told() -> None:
    reading = read(("FINESS", "LL atteint"), ("90000019.0", "oui"))
    assert rows(reading, "finess") == [("090000019",)]
    assert len(reading.repairs) == 1
    assert "090000019" in reading.repairs[0].message


def test_what_comes_back_to_be_corrected_has_what_it_takes_to_be_read_again_and_no_one_s_name() -> None:
    wrong = read(
        ("FINESS", "Contact", "LL", "", "Remarque"),
        ("", "", "Taux", "Atteint ?", ""),
        ("310000012", "Mme Martin", "80 %", "peut-être, voir jeanne@example.org", "rappeler"),
        sheet="F3",
    )
    assert wrong.rejected == {3}
    cells = wrong.originals[3]
    assert list(cells) == ["Fenêtre", "FINESS", "LL – Taux", "LL – Atteint ?"]
    assert "example.org" not in str([*wrong.problems, wrong.originals])
    again = read(tuple(cells), (*tuple(cells.values())[:-1], "oui"), sheet=None)
    assert rows(again, "finess", "window", "status") == [("310000012", 3, "attained")]


# What a measure says --------------------------------------------------------------------------------------------------

MEASURE = ("FINESS", "LL numérateur", "LL dénominateur", "LL taux", "LL seuil", "LL atteint", "LL date")
WITHOUT_STATUS = tuple(name for name in MEASURE if name != "LL atteint")


@pytest.mark.parametrize(
    ("numerator", "denominator", "rate", "threshold", "status", "day", "expected"),
    [
        ("74", "87", "", "60 %", "oui", "", "attained"),
        ("74", "87", "85 %", "60 %", "oui", "", "attained"),
        ("40", "87", "", "60 %", "Non atteint", "", "missed"),
        ("40", "87", "", "", "oui", "", "attained"),
        ("74", "87", "", "60 %", "", "", "not_evaluated"),
        ("74", "87", "", "60 %", "", "05/03/2023", "attained"),
        ("74", "87", "", "60 %", "à évaluer", "", "not_evaluated"),
        ("60", "100", "", "60 %", "", "05/03/2023", "attained"),
        ("0", "0", "#DIV/0!", "60 %", "", "", "not_evaluated"),
        ("0", "0", "", "60 %", "", "05/03/2023", "not_evaluated"),
    ],
)
def test_a_column_that_says_the_status_is_believed(
    numerator: str, denominator: str, rate: str, threshold: str, status: str, day: str, expected: str
) -> None:
    reading = read(MEASURE, ("310000012", numerator, denominator, rate, threshold, status, day))
    assert rows(reading, "numerator", "denominator", "status") == [(int(numerator), int(denominator), expected)]


def test_a_rate_that_was_rounded_is_held_against_nobody() -> None:
    reading = read(MEASURE, ("310000012", "", "", "60 %", "60 %", "non", ""))  # 59,96 %, as a person writes it
    assert rows(reading, "status") == [("missed",)]


@pytest.mark.parametrize(
    ("numerator", "denominator", "rate", "threshold", "expected"),
    [
        ("74", "87", "", "60 %", "attained"),
        ("", "", "59,9 %", "60 %", "missed"),
        ("", "", "60 %", "60 %", "attained"),
        ("74", "87", "", "", "not_evaluated"),
        ("0", "0", "", "60 %", "not_evaluated"),
    ],
)
def test_without_one_the_threshold_decides(
    numerator: str, denominator: str, rate: str, threshold: str, expected: str
) -> None:
    reading = read(WITHOUT_STATUS, ("310000012", numerator, denominator, rate, threshold, ""))
    assert rows(reading, "status") == [(expected,)]
    assert reading.repairs == []


def test_a_rate_that_nothing_judges_is_let_go_and_told() -> None:
    reading = read(MEASURE, ("310000012", "", "", "78,5 %", "", "", ""))
    assert rows(reading, "status", "numerator", "threshold") == [("not_evaluated", None, None)]
    assert [(repair.line, repair.column, repair.value) for repair in reading.repairs] == [(2, "LL taux", "78,5 %")]


def test_a_sheet_with_nothing_but_rates_is_refused() -> None:
    assert told(read(("FINESS", "LL taux", "CRO taux"), ("310000012", "78 %", "60 %"))) == [
        "suivi.xlsx, feuille Fenêtre 2, ligne 1, colonne « Atteint ? » : rien ne dit si ces taux atteignent la cible ; "
        "ajoutez des colonnes « Seuil » ou « Atteint ? »."
    ]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            ("90", "87", "", "", "oui", ""),
            "« LL numérateur », valeur « 90 » : le numérateur dépasse le dénominateur (87)",
        ),
        (
            ("74", "87", "60 %", "", "oui", ""),
            "« LL taux », valeur « 60 % » : ce taux n’est pas celui de 74 sur 87 (85,1 %)",
        ),
        (
            ("", "", "59,4 %", "60 %", "oui", ""),
            "valeur « oui » : la cible est dite atteinte, mais le taux est de 59,4 % pour un seuil de 60 %",
        ),
        (("0", "0", "", "", "non", ""), "valeur « non » : la cible est dite non atteinte, mais le dénominateur est 0"),
        (("", "", "", "", "presque", ""), "valeur « presque » : « oui », « non » ou « non évalué » est attendu"),
        (("5,5", "87", "", "", "oui", ""), "« LL numérateur », valeur « 5,5 » : un nombre entier est attendu"),
        (("", "", "120 %", "", "oui", ""), "« LL taux », valeur « 120 % » : un taux est compris entre 0 % et 100 %"),
        (
            ("74", "87", "", "", "", "05/03/2023"),
            "« LL date », valeur « 05/03/2023 » : évalué le 5 mars 2023, mais rien ne",
        ),
        (("74", "87", "", "", "oui", "31/02/2023"), "« LL date », valeur « 31/02/2023 » : une date est attendue"),
    ],
)
def test_what_contradicts_itself_is_refused(cells: tuple[str, ...], sentence: str) -> None:
    reading = read(MEASURE, ("310000012", *cells))
    assert len(told(reading)) == 1
    assert sentence in told(reading)[0]
    assert reading.rows == []


def test_every_mistake_is_told_at_once() -> None:
    reading = read(
        ("FINESS", "Fenêtre", "Indicateur", "Atteint ?"),
        ("31", "9", "liaisons", "peut-être"),
        ("", "2", "LL", "oui"),
        sheet=None,
    )
    assert [(problem.line, problem.column) for problem in reading.problems] == [
        (2, "FINESS"),
        (2, "Fenêtre"),
        (2, "Indicateur"),
        (2, "Atteint ?"),
        (3, "FINESS"),
    ]


# 78,5 %, 78,5 or 0,785 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "rates"),
    [
        (["78,5 %", "90%", "0,5 %", "0"], [0.785, 0.9, 0.005, 0]),
        (["78,5", "90", "1", "0"], [0.785, 0.9, 0.01, 0]),
        (["0.785", "1", "0,9", "0"], [0.785, 1, 0.9, 0]),
        (["0.785", "7.85E-1"], [0.785, 0.785]),
        (["78,5", "90 %"], [0.785, 0.9]),
    ],
)
def test_a_column_of_rates_that_agrees_with_itself(column: list[str], rates: list[float]) -> None:
    scale = Scale.of(column)
    assert [float(scale.read(text)) for text in column] == pytest.approx(rates)


@pytest.mark.parametrize(
    ("column", "text", "choice"),
    [
        (["78,5", "0,9"], "0,9", "90 % ou 0,9 % (la colonne porte aussi « 78,5 »)"),
        (["0", "1"], "1", "100 % ou 1 % (rien dans la colonne ne le dit)"),
        (["78,5 %", "1"], "1", "100 % ou 1 %"),
    ],
)
def test_a_rate_that_may_mean_two_things_is_refused(column: list[str], text: str, choice: str) -> None:
    with pytest.raises(ValueError, match="écrivez-le avec le signe %") as error:
        Scale.of(column).read(text)
    assert choice in str(error.value).replace("\u00a0", " ")


def test_signs_beside_bare_fractions_leave_a_doubt() -> None:
    reading = read(
        MEASURE, ("310000012", "", "", "78,5 %", "60 %", "oui", ""), ("310000020", "", "", "0,785", "", "oui", "")
    )
    assert [(problem.line, problem.column) for problem in reading.problems] == [(3, "LL taux")]


# Whatever is in the cells ---------------------------------------------------------------------------------------------

_CELLS = st.one_of(
    st.sampled_from(
        """|FINESS|LL|Taux|Seuil|Atteint ?|Fenêtre|Indicateur|Total|oui|78,5 %|0,5|1e400|1e-400|310000012|9E+07|-1|٣
        |Volet 1|F2|n/a|=1+1|#REF!""".replace("\n        ", "").split("|")
    ),
    st.text(max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(_CELLS, min_size=1, max_size=6), min_size=1, max_size=6), st.data())
def test_whatever_a_sheet_holds_is_read_or_refused_in_words(table: list[list[str]], data: st.DataObject) -> None:
    corner = st.integers(0, 6)
    merged = [
        (1 + min(a, b), min(c, d), 1 + max(a, b), max(c, d))
        for a, b, c, d in data.draw(st.lists(st.tuples(corner, corner, corner, corner), max_size=2))
    ]
    sheet = grid(*table, merged=merged)
    reading = follow_up.read(sheet, PROGRAMME, {})
    told(reading)
    assert reading.read <= len(sheet.records)
    assert set(reading.lines).isdisjoint(reading.rejected)
    assert reading.arrow().num_rows == len(reading.rows)
