"""Fixtures that need a running server or a browser."""

import os
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.browser import Visit, find_chromium, open_browser, serve


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the application, served with the embedded data."""
    with serve(tmp_path_factory.mktemp("site") / "server.log") as url:
        yield url


@pytest.fixture(scope="module")  # not the session: while it is open, no other test can run an event loop
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("Chromium is not installed: what only a browser shows can't be checked (apt-get install chromium)")
    with open_browser(executable) as chromium:
        yield chromium


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open an address as a person with a French browser would: `visit(url, scheme="dark", width=390, height=844)`."""
    contexts = []

    def visit(url: str, scheme: Literal["light", "dark"] = "light", width: int = 1366, height: int = 768) -> Visit:
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, locale="fr-FR", timezone_id="Europe/Paris"
        )
        contexts.append(context)
        opened = Visit(context.new_page())
        opened.goto(url)
        return opened

    yield visit
    for context in contexts:
        context.close()
