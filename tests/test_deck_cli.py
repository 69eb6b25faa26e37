"""`sunes export deck` and `export html`: the deck that was asked for, the same bytes each time, whole or not at all."""

import re
import shutil
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sunes.cli import app
from sunes.deck.plan import Choice, Deck, readies
from sunes.deck.slide import Presentation
from sunes.programme import load_programme
from sunes.snapshots import Store
from tests import decks
from tests.rows import establishment

JUNE, SEPTEMBER = date(2024, 6, 30), date(2024, 9, 30)
REGISTER = [establishment("310000001"), establishment("310000002"), establishment("750000003", "11", "75")]
OURS = Deck(title="La nôtre", slides=(Choice(kind="title", notes="Saluer."), Choice(kind="region", of="76")))


publish = partial(decks.publish, REGISTER)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    store = Store(tmp_path / "data")
    publish(store, JUNE, 1)
    return store


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Presentation, dict[str, Any]]]:
    """What files are made of, and how; they hold nothing but the link that brings the deck back."""
    calls: list[tuple[Presentation, dict[str, Any]]] = []

    def render(presentation: Presentation, **options: Any) -> bytes:
        calls.append((presentation, options))
        return repr(dict(presentation.link)).encode()

    monkeypatch.setattr("sunes.export.pptx.powerpoint", render)
    monkeypatch.setattr(
        "sunes.export.html.document", lambda presentation, **options: render(presentation, **options).decode()
    )
    return calls


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["export", *arguments])


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def written(*arguments: str) -> str:
    """What is said of a file that was written."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return plain(result.output)


def refused(code: int, *arguments: str) -> str:
    """Why nothing was written."""
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    (sentence,) = result.stderr.splitlines()
    return plain(sentence)


Made = list[tuple[Presentation, dict[str, Any]]]


def test_a_deck_is_written_about_its_view(store: Store, made: Made) -> None:
    said = written("deck", "--view", "region=76&snapshot=2024-06-30", "--deck", "directeurs", "-o", "point")

    assert re.search(r"^Présentation : « .*point\.pptx » \(\d+ ko\)\.$", said)
    ((presentation, options),) = made
    assert dict(presentation.link) == {
        "snapshot": "2024-06-30~1",
        "region": "76",
        "deck": "directeurs",
        "known_at": "2024-10-01T08:30:00Z",
    }
    assert options == {"base": None}
    assert Path("point.pptx").read_bytes()


def test_a_page_is_written_in_its_layout_and_theme_with_links_to_its_site(store: Store, made: Made) -> None:
    written("html", "-o", "point.html", "--layout", "page", "--theme", "dark", "--base", "https://sunes.exemple.fr/")

    ((presentation, options),) = made
    assert options == {"layout": "page", "base": "https://sunes.exemple.fr"}
    assert presentation.link["theme"] == "dark"
    assert presentation.link["deck"] == readies()[0].id


def test_a_file_holds_the_deck_and_its_view_unless_another_is_asked(store: Store, made: Made) -> None:
    ours = OURS.model_copy(update={"view": "region=76", "theme": "dark"})
    Path("deck.toml").write_text(ours.to_toml(), "utf-8")

    written("deck", "--deck", "deck.toml", "-o", "a.pptx")
    written("deck", "--deck", "deck.toml", "--view", "region=11", "--theme", "light", "-o", "b.pptx")
    (own, _), (other, _) = made
    assert (own.title, own.link["region"], own.link["theme"]) == ("La nôtre", "76", "dark")
    assert (other.title, other.link["region"], other.link.get("theme")) == ("La nôtre", "11", None)
    assert own.slides[0].notes == "Saluer."


def test_a_link_is_as_good_as_a_file_and_stays_frozen(store: Store, made: Made) -> None:
    publish(store, SEPTEMBER, 2)
    params = OURS.model_copy(update={"view": "region=76&snapshot=2024-06-30~1", "known_at": datetime(2024, 10, 1, 9)})
    link = params.params(load_programme())
    query = "&".join(f"{name}={value}" for name, value in link.items())

    written("deck", "--deck", f"https://sunes.exemple.fr/presentation/ecran?{query}&layout=page#3", "-o", "a.pptx")
    ((presentation, _),) = made
    assert dict(presentation.link) == {**link, "known_at": "2024-10-01T09:00:00Z"}


@pytest.mark.parametrize("command", ["deck", "html"])
def test_the_same_data_give_the_same_bytes(store: Store, command: str) -> None:
    """Made of the real thing: no clock, no chance."""
    suffix = {"deck": "pptx", "html": "html"}[command]
    Path("deck.toml").write_text(OURS.to_toml(), "utf-8")
    for name in ("first", "second"):
        written(command, "--deck", "deck.toml", "-o", f"{name}.{suffix}")

    first, second = (Path(f"{name}.{suffix}").read_bytes() for name in ("first", "second"))
    assert first == second
    assert len(first) > 10_000


def test_what_is_known_on_another_machine_does_not_depend_on_the_day(store: Store, made: Made, tmp_path: Path) -> None:
    shutil.copytree(store.directory, tmp_path / "copy")
    written("html", "-o", "a.html")
    written("html", "-o", "b.html", "--data", str(tmp_path / "copy"))

    assert Path("a.html").read_bytes() == Path("b.html").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--deck", "inconnue"], 2, "La présentation « inconnue » n’existe pas"),
        (["--deck", "~abime"], 2, "Le lien de cette présentation est abîmé"),
        (["--deck", "https://x/presentation/ecran?deck=bilan&autre=1"], 2, "« autre »"),
        (["--deck", "rien.toml"], 2, "« rien.toml » n’est pas un fichier que vous puissiez lire"),
        (["--deck", "fautes.toml"], 1, "fautes.toml, clé « slides[1].kind »"),
        (["--deck", "grand.toml"], 2, "« grand.toml » est trop grand"),
        (["--deck", "vide.toml"], 1, "aucune diapositive de cette présentation n’a de quoi être montrée"),
        (["--theme", "sepia"], 2, "--theme : « sepia » n’existe pas (possibles : light, dark)."),
        (["--base", "sunes"], 2, "--base : « sunes » n’est pas l’adresse d’un site"),
        (["--view", "region=99"], 2, "« 99 » n’existe pas"),
        (["--view", "snapshot=2030-01-01"], 2, "il n’y a pas de situation « 2030-01-01 »"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(store: Store, arguments: list[str], code: int, said: str) -> None:
    Path("fautes.toml").write_text('title = "Point"\n[[slides]]\nkind = "inconnu"\n', "utf-8")
    Path("grand.toml").write_bytes(b" " * 1_000_001)
    Path("vide.toml").write_text('title = "Fiches"\n[[slides]]\nkind = "sheet"\n', "utf-8")

    assert said in refused(code, "deck", "-o", "point.pptx", *arguments)
    assert not Path("point.pptx").exists()


def test_the_layout_of_a_page_is_one_of_two(store: Store) -> None:
    assert "« roman » n’existe pas (possibles : deck, page)" in refused(2, "html", "-o", "a.html", "--layout", "roman")


def test_the_name_of_a_file_says_what_it_is(store: Store) -> None:
    assert ".pptx" in refused(2, "deck", "-o", "point.html")
    assert ".html" in refused(2, "html", "-o", "point.pptx")


def test_what_was_there_stays_when_the_new_one_can_not_be_made(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("point.pptx").write_bytes(b"avant")

    def fail(*_: Any, **__: Any) -> bytes:
        raise RuntimeError("secret")

    monkeypatch.setattr("sunes.export.pptx.powerpoint", fail)
    assert "incident inattendu" in refused(1, "deck", "-o", "point.pptx")
    assert Path("point.pptx").read_bytes() == b"avant"
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


def test_help_names_the_ready_decks_in_french() -> None:
    for command in ("deck", "html"):
        said = plain(run(command, "--help").output)
        assert [ready.id for ready in readies() if ready.id not in said] == []
        assert "Utilisation" in said
