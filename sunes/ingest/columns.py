"""Columns recognised by what their names mean, and what a person says of those that are not."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sunes.errors import DataError, Problem
from sunes.french import quote
from sunes.ingest.grid import Grid
from sunes.ingest.headings import words
from sunes.ingest.sheet import Row, Sheet

# What a name may say without meaning anything else by it, as `words` writes it.
_FILLER = frozenset(
    words(
        "candidat candidate candidater candidature candidatez ce cet cette choisir choix concerne concernee "
        "concernant deposez dossier e es est etablissement etre indique indiquer laquelle lequel merci par porteur "
        "porteuse preciser programme quel quelle renseigner s saisir segur selectionner sont souhaite souhaitee "
        "souhaitez structure sun sunes sur veuillez vos votre vous"
    ).split()
)
# The names of columns that hold people, or how to reach them.
_PEOPLE = frozenset(
    words(
        "agent civilite contact courriel declarant demandeur directeur directrice email expert fax gestionnaire "
        "instructeur instructrice interlocuteur interlocutrice mail mandataire mobile naissance portable prenom "
        "referent referente representant responsable signataire tel telecopie telephone usager"
    ).split()
)
# With one of these, « nom » is that of a thing.
_THINGS = frozenset(
    words(
        "clinique commercial commune departement etablissement entite fichier hopital juridique logiciel organisme "
        "region rue site social sociale structure ville voie"
    ).split()
)
_EMAIL = re.compile(r"(?<![\w.+%'’-])[\w.+%'’-]+@[\w-]+(?:\.[\w-]+)*")
# A day and an hour (05/12/2021 14:32) begin like a phone number.
_PHONE = re.compile(
    r"(?<!\d)(?!\d\d([/.-])\d\d\1(?:19|20)\d\d(?!\d))"
    r"(?:(?:\+|00)33[ .]?(?:\(0\)[ .]?)?|0)[1-9](?:[\s./-]?\d\d){4}(?!\d)"
)
_PERSON = re.compile(
    r"\b(?:M\.|MM\.|Mr|Mme|Mlle|Monsieur|Madame|Dr|Docteur|Pr)\s+[^\W\d_][\w’'-]*(?:\s+[A-ZÀ-Ý][\w’'-]*)*"
)
# A FINESS number, which no column is called; nor by a day, where its neighbours have no known name either.
_NUMBER = re.compile(r"\d{8,9}|2[AB]\d{7}", re.ASCII)
_DAY = re.compile(r"(?:\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d).*", re.ASCII)
# Enough rows to see what a column holds.
_SAMPLE = 1_000
# Titles may stand above a header; this far down, it is none.
_REACH = 20


@dataclass(frozen=True, slots=True)
class Meaning:
    """Something that a column may hold.

    Attributes
    ----------
    label
        French, for the screen on which a person says which column it is.
    names
        Names that such columns are known to have; accents, case, punctuation, plurals and small words don't matter.
    required
        Whether a file can't be read without it.
    """

    id: str
    label: str
    names: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """How the columns of a file were understood.

    Attributes
    ----------
    header
        The columns on offer: those that hold names, e-mails or phones of people are not among them.
    meanings
        What columns may hold.
    found
        Meaning → column, for those that were recognised or that a person has said.
    unclear
        Meaning → the columns that might hold it, where a person should say which one does.
    """

    header: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    found: Mapping[str, str] = field(default_factory=dict)
    unclear: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[Meaning, ...]:
        """What the file can't be read without, and no column holds."""
        return tuple(meaning for meaning in self.meanings if meaning.required and meaning.id not in self.found)

    def doubt(self, meaning: Meaning) -> str:
        """A French sentence on a meaning that no column holds, or that several might."""
        several = [quote(name) for name in self.unclear.get(meaning.id, ())]
        if len(several) > 1:
            return f"plusieurs colonnes peuvent l’être ({', '.join(several)}) ; dites laquelle."
        if several:
            return f"la colonne {several[0]} l’est peut-être ; confirmez-le, ou dites laquelle."
        return "aucune colonne n’est reconnue comme telle ; dites laquelle, ou ajoutez-la."


def recognise(header: Sequence[str], meanings: Sequence[Meaning], said: Mapping[str, str]) -> Columns:
    """Which column holds what, by its name.

    A column is found when it is the only one that says a meaning and nothing else, or when a person has `said` so:
    meaning → column, or → "" where no column is to be it. What is less certain is `unclear`, never chosen.
    """
    claimed = {column for column in said.values() if column in header}
    found = {each.id: said[each.id] for each in meanings if said.get(each.id) in claimed}
    names = {column: _sense(column) for column in header if column not in claimed}
    known = {each.id: {_sense(name) for name in each.names} for each in meanings}
    unclear: dict[str, list[str]] = {}
    for meaning in (each.id for each in meanings if each.id not in found and said.get(each.id) != ""):
        same = [column for column, name in names.items() if name in known[meaning]]
        if len(same) == 1 and sum(names[same[0]] in each for each in known.values()) == 1:
            found[meaning] = same[0]
        else:
            # A name that says more than the meaning may say something else.
            unclear[meaning] = same or [c for c, name in names.items() if any(each < name for each in known[meaning])]
    taken = set(found.values())
    left = {meaning: tuple(c for c in columns if c not in taken) for meaning, columns in unclear.items()}
    return Columns(tuple(header), tuple(meanings), found, {each: columns for each, columns in left.items() if columns})


def twice(columns: Columns) -> Iterable[Meaning]:
    """The meanings that several columns say in full: none of them may be chosen without asking."""
    for meaning in columns.meanings:
        senses = {_sense(name) for name in meaning.names}
        if sum(_sense(column) in senses for column in columns.unclear.get(meaning.id, ())) > 1:
            yield meaning


def place(grid: Grid, meanings: Sequence[Meaning], said: Mapping[str, str]) -> int:
    """Which record of a grid is its header: the first one, unless another says more meanings, two at least."""
    known = {_sense(name): meaning.id for meaning in meanings for name in meaning.names}
    known |= {_sense(name): meaning for meaning, name in said.items() if name}
    told = [len({known.get(_sense(cell), "") for cell in record.cells} - {""}) for record in grid.records[:_REACH]]
    return told.index(max(told)) if max(told, default=0) > 1 else 0


def speak(grid: Grid, meanings: Sequence[Meaning]) -> bool:
    """Whether the columns of a grid say one meaning that it can't do without, or three of any kind."""
    header = [name for name in grid.records[place(grid, meanings, {})].cells if name] if grid.records else []
    found = recognise(header, meanings, {}).found
    return len(found) > 2 or any(meaning.required and meaning.id in found for meaning in meanings)


def understand(
    sheet: Sheet, meanings: Sequence[Meaning], said: Mapping[str, str], people: bool = False
) -> tuple[Columns, Sheet]:
    """How the columns of a sheet are understood, and the sheet with those only that hold something of use.

    What people are called and how to reach them is not offered. What is kept holds no e-mail or phone either, even
    where one was typed into the wrong column; nor names of `people`, where these can't be those of places.

    Raises DataError where the header is none, but a row.
    """
    hidden = personal(sheet, meanings)
    columns = recognise([column for column in sheet.header if column not in hidden], meanings, said)
    data = [name for name in sheet.header if _NUMBER.fullmatch(name) or masked(name) != name]
    if data or (not columns.found and any(map(_DAY.fullmatch, sheet.header))):
        message = "cette ligne contient des données, ce n’est pas un en-tête ; ajoutez les noms des colonnes au-dessus."
        raise DataError(Problem(message, sheet.file.name, sheet.grid.sheet, line=sheet.header_line))
    kept = sheet.without(set(sheet.header) - set(columns.found.values()))
    rows = (Row(row.line, {name: masked(cell, people) for name, cell in row.cells.items()}) for row in kept.rows)
    return columns, replace(kept, rows=tuple(rows))


def personal(sheet: Sheet, meanings: Sequence[Meaning] = ()) -> Collection[str]:
    """The columns of people's names, e-mails and phones: told by their own name, if not a known one, or their cells."""
    known = {_sense(name) for meaning in meanings for name in meaning.names}
    unknown = [column for column in sheet.header if _sense(column) not in known]
    found = {column for column in unknown if _names_people(column)}
    for row in sheet.rows[:_SAMPLE]:
        found |= {column for column in unknown if masked(row.cells[column]) != row.cells[column]}
    return found


def masked(text: str, people: bool = False) -> str:
    """A text in which e-mails, phones, and people called by their title if asked for, give way to words that say so."""
    if "@" in text:
        text = _EMAIL.sub("(e-mail masqué)", text)
    if people and " " in text:
        text = _PERSON.sub("(nom masqué)", text)
    return _PHONE.sub("(téléphone masqué)", text) if len(text) >= 10 else text


def _names_people(column: str) -> bool:
    name = set(words(column).split())
    return bool(name & _PEOPLE) or ("nom" in name and not name & _THINGS) or masked(column) != column


def _sense(name: str) -> frozenset[str]:
    """What a name says, whatever the order and the small words; all of it where it has nothing else."""
    said = frozenset(words(name).split())
    return said - _FILLER or said
