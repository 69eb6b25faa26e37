"""Signing in with an OpenID provider, as a person does it: in a browser, from our pages to the provider's and back."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from sunes.ui.access import sessions
from tests.browser import Visit, serve
from tests.openid_provider import COOKIE_SECRET, RULES, Provider, free_port, provide, secrets

Open = Callable[..., Visit]

CLOSED = "Cette page est réservée aux personnes connectées."
# As light a page as there is.
LIGHT = "/importer"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signin")


def surroundings(folder: Path) -> dict[str, str]:
    own = {"SUNES_SECRETS": "secrets.toml", "SUNES_ACCESS": "access.toml", "SUNES_JOURNAL": "journal"}
    return {name: str(folder / path) for name, path in own.items()}


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[tuple[Provider, str]]:
    port = free_port()
    redirect = f"http://127.0.0.1:{port}/oauth2callback"
    with provide(redirect) as provider:
        (folder / "secrets.toml").write_text(secrets(redirect, provider.url), "utf-8")
        (folder / "access.toml").write_text(RULES, "utf-8")
        with serve(folder / "server.log", port, **surroundings(folder)) as url:
            yield provider, url


@pytest.fixture
def provider(running: tuple[Provider, str]) -> Provider:
    running[0].tell()
    return running[0]


@pytest.fixture
def home(running: tuple[Provider, str]) -> str:
    return running[1]


def sign_in(page: Page, account: str) -> None:
    page.get_by_role("button", name="Se connecter").first.click()
    page.get_by_role("button", name=account, exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_test_id("stPopover").filter(has_text="d’essai").get_by_role("button").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Sign out").click()  # at the provider


def cookies(context: BrowserContext) -> set[str]:
    return {str(cookie["name"]) for cookie in context.cookies() if str(cookie["name"]).startswith("_streamlit_user")}


def give_cookie(context: BrowserContext, home: str, **claims: Any) -> None:
    """Let a browser have the cookie that a sign-in would have left."""
    said = {"is_logged_in": True, "provider": "default", "origin": home, "aud": "sunes", "sub": "lectrice"}
    said = {"seal": sessions.seal(said | claims, home, COOKIE_SECRET)} | said | claims
    value = create_signed_value(COOKIE_SECRET, USER_COOKIE_NAME, json.dumps(said)).decode()
    context.add_cookies([{"name": USER_COOKIE_NAME, "value": value, "url": home}])


def test_who_signs_in_comes_back_to_their_view_with_their_role(visit: Open, provider: Provider, home: str) -> None:
    del provider
    view = f"{home}/fenetres?region=76&volet=mss"
    opened = visit(view)
    sign_in(opened.page, "editrice")
    opened.page.wait_for_url(view)
    opened.settle()
    opened.page.get_by_role("button", name="Éditrice d’essai").click()
    expect(opened.page.get_by_text("éditeur régional : Bretagne et Occitanie")).to_be_visible()
    # Programs of the browser are this person as well.
    snapshots = f"{home}/data/v1/snapshots.json"
    assert opened.page.context.request.get(snapshots).status == 200
    opened.page.context.clear_cookies(name=USER_COOKIE_NAME)
    assert opened.page.context.request.get(snapshots).status == 401
    assert "sunes_back" not in {cookie["name"] for cookie in opened.page.context.cookies()}


def test_a_closed_page_sends_visitors_nothing_of_it(visit: Open, provider: Provider, home: str) -> None:
    del provider
    opened = visit(f"{home}/donnees")
    received: list[str] = []
    opened.page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: received.append(_text(frame))),
    )
    opened.page.goto(f"{home}/regions?region=76")
    opened.settle()
    expect(opened.page.get_by_text(CLOSED)).to_be_visible()
    assert any("réservée" in each for each in received)
    assert not any("Atteinte" in each or "établissements" in each for each in received)

    opened.page.locator(".st-key-content").get_by_role("button", name="Se connecter").click()
    opened.page.get_by_role("button", name="nommee", exact=True).click()
    opened.page.wait_for_url(f"{home}/regions?region=76")
    opened.settle()
    expect(opened.page.get_by_text(CLOSED)).to_have_count(0)
    expect(opened.page.get_by_text(re.compile("^Atteinte du volet 1")).first).to_be_visible()


def test_signing_out_ends_the_sign_in_in_every_tab(visit: Open, provider: Provider, home: str, folder: Path) -> None:
    del provider
    opened = visit(f"{home}{LIGHT}")
    first, context = opened.page, opened.page.context
    sign_in(first, "nommee")
    expect(first.get_by_role("button", name="Nommée d’essai")).to_be_visible()

    lines: list[WebSocketRoute] = []

    def tap(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    second = context.new_page()
    second.route_web_socket(re.compile("_stcore/stream"), tap)
    second.goto(f"{home}{LIGHT}")
    expect(second.get_by_role("button", name="Nommée d’essai")).to_be_visible()

    third = context.new_page()
    third.goto(f"{home}{LIGHT}")
    sign_out(third)
    third.wait_for_url(f"{home}/")
    expect(third.get_by_role("button", name="Se connecter")).to_be_visible()
    assert cookies(context) == set()

    # One tab goes on, at its next run, as nobody; another one, whose line was cut, comes back as nobody.
    first.get_by_role("link", name="Régions").click()
    expect(first.get_by_text(CLOSED)).to_be_visible()
    expect(first.get_by_text("Vous vous êtes déconnecté dans un autre onglet.")).to_be_visible()
    lines[-1].close()
    expect(second.get_by_role("button", name="Se connecter")).to_be_visible()
    expect(second.get_by_role("button", name="Nommée d’essai")).to_have_count(0)

    months = sorted((folder / "journal").glob("*.jsonl"))
    entries = [json.loads(line) for month in months for line in month.read_text("utf-8").splitlines()]
    told = [entry["what"] for entry in entries if entry["who"] == "Nommee@exemple.fr"]
    assert told[-2:] == ["signed-in", "signed-out"]


def test_a_cookie_that_was_copied_is_worth_nothing_after_the_sign_out_in_no_process(
    visit: Open, provider: Provider, home: str, folder: Path
) -> None:
    del provider
    with serve(folder / "second.log", 0, **surroundings(folder)) as other:
        opened = visit(f"{home}{LIGHT}")
        sign_in(opened.page, "nommee")
        expect(opened.page.get_by_role("button", name="Nommée d’essai")).to_be_visible()
        kept = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in opened.page.context.cookies())

        def status(site: str) -> int:
            asked = Request(f"{site}/data/v1/snapshots.json", headers={"Cookie": kept})
            try:
                with urlopen(asked, timeout=30) as answer:
                    return int(answer.status)
            except HTTPError as refused:
                return refused.code

        assert [status(site) for site in (home, other)] == [200, 200]
        sign_out(opened.page)
        expect(opened.page.get_by_role("button", name="Se connecter")).to_be_visible()
        deadline = time.monotonic() + 30  # within a fifth of a second it may go by what it knows
        while status(other) != 401:
            assert time.monotonic() < deadline
        assert status(home) == 401


def test_a_session_ends_after_its_hours(visit: Open, provider: Provider, home: str) -> None:
    del provider
    opened = visit(f"{home}{LIGHT}")
    claims = {"email": "lectrice@exemple.fr", "nonce": "expired"}
    give_cookie(opened.page.context, home, iat=time.time() - 8 * 3600 - 60, **claims)
    opened.page.goto(f"{home}/regions")
    expect(opened.page.get_by_text("Votre session est terminée : elle est limitée à 8 h.")).to_be_visible()
    expect(opened.page.get_by_text(CLOSED)).to_be_visible()

    sign_in(opened.page, "lectrice")
    opened.page.wait_for_url(f"{home}/regions")
    expect(opened.page.get_by_role("button", name="Lectrice d’essai")).to_be_visible()
    expect(opened.page.get_by_text("Votre session est terminée")).to_have_count(0)


def test_a_cookie_that_was_not_signed_here_is_nobodys(visit: Open, provider: Provider, home: str) -> None:
    del provider
    opened = visit(f"{home}{LIGHT}")
    said = {"is_logged_in": True, "provider": "default", "origin": home, "aud": "sunes", "sub": "nommee"}
    said |= {"email": "nommee@exemple.fr", "iat": time.time()}
    forged = create_signed_value("another secret", USER_COOKIE_NAME, json.dumps(said)).decode()
    opened.page.context.add_cookies([{"name": USER_COOKIE_NAME, "value": forged, "url": home}])
    opened.page.goto(f"{home}/regions")
    expect(opened.page.get_by_text(CLOSED)).to_be_visible()


def test_a_cookie_whose_claims_are_not_of_one_sign_in_is_nobodys(visit: Open, provider: Provider, home: str) -> None:
    """Its signature is right, its seal is another sign-in's: so are parts of several that were put together."""
    del provider
    opened = visit(f"{home}{LIGHT}")
    context = opened.page.context
    own = {"iat": time.time(), "email": "nommee@exemple.fr"}
    give_cookie(context, home, **own)
    opened.page.goto(f"{home}{LIGHT}")
    expect(opened.page.get_by_role("button", name="nommee@exemple.fr")).to_be_visible()
    give_cookie(context, home, **own, seal=sessions.seal({"email": "lectrice@exemple.fr"}, home, COOKIE_SECRET))
    opened.page.goto(f"{home}/regions")
    expect(opened.page.get_by_text("Votre connexion n’a pas pu être vérifiée")).to_be_visible()
    expect(opened.page.get_by_text(CLOSED)).to_be_visible()
    assert context.request.get(f"{home}/data/v1/snapshots.json").status == 401


def test_an_account_that_nothing_lets_in_is_told_so(visit: Open, provider: Provider, home: str) -> None:
    del provider
    opened = visit(f"{home}{LIGHT}")
    sign_in(opened.page, "inconnue")
    expect(opened.page.get_by_text("Votre compte n’a pas accès à ce site")).to_be_visible()
    opened.page.goto(f"{home}/fenetres")
    expect(opened.page.get_by_text("Votre compte n’a pas accès à ce site")).to_be_visible()
    expect(opened.page.get_by_role("heading", name="Fenêtres")).to_have_count(0)
    opened.page.get_by_role("button", name="Se déconnecter").click()
    opened.page.get_by_role("button", name="Sign out").click()
    expect(opened.page.get_by_role("heading", name="Vue d’ensemble")).to_be_visible()


@pytest.mark.parametrize(
    "how", [{"forge": "aud"}, {"forge": "iss"}, {"forge": "nonce"}, {"forge": "alg"}, {"ahead": 600}]
)
def test_a_token_that_is_not_for_us_now_lets_nobody_in(
    visit: Open, provider: Provider, home: str, how: dict[str, Any]
) -> None:
    """An audience, an issuer, a nonce that is another's; no signature; a clock that nobody could be so far ahead."""
    provider.tell(**how)
    opened = visit(f"{home}{LIGHT}?region=76")
    sign_in(opened.page, "nommee")
    if how == {"forge": "aud"}:  # the party that asked is right: only the pages notice
        expect(opened.page.get_by_text("Votre connexion n’a pas pu être vérifiée")).to_be_visible()
    else:
        expect(opened.page.get_by_role("heading", name="Vous n’êtes pas connecté")).to_be_visible()
        expect(opened.page.locator("main")).to_contain_text("n’a pas pu être vérifiée")
        assert "Traceback" not in opened.page.content()
        assert cookies(opened.page.context) == set()
        opened.page.get_by_role("link", name="Revenir au site").click()
        opened.page.wait_for_url(f"{home}{LIGHT}?region=76")
    expect(opened.page.get_by_role("button", name="Se connecter").first).to_be_visible()
    expect(opened.page.get_by_role("button", name="Nommée d’essai")).to_have_count(0)


@pytest.mark.parametrize("ahead", [-90, 90])
def test_a_clock_that_is_a_little_off_is_no_harm(visit: Open, provider: Provider, home: str, ahead: int) -> None:
    provider.tell(ahead=ahead)
    opened = visit(f"{home}{LIGHT}")
    sign_in(opened.page, "nommee")
    expect(opened.page.get_by_role("button", name="Nommée d’essai")).to_be_visible()


def test_a_provider_that_does_not_answer_is_told_in_one_sentence(visit: Open, provider: Provider, home: str) -> None:
    provider.tell(down=True)
    opened = visit(f"{home}{LIGHT}")
    opened.page.get_by_role("button", name="Se connecter").click()
    expect(opened.page.locator("main")).to_contain_text("Le service de connexion ne répond pas.")
    opened.page.get_by_role("link", name="Revenir au site").click()
    opened.page.wait_for_url(f"{home}{LIGHT}")


def test_what_a_provider_only_says_when_it_is_asked_counts_as_well(visit: Open, provider: Provider, home: str) -> None:
    """ProConnect and others keep what they know out of the token, in a signed answer of its own."""
    provider.tell(quiet=True)
    opened = visit(f"{home}{LIGHT}")
    sign_in(opened.page, "editrice")
    opened.page.get_by_role("button", name="Éditrice d’essai").click()
    expect(opened.page.get_by_text("éditeur régional : Bretagne et Occitanie")).to_be_visible()

    provider.tell(quiet=True, forge="sub")
    other = visit(f"{home}{LIGHT}")
    sign_in(other.page, "editrice")
    expect(other.page.locator("main")).to_contain_text("n’a pas pu être vérifiée")
    assert cookies(other.page.context) == set()


def test_giving_up_at_the_provider_leads_back(visit: Open, provider: Provider, home: str) -> None:
    del provider
    opened = visit(f"{home}{LIGHT}")
    sign_in(opened.page, "Cancel")
    expect(opened.page.locator("main")).to_contain_text("La connexion a été abandonnée")


def _text(frame: str | bytes) -> str:
    return frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
