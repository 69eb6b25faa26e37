"""The commands `access` and `journal`: keys, what the rules come to, what was done."""

import csv
import json
import tomllib
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from sunes.access.journal import What
from sunes.access.people import Role
from sunes.access.rules import rules
from sunes.cli import options
from sunes.snapshots import Store
from tests import rows
from tests.people import ADMINISTRATOR, READER
from tests.test_cli import FEW, JUNE, failed, ok, plain, run


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "données")
    store.publish(JUNE, rows.arrow((JUNE, 1, FEW))[2], simulated=False)
    return store


def rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    file = tmp_path / "acces.toml"
    file.write_text(text, "utf-8")
    monkeypatch.setenv("SUNES_ACCESS", str(file))
    return file


# Keys ----------------------------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_the_file_only_has_its_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = 'tableau "de bord"\\ é'
    until = date.today() + timedelta(days=30)
    made = run(
        None, "access", "key", name, "--role", "regional_editor", "--region", 76, "--region", 11, "--until", until
    )

    assert made.exit_code == 0
    (key,) = [line for line in made.stderr.splitlines() if line.startswith("sunes_")]
    assert len(key) >= 40
    assert key not in made.stdout
    rule(tmp_path, monkeypatch, made.stdout)
    (known,) = rules().keys
    assert known.sha256 == sha256(key.encode()).hexdigest()
    assert (known.name, known.role, known.regions) == (name, Role.REGIONAL_EDITOR, frozenset({"76", "11"}))
    assert known.until is not None
    assert known.until.date() == until


def test_no_two_keys_are_the_same_and_a_reader_s_key_is_the_least(tmp_path: Path) -> None:
    texts = [run(None, "access", "key", "a").stdout for _ in range(2)]

    first, second = (tomllib.loads(text)["keys"][0] for text in texts)
    assert first["sha256"] != second["sha256"]
    assert (first["role"], set(first)) == ("reader", {"name", "role", "sha256"})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--role", "visitor"], "« visitor » n’est pas un rôle"),
        (["--role", "chef"], "choisissez reader, regional_editor"),
        (["--role", "regional_editor"], "au moins une région"),
        (["--region", "999"], "« 999 »"),
        (["--until", "hier"], "--until"),
    ],
)
def test_a_key_that_would_not_work_is_not_made(more: list[str], said: str) -> None:
    (sentence,) = failed(None, 2, "access", "key", "a", *more)
    assert said in sentence


# Rules ---------------------------------------------------------------------------------------------------------------


def test_without_a_file_the_rules_are_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUNES_ACCESS", raising=False)
    said = ok(None, "access", "check")

    assert "Aucun fichier des accès" in said
    assert "un par un sont montrés à : tout le monde." in said


def test_check_says_who_may_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    past = (datetime.now(UTC) - timedelta(days=400)).isoformat()
    digest = "0" * 64
    rule(
        tmp_path,
        monkeypatch,
        f"""
        establishments = "own-region"
        closed_pages = ["carte"]
        public_data = false
        [sign_in.roles]
        chefs = "national_editor"
        [journal]
        details = true
        days = 30
        [[people]]
        id = "occitanie@exemple.fr"
        role = "regional_editor"
        regions = ["76"]
        [[people]]
        id = "sans@exemple.fr"
        role = "regional_editor"
        [[keys]]
        name = "ancienne"
        role = "administrator"
        sha256 = "{digest}"
        until = {past}
        """,
    )
    result = run(None, "access", "check")
    said = " ".join(plain(result.stdout).split())

    assert result.exit_code == 0
    for expected in (
        "pour leurs régions",
        "« carte »",
        "avec une clé ou une connexion",
        "« chefs » de « roles » donne le rôle : éditeur national",
        "30 jours, consultations de fiches comprises",
        "voir les fiches de ses régions, importer et publier pour ses régions",
        "clé périmée depuis le",
        "retirer et rétablir, lire le journal",
    ):
        assert expected in said, expected
    assert "sans@exemple.fr : cet éditeur régional n’a pas de région" in plain(result.stderr)


def test_a_file_that_cannot_be_understood_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(tmp_path, monkeypatch, '[[people]]\nid = "a"\nrole = "chef"\n')

    (sentence,) = failed(None, 1, "access", "check")

    assert "people.0.role" in sentence


# The journal ---------------------------------------------------------------------------------------------------------


def test_what_is_done_here_is_told_under_the_name_of_the_account(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "getuser", lambda: "exploitation")
    ok(store, "snapshots", "withdraw", "latest", "--reason", "Essai", "--by", "Une personne")
    ok(store, "snapshots", "restore", "2024-06-30")

    entries = json.loads(ok(store, "journal", "list", "--format", "json"))
    assert [(entry["who"], entry["name"], entry["what"], entry["about"]) for entry in entries] == [
        ("exploitation", "", "restored", "2024-06-30~1"),
        ("exploitation", "Une personne", "withdrew", "2024-06-30~1 : Essai"),
    ]
    said = ok(store, "journal", "list")
    assert "Une personne (exploitation)" in said
    assert said.index("rétablissement") < said.index("retrait")


def test_a_machine_without_names_has_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(options, "getuser", nameless)
    assert options.operator("A").id.startswith("uid ")


def test_the_journal_is_written_as_a_file_for_spreadsheets(store: Store, tmp_path: Path) -> None:
    store.journal.record(READER, What.EXPORTED, "=1+1")
    file = tmp_path / "journal.csv"

    assert "1 entrée" in ok(store, "journal", "export", file)

    (row,) = csv.DictReader(file.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert (row["Identifiant"], row["Objet"]) == (READER.id, "'=1+1")
    assert store.journal.read(ADMINISTRATOR).entries[0].about == "journal : journal.csv"


def test_since_a_day(store: Store) -> None:
    store.journal.record(READER, What.SIGNED_IN)

    tomorrow = date.today() + timedelta(days=2)
    assert json.loads(ok(store, "journal", "list", "--format", "json", "--since", tomorrow)) == []
    assert len(json.loads(ok(store, "journal", "list", "--format", "json", "--since", "2024-06-30"))) == 1
    failed(store, 2, "journal", "list", "--since", "hier")


def test_an_empty_journal_and_none_at_all_are_told_apart(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUNES_JOURNAL", raising=False)

    assert "Le journal est vide." in ok(store, "journal", "list")
    (sentence,) = failed(None, 2, "journal", "list", "--data", "s3://seau/données")
    assert "SUNES_JOURNAL" in sentence
