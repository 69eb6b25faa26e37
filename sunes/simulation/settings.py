"""`data/reference/simulation.toml` as validated data: every invented parameter of the embedded data set."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sunes.programme import Programme
from sunes.reference import REFERENCE, Entry, load

FILE = REFERENCE / "simulation.toml"
FICTITIOUS = "ficti"

Probability = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
LegalStatus = Literal["public", "espic", "private"]


class Calendar(Entry):
    """The month ends that are published, from `first` to `last`."""

    first: date
    last: date
    published_at: time
    published_after_days: Count
    corrected_after_days: Count

    @property
    def month_ends(self) -> tuple[date, ...]:
        months = range(self.first.year * 12 + self.first.month - 1, self.last.year * 12 + self.last.month)
        return tuple(date(m // 12, m % 12 + 1, monthrange(m // 12, m % 12 + 1)[1]) for m in months)

    def published(self, as_of: date, revision: int) -> datetime:
        """When a revision was published, from nothing but its date: the clock of the machine has no say."""
        days = self.published_after_days if revision == 1 else self.corrected_after_days
        return datetime.combine(as_of + timedelta(days=days), self.published_at, UTC)


class FileOfOrigin(Entry):
    """One entry of `sources` in the manifests."""

    title: str
    publisher: str
    file_name: str
    licence: str


class Publication(Entry):
    """What the manifests say of where the data come from."""

    published_by: str
    remark: str
    sources: tuple[FileOfOrigin, ...]


class Names(Entry):
    """Names that nobody takes for a real hospital: the kind's title, then what these lists make."""

    numbers: tuple[str, ...]
    plurals: tuple[str, ...]
    masculine: tuple[str, ...]
    feminine: tuple[str, ...]
    adjectives: tuple[tuple[str, str], ...]


class Keys(Entry):
    """The first characters of the FINESS-like numbers, of a département that does not exist."""

    establishment: Annotated[str, Field(pattern=r"^99\d{0,3}$")]
    entity: Annotated[str, Field(pattern=r"^99\d{0,3}$")]

    @model_validator(mode="after")
    def _never_meet(self) -> Self:
        if self.establishment.startswith(self.entity) or self.entity.startswith(self.establishment):
            raise ValueError("les numéros d’établissement et d’entité juridique doivent commencer autrement")
        return self


class Location(Entry):
    """Where establishments stand: near the point of a real commune."""

    replaced_communes: tuple[str, ...]
    minimum_population: Count
    radius_km_per_root_inhabitant: Positive
    largest_radius_km: Positive
    kilometres_per_degree: Positive
    from_commune: Probability
    unknown: Probability


class Kind(Entry):
    """A kind of establishment. `departments`: where it exists at all (absent: anywhere)."""

    id: str
    title: str
    weight: Positive
    statuses: dict[LegalStatus, Positive]
    activities: tuple[str, ...] = ()
    optional: dict[str, Probability] = Field(default_factory=dict)
    departments: tuple[str, ...] = ()
    entity_level: Probability = 0
    activity_median: Positive
    activity_spread: Positive
    eagerness: Positive = 1
    usage: float = 0
    pace: Positive = 1

    @model_validator(mode="after")
    def _says_that_it_is_fictitious(self) -> Self:
        if FICTITIOUS not in self.title.lower():
            raise ValueError("l’intitulé doit dire que l’établissement est fictif")
        return self


class Details(Entry):
    """What else the register holds or lacks: an activity that is unknown, a legal entity shared with a neighbour."""

    activity_unknown: Probability
    shares_entity: Probability


class Territory(Entry):
    """How many establishments a region has (eligible ones by département, and others), how well each volet does."""

    region: str
    eligible: dict[str, Count]
    not_eligible: Count
    usage: dict[str, float]


class Effect(Entry):
    """What sets a département apart: how many of its establishments apply, and how well they do."""

    department: str
    eagerness: Positive = 1
    usage: float = 0


class Closure(Entry):
    """One more eligible establishment, which closes. With a `window`, it had filed a dossier there."""

    department: str
    on: date
    window: int | None = None
    filed_on: date | None = None

    @model_validator(mode="after")
    def _files_on_a_day(self) -> Self:
        if (self.window is None) != (self.filed_on is None):
            raise ValueError("« window » et « filed_on » vont ensemble")
        return self


class StatusChange(Entry):
    """The first eligible establishment of a legal status in a département takes another one."""

    department: str
    before: LegalStatus
    after: LegalStatus
    on: date


class Group(Entry):
    """Dossiers of one window that ask for the same volets, by what becomes of them.

    `who`: `new` (never applied), `rejected` or `withdrawn` (every earlier dossier was), `accepted` (for other volets),
    `again` (accepted for the same volets, with a usage below the average). `mixed`: the first volet is accepted, the
    others are rejected. `retracted`: accepted, then given up.
    """

    who: Literal["new", "rejected", "withdrawn", "accepted", "again"]
    volets: Annotated[tuple[str, ...], Field(min_length=1)]
    accepted: Count = 0
    rejected: Count = 0
    withdrawn: Count = 0
    mixed: Count = 0
    retracted: Count = 0

    @property
    def outcomes(self) -> tuple[str, ...]:
        kinds = ("accepted", "rejected", "withdrawn", "mixed", "retracted")
        return tuple(kind for kind in kinds for _ in range(getattr(self, kind)))


class Intake(Entry):
    """The dossiers of one region in one window, and when they are decided on."""

    region: str
    window: int
    withdrawn_until: date
    decided_from: date
    decided_until: date
    groups: tuple[Group, ...]


class Filing(Entry):
    """How dossiers arrive and go."""

    rush: Positive
    withdrawn_after_days: Count
    again_below: float
    retracted_after_days: tuple[Count, Count]


class Grants(Entry):
    """Grants: proportional to a weight, whose price in euros follows from one total."""

    region: str
    windows: tuple[int, ...]
    total_eur: Annotated[int, Field(gt=0)]
    rounded_to_eur: Annotated[int, Field(gt=0)]
    fixed: dict[str, Positive]
    per_activity: dict[str, Positive]


class Measure(Entry):
    """How one indicator is used. `level` is the share that an average establishment reaches in the end."""

    id: str
    activity: str | None = None
    threshold: Probability
    level: Probability
    documents_per_activity: Positive


class Due(Entry):
    """The day by which a window's usages are to be reached, where no source publishes one."""

    window: int
    on: date


class Usages(Entry):
    """How usages rise, and how they are evaluated."""

    establishment_spread: Positive
    indicator_spread: Positive
    pace_spread: Positive
    lowest_pace: Positive
    starting_share: Probability
    highest_share: Probability
    smallest_denominator: Annotated[int, Field(gt=0)]
    season: Probability
    declared_after_days: tuple[Count, Count]
    undeclared: Probability
    threshold_unknown: Probability
    first_evaluation_days: tuple[int, int]
    evaluated_after_acceptance_days: Count
    evaluated_every_days: Annotated[int, Field(gt=0)]
    last_evaluation: date
    never_evaluated: Probability
    partly_evaluated: Probability
    relapse: Probability
    relapse_after_days: tuple[Count, Count]
    relapse_to: Probability


class Correction(Entry):
    """A snapshot whose first revision holds decisions entered wrongly, put right by its second one."""

    as_of: date
    department: str
    window: int
    entered: Literal["rejected", "withdrawn"]


class Settings(Entry):
    """The whole of `simulation.toml`."""

    seed: int
    calendar: Calendar
    publication: Publication
    names: Names
    keys: Keys
    location: Location
    details: Details
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    not_eligible_kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    territories: Annotated[tuple[Territory, ...], Field(min_length=1)]
    effects: tuple[Effect, ...]
    closures: tuple[Closure, ...]
    status_changes: tuple[StatusChange, ...]
    filing: Filing
    intakes: tuple[Intake, ...]
    grants: Grants
    due: tuple[Due, ...]
    usages: Usages
    indicators: tuple[Measure, ...]
    correction: Correction

    @model_validator(mode="after")
    def _corrects_a_month_end(self) -> Self:
        if self.correction.as_of not in self.calendar.month_ends:
            raise ValueError("la situation corrigée n’est pas une fin de mois du calendrier")
        return self

    def effect(self, department: str) -> Effect:
        return next((e for e in self.effects if e.department == department), Effect(department=department))

    def regional_usage(self, region: str, volet: str) -> float:
        return next((t.usage.get(volet, 0.0) for t in self.territories if t.region == region), 0.0)

    def measure(self, indicator: str) -> Measure:
        return next(measure for measure in self.indicators if measure.id == indicator)

    def due_on(self, window: int, programme: Programme) -> date:
        """The published deadline of a window, or else the invented one."""
        published = next(w.deadline for w in programme.windows if w.number == window)
        return published.date if published else next(due.on for due in self.due if due.window == window)


def load_settings(path: Path = FILE) -> Settings:
    """Read and validate the settings. Raises DataError that names the file and the key."""
    return load(path, Settings)
