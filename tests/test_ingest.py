"""Importing files: what is right is published whole, what is wrong is told by file and line and nothing is written."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sunes import metrics, snapshots
from sunes.errors import DataError, Problem, UsageError
from sunes.ingest import InputFile, Report, import_files
from sunes.ingest.files import MAX_BYTES
from sunes.programme import load_programme
from sunes.schema import TABLES
from sunes.snapshots import Store
from sunes.view import View
from tests import rows as rows_of
from tests.people import HERE, named
from tests.rows import Row

AS_OF = date(2024, 6, 30)
PROGRAMME = load_programme()

ESTABLISHMENTS = "finess,legal_status,commune_code\n990000011,public,31555\n990000022,espic,75056\n"
APPLICATIONS = "finess,window,volet,decision\n990000011,1,dmp,accepted\n990000022,2,mss,pending\n"
USAGES = "finess,window,volet,indicator,status\n990000011,1,dmp,lettre_liaison,attained\n"

REGISTER_HEADER = (
    "nofinesset,nofinessej,rs,rslongue,categetab,libcategetab,statut,statut_juridique_code,siren_siret_sae,numvoie,"
    "typvoie,voie,code_postal,libelle_acheminement,code_insee,commune,departement,code_region,latitude,longitude,"
    "source_coord,lits_mco,places_mco,urgences_autorise,act_medecine,act_chirurgie,act_obstetrique,act_psy,act_ssr,"
    "act_had,act_usld,act_dialyse,act_imagerie,act_biologie"
)
_RECORDS = (
    '990000033,990900033,CH DU GRAND PRE,CENTRE HOSPITALIER,355,"Centre Hospitalier, dit C.H.",Public,13,,1,PL,DU PRE,'
    "31000,TOULOUSE,31555,TOULOUSE,31,76,43.61,1.44,finess_2020_adresse,221.0,37.0,1,1,1,0,0,1,0,0,1,1,1",
    "990000044,990900044,CLINIQUE DES TROIS CHENES,,146,Dialyse,Privé lucratif,95,,,,,"
    "93380,PIERREFITTE,93059,PIERREFITTE SUR SEINE,93,11,48.96,2.36,centre_commune,,,,0,0,0,0,0,0,0,1,0,0",
    "990000055,990900055,CMP DE LA LANDE,,156,C.M.P.,Privé non lucratif,60,,,,,"
    "20000,AJACCIO,2A004,AJACCIO,2A,94,,,,,,,,,,1,,,,,,",
)
REGISTER = "\n".join((REGISTER_HEADER, *_RECORDS))


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "données")


Content = str | bytes | None


def run(
    store: Store,
    as_of: date = AS_OF,
    dry_run: bool = False,
    *,
    register: Content = None,
    applications: Content = None,
    usages: Content = None,
) -> Report:
    return import_files(
        store,
        PROGRAMME,
        register=file("register.csv", register),
        applications=file("applications.csv", applications),
        usages=file("usages.csv", usages),
        as_of=as_of,
        by=HERE,
        dry_run=dry_run,
    )


def file(name: str, content: Content) -> list[InputFile]:
    return [InputFile(name, content.encode() if isinstance(content, str) else content)] if content is not None else []


def refused(
    store: Store, *, register: Content = None, applications: Content = None, usages: Content = None
) -> list[str]:
    """Every problem of files that must not be published, which must leave no trace."""
    before = sorted(store.directory.rglob("*"))
    with pytest.raises(DataError) as error:
        run(store, register=register, applications=applications, usages=usages)
    assert sorted(store.directory.rglob("*")) == before
    sentences = plain(error.value).splitlines()
    assert len(sentences) == len(error.value.problems), "one line each"
    assert all(sentence.endswith((".", "?")) for sentence in sentences), sentences
    return sentences


def plain(text: object) -> str:
    """A text with ordinary spaces, as a test can write it."""
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


def published(store: Store, table: str) -> list[Row]:
    content: list[Row] = snapshots.read(store.resolve())[table].to_pylist()
    return content


# What is right --------------------------------------------------------------------------------------------------------


def test_the_contract_needs_little_and_derives_the_rest(store: Store) -> None:
    report = run(store, register=ESTABLISHMENTS, applications=APPLICATIONS, usages=USAGES)

    assert report.rows == {"establishments": 2, "applications": 2, "usages": 1}
    assert [(f.table, f.read, f.kept) for f in report.files] == [
        ("establishments", 2, 2),
        ("applications", 2, 2),
        ("usages", 1, 1),
    ]
    toulouse = published(store, "establishments")[0]
    assert toulouse["region_code"] == "76"
    assert toulouse["department_code"] == "31"
    assert toulouse["commune_name"] == "Toulouse"
    assert toulouse["location_source"] == "commune"
    assert abs(toulouse["latitude"] - 43.6) < 0.1
    assert toulouse["eligible"] is True
    assert toulouse["combined_activity"] is None
    assert published(store, "applications")[0]["grant_eur"] is None
    assert store.verify() == ()


def test_every_column_of_the_contract_can_be_given(store: Store) -> None:
    establishment = rows_of.establishment(
        "2A0000014",
        "94",
        "2A",
        name='Clinique "Les Pins", Ajaccio',
        level="EJ",
        finess_ej="2A0000022",
        commune_code="2A004",
        commune_name="Ajaccio",
        legal_status="private",
        activities=["mco", "had"],
        combined_activity=1234.5,
        latitude=41.9,
        longitude=8.7,
        location_source="register",
        eligible=False,
    )
    application = rows_of.application(
        "2A0000014", 2, "mss", "accepted", filed_on=date(2022, 3, 1), decided_on=date(2022, 6, 1), grant_eur=0
    )
    usage = rows_of.usage("2A0000014", 2, "mss", "mss_pro", "missed") | {
        "numerator": 3,
        "denominator": 7,
        "threshold": 0.5,
        "evaluated_on": date(2022, 12, 31),
    }
    expected = {"establishments": establishment, "applications": application, "usages": usage}
    files = {name: as_csv(row) for name, row in expected.items()}

    run(store, register=files["establishments"], applications=files["applications"], usages=files["usages"])

    assert {name: published(store, name) for name in TABLES} == {name: [row] for name, row in expected.items()}


def as_csv(row: Row) -> str:
    def text(value: object) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        joined = "|".join(value) if isinstance(value, list) else "" if value is None else str(value)
        return '"' + joined.replace('"', '""') + '"'

    return ",".join(row) + "\n" + ",".join(map(text, row.values())) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", False), ("utf-8-sig", False), ("cp1252", True), ("iso-8859-1", True)]
)
def test_separators_line_ends_and_encodings_are_detected(
    store: Store, separator: str, ending: str, encoding: str, said: bool
) -> None:
    text = "FINESS,Name , legal_status,department_code\n\n990000011,Hôpital d'été,public,31\n,,,\n"
    content = text.replace(",", separator).replace("\n", ending).encode(encoding)

    report = run(store, register=content)

    assert published(store, "establishments")[0]["name"] == "Hôpital d'été"
    assert report.rows["establishments"] == 1
    assert any("Windows-1252" in note for note in report.notes) is said


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("grant_eur", "12 345", 12345),
        ("grant_eur", "12\u202f345", 12345),
        ("grant_eur", "50000.0", 50000),
        ("grant_eur", "", None),
        ("grant_eur", "0", 0),
        ("filed_on", "2021-09-15", date(2021, 9, 15)),
        ("filed_on", "2021-09-15 00:00:00", date(2021, 9, 15)),
        ("decision", "", "pending"),
    ],
)
def test_values_that_programs_write_in_several_ways(store: Store, column: str, text: str, value: object) -> None:
    run(store, register=ESTABLISHMENTS, applications=f"finess,window,volet,{column}\n990000011,1.0,dmp,{text}\n")

    assert published(store, "applications")[0][column] == value


@pytest.mark.parametrize(
    ("text", "value"), [("1234,5", 1234.5), ("1e-05", 0.00001), ("1 234.5", 1234.5), ("0", 0.0), ("", None)]
)
def test_decimal_numbers(store: Store, text: str, value: float | None) -> None:
    run(store, register=f"finess;legal_status;department_code;combined_activity\n990000011;public;31;{text}\n")

    assert published(store, "establishments")[0]["combined_activity"] == value


@pytest.mark.parametrize(
    ("columns", "cells", "place"),
    [
        ("commune_code,latitude,longitude", "31555,43.5,1.5", (43.5, 1.5, "register")),
        ("commune_code,latitude,longitude,location_source", "31555,43.5,1.5,commune", (43.5, 1.5, "commune")),
        ("commune_code,location_source", "31555,none", (None, None, "none")),
        ("department_code", "31", (None, None, "none")),
    ],
)
def test_a_position_is_never_better_than_what_is_known(
    store: Store, columns: str, cells: str, place: tuple[float | None, float | None, str]
) -> None:
    run(store, register=f"finess,legal_status,{columns}\n990000011,public,{cells}\n")

    row = published(store, "establishments")[0]
    assert (row["latitude"], row["longitude"], row["location_source"]) == place


def test_the_register_is_recognised_by_its_header(store: Store) -> None:
    report = run(store, register=REGISTER)

    hospital, clinic, other = published(store, "establishments")
    assert report.files[0].kind == "Registre des établissements (SAE et FINESS)"
    assert (hospital["finess"], hospital["finess_ej"]) == ("990000033", "990900033")
    assert (hospital["name"], hospital["level"]) == ("CH DU GRAND PRE", "ET")
    assert (hospital["legal_status"], clinic["legal_status"], other["legal_status"]) == ("public", "private", "espic")
    assert hospital["activities"] == ["mco", "smr", "dialysis", "imaging", "biology"]
    assert other["activities"] == ["psy"]
    assert [row["eligible"] for row in (hospital, clinic, other)] == [True, True, False]
    assert [row["location_source"] for row in (hospital, clinic, other)] == ["register", "commune", "commune"]
    assert (hospital["commune_name"], hospital["region_code"]) == ("Toulouse", "76")
    assert all(row["combined_activity"] is None for row in (hospital, clinic, other))
    # A commune that has merged since keeps the name and the point that the register gives.
    assert (clinic["commune_name"], clinic["latitude"]) == ("PIERREFITTE SUR SEINE", 48.96)
    assert any("(ligne 3)" in note and "93059" not in note for note in report.notes)
    answer = metrics.ask(store, View(), programme=PROGRAMME)
    assert (answer.rows[0]["eligible"], answer.rows[0]["participation_rate"]) == (2, 0.0)


def test_the_manifest_says_what_was_done_and_from_which_files(store: Store) -> None:
    given = InputFile("établissements.csv", ESTABLISHMENTS.encode())

    report = import_files(store, PROGRAMME, register=[given], as_of=AS_OF, by=named("ARS"))

    assert report.snapshot is not None
    manifest = report.snapshot.manifest
    assert (manifest.simulated, manifest.published_by) == (False, "ARS")
    assert manifest.sources is not None
    source = manifest.sources[0]
    assert (source.file_name, source.sha256, source.accessed) == (given.name, given.sha256, date.today())
    assert {"name": "Lecture de établissements.csv", "result": "2 lignes lues, 2 gardées"} in manifest.checks


def test_a_dry_run_writes_nothing(store: Store) -> None:
    report = run(store, register=ESTABLISHMENTS, dry_run=True)

    assert report.snapshot is None
    assert report.rows["establishments"] == 2
    assert not store.directory.exists()


def test_a_path_is_as_good_as_a_content(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "registre.csv"
    path.write_text(ESTABLISHMENTS)

    report = import_files(store, PROGRAMME, register=[path], as_of=AS_OF, by=HERE)

    assert report.files[0].file == "registre.csv"


# What is carried over -------------------------------------------------------------------------------------------------


def test_what_is_not_given_is_carried_over(store: Store) -> None:
    run(store, AS_OF - timedelta(days=30), register=ESTABLISHMENTS, applications=APPLICATIONS)

    report = run(store, usages=USAGES)

    assert report.carried == ("establishments", "applications")
    assert report.rows == {"establishments": 2, "applications": 2, "usages": 1}
    assert "Repris de la situation au 31 mai 2024 (révision 1) : établissements et candidatures." in report.notes
    manifest = store.resolve().manifest
    assert {"name": "Remarque", "result": report.notes[0]} in manifest.checks
    assert [source.file_name for source in manifest.sources or ()] == ["usages.csv", "register.csv", "applications.csv"]


def test_a_second_import_of_a_day_is_a_revision(store: Store) -> None:
    run(store, register=ESTABLISHMENTS)

    report = run(store, applications=APPLICATIONS)

    assert report.snapshot is not None
    assert (report.snapshot.revision, report.carried) == (2, ("establishments", "usages"))
    assert store.resolve("2024-06-30~1").manifest.tables["applications"].rows == 0


def test_later_snapshots_are_not_carried_back(store: Store) -> None:
    run(store, AS_OF, register=ESTABLISHMENTS, applications=APPLICATIONS)

    report = run(store, date(2024, 5, 31), register=ESTABLISHMENTS)

    assert (report.previous, report.rows["applications"]) == (None, 0)


def test_simulated_rows_never_enter_a_real_snapshot(store: Store) -> None:
    content = rows_of.tables([rows_of.establishment("310000001")], [rows_of.application("310000001", 1, "dmp")])
    store.publish(AS_OF, rows_of.arrow((AS_OF, 1, content))[2], simulated=True)

    report = run(store, register=ESTABLISHMENTS)

    assert report.rows["applications"] == 0
    assert any("est simulée : rien n’en est repris" in note for note in report.notes)
    problem = "il n’y a pas d’établissements ; donnez aussi un registre. La situation au 30 juin 2024 est simulée"
    store.withdraw("2024-06-30~2", "essai", HERE)
    assert any(problem in sentence for sentence in refused(store, applications=APPLICATIONS))


def test_a_damaged_store_is_not_carried_over_from(store: Store) -> None:
    run(store, register=ESTABLISHMENTS)
    (store.resolve().path / "manifest.json").write_text("{")

    assert any("dossier endommagé" in sentence for sentence in refused(store, applications=APPLICATIONS))


def test_carried_rows_that_no_longer_fit_are_told(store: Store) -> None:
    run(store, register=ESTABLISHMENTS, applications=APPLICATIONS)

    sentences = refused(store, register="finess,legal_status,department_code\n990000011,public,31\n")

    assert sentences == [
        "situation au 30 juin 2024, candidatures, colonne « finess », valeur « 990000022 » : "
        "aucune ligne de « établissements » ne porte cette clé."
    ]


def test_establishments_must_come_from_somewhere(store: Store) -> None:
    assert refused(store, applications=APPLICATIONS) == ["il n’y a pas d’établissements ; donnez aussi un registre."]


def test_a_question_that_makes_no_sense_is_wrong_usage(store: Store) -> None:
    with pytest.raises(UsageError, match="aucun fichier"):
        run(store)
    with pytest.raises(UsageError, match="dans le futur"):
        run(store, date.today() + timedelta(days=1), register=ESTABLISHMENTS)
    assert not store.directory.exists()


# What is wrong --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("finess", "90000011", "un numéro FINESS compte 9 chiffres ou lettres majuscules, zéros de tête compris."),
        ("finess", "99000001a", "un numéro FINESS compte 9"),
        ("finess_ej", "12", "un numéro FINESS compte 9"),
        ("level", "EG", "les valeurs possibles sont EJ, ET."),
        ("legal_status", "Public", "les valeurs possibles sont public, espic, private."),
        ("legal_status", "", "une valeur est obligatoire."),
        ("commune_code", "31999", "cette commune n’existe pas aujourd’hui ; corrigez son code INSEE"),
        ("commune_code", "3155", "un code INSEE de commune compte 5 caractères"),
        ("commune_code", "75056", "la commune est dans le département 75"),
        ("department_code", "99", "le département 99 n’existe pas."),
        ("department_code", "32", "la commune est dans le département 31"),
        ("region_code", "77", "cette région n’existe pas"),
        ("region_code", "11", "le département 31 est dans la région 76"),
        ("activities", "['mco']", "une liste de mots en minuscules séparés par |"),
        ("combined_activity", "beaucoup", "un nombre est attendu, par exemple 12345 ou 79.9."),
        ("combined_activity", "1e999", "un nombre est attendu"),
        ("combined_activity", "-1", "la valeur doit être d’au moins 0."),
        ("latitude", "91", "la valeur doit être d’au plus 90."),
        ("latitude", "", "latitude et longitude vont ensemble"),
        ("location_source", "gps", "les valeurs possibles sont register, commune, none."),
        ("eligible", "peut-être", "true ou false est attendu."),
    ],
)
def test_wrong_cells_of_a_register(store: Store, column: str, cell: str, expected: str) -> None:
    right = {
        "finess": "990000022",
        "legal_status": "public",
        "commune_code": "31555",
        "department_code": "31",
        "latitude": "43.6",
        "longitude": "1.4",
    }
    if column == "commune_code":
        right |= {"latitude": "", "longitude": ""}
    names = [*dict.fromkeys([*right, column])]
    first = [{**right, "finess": "990000011"}.get(name, "") for name in names]
    wrong = [{**right, column: cell}.get(name, "") for name in names]

    sentences = refused(store, register="\n".join(map(",".join, (names, first, wrong))))

    assert len(sentences) == 1, sentences
    place, message = sentences[0].split(" : ", 1)
    assert message.startswith(expected)
    blamed = "department_code" if cell == "75056" else column
    assert place.startswith(f"register.csv, ligne 3, colonne « {blamed} », valeur « ")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("990000011,5,dmp,,,", "colonne « window », valeur « 5 » : les valeurs possibles sont 1, 2, 3, 4."),
        ("990000011,x,dmp,,,", "colonne « window », valeur « x » : un nombre est attendu"),
        ("990000011,1.5,dmp,,,", "colonne « window », valeur « 1.5 » : un nombre entier est attendu."),
        ("990000011,300,dmp,,,", "colonne « window », valeur « 300 » : ce nombre est trop grand."),
        ("990000011,1,sms,,,", "colonne « volet », valeur « sms » : les valeurs possibles sont dmp, mss."),
        ("990000011,1,dmp,oui,,", "colonne « decision », valeur « oui » : les valeurs possibles sont pending"),
        ("990000011,1,dmp,,2022-02-30,", "colonne « filed_on », valeur « 2022-02-30 » : une date AAAA-MM-JJ"),
        ("990000011,1,dmp,,30/06/2022,", "colonne « filed_on », valeur « 30/06/2022 » : une date AAAA-MM-JJ"),
        ("990000011,1,dmp,,,-5", "colonne « grant_eur », valeur « -5 » : la valeur doit être d’au moins 0."),
        (",1,dmp,,,", "colonne « finess », valeur « vide » : une valeur est obligatoire."),
        ("990000099,1,dmp,,,", "colonne « finess », valeur « 990000099 » : aucune ligne de « établissements »"),
        ("990000011,1,dmp", "cette ligne compte 3 cellules au lieu de 6"),
        ("990000011,1,dmp,,,,", "cette ligne compte 7 cellules au lieu de 6"),
    ],
)
def test_wrong_rows_of_applications(store: Store, row: str, expected: str) -> None:
    text = f"finess,window,volet,decision,filed_on,grant_eur\n990000022,1,dmp,,,\n{row}\n"

    sentences = refused(store, register=ESTABLISHMENTS, applications=text)

    assert sentences[0].startswith("applications.csv, ligne 3")
    assert expected in sentences[0]


def test_wrong_rows_of_usages(store: Store) -> None:
    text = (
        "finess,window,volet,indicator,numerator,threshold,status\n"
        "990000011,1,dmp,mss_pro,,,\n"
        "990000011,1,dmp,radio,,,\n"
        "990000022,1,dmp,lettre_liaison,,,\n"
        "990000011,1,dmp,lettre_liaison,-1,80,done\n"
    )

    sentences = refused(store, register=ESTABLISHMENTS, applications=APPLICATIONS, usages=text)

    assert [sentence.split(", colonne")[0] for sentence in sentences] == [
        f"usages.csv, ligne {line}" for line in (2, 3, 4, 5, 5, 5)
    ]
    assert "cet indicateur est d’un autre volet" in sentences[0]
    assert "les valeurs possibles sont lettre_liaison" in sentences[1]
    assert "« 990000022, 1, dmp » : aucune ligne de « candidatures »" in sentences[2]


def test_all_problems_of_all_files_are_told_at_once(store: Store) -> None:
    sentences = refused(
        store,
        register=ESTABLISHMENTS + "1,public,31555\n",
        applications=APPLICATIONS + "990000011,9,dmp,accepted\n",
        usages=USAGES + "990000011,1,dmp,lettre_liaison,attained\n",
    )

    assert [sentence.split(", colonne")[0] for sentence in sentences] == [
        "applications.csv, ligne 4",
        "register.csv, ligne 4",
        "usages.csv, ligne 3",
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"register": b""}, ["register.csv : ce fichier est vide"]),
        (
            {"register": "finess,legal_status\n990000011,public\n"},
            ["colonne « department_code » : cette colonne manque"],
        ),
        ({"register": "finess,department_code\n990000011,31\n"}, ["colonne « legal_status » : cette colonne manque"]),
        (
            {"register": "name,legal_status,department_code\nx,public,31\n", "applications": APPLICATIONS},
            ["register.csv, ligne 1, colonne « finess » : cette colonne est obligatoire et manque"],
        ),
    ],
)
def test_what_is_missing_is_told_once(store: Store, files: dict[str, Content], expected: list[str]) -> None:
    sentences = refused(store, **files)

    assert len(sentences) == len(expected), sentences
    assert all(part in sentence for part, sentence in zip(expected, sentences, strict=True))


def test_duplicates_name_both_lines(store: Store) -> None:
    repeated = ESTABLISHMENTS + "990000011,public,31555\n990000022,private,75056\n"

    same, other = refused(store, register=repeated)

    assert same.startswith("register.csv, ligne 4, colonne « finess », valeur « 990000011 » : ")
    assert same.endswith("cette ligne répète la ligne 2 ; supprimez-la.")
    assert other.startswith("register.csv, ligne 5")
    assert "celle de la ligne 3, qui dit autre chose" in other


def test_lines_are_those_of_an_editor(store: Store) -> None:
    text = '\nfiness,name,legal_status,department_code\n990000011,"deux\r\nlignes",public,31\n\n990000022,x,public,99\n'

    assert refused(store, register=text) == [
        "register.csv, ligne 6, colonne « department_code », valeur « 99 » : le département 99 n’existe pas."
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "ce fichier est vide"),
        (b" \r\n\n", "ce fichier est vide"),
        (b",,,\n,,,\n", "ce fichier est vide"),
        (b"\xef\xbb\xbf", "ce fichier est vide"),
        (b"finess,legal_status,department_code\n", "il n’y a aucune ligne sous l’en-tête"),
        (b"finess,finess,legal_status\n1,2,3\n", "ligne 1, colonne « finess » : cette colonne est en double"),
        (b"finess,,legal_status\n1,2,3\n", "ligne 1 : la colonne n° 2 n’a pas de nom"),
        (
            b"finess,legal_satus,department_code\n1,2,3\n",
            "ligne 1, colonne « legal_satus » : cette colonne est inconnue",
        ),
        (b"PK\x03\x04anything", "ce classeur est endommagé"),
        (b"\xd0\xcf\x11\xe0anything", "ce fichier est un ancien classeur XLS"),
        (b"\x1f\x8banything", "cette archive GZIP est tronquée ou endommagée"),
        (b"finess,name\n1,a\x00b\n", "ligne 2 : ce fichier n’est pas un texte"),
        (b"finess,name\n1,\x1b[31m\n", "ligne 2 : ce fichier n’est pas un texte"),
        (b"\xff\xfef\x00i\x00", "ce fichier n’est pas un texte"),
        (b"finess,name\n1,\x81\n", "ce fichier n’est ni en UTF-8 ni en Windows-1252"),
        (b'finess,name\n1,"abc\n2,x\n', "ligne 2 : un guillemet est mal placé ou n’est pas refermé"),
        (b'finess,name\n1,"abc"d\n', "ligne 2 : un guillemet est mal placé"),
        (b"finess,name\n1," + b"x" * 200_000 + b"\n", "ligne 2 : une cellule dépasse 131072 caractères"),
        (b"finess" + b"x" * 200_000 + b"\n1\n", "ligne 1 : une cellule dépasse 131072 caractères"),
    ],
)
def test_what_is_not_a_table_is_told(store: Store, content: bytes, expected: str) -> None:
    assert any(expected in sentence for sentence in refused(store, register=content))


def test_wrong_cells_of_the_real_register_carry_its_own_column_names(store: Store) -> None:
    text = (
        REGISTER.replace("990000033,", "9900003,")
        .replace("Privé lucratif", "Privé")
        .replace(",156,", ",,")
        .replace("centre_commune", "au hasard")
        .replace("1,1,0,0,1,0,0,1,1,1", "oui,1,0,0,1,0,0,1,1,1")
    )

    assert [sentence.split(" : ")[0] for sentence in refused(store, register=text)] == [
        "register.csv, ligne 2, colonne « nofinesset », valeur « 9900003 »",
        "register.csv, ligne 2, colonne « act_medecine », valeur « oui »",
        "register.csv, ligne 3, colonne « statut », valeur « Privé »",
        "register.csv, ligne 3, colonne « source_coord », valeur « au hasard »",
        "register.csv, ligne 4, colonne « categetab », valeur « vide »",
    ]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda folder: folder / "absent.csv", "ce fichier n’existe pas"),
        (lambda folder: folder, "ce n’est pas un fichier"),
        (lambda folder: folder / ("x" * 300), "ne peut pas être lu"),
        (lambda folder: sparse(folder / "énorme.csv"), "cette ligne dépasse 1\u202f000\u202f000 caractères"),
    ],
)
def test_paths_that_cannot_be_read(store: Store, tmp_path: Path, make: Callable[[Path], Path], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        import_files(store, PROGRAMME, register=[make(tmp_path)], as_of=AS_OF, by=HERE)


def sparse(path: Path) -> Path:
    with path.open("wb") as opened:
        opened.truncate(MAX_BYTES + 1)
    return path


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.text(st.sampled_from('finessvolt_dpc"\n\r,;\t|019 é\x00'), max_size=200).map(str.encode)
    | st.lists(st.text(max_size=12), min_size=2, max_size=2).map(
        lambda cells: f"finess,legal_status,department_code,{cells[0]}\n990000011,public,31,{cells[1]}\n".encode(
            errors="surrogatepass"
        )
    )
)
@example(b"finess,legal_status,commune_code\n990000011,public,\xd9\xa3\xd9\xa1555\n")
@example(b"finess,legal_status,department_code,combined_activity\n990000011,public,31," + b"9" * 5000)
def test_any_content_is_published_or_refused_in_french(store: Store, content: bytes) -> None:
    for register, applications in ((content, None), (ESTABLISHMENTS, content)):
        problems: Sequence[Problem] = ()
        rows = 0
        try:
            rows = run(store, dry_run=True, register=register, applications=applications).rows["establishments"]
        except DataError as error:
            problems = error.problems
        assert problems or rows
