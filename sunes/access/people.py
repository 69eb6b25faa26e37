"""Who somebody is, what they may do, and which establishments they may see one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sunes.errors import UsageError


class ForbiddenError(UsageError):
    """Somebody asks for what is not theirs to see or to do."""


class Role(StrEnum):
    """What somebody is here; each may do what those before it may.

    A VISITOR has not signed in. A regional editor publishes for their own regions only.
    """

    VISITOR = "visitor"
    READER = "reader"
    REGIONAL_EDITOR = "regional_editor"
    NATIONAL_EDITOR = "national_editor"
    ADMINISTRATOR = "administrator"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


ROLE_LABELS: Mapping[Role, str] = {
    Role.VISITOR: "visiteur",
    Role.READER: "lecteur",
    Role.REGIONAL_EDITOR: "éditeur régional",
    Role.NATIONAL_EDITOR: "éditeur national",
    Role.ADMINISTRATOR: "administrateur",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or a program with a key.

    Attributes
    ----------
    id
        What the journal calls them: an e-mail address, the subject of a sign-in, the name of a key; empty for visitors.
    regions
        INSEE codes of their own regions.
    """

    role: Role = Role.VISITOR
    id: str = ""
    name: str = ""
    regions: frozenset[str] = frozenset()

    def is_at_least(self, role: Role) -> bool:
        return self.role.rank >= role.rank


VISITOR = Person()


@dataclass(frozen=True, slots=True)
class Sight:
    """Which establishments somebody may see one by one; figures about many are for everybody.

    Attributes
    ----------
    regions
        Those of these regions (INSEE codes); None: all of them.
    """

    regions: frozenset[str] | None = None

    @property
    def is_whole(self) -> bool:
        return self.regions is None

    def shows(self, establishment: Mapping[str, Any]) -> bool:
        """Whether a row of the table `establishments` may be seen."""
        return self.regions is None or establishment["region_code"] in self.regions


EVERYTHING = Sight()
NOTHING = Sight(frozenset())
