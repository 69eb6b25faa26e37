"""Territories compared: what is drawn, said and judged is what the answer holds and the limits allow."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, count

import pytest

from sunes import engine, geography, metrics
from sunes.definitions import load_definitions
from sunes.figures import comparison as figures
from sunes.figures import variation as spreads
from sunes.figures.funnel import Plane
from sunes.figures.labels import Box, around, beside
from sunes.figures.labels import width as text_width
from sunes.figures.palette import LIGHT
from sunes.figures.sketch import Drawn
from sunes.insights import comparison, steps, variation
from sunes.insights.comparison import Rate, Standing
from sunes.insights.variation import Spread, Verdict
from sunes.metrics import Answer
from sunes.programme import load_programme
from sunes.view import View
from tests.rows import Row, Tables, application, arrow, establishment, tables, usage

PROGRAMME, DEFINITIONS = load_programme(), load_definitions()
PARTICIPATION, ACCEPTANCE, DMP, MSS = comparison.rates(View(), PROGRAMME, DEFINITIONS)
ORDER = ("76", "11")


def content(*places: tuple[str, int, int, int]) -> Tables:
    """Per département: its code, how many are eligible, how many of these accepted in volet 1, how many attained it."""
    numbers = count(1)
    establishments: list[Row] = []
    applications: list[Row] = []
    usages: list[Row] = []
    for code, eligible, accepted, attained in places:
        for n in range(eligible):
            finess = f"99{next(numbers):07}"
            establishments.append(establishment(finess, geography.departments()[code].region_code, code))
            if n < accepted:
                applications.append(application(finess, 1, "dmp"))
            if n < accepted:
                status = "attained" if n < attained else "missed"
                usages += [usage(finess, 1, "dmp", name, status) for name in PROGRAMME.volet("dmp").required]
    return tables(establishments, applications, usages)


def ask(held: Tables, by: Sequence[str], view: View | None = None) -> Answer:
    frames = engine.frames_from_tables([arrow((date(2024, 6, 30), 1, held))], "pyarrow")
    return metrics.answer(frames, view or View(), by, programme=PROGRAMME)


def compare(held: Tables, rate: Rate, view: View | None = None) -> list[Standing]:
    volet = ("volet",) if rate.volet else ()
    groups, members = (ask(held, (*by, *volet), view) for by in comparison.CUTS.values())
    if rate.volet:
        groups, members = groups.only(volet=rate.volet.id), members.only(volet=rate.volet.id)
    present = [code for code in ORDER if groups.only(region=code).rows]
    return comparison.ranked(rate, groups, members, present, PROGRAMME)


def judge(held: Tables, rate: Rate) -> Spread:
    volet = ("volet",) if rate.volet else ()
    whole, departments = ask(held, volet), ask(held, ("region", "department", *volet))
    if rate.volet:
        whole, departments = (answer.only(volet=rate.volet.id) for answer in (whole, departments))
    return variation.spread(rate, comparison.overall(rate, whole), comparison.standings(rate, departments, PROGRAMME))


TWO_REGIONS = content(("31", 50, 45, 40), ("34", 40, 30, 12), ("09", 4, 4, 1), ("75", 20, 10, 10), ("92", 10, 0, 0))


def test_regions_come_in_the_given_order_with_their_départements_best_first() -> None:
    rows = compare(TWO_REGIONS, PARTICIPATION)
    assert [row.code for row in rows] == ["76", "09", "31", "34", "11", "75", "92"]
    assert [(row.part, row.whole) for row in rows[:2]] == [(79, 94), (4, 4)]


def test_what_can_not_be_calculated_comes_last_and_says_why() -> None:
    rows = compare(TWO_REGIONS, DMP)
    assert (rows[-1].name, rows[-1].rate, rows[-1].interval) == ("Hauts-de-Seine", None, None)
    assert comparison.measured(DMP, rows[-1]) == "aucun établissement retenu"


@pytest.mark.parametrize(
    ("rate", "title"),
    [
        (PARTICIPATION, "Participation : de 0,0 % (Hauts-de-Seine) à 100,0 % (Ariège)"),
        (ACCEPTANCE, "Acceptation : 100,0 % (4 départements)"),
        (DMP, "Atteinte du volet 1 : 2 des 4 départements à la cible (80 %), 2 nettement en dessous"),
        (MSS, "Atteinte du volet 2 non calculable : aucun établissement retenu"),
    ],
)
def test_a_title_says_the_finding(rate: Rate, title: str) -> None:
    assert comparison.finding(rate, compare(TWO_REGIONS, rate)).replace("\u00a0", " ") == title


def test_few_territories_are_named_in_the_title() -> None:
    regions = [row for row in compare(TWO_REGIONS, DMP) if row.level == "region"]
    said = comparison.finding(DMP, regions).replace("\u00a0", " ")
    assert said == "Atteinte du volet 1 : Île-de-France à la cible (80 %), Occitanie nettement en dessous"
    alone = comparison.finding(DMP, regions[:1]).replace("\u00a0", " ")
    assert alone == "Atteinte du volet 1 : 67,1 % (Occitanie), sous la cible (80 %)"


def test_a_part_of_a_region_is_not_called_the_region() -> None:
    rows = compare(TWO_REGIONS, PARTICIPATION, View(departments=("31",)))
    assert [row.name for row in rows] == ["Occitanie (sélection)", "Haute-Garonne"]


def test_the_dots_are_the_rates_with_their_intervals_and_targets() -> None:
    rows = compare(TWO_REGIONS, DMP)
    targets, dots, texts = figures.dots(rows, DMP, LIGHT).checked.data
    known = [row for row in rows if row.rate is not None]
    assert list(dots.x) == [row.rate for row in known]
    assert [tuple(mark) for mark in dots.customdata] == [(row.level, row.code) for row in known]
    for row, up, down in zip(known, dots.error_x.array, dots.error_x.arrayminus, strict=True):
        assert row.interval == pytest.approx((row.rate - down, row.rate + up))
    assert set(targets.x) == {0.8}
    assert any("12 sur 30" in text for text in texts.text)
    assert "\u00a0aucun retenu" in texts.text
    assert "Hérault 12 sur 30 (40,0\u00a0%)" in figures.describe_dots(rows, DMP)


def test_no_territory_makes_an_empty_figure() -> None:
    assert not figures.dots([], PARTICIPATION).checked.data[0].x
    assert figures.describe_dots([], PARTICIPATION).endswith("Aucun territoire.")


def test_a_name_is_text() -> None:
    (row,) = compare(content(("31", 2, 1, 0)), PARTICIPATION)[1:]
    figure = figures.dots([replace(row, name="<b>x</b>")], PARTICIPATION)
    assert figure.checked.layout.yaxis.ticktext == ("&lt;b&gt;x&lt;/b&gt;",)
    assert figure.checked.data[0].text[0].startswith("<b>&lt;b&gt;x&lt;/b&gt;</b><br>")


# From eligible to attained


def test_steps_are_shares_of_the_one_before() -> None:
    view = View(regions=("76",))
    whole, volets = ask(TWO_REGIONS, ("region",), view).rows[0], ask(TWO_REGIONS, ("region", "volet"), view)
    taken = steps.steps(whole, volets, PROGRAMME)
    assert [(step.label, step.count, step.base) for step in taken] == [
        ("Éligibles", 94, 94),
        ("Candidats", 79, 94),
        ("Retenus", 79, 79),
        ("Volet 1 atteint", 53, 79),
        ("Volet 2 atteint", 0, 0),
    ]
    assert [step.share.replace("\u00a0", " ") for step in taken[1:]] == [
        "84,0 % des 94 éligibles",
        "100,0 % des 79 candidats",
        "67,1 % des 79 retenus",
        "aucun retenu",
    ]
    assert steps.finding("Occitanie", whole).replace("\u00a0", " ") == (
        "Occitanie : 15 éligibles sans candidature, tous les candidats sont retenus"
    )
    assert steps.records(taken)[3]["Cible"] == "80\u00a0%"
    figure = figures.bars(taken, LIGHT)
    assert [trace.x[0] for trace in figure.checked.data if trace.type == "bar"] == [94, 0, 94, 79, 79, 79, 79, 53, 0, 0]
    targets = [trace.x[0] for trace in figure.checked.data if trace.type == "scatter"]
    assert targets == pytest.approx([0.8 * 79])
    assert "volet 1 atteint 53 (67,1\u00a0% des 79 retenus, cible 80\u00a0%)" in figures.describe_bars(taken)


@pytest.mark.parametrize(
    ("places", "title"),
    [
        ([("31", 3, 0, 0)], "Occitanie : aucun candidat parmi 3 établissements éligibles"),
        ([("31", 2, 1, 0)], "Occitanie : 1 éligible sans candidature, tous les candidats sont retenus"),
        ([("31", 1, 1, 0)], "Occitanie : tous les éligibles ont candidaté, tous les candidats sont retenus"),
    ],
)
def test_where_establishments_are_lost(places: list[tuple[str, int, int, int]], title: str) -> None:
    (whole,) = ask(content(*places), ("region",)).rows
    assert steps.finding("Occitanie", whole).replace("\u00a0", " ") == title


def test_nobody_eligible() -> None:
    held = tables([establishment("990000001", eligible=False)], [application("990000001", 1, "dmp", "pending")])
    (whole,) = ask(held, ("region",)).rows
    taken = steps.steps(whole, ask(held, ("region", "volet")), PROGRAMME)
    assert steps.finding("Occitanie", whole) == "Occitanie\u00a0: aucun établissement éligible"
    assert taken[1].share == "aucun éligible"
    assert figures.bars(taken).checked.layout.xaxis.range == (0, 1)


# Chance or not

# 160 of 200 apply in all: 80 %.
VARIED = content(
    ("31", 60, 30, 0), ("34", 80, 78, 0), ("09", 10, 5, 0), ("12", 5, 3, 0), ("46", 5, 5, 0), ("75", 40, 39, 0)
)  # fmt: skip


def test_each_département_is_judged_by_the_limits_of_the_overall_rate() -> None:
    spread = judge(VARIED, PARTICIPATION)
    assert (spread.overall.part, spread.overall.whole) == (160, 200)
    assert {each.standing.code: (each.verdict, each.side) for each in spread.judged} == {
        "31": (Verdict.DIFFERENT, -1),
        "34": (Verdict.DIFFERENT, 1),
        "75": (Verdict.PERHAPS, 1),
        "09": (Verdict.APPARENT, -1),
        "12": (Verdict.APPARENT, -1),
        "46": (Verdict.APPARENT, 1),
    }
    assert variation.finding(spread).replace("\u00a0", " ") == (
        "Participation : 2 des 6 départements s’écartent de l’ensemble (80,0 %) plus que le hasard ne l’expliquerait"
    )
    said = {heading: text.replace("\u00a0", " ").replace("\u202f", " ") for heading, text in variation.verdicts(spread)}
    assert said == {
        "Plus que le hasard": "Haute-Garonne en dessous, Hérault au-dessus, hors des limites à 99,8 %.",
        "Peut-être": "Paris au-dessus, entre les limites à 95 % et à 99,8 % ; sur 6 départements, le hasard seul y "
        "en place parfois un.",
        "En apparence seulement": "Ariège et Aveyron en dessous, Lot au-dessus, à 10 points ou plus de l’ensemble, "
        "mais leurs effectifs sont trop petits pour conclure.",
    }
    table = variation.records(spread)
    assert table[0]["Établissements éligibles"] == "10"
    assert [record["Différent\u00a0?"] for record in table].count("plus que le hasard") == 2


def test_the_funnel_plot_shows_size_against_rate_within_its_limits() -> None:
    spread = judge(VARIED, PARTICIPATION)
    *limits, marks = spreads.funnel(spread, LIGHT).checked.data
    assert sorted(zip(marks.x, marks.y, strict=True)) == sorted(
        (each.standing.whole, each.rate) for each in spread.judged
    )
    assert len(limits) == 4
    assert {len(each) for each in marks.customdata} == {3}
    assert {"Haute-Garonne", "Hérault", "Paris"} <= set(marks.text)
    by_verdict = dict(zip((each.verdict for each in spread.judged), marks.marker.symbol, strict=True))
    assert len(set(by_verdict.values())) == 3
    assert "Haute-Garonne en dessous" in spreads.describe_funnel(spread)


LOW = content(*((code, 30 + n, 30 + n, n % 2) for n, code in enumerate(geography.departments())))
NOBODY = content(*((code, 3 + n, 3 + n, 0) for n, code in enumerate(("09", "11", "12", "30", "31", "32", "34", "75"))))
CROWDED = content(*((code, 20, n % 4, 0) for n, code in enumerate(geography.departments())))


def boxes(figure: Drawn, wide: float, tall: float) -> list[Box]:
    """What the words beside marks and lines take, in the plot of a funnel plot of that size."""
    *_, marks = (trace for trace in figure.checked.data if trace.type == "scatter" and trace.text)
    (left, right), (low, high) = figure.checked.layout.xaxis.range, figure.checked.layout.yaxis.range

    def up(rate: float) -> float:
        return float((rate - low) / (high - low) * tall)

    found = [
        beside((x - left) / (right - left) * wide, up(y), text, place)
        for x, y, text, place in zip(marks.x, marks.y, marks.text, marks.textposition, strict=True)
        if text
    ]
    for note in figure.checked.layout.annotations:
        if note.yref == "paper":  # the key, over the plot
            continue
        if note.showarrow:
            x, y = (note.x - left) / (right - left) * wide + note.ax, up(note.y) - note.ay
            found.append(around(x, y, text_width(note.text), 16))
            continue
        start, y = note.x * wide, up(note.y) + (note.yshift or 0) + (8 if note.yanchor == "bottom" else 0)
        found.append(around(start + 5 + text_width(note.text) / 2, y, text_width(note.text), 13))
    return found


@pytest.mark.parametrize(("wide", "tall"), [(900, 440), (870, 340), (1200, 440), (620, 300)])
@pytest.mark.parametrize(
    ("held", "rate"),
    [(VARIED, PARTICIPATION), (TWO_REGIONS, DMP), (LOW, DMP), (NOBODY, DMP), (CROWDED, PARTICIPATION)],
    ids=["varied", "few", "low", "nobody", "crowded"],
)
def test_words_on_a_funnel_plot_never_meet(held: Tables, rate: Rate, wide: int, tall: int) -> None:
    figure = spreads.funnel(judge(held, rate), LIGHT, width=wide, height=tall)
    assert figure.checked.layout.height == tall
    margin = figure.checked.layout.margin
    area = Box(0, -8, wide, tall)
    words = boxes(figure, wide - 46 - margin.r, tall - margin.t - margin.b)
    assert words
    for one, other in combinations(words, 2):
        assert not one.meets([other]), (one, other)
    assert all(word.within(area) for word in words)


@pytest.mark.parametrize(("wide", "tall"), [(900, None), (870, 340)])
@pytest.mark.parametrize("held", [LOW, NOBODY, VARIED], ids=["low", "nobody", "varied"])
def test_words_under_and_over_a_strip_never_meet(held: Tables, wide: int, tall: int | None) -> None:
    figure = spreads.strip(judge(held, DMP if held is not VARIED else PARTICIPATION), LIGHT, width=wide, height=tall)
    assert tall in (None, figure.checked.layout.height)
    (left, right), (low, high) = figure.checked.layout.xaxis.range, figure.checked.layout.yaxis.range
    plot_wide, plot_tall = wide - 16, figure.checked.layout.height - 52
    words = []
    for note in figure.checked.layout.annotations:
        text = re.sub("<.*?>", "", note.text)
        half = {"left": 0.5, "right": -0.5}.get(note.xanchor, 0) * text_width(text)
        share = note.x if note.xref == "paper" else (note.x - left) / (right - left)
        x = share * plot_wide + (note.xshift or 0) + half
        foot = plot_tall if note.yref == "paper" else -low / (high - low) * plot_tall + note.yshift
        words.append(around(x, foot + (8 if note.yanchor == "bottom" else -8), text_width(text), 15))
    assert any("Médiane" in note.text for note in figure.checked.layout.annotations)
    for one, other in combinations(words, 2):
        assert not one.meets([other]), (one, other)
    assert all(word.within(Box(-8, 0, wide, plot_tall + 26)) for word in words)


def test_low_rates_are_not_squeezed_where_there_is_no_target() -> None:
    spread = judge(CROWDED, PARTICIPATION)
    assert max(each.rate for each in spread.judged) < spreads.funnel(spread).checked.layout.yaxis.range[1] < 0.5
    assert spreads.funnel(judge(LOW, DMP)).checked.layout.yaxis.range[1] > 0.8, "the target stays in sight"


def test_those_without_the_rate_are_said_rather_than_placed() -> None:
    spread = judge(TWO_REGIONS, DMP)
    assert [each.name for each in spread.left_out] == ["Hauts-de-Seine"]
    assert variation.verdicts(spread)[-1] == ("Hors du graphique", "Hauts-de-Seine (aucun établissement retenu).")
    notes = [note.text for note in spreads.funnel(spread).checked.layout.annotations]
    assert "cible 80\u00a0%" in notes
    assert "◆\u00a0plus que le hasard" in notes[-1], "the signs have their key"


@pytest.mark.parametrize("applied", [0, 10])
def test_nobody_differs_where_all_are_alike(applied: int) -> None:
    spread = judge(content(("31", 10, applied, 0), ("34", 10, applied, 0)), PARTICIPATION)
    assert "aucun des 2 départements ne s’écarte" in variation.finding(spread)
    assert [heading for heading, _ in variation.verdicts(spread)] == ["Rien qui se distingue"]
    assert spreads.funnel(spread).checked.data
    assert spreads.strip(spread).checked.data


def test_more_applicants_than_eligible_ones_can_not_be_judged() -> None:
    held = content(("31", 10, 5, 0), ("34", 10, 5, 0))
    held["establishments"].append(establishment("990009999", department="82", eligible=False))
    held["applications"].append(application("990009999", 1, "dmp"))
    spread = judge(held, PARTICIPATION)
    assert [each.code for each in spread.left_out] == ["82"]
    assert len(spread.judged) == 2


def test_one_or_no_département_has_nothing_to_be_compared_with() -> None:
    alone = variation.too_few(judge(content(("31", 10, 5, 0)), PARTICIPATION))
    assert alone.startswith("Haute-Garonne\u00a0: 5 sur 10 (50,0\u00a0%). Il faut au moins deux")
    nobody = variation.too_few(judge(content(("31", 10, 0, 0)), DMP))
    assert nobody == "Atteinte du volet 1 non calculable\u00a0: aucun établissement retenu."


def test_shares_above_100_percent_are_not_called_empty() -> None:
    held = content(("31", 1, 1, 0), ("34", 1, 1, 0))
    held["establishments"] += [establishment(f"99000990{n}", department="31", eligible=False) for n in range(3)]
    held["applications"] += [application(f"99000990{n}", 1, "dmp") for n in range(3)]
    spread = judge(held, PARTICIPATION)
    assert spread.judged == ()
    assert variation.too_few(spread) == "Participation non comparable\u00a0: elle dépasse 100\u00a0%."


def test_deciles_need_ten_départements() -> None:
    codes = ("09", "11", "12", "30", "31", "32", "34", "46", "48", "65", "66")
    many = judge(content(*((code, 10, n, 0) for n, code in enumerate(codes))), PARTICIPATION)
    assert {mark.name: mark.rate for mark in variation.quantiles(many)} == pytest.approx(
        {("Médiane" if n == 5 else f"D{n}"): n / 10 for n in range(1, 10)}
    )
    assert variation.quantiles_finding(many).replace("\u00a0", " ") == (
        "Participation : la moitié des départements sont à 50,0 % ou plus, un sur dix à 10,0 % ou moins"
    )
    assert [record["Repère"] for record in variation.quantile_records(many)] == [
        *("Minimum (Ariège)", "D1", "D2", "D3", "D4", "Médiane", "D6", "D7", "D8", "D9"),
        "Maximum (Pyrénées-Orientales)",
    ]
    few = judge(VARIED, PARTICIPATION)
    assert [mark.name for mark in variation.quantiles(few)] == ["Médiane"]
    assert "6 départements, trop peu pour des déciles" in variation.quantiles_finding(few)


def test_the_strip_piles_up_equal_rates_and_marks_the_quantiles() -> None:
    spread = judge(content(("31", 10, 5, 0), ("34", 10, 5, 0), ("09", 10, 5, 0), ("12", 10, 9, 0)), PARTICIPATION)
    dots, marks = spreads.strip(spread, LIGHT).checked.data
    assert sorted(zip(dots.x, dots.y, strict=True)) == [(0.5, 0), (0.5, 1), (0.5, 2), (0.9, 0)]
    assert list(marks.x) == [0.5]
    assert "Médiane 50,0\u00a0%" in spreads.describe_strip(spread)


@pytest.mark.parametrize(("held", "rate"), [(VARIED, PARTICIPATION), (TWO_REGIONS, DMP)], ids=["varied", "few"])
def test_no_line_strikes_the_words_beside_a_mark_and_telling_ones_are_named(held: Tables, rate: Rate) -> None:
    spread = judge(held, rate)
    figure, plane = spreads.funnel(spread, LIGHT), Plane.of(spread, 900, 440)
    texts, places, led = plane.labels()
    for each, text, place in zip(spread.judged, texts, places, strict=True):
        box = beside(plane.x(each.standing.whole), plane.y(each.rate), text, place)
        assert not text or not box.meets(plane._lines()), each.standing.name
    named = {*texts, *(name.text for name in led)}
    assert {each.standing.name for each in spread.of(Verdict.DIFFERENT)} <= named
    assert sum(note.showarrow is True for note in figure.checked.layout.annotations) == len(led)


def test_before_any_evaluation_nothing_is_drawn_and_nobody_is_judged() -> None:
    held = content(("31", 10, 5, 0), ("34", 10, 5, 0))
    held["usages"] = []
    rows = compare(held, DMP)
    assert {(row.rate, row.interval, row.waiting) for row in rows} == {(None, None, True)}
    assert all(len(trace.x) == 0 for trace in figures.dots(rows, DMP, LIGHT).checked.data if trace.error_x.array)
    assert comparison.measured(DMP, rows[0]) == "pas encore évalué, 10 retenus"
    spread = judge(held, DMP)
    assert spread.judged == ()
    assert variation.too_few(spread) == "Atteinte du volet 1\u00a0: pas encore évalué."
    by_volet = ask(held, ("volet",)).only(volet="dmp")
    *_, step = steps.steps(ask(held, ()).rows[0], by_volet, PROGRAMME)
    assert step.share == "10 retenus, aucun évalué"
