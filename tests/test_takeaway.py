"""What people take away from the pages: a pinned link, its QR code, a place on an intranet page, files of tables."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from sunes import links
from sunes.access.people import EVERYTHING
from sunes.deck.facts import Facts
from sunes.definitions import load_definitions
from sunes.export.workbook import workbook
from sunes.metrics import ask
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.view import View
from tests.browser import ROOT, Visit
from tests.pages import opened
from tests.rows import application, arrow, establishment, tables

Open = Callable[..., Visit]
Written = dict[str, bytes]

DAY = date(2024, 6, 30)
PROGRAMME = load_programme()
FINESS = tuple(f"{number:09}" for number in range(600))


# Links ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "path", "view", "extra", "address"),
    [
        ("https://sunes.fr", "", View(), {}, "https://sunes.fr/"),
        ("https://sunes.fr/", "carte", View(regions=("76", "11")), {}, "https://sunes.fr/carte?region=11,76"),
        ("https://x.fr/sunes/", "regions", View(volet="dmp"), {}, "https://x.fr/sunes/regions?volet=dmp"),
        (
            "https://x.fr/regions",
            "",
            View(snapshot="2024-06-30~1"),
            links.EMBEDDED,
            "https://x.fr/regions?snapshot=2024-06-30~1&embed=true",
        ),
    ],
)
def test_an_address_says_which_page_and_view(
    base: str, path: str, view: View, extra: dict[str, str], address: str
) -> None:
    assert links.page(base, path, view, **extra) == address


def test_an_iframe_holds_any_address_and_title() -> None:
    html = links.iframe('https://x.fr/?a=1&b="><script>', 'Carte "<b>')
    assert 'src="https://x.fr/?a=1&amp;b=&quot;&gt;&lt;script&gt;"' in html
    assert 'title="Carte &quot;&lt;b&gt;"' in html
    assert html.count("<") == 2


def test_a_code_is_dark_on_light_with_its_quiet_zone() -> None:
    svg = links.qr_svg("https://sunes.fr/regions?region=76")
    assert svg == links.qr_svg("https://sunes.fr/regions?region=76")
    side = int(re.findall(r'viewBox="0 0 (\d+) \1"', svg)[0])
    assert f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>' in svg
    assert 'stroke="#000" d="M4 4.5h7' in svg
    assert "xmlns=" in svg
    assert links.qr_svg(links.page("https://sunes.fr", "etablissements", View(finess=FINESS))) == ""


# Pages ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    """The files on offer after the last run, by name, made as if each button had been pressed."""
    found: Written = {}
    run = AppTest.run

    def anew(at: AppTest, **options: Any) -> AppTest:
        found.clear()
        return run(at, **options)

    def download(_label: str, content: Any, *, file_name: str, **_options: object) -> None:
        assert file_name not in found or file_name.startswith("sunes_classeur")
        found[file_name] = content() if callable(content) else content

    monkeypatch.setattr(AppTest, "run", anew)
    monkeypatch.setattr("streamlit.download_button", download)
    return found


def page(name: str, framed: bool = True, **params: str) -> AppTest:
    """A page in its frame, of those whose address is the name of their file, or without it."""
    at = AppTest.from_file(str(ROOT / "pages" / ("shell.py" if framed else name)), default_timeout=60)
    at = at.switch_page(name) if framed else at
    for parameter, value in params.items():
        at.query_params[parameter] = value
    opened(at.run())
    assert not at.exception
    assert not at.error
    return at


def test_the_link_is_pinned_to_the_revision_on_the_screen() -> None:
    at = page("regions.py", region="76", volet="dmp", snapshot="2024-03-31")
    address, frame = (code.value for code in at.code)
    pinned = {"snapshot": ["2024-03-31~1"], "region": ["76"], "volet": ["dmp"]}
    expected = parse_qs(urlsplit(address).query)
    assert {name: expected[name] for name in ("region", "volet")} == {"region": ["76"], "volet": ["dmp"]}
    assert re.fullmatch(r"2024-03-31~\d", expected["snapshot"][0])
    assert "&amp;embed=true" in frame
    assert 'title="Régions · sunes"' in frame
    assert set(expected) == set(pinned)


def test_a_link_too_long_for_a_code_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = tables([establishment(FINESS[0])])
    Store(tmp_path).publish(DAY, arrow((DAY, 1, content))[2], simulated=True)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    at = page("regions.py", finess=",".join(FINESS))
    assert "Le lien est trop long pour un QR code." in [caption.value for caption in at.caption]


def test_the_workbook_of_a_page_is_the_one_of_its_view(written: Written) -> None:
    page("regions.py", region="76", volet="mss")
    facts = Facts(Store.default(), View(regions=("76",), volet="mss"), PROGRAMME, load_definitions(), sight=EVERYTHING)
    assert written["sunes_classeur_2024-06-30~1.xlsx"] == workbook(facts)


def test_every_table_of_figures_comes_in_four_formats(written: Written) -> None:
    page("overview.py", framed=False, region="76")
    expected = ask(Store.default(), View(regions=("76",)), ("region", "volet"), programme=PROGRAMME)
    name = next(name.removesuffix(".parquet") for name in written if name.endswith(".parquet"))
    assert pq.read_table(io.BytesIO(written[f"{name}.parquet"])).equals(expected.table)
    program = list(csv.DictReader(io.StringIO(written[f"{name}_programmes.csv"].decode())))
    assert [float(row["attainment_rate"]) for row in program] == [row["attainment_rate"] for row in expected.rows]
    people = written[f"{name}.csv"].decode("utf-8-sig").splitlines()
    sheet = openpyxl.load_workbook(io.BytesIO(written[f"{name}.xlsx"]))["Chiffres"]
    header = [str(cell.value) for cell in sheet[1] if not str(cell.value).startswith("Code")]
    assert header == people[0].split(";")
    assert len(program) == len(people) - 1 == sheet.max_row - 1 == 2


def test_a_table_of_establishments_comes_in_four_formats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: Written
) -> None:
    content = tables(
        [establishment("010000014", name="=1+1"), establishment("310000002", "11", "75")],
        [application("010000014", 1, "dmp")],
    )
    Store(tmp_path).publish(DAY, arrow((DAY, 1, content))[2], simulated=False)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    page("establishments.py", framed=False, region="76")
    name = "sunes_etablissements_2024-06-30~1"
    (typed,) = pq.read_table(io.BytesIO(written[f"{name}.parquet"])).to_pylist()
    assert (typed["finess"], typed["name"], typed["activities"], typed["latitude"]) == ("010000014", "=1+1", [], None)
    assert (typed["snapshot"], typed["state_dmp"], typed["required_indicators"]) == ("2024-06-30", "accepted", 2)
    (row,) = csv.DictReader(io.StringIO(written[f"{name}_programmes.csv"].decode()))
    assert (row["finess"], row["name"]) == ("010000014", "'=1+1")
    sheet = openpyxl.load_workbook(io.BytesIO(written[f"{name}.xlsx"]))["Chiffres"]
    cells = dict(zip(*sheet.iter_rows(values_only=True), strict=True))
    assert (cells["FINESS"], cells["Établissement"], cells["Progression (%)"]) == ("010000014", "=1+1", 0)


def test_what_is_read_only_comes_as_a_spreadsheet_too(written: Written) -> None:
    page("regions.py", region="76")
    name = next(name.removesuffix(".xlsx") for name in written if "etapes" in name and name.endswith(".xlsx"))
    assert f"{name}.csv" in written
    assert f"{name}.parquet" not in written
    sheet = openpyxl.load_workbook(io.BytesIO(written[f"{name}.xlsx"]))["Chiffres"]
    counts = [
        cell.value for cell in next(column for column in sheet.iter_cols() if column[0].value == "Établissements")
    ]
    assert counts[1] == 294


# In a browser ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width", "height"), [("light", 1366, 768), ("dark", 390, 844)])
def test_sharing_works_by_keyboard_at_any_width(
    site: str, visit: Open, tmp_path: Path, scheme: str, width: int, height: int
) -> None:
    here = visit(f"{site}/regions?region=76", scheme=scheme, width=width, height=height)
    share = here.page.get_by_role("button", name="Partager")
    here.tab_to(share)
    here.page.keyboard.press("Enter")
    address = f"{site}/regions?snapshot=2024-06-30~1&region=76"
    expect(here.page.locator("code", has_text=address).first).to_have_text(address)
    code = here.page.get_by_alt_text("QR code du lien vers cette page")
    expect(code).to_be_visible()
    assert code.evaluate("picture => picture.complete && picture.naturalWidth > 0")
    with here.page.expect_download() as download:
        here.page.get_by_role("button", name="Classeur Excel").click()
    download.value.save_as(tmp_path / "x.xlsx")
    assert download.value.suggested_filename == "sunes_classeur_2024-06-30~1.xlsx"
    assert "Fenêtres" in openpyxl.load_workbook(tmp_path / "x.xlsx").sheetnames
    assert here.page.evaluate("document.documentElement.scrollWidth") <= width
    assert here.barriers() == []
    here.page.keyboard.press("Escape")
    expect(code).to_be_hidden()
    assert here.errors == []


def test_an_embedded_page_stays_one_and_says_what_it_shows(site: str, visit: Open) -> None:
    outside = visit(f"{site}/healthz-nulle-part").page
    html = links.iframe(f"{site}/regions?snapshot=2024-06-30~1&region=76&embed=true", "Régions · sunes")
    outside.set_content(f"<h1>Intranet</h1>{html}")
    inside = outside.frame_locator("iframe")
    expect(inside.get_by_role("heading", level=1)).to_have_text("Régions")
    expect(inside.get_by_text("Données simulées").first).to_be_visible()
    expect(inside.locator(".st-key-content").get_by_text("30 juin 2024")).to_be_visible()
    expect(inside.get_by_test_id("stAlert")).to_have_count(0)  # « embed » is no unknown parameter
    expect(inside.get_by_test_id("stMainMenu")).to_have_count(0)

    inside.get_by_role("button", name="Occitanie ✕").click()
    expect(inside.get_by_role("button", name="Occitanie ✕")).to_have_count(0)
    inside.get_by_role("link", name="Fenêtres").click()
    expect(inside.get_by_role("heading", level=1)).to_have_text("Fenêtres")
    expect(inside.get_by_test_id("stMainMenu")).to_have_count(0)
    addresses = [urlsplit(frame.url) for frame in outside.frames if frame.url.startswith(site)]
    asked = next(parse_qs(address.query) for address in addresses if address.path == "/fenetres")
    assert asked == {"embed": ["true"], "snapshot": ["2024-06-30~1"]}
