"""PowerPoint files: what they show is what the metrics say, they can be edited, read aloud, and opened anywhere."""

import io
import os
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any, Literal
from urllib.parse import parse_qsl
from xml.etree import ElementTree
from zipfile import ZipFile

import pptx
import pytest
from openpyxl import load_workbook
from pptx.enum.chart import XL_CHART_TYPE

from sunes import metrics
from sunes.access.people import EVERYTHING
from sunes.deck import build, plan
from sunes.deck.facts import Facts
from sunes.deck.plan import Deck
from sunes.deck.slide import Bars, Chart, Lines, Listing, Marks, Picture, Points, Presentation, Series, Slide
from sunes.definitions import load_definitions
from sunes.export.pptx import powerpoint
from sunes.figures.palette import THEMES
from sunes.figures.sketch import Sketch
from sunes.insights.key_figures import KeyFigure
from sunes.manifest import SnapshotId
from sunes.programme import load_programme
from sunes.snapshots import DATA, Store
from sunes.view import View

PROGRAMME, OURS = load_programme(), Store(DATA)
BASE = "https://sunes.example.fr"
Theme = Literal["light", "dark"]
WIDTH, HEIGHT = 12_192_000, 6_858_000
VIEW = View(snapshot="2024-06-30~1", regions=("76",))
NAMES = (
    "=cmd|' /C calc'!A0",
    '<script>alert(1)</script> & "guillemets"',
    "מרכז רפואי ‮ مستشفى",
    "Rompu\x00\x0b\x1b\ufffe net",
    "Centre hospitalier intercommunal " + "de Saint-Quelque-Chose " * 8,
    "A" * 200,
    "<r>a</r>",
)
SLIDE, CHART = (
    "{http://schemas.openxmlformats.org/presentationml/2006/main}",
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}",
)
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


# Decks ----------------------------------------------------------------------------------------------------------------


@cache
def facts() -> Facts:
    """What the decks ask, once for all of them."""
    return Facts(
        OURS, View(snapshot="2024-06-30~1", regions=("76", "11")), PROGRAMME, load_definitions(), sight=EVERYTHING
    )


@cache
def presentation(name: str, theme: Theme = "light") -> Presentation:
    """A ready deck about our two regions, from the embedded data."""
    (ready,) = (each for each in plan.readies() if each.id == name)
    return build.presentation(Deck(title=ready.title, slides=ready.slides, theme=theme), facts())


@cache
def written(name: str, theme: Theme = "light") -> bytes:
    return powerpoint(presentation(name, theme), base=BASE)


def of(*slides: Slide, simulated: bool = True, theme: str = "light") -> Presentation:
    footer = "Données simulées · Situation au 30 juin 2024" if simulated else "Situation au 30 juin 2024"
    day = SnapshotId(date(2024, 6, 30))
    return Presentation("Essai", slides, day, simulated, footer, THEMES[theme], VIEW, {})


def showing(*visuals: Any, **fields: Any) -> Slide:
    return Slide("essai", "comparison", "Essai", "Un titre", VIEW, visuals=visuals, **fields)


def charted(native: Any) -> Chart:
    return Chart("dessin", "Un dessin", Sketch().drawn(), native, "Ce que montre le dessin.", ())


def opened(content: bytes) -> Any:
    return pptx.Presentation(io.BytesIO(content))


def only(native: Any) -> Any:
    """The chart of a file with nothing else in it."""
    (slide,) = opened(powerpoint(of(showing(charted(native))))).slides
    (chart,) = (shape.chart for shape in slide.shapes if shape.has_chart)
    return chart


def visuals(slide: Any) -> list[Any]:
    """What was drawn of a slide's visuals: charts, tables, groups."""
    return [shape for shape in slide.shapes if shape.shape_type in (3, 6, 19)]


def placeholder(slide: Any, idx: int) -> Any:
    (found,) = (each for each in slide.placeholders if each.placeholder_format.idx == idx)
    return found


def words(shape: Any) -> str:
    return " ".join(shape.text_frame.text.split())


def said(text: str) -> str:
    return " ".join(text.split())


def everything(shapes: Any) -> Iterator[Any]:
    for shape in shapes:
        yield shape
        if shape.shape_type == 6:
            yield from everything(shape.shapes)


def sheet(chart: Any) -> list[tuple[Any, ...]]:
    """The cells of the workbook inside a chart, as Excel would show them."""
    book = load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    return [tuple(cell.value for cell in row) for row in book.active.iter_rows()]


READY: list[tuple[str, Theme]] = [("webinaire", "dark"), ("directeurs", "light"), ("bilan", "light")]


# What slides say ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "theme"), READY)
def test_each_slide_has_its_title_its_sentences_and_its_notes(name: str, theme: Theme) -> None:
    deck, file = presentation(name, theme), opened(written(name, theme))

    assert len(file.slides) == len(deck.slides) > 3
    for slide, made in zip(deck.slides, file.slides, strict=True):
        assert words(made.shapes.title) == said(slide.title)
        shown = " ".join(words(shape) for shape in made.shapes if shape.has_text_frame)
        for sentence in (slide.kicker, *slide.paragraphs):
            assert said(sentence) in shown
        for figure in slide.figures:
            assert said(f"{figure.label} {figure.value} {figure.made_of} {figure.change}") in shown
        assert made.has_notes_slide == bool(slide.notes)
        if slide.notes:
            assert words(made.notes_slide.notes_placeholder) == said(slide.notes)


@pytest.mark.parametrize(("name", "theme"), READY)
def test_each_slide_says_of_which_day_it_is_and_that_its_data_are_simulated(name: str, theme: Theme) -> None:
    for number, made in enumerate(opened(written(name, theme)).slides, start=1):
        footer = placeholder(made, 11)
        assert words(footer).startswith(said(presentation(name, theme).footer))
        assert "Situation au 30 juin 2024" in words(footer)
        assert footer.text_frame.paragraphs[0].runs[0].text == "Données simulées"
        assert footer.text_frame.paragraphs[0].runs[0].font.bold
        assert [words(shape) for shape in made.shapes if shape.name == "Données simulées"] == ["Données simulées"]
        (field,) = placeholder(made, 12)._element.iter(f"{DRAWING}fld")
        assert (field.get("type"), field.text) == ("slidenum", str(number))


def test_real_data_are_not_marked_as_simulated() -> None:
    (made,) = opened(powerpoint(of(showing(), simulated=False))).slides

    assert "imulées" not in " ".join(words(shape) for shape in made.shapes if shape.has_text_frame)
    assert words(placeholder(made, 11)) == "Situation au 30 juin 2024"


@pytest.mark.parametrize(("name", "theme"), READY)
def test_each_visual_can_be_edited_and_has_its_text_alternative(name: str, theme: Theme) -> None:
    for slide, made in zip(presentation(name, theme).slides, opened(written(name, theme)).slides, strict=True):
        wanted = [each for each in slide.visuals if not isinstance(each, Listing) or each.records]
        shown = visuals(made)
        assert len(shown) == len(wanted)
        for visual, shape in zip(wanted, shown, strict=True):
            expected = {Chart: "has_chart", Listing: "has_table"}.get(type(visual))
            assert getattr(shape, expected) if expected else shape.shape_type == 6
            told = shape._element[0][0]
            plain = visual.plain_description if isinstance(visual, Chart) else ""
            assert said(told.get("descr")) == said(plain or visual.description or visual.title or slide.title)
            if isinstance(visual, Chart):
                assert "intervalles à 95" not in said(told.get("descr")), "the plain series have none"
            assert said(told.get("title")) == said(visual.title or slide.title)
        assert not [shape for shape in made.shapes if shape.shape_type == 13]  # no picture of a chart


@pytest.mark.parametrize(("name", "theme"), READY)
def test_nothing_is_left_empty_or_stands_outside(name: str, theme: Theme) -> None:
    for made in opened(written(name, theme)).slides:
        assert all(words(shape) for shape in made.placeholders if shape.placeholder_format.idx != 12)
        for shape in everything(made.shapes):
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= WIDTH
            assert shape.top + shape.height <= HEIGHT
        ids = Counter(each.get("id") for each in made.element.iter(f"{SLIDE}cNvPr"))
        assert max(ids.values()) == 1


@pytest.mark.parametrize(("name", "theme"), READY)
def test_visuals_stand_under_the_title_and_over_the_foot_without_covering_each_other(name: str, theme: Theme) -> None:
    for made in opened(written(name, theme)).slides:
        shown = visuals(made)
        for rank, shape in enumerate(shown):
            assert shape.top >= made.shapes.title.top + made.shapes.title.height
            assert shape.top + shape.height <= placeholder(made, 11).top
            for other in shown[:rank]:
                assert (
                    shape.left >= other.left + other.width
                    or other.left >= shape.left + shape.width
                    or shape.top >= other.top + other.height
                    or other.top >= shape.top + shape.height
                )


def test_all_text_is_french_for_who_reads_it_aloud() -> None:
    with ZipFile(io.BytesIO(written("bilan"))) as file:
        parts = [name for name in file.namelist() if re.match(r"ppt/(slides|charts|notesSlides)/[^/]*\.xml", name)]
        languages = {
            element.get("lang")
            for name in parts
            for tag in ("rPr", "endParaRPr")
            for element in ElementTree.fromstring(file.read(name)).iter(f"{DRAWING}{tag}")
        }
    assert len(parts) > 20
    assert languages == {"fr-FR"}


# Figures --------------------------------------------------------------------------------------------------------------


def test_a_comparison_has_the_values_of_the_metrics_unrounded() -> None:
    view = View(snapshot="2024-06-30", regions=("76", "11"))
    by_region = metrics.ask(OURS, view, ("region",), programme=PROGRAMME).rows
    rates = {row["region"]: row["participation_rate"] for row in by_region}
    by_volet = metrics.ask(OURS, view, ("region", "volet"), programme=PROGRAMME).rows
    attained = {(row["region"], row["volet"]): row["attainment_rate"] for row in by_volet}
    expected = {"Participation": rates}
    for volet in PROGRAMME.volets:
        expected[f"Atteinte du volet {volet.number}"] = {region: attained[region, volet.id] for region in ("76", "11")}

    found = series_of("bilan", "comparison")

    for name, values in expected.items():
        assert found[name] == {"Occitanie": values["76"], "Île-de-France": values["11"]}
    assert found["Cible du volet 1"] == {"Occitanie": 0.8, "Île-de-France": 0.8}


def series_of(deck: str, kind: str) -> dict[str, dict[str, float | None]]:
    """The bars of the slides of a kind: series → category → value, as the file has them."""
    found: dict[str, dict[str, float | None]] = {}
    for slide, made in zip(presentation(deck).slides, opened(written(deck)).slides, strict=True):
        if slide.kind == kind:
            for shape in visuals(made):
                plot = shape.chart.plots[0]
                for series in plot.series:
                    found[series.name] = dict(zip(plot.categories, series.values, strict=True))
    return found


def test_a_region_s_lines_go_through_the_history_of_the_metrics() -> None:
    view = View(regions=("76",))
    history = metrics.ask(OURS, view, ("snapshot",), programme=PROGRAMME, until=date(2024, 6, 30)).rows
    volets = metrics.ask(OURS, view, ("snapshot", "volet"), programme=PROGRAMME, until=date(2024, 6, 30)).rows
    deck = presentation("bilan")
    at = next(rank for rank, slide in enumerate(deck.slides) if slide.id == "region-76")

    (shape,) = visuals(opened(written("bilan")).slides[at])
    lines = {series.name: tuple(series.values) for series in shape.chart.plots[0].series}

    assert lines["Participation"] == tuple(row["participation_rate"] for row in history)
    for volet in PROGRAMME.volets:
        rates = tuple(
            row["attainment_rate"] if row["evaluated"] else None for row in volets if row["volet"] == volet.id
        )
        assert None in rates, "no line before the first evaluation"
        assert lines[f"Volet {volet.number}"] == rates
    assert [row[0].date().isoformat() for row in sheet(shape.chart)[1:]] == [row["snapshot"] for row in history]


@pytest.mark.parametrize("name", ["webinaire", "directeurs", "bilan"])
def test_charts_draw_the_slides_series_and_hold_them_in_their_workbook(name: str) -> None:
    count = 0
    for slide, made in zip(presentation(name).slides, opened(written(name)).slides, strict=True):
        natives = [visual.native for visual in slide.visuals if isinstance(visual, Chart)]
        for native, shape in zip(natives, (shape for shape in visuals(made) if shape.has_chart), strict=True):
            count += 1
            drawn = {series.name: tuple(series.values) for series in shape.chart.plots[0].series}
            if isinstance(native, Points):
                assert drawn == {marks.name: marks.ys for marks in native.series}
                continue
            assert drawn == {series.name: series.values for series in native.series}
            first, *rows = sheet(shape.chart)
            assert first[1:] == tuple(series.name for series in native.series)
            for column, series in zip(list(zip(*rows, strict=True))[1:], native.series, strict=True):
                assert [each and round(each, 15) for each in column] == [
                    each and round(each, 15) for each in series.values
                ]
    assert count > 2


def test_what_is_not_known_is_a_gap_and_zero_is_not() -> None:
    days = (date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 30))
    chart = only(Lines(days, (Series("Volet 1", (0.0, None, 0.5), "#0a6c8c"),), "rate"))

    assert tuple(chart.plots[0].series[0].values) == (0.0, None, 0.5)
    assert [row[1] for row in sheet(chart)] == ["Volet 1", 0, None, 0.5]
    assert chart._chartSpace.find(f".//{CHART}dispBlanksAs").get("val") == "gap"


def test_bars_are_read_from_the_top_and_rates_up_to_all() -> None:
    series = (Series("Atteinte", (0.757, None), "#0a6c8c"), Series("Cible", (0.8, 0.8), THEMES["light"].charts.target))
    chart = only(Bars(("Occitanie", "Île-de-France"), series, "rate"))

    assert chart.chart_type == XL_CHART_TYPE.BAR_CLUSTERED
    assert chart.category_axis.reverse_order
    assert (chart.value_axis.minimum_scale, chart.value_axis.maximum_scale) == (0, 1)
    assert [drawn.data_labels.number_format for drawn in chart.plots[0].series] == [r"0.0\ %"] * 2
    assert str(chart.plots[0].series[0].format.fill.fore_color.rgb) == "0A6C8C"
    assert chart.has_legend
    assert not chart.value_axis.has_major_gridlines


def test_stacked_bars_leave_out_the_labels_that_have_no_room() -> None:
    series = (Series("Nouveaux", (88, 32), "#0a6c8c"), Series("Déjà retenus", (0, 25), "#9285c9"))
    chart = only(Bars(("Fenêtre 1", "Fenêtre 4"), series, "count", stacked=True))

    assert chart.chart_type == XL_CHART_TYPE.BAR_STACKED
    assert chart.plots[0].overlap == 100
    hidden = [list(drawn._element.iter(f"{CHART}dLbl")) for drawn in chart.plots[0].series]
    gone = [[label.find(f"{CHART}idx").get("val") for label in labels] for labels in hidden]
    assert gone == [[], ["0"]]


def test_a_target_is_dotted_and_one_series_needs_no_legend() -> None:
    days = (date(2024, 5, 31), date(2024, 6, 30))
    rate, target = Series("Volet 1", (0.7, 0.75), "#0a6c8c"), Series("Cible", (0.8, 0.8), "#d0640b")

    both = only(Lines(days, (rate, target), "rate", frozenset({"Cible"})))
    alone = only(Lines(days, (rate,), "rate"))

    assert [str(drawn.format.line.dash_style) for drawn in both.plots[0].series] == ["None", "ROUND_DOT (3)"]
    assert (both.has_legend, alone.has_legend) == (True, False)


def test_points_keep_their_labels_and_none_covers_another() -> None:
    marks = Marks("Départements", (6.0, *(54.0,) * 5), (1.0, *(0.87,) * 5), "#2f3b42", labels=("09", *"ABCDE"))
    limit = Marks("Limite à 95 %", tuple(map(float, range(1, 60))), (0.5,) * 59, "#2f3b42", line=True)
    chart = only(Points((marks, limit), "Nombre d’établissements éligibles", "rate"))

    line, points = chart.plots[0].series
    assert [line.name, points.name] == ["Limite à 95 %", "Départements"]
    assert tuple(points.iter_values()) == marks.ys
    shown = [label.text for label in points._element.iter(f"{DRAWING}t")]
    assert shown == ["09", *"ABCD"]  # there are four places round a mark
    assert len({label.get("val") for label in points._element.iter(f"{CHART}dLblPos")}) == 4
    assert chart.category_axis.axis_title.text_frame.text == "Nombre d’établissements éligibles"
    assert [row[:2] for row in sheet(chart)][-6:] == [(6, 1), *[(54, 0.87)] * 5]


@pytest.mark.parametrize(
    "native", [Bars((), (), "rate"), Lines((), (), "rate"), Points((), "", "rate"), Bars(("A",), (), "count")]
)
def test_a_chart_of_nothing_is_said_in_words(native: Any) -> None:
    (made,) = opened(powerpoint(of(showing(charted(native))))).slides

    assert not any(shape.has_chart for shape in made.shapes)
    assert "Ce que montre le dessin." in [words(shape) for shape in made.shapes if shape.has_text_frame]


def test_a_single_value_is_seen() -> None:
    chart = only(Lines((date(2024, 6, 30),), (Series("Volet 1", (0.75,), "#0a6c8c"),), "rate"))

    assert str(chart.plots[0].series[0].marker.style).startswith("CIRCLE")


# Maps -----------------------------------------------------------------------------------------------------------------


def test_a_map_is_drawn_as_shapes_one_for_each_territory_and_each_establishment() -> None:
    drawn = 0
    for slide, made in zip(presentation("webinaire").slides, opened(written("webinaire")).slides, strict=True):
        for picture, group in zip(slide.visuals, visuals(made), strict=True):
            if not isinstance(picture, Picture):
                continue
            drawn += 1
            tags = Counter(each.tag.rpartition("}")[2] for each in ElementTree.fromstring(picture.svg).iter())
            assert set(tags) <= {"svg", "defs", "symbol", "g", "use", "path", "rect", "circle", "text", "title", "desc"}
            shown = re.findall(r"<use [^>]*href=", picture.svg)
            assert sum(shape.shape_type == 6 for shape in group.shapes) == len(shown) > 200
            names = {shape.name for shape in group.shapes}
            assert {"Haute-Garonne (31)"} <= names or {"Paris (75)"} <= names
            fills = set(re.findall(r'data-department[^>]*fill="#(\w{6})"', picture.svg))
            drawn_in = [shape.fill for shape in group.shapes if shape.shape_type == 5]
            assert {each.upper() for each in fills} <= {str(each.fore_color.rgb) for each in drawn_in if each.type == 1}
            legend = re.findall(r'data-count="\w+">(\d+)<', picture.svg)
            assert legend
            assert set(legend) <= {shape.text_frame.text for shape in group.shapes if shape.has_text_frame}
    assert drawn == 2


# Tables ---------------------------------------------------------------------------------------------------------------


def table_of(listing: Listing) -> Any:
    (made,) = opened(powerpoint(of(showing(listing)))).slides
    (shape,) = visuals(made)
    assert shape.height == sum(row.height for row in shape.table.rows)
    assert shape.top + shape.height <= placeholder(made, 11).top
    return shape.table


def cells(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_a_table_has_its_header_and_its_rows() -> None:
    records = {"Région": "Occitanie", "Taux": "79,9\u202f%"}, {"Région": "Île-de-France", "Taux": ""}
    table = table_of(Listing("t", "T", records))

    assert table.first_row
    assert cells(table) == [["Région", "Taux"], ["Occitanie", "79,9\u202f%"], ["Île-de-France", ""]]


def test_a_long_table_says_how_many_rows_it_leaves_out() -> None:
    table = table_of(Listing("t", "T", tuple({"N": str(rank), "Nom": f"Établissement {rank}"} for rank in range(500))))

    *shown, last = cells(table)
    assert shown[1:] == [[str(rank), f"Établissement {rank}"] for rank in range(len(shown) - 1)]
    assert len(shown) > 10
    assert said(last[0]) == f"… et {500 - len(shown) + 1} autres lignes, dans le classeur"


# Whatever comes -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile() -> bytes:
    """A file in which every text is a hostile one."""
    slides = []
    for name in NAMES:
        half, nothing = (0.5,) * len(NAMES), (None,) * len(NAMES)
        bars = Bars(NAMES, (Series(name, half, "#0a6c8c"), Series("Cible", nothing, "#d0640b")), "rate")
        points = Points((Marks(name, (1.0,), (0.5,), "#0a6c8c", labels=(name,)),), name, "rate")
        listing = Listing("l", name, tuple({name or "N": each, "Nom": each} for each in NAMES), name)
        text = {"title": name, "kicker": name, "paragraphs": (name, name), "notes": f"{name}\n{name}"}
        base = Slide("s", "region", view=VIEW, figures=(KeyFigure(name, name, name, name),) * 4, **text)  # type: ignore[arg-type]
        described = replace(charted(bars), title=name, description=name)
        slides.append(replace(base, visuals=(described, charted(points))))
        slides.append(replace(base, figures=(), visuals=(listing,)))
        slides.append(replace(base, kind="title"))
    return powerpoint(replace(of(*slides), title=NAMES[0], footer=" ".join(NAMES)), base=BASE)


def test_hostile_names_come_out_harmless_and_legible(hostile: bytes) -> None:
    file = opened(hostile)

    assert len(file.slides) == 3 * len(NAMES)
    for rank, made in enumerate(file.slides):
        name = NAMES[rank // 3]
        assert words(made.shapes.title) == said(re.sub(r"[\x00-\x1f\ufffe]+", " ", name))
        for shape in made.shapes:
            assert shape.left + shape.width <= WIDTH
            assert shape.top + shape.height <= HEIGHT
            if shape.has_chart:
                book = ZipFile(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
                assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
                assert not [each for each in book.namelist() if "externalLink" in each]
    assert not re.search(rb"_x00", b"".join(parts(hostile).values()))


def test_hostile_names_leave_a_sound_package(hostile: bytes) -> None:
    sound(hostile)


def parts(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as file:
        names = file.namelist()
        assert len(set(names)) == len(names)
        return {name: file.read(name) for name in names}


def sound(content: bytes) -> None:
    """Every part is XML with a content type; every relationship leads to a part, and every part is led to."""
    found = parts(content)
    types = ElementTree.fromstring(found["[Content_Types].xml"])
    overrides = {each.get("PartName") for each in types if "PartName" in each.attrib}
    defaults = {each.get("Extension") for each in types if "Extension" in each.attrib}
    led_to = set()
    for name, part in found.items():
        assert f"/{name}" in overrides or name.rpartition(".")[2] in defaults
        if not name.endswith((".xml", ".rels")):
            continue
        root = ElementTree.fromstring(part)
        if name.endswith(".rels"):
            owner = dirname(dirname(name))
            led_to |= {
                normpath(join(owner, target)).lstrip("/")
                for target in (each.get("Target", "") for each in root if each.get("TargetMode") != "External")
            }
            ids = [each.get("Id") for each in root]
            assert len(set(ids)) == len(ids)
    assert led_to == {name for name in found if not name.endswith(".rels") and name != "[Content_Types].xml"}
    assert overrides <= {f"/{name}" for name in found}


@pytest.mark.parametrize(("name", "theme"), READY)
def test_the_package_is_sound(name: str, theme: Theme) -> None:
    sound(written(name, theme))


def test_one_slide_makes_a_file() -> None:
    content = powerpoint(of(Slide("titre", "title", "SUN-ES", "Seule", VIEW)))

    sound(content)
    assert [words(made.shapes.title) for made in opened(content).slides] == ["Seule"]


def test_the_same_deck_is_the_same_bytes_whenever_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    once = written("directeurs")
    later = time.time() + 100_000
    monkeypatch.setattr(time, "time", lambda: later)

    assert powerpoint(presentation("directeurs"), base=BASE) == once
    books = [part for name, part in parts(once).items() if name.endswith(".xlsx")]
    assert books
    assert all(b"1980-01-01T00:00:00Z" in parts(book)["docProps/core.xml"] for book in books)


def test_the_file_says_what_it_is() -> None:
    told = opened(written("bilan")).core_properties

    assert said(told.title) == "SUN-ES : bilan final"
    assert "Données simulées" in told.subject
    assert told.language == "fr-FR"
    assert told.created == told.modified == datetime(2024, 6, 30, 12)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_file_has_the_colours_of_its_theme(theme: str) -> None:
    found = parts(written("webinaire", theme))
    colours = THEMES[theme]
    scheme = ElementTree.fromstring(found["ppt/theme/theme1.xml"]).find(f".//{DRAWING}clrScheme")
    mapping = ElementTree.fromstring(found["ppt/slideMasters/slideMaster1.xml"]).find(f"{SLIDE}clrMap")
    assert scheme is not None
    assert mapping is not None
    named = {each.tag.removeprefix(DRAWING): f"#{each[0].get('val')}" for each in scheme}

    assert named[mapping.get("bg1", "")] == colours.paper
    assert named[mapping.get("tx1", "")] == colours.text
    assert (named["accent1"], named["accent3"]) == (colours.charts.volet(0), colours.charts.target)


def test_slides_lead_to_the_same_figures_in_the_product() -> None:
    for slide, made in zip(presentation("bilan").slides, opened(written("bilan")).slides, strict=True):
        link = placeholder(made, 11).text_frame.paragraphs[-1].runs[0].hyperlink.address
        address, _, asked = link.partition("?")
        assert address.rstrip("/") == f"{BASE}/{slide.page}".rstrip("/")
        assert dict(parse_qsl(asked)) == slide.view.to_params()
        (code,) = (shape for shape in made.shapes if shape.name == "Code QR")
        assert code.click_action.hyperlink.address == link
        assert code._element[0][0].get("descr")


def test_without_an_address_a_file_leads_nowhere() -> None:
    found = parts(powerpoint(presentation("directeurs")))

    assert not [name for name, part in found.items() if name.endswith(".rels") and b"External" in part]
    assert b"Code QR" not in b"".join(found.values())


def test_an_address_too_long_for_a_qr_code_is_still_a_link() -> None:
    slide = replace(showing(), view=View(finess=tuple(f"{rank:09d}" for rank in range(400))))

    (made,) = opened(powerpoint(of(slide), base=BASE)).slides

    assert "Code QR" not in [shape.name for shape in made.shapes]
    assert "Retrouver ces chiffres" in words(placeholder(made, 11))


# Another program ------------------------------------------------------------------------------------------------------


def test_libreoffice_opens_and_prints_every_slide(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None or shutil.which("pdftotext") is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("LibreOffice or Poppler is not installed (apt-get install libreoffice-impress poppler-utils)")
    (tmp_path / "bilan.pptx").write_bytes(written("bilan"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"

    run(tmp_path, office, profile, "--headless", "--convert-to", "pdf", "bilan.pptx")
    run(tmp_path, "pdftotext", "-layout", "bilan.pdf", "bilan.txt")
    pages = (tmp_path / "bilan.txt").read_text("utf-8").split("\f")[:-1]

    slides = presentation("bilan").slides
    assert len(pages) == len(slides)
    for page, slide in zip(pages, slides, strict=True):
        assert "".join(slide.title.split()) in "".join(page.split()).replace("Donnéessimulées", "")
        assert "Situation au 30 juin 2024" in said(page)


def run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
