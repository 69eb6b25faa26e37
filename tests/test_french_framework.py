"""The framework's own words are in French, seen or heard; what the data say stays as it is."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Locator, TimeoutError, expect

from sunes.snapshots import Store
from tests.browser import ROOT, Visit, serve
from tests.rows import arrow, establishment, tables
from tests.test_journeys import PATHS

Open = Callable[..., Visit]

SCRIPT = (ROOT / "sunes" / "ui" / "server" / "french.js").read_text("utf-8")
WORDS = [
    (theirs, ours)
    for theirs, ours in re.findall(r'"([^"\n]+)":\s+"([^"\n]+)"', SCRIPT)
    if theirs != ours and theirs[0].isupper()
]

# Everything that is written on the page or told to a screen reader, one text each.
_SAID = """() => {
    const all = [...document.querySelectorAll("body, body *:not(script, style, noscript, template, svg *)")]
        .filter((element) => !element.closest("noscript, template")
            && element.checkVisibility({visibilityProperty: true}));
    const written = all.flatMap((element) => [...element.childNodes].filter((node) => node.nodeType === 3));
    const told = all.flatMap((element) => ["aria-label", "title", "placeholder"].map((name) =>
        element.getAttribute(name)));
    return [...written.map((node) => node.data), ...told].filter(Boolean).map((text) => text.trim());
}"""
_ENGLISH = re.compile(
    r"\b(Press .*to|per file|options? available|Help for|Remove|Select|Show/hide|Download|Running|Choose an?)\b"
    r"|\b(Drag and drop|Type to|No results|Clear|Close|Main menu|file upload|Settings|Rerun|Made with|Light|Dark)\b"
    r"|[a-z_]+ icon$"
)


def english(visit: Visit, seconds: float = 10) -> list[str]:
    """What is said in English and stays so: a word may be there for an instant before it is replaced."""
    theirs = {word for word, _ in WORDS}
    deadline = time.monotonic() + seconds
    while True:
        said: list[str] = visit.page.evaluate(_SAID)
        found = [text for text in said if text in theirs or _ENGLISH.search(text)]
        if not found or time.monotonic() > deadline:
            return found
        visit.page.wait_for_timeout(100)


def unfold(box: Locator) -> None:
    """Open a list. A page that is still taking shape may close it at once: then once more."""
    for _ in range(5):
        box.click()
        with suppress(TimeoutError):
            box.page.get_by_role("option").first.wait_for(timeout=6_000)
            return
        box.page.keyboard.press("Escape")
    raise AssertionError("The list never opens")


def test_the_script_knows_the_words_and_never_translates_its_own() -> None:
    assert len(WORDS) > 80
    assert not {theirs for theirs, _ in WORDS} & {ours for _, ours in WORDS}
    assert "</" not in SCRIPT


@pytest.mark.parametrize("path", PATHS)
def test_no_page_speaks_english(site: str, visit: Open, path: str) -> None:
    here = visit(f"{site}/{path}")
    assert english(here) == []
    for box in here.page.get_by_role("combobox").all()[:2]:
        unfold(box)
        assert english(here) == []
        here.page.keyboard.type("zzz")
        expect(here.page.get_by_text("Aucun résultat", exact=True)).to_be_visible()
        assert english(here) == []
        here.page.keyboard.press("Escape")
        here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name="Menu principal").click()
    for name in ("Clair", "Sombre", "Système", "Imprimer"):
        expect(here.page.get_by_test_id("stMainMenuPopover").get_by_text(name)).to_be_visible()
    assert english(here) == []
    assert here.errors == []


def test_a_table_is_searched_and_its_columns_chosen_in_french(site: str, visit: Open) -> None:
    here = visit(site)
    here.page.locator("summary", has_text="Trier, chercher, télécharger").click()
    table = here.page.get_by_test_id("stDataFrameResizable").first
    table.scroll_into_view_if_needed()
    table.hover()
    here.page.get_by_role("button", name="Rechercher").click()
    expect(here.page.get_by_text("Tapez un texte")).to_be_visible()
    here.page.keyboard.type("Volet")
    expect(here.page.get_by_test_id("search-result-area")).to_have_text(re.compile(r"^\d+ résultats?$"))
    here.page.get_by_role("button", name="Fermer la recherche").click()
    table.hover()
    here.page.get_by_role("button", name="Afficher ou masquer des colonnes").click()
    expect(here.page.get_by_text("Toutes les colonnes")).to_be_visible()
    assert english(here) == []


def test_files_are_given_and_refused_in_french(site: str, visit: Open, tmp_path: Path) -> None:
    here = visit(f"{site}/importer")
    drop = here.page.get_by_test_id("stFileUploaderDropzone").first
    expect(drop).to_contain_text("100 Mo par fichier")
    expect(drop.get_by_role("button", name="Choisir des fichiers").last).to_be_visible()
    wrong = tmp_path / "Upload.exe"
    wrong.write_bytes(b"MZ" * 1000)
    here.page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(wrong)
    chip = here.page.get_by_test_id("stFileChip")
    expect(chip).to_contain_text("n’est pas accepté")
    expect(chip).to_contain_text("2 Ko")
    expect(chip).to_contain_text("Upload.exe")
    expect(chip.get_by_role("button", name="Enlever Upload.exe")).to_be_visible()
    here.page.get_by_role("textbox", name="Situation au").fill("30/06/2024")
    expect(here.page.get_by_text("Entrée pour valider")).to_be_visible()
    assert english(here) == []


def test_a_name_that_is_one_of_the_words_stays_as_it_is(
    visit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    names = ["Search", "Settings"]
    rows = [establishment(f"31000000{n}", name=name, commune_name="Upload") for n, name in enumerate(names, start=1)]
    Store(tmp_path).publish(date(2024, 6, 30), arrow((date(2024, 6, 30), 1, tables(rows)))[2], simulated=False)
    with serve(tmp_path / "server.log", SUNES_DATA=str(tmp_path)) as site:
        here = visit(f"{site}/etablissements?finess=310000001,310000002")
        for name in names:
            expect(here.page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(here.page.get_by_text("Commune\u00a0: Upload").first).to_be_visible()
        assert here.page.get_by_text("Rechercher", exact=True).count() == 0
        assert here.errors == []
