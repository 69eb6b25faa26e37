"""From files to a snapshot: what is rejected, what has to be confirmed, what would change, and what is carried over."""

import errno
import json
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sunes import metrics, snapshots
from sunes.definitions import load_definitions
from sunes.errors import DataError
from sunes.french import day
from sunes.ingest import InputFile, Prepared, Report, import_files, mappings, prepare, publish, rejected_records
from sunes.insights import effect
from sunes.programme import load_programme
from sunes.publishing import StoreBusyError
from sunes.snapshots import Store
from sunes.view import View
from tests.browser import ROOT
from tests.people import HERE

AS_OF = date(2024, 6, 30)
BEFORE = AS_OF - timedelta(days=30)
PROGRAMME = load_programme()

NUMBERS = [f"99000{number:04}" for number in range(1, 7)]


def register(numbers: Iterable[str] = NUMBERS, department: str = "31") -> str:
    return "finess,name,legal_status,department_code\n" + "".join(
        f"{finess},Clinique {finess[-1]},public,{department}\n" for finess in numbers
    )


def applications(numbers: Iterable[str] = NUMBERS, decision: str = "accepted", more: str = "") -> str:
    rows = "".join(f"{finess},1,dmp,{decision},2021-09-15,2021-12-01\n" for finess in numbers)
    return f"finess,window,volet,decision,filed_on,decided_on\n{rows}{more}"


def usages(numbers: Iterable[str] = NUMBERS, status: str = "attained") -> str:
    rows = (
        f"{finess},1,dmp,{kind},{status}\n" for finess in numbers for kind in ("lettre_liaison", "ordonnance_sortie")
    )
    return "finess,window,volet,indicator,status\n" + "".join(rows)


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.fixture
def filled(store: Store) -> Store:
    """A store that holds the state of a month before: six accepted establishments that all attained the target."""
    run(store, BEFORE, register=register(), applications=applications(), usages=usages())
    return store


def files(**texts: str | list[str]) -> dict[str, Any]:
    return {
        name: [
            InputFile(f"{name}{number or ''}.csv", text.encode())
            for number, text in enumerate([given] if isinstance(given, str) else given)
        ]
        for name, given in texts.items()
    }


def run(store: Store, as_of: date = AS_OF, **options: Any) -> Report:
    texts = {name: options.pop(name) for name in ("register", "applications", "usages") if name in options}
    return import_files(store, PROGRAMME, as_of=as_of, **{"by": HERE} | files(**texts) | options)


def look(store: Store, as_of: date = AS_OF, complete: tuple[str, ...] = (), **texts: str | list[str]) -> Prepared:
    given = files(**texts)
    if "register" in given:
        given["establishments"] = given.pop("register")
    return prepare(store, PROGRAMME, given, as_of=as_of, by=HERE, complete=complete)


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


def keys(store: Store, table: str) -> list[str]:
    return sorted(row["finess"] for row in snapshots.read(store.resolve())[table].to_pylist())


# Rejected lines -------------------------------------------------------------------------------------------------------


def test_a_rejected_line_stops_everything_unless_one_goes_without(store: Store) -> None:
    text = register(NUMBERS[:2]) + "990000003,Clinique 3,public,99\n"

    with pytest.raises(DataError, match="ligne 4"):
        run(store, register=text)
    assert not store.snapshots()

    report = run(store, register=text, without_rejected=True)
    assert keys(store, "establishments") == NUMBERS[:2]
    assert {"name": "Publié sans", "result": "1 ligne rejetée"} in report.snapshot.manifest.checks  # type: ignore[union-attr]
    assert (report.files[0].read, report.files[0].kept, report.files[0].rejected) == (3, 2, 1)


def test_what_refers_to_a_rejected_line_goes_with_it_and_is_said_once(store: Store) -> None:
    prepared = look(
        store,
        register=register(NUMBERS[:1]) + "990000002,Clinique 2,public,99\n",
        applications=applications(NUMBERS[:2]),
        usages=usages(NUMBERS[:2]),
    )

    assert [plain(problem).split(" :")[0] for problem in prepared.report.problems] == [
        "register.csv, ligne 3, colonne « department_code », valeur « 99 »"
    ]
    following = [(line.table, line.line) for line in prepared.report.rejected if line.follows]
    assert following == [("applications", 3), ("usages", 4), ("usages", 5)]
    assert {name: table.num_rows for name, table in prepared.tables.items()} == {
        "establishments": 1,
        "applications": 1,
        "usages": 2,
    }


def test_rejected_lines_come_back_with_their_cells_to_correct_and_to_send_again(store: Store) -> None:
    wrong = applications(
        NUMBERS[:1], more=f"{NUMBERS[1]},1,dmp,accepted,2021-12-24,2021-12-01\n{NUMBERS[2]},7,dmp,,,\n"
    )
    prepared = look(store, register=register(NUMBERS[:3]), applications=wrong)

    first, second = rejected_records(prepared.report.rejected)
    assert "précède le dépôt" in first["Motif du rejet"]
    assert (first["Fichier"], first["Ligne"], first["filed_on"]) == ("applications.csv", 3, "2021-12-24")
    assert (second["finess"], second["window"]) == (NUMBERS[2], "7")

    publish(store, PROGRAMME, prepared, by=HERE, without_rejected=True)
    corrected = f"finess,window,volet,decision\n{NUMBERS[1]},1,dmp,accepted\n{NUMBERS[2]},1,dmp,pending\n"
    run(store, applications=corrected, complete=["applications"])
    assert keys(store, "applications") == NUMBERS[:3]


@pytest.mark.parametrize(
    ("filed", "decided", "expected"),
    [("2021-09-15", "2999-01-01", "est dans le futur"), ("2021-09-15", "2021-09-14", "précède le dépôt")],
)
def test_days_that_cannot_be(store: Store, filed: str, decided: str, expected: str) -> None:
    text = applications([], more=f"{NUMBERS[0]},1,dmp,accepted,{filed},{decided}\n")

    (problem,) = look(store, register=register(NUMBERS[:1]), applications=text).report.problems

    assert expected in str(problem)
    assert (problem.line, problem.column, problem.value) == (2, "decided_on", decided)


# Several files --------------------------------------------------------------------------------------------------------


def test_several_files_fill_one_table(store: Store) -> None:
    report = run(store, register=[register(NUMBERS[:2]), register(NUMBERS[2:])])

    assert keys(store, "establishments") == NUMBERS
    assert [(file.file, file.kept) for file in report.files] == [("register.csv", 2), ("register1.csv", 4)]


def test_what_two_files_both_say_names_both(store: Store) -> None:
    (problem,) = look(store, register=[register(NUMBERS[:2]), register(NUMBERS[1:2], "32")]).report.problems

    assert problem.file == "register1.csv"
    assert "celle de la ligne 3 de register.csv, qui dit autre chose" in plain(problem)


def test_files_that_complete_prevail_row_by_row_over_what_stands(filled: Store) -> None:
    report = run(
        filled,
        applications=f"finess,window,volet,decision\n{NUMBERS[0]},1,dmp,accepted\n{NUMBERS[0]},2,mss,pending\n",
        complete=["applications"],
    )

    assert keys(filled, "applications") == [NUMBERS[0], *NUMBERS]
    rows = snapshots.read(filled.resolve())["applications"].to_pylist()
    assert next(row["filed_on"] for row in rows if row["finess"] == NUMBERS[0] and row["window"] == 1) is None
    assert (report.carried, report.completed) == (("establishments", "usages"), ("applications",))
    assert any("Complète la situation au 31 mai 2024" in plain(note) for note in report.notes)


def test_a_rejected_line_takes_nothing_away_from_what_stands(filled: Store) -> None:
    wrong = f"finess,window,volet,decision\n{NUMBERS[0]},1,dmp,perhaps\n"

    run(filled, applications=wrong, complete=["applications"], without_rejected=True)

    assert keys(filled, "applications") == NUMBERS


# Columns --------------------------------------------------------------------------------------------------------------


def test_what_was_said_of_columns_is_remembered_for_the_next_file(store: Store) -> None:
    text = register().replace(
        "finess,name,legal_status,department_code", "code interne,nom,statut juridique,département"
    )
    assert look(store, register=text).report.blocking

    said = {"register.csv": {"finess": "code interne"}}
    run(store, BEFORE, register=text, said=said)
    report = run(store, AS_OF, register=text.replace("Clinique 1", "Clinique A"))

    assert keys(store, "establishments") == NUMBERS
    sentence = (
        f"register.csv : colonnes reprises de l’import du {plain(day(date.today()))} : "
        "« Numéro FINESS » lu dans « code interne »."
    )
    assert sentence in [plain(note) for note in report.notes]
    assert sentence in [plain(check["result"]) for check in report.snapshot.manifest.checks]  # type: ignore[union-attr]


def test_choices_without_a_day_are_taken_over_and_told_all_the_same(store: Store) -> None:
    text = register().replace("finess,name,legal_status,department_code", "code interne,nom,statut,département")
    run(store, BEFORE, register=text, said={"register.csv": {"finess": "code interne", "eligible": ""}})
    (file,) = (store.directory / mappings.FOLDER).glob("*.json")
    content = json.loads(file.read_text())
    file.write_text(json.dumps({name: each for name, each in content.items() if name != "on"}))

    notes = [plain(note) for note in run(store, AS_OF, register=text).notes]

    assert (
        "register.csv : colonnes reprises d’un import précédent : « Éligible » absent et « Numéro FINESS » lu dans "
        "« code interne »." in notes
    )


# What has to be confirmed ---------------------------------------------------------------------------------------------


def cautions(prepared: Prepared) -> list[str]:
    return [plain(caution) for caution in prepared.report.cautions]


def test_a_caution_stops_until_it_is_confirmed_and_the_manifest_remembers(store: Store) -> None:
    late = applications([], more=f"{NUMBERS[0]},1,dmp,accepted,2021-11-15,2021-12-01\n")

    with pytest.raises(DataError, match="À confirmer"):
        run(store, register=register(), applications=late)
    assert not store.snapshots()

    report = run(store, register=register(), applications=late, confirmed=True)
    sentence = "1 candidature déposée hors des dates de sa fenêtre."
    told = [plain(check["result"]) for check in report.snapshot.manifest.checks]  # type: ignore[union-attr]
    assert sentence in told


def test_usages_of_an_application_that_is_not_accepted(store: Store) -> None:
    prepared = look(store, register=register(), applications=applications(decision="pending"), usages=usages())

    assert cautions(prepared) == ["6 candidatures non retenues ont des usages : ils ne comptent pas."]
    assert prepared.report.cautions[0].about[0] == f"Clinique 1 ({NUMBERS[0]}), fenêtre 1"


def test_a_volet_that_its_window_did_not_have(store: Store) -> None:
    text = f"finess,window,volet\n{NUMBERS[0]},1,mss\n"

    assert cautions(look(store, register=register(), applications=text)) == [
        "1 candidature porte sur un volet qui n’était pas ouvert dans sa fenêtre."
    ]


def test_what_a_new_snapshot_takes_back_is_told_by_name(filled: Store) -> None:
    prepared = look(
        filled,
        register=register(NUMBERS[:3]),
        applications=applications(NUMBERS[:3]),
        usages=usages(NUMBERS[:2]) + f"{NUMBERS[2]},1,dmp,lettre_liaison,missed\n",
    )

    assert cautions(prepared) == [
        "3 établissements sortent du registre depuis la situation au 31 mai 2024.",
        "1 établissement n’atteint plus la cible depuis la situation au 31 mai 2024.",
        "4 chiffres baissent de plus d’un tiers depuis la situation au 31 mai 2024.",
    ]
    closed, lost, fallen = (caution.about for caution in prepared.report.cautions)
    assert closed[0] == f"Clinique 4 ({NUMBERS[3]})"
    assert lost == (f"Clinique 3 ({NUMBERS[2]}), volet 1",)
    assert plain(fallen[0]).startswith("Occitanie : 6 → 3 éligibles")


def test_nothing_is_said_of_a_snapshot_that_only_goes_on(filled: Store) -> None:
    prepared = look(filled, register=register([*NUMBERS, "990000009"]))

    assert cautions(prepared) == []
    assert prepared.report.compared == filled.resolve()


# What publishing would change -----------------------------------------------------------------------------------------


def test_the_preview_tells_what_the_published_figures_will_be(filled: Store) -> None:
    prepared = look(filled, usages=usages(NUMBERS[:5]))
    found = prepared.effects(PROGRAMME)

    publish(filled, PROGRAMME, prepared, by=HERE, confirmed=True)

    was, now = (
        metrics.ask(filled, View(snapshot=str(day)), ("region", "volet"), programme=PROGRAMME).row(
            region="76", volet="dmp"
        )
        for day in (BEFORE, AS_OF)
    )
    dmp = {each.metric: (each.before, each.after) for each in found if (each.region, each.volet) == ("76", "dmp")}
    assert dmp == {name: (was[name], now[name]) for name in dmp}
    assert (was["attained"], now["attained"]) == (6, 5)
    told = effect.records(found, load_definitions(), PROGRAMME)
    assert {"Volet": "1 – Alimentation du DMP", "Avant": "6", "Après": "5", "Écart": "−1"}.items() <= next(
        record for record in told if record["Chiffre"] == load_definitions()["attained"].short
    ).items()
    assert plain(effect.finding(found)) == f"{len(told)} chiffres changent, dans 1 région."


def test_the_first_snapshot_has_nothing_to_be_compared_with(store: Store) -> None:
    prepared = look(store, register=register())

    assert {each.before for each in prepared.effects(PROGRAMME)} == {None}
    assert prepared.report.compared is None


def test_a_file_that_changes_nothing_says_so(filled: Store) -> None:
    found = look(filled, register=register()).effects(PROGRAMME)

    assert effect.finding(found) == "Aucun des chiffres ne change."
    assert effect.records(found, load_definitions(), PROGRAMME) == []
    assert len(effect.records(found, load_definitions(), PROGRAMME, unchanged=True)) == len(found)


# Two people -----------------------------------------------------------------------------------------------------------


def test_what_was_looked_at_must_still_be_so(filled: Store) -> None:
    mine = look(filled, BEFORE, register=register([*NUMBERS, "990000009"]))
    run(filled, BEFORE, register=register([*NUMBERS, "990000008"]))

    with pytest.raises(StoreBusyError, match="a changé entre-temps"):
        publish(filled, PROGRAMME, mine, by=HERE)

    assert keys(filled, "establishments") == [*NUMBERS, "990000008"]


# Killed, and out of room ----------------------------------------------------------------------------------------------


def test_a_process_killed_in_mid_import_leaves_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    """Killed after shares of the time that a whole import takes, wherever that is."""
    paths = {name: tmp_path / f"{name}.csv" for name in ("register", "applications", "usages")}
    for name, text in (("register", register()), ("applications", applications()), ("usages", usages())):
        paths[name].write_text(text)
    store = Store(tmp_path / "store")
    options = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
    command = [sys.executable, "-m", "sunes", "import", "--data", str(store.directory), *options, "--as-of"]
    started = time.monotonic()
    subprocess.run([*command, "2024-01-01"], cwd=ROOT, check=True, capture_output=True)
    whole = time.monotonic() - started
    for number, share in enumerate((0.7, 0.85, 0.95), start=2):
        before = {path: path.read_bytes() for path in store.directory.rglob("as_of=*/*")}
        known = store.history()
        day = date(2024, 1, number)
        killed = subprocess.Popen([*command, day.isoformat()], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            killed.communicate(timeout=whole * share)
        except subprocess.TimeoutExpired:
            killed.kill()
            killed.communicate()
        assert store.damaged() == ()
        assert {path: path.read_bytes() for path in before} == before
        assert [each.as_of for each in store.history() if each not in known] in ([], [day])
        assert all(store.verify(each.id.pin) == () for each in store.history())
    run(store, register=register())
    assert store.resolve().as_of == AS_OF


def test_a_full_disk_leaves_the_old_state_and_says_so(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DataError, match=r"le disque de .* est plein"):
        run(filled, register=register())

    assert [each.as_of for each in filled.history()] == [BEFORE]
    assert not [path for path in filled.folder.iterdir() if not path.name.startswith(("as_of=", ".lock", ".index"))]
