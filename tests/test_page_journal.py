"""The page « Journal », and what « Importer » offers to whom."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sunes.access.journal import What
from sunes.access.people import VISITOR, Person, Role
from sunes.snapshots import Store
from sunes.ui.access import noted
from tests.browser import ROOT
from tests.people import ADMINISTRATOR, EVERYBODY, HERE, NATIONAL, READER, REGIONAL
from tests.rows import arrow, establishment, tables
from tests.test_importing import AS_OF, register
from tests.test_page_importer import page as importer
from tests.test_page_importer import press, said
from tests.test_rights import OURS, THEIRS, filled
from tests.test_rights import register as places

NAME = "<img src=x onerror=alert(1)> **gras** [lien](https://exemple.fr)"

WITHOUT_A_REGION = Person(Role.REGIONAL_EDITOR, "sans-region@exemple.fr")

Be = Callable[[Person], None]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    return filled(tmp_path)


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Be:
    """Have somebody look at the pages."""
    return lambda person: monkeypatch.setattr("sunes.ui.access.signin.person", lambda: person)


def page(name: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
    at.run().switch_page(name).run()
    assert not at.exception
    return at


def linked(at: AppTest) -> list[str]:
    return [link.proto.label for link in at.get("page_link")]


def rows(at: AppTest) -> list[list[str]]:
    """The cells of the journal's table, as HTML, line by line."""
    (html,) = (element.proto.body for element in at.get("html") if 'aria-label="Journal"' in element.proto.body)
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(<td.*?)</tr>", html)]


# The journal ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [*EVERYBODY, HERE], ids=lambda person: f"{person.role.value}-{person.id}")
def test_it_is_for_administrators(store: Store, be: Be, person: Person) -> None:
    be(person)
    at = page("journal.py")

    if person.role is Role.ADMINISTRATOR:
        assert "Journal" in linked(at)
        assert rows(at)[0][2:] == [
            "Un éditeur (national@exemple.fr)",
            "éditeur national",
            "publication",
            "2024-05-31~1",
        ]
        return
    assert "Journal" not in linked(at)
    assert len(at.info) == 1
    assert "lire le journal" in said(at)
    assert "national@exemple.fr" not in said(at)
    assert not at.get("download_button")


def test_it_is_filtered_by_person_action_and_day(store: Store, be: Be) -> None:
    for what in (What.SIGNED_IN, What.EXPORTED):
        store.journal.record(READER, what, "x.csv")
    be(ADMINISTRATOR)
    at = page("journal.py")
    assert [row[4] for row in rows(at)] == ["export", "connexion", "publication"]
    today = rows(at)[0][0]

    at.selectbox(key="journal-person").select("Une lectrice (lecteur@exemple.fr)").run()
    assert [row[4] for row in rows(at)] == ["export", "connexion"]
    at.selectbox(key="journal-what").select("connexion").run()
    assert [row[4] for row in rows(at)] == ["connexion"]
    at.text_input(key="journal-day").set_value(today).run()
    assert len(rows(at)) == 1
    at.text_input(key="journal-day").set_value("1er juin 2020").run()
    assert "Aucune entrée sur cette période." in said(at)
    at.text_input(key="journal-day").set_value("hier").run()
    assert "Écrivez une date" in said(at)
    assert not at.exception


def test_one_reads_further_back_if_one_wants(store: Store, be: Be) -> None:
    at = datetime.now(UTC) - timedelta(days=100)
    line = {"at": at.isoformat(), "who": "ancienne@exemple.fr", "role": "reader", "what": "viewed", "about": "x"}
    (store.directory / "journal" / f"{at:%Y-%m}.jsonl").write_text(json.dumps(line) + "\n")
    be(ADMINISTRATOR)
    at_first = page("journal.py")
    assert "ancienne@exemple.fr" not in at_first.selectbox(key="journal-person").options

    at_first.selectbox(key="journal-period").select("Tout").run()

    assert rows(at_first)[-1][2] == "ancienne@exemple.fr"


def test_what_others_wrote_is_shown_as_it_is_written(store: Store, be: Be) -> None:
    store.journal.record(Person(Role.READER, NAME, NAME), What.EXPORTED, NAME)
    be(ADMINISTRATOR)
    at = page("journal.py")

    escaped = "&lt;img src=x onerror=alert(1)&gt; **gras** [lien](https://exemple.fr)"
    assert rows(at)[0][2] == escaped
    assert rows(at)[0][5] == escaped
    assert not [body for body in (element.proto.body for element in at.get("html")) if "<img" in body]


def test_a_line_that_was_cut_short_is_told(store: Store, be: Be) -> None:
    (file,) = (store.directory / "journal").iterdir()
    file.write_bytes(file.read_bytes()[:-20] + b"\n" + file.read_bytes())
    be(ADMINISTRATOR)
    at = page("journal.py")

    assert "ligne 1 : cette ligne du journal est incomplète ou abîmée" in said(at)
    assert len(rows(at)) == 1


def test_where_none_is_kept_that_is_said(store: Store, be: Be, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_JOURNAL", str(store.directory / "ailleurs"))
    be(ADMINISTRATOR)

    assert "Aucune entrée sur cette période." in said(page("journal.py"))


# Importing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [VISITOR, READER], ids=lambda person: person.role.value)
def test_who_may_not_import_sees_one_sentence_and_no_way_to_send_files(store: Store, be: Be, person: Person) -> None:
    be(person)
    at = importer(register=register())

    assert "Importer" not in linked(at)
    assert len(at.info) == 1
    assert "importer des fichiers" in said(at)
    assert not at.get("file_uploader")
    assert not at.button
    assert not at.selectbox


@pytest.mark.parametrize("person", [*EVERYBODY, WITHOUT_A_REGION], ids=lambda person: person.id)
def test_the_way_to_importing_is_shown_to_whoever_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, be: Be, person: Person
) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    be(person)
    may = person in (REGIONAL, NATIONAL, ADMINISTRATOR)

    nothing_yet = linked(page("overview.py"))

    assert ("Importer" in nothing_yet) is may
    assert ("Importer des fichiers" in nothing_yet) is may


def test_an_editor_of_a_region_completes_and_takes_nothing_back(store: Store, be: Be) -> None:
    be(REGIONAL)
    at = importer(register=places({OURS[0]: "31", THEIRS[0]: "75"}, "Maison"))
    assert "Vous publiez pour votre région (Occitanie)" in said(at)
    assert [box for box in at.checkbox if box.label == "Compléter la situation précédente"] == []
    assert "Retirer et rétablir des situations revient aux éditeurs nationaux." in said(at)
    assert not [button for button in at.button if button.label in ("Retirer", "Rétablir")]

    press(at, "Vérifier les fichiers")
    assert "cet établissement est d’une autre région (Île-de-France)" in said(at)
    at.checkbox(key="import-without_rejected").check().run()
    press(at, "Voir ce qui changerait")
    assert "Publié par : **Une éditrice d’Occitanie**" in said(at)
    assert not [box for box in at.text_input if box.key == "import-published-by"]
    press(at, "Publier")

    snapshot = store.resolve()
    assert (snapshot.as_of, snapshot.manifest.published_by) == (AS_OF, "Une éditrice d’Occitanie")
    told = [(entry.who, entry.what, entry.about) for entry in store.journal.read(ADMINISTRATOR).entries[:2]]
    assert told == [
        (REGIONAL.id, "published", "2024-06-30~1"),
        (REGIONAL.id, "imported", "2024-06-30 : register.csv"),
    ]


def test_rights_that_ended_meanwhile_publish_nothing(store: Store, be: Be) -> None:
    be(REGIONAL)
    at = importer(register=places({OURS[0]: "31"}, "Maison"))
    press(at, "Vérifier les fichiers")
    press(at, "Voir ce qui changerait")

    be(READER)
    at.run()

    assert "ne suffit pas pour importer des fichiers" in said(at)
    assert not at.button
    assert len(store.snapshots()) == 1


def test_a_national_editor_takes_back_under_their_own_name(store: Store, be: Be) -> None:
    be(NATIONAL)
    at = importer()
    assert not [box for box in at.text_input if box.key == "withdrawal-by"]
    at.text_input(key="withdrawal-reason").set_value("Essai")
    press(at, "Retirer")

    (withdrawal,) = store.withdrawals().values()
    assert withdrawal.by == "Un éditeur"


# Reading -------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_taken_away_is_told(store: Store, be: Be) -> None:
    be(READER)

    assert noted.exported(lambda: b"contenu", "x.csv")() == b"contenu"

    (entry, *_) = store.journal.read(ADMINISTRATOR).entries
    assert (entry.who, entry.what, entry.about) == (READER.id, "exported", "x.csv")


@pytest.mark.parametrize("details", [True, False])
def test_sheets_are_told_once_if_the_rules_want_it(
    store: Store, be: Be, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, details: bool
) -> None:
    access = tmp_path / "acces.toml"
    access.write_text(f"[journal]\ndetails = {str(details).lower()}\n")
    monkeypatch.setenv("SUNES_ACCESS", str(access))
    be(READER)
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
    at.run().switch_page("establishments.py")
    at.query_params["finess"] = ",".join(OURS[:2])
    at.run().run()
    assert not at.exception

    viewed = [entry.about for entry in store.journal.read(ADMINISTRATOR).entries if entry.what == "viewed"]
    assert sorted(viewed) == ([f"{finess}, situation 2024-05-31~1" for finess in OURS[:2]] if details else [])


# Round both ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["importer.py", "journal.py", "overview.py"])
@pytest.mark.parametrize("simulated", [True, False])
def test_every_page_tells_of_old_data_before_its_title_and_of_simulated_ones_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, simulated: bool
) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    monkeypatch.setenv("SUNES_STALE_DAYS", "1")
    Store(tmp_path).publish(AS_OF, arrow((AS_OF, 1, tables([establishment("310000001")])))[2], simulated=simulated)

    at = page(name)

    shown = [
        "badge" if each.type == "markdown" else each.type
        for each in at
        if each.type in ("warning", "title")
        or (each.type == "markdown" and "Données simulées" in getattr(each, "value", ""))
    ]
    assert shown == ["warning", "title", *(["badge"] if simulated else [])]
