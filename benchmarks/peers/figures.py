"""The figures of both peers: the same Parquet files as sunes reads, with pandas and Plotly, as one writes them.

No care is taken here to be slow, and none to be fast: merges, group-bys and figures, as the manuals show them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import plotly.express as px
import plotly.graph_objects as go

DATA = Path(__file__).resolve().parents[2] / "data"
REGIONS = {"76": "Occitanie", "11": "Île-de-France"}
VOLETS = {"dmp": "Volet 1", "mss": "Volet 2"}
STATUSES = {"public": "Public", "espic": "Privé non lucratif (ESPIC)", "private": "Privé"}
WINDOWS = (1, 2, 3, 4)
DEADLINES = {1: "2022-09-30", 2: "2022-12-31"}
TARGETS = {"dmp": 0.80, "mss": 0.70}
REQUIRED = {"lettre_liaison": "dmp", "ordonnance_sortie": "dmp", "mss_pro": "mss", "mss_citoyenne": "mss"}
COLOURS = {"Participation": "#2f3b42", "Volet 1": "#0a6c8c", "Volet 2": "#9285c9"}
TARGET = "#d0640b"
DEPARTMENTS = {
    each["properties"]["code"]: each["properties"]["name"]
    for each in json.loads((DATA / "reference/geography/departments.geojson").read_text("utf-8"))["features"]
}
RATES = {
    "participation_rate": ("Participation", "applicants", "eligible", None),
    "acceptance_rate": ("Acceptation", "accepted_applications", "decided", None),
    "attainment_dmp": ("Atteinte du volet 1", "attained", "accepted", "dmp"),
    "attainment_mss": ("Atteinte du volet 2", "attained", "accepted", "mss"),
}


@dataclass
class Tables:
    establishments: pd.DataFrame
    applications: pd.DataFrame
    usages: pd.DataFrame


def snapshots() -> list[str]:
    """The days of the snapshots, the newest first."""
    return sorted({path.name[6:16] for path in (DATA / "snapshots").glob("as_of=*")}, reverse=True)


def load(days: Sequence[str] = ()) -> Tables:
    """All snapshots, or those of some days; of a corrected one the last revision."""
    found = sorted((DATA / "snapshots").glob("as_of=*"))
    latest = {path.name[6:16]: path for path in found if not days or path.name[6:16] in days}
    tables = {}
    for name in ("establishments", "applications", "usages"):
        frames = [pd.read_parquet(path / f"{name}.parquet").assign(snapshot=day) for day, path in latest.items()]
        tables[name] = pd.concat(frames, ignore_index=True)
    return Tables(**tables)


def select(
    tables: Tables,
    until: str,
    regions: Sequence[str] = (),
    departments: Sequence[str] = (),
    volet: str | None = None,
    windows: Sequence[int] = (),
    statuses: Sequence[str] = (),
) -> Tables:
    """What the filters keep, of the snapshots up to a day."""
    establishments = tables.establishments[tables.establishments["snapshot"] <= until]
    if regions:
        establishments = establishments[establishments["region_code"].isin(regions)]
    if departments:
        establishments = establishments[establishments["department_code"].isin(departments)]
    if statuses:
        establishments = establishments[establishments["legal_status"].isin(statuses)]
    applications = tables.applications[tables.applications["snapshot"] <= until]
    accepted = applications[applications["decision"] == "accepted"]
    first = accepted.groupby(["snapshot", "finess"])["window"].min().rename("first_window").reset_index()
    applications = applications.merge(first, on=["snapshot", "finess"], how="left")
    if volet:
        applications = applications[applications["volet"] == volet]
    if windows:
        applications = applications[applications["window"].isin(windows)]
    usages = tables.usages[tables.usages["snapshot"] <= until]
    required = usages[usages["indicator"].map(REQUIRED) == usages["volet"]]
    outcome = (
        required.assign(reached=required["status"] == "attained", missed=required["status"] == "missed")
        .groupby(["snapshot", "finess", "window", "volet"], as_index=False)[["reached", "missed"]]
        .sum()
    )
    applications = applications.merge(outcome, on=["snapshot", "finess", "window", "volet"], how="left").merge(
        establishments[["snapshot", "finess", "name", "region_code", "department_code"]], on=["snapshot", "finess"]
    )
    applications["attained"] = (applications["decision"] == "accepted") & (applications["reached"] == 2)
    applications["evaluated"] = applications["attained"] | (
        (applications["decision"] == "accepted") & (applications["missed"] > 0)
    )
    return Tables(establishments, applications, usages)


def at(tables: Tables, day: str) -> Tables:
    """One snapshot of a selection."""
    return Tables(
        *(frame[frame["snapshot"] == day] for frame in (tables.establishments, tables.applications, tables.usages))
    )


def counts(tables: Tables, by: Sequence[str]) -> pd.DataFrame:
    """The figures per group of `by` (snapshot, region_code, department_code, window, volet)."""
    by = list(by)
    places = [column for column in by if column not in ("window", "volet")]
    applications = tables.applications
    filed = applications[applications["decision"] != "withdrawn"]
    accepted = applications[applications["decision"] == "accepted"]
    rejected = applications[applications["decision"] == "rejected"]
    dossier = [column for column in [*by, "finess", "window"] if column not in by or column == "window"]
    dossiers = list(dict.fromkeys([*by, *dossier]))

    def people(frame: pd.DataFrame) -> pd.Series:
        return frame.groupby(by)["finess"].nunique()

    def files(frame: pd.DataFrame) -> pd.Series:
        return frame[dossiers].drop_duplicates().groupby(by).size()

    table = pd.DataFrame(
        {
            "applications": files(filed),
            "applicants": people(filed),
            "accepted": people(accepted),
            "newcomers": people(accepted[accepted["window"] == accepted["first_window"]]),
            "evaluated": people(accepted[accepted["evaluated"]]),
            "attained": people(accepted[accepted["attained"]]),
            "accepted_applications": files(accepted),
            "rejected_applications": files(rejected),
        }
    ).fillna(0)
    eligible = tables.establishments[tables.establishments["eligible"]].groupby(places)["finess"].nunique()
    table = table.reset_index().merge(eligible.rename("eligible").reset_index(), on=places, how="left")
    table["decided"] = table["accepted_applications"] + table["rejected_applications"]
    table["participation_rate"] = table["applicants"] / table["eligible"]
    table["acceptance_rate"] = table["accepted_applications"] / table["decided"]
    table["attainment_rate"] = table["attained"] / table["accepted"]
    table["attainment_rate_max"] = (table["attained"] + table["accepted"] - table["evaluated"]) / table["accepted"]
    if "volet" in by:
        table["target_rate"] = table["volet"].map(TARGETS).astype(float)
        gap = (table["target_rate"] * table["accepted"] - 1e-9).apply(lambda value: int(-(-value // 1)))
        table["gap"] = (gap - table["attained"]).clip(lower=0)
    return table


def percent(value: float, digits: int = 1) -> str:
    return "non connu" if pd.isna(value) else f"{100 * value:.{digits}f} %".replace(".", ",")


# Overview ------------------------------------------------------------------------------------------------------------


def headline(region: str, whole: pd.Series, volets: pd.DataFrame) -> str:
    parts = [
        f"{VOLETS[row['volet']]} : il manque {int(row['gap'])} établissements pour atteindre la cible"
        if row["gap"]
        else f"{VOLETS[row['volet']]} : cible atteinte"
        for row in volets.to_dict("records")
    ]
    applied = f"{int(whole['applicants'])} des {int(whole['eligible'])} établissements éligibles ont candidaté"
    return f"{REGIONS.get(region, region)} : {applied} ({percent(whole['participation_rate'])}) ; {' ; '.join(parts)}."


def behind(departments: pd.DataFrame) -> str:
    worst = departments[departments["gap"] > 0].sort_values("gap", ascending=False).head(3)
    places = [
        f"{DEPARTMENTS.get(row['department_code'], row['department_code'])} ({int(row['gap'])})"
        for row in worst.to_dict("records")
    ]
    return f"Le retard est surtout dans : {', '.join(places)}." if places else ""


def cards(past: pd.DataFrame, volets_past: pd.DataFrame) -> list[tuple[str, str, str, str, pd.Series]]:
    """Label, value, change, what it is made of, and the line: participation, then each volet."""
    made = [_card("Participation", past, "participation_rate", "applicants", "eligible", "éligibles")]
    for volet, rows in volets_past.groupby("volet"):
        made.append(_card(VOLETS[str(volet)], rows, "attainment_rate", "attained", "accepted", "retenus"))
    return made


def _card(
    label: str, past: pd.DataFrame, rate: str, part: str, whole: str, of: str
) -> tuple[str, str, str, str, pd.Series]:
    past = past.sort_values("snapshot")
    now = past.iloc[-1]
    change = ""
    if len(past) > 1:
        change = f"{100 * (now[rate] - past.iloc[-2][rate]):+.1f} point".replace(".", ",")
    return label, percent(now[rate]), change, f"{int(now[part])} sur {int(now[whole])} {of}", past[rate]


def bullets(volets: pd.DataFrame) -> go.Figure:
    figure = go.Figure()
    for row in volets.to_dict("records"):
        label = VOLETS[row["volet"]]
        for value, width, opacity in ((row["attainment_rate_max"], 0.6, 0.25), (row["attainment_rate"], 0.35, 1)):
            figure.add_bar(
                x=[value], y=[label], orientation="h", width=width, opacity=opacity, marker_color=COLOURS[label],
                hovertemplate=f"{label} : {percent(value)}<extra></extra>",
            )  # fmt: skip
        figure.add_scatter(
            x=[row["target_rate"]], y=[label], mode="markers", hovertemplate="cible %{x:.0%}<extra></extra>",
            marker={"symbol": "line-ns", "size": 40, "line": {"width": 4, "color": TARGET}},
        )  # fmt: skip
        figure.add_annotation(
            x=row["target_rate"], y=label, yshift=35, text=f"cible {percent(row['target_rate'], 0)}", showarrow=False
        )
    figure.update_layout(barmode="overlay", showlegend=False, height=230, margin={"l": 0, "r": 40, "t": 30, "b": 24})
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.update_yaxes(autorange="reversed")
    return figure


def trend(past: pd.DataFrame, volets_past: pd.DataFrame) -> go.Figure:
    lines = pd.concat(
        [
            past.assign(line="Participation", rate=past["participation_rate"]),
            volets_past.assign(line=volets_past["volet"].map(VOLETS), rate=volets_past["attainment_rate"]),
        ]
    ).sort_values("snapshot")
    figure = px.line(lines, x="snapshot", y="rate", color="line", color_discrete_map=COLOURS)
    for volet in volets_past["volet"].unique():
        figure.add_hline(y=TARGETS[volet], line={"color": TARGET, "dash": "dot", "width": 1.5})
    figure.update_layout(height=256, margin={"l": 0, "r": 0, "t": 30, "b": 24}, xaxis_title=None, yaxis_title=None)
    figure.update_yaxes(range=[0, 1.05], tickformat=".0%")
    return figure


def changes(tables: Tables, since: str, now: str) -> pd.DataFrame:
    """The establishments that moved in a volet between two snapshots."""

    def states(day: str) -> pd.DataFrame:
        rows = tables.applications[tables.applications["snapshot"] == day]
        rank = pd.Series(1, index=rows.index)
        rank[rows["decision"] == "accepted"] = 2
        rank[rows["evaluated"] & ~rows["attained"]] = 3
        rank[rows["attained"]] = 4
        return rows.assign(state=rank).groupby(["finess", "name", "volet"])["state"].max().reset_index()

    both = (
        states(since)
        .merge(states(now), on=["finess", "volet"], how="outer", suffixes=("_before", ""))
        .fillna({"state": 0, "state_before": 0})
    )
    moved = both[both["state"] != both["state_before"]].sort_values(["state", "name"], ascending=[False, True])
    words = {
        0: "n’est plus candidat",
        1: "a candidaté",
        2: "est retenu",
        3: "a manqué la cible",
        4: "a atteint la cible",
    }
    return pd.DataFrame(
        {
            "Établissement": moved["name"].fillna(moved["name_before"]),
            "FINESS": moved["finess"],
            "Volet": moved["volet"].map(VOLETS),
            "Changement": moved["state"].map(words),
        }
    )


# Regions -------------------------------------------------------------------------------------------------------------


def wilson(part: pd.Series, whole: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The 95 % interval of a rate."""
    z, rate = 1.96, part / whole
    middle = (rate + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * ((rate * (1 - rate) / whole + z * z / (4 * whole * whole)).clip(lower=0) ** 0.5) / (1 + z * z / whole)
    return middle - half, middle + half


def territories(tables: Tables, rate: str, level: str) -> pd.DataFrame:
    """The rate of every region or département, with its interval."""
    _, part, whole, volet = RATES[rate]
    by = ["region_code"] if level == "region" else ["region_code", "department_code"]
    rows = counts(tables, [*by, "volet"] if volet else by)
    if volet:
        rows = rows[rows["volet"] == volet]
    rows = rows[rows[whole] > 0].assign(part=lambda each: each[part], whole=lambda each: each[whole])
    rows["rate"] = rows["part"] / rows["whole"]
    rows["low"], rows["high"] = wilson(rows["part"], rows["whole"])
    names = REGIONS if level == "region" else DEPARTMENTS
    rows["territory"] = rows[by[-1]].map(names)
    return rows.sort_values("rate")


def dots(rows: pd.DataFrame, rate: str) -> go.Figure:
    figure = px.scatter(
        rows, x="rate", y="territory", color=rows["region_code"].map(REGIONS), hover_data=["part", "whole"],
        error_x=rows["high"] - rows["rate"], error_x_minus=rows["rate"] - rows["low"],
    )  # fmt: skip
    if volet := RATES[rate][3]:
        figure.add_vline(x=TARGETS[volet], line={"color": TARGET, "dash": "dot"})
    figure.update_layout(height=120 + 24 * len(rows), legend_title=None, xaxis_title=None, yaxis_title=None)
    figure.update_xaxes(range=[0, 1.05], tickformat=".0%")
    return figure


def steps(whole: pd.Series, volets: pd.DataFrame) -> pd.DataFrame:
    made = [
        ("Éligibles", whole["eligible"], whole["eligible"]),
        ("Candidats", whole["applicants"], whole["eligible"]),
        ("Retenus", whole["accepted"], whole["applicants"]),
        *((f"{VOLETS[row['volet']]} atteint", row["attained"], row["accepted"]) for row in volets.to_dict("records")),
    ]
    table = pd.DataFrame(made, columns=["Étape", "Établissements", "Base"])
    return table.assign(Part=(table["Établissements"] / table["Base"]).map(percent))


def bars(made: pd.DataFrame) -> go.Figure:
    figure = px.bar(made, x="Établissements", y="Étape", orientation="h", text="Part")
    figure.update_layout(height=300, margin={"l": 0, "r": 0, "t": 20, "b": 20})
    figure.update_yaxes(autorange="reversed")
    return figure


def funnel(rows: pd.DataFrame) -> go.Figure:
    """Départements by size, with the limits that chance explains round the overall rate."""
    overall = rows["part"].sum() / rows["whole"].sum()
    figure = px.scatter(rows, x="whole", y="rate", text="department_code", hover_name="territory")
    sizes = pd.Series(range(1, int(rows["whole"].max()) + 5))
    spread = (overall * (1 - overall) / sizes) ** 0.5
    for z, dash in ((1.96, "dash"), (3.09, "dot")):
        for side in (-1, 1):
            limit = (overall + side * z * spread).clip(0, 1)
            figure.add_scatter(x=sizes, y=limit, mode="lines", line={"dash": dash, "color": "#888"}, showlegend=False)
    figure.add_hline(y=overall)
    figure.update_layout(height=460, xaxis_title="effectif", yaxis_title=None)
    figure.update_yaxes(range=[0, 1.05], tickformat=".0%")
    return figure


def strip(rows: pd.DataFrame) -> go.Figure:
    figure = px.strip(rows, x="rate", hover_name="territory")
    for decile in rows["rate"].quantile([tenth / 10 for tenth in range(1, 10)]):
        figure.add_vline(x=decile, line={"width": 1, "color": "#888"})
    figure.update_layout(height=180, xaxis_title=None)
    figure.update_xaxes(tickformat=".0%")
    return figure


# Windows -------------------------------------------------------------------------------------------------------------


def window_steps(tables: Tables, region: str) -> pd.DataFrame:
    """What each window added: accepted, newcomers, and how many in all up to it."""
    rows = counts(tables, ["region_code", "window"])
    rows = rows[rows["region_code"] == region].sort_values("window")
    accepted = tables.applications[
        (tables.applications["decision"] == "accepted") & (tables.applications["region_code"] == region)
    ]
    rows["cumulative"] = [accepted[accepted["window"] <= window]["finess"].nunique() for window in rows["window"]]
    return rows.assign(returning=rows["accepted"] - rows["newcomers"])


def staircase(rows: pd.DataFrame) -> go.Figure:
    names = [f"Fenêtre {window}" for window in rows["window"]]
    figure = go.Figure()
    figure.add_bar(y=names, x=rows["eligible"], orientation="h", opacity=0.1, name="éligibles")
    figure.add_bar(
        y=names, x=rows["returning"], base=rows["cumulative"] - rows["accepted"], orientation="h",
        text=rows["returning"], name="déjà retenus auparavant",
    )  # fmt: skip
    figure.add_bar(
        y=names, x=rows["newcomers"], base=rows["cumulative"] - rows["newcomers"], orientation="h",
        text=rows["newcomers"], name="nouveaux retenus",
    )  # fmt: skip
    figure.update_layout(barmode="overlay", height=300, margin={"l": 0, "r": 0, "t": 20, "b": 20})
    figure.update_yaxes(autorange="reversed")
    return figure


def milestones(over_time: pd.DataFrame) -> pd.DataFrame:
    """Attainment per window and volet, at the window's deadline and now; of one region."""
    made = []
    for by, rows in over_time.sort_values("snapshot").groupby(["window", "volet"]):
        window, volet = int(str(by[0])), str(by[1])
        due = DEADLINES.get(window)
        then = rows[rows["snapshot"] <= due]["attainment_rate"] if due else pd.Series(dtype=float)
        made.append(
            {
                "Dossier": f"Fenêtre {window}, {VOLETS[volet]}",
                "À l’échéance": then.iloc[-1] if len(then) else None,
                "Atteinte": rows["attainment_rate"].iloc[-1],
                "Retenus": int(rows["accepted"].iloc[-1]),
                "Cible": TARGETS[volet],
            }
        )
    return pd.DataFrame(made)


def milestones_chart(made: pd.DataFrame) -> go.Figure:
    figure = go.Figure()
    for column, symbol in (("À l’échéance", "circle-open"), ("Atteinte", "circle"), ("Cible", "line-ns-open")):
        figure.add_scatter(
            x=made[column], y=made["Dossier"], mode="markers", name=column, marker={"symbol": symbol, "size": 13}
        )
    figure.update_layout(height=360, margin={"l": 0, "r": 0, "t": 20, "b": 20})
    figure.update_xaxes(range=[0, 1.05], tickformat=".0%")
    figure.update_yaxes(autorange="reversed")
    return figure


def over_time(volets_past: pd.DataFrame) -> go.Figure:
    figure = px.line(
        volets_past.sort_values("snapshot"), x="snapshot", y="attainment_rate", color=volets_past["volet"].map(VOLETS),
        color_discrete_map=COLOURS,
    )  # fmt: skip
    for deadline in DEADLINES.values():
        figure.add_vline(x=deadline, line={"dash": "dot"})
    for volet in volets_past["volet"].unique():
        figure.add_hline(y=TARGETS[volet], line={"color": TARGET, "dash": "dot"})
    figure.update_layout(height=320, xaxis_title=None, yaxis_title=None, legend_title=None)
    figure.update_yaxes(range=[0, 1.05], tickformat=".0%")
    return figure


def standings(volets: pd.DataFrame) -> go.Figure:
    """Where each region stands in a snapshot."""
    names = volets["region_code"].map(REGIONS) + " – " + volets["volet"].map(VOLETS)
    figure = px.bar(volets.assign(name=names), x=["attained", "evaluated", "accepted"], y="name", barmode="overlay")
    figure.update_layout(height=320, xaxis_title=None, yaxis_title=None, legend_title=None)
    return figure
