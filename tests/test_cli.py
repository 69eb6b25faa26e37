"""The command line: the figures of `sunes.metrics`, exit codes that scripts can rely on, and French throughout."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from sunes import metrics, published
from sunes.cli import app
from sunes.errors import DataError
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.view import View
from tests import rows
from tests.rows import application, establishment, usage

ROOT = Path(__file__).resolve().parent.parent
MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
PROGRAMME = load_programme()
ENGLISH = re.compile(
    r"\b(usage:|error|try|missing|invalid|value for|no such|did you mean|got|unexpected|extra|requires|this|and"
    r"|exit|default|required|commands|choose|input|should|traceback|none|true|false|str|bool|path|list\[)\b",
    re.IGNORECASE,
)

MANY = rows.tables(
    [
        establishment("310000001", legal_status="public", combined_activity=10.0),
        establishment("310000002", legal_status="private", combined_activity=5.5),
        establishment("340000003", "76", "34"),
        establishment("750000004", "11", "75", legal_status="espic"),
    ],
    [
        application("310000001", 1, "dmp", grant_eur=90_000),
        application("310000001", 2, "mss", "pending"),
        application("310000002", 2, "dmp", "rejected"),
        application("750000004", 2, "dmp"),
    ],
    [
        usage("310000001", 1, "dmp", "lettre_liaison", "attained"),
        usage("310000001", 1, "dmp", "ordonnance_sortie", "attained"),
    ],
)
FEW = rows.tables(MANY["establishments"][:2])


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture(autouse=True)
def _no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some continuous integrations ask typer for colours even where there is no terminal."""
    monkeypatch.setattr("typer.rich_utils.FORCE_TERMINAL", False)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A simulated snapshot, then a real one."""
    store = Store(tmp_path / "données")
    for as_of, content in ((MAY, FEW), (JUNE, MANY)):
        store.publish(as_of, rows.arrow((as_of, 1, content))[2], simulated=as_of == MAY, published_by="Test")
    return store


def run(store: Store | None, *args: object) -> Result:
    data = [] if store is None else ["--data", str(store.directory)]
    return CliRunner().invoke(app, [*data, *map(str, args)])


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def ok(store: Store | None, *args: object) -> str:
    result = run(store, *args)
    assert (result.exit_code, result.stderr) == (0, "")
    return plain(result.stdout)


def failed(store: Store | None, code: int, *args: object) -> list[str]:
    """The sentences of a command that must fail with this exit code."""
    result = run(store, *args)
    assert result.exit_code == code, result.output
    sentences = plain(result.stderr).splitlines()
    assert sentences
    assert all(sentence.startswith("Erreur : ") and sentence.endswith(".") for sentence in sentences), sentences
    assert not ENGLISH.search(result.stderr), result.stderr
    return [sentence.removeprefix("Erreur : ") for sentence in sentences]


# metrics ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "view", "by"),
    [
        ("", View(), ()),
        ("--region 76 --by window", View(regions=("76",)), ("window",)),
        ("--region 76,11 --by region,volet", View(regions=("11", "76")), ("region", "volet")),
        ("--region 76 --region 11 --by region --by volet", View(regions=("11", "76")), ("region", "volet")),
        ("--department 31 --window 2 --window 1", View(departments=("31",), windows=(1, 2)), ()),
        ("--volet dmp --legal-status public,espic", View(volet="dmp", legal_statuses=("espic", "public")), ()),
        ("--finess 310000001 --by volet,department", View(finess=("310000001",)), ("volet", "department")),
        ("--snapshot 2024-05-31 --by legal_status", View(snapshot="2024-05-31"), ("legal_status",)),
        ("--snapshot 2024-06-30~1", View(snapshot="2024-06-30~1"), ()),
        ("--snapshot latest", View(), ()),
        ("--by snapshot,region", View(), ("snapshot", "region")),
        ("--region 53 --by region", View(regions=("53",)), ("region",)),
    ],
)
def test_metrics_are_those_of_the_package(store: Store, args: str, view: View, by: tuple[str, ...]) -> None:
    expected = [dict(row) for row in metrics.ask(store, view, by, programme=PROGRAMME).rows]

    assert json.loads(run(store, "metrics", *args.split(), "--format", "json").stdout) == expected
    found = list(csv.DictReader(io.StringIO(run(store, "metrics", *args.split(), "--format", "csv").stdout)))
    assert found == [{name: _written(value) for name, value in row.items()} for row in expected]


def _written(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_history_has_bounds(store: Store) -> None:
    def days(*args: str) -> list[str]:
        output = run(store, "metrics", "--by", "snapshot", "--format", "json", *args).stdout
        return [row["snapshot"] for row in json.loads(output)]

    assert days() == ["2024-05-31", "2024-06-30"]
    assert days("--since", "2024-06-01") == ["2024-06-30"]
    assert days("--until", "31/05/2024") == ["2024-05-31"]


def test_a_history_with_a_gap_says_so(store: Store) -> None:
    (store.resolve().path / "manifest.json").unlink()
    result = run(store, "metrics", "--by", "snapshot", "--format", "json")
    assert (result.exit_code, len(json.loads(result.stdout))) == (0, 1)
    assert plain(result.stderr) == "Laissé de côté : as_of=2024-06-30/manifest.json : ce fichier manque.\n"


def test_one_group_is_shown_whole(store: Store) -> None:
    output = ok(store, "metrics", "--region", "76")

    assert re.search(r"Établissements éligibles +3\b", output)
    assert re.search(r"Taux de participation +66,7 %", output)
    assert "Situation au 30 juin 2024 (révision 1) – données réelles" in output
    assert "par volet : ajoutez --volet" in output
    assert re.search(
        r"Taux d’atteinte de la cible d’usage +100,0 %", ok(store, "metrics", "--volet", "dmp", "--region", 76)
    )


def test_groups_are_lines_with_french_labels(store: Store) -> None:
    output = ok(store, "metrics", "--by", "region,volet,window")

    assert re.search(r"Région +Volet +Fenêtre +Éligibles", output)
    assert "Île-de-France" in output
    assert "– : non connu" in output
    assert "Aucun établissement" in ok(store, "metrics", "--region", "53", "--by", "region")


def test_simulated_figures_say_so(store: Store) -> None:
    assert "données simulées" in ok(store, "metrics", "--snapshot", "2024-05-31")
    assert "Données en partie simulées" in ok(store, "metrics", "--by", "snapshot")


# Wrong usage and bad data ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("", "il manque une commande ; voir « python -m sunes --help »."),
        ("snapshots", "il manque une commande ; voir « python -m sunes snapshots --help »."),
        (
            "mettrics",
            "la commande « mettrics » n’existe pas ; vouliez-vous dire metrics ? Voir « python -m sunes",
        ),
        ("deck", "la commande « deck » n’existe pas ; voir « python -m sunes --help »."),
        ("metrics --regoin 76", "l’option --regoin n’existe pas ; vouliez-vous dire --region ? Voir"),
        ("metrics -z", "l’option -z n’existe pas ; voir « python -m sunes metrics --help »."),
        ("metrics --region", "l’option --region attend une valeur ; voir"),
        ("metrics Occitanie", "« Occitanie » est de trop ; voir"),
        ("metrics --format xml", "--format ne peut être « xml » ; possibles : table, json, csv ; voir"),
        ("import --as-of=2024-06-30 --dry-run=oui", "l’option --dry-run n’attend pas de valeur ; voir"),
        ("import --register x.csv", "l’option --as-of est obligatoire ; voir « python -m sunes import --help »."),
        ("import --as-of hier", "--as-of : « hier » n’est pas une date ; écrivez 30/06/2024"),
        ("import --as-of 2024-06-30", "aucun fichier n’est donné"),
        ("import --as-of 2999-01-01 --register x.csv", "le 1er janvier 2999 est dans le futur"),
        ("snapshots withdraw 2024-06-30", "l’option --reason est obligatoire"),
        ("snapshots withdraw --reason x", "il manque SITUATION"),
        ("metrics --region 99", "Région : « 99 » n’existe pas."),
        ("metrics --department 976,20", "Département : « 20 » n’existe pas."),
        ("metrics --region 76 --department 75", "Le département 75 n’est pas dans la région choisie."),
        ("metrics --volet mms", "Volet : « mms » n’existe pas (possibles : dmp, mss)."),
        ("metrics --window 5", "Fenêtre : « 5 » n’existe pas (possibles : 1, 2, 3, 4)."),
        ("metrics --legal-status privé", "Statut juridique : « privé » n’existe pas"),
        ("metrics --finess 31", "Numéro FINESS : « 31 » n’existe pas."),
        ("metrics --by country", "Découpage inconnu : country"),
        ("metrics --snapshot 2024-06-29", "il n’y a pas de situation « 2024-06-29 »"),
        ("metrics --snapshot demain", "« demain » ne désigne pas une situation"),
        ("metrics --since 2024-01-01", "--since et --until demandent --by snapshot."),
        ("metrics --by snapshot --since juin", "--since : « juin » n’est pas une date"),
        ("metrics --by snapshot --since 2025-01-01", "il n’y a pas de situation dans cette période"),
        ("metrics --by snapshot --snapshot latest", "--snapshot ne va pas avec --by snapshot"),
    ],
)
def test_wrong_usage_is_one_french_sentence(store: Store, args: str, expected: str) -> None:
    assert failed(store, 2, *args.split())[0].startswith(expected)


def test_every_wrong_value_is_told(store: Store) -> None:
    assert len(failed(store, 2, "metrics", "--region", "99,98", "--window", "7")) == 3


def test_data_that_say_no(store: Store, tmp_path: Path) -> None:
    assert "ne contient aucune situation" in failed(Store(tmp_path / "vide"), 1, "metrics")[0]
    assert "ne contient aucune situation" in failed(Store(tmp_path / "vide"), 1, "metrics", "--by", "snapshot")[0]
    assert "ne contient aucune situation" in failed(Store(tmp_path / "vide"), 1, "reconcile")[0]
    store.resolve().file("usages").unlink()
    assert failed(store, 1, "metrics")[0].endswith("ce fichier manque.")


def test_what_nobody_expected_is_one_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise KeyError("inside")

    monkeypatch.setattr("sunes.metrics.answer", fail)
    assert failed(store, 1, "metrics") == ["incident inattendu (KeyError) ; SUNES_DEBUG=1 en montre le détail."]
    monkeypatch.setenv("SUNES_DEBUG", "1")
    assert isinstance(run(store, "metrics").exception, KeyError)


def test_a_long_list_of_problems_is_cut(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise DataError(*(f"problème {number}." for number in range(250)))

    monkeypatch.setattr("sunes.metrics.answer", fail)
    sentences = failed(store, 1, "metrics")
    assert (len(sentences), sentences[-1]) == (101, "et 150 autres.")


# The store ----------------------------------------------------------------------------------------------------------


def test_the_store_can_be_named_anywhere(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = ok(store, "metrics")
    assert ok(None, "metrics", "--data", store.directory) == before
    assert ok(None, "--data", tmp_path / "autre", "metrics", "--data", store.directory) == before
    monkeypatch.setenv("SUNES_DATA", str(store.directory))
    assert ok(None, "metrics") == before
    (tmp_path / "fichier").touch()
    assert "n’est pas un dossier" in failed(None, 2, "metrics", "--data", tmp_path / "fichier")[0]
    monkeypatch.setenv("SUNES_DATA", str(tmp_path / "fichier"))
    assert "n’est pas un dossier" in failed(None, 2, "metrics")[0]


def test_root_is_warned_before_shutting_a_folder_to_its_owner(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(store.directory, 65534, 65534)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    told = run(store, "snapshots", "verify")
    assert told.exit_code == 0
    assert "ce que root y écrit peut être fermé" in told.stderr
    assert f"runuser -u {store.directory.owner()} --" in told.stderr


def test_snapshots_are_listed_with_what_became_of_them(store: Store) -> None:
    store.publish(JUNE, rows.arrow((JUNE, 2, FEW))[2], simulated=False)
    store.publish(MAY, rows.arrow((MAY, 2, FEW))[2], simulated=True)
    assert "retirée" in ok(store, "snapshots", "withdraw", "2024-05-31~2", "--reason", "doublon", "--by", "Test")

    listed = json.loads(run(store, "snapshots", "list", "--format", "json").stdout)

    assert [(row["snapshot"], row["revision"], row["state"], row["establishments"]) for row in listed] == [
        ("2024-05-31", 1, "current", 2),
        ("2024-05-31", 2, "withdrawn", 2),
        ("2024-06-30", 1, "replaced", 4),
        ("2024-06-30", 2, "current", 2),
    ]
    assert listed[1]["withdrawal_reason"] == "doublon"
    assert [row["simulated"] for row in listed] == [True, True, False, False]
    table = ok(store, "snapshots", "list")
    assert re.search(r"31 mai 2024 +2 +retirée +simulées +2 +0 +0", table)
    assert "rétablie" in ok(store, "snapshots", "restore", "2024-05-31~2")
    assert store.resolve("2024-05-31").revision == 2


def test_an_empty_store_lists_nothing(tmp_path: Path) -> None:
    assert "ne contient aucune situation" in ok(Store(tmp_path), "snapshots", "list")
    assert json.loads(run(Store(tmp_path), "snapshots", "list", "--format", "json").stdout) == []
    assert run(Store(tmp_path), "snapshots", "list", "--format", "csv").stdout.startswith("snapshot,revision,state,")


def test_a_snapshot_shows_what_it_says_of_itself(store: Store) -> None:
    assert "Situation au 31 mai 2024, révision 1 (en vigueur)" in ok(store, "snapshots", "show", "2024-05-31")
    assert "Établissements : 4" in ok(store, "snapshots", "show")
    shown = json.loads(run(store, "snapshots", "show", "--format", "json").stdout)[0]
    assert (shown["published_by"], shown["sources"], shown["usages"]) == ("Test", [], 2)


def test_verify_finds_what_is_damaged(store: Store) -> None:
    assert ok(store, "snapshots", "verify") == "Aucun problème : 2 situations vérifiées.\n"
    assert json.loads(run(store, "snapshots", "verify", "latest", "--format", "json").stdout) == []
    path = store.resolve().file("applications")
    path.write_bytes(path.read_bytes()[:-1] + b"?")

    assert "2024-06-30~1, as_of=2024-06-30/applications.parquet" in failed(store, 1, "snapshots", "verify")[0]
    assert run(store, "snapshots", "verify", "2024-05-31").exit_code == 0
    result = run(store, "snapshots", "verify", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)[0]["snapshot"]) == (1, "2024-06-30~1")
    (store.resolve().path / "manifest.json").write_text("{")
    assert len(failed(store, 1, "snapshots", "verify")) == 1
    assert len(failed(store, 1, "snapshots", "list")) == 1


def test_import_publishes_or_says_every_problem(tmp_path: Path) -> None:
    store = Store(tmp_path / "données")
    good, bad = tmp_path / "bon.csv", tmp_path / "mauvais.csv"
    good.write_text("finess,legal_status,department_code\n990000011,public,31\n")
    bad.write_text("finess,legal_status,department_code\n1,public,31\n990000022,public,99\n")
    command = ("import", "--as-of", "2024-06-30", "--data", store.directory)

    assert [sentence[:20] for sentence in failed(None, 1, *command, "--register", bad)] == [
        "mauvais.csv, ligne 2",
        "mauvais.csv, ligne 3",
    ]
    assert "rien n’est publié" in ok(None, *command, "--register", good, "--dry-run")
    assert not store.directory.exists()
    output = ok(None, *command, "--register", good)
    assert "1 ligne lue, 1 gardée" in output
    assert "Situation au 30 juin 2024 publiée" in output
    assert "1 établissement, 0 candidature et 0 usage" in output
    result = run(None, *command, "--register", good, "--published-by", "ARS", "--format", "json")
    (file,) = json.loads(result.stdout)
    assert (file["table"], file["kept"], file["revision"]) == ("establishments", 1, 2)
    assert store.resolve().manifest.published_by == "ARS"
    assert not store.resolve().simulated


def test_import_wants_cautions_confirmed_and_names_who_they_are_about(tmp_path: Path) -> None:
    store = Store(tmp_path / "données")
    paths = {name: tmp_path / f"{name}.csv" for name in ("both", "one", "wrong")}
    paths["both"].write_text("finess,name,legal_status,department_code\n990000011,A,public,31\n990000022,B,public,31\n")
    paths["one"].write_text("finess,name,legal_status,department_code\n990000011,A,public,31\n")
    paths["wrong"].write_text("finess,name,legal_status,department_code\n990000011,A,public,31\n1,B,public,31\n")
    command = ("import", "--data", store.directory, "--as-of")
    ok(None, *command, "2024-05-31", "--register", paths["both"])

    result = run(None, *command, "2024-06-30", "--register", paths["one"])
    assert result.exit_code == 1
    assert "1 établissement sort du registre depuis la situation au 31 mai 2024." in plain(result.stdout)
    assert "– B (990000022)" in plain(result.stdout)
    assert "--confirm" in result.stderr
    assert len(store.snapshots()) == 1

    rejected = tmp_path / "rejets"
    failed(None, 1, *command, "2024-06-30", "--register", paths["wrong"], "--rejected", rejected)
    (copy,) = rejected.iterdir()
    assert copy.name == "sunes_rejets_etablissements_2024-06-30.csv"
    assert ";1;B;public;31" in copy.read_text("utf-8-sig")
    output = ok(None, *command, "2024-06-30", "--register", paths["wrong"], "--without-rejected", "--confirm")
    assert "1 ligne rejetée" in output
    assert store.resolve().as_of == date(2024, 6, 30)


def test_import_writes_a_template_that_holds_no_row(tmp_path: Path) -> None:
    path = tmp_path / "modele.xlsx"
    assert "modele.xlsx" in ok(None, "import", "--template", path)
    (sentence,) = failed(None, 1, "import", "--as-of", "2024-06-30", "--register", path, "--data", tmp_path / "x")
    assert "aucune ligne" in sentence


def test_simulate_leaves_other_data_alone(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = sorted(store.directory.rglob("*"))
    assert "contient déjà des situations" in failed(store, 2, "simulate")[0]
    assert sorted(store.directory.rglob("*")) == before

    monkeypatch.setattr("sunes.simulate.publish_all", lambda store: (store.publish(MAY, TABLES, simulated=True),))
    assert re.search(r"31 mai 2024 +1 +en vigueur +simulées", ok(Store(tmp_path / "vide"), "simulate"))


TABLES = rows.arrow((MAY, 1, FEW))[2]


def test_reconcile_fails_on_a_figure_that_should_match(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(store, "reconcile")
    assert result.exit_code == 1
    assert "DIFFÉRENT" in result.stdout
    assert "Source B : « Bilan du programme SUN-ES »" in plain(result.stdout)
    compared = {row["id"]: row for row in json.loads(run(store, "reconcile", "--format", "json").stdout)}
    assert {row["ok"] for row in compared.values()} == {True, False}
    row = next(row for row in compared.values() if not row["ok"])
    assert (row["verdict"], row["snapshot"]) == ("unexplained", "2024-06-30")

    equal = [comparison for comparison in published.reconcile(store, PROGRAMME) if comparison.ok]
    monkeypatch.setattr("sunes.published.reconcile", lambda *args: tuple(equal))
    assert run(store, "reconcile").exit_code == 0


# French everywhere ----------------------------------------------------------------------------------------------------


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from _commands(each, (*path, name))


COMMANDS = dict(_commands(typer.main.get_command(app)))


def test_the_commands_are_those_that_are_promised() -> None:
    assert {" ".join(path) for path in COMMANDS} == {
        "",
        "metrics",
        "reconcile",
        "import",
        "serve",
        "deploy",
        "deploy site",
        "deploy worker",
        "deploy assets",
        "aggregate",
        "simulate",
        "backup",
        "restore",
        "snapshots",
        *(f"snapshots {name}" for name in ("list", "show", "verify", "withdraw", "restore")),
        "access",
        *(f"access {name}" for name in ("key", "check")),
        "journal",
        *(f"journal {name}" for name in ("list", "export")),
        "export",
        *(f"export {name}" for name in ("workbook", "deck", "html")),
    }


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_explains_itself_in_french(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert command.help
    assert command.help.split("\n")[0].endswith(".")
    for parameter in command.params:
        assert parameter.help, parameter.name
        assert parameter.help.endswith("."), parameter.name
    text = ok(None, *path, "--help")
    assert "Utilisation : python -m sunes" in text
    assert "Afficher cette aide." in text
    assert not ENGLISH.search(text), text


def python(*args: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Python as a shell in the repository would."""
    settings = {**os.environ, **settings}
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, cwd=ROOT, env=settings, timeout=120)


def test_python_m_sunes(store: Store) -> None:
    done = python("-m", "sunes", "metrics", "--data", str(store.directory), "--region", "76", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["eligible"] == 3
    wrong = python("-m", "sunes", "metrics", "--window", "x")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert plain(wrong.stderr) == "Erreur : Fenêtre : « x » n’existe pas (possibles : 1, 2, 3, 4).\n"


@pytest.mark.parametrize("output", ["table", "csv"])
def test_a_reader_that_leaves_early_is_no_error(store: Store, output: str) -> None:
    by = "snapshot,department,legal_status,window,volet"
    command = [sys.executable, "-m", "sunes", "metrics", "--data", str(store.directory), "--by", by, "--format", output]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=ROOT, timeout=120)
    os.close(writer)
    assert done.stderr == b""


def test_a_terminal_without_french_characters_shows_the_figures(store: Store) -> None:
    done = python("-m", "sunes", "metrics", "--data", str(store.directory), "--region", "76", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "66,7" in done.stdout


def test_the_command_line_does_not_wait_for_what_it_does_not_use() -> None:
    heavy = ("scipy", "streamlit", "plotly", "pandas", "rich", "sunes.simulate")
    done = python("-c", f"import sys, sunes.cli; print([name for name in {heavy} if name in sys.modules])")
    assert done.stdout == "[]\n"
