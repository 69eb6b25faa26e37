"""Exports of dossiers: rows of the contract come out, and nothing of the people that dossiers are full of."""

import csv
import dataclasses
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from sunes import snapshots
from sunes.errors import DataError
from sunes.ingest import formats, import_files
from sunes.ingest.files import InputFile
from sunes.ingest.reading import Reading
from sunes.programme import load_programme
from sunes.snapshots import Store
from tests.people import HERE
from tests.workbooks import workbook

PROGRAMME = load_programme()

# What every export has, with the questions of one procedure after it.
HEADER = [
    *("ID", "Email", "FranceConnect ?", "Civilité", "Nom", "Prénom", "Dépôt pour un tiers", "Nom du mandataire"),
    *("À archiver", "État du dossier", "Dernière mise à jour le", "Déposé le", "Passé en instruction le", "Traité le"),
    *("Motivation de la décision", "Instructeurs", "Numéro FINESS géographique de l’établissement"),
    *("Volet(s) demandé(s)", "Montant volet 1", "Montant volet 2", "Téléphone du référent", "Précisions"),
]
PEOPLE = ("Jeanne", "Lefèvre-Dubreuil", "Aïssatou", "@", "chu-exemple", "06 12 34 56 78", "0612345678", "ars-exemple")


def dossier(**cells: Any) -> list[Any]:
    """A row of the export: what a case is about by short names, an ordinary dossier otherwise."""
    short = {
        "state": "État du dossier",
        "filed": "Déposé le",
        "decided": "Traité le",
        "finess": "Numéro FINESS géographique de l’établissement",
        "volets": "Volet(s) demandé(s)",
        "grant1": "Montant volet 1",
        "grant2": "Montant volet 2",
        "note": "Précisions",
    }
    ordinary = {
        **dict.fromkeys(HEADER, ""),
        "ID": "4012345",
        "Email": "j.lefevre@chu-exemple.fr",
        "Civilité": "Mme",
        "Nom": "Lefèvre-Dubreuil",
        "Prénom": "Jeanne",
        "Nom du mandataire": "Aïssatou",
        "État du dossier": "Accepté",
        "Déposé le": "15/03/2022 14:05",
        "Motivation de la décision": "Bonjour Jeanne, c’est accepté",
        "Instructeurs": "a.martin@ars-exemple.fr b@ars-exemple.fr",
        "Numéro FINESS géographique de l’établissement": "990000011",
        "Volet(s) demandé(s)": "Volet 1",
        "Téléphone du référent": "06 12 34 56 78",
    }
    return list((ordinary | {short[name]: cell for name, cell in cells.items()}).values())


def as_csv(rows: Sequence[Sequence[Any]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def read(content: bytes, said: dict[str, str] | None = None) -> Reading:
    (reading,) = formats.read("applications", InputFile("dossiers.csv", content), PROGRAMME, said or {})
    return reading


def export(*dossiers: Sequence[Any]) -> Reading:
    return read(as_csv([HEADER, *dossiers]))


def table(*lines: str, said: dict[str, str] | None = None) -> Reading:
    return read("\n".join(lines).encode(), said)


def short(reading: Reading) -> list[tuple[Any, ...]]:
    """The rows: FINESS, window, volet, decision, grant."""
    return [tuple(row[c] for c in ("finess", "window", "volet", "decision", "grant_eur")) for row in reading.rows]


# What is read ---------------------------------------------------------------------------------------------------------


def test_an_export_becomes_rows_of_the_contract() -> None:
    reading = export(
        dossier(volets="Volet 1, Volet 2", grant1="50 000,00 €", grant2="20000", decided="1er juillet 2022"),
        dossier(finess="10000024", filed="2021-09-15 09:00:00 +0200", state="Classé sans suite"),
        dossier(finess="990000022", filed="30 avril 2023", volets="MSSanté", state="En construction"),
    )

    assert reading.problems == reading.blocking == []
    assert [tuple(row.values()) for row in reading.rows] == [
        ("990000011", 2, "dmp", date(2022, 3, 15), "accepted", date(2022, 7, 1), 50000),
        ("990000011", 2, "mss", date(2022, 3, 15), "accepted", date(2022, 7, 1), 20000),
        ("010000024", 1, "dmp", date(2021, 9, 15), "withdrawn", None, None),
        ("990000022", 4, "mss", date(2023, 4, 30), "pending", None, None),
    ]
    assert reading.lines == [2, 2, 3, 4]
    assert [(problem.line, problem.column, problem.message) for problem in reading.repairs] == [
        (3, "Numéro FINESS géographique de l’établissement", "lu 010000024 : le zéro de tête est rétabli."),
        (2, "Déposé le", "pour 3 dossiers, dont celui-ci, la fenêtre est celle où tombe la date de dépôt."),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_export_is_the_same_however_it_was_saved(separator: str, encoding: str) -> None:
    reading = read(as_csv([HEADER, dossier()], separator, encoding))

    assert short(reading) == [("990000011", 2, "dmp", "accepted", None)]


def test_a_workbook_gives_the_same_rows_as_a_csv() -> None:
    row = dossier(finess=990000011, filed=datetime(2022, 3, 15, 14, 5), decided=date(2022, 7, 1), grant1=50000)
    content = workbook(
        {
            "Dossiers": [HEADER, row],
            "Etablissements": [["Dossier ID", "Champ", "Établissement SIRET"], ["4012345", "siret", "26310012500016"]],
            "Avis": [["Dossier ID", "Question / Introduction", "Réponse", "Expert"], ["4012345", "?", "oui", "x@y.fr"]],
        }
    )

    reading = read(content)

    assert [tuple(row.values()) for row in reading.rows] == [
        ("990000011", 2, "dmp", date(2022, 3, 15), "accepted", date(2022, 7, 1), 50000)
    ]
    assert list(reading.left_aside.values()) == [1 + 1, 1 + 1]
    assert "Avis" in str(reading.left_aside)


@pytest.mark.parametrize(
    ("state", "decision"),
    [
        *((word, "accepted") for word in ("Accepté", "acceptée", "ACCEPTE", "Retenu", "Favorable")),
        *((word, "rejected") for word in ("Refusé", "Rejeté", "non retenu", "Défavorable")),
        *((word, "pending") for word in ("En instruction", "En construction", "En cours d’instruction", "pending")),
        *(
            (word, "withdrawn")
            for word in ("Sans suite", "Classé sans suite", "classée sans suite", "Retiré", "Désistement")
        ),
    ],
)
def test_decisions_in_words(state: str, decision: str) -> None:
    assert [row["decision"] for row in export(dossier(state=state)).rows] == [decision]


def test_drafts_are_no_applications() -> None:
    reading = export(dossier(), dossier(state="Brouillon", finess="", filed=""))

    assert (len(reading.rows), reading.problems) == (1, [])
    assert dict(reading.left_aside) == {"en brouillon, pas encore déposés": 1}


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (  # several windows in a file, a row for each volet
            (
                "FINESS;Fenêtre;Volet;Décision",
                "990000011;Fenêtre 1;DMP;Accepté",
                "990000011;F2;DMP;Accepté",
                "990000011;2;MSSanté;Refusé",
            ),
            [
                ("990000011", 1, "dmp", "accepted", None),
                ("990000011", 2, "dmp", "accepted", None),
                ("990000011", 2, "mss", "rejected", None),
            ],
        ),
        (  # a column for each volet, and one amount for the only one that is ticked
            (
                "FINESS;Fenêtre;Candidature volet 1;Volet 2 (MSSanté);Décision;Montant",
                "990000011;3;Oui;Non;Accepté;1 000 €",
                "990000022;3;;x;Accepté;2000",
                "990000033;3;oui;oui;Accepté;",
            ),
            [
                ("990000011", 3, "dmp", "accepted", 1000),
                ("990000022", 3, "mss", "accepted", 2000),
                ("990000033", 3, "dmp", "accepted", None),
                ("990000033", 3, "mss", "accepted", None),
            ],
        ),
        (  # a decision for each volet prevails over that of the dossier
            (
                "FINESS;Fenêtre;État du dossier;Décision volet 1;Décision volet 2",
                "990000011;3;Accepté;Accepté;Refusé",
                "990000022;3;En instruction;;En instruction",
            ),
            [
                ("990000011", 3, "dmp", "accepted", None),
                ("990000011", 3, "mss", "rejected", None),
                ("990000022", 3, "mss", "pending", None),
            ],
        ),
        (  # only one volet was open: nobody asked
            ("FINESS;Déposé le;État", "990000011;31/10/2021 23:59;Accepté"),
            [("990000011", 1, "dmp", "accepted", None)],
        ),
        (  # a zero can be shared
            ("FINESS;Fenêtre;Volets;État;Montant", "990000011;2;1 et 2;Refusé;0,00 €"),
            [("990000011", 2, "dmp", "rejected", 0), ("990000011", 2, "mss", "rejected", 0)],
        ),
    ],
)
def test_windows_volets_and_amounts_told_in_several_ways(lines: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    reading = table(*lines)

    assert reading.problems == reading.blocking == []
    assert short(reading) == rows


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"finess": "1,0E+07"}, "Numéro FINESS géographique de l’établissement", "un tableur a arrondi ce numéro"),
        ({"finess": "99000001"}, None, ""),
        ({"state": "Peut-être"}, "État du dossier", "cette décision n’est pas connue"),
        ({"filed": "01/01/2022"}, "Déposé le", "la date de dépôt n’est dans aucune fenêtre"),
        ({"filed": ""}, "Déposé le", "rien ne dit la fenêtre de ce dossier"),
        ({"filed": "hier"}, "Déposé le", "une date est attendue"),
        ({"filed": "44635"}, "Déposé le", "ce nombre est une date dont le tableur a perdu le format"),
        ({"decided": "31/02/2022"}, "Traité le", "une date est attendue"),
        ({"volets": "Volet 3"}, "Volet(s) demandé(s)", "des volets sont attendus"),
        ({"volets": ""}, "Volet(s) demandé(s)", "aucun volet n’est demandé"),
        ({"grant1": "50.000 €"}, "Montant volet 1", "le point peut séparer des milliers ou des décimales"),
        ({"grant1": "beaucoup"}, "Montant volet 1", "un nombre est attendu"),
        ({"grant1": "12,50 €"}, "Montant volet 1", "un nombre entier est attendu"),
    ],
)
def test_a_guess_is_refused_by_line_and_column(cells: dict[str, str], column: str | None, expected: str) -> None:
    reading = export(dossier(finess="990000022"), dossier(**cells))

    assert [problem.column for problem in reading.problems] == ([column] if column else [])
    assert all(problem.line == 3 and problem.message.startswith(expected) for problem in reading.problems)


def test_an_amount_for_two_volets_is_not_shared() -> None:
    lines = ("FINESS;Fenêtre;Volets;État;Montant", "990000011;2;1 et 2;Accepté;50000")

    (problem,) = table(*lines).problems
    assert (problem.line, problem.column, problem.value) == (2, "Montant", "50000")
    assert "rien ne dit comment le partager" in problem.message
    without = table(*lines, said={"grant_eur": ""})
    assert (without.problems, [row["grant_eur"] for row in without.rows]) == ([], [None, None])


def test_volets_that_contradict_each_other_are_refused() -> None:
    (problem,) = table("FINESS;Fenêtre;Volet;Volet 1;Volet 2;État", "990000011;2;DMP;oui;oui;Accepté").problems

    assert (problem.column, problem.message.split(" ;")[0]) == (
        "Volet",
        "les volets de cette colonne ne sont pas ceux des colonnes par volet",
    )


@pytest.mark.parametrize(
    ("header", "row", "blamed"),
    [
        ("Code;Fenêtre;Volet;État", "990000011;1;1;Accepté", ["Numéro FINESS"]),
        ("FINESS;Volet;Avis", "990000011;1;Accepté", ["Fenêtre", "Décision ou état du dossier"]),
        ("FINESS;Fenêtre;Volet;État;Décision", "990000011;1;1;Accepté;Refusé", ["Décision ou état du dossier"]),
        ("FINESS;Fenêtre;Volet;État;Montant;Subvention", "990000011;1;1;Accepté;1;2", ["Montant accordé"]),
        ("FINESS;Fenêtre;État", "990000011;2;Accepté", ["Volets demandés"]),
    ],
)
def test_what_no_column_tells_for_certain_is_asked_for(header: str, row: str, blamed: list[str]) -> None:
    reading = table(header, row)

    assert [problem.column for problem in reading.blocking] == blamed
    assert all(problem.message.endswith(("dites laquelle.", "ou ajoutez-la.")) for problem in reading.blocking)
    assert reading.columns
    assert "FINESS" not in header or reading.columns.found["finess"] == "FINESS"
    assert [meaning.label for meaning in reading.columns.missing] == blamed
    assert not reading.readable


def test_what_a_person_says_is_read() -> None:
    said = {"finess": "Code", "decision": "Avis", "window": "Vague", "volet": "Objet"}

    reading = table("Code;Vague;Objet;Avis", "990000011;2;DMP et MSSanté;Retenu", said=said)

    assert short(reading) == [("990000011", 2, "dmp", "accepted", None), ("990000011", 2, "mss", "accepted", None)]


# People ---------------------------------------------------------------------------------------------------------------


LEAKY = [
    dossier(),
    dossier(finess="voir jeanne@chu-exemple.fr", volets="Volet 1, rappeler le 06 12 34 56 78"),
    dossier(state="Accepté par Mme Jeanne Lefèvre-Dubreuil", filed="0612345678"),
    dossier(finess="", note="Aïssatou absente, 0612345678", grant1="j@chu-exemple.fr"),
    [*dossier()[:-3], "Jeanne"],  # a row that shifted
    [*dossier(), "Jeanne", "a@ars-exemple.fr"],
]


@pytest.mark.parametrize("content", [as_csv([HEADER, *LEAKY]), workbook({"Dossiers": [HEADER, *LEAKY[:4]]})])
def test_nobody_is_in_a_reading_nor_in_what_is_said_of_it(content: bytes) -> None:
    reading = read(content)

    assert len(reading.problems) >= 4
    held = {f.name: getattr(reading, f.name) for f in dataclasses.fields(reading) if f.name != "file"}
    told = [str(problem) for problem in (*reading.problems, *reading.repairs, *reading.blocking)]
    assert people_in(f"{held} {told}") == []
    assert reading.columns
    assert set(reading.columns.header) == {
        *("ID", "FranceConnect ?", "Dépôt pour un tiers", "À archiver", "État du dossier", "Dernière mise à jour le"),
        *("Déposé le", "Passé en instruction le", "Traité le", "Motivation de la décision", "Volet(s) demandé(s)"),
        *("Numéro FINESS géographique de l’établissement", "Montant volet 1", "Montant volet 2"),
    }


def people_in(text: str) -> list[str]:
    return [trace for trace in PEOPLE if trace in text]


def test_columns_of_people_beside_those_of_the_contract_are_dropped_too() -> None:
    reading = table("finess,window,volet,decision,Mail", "990000011,1,dmp,accepted,jeanne@chu-exemple.fr", "1,2")

    assert short(reading) == [("990000011", 1, "dmp", "accepted", None)]
    assert "@" not in f"{reading.originals} {reading.blocking} {reading.problems}"


@pytest.mark.parametrize("write", [as_csv, lambda rows: workbook({"Dossiers": rows})])
def test_nobody_reaches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[..., bytes]) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    register = b"finess,legal_status,department_code\n990000011,public,31\n990000022,espic,75\n"
    store = Store(tmp_path / "données")
    good = write([HEADER, dossier(), dossier(finess="990000022", note="06 12 34 56 78")])
    bad = write([HEADER, *LEAKY[:4]])

    with pytest.raises(DataError) as error:
        publish(store, register, bad)
    publish(store, register, good)

    assert people_in(str(error.value)) == []
    assert len(snapshots.read(store.resolve())["applications"]) == 2
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 4
    for path in files:
        raw = path.read_bytes()
        assert [trace for trace in PEOPLE[:3] + PEOPLE[4:] if trace.encode() in raw or trace in path.name] == []


def publish(store: Store, register: bytes, applications: bytes) -> None:
    import_files(
        store,
        PROGRAMME,
        register=[InputFile("registre.csv", register)],
        applications=[InputFile("dossiers.csv", applications)],
        as_of=date(2024, 6, 30),
        by=HERE,
        confirmed=True,
    )
