"""The HTTP door: the figures of `sunes.metrics`, headers that programs can rely on, errors that say what is wrong."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urljoin, urlsplit
from urllib.request import Request, urlopen

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from sunes import api, counts, engine, metrics
from sunes.access.people import EVERYTHING
from sunes.api.links import links
from sunes.api.openapi import ESTABLISHMENTS_PARAMETERS, METRICS_PARAMETERS
from sunes.api.replies import TOLD, Reply, respond
from sunes.api.serving import LONGEST, Shelf
from sunes.cli import app as command_line
from sunes.metrics import METRICS
from sunes.programme import load_programme
from sunes.records import has_position
from sunes.roster import roster
from sunes.snapshots import Store
from sunes.view import PARAMETERS, View
from tests import rows
from tests.browser import ROOT
from tests.people import HERE
from tests.rows import application, establishment, usage

PROGRAMME = load_programme()
EMBEDDED = Store.default()
MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
HOSTILE = "=cmd|' /C calc'!A0, <script>alert(1)</script> \u202eא"

REGISTER = [
    establishment("310000001", name=HOSTILE, combined_activity=10.0, latitude=43.6, longitude=1.44),
    establishment("310000002", legal_status="private", activities=["mco", "had"], latitude=43.7, longitude=1.5),
    establishment("340000003", "76", "34"),
    establishment("750000004", "11", "75", legal_status="espic", latitude=48.85, longitude=2.35),
]
FULL = rows.tables(
    REGISTER,
    [
        application("310000001", 1, "dmp", grant_eur=90_000),
        application("310000001", 2, "mss", "pending"),
        application("310000002", 2, "dmp", "rejected"),
        application("750000004", 2, "dmp"),
    ],
    [
        usage("310000001", 1, "dmp", "lettre_liaison", "attained"),
        usage("310000001", 1, "dmp", "ordonnance_sortie", "attained"),
    ],
)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api.ROUTES), base_url="http://sunes.test/data/v1/") as client:
        yield client


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A simulated snapshot of the register alone, then a real one."""
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    store = Store(tmp_path)
    publish(store, MAY, rows.tables(REGISTER), simulated=True)
    publish(store, JUNE, FULL)
    return store


def publish(store: Store, as_of: date, content: rows.Tables, simulated: bool = False) -> None:
    store.publish(as_of, rows.arrow((as_of, 1, content))[2], simulated=simulated, published_by="Essai")


def get(client: TestClient, url: str) -> Any:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.json()


def problem(client: TestClient, url: str, status: int) -> str:
    """The sentence of an error, whose form is that of RFC 9457."""
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    content = answer.json()
    assert (content["type"], content["status"]) == ("about:blank", status)
    assert content["title"]
    return str(content["detail"]).replace("\u00a0", " ").replace("\u202f", " ")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def written(value: object) -> str:
    """A value of JSON as CSV has it."""
    if isinstance(value, list):
        return "|".join(map(str, value))
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


# Metrics --------------------------------------------------------------------------------------------------------------

QUESTIONS = [
    ("", View(), ()),
    ("region=76,11&by=region,volet", View(regions=("76", "11")), ("region", "volet")),
    ("region=76&region=11&by=region&by=volet", View(regions=("76", "11")), ("region", "volet")),
    ("department=31,34&window=2,1&volet=dmp", View(departments=("31", "34"), windows=(1, 2), volet="dmp"), ()),
    ("status=public,espic&by=legal_status,department,window", View(legal_statuses=("espic", "public")), ()),
    ("finess=990000200,990000460&by=volet", View(finess=("990000200", "990000460")), ("volet",)),
    ("snapshot=2024-05-31&by=window", View(snapshot="2024-05-31"), ("window",)),
    ("snapshot=2024-06-30~1&utm_source=lettre", View(snapshot="2024-06-30~1"), ()),
    ("by=snapshot,region", View(), ("snapshot", "region")),
    ("region=53&by=region", View(regions=("53",)), ("region",)),
]


@pytest.mark.parametrize(("query", "view", "by"), QUESTIONS)
def test_metrics_are_those_of_the_package(client: TestClient, query: str, view: View, by: tuple[str, ...]) -> None:
    by = by or tuple(filter(None, parse_qs(query).get("by", [""])[0].split(",")))
    expected = [dict(row) for row in metrics.ask(EMBEDDED, view, by, programme=PROGRAMME).rows]
    assert get(client, f"metrics.json?{query}") == expected
    lines = client.get(f"metrics.csv?{query}")
    assert table(lines.text) == [{name: written(value) for name, value in row.items()} for row in expected]
    assert lines.text.split("\n")[0].split(",")[:3] == ["snapshot", "revision", "simulated"]


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_the_command_line_writes_the_same_bytes(client: TestClient, kind: str) -> None:
    output = CliRunner().invoke(
        command_line, ["metrics", "--region", "76", "--by", "volet,department", "--format", kind]
    )
    assert client.get(f"metrics.{kind}?region=76&by=volet,department").text == output.stdout


def test_a_history_has_bounds(client: TestClient, store: Store) -> None:
    def days(query: str = "") -> list[str]:
        return [row["snapshot"] for row in get(client, f"metrics.json?by=snapshot{query}")]

    assert days() == ["2024-05-31", "2024-06-30"]
    assert days("&since=2024-06-01") == ["2024-06-30"]
    assert days("&until=2024-05-31") == ["2024-05-31"]


# Establishments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "view"),
    [
        ("", View()),
        ("region=76&volet=mss", View(regions=("76",), volet="mss")),
        ("department=31&window=1&status=private", View(departments=("31",), windows=(1,), legal_statuses=("private",))),
        ("snapshot=2022-06-30&finess=990000200", View(snapshot="2022-06-30", finess=("990000200",))),
    ],
)
def test_establishments_are_those_of_the_roster(client: TestClient, query: str, view: View) -> None:
    expected = roster(engine.frames([EMBEDDED.resolve(view.snapshot)], EVERYTHING), view, PROGRAMME)
    found = get(client, f"establishments.json?{query}")
    assert [(record["finess"], record["name"]) for record in found] == [(e.finess, e.name) for e in expected.lines]
    for volet in expected.lines[0].states:
        assert [record[f"state_{volet}"] for record in found] == [line.states[volet] for line in expected.lines]
    lines = client.get(f"establishments.csv?{query}")
    assert table(lines.text) == [{name: written(value) for name, value in record.items()} for record in found]

    features = get(client, f"establishments.geojson?{query}")
    located = [line for line in expected.lines if has_position(line)]
    assert [feature["id"] for feature in features["features"]] == [line.finess for line in located]
    assert features["total"] + features["without_position"] == len(found)
    assert features["total"] == len(located)


@pytest.mark.parametrize("kind", ["json", "csv", "geojson"])
@pytest.mark.parametrize("limit", [100, 369, 737, 5000])
def test_pages_lead_over_every_establishment_once(client: TestClient, kind: str, limit: int) -> None:
    address, seen, pages = f"http://sunes.test/data/v1/establishments.{kind}?limit={limit}", [], 0
    while address:
        answer = client.get(address)
        content: Any = table(answer.text) if kind == "csv" else answer.json()
        records = [f["properties"] for f in content["features"]] if kind == "geojson" else content
        assert 0 < len(records) <= limit
        seen += [record["finess"] for record in records]
        pages += 1
        if pages > 1:
            back = client.get(urljoin(address, answer.links["prev"]["url"]))
            assert back.headers["x-total-count"] == answer.headers["x-total-count"]
        address = urljoin(address, answer.links["next"]["url"]) if "next" in answer.links else ""
    assert len(seen) == len(set(seen)) == int(answer.headers["x-total-count"]) == (712 if kind == "geojson" else 737)
    assert pages == -(-len(seen) // limit)


def test_the_next_page_is_of_the_same_revision(client: TestClient, store: Store) -> None:
    first = client.get("establishments.json?region=76&limit=2")
    query = parse_qs(urlsplit(first.links["next"]["url"]).query)
    assert query == {"snapshot": ["2024-06-30~1"], "region": ["76"], "limit": ["2"], "offset": ["2"]}
    publish(store, JUNE, rows.tables(REGISTER[:2]))
    following = client.get(urljoin(str(first.url), first.links["next"]["url"]))
    assert {record["revision"] for record in (*first.json(), *following.json())} == {1}
    assert len(first.json()) + len(following.json()) == 3
    assert get(client, "establishments.json?offset=99") == []


def test_geojson_is_what_maps_read(client: TestClient) -> None:
    answer = client.get("establishments.geojson")
    assert answer.headers["content-type"].startswith("application/geo+json")
    content = answer.json()
    assert content["type"] == "FeatureCollection"
    assert "crs" not in content
    assert (content["snapshot"], content["revision"], content["simulated"]) == ("2024-06-30", 1, True)
    for feature in content["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        longitude, latitude = feature["geometry"]["coordinates"]
        assert -2 < longitude < 6, "longitude first, and in France"
        assert 42 < latitude < 50
        assert "latitude" not in feature["properties"]


def test_hostile_names_are_exact_in_json_and_harmless_in_csv(client: TestClient, store: Store) -> None:
    (record,) = get(client, "establishments.json?finess=310000001")
    assert record["name"] == HOSTILE
    (line,) = table(client.get("establishments.csv?finess=310000001").text)
    assert line["name"] == f"'{HOSTILE}"
    assert line["longitude"] == "1.44"


def test_what_is_not_known_is_no_zero(client: TestClient, store: Store) -> None:
    by_finess = {record["finess"]: record for record in get(client, "establishments.json")}
    accepted, alone = by_finess["310000001"], by_finess["340000003"]
    assert (accepted["attained_indicators"], accepted["required_indicators"]) == (2, 2)
    assert (accepted["state_dmp"], accepted["state_mss"]) == ("attained", "applicant")
    assert (alone["attained_indicators"], alone["required_indicators"]) == (None, None)
    assert (alone["latitude"], alone["combined_activity"], alone["activities"]) == (None, None, [])


# Snapshots ------------------------------------------------------------------------------------------------------------


def test_snapshots_are_those_of_the_command_line(client: TestClient, store: Store) -> None:
    publish(store, JUNE, FULL)
    store.withdraw("2024-05-31", "doublon", HERE)
    output = CliRunner().invoke(command_line, ["snapshots", "list", "--format", "json", "--data", str(store.directory)])
    answer = client.get("snapshots.json")
    assert answer.json() == json.loads(output.stdout)
    assert [record["state"] for record in answer.json()] == ["withdrawn", "replaced", "current"]
    assert "sunes-left-out" not in answer.headers


# Headers --------------------------------------------------------------------------------------------------------------

ROUTES = [
    "metrics.json?by=region",
    "metrics.csv",
    "establishments.json",
    "establishments.csv",
    "establishments.geojson",
    "snapshots.json",
    "openapi.json",
]


@pytest.mark.parametrize("url", ROUTES)
def test_an_answer_is_sent_once(client: TestClient, url: str) -> None:
    answer = client.get(url)
    etag = answer.headers["etag"]
    assert re.fullmatch(r'W/"[0-9a-f]{40}"', etag)
    assert client.get(url).headers["etag"] == etag
    for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        same = client.get(url, headers={"If-None-Match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
        assert same.headers["cache-control"] == answer.headers["cache-control"]
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("url", [*ROUTES, "metrics.json?region=99", "nowhere"])
def test_head_says_what_get_would(client: TestClient, url: str) -> None:
    full, head = client.get(url), client.head(url)
    assert (head.status_code, head.content) == (full.status_code, b"")
    assert head.headers == full.headers
    assert int(head.headers["content-length"]) == len(full.content)
    assert "charset=utf-8" in head.headers["content-type"]


@pytest.mark.parametrize("url", ROUTES)
def test_other_sites_may_read_and_nothing_else(client: TestClient, url: str) -> None:
    read = client.get(url, headers={"Origin": "https://elsewhere.example"})
    assert read.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in read.headers
    assert set(read.headers["access-control-expose-headers"].split(", ")) == set(TOLD)
    assert read.headers["x-content-type-options"] == "nosniff"
    preflight = client.options(
        url, headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    )
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        refused = client.request(method, url)
        assert refused.status_code == 405
        assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert "access-control-allow-origin" not in refused.headers
        assert "GET, HEAD et OPTIONS" in refused.json()["detail"]


@pytest.mark.parametrize("url", [*ROUTES, "metrics.json?region=99", "nowhere"])
def test_at_home_no_other_site_reads(url: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_LISTENS", "localhost")
    with TestClient(
        Starlette(routes=api.ROUTES), "http://localhost:8501/data/v1/", client=("127.0.0.1", 1)
    ) as neighbour:
        for method in ("GET", "HEAD", "OPTIONS"):
            for more in ({}, {"Authorization": "Bearer x"}):
                answer = neighbour.request(method, url, headers={"Origin": "https://elsewhere.example"} | more)
                assert "access-control-allow-origin" not in answer.headers
        # Whoever comes through a proxy is a visitor, and told what visitors are.
        assert neighbour.get(url, headers={"Via": "1.1 cache"}).headers["access-control-allow-origin"] == "*"


def test_what_depends_on_who_asks_is_read_by_programs_of_other_sites_and_not_by_their_pages() -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "client": ("192.0.2.1", 1)}
    for personal, keys, is_open in ((False, [], True), (True, [], False), (True, [(b"authorization", b"x")], True)):
        answer = respond(StarletteRequest(scope | {"headers": keys}), Reply(b"{}", "json", personal=personal))
        assert ("access-control-allow-origin" in answer.headers) is is_open


@pytest.mark.parametrize("route", ["metrics.json", "metrics.csv", "establishments.json", "establishments.geojson"])
def test_a_pinned_revision_is_kept_and_the_latest_asked_again(client: TestClient, store: Store, route: str) -> None:
    pinned = client.get(f"{route}?snapshot=2024-06-30~1")
    assert pinned.headers["cache-control"] == "public, max-age=3600"
    for query in ("", "?snapshot=latest", "?snapshot=2024-06-30"):
        assert client.get(route + query).headers["cache-control"] == "public, no-cache"
    latest = client.get(route)
    assert [latest.headers[f"sunes-{name}"] for name in ("snapshot", "revision", "simulated")] == [
        "2024-06-30",
        "1",
        "false",
    ]
    publish(store, JUNE, FULL)
    corrected = client.get(route, headers={"If-None-Match": latest.headers["etag"]})
    assert (corrected.status_code, corrected.headers["sunes-revision"]) == (200, "2")
    assert client.get(f"{route}?snapshot=2024-06-30~1").content == pinned.content


def test_a_history_names_its_snapshots(client: TestClient, store: Store) -> None:
    headers = client.get("metrics.json?by=snapshot").headers
    assert headers["sunes-snapshot"] == "2024-05-31, 2024-06-30"
    assert (headers["sunes-revision"], headers["sunes-simulated"]) == ("1, 1", "true, false")
    assert headers["cache-control"] == "public, no-cache"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("metrics.csv?by=region,volet&region=76", "sunes_metrics_region-volet_76_2024-06-30~1.csv"),
        ("metrics.csv?by=snapshot", "sunes_metrics_snapshot_2021-11-30~1_2024-06-30~1.csv"),
        ("establishments.csv?volet=mss", "sunes_etablissements_mss_2024-06-30~1.csv"),
    ],
)
def test_a_file_is_named_after_what_is_in_it(client: TestClient, url: str, name: str) -> None:
    assert client.get(url).headers["content-disposition"] == f'attachment; filename="{name}"'


# Errors ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "status", "expected"),
    [
        ("metrics.json?region=99", 400, "Région : « 99 » n’existe pas."),
        ("metrics.csv?region=99;DROP", 400, "Région : « 99;DROP » n’existe pas."),
        ("metrics.json?region=76&department=75", 400, "Le département 75 n’est pas dans la région choisie."),
        ("metrics.json?volet=mms", 400, "Volet : « mms » n’existe pas (possibles : dmp, mss)."),
        ("metrics.json?window=5&window=x", 400, "Fenêtre : « 5 » n’existe pas"),
        ("metrics.json?status=privé", 400, "Statut juridique : « privé » n’existe pas"),
        ("establishments.json?finess=31", 400, "Numéro FINESS : « 31 » n’existe pas."),
        ("metrics.json?by=country", 400, "Découpage inconnu : country"),
        ("metrics.json?regoin=76", 400, "Paramètre inconnu : « regoin » (possibles : snapshot, region,"),
        ("metrics.json?region=", 400, "« region » est vide : donnez-lui une valeur ou retirez-le."),
        ("establishments.csv?region=76&snapshot=", 400, "« snapshot » est vide"),
        ("establishments.json?by=region", 400, "Paramètre inconnu : « by »"),
        ("snapshots.json?region=76", 400, "Paramètre inconnu : « region » (cette adresse n’en prend aucun)."),
        ("metrics.json?snapshot=demain", 400, "« demain » ne désigne pas une situation"),
        ("metrics.json?snapshot=2024-06-30,2024-05-31", 400, "Situation : « 2024-05-31 » est de trop."),
        ("metrics.json?since=2024-01-01", 400, "« since » et « until » demandent « by=snapshot »."),
        ("metrics.json?by=snapshot&since=juin", 400, "« since » : « juin » n’est pas une date"),
        ("metrics.json?by=snapshot&since=2024-01-01&since=2024-01-02", 400, "« since » : une seule date est attendue."),
        ("metrics.json?by=snapshot&snapshot=latest", 400, "« snapshot » ne va pas avec « by=snapshot »"),
        ("establishments.json?limit=0", 400, "« limit » : un nombre entier de 1 à 5000 est attendu."),
        ("establishments.json?limit=5001", 400, "« limit »"),
        ("establishments.csv?offset=-1", 400, "« offset »"),
        ("establishments.csv?offset=1&offset=2", 400, "« offset »"),
        ("establishments.geojson?limit=²", 400, "« limit »"),
        ("metrics.json?snapshot=2024-06-29", 404, "Il n’y a pas de situation « 2024-06-29 »"),
        ("metrics.json?by=snapshot&since=2030-01-01", 404, "Il n’y a pas de situation dans cette période"),
        ("metrics", 404, "Il n’y a rien à cette adresse"),
        ("metrics.json/", 404, "Il n’y a rien à cette adresse"),
        ("../v1/", 404, "Il n’y a rien à cette adresse"),
        (f"metrics.json?finess={'1' * LONGEST}", 414, "L’adresse est trop longue"),
    ],
)
def test_what_is_wrong_is_said(client: TestClient, url: str, status: int, expected: str) -> None:
    assert problem(client, url, status).startswith(expected)


def test_a_withdrawn_revision_is_not_there(client: TestClient, store: Store) -> None:
    store.withdraw("2024-06-30", "erreur de saisie", HERE)
    assert "retirée" in problem(client, "metrics.json?snapshot=2024-06-30", 404)
    assert get(client, "metrics.json")[0]["snapshot"] == "2024-05-31"


COMPUTED = ["metrics.json", "metrics.csv", "establishments.json", "establishments.csv", "establishments.geojson"]


@pytest.mark.parametrize("url", COMPUTED)
@pytest.mark.parametrize("file", ["usages.parquet", "manifest.json"])
def test_a_damaged_snapshot_is_not_answered_from(
    client: TestClient, store: Store, url: str, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.get(url).status_code == 200, "even what has been asked before"
    (store.resolve().path / file).write_bytes(b"PAR1")
    sentence = problem(client, url, 503)
    assert "endommagées" in sentence
    assert str(store.directory) not in sentence
    assert file in caplog.text, "whoever runs the server learns which"
    assert client.get(f"{url}?snapshot=2024-05-31").status_code == 200


@pytest.mark.parametrize("file", ["usages.parquet", "manifest.json"])
def test_a_gap_in_the_history_is_said(client: TestClient, store: Store, file: str) -> None:
    (store.resolve().path / file).unlink()
    for url in ("metrics.json?by=snapshot", "snapshots.json"):
        answer = client.get(url)
        assert answer.headers["sunes-left-out"] == "2024-06-30~1"
    assert [row["snapshot"] for row in get(client, "metrics.json?by=snapshot")] == ["2024-05-31"]
    assert "endommagées" in problem(client, "metrics.json?by=snapshot&since=2024-06-01", 503)


def test_a_question_that_takes_too_long_says_what_to_do(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    counts.forget()
    monkeypatch.setenv("SUNES_QUERY_SECONDS", "-1")
    assert "resserrez les filtres" in problem(client, "metrics.json?by=department,window,volet", 503)
    monkeypatch.delenv("SUNES_QUERY_SECONDS")
    assert get(client, "metrics.json?by=department,window,volet")


def test_an_empty_store_has_nothing_to_say(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path / "vide"))
    for url in COMPUTED:
        assert str(tmp_path) not in problem(client, url, 503)
    assert get(client, "snapshots.json") == []
    assert get(client, "openapi.json")["openapi"] == "3.1.0"


def test_a_register_without_applications_is_answered(client: TestClient, store: Store) -> None:
    (row,) = get(client, "metrics.json?snapshot=2024-05-31&volet=dmp")
    assert (row["eligible"], row["applicants"], row["attainment_rate"], row["simulated"]) == (4, 0, None, True)
    records = get(client, "establishments.json?snapshot=2024-05-31")
    assert {record["state_dmp"] for record in records} == {"not_applicant"}


def test_what_nobody_expected_stays_inside(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, store: Store
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("sunes.metrics.answer", fail)
    sentence = problem(client, "metrics.json", 500)
    assert "secret" not in sentence
    reference = sentence.split()[-1].rstrip(".")
    (logged,) = (record.getMessage() for record in caplog.records if record.name == "sunes.api.serving")
    assert reference in logged
    assert "secret" in caplog.text


VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ("76", "11", "31", "2A", "dmp", "mss", "1", "2", "public", "990000001", "latest", "2024-06-30", "2024-06-30~1")
    ),
    st.sampled_from(
        ("region,volet", "snapshot", "2024-02-30", "~", "-1", "1e3", "%00", "9" * 40, "٣", "null", "\ud7ff")
    ),
)
NAMES = st.sampled_from((*METRICS_PARAMETERS, *ESTABLISHMENTS_PARAMETERS)) | st.text(max_size=6)
PAIRS = st.lists(st.tuples(NAMES, st.lists(VALUES, max_size=3).map(",".join)), max_size=4)
QUERIES = PAIRS.map(lambda pairs: "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs))


@settings(deadline=None, derandomize=True, database=None, max_examples=150)
@given(route=st.sampled_from(COMPUTED), query=QUERIES | st.binary(max_size=30).map(quote))
@example(route="metrics.json", query="snapshot=2024-06-30~" + "9" * 4200)
@example(route="metrics.json", query="region=%FF%FE&by=%00")
@example(route="establishments.json", query="offset=" + "9" * 5000)
def test_no_question_breaks_the_server(client: TestClient, route: str, query: str) -> None:
    answer = client.get(f"{route}?{query}")
    assert answer.status_code in (200, 400, 404)
    if answer.status_code != 200:
        assert json.loads(answer.content)["detail"]
    elif route.endswith("csv"):
        assert answer.text.startswith("snapshot,revision,simulated,")
    else:
        assert isinstance(json.loads(answer.content), dict if route.endswith("geojson") else list)


# What is kept ---------------------------------------------------------------------------------------------------------


def test_the_shelf_keeps_the_latest_within_its_room() -> None:
    shelf: Shelf[Reply] = Shelf(room=40_000)
    made: list[str] = []

    def ask(key: str, size: int = 6000) -> None:
        shelf.get(key, lambda: made.append(key) or Reply(b"x" * size, "json"))  # type: ignore[func-returns-value]

    for key in ("a", "b", "a", "c", "d", "e", "a", "f", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "d", "e", "f", "b"], "b is what was asked longest ago when f came"
    ask("huge", 20_000)
    ask("huge", 20_000)
    ask("a")
    assert made[7:] == ["huge", "huge"]


# The description ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def description(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = get(client, "openapi.json")
    return document


def test_the_description_is_openapi(description: dict[str, Any]) -> None:
    validate(description)
    assert description["openapi"].startswith("3.1")


def test_its_examples_are_as_described(description: dict[str, Any]) -> None:
    shown = 0
    for methods in description["paths"].values():
        for content in methods["get"]["responses"]["200"]["content"].values():
            if "example" in content:
                checked = OAS31Validator({**content["schema"], "components": description["components"]})
                assert [error.message for error in checked.iter_errors(content["example"])] == []
                shown += 1
    assert shown == len(ROUTES) - 1, "all but the description itself"


def test_every_route_and_parameter_is_described(client: TestClient, description: dict[str, Any]) -> None:
    assert sorted(description["paths"]) == sorted(f"/data/v1/{url.partition('?')[0]}" for url in ROUTES)
    described = description["components"]["parameters"]
    assert set(described) == {*METRICS_PARAMETERS, *ESTABLISHMENTS_PARAMETERS} >= set(PARAMETERS)
    for path, methods in description["paths"].items():
        assert client.get(f"http://sunes.test{path}").status_code == 200
        names = [parameter["$ref"].rpartition("/")[2] for parameter in methods["get"]["parameters"]]
        for name in names:
            value = described[name]["example"]
            text = ",".join(map(str, value)) if isinstance(value, list) else value
            more = "&by=snapshot" if name in ("since", "until") else ""
            assert client.get(f"http://sunes.test{path}?{name}={text}{more}").status_code == 200, name


@pytest.mark.parametrize(
    ("url", "schema", "many"),
    [
        ("metrics.json?by=region,department,legal_status,window,volet", "Metrics", True),
        ("metrics.json?by=snapshot", "Metrics", True),
        ("establishments.json", "Establishment", True),
        ("establishments.json?volet=dmp&limit=3", "Establishment", True),
        ("establishments.geojson", "Establishments", False),
        ("snapshots.json", "Snapshot", True),
        ("metrics.json?region=99", "Problem", False),
        ("metrics.json?snapshot=1999-01-01", "Problem", False),
    ],
)
def test_answers_are_as_described(
    client: TestClient, description: dict[str, Any], url: str, schema: str, many: bool
) -> None:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    whole = {"type": "array", "items": reference, "minItems": 1} if many else reference
    checked = OAS31Validator({**whole, "components": description["components"]})
    answer = client.get(url)
    assert [error.message for error in checked.iter_errors(answer.json())] == []
    record = answer.json()[0] if many else answer.json()
    assert set(record) <= set(description["components"]["schemas"][schema]["properties"])
    responses = description["paths"][f"/data/v1/{url.partition('?')[0]}"]["get"]["responses"]
    if answer.status_code == 200:
        told = {"content-type", "content-length", "x-content-type-options"}
        told |= {name.lower() for name in responses["200"]["headers"]}
        assert {name for name in answer.headers if not name.startswith("access-control-")} <= told
    else:
        assert str(answer.status_code) in responses


def test_its_metrics_are_ours(description: dict[str, Any]) -> None:
    figures = description["components"]["schemas"]["Metrics"]["properties"]
    assert set(METRICS) <= set(figures)
    assert figures["participation_rate"]["title"] == "Taux de participation"
    prose = json.dumps(description, ensure_ascii=False)
    assert not re.search(r"\b(the|returns|list of|error|successful)\b", prose, re.IGNORECASE)


# Links from the pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(
            snapshot="2024-06-30~1",
            regions=("76", "11"),
            departments=("31", "75"),
            volet="mss",
            windows=(1, 2),
            legal_statuses=("public",),
            finess=("990000200",),
        ),
    ],
)
def test_every_link_leads_to_an_answer(client: TestClient, view: View) -> None:
    found = links(view, HERE)
    assert {urlsplit(address).path.rpartition("/")[2] for address in found.values()} == {
        url.partition("?")[0] for url in ROUTES
    }
    for label, address in found.items():
        assert client.get(f"http://sunes.test/{address}").status_code == 200, label


def test_the_sources_lead_to_the_figures_of_the_view() -> None:
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
    at = at.run().switch_page("sources.py")
    at.query_params["region"] = "76"
    said = "\n".join(element.value for element in at.run().markdown)
    for address in links(View(regions=("76",)), HERE).values():
        assert f"]({address})" in said


# The documentation, against a real server -----------------------------------------------------------------------------

HTTP = (ROOT / "docs" / "reference.md").read_text("utf-8").partition("\n## HTTP\n")[2].partition("\n## ")[0]


def snippet(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", HTTP, re.DOTALL)
    assert "http://localhost:8501" in found
    return str(found)


def test_everything_is_documented() -> None:
    for url in ROUTES:
        name, _, kind = url.partition("?")[0].rpartition(".")
        assert re.search(rf"`/data/v1/{name}\.(\w+`|{{[\w,]*\b{kind}\b[\w,]*}}`)", HTTP), url
    names = {*METRICS_PARAMETERS, *ESTABLISHMENTS_PARAMETERS} - set(PARAMETERS)
    assert [name for name in (*names, *TOLD) if f"`{name}`" not in HTTP] == []
    assert [status for status in ("304", "400", "404", "405", "414", "500", "503") if status not in HTTP] == []


def test_the_python_example_runs(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(snippet("python").replace("http://localhost:8501", site), "reference.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    expected = {row["region"]: row for row in metrics.ask(EMBEDDED, View(), ("region",), programme=PROGRAMME).rows}
    assert f"76 : {expected['76']['applicants']} / {expected['76']['eligible']}" in printed
    assert printed[-1].startswith("737 ")


def test_the_power_query_example_asks_for_what_is_there(site: str) -> None:
    script = snippet("powerquery")
    (address,) = re.findall(r'Web\.Contents\(\s*"([^"]+)"', script)
    path, query = re.findall(r'RelativePath = "([^"]+)"', script)[0], dict(re.findall(r'(\w+) = "([^"]*)"', script))
    del query["RelativePath"]
    asked = "&".join(f"{name}={value}" for name, value in query.items() if name in METRICS_PARAMETERS)
    with urlopen(f"{address}/{path}?{asked}".replace("http://localhost:8501", site)) as answer:
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        header = answer.read().decode().split("\n")[0].split(",")
    used = re.findall(r'\{"(\w+)", (?:type \w+|Int64\.Type)\}', script)
    assert len(used) > 3
    assert set(used) <= set(header)


def test_the_served_application_has_the_routes_beside_its_pages(site: str) -> None:
    with urlopen(f"{site}/data/v1/metrics.json?region=76") as answer:
        assert json.load(answer)[0]["applicants"] == 235
        etag = answer.headers["etag"]
    with urlopen(Request(f"{site}/data/v1/metrics.json?region=76", method="HEAD")) as answer:
        assert (answer.headers["etag"], answer.read()) == (etag, b"")
    with urlopen(Request(f"{site}/data/v1/establishments.json", method="OPTIONS")) as answer:
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, None)  # it is at home
