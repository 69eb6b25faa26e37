"""From files to a snapshot: read, check, look at what it would change, publish. All or nothing."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from sunes import engine, snapshots, tally
from sunes.access.journal import What
from sunes.access.people import EVERYTHING, ForbiddenError, Person
from sunes.access.rights import Deed, own_regions
from sunes.errors import DataError, Problem, UsageError
from sunes.french import day, join
from sunes.ingest import cautions, checks, formats, mappings, territory
from sunes.ingest.checks import Given
from sunes.ingest.files import InputFile
from sunes.ingest.formats import Said
from sunes.ingest.reading import Reading
from sunes.ingest.report import Report, file_reports, rejections, remarks, sources, statement
from sunes.insights.effect import Effect, effects
from sunes.listing import Listing
from sunes.programme import Programme
from sunes.schema import TABLES
from sunes.snapshots import Snapshot, SnapshotId, Store, StoreBusyError
from sunes.tally import Event

# Called with how much is done, from 0 to 1, and what comes next.
Progress = Callable[[float, str], None]
Files = Sequence[InputFile | Path]

_NO_GROUND = "il n’y a pas de situation réelle à compléter ; demandez à un éditeur national de publier la première."


def _silent(done: float, what: str) -> None:
    """Nobody is waiting."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything about a snapshot but its publication.

    Attributes
    ----------
    tables
        What would be published: without the lines that are rejected.
    readings
        What each file, or each of its sheets, holds.
    base
        The newest revision of the day when the files were read: what was looked at must still be so.
    said
        Name of a file → what a person said of its columns, now or when the same ones came before.
    """

    report: Report
    tables: Mapping[str, pa.Table]
    readings: tuple[Reading, ...]
    base: SnapshotId | None
    said: Mapping[str, Said]

    def effects(self, programme: Programme) -> tuple[Effect, ...]:
        """What publishing would change in the figures, against the snapshot that the report compares with."""
        before = engine.frames([self.report.compared], EVERYTHING) if self.report.compared else None
        return effects(before, cautions.frames_of(self.tables, self.report.as_of), programme)


def import_files(
    store: Store,
    programme: Programme,
    *,
    register: Files = (),
    applications: Files = (),
    usages: Files = (),
    as_of: date,
    by: Person,
    dry_run: bool = False,
    without_rejected: bool = False,
    confirmed: bool = False,
    complete: Collection[str] = (),
    said: Mapping[str, Said] | None = None,
    progress: Progress = _silent,
) -> Report:
    """`prepare` and `publish` in one go. A dry run does all of it but publish, and raises like `publish`."""
    files = {"establishments": register, "applications": applications, "usages": usages}
    prepared = prepare(store, programme, files, as_of=as_of, by=by, complete=complete, said=said, progress=progress)
    if dry_run:
        prepared.report.ensure_publishable(without_rejected=without_rejected, confirmed=confirmed)
        return prepared.report
    return publish(store, programme, prepared, by=by, without_rejected=without_rejected, confirmed=confirmed)


def prepare(
    store: Store,
    programme: Programme,
    files: Mapping[str, Files],
    *,
    as_of: date,
    by: Person,
    complete: Collection[str] = (),
    said: Mapping[str, Said] | None = None,
    progress: Progress = _silent,
) -> Prepared:
    """Read files and check them together, as the state of the programme on a day; real, not simulated.

    A table without a file is carried over from the newest snapshot up to that day; where there is none, or where it is
    simulated, the table is empty.

    What an editor of some regions gives is added to what stands, and the lines about others are rejected.

    Parameters
    ----------
    files
        Table → its files.
    complete
        The tables whose files are added to what would be carried over, and prevail over it row by row.
    said
        Name of a file → which column has which meaning, where a person had to say so.

    Raises
    ------
    ForbiddenError
        `by` may not import.
    UsageError
        No file at all, or a day that has not come.
    DataError
        A store that cannot be read. What is wrong with the files is in the report.
    """
    store.journal.require(by, Deed.IMPORT)
    if as_of > date.today():
        raise UsageError(f"le {day(as_of)} est dans le futur ; indiquez au plus tard la date d’aujourd’hui.")
    opened = {name: tuple(map(_opened, files.get(name, ()))) for name in TABLES}
    absent = tuple(name for name in TABLES if not opened[name])
    if len(absent) == len(TABLES):
        raise UsageError("aucun fichier n’est donné ; indiquez un registre, des candidatures ou des usages.")

    regions = own_regions(by)
    if regions is not None:
        complete = tuple(TABLES)
    base = store.newest(as_of)
    needed = {*absent, *complete}
    previous, notes = _previous(store, as_of) if needed else (None, [])
    stands = snapshots.read(previous) if previous else {}
    blocking: list[Problem] = []
    mentioned = {finess for name in absent if name in stands for finess in stands[name].column("finess").to_pylist()}
    said = dict(said or {})
    taken_over: list[str] = []
    readings = _read(store, opened, programme, said, taken_over, mentioned, blocking, progress)
    if regions is not None:
        if not previous:
            blocking.append(Problem(" ".join([_NO_GROUND, *notes])))
        territory.reject_others(readings, stands, regions)
    elif "establishments" in absent and not previous:
        # The applications can't be held against a register that nobody has given.
        blocking.append(Problem(" ".join(["il n’y a pas d’établissements ; donnez aussi un registre.", *notes])))

    progress(0.7, "Vérification des tables entre elles")
    origin = f"situation au {day(previous.as_of)}" if previous else ""
    given = _given(readings, stands, needed, origin)
    # A table whose file can't be used is held against nobody; neither is a register that nobody has given.
    usable = {name: each for name, each in given.items() if all(r.readable for r in each.readings) or name in absent}
    if "establishments" in absent and not previous:
        del usable["establishments"]
    unread = {name for name, own in readings.items() if opened[name] and not own}
    blocking += checks.check({n: each for n, each in usable.items() if n not in unread}, programme, date.today())
    blocking += [problem for own in readings.values() for reading in own for problem in reading.blocking]

    # Once more, now that all rejected lines are known: they take nothing away from what stands.
    tables, following = checks.keep(_given(readings, stands, needed, origin))
    report = Report(
        as_of,
        files=tuple(file_reports(readings, following)),
        rows={name: table.num_rows for name, table in tables.items()},
        blocking=tuple(blocking),
        rejected=tuple(rejections(readings, following)),
        repairs=tuple(repair for own in readings.values() for reading in own for repair in reading.repairs),
        carried=absent if previous else (),
        completed=tuple(name for name in complete if previous and name not in absent),
        previous=previous,
        compared=_compared(store, as_of),
        notes=(*notes, *_carried_over(previous, absent, complete), *taken_over, *remarks(readings)),
    )
    if not blocking:
        progress(0.8, "Comparaison avec la situation précédente")
        own = territory.within(tables, regions)
        report = replace(report, cautions=cautions.all_of(tables, own, report.compared, as_of, programme))
    tally.add(Event.IMPORT_READ)
    progress(1.0, "Vérifications terminées")
    return Prepared(report, tables, tuple(reading for own in readings.values() for reading in own), base, said)


def note_files(store: Store, prepared: Prepared, by: Person) -> None:
    """Have the journal tell which files somebody gave."""
    names = join(sorted({reading.file.name for reading in prepared.readings}))
    store.journal.note(by, What.IMPORTED, f"{prepared.report.as_of.isoformat()} : {names}")


def publish(
    store: Store,
    programme: Programme,
    prepared: Prepared,
    *,
    by: Person,
    without_rejected: bool = False,
    confirmed: bool = False,
) -> Report:
    """Publish what was prepared, whoever prepared it; the report says as which snapshot.

    Raises
    ------
    ForbiddenError
        `by` may not publish, or not this: it changes rows of other regions.
    DataError
        Everything to mend or to confirm; a store that cannot be written to, or that changed in the meantime. Nothing
        is published.
    """
    report = prepared.report
    store.journal.require(by, Deed.PUBLISH, report.as_of.isoformat())
    report.ensure_publishable(without_rejected=without_rejected, confirmed=confirmed)
    snapshot = store.publish(
        report.as_of,
        prepared.tables,
        simulated=False,
        sources=sources(report),
        published_by=by.name or None,
        checks=statement(report),
        base=prepared.base,
        guard=lambda listing: _ensure_still_right(store, listing, prepared, by),
        programme=programme,
        by=by,
    )
    if own_regions(by) is None:  # how everybody's files are read is not for the editors of some regions to say
        mappings.remember(store.directory, prepared.readings, prepared.said)
    return replace(report, snapshot=snapshot)


def _ensure_still_right(store: Store, listing: Listing, prepared: Prepared, by: Person) -> None:
    """Hold what was prepared against what stands when it is published, whatever was published since it was read.

    Raises ForbiddenError where rows that are not theirs would change, be they simulated; StoreBusyError where rows were
    taken over from a situation that is not the nearest one any more.
    """
    as_of, previous = prepared.report.as_of, prepared.report.previous
    stands = listing.history(None, as_of, None)[-1:]
    regions = own_regions(by)
    if regions is not None:
        _ensure_undamaged(listing.damaged)
        try:
            territory.ensure_untouched(snapshots.read(stands[0]) if stands else {}, prepared.tables, regions)
        except ForbiddenError:
            store.journal.note(by, What.REFUSED, f"publier des lignes d’autres régions : {as_of.isoformat()}")
            raise
    if previous and previous.id not in {each.id for each in stands}:
        raise StoreBusyError(
            f"la situation au {day(previous.as_of)}, dont des lignes sont reprises, a été corrigée, retirée ou suivie "
            "d’une autre entre-temps ; vérifiez de nouveau les fichiers."
        )


def _opened(file: InputFile | Path) -> InputFile:
    return file if isinstance(file, InputFile) else InputFile.open(file)


def _previous(store: Store, as_of: date) -> tuple[Snapshot | None, list[str]]:
    """The snapshot to carry over from, if any, and why the nearest one is not it."""
    _ensure_undamaged(store.damaged())
    nearest = store.history(until=as_of)[-1:]
    if not nearest or not nearest[0].simulated:
        return (nearest[0] if nearest else None), []
    return None, [f"La situation au {day(nearest[0].as_of)} est simulée : rien n’en est repris."]


def _ensure_undamaged(damaged: Sequence[Problem]) -> None:
    """Raises DataError: a damaged store says nothing of what stands."""
    if damaged:
        raise DataError(
            *damaged,
            "Rien ne peut être repris d’un dossier endommagé ; réparez-le, ou donnez les trois fichiers.",
        )


def _compared(store: Store, as_of: date) -> Snapshot | None:
    """The newest sound snapshot up to a day that is real, if it is the nearest one."""
    nearest, _ = engine.sound([each for each in store.history(until=as_of)[-1:] if not each.simulated])
    return nearest[-1] if nearest else None


def _read(
    store: Store,
    files: Mapping[str, Sequence[InputFile]],
    programme: Programme,
    said: dict[str, Said],
    taken_over: list[str],
    mentioned: Collection[str],
    blocking: list[Problem],
    progress: Progress,
) -> dict[str, list[Reading]]:
    """What the files hold, by table; what can't be read at all is blocking.

    Columns that somebody told before are read as they said, which `taken_over` tells.
    Of the national registers, only what the programme is about is kept, and the numbers that are `mentioned`.
    """
    readings: dict[str, list[Reading]] = {name: [] for name in TABLES}
    # The register last: the other tables say which establishments it must not leave aside.
    queue = [(name, file) for name in reversed(list(TABLES)) for file in files[name]]
    for index, (name, file) in enumerate(queue):
        progress(0.7 * index / len(queue), f"Lecture de {file.name}")
        also = {*mentioned, *(row["finess"] for own in readings.values() for reading in own for row in reading.rows)}
        try:
            found = formats.read(name, file, programme, said.get(file.name, {}), also)
            if file.name not in said and (before := mappings.before(store.directory, found)):
                said[file.name] = before
                taken_over += mappings.remarks(store.directory, found)
                found = formats.read(name, file, programme, before, also)
            readings[name] += found
        except DataError as error:
            blocking += error.problems
    return readings


def _given(
    readings: Mapping[str, Sequence[Reading]], stands: Mapping[str, pa.Table], needed: Collection[str], origin: str
) -> dict[str, Given]:
    return {
        name: Given(TABLES[name], own, _carried(stands, name, own, needed), origin) for name, own in readings.items()
    }


def _carried(stands: Mapping[str, pa.Table], name: str, own: Sequence[Reading], needed: Collection[str]) -> pa.Table:
    """The rows of a table that stand in the snapshot before and that no file says anew."""
    if name not in needed or name not in stands:
        return TABLES[name].empty()
    key = TABLES[name].key
    new = {tuple(row[column] for column in key) for reading in own for row in reading.sound_rows}
    keys = zip(*(stands[name].column(column).to_pylist() for column in key), strict=True)
    return stands[name].filter(pa.array([each not in new for each in keys], pa.bool_()))


def _carried_over(previous: Snapshot | None, absent: Sequence[str], complete: Collection[str]) -> Iterable[str]:
    if not previous:
        return
    when = f"la situation au {day(previous.as_of)} (révision {previous.revision})"
    if absent:
        yield f"Repris de {when} : {join([TABLES[name].label for name in absent])}."
    if added := [TABLES[name].label for name in TABLES if name in complete and name not in absent]:
        yield f"Complète {when} : {join(added)}."
