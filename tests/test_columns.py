"""Columns told by their names, registers read by them, and what is remembered of what a person said."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunes.errors import DataError
from sunes.ingest import columns, formats, mappings
from sunes.ingest.columns import Meaning, recognise
from sunes.ingest.files import InputFile
from sunes.ingest.headings import words
from sunes.ingest.readers import plain, questions
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import from_grid, read_grids
from sunes.programme import load_programme
from tests.workbooks import workbook

PROGRAMME = load_programme()
APPLICATIONS = questions.meanings(PROGRAMME)


def found(header: list[str], said: dict[str, str] | None = None) -> dict[str, str]:
    return dict(recognise(header, APPLICATIONS, said or {}).found)


# Names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("FINESS", "finess"),
        ("N° FINESS géographique de l’établissement", "finess"),
        ("numero_finess", "finess"),
        ("Identifiant FINESS (ET)", "finess"),
        ("État du dossier", "decision"),
        ("ETAT DU DOSSIER", "decision"),
        ("Déposé le", "filed_on"),
        ("Date de dépôt du dossier", "filed_on"),
        ("Traité le", "decided_on"),
        ("Volet(s) demandé(s)", "volet"),
        ("Candidatez-vous au volet 1 ?", "volet.dmp"),
        ("Volet 2 – MSSanté", "volet.mss"),
        ("Décision volet 2", "decision.mss"),
        ("Montant accordé (volet 1)", "grant_eur.dmp"),
        ("Fenêtre de candidature", "window"),
        ("Montant de la subvention", "grant_eur"),
    ],
)
def test_a_column_is_known_by_what_its_name_means(name: str, meaning: str) -> None:
    assert found([name, "Autre chose"]) == {meaning: name}


@pytest.mark.parametrize(
    "name",
    [
        *("FINESS juridique", "FINESS EJ", "Montant demandé", "Motivation de la décision", "Passé en instruction le"),
        *("Avez-vous déjà été financé au titre du volet 1 ?", "Avez-vous candidaté à une autre fenêtre ?"),
        *("Dernière mise à jour le", "Établissement SIRET", "Volet 3"),
    ],
)
def test_a_name_that_says_something_else_is_never_chosen(name: str) -> None:
    assert found([name]) == {}


def test_no_name_means_two_things() -> None:
    for meanings in (APPLICATIONS, plain.MEANINGS):
        owners: dict[frozenset[str], str] = {}
        for meaning in meanings:
            for name in meaning.names:
                assert owners.setdefault(columns._sense(name), meaning.id) == meaning.id, name


def test_a_header_is_found_below_titles_and_never_taken_from_the_rows() -> None:
    titled = "Dossiers au 30 juin;;;\nFenêtre 1;;;\nFINESS;Fenêtre;Volet;État\n990000011;1;DMP;Accepté\n"
    assert read("applications", titled).header_line == 3

    unknown = read("applications", "Code;Vague;Objet;Avis\n990000011;2;DMP;Retenu\n")
    assert unknown.columns
    assert (unknown.header_line, unknown.columns.header) == (1, ("Code", "Vague", "Objet", "Avis"))


@pytest.mark.parametrize(
    "row", ["990000011;Jeanne;1", "Jeanne;j@x.fr;1", "Martin;06 12 34 56 78;1", "Martin;15/03/2022;1"]
)
def test_a_file_without_a_header_is_refused_before_anyone_is_offered_as_a_column(row: str) -> None:
    with pytest.raises(DataError, match="ce n’est pas un en-tête") as error:
        read("applications", f"{row}\n990000022;Paul;2\n")
    assert "Jeanne" not in str(error.value)


def test_a_column_may_be_called_by_a_day() -> None:
    content = "FINESS;Statut;Dep;31/12/2023\n990000011;Public;31;12\n"

    assert [row["finess"] for row in read("establishments", content).rows] == ["990000011"]


def test_what_was_said_of_another_file_is_no_hindrance() -> None:
    assert found(["FINESS"], {"finess": "Code"}) == {"finess": "FINESS"}


def test_two_columns_for_one_meaning_are_for_a_person_to_choose() -> None:
    understood = recognise(["Décision", "État du dossier", "FINESS"], APPLICATIONS, {})

    assert dict(understood.found) == {"finess": "FINESS"}
    assert understood.unclear["decision"] == ("Décision", "État du dossier")
    assert [meaning.id for meaning in understood.missing] == ["decision"]
    doubt = understood.doubt(understood.missing[0])
    assert (
        doubt
        == "plusieurs colonnes peuvent l’être («\u00a0Décision\u00a0», «\u00a0État du dossier\u00a0») ; dites laquelle."
    )


def test_one_column_for_two_meanings_is_for_a_person_to_choose() -> None:
    meanings = [Meaning("a", "A", ("date",)), Meaning("b", "B", ("la date", "jour"))]

    understood = recognise(["Date"], meanings, {})

    assert not understood.found
    assert dict(understood.unclear) == {"a": ("Date",), "b": ("Date",)}


def test_what_may_be_meant_is_proposed() -> None:
    understood = recognise(["FINESS du site principal", "Décision"], APPLICATIONS, {})

    assert "finess" not in understood.found
    assert understood.unclear["finess"] == ("FINESS du site principal",)
    assert "l’est peut-être" in understood.doubt(understood.missing[0])


def test_what_a_person_says_prevails() -> None:
    header = ["Décision", "État du dossier", "Code", "Montant"]

    assert found(header, {"decision": "Décision", "finess": "Code", "grant_eur": "", "volet": "Absente"}) == {
        "decision": "Décision",
        "finess": "Code",
    }


# Names in any shape that is the same to a reader.
SHAPES = (str.upper, str.lower, str.title, lambda text: f"  {text} ? ", lambda text: text.replace(" ", "_"))


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(5)), st.lists(st.sampled_from(SHAPES), min_size=5, max_size=5))
def test_rows_are_the_same_in_any_order_and_spelling(order: list[int], shapes: list[object]) -> None:
    header = ["Numéro FINESS", "Fenêtre", "Volet", "Décision", "Montant accordé"]
    cells = [["10000024", "F1", "Volet 1", "Accepté", "50 000 €"], ["310000123", "2", "mss", "refusé", ""]]
    named = [shape(name) for name, shape in zip(header, shapes, strict=True)]  # type: ignore[operator]
    lines = [";".join(row[place] for place in order) for row in [named, *cells]]

    reading = read("applications", "\n".join(lines))

    assert reading.problems == reading.blocking == []
    assert [tuple(row.values()) for row in reading.rows] == [
        ("010000024", 1, "dmp", None, "accepted", None, 50000),
        ("310000123", 2, "mss", None, "rejected", None, None),
    ]


def read(table: str, content: str | bytes, said: dict[str, str] | None = None) -> Reading:
    file = InputFile("fichier", content.encode() if isinstance(content, str) else content)
    (reading,) = formats.read(table, file, PROGRAMME, said or {})
    return reading


# People ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("Email", "E-mail du contact", "Nom", "Prénom", "Civilité", "Instructeurs", "Téléphone", "Tél.", "Portable"),
        *(
            "Nom du responsable",
            "Entreprise prénom",
            "Nom du mandataire",
            "Référent MSSanté",
            "Courriel",
            "jeanne@x.fr",
        ),
        *("Date de naissance", "Directeur de l’établissement"),
    ],
)
def test_columns_of_people_are_known_by_their_names(name: str) -> None:
    sheet = from_grid(read_grids(InputFile("x.csv", f"{name};FINESS\na;b\n".encode()))[0])

    assert list(columns.personal(sheet, APPLICATIONS)) == [name]


def test_columns_of_people_are_known_by_their_cells() -> None:
    content = (
        "FINESS;Qui;Observations;Joindre;SIRET;Commentaire\n"
        "310000123;voir jeanne.martin@chu-x.fr;rien;;26310012500016;02 sites\n"
        "310000131;;rappeler au +33 6 12 34 56 78;06.12.34.56.78;26310012500017;310000123\n"
    )
    sheet = from_grid(read_grids(InputFile("x.csv", content.encode()))[0])

    assert set(columns.personal(sheet, APPLICATIONS)) == {"Qui", "Observations", "Joindre"}


@pytest.mark.parametrize(
    "name", ["Nom de l’établissement", "Nom commercial", "Région", "Volet", "Nom du logiciel", "Statut"]
)
def test_columns_of_things_are_offered(name: str) -> None:
    sheet = from_grid(read_grids(InputFile("x.csv", f"{name};FINESS\na;b\n".encode()))[0])

    assert not columns.personal(sheet, APPLICATIONS)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("écrire à jean-d'arc@ars.sante.fr", "écrire à (e-mail masqué)"),
        ("06 12 34 56 78 ou 0033612345678", "(téléphone masqué) ou (téléphone masqué)"),
        ("vu avec Mme Jeanne Le-Goff hier", "vu avec (nom masqué) hier"),
        ("010000024", "010000024"),
        ("26310012500016", "26310012500016"),
        ("2022-03-15 14:05:33", "2022-03-15 14:05:33"),
    ],
)
def test_people_are_masked_in_what_is_kept(text: str, masked: str) -> None:
    assert columns.masked(text, people=True) == masked


# Registers ------------------------------------------------------------------------------------------------------------

REGISTER: list[list[Any]] = [
    ["Établissements de la région", "", "", "", "", "", ""],
    ["N° FINESS", "Nom de l’établissement", "Statut", "Département", "Code INSEE", "Catégorie", "Mail du directeur"],
    [10000024, "CH DU DR MARTIN", "Privé à but non lucratif", 1, 1451, "355 - CH", "x@y.fr"],
    [310000123, "Clinique", "ESPIC", "31 - Haute-Garonne", 31555, 156, ""],
    ["2a0000014", "Hôpital", "public", "Corse-du-Sud", "2A004", 355, ""],
]


def test_a_register_is_read_by_the_meaning_of_its_columns() -> None:
    reading = read("establishments", workbook({"Registre": REGISTER}))

    assert reading.problems == reading.blocking == []
    assert [
        [row[name] for name in ("finess", "name", "legal_status", "department_code", "region_code", "eligible")]
        for row in reading.rows
    ] == [
        ["010000024", "CH DU DR MARTIN", "espic", "01", "84", True],
        ["310000123", "Clinique", "espic", "31", "76", False],
        ["2A0000014", "Hôpital", "public", "2A", "94", True],
    ]
    assert [row["location_source"] for row in reading.rows] == ["commune"] * 3
    assert {(problem.line, problem.value) for problem in reading.repairs} == {
        *((3, "10000024"), (3, "1"), (3, "1451"), (5, "2a0000014"))
    }
    assert reading.columns
    assert "Mail du directeur" not in reading.columns.header
    assert "x@y.fr" not in str(reading.originals)


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("Statut", "Privé", "ce statut ne dit pas lequel des trois est le bon"),
        ("N° FINESS", "1,0E+07", "un tableur a arrondi ce numéro"),
        ("N° FINESS", "#N/A", "un numéro FINESS compte 9 chiffres"),
        ("Éligible", "peut-être", "oui ou non est attendu"),
        ("Activités", "MCO, cuisine", "des activités séparées par des virgules sont attendues"),
    ],
)
def test_wrong_cells_of_a_register_are_told_by_its_own_columns(column: str, cell: str, expected: str) -> None:
    row = {"N° FINESS": "310000123", "Statut": "Public", "Dep": "31", "Éligible": "oui", "Activités": "SSR"}
    row |= {column: cell}

    reading = read("establishments", "\n".join((";".join(row), ";".join(row.values()))))

    assert [(problem.line, problem.column, problem.value) for problem in reading.problems] == [(2, column, cell)]
    assert reading.problems[0].message.startswith(expected)


def test_columns_that_say_nothing_are_for_a_person_to_say() -> None:
    content = "Code;Quoi;Où\n310000123;Public;31\n"

    refused = read("establishments", content)
    assert [problem.column for problem in refused.blocking] == [
        "Numéro FINESS",
        "Statut juridique",
        "Code INSEE de la commune",
    ]
    assert not refused.readable

    reading = read("establishments", content, {"finess": "Code", "legal_status": "Quoi", "department_code": "Où"})
    assert reading.readable
    assert [(row["finess"], row["legal_status"], row["department_code"]) for row in reading.rows] == [
        ("310000123", "public", "31")
    ]


def test_sheets_of_something_else_are_left_aside_and_told() -> None:
    content = workbook(
        {"Lisez-moi": [["Bonjour"], ["à tous"]], "Registre": REGISTER, "Listes": [["Public"], ["ESPIC"]]},
        hidden=["Listes"],
    )

    reading = read("establishments", content)

    assert (reading.sheet, len(reading.rows)) == ("Registre", 3)
    assert dict(reading.left_aside) == {
        "de la feuille «\u00a0Lisez-moi\u00a0», dont les colonnes ne sont pas reconnues": 2,
        "de la feuille «\u00a0Listes\u00a0», masquée": 2,
    }


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(("establishments", "applications")),
    st.lists(
        st.sampled_from(
            ("FINESS", "Statut", "Décision", "Volet", "Fenêtre", "Nom", "Dep", "Montant", "x", "", "Déposé le")
        ),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.lists(st.text(max_size=8) | st.sampled_from(("310000123", "1", "Public")), max_size=6), max_size=3),
)
def test_any_table_is_read_or_refused(table: str, header: list[str], rows: list[list[str]]) -> None:
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in [header, *rows]]
    content = "\n".join(map(";".join, quoted)).encode(errors="replace")
    refused = 0
    readings: list[Reading] = []
    try:
        readings = formats.read(table, InputFile("x.csv", content), PROGRAMME, {})
    except DataError as error:
        refused = len(error.problems)
    assert refused or all(isinstance(reading, Reading) for reading in readings)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(("establishments", "applications", "usages")),
    st.sampled_from(
        (b"", b"\xef\xbb\xbf", b"PK", b"PAR1", b"\xd0\xcf\x11\xe0", b"\x1f\x8b\x08", b"finess;", b"<", b"{")
    ),
    st.binary(max_size=120),
)
def test_any_bytes_are_read_or_refused(table: str, signature: bytes, noise: bytes) -> None:
    told = 0
    readings: list[Reading] = []
    try:
        readings = formats.read(table, InputFile("x", signature + noise), PROGRAMME, {})
    except DataError as error:
        told = len(error.problems)
    assert told or readings


# What was said --------------------------------------------------------------------------------------------------------


def test_what_was_said_is_found_again_whatever_the_order(tmp_path: Path) -> None:
    said = {"finess": "Code", "grant_eur": ""}

    mappings.save(tmp_path, "applications", ["Code", "État", "Déposé le"], said)

    assert mappings.find(tmp_path, "applications", ["Déposé le", "Code", "État"]) == said
    assert mappings.find(tmp_path, "applications", ["Code", "État"]) == {}
    assert mappings.find(tmp_path, "establishments", ["Code", "État", "Déposé le"]) == {}
    mappings.save(tmp_path, "applications", ["Code", "État", "Déposé le"], {"finess": "État"})
    assert mappings.find(tmp_path, "applications", ["Code", "État", "Déposé le"]) == {"finess": "État"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"said": 3}', '{"said": {"finess": "Z"}, "columns": ["A"]}'])
def test_a_damaged_memory_is_none(tmp_path: Path, content: str) -> None:
    mappings.save(tmp_path, "applications", ["A"], {"finess": "A"})
    (file,) = (tmp_path / mappings.FOLDER).glob("*.json")
    assert json.loads(file.read_text())["columns"] == ["A"]

    file.write_text(content)

    assert mappings.find(tmp_path, "applications", ["A"]) == {}


def test_every_meaning_has_a_name_of_its_own_for_a_person() -> None:
    for meanings in (APPLICATIONS, plain.MEANINGS):
        assert len({meaning.label for meaning in meanings}) == len(meanings)
        assert all(words(name) for meaning in meanings for name in meaning.names)
