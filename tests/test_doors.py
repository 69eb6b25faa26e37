"""Every door as every role: nobody is told of an establishment that is not theirs to see, and everybody of theirs.

What a door says is unpacked and searched for names, numbers and places that stand nowhere else. The tables that come of
it are in docs/security.md. A page, a route or a file that is new fails here until it is given its place.
"""

import io
import re
import runpy
import shutil
import time
import tomllib
import zipfile
from base64 import b64decode
from binascii import Error as EncodingError
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from gzip import decompress
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient, WebSocketTestSession
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime, app_session
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME
from typer.testing import CliRunner

from sunes import cli
from sunes.access.people import VISITOR, ForbiddenError, Person, Role
from sunes.access.rights import Deed
from sunes.api import presenting
from sunes.deck.build import BUILDERS
from sunes.deck.plan import Choice, Deck
from sunes.ingest import InputFile
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.ui import site
from sunes.ui.access import providers, sessions
from sunes.ui.importer.draft import Draft
from tests import rows
from tests.browser import ROOT
from tests.generated_tables import SECURITY, settle
from tests.openid_provider import secrets
from tests.pages import opened
from tests.people import IDF, OCCITANIE
from tests.rows import application, arrow, establishment, usage
from tests.test_importing import applications, usages
from tests.test_rights import ACTS
from tests.test_rights import filled as filled_for_deeds

PROGRAMME = load_programme()
HOME = "https://sunes.exemple.fr"
MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)

# Who ----------------------------------------------------------------------------------------------------------------

BOTH = frozenset({OCCITANIE, IDF})
NEITHER: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Caller:
    """Somebody before a door, with the cookie of a sign-in or with a key.

    Attributes
    ----------
    person
        Who they are to be taken for.
    sees
        The regions whose establishments are theirs to see where each sees those of their own.
    key
        What they send as one; a browser has none.
    age
        Hours since they signed in.
    """

    column: str
    person: Person = VISITOR
    sees: frozenset[str] = NEITHER
    key: str = ""
    signed_in: str = ""
    age: float = 0.0

    @property
    def claims(self) -> dict[str, Any]:
        if not self.signed_in:
            return {}
        said = {"is_logged_in": True, "provider": "default", "origin": HOME, "aud": "sunes", "nonce": self.signed_in}
        return said | {"sub": self.signed_in, "email": self.signed_in, "iat": int(time.time() - self.age * 3600)}

    @property
    def headers(self) -> dict[str, str]:
        if self.key:
            return {"authorization": f"Bearer {self.key}"}
        if not self.claims:
            return {}
        cookies = sessions.cookies(self.claims, {})
        return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def known(column: str, role: Role, regions: frozenset[str], sees: frozenset[str]) -> Caller:
    id = f"{column.replace(' ', '-')}@exemple.fr"
    return Caller(column, Person(role, id, id, regions), sees, signed_in=id)


OURS, THEIRS = frozenset({OCCITANIE}), frozenset({IDF})
READER = known("reader of 76", Role.READER, OURS, OURS)
EDITOR = known("editor of 76", Role.REGIONAL_EDITOR, OURS, OURS)
NATIONAL = known("national editor", Role.NATIONAL_EDITOR, NEITHER, BOTH)
ADMINISTRATOR = known("administrator", Role.ADMINISTRATOR, NEITHER, BOTH)
ANYBODY = Caller("visitor")
SIGNED_IN = (
    READER,
    known("reader of 11", Role.READER, THEIRS, THEIRS),
    known("reader without a region", Role.READER, NEITHER, NEITHER),
    EDITOR,
    NATIONAL,
    ADMINISTRATOR,
)
KEY = Caller("key of a reader of 76", Person(Role.READER, "key", "key", OURS), OURS, key="good")
OLD_KEY = Caller("key that is over", key="over")
OVER = Caller("sign-in that is over", signed_in=READER.signed_in, age=9)
BROWSERS = (ANYBODY, *SIGNED_IN, OVER)
EVERYBODY = (ANYBODY, *SIGNED_IN, KEY, OLD_KEY, OVER)
HEADER = ("door", *(each.column for each in EVERYBODY))

# Keys as a file of accesses has them; one is past its time.
_KEYS = "".join(
    f'[[keys]]\nname = "{name}"\nrole = "reader"\nregions = ["{OCCITANIE}"]\n'
    f'sha256 = "{sha256(name.encode()).hexdigest()}"\n{until}\n'
    for name, until in (("good", ""), ("over", "until = 2024-01-01T00:00:00Z"))
)
_PEOPLE = "".join(
    f'[[people]]\nid = "{each.signed_in}"\nrole = "{each.person.role}"\nregions = {sorted(each.person.regions)}\n'
    for each in SIGNED_IN
)

# What there is ------------------------------------------------------------------------------------------------------

# Numbers by region; the last one of each has no place on a map.
NUMBERS = {OCCITANIE: ("310076101", "310076102", "310076103"), IDF: ("750011201", "750011202", "750011203")}
_PLACES: Mapping[str, tuple[str, float, float]] = {
    OCCITANIE: ("31", 43.617332, 1.483713),
    IDF: ("75", 48.913512, 2.371912),
}


def is_told(region: str, text: str, asked: Sequence[str] = ()) -> bool:
    """Whether a text names an establishment of a region, its commune or its place; what was `asked` is said back."""
    _, *place = _PLACES[region]
    names = {f"temoin{region}", *NUMBERS[region], f"bourg{region}temoin"}.difference(asked)
    return any(name in text for name in names) or all(f"{degrees:.4f}" in text for degrees in place)


def _register() -> Iterator[rows.Row]:
    for region, numbers in NUMBERS.items():
        department, latitude, longitude = _PLACES[region]
        for rank, finess in enumerate(numbers):
            located = rank < len(numbers) - 1
            where: dict[str, Any] = {"latitude": latitude, "longitude": longitude, "location_source": "register"}
            yield establishment(
                *(finess, region, department),
                name=f"TEMOIN{region}{'ABC'[rank]}",
                commune_name=f"Bourg{region}temoin",
                combined_activity=900.0 + rank,
                **(where if located else {}),
            )


def _situation(accepted: int) -> rows.Tables:
    ranked = [(finess, rank) for numbers in NUMBERS.values() for rank, finess in enumerate(numbers)]
    taken = [finess for finess, rank in ranked if rank < accepted]
    measured = {"numerator": 7, "denominator": 10, "threshold": 0.5}
    return rows.tables(
        _register(),
        [application(finess, 1, "dmp", "accepted" if finess in taken else "pending") for finess, _ in ranked[:-1]],
        [
            usage(finess, 1, "dmp", indicator, "attained") | measured
            for finess in taken
            for indicator in PROGRAMME.volet("dmp").required
        ],
    )


OWN_REGION = 'establishments = "own-region"'


@pytest.fixture
def rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A store, a site that one signs in to, and rules for it that can be changed."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SUNES_LISTENS", "10.0.0.1")
    monkeypatch.setenv("SUNES_ACCESS", str(tmp_path / "acces.toml"))
    with_sign_in(monkeypatch, True)
    store = Store(tmp_path / "data")
    for day, accepted in ((MAY, 1), (JUNE, 2)):
        store.publish(day, arrow((day, 1, _situation(accepted)))[2], simulated=False)

    def rule(said: str) -> None:
        (tmp_path / "acces.toml").write_text(f"{said}\n{_PEOPLE}{_KEYS}", "utf-8")

    rule(OWN_REGION)
    return rule


def with_sign_in(monkeypatch: pytest.MonkeyPatch, configured: bool) -> None:
    section = tomllib.loads(secrets(f"{HOME}{providers.CALLBACK}", "http://127.0.0.1:1")) if configured else {}
    monkeypatch.setattr(secrets_singleton, "_secrets", section)
    providers.understood.cache_clear()


@pytest.fixture(autouse=True)
def _forget_the_provider() -> Iterator[None]:
    yield
    providers.understood.cache_clear()


# What is told -------------------------------------------------------------------------------------------------------


def unpacked(content: bytes) -> str:
    """All that bytes say in small letters: what is packed in them, or written in base64, as well."""
    if content[:2] == b"\x1f\x8b":
        return unpacked(decompress(content))
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return "\n".join([name + unpacked(file.read(name)) for name in file.namelist()])
    if content[:4] == b"PAR1":
        return repr(pq.read_table(io.BytesIO(content)).to_pylist()).lower()
    text = content.decode("utf-8", "replace")
    found = [text]
    for coded in re.findall(r"base64,([A-Za-z0-9+/]+=*)", text):
        try:
            found.append(unpacked(b64decode(coded)))
        except EncodingError:
            continue
    return "\n".join(found).lower()


def told(content: bytes, asked: Sequence[str] = ()) -> frozenset[str]:
    """The regions of whose establishments it says anything but the numbers that it was asked for."""
    text = unpacked(content)
    return frozenset(region for region in NUMBERS if is_told(region, text, asked))


def named(regions: frozenset[str], own: frozenset[str], none: str = "figures only") -> str:
    """The cell of a table that says so."""
    if regions == BOTH:
        return "all"
    return "own region" if regions and regions == own else none if not regions else "LEAK"


REFUSED = {
    302: "led on",
    401: "sign-in",
    403: "refused 403",
    404: "nothing there 404",
    400: "refused 400",
    405: "refused 405",
}


# Pages --------------------------------------------------------------------------------------------------------------

# What is asked of each page: everything, two numbers, a département since an earlier situation; with the regions that
# this is about.
_BOTH_NUMBERS = (NUMBERS[OCCITANIE][0], NUMBERS[IDF][0])
ASKED: Sequence[tuple[dict[str, str], frozenset[str]]] = (
    ({}, BOTH),
    ({"finess": ",".join(_BOTH_NUMBERS)}, BOTH),
    ({"department": "75", "since": "2024-05-31"}, THEIRS),
)
PAGES = [name for name in site._TITLES if name not in ("importer", "journal")]
# The pages that name establishments, of those that are asked for: « Vue d'ensemble » names those that changed.
DETAILED = {("carte", 0), ("carte", 1), ("carte", 2), ("etablissements", 0), ("etablissements", 1)}
DETAILED |= {("etablissements", 2), ("", 0), ("", 2)}
# Only one of them is drawn at a time.
_TABS = {"donnees": ("Définitions", "Chiffres publiés", "Programme", "Hypothèses et crédits", "Situations")}
_TABS_KEY = "sources"


class Window:
    """The pages as somebody has them before them."""

    def __init__(self, who: Caller, offered: dict[str, Any]) -> None:
        self.who, self._offered = who, offered
        self.at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
        if who.claims:
            self.at.user = dict(sessions.claims(sessions.cookies(who.claims, {})))
        self.at.run()

    def open(self, page: str, params: Mapping[str, str]) -> bytes:
        """All that is sent of a page, with everything on it unfolded."""
        self.at.query_params.clear()
        for name, value in params.items():
            self.at.query_params[name] = value
        self.at.switch_page(site._TITLES[page][0])
        return self.unfolded()

    def press(self, label: str) -> bytes:
        (button,) = (each for each in self.at.button if each.label == label)
        button.click()
        return self.unfolded()

    def unfolded(self) -> bytes:
        self._offered.clear()
        opened(self.at.run())
        assert not self.at.exception, self.who.column
        assert not self.at.error, self.who.column
        return b"\n".join(sent(self.at._tree))

    def files(self) -> list[bytes]:
        """What is behind the buttons of the page."""
        return [made() if callable(made) else made for made in self._offered.values()]

    def figures(self) -> list[str]:
        return [each.value for each in self.at.markdown if "%" in each.value]

    def is_locked(self) -> bool:
        return any(each.icon == ":material/lock:" for each in self.at.info)


def sent(block: Any) -> Iterator[bytes]:
    """The messages of a page, one by one."""
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from sent(child)
        if (proto := getattr(child, "proto", None)) is not None:
            yield proto.SerializeToString()


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is behind the buttons of a page, by the name of the file."""
    files: dict[str, Any] = {}

    def button(_label: str, content: Any, *, file_name: str, **_options: object) -> None:
        files[file_name] = content

    monkeypatch.setattr("streamlit.download_button", button)
    return files


def walked_pages(offered: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What each page, and its files, say to each of those who have a browser: cells by row and column."""
    cells: dict[str, dict[str, str]] = {}
    figures: dict[object, list[str]] = {}
    # Who sees most comes first: what was made for them is at hand when the others come.
    for who in sorted(BROWSERS, key=lambda who: -len(who.sees)):
        window = Window(who, offered)
        for page in PAGES:
            on_page, in_files = NEITHER, NEITHER
            for rank, (params, about) in enumerate(ASKED):
                asked = _BOTH_NUMBERS if "finess" in params else ()
                seen = told(window.open(page, params), asked)
                assert seen <= who.sees, (page, params, who.column)
                if (page, rank) in DETAILED:
                    assert seen == who.sees & about, (page, params, who.column)
                taken = [told(content, asked) for content in window.files()]
                found = frozenset().union(*taken)
                # « Données et sources » offers the tables of a situation, whatever the filters.
                assert found == who.sees & (BOTH if page == "donnees" else about), (page, params, who.column)
                on_page, in_files = on_page | seen, in_files | found
                for tab in _TABS.get(page, ()) if not params else ():
                    window.at.session_state[_TABS_KEY] = tab
                    assert told(window.unfolded()) == NEITHER, (page, tab, who.column)
                if "finess" not in params and page != "etablissements":
                    now = window.figures()
                    assert figures.setdefault((page, rank), now) == now, (page, params, who.column)
            cells.setdefault(f"page `/{page}`", {})[who.column] = named(on_page, who.sees)
            cells.setdefault(f"files of `/{page}`", {})[who.column] = named(in_files, who.sees)
    assert all(figures[(page, 0)] for page in ("", "regions", "fenetres", "carte"))
    return cells


def walked_editing(offered: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What « Importer » and « Journal » let each of them do, and show."""
    cells: dict[str, dict[str, str]] = {"page `/importer`": {}, "page `/journal`": {}}
    given = (NUMBERS[OCCITANIE][0], NUMBERS[IDF][0])
    header = "finess,name,legal_status,department_code\n"
    texts = {
        "establishments": f"{header}{given[0]},Maison,public,31\n{given[1]},Maison,public,75\n",
        "applications": applications(given, "rejected"),
        "usages": usages(given, "missed"),
    }
    for who in BROWSERS:
        window = Window(who, offered)
        draft = Draft("31/07/2024")
        for name, text in texts.items():
            draft.files[name] = [InputFile(f"essai{name}.csv", text.encode())]
        window.at.session_state["import-draft"] = draft
        said = window.open("importer", {})
        assert told(said, given) <= who.sees
        editor = who.person.is_at_least(Role.REGIONAL_EDITOR)
        assert window.is_locked() is not editor
        assert (b"essaiestablishments" in said) is editor
        if who is EDITOR:
            for step in ("Vérifier les fichiers", "Voir ce qui changerait"):
                said = window.press(step)
                assert told(said, given) <= who.sees, (step, who.column)
                for content in window.files():
                    assert told(content, given) <= who.sees, (step, who.column)
            assert [each for each in window.at.button if each.label == "Publier"]
        own = who.person.role is Role.REGIONAL_EDITOR
        cells["page `/importer`"][who.column] = "own region" if own else "all" if editor else "refused"

        said = window.open("journal", {})
        shown = b"publication" in said or b'aria-label="Journal"' in said
        assert shown is (who is ADMINISTRATOR)
        assert window.is_locked() is not shown
        cells["page `/journal`"][who.column] = "all" if shown else "refused"
    return cells


# HTTP ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Door:
    """Something to ask over HTTP.

    Attributes
    ----------
    route
        Which one of the application answers.
    holds
        `rows`: establishments of the regions `about`; `number`: figures of one of them; `figures`: those about many;
        `nothing`: no data.
    """

    row: str
    route: str
    path: str
    holds: str = "nothing"
    about: frozenset[str] = NEITHER
    method: str = "GET"

    @property
    def asked(self) -> Sequence[str]:
        """The numbers in its address, where a deck writes its own in another way."""
        coded = "deck=~" in self.path
        return [each for numbers in NUMBERS.values() for each in numbers if coded or each in self.path]


def _deck() -> str:
    sheets = [Choice(kind="sheet", of=finess) for finess in _BOTH_NUMBERS]
    slides = (*(Choice(kind=kind) for kind in BUILDERS if kind != "sheet"), *sheets)
    return urlencode(Deck(title="Essai", slides=slides).params(PROGRAMME))


def _doors() -> Iterator[Door]:
    data = "/data/v1"
    for kind in ("json", "csv", "geojson"):
        path, row = f"{data}/establishments.{kind}", "`/data/v1/establishments.*`"
        yield Door(row, path, path, "rows", BOTH)
        yield Door(f"{row}, département 75", path, f"{path}?department=75", "rows", THEIRS)
    for kind in ("json", "csv"):
        path, row = f"{data}/metrics.{kind}", "`/data/v1/metrics.*`"
        yield Door(f"{row}, by region and volet", path, f"{path}?by=region,volet", "figures")
        for region, numbers in NUMBERS.items():
            yield Door(
                f"{row}, a number of {region}", path, f"{path}?finess={numbers[0]}", "number", frozenset({region})
            )
    yield Door("`/data/v1/snapshots.json`", f"{data}/snapshots.json", f"{data}/snapshots.json", "figures")
    yield Door("`/data/v1/openapi.json`", f"{data}/openapi.json", f"{data}/openapi.json")
    deck = _deck()
    for form in ("ecran", "deck.html", "deck.pptx"):
        path, row = f"/presentation/{form}", "`/presentation/ecran`, `deck.html`, `deck.pptx`"
        yield Door(f"{row}, with sheets of 76 and 11", path, f"{path}?{deck}", "rows", BOTH)
        theirs = f"{path}?deck=bilan&finess={NUMBERS[IDF][0]}"
        yield Door(f"{row}, a number of 11", path, theirs, "number", THEIRS)
    yield Door("`/presentation/deck.toml`", "/presentation/deck.toml", f"/presentation/deck.toml?{deck}")
    row = "`/presentation/etat`, `plotly-….js`"
    yield Door(row, "/presentation/etat", "/presentation/etat")
    yield Door(row, "/presentation/plotly-{digest}.js", f"/presentation/plotly-{presenting._plotly()[0]}.js")
    yield Door("`/healthz`", "/healthz", "/healthz")
    for path in ("/readyz", "/metrics"):
        yield Door("`/readyz`, `/metrics` from elsewhere", path, path)
    core = "/_stcore"
    for path in ("health", "host-config"):
        yield Door("`/_stcore/health`, `host-config`", f"{core}/{path}", f"{core}/{path}")
    for path in ("metrics", "agent/interact", "agent/openapi.json", "agent/mcp"):
        yield Door("`/_stcore/metrics`, `agent/…`", f"{core}/{path}", f"{core}/{path}")
    upload = f"{core}/upload_file/{{session_id}}/{{file_id}}"
    row = "`/_stcore/upload_file/…`, to a session that is not one’s own"
    yield Door(row, upload, f"{core}/upload_file/a/b", method="PUT")
    yield Door("`/media/…`, a file of nobody’s", "/media/{file_id:path}", "/media/0.csv")
    for path in ("/component", f"{core}/bidi-components"):
        row = "`/component/…`, `/_stcore/bidi-components/…`, none of ours"
        yield Door(row, f"{path}/{{path:path}}", f"{path}/none/x.js")
    yield Door("the index document, scripts, styles", "/", "/etablissements?finess=750011201")
    yield Door("`/auth/…`, `/oauth2callback`", "/auth/login", "/auth/login")
    yield Door("`/auth/…`, `/oauth2callback`", "/oauth2callback", "/oauth2callback")
    yield Door("`/auth/…`, `/oauth2callback`", "/auth/logout", "/auth/logout")


DOORS = tuple(_doors())
STREAM = "/_stcore/stream"


def paths(routes: Sequence[BaseRoute], before: str = "") -> Iterator[str]:
    for route in routes:
        path = f"{before}{getattr(route, 'path', '')}"
        if isinstance(route, Mount) and route.routes:
            yield from paths(route.routes, path)
        else:
            yield path or "/"


@contextmanager
def served(home: str = HOME, address: str = "192.0.2.1") -> Iterator[TestClient]:
    """The whole application, from app.py, as somebody at an address asks it."""
    script, theme = config._main_script_path, app_session._populate_theme_msg
    app = runpy.run_path(str(ROOT / "app.py"))["app"]
    try:
        with TestClient(app, home, follow_redirects=False, client=(address, 4000)) as client:
            assert set(paths(app._starlette_app.routes)) == {door.route for door in DOORS} | {STREAM}
            yield client
    finally:
        # The next one is another process's.
        Runtime._instance, config._main_script_path, app_session._populate_theme_msg = None, script, theme


@contextmanager
def session(client: TestClient, headers: Mapping[str, str]) -> Iterator[WebSocketTestSession]:
    """The line of a browser to the pages, with its cookies."""
    home = str(client.base_url).rstrip("/")
    address, token = f"{home.replace('http', 'ws', 1)}{STREAM}", generate_xsrf_token_string()
    cookies = "; ".join(filter(None, (headers.get("cookie"), f"{XSRF_COOKIE_NAME}={token}")))
    given = {**headers, "origin": home, "cookie": cookies}
    with client.websocket_connect(address, subprotocols=["streamlit", token], headers=given) as line:
        yield line


def messages(line: WebSocketTestSession, asked: BackMsg, until: str) -> list[ForwardMsg]:
    """What the server sends once it is asked, up to a message of a kind."""
    line.send_bytes(asked.SerializeToString())
    received = [ForwardMsg.FromString(line.receive_bytes())]
    while received[-1].WhichOneof("type") != until:
        received.append(ForwardMsg.FromString(line.receive_bytes()))
    return received


def page_messages(client: TestClient, line: WebSocketTestSession, page: str) -> list[ForwardMsg]:
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.context_info.url = f"{client.base_url}/{page}"
    received = messages(line, asked, "script_finished")
    assert received[-1].script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
    return received


def page_over_the_wire(client: TestClient, page: str, headers: Mapping[str, str]) -> bytes:
    """All that the server sends of a page: who asks is known by their cookie alone, as in a browser."""
    with session(client, headers) as line:
        return b"\n".join(each.SerializeToString() for each in page_messages(client, line, page))


def answer_of(client: TestClient, door: Door, headers: Mapping[str, str]) -> tuple[int, bytes]:
    answer = client.request(door.method, door.path, headers=dict(headers))
    if door.path.startswith("/presentation/ecran") and answer.status_code == 302:
        # The link that is held; its page is what counts.
        answer = client.get(f"/presentation/{answer.headers['location']}", headers=dict(headers))
    return answer.status_code, answer.content


def walked_routes(client: TestClient) -> dict[str, dict[str, str]]:
    """What each route says to each of them: cells by row and column."""
    cells: dict[str, dict[str, str]] = {}
    whole: dict[Door, bytes] = {}
    for who in sorted(EVERYBODY, key=lambda who: -len(who.sees)):
        for door in DOORS:
            headers = who.headers
            if door.route == "/auth/logout" and who.signed_in:
                headers = Caller("", signed_in="leaving").headers  # they are still needed
            status, content = answer_of(client, door, headers)
            cell = _cell(who, door, status, content)
            if door.holds == "figures" and status == 200:
                assert whole.setdefault(door, content) == content, (door, who.column)
            row = cells.setdefault(door.row, {})
            row[who.column] = ", ".join(dict.fromkeys([*row.get(who.column, cell).split(", "), cell]))
        said = page_over_the_wire(client, "etablissements", who.headers)
        assert told(said) == (who.sees if not who.key else NEITHER), who.column
        row = cells.setdefault("page `/etablissements` through `/_stcore/stream`", {})
        row[who.column] = named(told(said), who.sees, "no rows")
    return cells


def _cell(who: Caller, door: Door, status: int, content: bytes) -> str:
    found = told(content, door.asked)
    assert found <= who.sees, (door, who.column)
    if door.holds in ("rows", "figures") and who.sees == BOTH:
        assert status == 200, (door, who.column)
    if door.holds == "number":
        assert (status == 200) == (door.about <= who.sees), (door, who.column)
    if status != 200:
        assert not found
        return REFUSED.get(status, str(status))
    if door.holds == "rows":
        assert found == who.sees & door.about, (door, who.column)
        if "presentation" in door.path:
            return named(found, who.sees)
        return named(who.sees if found else NEITHER, who.sees, "no rows")
    return {"number": "its figures", "figures": "figures only", "nothing": "no data"}[door.holds]


# The matrix ---------------------------------------------------------------------------------------------------------


def deeds(tmp_path: Path) -> dict[str, dict[str, str]]:
    """What the functions themselves let each of them do."""
    filled_for_deeds(tmp_path / "deeds")
    cells: dict[str, dict[str, str]] = {}
    for deed in Deed:
        for who in EVERYBODY:
            place = tmp_path / f"{deed}-{EVERYBODY.index(who)}"
            shutil.copytree(tmp_path / "deeds", place)
            store = Store(place)
            if deed is Deed.RESTORE:
                store.withdraw("latest", "essai", NATIONAL.person)
            before = store.snapshots(withdrawn=True), store.withdrawals()
            try:
                ACTS[deed](store, who.person)
            except ForbiddenError:
                assert (store.snapshots(withdrawn=True), store.withdrawals()) == before
                cell = "refused"
            else:
                cell = "own region" if who.person.role is Role.REGIONAL_EDITOR else "yes"
            cells.setdefault(f"core: {deed.value.replace('-', ' the ')}", {})[who.column] = cell
    return cells


def test_every_file_of_a_page_is_one_of_those_that_are_walked() -> None:
    assert {file for file, _ in site._TITLES.values()} | {"shell.py"} == {
        each.name for each in (ROOT / "pages").glob("*.py")
    }


def test_no_door_tells_anybody_of_establishments_that_are_not_theirs_to_see(
    rule: Callable[[str], None], offered: dict[str, Any], tmp_path: Path
) -> None:
    """Each page and its files, each route and what changes data, where everybody sees those of their own region."""
    cells = {**walked_pages(offered), **walked_editing(offered)}
    with served() as client:
        cells |= walked_routes(client)
    cells |= deeds(tmp_path)
    table = [[row, *(found.get(each.column, "–") for each in EVERYBODY)] for row, found in cells.items()]
    assert "LEAK" not in str(table)
    settle(SECURITY, "doors", HEADER, table)


def test_a_file_is_at_an_address_that_only_who_asked_for_it_is_told(rule: Callable[[str], None]) -> None:
    """It needs no cookie, but is as long as a key."""
    with served() as client, session(client, NATIONAL.headers) as line:
        shown = page_messages(client, line, "donnees")
        (own,) = (each.new_session.initialize.session_id for each in shown if each.HasField("new_session"))
        buttons = [each.delta.new_element.download_button for each in shown]
        (button,) = (each for each in buttons if each.label.startswith("Établissements (parquet"))
        asked = BackMsg()
        request = asked.backend_operation_request
        request.request_id, request.session_id, request.deferred_file.file_id = "1", own, button.deferred_file_id
        with session(client, {}) as other:
            page_messages(client, other, "donnees")
            refused = messages(other, asked, "backend_operation_response")[-1].backend_operation_response
        assert refused.error_msg
        assert not refused.deferred_file.url
        made = messages(line, asked, "backend_operation_response")[-1].backend_operation_response
        assert told(client.get(made.deferred_file.url).content) == BOTH
        assert re.fullmatch(r"/media/[0-9a-f]{32,}", made.deferred_file.url)


# Other deployments --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deployment:
    """Rules, whether one can sign in, and where it listens; without `rules`, there is no file of them."""

    row: str
    rules: str | None
    sign_in: bool = True
    at_home: bool = False


DEPLOYMENTS = (
    Deployment("public, the default", ""),
    Deployment("signed-in", 'establishments = "signed-in"'),
    Deployment("pages closed", 'closed_pages = ["etablissements", "regions", "presentation"]'),
    Deployment("open data closed", "public_data = false"),
    Deployment("elsewhere without sign-in, no rules", None, sign_in=False),
    Deployment("elsewhere without sign-in, own-region", OWN_REGION, sign_in=False),
    Deployment("at home", None, sign_in=False, at_home=True),
)
_SAMPLE = ("/data/v1/establishments.json", "/data/v1/metrics.json?by=region,volet", f"/presentation/ecran?{_deck()}")
_CLOSED, _LOCKED = "réservée aux personnes connectées", ":material/lock:"


def _taken_for(deployment: Deployment, who: Caller) -> Person:
    """Who somebody is to be taken for, before a page and before a route."""
    if deployment.at_home:
        return ADMINISTRATOR.person
    return who.person if deployment.sign_in or who.key else VISITOR


def _sees(deployment: Deployment, person: Person) -> frozenset[str]:
    """Whose establishments somebody is to see, said again in another way than the rules say it."""
    said = deployment.rules or ""
    if '"own-region"' not in said and '"signed-in"' not in said:
        return BOTH
    if person.role in (Role.NATIONAL_EDITOR, Role.ADMINISTRATOR):
        return BOTH
    if person.role is Role.VISITOR:
        return NEITHER
    return BOTH if '"signed-in"' in said else person.regions


def walked_deployment(client: TestClient, deployment: Deployment) -> dict[str, dict[str, str]]:
    """What some pages and routes say in a deployment: cells by row and column."""
    cells: dict[str, dict[str, str]] = {}
    closed = (deployment.rules or "").startswith("closed_pages")
    for who in sorted(EVERYBODY, key=lambda who: -len(who.sees)):
        person = _taken_for(deployment, who)
        visitor = person.role is Role.VISITOR
        # A browser shows no key: before a page, who has one is a visitor.
        looks = person if deployment.at_home or not who.key else VISITOR
        for page in ("etablissements", "regions", "importer", "journal"):
            said = page_over_the_wire(client, page, who.headers)
            text, found = said.decode("utf-8", "replace"), told(said)
            sees = _sees(deployment, looks)
            assert found <= sees, (deployment.row, page, who.column)
            shut = closed and looks.role is Role.VISITOR and page in ("etablissements", "regions")
            assert (_CLOSED in text) is shut, (deployment.row, page, who.column)
            if shut:
                cell = "sign-in"
                assert not found
            elif page in ("importer", "journal"):
                least = Role.REGIONAL_EDITOR if page == "importer" else Role.ADMINISTRATOR
                may = looks.is_at_least(least)
                assert (_LOCKED not in text) is may, (deployment.row, page, who.column)
                cell = "yes" if may else "refused"
            else:
                assert found == (sees if page == "etablissements" else NEITHER), (deployment.row, page, who.column)
                cell = named(found, sees) if page == "regions" or found else "no rows"
            cells.setdefault(f"{deployment.row}: page `/{page}`", {})[who.column] = cell
        for door in (door for door in DOORS if door.path in _SAMPLE):
            status, content = answer_of(client, door, who.headers)
            known = who.key == "" or (who.key == "good" and deployment.rules is not None)
            allowed = BOTH if deployment.at_home and not who.key else _sees(deployment, person)
            found = told(content, door.asked)
            assert found <= allowed, (deployment.row, door.row, who.column)
            shut = (
                visitor
                and not deployment.at_home
                and (
                    (deployment.rules == "public_data = false" and "/data/" in door.path)
                    or (closed and "/presentation/" in door.path)
                    or (door.holds == "rows" and "/data/" in door.path and not allowed)
                )
            )
            if not known or shut:
                assert (status, found) == (401, NEITHER), (deployment.row, door.row, who.column)
                cell = REFUSED[401]
            else:
                assert status == 200, (deployment.row, door.row, who.column)
                assert found == (allowed if door.holds == "rows" else NEITHER), (deployment.row, door.row, who.column)
                none = "no rows" if door.path.startswith("/data") and door.holds == "rows" else "figures only"
                cell = named(found, allowed, none)
            cells.setdefault(f"{deployment.row}: `{door.path.partition('?')[0]}`", {})[who.column] = cell
    return cells


def test_every_deployment_shows_what_its_rules_say(
    rule: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    cells: dict[str, dict[str, str]] = {}
    for deployment in DEPLOYMENTS:
        with monkeypatch.context() as patch:
            with_sign_in(patch, deployment.sign_in)
            if deployment.rules is None:
                patch.delenv("SUNES_ACCESS")
            else:
                rule(deployment.rules)
            patch.setenv("SUNES_LISTENS", "127.0.0.1" if deployment.at_home else "10.0.0.1")
            home = ("http://localhost:8501", "127.0.0.1") if deployment.at_home else (HOME, "192.0.2.1")
            with served(*home) as client:
                cells |= walked_deployment(client, deployment)
                for path in ("/readyz", "/metrics"):
                    answer = client.get(path)
                    assert (answer.status_code, told(answer.content)) == (200 if deployment.at_home else 404, NEITHER)
    table = [[row, *(found[each.column] for each in EVERYBODY)] for row, found in cells.items()]
    settle(SECURITY, "deployments", ("deployment and door", *HEADER[1:]), table)


def test_the_command_line_is_for_whoever_has_the_files(rule: Callable[[str], None], tmp_path: Path) -> None:
    """Rules are those of a server: who reads its files needs no leave of it."""
    answer = CliRunner().invoke(cli.app, ["export", "workbook", "--output", str(tmp_path / "x.xlsx")])
    assert answer.exit_code == 0, answer.output
    assert told((tmp_path / "x.xlsx").read_bytes()) == BOTH
    assert CliRunner().invoke(cli.app, ["journal", "list"]).exit_code == 0
