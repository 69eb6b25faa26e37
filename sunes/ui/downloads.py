"""Buttons for files. A file is made when its button is pressed, from what was on the screen then."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import streamlit as st

from sunes.deck.facts import Facts
from sunes.export import parquet, spreadsheet
from sunes.export.csv import file_name, records_csv
from sunes.export.parquet import records_parquet, table_parquet
from sunes.export.plain import to_csv
from sunes.export.workbook import answer_workbook, records_workbook, workbook
from sunes.metrics import Answer
from sunes.records import establishment_fields, establishment_records, metric_fields
from sunes.roster import Line, Roster
from sunes.schema import ESTABLISHMENTS
from sunes.ui import data, layout
from sunes.ui.access import noted
from sunes.view import View

Records = Sequence[Mapping[str, Any]]

_CSV, _EXCEL, _PARQUET = "text/csv", spreadsheet.MIME, parquet.MIME


def download(
    label: str, make: Callable[[], bytes], mime: str, *, key: str, as_of: date | str, suffix: str, kind: str = ""
) -> None:
    """A button for a file named after `key` and the day (or the revision) that it is about.

    `kind` tells it from another file of the same suffix.
    """
    name = file_name(key, str(as_of), kind, suffix=suffix)
    st.download_button(
        label,
        noted.exported(data.later(make), name),
        file_name=name,
        mime=mime,
        icon=":material/download:",
        on_click="ignore",
        key="-".join(filter(None, (key, kind, suffix))),
    )


def answer(shown: Answer, columns: Sequence[str], exact: Callable[[], Records], *, key: str, as_of: date) -> None:
    """The files of an answer, of which `columns` are on the screen as the records that `exact` makes.

    Those for programs hold every metric under its id.
    """
    facts = _facts(shown.view)
    with _row(exact, key, as_of) as opened:
        if opened:
            _excel(lambda: answer_workbook(facts(), shown, columns), key, as_of)
            fields = metric_fields(shown.by)
            _for_programs(
                lambda: to_csv(fields, shown.rows).encode(), lambda: table_parquet(shown.table), key=key, as_of=as_of
            )


def records(exact: Callable[[], Records], view: View, *, key: str, as_of: date) -> None:
    """The files of records under French headers, which people read."""
    facts = _facts(view)
    with _row(exact, key, as_of) as opened:
        if opened:
            _excel(lambda: records_workbook(facts(), exact()), key, as_of)


def establishments(
    exact: Callable[[], Records], listed: Roster, lines: Callable[[], Sequence[Line]], *, key: str
) -> None:
    """The files of a table of establishments, which shows some lines of a roster as records."""
    facts, programme = _facts(listed.view), data.programme()
    pin = data.snapshot(listed.view).id.pin
    with _row(exact, key, pin) as opened:
        if opened:
            fields = establishment_fields(listed.view, programme)
            _excel(lambda: records_workbook(facts(), exact()), key, pin)
            _for_programs(
                lambda: to_csv(fields, establishment_records(listed, lines(), programme)).encode(),
                lambda: records_parquet(
                    fields, establishment_records(listed, lines(), programme), ESTABLISHMENTS.schema
                ),
                key=key,
                as_of=pin,
            )


def whole(view: View) -> None:
    """The workbook of a View: a sheet for each table."""
    facts, pin = _facts(view), data.snapshot(view).id.pin
    download("Classeur Excel (.xlsx)", lambda: workbook(facts()), _EXCEL, key="classeur", as_of=pin, suffix="xlsx")


@contextmanager
def _row(exact: Callable[[], Records], key: str, as_of: date | str) -> Iterator[bool]:
    """The one file that most people want, and the place for those of others, with whether it is open."""
    with st.container(horizontal=True, vertical_alignment="center"):
        download("Télécharger (CSV)", lambda: records_csv(exact()), _CSV, key=key, as_of=as_of, suffix="csv")
        with layout.menu(
            "Autres formats", icon=":material/more_horiz:", key=f"{key}-formats", width="content"
        ) as opened:
            yield opened


def _excel(make: Callable[[], bytes], key: str, as_of: date | str) -> None:
    download("Excel (.xlsx)", make, _EXCEL, key=key, as_of=as_of, suffix="xlsx")


def _for_programs(csv: Callable[[], bytes], columns: Callable[[], bytes], *, key: str, as_of: date | str) -> None:
    download("CSV pour programmes", csv, _CSV, key=key, as_of=as_of, suffix="csv", kind="programmes")
    download("Parquet", columns, _PARQUET, key=key, as_of=as_of, suffix="parquet")


def _facts(view: View) -> Callable[[], Facts]:
    """What makes the figures of a View, of the revision that is on the screen now, once they are wanted."""
    store, pinned, sight = data.store(), view.having(snapshot=data.snapshot(view).id.pin), data.sight()
    return lambda: Facts(store, pinned, data.programme(), data.definitions(), sight=sight)
