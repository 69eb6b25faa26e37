"""Establishments one by one are for those who may see them, whatever the door; figures about many are for everybody."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from sunes import api, engine, french, metrics, roster
from sunes.access.people import EVERYTHING, NOTHING, VISITOR, ForbiddenError, Person, Role, Sight
from sunes.api.links import links, reserved_said
from sunes.deck.build import BUILDERS, presentation
from sunes.deck.facts import Facts
from sunes.deck.plan import Choice, Deck
from sunes.definitions import load_definitions
from sunes.establishments import peers
from sunes.export.html import document
from sunes.export.parquet import roster_parquet
from sunes.export.pptx import powerpoint
from sunes.export.workbook import workbook
from sunes.insights import changes
from sunes.programme import load_programme
from sunes.schema import TABLES
from sunes.snapshots import Store
from sunes.view import View
from tests import rows
from tests.browser import ROOT
from tests.pages import opened, sent
from tests.people import EVERYBODY, IDF, NATIONAL, OCCITANIE, READER, REGIONAL
from tests.rows import application, arrow, establishment, usage
from tests.strategies import REGIONS, Question, questions

PROGRAMME, DEFINITIONS = load_programme(), load_definitions()
MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
OWN = Sight(frozenset({OCCITANIE}))
OURS, THEIRS, NOBODYS = ("310000001", "310000002"), ("750000003", "750000004", "750000005"), "990000009"
# What tells that a row was there: numbers and names, in letters that any file writes alike.
SEEN, HIDDEN = (*OURS, "Clinique visible"), (*THEIRS, "Clinique secrete")

Told = tuple[list[str], list[str]]


def register() -> list[rows.Row]:
    places: dict[str, Any] = {"combined_activity": 900.0, "location_source": "register"}
    return [
        *(
            establishment(finess, name=f"Clinique visible {finess}", latitude=43.6, longitude=1.4 + rank / 9, **places)
            for rank, finess in enumerate(OURS)
        ),
        *(
            establishment(
                *(finess, IDF, "75"),
                name=f"Clinique secrete {finess}",
                latitude=48.8,
                longitude=2.3 + rank / 99,
                **places,
            )
            for rank, finess in enumerate(THEIRS)
        ),
    ]


def situation(accepted: int) -> rows.Tables:
    """The first so many of each region are accepted; the others apply."""
    ranked = [(finess, rank) for region in (OURS, THEIRS) for rank, finess in enumerate(region)]
    decisions = {finess: "accepted" if rank < accepted else "pending" for finess, rank in ranked}
    return rows.tables(
        register(),
        [application(finess, 1, "dmp", decision) for finess, decision in decisions.items()],
        [
            usage(finess, 1, "dmp", indicator, "attained") | {"numerator": 7, "denominator": 10, "threshold": 0.5}
            for finess, decision in decisions.items()
            if decision == "accepted"
            for indicator in PROGRAMME.volet("dmp").required
        ],
    )


def within(text: str, expected: Told) -> bool:
    """Whether it says nothing of others than expected."""
    return all(set(found) <= set(most) for found, most in zip(told(text), expected, strict=True))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    place = tmp_path / "data"
    monkeypatch.setenv("SUNES_DATA", str(place))
    for day, accepted in ((MAY, 1), (JUNE, 2)):
        Store(place).publish(day, arrow((day, 1, situation(accepted)))[2], simulated=False)
    return Store(place)


@pytest.fixture
def rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put rules in force: those of `said`, and a key for each person, named by what they are."""

    def rule(said: str) -> None:
        keys = "".join(
            f'[[keys]]\nname = "{person.id}"\nrole = "{person.role}"\nregions = {sorted(person.regions)}\n'
            f'sha256 = "{sha256(person.role.encode()).hexdigest()}"\n'
            for person in EVERYBODY[1:]
        )
        file = tmp_path / "acces.toml"
        file.write_text(f"{said}\n{keys}", "utf-8")
        monkeypatch.setenv("SUNES_ACCESS", str(file))

    return rule


def plain(text: str) -> str:
    return text.replace(french.NBSP, " ").replace(french.NARROW_NBSP, " ").replace("\\", "")


def unpacked(content: bytes) -> str:
    """All that an Office file says."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = [file.read(name) for name in file.namelist()]
    nested = [unpacked(part) for part in parts if part[:2] == b"PK"]
    return "\n".join([*(part.decode("utf-8", "replace") for part in parts), *nested])


def told(text: str) -> Told:
    """What a door says of establishments in sight of Occitanie, and of the others."""
    return [each for each in SEEN if each in text], [each for each in HIDDEN if each in text]


ALL: Told = list(SEEN), list(HIDDEN)
NONE: Told = [], []
SIGHTS = {"all": (EVERYTHING, ALL), "own": (OWN, (list(SEEN), [])), "nothing": (NOTHING, NONE)}
sights = pytest.mark.parametrize(("sight", "expected"), SIGHTS.values(), ids=SIGHTS)


# The core -------------------------------------------------------------------------------------------------------------


@settings(deadline=None, derandomize=True, database=None, max_examples=150)
@given(questions(), st.none() | st.frozensets(st.sampled_from((*REGIONS, "53", "28"))))
def test_every_row_is_in_sight_and_every_count_that_of_all(question: Question, regions: frozenset[str] | None) -> None:
    sight, view, programme = Sight(regions), question.view, question.programme
    whole = engine.frames_from_tables([arrow(snapshot) for snapshot in question.snapshots], "pyarrow")
    seen = engine.Frames(whole.headers, whole._scan, sight=sight)
    everyone, found = (roster.roster(frames, view, programme) for frames in (whole, seen))
    assert found.lines == tuple(line for line in everyone.lines if sight.shows(line.establishment))
    if not view.finess or sight.is_whole:
        assert len(found.lines) + found.withheld == len(everyone.lines)
    for day in roster.history(seen, view, programme):
        assert all(sight.shows(line.establishment) for line in day.lines)
    moved = changes.between(seen, seen, view, programme)
    assert all(sight.shows(change.line.establishment) for change in moved.told)
    shown = {row["finess"] for row in whole.establishments.collect().to_arrow().to_pylist() if sight.shows(row)}
    if not sight.is_whole and set(view.finess) - shown:
        with pytest.raises(ForbiddenError):
            metrics.answer(seen, view, question.by, programme=programme)
    elif not view.finess or sight.is_whole:
        figures = [metrics.answer(frames, view, question.by, programme=programme) for frames in (whole, seen)]
        assert figures[0] == figures[1]


def test_a_hidden_number_and_an_unknown_one_are_told_alike(store: Store) -> None:
    frames = engine.frames([store.resolve()], OWN)
    answers = []
    for finess in (THEIRS[0], NOBODYS):
        view = View(finess=(OURS[0], finess))
        found = roster.roster(frames, view, PROGRAMME)
        with pytest.raises(ForbiddenError) as error:
            metrics.answer(frames, view, programme=PROGRAMME)
        answers.append(([line.finess for line in found.lines], found.withheld, str(error.value).replace(finess, "…")))
    assert answers[0] == answers[1] == ([OURS[0]], 1, answers[0][2])
    assert plain(answers[0][2]) == "Numéro FINESS … : aucun établissement dont vous puissiez voir le détail."
    own = metrics.answer(frames, View(finess=OURS), programme=PROGRAMME).rows[0]
    assert (own["eligible"], own["accepted"]) == (2, 2)


def test_who_moves_into_sight_is_not_followed_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    store = Store(tmp_path)
    for day, region, department in ((MAY, IDF, "75"), (JUNE, OCCITANIE, "31")):
        content = rows.tables([establishment(OURS[0], region, department)])
        store.publish(day, arrow((day, 1, content))[2], simulated=False)
    frames, view = engine.frames(store.history(), OWN), View(finess=OURS[:1])
    assert [len(day.lines) for day in roster.history(frames, view, PROGRAMME)] == [0, 1]
    with pytest.raises(ForbiddenError):
        metrics.answer(frames, view, ("snapshot",), programme=PROGRAMME)
    assert metrics.answer(engine.frames([store.resolve()], OWN), view, programme=PROGRAMME).rows[0]["eligible"] == 1


@sights
def test_peers_are_counted_among_all_and_named_in_sight(store: Store, sight: Sight, expected: Told) -> None:
    frames = engine.frames([store.resolve()], sight)
    line = roster.roster(engine.frames([store.resolve()], EVERYTHING), View(), PROGRAMME).lines[-1]
    (found,) = peers.among_all(frames, View(), [line], PROGRAMME)
    assert found is not None
    assert {rank.measured for rank in found.ranks} == {4}
    assert "5 établissements" in plain(found.words)
    assert told(" ".join(f"{each.finess} {each.name}" for each in found.lines)) == expected


# Files and decks ------------------------------------------------------------------------------------------------------


def facts(store: Store, sight: Sight, **view: Any) -> Facts:
    return Facts(store, View(**view), PROGRAMME, DEFINITIONS, sight=sight)


@sights
def test_a_workbook_has_the_rows_in_sight_and_says_what_is_not(store: Store, sight: Sight, expected: Told) -> None:
    text = plain(unpacked(workbook(facts(store, sight))))
    assert told(text) == expected
    assert ("est réservé" in text) == (sight is not EVERYTHING)
    assert "Île-de-France" in text


@sights
@pytest.mark.parametrize("name", TABLES)
def test_an_extract_of_a_table_has_the_rows_in_sight(store: Store, name: str, sight: Sight, expected: Told) -> None:
    listed = facts(store, sight).roster()
    table = pq.read_table(io.BytesIO(roster_parquet(listed, name)))
    assert table.schema.names == TABLES[name].schema.names
    wanted = {each for each in (*expected[0], *expected[1]) if each.isdigit()}
    assert set(table["finess"].to_pylist()) == wanted - ({THEIRS[2]} if name == "usages" else set())


@sights
def test_a_deck_has_the_rows_in_sight_and_says_what_is_not(store: Store, sight: Sight, expected: Told) -> None:
    """Every kind of slide, in every form: the numbers of the sheets are in the link of the deck, whoever opens it."""
    sheets = [Choice(kind="sheet", of=finess) for finess in (OURS[0], THEIRS[0], NOBODYS)]
    others = [Choice(kind=kind) for kind in BUILDERS if kind != "sheet"]
    made = presentation(Deck(title="Essai", slides=(*others, *sheets)), facts(store, sight))
    slides = [slide.id for slide in made.slides]
    assert {"carte-76", "carte-11", "changements", "region-11"} <= set(slides)
    seen, hidden = (f"fiche-{finess}" in slides for finess in (OURS[0], THEIRS[0]))
    assert (seen, hidden) == (bool(expected[0]), bool(expected[1]))
    for text in (document(made, layout="page", base=None), unpacked(powerpoint(made, base=None))):
        # The link back to the deck holds what was asked for, not what was found: it is encoded.
        assert told(text)[1] == expected[1]
        assert [each in text for each in SEEN[-1:]] == [bool(expected[0])]
    (moved,) = (slide for slide in made.slides if slide.id == "changements")
    assert "2 établissements" in plain(moved.title)
    (there,) = (slide for slide in made.slides if slide.id == "carte-11")
    said = [plain(" ".join(slide.paragraphs)) for slide in (moved, there)]
    assert [("est réservé" in each) for each in said] == [sight is not EVERYTHING] * 2


# HTTP -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api.ROUTES), base_url="http://sunes.test", follow_redirects=True) as client:
        yield client


def ask(client: TestClient, person: Person, path: str, **params: str) -> Any:
    headers = {} if person is VISITOR else {"authorization": f"Bearer {person.role}"}
    return client.get(path, params=params, headers=headers)


LISTS = [f"/data/v1/establishments.{kind}" for kind in ("json", "csv", "geojson")]
PEOPLE = pytest.mark.parametrize("person", EVERYBODY, ids=[str(person.role) for person in EVERYBODY])


@PEOPLE
@pytest.mark.parametrize("path", LISTS)
def test_a_list_over_http_holds_what_its_caller_may_see(
    store: Store, rule: Callable[..., None], client: TestClient, path: str, person: Person
) -> None:
    rule('establishments = "own-region"')
    everything = {READER: NONE, REGIONAL: (list(SEEN), [])}.get(person, ALL)
    for _ in range(2):  # what was made for others is at hand by then
        assert told(ask(client, NATIONAL, path).text) == ALL
        answer = ask(client, person, path)
        if person is VISITOR:
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert told(answer.text) == NONE
            assert "Le détail des établissements est réservé" in plain(answer.json()["detail"])
            continue
        assert (answer.status_code, told(answer.text)) == (200, everything)
        shown = sum(map(str.isdigit, (*everything[0], *everything[1])))
        assert int(answer.headers["x-total-count"]) == shown
        assert int(answer.headers.get("sunes-withheld", 0)) == 5 - shown
        assert answer.headers["cache-control"].startswith("private,")
        assert {"Authorization", "Cookie"} <= set(answer.headers["vary"].split(", "))


def test_what_one_caller_has_is_no_validator_for_another(
    store: Store, rule: Callable[..., None], client: TestClient
) -> None:
    rule('establishments = "own-region"')
    etag = ask(client, NATIONAL, LISTS[0]).headers["etag"]
    known = {"if-none-match": etag}
    assert client.get(LISTS[0], headers=known).status_code == 401
    for person, status in ((REGIONAL, 200), (NATIONAL, 304)):
        answer = client.get(LISTS[0], headers=known | {"authorization": f"Bearer {person.role}"})
        assert answer.status_code == status
    assert client.get(LISTS[0], headers={"if-none-match": "*"}).status_code == 401


def test_pages_of_a_list_lead_through_what_may_be_seen(
    store: Store, rule: Callable[..., None], client: TestClient
) -> None:
    rule('establishments = "own-region"')
    first = ask(client, REGIONAL, LISTS[0], limit="1")
    assert "offset=1" in first.headers["link"]
    last = ask(client, REGIONAL, LISTS[0], limit="1", offset="1")
    assert [each.json()[0]["finess"] for each in (first, last)] == list(OURS)
    assert 'rel="next"' not in last.headers["link"]
    assert ask(client, REGIONAL, LISTS[0], offset="2").json() == []
    assert json.loads(ask(client, REGIONAL, LISTS[2]).text)["withheld"] == 3


@PEOPLE
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_figures_over_http_are_for_all_and_those_of_a_number_for_whom_it_may_concern(
    store: Store, rule: Callable[..., None], client: TestClient, kind: str, person: Person
) -> None:
    rule('establishments = "own-region"')
    path = f"/data/v1/metrics.{kind}"
    whole = ask(client, person, path, by="region,volet")
    assert whole.text == ask(client, NATIONAL, path, by="region,volet").text
    assert whole.headers["cache-control"] == "public, no-cache"
    trusted = person.role.rank >= NATIONAL.role.rank
    refused = 401 if person is VISITOR else 403
    for by in ("", "snapshot", "region"):
        params = {"by": by} if by else {}
        for finess in (THEIRS[0], NOBODYS, f"{OURS[0]},{THEIRS[0]}"):
            answer = ask(client, person, path, finess=finess, **params)
            assert answer.status_code == (200 if trusted else refused)
            assert answer.headers["cache-control"] == ("private, no-cache" if trusted else "no-store")
        own = ask(client, person, path, finess=OURS[0], **params)
        assert own.status_code == (200 if trusted or person is REGIONAL else refused)


@PEOPLE
def test_open_data_may_be_closed(store: Store, rule: Callable[..., None], client: TestClient, person: Person) -> None:
    rule("public_data = false")
    for path in (*LISTS, "/data/v1/metrics.json", "/data/v1/snapshots.json"):
        answer = ask(client, person, path)
        assert answer.status_code == (401 if person is VISITOR else 200)
        assert "public" not in answer.headers["cache-control"]
    assert ask(client, person, "/data/v1/openapi.json").status_code == 200


@PEOPLE
@pytest.mark.parametrize(
    "said",
    ["", 'establishments = "signed-in"', 'establishments = "own-region"', "public_data = false"],
)
def test_a_page_offers_the_addresses_that_answer_and_says_why_not_the_others(
    store: Store, rule: Callable[..., None], client: TestClient, said: str, person: Person
) -> None:
    rule(said)
    offered = {address.partition("?")[0] for address in links(View(), person).values()}
    for path in (*LISTS, "/data/v1/metrics.json", "/data/v1/metrics.csv", "/data/v1/snapshots.json"):
        answer = ask(client, person, path)
        empty = path in LISTS and answer.headers.get("x-total-count") == "0"
        assert (path.lstrip("/") in offered) == (answer.status_code == 200 and not empty), path
    reason = plain(reserved_said(person))
    if person is REGIONAL and "own-region" in said:
        assert reason == "Les établissements y sont ceux de votre région (Occitanie)."
    elif person is READER and "own-region" in said:
        assert reason.endswith("; aucune ne vous est attribuée.")
    elif person.role is Role.VISITOR and said:
        assert "aux personnes connectées" in reason
        assert ("ceux de sa région" in reason) == ("own-region" in said)
    else:
        assert reason == ""


def test_a_key_that_opens_nothing_is_told_so(store: Store, rule: Callable[..., None], client: TestClient) -> None:
    rule("")
    answer = client.get("/data/v1/metrics.json", headers={"authorization": "Bearer autre"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@PEOPLE
@pytest.mark.parametrize("form", ["ecran", "deck.html", "deck.pptx"])
def test_a_deck_over_http_holds_what_its_caller_may_see(
    store: Store, rule: Callable[..., None], client: TestClient, person: Person, form: str
) -> None:
    rule('establishments = "own-region"')
    params = {"deck": "bilan"}
    expected = {VISITOR: NONE, READER: NONE, REGIONAL: (list(SEEN), [])}.get(person, ALL)
    for each in (NATIONAL, person):
        answer = ask(client, each, f"/presentation/{form}", **params)
        assert answer.status_code == 200
        assert {"Authorization", "Cookie"} <= set(answer.headers["vary"].split(", "))
        assert answer.headers["cache-control"] == "private, no-cache"
    text = unpacked(answer.content) if form == "deck.pptx" else answer.text
    assert told(text)[1] == expected[1]
    assert (SEEN[-1] in text) == bool(expected[0])
    of_one = ask(client, person, f"/presentation/{form}", finess=THEIRS[0], **params)
    assert of_one.status_code == (200 if expected == ALL else 401 if person is VISITOR else 403)
    if expected != ALL:
        assert HIDDEN[-1] not in of_one.text


def test_decks_are_closed_with_their_page(store: Store, rule: Callable[..., None], client: TestClient) -> None:
    rule('closed_pages = ["presentation"]')
    for path in ("ecran", "deck.html", "deck.pptx", "deck.toml"):
        assert ask(client, VISITOR, f"/presentation/{path}").status_code == 401
        assert ask(client, READER, f"/presentation/{path}").status_code == 200


# Pages ----------------------------------------------------------------------------------------------------------------

PAGES = ("overview", "regions", "windows", "map", "establishments", "presentation", "sources")


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is behind the buttons of a page, by the name of the file. It is made after the page has run."""
    offered: dict[str, Any] = {}

    def button(_label: str, content: Any, *, file_name: str, **_options: object) -> None:
        offered[file_name] = content

    monkeypatch.setattr("streamlit.download_button", button)
    return offered


def page(name: str, person: Person, monkeypatch: pytest.MonkeyPatch, **params: str) -> str:
    """All that a page sends to the browser of somebody, with everything on it opened."""
    with monkeypatch.context() as patched:
        patched.setattr("sunes.ui.access.signin.person", lambda: person)
        at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60).run()
        at = at.switch_page(f"{name}.py")
        for parameter, value in params.items():
            at.query_params[parameter] = value
        opened(at.run())
    assert not at.exception
    assert not at.error
    return plain("\n".join(sent(at._tree)))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_may_be_seen_to_whoever_comes_after_whom(
    store: Store, rule: Callable[..., None], files: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rule('establishments = "own-region"')
    for person, expected in ((NATIONAL, ALL), (REGIONAL, (list(SEEN), [])), (VISITOR, NONE)):
        files.clear()
        text = page(name, person, monkeypatch)
        assert within(text, expected)
        if name in ("map", "establishments"):
            assert told(text) == expected
            withheld = {
                NATIONAL: "",
                REGIONAL: "de 3 établissements est réservé.",
                VISITOR: "adressez-vous à qui administre ce site pour le voir.",
            }
            assert ("est réservé" in text) == (person is not NATIONAL)
            assert withheld[person] in text
        for file, content in files.items():
            made = content() if callable(content) else content
            if file.endswith(".xlsx"):
                made = unpacked(made).encode()
            if file.endswith(".parquet"):
                made = repr(pq.read_table(io.BytesIO(made)).to_pylist()).encode()
            assert within(made.decode("utf-8", "replace"), expected), file
        if name == "sources":
            assert ("data/v1/establishments" in text) == (expected != NONE)
            assert ("aux personnes connectées et aux programmes qui ont une clé" in text) == (person is VISITOR)
            assert len([file for file in files if file.endswith(".parquet")]) == (3 if expected != NONE else 0)


@pytest.mark.parametrize("name", PAGES)
def test_a_number_out_of_sight_is_set_aside_like_one_that_is_none(
    store: Store, rule: Callable[..., None], files: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rule('establishments = "own-region"')
    for finess in (THEIRS[0], NOBODYS):
        text = page(name, REGIONAL, monkeypatch, finess=f"{OURS[0]},{finess}")
        said = f"Numéro FINESS {finess} : aucun établissement dont vous puissiez voir le détail. Ce numéro est ignoré."
        assert said in text
        assert told(text.replace(finess, ""))[1] == []
    if name == "establishments":
        assert "Clinique visible 310000001" in text
        assert "5 établissements publics de taille comparable" in text


def test_without_rules_nobody_has_to_be_known(
    store: Store, monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    monkeypatch.delenv("SUNES_ACCESS", raising=False)
    assert told(page("establishments", VISITOR, monkeypatch)) == ALL
    answer = ask(client, VISITOR, LISTS[0])
    assert told(answer.text) == ALL
    assert answer.headers["cache-control"] == "public, no-cache"
    assert "vary" not in answer.headers
    assert ask(client, VISITOR, f"/data/v1/metrics.json?{urlencode({'finess': NOBODYS})}").status_code == 200
