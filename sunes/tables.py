"""Answers as tables that people read: French headers, French numbers, all of it text."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sunes import french, geography
from sunes.definitions import Metric
from sunes.metrics import Answer, Row, known_value
from sunes.programme import Programme

KEY_LABELS = {
    "snapshot": "Situation au",
    "region": "Région",
    "department": "Département",
    "legal_status": "Statut",
    "window": "Fenêtre",
    "volet": "Volet",
}
ACTIVITY_LABELS = {
    "mco": "MCO",
    "smr": "SMR",
    "psy": "psychiatrie",
    "had": "HAD",
    "dialysis": "dialyse",
    "surgery": "chirurgie",
    "imaging": "imagerie",
    "biology": "biologie médicale",
}
LEGAL_STATUS_LABELS = {"public": "Public", "espic": "Privé non lucratif (ESPIC)", "private": "Privé"}


def key_text(key: str, row: Row, programme: Programme) -> str:
    """What a key's value is called on the screen: « Occitanie » for 76, « 1 – Alimentation du DMP » for `dmp`."""
    value = row[key]
    if key == "snapshot":
        return french.short_day(date.fromisoformat(value))
    if key in ("region", "department"):
        names = geography.regions() if key == "region" else geography.departments()
        return names[value].name if value in names else value
    if key == "volet":
        volet = programme.volet(value)
        return f"{volet.number} – {volet.name}"
    return LEGAL_STATUS_LABELS.get(value, str(value)) if key == "legal_status" else str(value)


def readable(
    answer: Answer, columns: Sequence[str], definitions: Mapping[str, Metric], programme: Programme
) -> list[dict[str, str]]:
    """The rows of an answer, cut down to its keys and `columns` (ids of metrics), as text under French headers."""
    return [
        {KEY_LABELS[key]: key_text(key, row, programme) for key in answer.by}
        | {
            definitions[name].short: french.in_table(definitions[name].format(known_value(row, name)))
            for name in columns
        }
        for row in answer.rows
    ]


def exact(
    answer: Answer, columns: Sequence[str], definitions: Mapping[str, Metric], programme: Programme
) -> list[dict[str, Any]]:
    """The same rows for a file: the date, the revision and « données simulées » in each row, numbers unrounded."""
    return [
        origin(date.fromisoformat(row["snapshot"]), row["revision"], row["simulated"])
        | {KEY_LABELS[key]: key_text(key, row, programme) for key in answer.by if key != "snapshot"}
        | {definitions[name].short: known_value(row, name) for name in columns}
        for row in answer.rows
    ]


def origin(as_of: date, revision: int, simulated: bool) -> dict[str, Any]:
    """What every row of a file says first: where it comes from."""
    return {"Situation au": as_of, "Révision": revision, "Données": "simulées" if simulated else "réelles"}
