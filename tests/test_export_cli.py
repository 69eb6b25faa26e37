"""`python -m sunes export`: whole files or none, the same bytes for the same data, French throughout."""

import errno
import io
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from sunes import publishing
from sunes.access.people import EVERYTHING
from sunes.cli import app
from sunes.cli.exporting import progress
from sunes.deck.facts import Facts
from sunes.definitions import load_definitions
from sunes.errors import DataError
from sunes.export.files import save
from sunes.export.workbook import workbook
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.view import View
from tests import rows
from tests.rows import application, establishment
from tests.test_cli import ENGLISH, plain

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
CONTENT = rows.tables(
    [establishment("310000001"), establishment("750000002", "11", "75")], [application("310000001", 1, "dmp")]
)


@pytest.fixture(autouse=True)
def _quick_and_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setattr("typer.rich_utils.FORCE_TERMINAL", False)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "données")
    for as_of in (MAY, JUNE):
        store.publish(as_of, rows.arrow((as_of, 1, CONTENT))[2], simulated=as_of == MAY, published_by="Test")
    return store


def run(store: Store, *args: object) -> Result:
    return CliRunner().invoke(app, ["export", "workbook", "--data", str(store.directory), *map(str, args)])


def failed(store: Store, code: int, *args: object) -> str:
    """The sentence of a command that must fail with this exit code."""
    result = run(store, *args)
    assert result.exit_code == code, result.output
    (sentence,) = plain(result.stderr).splitlines()
    assert sentence.startswith("Erreur : ")
    assert sentence.endswith(".")
    assert not ENGLISH.search(sentence), sentence
    return sentence.removeprefix("Erreur : ")


def expected(store: Store, **view: Any) -> bytes:
    return workbook(Facts(store, View(**view), load_programme(), load_definitions(), sight=EVERYTHING))


@pytest.mark.parametrize(
    ("args", "view"),
    [
        ((), {}),
        (("--view", ""), {}),
        (("--view", "region=76&snapshot=2024-05-31"), {"regions": ("76",), "snapshot": "2024-05-31"}),
        (("--view", "?region=76,11&volet=dmp"), {"regions": ("76", "11"), "volet": "dmp"}),
        (("--view", "region=76&region=11&volet=dmp"), {"regions": ("76", "11"), "volet": "dmp"}),
        (("--view", "http://x.fr/regions?snapshot=2024-06-30~1&embed=true#a"), {"snapshot": "2024-06-30~1"}),
        (("--view", "https://x.fr/carte"), {}),
        (("--view", "region=11&utm_source=lettre"), {"regions": ("11",)}),
    ],
)
def test_it_writes_the_workbook_of_the_view(
    store: Store, tmp_path: Path, args: tuple[str, ...], view: dict[str, Any]
) -> None:
    target = tmp_path / "classeur.xlsx"
    result = run(store, *args, "-o", target)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"Classeur : « {target} »" in plain(result.stdout)
    assert target.read_bytes() == expected(store, **view)
    assert [path.name for path in tmp_path.iterdir() if path != store.directory] == [target.name]


def test_a_name_without_suffix_gets_its_own_and_a_file_is_replaced(store: Store, tmp_path: Path) -> None:
    assert run(store, "-o", tmp_path / "juin").exit_code == 0
    first = (tmp_path / "juin.xlsx").read_bytes()
    (tmp_path / "JUIN.XLSX").write_text("ancien", encoding="utf-8")
    (tmp_path / "lien.xlsx").symlink_to(tmp_path / "JUIN.XLSX")
    assert run(store, "--output", tmp_path / "lien.xlsx").exit_code == 0
    assert (tmp_path / "JUIN.XLSX").read_bytes() == first
    assert (tmp_path / "lien.xlsx").is_symlink()
    assert openpyxl.load_workbook(io.BytesIO(first)).sheetnames[0] == "Lisez-moi"


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("regio=76", "le paramètre « regio » est inconnu (possibles : snapshot, region,"),
        ("by=region", "le paramètre « by » est inconnu"),
        ("region=", "« region » est vide"),
        ("region", "n’est pas de la forme"),
        ("region=99", "« 99 » n’existe pas"),
        ("volet=3", "« 3 » n’existe pas (possibles : dmp, mss)"),
        ("snapshot=2020-01-01", "il n’y a pas de situation « 2020-01-01 »"),
        ("snapshot=juin", "« juin » ne désigne pas une situation"),
    ],
)
def test_a_view_that_is_not_understood_is_refused(store: Store, tmp_path: Path, view: str, said: str) -> None:
    assert said in failed(store, 2, "--view", view, "-o", tmp_path / "x.xlsx")
    assert not (tmp_path / "x.xlsx").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "est un dossier ; indiquez un nom de fichier, par exemple"),
        ("x.csv", "le nom d’un classeur se termine par .xlsx"),
        ("nulle/part/x.xlsx", "n’est pas un dossier qui existe"),
        ("tube", "n’est pas un fichier ordinaire"),
    ],
)
def test_a_place_that_cannot_be_is_refused(store: Store, tmp_path: Path, name: str, said: str) -> None:
    os.mkfifo(tmp_path / "tube")
    assert said in failed(store, 2, "-o", tmp_path / name)
    assert {path.name for path in tmp_path.iterdir()} == {store.directory.name, "tube"}


def test_the_file_must_be_named_and_data_must_be_there(store: Store, tmp_path: Path) -> None:
    assert "l’option --output est obligatoire" in failed(store, 2)
    assert "ne contient aucune situation" in failed(Store(tmp_path / "vide"), 1, "-o", tmp_path / "x.xlsx")
    damaged = store.resolve("2024-06-30").file("usages")
    damaged.write_bytes(b"")
    result = run(store, "-o", tmp_path / "x.xlsx")
    assert result.exit_code == 1
    assert "tronqué ou illisible" in result.stderr
    assert not (tmp_path / "x.xlsx").exists()


def test_earlier_snapshots_that_cannot_be_read_are_named(store: Store, tmp_path: Path) -> None:
    store.resolve("2024-05-31").file("usages").write_bytes(b"")
    result = run(store, "-o", tmp_path / "x.xlsx")
    assert result.exit_code == 0
    assert result.stderr.startswith("Laissé de côté")
    assert "as_of=2024-05-31/usages.parquet" in result.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "le disque est plein ; libérez de la place"),
        (errno.EACCES, "vous n’avez pas le droit d’écrire dans ce dossier"),
        (errno.EROFS, "ce disque est en lecture seule"),
        (errno.EIO, "le système l’a refusé"),
    ],
)
def test_a_disk_that_refuses_leaves_the_old_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    target = tmp_path / "classeur.xlsx"
    target.write_bytes(b"ancien")

    def refuse(path: Path, content: bytes) -> None:
        path.write_bytes(content[:100])
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(publishing, "_write", refuse)
    assert said in failed(store, 1, "-o", target)
    assert target.read_bytes() == b"ancien"
    assert {path.name for path in tmp_path.iterdir()} == {target.name, store.directory.name}


def test_an_interruption_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x"
    save(target, b"ancien")

    def interrupt(path: Path, content: bytes) -> None:
        path.write_bytes(content[:1])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_write", interrupt)
        with pytest.raises(KeyboardInterrupt):
            save(target, b"nouveau")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert target.read_bytes() == b"ancien"
    with pytest.raises(DataError, match="ce nom est trop long"):
        save(tmp_path / ("é" * 300), b"")


def test_a_bar_moves_where_a_person_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, seen in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress("Classeur", 2) as tell:
            tell("Régions")
            tell("[b]Fenêtres[/b]")
        assert bool(stream.getvalue().strip()) is seen


def test_the_help_is_in_french(store: Store) -> None:
    for command in (["export", "--help"], ["export", "workbook", "--help"]):
        said = CliRunner().invoke(app, command).stdout
        assert "Utilisation" in said
        assert not ENGLISH.search(said.replace("region=76&snapshot", "")), said
