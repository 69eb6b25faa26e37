"""Documents sent, rolled up into the `usages` of a snapshot: the part that meets each document runs on an engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sunes.aggregation import logs
from sunes.aggregation.engines import Engine
from sunes.aggregation.rollup import Documents, count_documents, count_stays
from sunes.aggregation.stays import Stays, read_stays
from sunes.aggregation.usages import Measured, Request, last_whole_month, measure
from sunes.errors import DataError
from sunes.programme import Programme
from sunes.snapshots import Snapshot, read

STEPS = ("Lecture des journaux", "Séjours", "Documents", "Usages")


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The rows of `usages` and how they came about. `stays` holds nothing where no log of stays was given."""

    request: Request
    snapshot: Snapshot
    documents: Documents
    stays: Stays
    measured: Measured


def aggregate(
    engine: Engine,
    events: Sequence[str],
    snapshot: Snapshot,
    programme: Programme,
    request: Request,
    tell: Callable[[str], None] = lambda step: None,
) -> Aggregate:
    """Roll logs of documents and of stays up into usages of the accepted dossiers of a snapshot.

    `tell` is called with the name of each of `STEPS` as it begins. Raises UsageError for a path where there is no log,
    DataError where a log is damaged, has other columns, or where there is none of documents.
    """
    tell(STEPS[0])
    tables = read(snapshot)
    register = tables["establishments"].column("finess").to_pylist()
    accepted = [
        (row["finess"], row["window"], row["volet"])
        for row in tables["applications"].to_pylist()
        if row["decision"] == "accepted"
    ]
    found = logs.read(engine, events)
    if logs.DOCUMENTS not in found:
        raise DataError("aucun journal de documents n’est donné ; ajoutez-en un (colonnes finess, sent_at, …).")
    tell(STEPS[1])
    rows = count_stays(engine, found[logs.STAYS], register) if logs.STAYS in found else []
    stays = read_stays(rows, last_whole_month(request.as_of))
    tell(STEPS[2])
    documents = count_documents(engine, found[logs.DOCUMENTS], register, programme, request.as_of)
    tell(STEPS[3])
    measured = measure(programme, request, accepted, documents.series, stays)
    return Aggregate(request, snapshot, documents, stays, measured)
