"""Hypothesis strategies: invented programmes, snapshots of them, and the questions that a View can ask.

They are small on purpose (a dozen establishments show every way of miscounting) and share few keys, so that
establishments come back in other windows, other volets and other snapshots.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, permutations, product
from typing import Any, TypeVar

from hypothesis import strategies as st

from sunes.programme import Category, Eligibility, Indicator, Programme, Region, Target, Volet, Window
from sunes.reference import Source, SourcedDate
from sunes.schema import DECISIONS, LEGAL_STATUSES, USAGE_STATUSES
from sunes.view import View
from tests.rows import Row, Snapshot, application, establishment, tables, usage

KEYS = ("snapshot", "region", "department", "legal_status", "window", "volet")
DATES = (date(2021, 11, 30), date(2022, 6, 30), date(2024, 2, 29))
FINESS = ("010000024", "110000001", "2A0000014", *(f"99000000{digit}" for digit in range(9)))
REGIONS = {"76": ("31", "09"), "11": ("95", "75"), "94": ("2B", "2A")}
# A register may hold establishments of a region that the programme does not follow.
ELSEWHERE = ("53", "35")
PLACES = (*((region, code) for region, codes in REGIONS.items() for code in codes), ELSEWHERE)
VOLETS = ("mss", "dmp", "autre")
# The last ones are told from 0.5 and 1 by exact arithmetic only.
SHARES = ("0.7", "0.55", "0.333", "0.8", "0.07", "1", "0.5000000000000000001", "0.9999999999999999999")
ACTIVITIES = (None, None, 0.0, 0.1, 0.2, 12.5, 1e6)
# Most of what is counted is accepted rows, so they come more often.
OUTCOMES = (*DECISIONS, "accepted", "accepted")
GRANTS = (None, 0, 1, 50_000, 2**33)

T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """A programme, its snapshots and what is asked of them: one example of the property tests."""

    programme: Programme
    snapshots: tuple[Snapshot, ...]
    view: View
    by: tuple[str, ...]


@lru_cache
def _some(values: tuple[T, ...], least: int = 0, most: int = 99) -> st.SearchStrategy[tuple[T, ...]]:
    """Different values in the order given, each number of them as likely as another.

    It always takes two draws, whatever they give: examples that differ in size then keep the rest of their shape,
    where a list of drawn elements would make most of Hypothesis's variations of a good example nearly empty.
    """
    return _of_any_size(values, least, most, combinations)


@lru_cache
def _shuffled(values: tuple[T, ...], least: int = 0, most: int = 99) -> st.SearchStrategy[tuple[T, ...]]:
    """The same in any order; for a handful of values."""
    return _of_any_size(values, least, most, permutations)


def _of_any_size(
    values: tuple[T, ...], least: int, most: int, choose: Callable[[tuple[T, ...], int], Iterable[tuple[T, ...]]]
) -> st.SearchStrategy[tuple[T, ...]]:
    sizes = range(least, min(most, len(values)) + 1)
    of_size = {size: st.sampled_from(tuple(choose(values, size))) for size in sizes}
    return st.sampled_from(sizes).flatmap(of_size.__getitem__)


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """1 to 4 windows (numbers with holes, in any order), 1 to 3 volets of 1 to 3 indicators, 0 to 4 targets."""
    volets = draw(_shuffled(VOLETS, least=1))
    indicators = {volet: draw(_some(tuple(f"{volet}_{n}" for n in range(3)), least=1)) for volet in volets}
    regions = draw(_some(tuple(REGIONS), least=1))
    targets = st.builds(
        Target,
        volet=st.sampled_from(volets),
        share=st.sampled_from(SHARES).map(Decimal),
        due=st.just(DATES[-1]),
        source=st.just("S"),
        regions=_some(regions, most=1),
        valid_from=st.none() | st.sampled_from(DATES),
        valid_until=st.none() | st.sampled_from(DATES),
    )
    return Programme(
        id="essai",
        name="Essai",
        long_name="Programme d’essai",
        launched=2021,
        ends=SourcedDate(date=DATES[-1], source="S"),
        summary="Un programme inventé.",
        summary_sources=("S",),
        sources={"S": Source(title="Essai", publisher="Personne", date="2024")},
        regions=tuple(Region(code=code, name=f"Région {code}", departments=REGIONS[code]) for code in regions),
        windows=tuple(
            Window(number=number, opens=DATES[0], closes=DATES[0], volets=volets, source="S")
            for number in draw(_shuffled((1, 2, 3, 10), least=1))
        ),
        volets=tuple(
            Volet(
                id=volet,
                number=number,
                name=volet,
                description=volet,
                required=draw(_some(indicators[volet], least=1)),
                source="S",
            )
            for number, volet in enumerate(volets, start=1)
        ),
        indicators=tuple(
            Indicator(id=indicator, volet=volet, name=indicator, source="S")
            for volet, names in indicators.items()
            for indicator in names
        ),
        targets=tuple(draw(st.lists(targets, max_size=4))),
        eligibility=Eligibility(assumption="Aucune.", categories=(Category(code="101", name="Essai"),)),
    )


@st.composite
def snapshots(draw: st.DrawFn, programme: Programme, as_of: date) -> Snapshot:
    """0 to 12 establishments with every decision and status, everything that may be null being so now and then."""
    present = draw(_some(FINESS))
    # Whole columns are alike often enough to meet « none eligible », « nothing known », « one place only ».
    places = st.sampled_from(draw(_some(PLACES, least=1, most=4)))
    statuses = st.sampled_from(draw(_some(LEGAL_STATUSES, least=1)))
    activities = st.sampled_from(draw(st.sampled_from((ACTIVITIES, (None,), (0.0, None)))))
    eligible = st.sampled_from(draw(st.sampled_from(((True, True, False), (True,), (False,)))))
    least = draw(st.integers(0, min(2, len(programme.windows) * len(programme.volets))))
    establishments, applications, usages = [], [], []
    for finess in present:
        region, department = draw(places)
        establishments.append(
            establishment(
                finess,
                region,
                department,
                legal_status=draw(statuses),
                combined_activity=draw(activities),
                eligible=draw(eligible),
            )
        )
        for row in draw(_applications(programme, finess, least)):
            applications.append(row)
            usages.extend(draw(_usages(programme, row)))
    return as_of, draw(st.integers(1, 3)), tables(establishments, applications, usages)


@st.composite
def _applications(draw: st.DrawFn, programme: Programme, finess: str, least: int) -> list[Row]:
    """Up to 4 rows of one establishment: other windows, or other volets of one dossier decided otherwise."""
    keys = tuple(product(programme.window_numbers, programme.volet_ids))
    return [
        application(finess, window, volet, draw(st.sampled_from(OUTCOMES)), grant_eur=draw(st.sampled_from(GRANTS)))
        for window, volet in draw(_some(keys, least, 4))
    ]


@st.composite
def _usages(draw: st.DrawFn, programme: Programme, row: Row) -> list[Row]:
    """The usages of an application, accepted or not: all alike, or each its own, with or without a row."""
    names = [indicator.id for indicator in programme.indicators if indicator.volet == row["volet"]]
    alike = draw(st.sampled_from(("attained", "missed", None)))
    statuses = [alike or draw(st.sampled_from((*USAGE_STATUSES, "attained", None))) for _ in names]
    return [
        usage(row["finess"], row["window"], row["volet"], name, status)
        for name, status in zip(names, statuses, strict=True)
        if status is not None
    ]


@st.composite
def views(draw: st.DrawFn, programme: Programme) -> View:
    """Any filters together, among them values that exist nowhere; mostly few, for five at once keep nothing."""
    values: dict[str, tuple[str | int, ...]] = {
        "regions": (*REGIONS, "53", "28"),
        "departments": (*(department for _, department in PLACES), "50"),
        "windows": (*programme.window_numbers, 99),
        "legal_statuses": LEGAL_STATUSES,
        "finess": (*FINESS, "999999999"),
    }
    names = draw(_some(("regions", "windows")) | _some(tuple(values)))
    filters: dict[str, Any] = {name: draw(_some(values[name], least=1)) for name in names}
    return View(volet=draw(st.sampled_from((None, *programme.volet_ids))), **filters)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """One example. Several snapshots come with the key that tells them apart."""
    by = draw(_shuffled(KEYS))
    dates = draw(_some(DATES, 1, 3 if "snapshot" in by else 1))
    programme = draw(programmes())
    view = draw(views(programme))
    return Question(programme, tuple(draw(snapshots(programme, as_of)) for as_of in dates), view, by)
