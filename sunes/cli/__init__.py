"""The command line: `python -m sunes …`, in French."""

import typer

from sunes.cli import access, aggregating, answers, backup, decks, exporting, importing, serving, store
from sunes.cli.options import DataOption
from sunes.cli.speech import Command, Commands

app = typer.Typer(cls=Commands, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def main(ctx: typer.Context, data: DataOption = None) -> None:
    """Suivre le programme SUN-ES : participation des établissements et atteinte des cibles d’usage."""
    ctx.obj = data


for name, function in (
    ("metrics", answers.show_metrics),
    ("reconcile", answers.reconcile),
    ("import", importing.import_data),
    ("aggregate", aggregating.aggregate_documents),
    ("simulate", store.simulate),
    ("serve", serving.serve),
    ("backup", backup.back_up_data),
    ("restore", backup.restore_data),
):
    app.command(name, cls=Command)(function)
app.add_typer(store.snapshots, name="snapshots")
for command, deck in (("deck", decks.export_deck), ("html", decks.export_html)):
    exporting.command(command)(deck)
app.add_typer(exporting.export, name="export")
app.add_typer(serving.deploy, name="deploy")
app.add_typer(access.access, name="access")
app.add_typer(access.journal, name="journal")
