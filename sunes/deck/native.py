"""The charts of slides as plain series: the values of the answers, unrounded, under the names that charts use."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from sunes import french, statistics
from sunes.deck.slide import Bars, Lines, Marks, Points, Series
from sunes.figures.comparison import tint
from sunes.figures.palette import Palette, Theme
from sunes.insights.comparison import Rate, Standing
from sunes.insights.progress import Milestone, Step
from sunes.insights.variation import LIKELY, SURE, Spread
from sunes.metrics import Answer, Row, known_value
from sunes.programme import Programme

# Up to so many territories, the target has bars of its own; beyond, the name of a series says it.
_FEW = 6


def mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another one in it, both as `#rrggbb`."""
    parts = ((int(one[i : i + 2], 16) for one in (colour, other)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(own * (1 - share) + added * share):02x}" for own, added in parts)


def compared(columns: Sequence[tuple[Rate, Sequence[Standing]]], palette: Palette) -> Bars:
    """A bar for each rate of each territory, and for its target; the territories are the same in each column."""
    series = []
    for rate, rows in columns:
        targets = tuple(row.target for row in rows)
        series.append(Series(rate.label, tuple(row.rate for row in rows), tint(rate, palette)))
        if (len(rows) <= _FEW or len(columns) == 1) and any(target is not None for target in targets):
            number = f" du volet {rate.volet.number}" if rate.volet else ""
            series.append(Series(f"Cible{number}", targets, palette.target))
    return Bars(tuple(row.name for row in columns[0][1]), tuple(series), "rate")


def against_targets(names: Sequence[str], rows: Sequence[Row], colour: str, theme: Theme) -> Bars:
    """What is attained, what still can be, and the target; a name for each row of an answer by volet."""
    series = (
        Series("Atteinte", tuple(known_value(row, "attainment_rate") for row in rows), colour),
        Series("Maximum possible", tuple(row["attainment_rate_max"] for row in rows), mixed(colour, theme.paper, 0.65)),
        Series("Cible", tuple(row["target_rate"] for row in rows), theme.charts.target),
    )
    return Bars(tuple(names), series, "rate")


def over_days(participation: Answer, attainment: Answer, programme: Programme, palette: Palette) -> Lines:
    """Participation, each volet's attainment and its target; from answers by snapshot, and by snapshot and volet."""
    days = _days(participation)
    first = Series(
        "Participation", tuple(row["participation_rate"] for row in participation.rows), palette.participation
    )
    return _with_targets(days, [first], [("", attainment)], programme, palette)


def courses(territories: Sequence[tuple[str, Answer]], programme: Programme, palette: Palette) -> Lines:
    """Each volet's attainment in each territory, and the targets; from a name and an answer by snapshot and volet."""
    return _with_targets(_days(territories[0][1]), [], territories, programme, palette)


def _with_targets(
    days: tuple[date, ...],
    series: list[Series],
    territories: Sequence[tuple[str, Answer]],
    programme: Programme,
    palette: Palette,
) -> Lines:
    """Territories share the colours of the volets: the further down, the closer to the colour of the text."""
    targets: dict[str, Series] = {}
    for place, (name, answer) in enumerate(territories):
        for rank, volet in enumerate(programme.volets):
            rows = answer.only(volet=volet.id).rows
            if not rows:
                continue
            label = f"{name}, volet {volet.number}" if name else f"Volet {volet.number}"
            colour = mixed(palette.volet(rank), palette.text, 0.5 * place / max(1, len(territories) - 1))
            series.append(Series(label, tuple(known_value(row, "attainment_rate") for row in rows), colour))
            if rows[-1]["target_rate"] is not None:
                constant = (rows[-1]["target_rate"],) * len(days)
                said = f"Cible du volet {volet.number} ({french.percent(rows[-1]['target_rate'], None)})"
                said = f"{said}, {name}" if said in targets and targets[said].values != constant else said
                targets[said] = Series(said, constant, palette.target)
    return Lines(days, (*series, *targets.values()), "rate", frozenset(targets))


def _days(answer: Answer) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in dict.fromkeys(row["snapshot"] for row in answer.rows))


def staircase(steps: Sequence[Step], theme: Theme) -> Bars:
    """The establishments accepted in each window: new ones, and those accepted before."""
    colour = theme.charts.participation
    return Bars(
        tuple(f"Fenêtre {step.window.number}" for step in steps),
        (
            Series("Nouveaux retenus", _values(steps, lambda step: step.row["newcomers"]), colour),
            Series(
                "Déjà retenus auparavant", _values(steps, lambda step: step.returning), mixed(colour, theme.paper, 0.65)
            ),
        ),
        "count",
        stacked=True,
    )


def _values(steps: Iterable[Step], of: Callable[[Step], int]) -> tuple[int | None, ...]:
    return tuple(None if step.absent else of(step) for step in steps)


def milestones(made: Sequence[Milestone], day: str, programme: Programme, theme: Theme) -> Bars:
    """Attainment per window and volet at the deadline and on the day of the snapshot, and the target."""
    colour = theme.charts.participation
    then = tuple(known_value(m.then, "attainment_rate") if m.then else None for m in made)
    series = [Series(f"Au {day}", tuple(known_value(m.now, "attainment_rate") for m in made), colour)]
    if any(rate is not None for rate in then):
        series.insert(0, Series("À l’échéance", then, mixed(colour, theme.paper, 0.65)))
    series.append(Series("Cible", tuple(m.now["target_rate"] for m in made), theme.charts.target))
    names = tuple(f"Fenêtre {m.window.number}, volet {programme.volet(m.volet).number}" for m in made)
    return Bars(names, tuple(series), "rate")


def funnel(spread: Spread, palette: Palette) -> Points:
    """Size against rate: the départements by their codes, the limits, the overall rate, the target."""
    judged, overall = spread.judged, spread.overall.rate or 0.0
    sizes = range(1, max(each.standing.whole for each in judged) + 2)
    xs, ends = tuple(map(float, sizes)), (0.0, float(sizes[-1]))
    series = [
        Marks(
            "Départements",
            tuple(float(each.standing.whole) for each in judged),
            tuple(each.rate for each in judged),
            tint(spread.rate, palette),
            labels=tuple(each.standing.code for each in judged),
        ),
        Marks("Ensemble", ends, (overall, overall), palette.text, line=True),
    ]
    for (_, limits), name in zip(
        statistics.funnel_limits(sizes, overall, (LIKELY, SURE)).items(),
        ("Limite à 95\u00a0%", "Limite à 99,8\u00a0%"),
        strict=True,
    ):
        for side, rates in zip(("basse", "haute"), limits, strict=True):
            series.append(Marks(f"{name}, {side}", xs, tuple(rates.tolist()), palette.text, line=True))
    if spread.overall.target is not None:
        target = spread.overall.target
        series.append(Marks("Cible", ends, (target, target), palette.target, line=True))
    denominator = spread.rate.metric.denominator
    return Points(tuple(series), f"Nombre d’{denominator.words if denominator else ''}", "rate")
