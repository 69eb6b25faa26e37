"""What every metric means, in the words of the screen: its label, parts, unit, why it matters and what to know."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sunes import french
from sunes.french import quote
from sunes.reference import REFERENCE, Entry, Identifier, Prose, load

Unit = Literal["establishment", "dossier", "rate", "target", "points", "activity", "euro"]

# How a value is written, its unit included where figures alone would not tell it.
_WRITERS: Mapping[Unit, Callable[[french.Number | None], str]] = {
    "establishment": partial(french.number, decimals=0),
    "dossier": partial(french.number, decimals=0),
    "rate": french.percent,
    "target": partial(french.percent, decimals=None),  # chosen, not measured: written as it was chosen
    "points": french.points,
    "activity": partial(french.number, decimals=0),
    "euro": french.euros,
}


class Part(Entry):
    """The numerator or the denominator of a rate: the metrics `add` summed, less those of `minus`."""

    add: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    words: Prose
    minus: tuple[Identifier, ...] = ()

    def value(self, row: Mapping[str, Any]) -> float | None:
        """The part's value in a row of an answer; None as soon as one of its counts is not known."""
        added, taken = [row[name] for name in self.add], [row[name] for name in self.minus]
        return None if None in (*added, *taken) else sum(added) - sum(taken)


class Metric(Entry):
    """One metric. `needs` is what a question must name for the metric to have a value."""

    id: Identifier
    label: Prose
    short: Prose
    unit: Unit
    direction: Literal["higher_is_better", "lower_is_better", "neutral"]
    definition: Prose
    why_it_matters: Prose
    what_to_know: Prose
    source: Prose
    numerator: Part | None = None
    denominator: Part | None = None
    needs: Literal["volet", "window"] | None = None

    @model_validator(mode="after")
    def _is_a_rate_or_has_no_parts(self) -> Self:
        given = [part is not None for part in (self.numerator, self.denominator)]
        if self.unit == "rate" and not all(given):
            raise ValueError(f"le taux {quote(self.id)} doit avoir un numérateur et un dénominateur")
        if self.unit != "rate" and any(given):
            raise ValueError(f"{quote(self.id)} n’est pas un taux et ne peut avoir ni numérateur ni dénominateur")
        return self

    def format(self, value: french.Number | None) -> str:
        """A value of this metric as text: « 235 », « 79,9 % », « −12,3 points », « 20 900 000 € », « non connu ».

        Rates and differences of rates are given as shares (0.7993). Counts come without their noun, which the label
        says; see `french.count` and `french.ratio` for sentences and `french.in_table` for narrow cells.
        """
        return _WRITERS[self.unit](value)


class Definitions(Entry):
    """The whole of a `metrics.toml`: every metric once, every rate made of counts that the file defines."""

    metrics: Annotated[tuple[Metric, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _refers_to_counts_of_the_file(self) -> Self:
        ids = [metric.id for metric in self.metrics]
        if twice := sorted({metric_id for metric_id in ids if ids.count(metric_id) > 1}):
            raise ValueError(f"définition en double{french.NBSP}: {french.join(twice)}")
        counts = {m.id for m in self.metrics if m.unit in ("establishment", "dossier", "activity")}
        for metric in self.metrics:
            for part in (metric.numerator, metric.denominator):
                strangers = sorted({*part.add, *part.minus} - counts) if part else []
                if strangers:
                    cited = french.join([quote(stranger) for stranger in strangers])
                    raise ValueError(f"le taux {quote(metric.id)} cite {cited}, qui n’est pas un compte du fichier")
        return self


@lru_cache
def load_definitions(path: Path = REFERENCE / "metrics.toml") -> Mapping[str, Metric]:
    """Read and validate the definitions: metric by id, in the order of the file.

    Raises DataError that names the file and the key.
    """
    return MappingProxyType({metric.id: metric for metric in load(path, Definitions).metrics})
