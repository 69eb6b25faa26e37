"""How the programme went on, window by window: what each one added, and where it stood at its deadline.

Every number is taken from answers. The only difference made here is that of returning establishments: those accepted
that are no newcomers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sunes import french
from sunes.insights.deadlines import open_to, windows
from sunes.metrics import Answer, Row, known_value
from sunes.programme import Programme, Window
from sunes.view import View


@dataclass(frozen=True, slots=True)
class Step:
    """One window in one region.

    Attributes
    ----------
    row
        Its row of an answer by window.
    cumulative
        Distinct establishments accepted from the first window of the View to this one.
    absent
        Why there is nothing to count (« sans objet (volet 1 seulement) »), None when there is.
    """

    window: Window
    row: Row
    cumulative: int
    absent: str | None = None

    @property
    def returning(self) -> int:
        """Accepted establishments that an earlier window of the programme had accepted, for whichever volet."""
        return int(self.row["accepted"] - self.row["newcomers"])


@dataclass(frozen=True, slots=True)
class Milestone:
    """Where one volet of one window stood at the window's deadline, and where it stands now.

    Attributes
    ----------
    now, then
        Rows of an answer by snapshot, window and volet: of the last snapshot, and of the last one that is not after
        the deadline. `then` is None when no deadline is published, when it is still to come, or when no snapshot
        is so old.
    absent
        As in Step.
    """

    window: Window
    volet: str
    now: Row
    then: Row | None = None
    absent: str | None = None


def prefixes(view: View, programme: Programme) -> dict[int, View]:
    """Window → the View of it and of the windows before it: its distinct counts are the cumulative ones."""
    numbers = [window.number for window in windows(view, programme)]
    return {number: view.having(windows=tuple(numbers[: rank + 1])) for rank, number in enumerate(numbers)}


def steps(region: str, by_window: Answer, so_far: Mapping[int, Answer], programme: Programme) -> tuple[Step, ...]:
    """The windows of one region.

    Parameters
    ----------
    by_window
        An answer by region and window.
    so_far
        For each window of `prefixes`, the answer by region to that View.
    """
    made = []
    view = by_window.view
    for window in windows(view, programme):
        row = by_window.row(region=region, window=window.number)
        volets = (view.volet,) if view.volet else programme.volet_ids
        cumulative = so_far[window.number].row(region=region)["accepted"]
        made.append(Step(window, row, cumulative, _absence(window, volets, row, programme)))
    return tuple(made)


def milestones(over_time: Answer, programme: Programme) -> tuple[Milestone, ...]:
    """The volets of each window of one region, from its answer by snapshot, window and volet."""
    made = []
    for row in [row for row in over_time.rows if row["snapshot"] == over_time.rows[-1]["snapshot"]]:
        window = next(window for window in programme.windows if window.number == row["window"])
        past = over_time.only(window=window.number, volet=row["volet"]).rows
        made.append(
            Milestone(
                window, row["volet"], row, _at_deadline(window, past), _absence(window, (row["volet"],), row, programme)
            )
        )
    return tuple(made)


def _at_deadline(window: Window, past: Sequence[Row]) -> Row | None:
    due = window.deadline and window.deadline.date.isoformat()
    if due is None or past[-1]["snapshot"] < due:
        return None
    return next((row for row in reversed(past) if row["snapshot"] <= due), None)


def _absence(window: Window, volets: Sequence[str], row: Row, programme: Programme) -> str | None:
    """Why nothing is expected of a window. Data that contradict the programme are shown, not explained away."""
    if row["applications"]:
        return None
    if not set(volets) & set(window.volets):
        return f"sans objet ({open_to(window, programme)} seulement)"
    if row["snapshot"] < window.opens.isoformat():
        return f"ouvre le {french.day(window.opens)}"
    return None


def largest(over_time: Answer) -> int:
    """The most establishments accepted in any row of an answer: the end of an axis that all of them can share."""
    return max((row["accepted"] for row in over_time.rows), default=0)


# Tables: whole numbers without separators, so that the file of a chart can be calculated with -------------------------


def steps_table(made: Sequence[Step]) -> list[dict[str, str]]:
    """The steps under French headers; cells of a window without figures say why."""
    return [
        {"Fenêtre": str(step.window.number)}
        | {
            header: step.absent or str(value)
            for header, value in (
                ("Dossiers", step.row["applications"]),
                ("Retenus", step.row["accepted"]),
                ("Nouveaux", step.row["newcomers"]),
                ("Déjà retenus", step.returning),
            )
        }
        | {"En tout": str(step.cumulative), "Éligibles": str(step.row["eligible"])}
        | _origin(step.row)
        for step in made
    ]


def milestones_table(made: Sequence[Milestone], programme: Programme) -> list[dict[str, str]]:
    """The milestones under French headers; cells of a window without figures say why."""
    return [
        {
            "Fenêtre": str(m.window.number),
            "Volet": str(programme.volet(m.volet).number),
            "Échéance": french.short_day(m.window.deadline.date) if m.window.deadline else "non publiée",
            "Atteints à l’échéance": _attained(m.then, m.absent),
            "Atteints": _attained(m.now, m.absent),
            "Retenus": m.absent or str(m.now["accepted"]),
            "Atteinte": m.absent or french.in_table(french.percent(known_value(m.now, "attainment_rate"))),
            "Cible": french.in_table(french.percent(m.now["target_rate"], None)),
        }
        | _origin(m.now)
        for m in made
    ]


def _attained(row: Row | None, absent: str | None) -> str:
    return absent or (french.UNKNOWN_MARK if row is None else f"{row['attained']} sur {row['accepted']}")


def _origin(row: Row) -> dict[str, str]:
    day = french.short_day(date.fromisoformat(row["snapshot"]))
    return {"Situation": f"{day} (simulée)" if row["simulated"] else day}
