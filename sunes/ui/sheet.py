"""The sheet of an establishment, alone or beside up to three others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from sunes import french, geography
from sunes.establishments import measures, peers, sheet
from sunes.establishments.measures import Measure
from sunes.establishments.peers import Peers
from sunes.establishments.sheet import Course
from sunes.figures import dossiers, place
from sunes.figures import sheet as figures
from sunes.figures.finished import Finished
from sunes.roster import STATE_LABELS, STATE_SIGNS, Line, Roster
from sunes.tables import ACTIVITY_LABELS, LEGAL_STATUS_LABELS
from sunes.ui import charts, data, frame
from sunes.ui.access import noted
from sunes.ui.errors import plain
from sunes.view import View

_LOCATIONS = {
    "register": "Position donnée par le répertoire.",
    "commune": "Position de la commune\u00a0: celle de l’établissement n’est pas connue.",
    "none": "Position non connue\u00a0: seul le département est montré.",
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """All that a sheet shows of one establishment."""

    line: Line
    view: View
    as_of: date
    measures: tuple[Measure, ...]
    course: Course
    peers: Peers | None


Section = Callable[[_Sheet], None]

# As many characters of a name as fit on one line of the whole page, or of one column of several.
_CAPTION = 152


def show(view: View, listed: Roster) -> None:
    """The sheets of the establishments of a roster, four at most; none where its numbers lead to none."""
    st.button(
        "Retour à la liste", icon=":material/arrow_back:", on_click=frame.go_to, args=(view.having(finess=()),)
    )  # fmt: skip
    if not listed.lines:
        st.info("Aucune fiche à montrer.", icon=":material/search_off:")
        return
    noted.viewed((line.finess for line in listed.lines), data.snapshot(view).id.pin)
    sheets = data.shown("sheets", view, lambda: _sheets(view, listed), large=True)
    if len(sheets) == 1:
        _alone(sheets[0])
    else:
        _compared(sheets)


def _sheets(view: View, listed: Roster) -> tuple[_Sheet, ...]:
    programme = data.programme()
    past = data.roster_history(view)
    return tuple(
        _Sheet(
            line,
            view,
            listed.header.as_of,
            measures.measures(line, programme),
            sheet.course(past, line.finess, programme),
            compared,
        )
        for line, compared in zip(listed.lines, data.peers_of(listed), strict=True)
    )


def _alone(one: _Sheet) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        _name(one)
        _standing(one)
        _identity(one)
        _section(_missing, one)
    with right:
        _place(one)
    for pair in ((_indicators, _history), (_dossiers, _peers)):
        for column, section in zip(st.columns(2, gap="large"), pair, strict=True):
            with column:
                _section(section, one)


def _section(section: Section, one: _Sheet) -> None:
    st.subheader(_TITLES[section], anchor=False)
    section(one)


def _compared(sheets: Sequence[_Sheet]) -> None:
    for column, each in zip(st.columns(len(sheets), gap="medium"), sheets, strict=True):
        with column:
            _name(each)
    # Section by section, so that what is compared stands on one line, or one below the other on a narrow screen.
    for section, title in _TITLES.items():
        st.subheader(title, anchor=False, divider="gray")
        for column, each in zip(st.columns(len(sheets), gap="medium"), sheets, strict=True):
            with column:
                st.caption(plain(_cut(each.line.name, _CAPTION // len(sheets))))
                section(each)


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


# Sections -------------------------------------------------------------------------------------------------------------


def _name(one: _Sheet) -> None:
    st.header(plain(one.line.name), anchor=False)


def _standing(one: _Sheet) -> None:
    for volet, state in one.line.states.items():
        number, since = data.programme().volet(volet).number, sheet.since(one.course, volet)
        st.markdown(f"{STATE_SIGNS[state]} **Volet {number}{french.NBSP}: {STATE_LABELS[state]}** {since}")


def _identity(one: _Sheet) -> None:
    row, line = one.line.establishment, one.line
    activities = french.join([ACTIVITY_LABELS.get(activity, activity) for activity in row["activities"]])
    level = "entité géographique" if row["level"] == "ET" else "entité juridique"
    parent = f", rattachée à {row['finess_ej']}" if row["finess_ej"] and row["finess_ej"] != line.finess else ""
    facts = [
        ("FINESS", f"{line.finess} ({level}{parent})"),
        ("Commune", _town(line)),
        ("Statut", LEGAL_STATUS_LABELS[row["legal_status"]] + ("" if row["eligible"] else ", non éligible")),
        ("Activités", activities or "non connues"),
        ("Activité combinée", french.number(row["combined_activity"], 0)),
    ]
    st.markdown("  \n".join(f"{name}{french.NBSP}: {plain(value)}" for name, value in facts))


def _missing(one: _Sheet) -> None:
    sentences = sheet.still_missing(one.line, one.view, data.programme())
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences))


def _indicators(one: _Sheet) -> None:
    if not one.measures:
        st.info("Aucun indicateur\u00a0: aucune candidature retenue.", icon=":material/info:")
        return

    def content() -> charts.Content:
        return charts.Content(
            figures.indicators(one.measures, data.programme()),
            title=sheet.indicators_finding(one.line, data.programme()),
            description=figures.describe_indicators(one.measures),
            table=sheet.indicator_records(one.measures),
        )

    charts.chart(content, one.view, key=f"indicateurs-{one.line.finess}", clicks=False)


def _history(one: _Sheet) -> None:
    title = sheet.history_finding(one.course, data.programme())
    key = f"historique-{one.line.finess}"

    def content() -> charts.Content:
        return charts.Content(
            figures.history(one.course, one.measures, data.programme()),
            title=title,
            description=figures.describe_history(one.course, one.measures),
            table=sheet.history_records(one.course, one.measures, data.programme()),
            over_time=True,
        )

    if one.measures:
        charts.chart(content, one.view, key=key, clicks=False)
    else:
        st.markdown(f"**{title}**")
        charts.twin(sheet.history_records(one.course, one.measures, data.programme()), key=key)


def _dossiers(one: _Sheet) -> None:
    if not one.line.applications:
        st.info("Aucune candidature dans cette situation.", icon=":material/info:")
        return

    def content() -> charts.Content:
        return charts.Content(
            dossiers.timeline(one.line, data.programme(), one.as_of),
            title=sheet.dossiers_finding(one.line),
            description=dossiers.describe(one.line, data.programme()),
            table=sheet.dossier_records(one.line, data.programme()),
        )

    charts.chart(content, one.view, key=f"candidatures-{one.line.finess}", clicks=False)


def _peers(one: _Sheet) -> None:
    if one.peers is None:
        st.info("Pas de rang\u00a0: son activité combinée n’est pas connue.", icon=":material/info:")
        return
    st.markdown(f"{one.peers.words}, toutes régions confondues.")
    if one.peers.ranks:
        st.markdown("\n".join(f"- {sentence}" for sentence in peers.rank_sentences(one.peers.ranks)))
    else:
        st.info("Pas de rang\u00a0: aucun indicateur requis n’est mesuré.", icon=":material/info:")


def _place(one: _Sheet) -> None:
    drawn = data.shown(("place", one.line.finess), one.view, lambda: _drawn_place(one.line))
    where = f"{one.line.name}, {_town(one.line)}. {_LOCATIONS[one.line.establishment['location_source']]}"
    if drawn is not None:
        key = f"lieu-{one.line.finess}"
        st.plotly_chart(drawn, config={"displayModeBar": False}, key=key, alt=f"Carte. {where}")
    st.caption(f"{_LOCATIONS[one.line.establishment['location_source']]} Contours\u00a0: {geography.CREDIT}.")


def _drawn_place(line: Line) -> Finished | None:
    figure = place.place(line)
    return None if figure is None else Finished(figure.to_dict())


def _town(line: Line) -> str:
    row, known = line.establishment, geography.departments()
    code = row["department_code"]
    department = f"{known[code].name} ({code})" if code in known else code
    return f"{row['commune_name']}, {department}" if row["commune_name"] else department


_TITLES: Mapping[Section, str] = {
    _standing: "Où il en est",
    _identity: "Identité",
    _missing: "Ce qui manque encore",
    _indicators: "Indicateurs et seuils",
    _history: "Au fil des situations",
    _dossiers: "Candidatures",
    _peers: "Parmi les établissements comparables",
    _place: "Où il se trouve",
}
