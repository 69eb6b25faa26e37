"""What a deck ends with: who published what, and what the figures mean."""

from collections.abc import Mapping

from sunes import french, geography, provenance
from sunes.deck.facts import Facts
from sunes.deck.slide import Listing, Slide
from sunes.deck.timely import cut
from sunes.definitions import Metric
from sunes.documentation import bibliography
from sunes.figures.palette import Theme

_FILES = 6
_CELL = 90

# `documentation.INVENTED` in one breath.
_INVENTED = french.typographic(
    "Données simulées : elles reproduisent les chiffres publiés pour l’Île-de-France (fenêtres 1 et 2) et l’Occitanie "
    "(candidats, participation) ; tout le reste est inventé, dont toute l’atteinte. Aucun résultat n’est réel."
)

# What an audience asks about first.
_ESSENTIAL = (
    *("eligible", "applicants", "participation_rate", "accepted", "attained", "attainment_rate"),
    *("target_rate", "gap_establishments"),
)


def sources(facts: Facts, _of: str, _theme: Theme) -> Slide:
    """Who published the figures and the programme's facts, under which licence; what is simulated."""
    manifest, programme = facts.snapshot.manifest, facts.programme
    records = provenance.source_records(manifest)[:_FILES]
    dated = any(record["Consulté le"] != french.UNKNOWN_MARK for record in records)
    headers = ("Titre", "Éditeur", "Licence", *(("Consulté le",) if dated else ()))
    files = [{header: cut(record[header], _CELL) for header in headers} for record in records]
    publisher, _, licence = geography.CREDIT.partition(" – ")
    contours = ("Contours des régions et des départements", publisher, licence, french.UNKNOWN_MARK)
    files.append(dict(zip(headers, contours, strict=False)))
    cited = [
        {**{header: record[header] for header in ("Repère", "Titre", "Éditeur")}, "Date": _dated(record)}
        for record in bibliography(programme)
    ]
    digest = provenance.shortened(facts.snapshot.digest)
    said = f"{provenance.published_said(manifest)} Empreinte du manifeste : {digest}."
    return Slide(
        id="sources",
        kind="sources",
        kicker="Sources",
        title=_finding(facts),
        paragraphs=(french.typographic(said), *((_INVENTED,) if manifest.simulated else ())),
        visuals=(
            Listing("fichiers", "Les fichiers dont viennent les chiffres", tuple(files)),
            Listing("bibliographie", "Les textes cités pour le programme", tuple(cited)),
        ),
        page="donnees",
        view=facts.view,
    )


def _finding(facts: Facts) -> str:
    day = french.day(facts.snapshot.as_of)
    nature = "données simulées, programme réel" if facts.snapshot.simulated else "d’où viennent les chiffres"
    return french.typographic(f"Situation au {day} : {nature}")


def _dated(record: Mapping[str, str]) -> str:
    secondary = record["Nature"] == "source secondaire"
    return f"{record['Date']}, source secondaire" if secondary else record["Date"]


def definitions(facts: Facts, _of: str, _theme: Theme) -> Slide:
    """What the figures of the deck mean: the essential ones, with what each rate is made of."""
    told = [facts.definitions[name] for name in _ESSENTIAL if name in facts.definitions]
    return Slide(
        id="definitions",
        kind="definitions",
        kicker="Définitions",
        title="Ce que veulent dire les chiffres",
        visuals=(Listing("definitions", "", tuple(map(_meaning, told))),),
        page="donnees",
        view=facts.view,
    )


def _meaning(metric: Metric) -> dict[str, str]:
    parts = [part.words for part in (metric.numerator, metric.denominator) if part]
    return {"Chiffre": metric.short, "Définition": metric.definition, "Calcul": " ÷ ".join(parts)}
