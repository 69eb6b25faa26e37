"""Every chart says in its own picture what it is of, and whether the data are simulated."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import plotly.graph_objects as go
import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from sunes.figures import stamp
from sunes.figures.palette import DARK, LIGHT, SCREEN
from sunes.snapshots import Store
from tests.browser import ROOT, Visit
from tests.rows import application, arrow, establishment, tables

Open = Callable[..., Visit]

DAY = date(2024, 6, 30)
_STAMP = "Situation au 30 juin 2024"
# Texts of a chart that stand on each other, when one of the two is the stamp's.
_MEETING = """() => [...document.querySelectorAll(".js-plotly-plot")].flatMap((chart) => {
    const texts = [...chart.querySelectorAll(".main-svg text")].filter((text) => text.textContent.trim());
    const stamp = texts.find((text) => text.textContent.startsWith("Situation au"));
    if (!stamp) return texts.length ? ["no stamp"] : [];  // the outline of a place has no figures
    const box = stamp.getBoundingClientRect(), frame = chart.getBoundingClientRect();
    const outside = box.left < frame.left || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
    const met = texts.filter((text) => {
        const other = text.getBoundingClientRect();
        return text !== stamp && other.left < box.right && box.left < other.right
            && other.top < box.bottom && box.top < other.bottom;
    });
    return [...(outside ? ["outside"] : []), ...met.map((text) => text.textContent)];
})"""


def figure() -> go.Figure:
    return go.Figure().update_layout(height=200, margin={"l": 0, "r": 40, "t": 0, "b": 24})


def test_a_stamp_has_room_of_its_own_and_leaves_the_figure_as_it_is() -> None:
    plain = figure()
    made = go.Figure(stamp.stamped(plain, DAY, True, LIGHT))
    assert plain == figure()
    assert [note.text for note in made.layout.annotations] == [f"{_STAMP}<br>données simulées · sunes"]
    assert made.layout.height - plain.layout.height == made.layout.margin.b - plain.layout.margin.b > 0


def test_real_data_are_not_called_simulated_and_nothing_moves_between_the_two() -> None:
    real, simulated = (go.Figure(stamp.stamped(figure(), DAY, which)) for which in (False, True))
    assert real.layout.annotations[0].text == f"{_STAMP}<br>sunes"
    assert real.layout.height == simulated.layout.height
    assert real.layout.margin == simulated.layout.margin


@pytest.mark.parametrize(("palette", "paper"), [(LIGHT, "#ffffff"), (DARK, "#10181d")])
def test_a_stamp_can_be_read(palette: object, paper: str) -> None:
    note = go.Figure(stamp.stamped(figure(), DAY, True, palette)).layout.annotations[0]  # type: ignore[arg-type]

    def channels(colour: str) -> list[float]:
        return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]

    def luminance(rgb: list[float]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    under = channels(paper)
    seen = [note.opacity * c + (1 - note.opacity) * p for c, p in zip(channels(note.font.color), under, strict=True)]
    high, low = sorted((luminance(seen), luminance(under)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_on_a_page_the_stamp_follows_the_theme() -> None:
    assert go.Figure(stamp.stamped(figure(), DAY, True)).layout.annotations[0].font.color == SCREEN.text


def mixed(folder: Path) -> None:
    """Two months: the first simulated, the second not."""
    rows = [establishment("310000001"), establishment("310000002")]
    for day, simulated in ((date(2024, 5, 31), True), (DAY, False)):
        content = arrow((day, 1, tables(rows, [application("310000001", 1, "dmp")])))[2]
        Store(folder).publish(day, content, simulated=simulated)


def stamps(page: str, **params: str) -> list[str]:
    app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    if page:
        app.switch_page(page).run()
    assert not app.exception
    layouts = [json.loads(chart.proto.spec)["layout"] for chart in app.get("plotly_chart")]
    return [note["text"] for layout in layouts for note in layout["annotations"] if "sunes" in note["text"]]


def test_a_history_is_simulated_as_soon_as_any_of_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    mixed(tmp_path)
    bars, lines = stamps("")
    assert bars == f"{_STAMP}<br>sunes"
    assert lines == f"{_STAMP}<br>données simulées · sunes"
    assert stamps("", snapshot="2024-05-31~1") == ["Situation au 31 mai 2024<br>données simulées · sunes"] * 2
    staircase, milestones, over_time, replay = stamps("windows.py")
    assert [staircase, replay] == [f"{_STAMP}<br>sunes"] * 2
    assert [milestones, over_time] == [f"{_STAMP}<br>données simulées · sunes"] * 2


@pytest.mark.parametrize("path", ["", "regions", "fenetres", "etablissements?finess=990000449,990000203"])
def test_the_stamp_meets_nothing_on_any_screen(site: str, visit: Open, path: str) -> None:
    here = visit(f"{site}/{path}", width=390, height=844)
    for width, height in ((390, 844), (1366, 768), (1920, 1080)):
        here.page.set_viewport_size({"width": width, "height": height})
        drawn = "document.querySelectorAll('.js-plotly-plot .main-svg').length > 1"
        here.page.wait_for_function(f"() => {drawn} && ({_MEETING})().length === 0", timeout=30_000)
    assert here.errors == []


def test_who_hears_a_chart_hears_its_date_and_the_replay_says_an_earlier_one(site: str, visit: Open) -> None:
    here = visit(f"{site}/fenetres?region=76")
    replayed = here.page.get_by_test_id("stPlotlyChart").last
    expect(replayed).to_contain_text("Situation au 30 juin 2024données simulées · sunes")
    here.page.get_by_role("slider", name="Situation rejouée").press("ArrowLeft")
    expect(replayed).to_contain_text("Situation au 31 mai 2024données simulées · sunes")
    heard = re.compile(r"Situation au 31 mai 2024, données simulées · sunes\.$")
    expect(here.page.get_by_role("figure", name=heard)).to_have_count(1)
