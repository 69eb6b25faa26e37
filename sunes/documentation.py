"""What is behind the figures, as tables that people read: definitions, published figures, the programme's own facts."""

from collections.abc import Mapping, Sequence

from sunes import french, geography, provenance
from sunes.definitions import Metric
from sunes.establishments.search import matches, searchable
from sunes.programme import Programme
from sunes.published import Comparison, Verdict

Record = dict[str, str]

VERDICTS: Mapping[Verdict, str] = {
    "equal": "Identique",
    "explained": "Différent, expliqué",
    "unexplained": "Différent, inexpliqué",
    "not_computable": "Non calculable",
}
_COUNTED: Mapping[Verdict, tuple[str, str]] = {
    "equal": ("est retrouvé à l’identique", "sont retrouvés à l’identique"),
    "explained": ("diffère pour une raison connue", "diffèrent pour une raison connue"),
    "unexplained": ("diffère sans explication", "diffèrent sans explication"),
    "not_computable": ("ne se calcule pas ici", "ne se calculent pas ici"),
}

HOW_COMPARED = french.typographic(
    "Chaque chiffre est comparé à la dernière situation de la période que sa date désigne (notre lecture). "
    "Quand la situation est simulée, l’égalité dit que la simulation reproduit le chiffre, pas que des données réelles "
    "le confirment."
)

# What `data/reference/simulation.toml` says, comment by comment, in one paragraph for those who won't open it.
INVENTED = french.typographic(
    "Les situations simulées reproduisent exactement les chiffres publiés pour l’Île-de-France (fenêtres 1 et 2) et "
    "pour l’Occitanie (235 candidats, et les 294 éligibles qui s’en déduisent). Tout le reste est inventé et décrit "
    "dans un seul fichier, data/reference/simulation.toml : le nom des établissements et leur numéro FINESS, dans un "
    "département 99 qui n’existe pas ; leur emplacement dans des communes réelles, leur statut et leur activité ; la "
    "répartition entre départements et le nombre d’éligibles d’Île-de-France ; les dates et les décisions des autres "
    "dossiers ; le partage des financements ; les seuils, les mesures d’usage et donc toute l’atteinte des cibles. "
    "Aucun résultat n’est celui d’un établissement réel."
)


# Definitions ---------------------------------------------------------------------------------------------------------


def search(definitions: Mapping[str, Metric], text: str) -> list[Metric]:
    """The metrics whose definition holds each word of `text`, whatever the accents and capitals; all for no word."""
    return [
        metric
        for metric in definitions.values()
        if matches(searchable(" ".join((metric.label, metric.short, *(part for _, part in meaning(metric))))), text)
    ]


def meaning(metric: Metric) -> list[tuple[str, str]]:
    """A definition part by part, each under its French name; what a metric does not have is left out."""
    needs = {"volet": "Un volet : sans lui, la valeur n’est pas connue.", "window": "Une répartition par fenêtre."}
    parts = (
        ("Définition", metric.definition),
        ("Numérateur", metric.numerator and metric.numerator.words),
        ("Dénominateur", metric.denominator and metric.denominator.words),
        ("Pourquoi", metric.why_it_matters),
        ("À savoir", metric.what_to_know),
        ("Demande", metric.needs and french.typographic(needs[metric.needs])),
        ("Source", metric.source),
        ("Identifiant", metric.id),
    )
    return [(name, text) for name, text in parts if text]


# Published figures ---------------------------------------------------------------------------------------------------


def comparison_records(
    comparisons: Sequence[Comparison], definitions: Mapping[str, Metric], programme: Programme
) -> list[Record]:
    """Published figures beside ours under French headers, with the verdict and the reason of each difference."""
    return [
        {
            "Territoire": _territories([c.figure.region]) if c.figure.region else "France",
            "Chiffre": c.figure.label,
            "Publié": c.figure.shown,
            "Calculé": french.in_table(definitions[c.figure.metric].format(c.computed))
            if c.figure.metric
            else french.UNKNOWN_MARK,
            "Verdict": VERDICTS[c.verdict],
            "Explication": c.explanation if c.verdict != "equal" else "",
            "Situation au": french.short_day(c.snapshot.as_of) if c.snapshot else french.UNKNOWN_MARK,
            "Données": provenance.nature(c.snapshot.manifest if c.snapshot else None),
            "Source": f"{c.figure.source}{' (secondaire)' if programme.sources[c.figure.source].secondary else ''}",
        }
        for c in comparisons
    ]


def comparisons_finding(comparisons: Sequence[Comparison]) -> str:
    """How many of the published figures our data reproduce, as one sentence."""
    given = [comparison.verdict for comparison in comparisons]
    parts = [french.count(given.count(verdict), *_COUNTED[verdict]) for verdict in VERDICTS if verdict in given]
    return f"Sur {french.count(len(comparisons), 'chiffre publié')}, {french.join(parts)}." if parts else ""


def _territories(codes: Sequence[str]) -> str:
    known = geography.regions()
    return french.join([known[code].name if code in known else code for code in codes])


# The programme -------------------------------------------------------------------------------------------------------


def volet_records(programme: Programme) -> list[Record]:
    """The volets, the indicators that each requires and those that are only followed."""
    names = {indicator.id: indicator.name for indicator in programme.indicators}
    return [
        {
            "Volet": f"{volet.number} – {volet.name}",
            "Ce qu’il finance": volet.description,
            "Indicateurs exigés": " · ".join(names[indicator] for indicator in volet.required),
            "Indicateurs suivis": " · ".join(
                i.name for i in programme.indicators if i.volet == volet.id and i.id not in volet.required
            )
            or "aucun",
            "Source": volet.source,
        }
        for volet in programme.volets
    ]


def target_records(programme: Programme) -> list[Record]:
    """The regional targets, where they hold and who published them."""
    return [
        {
            "Volet": f"{programme.volet(target.volet).number} – {programme.volet(target.volet).name}",
            "Cible": french.percent(target.share, None),
            "À la date du": french.day(target.due),
            "Régions": _territories(target.regions) or "toutes",
            "Remarque": target.note or french.UNKNOWN_MARK,
            "Source": target.source,
        }
        for target in programme.targets
    ]


def bibliography(programme: Programme) -> list[Record]:
    """The sources that the programme and the published figures cite, by the letter that stands for each."""
    return [
        {
            "Repère": key,
            "Titre": source.title,
            "Éditeur": source.publisher,
            "Date": source.date,
            "Nature": "source secondaire" if source.secondary else "source directe",
        }
        for key, source in programme.sources.items()
    ]


def category_records(programme: Programme) -> list[Record]:
    """The FINESS categories that are held eligible."""
    return [{"Code": category.code, "Catégorie": category.name} for category in programme.eligibility.categories]


def programme_said(programme: Programme) -> str:
    """What the programme is, since when and until when, and who says so."""
    summary = f"{programme.summary.removesuffix('.')} ({_cited(programme, *programme.summary_sources)})."
    return french.typographic(
        f"{programme.name} ({programme.long_name}), lancé en {programme.launched}. {summary} "
        f"Fin : {french.day(programme.ends.date)} ({_cited(programme, programme.ends.source)})."
    )


def assumptions(programme: Programme) -> list[str]:
    """What we hold true without a source that says so, one sentence or two each."""
    targets = [
        f"Cible du volet {programme.volet(target.volet).number}, {french.percent(target.share, None)} : "
        f"{target.note[0].lower()}{target.note[1:].removesuffix('.')} ({programme.sources[target.source]})."
        for target in programme.targets
        if target.note
    ]
    silent = [str(window.number) for window in programme.windows if not window.deadline]
    which = f"{'fenêtres' if silent[1:] else 'fenêtre'} {french.join(silent)}"
    deadlines = [f"Échéances non publiées ({which}) : aucune date n’est supposée."] if silent else []
    return [
        french.typographic(sentence)
        for sentence in (
            programme.eligibility.assumption,
            *targets,
            *deadlines,
            "Le seuil qu’un établissement doit atteindre n’est pas publié : un seuil inconnu reste inconnu.",
            "Un chiffre publié sans jour précis est comparé à la dernière situation de la période que sa date désigne.",
        )
    ]


def credits_said(geography_credit: str) -> list[str]:
    """Whose work the product stands on."""
    return [
        french.typographic(
            f"Contours des régions et des départements, noms et points des communes : {geography_credit}."
        ),
        french.typographic(
            "Programme de sunes : licence MIT. Chaque situation dit la licence de ses fichiers d’origine."
        ),
    ]


def _cited(programme: Programme, *keys: str) -> str:
    """« source C, secondaire »: the letters of the sources, which `bibliography` spells out."""
    letters = [f"{key}{', secondaire' if programme.sources[key].secondary else ''}" for key in keys]
    return f"{'sources' if keys[1:] else 'source'} {french.join(letters)}"
