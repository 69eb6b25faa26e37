"""Decks over HTTP: frozen, made once for everyone, and never a trace where there is nothing to show."""

import asyncio
import gzip
import re
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.testclient import TestClient

from sunes import api
from sunes.api import presenting
from sunes.api.presenting import LONGEST, PREFIX
from sunes.api.workshop import BusyError, File, Workshop
from sunes.deck import plan
from sunes.deck.plan import Deck
from sunes.deck.slide import Presentation
from sunes.errors import DataError
from sunes.programme import load_programme
from sunes.snapshots import Store
from tests import decks
from tests.people import HERE
from tests.rows import establishment

MAY, JUNE, SEPTEMBER = date(2024, 5, 31), date(2024, 6, 30), date(2024, 9, 30)
HOSTILE = '"><script>alert(1)</script>'
REGISTER = [establishment("310000001"), establishment("310000002"), establishment("750000003", "11", "75")]


publish = partial(decks.publish, REGISTER)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Two situations, the newest published on the second of October."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    store = Store(tmp_path)
    publish(store, MAY, 1)
    publish(store, JUNE, 2)
    return store


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    routes = Starlette(routes=api.ROUTES)
    with TestClient(routes, base_url="http://sunes.test", follow_redirects=False) as client:
        yield client


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Presentation]:
    """What documents are made of; they say little more than how many apply."""
    presentations: list[Presentation] = []

    def document(presentation: Presentation, **options: Any) -> str:
        presentations.append(presentation)
        said = " ".join(text for slide in presentation.slides for text in slide.paragraphs)
        return f"{presentation.title} {options['layout']} {options['base']} {options.get('live')} {said}"

    monkeypatch.setattr(presenting, "document", document)
    return presentations


def ask(client: TestClient, path: str, **params: str) -> Any:
    return client.get(f"{PREFIX}/{path}", params=params)


def opened(client: TestClient, **params: str) -> str:
    """The address to which a link leads."""
    answer = client.get(f"{PREFIX}/ecran", params=params)
    assert answer.status_code == 302
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.next_request.url) if answer.next_request else ""


def given(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def shown(client: TestClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def refusal(client: TestClient, address: str, status: int) -> str:
    """What a page that shows no deck says, in French and without a trace."""
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert '<html lang="fr">' in answer.text
    assert "Traceback" not in answer.text
    assert re.search(r'<a href="\.\./presentation[^"]*" target="_top">Revenir à la préparation</a>', answer.text)
    (said,) = re.findall(r"<p>((?:(?!</p>).)*)</p>\n<p><a", answer.text, re.DOTALL)
    return str(said).replace("\u00a0", " ").replace("\u202f", " ")


def test_a_link_is_frozen_when_it_is_opened(client: TestClient, store: Store, made: list[Presentation]) -> None:
    address = opened(client, region="76", deck="bilan", theme="dark", layout="page")

    assert given(address) == {
        "snapshot": "2024-06-30~1",
        "region": "76",
        "deck": "bilan",
        "theme": "dark",
        "known_at": "2024-10-02T08:30:00Z",
        "layout": "page",
    }
    assert "page http://sunes.test" in shown(client, address)
    assert made[0].link["theme"] == "dark"


def test_everyone_who_opens_a_link_between_two_publications_gets_the_same_deck(
    client: TestClient, store: Store
) -> None:
    assert opened(client, region="76") == opened(client, region="76")


def test_a_date_is_frozen_on_the_revision_that_stands(client: TestClient, store: Store) -> None:
    publish(store, MAY, 3)

    assert given(opened(client, snapshot="2024-05-31"))["snapshot"] == "2024-05-31~2"
    assert given(opened(client, snapshot="2024-05-31~1"))["snapshot"] == "2024-05-31~1"


def test_a_frozen_link_is_not_changed(client: TestClient, store: Store, made: list[Presentation]) -> None:
    shown(client, f"{PREFIX}/ecran?snapshot=2024-06-30~1&known_at=2024-10-01T12:00:00Z")

    assert made[0].link["known_at"] == "2024-10-01T12:00:00Z"


def test_a_publication_changes_nothing_in_a_deck_and_is_told_of(
    client: TestClient, store: Store, made: list[Presentation]
) -> None:
    address = opened(client, region="76")
    before = shown(client, address)
    asked = {name: given(address)[name] for name in ("snapshot", "known_at")}
    assert ask(client, "etat", **asked).json() == {"said": ""}

    publish(store, JUNE, 3, applicants=3)
    assert shown(client, address) == before
    said = ask(client, "etat", **asked).json()["said"].replace("\u202f", " ")
    assert said == "Une correction est publiée (révision 2) ; la révision 1 reste affichée."

    publish(store, SEPTEMBER, 4)
    assert shown(client, address) == before
    said = ask(client, "etat", **asked).json()["said"].replace("\u202f", " ")
    assert said == (
        "Une correction est publiée (révision 2) ; la révision 1 reste affichée. "
        "Une situation plus récente est publiée (au 30 septembre 2024)."
    )
    assert given(opened(client, region="76"))["snapshot"] == "2024-09-30~1"


def test_what_was_published_before_is_no_news(client: TestClient, store: Store) -> None:
    publish(store, JUNE, 3)
    publish(store, SEPTEMBER, 4)
    asked = given(opened(client, snapshot="2024-06-30~1"))

    assert ask(client, "etat", **asked).json() == {"said": ""}


def test_a_correction_of_an_earlier_situation_changes_no_deck(
    client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[object] = []

    def document(presentation: Presentation, **options: Any) -> str:
        rates.append(next(slide for slide in presentation.slides if slide.kind == "region").figures)
        return "x"

    monkeypatch.setattr(presenting, "document", document)
    address = opened(client, region="76", deck="directeurs")
    shown(client, address)
    publish(store, MAY, 3, applicants=2)
    shown(client, f"{address}&layout=page")

    assert rates[0] == rates[1]


def test_a_withdrawal_is_told_of(client: TestClient, store: Store) -> None:
    address = opened(client)
    store.withdraw("2024-06-30", "erreur de saisie", HERE)

    said = ask(client, "etat", **given(address)).json()["said"].replace("\u202f", " ")
    assert said.startswith("La situation affichée a été retirée le ")
    assert said.endswith("(motif : erreur de saisie) ; ses chiffres ne valent plus.".replace(" :", "\u00a0:"))
    assert "a été retirée" in refusal(client, address, 404)


def test_the_state_is_silent_where_it_is_asked_nothing(client: TestClient, store: Store) -> None:
    assert ask(client, "etat").json() == {"said": ""}
    assert ask(client, "etat", snapshot="2024-06-30").json() == {"said": ""}
    assert ask(client, "etat", snapshot="2030-01-01~1", known_at="2024-10-02T08:30:00Z").json() == {"said": ""}
    assert ask(client, "etat").headers["cache-control"] == "no-store"


def test_many_who_open_a_deck_at_once_have_it_made_once(
    client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Presentation] = []
    all_asked = Event()

    def document(presentation: Presentation, **options: Any) -> str:
        calls.append(presentation)
        assert all_asked.wait(60)
        return "un document"

    monkeypatch.setattr(presenting, "document", document)
    address = opened(client, region="11")
    get, asked = presenting._WORKSHOP.get, []

    async def counted(request: Any, key: Any, make: Any) -> Any:
        asked.append(key)
        if len(asked) == 20:
            all_asked.set()
        return await get(request, key, make)

    monkeypatch.setattr(presenting._WORKSHOP, "get", counted)
    with ThreadPoolExecutor(20) as people:
        answers = list(people.map(lambda _: client.get(address), range(20)))

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "un document")}
    assert len(calls) == 1


class Asker:
    """A request as uvicorn has it, and somebody who may leave."""

    def __init__(self) -> None:
        self.leave = asyncio.Event()
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
        self.request = Request(scope, self._receive)

    async def _receive(self) -> Any:
        await self.leave.wait()
        return {"type": "http.disconnect"}


@pytest.fixture
def bench() -> Iterator[tuple[Workshop, Callable[[str], File], list[str], Event]]:
    """A workshop of one thread and three files, which is at « first » until it is told; what was made."""
    made: list[str] = []
    begun, go_on = Event(), Event()

    def make(name: str) -> File:
        made.append(name)
        if name == "first":
            begun.set()
            assert go_on.wait(60)
        return File(name.encode(), "text/plain")

    workshop = Workshop(room=100_000, workers=1, most=3)
    try:
        yield workshop, make, made, go_on
    finally:
        go_on.set()
        workshop._workers.shutdown()


def test_a_workshop_takes_so_many_orders_and_forgets_those_of_who_left(bench: Any) -> None:
    workshop, make, made, go_on = bench

    async def run() -> None:
        people = {name: Asker() for name in ("first", "left", "half", "half again", "busy", "later")}

        def asks(who: str, name: str) -> asyncio.Task[File]:
            return asyncio.create_task(workshop.get(people[who].request, name, lambda: make(name)))

        orders = {who: asks(who, who.split()[0]) for who in ("first", "left", "half", "half again")}
        while len(workshop._making) < 3:
            await asyncio.sleep(0)
        with pytest.raises(BusyError, match="réessayez dans une minute"):
            await asks("busy", "busy")

        people["left"].leave.set()
        people["half"].leave.set()
        for who in ("left", "half"):
            with pytest.raises(ClientDisconnect):
                await orders[who]
        later = asks("later", "later")  # there is room again
        while "later" not in workshop._making:
            await asyncio.sleep(0)
        go_on.set()
        assert [(await order).body for order in (orders["first"], orders["half again"], later)] == [
            b"first",
            b"half",
            b"later",
        ]
        assert made == ["first", "half", "later"]

    asyncio.run(run())
    assert workshop._making == {}


def test_a_file_that_was_begun_is_kept_though_nobody_waits(bench: Any) -> None:
    workshop, make, made, go_on = bench

    async def run() -> None:
        asker = Asker()
        order = asyncio.create_task(workshop.get(asker.request, "first", lambda: make("first")))
        while not made:
            await asyncio.sleep(0)
        asker.leave.set()
        with pytest.raises(ClientDisconnect):
            await order
        go_on.set()
        assert (await workshop.get(Asker().request, "first", lambda: make("first"))).body == b"first"

    asyncio.run(run())
    assert made == ["first"]


def test_a_server_that_makes_as_many_decks_as_it_may_says_so(
    client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    address = opened(client, region="11", deck="bilan", theme="dark", layout="page")
    monkeypatch.setattr(presenting._WORKSHOP, "_most", 0)
    assert "prépare déjà beaucoup de présentations" in refusal(client, address, 503)
    assert client.get(address).headers["retry-after"] == "60"
    assert caplog.text == ""


def test_a_deck_that_could_not_be_made_is_made_when_it_is_asked_for_again(
    client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> str:
        raise RuntimeError("secret")

    address = opened(client, region="11", deck="bilan")
    with monkeypatch.context() as broken:
        broken.setattr(presenting, "document", fail)
        said = refusal(client, address, 500)
    assert re.fullmatch("Une erreur inattendue s’est produite ; signalez-la avec la référence [0-9a-f]{8}.", said)
    assert "secret" not in said
    assert "secret" in caplog.text

    monkeypatch.setattr(presenting, "document", lambda *_, **__: "un document")
    assert shown(client, address) == "un document"


def test_what_a_browser_has_is_not_sent_again(client: TestClient, store: Store, made: list[Presentation]) -> None:
    address = opened(client)
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert len(made) == 1


def test_a_document_is_packed_for_those_who_unpack(client: TestClient, store: Store, made: list[Presentation]) -> None:
    address = opened(client)
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    plain = client.get(address, headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"


def test_a_document_asks_nothing_of_anybody_else(client: TestClient, store: Store) -> None:
    answer = client.get(opened(client, region="76"))
    policy = answer.headers["content-security-policy"]

    assert policy.startswith("default-src 'self'")
    assert not re.search(r"https?:|\*", policy)
    scripts = re.findall(r"plotly-[0-9a-f]+\.js", answer.text)
    script = client.get(f"{PREFIX}/{scripts[0]}", headers={"accept-encoding": "gzip"})
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-encoding"] == "gzip"
    assert int(script.headers["content-length"]) < 2_000_000 < len(script.text)
    assert refusal(client, f"{PREFIX}/plotly-0.js", 404)


def test_the_address_of_the_site_may_be_told(
    client: TestClient, store: Store, made: list[Presentation], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = opened(client)
    assert "deck http://sunes.test Live" in shown(client, address)
    hostile = client.get(address, headers={"host": 'a"><b'})
    assert '"><b' not in hostile.text

    monkeypatch.setenv("SUNES_PUBLIC_URL", "https://sunes.exemple.fr/")
    assert "deck https://sunes.exemple.fr Live" in shown(client, address)


# Files ----------------------------------------------------------------------------------------------------------------


def test_a_deck_is_taken_away_as_a_file_that_opens_elsewhere(client: TestClient, store: Store) -> None:
    ours = Deck.model_validate(
        {"title": f"Point {HOSTILE} à l’été", "slides": [{"kind": "title"}], "view": "region=76", "theme": "dark"}
    )
    answer = ask(client, "deck.toml", **ours.params(load_programme()))

    assert answer.headers["content-type"] == "application/toml; charset=utf-8"
    (name,) = re.findall(r'attachment; filename="(.*)"', answer.headers["content-disposition"])
    assert name == "sunes_presentation_point-script-alert-1-script-a-lete_occitanie_2024-06-30~1.toml"
    back = Deck.from_toml(answer.content, name, load_programme())
    assert (back.title, back.slides, back.theme) == (ours.title, ours.slides, "dark")
    assert tomllib.loads(answer.text)["view"] == "snapshot=2024-06-30~1&region=76"
    assert back.known_at == decks.moment(2)


def test_the_page_taken_away_asks_nothing_at_all(client: TestClient, store: Store, made: list[Presentation]) -> None:
    answer = ask(client, "deck.html", deck="directeurs")

    assert "SUN-ES : point pour la direction deck http://sunes.test None" in answer.text.replace("\u00a0", " ")
    assert 'filename="sunes_presentation_' in answer.headers["content-disposition"]
    assert answer.headers["content-disposition"].endswith('.html"')


def test_the_powerpoint_file_is_one(client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presenting, "powerpoint", lambda made, base: f"{made.title} {base}".encode())
    answer = ask(client, "deck.pptx", deck="bilan")

    assert answer.headers["content-type"].endswith("presentationml.presentation")
    assert answer.headers["content-disposition"].endswith('.pptx"')
    assert answer.content.decode().endswith("http://sunes.test")


# What is wrong --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("deck=inconnue", 400, "La présentation « inconnue » n’existe pas"),
        ("deck=~abime", 400, "Le lien de cette présentation est abîmé"),
        ("region=99", 400, "Région : « 99 » n’existe pas"),
        ("autre=1", 400, "Le paramètre « autre » de l’adresse est inconnu"),
        ("theme=sepia", 400, "Le thème « sepia » n’existe pas"),
        ("layout=roman", 400, "La mise en page « roman » n’existe pas"),
        ("known_at=hier", 400, "« hier » n’est pas un moment"),
        ("snapshot=hier", 400, "« hier » ne désigne pas une situation"),
        ("snapshot=2030-01-01", 404, "Il n’y a pas de situation « 2030-01-01 »"),
        ("snapshot=2030-01-01~1&known_at=2024-10-02T08:30:00Z", 404, "Il n’y a pas de situation « 2030-01-01 »"),
        ("deck=" + "x" * LONGEST, 414, "Le lien est trop long"),
        (urlencode({"deck": HOSTILE}), 400, "&lt;script&gt;"),
    ],
)
def test_a_link_that_is_wrong_gets_a_sentence(
    client: TestClient, store: Store, query: str, status: int, said: str
) -> None:
    for path in ("ecran", "deck.pptx", "deck.html", "deck.toml"):
        assert said in refusal(client, f"{PREFIX}/{path}?{query}", status)


def test_the_way_back_keeps_what_was_asked(client: TestClient, store: Store) -> None:
    answer = client.get(f"{PREFIX}/ecran?region=76&deck=inconnue")

    assert 'href="../presentation?region=76&amp;deck=inconnue"' in answer.text


def test_what_mailing_tools_and_embedding_add_is_no_mistake(client: TestClient, store: Store) -> None:
    assert "utm" not in opened(client, utm_source="lettre", embed="true")


def test_an_empty_store_has_nothing_to_show(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path / "rien"))

    said = refusal(client, f"{PREFIX}/ecran", 503)
    assert said == "Aucune situation n’est publiée : il n’y a rien à montrer."
    assert ask(client, "etat", snapshot="2024-06-30~1", known_at="2024-10-02T08:30:00Z").json() == {"said": ""}


def test_a_damaged_situation_is_not_shown_even_if_it_was_before(
    client: TestClient, store: Store, made: list[Presentation]
) -> None:
    address = opened(client, deck="bilan")
    shown(client, address)
    (store.folder / "as_of=2024-06-30" / "usages.parquet").write_bytes(b"x")

    said = refusal(client, address, 503)
    assert said.startswith("Les données demandées sont absentes ou endommagées sur le serveur")
    assert str(store.folder) not in said


def test_a_deck_of_slides_that_have_nothing_to_show_says_so(client: TestClient, store: Store) -> None:
    empty = Deck.model_validate({"title": "Fiches", "slides": [{"kind": "sheet"}]})
    address = opened(client, **empty.params(load_programme()))

    assert "Aucune diapositive" in refusal(client, address, 404)


def test_a_store_that_does_not_say_when_it_was_published_is_frozen_all_the_same(
    client: TestClient, store: Store, made: list[Presentation]
) -> None:
    for manifest in store.folder.glob("*/manifest.json"):
        manifest.write_text(re.sub(r'"published_at": "[^"]*"', '"published_at": null', manifest.read_text("utf-8")))
    address = opened(client)

    assert opened(client) == address
    assert shown(client, address)
    publish(store, SEPTEMBER, 1)
    assert "30 septembre 2024" in ask(client, "etat", **given(address)).json()["said"]


def test_the_packed_form_of_a_text_is_the_same_each_time() -> None:
    first, second = (File.of_text("déjà", "text/html") for _ in range(2))

    assert first.body == second.body
    assert gzip.decompress(first.body).decode() == "déjà"


@pytest.mark.parametrize("problem", [DataError("secret"), KeyError("secret")])
def test_no_reason_that_is_not_for_people_reaches_them(
    client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: Any) -> None:
        raise problem

    monkeypatch.setattr(plan, "from_params", fail)
    said = refusal(client, f"{PREFIX}/ecran", 503 if isinstance(problem, DataError) else 500)
    assert "secret" not in said
