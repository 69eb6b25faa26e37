"""The View: one question to the data, the same in a URL, on the command line, on a page and in a file."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from sunes.french import typographic
from sunes.programme import Programme
from sunes.schema import FINESS, LEGAL_STATUSES

# URL parameter → field. The names are public: links that people saved must go on working.
PARAMETERS: Mapping[str, str] = {
    "snapshot": "snapshot",
    "region": "regions",
    "department": "departments",
    "volet": "volet",
    "window": "windows",
    "status": "legal_statuses",
    "finess": "finess",
}

# What mailing tools add to the links in a letter: nobody's question, so nothing to answer.
TRACKING = "utm_"


@dataclass(frozen=True, slots=True)
class View:
    """Which snapshot, territory, volet, windows and kinds of establishment. An empty tuple or None means: all.

    Lists are sorted and without repeats, so that equal questions are equal (and share one cached answer).

    Attributes
    ----------
    snapshot
        `2024-06-30`, `2024-06-30~2`, or None for the latest one.
    regions, departments
        INSEE codes.
    """

    snapshot: str | None = None
    regions: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    volet: str | None = None
    windows: tuple[int, ...] = ()
    legal_statuses: tuple[str, ...] = ()
    finess: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.snapshot is not None and self.snapshot.lower() == "latest":
            object.__setattr__(self, "snapshot", None)
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, str | None):
                object.__setattr__(self, field.name, tuple(sorted(set(value))))

    def having(self, **changes: Any) -> "View":
        """The same question with some of its fields changed."""
        return replace(self, **changes)

    def to_params(self) -> dict[str, str]:
        """The URL parameters of this View; what is not asked for is left out."""
        values = {name: getattr(self, field) for name, field in PARAMETERS.items()}
        return {
            name: value if isinstance(value, str) else ",".join(map(str, value))
            for name, value in values.items()
            if value
        }

    @classmethod
    def from_params(
        cls, params: Mapping[str, str | Sequence[str]], programme: Programme, territories: Mapping[str, str]
    ) -> tuple["View", tuple[str, ...]]:
        """Read URL parameters.

        Parameters
        ----------
        params
            `region=76,11` and `region=76&region=11` mean the same.
        territories
            Code of every département → code of its region.

        Returns
        -------
        The View of all that could be understood, and one French sentence for each value and each parameter that was
        set aside.
        """
        notices = [_unknown(name) for name in params if name not in PARAMETERS and not name.startswith(TRACKING)]

        def read(
            name: str, known: Callable[[str], bool], what: str, possible: Iterable[object] = ()
        ) -> tuple[str, ...]:
            kept = []
            for value in _split(params.get(name, "")):
                if known(value):
                    kept.append(value)
                else:
                    choices = ", ".join(map(str, possible))
                    hint = f" (possibles : {choices})" if choices else ""
                    notices.append(f"{what} : « {value} » n’existe pas{hint} ; cette valeur est ignorée.")
            return tuple(kept)

        regions = read("region", set(territories.values()).__contains__, "Région")
        departments = read("department", territories.__contains__, "Département")
        volets = read("volet", programme.volet_ids.__contains__, "Volet", programme.volet_ids)
        windows = read(
            "window", set(map(str, programme.window_numbers)).__contains__, "Fenêtre", programme.window_numbers
        )
        statuses = read("status", LEGAL_STATUSES.__contains__, "Statut juridique", LEGAL_STATUSES)
        finess = read("finess", lambda value: re.match(FINESS, value) is not None, "Numéro FINESS")
        notices += [
            f"Le département {code} n’est pas dans la région choisie ; il est ignoré."
            for code in departments
            if regions and territories[code] not in regions
        ]
        snapshot, *others = dict.fromkeys(_split(params.get("snapshot", ""))) or ("latest",)
        notices += [f"Situation : « {other} » est de trop ; une seule est affichée." for other in others]
        view = cls(
            snapshot=snapshot,
            regions=regions,
            departments=tuple(code for code in departments if not regions or territories[code] in regions),
            # Every volet is no restriction, and the figures of an establishment need one volet or none.
            volet=volets[0] if len(set(volets)) == 1 else None,
            windows=tuple(map(int, windows)),
            legal_statuses=statuses,
            finess=finess,
        )
        return view, tuple(dict.fromkeys(map(typographic, notices)))


def _unknown(parameter: str) -> str:
    near = get_close_matches(parameter.lower(), PARAMETERS, n=1)
    hint = f"vouliez-vous dire « {near[0]} » ?" if near else f"possibles : {', '.join(PARAMETERS)}."
    return f"Le paramètre « {parameter} » de l’adresse est inconnu et ignoré ; {hint}"


def _split(value: str | Sequence[str]) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]
