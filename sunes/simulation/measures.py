"""The usages over the whole history: what each establishment reaches, and when it is evaluated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from sunes.programme import Programme
from sunes.simulation.dossiers import Application
from sunes.simulation.draws import Draws
from sunes.simulation.register import Establishment
from sunes.simulation.settings import Measure, Settings


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one indicator on one day. Numerator and denominator count the documents of a quarter."""

    numerator: int | None = None
    denominator: int | None = None
    status: str = "not_evaluated"
    evaluated_on: date | None = None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """How one establishment climbs to its level of one indicator: the same climb for all its dossiers."""

    settings: Settings
    establishment: Establishment
    measure: Measure
    start: date
    days: float
    level: float

    def read(self, day: date, relapsed: bool) -> tuple[int, int]:
        """Numerator and denominator of the quarter that ends on a day."""
        usages = self.settings.usages
        draws = Draws(self.settings.seed, "read", self.establishment.finess, self.measure.id, day)
        volume = self.establishment.size * self.measure.documents_per_activity
        season = 1 + usages.season * draws.between(-1, 1)
        denominator = max(usages.smallest_denominator, round(volume * season))
        elapsed = min(1.0, max(0.0, (day - self.start).days / self.days))
        climbed = elapsed * elapsed * (3 - 2 * elapsed)  # slow, fast, slow
        share = self.level * (usages.starting_share + (1 - usages.starting_share) * climbed)
        share *= usages.relapse_to if relapsed else 1
        share += draws.normal() * sqrt(share * (1 - share) / denominator)
        return min(denominator, max(0, round(share * denominator))), denominator


@dataclass(frozen=True, slots=True)
class Followed:
    """One accepted application and all that is ever measured of it.

    `declared_on` is the day from which the establishment says what it does (None: never). Each of `evaluations` holds
    the readings of one day by indicator.
    """

    application: Application
    trajectories: tuple[Trajectory, ...]
    threshold_known: bool
    declared_on: date | None
    evaluations: tuple[Mapping[str, Reading], ...]

    def on(self, day: date) -> Iterator[tuple[Measure, Reading]]:
        """Each indicator as it is known on a day: as evaluated last, or else as declared that month."""
        for trajectory in self.trajectories:
            reading = Reading()
            if self.declared_on and self.declared_on <= day:
                reading = Reading(*trajectory.read(day, relapsed=False))
            for evaluation in self.evaluations:
                evaluated = evaluation.get(trajectory.measure.id)
                if evaluated and evaluated.evaluated_on and evaluated.evaluated_on <= day:
                    reading = evaluated
            yield trajectory.measure, reading


def followed(settings: Settings, programme: Programme, applications: Sequence[Application]) -> tuple[Followed, ...]:
    """The follow-up of every application that is ever accepted, in the same order."""
    climbs: dict[tuple[str, str], tuple[Trajectory, ...]] = {}
    result = []
    for application in applications:  # an earlier window comes first, so the climb begins with the first acceptance
        if application.accepted_on:
            key = (application.establishment.finess, application.volet)
            if key not in climbs:
                climbs[key] = tuple(_trajectories(settings, programme, application))
            result.append(_follow(settings, programme, application, application.accepted_on, climbs[key]))
    return tuple(result)


def _trajectories(settings: Settings, programme: Programme, application: Application) -> Iterator[Trajectory]:
    usages, establishment = settings.usages, application.establishment
    opens = next(window.opens for window in programme.windows if window.number == application.window)
    draws = Draws(settings.seed, "climb", establishment.finess, application.volet)
    pace = establishment.kind.pace * max(usages.lowest_pace, 1 + usages.pace_spread * draws.normal())
    quality = establishment.quality + settings.regional_usage(establishment.region_code, application.volet)
    for indicator in programme.indicators:
        measure = settings.measure(indicator.id)
        level = measure.level + quality + usages.indicator_spread * draws.normal()
        if indicator.volet == application.volet and measure.activity in (None, *establishment.activities):
            yield Trajectory(
                settings,
                establishment,
                measure,
                start=opens,
                days=(settings.due_on(application.window, programme) - opens).days * pace,
                level=min(usages.highest_share, max(0.0, level)),
            )


def _follow(
    settings: Settings,
    programme: Programme,
    application: Application,
    accepted_on: date,
    trajectories: tuple[Trajectory, ...],
) -> Followed:
    usages = settings.usages
    draws = Draws(settings.seed, "follow", application.establishment.finess, application.window, application.volet)
    threshold_known = not draws.chance(usages.threshold_unknown)
    declared_on = accepted_on + timedelta(days=draws.integer(*usages.declared_after_days))
    declares, evaluated = not draws.chance(usages.undeclared), not draws.chance(usages.never_evaluated)
    first = max(
        settings.due_on(application.window, programme) + timedelta(days=draws.integer(*usages.first_evaluation_days)),
        accepted_on + timedelta(days=usages.evaluated_after_acceptance_days),
    )
    late = programme.volet(application.volet).required[-1] if draws.chance(usages.partly_evaluated) else None
    relapse_after = draws.integer(*usages.relapse_after_days) if draws.chance(usages.relapse) else None
    evaluations = _evaluations(
        settings, programme.volet(application.volet).required, trajectories, first, late, relapse_after
    )
    return Followed(
        application,
        trajectories,
        threshold_known,
        declared_on if declares else None,
        tuple(evaluations) if declares and evaluated else (),
    )


def _evaluations(
    settings: Settings,
    required: Sequence[str],
    trajectories: Sequence[Trajectory],
    first: date,
    late: str | None,
    relapse_after: int | None,
) -> Iterator[Mapping[str, Reading]]:
    """One evaluation after the other until what is required is attained, and stays so, or the last campaign is over.

    `late` is an indicator that the first evaluation leaves out; `relapse_after` days after it is attained, a usage
    that relapses is evaluated once more.
    """
    usages = settings.usages
    day, relapsed = first, False
    while day <= usages.last_evaluation:
        readings = {t.measure.id: _evaluate(t, day, relapsed) for t in trajectories if t.measure.id != late}
        yield readings
        late = None
        if any(indicator not in readings or readings[indicator].status == "missed" for indicator in required):
            day += timedelta(days=usages.evaluated_every_days)
        elif relapse_after is not None and not relapsed:
            relapsed = True
            day += timedelta(days=relapse_after)
        else:
            return


def _evaluate(trajectory: Trajectory, day: date, relapsed: bool) -> Reading:
    numerator, denominator = trajectory.read(day, relapsed)
    attained = numerator / denominator >= trajectory.measure.threshold
    return Reading(numerator, denominator, "attained" if attained else "missed", day)
