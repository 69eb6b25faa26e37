"""`data/reference/finess.toml` as validated data: what the codes of FINESS and of the SAE survey stand for."""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sunes.french import quote
from sunes.reference import REFERENCE, Entry, Prose, Text, load

FILE = REFERENCE / "finess.toml"

Status = Literal["public", "espic", "private"]

_LETTERED = re.compile(r"9[A-Z]")


class Statuses(Entry):
    """One way to tell a legal status: the codes of each, and whose statement that is."""

    source: Prose
    public: tuple[Text, ...] = ()
    espic: tuple[Text, ...] = ()
    private: tuple[Text, ...] = ()

    @cached_property
    def by_code(self) -> dict[str, Status]:
        return dict(self._pairs())

    def _pairs(self) -> Iterator[tuple[str, Status]]:
        yield from ((code, "public") for code in self.public)
        yield from ((code, "espic") for code in self.espic)
        yield from ((code, "private") for code in self.private)

    @model_validator(mode="after")
    def _one_status_a_code(self) -> Self:
        codes = [code for code, _ in self._pairs()]
        for code in codes:
            if codes.count(code) > 1:
                raise ValueError(f"le code {quote(code)} a deux statuts")
        return self


class Collectivities(Entry):
    """The overseas collectivities, which are no départements."""

    codes: tuple[Text, ...]


class Projection(Entry):
    """A projection in which coordinates are given, what files call it, and the territory where it serves.

    `departments` is empty for the one of mainland France. The box is in degrees (WGS 84).
    """

    epsg: int
    departments: tuple[str, ...] = ()
    names: Annotated[tuple[Text, ...], Field(min_length=1)]
    south: float
    west: float
    north: float
    east: float

    @model_validator(mode="after")
    def _has_readable_names(self) -> Self:
        for name in self.names:
            try:
                re.compile(name)
            except re.error:
                raise ValueError(f"{quote(name)} n’est pas une expression régulière") from None
        return self

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile("|".join((rf"EPSG\W*{self.epsg}\b", *self.names)), re.IGNORECASE)

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a point is where this projection serves."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


class Codes(Entry):
    """The whole of `finess.toml`."""

    legal_form: Statuses
    sae_group: Statuses
    public_service: Statuses
    pricing: Statuses
    assumed_from_public_service: Statuses
    assumed_from_category: Statuses
    departments: dict[str, str]
    collectivities: Collectivities
    projections: Annotated[tuple[Projection, ...], Field(min_length=1)]

    def projection(self, department: str) -> Projection:
        """The projection of a département, by its INSEE code: the one of mainland France unless another names it."""
        return next((p for p in self.projections if department in p.departments), self.projections[0])

    def department(self, code: str) -> str:
        """The INSEE code of a département as FINESS writes it: 9A → 971, 1 → 01; others stay as they are."""
        code = code.upper()
        return self.departments.get(code, code.zfill(2) if code else "")

    def commune(self, department: str, commune: str) -> str:
        """The INSEE code of a commune from FINESS's halves: 31 and 555 → 31555, 1 and 4 → 01004, 9A and 101 → 97101.

        What is no code stays what it is, for whoever checks it to quote.
        """
        whole = self.department(department)
        if not commune or not whole:
            return commune
        if len(whole) == 2:
            return whole + commune.zfill(3)
        # Overseas, the last digit of the département may stand in both halves.
        return whole[:2] + commune if len(commune) == 3 else whole + commune

    def commune_of_sae(self, code: str) -> str:
        """The INSEE code of a commune as the SAE writes it: 9A101 → 97101; others stay as they are."""
        return self.commune(code[:2], code[2:]) if _LETTERED.match(code) else code

    def elsewhere(self, department: str) -> bool:
        """Whether an INSEE code is an overseas collectivity's."""
        return department in self.collectivities.codes


@lru_cache
def load_codes(path: Path = FILE) -> Codes:
    """Read and validate the file. Raises DataError that names the file and the key."""
    return load(path, Codes)
