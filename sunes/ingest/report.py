"""What an import tells: what was read, kept, put right and rejected, what to look at before publishing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sunes.errors import DataError, Problem
from sunes.french import count, join, number, quote
from sunes.ingest.reading import Reading
from sunes.snapshots import Snapshot, SourceFile

# Table → the lines of its files that are only left out because they refer to others that are.
Following = Mapping[str, Sequence[tuple[Reading, int]]]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file, or of one sheet of it. All counts are of lines, but `kept`, which counts rows."""

    table: str
    kind: str
    file: str
    sheet: str | None
    sha256: str
    encoding: str | None
    separator: str | None
    read: int
    kept: int
    repaired: int
    rejected: int
    left_aside: Mapping[str, int]

    @property
    def summary(self) -> str:
        """« 294 lignes lues, 290 gardées, 3 réparées, 1 rejetée »."""
        parts = [count(self.read, "ligne lue"), f"{number(self.kept)} gardées"]
        parts += [count(self.repaired, "ligne réparée")] if self.repaired else []
        parts += [count(self.rejected, "ligne rejetée")] if self.rejected else []
        parts += [f"{number(lines)} {reason}" for reason, lines in self.left_aside.items()]
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Rejected:
    """One line that is not published: everything wrong with it, and its cells under the names of its file.

    `follows` is whether it is only left out because it refers to another line that is rejected.
    """

    table: str
    file: str
    sheet: str | None
    line: int
    problems: tuple[Problem, ...]
    cells: Mapping[str, str]
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that may well be right, and that a person has to confirm: a sentence, and what it is about."""

    message: str
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Report:
    """What an import found and did.

    Attributes
    ----------
    rows
        Table → how many rows it has, or would have, in the snapshot.
    blocking
        What has to be mended before anything can be published.
    rejected
        The lines that can only be published without.
    repairs
        The cells that were put right.
    cautions
        What a person has to confirm.
    carried
        The tables taken over, in whole or (see `completed`) in part, from `previous`.
    completed
        The tables of which the files give only a part, added to what `previous` holds.
    notes
        French sentences on what a person should know.
    compared
        The snapshot that the cautions, and the effects, are about; None where there is none that is real.
    snapshot
        What was published; None as long as nothing was.
    """

    as_of: date
    files: tuple[FileReport, ...]
    rows: Mapping[str, int]
    blocking: tuple[Problem, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    repairs: tuple[Problem, ...] = ()
    cautions: tuple[Caution, ...] = ()
    carried: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()
    previous: Snapshot | None = None
    notes: tuple[str, ...] = ()
    compared: Snapshot | None = None
    snapshot: Snapshot | None = None

    def ensure_publishable(self, *, without_rejected: bool = False, confirmed: bool = False) -> None:
        """Raise DataError with everything to mend or, where nothing is, to confirm."""
        if self.blocking or (self.rejected and not without_rejected):
            raise DataError(*self.problems)
        if self.cautions and not confirmed:
            raise DataError(*(f"À confirmer : {caution}" for caution in self.cautions))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything to mend, by file and line. What only follows from another line's fault is not told again."""
        wrong = [problem for line in self.rejected if not line.follows for problem in line.problems]
        return tuple(sorted((*self.blocking, *wrong), key=_place))


def file_reports(readings: Mapping[str, Sequence[Reading]], following: Following) -> Iterator[FileReport]:
    """What became of each file, or of each of its sheets."""
    for name, own in readings.items():
        for reading in own:
            out = reading.rejected | {line for other, line in following[name] if other is reading}
            yield _file_report(reading, sum(line not in out for line in reading.lines))


def rejections(readings: Mapping[str, Sequence[Reading]], following: Following) -> Iterator[Rejected]:
    """The lines that are rejected, in the order of their files, then those that only follow."""
    for name, own in readings.items():
        for reading in own:
            wrong = sorted((p for p in reading.problems if p.line is not None), key=lambda p: p.line or 0)
            for line, problems in groupby(wrong, key=lambda problem: problem.line or 0):
                cells = reading.originals.get(line, {})
                yield Rejected(name, reading.file.name, reading.sheet, line, tuple(problems), cells)
        for reading, line in following[name]:
            message = "cette ligne se rapporte à une ligne rejetée ; elle reviendra avec elle."
            problem = Problem(message, reading.file.name, reading.sheet, line=line)
            cells = reading.originals.get(line, {})
            yield Rejected(name, reading.file.name, reading.sheet, line, (problem,), cells, follows=True)


def remarks(readings: Mapping[str, Sequence[Reading]]) -> Iterator[str]:
    """What was read otherwise than a person might think."""
    for reading in (reading for own in readings.values() for reading in own):
        name = reading.file.name
        if reading.encoding not in (None, "UTF-8"):
            yield f"{name} n’est pas en UTF-8 : lu en {reading.encoding}."
        if reading.strangers:
            # Everybody reads the manifest: the lines are for who has the file.
            first = list(reading.strangers)[:5]
            lines = f"ligne{'s' if len(first) > 1 else ''} {join([str(line) for line in first])}"
            more = " entre autres" if len(reading.strangers) > 5 else ""
            what = count(len(reading.strangers), "établissement")
            yield (
                f"{name} : {what} d’une commune absente de la géographie actuelle ({lines}{more}) ; "
                "les coordonnées que le fichier donne sont gardées."
            )


def _file_report(reading: Reading, kept: int) -> FileReport:
    repaired = {repair.line for repair in reading.repairs}
    return FileReport(
        reading.table.name,
        reading.kind,
        reading.file.name,
        reading.sheet,
        reading.file.sha256,
        reading.encoding,
        reading.separator,
        reading.read,
        kept,
        len(repaired),
        len(reading.rejected),
        dict(reading.left_aside),
    )


def sources(report: Report) -> list[SourceFile]:
    """The files, and those that the carried tables came from. `table` says which table each one fills."""
    own = [
        {"title": f.kind, "file_name": f.file, "sha256": f.sha256, "accessed": date.today(), "table": f.table}
        for f in report.files
    ]
    before = report.previous.manifest.sources or () if report.previous else ()
    # A manifest of another's making does not say which table a source is about: then it may be any.
    taken = (None, *report.carried, *report.completed)
    kept = [source for source in before if (source.model_extra or {}).get("table") in taken]
    return [*map(SourceFile.model_validate, own), *kept]


def statement(report: Report) -> list[dict[str, str]]:
    """What the manifest says of how the snapshot came about."""
    lines = [{"name": f"Lecture de {file.file}", "result": file.summary} for file in report.files]
    if report.rejected:
        lines.append({"name": "Publié sans", "result": count(len(report.rejected), "ligne rejetée")})
    lines += [{"name": "Avertissement confirmé", "result": caution.message} for caution in report.cautions]
    return [*lines, *({"name": "Remarque", "result": note} for note in report.notes)]


def rejected_records(rejected: Sequence[Rejected]) -> list[dict[str, Any]]:
    """The rejected lines of one table as records to correct and send again: why, where, then the cells of the file.

    Files of several shapes share the columns that have the same name.
    """
    columns = dict.fromkeys(column for line in rejected for column in line.cells)
    return [
        {
            "Motif du rejet": " ".join(_reason(problem) for problem in line.problems),
            "Fichier": line.file,
            "Feuille": line.sheet or "",
            "Ligne": line.line,
            **{column: line.cells.get(column, "") for column in columns},
        }
        for line in rejected
    ]


def _reason(problem: Problem) -> str:
    return f"{quote(problem.column)} : {problem.message}" if problem.column else problem.message


def _place(problem: Problem) -> tuple[str, str, int]:
    return problem.file or "", problem.sheet or "", problem.line or 0
