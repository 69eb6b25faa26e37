"""The regions side by side, or the départements of a single one; and each region against its targets."""

from collections.abc import Mapping, Sequence

from sunes import french
from sunes.deck import native
from sunes.deck.facts import Facts
from sunes.deck.slide import Chart, Records, Slide
from sunes.figures import panels
from sunes.figures import targets as figures
from sunes.figures.palette import Theme
from sunes.insights import comparison as insights
from sunes.insights import headlines, progress_findings
from sunes.insights.comparison import Level, Rate, Standing
from sunes.metrics import Answer, Row
from sunes.programme import Volet
from sunes.tables import readable

# As many lines as a chart of a slide holds, alone or beside another one: of more territories, it has those with the
# most eligible establishments.
_LINES, _BESIDE = 12, 8

# The figure has a pale band, the plain series a pale bar.
_PALE = french.typographic(
    "Un établissement pas encore évalué n’a pas échoué : en plus pâle, jusqu’où l’atteinte peut encore aller."
)
_NOBODY = french.typographic("Les cibles portent sur les établissements retenus : il n’y en a pas encore.")
_COLUMNS = (
    *("accepted", "evaluated", "attained", "attainment_rate", "attainment_rate_max"),
    *("target_rate", "gap_establishments"),
)


def comparison(facts: Facts, _of: str, theme: Theme) -> Slide | None:
    """Participation and the attainment of each volet, territory by territory; None where there is but one."""
    level = insights.first_level(facts.regions)
    columns = [(rate, _standings(facts, rate, level)) for rate in rates(facts)]
    columns[1:] = [(rate, rows) for rate, rows in columns[1:] if any(row.whole for row in rows)]
    territories = [row for row in columns[0][1] if row.level == level]
    if len(territories) < 2:
        return None
    if level == "region" and len(territories) > insights.FEW:
        territories.sort(key=lambda row: (row.rate is None, -(row.rate or 0)))
    heads = [row.code for row in columns[0][1] if row.level != level]
    drawn = _largest({row.code: row.whole for row in territories}, _LINES - len(heads))
    shown = [(rate, _picked(rows, [*heads, *drawn])) for rate, rows in columns]
    title = insights.finding(*columns[-1 if facts.view.volet else 0])
    chart = Chart(
        name="comparaison",
        title=title,
        figure=panels.panels(shown, theme.charts),
        native=native.compared(shown, theme.charts),
        description=panels.describe(shown),
        plain_description=panels.describe(shown, intervals=False),
        records=_records(columns, level),
        reading=insights.HOW_TO_READ[level],
    )
    return Slide(
        id="comparaison",
        kind="comparison",
        kicker="Comparaison des régions"
        if level == "region"
        else f"{facts.region_name(facts.regions[0])}, par département",
        title=title,
        paragraphs=_said(_left_out(drawn, territories, level), scope(facts)),
        visuals=(chart,),
        page="regions",
        view=facts.view,
    )


def rates(facts: Facts) -> tuple[Rate, ...]:
    """Participation, then the attainment of each volet of the View."""
    found = insights.rates(facts.view, facts.programme, facts.definitions)
    return tuple(rate for rate in found if rate.metric.id != "acceptance_rate")


def answer(facts: Facts, rate: Rate, *by: str) -> Answer:
    """The answer that a rate is read from, cut by territories."""
    return facts.answer((*by, "volet")).only(volet=rate.volet.id) if rate.volet else facts.answer(by)


def scope(facts: Facts) -> str:
    """« Cibles fixées pour toutes les fenêtres ensemble. » where the View keeps some of them only, or ""."""
    said = headlines.target_scope(facts.view, facts.programme, len(_volets(facts)))
    return f"{said[0].upper()}{said[1:]}." if said else ""


def _standings(facts: Facts, rate: Rate, level: Level) -> list[Standing]:
    groups, members = answer(facts, rate, "region"), answer(facts, rate, *insights.CUTS[level])
    return insights.ranked(rate, groups, members, facts.regions, facts.programme)


def _largest(sizes: Mapping[str, int], most: int) -> list[str]:
    """The codes with the largest sizes, in the order given."""
    kept = sorted(sizes, key=lambda code: -sizes[code])[:most]
    return [code for code in sizes if code in kept]


def _picked(rows: Sequence[Standing], codes: Sequence[str]) -> list[Standing]:
    by_code = {row.code: row for row in rows}
    return [by_code[code] for code in codes]


def _left_out(drawn: Sequence[object], whole: Sequence[object], level: Level) -> str:
    if len(drawn) == len(whole):
        return ""
    of = french.pluralize(insights.NOUNS[level])
    return f"Sur {len(whole)} {of}, les {len(drawn)} qui ont le plus d’établissements éligibles sont dessinés ici."


def _said(*sentences: str) -> tuple[str, ...]:
    """Two paragraphs at most: the first sentence, then the others."""
    kept = [sentence for sentence in sentences if sentence]
    return tuple(filter(None, (" ".join(kept[:1]), " ".join(kept[1:]))))


def _records(columns: Sequence[tuple[Rate, Sequence[Standing]]], level: Level) -> Records:
    by_code = [{row.code: row for row in rows} for _, rows in columns]
    return [
        {"Région" if level == "region" else "Territoire": row.name}
        | {
            header: text
            for (rate, _), rows in zip(columns, by_code, strict=True)
            for header, text in (
                (rate.label, insights.measured(rate, rows[row.code])),
                (f"{rate.label}, intervalle à 95\u00a0%", insights.interval_text(rows[row.code].interval)),
            )
        }
        for row in columns[0][1]
    ]


# Against the targets -------------------------------------------------------------------------------------------------


def targets(facts: Facts, _of: str, theme: Theme) -> Slide | None:
    """Each region's attainment against its targets: of several regions a chart per volet, of one a line per volet."""
    regions, by = facts.regions, facts.answer(("region", "volet"))
    if not regions:
        return None
    sizes = {row["region"]: row["eligible"] for row in facts.answer(("region",)).rows}
    drawn = _largest({code: sizes[code] for code in regions}, _BESIDE)
    charts: list[Chart] = []
    if not any(row["accepted"] for row in by.rows):
        sentences: tuple[str, ...] = (_NOBODY,)
    elif len(regions) == 1:
        charts = [_chart("atteinte", headlines.distance_finding(by, facts.programme), by.rows, by, facts, theme)]
        nothing = Answer(by.view, by.by, ())
        sentences = headlines.still_possible(by, nothing, facts.programme)[:2] or (_PALE,)
    else:
        charts = [_of_volet(volet, drawn, facts, theme) for volet in _volets(facts)]
        sentences = (_PALE, _left_out(drawn, regions, "region"))
    return Slide(
        id="cibles",
        kind="targets",
        kicker="Atteinte des cibles",
        title=progress_findings.replay_finding(by),
        paragraphs=_said(*sentences, scope(facts)),
        visuals=tuple(charts),
        page="",
        view=facts.view,
    )


def _of_volet(volet: Volet, drawn: Sequence[str], facts: Facts, theme: Theme) -> Chart:
    rate = next(rate for rate in rates(facts) if rate.volet == volet)
    found = answer(facts, rate, "region")
    rows = [found.row(region=code) for code in drawn]
    if len(rows) > insights.FEW:
        rows.sort(key=lambda row: -(row["attainment_rate"] or 0))
    title = insights.finding(rate, _standings(facts, rate, "region"))
    return _chart(f"atteinte-{volet.id}", title, rows, found, facts, theme)


def _chart(name: str, title: str, rows: Sequence[Row], found: Answer, facts: Facts, theme: Theme) -> Chart:
    """A line per row: named after its region or, of a single one, after its volet."""
    programme = facts.programme
    colours = [theme.charts.volet(programme.volet_ids.index(row["volet"])) for row in rows]
    if len(facts.regions) == 1:
        volets = [programme.volet(row["volet"]) for row in rows]
        names = [f"Volet {volet.number} – {volet.name}" for volet in volets]
    else:
        names = [facts.region_name(row["region"]) for row in rows]
    lines = list(zip(names, rows, colours, strict=True))
    return Chart(
        name=name,
        title=title,
        figure=figures.bars(lines, theme.charts),
        native=native.against_targets(names, rows, colours[0], theme),
        description=figures.describe(lines),
        records=readable(found, _COLUMNS, facts.definitions, programme),
    )


def _volets(facts: Facts) -> list[Volet]:
    return [volet for volet in facts.programme.volets if facts.view.volet in (None, volet.id)]
