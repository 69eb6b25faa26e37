"""The rows of a follow-up of usages, read by the rules of the package."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any

from sunes.errors import Problem
from sunes.ingest import cells
from sunes.ingest.columns import masked
from sunes.ingest.grid import Grid, Record
from sunes.ingest.readers.follow_up import grouping
from sunes.ingest.readers.follow_up.grouping import LABELS, About, Group, Grouping
from sunes.ingest.readers.follow_up.verdict import ContradictionError, verdict
from sunes.ingest.readers.follow_up.vocabulary import (
    DAY,
    DENOMINATOR,
    FINESS,
    INDICATOR,
    NUMERATOR,
    RATE,
    STATUS,
    THRESHOLD,
    VOLET,
    WINDOW,
    Heading,
)
from sunes.ingest.readers.follow_up.wording import is_total, read_status, says_nothing
from sunes.ingest.readers.spoken import Speech
from sunes.ingest.reading import Reading
from sunes.programme import Programme
from sunes.schema import USAGES

KIND = "Suivi des usages tenu à la main"

_NO_ROWS = "il n’y a aucune ligne sous l’en-tête ; vérifiez l’export."


def recognises(grid: Grid, programme: Programme) -> bool:
    """Whether a grid is such a follow-up: it announces FINESS numbers, and measures of indicators."""
    understood = grouping.group(grid, programme, {})
    return bool(understood and FINESS in understood.keys and understood.groups)


def read(grid: Grid, programme: Programme, said: Mapping[str, str]) -> Reading:
    """Read a sheet of usages.

    Parameters
    ----------
    said
        Meaning → name of a column, where a person had to say so. `window` may be a number instead: the window of the
        rows that don't tell their own.
    """
    understood = grouping.group(grid, programme, said)
    line = understood.header.line if understood else 0
    reading = Reading(grid.file, USAGES, KIND, grid.sheet, grid.encoding, grid.separator, line, LABELS)
    reading.blocking += grid.problems
    reading.repairs += grid.repairs
    if understood is None:
        reading.lack(LABELS[FINESS], "aucun en-tête n’est reconnu ; il faut une colonne « FINESS » et des mesures.")
        return reading
    reading.columns = understood.columns(grid, programme)
    if understood.complain(reading):
        sheet = _Sheet(reading, understood)
        for record in _filled(grid, understood):
            sheet.read(record)
        if not reading.read:
            reading.blocking.append(Problem(_NO_ROWS, grid.file.name, grid.sheet))
    return reading


def _filled(grid: Grid, understood: Grouping) -> Iterator[Record]:
    """The records below the header, keys repeated down the merged cells that show them once for several rows."""
    merged = {(top, left): bottom for top, left, bottom, _ in grid.merged if bottom > top}
    shown: dict[int, tuple[int, str]] = {}
    for record in grid.records[understood.header.first :]:
        texts = list(record.cells)
        for column in (heading.column for heading in understood.keys.values()):
            if column < len(texts):
                if bottom := merged.get((record.line, column)):
                    shown[column] = bottom, texts[column]
                last, text = shown.get(column, (0, ""))
                texts[column] = texts[column] or (text if record.line <= last else "")
        yield Record(record.line, tuple(texts))


class _Sheet:
    """Turns the rows of a sheet into those of the contract."""

    def __init__(self, reading: Reading, understood: Grouping) -> None:
        self._reading = reading
        self._understood = understood
        self._used = understood.used
        # What people write is written again and again.
        self._parse = {heading.column: lru_cache(10_000)(self._parser(heading)) for heading in self._used}
        of_sheet = understood.window if WINDOW not in understood.keys else None
        self._of_sheet = {LABELS[WINDOW]: str(of_sheet)} if of_sheet else {}
        self._defaults = {WINDOW: understood.window, VOLET: "", INDICATOR: None}

    def read(self, record: Record) -> None:
        """Add what a row tells, or note what is wrong with it, or why it tells nothing."""
        reading, groups = self._reading, self._understood.groups
        reading.read += 1
        # With what the sheet says of all its rows: enough to be sent again by itself.
        reading.originals[record.line] = self._of_sheet | {
            each.name: masked(_cell(record, each)) for each in self._used
        }
        told = {about: texts for about, group in groups.items() if (texts := _texts(record, group))}
        finess = _cell(record, self._understood.keys[FINESS])
        if not told:
            reading.left_aside["sans mesure" if any(map(str.isdigit, finess)) else "de commentaire"] += 1
        elif is_total(finess, record.cells):
            reading.left_aside["de total"] += 1
        else:
            self._add(record, told)

    def _add(self, record: Record, told: Mapping[About, Mapping[str, str]]) -> None:
        """Add a row for each group that tells something; none at all where one is wrong."""
        reading, wrong = self._reading, len(self._reading.problems)
        keys = {FINESS: self._finess(record), **{key: self._key(record, key) for key in self._defaults}}
        rows = []
        for (indicator, window), texts in told.items():
            group = self._understood.groups[indicator, window]
            own = {WINDOW: window or keys[WINDOW], INDICATOR: indicator or keys[INDICATOR]}
            rows.append(keys | own | self._values(record, group, texts))
        for row in rows if len(reading.problems) == wrong else ():
            row[VOLET] = row[VOLET] or self._understood.volet_of[row[INDICATOR]]
            reading.rows.append({column.name: row.get(column.name, column.default) for column in USAGES.columns})
            reading.lines.append(record.line)

    def _finess(self, record: Record) -> str | None:
        heading = self._understood.keys[FINESS]
        finess, repair = self._parsed(record, heading, _cell(record, heading)) or (None, "")
        if repair:
            self._reading.repair(repair, record.line, heading.name, _cell(record, heading))
        return finess

    def _key(self, record: Record, key: str) -> Any:
        """What tells a row of the contract from others; where no column says it, it is what the sheet says."""
        heading, default = self._understood.keys.get(key), self._defaults[key]
        text = _cell(record, heading) if heading else ""
        return self._parsed(record, heading, text) if heading and (text or default is None) else default

    def _values(self, record: Record, group: Group, texts: Mapping[str, str]) -> dict[str, Any]:
        """What a group of columns says of one indicator, checked against itself."""
        reading, wrong = self._reading, len(self._reading.problems)
        values = {measure: self._parsed(record, group[measure], text) for measure, text in texts.items()}
        if len(reading.problems) > wrong:
            return {}
        try:
            values[STATUS] = verdict(values, has_status=STATUS in group)
        except ContradictionError as error:
            reading.problem(str(error), record.line, group[error.measure].name, texts.get(error.measure, ""))
        if texts.keys() <= {RATE, DAY} and RATE in texts:
            message = "sans seuil ni état, ce taux ne peut pas être gardé ; l’usage est noté « non évalué »."
            reading.repair(message, record.line, group[RATE].name, texts[RATE])
        if THRESHOLD in values:
            values[THRESHOLD] = float(values[THRESHOLD])
        return values

    def _parsed(self, record: Record, heading: Heading, text: str) -> Any:
        """The value of a cell; None where it has none, which is noted."""
        try:
            return self._parse[heading.column](text)
        except ValueError as error:
            self._reading.problem(str(error), record.line, heading.name, masked(text))
        return None

    def _parser(self, heading: Heading) -> Callable[[str], Any]:
        """What makes a value of the cells of a column. It raises ValueError with a French sentence."""
        understood = self._understood
        if heading.holds in (RATE, THRESHOLD):
            return understood.scales[heading.column].read
        if heading.holds in (NUMERATOR, DENOMINATOR):
            return partial(cells.parse, USAGES.column(heading.holds))
        others: Mapping[str, Callable[[str], Any]] = {
            FINESS: _finess,
            WINDOW: understood.speech.window,
            VOLET: partial(_volet, understood.speech),
            INDICATOR: understood.vocabulary.read_indicator,
            STATUS: read_status,
            DAY: cells.day,
        }
        return others[heading.holds]


def _finess(text: str) -> tuple[str, str]:
    if not text:
        raise ValueError("le numéro FINESS manque ; complétez-le, ou videz les mesures de cette ligne.")
    return cells.finess(text)


def _volet(speech: Speech, text: str) -> str:
    volets = speech.volets(text)
    if len(volets) != 1:
        raise ValueError("un indicateur est d’un seul volet ; indiquez lequel.")
    return volets[0]


def _texts(record: Record, group: Group) -> dict[str, str]:
    """The cells of a group that say something; none where it has nothing but a threshold."""
    texts = {measure: _cell(record, heading) for measure, heading in group.items()}
    texts = {measure: text for measure, text in texts.items() if not says_nothing(text)}
    return {} if texts.keys() <= {THRESHOLD} else texts


def _cell(record: Record, heading: Heading) -> str:
    return record.cells[heading.column] if heading.column < len(record.cells) else ""
