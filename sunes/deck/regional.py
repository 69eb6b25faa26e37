"""One region: where it stands, in a sentence and four figures."""

from sunes.deck.facts import Facts
from sunes.deck.native import over_days
from sunes.deck.slide import Chart, Slide
from sunes.figures import history
from sunes.figures.palette import Theme
from sunes.insights import headlines, key_figures
from sunes.tables import readable


def region(facts: Facts, of: str, theme: Theme) -> Slide:
    """Where a region stands, with the way it came there."""
    programme, view = facts.programme, facts.view.having(regions=(of,))
    whole = facts.answer(("region",)).only(region=of)
    volets = facts.answer(("region", "volet")).only(region=of)
    past = facts.history(("region",)).only(region=of)
    volets_past = facts.history(("region", "volet")).only(region=of)
    trend = Chart(
        name=f"evolution-{of}",
        title=headlines.trend_finding(past),
        figure=history.trend(past, volets_past, programme, theme.charts),
        native=over_days(past, volets_past, programme, theme.charts),
        description=history.describe(past, volets_past, programme),
        records=readable(past, ("eligible", "applicants", "participation_rate"), facts.definitions, programme),
    )
    return Slide(
        id=f"region-{of}",
        kind="region",
        kicker=facts.region_name(of),
        title=headlines.distance_finding(volets, programme),
        paragraphs=(headlines.region_headline(of, whole.rows[0], volets, programme),),
        figures=key_figures.key_figures(past, volets_past, facts.definitions, programme),
        visuals=(trend,),
        view=view,
    )
