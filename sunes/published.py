"""Figures that agencies published, and how the computed ones compare."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sunes import geography, metrics
from sunes.errors import DataError, Problem
from sunes.french import count, day, typographic
from sunes.metrics import METRICS
from sunes.programme import Programme
from sunes.reference import REFERENCE, Entry, Identifier, Prose, load
from sunes.snapshots import Snapshot, Store
from sunes.view import View

Verdict = Literal["equal", "explained", "unexplained", "not_computable"]


class Figure(Entry):
    """One published figure; the keys are explained at the head of `published.toml`."""

    id: Identifier
    label: Prose
    shown: Prose
    value: Decimal
    also: Decimal | None = None
    tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    when: Prose
    since: date
    until: date
    source: str
    region: str | None = None
    metric: str | None = None
    windows: tuple[int, ...] = ()
    volet: str | None = None
    differs: bool = False
    reason: Prose | None = None

    @model_validator(mode="after")
    def _explains_itself(self) -> Self:
        if self.metric is not None and self.metric not in METRICS:
            raise ValueError(f"« {self.metric} » n’est pas un indicateur calculé")
        if (self.metric is None or self.differs) and not self.reason:
            raise ValueError(f"« {self.id} » doit dire dans « reason » pourquoi il ne se compare pas ou diffère")
        if self.until < self.since:
            raise ValueError(f"« {self.id} » finit (« until ») avant de commencer (« since »)")
        return self

    def equals(self, computed: float) -> bool:
        """Whether a computed value is what was published, up to what the printed figure rounds away."""
        given = (self.value,) if self.also is None else (self.value, self.also)
        return any(abs(Decimal(str(computed)) - value) <= self.tolerance for value in given)


class Publications(Entry):
    """The whole of a `published.toml`, every figure once."""

    figures: tuple[Figure, ...]

    @model_validator(mode="after")
    def _tells_figures_apart(self) -> Self:
        ids = [figure.id for figure in self.figures]
        if twice := sorted({figure_id for figure_id in ids if ids.count(figure_id) > 1}):
            raise ValueError(f"chiffre en double : {', '.join(twice)}")
        return self


@dataclass(frozen=True, slots=True)
class Comparison:
    """A published figure beside the computed one, and what follows.

    `snapshot` is the one that was read, None where there is none to read.
    """

    figure: Figure
    snapshot: Snapshot | None
    computed: float | None
    verdict: Verdict
    explanation: str

    @property
    def ok(self) -> bool:
        """False only for a figure that should match and does not."""
        return self.verdict != "unexplained"


@lru_cache
def load_figures(path: Path = REFERENCE / "published.toml") -> tuple[Figure, ...]:
    """Read and validate the published figures. Raises DataError that names the file and the key."""
    return load(path, Publications).figures


def reconcile(store: Store, programme: Programme, figures: tuple[Figure, ...] | None = None) -> tuple[Comparison, ...]:
    """Compare every published figure with the one computed from the snapshot of its date.

    Raises DataError when a snapshot is damaged, or a figure cites a source that the programme does not define.
    """
    figures = load_figures() if figures is None else figures
    problems = [
        Problem("le fichier du programme ne définit pas cette source.", "published.toml", key=f.id, value=f.source)
        for f in figures
        if f.source not in programme.sources
    ]
    if problems:
        raise DataError(*problems)

    @cache
    def regions(snapshot: Snapshot) -> frozenset[str]:
        rows = metrics.ask(store, View(snapshot=snapshot.id.pin), ("region",), programme=programme).rows
        return frozenset(row["region"] for row in rows)

    def compare(figure: Figure) -> Comparison:
        snapshot = next(reversed(store.history(figure.since, figure.until)), None)
        obstacle = _obstacle(figure, snapshot, regions(snapshot) if snapshot else frozenset())
        if obstacle or snapshot is None or figure.metric is None:
            return Comparison(figure, snapshot, None, "not_computable", obstacle)
        view = View(
            snapshot=snapshot.id.pin,
            regions=(figure.region,) if figure.region else (),
            windows=figure.windows,
            volet=figure.volet,
        )
        # Newcomers have a meaning per window only.
        by = ("window",) if figure.metric == "newcomers" else ()
        computed = metrics.ask(store, view, by, programme=programme).rows[0][figure.metric]
        return Comparison(figure, snapshot, computed, *_verdict(figure, computed))

    return tuple(compare(figure) for figure in figures)


def _obstacle(figure: Figure, snapshot: Snapshot | None, present: frozenset[str]) -> str:
    """Why a figure can't be computed from a snapshot; empty when it can."""
    if figure.metric is None:
        return figure.reason or ""
    if snapshot is None:
        return f"Aucune situation entre le {day(figure.since)} et le {day(figure.until)}."
    if figure.region and figure.region not in present:
        return "La situation ne contient aucun établissement de cette région."
    country = set(geography.regions())
    if not figure.region and not country <= present:
        covered = count(len(present & country), "région")
        return typographic(f"Chiffre national : la situation couvre {covered} sur {len(country)}.")
    return ""


def _verdict(figure: Figure, computed: float | None) -> tuple[Verdict, str]:
    if computed is None:
        return "not_computable", "La situation ne permet pas de le calculer."
    if figure.equals(computed):
        return "equal", "Identique."
    if figure.differs:
        return "explained", figure.reason or ""
    return "unexplained", "Écart sans explication connue."
