"""How smoothly a map follows the hand that drags it: `python -m benchmarks.dragging --help`.

The same gesture in the same browser on the map of the embedded data and on that of an invented nation (see
`generated`). Chromium has no graphics card here: the processor does what a card would, many times slower. So the frames
that are seen are told, as on a machine without a card, and apart from it what the page itself takes for each of them:
below 16 ms, a card shows sixty a second.
"""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from playwright.sync_api import Browser, CDPSession

from benchmarks import generated, servers
from benchmarks.tables import Columns, Row, table
from sunes import engine, roster
from sunes.access.people import EVERYTHING
from sunes.programme import load_programme
from sunes.snapshots import DATA, Store
from sunes.view import View
from tests.browser import find_chromium, open_browser

_FRAMES = """() => {
  const frames = window.__frames = []
  const look = (now) => { frames.push(now); requestAnimationFrame(look) }
  requestAnimationFrame(look)
}"""
_STEPS = 60  # of the hand

COLUMNS: Columns = {
    "data": ("map", str),
    "establishments": ("establishments", "{:,}".format),
    "page_ms": ("of the page, ms/frame", "{:.1f}".format),
    "frames_per_s": ("frames/s without a card", "{:.1f}".format),
    "p50_ms": ("between frames, p50 ms", "{:.0f}".format),
    "p95_ms": ("p95 ms", "{:.0f}".format),
}


def steps() -> Iterator[Row]:
    """One row per map. Raises RuntimeError when there is no Chromium."""
    executable = find_chromium()
    if executable is None:
        raise RuntimeError("No Chromium is installed.")
    with TemporaryDirectory(prefix="sunes-") as place, open_browser(executable) as browser:
        nation = Path(place) / "nation"
        generated.write(nation, 1, 1)
        for name, folder in (("two regions, embedded", DATA), ("18 regions, national", nation)):
            with servers.streamlit(SUNES_DATA=str(folder)) as server:
                shown = engine.frames([Store(folder).resolve()], EVERYTHING)
                number = len(roster.roster(shown, View(), load_programme()).lines)
                yield {"data": name, "establishments": number, **_drag(browser, server.url)}


def _drag(browser: Browser, url: str) -> dict[str, float]:
    page = browser.new_page(viewport={"width": 1366, "height": 900}, locale="fr-FR")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # of the processor, not of the clock
    page.goto(f"{url}/carte")
    canvas = page.locator("[data-testid=stDeckGlJsonChart] canvas").first
    canvas.wait_for(timeout=60_000)
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')")
    time.sleep(3)  # it flies to its place
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(_FRAMES)
    before = _busy(session)
    for step in range(_STEPS):
        page.mouse.move(x + 3 * step, y + step)
    frames: list[float] = page.evaluate("() => window.__frames")
    busy = _busy(session) - before
    page.mouse.up()
    page.close()
    between = sorted(after - before for before, after in pairwise(frames))
    return {
        "page_ms": 1000 * busy / len(between),
        "frames_per_s": 1000 / (sum(between) / len(between)),
        "p50_ms": between[len(between) // 2],
        "p95_ms": between[int(0.95 * (len(between) - 1))],
    }


def _busy(session: CDPSession) -> float:
    """Seconds that the page itself has worked so far: its scripts, its layout, what it asks the card for."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def main() -> None:
    """How smoothly a map follows the hand that drags it."""
    for number, row in enumerate(steps()):
        lines = table([row], COLUMNS).splitlines()
        print("\n".join(lines[2:] if number else lines), flush=True)


if __name__ == "__main__":
    typer.run(main)
