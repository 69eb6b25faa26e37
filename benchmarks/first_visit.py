"""What somebody waits for who opens a page for the first time: `python -m benchmarks.first_visit --help`.

A server that has just started, a browser without a cache, a window of 1366 × 768, no throttling. Times are the
browser's own, since it began to navigate or since the click on a link. The first figure is there when a number or a
chart is; the page is complete when the script has ended, the title is the page's, nothing is a placeholder or stale,
and every chart, map and table is drawn.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from playwright.sync_api import Browser, CDPSession, Page

from benchmarks import servers
from benchmarks.people import PAGES
from benchmarks.tables import Columns, Row, table
from tests.browser import find_chromium, open_browser

# Looks at the page at every frame, from before it is there. `complete` is the moment since which it has been so.
_WATCH = """
(() => {
  const seen = window.__seen = {since: 0, title: null, first: null, complete: null, frames: 0}
  const all = (selector) => [...document.querySelectorAll(selector)]
  const shown = (element) => element.getClientRects().length > 0
  const drawn = (chart) => chart.querySelector(".main-svg .trace, .main-svg .annotation") !== null
  const figure = () => all(".card .value").some(shown)
    || all("[data-testid=stPlotlyChart]").some(drawn) || all("canvas").some(shown)
    || all("[data-testid=stTable] td").some(shown)
  const complete = () => {
    const app = document.querySelector("[data-testid=stApp]")
    const title = document.querySelector("h1")
    return app?.dataset.testScriptState === "notRunning" && title !== null
      && (seen.title === null || title.textContent === seen.title)
      && all("[data-testid=stSkeleton], [data-stale=true]").length === 0
      && all("[data-testid=stPlotlyChart]").filter(shown).every(drawn)
      && all("[data-testid=stDataFrame], [data-testid=stDeckGlJsonChart]").filter(shown)
        .every((each) => each.querySelector("canvas"))
  }
  const look = () => {
    const now = performance.now()
    seen.frames += 1
    if (seen.first === null && figure() && (seen.title === null
        || document.querySelector("h1")?.textContent === seen.title)) seen.first = now
    if (!complete()) seen.complete = null
    else seen.complete ??= now
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})()
"""
_CLICKED = """(title) => Object.assign(window.__seen,
  {since: performance.now(), title, first: null, complete: null, frames: 0})"""
_STABLE = "() => window.__seen.complete !== null && performance.now() - window.__seen.complete > 800"
_COMPRESSIBLE = re.compile(r"text/|javascript|json|svg|wasm|ttf|otf")


@dataclass
class _Traffic:
    """What a page loads, as the browser's network panel would tell."""

    session: CDPSession
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    size: float = 0
    messages: int = 0
    message_size: int = 0

    def __post_init__(self) -> None:
        self.session.send("Network.enable")
        # Seconds of the processor rather than of the clock: other programs of the machine do not count.
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.session.on("Network.responseReceived", self._received)
        self.session.on("Network.loadingFinished", self._finished)
        self.session.on("Network.webSocketFrameReceived", self._message)

    def _received(self, event: Mapping[str, Any]) -> None:
        if event["response"]["url"].startswith("http"):
            self.answers[event["requestId"]] = event["response"]

    def _finished(self, event: Mapping[str, Any]) -> None:
        if event["requestId"] in self.answers:
            self.size += event["encodedDataLength"]

    def _message(self, event: Mapping[str, Any]) -> None:
        self.messages += 1
        self.message_size += len(event["response"]["payloadData"]) * 3 // 4  # in base 64

    def row(self) -> Row:
        headers = [{k.lower(): v for k, v in each["headers"].items()} for each in self.answers.values()]
        compressible = [
            header
            for header, each in zip(headers, self.answers.values(), strict=True)
            if _COMPRESSIBLE.search(each["mimeType"]) and each["encodedDataLength"] != 0
        ]
        metrics = {each["name"]: each["value"] for each in self.session.send("Performance.getMetrics")["metrics"]}
        return {
            "requests": len(self.answers),
            "kb": self.size / 1000,
            "compressed": sum("content-encoding" in header for header in compressible),
            "compressible": len(compressible),
            "cacheable": sum(bool(re.search(r"max-age=[1-9]", header.get("cache-control", ""))) for header in headers),
            "messages": self.messages,
            "messages_kb": self.message_size / 1000,
            "script_ms": 1000 * metrics["ScriptDuration"],
            "layout_ms": 1000 * (metrics["LayoutDuration"] + metrics["RecalcStyleDuration"]),
            "busy_ms": 1000 * metrics["TaskDuration"],
        }


def visits(pages: Sequence[str] = tuple(PAGES), url: str = "") -> Iterator[Row]:
    """Visit each page: cold, again with the browser's cache, and by a link from another page, twice.

    Raises RuntimeError when there is no Chromium.
    """
    executable = find_chromium()
    if executable is None:
        raise RuntimeError("No Chromium is installed.")
    with open_browser(executable) as browser:
        for name in pages:
            with servers.given(url) if url else servers.streamlit() as server:
                yield {"page": name, **_visit(browser, server.url, name)}


def _visit(browser: Browser, url: str, name: str) -> Row:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="fr-FR")
    context.set_default_timeout(120_000)
    context.add_init_script(_WATCH)
    page = context.new_page()
    traffic = _Traffic(context.new_cdp_session(page))
    address = f"{url}/{PAGES[name]}"
    page.goto(address, wait_until="commit")
    cold = _seen(page)
    row = traffic.row()
    page.close()

    page = context.new_page()
    traffic = _Traffic(context.new_cdp_session(page))
    page.goto(address, wait_until="commit")
    warm, warm_row = _seen(page), traffic.row()
    title = page.locator("h1").inner_text()
    links = page.locator("[data-testid=stPageLink-NavLink]")
    other = 1 if name == "overview" else 0
    changes = []
    for _ in range(2):
        page.evaluate(_CLICKED, None)
        links.nth(other).click()
        page.wait_for_function("(title) => document.querySelector('h1')?.textContent !== title", arg=title)
        page.wait_for_function(_STABLE)
        page.evaluate(_CLICKED, title)
        links.filter(has_text=title).first.click()
        changes.append(_seen(page))
    context.close()
    return {
        "first_s": cold["first"],
        "complete_s": cold["complete"],
        **row,
        "again_s": warm["complete"],
        "again_kb": warm_row["kb"],
        "change_first_s": changes[0]["first"],
        "change_s": changes[0]["complete"],
        "change_again_s": changes[1]["complete"],
    }


def _seen(page: Page) -> dict[str, float | None]:
    """Seconds since the navigation or the click: to the first figure (None: the page has none), to the whole page."""
    page.wait_for_function(_STABLE)
    seen = page.evaluate("() => window.__seen")
    return {key: seen[key] and (seen[key] - seen["since"]) / 1000 for key in ("first", "complete")}


_SECONDS = "{:.2f}".format
_VISIT: Columns = {
    "page": ("page", str),
    "first_s": ("first figure s", _SECONDS),
    "complete_s": ("complete s", _SECONDS),
    "requests": ("requests", str),
    "kb": ("kB", "{:,.0f}".format),
    "compressed": ("compressed", str),
    "compressible": ("of", str),
    "cacheable": ("cacheable", str),
    "messages": ("messages", str),
    "messages_kb": ("kB of them", "{:,.0f}".format),
    "script_ms": ("script ms", "{:,.0f}".format),
    "layout_ms": ("layout ms", "{:,.0f}".format),
    "busy_ms": ("busy ms", "{:,.0f}".format),
    "again_s": ("again s", _SECONDS),
    "again_kb": ("kB again", "{:,.0f}".format),
    "change_first_s": ("by a link: first s", _SECONDS),
    "change_s": ("complete s", _SECONDS),
    "change_again_s": ("a second time s", _SECONDS),
}


def main(
    page: Annotated[str, typer.Option(help=f"one or several of {', '.join(PAGES)}, with commas; or « each »")] = "each",
    url: Annotated[str, typer.Option(help="a server that runs already, instead of a new one for each page")] = "",
    jsonl: Annotated[str, typer.Option("--json", help="a file to add the rows to, one JSON object a line")] = "",
) -> None:
    """How long a first visit takes in a real browser."""
    first = True
    for row in visits(tuple(PAGES) if page == "each" else page.split(","), url):
        lines = table([row], _VISIT).splitlines()
        print("\n".join(lines if first else lines[-1:]), flush=True)
        first = False
        if jsonl:
            with Path(jsonl).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"kind": "visit", **row}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    typer.run(main)
