"""Applications as Démarches simplifiées exports them: one row per dossier, its columns those of one procedure.

Some columns are in every export (« ID », « Email », « État du dossier », « Traité le »…); what a dossier is
about stands in columns named after the questions that an agency asked. Their names tell which is which, or a person
does. Only the columns that a row of the contract is made of are kept.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from sunes.french import count, join, quote
from sunes.ingest import cells, columns, lenient
from sunes.ingest.columns import Columns
from sunes.ingest.grid import Grid
from sunes.ingest.headings import words
from sunes.ingest.readers.questions import DECIDED, DECISION, FILED, FINESS, GRANT, VOLET, WINDOW, meanings, of_volet
from sunes.ingest.readers.spoken import Speech
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import Row, from_grid
from sunes.programme import Programme
from sunes.schema import APPLICATIONS

KIND = "Candidatures (export de dossiers)"

_WORDS = {
    "accepted": "accepté|acceptée|retenu|retenue|accord|accordé|favorable|validé|validée|financé|accepted",
    "rejected": "refusé|refusée|refus|rejeté|rejetée|rejet|défavorable|non retenu|non retenue|rejected",
    "pending": "en construction|en instruction|instruction en cours|en cours|en cours d’instruction|déposé|en attente"
    "|en attente de décision|à instruire|pending",
    "withdrawn": "sans suite|classé sans suite|classée sans suite|retiré|retirée|retrait|abandon|abandonné|abandonnée"
    "|annulé|annulée|désistement|withdrawn",
}
_DECISIONS = {words(word): decision for decision, known in _WORDS.items() for word in known.split("|")}
_DRAFTS = frozenset(map(words, ("brouillon", "en brouillon")))
_SHARED = (
    "ce montant est celui de plusieurs volets et rien ne dit comment le partager ; mettez une colonne de montant par "
    "volet ou une ligne par volet, ou dites qu’aucune colonne n’est le montant."
)
_DRAFT = "en brouillon, pas encore déposés"


def recognises(grid: Grid, programme: Programme) -> bool:
    """Whether a sheet holds dossiers: its columns say what a dossier is made of."""
    return columns.speak(grid, meanings(programme))


def read(grid: Grid, programme: Programme, said: Mapping[str, str]) -> Reading:
    """Read the dossiers of a sheet: a row for each volet that one applies for.

    The window is told by a column or else, where it lies inside exactly one, by the filing date; the volets are told by
    a column, by one each, or by the window where it has a single one. An amount for two volets is refused, as nothing
    tells how to share it. Drafts are left aside.
    """
    asked = meanings(programme)
    understood, sheet = columns.understand(from_grid(grid, columns.place(grid, asked, said)), asked, said, people=True)
    reader = _Dossiers(programme, understood)
    reading = Reading.of(sheet, APPLICATIONS, KIND, reader.origins)
    lenient.check_columns(reading, understood, () if FILED in understood.found else (WINDOW,))
    if reading.blocking:
        return reading
    for row in sheet.rows:
        reader.add(reading, row)
    reader.tell(reading)
    return reading


class _Dossiers:
    """Turns the rows of one sheet into those of the contract, and counts what it had to deduce for it."""

    def __init__(self, programme: Programme, understood: Columns) -> None:
        self.programme = programme
        self.found = found = understood.found
        speech = Speech(programme)
        # Few things are written in many dossiers.
        self.words = lru_cache(4_096)(words)
        self.speak_window, self.speak_volets = lru_cache(4_096)(speech.window), lru_cache(4_096)(speech.volets)
        self.asked, self.decisions, self.grants = (
            {volet: found[of_volet(what, volet)] for volet in programme.volet_ids if of_volet(what, volet) in found}
            for what in (VOLET, DECISION, GRANT)
        )
        self.windows_deduced: list[Row] = []
        self.volets_deduced: list[Row] = []
        self.volets_unknown = False

    @property
    def origins(self) -> dict[str, str]:
        """Column of the contract → the column of the file to blame."""
        blamed = {name: self.found[name] for name in (FINESS, FILED, DECISION, DECIDED, GRANT) if name in self.found}
        if self.grants:
            blamed[GRANT] = next(iter(self.grants.values()))
        if told := self.found.get(WINDOW) or self.found.get(FILED):
            blamed[WINDOW] = told
        if told := self.found.get(VOLET) or next(iter((self.asked | self.decisions).values()), None):
            blamed[VOLET] = told
        return blamed

    def add(self, reading: Reading, row: Row) -> None:
        decision = self._decision(reading, row, self.found.get(DECISION))
        if decision is None:
            reading.left_aside[_DRAFT] += 1
            return
        filed = lenient.value(reading, row, self.found.get(FILED), cells.day)
        number = self._window(reading, row, filed)
        decided = lenient.value(reading, row, self.found.get(DECIDED), cells.day)
        texts = {
            FINESS: lenient.finess(reading, row, self.found.get(FINESS)),
            WINDOW: "" if number is None else str(number),
            FILED: filed.isoformat() if filed else "",
            DECIDED: decided.isoformat() if decided else "",
        }
        asked = self._volets(reading, row, number)
        grants = self._grants(reading, row, asked)
        for volet in asked:
            own = self._decision(reading, row, self.decisions.get(volet)) or decision
            reading.add(row.line, texts | {VOLET: volet, DECISION: own, GRANT: grants.get(volet, "")})

    def tell(self, reading: Reading) -> None:
        """Say once for all dossiers what was deduced, and what could not be."""
        for rows, what, source in (
            (self.windows_deduced, "la fenêtre est celle où tombe la date de dépôt", FILED),
            (self.volets_deduced, "le volet est le seul de la fenêtre", WINDOW),
        ):
            if rows:
                column = self.origins[source]
                message = f"pour {count(len(rows), 'dossier')}, dont celui-ci, {what}."
                reading.repair(message, rows[0].line, column, rows[0].cells[column])
        if self.volets_unknown:
            lenient.ask(reading, {VOLET})

    def _decision(self, reading: Reading, row: Row, column: str | None) -> str | None:
        """The decision that a cell tells, empty where it is empty or wrong; None for a draft."""
        text = self.words(row.cells.get(column, "")) if column else ""
        if text in _DRAFTS:
            return None
        if text and text not in _DECISIONS:
            known = join([quote(word) for word in ("Accepté", "Refusé", "En instruction", "Classé sans suite")])
            message = f"cette décision n’est pas connue ; les plus courantes sont {known}."
            reading.problem(message, row.line, column or "", row.cells[column or ""])
        return _DECISIONS.get(text, "")

    def _window(self, reading: Reading, row: Row, filed: date | None) -> int | None:
        column = self.found.get(WINDOW)
        if column and row.cells[column]:
            return lenient.value(reading, row, column, self.speak_window)
        within = [w.number for w in self.programme.windows if filed and w.opens <= filed <= w.closes]
        if len(within) == 1:
            self.windows_deduced.append(row)
            return within[0]
        own = self.found.get(FILED)
        if filed:
            why = "la date de dépôt n’est dans aucune fenêtre ; indiquez-la dans une colonne « Fenêtre »."
        elif own and row.cells[own]:
            return None  # a date that can't be read, which was noted
        else:
            why = "rien ne dit la fenêtre de ce dossier ; indiquez-la, ou la date de dépôt."
        blamed = column or own or WINDOW
        reading.problem(why, row.line, blamed, row.cells.get(blamed, ""))
        return None

    def _volets(self, reading: Reading, row: Row, number: int | None) -> tuple[str, ...]:
        """The volets that a dossier is about; none where that is wrong or not told, which is noted."""
        column = self.found.get(VOLET)
        listed = lenient.value(reading, row, column, self.speak_volets)
        if column and row.cells[column] and listed is None:
            return ()
        yes = [volet for volet, own in self.asked.items() if lenient.value(reading, row, own, cells.yes_no)]
        ticked = tuple(yes or [volet for volet, own in self.decisions.items() if row.cells[own]])
        if listed and self.asked and set(listed) != set(ticked):
            message = (
                "les volets de cette colonne ne sont pas ceux des colonnes par volet ; corrigez l’une ou les autres."
            )
            reading.problem(message, row.line, column or "", row.cells[column or ""])
        if listed or ticked:
            return listed or ticked
        if column or self.asked:
            blamed = column or next(iter(self.asked.values()))
            reading.problem("aucun volet n’est demandé ; indiquez-en un.", row.line, blamed, row.cells[blamed])
            return ()
        own = next((w.volets for w in self.programme.windows if w.number == number), ())
        if len(own) == 1:
            self.volets_deduced.append(row)
            return own
        self.volets_unknown |= bool(own)
        return ()

    def _grants(self, reading: Reading, row: Row, asked: tuple[str, ...]) -> dict[str, str]:
        """Volet → its amount, as far as the dossier has one that nobody needs to share."""
        own = {volet: lenient.value(reading, row, self.grants.get(volet), _euros) for volet in asked}
        column, others = self.found.get(GRANT), [volet for volet in asked if volet not in self.grants]
        whole = lenient.value(reading, row, column, _euros) if others else None
        if whole and len(asked) > 1:
            reading.problem(_SHARED, row.line, column or GRANT, row.cells[column or GRANT])
        own |= dict.fromkeys(others, whole)
        return {volet: str(grant) for volet, grant in own.items() if grant is not None}


def _euros(text: str) -> int:
    amount: int = cells.parse(APPLICATIONS.column(GRANT), cells.amount(text))
    return amount
