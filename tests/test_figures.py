"""The figures of the overview: what is drawn, written and told is what was computed, in colours that stay apart."""

import tomllib
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from sunes import engine, french
from sunes.figures import attainment, axis, history, timeline
from sunes.figures.palette import DARK, LIGHT, SCREEN, Palette
from sunes.figures.sketch import Drawn
from sunes.metrics import Answer, answer, ask
from sunes.programme import load_programme
from sunes.snapshots import DATA, Store
from sunes.view import View
from tests.colours import VISION, contrast, distance
from tests.rows import Tables, application, arrow, establishment, tables, usage

PROGRAMME = load_programme()
NO_TARGET = PROGRAMME.model_copy(update={"targets": ()})
EMBEDDED = Store(DATA)
JUNE = date(2024, 6, 30)
EMPTY = tables([establishment("310000001")])


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def asked(content: Tables, *by: str, programme: Any = PROGRAMME, days: tuple[date, ...] = (JUNE,)) -> Answer:
    frames = engine.frames_from_tables([arrow((day, 1, content)) for day in days], "pyarrow")
    return answer(frames, View(), by, programme=programme)


@pytest.fixture(scope="module")
def volets() -> Answer:
    return ask(EMBEDDED, View(regions=("76",)), ("volet",), programme=PROGRAMME)


@pytest.fixture(scope="module")
def over_time() -> Answer:
    return ask(EMBEDDED, View(regions=("76",)), ("snapshot",), programme=PROGRAMME)


@pytest.fixture(scope="module")
def volets_over_time() -> Answer:
    return ask(EMBEDDED, View(regions=("76",)), ("snapshot", "volet"), programme=PROGRAMME)


def bars(figure: Drawn) -> list[tuple[str, float]]:
    return [(trace.y[0], trace.x[0]) for trace in figure.checked.data if trace.type == "bar"]


def words(figure: Drawn) -> list[str]:
    return [plain(note.text) for note in figure.checked.layout.annotations]


class TestBullets:
    def test_bars_are_the_rates_and_what_they_can_still_become(self, volets: Answer) -> None:
        one, two = volets.row(volet="dmp"), volets.row(volet="mss")
        assert bars(attainment.bullets(volets, PROGRAMME)) == [
            ("Volet 1", one["attainment_rate_max"]),
            ("Volet 1", one["attainment_rate"]),
            ("Volet 2", two["attainment_rate_max"]),
            ("Volet 2", two["attainment_rate"]),
        ]

    def test_the_narrow_bar_lies_on_the_pale_one(self, volets: Answer) -> None:
        best, now = attainment.bullets(volets, PROGRAMME).checked.data[:2]
        assert best.width > now.width
        assert best.marker.opacity < now.marker.opacity == 1
        assert best.marker.color == now.marker.color

    def test_targets_stand_where_they_are(self, volets: Answer) -> None:
        figure = attainment.bullets(volets, PROGRAMME)
        marks = [(t.y[0], t.x[0]) for t in figure.checked.data if t.type == "scatter"]
        assert marks == [("Volet 1", 0.8), ("Volet 2", 0.7)]
        assert words(figure)[:2] == ["cible 80 %", "cible 70 %"]
        assert [note.x for note in figure.checked.layout.annotations][:2] == [0.8, 0.7]

    def test_the_pale_band_is_explained_where_there_is_one(self, volets: Answer) -> None:
        legend = "bande pâle : encore possible, si tous les<br>non évalués atteignent la cible d’usage"
        assert words(attainment.bullets(volets, PROGRAMME))[-1] == legend
        measured = [usage("310000001", 1, "dmp", name, "missed") for name in PROGRAMME.volet("dmp").required]
        content = tables([establishment("310000001")], [application("310000001", 1, "dmp")], measured)
        for nothing_left in (content, EMPTY):
            assert "pâle" not in " ".join(words(attainment.bullets(asked(nothing_left, "volet"), PROGRAMME)))

    def test_a_volet_without_any_evaluation_is_not_told_as_a_failure(self) -> None:
        content = tables([establishment("310000001")], [application("310000001", 1, "dmp")])
        told = plain(attainment.describe(asked(content, "volet"), PROGRAMME))
        assert "Volet 1 : pas encore évalué, 1 établissement retenu." in told
        assert "0,0 %" not in told

    def test_what_a_pointer_reads_says_numerator_and_denominator(self, volets: Answer) -> None:
        row = volets.row(volet="dmp")
        said = [plain(trace.hovertemplate) for trace in attainment.bullets(volets, PROGRAMME).checked.data[:3]]
        assert said == [
            f"Volet 1 : {plain(french.percent(row['attainment_rate_max']))} si tous les non évalués l’atteignent"
            "<extra></extra>",
            f"Volet 1 : {plain(french.ratio(row['attained'], row['accepted']))} ont atteint la cible d’usage"
            "<extra></extra>",
            "Volet 1 : cible 80 %<extra></extra>",
        ]

    def test_a_volet_without_anybody_is_said_to_be_and_keeps_its_target(self) -> None:
        content = tables([establishment("310000001")], [application("310000001", 1, "dmp")])
        figure = attainment.bullets(asked(content, "volet"), PROGRAMME)
        assert bars(figure) == [("Volet 1", 1.0), ("Volet 1", 0.0)]
        assert words(figure)[:-1] == ["pas encore évalué", "cible 80 %", "aucun établissement retenu", "cible 70 %"]

    def test_nobody_at_all(self) -> None:
        figure = attainment.bullets(asked(EMPTY, "volet"), PROGRAMME)
        assert bars(figure) == []
        assert words(figure).count("aucun établissement retenu") == 2
        assert plain(attainment.describe(asked(EMPTY, "volet"), PROGRAMME)) == (
            "Barres de l’atteinte par volet. Volet 1 : aucun établissement retenu. "
            "Volet 2 : aucun établissement retenu."
        )

    def test_without_a_target_none_is_drawn(self) -> None:
        content = tables([establishment("310000001")], [application("310000001", 1, "dmp")])
        found = asked(content, "volet", programme=NO_TARGET)
        figure = attainment.bullets(found, NO_TARGET)
        assert not [note for note in words(figure) if note.startswith("cible")]
        assert [trace.type for trace in figure.checked.data] == ["bar", "bar"]
        assert "pour une cible" not in attainment.describe(found, NO_TARGET)

    def test_it_is_told_to_those_who_do_not_see_it(self, volets: Answer) -> None:
        told = plain(attainment.describe(volets, PROGRAMME))
        for row, name, target in zip(volets.rows, ("Volet 1", "Volet 2"), ("80 %", "70 %"), strict=True):
            ratio = plain(french.ratio(row["attained"], row["accepted"]))
            assert f"{name} : {ratio} des retenus ont atteint la cible d’usage, pour une cible de {target}." in told

    def test_marks_carry_what_they_stand_for(self, over_time: Answer, volets_over_time: Answer) -> None:
        by_region = ask(EMBEDDED, View(regions=("76",)), ("region", "volet"), programme=PROGRAMME)
        bars = [trace for trace in attainment.bullets(by_region, PROGRAMME).checked.data if trace.type == "bar"]
        assert {tuple(trace.customdata[0]) for trace in bars} == {
            ("region", "76", "volet", "dmp"),
            ("region", "76", "volet", "mss"),
        }
        participation, dmp, _ = history.trend(over_time, volets_over_time, PROGRAMME).checked.data
        assert [plain(text) for text in participation.customdata[-1]] == ["30 juin 2024", "79,9 %"]
        assert "customdata[0]" in participation.hovertemplate
        assert tuple(dmp.customdata[-1][:2]) == ("volet", "dmp")
        assert "customdata[2]" in dmp.hovertemplate

    def test_the_words_say_what_the_target_was_set_for(self) -> None:
        some = ask(EMBEDDED, View(regions=("76",), windows=(2,)), ("volet",), programme=PROGRAMME)
        scope = "Cibles fixées pour toutes les fenêtres ensemble."
        assert plain(attainment.describe(some, PROGRAMME)).endswith(scope)

    def test_the_axis_holds_every_share(self, volets: Answer) -> None:
        axis = attainment.bullets(volets, PROGRAMME).checked.layout.xaxis
        assert axis.range[0] == 0
        assert axis.range[1] >= 1
        assert [plain(text) for text in axis.ticktext] == ["0 %", "50 %", "100 %"]


class TestTrend:
    def test_lines_are_the_rates_of_each_snapshot(self, over_time: Answer, volets_over_time: Answer) -> None:
        figure = history.trend(over_time, volets_over_time, PROGRAMME)
        lines = {trace.name: dict(zip(trace.x, trace.y, strict=True)) for trace in figure.checked.data}

        def rates(found: Answer, metric: str) -> dict[date, float]:
            return {date.fromisoformat(row["snapshot"]): row[metric] for row in found.rows}

        def attained(volet: str) -> dict[date, float | None]:
            rows = volets_over_time.only(volet=volet).rows
            return {
                date.fromisoformat(row["snapshot"]): row["attainment_rate"] if row["evaluated"] else None
                for row in rows
            }

        assert lines == {
            "Participation": rates(over_time, "participation_rate"),
            "Volet 1": attained("dmp"),
            "Volet 2": attained("mss"),
        }
        assert lines["Volet 1"][date(2021, 11, 30)] is None, "accepted, and nobody evaluated: not known, not 0"
        assert len(lines["Participation"]) == 32

    def test_lines_differ_by_more_than_their_colour(self, over_time: Answer, volets_over_time: Answer) -> None:
        figure = history.trend(over_time, volets_over_time, PROGRAMME)
        assert [trace.line.dash for trace in figure.checked.data] == ["dash", "solid", "solid"]
        ends = [note for note in words(figure) if "●" in note]
        last = {trace.name: trace.y[-1] for trace in figure.checked.data}
        for name, rate in last.items():
            assert sum(f"{name}<br><b>{plain(french.percent(rate))}</b>" in note for note in ends) == 1

    def test_targets_are_lines_with_their_words(self, over_time: Answer, volets_over_time: Answer) -> None:
        figure = history.trend(over_time, volets_over_time, PROGRAMME)
        assert sorted(shape.y0 for shape in figure.checked.layout.shapes) == [0.7, 0.8]
        (named,) = [note for note in words(figure) if "cible" in note]
        assert named.endswith("cibles : 80 % (volet 1) et 70 % (volet 2)")

    @pytest.mark.parametrize("status", ["attained", "missed"])
    def test_labels_at_the_end_never_cover_each_other(self, status: str) -> None:
        """Where all three lines end at the top, or two of them at the bottom."""
        finess = "310000001"
        usages = [usage(finess, 2, v.id, indicator, status) for v in PROGRAMME.volets for indicator in v.required]
        filed = [application(finess, 2, volet.id) for volet in PROGRAMME.volets]
        content, days = tables([establishment(finess)], filed, usages), (date(2024, 5, 31), JUNE)
        found, of_volets = (asked(content, *by, days=days) for by in (("snapshot",), ("snapshot", "volet")))
        figure = history.trend(found, of_volets, PROGRAMME)
        heights = sorted(note.y for note in figure.checked.layout.annotations if "●" in note.text)
        assert len(heights) == 3
        assert all(upper - lower >= 0.2 for lower, upper in pairwise(heights))
        assert heights[0] >= 0
        assert heights[-1] <= 1

    def test_more_applicants_than_eligible_establishments_stay_in_sight(self) -> None:
        ineligible = [establishment(f"31000000{n}", eligible=False) for n in (2, 3)]
        content = tables(
            [establishment("310000001"), *ineligible], [application(f"31000000{n}", 1, "dmp") for n in (1, 2, 3)]
        )
        figure = history.trend(asked(content, "snapshot"), asked(content, "snapshot", "volet"), PROGRAMME)
        assert figure.checked.data[0].y == (3.0,)
        assert figure.checked.layout.yaxis.range[1] > 3
        assert plain(figure.checked.layout.yaxis.ticktext[-1]) == "300 %"
        (label,) = [note for note in figure.checked.layout.annotations if "Participation" in note.text]
        assert 2 < label.y <= 3

    def test_one_snapshot_is_a_point(self) -> None:
        content = tables([establishment("310000001")], [application("310000001", 1, "dmp")])
        figure = history.trend(asked(content, "snapshot"), asked(content, "snapshot", "volet"), PROGRAMME)
        assert {trace.mode for trace in figure.checked.data} == {"markers"}
        assert [tuple(trace.y) for trace in figure.checked.data] == [(1.0,), (None,), (None,)]
        assert sum("●" in note for note in words(figure)) == 1, "what has no value has no label"
        assert list(figure.checked.layout.xaxis.ticktext) == ["30/06/2024"]

    def test_what_is_not_known_is_a_gap_not_a_zero(self) -> None:
        days = (date(2024, 5, 31), JUNE)
        found, of_volets = (asked(EMPTY, *by, days=days) for by in (("snapshot",), ("snapshot", "volet")))
        figure = history.trend(found, of_volets, PROGRAMME)
        assert [tuple(trace.y) for trace in figure.checked.data] == [(0.0, 0.0), (None, None), (None, None)]
        assert plain(history.describe(found, of_volets, PROGRAMME)) == (
            "Courbes du 31 mai 2024 au 30 juin 2024 : participation (de 0,0 % à 0,0 %), "
            "atteinte du volet 1 (non connu) et atteinte du volet 2 (non connu)."
        )

    def test_it_is_told_to_those_who_do_not_see_it(self, over_time: Answer, volets_over_time: Answer) -> None:
        told = plain(history.describe(over_time, volets_over_time, PROGRAMME))
        first, last = over_time.rows[0]["participation_rate"], over_time.rows[-1]["participation_rate"]
        assert told.startswith("Courbes du 30 novembre 2021 au 30 juin 2024 : ")
        assert f"participation (de {plain(french.percent(first))} à {plain(french.percent(last))})" in told
        for volet in PROGRAMME.volets:
            row = volets_over_time.only(volet=volet.id).rows[-1]
            assert f"atteinte du volet {volet.number}" in told
            assert f"{plain(french.percent(row['attainment_rate']))})" in told

    def test_one_snapshot_in_words(self) -> None:
        found, of_volets = asked(EMPTY, "snapshot"), asked(EMPTY, "snapshot", "volet")
        assert plain(history.describe(found, of_volets, PROGRAMME)) == (
            "Points au 30 juin 2024 : participation (0,0 %), atteinte du volet 1 (non connu) "
            "et atteinte du volet 2 (non connu)."
        )

    def test_nothing_at_all(self) -> None:
        nothing, no_volets = (asked(EMPTY, *by).only(snapshot="-") for by in (("snapshot",), ("snapshot", "volet")))
        assert [len(trace.x) for trace in history.trend(nothing, no_volets, PROGRAMME).checked.data] == [0, 0, 0]
        assert history.describe(nothing, no_volets, PROGRAMME) == "Aucune situation à tracer."


@pytest.mark.parametrize("palette", [LIGHT, DARK, SCREEN], ids=["light", "dark", "screen"])
def test_each_meaning_has_its_colour(
    palette: Palette, volets: Answer, over_time: Answer, volets_over_time: Answer
) -> None:
    bullets = attainment.bullets(volets, PROGRAMME, palette)
    assert [trace.marker.color for trace in bullets.checked.data if trace.type == "bar"] == [
        *[palette.volets[0]] * 2,
        *[palette.volets[1]] * 2,
    ]
    assert {t.marker.line.color for t in bullets.checked.data if t.type == "scatter"} == {palette.target}
    trend = history.trend(over_time, volets_over_time, PROGRAMME, palette)
    assert [trace.line.color for trace in trend.checked.data] == [palette.participation, *palette.volets]
    assert {shape.line.color for shape in trend.checked.layout.shapes} == {palette.target}


@pytest.mark.parametrize("largest", [1, 2, 3, 5, 6, 7, 29, 30, 31, 244, 1000, 12345])
def test_counts_have_whole_ticks_each_once(largest: int) -> None:
    ticks = axis.counts(largest)
    assert isinstance(ticks["dtick"], int)
    assert 1 <= largest / ticks["dtick"] <= 6


def test_a_replay_of_one_establishment_counts_to_one() -> None:
    content = tables([establishment("310000001")], [application("310000001", 1, "dmp")])
    found = asked(content, "region", "volet")
    assert timeline.standings(found, PROGRAMME, {"76": "Occitanie"}, 1).checked.layout.xaxis.dtick == 1


# Colours -------------------------------------------------------------------------------------------------------------

THEME = tomllib.loads((Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
PALETTES = {"light": LIGHT, "dark": DARK}


def meanings(palette: Palette) -> tuple[str, ...]:
    return (*palette.volets, palette.target, palette.participation)


def test_the_arithmetic_of_colours_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert distance("#000000", "#ffffff", "normal") == pytest.approx(1, abs=1e-3)
    assert distance("#d62728", "#2ca02c", "deutan") < distance("#d62728", "#2ca02c", "normal")


@pytest.mark.parametrize("theme", PALETTES)
def test_the_page_and_the_files_have_the_same_colours(theme: str) -> None:
    assert tuple(THEME[theme]["chartCategoricalColors"]) == meanings(PALETTES[theme])


def test_a_figure_on_the_screen_names_the_slots_of_the_theme() -> None:
    assert meanings(SCREEN) == ("#000001", "#000002", "#000003", "#000004")


@pytest.mark.parametrize("theme", PALETTES)
def test_colours_are_seen_on_their_background(theme: str) -> None:
    background = THEME[theme]["backgroundColor"]
    assert {c: contrast(c, background) for c in meanings(PALETTES[theme]) if contrast(c, background) < 3} == {}
    assert contrast(PALETTES[theme].text, background) >= 4.5


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", PALETTES)
def test_colours_stay_apart_for_everybody(theme: str, vision: str) -> None:
    close = {
        (one, two): round(distance(one, two, vision), 3)
        for one, two in combinations(meanings(PALETTES[theme]), 2)
        if distance(one, two, vision) < 0.11
    }
    assert close == {}
