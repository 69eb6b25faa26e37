"""The page « Régions »: every figure is the one of the metrics, whatever the filters and however little there is."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
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

DAY = date(2024, 6, 30)


def page(state: Mapping[str, str] | None = None, **params: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60).switch_page("regions.py")
    for name, value in params.items():
        at.query_params[name] = value
    for name, value in (state or {}).items():
        at.session_state[name] = value
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
    at = page({"comparison-level": "department"}, volet="dmp", window="1,2", status="public", region="76")
    view = View(regions=("76",), volet="dmp", windows=(1, 2), legal_statuses=("public",))
    rows = ask(Store.default(), view, ("region", "department"), programme=load_programme()).rows
    participation = at.table[0].value
    assert list(participation["Participation"]) == [
        french.in_table(french.percent(row["participation_rate"])) for row in rows
    ]
    assert list(participation["Candidats"]) == [french.number(row["applicants"]) for row in rows]
    attainment = next(table.value for table in at.table if "Atteinte" in table.value)
    assert list(attainment["Atteinte"]) == [french.in_table(french.percent(row["attainment_rate"])) for row in rows]


def test_regions_stand_side_by_side_at_first_and_départements_of_a_single_one() -> None:
    assert list(page().table[0].value["Région"]) == ["Île-de-France", "Occitanie"]
    assert len(page(region="76").table[0].value) == 13


@pytest.mark.parametrize("rate", ["participation_rate", "attainment_rate-dmp", "attainment_rate-mss"])
def test_a_rate_is_chosen_for_the_judgement(rate: str) -> None:
    at = page({"studied-rate": rate})
    assert at.segmented_control(key="studied-rate").value == rate
    assert "des 21 départements" in said(at)


def test_a_volet_that_is_filtered_away_is_no_longer_on_offer() -> None:
    at = page({"studied-rate": "attainment_rate-dmp"}, volet="mss")
    assert at.segmented_control(key="studied-rate").value == "participation_rate"
    assert "Atteinte du volet 1" not in said(at)
    assert "Atteinte du volet 2" in said(at)


@pytest.mark.parametrize(
    ("level", "params"),
    [
        ("region", {"snapshot": "2022-01-31"}),
        ("department", {"snapshot": "2024-06-30~1", "region": "76,11", "volet": "mss", "window": "1"}),
        ("department", {"department": "31,75", "window": "3,4", "status": "private,espic"}),
        ("department", {"finess": "990000002"}),
        ("region", {"region": "xx", "department": "999"}),
    ],
)
def test_every_filter(level: str, params: dict[str, str]) -> None:
    at = page({"comparison-level": level, "studied-rate": "participation_rate"}, **params)
    assert [header.value for header in at.header] == [
        "Des éligibles aux cibles atteintes",
        "Écarts entre départements : hasard ou non",
    ]


def test_a_single_département_is_compared_with_nothing_and_offers_the_others() -> None:
    at = page(department="31")
    assert "Il faut au moins deux départements" in said(at).replace("\\", "")
    assert "Occitanie (sélection)" in said(at)
    at.button[-1].click().run()
    assert "department" not in at.query_params
    assert "des 21 départements" in said(at)


def test_nothing_to_show_says_so() -> None:
    at = page(region="93")
    assert "Aucun établissement ne répond à ces filtres" in said(at)
    assert not at.table


def test_a_register_without_applications(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [establishment(f"99000000{n}", department=code) for n, code in enumerate(("31", "31", "34", "82"))]
    publish(tmp_path, monkeypatch, tables(rows))
    at = page({"comparison-level": "department"})
    text = said(at)
    assert "Participation\u00a0: 0,0\u00a0% (3 départements)" in text
    assert "Acceptation non calculable\u00a0: aucun dossier instruit" in text
    assert "Occitanie\u00a0: aucun candidat parmi 4 établissements éligibles" in text
    assert "aucun des 3 départements ne s’écarte" in text
    at = page({"studied-rate": "attainment_rate-dmp"})
    assert "Atteinte du volet 1 non calculable\u00a0: aucun établissement retenu" in said(at).replace("\\", "")


def test_one_establishment_that_is_not_eligible_but_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [establishment("990000001", eligible=False), establishment("990000002", department="34")]
    publish(tmp_path, monkeypatch, tables(rows, [application("990000001", 1, "dmp")]))
    text = said(page({"comparison-level": "department"}))
    assert "Occitanie" in text
    assert "Participation" in text


def test_a_click_filters_by_the_territory_and_taking_it_back_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[View] = []
    state = {"n": 0}
    monkeypatch.setattr("sunes.ui.frame.go_to", gone.append)
    monkeypatch.setattr("streamlit.session_state", state)
    view = View(regions=("11",), departments=("75",), volet="dmp")
    marks = [("department", "31", "Haute-Garonne"), ("region", "76"), None]
    for mark in marks:
        charts._picked(view, {"selection": {"points": [{"customdata": mark}]}}, "n")
    charts._picked(view, {"selection": {"points": []}}, "n")
    assert gone == [view.having(departments=("31",)), view.having(regions=("76",), departments=())]
    assert state == {"n": 2}


def test_clicking_a_département_filters_everything_and_back_undoes_it(site: str, visit: Callable[..., Visit]) -> None:
    seen = visit(f"{site}/regions?region=76", height=900)
    assert seen.barriers() == []
    for _ in range(2):
        seen.page.locator(".js-plotly-plot").first.locator(".points path.point").nth(3).click(force=True)
        seen.page.wait_for_url("**department=*")
        seen.settle()
        assert seen.page.get_by_text("Occitanie (sélection)").count() > 0
        seen.page.go_back()
        seen.page.wait_for_url(f"{site}/regions?region=76")
        seen.settle()
    assert seen.errors == []
    assert seen.hosts <= {"127.0.0.1", "local"}
