"""The third step: what was read, what is wrong, what was put right, what has to be confirmed."""

from collections.abc import Sequence

import streamlit as st

from sunes import french
from sunes.errors import Problem
from sunes.export.csv import file_name, records_csv
from sunes.ingest import Report, rejected_records
from sunes.schema import TABLES
from sunes.ui import sources
from sunes.ui.errors import plain
from sunes.ui.importer.draft import Draft, go


def show(made: Draft) -> None:
    """What was read, what is wrong, what was put right and what has to be confirmed."""
    report = made.checked.report
    st.markdown(f"**{plain(_verdict(report))}**")
    sources.table(_file_records(report), "Ce qui a été lu")
    sources.bullets(report.notes) if report.notes else None
    if report.blocking:
        st.subheader("À corriger dans les fichiers", anchor=False)
        sources.table(_problem_records(report.blocking), "Ce qui empêche de publier", long=True)
    if report.rejected:
        _rejected(made, report)
    if report.cautions:
        _cautions(made, report)
    if report.repairs:
        with st.expander(french.count(len(report.repairs), "réparation certaine", "réparations certaines")):
            sources.table(_problem_records(report.repairs), "Réparations", csv="reparations", long=True)
    back, on = st.columns(2)
    back.button("Revenir aux fichiers", on_click=go, args=("files",), icon=":material/arrow_back:")
    if not report.blocking:
        on.button("Voir ce qui changerait", type="primary", on_click=go, args=("preview",))


def _verdict(report: Report) -> str:
    if report.blocking:
        what = french.count(len(report.blocking), "problème empêche", "problèmes empêchent")
        return f"{what} de publier ; corrigez les fichiers, puis donnez-les de nouveau."
    parts = [french.count(len(report.rejected), "ligne rejetée")] if report.rejected else []
    parts += [french.count(len(report.cautions), "avertissement à confirmer", "avertissements à confirmer")] * bool(
        report.cautions
    )
    return f"Les fichiers sont lisibles : {french.join(parts)}." if parts else "Aucun problème : tout peut être publié."


def _file_records(report: Report) -> list[dict[str, str]]:
    return [
        {
            "Fichier": f"{file.file}{f', {file.sheet}' if file.sheet else ''}",
            "Lu comme": file.kind,
            "Lignes": french.in_table(french.number(file.read)),
            "Gardées": french.in_table(french.number(file.kept)),
            "Réparées": french.in_table(french.number(file.repaired)),
            "Rejetées": french.in_table(french.number(file.rejected)),
            "Laissées de côté": " ; ".join(f"{french.number(n)} {why}" for why, n in file.left_aside.items()),
        }
        for file in report.files
    ]


def _problem_records(problems: Sequence[Problem]) -> list[dict[str, str]]:
    names = {"file": "Fichier", "sheet": "Feuille", "line": "Ligne", "column": "Colonne", "value": "Valeur"}
    rows = [
        {
            **{label: str(getattr(problem, name) or "") for name, label in names.items()},
            "Ce qui se passe": french.typographic(problem.message),
        }
        for problem in problems
    ]
    kept = [label for label in names.values() if any(row[label] for row in rows)]
    return [{name: row[name] for name in (*kept, "Ce qui se passe")} for row in rows]


def _rejected(made: Draft, report: Report) -> None:
    st.subheader("Lignes rejetées", anchor=False)
    following = sum(line.follows for line in report.rejected)
    if following:
        subject = french.count(following, "autre ligne est rejetée", "autres lignes sont rejetées")
        st.caption(f"{subject} avec elles, qui s’y rapportent.")
    sources.table(
        _problem_records([p for p in report.problems if p not in report.blocking]), "Lignes rejetées", long=True
    )
    with st.container(horizontal=True):
        for name, table in TABLES.items():
            lines = [line for line in report.rejected if line.table == name]
            if lines:
                st.download_button(
                    f"Télécharger les lignes rejetées ({table.label})",
                    lambda lines=lines: records_csv(rejected_records(lines)),  # type: ignore[misc]
                    file_name=file_name("rejets", table.label, report.as_of.isoformat(), suffix="csv"),
                    mime="text/csv",
                    icon=":material/download:",
                    on_click="ignore",
                    key=f"import-rejected-{name}",
                )
    what = french.count(len(report.rejected), "ligne rejetée")
    _tick(made, "without_rejected", f"Publier sans {'la' if len(report.rejected) == 1 else 'les'} {what}")


def _cautions(made: Draft, report: Report) -> None:
    st.subheader("Avertissements", anchor=False)
    for caution in report.cautions:
        with st.expander(plain(french.typographic(caution.message)), icon=":material/warning:"):
            sources.table([{"De qui il s’agit": each} for each in caution.about], caution.message, long=True)
    _tick(made, "confirmed", "J’ai vérifié ces avertissements et je les confirme")


def _tick(made: Draft, name: str, label: str) -> None:
    key = f"import-{name}"
    st.session_state.setdefault(key, getattr(made, name))
    st.checkbox(label, key=key, on_change=lambda: setattr(made, name, st.session_state[key]))
