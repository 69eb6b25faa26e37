"""Who may change what. Asked by the functions that change something, at the moment when they do."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from sunes.access.people import ROLE_LABELS, ForbiddenError, Person, Role


class Deed(StrEnum):
    """What not everybody may do."""

    IMPORT = "import"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    READ_JOURNAL = "read-journal"


# The least role that may do it; a regional editor, in their own regions only (see `own_regions`).
_LEAST: Mapping[Deed, Role] = {
    Deed.IMPORT: Role.REGIONAL_EDITOR,
    Deed.PUBLISH: Role.REGIONAL_EDITOR,
    Deed.WITHDRAW: Role.NATIONAL_EDITOR,
    Deed.RESTORE: Role.NATIONAL_EDITOR,
    Deed.READ_JOURNAL: Role.ADMINISTRATOR,
}

DEED_LABELS: Mapping[Deed, str] = {
    Deed.IMPORT: "importer des fichiers",
    Deed.PUBLISH: "publier une situation",
    Deed.WITHDRAW: "retirer une situation",
    Deed.RESTORE: "rétablir une situation",
    Deed.READ_JOURNAL: "lire le journal",
}


def may(person: Person, deed: Deed) -> bool:
    """Whether somebody may do something, at least for some regions."""
    return person.is_at_least(_LEAST[deed]) and own_regions(person) != frozenset()


def require(person: Person, deed: Deed) -> None:
    """Raises ForbiddenError, which says why and whom to ask, where somebody may not do something."""
    if may(person, deed):
        return
    if person.role is Role.VISITOR:
        raise ForbiddenError(
            f"il faut être connecté pour {DEED_LABELS[deed]} ; connectez-vous ou, si ce site ne le propose pas, "
            "adressez-vous à la personne qui l’administre."
        )
    if person.is_at_least(_LEAST[deed]):
        raise ForbiddenError(
            f"aucune région ne vous est attribuée : vous ne pouvez pas {DEED_LABELS[deed]} ; "
            "demandez-en une à un administrateur."
        )
    raise ForbiddenError(
        f"votre rôle ({ROLE_LABELS[person.role]}) ne suffit pas pour {DEED_LABELS[deed]} ; "
        f"demandez-le à un {ROLE_LABELS[_LEAST[deed]]}."
    )


def own_regions(person: Person) -> frozenset[str] | None:
    """The regions (INSEE codes) whose rows somebody may change, as far as they may change any; None: all of them."""
    return person.regions if person.role is Role.REGIONAL_EDITOR else None


def signed(person: Person, said: str = "") -> Person:
    """Somebody as what they publish names them: as they signed in or, where nobody has to, as they say.

    Everybody reads it: an address of theirs is for the journal only.
    """
    own = "" if person.name == person.id else person.name
    return replace(person, name=own if person.id else said.strip())
