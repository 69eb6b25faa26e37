"""The page « Fenêtres »: its figures are those of the metrics, and the replay obeys slider and buttons."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from sunes import french
from sunes.metrics import ask
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.ui import charts
from sunes.view import View
from tests.browser import ROOT, Visit
from tests.pages import opened
from tests.rows import application, arrow, establishment, tables

PLAY, PAUSE = ":material/play_arrow: Lire", ":material/pause: Pause"
DAY = date(2024, 6, 30)


def page(**params: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60).run().switch_page("windows.py")
    for name, value in params.items():
        at.query_params[name] = value
    opened(at.run())
    assert not at.exception
    assert not at.error
    return at


def said(at: AppTest) -> str:
    return "\n".join(element.value for kind in (at.markdown, at.caption, at.info, at.header) for element in kind)


def publish(directory: Path, monkeypatch: pytest.MonkeyPatch, content: dict[str, list[dict[str, Any]]]) -> None:
    Store(directory).publish(DAY, arrow((DAY, 1, content))[2], simulated=True)
    monkeypatch.setenv("SUNES_DATA", str(directory))


def test_the_tables_hold_the_figures_of_the_metrics() -> None:
    at = page(region="76", volet="mss", status="public,espic")
    view = View(regions=("76",), volet="mss", legal_statuses=("public", "espic"))
    rows = ask(Store.default(), view, ("window",), programme=load_programme()).rows
    steps, milestones = at.table[0].value, at.table[1].value
    assert list(steps["Dossiers"])[1:] == [str(row["applications"]) for row in rows[1:]]
    assert list(steps["Retenus"])[1:] == [str(row["accepted"]) for row in rows[1:]]
    assert list(steps["Nouveaux"])[1:] == [str(row["newcomers"]) for row in rows[1:]]
    assert steps["Retenus"][0] == "sans objet (volet 1 seulement)"
    whole = ask(Store.default(), view, programme=load_programme()).row()
    assert steps["En tout"].iloc[-1] == str(whole["accepted"])
    assert list(milestones["Atteinte"])[1:] == [french.percent(row["attainment_rate"]) for row in rows[1:]]


def test_a_chart_is_its_own_page_s_even_where_another_page_has_one_of_the_same_name() -> None:
    shell = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
    shell.query_params["region"] = "76"
    elsewhere = [json.loads(chart.proto.spec)["data"] for chart in shell.run().get("plotly_chart")]
    here = [json.loads(chart.proto.spec)["data"] for chart in page(region="76").get("plotly_chart")]
    assert len(elsewhere) == 2
    assert not any(chart in here for chart in elsewhere)


def test_windows_that_do_not_add_up_are_the_title() -> None:
    at = page(region="11", window="1,2")
    assert "166 + 159 = 325 retenus par fenêtre, mais 249 établissements\u00a0: 76 sont revenus" in said(at)
    assert "échéance non publiée" not in said(at)
    assert "échéance non publiée" in said(page())


@pytest.mark.parametrize(
    "params",
    [
        {"snapshot": "2021-11-30"},
        {"snapshot": "2023-05-31~1"},
        {"region": "76", "department": "31", "window": "1", "volet": "mss"},
        {"window": "3,4", "status": "private"},
    ],
)
def test_every_filter_leaves_a_page_that_makes_sense(params: dict[str, str]) -> None:
    at = page(**params)
    assert at.header[0].value == "Fenêtre par fenêtre"
    assert not any(word in said(at) for word in ("None", "nan", "non connu %"))


def test_nothing_selected_says_so() -> None:
    assert "Aucun établissement dans cette sélection" in said(page(region="93"))


def test_the_register_alone_has_nobody_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, monkeypatch, tables([establishment("310000000"), establishment("310000001")]))
    text = said(page())
    assert "Aucun établissement retenu dans ces fenêtres" in text
    assert "aucun établissement n’est retenu" in text
    assert "Une seule situation connue" in text


def test_a_single_establishment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = tables(
        [establishment("310000000"), establishment("310000001")],
        [application("310000000", 1, "dmp"), application("310000000", 2, "mss")],
    )
    publish(tmp_path, monkeypatch, content)
    text = said(page(finess="310000000"))
    assert "1 + 1 = 2 retenus par fenêtre, mais 1 établissement\u00a0: 1 est revenu" in text


def test_the_slider_shows_another_snapshot_and_nothing_plays_by_itself() -> None:
    at = page(region="76")
    slider = at.select_slider(key="rejouer-day")
    assert slider.value == "2024-06-30"
    assert at.segmented_control(key="rejouer-mode").value == PAUSE
    slider.set_value("2023-06-30").run()
    assert not at.exception
    assert "Au 30 juin 2023," in said(at)


def test_playing_begins_anew_after_the_last_snapshot_and_goes_step_by_step() -> None:
    at = page(region="76")
    at.segmented_control(key="rejouer-mode").set_value(PLAY).run()
    seen = [str(at.select_slider(key="rejouer-day").value)]
    seen.append(str(at.run().select_slider(key="rejouer-day").value))
    assert seen == sorted(seen)
    assert seen[0] in ("2021-11-30", "2021-12-31")
    assert seen[1] > seen[0]


def test_playing_stops_at_the_last_snapshot_and_when_the_slider_is_moved() -> None:
    at = page(region="76", snapshot="2022-01-31")
    at.segmented_control(key="rejouer-mode").set_value(PLAY).run()
    for _ in range(5):
        at.run()
    assert at.select_slider(key="rejouer-day").value == "2022-01-31"
    assert at.segmented_control(key="rejouer-mode").value == PAUSE
    at.segmented_control(key="rejouer-mode").set_value(PLAY).run()
    at.select_slider(key="rejouer-day").set_value("2021-12-31").run()
    assert at.segmented_control(key="rejouer-mode").value == PAUSE
    assert at.select_slider(key="rejouer-day").value == "2021-12-31"


def test_a_snapshot_that_is_no_longer_on_offer_gives_way_to_the_last_one() -> None:
    at = page(region="76")
    at.query_params["snapshot"] = "2022-03-31"
    at.run()
    assert not at.exception
    assert at.select_slider(key="rejouer-day").value == "2022-03-31"


@pytest.mark.parametrize(
    ("marks", "changes"),
    [
        ([("window", 2)], {"windows": (2,)}),
        ([("window", 2, "volet", "mss"), ("window", 1, "volet", "mss")], {"windows": (1, 2), "volet": "mss"}),
        ([("volet", "dmp", "30 juin 2024", "165 atteints")], {"volet": "dmp"}),
        ([("volet", "dmp"), ("volet", "mss")], {"volet": None}),
        ([("region", "11", "volet", "dmp")], {"regions": ("11",), "departments": (), "volet": "dmp"}),
        ([("region", "76")], {"regions": ("76",)}),
        ([("30 juin 2024", "79,9 %")], {}),
    ],
)
def test_a_mark_narrows_the_view_to_what_it_stands_for(
    marks: list[tuple[str | int, ...]], changes: dict[str, Any]
) -> None:
    view = View(departments=("31",), volet="mss", windows=(3,), legal_statuses=("public",))
    assert charts.narrowed(view, marks) == view.having(**changes)


def test_every_mark_says_what_it_stands_for() -> None:
    at = page(region="76")
    stairs, ends, lines, standings = (json.loads(chart.proto.spec)["data"] for chart in at.get("plotly_chart"))
    assert [mark for trace in stairs for mark in trace["customdata"]] == [["window", n] for n in (1, 2, 3, 4)] * 3
    assert ["window", 2, "volet", "mss"] in [mark for trace in ends for mark in trace.get("customdata", [])]
    assert {tuple(mark[:2]) for trace in lines for mark in trace.get("customdata", [])} == {
        ("volet", "dmp"),
        ("volet", "mss"),
    }
    assert {tuple(mark) for trace in standings for mark in trace["customdata"]} == {
        ("region", "76", "volet", "dmp"),
        ("region", "76", "volet", "mss"),
    }


def test_a_click_on_a_window_filters_everything_and_back_undoes_it(site: str, visit: Callable[..., Visit]) -> None:
    seen = visit(f"{site}/fenetres?region=76", height=900)
    stairs = seen.page.locator(".js-plotly-plot").first.locator(".bars .point path")
    for _ in range(2):
        expect(stairs).to_have_count(12)
        seen.settle()
        stairs.nth(5).click(force=True)  # what came back in the second window
        seen.page.wait_for_url("**window=2")
        expect(seen.page.get_by_text("Fenêtre 2 ✕")).to_be_visible()
        expect(stairs).to_have_count(3)
        seen.page.go_back()
        seen.page.wait_for_url(f"{site}/fenetres?region=76")
    assert seen.errors == []


def test_a_click_in_the_replay_filters_the_whole_page(site: str, visit: Callable[..., Visit]) -> None:
    seen = visit(f"{site}/fenetres?region=76", height=900)
    bars = seen.page.locator(".js-plotly-plot").last.locator(".bars .point path")
    expect(bars).to_have_count(4)
    seen.settle()
    bars.nth(2).click(force=True)  # the second volet of the only region
    seen.page.wait_for_url("**volet=mss")
    expect(seen.page.get_by_text("Volet 2 ✕")).to_be_visible()
    assert seen.errors == []


def test_the_page_is_quiet_and_the_replay_works_from_the_keyboard(site: str, visit: Callable[..., Visit]) -> None:
    seen = visit(f"{site}/fenetres", scheme="dark")
    assert seen.page.title() == "Fenêtres · sunes"
    slider = seen.page.get_by_role("slider")
    slider.focus()
    seen.page.keyboard.press("ArrowLeft")
    seen.page.get_by_text("Au 31 mai 2024,").wait_for()
    assert slider.get_attribute("aria-valuetext") == "31 mai 2024"
    seen.settle()
    assert seen.barriers() == []
    seen.page.set_viewport_size({"width": 390, "height": 844})
    seen.settle()
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.errors == []
    assert seen.hosts <= {"127.0.0.1", "local"}
