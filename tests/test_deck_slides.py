"""Slides say what the metrics say, whatever the View and however little there is to say, and keep saying it."""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sunes import engine, french, geography, metrics
from sunes.access.people import EVERYTHING
from sunes.deck import build, timely
from sunes.deck.facts import Facts
from sunes.deck.plan import Choice, Deck, Kind
from sunes.deck.slide import Bars, Chart, Lines, Listing, Points, Presentation, Slide, Visual
from sunes.definitions import load_definitions
from sunes.insights import changes as insights
from sunes.metrics import Answer, Row
from sunes.programme import load_programme
from sunes.roster import roster
from sunes.schema import LEGAL_STATUSES
from sunes.snapshots import DATA, Store
from sunes.view import View
from tests.rows import Tables, application, arrow, establishment, tables, usage

PROGRAMME, DEFINITIONS = load_programme(), load_definitions()
OURS = Store(DATA)
# A few of its snapshots, for what does not depend on how many there are.
KEPT = ("2021-11-30", "2023-01-31", "2023-02-28", "2024-05-31", "2024-06-30")
WINTER, MAY, JUNE, JULY = date(2023, 12, 31), date(2024, 5, 31), date(2024, 6, 30), date(2024, 7, 31)
THEN = datetime(2024, 7, 5, tzinfo=UTC)
KINDS: tuple[Kind, ...] = get_args(Kind)
OWN = tuple(kind for kind in KINDS if kind != "map")
ONE = "990000001"


# Stores ---------------------------------------------------------------------------------------------------------------


def country(step: int) -> Tables:
    """Six establishments in each region of France, further on with each `step` from 0 to 2."""
    rows: list[dict[str, Any]] = []
    filed, measured = [], []
    places = [d for d in geography.departments().values() if d.region_code in geography.regions()]
    for region in geography.regions():
        own = [place.code for place in places if place.region_code == region][:3]
        for n in range(6):
            finess = f"99{len(rows) + 1:07d}"
            rows.append(establishment(finess, region, own[n % len(own)], combined_activity=100.0 * n))
            if n > 3 + len(rows) % 3:
                continue
            windows = ((1, "dmp"), (2, "mss")) if n % 2 else ((2, "dmp"),)
            for window, volet in windows:
                filed.append(application(finess, window, volet, "accepted" if n < 5 else "pending"))
                for indicator in PROGRAMME.volet(volet).required if n < 2 + step else ():
                    status = "missed" if (n + len(rows)) % 4 == 0 else "attained"
                    row = usage(finess, window, volet, indicator, status)
                    measured.append(row | {"numerator": 10 + n, "denominator": 40, "threshold": 0.2})
    return tables(rows, filed, measured)


REGISTER = tables([establishment(f"31000000{n}") for n in range(7)] + [establishment("750000001", "11", "75")])
ALONE = tables([establishment(ONE)], [application(ONE, 1, "dmp")], [])
INELIGIBLE = tables([establishment(ONE, eligible=False), establishment("990000002", "11", "75", eligible=False)])


def publish(store: Store, content: Tables, day: date, at: datetime | None = None) -> None:
    moment = at or datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=3)
    store.publish(day, arrow((day, 1, content))[2], simulated=False, published_at=moment, programme=PROGRAMME)


@pytest.fixture(scope="module", autouse=True)
def _fast_disk() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        yield


def made(folder: Path) -> Store:
    store = Store(folder)
    for step, day in enumerate((WINTER, MAY, JUNE)):
        publish(store, country(step), day)
    return store


@pytest.fixture(scope="module")
def france(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return made(tmp_path_factory.mktemp("france"))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, france: Store) -> dict[str, Store]:
    found = {"france": france}
    for name, content in (("register", REGISTER), ("alone", ALONE), ("ineligible", INELIGIBLE)):
        found[name] = Store(tmp_path_factory.mktemp(name))
        publish(found[name], content, JUNE)
    return found


# Asking ---------------------------------------------------------------------------------------------------------------


def planned(kinds: Sequence[Kind], of: str | None = None) -> Deck:
    return Deck(title="Essai", slides=tuple(Choice(kind=kind, of=of) for kind in kinds))


def shown(
    store: Store, view: View, *kinds: Kind, of: str | None = None, known_at: datetime | None = None
) -> Presentation:
    return build.presentation(
        planned(kinds, of), Facts(store, view, PROGRAMME, DEFINITIONS, known_at, sight=EVERYTHING)
    )


class Asked:
    """A store to be asked by slides, and without any of the code of decks; each question once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.facts = cache(lambda view: Facts(store, view, PROGRAMME, DEFINITIONS, sight=EVERYTHING))
        self.slide = cache(self._slide)
        self.answer = cache(self._answer)

    def _slide(self, kind: Kind, view: View, of: str | None = None) -> Slide:
        (found,) = build.presentation(planned((kind,), of), self.facts(view)).slides
        return found

    def _answer(self, view: View, *by: str) -> Answer:
        now = self.store.resolve(view.snapshot)
        snapshots = self.store.history(until=now.as_of) if "snapshot" in by else (now,)
        return metrics.answer(engine.frames(snapshots, EVERYTHING), view, by, programme=PROGRAMME)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """The embedded data, with a few of its snapshots."""
    folder = tmp_path_factory.mktemp("ours")
    for name in KEPT:
        shutil.copytree(OURS.folder / f"as_of={name}", folder / f"as_of={name}")
    return Asked(Store(folder))


def bars(visual: Visual) -> dict[str, dict[str, Any]]:
    """Series → category → value."""
    assert isinstance(visual, Chart)
    assert isinstance(visual.native, Bars)
    return {
        series.name: dict(zip(visual.native.categories, series.values, strict=True)) for series in visual.native.series
    }


def rate_of(row: Row, rate: str) -> str:
    """« 79,9 % », as a figure writes it."""
    return french.percent(row[rate])


def drawn(visual: Visual) -> str:
    """All that a figure writes and all that stands beside it, as text."""
    assert isinstance(visual, Chart)
    return json.dumps(
        [visual.figure.to_dict(), visual.description, list(visual.records)], default=str, ensure_ascii=False
    )


def named(value: object) -> str | None:
    return "&".join("=".join(each) for each in value.to_params().items()) or "all" if isinstance(value, View) else None


VIEWS = (
    View(),
    View(regions=("76",)),
    View(snapshot="2023-02-28", volet="mss"),
    View(regions=("11",), windows=(2,), legal_statuses=("private",)),
    View(departments=("31", "34", "75")),
)
NAMES = {code: region.name for code, region in geography.regions().items()}
DEPARTMENTS = {code: department.name for code, department in geography.departments().items()}


# Numbers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS, ids=named)
class TestEveryNumberIsTheMetrics:
    def test_region(self, view: View, ours: Asked) -> None:
        for row in ours.answer(view, "region").rows:
            here = ours.slide("region", view, row["region"])
            volets = ours.answer(view, "region", "volet").only(region=row["region"]).rows
            values = [rate_of(row, "participation_rate"), *(rate_of(each, "attainment_rate") for each in volets)]
            assert [figure.value for figure in here.figures[:-1]] == values
            for figure, each in zip(here.figures[1:-1], volets, strict=True):
                assert figure.made_of.startswith(f"{each['attained']} sur {each['accepted']} ")
            gaps = [str(each["gap_establishments"]) for each in volets if each["gap_establishments"]]
            assert here.figures[-1].value == (french.join(gaps) or "0")
            native = here.visuals[0].native if isinstance(here.visuals[0], Chart) else None
            assert isinstance(native, Lines)
            past = ours.answer(view, "snapshot", "region").only(region=row["region"]).rows
            assert native.series[0].values == tuple(each["participation_rate"] for each in past)

    def test_comparison(self, view: View, ours: Asked) -> None:
        by = ("region",) if len(ours.answer(view, "region").rows) > 1 else ("region", "department")
        names = NAMES if by == ("region",) else DEPARTMENTS
        (chart,) = ours.slide("comparison", view).visuals
        found = bars(chart)
        for row in ours.answer(view, *by).rows:
            name = names[row[by[-1]]]
            if name in found["Participation"]:
                assert found["Participation"][name] == row["participation_rate"]
                assert rate_of(row, "participation_rate") in drawn(chart)
        assert len(ours.answer(view, *by).rows) <= len(chart.records)
        for row in ours.answer(view, *by, "volet").rows:
            name, number = names[row[by[-1]]], PROGRAMME.volet(row["volet"]).number
            if name in found["Participation"]:
                assert found[f"Atteinte du volet {number}"][name] == row["attainment_rate"]

    def test_targets(self, view: View, ours: Asked) -> None:
        charts = ours.slide("targets", view).visuals
        rows = ours.answer(view, "region", "volet").rows
        regions = {row["region"] for row in rows}
        for row in rows:
            volet = PROGRAMME.volet(row["volet"])
            chart = charts[0] if len(regions) == 1 else next(c for c in charts if c.name == f"atteinte-{volet.id}")
            name = f"Volet {volet.number} – {volet.name}" if len(regions) == 1 else NAMES[row["region"]]
            values = {series: of[name] for series, of in bars(chart).items()}
            assert values == {
                "Atteinte": row["attainment_rate"],
                "Maximum possible": row["attainment_rate_max"],
                "Cible": row["target_rate"],
            }
            assert f"{row['attained']} sur {row['accepted']}" in drawn(chart)

    def test_progress(self, view: View, ours: Asked) -> None:
        (chart,) = ours.slide("progress", view).visuals
        assert isinstance(chart, Chart)
        assert isinstance(chart.native, Lines)
        history = ours.answer(view, "snapshot", "region", "volet")
        names = {row["region"]: f"{NAMES[row['region']]}, volet" for row in history.rows}
        names = names if len(names) > 1 else dict.fromkeys(names, "Volet")
        found = {series.name: series.values for series in chart.native.series}
        for region, volet in {(row["region"], row["volet"]) for row in history.rows}:
            rows = history.only(region=region, volet=volet).rows
            name = f"{names[region]} {PROGRAMME.volet(volet).number}"
            assert found[name] == tuple(row["attainment_rate"] if row["evaluated"] else None for row in rows)
            assert [day.isoformat() for day in chart.native.days] == [row["snapshot"] for row in rows]
            assert f"{french.count(rows[-1]['attained'], 'atteint')} sur {rows[-1]['accepted']}" in drawn(chart)

    def test_windows(self, view: View, ours: Asked) -> None:
        for region in {row["region"] for row in ours.answer(view, "region").rows}:
            chart = ours.slide("windows", view, region).visuals[0]
            found = bars(chart)
            for row in ours.answer(view, "region", "window").only(region=region).rows:
                name = f"Fenêtre {row['window']}"
                new, back = found["Nouveaux retenus"][name], found["Déjà retenus auparavant"][name]
                if new is None:  # not open to the volet, or not yet
                    assert row["window"] in (1, 4)
                    assert row["applications"] == 0
                    continue
                assert (new, back) == (row["newcomers"], row["accepted"] - row["newcomers"])
                assert f"{french.count(row['applications'], 'dossier')}, {row['accepted']} retenus" in drawn(chart)

    def test_departments(self, view: View, ours: Asked) -> None:
        (chart,) = ours.slide("departments", view).visuals
        values = bars(chart)
        series = next(iter(values))
        volet = next((v.id for v in PROGRAMME.volets if series == f"Atteinte du volet {v.number}"), None)
        rows = (
            ours.answer(view, "department", "volet").only(volet=volet).rows
            if volet
            else ours.answer(view, "department").rows
        )
        by_name = {DEPARTMENTS[row["department"]]: row for row in rows}
        rate = "attainment_rate" if volet else "participation_rate"
        assert 0 < len(values[series]) <= 8
        assert values[series] == {name: by_name[name][rate] for name in values[series]}
        assert len(chart.records) == sum(row[rate] is not None for row in rows)
        if volet:
            missing = {row["Département"]: row["Manquent à la cible"] for row in chart.records}
            assert missing == {n: str(r["gap_establishments"]) for n, r in by_name.items() if r[rate] is not None}

    def test_funnel(self, view: View, ours: Asked) -> None:
        (chart,) = ours.slide("funnel", view).visuals
        assert isinstance(chart, Chart)
        assert isinstance(chart.native, Points)
        departments, overall, *others = chart.native.series
        rows = ours.answer(view, "department", "volet").rows if view.volet else ours.answer(view, "department").rows
        rate, whole = ("attainment_rate", "accepted") if view.volet else ("participation_rate", "eligible")
        known = {row["department"]: (row[whole], row[rate]) for row in rows if row[rate] is not None}
        points = zip(departments.xs, departments.ys, strict=True)
        assert dict(zip(departments.labels, points, strict=True)) == known
        (total,) = ours.answer(view, "volet").rows if view.volet else ours.answer(view).rows
        assert set(overall.ys) == {total[rate]}
        assert [mark.line for mark in others] == [True] * (5 if view.volet else 4)

    def test_changes(self, view: View, ours: Asked) -> None:
        now = ours.store.resolve(view.snapshot)
        before = ours.store.history(until=now.as_of)[-2]
        rosters = [
            roster(engine.frames([each], EVERYTHING), view.having(snapshot=each.id.pin), PROGRAMME)
            for each in (before, now)
        ]
        found = insights.changes(*rosters)
        here = ours.slide("changes", view)
        assert here.title.split(" ", 1)[0] in (str(len({change.line.finess for change in found})), "Aucun")
        assert french.unbroken(french.day(before.as_of)) in here.title
        listed = [record["Établissement"] for visual in here.visuals for record in visual.records]
        assert listed == [timely.cut(change.line.name) for change in found[:10]]


def test_the_sheet_is_that_of_the_roster(ours: Asked) -> None:
    snapshot = ours.store.resolve(None)
    lines = roster(engine.frames([snapshot], EVERYTHING), View(snapshot=snapshot.id.pin), PROGRAMME).lines
    line = next(line for line in lines if len(line.usages) > 3 and len(line.applications) > 1)
    here = ours.slide("sheet", View(regions=("53",)), line.finess)  # wherever it is
    assert line.finess in here.paragraphs[0]
    rates = {
        f"{indicator.name} (fenêtre {row['window']})": row["numerator"] / row["denominator"]
        for row in line.usages
        for indicator in PROGRAMME.indicators
        if indicator.id == row["indicator"] and row["denominator"]
    }
    values = bars(here.visuals[0])["Taux"]
    assert values
    assert values == {name: rates.get(name) for name in values}
    dossiers = here.visuals[-1]
    assert isinstance(dossiers, Listing)
    assert [record["Fenêtre"] for record in dossiers.records] == [str(row["window"]) for row in line.applications]
    assert shown(ours.store, View(), "sheet", of="000000000").slides == ()


def test_the_frame_says_what_is_published_and_by_whom(ours: Asked) -> None:
    here = ours.slide("frame", View())
    text = " ".join([here.title, *here.paragraphs, *(t for v in here.visuals for r in v.records for t in r.values())])
    for target in PROGRAMME.targets:
        share = french.percent(target.share, None)
        assert french.unbroken(f"{share} au {french.day(target.due)} ({target.source})") in text
    for window in PROGRAMME.windows:
        assert french.unbroken(french.day(window.opens)) in text
    assert text.count("échéance non publiée") == sum(window.deadline is None for window in PROGRAMME.windows)


def test_sources_and_definitions(ours: Asked) -> None:
    sources, definitions = ours.slide("sources", View()), ours.slide("definitions", View())
    assert "révision 1" in sources.paragraphs[0]
    assert ours.store.resolve(None).digest[:8] in sources.paragraphs[0]
    assert sources.paragraphs[1].startswith("Données simulées")
    assert {record["Titre"] for record in sources.visuals[1].records} == {s.title for s in PROGRAMME.sources.values()}
    told = {record["Chiffre"]: record["Définition"] for record in definitions.visuals[0].records}
    assert told["Participation"] == DEFINITIONS["participation_rate"].definition
    assert len(told) <= 8


def test_time_goes_by_in_few_even_steps() -> None:
    (chart,) = shown(OURS, View(regions=("76",)), "progress").slides[0].visuals
    assert isinstance(chart, Chart)
    days = [snapshot.as_of for snapshot in OURS.history()]
    assert len(chart.frames) == timely.MOMENTS < len(days)
    assert [chart.frames[i].label for i in (0, -1)] == [french.day(days[i]) for i in (0, -1)]
    assert chart.frames[-1].figure == chart.figure
    chosen = timely.chosen([str(n) for n in range(len(days))])
    steps = [int(after) - int(before) for before, after in pairwise(chosen)]
    assert max(steps) - min(steps) <= 1
    assert timely.chosen(["a", "b"]) == ["a", "b"]


# However little there is to say -------------------------------------------------------------------------------------


def fits(presentation: Presentation) -> None:
    """What every slide owes to those who read it from afar."""
    for each in presentation.slides:
        assert each.title
        assert len(each.title) <= 130, each.title
        assert len(each.paragraphs) <= 3
        names = [visual.name for visual in each.visuals]
        assert len(set(names)) == len(names)
        texts = [each.title, each.kicker, *each.paragraphs]
        for figure in each.figures:
            texts += [figure.label, figure.value, figure.made_of, figure.change]
        for visual in each.visuals:
            texts += [
                visual.title,
                visual.description,
                *(text for record in visual.records for text in record.values()),
            ]
            if isinstance(visual, Listing):
                assert len(visual.records) <= 10
                assert all(len(record) <= 5 for record in visual.records)
            elif isinstance(visual, Chart):
                assert visual.figure.checked.layout.height <= 440
                assert visual.description
                assert visual.records
        for text in texts:
            assert isinstance(text, str)
            assert not re.search(r"\bNone\b|\bnan\b|clic", text), text
            assert french.typographic(text) == text, text
    assert len({each.id for each in presentation.slides}) == len(presentation.slides)


STATES = {
    ("register", View()): {"region", "comparison", "targets", "windows", "funnel"},
    ("register", View(regions=("76",))): {"region", "targets", "windows", "funnel"},
    ("alone", View()): {"region", "targets", "windows", "progress", "funnel"},
    ("alone", View(volet="mss", windows=(1,))): {"region", "targets", "windows", "funnel"},
    ("ineligible", View()): {"region", "comparison", "targets", "windows", "funnel"},
    ("france", View(legal_statuses=("private",))): set(),
    ("france", View()): {"region", "comparison", "targets", "windows", "progress", "departments", "funnel"},
}


@pytest.mark.parametrize(("name", "view"), STATES, ids=named)
def test_there_is_a_slide_wherever_there_is_something_to_say(name: str, view: View, stores: dict[str, Store]) -> None:
    found = shown(stores[name], view, *OWN)
    fits(found)
    always = {"title", "frame", "sources", "definitions"} | ({"changes"} if name == "france" else set())
    assert {each.kind for each in found.slides} == always | STATES[name, view]


@pytest.mark.parametrize(
    "view", [*VIEWS, View(snapshot="2021-11-30"), View(windows=(1, 2), regions=("76",))], ids=named
)
def test_slides_of_the_embedded_data_fit(view: View, ours: Asked) -> None:
    found = build.presentation(planned(OWN), ours.facts(view))
    fits(found)
    if view.snapshot == "2021-11-30":
        assert "changes" not in {each.kind for each in found.slides}  # nothing came before
    if view.windows:
        targets = next(each for each in found.slides if each.kind == "targets")
        assert any("toutes les fenêtres ensemble" in text for text in targets.paragraphs)


def test_of_many_territories_the_chart_has_some_and_the_table_all(france: Store) -> None:
    found = shown(france, View(), "comparison", "targets", "progress").slides
    comparison, targets, progress = found
    for each, most in ((comparison, 12), (targets, 8)):
        assert len(next(iter(bars(each.visuals[0]).values()))) == most
        assert f"Sur 18 régions, les {most} qui ont" in " ".join(each.paragraphs)
    assert len(comparison.visuals[0].records) == 18
    assert {record["Région"] for record in targets.visuals[0].records} == set(NAMES.values())
    assert "Les 18 régions ensemble" in drawn(progress.visuals[0])


def test_one_department_is_not_compared(ours: Asked) -> None:
    found = shown(ours.store, View(departments=("31",)), "comparison", "departments", "funnel").slides
    assert [each.kind for each in found] == ["funnel"]
    assert "au moins deux départements" in found[0].paragraphs[0]


def test_what_is_missing_in_two_volets_is_not_added_up(ours: Asked) -> None:
    for snapshot, volet, value, made_of in (
        (None, None, "10", "établissements au volet 1 ; cible du volet 2 atteinte"),
        (None, "mss", "0", "cible atteinte : volet 2"),
        ("2021-11-30", None, "pas encore évalué", "aucun établissement évalué"),
        ("2021-11-30", "mss", "sans objet", "aucun établissement retenu"),
    ):
        figure = ours.slide("region", View(snapshot=snapshot, regions=("76",), volet=volet), "76").figures[-1]
        assert (figure.value, re.sub(r"\s", " ", figure.made_of)) == (value, made_of)
    both = ours.slide("region", View(snapshot="2023-02-28"), "76").figures[-1]
    assert re.fullmatch(r"\d+ et \d+", both.value)
    assert both.made_of == french.unbroken("établissements aux volets 1 et 2")


@st.composite
def views(draw: st.DrawFn) -> View:
    return View(
        snapshot=draw(st.sampled_from((None, "2023-12-31", "2024-05-31"))),
        regions=tuple(draw(st.lists(st.sampled_from(("76", "11", "94", "01")), max_size=3))),
        departments=tuple(draw(st.lists(st.sampled_from(("09", "11", "75", "2A")), max_size=2))),
        volet=draw(st.sampled_from((None, "dmp", "mss"))),
        windows=tuple(draw(st.lists(st.sampled_from((1, 2, 3)), max_size=2))),
        legal_statuses=tuple(draw(st.lists(st.sampled_from(LEGAL_STATUSES), max_size=1))),
        finess=tuple(draw(st.lists(st.sampled_from((ONE, "990000002", "000000000")), max_size=1))),
    )


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(views())
def test_any_view_has_its_slides(france: Store, view: View) -> None:
    fits(shown(france, view, *OWN))


# Frozen ---------------------------------------------------------------------------------------------------------------


def test_nothing_published_later_changes_a_slide(tmp_path: Path) -> None:
    store = made(tmp_path)
    view, kinds = View(snapshot=f"{JUNE}~1", finess=()), tuple(kind for kind in OWN if kind != "sheet")

    def deck() -> tuple[Slide, ...]:
        sheet = shown(store, view, "sheet", of=ONE, known_at=THEN).slides
        return (*shown(store, view, *kinds, known_at=THEN).slides, *sheet)

    before = deck()
    assert {each.kind for each in before} == set(OWN)
    later = THEN + timedelta(days=30)
    publish(store, country(0), JULY, later)  # a newer date
    publish(store, country(0), JUNE, later)  # a correction of the deck's own
    publish(store, REGISTER, MAY, later)  # one of the date before, which « changes » looks at
    publish(store, REGISTER, WINTER, later)
    assert deck() == before
    assert shown(store, view, "changes", "progress").slides != tuple(
        each for each in before if each.kind in ("changes", "progress")
    )


# What a slide must not claim ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["region", "comparison", "targets", "progress", "windows", "departments"])
def test_a_slide_of_a_part_says_of_which_part(kind: Kind) -> None:
    slides = shown(Store.default(), View(snapshot="2024-06-30", departments=("31", "48")), kind).slides
    assert slides
    for slide in slides:
        assert slide.kicker.endswith("31 – Haute-Garonne et 48 – Lozère"), slide.kicker
        assert "régionale" not in slide.title


def test_a_slide_of_one_establishment_names_it() -> None:
    store = Store.default()
    line = roster(engine.frames([store.resolve("2024-06-30")], EVERYTHING), View(regions=("76",)), PROGRAMME).lines[0]
    (slide,) = shown(store, View(snapshot="2024-06-30", finess=(line.finess,)), "region").slides
    assert slide.kicker.endswith(french.typographic(f" · {line.name}"))


@pytest.mark.parametrize("kind", ["comparison", "targets", "progress", "windows"])
def test_before_any_evaluation_nothing_is_called_missed(kind: Kind) -> None:
    for slide in shown(Store.default(), View(snapshot="2021-12-31", volet="dmp"), kind).slides:
        said = " ".join((slide.title, *slide.paragraphs, *(visual.title for visual in slide.visuals)))
        assert not re.search("en dessous|n’est atteinte|Atteinte de 0", said), said


def test_départements_that_find_no_room_are_counted() -> None:
    (slide,) = shown(Store.default(), View(snapshot="2024-06-30"), "departments").slides
    (chart,) = slide.visuals
    assert isinstance(chart, Chart)
    assert isinstance(chart.native, Bars)
    telling = int(re.search(r"(\d+) des \d+ départements sous", slide.title)[1])  # type: ignore[index]
    assert len(chart.native.categories) < telling
    assert re.search(r"\d+ autres départements ne sont pas dessinés\.", " ".join(slide.paragraphs))
