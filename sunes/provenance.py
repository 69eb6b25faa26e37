"""Where the figures come from: the revisions of the store and what each was made from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from sunes import engine, french
from sunes.manifest import MANIFEST, Manifest, SnapshotId
from sunes.schema import TABLES
from sunes.snapshots import Snapshot, Store

State = Literal["current", "superseded", "withdrawn", "damaged"]
Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Revision:
    """One folder of the store: a revision and where it stands, or a folder that is none (then `id` is None).

    `manifest` is None where it can't be read. `state_said` is the state as a sentence, with its reason.
    """

    id: SnapshotId | None
    folder: str
    manifest: Manifest | None
    state: State
    state_said: str


def revisions(store: Store) -> tuple[Revision, ...]:
    """Everything that the store holds, newest first: what stands, what was corrected, taken back or is damaged.

    Files are checked against their manifests; unchanged ones are read once per process.
    """
    snapshots = {snapshot.id: snapshot for snapshot in store.snapshots(withdrawn=True)}
    withdrawals = store.withdrawals()
    unreadable = {problem.file.split("/")[0]: problem for problem in store.damaged() if problem.file}
    damaged = {snapshot_id: p for folder, p in unreadable.items() if (snapshot_id := SnapshotId.of_folder(folder))}
    standing = {snapshot_id for snapshot_id in (*snapshots, *damaged) if snapshot_id not in withdrawals}
    newest = {snapshot_id.as_of: snapshot_id for snapshot_id in sorted(standing)}

    def state(snapshot_id: SnapshotId) -> tuple[State, str]:
        if snapshot_id in withdrawals:
            said = str(withdrawals[snapshot_id])
            return "withdrawn", french.typographic(f"{said[0].upper()}{said[1:]}")
        problems = damaged.get(snapshot_id) or next(iter(engine.sound((snapshots[snapshot_id],))[1]), None)
        if problems:
            return "damaged", french.typographic(f"Endommagée ({str(problems).removesuffix('.')})")
        if snapshot_id != newest[snapshot_id.as_of]:
            return "superseded", f"Remplacée par la révision {newest[snapshot_id.as_of].revision}"
        return "current", "En vigueur"

    found = [
        Revision(snapshot_id, snapshot_id.folder, _manifest(snapshots.get(snapshot_id)), *state(snapshot_id))
        for snapshot_id in sorted({*snapshots, *damaged, *withdrawals}, reverse=True)
    ]
    strangers = [
        Revision(None, folder, None, "damaged", french.typographic(f"Ignoré : {problem.message}"))
        for folder, problem in unreadable.items()
        if SnapshotId.of_folder(folder) is None
    ]
    return (*found, *strangers)


def revision_records(found: Sequence[Revision]) -> list[Record]:
    """Revisions under French headers: their state, the rows of each table, who published them and from what."""
    return [
        {
            "Situation au": french.short_day(revision.id.as_of) if revision.id else revision.folder,
            "Révision": str(revision.id.revision) if revision.id else french.UNKNOWN_MARK,
            "État": revision.state_said,
        }
        | _statement(revision.manifest)
        for revision in found
    ]


def revisions_finding(found: Sequence[Revision]) -> str:
    """How many revisions there are, over which time, and how many of them do not stand."""
    known = [revision for revision in found if revision.id]
    days = sorted({revision.id.as_of for revision in known if revision.id})
    if not days:
        return "Aucune situation n’est publiée."
    span = f"du {french.day(days[0])} au {french.day(days[-1])}" if days[1:] else f"au {french.day(days[0])}"
    counts = [
        french.count(number, one, many)
        for state, one, many in (
            ("superseded", "remplacée par une correction", "remplacées par une correction"),
            ("withdrawn", "retirée", "retirées"),
            ("damaged", "endommagée", "endommagées"),
        )
        if (number := sum(revision.state == state for revision in known))
    ]
    aside = f", dont {french.join(counts)}" if counts else ""
    dates = f"{french.count(len(days), 'situation')} {span}"
    return f"{dates} ; {french.count(len(known), 'révision')}{aside}.".replace(" ;", f"{french.NARROW_NBSP};")


def without_places(found: Sequence[Revision]) -> tuple[Revision, ...]:
    """The same revisions without what only who may mend the store has a use for: names of folders and of files."""
    return tuple(
        replace(each, state_said="Endommagée") if each.state == "damaged" else each for each in found if each.id
    )


def situation(snapshot: SnapshotId) -> str:
    """What a snapshot is called where one is chosen: no two have the same name."""
    corrected = f" (révision {snapshot.revision})" if snapshot.revision > 1 else ""
    return f"{french.day(snapshot.as_of)}{corrected}"


def published_on(manifest: Manifest) -> date | None:
    """The day on which a revision was published, as it was in Paris; None where its manifest doesn't say."""
    return french.local_day(manifest.published_at) if manifest.published_at else None


def nature(manifest: Manifest | None) -> str:
    """Whether data are « simulées » or « réelles », as far as it is known."""
    if manifest is None:
        return french.UNKNOWN_MARK
    return "simulées" if manifest.simulated else "réelles"


def _manifest(snapshot: Snapshot | None) -> Manifest | None:
    return snapshot.manifest if snapshot else None


# What the rows of each table are. A dossier that asks for two volets has two, and « candidatures » alone are dossiers.
_COUNTED = {
    "establishments": "Établissements",
    "applications": "Candidatures par volet",
    "usages": "Indicateurs suivis",
}


def _statement(manifest: Manifest | None) -> Record:
    """What a manifest says, « – » for what it leaves out."""
    unknown = french.UNKNOWN_MARK
    tables = manifest.tables if manifest else {}
    rows = {name: tables[name].rows if name in tables else None for name in TABLES}
    titles = dict.fromkeys(source.title for source in (manifest.sources or ())) if manifest else {}
    return {
        "Données": nature(manifest),
        **{_COUNTED[name]: french.in_table(french.number(count)) for name, count in rows.items()},
        "Publiée le": french.in_table(french.short_day(published_on(manifest))) if manifest else unknown,
        "Par": (manifest.published_by if manifest else None) or unknown,
        "Origine": " ; ".join(titles) or unknown,
    }


# One revision --------------------------------------------------------------------------------------------------------


def published_said(manifest: Manifest) -> str:
    """Who published a revision and when, and whether its data are real, as one sentence."""
    day = published_on(manifest)
    when = f" le {french.day(day)}" if day else " à une date non connue"
    by = f" par {manifest.published_by}" if manifest.published_by else ", sans nom d’auteur"
    return (
        f"Situation au {french.day(manifest.as_of)}, révision {manifest.revision}, publiée{when}{by}. "
        f"Ses données sont {nature(manifest)}."
    )


def table_records(snapshot: Snapshot) -> list[Record]:
    """The Parquet files of a snapshot: what each holds, how many rows, its checksum shortened."""
    published = snapshot.manifest.tables
    return [
        {
            "Table": table.label.capitalize(),
            "Fichier": snapshot.file(name).name,
            "Lignes": french.in_table(french.number(published[name].rows if name in published else None)),
            "SHA-256": shortened(published[name].sha256 if name in published else None),
        }
        for name, table in TABLES.items()
    ]


def source_records(manifest: Manifest) -> list[Record]:
    """The files that a snapshot was made from; none where the manifest states them in a shape that is not ours."""
    return [
        {
            "Titre": source.title,
            "Éditeur": source.publisher or french.UNKNOWN_MARK,
            "Fichier": source.file_name or french.UNKNOWN_MARK,
            "SHA-256": shortened(source.sha256),
            "Consulté le": french.in_table(french.short_day(source.accessed)),
            "Licence": source.licence or french.UNKNOWN_MARK,
        }
        for source in manifest.sources or ()
    ]


def checks_said(manifest: Manifest) -> list[str]:
    """What the publisher verified or remarked, one sentence each, in whatever shape the manifest says it."""
    stated = manifest.checks
    if isinstance(stated, Mapping):
        items: Sequence[object] = [{"name": name, "result": result} for name, result in stated.items()]
    else:
        items = stated if isinstance(stated, list | tuple) else [stated] if stated else []
    return [french.typographic(_check_said(item)) for item in items]


def _check_said(item: object) -> str:
    parts = [str(part) for part in (item.values() if isinstance(item, Mapping) else [item])]
    return " : ".join((*parts[:1], *map(french.after_colon, parts[1:])))


def verified_said(snapshot: Snapshot) -> str:
    """What sunes itself holds a snapshot to before it shows a figure of it, as far as its manifest allows."""
    entries = [snapshot.manifest.tables.get(name) for name in TABLES]
    against = "conformes à leur empreinte" if all(e and e.sha256 for e in entries) else "sans empreinte à vérifier"
    return french.typographic(f"À l’ouverture : fichiers lisibles, dans les colonnes du contrat, {against}.")


def checksums(snapshot: Snapshot) -> str:
    """Every checksum in full, as `sha256sum -c` reads it: one line for each file whose checksum is known."""
    manifest = snapshot.manifest
    tables = [(manifest.tables[n].sha256, snapshot.file(n).name) for n in TABLES if n in manifest.tables]
    sources = [(source.sha256, source.file_name or source.title) for source in manifest.sources or ()]
    return "\n".join(f"{digest}  {name}" for digest, name in (*tables, *sources) if digest)


def shortened(digest: str | None) -> str:
    """« edca9ea5…2b10298 »: enough of a checksum to compare it by eye."""
    if not digest:
        return french.UNKNOWN_MARK
    return digest if len(digest) <= 20 else f"{digest[:8]}…{digest[-7:]}"


def files(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    """The files of a snapshot to download: what each is, its name in the folder of the snapshot, its media type."""
    for name, table in TABLES.items():
        yield table.label.capitalize(), snapshot.file(name).name, "application/vnd.apache.parquet"
    yield "Manifeste", MANIFEST, "application/json"
