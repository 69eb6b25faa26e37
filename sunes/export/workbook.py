"""A View as an Excel workbook: what it is and what its figures mean, then a sheet for each table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from sunes import documentation, french, geography, links, provenance, tables
from sunes.deck.facts import Facts
from sunes.definitions import Metric
from sunes.establishments.listing import FINESS
from sunes.export import roster_sheets
from sunes.export.sheets import Column, Figure, Sheet, answer_sheet, figures, metric_figure, records_sheet
from sunes.export.spreadsheet import Book, Section, encode
from sunes.metrics import Answer
from sunes.roster import withheld_said
from sunes.view import View

_READING = (
    "Une cellule vide veut dire « non connu » ; un zéro veut dire zéro.",
    "Les taux ne sont pas arrondis : la cellule en montre une décimale et les contient toutes.",
    "Les fenêtres et les volets ne s’additionnent pas : un établissement présent dans plusieurs ne compte qu’une fois.",
    "Chaque ligne porte la date de sa situation, sa révision, et dit si ses données sont simulées.",
)

# What is read before each sheet is made: its name.
Tell = Callable[[str], None]


def _answers(facts: Facts, name: str, about: str, answer: Answer, *more: Figure) -> Sheet:
    return answer_sheet(name, about, answer, (*more, *figures(answer, facts.definitions)), facts.programme)


def _windows(facts: Facts, name: str, about: str) -> Sheet:
    open_to = {window.number: window.volets for window in facts.programme.windows}

    def opened(row: Mapping[str, Any]) -> str:
        return "oui" if row["volet"] in open_to[row["window"]] else "non"

    answer = facts.answer(("region", "window", "volet"))
    return _answers(facts, name, about, answer, (Column("Fenêtre ouverte à ce volet"), opened))


# Every sheet by its name: what makes it.
SHEETS: Mapping[str, Callable[[Facts, str], Sheet]] = {
    "Régions": lambda facts, name: _answers(facts, name, "Une ligne par région.", facts.answer(("region",))),
    "Régions × volets": lambda facts, name: _answers(
        facts, name, "Une ligne par région et volet, avec l’atteinte des cibles.", facts.answer(("region", "volet"))
    ),
    "Départements": lambda facts, name: _answers(
        facts, name, "Une ligne par département.", facts.answer(("region", "department"))
    ),
    "Départements × volets": lambda facts, name: _answers(
        facts, name, "Une ligne par département et volet.", facts.answer(("region", "department", "volet"))
    ),
    "Fenêtres": lambda facts, name: _windows(
        facts, name, "Une ligne par région, fenêtre et volet ; les fenêtres ne s’additionnent pas."
    ),
    "Évolution": lambda facts, name: _answers(
        facts,
        name,
        "Une ligne par situation, région et volet, de la première situation à celle de la vue.",
        facts.history(("region", "volet")),
    ),
    "Établissements": lambda facts, _: roster_sheets.establishments(facts.roster(), facts.programme),
    "Candidatures": lambda facts, _: roster_sheets.applications(facts.roster(), facts.programme),
    "Usages": lambda facts, _: roster_sheets.usages(facts.roster(), facts.programme),
}


def workbook(facts: Facts, tell: Tell = lambda _: None) -> bytes:
    """Everything that is known of a View, as an `.xlsx` file; the same bytes for the same data.

    `tell` is called with the name of each sheet before it is made.
    """
    sheets = []
    for name, make in SHEETS.items():
        tell(name)
        sheets.append(make(facts, name))
    return _book(facts, sheets, facts.definitions)


def answer_workbook(facts: Facts, answer: Answer, columns: Sequence[str] = ()) -> bytes:
    """The table behind a chart as an `.xlsx` file: `columns` (ids of metrics) of an answer, or all that are known."""
    chosen = {name: facts.definitions[name] for name in columns} or facts.definitions
    shown = [metric_figure(metric) for metric in chosen.values()] if columns else figures(answer, facts.definitions)
    sheet = answer_sheet("Chiffres", "Les chiffres du graphique.", answer, shown, facts.programme)
    return _book(facts, [sheet], chosen, answer.view)


def records_workbook(facts: Facts, records: Sequence[Mapping[str, Any]]) -> bytes:
    """Records under French headers as an `.xlsx` file (see `sheets.records_sheet`)."""
    # Where each row is an establishment, those that may not be seen are missing.
    withheld = facts.roster().withheld if not facts.sight.is_whole and records and FINESS in records[0] else 0
    about = " ".join(filter(None, ("Les chiffres du tableau.", withheld_said(withheld))))
    return _book(facts, [records_sheet("Chiffres", about, records)], {})


def _book(facts: Facts, sheets: Sequence[Sheet], definitions: Mapping[str, Metric], view: View | None = None) -> bytes:
    snapshot, programme = facts.snapshot, facts.programme
    manifest = snapshot.manifest
    nature = "DONNÉES SIMULÉES" if snapshot.simulated else "données réelles"
    origin = f"Situation au {french.day(snapshot.as_of)} (révision {snapshot.revision}) – {nature}"
    warning = "DONNÉES SIMULÉES : ces chiffres ne décrivent aucun établissement réel." if snapshot.simulated else ""
    guide = (
        Section("Vue", records=_said(facts, view or facts.view)),
        Section("Comment lire ce classeur", tuple(map(french.typographic, _READING))),
        Section("Publication", (provenance.published_said(manifest),), provenance.source_records(manifest)),
        Section("Cibles régionales", records=documentation.target_records(programme)),
        Section("Définitions", records=[_definition(metric) for metric in definitions.values()]),
        Section("Sources citées", records=documentation.bibliography(programme)),
        Section("Crédits", documentation.credits_said(geography.CREDIT)),
    )
    return encode(
        Book(
            title=f"{programme.name} – participation et atteinte des cibles d’usage",
            origin=french.typographic(origin),
            warning=french.typographic(warning),
            # A revision that doesn't say when it was published is as old as its date.
            created=manifest.published_at or datetime.combine(snapshot.as_of, time(), UTC),
            guide=[section for section in guide if section.sentences or section.records],
            sheets=sheets,
        )
    )


def _said(facts: Facts, view: View) -> list[dict[str, str]]:
    """A View in words, and as the parameters of an address."""
    snapshot, programme = facts.snapshot, facts.programme
    volet = programme.volet(view.volet) if view.volet else None
    said = {
        "Situation au": french.day(snapshot.as_of),
        "Révision": str(snapshot.revision),
        "Données": "SIMULÉES" if snapshot.simulated else "réelles",
        "Régions": french.join([facts.region_name(code) for code in view.regions]) or "toutes",
        "Départements": french.join([_department(code) for code in view.departments]) or "tous",
        "Volet": f"{volet.number} – {volet.name}" if volet else "tous",
        "Fenêtres": french.join(list(map(str, view.windows))) or "toutes",
        "Statuts juridiques": french.join([tables.LEGAL_STATUS_LABELS[each] for each in view.legal_statuses]) or "tous",
        "Établissements": ", ".join(view.finess) or "tous",
        "Paramètres de l’adresse": links.query(view.having(snapshot=snapshot.id.pin)),
    }
    return [{"Filtre": name, "Valeur": text} for name, text in said.items()]


def _department(code: str) -> str:
    known = geography.departments()
    return f"{code} – {known[code].name}" if code in known else code


def _definition(metric: Metric) -> dict[str, str]:
    """A definition, in the columns of the first sheet; « – » for the parts of what is no rate."""
    parts = (metric.numerator, metric.denominator)
    numerator, denominator = (part.words if part else french.UNKNOWN_MARK for part in parts)
    return {
        "Indicateur": metric.label if metric.label == metric.short else f"{metric.label} (« {metric.short} »)",
        "Définition": metric.definition,
        "Numérateur": numerator,
        "Dénominateur": denominator,
        "Identifiant": metric.id,
        "Source": metric.source,
    }
