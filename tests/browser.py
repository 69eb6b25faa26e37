"""A real server and a real browser: what a person would have in front of them."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright

ROOT = Path(__file__).parents[1]

# A slow machine is no failure: what never comes still fails.
expect.set_options(timeout=30_000)

_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-quic", "--no-first-run"),
    # The browser's own calls home, which are no request of ours.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # WebGL without a graphics card.
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
)

_SETTLED = """() => document.querySelector("h1")
    && !document.querySelector("[data-testid=stSkeleton], [data-testid=stStatusWidget], [data-stale=true]")"""


# What axe finds in the framework's own elements, listed with its origin in docs/accessibility.md.
KNOWN = ("scrollable-region-focusable",)


@contextmanager
def serve(log: Path, port: int = 0, **environment: str) -> Iterator[str]:
    """Start the application on a port, or a free one, with more environment variables if any; yields its address.

    What the server prints goes to the file `log`. Raises RuntimeError, with that text, if the server does not start.
    """
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    options = ("--server.address=127.0.0.1", f"--server.port={port}")
    with log.open("wb") as output:
        server = subprocess.Popen(
            (sys.executable, "-m", "streamlit", "run", "app.py", *options),
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        if not _answers(server, f"{url}/healthz"):
            raise RuntimeError(f"The server did not start:\n{log.read_text('utf-8')}")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _answers(server: subprocess.Popen[bytes], url: str, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=5):
                return True
        except OSError:
            time.sleep(0.1)
    return False


def find_chromium() -> str | None:
    """The path of an installed Chromium, if there is one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def open_browser(executable: str) -> Iterator[Browser]:
    """Start a headless Chromium that asks nothing of any network by itself."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Visit:
    """One page open in the browser, and what happened there that a person should never notice."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def goto(self, url: str) -> None:
        """Open an address and wait until everything on the page is drawn."""
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or "local"))
        self.page.goto(url)
        self.settle()

    def settle(self) -> None:
        """Wait until the server has answered and the page shows all of it."""
        self.page.wait_for_function(_SETTLED)
        self.page.wait_for_timeout(300)  # charts animate in after their element is there

    def tab_to(self, target: Locator, key: str = "Tab") -> None:
        """Press a key until the keyboard is at an element. Raises AssertionError when that never comes."""
        for _ in range(60):
            self.page.keyboard.press(key)
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{key} never leads to {target}")

    def pick(self, target: Locator, across: float, down: float, until: Callable[[str], bool]) -> str:
        """Click on a place of a map, given as shares of its width and height, until the address is as wanted.

        Returns what the map says of the place.
        """
        said = self.page.locator(".deck-tooltip:visible").first
        for _ in range(4):
            box = target.bounding_box()
            assert box is not None
            self.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
            expect(said).to_have_text(re.compile(r"\S"))
            text = said.inner_text()
            # Without a graphics card a map that is still drawing takes a short click for a long one, and passes it
            # over. A picture is only taken once everything is drawn.
            self.page.screenshot()
            self.page.mouse.down()
            self.page.mouse.up()
            with suppress(TimeoutError):
                self.page.wait_for_url(until, wait_until="commit", timeout=15_000)
                self.settle()
                return text
        raise AssertionError(f"No click was seen; the address is {self.page.url}")

    def barriers(self) -> list[str]:
        """What axe finds serious or critical on the page, beyond KNOWN: the rule and the elements."""
        violations: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [
            f"{violation['id']}: {node['html']}"
            for violation in violations
            if violation["impact"] in ("serious", "critical") and violation["id"] not in KNOWN
            for node in violation["nodes"]
        ]
