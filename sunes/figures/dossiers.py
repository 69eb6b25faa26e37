"""The dossiers of one establishment on a timeline."""

from datetime import date

from sunes import french
from sunes.establishments.measures import DECISION_LABELS
from sunes.figures.lanes import dates, lay_out, write
from sunes.figures.palette import SCREEN, Palette
from sunes.figures.sketch import Drawn, Sketch
from sunes.programme import Programme
from sunes.roster import Cells, Line

_LANE = 104


def timeline(line: Line, programme: Programme, as_of: date, palette: Palette = SCREEN) -> Drawn:
    """One lane per application: filed, decided, evaluated, and the deadline of its window where one is published.

    The dates run from the first window's opening to the snapshot (or the last deadline), for every establishment alike.
    An application without a date of filing has no bar; a pending one has a dotted bar up to the snapshot.
    """
    sketch = Sketch()
    deadlines = [window.deadline.date for window in programme.windows if window.deadline]
    days = [min(window.opens for window in programme.windows), as_of, *deadlines]
    for lane, row in enumerate(line.applications):
        volet = programme.volet(row["volet"])
        until = row["decided_on"] or (as_of if row["decision"] == "pending" else None)
        if row["filed_on"] and until:
            sketch.add_scatter(
                x=[row["filed_on"], until], y=[lane, lane], mode="lines", hoverinfo="skip",
                line={
                    "color": palette.volet(programme.volets.index(volet)),
                    "width": 10,
                    "dash": "solid" if row["decided_on"] else "dot",
                },
            )  # fmt: skip
        due, evaluated = _due(row, programme), _evaluated(line, row)
        for day, symbol, colour, words in (
            (row["filed_on"], "line-ns", palette.text, "déposé"),
            (row["decided_on"], _DECISION_SYMBOLS[row["decision"]], palette.text, DECISION_LABELS[row["decision"]]),
            (evaluated, "diamond", palette.text, "évalué"),
            (due, "line-ns", palette.target, "échéance"),
        ):
            if day:
                days.append(day)
                sketch.add_scatter(
                    x=[day], y=[lane], mode="markers", cliponaxis=False,
                    marker={"symbol": symbol, "size": 11, "color": colour, "line": {"width": 3, "color": colour}},
                    hovertemplate=f"{words} le {french.day(day)}<extra></extra>",
                )  # fmt: skip
        write(sketch, lane, f"<b>Fenêtre {row['window']} · volet {volet.number}</b>", 24, palette)
        texts = (_filed(row), ", ".join(filter(None, (_decided(row), _said("évalué", evaluated)))), _deadline(row, due))
        for rank, text in enumerate(filter(None, texts)):
            write(sketch, lane, text, -19 - 17 * rank, palette)
    lay_out(sketch, len(line.applications), palette, dates((min(days), max(days)), palette), _LANE)
    return sketch.drawn()


_DECISION_SYMBOLS = {"accepted": "circle", "rejected": "x", "withdrawn": "square-open", "pending": "circle-open"}


def describe(line: Line, programme: Programme) -> str:
    """The timeline in words, for those who do not see it."""
    parts = []
    for row in line.applications:
        name = f"Fenêtre {row['window']}, volet {programme.volet(row['volet']).number}"
        evaluated = _said("évalué", _evaluated(line, row))
        said = (name, _filed(row), _decided(row), evaluated, _deadline(row, _due(row, programme)))
        parts.append(", ".join(filter(None, said)))
    return french.typographic(f"Frise des candidatures. {'. '.join(parts)}.")


def _filed(row: Cells) -> str:
    return _said("déposé", row["filed_on"]) or "date de dépôt non connue"


def _decided(row: Cells) -> str:
    return _said(DECISION_LABELS[row["decision"]], row["decided_on"]) or DECISION_LABELS[row["decision"]]


def _deadline(row: Cells, due: date | None) -> str:
    """Only an accepted application has one, published or not."""
    return _said("échéance", due) or ("échéance non publiée" if row["decision"] == "accepted" else "")


def _said(what: str, day: date | None) -> str:
    return f"{what} le {french.short_day(day)}" if day else ""


def _due(row: Cells, programme: Programme) -> date | None:
    deadlines = {window.number: window.deadline.date for window in programme.windows if window.deadline}
    return deadlines.get(row["window"]) if row["decision"] == "accepted" else None


def _evaluated(line: Line, row: Cells) -> date | None:
    """When an application was last evaluated, as far as that is known."""
    same = ("window", "volet")
    days = [u["evaluated_on"] for u in line.usages if all(u[key] == row[key] for key in same) and u["evaluated_on"]]
    return max(days, default=None)
