"""One region: where it stands, and what each window added to it."""

from datetime import date

from sunes import french
from sunes.deck import native
from sunes.deck.facts import Facts
from sunes.deck.slide import Chart, Records, Slide
from sunes.figures import history
from sunes.figures import windows as figures
from sunes.figures.palette import Theme
from sunes.insights import headlines, key_figures, progress, progress_findings
from sunes.insights.progress import Milestone, Step
from sunes.metrics import Answer
from sunes.tables import readable


def region(facts: Facts, of: str, theme: Theme) -> Slide:
    """Where a region stands, with the way it came there."""
    programme = facts.programme
    whole = facts.answer(("region",)).row(region=of)
    volets = facts.answer(("region", "volet")).only(region=of)
    past = facts.history(("region",)).only(region=of)
    volets_past = facts.history(("region", "volet")).only(region=of)
    trend = Chart(
        name=f"evolution-{of}",
        title=headlines.trend_finding(past, volets_past, programme),
        figure=history.trend(past, volets_past, programme, theme.charts),
        native=native.over_days(past, volets_past, programme, theme.charts),
        description=history.describe(past, volets_past, programme),
        records=_trend_records(past, volets_past, facts),
    )
    return Slide(
        id=f"region-{of}",
        kind="region",
        kicker=facts.region_name(of),
        title=headlines.distance_finding(volets, programme),
        paragraphs=(headlines.region_headline(of, whole, volets, programme),),
        figures=key_figures.key_figures(past, volets_past, facts.definitions, programme),
        visuals=(trend,),
        view=facts.view.having(regions=(of,)),
    )


def _trend_records(past: Answer, volets: Answer, facts: Facts) -> Records:
    """The table behind the lines: participation, and the attainment of each volet, snapshot by snapshot."""
    made = readable(past, ("eligible", "applicants", "participation_rate"), facts.definitions, facts.programme)
    for volet in facts.programme.volets:
        reached = readable(volets.only(volet=volet.id), ("attainment_rate",), facts.definitions, facts.programme)
        header = facts.definitions["attainment_rate"].short
        for record, of_volet in zip(made, reached, strict=False):
            record[f"{header}, volet {volet.number}"] = of_volet[header]
    return made


# As many milestones as there is room for beside the windows; of more, a sentence says the essential.
_MILESTONES = 4

# Window by window ----------------------------------------------------------------------------------------------------


def windows(facts: Facts, of: str, theme: Theme) -> Slide:
    """What each window added, which is not what it accepted; and where each stood at its deadline."""
    programme = facts.programme
    so_far = {
        number: facts.answer(("region",), windows=view.windows)
        for number, view in progress.prefixes(facts.view, programme).items()
    }
    steps = progress.steps(of, facts.answer(("region", "window")), so_far, programme)
    made = progress.milestones(facts.history(("region", "window", "volet")).only(region=of), programme)
    made = tuple(milestone for milestone in made if not milestone.absent)
    title = progress_findings.windows_finding(steps)
    measured = any(milestone.now["accepted"] for milestone in made)
    beside = measured and len(made) <= _MILESTONES
    since = [f"{progress_findings.milestones_finding(made)}."] if measured and not beside else []
    charts = [_staircase(of, "Retenus par fenêtre, nouveaux et déjà retenus" if beside else title, steps, theme)]
    if beside:
        charts.append(_milestones(of, made, facts, theme))
    return Slide(
        id=f"fenetres-{of}",
        kind="windows",
        kicker=f"{facts.region_name(of)}, fenêtre par fenêtre",
        title=title,
        paragraphs=(*_returns(steps), *since),
        visuals=tuple(charts),
        page="fenetres",
        view=facts.view.having(regions=(of,)),
    )


def _returns(steps: tuple[Step, ...]) -> tuple[str, ...]:
    if not any(step.returning for step in steps):
        last = steps[-1]
        whole = french.count(last.row["eligible"], "établissement éligible")
        return (f"{french.count(last.cumulative, 'établissement retenu')} en tout, sur {whole}.",)
    return (
        "Un établissement retenu dans plusieurs fenêtres reste un seul établissement : "
        "les fenêtres ne s’additionnent pas.".replace(" :", f"{french.NBSP}:"),
    )


def _staircase(of: str, title: str, steps: tuple[Step, ...], theme: Theme) -> Chart:
    return Chart(
        name=f"fenetres-{of}",
        title=title,
        figure=figures.staircase(steps, theme.charts),
        native=native.staircase(steps, theme),
        description=progress_findings.describe_windows(steps),
        records=progress.steps_table(steps),
    )


def _milestones(of: str, made: tuple[Milestone, ...], facts: Facts, theme: Theme) -> Chart:
    day = french.short_day(date.fromisoformat(made[0].now["snapshot"]))
    return Chart(
        name=f"echeances-{of}",
        title=progress_findings.milestones_finding(made),
        figure=figures.milestones(made, facts.programme, theme.charts),
        native=native.milestones(made, day, facts.programme, theme),
        description=progress_findings.describe_milestones(made, facts.programme),
        records=progress.milestones_table(made, facts.programme),
    )
