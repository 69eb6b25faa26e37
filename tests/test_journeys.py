"""What a director, a presenter and a staff member do, in a real browser."""

import csv
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Visit

Open = Callable[..., Visit]

PATHS = ("/", "/regions", "/fenetres", "/carte", "/etablissements", "/donnees")
SCREENS = ((1920, 1080, "light"), (1366, 768, "dark"), (390, 844, "light"), (390, 844, "dark"))


def expect_asked(page: Page, expected: dict[str, str]) -> None:
    """Wait until the address bar holds this View. Raises a timeout that names the address when it never does."""

    def holds(url: str) -> bool:
        return {name: ",".join(values) for name, values in parse_qs(urlsplit(url).query).items()} == expected

    page.wait_for_url(holds, wait_until="commit")
    assert holds(page.url)


def choose(visit: Visit, label: str, option: str) -> None:
    visit.page.get_by_role("combobox", name=label, exact=True).click()
    visit.page.get_by_role("option", name=option, exact=True).click()
    visit.settle()


def test_a_director_reads_the_gap_and_shares_the_link(site: str, visit: Open) -> None:
    here = visit(site)
    choose(here, "Situation au", "31 mai 2024")
    expect_asked(here.page, {"snapshot": "2024-05-31~1"})
    sentence = here.page.get_by_text("établissements éligibles d’Occitanie").inner_text()
    assert sentence.startswith("Au 31 mai 2024, 235 des 294")
    elsewhere = visit(here.page.url)
    expect(elsewhere.page.get_by_text("établissements éligibles d’Occitanie")).to_have_text(sentence)


def test_filters_live_in_the_address_and_chips_take_them_back(site: str, visit: Open) -> None:
    here = visit(site)
    choose(here, "Régions", "Occitanie")
    here.page.keyboard.press("Escape")
    here.settle()
    expect_asked(here.page, {"region": "76"})
    expect(here.page.get_by_role("heading", name="Île-de-France")).to_have_count(0)

    here.page.get_by_role("button", name="Occitanie ✕").click()
    expect(here.page.get_by_role("heading", name="Île-de-France")).to_be_visible()
    expect_asked(here.page, {})

    everything = visit(f"{site}/?region=76&department=31,34&volet=dmp&window=2&status=public&snapshot=2023-05-31~1")
    everything.page.get_by_role("button", name="Réinitialiser").click()
    expect(everything.page.get_by_role("heading", name="Île-de-France")).to_be_visible()
    expect_asked(everything.page, {})


def test_back_and_forward_return_to_the_views_between(site: str, visit: Open) -> None:
    here = visit(site)
    choose(here, "Situation au", "31 mai 2024")
    choose(here, "Situation au", "30 avril 2024")
    shown = here.page.get_by_text("établissements éligibles d’Occitanie")
    expect(shown).to_contain_text("Au 30 avril 2024")
    here.page.go_back()
    expect(shown).to_contain_text("Au 31 mai 2024")
    here.page.go_forward()
    expect(shown).to_contain_text("Au 30 avril 2024")


def test_pages_keep_the_view(site: str, visit: Open) -> None:
    here = visit(f"{site}/?region=76&volet=mss")
    for name in ("Régions", "Établissements", "Vue d’ensemble"):
        here.page.locator(".st-key-navigation").get_by_role("link", name=name).click()
        expect(here.page.get_by_role("heading", level=1)).to_have_text(name)
        here.settle()
        expect_asked(here.page, {"region": "76", "volet": "mss"})


def test_what_the_address_gets_wrong_is_said(site: str, visit: Open) -> None:
    here = visit(f"{site}/?region=76,zz&snapshot=1999-01-01&volet=<b>x</b>")
    notice = here.page.get_by_test_id("stAlert")
    for part in ("«\u00a0zz\u00a0»", "1999", "<b>x</b>"):
        expect(notice).to_contain_text(part)
    expect(here.page.get_by_role("heading", name="Occitanie")).to_be_visible()


def test_a_staff_member_finds_establishments_and_takes_the_table(site: str, visit: Open, tmp_path: Path) -> None:
    here = visit(f"{site}/etablissements?department=31")
    with here.page.expect_download() as download:
        here.page.get_by_role("button", name="Télécharger (CSV)").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert saved.suffix == ".csv"
    assert rows
    assert {row["Département"] for row in rows} == {"31 – Haute-Garonne"}

    sheet = visit(f"{site}/etablissements?finess={rows[0]['FINESS']}")
    expect(sheet.page.get_by_role("heading", name=rows[0]["Établissement"])).to_be_visible()


@pytest.mark.parametrize("path", PATHS)
def test_every_page_fits_every_screen_and_bars_nobody(site: str, visit: Open, path: str) -> None:
    for width, height, scheme in SCREENS:
        here = visit(f"{site}{path}", scheme=scheme, width=width, height=height)
        where = f"{path} at {width}×{height}, {scheme}"
        assert here.page.get_by_test_id("stException").count() == 0, where
        wide = here.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert wide <= width, where
        assert here.errors == [], where
        assert here.hosts <= {"127.0.0.1", "local"}, where
        assert here.barriers() == [], where
