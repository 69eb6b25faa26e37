"""What the rules of a deployment shut, and what the log says of it when the server starts."""

from sunes import french
from sunes.access.listening import listens_at_home
from sunes.access.rules import rules
from sunes.errors import DataError, Problem
from sunes.ui import site
from sunes.ui.access import providers, sessions


def closed_pages() -> frozenset[str]:
    """The pages that only those see who signed in.

    Raises DataError where one of them is none: a typing error opens nothing.
    """
    closed = rules().closed_pages
    if unknown := closed - site.NAMES:
        known = french.join([french.quote(name) for name in sorted(site.NAMES)])
        what = f"aucune page ne s’appelle {french.quote(min(unknown))} ; il y a {known}."
        raise DataError(Problem(what, key="closed_pages"))
    return closed


def faults() -> list[str]:
    """What is shut, what can't be understood, and why; one sentence each."""
    try:
        closed_pages()
        reserves = rules().reserves
    except DataError as error:
        return str(error).splitlines()
    if providers.is_configured():
        return [fault] if (fault := providers.fault()) else []
    if listens_at_home(sessions.listens()):
        return []
    said = [
        "sunes peut être joint d’ailleurs et aucune connexion n’est configurée : importer, publier, retirer et lire le "
        "journal sont fermés (docs/operations.md)."
    ]
    if reserves:
        said.append("Le fichier des accès réserve des données ou des pages : sans connexion, personne ne les ouvre.")
    return [french.typographic(sentence) for sentence in said]
