"""What a director, a presenter and a staff member do, in a real browser."""

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from sunes import french, metrics
from sunes.programme import load_programme
from sunes.snapshots import Store, read
from sunes.ui.site import NAMES
from sunes.view import View
from tests.browser import ROOT, Visit, serve
from tests.rows import application, arrow, establishment, tables

Open = Callable[..., Visit]
Scheme = Literal["light", "dark"]

PATHS = sorted(NAMES)

# Screens and the themes that are tried on them. The second is a window of 1366×768 at 200 %.
BOTH: tuple[Scheme, ...] = ("dark", "light")
SCREENS: tuple[tuple[int, int, tuple[Scheme, ...]], ...] = (
    (390, 844, BOTH),
    (683, 384, ("light",)),
    (1366, 768, BOTH),
    (1920, 1080, BOTH),
)
# What is on the screen once a page has taken a new size and theme, and the text that its box cuts off.
_TAKEN = """([width, dark]) => document.querySelector("[data-testid=stMain]").scrollWidth <= width
    && matchMedia("(prefers-color-scheme: dark)").matches === dark"""
_CUT_OFF = """() => {
    const outside = (mark, box) => mark.width > 0 && (mark.left < box.left - 1 || mark.right > box.right + 1);
    const written = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const cut = [...document.querySelectorAll("[data-testid=stMain] *")].filter((element) =>
        [element, ...element.children].some(written) && /hidden|clip/.test(getComputedStyle(element).overflowX)
        && element.clientWidth > 2 && element.scrollWidth > element.clientWidth + 1
        && element.checkVisibility({opacityProperty: true, visibilityProperty: true}));
    const charts = [...document.querySelectorAll(".js-plotly-plot")].flatMap((chart) =>
        [...chart.querySelectorAll(".main-svg text")].filter((text) =>
            outside(text.getBoundingClientRect(), chart.getBoundingClientRect())));
    return [...cut, ...charts].map((element) => element.textContent);
}"""

# Whether the keyboard is behind the filters.
_PAST_THE_FILTERS = """() =>
    [...document.querySelectorAll(".st-key-navigation, .st-key-head, .st-key-content")].every((part) =>
        part.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING)"""
# Whether the element where the keyboard is, or the frame round it, is marked in the theme's colour.
_FOCUS_SHOWS = """() => {
    const marked = (element) => {
        const style = getComputedStyle(element);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
    };
    const here = document.activeElement;
    const frames = here.tagName === "INPUT" ? [here.parentElement, here.parentElement.parentElement] : [];
    return [here, ...frames].some(marked);
}"""
# What is animated or moves from one state to another, for longer than an eye can see.
_MOVING = """() => [...document.querySelectorAll("*")].filter((element) => ["", "::before", "::after"].some((part) => {
    const style = getComputedStyle(element, part);
    const lasting = (times) => times.split(",").some((time) => parseFloat(time) > 0.001);
    return lasting(style.transitionDuration) || (style.animationName !== "none" && lasting(style.animationDuration));
})).map((element) => element.outerHTML.slice(0, 100))"""

HOSTILE = """<img src=x onerror="document.title='hacked'"> **gras** [lien](http://example.org) "=1+1" """.strip()


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
    shown = here.page.get_by_text("établissements éligibles d’Occitanie")
    expect(shown).to_have_text(re.compile("^Au 31 mai 2024, 235 des 294"))
    sentence = shown.inner_text()
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


def test_what_the_popover_filters_is_in_the_address_and_in_the_figures(site: str, visit: Open) -> None:
    here = visit(f"{site}/?region=76")
    here.page.get_by_role("button", name="Filtres").click()
    here.page.get_by_role("radio", name="Volet 2").click()
    expect(here.page.locator(".card")).to_have_count(2)
    expect_asked(here.page, {"region": "76", "volet": "mss"})
    choose(here, "Départements", "31 – Haute-Garonne")
    expect_asked(here.page, {"region": "76", "department": "31", "volet": "mss"})
    view = View(regions=("76",), departments=("31",), volet="mss")
    (row,) = metrics.ask(Store.default(), view, (), programme=load_programme()).rows
    for shown, rate in zip((0, 1), ("participation_rate", "attainment_rate"), strict=True):
        expect(here.page.locator(".card .value").nth(shown)).to_have_text(french.percent(row[rate]))


def test_the_filters_stay_open_until_all_are_chosen(site: str, visit: Open) -> None:
    here = visit(f"{site}/?region=76")
    button = here.page.get_by_role("button", name="Filtres")
    here.tab_to(button)
    here.page.keyboard.press("Enter")
    departments = here.page.get_by_role("combobox", name="Départements", exact=True)
    departments.click()
    for option, asked in (("31 – Haute-Garonne", "31"), ("34 – Hérault", "31,34")):
        here.page.get_by_role("option", name=option, exact=True).click()
        expect_asked(here.page, {"region": "76", "department": asked})
        here.settle()
    here.page.keyboard.press("Escape")
    expect(here.page.get_by_role("option")).to_have_count(0)
    here.page.get_by_role("radio", name="Volet 2").click()
    expect(here.page.get_by_role("button", name="Volet 2 ✕")).to_be_visible()
    expect(here.page.get_by_role("button", name="34 – Hérault ✕")).to_be_visible()
    expect_asked(here.page, {"region": "76", "department": "31,34", "volet": "mss"})
    expect(departments).to_be_visible()
    here.page.keyboard.press("Escape")
    expect(departments).to_be_hidden()
    expect(button).to_be_focused()
    assert here.errors == []


@pytest.mark.parametrize("menu", ["Filtres", "Partager"])
def test_an_open_menu_keeps_nobody_from_another_page(site: str, visit: Open, menu: str) -> None:
    here = visit(f"{site}/?region=76")
    here.page.get_by_role("button", name=menu).click()
    expect(here.page.get_by_test_id("stPopoverBody")).to_contain_text("Fenêtres" if menu == "Filtres" else "Lien")
    here.settle()
    here.page.locator(".st-key-navigation").get_by_role("link", name="Fenêtres").click()
    expect(here.page.get_by_role("heading", level=2, name="Fenêtre par fenêtre")).to_be_visible()
    here.settle()
    expect(here.page.get_by_role("heading", level=1)).to_have_text("Fenêtres")
    expect(here.page.get_by_test_id("stPopoverBody")).to_have_count(0)
    expect_asked(here.page, {"region": "76"})
    assert urlsplit(here.page.url).path == "/fenetres"


def test_the_figures_behind_a_chart_follow_the_filters(site: str, visit: Open) -> None:
    here = visit(f"{site}/?region=76")
    here.page.locator("summary", has_text="Voir les chiffres").first.click()
    figures = here.page.get_by_test_id("stExpander").get_by_role("table")
    expect(figures).to_have_count(1)
    expect(figures).to_contain_text("Alimentation du DMP")
    here.page.get_by_role("button", name="Filtres").click()
    here.page.get_by_role("radio", name="Volet 2").click()
    expect(here.page.locator(".card")).to_have_count(2)
    expect(figures).to_have_count(1)
    expect(figures).not_to_contain_text("Alimentation du DMP")
    expect(figures).to_contain_text("Usage de MSSanté")
    here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name="Autres formats").first.click()
    for name, suffix in (
        ("Excel (.xlsx)", ".xlsx"),
        ("CSV pour programmes", "_programmes.csv"),
        ("Parquet", ".parquet"),
    ):
        with here.page.expect_download() as download:
            here.page.get_by_role("button", name=name).click()
        assert download.value.suggested_filename == f"sunes_atteinte-76_2024-06-30{suffix}"
        assert Path(download.value.path()).stat().st_size > 0
    assert here.errors == []


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


def test_back_returns_to_the_page_before_as_it_was(site: str, visit: Open) -> None:
    here = visit(f"{site}/donnees?region=76")
    here.page.locator(".st-key-navigation").get_by_role("link", name="Établissements").click()
    expect(here.page.get_by_role("heading", level=1)).to_have_text("Établissements")
    here.settle()
    here.page.get_by_role("button", name="Occitanie ✕").click()
    expect_asked(here.page, {})
    here.settle()
    here.page.go_back()
    here.page.go_back()
    expect(here.page.get_by_role("heading", level=1)).to_have_text("Données et sources")
    expect_asked(here.page, {"region": "76"})
    expect(here.page.get_by_role("button", name="Occitanie ✕")).to_be_visible()


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


def test_a_staff_member_finds_an_establishment_by_its_number(site: str, visit: Open) -> None:
    known = read(Store.default().resolve())["establishments"].slice(100, 1).to_pylist()[0]
    here = visit(f"{site}/etablissements")
    here.page.get_by_role("searchbox", name="Rechercher").fill(known["finess"])
    expect(here.page.get_by_test_id("stMain")).to_contain_text("1 sur ")

    here.page.get_by_role("button", name="Coller des numéros FINESS").click()
    numbers = here.page.get_by_role("textbox", name="Numéros FINESS")
    numbers.fill(f"{known['finess']} 12")
    numbers.press("Control+Enter")
    here.settle()
    here.page.get_by_role("button", name="Voir ces établissements").click()
    expect_asked(here.page, {"finess": known["finess"]})
    expect(here.page.get_by_role("heading", name=known["name"])).to_be_visible()
    expect(here.page.get_by_test_id("stAlert")).to_contain_text("«\u00a012\u00a0»")


def test_a_click_on_the_map_filters_the_table_that_is_taken_home(site: str, visit: Open, tmp_path: Path) -> None:
    here = visit(f"{site}/carte?region=76")
    said = here.pick(here.page.locator(".st-key-carte-76 canvas"), 0.27, 0.53, lambda url: "department=" in url)
    place = re.match(r"(?P<name>.+) \((?P<code>\w+)\)\n", said)
    assert place, said
    expect_asked(here.page, {"region": "76", "department": place["code"]})
    department = f"{place['code']} – {place['name']}"
    expect(here.page.get_by_role("button", name=f"{department} ✕")).to_be_visible()

    here.page.locator(".st-key-navigation").get_by_role("link", name="Établissements").click()
    expect(here.page.get_by_role("heading", level=1)).to_have_text("Établissements")
    here.settle()
    with here.page.expect_download() as download:
        here.page.get_by_role("button", name="Télécharger (CSV)").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text("utf-8-sig").splitlines(), delimiter=";"))
    there = read(Store.default().resolve())["establishments"].to_pylist()
    of_department = [row for row in there if row["department_code"] == place["code"]]
    assert {row["FINESS"] for row in rows} == {row["finess"] for row in of_department if row["eligible"]}
    assert {row["Département"] for row in rows} == {department}
    assert here.errors == []


def test_the_keyboard_alone_filters_reads_and_goes_on(site: str, visit: Open) -> None:
    here = visit(site)
    regions = here.page.get_by_role("combobox", name="Régions", exact=True)
    here.tab_to(regions)
    here.page.keyboard.type("Occ")
    expect(here.page.get_by_role("option")).to_have_count(1)
    here.page.keyboard.press("ArrowDown")
    here.page.keyboard.press("Enter")
    expect_asked(here.page, {"region": "76"})
    here.page.keyboard.press("Escape")
    here.settle()
    expect(here.page.get_by_role("heading", name="Île-de-France")).to_have_count(0)

    twin = here.page.locator("summary", has_text="Voir les chiffres").first
    here.tab_to(twin)
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_role("table").first).to_contain_text("Alimentation du DMP")

    link = here.page.locator(".st-key-navigation").get_by_role("link", name="Fenêtres")
    here.tab_to(link, "Shift+Tab")
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_role("heading", level=1)).to_have_text("Fenêtres")
    expect_asked(here.page, {"region": "76"})


@pytest.mark.parametrize("path", PATHS)
def test_the_first_tab_leads_past_the_filters(site: str, visit: Open, path: str) -> None:
    here = visit(f"{site}/{path}?region=76")
    here.page.keyboard.press("Tab")
    skip = here.page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    here.page.keyboard.press("Enter")
    expect(here.page.locator(".st-key-content:focus, .stMain:not(:has(.st-key-content)) h1:focus")).to_have_count(1)
    here.page.keyboard.press("Tab")
    assert here.page.evaluate(_PAST_THE_FILTERS)
    assert parse_qs(urlsplit(here.page.url).query)["region"] == ["76"]
    assert here.errors == []


@pytest.mark.parametrize(("path", "scheme"), [("", "light"), ("carte", "dark")])
def test_one_sees_where_the_keyboard_is(site: str, visit: Open, path: str, scheme: Scheme) -> None:
    here = visit(f"{site}/{path}?region=76", scheme=scheme)
    wanted = {"A", "BUTTON", "INPUT", "SUMMARY"}
    for _ in range(40):
        here.page.keyboard.press("Tab")
        wanted.discard(here.page.evaluate("document.activeElement.tagName"))
        here.page.wait_for_function(_FOCUS_SHOWS)
        if not wanted:
            break
    assert not wanted


def test_nothing_moves_for_those_who_ask_for_stillness(site: str, visit: Open) -> None:
    here = visit(f"{site}/")
    here.page.emulate_media(reduced_motion="reduce")
    here.page.goto(f"{site}/fenetres")
    here.settle()
    assert here.page.evaluate(_MOVING) == []
    expect(here.page.get_by_role("radio", name="Pause")).to_be_checked()
    slider = here.page.get_by_role("slider", name="Situation rejouée")
    expect(slider).to_have_attribute("aria-valuetext", "30 juin 2024")
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "31 mai 2024")
    here.settle()
    expect(here.page.get_by_role("radio", name="Pause")).to_be_checked()
    assert here.page.evaluate(_MOVING) == []


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


def test_a_name_is_text_wherever_it_stands(visit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    rows = [
        establishment("310000001", name=HOSTILE, commune_name=HOSTILE, latitude=43.6, longitude=1.44),
        establishment("310000002", name=HOSTILE),
    ]
    for day, applied in ((date(2024, 5, 31), ()), (date(2024, 6, 30), [application("310000001", 1, "dmp")])):
        content = arrow((day, 1, tables(rows, applied)))[2]
        Store(tmp_path).publish(day, content, simulated=False, published_by=HOSTILE)
    with serve(tmp_path / "server.log", SUNES_DATA=str(tmp_path)) as site:
        here = visit(f"{site}/etablissements?finess=310000001")
        assert HOSTILE in here.page.get_by_test_id("stMain").inner_text().replace("\u2060", "")
        for path in ("", "carte", "donnees"):
            here.page.goto(f"{site}/{path}")
            here.settle()
            assert here.page.locator("[data-testid=stMain] img[src=x]").count() == 0, path
            assert here.page.locator("[data-testid=stMain] a[href*='example.org']").count() == 0, path
            assert "sunes" in here.page.title(), path
        assert HOSTILE in here.page.get_by_test_id("stMain").inner_text().replace("\u2060", "")
        assert here.errors == []
        assert here.hosts <= {"127.0.0.1", "local"}


def test_every_page_has_a_path_that_is_tried() -> None:
    assert len(PATHS) == len(list((ROOT / "pages").glob("*.py"))) - len(["shell.py"])


@pytest.mark.parametrize("path", PATHS)
def test_every_page_fits_every_screen_and_bars_nobody(site: str, visit: Open, path: str) -> None:
    here = visit(f"{site}/{path}", scheme="dark", width=390, height=844)
    assert here.page.get_by_test_id("stException").count() == 0
    for width, height, schemes in SCREENS:
        here.page.set_viewport_size({"width": width, "height": height})
        for scheme in schemes:
            where = f"/{path} at {width}×{height}, {scheme}"
            here.page.emulate_media(color_scheme=scheme)
            try:
                here.page.wait_for_function(_TAKEN, arg=[width, scheme == "dark"])
            except TimeoutError:
                pytest.fail(f"{where}: wider than the screen")
            here.page.wait_for_timeout(300)  # colours fade in
            try:  # charts are drawn again, on a busy machine later
                here.page.wait_for_function(f"() => ({_CUT_OFF})().length === 0")
            except TimeoutError:
                pytest.fail(f"{where}: {here.page.evaluate(_CUT_OFF)}")
            assert here.barriers() == [], where
    assert here.errors == []
    assert here.hosts <= {"127.0.0.1", "local"}
