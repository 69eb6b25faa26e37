"""The charts of slides as plain series: the values of the answers, unrounded, under the names that charts use."""

from datetime import date

from sunes.deck.slide import Lines, Series
from sunes.figures.palette import Palette
from sunes.metrics import Answer
from sunes.programme import Programme


def over_days(participation: Answer, attainment: Answer, programme: Programme, palette: Palette) -> Lines:
    """Participation, each volet's attainment and its target; from answers by snapshot, and by snapshot and volet."""
    days = tuple(date.fromisoformat(row["snapshot"]) for row in participation.rows)
    series = [
        Series("Participation", tuple(row["participation_rate"] for row in participation.rows), palette.participation)
    ]
    targets = []
    for rank, volet in enumerate(programme.volets):
        rows = attainment.only(volet=volet.id).rows
        if not rows:
            continue
        series.append(
            Series(f"Volet {volet.number}", tuple(row["attainment_rate"] for row in rows), palette.volet(rank))
        )
        if rows[-1]["target_rate"] is not None:
            target = (rows[-1]["target_rate"],) * len(days)
            targets.append(Series(f"Cible du volet {volet.number}", target, palette.target))
    return Lines(days, (*series, *targets), "rate", frozenset(each.name for each in targets))
