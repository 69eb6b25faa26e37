"""The columns of a follow-up of usages, grouped by what they measure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sunes.french import quote
from sunes.ingest.columns import Columns, Meaning, personal
from sunes.ingest.grid import Grid
from sunes.ingest.readers.follow_up import headings
from sunes.ingest.readers.follow_up.headings import Header
from sunes.ingest.readers.follow_up.shares import Scale
from sunes.ingest.readers.follow_up.vocabulary import (
    DAY,
    DENOMINATOR,
    FINESS,
    INDICATOR,
    KEYS,
    MEASURES,
    NUMERATOR,
    RATE,
    STATUS,
    THRESHOLD,
    UNTOLD,
    VOLET,
    WINDOW,
    Heading,
    Vocabulary,
    joined,
)
from sunes.ingest.readers.follow_up.wording import is_status, is_total, says_nothing
from sunes.ingest.readers.spoken import Speech
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import Sheet
from sunes.programme import Programme

LABELS = {
    FINESS: "FINESS",
    WINDOW: "Fenêtre",
    VOLET: "Volet",
    INDICATOR: "Indicateur",
    NUMERATOR: "Numérateur",
    DENOMINATOR: "Dénominateur",
    RATE: "Taux",
    THRESHOLD: "Seuil",
    STATUS: "Atteint ?",
    DAY: "Date d’évaluation",
}

# Measure → its column.
Group = Mapping[str, Heading]
# Indicator and window, as far as the names of the columns, or the sheet's for the indicator, tell them.
About = tuple[str | None, int | None]


@dataclass(frozen=True, slots=True)
class Grouping:
    """How the columns of a sheet are understood.

    Attributes
    ----------
    names
        Column → its name, for all that have one.
    keys
        Key → its column.
    scales
        Column of rates or thresholds → how its numbers are meant.
    window
        The one of the rows that don't tell their own: from the name of the sheet, or from the person who imports.
    twice
        Columns that hold what another one holds, with that one.
    volet_of
        Indicator → its volet.
    """

    header: Header
    vocabulary: Vocabulary
    speech: Speech
    volet_of: Mapping[str, str]
    names: Mapping[int, str]
    keys: Mapping[str, Heading]
    groups: Mapping[About, Group]
    scales: Mapping[int, Scale]
    window: int | None
    twice: Sequence[tuple[Heading, Heading]]

    @property
    def used(self) -> list[Heading]:
        """The columns that are read, in their order."""
        measures = (heading for group in self.groups.values() for heading in group.values())
        return sorted((*self.keys.values(), *measures), key=lambda heading: heading.column)

    def complain(self, reading: Reading) -> bool:
        """Note what keeps the rows from being read; whether nothing does."""
        if FINESS not in self.keys:
            reading.lack(LABELS[FINESS])
        if self.window is None and WINDOW not in self.keys and any(window is None for _, window in self.groups):
            reading.lack(
                LABELS[WINDOW],
                "rien ne dit de quelle fenêtre il s’agit ; ajoutez une colonne « Fenêtre », nommez la feuille "
                "« Fenêtre 2 », ou dites-le en important.",
            )
        for heading, other in self.twice:
            reading.refuse(f"cette colonne dit la même chose que {quote(other.name)} ; gardez-en une.", heading.name)
        told = {measure for group in self.groups.values() for measure in group}
        if not told:
            example = "« Lettres de liaison – Taux »"
            reading.lack(LABELS[STATUS], f"aucune colonne ne mesure un indicateur ; nommez-les, par exemple {example}.")
        elif told <= {RATE, DAY}:
            reading.lack(
                LABELS[STATUS],
                "rien ne dit si ces taux atteignent la cible ; ajoutez des colonnes « Seuil » ou « Atteint ? ».",
            )
        return not reading.missing and not self.twice

    def columns(self, grid: Grid, programme: Programme) -> Columns:
        """The same for the screen on which a person corrects it. Columns of people are not offered."""
        found = {key: heading.name for key, heading in self.keys.items()}
        for (indicator, _), group in self.groups.items():
            found |= {meaning(indicator, measure): heading.name for measure, heading in group.items()}
        names = tuple(dict.fromkeys(self.names.values()))
        people = set(personal(Sheet(grid, names, self.header.line, ()))) - set(found.values())
        offered = tuple(name for name in names if name not in people)
        return Columns(offered, tuple(_meanings(self, programme)), found)


def meaning(indicator: str | None, holds: str) -> str:
    """The id of what a column may hold: `finess`, `numerator`, `lettre_liaison.numerator`."""
    return f"{indicator}.{holds}" if indicator else holds


def group(grid: Grid, programme: Programme, said: Mapping[str, str]) -> Grouping | None:
    """Understand the columns of a grid, what a person has `said` first; None where it has no header."""
    vocabulary = Vocabulary(programme)
    header = headings.find(grid, vocabulary, said.get(FINESS))
    if header is None:
        return None
    names = {column: joined(path) for column, path in header.paths.items()}
    columns = _columns(grid, header, names)
    found = list(_headings(header, vocabulary, names, columns, said))
    sheet = grid.sheet or ""
    keys = {heading.holds: heading for heading in reversed(found) if heading.holds in KEYS}
    of_sheet = None if INDICATOR in keys else vocabulary.indicator(sheet)
    groups: dict[About, dict[str, Heading]] = {}
    twice = []
    for heading in found:
        indicator = heading.indicator or of_sheet
        if heading.holds in MEASURES and (indicator or INDICATOR in keys):
            own = groups.setdefault((indicator, heading.window), {})
            if own.setdefault(heading.holds, heading) is not heading:
                twice.append((heading, own[heading.holds]))
    if groups and all(told for told, _ in groups):
        keys.pop(INDICATOR, None)
    if groups and all(told for _, told in groups):
        keys.pop(WINDOW, None)
    rates = {heading.column for heading in found if heading.holds in (RATE, THRESHOLD)}
    scales = {column: Scale.of(columns[column]) for column in rates}
    window = vocabulary.window(sheet) or _numbered(said.get(WINDOW, ""), names, vocabulary)
    volet_of = {indicator.id: indicator.volet for indicator in programme.indicators}
    return Grouping(header, vocabulary, Speech(programme), volet_of, names, keys, groups, scales, window, twice)


def _headings(
    header: Header,
    vocabulary: Vocabulary,
    names: Mapping[int, str],
    columns: Mapping[int, Sequence[str]],
    said: Mapping[str, str],
) -> Iterator[Heading]:
    """What each column holds: what a person has said, else what its name or, in want of that, its cells tell."""
    of_name = {name: column for column, name in sorted(names.items(), reverse=True)}
    told = {of_name[name]: what for what, name in said.items() if name in of_name}
    # What is said of a column of another sheet is not said of this one.
    settled = {what for what, name in said.items() if not name or name in of_name}
    for column, path in header.paths.items():
        if column in told:
            indicator, _, holds = told[column].rpartition(".")
            yield Heading(column, names[column], holds, indicator or None)
        elif column == header.finess and FINESS not in settled:
            yield Heading(column, names[column], FINESS)
        elif heading := vocabulary.heading(column, path):
            holds = heading.holds or _told_by_cells(columns[column])
            if holds and meaning(heading.indicator, holds) not in settled:
                yield replace(heading, holds=holds)


def _told_by_cells(texts: Sequence[str]) -> str:
    """Whether a column that only names an indicator holds statuses or rates."""
    if texts and all(is_status(text) for text in texts):
        return STATUS
    return RATE if texts and all(text.endswith("%") for text in texts) else UNTOLD


def _columns(grid: Grid, header: Header, names: Iterable[int]) -> dict[int, list[str]]:
    """The cells of each column that say something, without those that sum up others."""
    rows = [record.cells for record in grid.records[header.first :]]
    if header.finess is not None:
        rows = [cells for cells in rows if not is_total("".join(cells[header.finess : header.finess + 1]), cells)]
    return {
        column: [cells[column] for cells in rows if column < len(cells) and not says_nothing(cells[column])]
        for column in names
    }


def _numbered(text: str, names: Mapping[int, str], vocabulary: Vocabulary) -> int | None:
    """The window that a person has said for the whole file, with its word or without; None for the name of a column."""
    return None if text in names.values() else vocabulary.window(text) or vocabulary.window(f"F{text}")


def _meanings(grouping: Grouping, programme: Programme) -> Iterator[Meaning]:
    for key in KEYS:
        yield Meaning(key, LABELS[key], required=key == FINESS or (key == WINDOW and grouping.window is None))
    if INDICATOR in grouping.keys:
        yield from (Meaning(measure, LABELS[measure]) for measure in MEASURES)
    for indicator in programme.indicators:
        for measure in MEASURES:
            yield Meaning(meaning(indicator.id, measure), joined((indicator.name, LABELS[measure])))
