"""The frame as the server sends it and as a browser shows it."""

from collections.abc import Callable
from email.message import Message
from typing import Literal
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from streamlit.testing.v1 import AppTest

from sunes.ui.errors import plain, sentence
from tests.browser import Visit


def get(url: str, **headers: str) -> tuple[int, Message, str]:
    request = Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urlopen(request) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read().decode()


def test_health(site: str) -> None:
    status, headers, body = get(f"{site}/healthz")
    assert (status, headers["content-type"], body) == (200, "application/json", '{"status":"ok"}')


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize("path", ["/", "/carte", "/index.html", "/regions?region=76,11", "/nulle/part"])
def test_every_path_opens_in_french(site: str, path: str, encoding: str) -> None:
    status, headers, html = get(site + path, accept_encoding=encoding)
    assert status == 200
    assert headers["content-encoding"] is None
    assert int(headers["content-length"]) == len(html.encode())
    assert '<html lang="fr">' in html
    assert "<title>sunes</title>" in html
    assert "sunes a besoin de JavaScript" in html
    assert "Streamlit</title>" not in html
    assert "You need to enable" not in html


def test_a_browser_that_knows_the_index_gets_it_once(site: str) -> None:
    etag = get(f"{site}/carte")[1]["etag"]
    status, headers, html = get(f"{site}/", if_none_match=etag)
    assert (status, headers["etag"], html) == (304, etag, "")
    assert get(f"{site}/", if_none_match='"another"')[0] == 200


def test_other_files_are_left_alone(site: str) -> None:
    _, headers, _ = get(f"{site}/manifest.json")
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_frame_is_quiet_and_accessible(
    site: str, visit: Callable[..., Visit], scheme: Literal["light", "dark"], width: int, height: int
) -> None:
    seen = visit(f"{site}/", scheme=scheme, width=width, height=height)
    assert seen.page.title() == "Vue d’ensemble · sunes"
    assert seen.page.get_by_role("heading", level=1).inner_text() == "Vue d’ensemble"
    assert seen.page.evaluate("document.documentElement.lang") == "fr"
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.errors == []
    assert seen.hosts <= {"127.0.0.1", "local"}
    assert seen.barriers() == []


def test_a_page_opened_by_its_own_path_finds_its_server_at_once(site: str, visit: Callable[..., Visit]) -> None:
    assert [error for error in visit(f"{site}/carte").errors if "404" in error] == []


def failing_page() -> None:
    from sunes.errors import DataError, Problem
    from sunes.ui.errors import show_error

    show_error(DataError(Problem("la date est illisible", file="usages.csv", line=3), "un_autre *souci*"))
    show_error(ZeroDivisionError("secret"))


def test_an_error_is_a_french_sentence(caplog: pytest.LogCaptureFixture) -> None:
    ours, unexpected = (shown.value for shown in AppTest.from_function(failing_page).run().error)
    first, second = ours.split("  \n")
    assert all(plain(part) in first for part in ("usages.csv", "ligne 3", "la date est illisible"))
    assert second == plain("un_autre *souci*")
    assert unexpected.startswith("Une erreur inattendue s’est produite.")
    assert "secret" not in unexpected
    reference = unexpected.split("**")[1]
    written = (record for record in caplog.records if record.name == "sunes.ui.errors")
    (logged,) = (record.getMessage() for record in written if record.exc_info)
    assert reference in logged
    assert "ZeroDivisionError('secret')" in logged


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("il n’y a pas de situation", "Il n’y a pas de situation"),
        ("l’adresse", "L’adresse"),
        ("état", "état"),
        ("as_of=2024-06-30 manque", r"as\_of\=2024\-06\-30 manque"),
        ("usages.csv manque", r"usages\.csv manque"),
        ("« x » manque", "« x » manque"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_and_a_name_stays(text: str, shown: str) -> None:
    assert sentence(text) == shown


def test_what_a_file_says_is_shown_not_rendered() -> None:
    assert plain("![x](http://a/b.png) *a* $b$ :red[c]") == (
        r"\!\[x\]\(http\:\/\/@a\/b\.png\) \*a\* \$b\$ \:red\[c\]".replace("@", "\u2060")
    )
