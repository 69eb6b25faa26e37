"""The command `aggregate`: logs of documents and of stays become rows of `usages`."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer

from sunes import french
from sunes.aggregation import STEPS, Aggregate, aggregate
from sunes.aggregation.engines import open_engine
from sunes.aggregation.report import sentences
from sunes.aggregation.rollup import month_number
from sunes.aggregation.usages import Request
from sunes.cli.exporting import progress, target_file
from sunes.cli.options import DataOption, FormatOption, open_store, parse_day
from sunes.cli.output import Format, say, write, write_table
from sunes.cli.speech import complain
from sunes.errors import DataError, UsageError
from sunes.export.files import save
from sunes.export.parquet import table_parquet
from sunes.export.plain import to_csv
from sunes.programme import Programme, load_programme
from sunes.schema import USAGES
from sunes.snapshots import Snapshot, Store

_FIELDS = USAGES.schema.names
_option = partial(typer.Option, show_default=False)


class EngineName(StrEnum):
    """Where the documents are counted."""

    DUCKDB = "duckdb"
    PYSPARK = "pyspark"


def aggregate_documents(
    ctx: typer.Context,
    events: Annotated[
        list[str],
        typer.Argument(
            metavar="JOURNAUX",
            help="Fichiers Parquet ou dossiers qui en contiennent : documents envoyés, séjours. "
            "Leurs colonnes disent ce qu’ils sont.",
        ),
    ],
    as_of: Annotated[str, _option("--as-of", metavar="DATE", help="Jour demandé : 2024-06-30 ou 30/06/2024.")],
    output: Annotated[
        list[Path] | None,
        _option("--output", "-o", metavar="FICHIER", help="Le fichier à écrire, .csv ou .parquet (répétable)."),
    ] = None,
    window: Annotated[
        list[int] | None, _option("--window", metavar="FENÊTRE", help="Ne mesurer que cette fenêtre (répétable).")
    ] = None,
    since: Annotated[
        str | None,
        _option("--from", metavar="MOIS", help="Premier mois mesuré : 2024-01. À défaut, le premier des séjours."),
    ] = None,
    until: Annotated[
        str | None,
        _option(
            "--until", metavar="MOIS", help="Dernier mois mesuré : 2024-06. À défaut, l’échéance publiée ou le dernier."
        ),
    ] = None,
    threshold: Annotated[
        list[str] | None,
        _option(
            "--threshold",
            metavar="INDICATEUR=PART",
            help="Seuil d’un indicateur, par exemple lettre_liaison=0,7 (répétable). Sans seuil, rien n’est évalué.",
        ),
    ] = None,
    snapshot: Annotated[
        str | None,
        _option(
            "--snapshot",
            metavar="SITUATION",
            help="Situation du registre et des candidatures. À défaut, la dernière au jour demandé.",
        ),
    ] = None,
    engine: Annotated[
        EngineName, typer.Option("--engine", metavar="duckdb|pyspark", help="Moteur : duckdb ou pyspark.")
    ] = EngineName.DUCKDB,
    memory: Annotated[
        str | None,
        _option("--memory", metavar="TAILLE", help="Mémoire que duckdb peut prendre, par exemple 4GB."),
    ] = None,
    form: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Compter les documents de journaux Parquet et en faire des lignes d’usages, à importer ensuite.

    Chaque document compte une fois, quels que soient ses doublons et ses remplacements. Ce qui est écarté est dit.
    """
    programme = load_programme()
    targets = [_target(path) for path in output or ()]
    request = _request(programme, as_of, since, until, window or (), threshold or ())
    if memory and engine is not EngineName.DUCKDB:
        raise UsageError("--memory est pour duckdb ; pour pyspark, la mémoire se règle par spark-submit.")
    size = _memory(memory)
    store = open_store(ctx, data)
    known = _snapshot(store, snapshot, request.as_of)
    with progress("Agrégation", len(STEPS)) as tell, open_engine(engine.value, size) as opened:
        made = aggregate(opened, events, known, programme, request, tell)
    for sentence in sentences(made):
        say(sentence, form)
    if not made.measured.rows:
        raise DataError(
            "aucune ligne d’usage n’en résulte, rien n’est écrit ; voyez ci-dessus ce qui est laissé de côté."
        )
    write(form, made.measured.rows, _FIELDS, lambda: _show(made, programme))
    for target in targets:
        save(target, _content(target, made.measured.rows))
        say(f"Usages : « {target} ».", form)


def _target(path: Path) -> Path:
    suffix = path.suffix.lower()
    return target_file(path, suffix if suffix in (".csv", ".parquet") else ".csv", "un fichier d’usages")


def _content(target: Path, rows: Sequence[dict[str, Any]]) -> bytes:
    if target.suffix.lower() == ".csv":
        return to_csv(_FIELDS, rows).encode()
    return table_parquet(pa.Table.from_pylist(list(rows), schema=USAGES.schema))


def _request(
    programme: Programme,
    as_of: str,
    since: str | None,
    until: str | None,
    windows: Sequence[int],
    thresholds: Sequence[str],
) -> Request:
    unknown = [number for number in windows if number not in programme.window_numbers]
    if unknown:
        possible = ", ".join(map(str, programme.window_numbers))
        raise UsageError(f"--window : « {unknown[0]} » n’existe pas (possibles : {possible}).")
    first, last = _month("--from", since), _month("--until", until)
    if first is not None and last is not None and first > last:
        raise UsageError(f"--from ({since}) est après --until ({until}) ; corrigez l’un des deux.")
    shares = dict(_share(programme, text) for text in thresholds)
    return Request(parse_day("--as-of", as_of), first, last, tuple(windows), shares)


def _month(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            return month_number(date.fromisoformat(f"{text}-01"))
    except ValueError:
        pass
    raise UsageError(f"{option} : « {text} » n’est pas un mois ; écrivez par exemple 2024-06.")


def _share(programme: Programme, text: str) -> tuple[str, Decimal]:
    indicator, _, value = (part.strip() for part in text.partition("="))
    known = [each.id for each in programme.indicators]
    if indicator not in known:
        raise UsageError(f"--threshold : l’indicateur « {indicator} » n’existe pas (possibles : {', '.join(known)}).")
    try:
        share = Decimal(value.replace(",", "."))
    except InvalidOperation:
        share = Decimal(0)
    if not (share.is_finite() and 0 < share <= 1):
        raise UsageError(f"--threshold : « {text} » ne donne pas une part entre 0 et 1 ; écrivez {indicator}=0,7.")
    return indicator, share


def _memory(text: str | None) -> str | None:
    if text is None or re.fullmatch(r"[1-9]\d*(\.\d+)? ?[MG]i?B", text):
        return text
    raise UsageError(f"--memory : « {text} » n’est pas une taille ; écrivez par exemple 4GB ou 500MB.")


def _snapshot(store: Store, reference: str | None, as_of: date) -> Snapshot:
    if reference is not None:
        return store.resolve(reference)
    complain(*map(str, store.damaged()), label="Laissé de côté")
    known = store.history(until=as_of)
    if not known:
        raise DataError(
            f"« {store.where} » n’a aucune situation au {french.day(as_of)} ni avant ; "
            "importez le registre et les candidatures, ou choisissez une situation par --snapshot."
        )
    return known[-1]


def _show(made: Aggregate, programme: Programme) -> None:
    """For people: a line per window and indicator. No sum of establishments over windows: they come back."""
    lines = []
    for period in made.measured.periods:
        for indicator in programme.indicators:
            rows = [r for r in made.measured.rows if (r["window"], r["indicator"]) == (period.window, indicator.id)]
            if rows:
                statuses = [row["status"] for row in rows]
                figures = (
                    len(rows),
                    sum(row["numerator"] for row in rows),
                    sum(row["denominator"] is None for row in rows),
                    *(statuses.count(status) for status in ("attained", "missed", "not_evaluated")),
                )
                lines.append([str(period.window), indicator.name, *map(french.number, figures)])
    headers = ("Fenêtre", "Indicateur", "Établissements", "Documents", "Séjours inconnus")
    write_table([*headers, "Atteints", "Non atteints", "Non évalués"], lines, left=2)
