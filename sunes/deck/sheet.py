"""One establishment: where it stands, what it still lacks, its indicators, how they went, its dossiers."""

from collections.abc import Sequence

from sunes import french, geography
from sunes.deck.facts import Facts
from sunes.deck.native import mixed
from sunes.deck.slide import Bars, Chart, Lines, Listing, Series, Slide, Visual
from sunes.deck.timely import cut
from sunes.establishments import measures
from sunes.establishments import sheet as insights
from sunes.establishments.measures import Measure
from sunes.establishments.sheet import Course
from sunes.figures import sheet as figures
from sunes.figures import targets
from sunes.figures.palette import Theme
from sunes.programme import Programme
from sunes.roster import STATE_LABELS, Line
from sunes.tables import LEGAL_STATUS_LABELS

# As many lanes as a slide holds, and dossiers beside them.
_LANES = 4
_DOSSIERS = 5
_NAME = 70


def sheet(facts: Facts, of: str, theme: Theme) -> Slide | None:
    """The sheet of an establishment, wherever it is; None for a FINESS number that the snapshot does not have."""
    programme = facts.programme
    view = facts.view.having(regions=(), departments=(), legal_statuses=(), finess=(of,))
    found = facts.roster(regions=(), departments=(), legal_statuses=(), finess=(of,)).lines
    if not found:
        return None
    line = found[0]
    course = insights.course(facts.roster_history(of), of, programme)
    told = _told(measures.measures(line, programme))
    visuals: list[Visual] = []
    if told:
        visuals = [_indicators(line, told, programme, theme), _history(line, course, told, programme, theme)]
    if line.applications:
        visuals.append(_dossiers(line, programme))
    return Slide(
        id=f"fiche-{of}",
        kind="sheet",
        kicker=cut(line.name, _NAME),
        title=_finding(line, programme),
        paragraphs=(" · ".join(_identity(line)), " ".join(insights.still_missing(line, view, programme))),
        visuals=tuple(visuals),
        page="etablissements",
        view=view,
    )


def _finding(line: Line, programme: Programme) -> str:
    states = [f"volet {programme.volet(volet).number} : {STATE_LABELS[state]}" for volet, state in line.states.items()]
    said = french.typographic(" ; ".join(states))
    return f"{said[:1].upper()}{said[1:]}"


def _identity(line: Line) -> tuple[str, ...]:
    row, known = line.establishment, geography.departments()
    code = row["department_code"]
    department = f"{known[code].name} ({code})" if code in known else str(code)
    activity = row["combined_activity"]
    return (
        f"FINESS {line.finess}",
        cut(f"{row['commune_name']}, {department}" if row["commune_name"] else department),
        LEGAL_STATUS_LABELS[row["legal_status"]] + ("" if row["eligible"] else ", non éligible"),
        f"activité combinée {'non connue' if activity is None else french.number(activity, 0)}",
    )


def _told(found: Sequence[Measure]) -> tuple[Measure, ...]:
    """What decides: required indicators of accepted applications, of the last windows where there are too many."""
    required = [measure for measure in found if measure.required and measure.accepted] or list(found)
    latest = sorted(required, key=lambda measure: -measure.window)[:_LANES]
    return tuple(measure for measure in required if measure in latest)


def _name(measure: Measure) -> str:
    return f"{measure.indicator.name} (fenêtre {measure.window})"


def _indicators(line: Line, told: tuple[Measure, ...], programme: Programme, theme: Theme) -> Chart:
    colour = theme.charts.participation
    series = (
        Series("Taux", tuple(measure.rate for measure in told), colour),
        Series("Seuil", tuple(measure.threshold for measure in told), theme.charts.target),
    )
    return Chart(
        name=f"indicateurs-{line.finess}",
        title=insights.indicators_finding(line, programme),
        figure=targets.indicators([(measure, _colour(measure, programme, theme)) for measure in told], theme.charts),
        native=Bars(tuple(map(_name, told)), series, "rate"),
        description=figures.describe_indicators(told),
        records=insights.indicator_records(measures.measures(line, programme)),
    )


def _colour(measure: Measure, programme: Programme, theme: Theme) -> str:
    return theme.charts.volet(programme.volets.index(measure.volet))


def _history(line: Line, course: Course, told: tuple[Measure, ...], programme: Programme, theme: Theme) -> Chart:
    def colour(rank: int, measure: Measure) -> str:
        return mixed(_colour(measure, programme, theme), theme.charts.text, 0.5 * (rank % 2))

    series = tuple(
        Series(
            _name(measure), tuple(then.rate if then else None for then in course.of(measure.key)), colour(rank, measure)
        )
        for rank, measure in enumerate(told)
    )
    return Chart(
        name=f"historique-{line.finess}",
        title=insights.history_finding(course, programme),
        figure=figures.history(course, told, programme, theme.charts),
        native=Lines(course.days, series, "rate"),
        description=figures.describe_history(course, told),
        records=insights.history_records(course, told, programme),
    )


def _dossiers(line: Line, programme: Programme) -> Listing:
    """The last applications, without what a slide has no room for."""
    kept = ("Fenêtre", "Volet", "Déposé le", "Instruction")
    records = insights.dossier_records(line, programme)[-_DOSSIERS:]
    short = tuple({header: french.in_table(record[header]) for header in kept} for record in records)
    return Listing(f"dossiers-{line.finess}", insights.dossiers_finding(line), short)
