"""The document of a deck in a browser: on a stage with its keys, on a desk, on a page, on paper."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from plotly.offline import get_plotlyjs

from sunes.access.people import EVERYTHING
from sunes.deck import build, plan
from sunes.definitions import load_definitions
from sunes.export.html import Live, document
from sunes.programme import load_programme
from sunes.snapshots import Store
from tests import decks

BASE = "https://sunes.example.fr"
LAST = len(decks.small().slides)

# What is wrong with the slide that is shown: something cut, out of the stage, too small to be read, over the footer.
FAULTS = """() => {
  const slide = document.querySelector(".slide.is-now"), stage = slide.getBoundingClientRect();
  const unit = stage.width / 1280, faults = [];
  if (document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight)
    faults.push("scroll bars");
  if (slide.scrollWidth > slide.clientWidth || slide.scrollHeight > slide.clientHeight) faults.push("overflow");
  const foot = slide.querySelector(".foot .source").getBoundingClientRect().top;
  const aside = ".twin, .list caption, .instead, .notes, .beyond, .online, script, template";
  const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement;
    if (!text.textContent.trim() || parent.closest(aside)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect(), said = text.textContent.trim().slice(0, 40);
    if (!box.width) continue;
    const across = box.left < stage.left - 1 || box.right > stage.right + 1;
    if (across || box.top < stage.top - 1 || box.bottom > stage.bottom + 1) faults.push(`out: ${said}`);
    if (!parent.closest(".foot") && box.bottom > foot + 12 * unit && box.left < stage.left + 1136 * unit)
      faults.push(`over the footer: ${said}`);
    const svg = parent.ownerSVGElement;
    const letters = parseFloat(getComputedStyle(parent).fontSize) * (svg ? parent.getScreenCTM().a / unit : 1);
    const wanted = parent.closest(".said, h1") ? 18 : 15;
    if (letters < wanted - 0.1) faults.push(`small: ${said} (${letters.toFixed(1)})`);
  }
  return faults;
}"""


@dataclass
class Show:
    """A document open in a browser, and what happened there."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def at(self, number: int) -> None:
        """Wait until a slide, and no other, is shown, and the address says so."""
        expect(self.page.locator(f".slide:nth-of-type({number})")).to_be_visible()
        expect(self.page.locator(".slide:visible")).to_have_count(1)
        assert self.page.url.endswith(f"#{number}")

    def ready(self, layout: str = "deck") -> None:
        """Wait until every slide is prepared."""
        expect(self.page.locator(f'html[data-ready="{layout}"]')).to_be_attached()

    def barriers(self) -> list[str]:
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


Open = Callable[..., Show]
Begin = Callable[..., Show]


def opened(context: BrowserContext, url: str, layout: str = "deck") -> Show:
    """A document in a new tab, once every slide is prepared."""
    show = Show(context.new_page())
    show.page.on("pageerror", lambda error: show.errors.append(str(error)))
    show.page.on("console", lambda said: show.errors.append(said.text) if said.type == "error" else None)
    show.page.on("request", lambda request: show.requests.append(request.url))
    show.page.goto(url)
    show.ready(layout)
    return show


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 720}, locale="fr-FR", timezone_id="Europe/Paris")
    yield opened
    opened.close()


@pytest.fixture
def show(context: BrowserContext) -> Open:
    """Open an address: `show(url)`."""
    return partial(opened, context)


@pytest.fixture(scope="module")
def one(browser: Browser, file: str) -> Iterator[Show]:
    """A small deck that stays open for many tests; see `begin`."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="fr-FR", timezone_id="Europe/Paris")
    yield opened(context, file)
    context.close()


@pytest.fixture
def begin(one: Show, file: str) -> Iterator[Begin]:
    """Begin at a slide of the small deck that stays open: `begin(3)`."""

    def begin(number: int = 1) -> Show:
        one.press("Escape", "Escape", "Home")
        one.page.goto(f"{file}#{number}")  # the same document: nothing is loaded again
        one.at(number)
        return one

    yield begin
    assert one.errors == []


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a small deck as a file."""
    path = tmp_path_factory.mktemp("deck") / "deck.html"
    path.write_text(document(decks.small(), base=BASE), "utf-8")
    return path.as_uri()


class Server(ThreadingHTTPServer):
    """Serves a small deck and its state; `said` is what the state says, None that there is no answer."""

    daemon_threads = True
    said: str | None = ""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        answers: dict[str, tuple[str, str]] = {
            "/ecran": ("text/html", document(decks.small(), base=BASE, live=Live("/etat", "/plotly.js"))),
            "/plotly.js": ("text/javascript", get_plotlyjs()),
            "/etat": ("application/json", json.dumps({"said": self.server.said})),
        }
        kind, text = answers.get(self.path.split("?")[0], ("", ""))
        self.send_response(200 if kind and self.server.said is not None else 503)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def served(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}/ecran"


# On the stage --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The address of the deck with all kinds of slides, in a theme."""
    programme = load_programme()

    def whole(theme: str) -> str:
        params = {"deck": "bilan", "region": "76", "snapshot": "2024-06-30~1", "theme": theme}
        deck, _ = plan.from_params(params, programme)
        made = build.presented(deck, Store.default(), programme, load_definitions(), sight=EVERYTHING)
        path = tmp_path_factory.mktemp("whole") / f"{theme}.html"
        path.write_text(document(made, base=BASE), "utf-8")
        return path.as_uri()

    return whole


@pytest.mark.parametrize(("theme", "width", "height"), [("light", 1280, 720), ("dark", 1920, 1080)])
def test_walk_a_whole_deck_forward_and_back(
    whole: Callable[[str], str], show: Open, theme: str, width: int, height: int
) -> None:
    shown = show(whole(theme))
    shown.page.set_viewport_size({"width": width, "height": height})
    total = shown.page.locator(".slide").count()
    assert total > 10
    faults: dict[int, list[str]] = {}
    for number in range(1, total + 1):
        shown.at(number)
        faults[number] = shown.page.evaluate(FAULTS)
        shown.press("ArrowRight")
    shown.at(total)  # there is nothing after the last one
    assert {number: found for number, found in faults.items() if found} == {}
    for number in range(total, 0, -1):
        shown.at(number)
        shown.press("ArrowLeft")
    shown.at(1)
    assert shown.errors == []


def test_names_that_nobody_should_have_are_legible_and_harmless(begin: Begin) -> None:
    shown = begin()
    shown.page.on("dialog", lambda dialog: shown.errors.append(dialog.message))
    for number in range(1, LAST + 1):
        shown.at(number)
        assert shown.page.evaluate(FAULTS) == []
        shown.press("ArrowRight")
    begin(6)
    rows = shown.page.locator("#liste tbody tr")
    expect(rows).to_have_count(36)
    expect(rows.nth(0)).to_contain_text("<script>alert(1)</script>")
    expect(shown.page.locator("#liste .more")).to_have_text(re.compile(r"et \d+ autres lignes \(touche T\)"))
    shown.press("t")
    expect(shown.page.locator("#tables tbody tr:visible")).to_have_count(36)
    assert shown.errors == []


def test_keys_move_through_the_slides(begin: Begin) -> None:
    shown = begin()
    shown.at(1)
    moves = {"End": LAST, "PageUp": LAST - 1, "PageDown": LAST, "Home": 1, "Space": 2, "Shift+Space": 1, "ArrowLeft": 1}
    for key, number in moves.items():
        shown.press(key)
        shown.at(number)
    shown.press("Digit3")
    expect(shown.page.locator(".typed")).to_have_text("3")
    shown.press("Enter")
    shown.at(3)
    expect(shown.page.locator(".typed")).to_be_hidden()
    shown.press("Digit4", "Digit2", "Escape", "Enter")  # taken back
    shown.at(3)
    shown.press("Numpad9", "Numpad9", "Enter")  # beyond the end
    shown.at(LAST)
    shown.press("Home", "Control+ArrowRight", "Alt+PageDown", "Meta+End", "Control+Shift+b")
    shown.at(1)
    expect(shown.page.locator(".aloud")).to_have_text(f"Diapositive 1 sur {LAST} : Un petit deck")


def test_digits_of_a_french_keyboard_need_no_shift(begin: Begin) -> None:
    shown = begin()
    shown.page.evaluate("dispatchEvent(new KeyboardEvent('keydown', {key: '\"', code: 'Digit3'}))")
    shown.press("Enter")
    shown.at(3)


def test_reloading_and_coming_back_lead_to_the_same_slide(file: str, show: Open) -> None:
    shown = show(file)
    shown.press("ArrowRight", "ArrowRight")
    shown.at(3)
    shown.page.reload()
    shown.at(3)
    shown.page.goto("about:blank")
    shown.page.go_back()
    shown.at(3)


def test_overlays_open_and_close_by_their_key_and_by_escape(begin: Begin) -> None:
    shown = begin(3)
    for key, name, content in (
        ("?", "help", "Écran noir"),
        ("t", "tables", "Un constat sur b"),
        ("q", "code", "regions"),
    ):
        dialog = shown.page.locator(f"#{name}")
        shown.press(key)
        expect(dialog).to_be_visible()
        expect(dialog).to_contain_text(content)
        shown.press("ArrowRight", key)
        expect(dialog).to_be_hidden()
        shown.press(key, "Escape")
        expect(dialog).to_be_hidden()
    shown.at(3)
    shown.press("t")
    expect(shown.page.locator("#tables .rows")).to_be_focused()  # the arrows scroll it
    assert shown.page.locator("#tables table").count() == 2


def test_black_screen_and_full_screen(begin: Begin) -> None:
    shown = begin()
    black = shown.page.locator("#black")
    for key in ("b", "Escape"), ("b", "b"), (".", "."):
        shown.press(key[0])
        expect(black).to_be_visible()
        shown.press(key[1])
        expect(black).to_be_hidden()
    shown.press("f")
    shown.page.wait_for_function("document.fullscreenElement === document.documentElement")
    shown.press("f")
    shown.page.wait_for_function("document.fullscreenElement === null")


def test_controls_are_reached_by_keyboard_and_fingers_swipe(begin: Begin) -> None:
    shown = begin()
    shown.page.get_by_role("button", name="Diapositive suivante").focus()
    shown.press("Enter")
    shown.at(2)
    shown.press("Space")  # on the button, once
    shown.at(3)
    swipe = """(by) => { for (const [name, x] of [["touchstart", 600], ["touchend", 600 + by]]) {
      const touch = new Touch({identifier: 1, target: document.body, clientX: x, clientY: 300});
      const held = name === "touchend" ? [] : [touch];
      document.body.dispatchEvent(new TouchEvent(name, {bubbles: true, touches: held, changedTouches: [touch]})); } }"""
    shown.page.evaluate(swipe, -200)
    shown.at(4)
    shown.page.evaluate(swipe, 200)
    shown.at(3)


def test_the_next_slide_is_drawn_before_it_is_shown(begin: Begin) -> None:
    shown = begin()
    shown.at(1)
    drawn = "all => all.map(plot => plot.querySelectorAll('.main-svg').length > 0)"
    assert shown.page.locator(".plot").evaluate_all(drawn) == [True] * 4


def test_a_mark_says_its_value_in_french(begin: Begin) -> None:
    shown = begin(2)
    bar = shown.page.locator(".slide.is-now .plot .point path").first
    bar.hover(force=True)
    expect(shown.page.locator(".slide.is-now .hoverlayer")).to_contain_text("Gers : 0,4")


# Through time --------------------------------------------------------------------------------------------------------


def test_a_chart_goes_through_time_by_hand(begin: Begin) -> None:
    shown = begin(4)
    slider, label = shown.page.locator("#temps input"), shown.page.locator("#temps output")
    chart = shown.page.locator("#temps .js-plotly-plot")
    expect(label).to_have_text(decks.LABELS[2])
    shown.press("ArrowUp")
    expect(label).to_have_text(decks.LABELS[1])
    assert chart.evaluate("chart => chart.data[0].x[0]") == 0.1
    expect(shown.page.locator("#temps.is-past")).to_have_count(1)  # the title is of another day, and says so
    shown.press("ArrowRight")
    shown.at(5)
    shown.press("ArrowLeft")
    shown.at(4)
    expect(label).to_have_text(decks.LABELS[2])
    expect(shown.page.locator("#temps.is-past")).to_have_count(0)
    shown.press("ArrowUp", "ArrowDown", "ArrowDown")  # there is nothing after the last one
    expect(label).to_have_text(decks.LABELS[2])
    slider.focus()
    shown.press("Home")
    expect(label).to_have_text(decks.LABELS[0])
    expect(slider).to_have_attribute("aria-valuetext", decks.LABELS[0])
    shown.at(4)  # the slider's keys are the slider's
    assert chart.evaluate("chart => chart.data[0].x[0]") == 0


def test_playing_begins_again_and_ends_at_the_last_moment(file: str, show: Open) -> None:
    shown = show(f"{file}#4")
    shown.page.clock.install()
    play, label = shown.page.locator("#temps .play"), shown.page.locator("#temps output")
    expect(label).to_have_text(decks.LABELS[2])  # nothing plays by itself
    play.click()
    expect(label).to_have_text(decks.LABELS[0])
    expect(play).to_have_attribute("aria-label", "Pause")
    shown.page.clock.run_for(1100)
    expect(label).to_have_text(decks.LABELS[1])
    shown.page.clock.run_for(2200)
    expect(label).to_have_text(decks.LABELS[2])
    expect(play).to_have_attribute("aria-label", "Lire")
    play.click()
    shown.press("ArrowRight", "ArrowLeft")  # leaving the slide stops it
    expect(play).to_have_attribute("aria-label", "Lire")


def test_a_map_goes_through_time_and_says_what_is_under_the_pointer(begin: Begin) -> None:
    shown = begin(5)
    land, mark, tip = (shown.page.locator(each) for each in ("[data-department]", "[data-finess]", "#tip"))
    mark.hover()
    expect(tip).to_have_text("Clinique fictive\ncible atteinte")
    shown.press("ArrowUp")
    expect(land).to_have_attribute("fill", "#ff0000")
    expect(mark).to_have_attribute("href", "#carte-76-1-carte-b")
    expect(shown.page.locator("[data-count]")).to_have_text("0")
    shown.page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    mark.hover()
    expect(tip).to_have_text("Clinique fictive\ncible manquée")
    assert tip.evaluate("tip => parseFloat(getComputedStyle(tip).fontSize)") >= 16


def test_nothing_moves_for_those_who_want_no_motion(begin: Begin) -> None:
    shown = begin(4)
    shown.page.emulate_media(reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("*")].filter((each) => {
      const style = getComputedStyle(each);
      const transition = style.transitionProperty !== "none" && !/^0s/.test(style.transitionDuration);
      return style.animationName !== "none" || transition;
    }).map((each) => each.outerHTML.slice(0, 80))"""
    assert shown.page.evaluate(moving) == []


# The presenter's window ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["file", "served"])
def test_the_presenters_window_stays_in_step(where: str, request: pytest.FixtureRequest, show: Open) -> None:
    shown = show(request.getfixturevalue(where))
    with shown.page.expect_popup() as opening:
        shown.press("n")
    desk = opening.value
    desk.set_viewport_size({"width": 1366, "height": 768})
    speech, number = desk.locator(".speech"), desk.locator(".desk .place")
    expect(speech).to_have_text("Saluer.\nDire la date.")
    expect(desk.locator(".slide:visible")).to_have_count(2)
    for _ in range(4):
        shown.press("ArrowRight")
    expect(number).to_have_text(f"5 / {LAST}")
    expect(speech).to_have_text("Montrer le Gers.")
    desk.keyboard.press("ArrowLeft")
    expect(shown.page.locator(".slide:nth-of-type(4)")).to_be_visible()
    shown.at(4)
    desk.keyboard.press("ArrowUp")
    expect(shown.page.locator("#temps output")).to_have_text(decks.LABELS[1])
    desk.keyboard.press("b")
    expect(shown.page.locator("#black")).to_be_visible()
    expect(desk.locator(".black-said")).to_be_visible()
    shown.press("b")
    expect(desk.locator(".black-said")).to_be_hidden()
    desk.get_by_role("button", name="Remettre à zéro").click()
    expect(desk.locator(".elapsed")).to_have_text(re.compile(r"00:0\d"))
    expect(desk.locator(".clock")).to_have_text(re.compile(r"\d\d:\d\d"))
    desk.reload()
    expect(number).to_have_text(f"4 / {LAST}")
    assert shown.errors == []


def test_another_deck_is_not_in_step(file: str, show: Open, tmp_path: Path) -> None:
    other = tmp_path / "other.html"
    other.write_text(document(decks.small(link={"deck": "autre"})), "utf-8")
    first, second = show(file), show(other.as_uri())
    with second.page.expect_popup() as opening:
        second.press("p")
    expect(opening.value.locator(".desk .place")).to_have_text(f"1 / {LAST}")
    opening.value.keyboard.press("End")
    second.at(LAST)
    first.at(1)


# Served and alone ----------------------------------------------------------------------------------------------------


def test_the_file_asks_nothing_of_any_network(file: str, context: BrowserContext, show: Open) -> None:
    context.set_offline(True)
    shown = show(file)
    for key in ("End", "Home", "t", "Escape", "q", "Escape"):
        shown.press(key)
    shown.page.get_by_role("button", name="Page", exact=True).click()
    shown.ready("page")
    assert shown.requests == [file]
    assert shown.errors == []


def test_a_cut_network_is_said_and_newer_data_are_news_only(served: str, server: Server, show: Open) -> None:
    shown = show(f"{served}#3")
    shown.page.clock.install()
    shown.page.reload()
    shown.ready()
    before = shown.page.locator(".slide.is-now").inner_text()
    cut, newer = shown.page.locator(".offline"), shown.page.locator(".newer")
    ask = "dispatchEvent(new Event('online'))"
    expect(cut).to_be_empty()
    server.said = None
    shown.page.clock.run_for(31_000)  # it asks by itself
    expect(cut).to_have_text("Réseau coupé")
    shown.press("ArrowRight", "ArrowLeft")
    shown.at(3)
    assert shown.page.evaluate(FAULTS) == []
    server.said = "Une situation plus récente est publiée."
    shown.page.evaluate(ask)
    expect(cut).to_be_empty()
    expect(newer).to_be_visible()
    expect(newer.locator("span")).to_be_hidden()  # the audience sees a sign only
    newer.get_by_role("button", name="Des données plus récentes existent").focus()
    expect(newer.locator("span")).to_have_text(server.said)
    expect(newer.locator("span")).to_be_visible()
    newer.get_by_role("button", name="Masquer").click()
    expect(newer).to_be_hidden()
    shown.page.evaluate(ask)
    expect(newer).to_be_hidden()
    assert shown.page.locator(".slide.is-now").inner_text() == before


# To read, to print, to hear ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_shut_out(theme: str, show: Open, tmp_path: Path) -> None:
    path = tmp_path / "deck.html"
    path.write_text(document(decks.small(theme), base=BASE), "utf-8")
    shown = show(f"{path.as_uri()}#3")
    assert shown.barriers() == []
    shown.press("?")
    assert shown.barriers() == []
    shown.press("Escape", "4", "Enter")
    assert shown.barriers() == []
    shown.page.get_by_role("button", name="Page", exact=True).click()
    shown.ready("page")
    assert shown.barriers() == []


def test_the_same_slides_are_a_page(begin: Begin) -> None:
    shown = begin(3)
    charts = """() => [...document.querySelectorAll(".plot")].map((plot) => {
      const box = plot.getBoundingClientRect(), drawn = plot.querySelector(".main-svg").getBoundingClientRect();
      return drawn.width <= box.width + 1 && drawn.height <= box.height + 1;
    })"""
    for _ in range(2):
        shown.page.get_by_role("button", name="Page", exact=True).click()
        shown.ready("page")
        expect(shown.page.locator(".slide:visible")).to_have_count(LAST)
        assert shown.page.evaluate(charts) == [True] * 4
        expect(shown.page.get_by_role("heading", name="Deux vues")).to_be_in_viewport()
        shown.page.get_by_role("button", name="Diapositives").click()
        shown.ready("deck")
        shown.at(3)
        assert shown.page.evaluate(FAULTS) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_fits_its_window_and_has_its_tables(width: int, show: Open, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(document(decks.small(), layout="page", base=BASE), "utf-8")
    shown = show(path.as_uri(), "page")
    shown.page.set_viewport_size({"width": width, "height": 844})
    shown.page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    table = shown.page.locator("#region-76 table")
    expect(table).to_be_hidden()
    shown.page.locator("#region-76 summary").click()
    expect(table).to_be_visible()
    shown.page.get_by_text("Sommaire").click()
    shown.page.get_by_role("link", name="Comparaison : Deux vues").click()
    expect(shown.page.get_by_role("heading", name="Deux vues")).to_be_in_viewport()
    shown.press("ArrowRight")  # keys are the page's
    expect(shown.page.locator(".slide:visible")).to_have_count(LAST)


def test_a_slide_is_a_sheet_of_paper_and_a_page_is_cut_nowhere(begin: Begin) -> None:
    shown = begin()
    sheets = re.compile(rb"/Type\s*/Page\b(?!s)")
    printed = shown.page.pdf(prefer_css_page_size=True)
    assert len(sheets.findall(printed)) == LAST
    assert re.search(rb"/MediaBox \[0 0 960 540\]", printed)
    shown.page.get_by_role("button", name="Page", exact=True).click()
    shown.ready("page")
    printed = shown.page.pdf(prefer_css_page_size=True)
    assert len(sheets.findall(printed)) < 2 * LAST
    assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]", printed)
    shown.page.get_by_role("button", name="Diapositives").click()
    shown.ready()


def test_without_javascript_everything_can_be_read(file: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file)
    expect(page.locator(".slide:visible")).to_have_count(LAST)
    expect(page.locator("table:visible")).to_have_count(6)
    expect(page.get_by_text("Sans JavaScript")).to_be_visible()
    expect(page.get_by_text("Gers 40 %, Tarn 70 %.").first).to_be_visible()
    context.close()
