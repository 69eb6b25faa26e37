"""The commands that compute: `metrics` and `reconcile`."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from sunes import engine, french, geography, metrics, published, questions
from sunes.access.people import EVERYTHING
from sunes.cli.options import DataOption, FormatOption, open_store
from sunes.cli.output import Format, say, write, write_table
from sunes.cli.speech import DATA_SAY_NO, complain
from sunes.definitions import load_definitions
from sunes.metrics import KEYS, METRICS, Answer
from sunes.programme import Programme, load_programme
from sunes.published import Comparison
from sunes.records import metric_fields
from sunes.tables import readable

_Codes = list[str] | None


def show_metrics(
    ctx: typer.Context,
    by: Annotated[
        _Codes, typer.Option("--by", metavar="CLÉS", help=f"Une ligne par groupe ; clés possibles : {', '.join(KEYS)}.")
    ] = None,
    region: Annotated[_Codes, typer.Option("--region", metavar="CODES", help="Codes INSEE de régions : 76,11.")] = None,
    department: Annotated[
        _Codes, typer.Option("--department", metavar="CODES", help="Codes de départements : 31,2A.")
    ] = None,
    window: Annotated[_Codes, typer.Option("--window", metavar="NUMÉROS", help="Fenêtres : 1,2.")] = None,
    volet: Annotated[_Codes, typer.Option("--volet", metavar="VOLET", help="Volet du programme : dmp ou mss.")] = None,
    legal_status: Annotated[
        _Codes, typer.Option("--legal-status", metavar="STATUTS", help="Statuts juridiques : public, espic, private.")
    ] = None,
    finess: Annotated[_Codes, typer.Option("--finess", metavar="NUMÉROS", help="Numéros FINESS.")] = None,
    snapshot: Annotated[
        str | None,
        typer.Option("--snapshot", metavar="SITUATION", help="Une date, une révision (2024-06-30~1) ou latest."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Avec --by snapshot : première situation.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Avec --by snapshot : dernière situation.")
    ] = None,
    output: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Calculer participation et atteinte des cibles, au total ou par groupe."""
    store, programme = open_store(ctx, data), load_programme()
    given = {
        "by": by,
        "region": region,
        "department": department,
        "window": window,
        "volet": volet,
        "status": legal_status,
        "finess": finess,
        "snapshot": snapshot and [snapshot],
        "since": since and [since],
        "until": until and [until],
    }
    question = questions.read({name: values for name, values in given.items() if values}, programme, _option)
    found = questions.snapshots(store, question, _option)
    if question.over_time:
        complain(*map(str, store.damaged()), label="Laissé de côté")
    answer = metrics.answer(engine.frames(found, EVERYTHING), question.view, question.by, programme=programme)
    write(output, answer.rows, metric_fields(answer.by), lambda: _write_answer(answer, programme))


def _option(name: str, value: str = "") -> str:
    return f"--{name} {value}".strip()


def _write_answer(answer: Answer, programme: Programme) -> None:
    definitions = load_definitions()
    if not answer.rows:
        say("Aucun établissement ne correspond.")
    elif answer.by:
        lines = readable(answer, _columns(answer), definitions, programme)
        cells = [list(line.values()) for line in lines]
        legend = [french.UNKNOWN_LEGEND] if any(french.UNKNOWN_MARK in line for line in cells) else []
        write_table(list(lines[0]), cells, left=len(answer.by), caption="\n".join([_provenance(answer), *legend]))
    else:
        row = answer.rows[0]
        asked = (None, "volet") if answer.view.volet else (None,)
        names = [name for name in METRICS if definitions[name].needs in asked]
        write_table(
            ("Indicateur", "Valeur"),
            [(definitions[name].label, definitions[name].format(row[name])) for name in names],
            caption=_provenance(answer),
        )
        if not answer.view.volet:
            say("L’atteinte des cibles se calcule par volet : ajoutez --volet ou --by volet.")


def _provenance(answer: Answer) -> str:
    """Which snapshot the figures come from, and whether it is simulated."""
    simulated = {row["simulated"] for row in answer.rows}
    nature = "données réelles" if simulated == {False} else "données simulées"
    if len(simulated) > 1:
        nature = "données en partie simulées"
    if "snapshot" in answer.by:
        return nature.capitalize()
    row = answer.rows[0]
    return f"Situation au {french.day(date.fromisoformat(row['snapshot']))} (révision {row['revision']}) – {nature}"


def _columns(answer: Answer) -> list[str]:
    """The metrics that a line of a terminal has room for: those that make sense of the groups."""
    columns = ["eligible", "applicants", "participation_rate"]
    columns += ["accepted", "newcomers"] if "window" in answer.by else ["accepted"]
    if "volet" in answer.by or answer.view.volet:
        return [*columns, "attained", "attainment_rate", "target_rate", "gap_establishments"]
    return [*columns, "acceptance_rate", "grants_eur"]


_VERDICTS = {
    "equal": "égal",
    "explained": "différent, expliqué",
    "unexplained": "DIFFÉRENT",
    "not_computable": "non calculable",
}


def reconcile(ctx: typer.Context, output: FormatOption = Format.TABLE, data: DataOption = None) -> None:
    """Comparer les chiffres publiés et les chiffres calculés à leur date.

    Le code de sortie est 1 quand un chiffre qui devrait être égal ne l’est pas.
    """
    store, programme = open_store(ctx, data), load_programme()
    store.resolve()  # a store without anything agrees with nothing
    comparisons = published.reconcile(store, programme)
    records = [
        {
            "id": c.figure.id,
            "region": c.figure.region,
            "label": c.figure.label,
            "metric": c.figure.metric,
            "published": float(c.figure.value),
            "computed": c.computed,
            "snapshot": c.snapshot and c.snapshot.as_of.isoformat(),
            "revision": c.snapshot and c.snapshot.revision,
            "simulated": c.snapshot and c.snapshot.simulated,
            "verdict": c.verdict,
            "ok": c.ok,
            "explanation": c.explanation,
            "source": c.figure.source,
        }
        for c in comparisons
    ]
    write(output, records, list(records[0]), lambda: _write_comparisons(comparisons, programme))
    if not all(c.ok for c in comparisons):
        raise typer.Exit(DATA_SAY_NO)


def _write_comparisons(comparisons: Sequence[Comparison], programme: Programme) -> None:
    definitions = load_definitions()
    rows = [
        (
            geography.region(c.figure.region).name if c.figure.region else "France",
            c.figure.label,
            c.figure.shown,
            "–" if c.computed is None or c.figure.metric is None else definitions[c.figure.metric].format(c.computed),
            french.short_day(c.snapshot.as_of) if c.snapshot else "–",
            _VERDICTS[c.verdict],
        )
        for c in comparisons
    ]
    headers = ("Territoire", "Chiffre publié", "Publié", "Calculé", "Situation au", "Verdict")
    simulated = any(c.snapshot and c.snapshot.simulated for c in comparisons)
    write_table(headers, rows, left=2, caption="Données simulées" if simulated else "")
    for c in comparisons:
        if c.verdict != "equal":
            say(f"{c.figure.label} – {c.figure.shown} : {c.explanation}")
    for key in dict.fromkeys(c.figure.source for c in comparisons):
        say(f"Source {key} : {programme.sources[key]}")
