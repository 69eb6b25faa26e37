"""The embedded data set: 32 month ends of an invented programme, drawn the same every time.

What it must reproduce of the published figures, and everything that is invented, is in
`data/reference/simulation.toml`. The whole history is drawn once; a snapshot is what was known of it on its day.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from sunes import geography
from sunes.errors import UsageError
from sunes.programme import Programme, load_programme
from sunes.schema import APPLICATIONS, ESTABLISHMENTS, USAGES, Table
from sunes.simulation.check import check
from sunes.simulation.dossiers import Application, applications
from sunes.simulation.measures import Followed, followed
from sunes.simulation.register import Establishment, establishments
from sunes.simulation.settings import Correction, Publication, Settings, load_settings
from sunes.snapshots import Snapshot, SourceFile, Store

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SimulatedSnapshot:
    """One revision of one month end: the three tables of the data contract, rows in the order of their keys."""

    as_of: date
    revision: int
    published_at: datetime
    tables: Mapping[str, pa.Table]


def publish_all(store: Store, progress: Callable[[Snapshot], None] | None = None) -> tuple[Snapshot, ...]:
    """Draw the embedded data set and publish it into an empty store, calling `progress` after each snapshot.

    Raises
    ------
    UsageError
        The store holds something already: simulated data must not mix with anything else.
    DataError
        A reference file is missing or wrong, or the store cannot be written to.
    """
    if store.snapshots(withdrawn=True) or store.damaged():
        raise UsageError(
            f"« {store.where} » contient déjà des situations ; indiquez un dossier vide, ou supprimez-les d’abord."
        )
    programme, settings = load_programme(), load_settings()
    return write(store, simulate(programme, settings), programme, settings.publication, progress)


def write(
    store: Store,
    snapshots: Iterable[SimulatedSnapshot],
    programme: Programme,
    publication: Publication,
    progress: Callable[[Snapshot], None] | None = None,
) -> tuple[Snapshot, ...]:
    """Publish simulated snapshots one after the other, marked as such. Raises what `Store.publish` raises."""
    published = []
    for simulated in snapshots:
        snapshot = store.publish(
            simulated.as_of,
            simulated.tables,
            simulated=True,
            sources=[SourceFile(**source.model_dump()) for source in publication.sources],
            published_by=publication.published_by,
            published_at=simulated.published_at,
            checks=[{"name": "Remarque", "result": publication.remark}],
            programme=programme,
        )
        published.append(snapshot)
        if progress:
            progress(snapshot)
    return tuple(published)


def simulate(programme: Programme, settings: Settings) -> Iterator[SimulatedSnapshot]:
    """Draw the history and tell it month end by month end, the wrong revision of the corrected one included.

    The same settings always give the same tables. Raises DataError where the settings contradict the programme or
    ask for more establishments than there are.
    """
    check(settings, programme)
    register = establishments(settings, geography.communes())
    filed = applications(settings, programme, register)
    measured = followed(settings, programme, filed)
    correction, published = settings.correction, settings.calendar.published
    for as_of in settings.calendar.month_ends:
        tables = _tables(as_of, register, filed, measured)
        if as_of == correction.as_of:
            wrong = [_entered_wrongly(application, correction) for application in filed]
            yield SimulatedSnapshot(as_of, 1, published(as_of, 1), _tables(as_of, register, wrong, measured))
            yield SimulatedSnapshot(as_of, 2, published(as_of, 2), tables)
        else:
            yield SimulatedSnapshot(as_of, 1, published(as_of, 1), tables)


def _entered_wrongly(application: Application, correction: Correction) -> Application:
    """The application as the first revision of the corrected snapshot has it."""
    place = (application.establishment.department_code, application.window)
    if place != (correction.department, correction.window):
        return application
    steps = ((day, correction.entered if decision == "accepted" else decision) for day, decision in application.steps)
    return replace(application, steps=tuple(steps))


def _tables(
    as_of: date, register: Sequence[Establishment], filed: Sequence[Application], measured: Sequence[Followed]
) -> dict[str, pa.Table]:
    """What was known on a day. A closed establishment leaves the register, unless a dossier refers to it."""
    filed = [application for application in filed if application.filed_on <= as_of]
    applicants = {application.establishment.finess for application in filed}
    accepted = {application.key for application in filed if application.on(as_of)[0] == "accepted"}
    return {
        "establishments": _table(
            ESTABLISHMENTS,
            (_establishment(e, as_of) for e in register if e.open_on(as_of) or e.finess in applicants),
        ),
        "applications": _table(APPLICATIONS, (_application(application, as_of) for application in filed)),
        "usages": _table(USAGES, (row for f in measured if f.application.key in accepted for row in _usages(f, as_of))),
    }


def _establishment(establishment: Establishment, as_of: date) -> Row:
    status, eligible = establishment.status_on(as_of), establishment.eligible and establishment.open_on(as_of)
    known = {"legal_status": status, "eligible": eligible, "activities": list(establishment.activities)}
    return tuple(known.get(c.name, getattr(establishment, c.name)) for c in ESTABLISHMENTS.columns)


def _application(application: Application, as_of: date) -> Row:
    decision, decided_on = application.on(as_of)
    grant = application.grant_eur if decision == "accepted" else None
    return (*application.key, application.filed_on, decision, decided_on, grant)


def _usages(followed: Followed, as_of: date) -> Iterator[Row]:
    for measure, reading in followed.on(as_of):
        threshold = measure.threshold if followed.threshold_known else None
        yield (
            *followed.application.key,
            measure.id,
            reading.numerator,
            reading.denominator,
            threshold,
            reading.status,
            reading.evaluated_on,
        )


def _table(table: Table, rows: Iterable[Row]) -> pa.Table:
    """Rows (in the order of the contract's columns) as a table, sorted by its key."""
    columns = list(zip(*rows, strict=True)) or [()] * len(table.columns)
    arrays = [pa.array(values, column.type) for values, column in zip(columns, table.columns, strict=True)]
    return pa.table(arrays, schema=table.schema).sort_by([(name, "ascending") for name in table.key])
