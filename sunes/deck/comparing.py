"""The regions side by side."""

from sunes.deck.facts import Facts
from sunes.deck.slide import Bars, Chart, Series, Slide
from sunes.figures import comparison as figures
from sunes.figures.palette import Theme
from sunes.insights import comparison as insights
from sunes.insights.comparison import Rate, Standing
from sunes.tables import readable


def comparison(facts: Facts, _of: str, theme: Theme) -> Slide:
    """Participation and the attainment of each volet, region by region, with intervals and targets."""
    rates = [
        rate
        for rate in insights.rates(facts.view, facts.programme, facts.definitions)
        if rate.metric.id != "acceptance_rate"
    ]
    charts = tuple(_chart(facts, rate, theme) for rate in rates)
    return Slide(
        id="comparaison",
        kind="comparison",
        kicker="Comparaison des régions",
        title=charts[0].title,
        paragraphs=(insights.HOW_TO_READ,),
        visuals=charts,
        page="regions",
        view=facts.view,
    )


def _chart(facts: Facts, rate: Rate, theme: Theme) -> Chart:
    answer = facts.answer(("region", "volet") if rate.volet else ("region",))
    if rate.volet:
        answer = answer.only(volet=rate.volet.id)
    rows = insights.ranked(rate, answer, answer, facts.regions, facts.programme)
    return Chart(
        name=f"comparaison-{rate.id}",
        title=insights.finding(rate, rows),
        figure=figures.dots(rows, rate, theme.charts),
        native=bars(rate, rows, theme),
        description=figures.describe_dots(rows, rate),
        records=readable(answer, rate.columns, facts.definitions, facts.programme),
    )


def bars(rate: Rate, rows: list[Standing], theme: Theme) -> Bars:
    """One bar per territory, and one for the target where there is one."""
    series = [Series(rate.label, tuple(row.rate for row in rows), figures.tint(rate, theme.charts))]
    if any(row.target is not None for row in rows):
        series.append(Series("Cible", tuple(row.target for row in rows), theme.charts.target))
    return Bars(tuple(row.name for row in rows), tuple(series), "rate")
