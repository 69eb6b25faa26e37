"""The overview, « Régions » and « Fenêtres », as one writes them with Plotly Dash.

`python dash_app.py PORT`, from this folder. The files are read once, when it starts, into data frames that every
callback shares, as is usual with Dash. Served by waitress with its default of four threads; of its defaults only the
limit of 100 connections is raised, which 100 browsers would exceed.
"""

import sys
from typing import Any

import figures
import pandas as pd
import plotly.graph_objects as go
from dash import Dash, Input, Output, State, callback, dash_table, dcc, html
from figures import REGIONS, STATUSES, VOLETS, WINDOWS, Tables
from waitress import serve

TABLE = ["snapshot", "eligible", "applicants", "participation_rate"]
VOLET_TABLE = ["volet", "accepted", "evaluated", "attained", "attainment_rate", "target_rate", "gap"]
PAGES = {"/": "Vue d’ensemble", "/regions": "Régions", "/fenetres": "Fenêtres"}
FILTERS = [
    Input("snapshot", "value"),
    Input("regions", "value"),
    Input("departments", "value"),
    Input("volet", "value"),
    Input("windows", "value"),
    Input("statuses", "value"),
]

DATA = figures.load()
SNAPSHOTS = figures.snapshots()
app = Dash(title="SUN-ES", suppress_callback_exceptions=True)


def options(labels: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for value, label in labels.items()]


def layout() -> html.Div:
    widgets = {
        "Situation au": dcc.Dropdown([*SNAPSHOTS], SNAPSHOTS[0], id="snapshot", clearable=False),
        "Régions": dcc.Dropdown(options(REGIONS), [], id="regions", multi=True),
        "Départements": dcc.Dropdown([], [], id="departments", multi=True),
        "Volet": dcc.RadioItems(options({"tous": "Tous", **VOLETS}), "tous", id="volet"),
        "Fenêtres": dcc.Dropdown([*WINDOWS], [], id="windows", multi=True),
        "Statut juridique": dcc.Dropdown(options(STATUSES), [], id="statuses", multi=True),
    }
    return html.Div(
        [
            dcc.Location(id="url"),
            html.Nav([dcc.Link(title, href=path) for path, title in PAGES.items()]),
            html.Div([html.Label([label, widget]) for label, widget in widgets.items()]),
            dcc.Loading(html.Div(id="content")),
        ]
    )


app.layout = layout


def selected(filters: tuple[Any, ...]) -> tuple[Tables, str]:
    day, regions, departments, volet, windows, statuses = filters
    one = volet if volet in VOLETS else None
    return figures.select(DATA, day, regions, departments, one, windows, statuses), day


def show(figure: go.Figure, title: str, table: pd.DataFrame) -> html.Div:
    return html.Div(
        [
            html.B(title),
            dcc.Graph(figure=figure),
            html.Details([html.Summary("Voir les chiffres"), rows(table)]),
        ]
    )


def rows(table: pd.DataFrame) -> dash_table.DataTable:
    return dash_table.DataTable(table.to_dict("records"), [{"name": name, "id": name} for name in table.columns])


def present(tables: Tables) -> list[str]:
    known = set(tables.applications["region_code"])
    return [region for region in REGIONS if region in known]


@callback(Output("departments", "options"), Input("snapshot", "value"), Input("regions", "value"))
def departments_of(day: str, regions: list[str]) -> list[dict[str, str]]:
    known = DATA.establishments[DATA.establishments["snapshot"] == day]
    if regions:
        known = known[known["region_code"].isin(regions)]
    codes = sorted(known["department_code"].unique())
    return options({code: f"{code} – {figures.DEPARTMENTS.get(code, code)}" for code in codes})


@callback(Output("content", "children"), Input("url", "pathname"), *FILTERS)
def page(path: str, *filters: Any) -> list[Any]:
    title = html.H1(PAGES.get(path, PAGES["/"]))
    show_page = {"/regions": regions_page, "/fenetres": windows_page}.get(path, overview)
    tables, day = selected(filters)
    if figures.at(tables, day).applications.empty:
        return [title, html.P("Aucun établissement ne correspond aux filtres.")]
    return [title, *show_page(tables, day)]


def overview(tables: Tables, day: str) -> list[Any]:
    now = figures.at(tables, day)
    wholes, volets = figures.counts(now, ["region_code"]), figures.counts(now, ["region_code", "volet"])
    departments = figures.counts(now, ["region_code", "department_code", "volet"])
    past = figures.counts(tables, ["snapshot", "region_code"])
    volets_past = figures.counts(tables, ["snapshot", "region_code", "volet"])
    made: list[Any] = []
    for region in present(now):
        whole = wholes[wholes["region_code"] == region].iloc[0]
        here, here_past, here_volets_past = (
            frame[frame["region_code"] == region] for frame in (volets, past, volets_past)
        )
        made += [
            html.H2(REGIONS[region]),
            html.P(figures.headline(region, whole, here)),
            html.P(figures.behind(departments[departments["region_code"] == region])),
            html.Div([card(*each) for each in figures.cards(here_past, here_volets_past)]),
            show(figures.bullets(here), "Écart à la cible", here[VOLET_TABLE]),
            show(figures.trend(here_past, here_volets_past), "Participation et atteinte", here_past[TABLE]),
        ]
    earlier = [each for each in SNAPSHOTS if each < day]
    made.append(html.P("Cible du volet 1 : 80 % ; du volet 2 : 70 %, au 30 juin 2024."))
    if earlier:
        chosen = dcc.Dropdown(earlier, earlier[0], id="since", clearable=False)
        made += [html.H2("Ce qui a changé"), html.Label(["Depuis la situation au", chosen]), html.Div(id="changes")]
    return made


def card(label: str, value: str, change: str, made_of: str, line: pd.Series) -> html.Div:
    spark = go.Figure(go.Scatter(y=line.tolist(), mode="lines"))
    spark.update_layout(height=60, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    spark.update_xaxes(visible=False)
    spark.update_yaxes(visible=False)
    return html.Div([html.Span(label), html.Strong(value), html.Span(change), dcc.Graph(figure=spark), html.P(made_of)])


@callback(Output("changes", "children"), Input("since", "value"), *[State(i.component_id, "value") for i in FILTERS])
def changed(since: str, *filters: Any) -> dash_table.DataTable:
    tables, day = selected(filters)
    return rows(figures.changes(tables, since, day))


def regions_page(tables: Tables, day: str) -> list[Any]:
    levels = dcc.RadioItems(options({"region": "Régions", "department": "Départements"}), "region", id="level")
    names = {each: label for each, (label, *_) in figures.RATES.items() if each != "acceptance_rate"}
    studied = dcc.RadioItems(options(names), "participation_rate", id="studied")
    now = figures.at(tables, day)
    wholes, volets = figures.counts(now, ["region_code"]), figures.counts(now, ["region_code", "volet"])
    made: list[Any] = [html.Label(["Comparer", levels]), html.Div(id="compared")]
    made.append(html.H2("Des éligibles aux cibles atteintes"))
    for region in present(now):
        whole = wholes[wholes["region_code"] == region].iloc[0]
        steps = figures.steps(whole, volets[volets["region_code"] == region])
        made.append(show(figures.bars(steps), REGIONS[region], steps))
    made.append(html.H2("Écarts entre départements : hasard ou non"))
    return [*made, html.Label(["Taux étudié", studied]), html.Div(id="spread")]


@callback(Output("compared", "children"), Input("level", "value"), *[State(i.component_id, "value") for i in FILTERS])
def compared(level: str, *filters: Any) -> list[Any]:
    tables, day = selected(filters)
    now, made = figures.at(tables, day), []
    for rate, (label, *_) in figures.RATES.items():
        found = figures.territories(now, rate, level)
        made.append(
            show(figures.dots(found, rate), label, found[["territory", "part", "whole", "rate", "low", "high"]])
        )
    return made


@callback(Output("spread", "children"), Input("studied", "value"), *[State(i.component_id, "value") for i in FILTERS])
def spread(studied: str, *filters: Any) -> list[Any]:
    tables, day = selected(filters)
    found = figures.territories(figures.at(tables, day), studied, "department")
    if len(found) < 2:
        return []
    table = found[["territory", "part", "whole", "rate"]]
    return [show(figures.funnel(found), "Entonnoir", table), show(figures.strip(found), "Déciles", table)]


def windows_page(tables: Tables, day: str) -> list[Any]:
    now = figures.at(tables, day)
    past = figures.counts(tables, ["snapshot", "region_code", "window", "volet"])
    volets_past = figures.counts(tables, ["snapshot", "region_code", "volet"])
    made: list[Any] = [html.H2("Fenêtre par fenêtre")]
    for region in present(now):
        steps = figures.window_steps(now, region)
        reached = figures.milestones(past[past["region_code"] == region])
        table = steps[["window", "applications", "accepted", "newcomers", "returning", "cumulative", "eligible"]]
        made.append(show(figures.staircase(steps), f"{REGIONS[region]} – fenêtres", table))
        made.append(show(figures.milestones_chart(reached), f"{REGIONS[region]} – échéances", reached))
    made.append(html.H2("Au fil du temps"))
    for region in present(now):
        found = volets_past[volets_past["region_code"] == region]
        made.append(show(figures.over_time(found), REGIONS[region], found[["snapshot", *VOLET_TABLE]]))
    shown = volets_past[volets_past["snapshot"] == day]
    if len(shown):
        made.append(html.H2("Rejouer le programme"))
        made.append(show(figures.standings(shown), "Situation par situation", shown[VOLET_TABLE]))
    return made


if __name__ == "__main__":
    serve(app.server, host="127.0.0.1", port=int(sys.argv[1]), connection_limit=5_000, asyncore_use_poll=True)
