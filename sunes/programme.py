"""A funding programme as validated data: its regions, windows, volets, indicators, targets and their sources.

Nothing else in the package knows SUN-ES by name: another `programme.toml` describes another programme.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from sunes.reference import REFERENCE, Entry, Identifier, Prose, Source, SourcedDate, Text, load

Share = Annotated[Decimal, Field(gt=0, le=1)]


class Region(Entry):
    """A region that is followed, by INSEE codes."""

    code: Annotated[str, Field(pattern=r"^\d{2}$")]
    name: Prose
    departments: Annotated[tuple[Text, ...], Field(min_length=1)]


class Window(Entry):
    """A period in which applications are filed. No `deadline` means that none is published."""

    number: Annotated[int, Field(ge=1, le=99)]
    opens: date
    closes: date
    volets: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    source: str
    deadline: SourcedDate | None = None

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> Self:
        if self.closes < self.opens:
            raise ValueError(f"la fenêtre {self.number} ferme avant d’ouvrir")
        return self


class Volet(Entry):
    """A part of the programme. It is attained when every indicator of `required` is. People's files use `aliases`."""

    id: Identifier
    number: int
    name: Prose
    description: Prose
    required: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    source: str
    aliases: tuple[Text, ...] = ()


class Indicator(Entry):
    """One measured usage of one volet. `aliases` are other names that people's files give it."""

    id: Identifier
    volet: Identifier
    name: Prose
    source: str
    aliases: tuple[Text, ...] = ()


class Target(Entry):
    """The share of accepted establishments that must attain a volet, `due` on a day, in some regions or in all."""

    volet: Identifier
    share: Share
    due: date
    source: str
    note: Prose | None = None
    regions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None

    def covers(self, volet: str, region: str | None, on: date) -> bool:
        """Whether this target is the one of `volet` in `region` (None: any region) on a day."""
        return (
            volet == self.volet
            and (not self.regions or region in self.regions)
            and (self.valid_from is None or self.valid_from <= on)
            and (self.valid_until is None or on <= self.valid_until)
        )


class Category(Entry):
    """A FINESS category of establishment (`categetab`)."""

    code: Text
    name: Prose


class Eligibility(Entry):
    """Which categories are held eligible, and whose statement that is."""

    assumption: Prose
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(category.code for category in self.categories)


class Programme(Entry):
    """The whole of a `programme.toml`, its cross-references checked."""

    id: Identifier
    name: Prose
    long_name: Prose
    launched: int
    ends: SourcedDate
    summary: Prose
    summary_sources: tuple[str, ...]
    sources: dict[str, Source]
    regions: Annotated[tuple[Region, ...], Field(min_length=1)]
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    volets: Annotated[tuple[Volet, ...], Field(min_length=1)]
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    targets: tuple[Target, ...] = ()
    eligibility: Eligibility

    @model_validator(mode="after")
    def _refers_to_what_exists(self) -> Self:
        volets, indicators = {v.id for v in self.volets}, {i.id: i.volet for i in self.indicators}
        _unique("code de région", [r.code for r in self.regions])
        _unique("département", [d for r in self.regions for d in r.departments])
        _unique("numéro de fenêtre", [w.number for w in self.windows])
        _unique("volet", [v.id for v in self.volets])
        _unique("numéro de volet", [v.number for v in self.volets])
        _unique("indicateur", [i.id for i in self.indicators])
        called = [{name.casefold() for name in (each.id, each.name, *each.aliases)} for each in self.indicators]
        _unique("nom ou alias d’indicateur", [name for names in called for name in names])
        _known("volet", volets, [(f"la fenêtre {w.number}", v) for w in self.windows for v in w.volets])
        _known("volet", volets, [(f"l’indicateur « {i.id} »", i.volet) for i in self.indicators])
        _known("volet", volets, [("une cible", t.volet) for t in self.targets])
        _known("indicateur", set(indicators), [(f"le volet « {v.id} »", i) for v in self.volets for i in v.required])
        regions = {r.code for r in self.regions}
        _known("région", regions, [(f"la cible du volet « {t.volet} »", r) for t in self.targets for r in t.regions])
        for volet in self.volets:
            _unique(f"indicateur exigé du volet « {volet.id} »", volet.required)
            for indicator in volet.required:
                if indicators[indicator] != volet.id:
                    raise ValueError(f"le volet « {volet.id} » exige « {indicator} », qui est d’un autre volet")
        cited = [("ends", self.ends.source), *(("summary_sources", source) for source in self.summary_sources)]
        cited += [
            (f"la fenêtre {w.number}", s)
            for w in self.windows
            for s in (w.source, w.deadline and w.deadline.source)
            if s
        ]
        cited += [(f"« {volet.id} »", volet.source) for volet in self.volets]
        cited += [(f"« {indicator.id} »", indicator.source) for indicator in self.indicators]
        cited += [(f"la cible du volet « {target.volet} »", target.source) for target in self.targets]
        _known("source", set(self.sources), cited)
        return self

    @cached_property
    def volet_ids(self) -> tuple[str, ...]:
        return tuple(volet.id for volet in self.volets)

    @cached_property
    def window_numbers(self) -> tuple[int, ...]:
        return tuple(window.number for window in self.windows)

    def volet(self, volet_id: str) -> Volet:
        return next(volet for volet in self.volets if volet.id == volet_id)

    def followed_first(self, regions: Iterable[str]) -> list[str]:
        """Codes of regions without repeats: those that the programme follows in its order, then the others by code."""
        order = [region.code for region in self.regions]
        return sorted(set(regions), key=lambda code: (order.index(code) if code in order else len(order), code))

    def target(self, volet: str | None, region: str | None, on: date) -> Target | None:
        """The target of a volet on a day; the first one that covers the region wins, None when none does."""
        return next((t for t in self.targets if volet is not None and t.covers(volet, region, on)), None)


def _unique(what: str, values: Sequence[object]) -> None:
    twice = sorted({str(value) for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"{what} en double : {', '.join(twice)}")


def _known(what: str, known: set[str], references: list[tuple[str, str]]) -> None:
    for referrer, reference in references:
        if reference not in known:
            raise ValueError(f"{referrer} cite « {reference} », que le fichier ne définit pas ({what})")


@lru_cache
def load_programme(path: Path = REFERENCE / "programme.toml") -> Programme:
    """Read and validate a programme file. Raises DataError that names the file and the key."""
    return load(path, Programme)
