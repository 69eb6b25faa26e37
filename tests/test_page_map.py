"""The page « Carte »: its figures are those of the metrics, in every state of the data, and a click leads on."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from sunes import french
from sunes.figures.palette import MAP_LIGHT
from sunes.metrics import ask
from sunes.programme import load_programme
from sunes.roster import STATE_LABELS, State
from sunes.snapshots import Store
from sunes.view import View
from tests.browser import ROOT, Visit
from tests.pages import opened
from tests.rows import Tables, application, arrow, establishment, tables

DAY = date(2024, 6, 30)
PROGRAMME = load_programme()


def page(**params: str) -> AppTest:
    """The page in its frame."""
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60).run().switch_page("map.py")
    for name, value in params.items():
        at.query_params[name] = value
    return sound(opened(at.run()))


def sound(at: AppTest) -> AppTest:
    assert not at.exception
    assert not at.error
    return at


def read(text: str) -> str:
    return text.replace(french.NBSP, " ").replace(french.NARROW_NBSP, " ").replace("\\", "")


def said(at: AppTest) -> str:
    return read("\n".join(str(each.value) for kind in (at.markdown, at.caption, at.info) for each in kind))


def legend(at: AppTest) -> str:
    (html,) = [html for each in at.get("html") if "map-legend" in (html := str(getattr(each, "value", "")))]
    return read(html)


def maps(at: AppTest) -> list[str]:
    return [
        key.removeprefix("carte-").rpartition("-")[0]  # the rest is the width that it is drawn for
        for each in at.get("deck_gl_json_chart")
        if (key := each.key) and key.startswith("carte-")
    ]


def store(directory: Path, monkeypatch: pytest.MonkeyPatch, content: Tables) -> None:
    Store(directory).publish(DAY, arrow((DAY, 1, content))[2], simulated=False)
    monkeypatch.setenv("SUNES_DATA", str(directory))


def as_view(params: Mapping[str, str]) -> View:
    territories = {code: region.code for region in PROGRAMME.regions for code in region.departments}
    view, notices = View.from_params(params, PROGRAMME, territories)
    assert not notices
    return view


@pytest.mark.parametrize(
    "params",
    [
        {"volet": "dmp"},
        {"region": "76", "volet": "mss", "window": "1,2", "status": "public,espic"},
        {"department": "75,31", "volet": "dmp", "snapshot": "2023-05-31~1"},
        {"region": "11", "volet": "mss", "snapshot": "2022-07-31"},
    ],
)
def test_the_figures_are_those_of_the_metrics(params: dict[str, str]) -> None:
    at = page(**params)
    view = as_view(params)
    answer = ask(Store.default(), view, ("region", "department"), programme=PROGRAMME)
    whole = ask(Store.default(), view, programme=PROGRAMME).rows[0]
    table = at.table[0].value
    assert len(table) == len(answer.rows)
    for row, shown in zip(answer.rows, table.to_dict("records"), strict=True):
        assert shown["Retenus"] == french.number(row["accepted"])
        expected = french.percent(row["attainment_rate"]) if row["evaluated"] else "–"
        assert shown["Atteinte"] == expected
    # Every establishment is in the legend once: that the map has no place for some changes no count.
    html = legend(at)
    assert f"{STATE_LABELS[State.ATTAINED]}<span>{french.number(whole['attained'])}</span>" in html
    assert f"{STATE_LABELS[State.MISSED]}<span>{french.number(whole['evaluated'] - whole['attained'])}</span>" in html


def test_participation_comes_first_and_counts_every_candidate() -> None:
    at = page(snapshot="2024-06-30")
    whole = ask(Store.default(), View(snapshot="2024-06-30"), programme=PROGRAMME).rows[0]
    idle = whole["eligible"] - whole["applicants"]
    assert f"{STATE_LABELS[State.NOT_APPLICANT]}<span>{idle}</span>" in legend(at)
    assert "Participation : de " in said(at)
    assert maps(at) == ["76", "11", "petite-couronne"]
    listed = [frame.value for frame in at.dataframe]
    assert sum(map(len, listed)) == whole["eligible"]
    assert set(listed[1]["Position"]) == {"non connue"}
    assert [expander.label for expander in at.expander][-2:] == [
        f"{len(listed[0])} établissements sur la carte",
        f"{len(listed[1])} établissements non localisés",
    ]


def test_the_slider_moves_the_view() -> None:
    at = page(region="76", volet="dmp")
    at.select_slider(key="map-day").set_value("2023-12-31~1").run()
    sound(at)
    assert at.query_params["snapshot"] in ("2023-12-31~1", ["2023-12-31~1"])
    assert at.query_params["region"] in ("76", ["76"])
    assert "31 décembre 2023" in said(at)


def test_the_colour_can_be_chosen_and_follows_the_volet() -> None:
    at = page()
    choice = at.segmented_control(key="map-rate")
    assert choice.options == ["Participation", "Cible volet 1", "Cible volet 2"]
    choice.set_value("attainment_rate-mss").run()
    assert "Volet 2 : la cible (70 %) est atteinte dans" in said(sound(at))
    at.query_params["volet"] = "dmp"
    assert "Volet 1 : la cible (80 %) est atteinte dans" in said(sound(at.run()))


def test_a_pinned_revision_stays_pinned() -> None:
    corrected = next(s.as_of for s in Store.default().history() if s.revision > 1)
    at = page(snapshot=f"{corrected}~1", volet="dmp")
    assert at.select_slider(key="map-day").value == f"{corrected}~1"
    names = at.select_slider(key="map-day").options
    assert len(names) == len(set(names))  # the browser knows them by nothing else


def test_a_register_without_applications(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [establishment("000000001", latitude=43.6, longitude=1.4), establishment("000000002", department="34")]
    store(tmp_path, monkeypatch, tables(rows))
    at = page()
    assert "Participation : 0,0 % dans chaque département" in said(at)
    assert "non candidat<span>2</span>" in legend(at)
    at.segmented_control(key="map-rate").set_value("attainment_rate-dmp").run()
    assert "Atteinte du volet 1 : aucun établissement retenu" in said(sound(at))
    assert not at.select_slider  # one snapshot: no time to go through


def test_one_establishment_without_coordinates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(tmp_path, monkeypatch, tables([establishment("000000001", name='=1+1 <b>"*x*')]))
    at = page()
    labels = [expander.label for expander in at.expander]
    assert "1 établissement non localisé" in labels
    assert "0 établissement sur la carte" not in labels
    assert list(at.dataframe[0].value["Établissement"]) == ['=1+1 <b>"*x*']


def test_nothing_to_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(tmp_path, monkeypatch, tables([establishment("000000001")]))
    at = page(status="espic")
    assert "retirez-en un" in said(at)
    assert maps(at) == []


def test_all_of_france(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [("84", "69", 45.7, 4.8), ("94", "2A", 41.9, 8.7), ("04", "974", -21.1, 55.5), ("11", "75", 48.8, 2.3)]
    rows = [
        establishment(f"00000000{i}", region, department, latitude=latitude, longitude=longitude)
        for i, (region, department, latitude, longitude) in enumerate(places)
    ]
    store(tmp_path, monkeypatch, tables(rows, [application("000000000", 1, "dmp")]))
    at = page()
    assert sorted(maps(at)) == ["04", "metropole", "petite-couronne"]
    assert "Tous les établissements sont localisés." in said(at)


def test_the_map_is_downloaded_as_a_picture(site: str, visit: Callable[..., Visit]) -> None:
    seen = visit(f"{site}/carte?region=76&volet=dmp&snapshot=2023-12-31", scheme="dark")
    with seen.page.expect_download() as download:
        seen.page.get_by_role("button", name="Télécharger l’image (SVG)").click()
    assert download.value.suggested_filename == "sunes_carte-attainment_rate-dmp_2023-12-31.svg"
    svg = read(Path(download.value.path()).read_text("utf-8"))
    title = read(seen.page.get_by_text("Volet 1\u00a0: la cible").first.inner_text())
    assert f"<title>{title}</title>" in svg
    assert "Données simulées · Situation au 31 décembre 2023" in svg
    assert f'fill="{MAP_LIGHT.paper}"' in svg  # light on paper, whatever the screen


def parameters(url: str) -> dict[str, str]:
    return {name: ",".join(values) for name, values in parse_qs(urlsplit(url).query).items()}


def test_maps_are_drawn_in_the_size_that_they_have(site: str, visit: Callable[..., Visit]) -> None:
    seen = visit(f"{site}/carte", width=1920, height=1080)
    seen.page.wait_for_function(
        """() => {
            const maps = [...document.querySelectorAll("[class*=st-key-carte-] canvas")];
            return maps.length >= 3 && maps.every((map) =>
                Math.abs((map.width / map.height) / (map.clientWidth / map.clientHeight) - 1) < 0.02);
        }"""
    )
    assert seen.errors == []


def test_a_click_filters_and_leads_to_a_sheet(site: str, visit: Callable[..., Visit]) -> None:
    seen = visit(f"{site}/carte?region=76")
    canvas = seen.page.locator(".st-key-carte-76 canvas")
    said = read(seen.pick(canvas, 0.27, 0.53, lambda url: "department=32" in url))
    assert said.startswith("Gers (32)\nParticipation : ")
    assert parameters(seen.page.url) == {"region": "76", "department": "32"}
    seen.pick(canvas, 0.27, 0.53, lambda url: "department" not in url)  # a second click takes it back
    assert seen.barriers() == []
    said = read(seen.pick(canvas, 0.62, 0.55, lambda url: "/etablissements" in url))
    assert "Volet 1 : cible manquée" in said
    assert parameters(seen.page.url).keys() == {"region", "finess"}
    assert seen.errors == []
    assert seen.hosts <= {"127.0.0.1", "local"}
