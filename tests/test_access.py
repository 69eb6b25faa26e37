"""Who is who: claims, keys, signed cookies, and where a server listens."""

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from string import ascii_letters
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from streamlit import config
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from sunes import geography
from sunes.access.claims import Account, Standing, recognise
from sunes.access.listening import is_from_home, is_loopback, listens_at_home
from sunes.access.people import VISITOR, Person, Role
from sunes.access.rules import Key, Rules, SignIn, rules
from sunes.api.callers import UnknownKeyError, caller
from sunes.errors import DataError
from sunes.french import typographic
from sunes.ui.access import closed, entrance, providers, sessions, userinfo
from tests.openid_provider import COOKIE_SECRET, secrets

NOW = 1_800_000_000.0
SITE = "https://sunes.exemple.fr"
CLAIMS: dict[str, Any] = {"iat": NOW, "aud": "sunes", "sub": "42", "email": "a@exemple.fr", "name": "Alix d’essai"}


def access(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "access.toml").write_text(text, "utf-8")
    monkeypatch.setenv("SUNES_ACCESS", str(tmp_path / "access.toml"))


def known(claims: dict[str, Any], **sign_in: Any) -> Account:
    return recognise(CLAIMS | claims, Rules.model_validate({"sign_in": sign_in}), NOW, "sunes")


# Claims --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "claims"),
    [
        ("roles", {"roles": ["autre", "ed"]}),
        ("roles", {"roles": "autre ed"}),
        ("roles", {"roles": "autre,ed"}),
        ("realm_access.roles", {"realm_access": {"roles": ["ed"]}}),
        ("https://exemple.fr/roles", {"https://exemple.fr/roles": ["ed"]}),
    ],
)
def test_roles_are_found_where_the_rules_say(path: str, claims: dict[str, Any]) -> None:
    own = known(claims | {"regions": "76;53 00"}, role=path, roles={"ed": "regional_editor", "lu": "reader"})
    assert own == Account(
        Person(Role.REGIONAL_EDITOR, "a@exemple.fr", "Alix d’essai", frozenset({"53", "76"})), Standing.SIGNED_IN
    )


def test_the_highest_of_several_roles_counts_and_of_none_the_default() -> None:
    roles = {"a": "reader", "b": "administrator", "c": "national_editor"}
    assert known({"roles": ["a", "b", "c"]}, roles=roles).person.role is Role.ADMINISTRATOR
    assert known({"roles": ["d"]}, roles=roles).person.role is Role.READER
    assert known({"roles": ["d"]}, roles=roles, default="refused") == Account(standing=Standing.REFUSED)


def test_the_file_of_people_comes_before_what_the_provider_says() -> None:
    rules = Rules.model_validate(
        {"people": [{"id": "A@Exemple.fr", "role": "reader"}], "sign_in": {"roles": {"ed": "administrator"}}}
    )
    assert recognise(CLAIMS | {"roles": "ed"}, rules, NOW).person.role is Role.READER


def test_an_address_that_is_not_verified_is_nobodys() -> None:
    rules = Rules.model_validate({"people": [{"id": "a@exemple.fr", "role": "administrator"}]})
    own = recognise(CLAIMS | {"email_verified": False}, rules, NOW)
    assert (own.person.role, own.person.id) == (Role.READER, "42")


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"email": "ADMINISTRATION@exemple.fr"}, Role.ADMINISTRATOR),
        ({"email": "adminiſtration@exemple.fr"}, Role.READER),  # a long s, which is an s where capitals do not matter
        ({"email": "ADMİNİSTRATION@exemple.fr"}, Role.READER),
        # The claim that names people is the only one that does.
        ({"email": "a@exemple.fr", "email_verified": False, "sub": "administration@exemple.fr"}, Role.READER),
        ({"email": None, "sub": "administration@exemple.fr"}, Role.READER),
        ({"email": "administration@exemple.fr", "email_verified": False}, Role.READER),
    ],
)
def test_nobody_else_is_taken_for_somebody_of_the_file(claims: dict[str, Any], role: Role) -> None:
    rules = Rules.model_validate({"people": [{"id": "Administration@exemple.fr", "role": "administrator"}]})
    assert recognise(CLAIMS | claims, rules, NOW).person.role is role


def test_people_can_be_named_by_another_claim() -> None:
    given = {"people": [{"id": "42", "role": "administrator"}], "sign_in": {"identity": "sub"}}
    assert recognise(CLAIMS, Rules.model_validate(given), NOW).person.role is Role.ADMINISTRATOR
    given["sign_in"] = {"identity": "uid"}
    assert recognise(CLAIMS, Rules.model_validate(given), NOW).person.role is Role.READER


def test_texts_that_are_too_long_to_name_anything_are_not_kept() -> None:
    long = "sunes-lecture " * 40
    claims = CLAIMS | {"given_name": long, "email": long, "roles": long, "of no use": "x"}
    assert userinfo.kept(claims, SignIn()) == {
        name: value for name, value in (CLAIMS | {"roles": long}).items() if name != "email"
    }


def test_a_name_is_put_together_where_there_are_only_its_parts() -> None:
    assert known({"name": None, "given_name": "Alix", "usual_name": "D’essai"}).person.name == "Alix D’essai"
    assert known({"name": None}).person.name == "a@exemple.fr"


@pytest.mark.parametrize(
    ("claims", "standing"),
    [
        ({"iat": NOW - 8 * 3600}, Standing.SIGNED_IN),
        ({"iat": NOW - 8 * 3600 - 1}, Standing.EXPIRED),
        # By how old the sign-in here is, not by when a password was last given to somebody.
        ({"auth_time": NOW - 20 * 3600, "exp": NOW - 7 * 3600}, Standing.SIGNED_IN),
        ({"iat": NOW + 120}, Standing.SIGNED_IN),
        ({"iat": NOW + 121}, Standing.INVALID),
        ({"iat": None}, Standing.INVALID),
        ({"iat": float("nan")}, Standing.INVALID),
        ({"iat": True}, Standing.INVALID),
        ({"aud": "another"}, Standing.INVALID),
        ({"aud": None}, Standing.INVALID),
        ({"aud": ["another", "sunes"]}, Standing.SIGNED_IN),
        ({"email": None, "sub": None}, Standing.REFUSED),
    ],
)
def test_how_a_sign_in_stands(claims: dict[str, Any], standing: Standing) -> None:
    own = known(claims)
    assert own.standing is standing
    assert (own.person is VISITOR) == (standing is not Standing.SIGNED_IN)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["iat", "aud", "sub", "email", "email_verified", "name", "roles", "regions", "given_name"])


@given(claims=st.dictionaries(names, anything), path=st.sampled_from(["roles", "roles.a", "a.b"]))
def test_whatever_a_provider_says_nobody_gets_more_than_the_rules_give(claims: dict[str, Any], path: str) -> None:
    sign_in = {"role": path, "roles": {"ed": "regional_editor"}, "default": "refused"}
    own = recognise(CLAIMS | claims, Rules.model_validate({"sign_in": sign_in}), NOW, "sunes")
    assert own.person.role in (Role.VISITOR, Role.REGIONAL_EDITOR)
    assert own.person.regions <= geography.regions().keys()


# Rules ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "people = 3",
        "[[people]]\nid = 'a'\nrole = 'boss'",
        "[[people]]\nid = 'a'\nrole = 'visitor'",
        "[[people]]\nid = 'a'\nrole = 'regional_editor'\nregions = ['77']",
        "closed_page = ['regions']",
        "[[keys]]\nname = 'k'\nrole = 'reader'\nsha256 = 'abc'",
        "= nothing",
    ],
)
def test_rules_that_cannot_be_understood_let_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    access(tmp_path, monkeypatch, text)
    with pytest.raises(DataError, match=r"access\.toml"):
        rules()


def test_rules_change_with_their_file_and_do_not_vanish_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access(tmp_path, monkeypatch, "public_data = false")
    assert not rules().public_data
    access(tmp_path, monkeypatch, "public_data = true ")
    assert rules().public_data
    (tmp_path / "access.toml").unlink()
    with pytest.raises(DataError, match="ne peut pas être lu"):
        rules()


def test_a_page_that_does_not_exist_closes_none_in_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    access(tmp_path, monkeypatch, "closed_pages = ['region']")
    with pytest.raises(DataError, match="aucune page ne s’appelle «\u00a0region"):
        closed.closed_pages()
    assert closed.faults()


# Keys and cookies of requests ----------------------------------------------------------------------------------------


def request(
    headers: dict[str, str] | None = None, peer: str | None = "127.0.0.1", host: str = "localhost:8501"
) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in ({"host": host} | (headers or {})).items()]
    client = (peer, 1) if peer else None
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw, "client": client})


def test_a_key_is_known_by_its_digest_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    digest = sha256(b"the key").hexdigest()
    key = Key(name="tableau", role=Role.REGIONAL_EDITOR, regions=frozenset({"76"}), sha256=digest)
    soon = datetime.now(UTC) + timedelta(hours=1)
    for until in (None, soon):
        given = Rules(keys=(key.model_copy(update={"until": until}),))
        monkeypatch.setattr("sunes.api.callers.rules", lambda given=given: given)
        assert caller(request({"Authorization": "Bearer the key"})) == Person(
            Role.REGIONAL_EDITOR, "tableau", "tableau", frozenset({"76"})
        )
        with pytest.raises(UnknownKeyError, match="n’est pas connue"):
            caller(request({"Authorization": "Bearer another"}))
        # The digest is no secret: it opens nothing.
        with pytest.raises(UnknownKeyError, match="n’est pas connue"):
            caller(request({"Authorization": f"bearer {digest}"}))
    over = Rules(keys=(key.model_copy(update={"until": soon - timedelta(hours=2)}),))
    monkeypatch.setattr("sunes.api.callers.rules", lambda: over)
    with pytest.raises(UnknownKeyError, match="n’est plus valable"):
        caller(request({"Authorization": "Bearer the key"}))


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A site whose visitors may sign in."""
    monkeypatch.setenv("SUNES_JOURNAL", str(tmp_path / "journal"))
    monkeypatch.setattr(
        secrets_singleton, "_secrets", tomllib.loads(secrets(f"{SITE}{providers.CALLBACK}", "https://id.exemple.fr"))
    )
    monkeypatch.setattr("sunes.ui.access.sessions.time", lambda: NOW)
    providers.understood.cache_clear()
    yield
    providers.understood.cache_clear()


def signed_in(**claims: Any) -> dict[str, Any]:
    """The claims of a sign-in, those of Streamlit among them."""
    return CLAIMS | {"origin": SITE, "is_logged_in": True, "provider": "default"} | claims


def cookie(claims: dict[str, Any], secret: str = COOKIE_SECRET) -> str:
    """What a browser sends after a sign-in, in as many cookies as it takes."""
    found: dict[str, str] = {}

    def sign(name: str, value: str) -> bytes:
        return create_signed_value(secret, name, value)

    said = signed_in(**claims)
    said["seal"] = sessions.seal(said, said["origin"], secret)
    keep = found.__setitem__
    set_cookie_with_chunks(
        lambda name, value: keep(name, sign(name, value).decode()), sign, USER_COOKIE_NAME, said, cookie_attr_size=80
    )
    return "; ".join(f"{name}={value}" for name, value in found.items())


@pytest.mark.usefixtures("configured")
def test_a_request_shows_who_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    large = {"groups": [sha256(str(n).encode()).hexdigest() for n in range(200)]}
    for claims in (CLAIMS, CLAIMS | large):
        sent = cookie(claims)
        assert ("_streamlit_user_2=" in sent) == (claims is not CLAIMS)
        assert caller(request({"Cookie": sent})) == Person(Role.READER, "a@exemple.fr", "Alix d’essai")
    # Kept, but as old as it is.
    monkeypatch.setattr("sunes.ui.access.sessions.time", lambda: NOW + 9 * 3600)
    assert caller(request({"Cookie": sent})) == VISITOR


@pytest.mark.usefixtures("configured")
def test_what_was_signed_by_nobody_or_elsewhere_shows_nobody() -> None:
    right = cookie(CLAIMS)
    name, value = right.split("=", 1)
    for wrong in (
        cookie(CLAIMS, secret="another secret of the same length"),
        cookie(CLAIMS | {"origin": "https://autre.exemple.fr"}),
        cookie(CLAIMS | {"aud": "another"}),
        cookie(CLAIMS | {"is_logged_in": False}),
        f"{name}={value[:-3]}abc",
        f"{name}_tokens={value}",
        f"{name}=",
    ):
        assert caller(request({"Cookie": wrong})) == VISITOR
    # Nor does having the machine help where people sign in.
    assert caller(request()) == VISITOR


@pytest.mark.usefixtures("configured")
def test_parts_of_several_sign_ins_are_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may say what their names are can have parts cut where they want, and put another's address between them."""
    administrator, reader = "administration@exemple.fr", "lectrice@exemple.fr"
    access(tmp_path, monkeypatch, f"[[people]]\nid = '{administrator}'\nrole = 'administrator'")

    def said(given: str, name: str) -> dict[str, Any]:
        return {"given_name": given} | signed_in(email=reader, name=name)

    def parts(given: str, name: str = "") -> dict[str, str]:
        return sessions.cookies(said(given, name), {})

    def text(cookies: dict[str, str], part: str) -> str:
        return (decode_signed_value(COOKIE_SECRET, part, cookies[part]) or b"").decode()

    def noise(length: int) -> str:
        """What compression makes no smaller."""
        return "".join(Random(4).choices(ascii_letters, k=length))

    one, two, three = (f"{USER_COOKIE_NAME}_{number}" for number in (1, 2, 3))
    size = len(text(parts(noise(9000)), one))

    def until(mark: str, filled: int) -> str:
        """A given name with which so many parts are full where the mark ends."""
        plain = json.dumps(said("", ""))
        return noise(filled * size - plain.index(mark) - len(mark))

    first = parts(until('"email": "', 1), noise(2 * size))
    second = parts(until('"given_name": "', 1) + administrator.ljust(size) + noise(2 * size))
    third = parts(until(f'"email": "{reader}', 2), "Moi")
    mixed = third | {one: first[one], two: second[two]}
    assert set(third) >= {one, two, three}

    # Streamlit's signatures are right, all of them, and what they sign says who administers the site.
    claims = sessions.claims(mixed)
    assert (claims["email"].strip(), claims["name"]) == (administrator, "Moi")
    assert sessions.account(claims) == Account(standing=Standing.INVALID)
    assert caller(request({"Cookie": "; ".join(f"{name}={value}" for name, value in mixed.items())})) == VISITOR
    assert sessions.account(sessions.claims(third)).person.role is Role.READER
    # Nor is a sign-in over that never was.
    sessions.end(claims)
    assert sessions.account(claims).standing is Standing.INVALID
    # Parts that make no sense are no sign-in, and no failure of ours.
    assert sessions.claims(third | {one: second[one], three: first[three]}) == {}


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    "seal",
    [
        None,
        3,
        "é\ud800",
        sessions.seal(signed_in(email="b@exemple.fr"), SITE, COOKIE_SECRET),
        sessions.seal(signed_in(), "https://autre.exemple.fr", COOKIE_SECRET),
        sessions.seal(signed_in(), SITE, "another secret of the same length"),
    ],
)
def test_a_sign_in_without_its_seal_is_nobodys(seal: Any) -> None:
    """None: as Streamlit itself would write it."""
    claims = signed_in() | ({} if seal is None else {"seal": seal})
    assert sessions.account(claims) == Account(standing=Standing.INVALID)


@pytest.mark.usefixtures("configured")
def test_a_process_keeps_nothing_of_cookies_that_nobody_signed() -> None:
    """Anybody may send as many and as large ones as they like: they must not fill the memory."""
    right = cookie(CLAIMS | {"nonce": "kept"})
    assert caller(request({"Cookie": right})) != VISITOR
    kept = sessions._read.cache_info().currsize
    for number in range(20):
        for sent in (
            f"{USER_COOKIE_NAME}={number}",
            f"{USER_COOKIE_NAME}_{number}={'0' * 1000}",
            f"{right[:-3]}{number}",
        ):
            assert caller(request({"Cookie": sent})) == VISITOR
    assert sessions._read.cache_info().currsize == kept
    # Nor with a right one beside them; a few that an earlier secret signed do no harm.
    assert caller(request({"Cookie": f"{right}; {USER_COOKIE_NAME}_7={'0' * 4000}"})) != VISITOR
    many = "; ".join(f"{USER_COOKIE_NAME}_{number}={'0' * 4000}" for number in range(1, 20))
    assert caller(request({"Cookie": f"{right}; {many}"})) == VISITOR


@pytest.mark.usefixtures("configured")
def test_a_sign_in_is_the_same_for_pages_and_requests() -> None:
    """Pages are not told the origin, and may be told tokens, of which nothing is believed."""
    large = {"groups": [sha256(str(n).encode()).hexdigest() for n in range(200)], "seal": "of the provider"}
    for claims in (signed_in(), signed_in(**large, name="Zoé \U0001f600", level=1.0)):
        told = dict(sessions.claims(sessions.cookies(claims, {"id_token": "x"})))
        assert sessions.account(told).standing is Standing.SIGNED_IN
        del told["origin"]
        told["tokens"] = {"id": "x"}
        assert sessions.account(told).standing is Standing.SIGNED_IN
        assert sessions.account(told | {"roles": ["administrator"]}).standing is Standing.INVALID


@pytest.mark.usefixtures("configured")
def test_a_sign_in_that_ended_stays_so_whoever_kept_its_cookie() -> None:
    sent = cookie(CLAIMS | {"nonce": "of this test"})
    assert caller(request({"Cookie": sent})) != VISITOR
    sessions.end(sessions.claims(dict([sent.split("=", 1)])))
    assert caller(request({"Cookie": sent})) == VISITOR
    assert caller(request({"Cookie": cookie(CLAIMS | {"nonce": "of the next sign-in"})})) != VISITOR


# Configuration -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"cookie_secret": None}, "« cookie_secret » manque"),
        ({"cookie_secret": "short"}, "« cookie_secret » manque ou est trop court"),
        ({"redirect_uri": f"{SITE}/"}, "« redirect_uri »"),
        ({"redirect_uri": "http://sunes.exemple.fr/oauth2callback"}, "« redirect_uri »"),
        ({"client_secret": None}, "il manque client_secret"),
        (dict.fromkeys(("client_id", "client_secret", "server_metadata_url")), "il manque client_id"),
    ],
)
def test_a_sign_in_that_is_half_configured_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None], said: str
) -> None:
    section = dict(secrets_singleton["auth"]) | changes
    kept = {name: value for name, value in section.items() if value is not None}
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": kept})
    assert (typographic(said) in providers.fault()) if said else providers.fault() == ""
    assert closed.faults() == ([providers.fault()] if said else [])
    claims = CLAIMS | {"is_logged_in": True, "provider": "default"}
    claims["seal"] = sessions.seal(claims, SITE, kept.get("cookie_secret", ""))
    assert (sessions.account(claims).person is VISITOR) == bool(said)


@pytest.mark.usefixtures("configured")
def test_several_providers_each_have_their_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    own = dict(secrets_singleton["auth"])
    shared = {name: own.pop(name) for name in ("redirect_uri", "cookie_secret")}
    named = {"agence": own | {"label": "Compte de l’agence"}, "proconnect": own | {"client_id": "other"}}
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": shared | named})
    assert [each.label for each in providers.providers()] == ["Compte de l’agence", "proconnect"]
    assert providers.fault() == ""

    def standing(**claims: Any) -> Standing:
        return sessions.account(sessions.claims(sessions.cookies(signed_in(**claims), {}))).standing

    assert standing(provider="proconnect") is Standing.INVALID
    assert standing(provider="proconnect", aud="other") is Standing.SIGNED_IN
    assert standing(provider="unknown", aud="other") is Standing.INVALID


def test_secrets_that_cannot_be_read_stop_the_server_and_are_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUNES_SECRETS", str(tmp_path / "secrets.toml"))
    with pytest.raises(DataError, match="ne peut pas être lu"):
        providers.secrets()
    (tmp_path / "secrets.toml").write_text("cookie_secret = very-secret", "utf-8")
    with pytest.raises(DataError, match="n’est pas du TOML") as caught:
        providers.secrets()
    assert "very-secret" not in str(caught.value)


# At home -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_the_machine_for_itself(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "", None, "192.168.1.2", "localhost.exemple.fr", "/run/1.sock"])
def test_anywhere_else(address: str | None) -> None:
    assert not is_loopback(address)


def test_what_a_process_is_told_counts_more_than_where_it_seems_to_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUNES_LISTENS", raising=False)
    assert listens_at_home("localhost")
    assert not listens_at_home(None)
    monkeypatch.setenv("SUNES_LISTENS", "0.0.0.0")
    assert not listens_at_home("localhost")
    monkeypatch.setenv("SUNES_LISTENS", "localhost")
    assert listens_at_home(None)


def test_a_proxy_of_somebody_elses_is_not_the_machines_own_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUNES_LISTENS", raising=False)
    monkeypatch.setattr(config, "_server_mode", "starlette-app")
    assert caller(request()).role is Role.ADMINISTRATOR
    assert caller(request({"X-Forwarded-For": "127.0.0.1"}, host="[::1]:8501")).role is Role.ADMINISTRATOR
    assert caller(request(host="sunes.exemple.fr")) == VISITOR
    assert caller(request({"X-Forwarded-For": "192.168.1.7"})) == VISITOR
    assert caller(request(peer="192.168.1.7")) == VISITOR
    assert caller(request(peer=None)) == VISITOR
    assert is_from_home("::1", [("Host", "localhost")])


def test_who_is_asked_through_another_server_is_nobody_until_it_is_said_where_that_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SUNES_LISTENS", raising=False)
    monkeypatch.setattr(config, "_server_mode", "asgi-server")
    assert caller(request()) == VISITOR
    assert "importer, publier, retirer" in closed.faults()[0]
    monkeypatch.setenv("SUNES_LISTENS", "localhost")
    assert caller(request()).role is Role.ADMINISTRATOR
    assert closed.faults() == []


# The way back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("https://sunes.exemple.fr/carte?region=76&volet=mss", "/carte?region=76&volet=mss"),
        ("https://sunes.exemple.fr/", "/"),
        ("https://sunes.exemple.fr", "/"),
        ("", "/"),
        ("https://autre.exemple.fr/carte", "/"),
        ("https://sunes.exemple.fr//autre.exemple.fr/", "/"),
        ("https://sunes.exemple.fr/\\autre.exemple.fr/", "/"),
        ("https://sunes.exemple.fr/oauth2callback?code=1", "/"),
        ("https://sunes.exemple.fr/auth/logout", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_one_only_comes_back_to_this_site(referer: str, back: str) -> None:
    assert entrance.came_from(Headers({"host": "sunes.exemple.fr", "referer": referer})) == back


@given(st.text(max_size=30) | st.text("/\\:.@?#ab%\t\r\n ", max_size=30))
def test_whatever_the_cookie_says_it_leads_to_a_path_of_this_site(path: str) -> None:
    back = entrance.safe(path)
    assert back.startswith("/")
    assert not back.startswith(("//", "/\\"))
    assert not set(back) & set("\\\r\n\t ")


def test_cookies_set_over_tls_never_travel_without() -> None:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        response = Response("", 302, {"location": "https://id.exemple.fr"})
        response.set_cookie("_streamlit_session", "state")
        await response(scope, receive, send)

    for scheme in ("http", "https"):
        site = f"{scheme}://sunes.exemple.fr"
        client = TestClient(entrance.Entrance(answer), base_url=site, follow_redirects=False)
        told = client.get("/auth/login", headers={"referer": f"{site}/carte?region=76"}).headers.get_list("set-cookie")
        assert [cookie.split("=")[0] for cookie in told] == ["_streamlit_session", "sunes_back"]
        assert "%2Fcarte%3Fregion%3D76" in told[1]
        assert "HttpOnly" in told[1]
        assert all(("Secure" in cookie) == (scheme == "https") for cookie in told)


def test_coming_back_from_signing_out_is_no_failure() -> None:
    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    client = TestClient(entrance.Entrance(never), follow_redirects=False)
    assert client.get(providers.CALLBACK).headers["location"] == "/"


@pytest.mark.usefixtures("configured")
def test_a_link_on_another_site_signs_nobody_out() -> None:
    async def leave(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("out")(scope, receive, send)

    sent = cookie(CLAIMS | {"nonce": "linked"})
    client = TestClient(entrance.Entrance(leave), follow_redirects=False)

    def follow(site: str) -> int:
        return client.get("/auth/logout", headers={"Cookie": sent, "Sec-Fetch-Site": site}).status_code

    assert follow("cross-site") == 302
    assert caller(request({"Cookie": sent})) != VISITOR
    assert follow("same-origin") == 200
    assert caller(request({"Cookie": sent})) == VISITOR
