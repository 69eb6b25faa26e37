"""What is wrong with the data: who may mend the store learns which file it is, everybody else which date."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import monotonic

import pytest
from streamlit.testing.v1 import AppTest

from sunes.access.people import VISITOR, Person
from sunes.errors import DataError, Problem, UsageError
from sunes.place import UnreachableError
from sunes.snapshots import DamagedError, SnapshotId, Store, patient
from sunes.ui import damage, site
from tests.browser import ROOT
from tests.pages import opened, sent
from tests.people import ADMINISTRATOR, EVERYBODY, NATIONAL, READER, REGIONAL
from tests.rows import arrow, establishment, tables

MAY, JUNE, JULY = date(2024, 5, 31), date(2024, 6, 30), date(2024, 7, 31)
MENDERS = (NATIONAL, ADMINISTRATOR)
PAGES = [file for file, _ in site._TITLES.values() if file != "journal.py"]
PEOPLE = pytest.mark.parametrize("person", EVERYBODY, ids=[str(person.role) for person in EVERYBODY])

Be = Callable[[Person], None]


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Be:
    """Have somebody look at the pages."""
    return lambda person: monkeypatch.setattr("sunes.ui.access.signin.person", lambda: person)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    store = Store(tmp_path)
    for as_of in (MAY, JUNE, JULY):
        store.publish(as_of, arrow((as_of, 1, tables([establishment("310000001")])))[2], simulated=True)
    return store


def page(name: str, **params: str) -> str:
    """All that a page sends, with everything on it opened."""
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
    at = at.run().switch_page(name)
    for key, value in params.items():
        at.query_params[key] = value
    opened(at.run())
    assert not at.exception
    text = "\n".join(sent(at._tree))
    return text.replace("\\", "").replace("\u00a0", " ").replace("\u202f", " ")


def names_places(text: str, store: Store) -> bool:
    return any(place in text for place in ("as_of=", "/usages.parquet", "manifest.json :", str(store.directory)))


@pytest.mark.parametrize("person", [REGIONAL, NATIONAL], ids=lambda person: person.role.value)
@pytest.mark.parametrize("name", PAGES)
def test_a_damaged_newest_one(store: Store, be: Be, name: str, person: Person) -> None:
    store.resolve().file("usages").write_bytes(b"")
    be(person)

    text = page(name)

    if name != "importer.py":
        assert "La situation au 31 juillet 2024 est endommagée" in text
        assert "Voir la dernière situation saine, au 30 juin 2024" in text
    assert names_places(text, store) is (person in MENDERS)


@PEOPLE
@pytest.mark.parametrize("name", ["overview.py", "sources.py"])
def test_earlier_ones_and_a_folder_that_is_none(store: Store, be: Be, name: str, person: Person) -> None:
    store.resolve("2024-05-31").file("usages").unlink()
    (store.resolve("2024-06-30").path / "manifest.json").write_text("{", "utf-8")
    (store.folder / "as_of=juin").mkdir()

    be(NATIONAL)  # what was made for one who may know is at hand by then
    assert names_places(page(name), store)
    be(person)
    text = page(name)

    assert names_places(text, store) is (person in MENDERS)
    for day in ("31 mai 2024", "30 juin 2024"):
        said = f"La situation au {day} est endommagée ; elle est laissée de côté."
        assert (said in text) is (person not in MENDERS)
    if name == "sources.py":
        assert "Endommagée" in text


@PEOPLE
def test_a_store_that_is_gone(store: Store, be: Be, person: Person) -> None:
    be(person)
    with patient():
        page("overview.py")
        store.directory.joinpath("snapshots").rename(store.directory / "ailleurs")
        deadline = monotonic() + 60
        while "Une nouvelle lecture est tentée" not in (text := page("overview.py")):
            assert monotonic() < deadline
    assert names_places(text, store) is (person in MENDERS)
    assert "Les chiffres affichés sont ceux qui ont été lus à" in text
    assert ("Les données ne peuvent pas être lues pour le moment." in text) is (person not in MENDERS)


@pytest.mark.parametrize("person", [VISITOR, READER, REGIONAL], ids=lambda person: person.role.value)
def test_errors_keep_what_does_not_concern_the_store(be: Be, person: Person) -> None:
    be(person)
    folder = Problem("ce fichier manque.", "as_of=2024-06-30~2/usages.parquet")
    own = Problem("ce numéro est inconnu.", "mes-usages.csv", line=3)

    assert damage.said(DamagedError(SnapshotId(JUNE), folder)) == "La situation au 30 juin 2024 est endommagée."
    assert damage.said(UnreachableError("« s3://seau » ne répond pas.")) == damage._UNREACHABLE
    assert damage.said(DataError(folder, folder, own)).splitlines() == [
        "La situation au 30 juin 2024 (révision 2) est endommagée.",
        str(own),
    ]
    assert damage.said(UsageError("Cette question est impossible.")) == "Cette question est impossible."
    be(ADMINISTRATOR)
    assert "as_of=2024-06-30~2/usages.parquet" in damage.said(DataError(folder))
