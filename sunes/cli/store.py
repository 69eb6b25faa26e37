"""The commands on a store: `snapshots …` and `simulate`."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer

from sunes import french
from sunes.cli.options import DataOption, FormatOption, open_store, operator
from sunes.cli.output import Format, say, write, write_table
from sunes.cli.speech import DATA_SAY_NO, Command, Commands, complain
from sunes.errors import Problem
from sunes.provenance import checks_said, published_on
from sunes.records import SNAPSHOT_FIELDS, snapshot_records
from sunes.schema import TABLES
from sunes.snapshots import Snapshot, SnapshotId, Store

snapshots = typer.Typer(cls=Commands, help="Lister, montrer, vérifier, retirer et rétablir les situations.")
command = partial(snapshots.command, cls=Command)

Reference = Annotated[
    str, typer.Argument(metavar="SITUATION", help="Une date (2024-06-30), une révision (2024-06-30~1) ou latest.")
]

_STATES = {"current": "en vigueur", "replaced": "remplacée", "withdrawn": "retirée"}
_SHOWN = (*SNAPSHOT_FIELDS, "schema_version", "sources", "checks")
_PROBLEM = ("file", "key", "line", "column", "value", "message")


@command("list")
def list_snapshots(ctx: typer.Context, output: FormatOption = Format.TABLE, data: DataOption = None) -> None:
    """Lister les situations, avec toutes leurs révisions."""
    store = open_store(ctx, data)
    found = store.snapshots(withdrawn=True)
    _write_list(store, found, output)
    if not found and not store.damaged():
        say(f"« {store.where} » ne contient aucune situation.", output)
    if damaged := store.damaged():
        complain(*map(str, damaged))
        raise typer.Exit(DATA_SAY_NO)


@command("show")
def show(
    ctx: typer.Context, reference: Reference = "latest", output: FormatOption = Format.TABLE, data: DataOption = None
) -> None:
    """Montrer ce qu’une situation dit d’elle-même : état, sources, vérifications."""
    store = open_store(ctx, data)
    snapshot = store.resolve(reference)
    manifest = snapshot.manifest
    (record,) = snapshot_records(store, [snapshot])
    record |= manifest.model_dump(mode="json", include={*_SHOWN} - {*SNAPSHOT_FIELDS})

    def for_people() -> None:
        published = french.day(published_on(manifest))
        say(f"Situation au {french.day(snapshot.as_of)}, révision {snapshot.revision} ({_STATES[record['state']]})")
        say(f"Données {_nature(record)}, publication : {published}, par : {manifest.published_by or french.UNKNOWN}")
        for name, table in TABLES.items():
            say(f"{table.label.capitalize()} : {french.number(record[name])}")
        for source in manifest.sources or ():
            known = filter(None, (source.title, source.publisher, source.file_name, source.licence))
            say(f"Source : {' – '.join(known)}")
        for check in checks_said(manifest):
            say(f"Vérification : {check}")

    write(output, [record], _SHOWN, for_people)


@command("verify")
def verify(
    ctx: typer.Context,
    reference: Annotated[
        str | None,
        typer.Argument(metavar="SITUATION", help="Une date, une révision ou latest ; à défaut, tout est vérifié."),
    ] = None,
    output: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Vérifier empreintes, colonnes et lignes ; le code de sortie est 1 au moindre problème."""
    store = open_store(ctx, data)
    found: list[tuple[str | None, Problem]] = []
    if reference is None:
        found = [(None, problem) for problem in store.damaged()]
    pins = [snapshot.id.pin for snapshot in store.snapshots()] if reference is None else [reference]
    if not pins and not found:
        store.resolve()  # says that there is nothing
    found += [(pin, problem) for pin in pins for problem in store.verify(pin)]

    def for_people() -> None:
        if not found:
            say(f"Aucun problème : {french.count(len(pins), 'situation vérifiée')}.")

    records = [{"snapshot": pin, **{field: getattr(problem, field) for field in _PROBLEM}} for pin, problem in found]
    write(output, records, ("snapshot", *_PROBLEM), for_people)
    if found:
        complain(*(f"{pin}, {problem}" if pin else str(problem) for pin, problem in found))
        raise typer.Exit(DATA_SAY_NO)


@command("withdraw")
def withdraw(
    ctx: typer.Context,
    reference: Reference,
    reason: Annotated[str, typer.Option("--reason", metavar="MOTIF", help="Pourquoi elle est retirée.")],
    by: Annotated[str | None, typer.Option("--by", metavar="NOM", help="Qui la retire.")] = None,
    output: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Retirer une révision : la précédente redevient celle de la date, rien n’est effacé."""
    _tell(open_store(ctx, data).withdraw(reference, reason, operator(by)), "withdrawn", output)


@command("restore")
def restore(
    ctx: typer.Context, reference: Reference, output: FormatOption = Format.TABLE, data: DataOption = None
) -> None:
    """Rétablir une révision retirée."""
    _tell(open_store(ctx, data).restore(reference, operator()), "restored", output)


def simulate(ctx: typer.Context, output: FormatOption = Format.TABLE, data: DataOption = None) -> None:
    """Écrire les données simulées dans un dossier de données vide."""
    from sunes.simulate import publish_all

    store = open_store(ctx, data)
    _write_list(store, publish_all(store), output)


def _tell(snapshot_id: SnapshotId, state: str, output: Format) -> None:
    done = {"withdrawn": "retirée", "restored": "rétablie"}[state]
    record = {"snapshot": snapshot_id.as_of.isoformat(), "revision": snapshot_id.revision, "state": state}
    write(
        output,
        [record],
        list(record),
        lambda: say(f"Situation au {french.day(snapshot_id.as_of)}, révision {snapshot_id.revision} : {done}."),
    )


def _write_list(store: Store, found: Sequence[Snapshot], output: Format) -> None:
    records = snapshot_records(store, found)

    def for_people() -> None:
        rows = [
            (
                french.day(snapshot.as_of),
                str(snapshot.revision),
                _STATES[record["state"]],
                _nature(record),
                *(french.in_table(french.number(record[name])) for name in TABLES),
            )
            for snapshot, record in zip(found, records, strict=True)
        ]
        if rows:
            tables = [table.label.capitalize() for table in TABLES.values()]
            write_table(("Situation au", "Révision", "État", "Données", *tables), rows, left=4)

    write(output, records, SNAPSHOT_FIELDS, for_people)


def _nature(record: dict[str, Any]) -> str:
    return "simulées" if record["simulated"] else "réelles"
