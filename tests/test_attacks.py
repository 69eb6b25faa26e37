"""Names, links and files made to do harm: they stay text, lead nowhere, and fill nothing."""

import csv
import gzip
import io
import re
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import openpyxl
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from sunes import api
from sunes.cli import app
from sunes.deck.plan import Deck
from sunes.errors import DataError
from sunes.ingest import files as input_files
from sunes.ingest.files import InputFile
from sunes.ingest.sheet import read_grids
from sunes.manifest import SourceFile
from sunes.programme import load_programme
from sunes.snapshots import Store
from tests import workbooks
from tests.browser import Visit, serve
from tests.rows import application, arrow, establishment, tables, usage

Open = Callable[..., Visit]

# What each of these would do if it were taken for more than a name.
NAMES = (
    """"><img src=x onerror="window.hacked=1">""",
    "<script>window.hacked=2</script></script>",
    "<svg/onload=window.hacked=3>",
    "{{ 7*7 }} ${7*7} #{7*7} %(x)s {0} {said}",
    "![x](https://evil.example/x.png) [lien](javascript:window.hacked=4)",
    "<https://evil.example/auto> www.evil.example https://evil.example/nu",
    "$x^2$ $$\\frac{1}{2}$$ :hospital: :material/bug_report: :red[rouge] :violet-badge[a]",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "../../../etc/passwd",
    "\u202egnp.exe \u2066caché\u2069",
    "a\r\nSet-Cookie: volé=1",
    "long" * 100,
    "`code` ~~barré~~ # titre\n- liste\n| a | b |",
    "&lt;b&gt; &amp; &#60;script&#62; ' \" \\ \x7f",
)
DAYS = (date(2024, 5, 31), date(2024, 6, 30))
FIRST = 310000001


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which everything that a person may name has such a name."""
    folder = tmp_path_factory.mktemp("hostile")
    places = [
        establishment(str(FIRST + rank), name=name, commune_name=name, latitude=43.3 + rank / 40, longitude=1.4)
        for rank, name in enumerate(NAMES)
    ]
    for day in DAYS:
        applied = [application(row["finess"], 1, "dmp") for row in places[: len(NAMES) - (day == DAYS[0])]]
        used = [usage(row["finess"], 1, "dmp", "dmp_documents", "evaluated_met") for row in places[:3]]
        content = tables(places, applied, [row for row in used if row["indicator"] in _indicators()])
        sources = [SourceFile(title=name, publisher=name, file_name=name, licence=name) for name in NAMES]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("os.fsync", lambda descriptor: None)
            Store(folder).publish(
                day, arrow((day, 1, content))[2], simulated=False, sources=sources, published_by=NAMES[0]
            )
    return folder


def _indicators() -> set[str]:
    return {each.code for volet in load_programme().volets for each in getattr(volet, "indicators", ())}


@pytest.fixture
def client(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("SUNES_DATA", str(hostile))
    with TestClient(Starlette(routes=api.ROUTES), "http://localhost", follow_redirects=False) as client:
        yield client


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Nothing reaches any network; where something tries to."""
    tried: list[object] = []

    def refuse(_self: socket.socket, address: object) -> None:
        tried.append(address)
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_args, **_named: refuse(None, host))  # type: ignore[arg-type]
    return tried


# Names ---------------------------------------------------------------------------------------------------------------

_WATCH = """window.violations = []
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.blockedURI))"""
_STRAY = """[data-testid=stMain] :is(img[src=x], img[src*='evil'], a[href*='evil'], a[href^='javascript'], script,
    svg[onload], .katex, del, [data-testid=stMarkdownBadge])"""


def test_hostile_names_are_text_on_every_page(hostile: Path, browser: Any, tmp_path: Path) -> None:
    ids = [str(FIRST + rank) for rank in range(len(NAMES))]
    paths = ("", "etablissements", "carte", "regions", "fenetres", "donnees", "presentation", "importer")
    with serve(tmp_path / "server.log", SUNES_DATA=str(hostile)) as site:
        context = browser.new_context(locale="fr-FR", viewport={"width": 1366, "height": 768})
        context.add_init_script(_WATCH)
        here = Visit(context.new_page())
        here.goto(site)
        for path in (*paths, *(f"etablissements?finess={each}" for each in ids)):
            here.page.goto(f"{site}/{path}")
            here.settle()
            assert here.page.get_by_test_id("stException").count() == 0, path
            assert here.page.locator(_STRAY).count() == 0, path
            assert here.page.evaluate("window.hacked") is None, path
            assert here.page.evaluate("violations") == [], path
        for kind in ("deck", "page"):
            here.page.goto(f"{site}/presentation/ecran?layout={kind}")
            here.page.wait_for_load_state()
            assert here.page.evaluate("window.hacked") is None
            assert here.page.locator("img[src=x], a[href*='evil'], a[href^='javascript']").count() == 0
        context.close()
    assert here.errors == []
    assert here.hosts <= {"127.0.0.1", "local"}
    assert "Traceback" not in (tmp_path / "server.log").read_text("utf-8")


def test_hostile_names_run_in_no_spreadsheet(client: TestClient, hostile: Path, tmp_path: Path) -> None:
    text = client.get("/data/v1/establishments.csv").text.removeprefix("\ufeff")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert len(cells) > len(NAMES)
    assert not [cell for cell in cells if re.match(r"\s*[=@+\t\r]", cell)]

    out = tmp_path / "classeur.xlsx"
    done = CliRunner().invoke(app, ["export", "workbook", "--output", str(out), "--data", str(hostile)])
    assert done.exit_code == 0, done.output
    with closing(openpyxl.load_workbook(out)) as book:
        found = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {name for name in NAMES if name.startswith("=")} <= {cell.value for cell in found}
        assert not [cell for cell in found if cell.data_type == "f"]
        assert not [cell for cell in found if cell.hyperlink and "evil" in str(cell.hyperlink.target)]
    with zipfile.ZipFile(out) as parts:
        assert not [name for name in parts.namelist() if "external" in name or name.endswith(".bin")]


# Headers and names of files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", NAMES)
def test_a_title_breaks_out_of_neither_the_name_of_its_file_nor_its_page(client: TestClient, title: str) -> None:
    deck = Deck.model_validate({"title": title[:100], "slides": [{"kind": "title", "title": title[:100]}]})
    for kind in ("toml", "html"):
        answer = client.get(f"/presentation/deck.{kind}", params=deck.params(load_programme()))
        assert answer.status_code == 200
        said = Message()
        said["content-disposition"] = answer.headers["content-disposition"]
        assert re.fullmatch(rf"[a-z0-9_~.-]+\.{kind}", said.get_filename() or "")
        assert "set-cookie" not in answer.headers
    assert not re.search("<img src=x|<svg/onload|<script>window|href=.?javascript:|49 ", answer.text)


# Paths and addresses -------------------------------------------------------------------------------------------------

ELSEWHERE = (
    "../../etc/passwd",
    "..%2F..%2Fetc",
    "/etc/passwd",
    "as_of=2024-06-30/../..",
    "2024-06-30~1/../../x",
    "2024-06-30\x00",
    "2024-06-30~99999999999999999999",
    "\\\\evil\\share",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "s3://evil/bucket",
    "~root",
    "$HOME",
    "٢٠٢٤-٠٦-٣٠",
)


@pytest.mark.parametrize("reference", ELSEWHERE)
def test_no_reference_leads_out_of_the_store(
    client: TestClient, hostile: Path, alone: list[object], reference: str
) -> None:
    asked = quote(reference, safe="")
    for path in ("data/v1/metrics.json", "data/v1/establishments.csv", "presentation/ecran", "presentation/etat"):
        answer = client.get(f"/{path}?snapshot={asked}")
        if answer.status_code == 302:  # to itself, frozen; there, it is looked for
            answer = client.get(f"/presentation/{answer.headers['location']}")
        knows_no_news = path.endswith("etat") and answer.text == '{"said":""}'
        assert knows_no_news or answer.status_code in (400, 404), path
        assert "root:" not in answer.text
    with pytest.raises(DataError):
        Deck.from_toml(f'[view]\nsnapshot = "{reference}"\n'.encode(), "deck.toml", load_programme())
    for command in (["metrics", "--snapshot", reference], ["snapshots", "verify", reference]):
        if "\x00" not in reference:
            done = CliRunner().invoke(app, [*command, "--data", str(hostile)])
            assert done.exit_code != 0, command
            assert not done.exception or isinstance(done.exception, SystemExit)
    assert alone == []


@pytest.mark.parametrize("query", [{"region": NAMES[0]}, {"finess": "../x"}, {"volet": "dmp' OR 1=1--"}, {"by": "x;y"}])
def test_what_a_link_asks_is_one_of_what_there_is(client: TestClient, query: dict[str, str]) -> None:
    answer = client.get(f"/data/v1/metrics.json?{urlencode(query)}")
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_an_address_in_place_of_a_file_is_no_file(hostile: Path, alone: list[object]) -> None:
    for given in ("http://evil.example/x.csv", "file:///etc/passwd", "s3://evil/x.csv", "|id", "-"):
        done = CliRunner().invoke(
            app, ["import", "--as-of", "2024-07-31", "--register", given, "--data", str(hostile), "--dry-run"]
        )
        assert done.exit_code != 0, given
        assert "root:" not in done.output
    assert alone == []


# Files ---------------------------------------------------------------------------------------------------------------

_BOOK = workbooks.workbook({"A": [["finess", "nom"], ["010000024", "CH"]]})
_LAUGHS = b"".join(
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">',
        *(b'<!ENTITY a%d "%s">' % (rank, b"&a%d;" % (rank - 1) * 10) for rank in range(1, 12)),
        b"]>",
    ]
)
_OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">'
    b'<!ENTITY b SYSTEM "http://evil.example/">]>'
)


def _read(name: str, content: bytes) -> str:
    """What a workbook says, or why it is refused."""
    try:
        return " ".join(
            cell for grid in read_grids(InputFile(name, content)) for row in grid.records for cell in row.cells
        )
    except DataError as error:
        return f"refused: {error}"


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/workbook.xml", workbooks.SHEET])
@pytest.mark.parametrize(("document", "entity"), [(_LAUGHS, b"&a11;"), (_OUTSIDE, b"&a;&b;")])
def test_a_workbook_brings_in_nothing_and_grows_by_nothing(
    alone: list[object], part: str, document: bytes, entity: bytes
) -> None:
    def changed(xml: bytes) -> bytes:
        body = xml.partition(b"?>")[2]
        return document + body.replace(b">CH<", b">" + entity + b"<").replace(b'name="A"', b'name="' + entity + b'"')

    said = _read("suivi.xlsx", workbooks.tampered(_BOOK, part, changed))
    assert "hahaha" not in said
    assert "root:" not in said
    assert len(said) < 10_000
    assert alone == []


@pytest.mark.parametrize("name", ["../../x.csv", "a\r\nb.csv", "/etc/passwd", "\u202evsc.exe"])
def test_the_name_of_a_file_is_only_said(name: str) -> None:
    with pytest.raises(DataError) as refused:
        read_grids(InputFile(name, b"\x00\x01\x02" * 50))
    assert not re.search("[\r\n\u202e]", str(refused.value))


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_files, "MAX_BYTES", 1_000_000)
    bomb = gzip.compress(b"finess;nom\n" + b"010000024;CH\n" * 200_000)
    assert len(bomb) < 20_000
    with pytest.raises(DataError, match="dépasse"):
        _ = InputFile("registre.csv.gz", bomb).content
    twice = gzip.compress(gzip.compress(b"finess;nom\n" * 1000))
    assert "refused" in _read("registre.csv.gz", twice) or "finess" not in _read("registre.csv.gz", twice)
