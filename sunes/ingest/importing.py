"""From files to a snapshot: read, check, publish, all or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sunes import snapshots
from sunes.errors import DataError, Problem, UsageError
from sunes.french import count, day, join
from sunes.ingest import checks, contract
from sunes.ingest import register as register_format
from sunes.ingest.reading import Reading
from sunes.ingest.sheet import InputFile, read_sheet
from sunes.programme import Programme
from sunes.schema import TABLES
from sunes.snapshots import Snapshot, SourceFile, Store

Given = InputFile | Path | None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. `read` and `kept` count rows."""

    table: str
    kind: str
    file: str
    sha256: str
    encoding: str
    separator: str
    read: int
    kept: int


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did.

    Attributes
    ----------
    rows
        Table → how many rows it has in the snapshot.
    carried
        The tables taken over from `previous`, for want of a file.
    notes
        French sentences on what a person should know.
    snapshot
        What was published; None after a dry run.
    """

    as_of: date
    files: tuple[FileReport, ...]
    rows: Mapping[str, int]
    carried: tuple[str, ...]
    previous: Snapshot | None
    notes: tuple[str, ...]
    snapshot: Snapshot | None = None


def import_files(
    store: Store,
    programme: Programme,
    *,
    register: Given = None,
    applications: Given = None,
    usages: Given = None,
    as_of: date,
    published_by: str | None = None,
    dry_run: bool = False,
) -> Report:
    """Read files, check them together and publish them as the state of the programme on a day; real, not simulated.

    A table without a file is carried over from the newest snapshot up to that day; where there is none, or where it is
    simulated, the table is empty. A dry run does all of it but publish.

    Raises
    ------
    UsageError
        No file at all, or a day that has not come.
    DataError
        Every problem of every file, with its line; no establishments at all; a store that cannot be read or written
        to, or that changed in the meantime. Nothing is published.
    """
    if as_of > date.today():
        raise UsageError(f"le {day(as_of)} est dans le futur ; indiquez au plus tard la date d’aujourd’hui.")
    given = {"establishments": register, "applications": applications, "usages": usages}
    absent = tuple(name for name, file in given.items() if file is None)
    if len(absent) == len(given):
        raise UsageError("aucun fichier n’est donné ; indiquez un registre, des candidatures ou des usages.")

    previous, notes = _previous(store, as_of) if absent else (None, [])
    carried = {name: table for name, table in snapshots.read(previous).items() if name in absent} if previous else {}
    readings, problems = _read({name: file for name, file in given.items() if file is not None}, programme)
    if "establishments" in absent and not carried:
        # The applications can't be held against a register that nobody has given.
        problems.append(Problem(" ".join(["il n’y a pas d’établissements ; donnez aussi un registre.", *notes])))
    empty = {name: TABLES[name].empty() for name in absent if name != "establishments"}
    origin = f"situation au {day(previous.as_of)}" if previous else ""
    problems += checks.problems(readings, {**empty, **carried}, origin, programme)
    if problems:
        raise DataError(*sorted(problems, key=_place))

    tables = {**empty, **carried, **{name: reading.arrow() for name, reading in readings.items()}}
    if previous:
        labels = join([TABLES[name].label for name in carried])
        notes.append(f"Repris de la situation au {day(previous.as_of)} (révision {previous.revision}) : {labels}.")
    report = Report(
        as_of,
        tuple(_file_report(name, reading) for name, reading in readings.items()),
        {name: tables[name].num_rows for name in TABLES},
        tuple(carried),
        previous,
        (*notes, *(note for reading in readings.values() for note in _remarks(reading))),
    )
    if dry_run:
        return report
    snapshot = store.publish(
        as_of,
        tables,
        simulated=False,
        sources=_sources(report),
        published_by=published_by,
        checks=_statement(report),
        # What was carried over must still be the newest when it is published.
        base=(previous.id if previous.as_of == as_of else None) if previous else ...,
        programme=programme,
    )
    return replace(report, snapshot=snapshot)


def _previous(store: Store, as_of: date) -> tuple[Snapshot | None, list[str]]:
    """The snapshot to carry over from, if any, and why the nearest one is not it."""
    if damaged := store.damaged():
        raise DataError(
            *damaged,
            "Rien ne peut être repris d’un dossier endommagé ; réparez-le, ou donnez les trois fichiers.",
        )
    nearest = store.history(until=as_of)[-1:]
    if not nearest or not nearest[0].simulated:
        return (nearest[0] if nearest else None), []
    return None, [f"La situation au {day(nearest[0].as_of)} est simulée : rien n’en est repris."]


def _read(given: Mapping[str, InputFile | Path], programme: Programme) -> tuple[dict[str, Reading], list[Problem]]:
    readings: dict[str, Reading] = {}
    problems: list[Problem] = []
    for name, file in given.items():
        try:
            sheet = read_sheet(file if isinstance(file, InputFile) else InputFile.open(file))
        except DataError as error:
            problems += error.problems
            continue
        problems += sheet.problems
        if name == "establishments" and register_format.recognises(sheet):
            readings[name] = register_format.read(sheet, programme)
        else:
            readings[name] = contract.read(sheet, TABLES[name])
    return readings, problems


def _place(problem: Problem) -> tuple[str, int]:
    return problem.file or "", problem.line or 0


def _file_report(name: str, reading: Reading) -> FileReport:
    sheet, rows = reading.sheet, len(reading.rows)
    return FileReport(
        name, reading.kind, reading.file, sheet.file.sha256, sheet.encoding, sheet.separator, len(sheet.rows), rows
    )


def _remarks(reading: Reading) -> Iterable[str]:
    """What was read otherwise than a person might think."""
    if reading.sheet.encoding != "UTF-8":
        yield f"{reading.file} n’est pas en UTF-8 : lu en {reading.sheet.encoding}."
    if reading.strangers:
        codes = join([f"{code} (ligne {line})" for line, code in list(reading.strangers.items())[:5]])
        more = ", entre autres" if len(reading.strangers) > 5 else ""
        what = count(len(reading.strangers), "établissement")
        yield (
            f"{reading.file} : {what} d’une commune absente de la géographie actuelle, {codes}{more} ; "
            "les coordonnées du fichier sont gardées."
        )


def _sources(report: Report) -> list[SourceFile]:
    """The files, and those that the carried tables came from. `table` says which table each one fills."""
    own = [
        {"title": f.kind, "file_name": f.file, "sha256": f.sha256, "accessed": date.today(), "table": f.table}
        for f in report.files
    ]
    before = report.previous.manifest.sources or () if report.previous else ()
    # A manifest of another's making does not say which table a source is about: then it may be any.
    kept = [source for source in before if (source.model_extra or {}).get("table") in (None, *report.carried)]
    return [*map(SourceFile.model_validate, own), *kept]


def _statement(report: Report) -> list[dict[str, str]]:
    """What the manifest says of how the snapshot came about."""
    lines = [
        {"name": f"Lecture de {f.file}", "result": f"{count(f.read, 'ligne lue')}, {f.kept} gardées"}
        for f in report.files
    ]
    return [*lines, *({"name": "Remarque", "result": note} for note in report.notes)]
