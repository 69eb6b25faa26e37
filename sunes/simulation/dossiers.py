"""The applications over the whole history: who files what in which window, and what becomes of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import fsum

from sunes.errors import DataError, Problem
from sunes.programme import Programme, Window
from sunes.simulation.draws import Draws
from sunes.simulation.register import Establishment
from sunes.simulation.settings import FILE, Group, Intake, Settings


@dataclass(frozen=True, slots=True)
class Application:
    """One establishment × window × volet. `steps` are its decisions in the order of their days."""

    establishment: Establishment
    window: int
    volet: str
    filed_on: date
    steps: tuple[tuple[date, str], ...]
    grant_eur: int = 0

    @property
    def key(self) -> tuple[str, int, str]:
        return self.establishment.finess, self.window, self.volet

    @property
    def accepted_on(self) -> date | None:
        return next((day for day, decision in self.steps if decision == "accepted"), None)

    def on(self, day: date) -> tuple[str, date | None]:
        """The decision of a day and when it was taken, (`pending`, None) before any."""
        taken = [(decision, decided_on) for decided_on, decision in self.steps if decided_on <= day]
        return taken[-1] if taken else ("pending", None)


def applications(
    settings: Settings, programme: Programme, register: Sequence[Establishment]
) -> tuple[Application, ...]:
    """Every application of the history, in the order of its key (finess, window, volet).

    Raises DataError where a group of the settings asks for more establishments than there are.
    """
    filed: dict[str, list[Application]] = defaultdict(list)
    windows = {window.number: window for window in programme.windows}
    for intake in sorted(settings.intakes, key=lambda intake: intake.window):
        for application in list(_intake(settings, intake, windows[intake.window], register, filed)):
            filed[application.establishment.finess].append(application)
    for establishment in register:
        filed[establishment.finess] += _of_closing(establishment, windows)
    priced = _with_grants(settings, [application for dossiers in filed.values() for application in dossiers])
    return tuple(sorted(priced, key=lambda application: application.key))


def _intake(
    settings: Settings,
    intake: Intake,
    window: Window,
    register: Sequence[Establishment],
    filed: dict[str, list[Application]],
) -> Iterator[Application]:
    draws = Draws(settings.seed, "intake", intake.region, intake.window)
    served: set[str] = set()
    for group in intake.groups:
        pool = [
            e
            for e in register
            if e.region_code == intake.region
            and e.eligible
            and e.closure is None
            and e.finess not in served
            and _belongs(e, filed[e.finess], group, settings)
        ]
        if len(pool) < len(group.outcomes):
            message = f"{len(group.outcomes)} candidatures « {group.who} » pour {len(pool)} établissements possibles."
            place = f"intakes, région {intake.region}, fenêtre {intake.window}"
            raise DataError(Problem(message, FILE.name, key=place))
        weights = [e.kind.eagerness * settings.effect(e.department_code).eagerness for e in pool]
        chosen = draws.sample(pool, weights, len(group.outcomes))
        served.update(e.finess for e in chosen)
        for establishment, outcome in zip(draws.shuffled(chosen), group.outcomes, strict=True):
            yield from _dossier(settings, intake, window, establishment, group, outcome, draws)


def _belongs(establishment: Establishment, before: Sequence[Application], group: Group, settings: Settings) -> bool:
    """Whether the earlier dossiers of an establishment make it one of the group's `who` (see settings.Group)."""
    ends = {application.steps[-1][1] for application in before}
    accepted = {application.volet for application in before if application.accepted_on}
    match group.who:
        case "new":
            return not before
        case "accepted":
            return bool(accepted) and accepted.isdisjoint(group.volets)
        case "again":
            return accepted.issuperset(group.volets) and establishment.quality < settings.filing.again_below
        case "rejected" | "withdrawn":
            return ends == {group.who}


def _dossier(
    settings: Settings,
    intake: Intake,
    window: Window,
    establishment: Establishment,
    group: Group,
    outcome: str,
    draws: Draws,
) -> Iterator[Application]:
    filing = settings.filing
    before_withdrawal = timedelta(days=filing.withdrawn_after_days)
    last = min(window.closes, intake.withdrawn_until - before_withdrawal) if outcome == "withdrawn" else window.closes
    filed_on = draws.day(window.opens, last, filing.rush)
    decided_on = draws.day(max(intake.decided_from, filed_on), intake.decided_until)
    withdrawn_on = draws.day(min(filed_on + before_withdrawal, intake.withdrawn_until), intake.withdrawn_until)
    retracted_on = decided_on + timedelta(days=draws.integer(*filing.retracted_after_days))
    for volet in group.volets:
        refused = outcome == "rejected" or (outcome == "mixed" and volet != group.volets[0])
        steps = [(decided_on, "rejected" if refused else "accepted")]
        if outcome == "withdrawn":
            steps = [(withdrawn_on, "withdrawn")]
        if outcome == "retracted":
            steps.append((retracted_on, "withdrawn"))
        yield Application(establishment, intake.window, volet, filed_on, tuple(steps))


def _of_closing(establishment: Establishment, windows: dict[int, Window]) -> list[Application]:
    """The dossier that an establishment had filed before it closed: withdrawn on the day of closing."""
    closure = establishment.closure
    if closure is None or closure.window is None or closure.filed_on is None:
        return []
    return [
        Application(establishment, closure.window, volet, closure.filed_on, ((closure.on, "withdrawn"),))
        for volet in windows[closure.window].volets
    ]


def _with_grants(settings: Settings, applications: Sequence[Application]) -> list[Application]:
    """Price the applications so that those of one region and some windows, once accepted, cost a given total."""
    grants = settings.grants

    def weight(application: Application) -> float:
        size = application.establishment.size
        return grants.fixed[application.volet] + grants.per_activity[application.volet] * size

    euros = grants.total_eur / fsum(
        weight(a)
        for a in applications
        if a.accepted_on and a.establishment.region_code == grants.region and a.window in grants.windows
    )
    unit = grants.rounded_to_eur
    return [replace(a, grant_eur=unit * round(weight(a) * euros / unit)) for a in applications]
