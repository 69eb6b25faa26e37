"""What the page « Journal » is made of: which days, which entries, their table."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from sunes import french
from sunes.access import journal
from sunes.access.journal import Entry
from sunes.errors import Problem
from sunes.export.csv import records_csv
from sunes.ui import downloads, sources
from sunes.ui.errors import plain

_SHOWN, _TOLD = 500, 5
_EVERYBODY, _EVERYTHING = "Tout le monde", "Toutes les actions"
_PERIODS = {"30 derniers jours": 30, "12 derniers mois": 365, "Tout": None}


def days() -> tuple[date | None, date | None]:
    """From which day to which; None: no matter."""
    period, exact = st.columns(2)
    length = _PERIODS[period.selectbox("Période", list(_PERIODS), key="journal-period")]
    text = exact.text_input("Un seul jour", placeholder="jj/mm/aaaa", key="journal-day").strip()
    try:
        if text:
            return (day := french.parse_date(text)), day
    except ValueError:
        exact.caption("Écrivez une date comme 30/06/2024 ou « 30 juin 2024 ».")
    return (date.today() - timedelta(days=length) if length else None), None


def chosen(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that the widgets leave."""
    who, what = st.columns(2)
    people = sorted({entry.person for entry in entries}, key=french.sort_key)
    person = who.selectbox("Personne", [_EVERYBODY, *people], key="journal-person")
    done = sorted({journal.what_said(entry.what) for entry in entries}, key=french.sort_key)
    action = what.selectbox("Action", [_EVERYTHING, *done], key="journal-what")
    return [
        entry
        for entry in entries
        if person in (_EVERYBODY, entry.person) and action in (_EVERYTHING, journal.what_said(entry.what))
    ]


def table(entries: Sequence[Entry]) -> None:
    """The newest entries, and all of them as a file."""
    more = f" ; les {_SHOWN} plus récentes sont affichées, le fichier les a toutes" if len(entries) > _SHOWN else ""
    counted = french.typographic(french.count(len(entries), "entrée") + more)
    st.markdown(f"**{counted}**, les plus récentes d’abord (heures de Paris).")
    sources.table(journal.records_said(entries[:_SHOWN]), "Journal", long=True)

    def csv() -> bytes:
        return records_csv(journal.records(entries))

    downloads.download("Télécharger (CSV)", csv, "text/csv", key="journal", as_of=date.today(), suffix="csv")


def faults(problems: Sequence[Problem]) -> None:
    """What could not be read."""
    told = [*map(str, problems[:_TOLD]), *(["…"] if problems[_TOLD:] else [])]
    if told:
        st.warning("  \n".join(map(plain, told)), icon=":material/warning:")
