"""People for tests: one of each role, and names for those who do something."""

from sunes.access.people import VISITOR, Person, Role

OCCITANIE, IDF = "76", "11"

READER = Person(Role.READER, "lecteur@exemple.fr", "Une lectrice")
REGIONAL = Person(Role.REGIONAL_EDITOR, "region@exemple.fr", "Une éditrice d’Occitanie", frozenset({OCCITANIE}))
NATIONAL = Person(Role.NATIONAL_EDITOR, "national@exemple.fr", "Un éditeur")
ADMINISTRATOR = Person(Role.ADMINISTRATOR, "administration@exemple.fr")
EVERYBODY = (VISITOR, READER, REGIONAL, NATIONAL, ADMINISTRATOR)

# Whoever has the machine.
HERE = Person(Role.ADMINISTRATOR)


def named(name: str) -> Person:
    """Whoever has the machine, under a name."""
    return Person(Role.ADMINISTRATOR, name=name)
