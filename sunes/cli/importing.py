"""The command `import`: files are checked together, shown, and published."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sunes import french
from sunes.cli.options import DataOption, FormatOption, open_store, operator, parse_day
from sunes.cli.output import Format, say, write, write_table
from sunes.definitions import load_definitions
from sunes.errors import DataError, UsageError
from sunes.export.csv import file_name, records_csv
from sunes.ingest import Prepared, Report, note_files, prepare, publish, rejected_records
from sunes.ingest.readers.template import template
from sunes.insights import effect
from sunes.programme import Programme, load_programme
from sunes.schema import TABLES

_Files = list[Path] | None
_file = partial(typer.Option, metavar="FICHIER")
_flag = partial(typer.Option, metavar="")

# What `--complete` takes: the options of the files, by the table that they fill.
_TOLD = 20
_FIELDS = (
    *("table", "kind", "file", "sheet", "sha256", "encoding", "separator"),
    *("read", "kept", "repaired", "rejected", "left_aside"),
)
_TABLES = {"register": "establishments", "applications": "applications", "usages": "usages"}


def import_data(
    ctx: typer.Context,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Jour que les données décrivent : 2024-06-30 ou 30/06/2024."),
    ] = None,
    register: Annotated[_Files, _file("--register", help="Registre des établissements (répétable).")] = None,
    applications: Annotated[_Files, _file("--applications", help="Candidatures (répétable).")] = None,
    usages: Annotated[_Files, _file("--usages", help="Usages mesurés (répétable).")] = None,
    complete: Annotated[
        list[str] | None,
        typer.Option(
            "--complete",
            metavar="TABLE",
            help="Les fichiers de cette table complètent la situation précédente au lieu de la remplacer : "
            f"{', '.join(_TABLES)} (répétable).",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column", metavar="SENS=COLONNE", help="Ce que contient une colonne, si elle n’est pas reconnue."
        ),
    ] = None,
    published_by: Annotated[
        str | None, typer.Option("--published-by", metavar="NOM", help="Qui publie, pour le manifeste.")
    ] = None,
    rejected: Annotated[
        Path | None,
        typer.Option("--rejected", metavar="DOSSIER", help="Où écrire une copie des lignes rejetées, à corriger."),
    ] = None,
    without_rejected: Annotated[bool, _flag("--without-rejected", help="Publier sans les lignes rejetées.")] = False,
    confirm: Annotated[bool, _flag("--confirm", help="Confirmer les avertissements.")] = False,
    dry_run: Annotated[bool, _flag("--dry-run", help="Tout vérifier sans rien publier.")] = False,
    template_file: Annotated[
        Path | None,
        _file("--template", help="Écrire un classeur modèle à remplir, et ne rien faire d’autre."),
    ] = None,
    output: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Vérifier des fichiers et les publier comme situation d’un jour : tout, ou rien au moindre problème.

    Ce qui n’est pas donné est repris de la situation précédente, si elle n’est pas simulée.
    """
    programme = load_programme()
    if template_file:
        _write_file(template_file, template(programme))
        say(f"Classeur modèle : « {template_file} ».", output)
        return
    if as_of is None:
        raise UsageError("l’option --as-of est obligatoire ; voir « python -m sunes import --help ».")
    files = {"establishments": register or (), "applications": applications or (), "usages": usages or ()}
    names = [path.name for own in files.values() for path in own]
    prepared = prepare(
        open_store(ctx, data),
        programme,
        files,
        as_of=parse_day("--as-of", as_of),
        by=operator(published_by),
        complete=[_table(name) for name in complete or ()],
        said=dict.fromkeys(names, _said(column)) if column else None,
    )
    if rejected:
        _write_rejected(prepared.report, rejected, output)
    _show_cautions(prepared.report, output)
    if output is Format.TABLE and not prepared.report.blocking:
        _show_effects(prepared, programme)
    prepared.report.ensure_publishable(without_rejected=without_rejected, confirmed=True)
    if prepared.report.cautions and not confirm:
        raise DataError("rien n’est publié : vérifiez les avertissements, puis confirmez-les avec --confirm.")
    report = prepared.report
    if not dry_run:
        note_files(open_store(ctx, data), prepared, operator(published_by))
        report = publish(
            open_store(ctx, data),
            programme,
            prepared,
            by=operator(published_by),
            without_rejected=without_rejected,
            confirmed=confirm,
        )
    _write_report(report, output)


def _table(name: str) -> str:
    try:
        return _TABLES[name]
    except KeyError:
        raise UsageError(f"--complete : « {name} » n’est pas une table ; choisissez {', '.join(_TABLES)}.") from None


def _said(texts: Sequence[str]) -> dict[str, str]:
    """Meaning → column, from « sens=colonne »."""
    pairs = [text.partition("=")[::2] for text in texts]
    if wrong := [text for text, (_, column) in zip(texts, pairs, strict=True) if not column]:
        raise UsageError(f"--column : « {wrong[0]} » n’est pas de la forme SENS=COLONNE.")
    return {meaning.strip(): column.strip() for meaning, column in pairs}


def _write_rejected(report: Report, folder: Path, output: Format) -> None:
    """A CSV file of the rejected lines for each table that has some."""
    for name, table in TABLES.items():
        lines = [line for line in report.rejected if line.table == name]
        if lines:
            path = folder / file_name("rejets", table.label, report.as_of.isoformat(), suffix="csv")
            _write_file(path, records_csv(rejected_records(lines)))
            say(f"{french.count(len(lines), 'ligne rejetée')} : « {path} ».", output)


def _write_file(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise DataError(f"« {path} » ne peut pas être écrit ({error.strerror}) ; choisissez un autre nom.") from error


def _show_cautions(report: Report, output: Format) -> None:
    for caution in report.cautions:
        say(f"Avertissement : {caution}", output)
        for about in caution.about[:_TOLD]:
            say(f"  – {about}", output)
        if (more := len(caution.about) - _TOLD) > 0:
            say(f"  … et {french.count(more, 'autre')}.", output)


def _show_effects(prepared: Prepared, programme: Programme) -> None:
    compared = prepared.report.compared
    if compared is None:
        say("Première situation réelle : il n’y a rien à comparer.")
        return
    found = prepared.effects(programme)
    say(f"Au regard de la situation au {french.day(compared.as_of)} : {effect.finding(found)}")
    records = effect.records(found, load_definitions(), programme)
    if records:
        write_table(list(records[0]), [list(record.values()) for record in records], left=3)


def _write_report(report: Report, output: Format) -> None:
    def for_people() -> None:
        for file in report.files:
            sheet = f", feuille « {file.sheet} »" if file.sheet else ""
            say(f"{file.kind}, « {file.file} »{sheet} : {file.summary}.")
        for repair in report.repairs[:_TOLD]:
            say(f"Réparé : {repair}")
        if (more := len(report.repairs) - _TOLD) > 0:
            say(f"… et {french.count(more, 'autre réparation')}.")

    records = [
        {
            "snapshot": report.as_of.isoformat(),
            "revision": report.snapshot and report.snapshot.revision,
            **{field: getattr(file, field) for field in _FIELDS},
        }
        for file in report.files
    ]
    write(output, records, list(records[0]), for_people)
    for note in report.notes:
        say(note, output)
    if report.snapshot:
        where = f"publiée dans « {report.snapshot.where} » (révision {report.snapshot.revision})"
    else:
        where = "vérifiée ; rien n’est publié (essai)"
    parts = french.join([french.count(report.rows[name], table.label[:-1]) for name, table in TABLES.items()])
    say(f"Situation au {french.day(report.as_of)} {where} : {parts}.", output)
