"""The HTML document of a deck as text: all of it in one file, harmless, the same each time."""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections import Counter
from dataclasses import replace
from gzip import decompress
from html.parser import HTMLParser

import pytest

from sunes import links
from sunes.access.people import EVERYTHING
from sunes.deck import build, plan
from sunes.definitions import load_definitions
from sunes.export.html import Live, assets, document, visuals
from sunes.programme import load_programme
from sunes.snapshots import Store
from tests import decks

BASE = "https://sunes.example.fr"
LIVE = Live(status="/presentation/etat", script="/presentation/plotly-1.js")


class Parsed(HTMLParser):
    """The elements of a document, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self._in_script = True
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._in_script:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = attributes, text + data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def script(self, **wanted: str) -> list[str]:
        return [text for attributes, text in self.scripts if wanted.items() <= attributes.items()]


@pytest.fixture(scope="module")
def text() -> str:
    return document(decks.small(), base=BASE)


@pytest.fixture(scope="module")
def parsed(text: str) -> Parsed:
    return Parsed(text)


def test_the_same_deck_gives_the_same_bytes(text: str) -> None:
    assets.packed_plotly.cache_clear()
    assert document(decks.small(), base=BASE) == text


def test_a_slide_is_a_section_with_its_title_first_and_its_place(parsed: Parsed) -> None:
    sections = [attributes for attributes in parsed.named("section") if attributes["class"] == "slide"]
    assert [section["id"] for section in sections] == [slide.id for slide in decks.small().slides]
    assert sections[1]["aria-label"] == "2 sur 7 : Un constat"
    after = [parsed.elements[rank + 2][0] for rank, (tag, _) in enumerate(parsed.elements) if tag == "section"]
    assert set(after) == {"h1"}  # the first thing in the slide's header


def test_each_chart_has_its_description_and_its_table(text: str, parsed: Parsed) -> None:
    charts = [attributes for tag, attributes in parsed.elements if attributes.get("class") == "plot"]
    assert len(charts) == 4
    assert {(chart["role"], chart["aria-label"]) for chart in charts} == {("img", "Gers 40 %, Tarn 70 %.")}
    assert len(parsed.named("table")) == len(parsed.named("caption")) == 6  # with the map's and the list's
    assert text.count(">40,0 %</td>") == 4
    assert {header["scope"] for header in parsed.named("th")} == {"col", "row"}


def test_figures_are_in_the_document_as_they_are(parsed: Parsed) -> None:
    (first, *_) = parsed.script(type="application/json")
    (drawn,) = json.loads(first)
    (bars,) = drawn["data"]
    assert (bars["x"], bars["y"], drawn["layout"]["height"]) == ([0.4, 0.7], ["Gers", "Tarn"], 200)
    assert "template" not in drawn["layout"]  # the one that all of them share
    moving = json.loads(parsed.script(type="application/json")[3])
    assert [frame["data"][0]["x"][0] for frame in moving] == [0.4, 0.0, 0.1, 0.2]


def test_every_slide_says_where_its_figures_come_from(text: str) -> None:
    assert text.count('<strong class="simulated">Données simulées</strong>') == 7
    assert text.count("Situation au 30 juin 2024 (révision 1)") >= 7
    real = document(decks.small(simulated=False, footer="Situation au 30 juin 2024 · Source : « Jeu simulé »"))
    assert "<strong" not in real.split("<main")[1].split("</footer>")[0]


def test_qr_codes_lead_to_the_same_view_and_need_an_address(parsed: Parsed) -> None:
    codes = [attributes for attributes in parsed.named("a") if attributes.get("class") == "qr"]
    assert [code["href"] for code in codes] == [
        links.page(BASE, slide.page, slide.view) for slide in decks.small().slides
    ]
    assert codes[4]["href"] == f"{BASE}/carte?snapshot=2024-06-30~1&region=76"
    without = Parsed(document(decks.small(), live=LIVE))
    assert "qr" not in {attributes.get("class") for attributes in without.named("a")}


def test_the_file_holds_all_that_it_needs_and_may_ask_for_nothing(text: str, parsed: Parsed) -> None:
    (packed,) = parsed.script(id="plotly")
    assert decompress(b64decode(packed)).decode() == assets.plotly()
    asked = {"src", "srcset", "poster", "data", "action"}
    assert [attributes for tag, attributes in parsed.elements if asked & set(attributes)] == []
    assert parsed.named("link") == []
    policy = parsed.named("meta")[2]["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src" not in policy
    assert not re.search(r"url\((?!#)|@import", text.split("<body")[0])


@pytest.mark.parametrize("live", [None, LIVE])
def test_only_the_scripts_of_the_document_may_run(live: Live | None) -> None:
    parsed = Parsed(document(decks.small(), live=live))
    policy = parsed.named("meta")[2]["content"] or ""
    (run,) = [content for attributes, content in parsed.scripts if "type" not in attributes]
    running = [run] if live else [run, assets.plotly()]
    hashes = {f"'sha256-{b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in running}
    (allowed,) = re.findall(r"script-src ([^;]+)", policy)
    assert set(allowed.split()) == hashes | {"'unsafe-eval'"} | ({"'self'"} if live else set())
    assert "unsafe-inline" not in allowed


def test_a_served_document_leaves_plotly_to_its_server() -> None:
    live = Live(status="https://a.example/etat", script="/plotly.js")
    parsed = Parsed(document(decks.small(), live=live))
    assert parsed.script(id="plotly") == []
    (settings,) = parsed.script(id="settings")
    assert json.loads(settings)["live"] == {"status": live.status, "script": live.script}
    assert "connect-src https://a.example" in (parsed.named("meta")[2]["content"] or "")


def test_what_people_wrote_is_text(text: str, parsed: Parsed) -> None:
    usual = Parsed(document(replace(decks.small(), slides=decks.small().slides[:5])))
    assert Counter(tag for tag, _ in parsed.elements if tag in ("script", "img", "iframe")) == Counter(
        tag for tag, _ in usual.elements if tag in ("script", "img", "iframe")
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7 * 7 }}" in text
    assert not [attributes for _, attributes in parsed.elements if {"onerror", "onclick", "onload"} & set(attributes)]
    for hostile in decks.HOSTILE:
        figure = decks.figure(title=hostile)
        slide = replace(decks.small().slides[1], visuals=(replace(decks.chart("x"), figure=figure),))
        island = Parsed(document(replace(decks.small(), slides=(slide,)), live=LIVE)).script(type="application/json")[0]
        assert json.loads(island)[0]["layout"]["title"]["text"] == hostile
        assert not set("<\u2028\u2029") & set(island)


def test_a_long_word_can_be_broken_and_others_are_left_whole() -> None:
    assert visuals.soft("Établissements de l’Occitanie") == "Établissements de l’Occitanie"
    assert visuals.soft(f"<b> {'A' * 30}") == f"&lt;b&gt; {'A' * 14}<wbr>{'A' * 14}<wbr>AA"


def test_ids_are_unique_with_the_same_picture_twice() -> None:
    slide = replace(decks.small().slides[4], visuals=(decks.picture(), decks.picture()))
    parsed = Parsed(document(replace(decks.small(), slides=(slide, replace(slide, id="encore"))), live=LIVE))
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    used = [attributes["href"] for attributes in parsed.named("use")]
    assert used == [f"#{key}-carte-a" for key in ("carte-76-1", "carte-76-2", "encore-1", "encore-2")]
    assert {name.removeprefix("#") for name in used if name} <= set(ids)
    (moments, *_) = parsed.script(type="application/json")
    assert json.loads(moments)[0]["marks"] == {"310000001": "carte-76-1-carte-b"}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_colours_are_those_of_the_theme(name: str) -> None:
    deck = decks.small(name)
    text = document(deck, live=LIVE)
    assert f"color-scheme: {name}; --paper: {deck.theme.paper};" in text
    (settings,) = Parsed(text).script(id="settings")
    assert json.loads(settings)["template"]["layout"]["font"]["color"] == deck.theme.text


def test_a_whole_deck_can_be_mailed() -> None:
    programme = load_programme()
    deck, _ = plan.from_params({"deck": "bilan", "region": "76,11", "snapshot": "2024-06-30~1"}, programme)
    whole = build.presented(deck, Store.default(), programme, load_definitions(), sight=EVERYTHING)
    size = len(document(whole, base=BASE).encode())
    assert size < 8 * 2**20
    plain = replace(whole, slides=tuple(slide for slide in whole.slides if slide.kind != "map"))
    assert len(document(plain, base=BASE).encode()) < 5 * 2**20
