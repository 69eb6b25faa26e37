"""What the columns of an export of dossiers may hold, and the names that they are known to have."""

from collections.abc import Iterable

from sunes.ingest.columns import Meaning
from sunes.programme import Programme, Volet

FINESS, WINDOW, VOLET = "finess", "window", "volet"
FILED, DECISION, DECIDED, GRANT = "filed_on", "decision", "decided_on", "grant_eur"

# Names without their small words (see `sunes.ingest.columns`), so that each stands for all that say the same.
FINESS_NAMES = (
    *("finess", "numéro FINESS", "code FINESS", "identifiant FINESS", "finess et", "finess géographique", "nofinesset"),
    *("FINESS établissement géographique", "FINESS site", "code FINESS géographique", "FINESS ET géographique"),
    *("identifiant FINESS géographique", "entité géographique FINESS", "FINESS de l’entité géographique", "FINESS EG"),
    *("identifiant FINESS ET", "code FINESS ET", "code FINESS EG", "FINESS géo", "numéro FINESS géo"),
)
_WINDOWS = (
    *("fenêtre", "window", "fenêtre de dépôt", "fenêtre de candidature", "fenêtre de financement", "fenêtre visée"),
    *("fenêtre de dépôt des dossiers", "numéro de la fenêtre", "fenêtre du programme", "fenêtre demandée"),
)
_VOLETS = (
    *("volet", "volet demandé", "volet de financement", "volet visé", "volet du programme", "volet choisi"),
    *("volet retenu", "volet de candidature", "volet sollicité"),
)
_FILED = ("filed_on", "déposé", "date de dépôt", "dépôt", "date du dépôt", "date de candidature", "déposé à")
_DECISIONS = (
    *("decision", "décision", "état", "statut", "état d’instruction", "état de l’instruction", "statut d’instruction"),
    *("résultat de l’instruction", "décision de l’ARS", "décision ARS", "décision finale"),
)
_DECIDED = (
    *("decided_on", "traité", "traité à", "date de décision", "date de traitement", "décidé"),
    *("date de la décision de l’ARS", "date de décision ARS", "date de notification de la décision"),
)
_GRANTS = (
    *("grant_eur", "montant", "montant accordé", "montant attribué", "montant retenu", "montant du financement"),
    *("financement", "financement accordé", "subvention", "subvention accordée", "montant de la subvention"),
    *("montant du forfait", "forfait", "montant financé", "montant de l’aide", "aide accordée", "montant notifié"),
    *("montant euro", "montant eur", "montant accordé euro", "montant du financement accordé", "montant du soutien"),
)


def meanings(programme: Programme) -> tuple[Meaning, ...]:
    """What a column may hold, for a dossier as a whole and for each volet of it."""
    return (
        Meaning(FINESS, "Numéro FINESS", FINESS_NAMES, required=True),
        Meaning(WINDOW, "Fenêtre", _WINDOWS),
        Meaning(VOLET, "Volets demandés", _VOLETS),
        Meaning(FILED, "Date de dépôt", _FILED),
        Meaning(DECISION, "Décision ou état du dossier", _DECISIONS, required=True),
        Meaning(DECIDED, "Date de décision", _DECIDED),
        Meaning(GRANT, "Montant accordé", _GRANTS),
        *(meaning for volet in programme.volets for meaning in _of(volet)),
    )


def of_volet(what: str, volet: str) -> str:
    """The meaning of a column that is about one volet only: « volet.dmp », « grant_eur.dmp »."""
    return f"{what}.{volet}"


def _of(volet: Volet) -> Iterable[Meaning]:
    others = (volet.id, volet.name, *volet.aliases)
    names = (f"volet {volet.number}", *others, *(f"volet {other}" for other in others))
    names = (*names, *(f"volet {volet.number} {other}" for other in others))
    label = f"volet {volet.number} ({volet.name})"
    yield Meaning(of_volet(VOLET, volet.id), f"Demande du {label}", (*names, *(f"demande du {n}" for n in names)))
    yield Meaning(of_volet(DECISION, volet.id), f"Décision sur le {label}", _about(_DECISIONS, names))
    yield Meaning(of_volet(GRANT, volet.id), f"Montant accordé pour le {label}", _about(_GRANTS, names))


def _about(whats: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    known = tuple(names)
    return tuple(f"{what} {name}" for what in whats for name in known)
