"""From eligible to attained: how many establishments of a territory take each step, and where it loses them.

The counts are those of an answer; only the shares between two steps are derived here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sunes import french
from sunes.metrics import Answer, Row, not_evaluated_yet
from sunes.programme import Programme

_WAITING = "aucun évalué"


@dataclass(frozen=True, slots=True)
class Step:
    """One step from eligible to attained: `count` out of `base`, the establishments that `of` names (first step: none).

    The step of a volet has its rank in the programme, and its target as a share of `base` (None: not published).
    `waiting`: none of them is evaluated yet, so that a count of 0 says nothing.
    """

    label: str
    count: int
    base: int
    of: str
    rank: int | None = None
    target: float | None = None
    waiting: bool = False

    @property
    def share(self) -> str:
        """« 79,9 % des 294 éligibles »."""
        if not self.of:
            return "établissements" if self.count > 1 else "établissement"
        if not self.base:
            return f"aucun {self.of.removesuffix('s')}"
        if self.waiting:
            return f"{french.number(self.base)} {self.of if self.base > 1 else self.of.removesuffix('s')}, {_WAITING}"
        rate = french.percent(self.count / self.base)
        single = self.base == 1
        return (
            f"{rate} de l’unique {self.of.removesuffix('s')}"
            if single
            else f"{rate} des {french.number(self.base)} {self.of}"
        )


def steps(whole: Row, by_volet: Answer, programme: Programme) -> tuple[Step, ...]:
    """Eligible, applicants, accepted, and who attained each volet; of one territory, without and by volet.

    Each step is a share of the one before; that of a volet, of the establishments accepted in it.
    """
    eligible, applicants, accepted = (whole[name] for name in ("eligible", "applicants", "accepted"))
    first = (
        Step("Éligibles", eligible, eligible, ""),
        Step("Candidats", applicants, eligible, "éligibles"),
        Step("Retenus", accepted, applicants, "candidats"),
    )
    return (*first, *_volet_steps(by_volet.rows, programme))


def _volet_steps(rows: Iterable[Row], programme: Programme) -> Iterable[Step]:
    for row in rows:
        rank = programme.volet_ids.index(row["volet"])
        yield Step(
            label=f"Volet {programme.volets[rank].number} atteint",
            count=row["attained"],
            base=row["accepted"],
            of="retenus",
            rank=rank,
            target=row["target_rate"],
            waiting=not_evaluated_yet(row),
        )


def finding(name: str, whole: Row) -> str:
    """Where a territory loses establishments on the way to being accepted, as a title."""
    if not whole["eligible"]:
        return french.typographic(f"{name} : aucun établissement éligible")
    silent, waiting = whole["eligible"] - whole["applicants"], whole["applicants"] - whole["accepted"]
    if not whole["applicants"]:
        return french.typographic(
            f"{name} : aucun candidat parmi {french.count(whole['eligible'], 'établissement éligible')}"
        )
    if silent < 0 or waiting < 0:
        return french.typographic(f"{name} : des éligibles aux cibles atteintes")
    lost = [
        f"{french.count(silent, 'éligible')} sans candidature" if silent else "tous les éligibles ont candidaté",
        f"{french.count(waiting, 'candidat')} non {'retenus' if waiting > 1 else 'retenu'}"
        if waiting
        else "tous les candidats sont retenus",
    ]
    return french.typographic(f"{name} : {', '.join(lost)}")


def records(steps: Sequence[Step]) -> list[dict[str, str]]:
    """The steps as a table, under French headers."""
    return [
        {
            "Étape": step.label,
            "Établissements": french.number(step.count),
            "Part": step.share if step.of else french.UNKNOWN_MARK,
            "Base": french.number(step.base) if step.of else french.UNKNOWN_MARK,
            "Cible": french.in_table(french.percent(step.target, None)),
        }
        for step in steps
    ]
