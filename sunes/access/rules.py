"""The rules of a deployment, from the file that `SUNES_ACCESS` names. Without one, everybody may see everything."""

import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sunes import geography
from sunes.access.people import EVERYTHING, NOTHING, Person, Role, Sight
from sunes.errors import DataError, Problem


class Detail(StrEnum):
    """Who sees establishments one by one: everybody, those who signed in, those whose region it is."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    OWN_REGION = "own-region"


def _is_region(code: str) -> str:
    if code not in geography.regions():
        raise ValueError("ce n’est le code INSEE d’aucune région")
    return code


def _is_granted(role: Role) -> Role:
    if role is Role.VISITOR:
        raise ValueError("un visiteur est qui n’est pas connecté")
    return role


_Code = Annotated[str, AfterValidator(_is_region)]
_Role = Annotated[Role, AfterValidator(_is_granted)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Grant(_Model):
    """What somebody is: a role and, for roles that have some, regions."""

    role: _Role
    regions: frozenset[_Code] = frozenset()


class Known(Grant):
    """Somebody by what `SignIn.identity` says of them, in capitals or not."""

    id: Annotated[str, Field(min_length=1)]


class Key(Grant):
    """A key for programs, of which only the SHA-256 is kept."""

    name: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    until: AwareDatetime | None = None


class SignIn(_Model):
    """How the claims of an OpenID provider are read.

    Attributes
    ----------
    identity, name, role, regions
        Claims; a dot leads into one (`realm_access.roles`).
    roles
        Value of the claim `role` → role here. The highest one counts.
    default
        The role of who signs in and is known in no other way; `refused` in the file: none.
    hours
        After so many hours one has to sign in again.
    """

    identity: str = "email"
    name: str = "name"
    role: str = "roles"
    regions: str = "regions"
    roles: Mapping[str, _Role] = Field(default_factory=dict)
    default: Annotated[_Role | None, BeforeValidator(lambda given: None if given == "refused" else given)] = Role.READER
    hours: float = Field(default=8, gt=0, le=24 * 30)


class Journaling(_Model):
    """What the journal keeps, and for how many days."""

    details: bool = False
    days: int = Field(default=365, gt=0)


class Rules(_Model):
    """Who may do what in a deployment.

    Attributes
    ----------
    establishments
        Who sees establishments one by one.
    closed_pages
        The pages (last part of their address) that only those see who signed in.
    public_data
        Whether the HTTP routes of open data answer without a key.
    """

    establishments: Detail = Detail.PUBLIC
    closed_pages: frozenset[str] = frozenset()
    public_data: bool = True
    sign_in: SignIn = SignIn()
    people: tuple[Known, ...] = ()
    keys: tuple[Key, ...] = ()
    journal: Journaling = Journaling()

    @cached_property
    def known(self) -> Mapping[str, Known]:
        """The people of the file by their identity in small letters."""
        return {each.id.casefold(): each for each in self.people}

    @property
    def reserves(self) -> bool:
        """Whether something is for those only who signed in."""
        return self.establishments is not Detail.PUBLIC or bool(self.closed_pages) or not self.public_data

    def sight(self, person: Person) -> Sight:
        """The establishments that a person may see one by one."""
        if self.establishments is Detail.PUBLIC or person.is_at_least(Role.NATIONAL_EDITOR):
            return EVERYTHING
        if person.role is Role.VISITOR:
            return NOTHING
        return EVERYTHING if self.establishments is Detail.SIGNED_IN else Sight(person.regions)


_OPEN = Rules()


def rules() -> Rules:
    """The rules in force. Raises DataError where their file can't be understood: nobody gets in by a typing error."""
    place = os.environ.get("SUNES_ACCESS")
    if not place:
        return _OPEN
    try:
        look = Path(place).stat()
        return _read(place, look.st_mtime_ns, look.st_size)
    except OSError as error:
        raise DataError(Problem(f"le fichier des accès ne peut pas être lu ({error.strerror}).", place)) from error


@lru_cache(maxsize=4)
def _read(place: str, *_look: int) -> Rules:
    file = Path(place)
    try:
        given: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        return Rules.model_validate(given)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(Problem(f"ce fichier n’est pas du TOML ({error}).", file.name)) from error
    except ValidationError as error:
        raise DataError(
            *(
                Problem("cette valeur n’est pas permise.", file.name, key=".".join(map(str, each["loc"])))
                for each in error.errors()
            )
        ) from error
