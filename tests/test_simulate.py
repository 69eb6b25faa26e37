"""The embedded data set: drawn the same every time, true to the published figures, fictitious and complete."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sunes import engine, metrics
from sunes.errors import DataError, UsageError
from sunes.programme import load_programme
from sunes.schema import TABLES, row_problems
from sunes.simulate import SimulatedSnapshot, publish_all, simulate
from sunes.simulation.settings import FILE, Closure, load_settings
from sunes.snapshots import DATA, Snapshot, Store
from sunes.view import View

Row = dict[str, Any]

PROGRAMME = load_programme()
EMBEDDED = Store(DATA)
MEGABYTE = 1_000_000


@cache
def drawn() -> tuple[SimulatedSnapshot, ...]:
    return tuple(simulate(PROGRAMME, load_settings()))


@cache
def rows(as_of: str, table: str, revision: int | None = None) -> list[Row]:
    """The rows of a drawn snapshot, of its latest revision unless told otherwise."""
    snapshots = [s for s in drawn() if str(s.as_of) == as_of and revision in (None, s.revision)]
    found: list[Row] = snapshots[-1].tables[table].to_pylist()
    return found


@cache
def regions(as_of: str) -> dict[str, str]:
    return {row["finess"]: row["region_code"] for row in rows(as_of, "establishments")}


def applications(as_of: str, region: str, window: int | None = None) -> list[Row]:
    """The applications of a region that are not withdrawn."""
    return [
        row
        for row in rows(as_of, "applications")
        if regions(as_of)[row["finess"]] == region
        and window in (None, row["window"])
        and row["decision"] != "withdrawn"
    ]


def establishments_of(found: Iterable[Row]) -> set[str]:
    return {row["finess"] for row in found}


def accepted(as_of: str, region: str, window: int | None = None) -> list[Row]:
    return [row for row in applications(as_of, region, window) if row["decision"] == "accepted"]


# --- The store --------------------------------------------------------------------------------------------------------


def embedded() -> dict[tuple[date, int], Snapshot]:
    return {(snapshot.as_of, snapshot.revision): snapshot for snapshot in EMBEDDED.snapshots()}


def test_the_committed_snapshots_are_what_the_settings_draw() -> None:
    assert list(embedded()) == [(s.as_of, s.revision) for s in drawn()]
    for simulated in drawn():
        snapshot = embedded()[simulated.as_of, simulated.revision]
        for name, table in simulated.tables.items():
            committed = pq.read_table(snapshot.file(name), partitioning=None).cast(TABLES[name].schema)
            assert committed.equals(table), f"{snapshot.id.pin}, {name}: empty data/snapshots, then simulate again"
        assert snapshot.manifest.published_at == simulated.published_at


def test_every_committed_snapshot_says_that_it_is_simulated_and_where_it_comes_from() -> None:
    for snapshot in EMBEDDED.snapshots():
        assert snapshot.simulated
        titles = [source.title for source in snapshot.manifest.sources or ()]
        assert titles[0] == "Jeu simulé"
        assert all(source.licence for source in snapshot.manifest.sources or ())


def test_the_history_has_32_month_ends_and_one_correction() -> None:
    dates = [snapshot.as_of for snapshot in drawn()]
    assert len(dates) == 33
    assert (dates[0], dates[-1]) == (date(2021, 11, 30), date(2024, 6, 30))
    assert all((as_of + timedelta(days=1)).day == 1 for as_of in dates)
    assert len(set(dates)) == 32
    moments = [snapshot.published_at for snapshot in drawn()]
    assert moments == sorted(moments)


def test_the_committed_files_stay_small() -> None:
    assert sum(file.stat().st_size for file in EMBEDDED.folder.rglob("*") if file.is_file()) <= 6 * MEGABYTE


def test_two_draws_are_equal() -> None:
    for first, second in zip(drawn(), simulate(PROGRAMME, load_settings()), strict=True):
        assert first.tables == second.tables


def test_another_seed_draws_something_else_with_the_same_published_figures() -> None:
    settings = load_settings().model_copy(update={"seed": 12})
    last = list(simulate(PROGRAMME, settings))[-1]
    assert last.tables["usages"] != drawn()[-1].tables["usages"]
    occitanie = {
        e["finess"]: e["eligible"] for e in last.tables["establishments"].to_pylist() if e["region_code"] == "76"
    }
    filed = [row for row in last.tables["applications"].to_pylist() if row["decision"] != "withdrawn"]
    assert sum(occitanie.values()) == 294
    assert len(establishments_of(filed) & occitanie.keys()) == 235


def test_a_store_that_holds_something_is_left_alone() -> None:
    with pytest.raises(UsageError, match="contient déjà des situations"):
        publish_all(EMBEDDED)


# --- What is published ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_of", ["2022-01-31", "2022-02-28", "2022-07-31", "2024-06-30"])
def test_ile_de_france_accepted_166_in_window_1(as_of: str) -> None:
    window_1 = accepted(as_of, "11", 1)
    assert len(establishments_of(window_1)) == 166
    assert {row["volet"] for row in window_1} == {"dmp"}


@pytest.mark.parametrize("as_of", ["2022-04-30", "2022-05-31", "2022-07-31", "2024-06-30"])
def test_ile_de_france_received_168_dossiers_in_window_2(as_of: str) -> None:
    volets = defaultdict(set)
    for row in applications(as_of, "11", 2):
        volets[row["finess"]].add(row["volet"])
    assert len(volets) == 168
    assert Counter(frozenset(v) for v in volets.values()) == {
        frozenset({"dmp"}): 30,
        frozenset({"mss"}): 76 + 5,
        frozenset({"dmp", "mss"}): 57,
    }


@pytest.mark.parametrize("as_of", ["2022-06-30", "2022-07-31"])
def test_ile_de_france_in_the_middle_of_2022(as_of: str) -> None:
    first, second = (establishments_of(accepted(as_of, "11", window)) for window in (1, 2))
    assert (len(second), len(first & second), len(second - first), len(first | second)) == (159, 76, 83, 249)
    assert {row["decision"] for row in applications(as_of, "11")} == {"accepted", "rejected"}
    returned = [row for row in accepted(as_of, "11", 2) if row["finess"] in first]
    assert {row["volet"] for row in returned} == {"mss"}
    assert 20_700_000 <= sum(row["grant_eur"] for row in accepted(as_of, "11")) <= 20_990_000


def test_occitanie_in_june_2024() -> None:
    eligible = [e for e in rows("2024-06-30", "establishments") if e["region_code"] == "76" and e["eligible"]]
    assert len(eligible) == 294
    assert len(establishments_of(applications("2024-06-30", "76"))) == 235
    assert len({e["department_code"] for e in eligible}) == 13


def test_the_metrics_say_the_same() -> None:
    def ask(as_of: str, region: str, *by: str) -> metrics.Answer:
        snapshots = [(s.as_of, s.revision, s.tables) for s in drawn() if str(s.as_of) == as_of][-1:]
        frames = engine.frames_from_tables(snapshots, "pyarrow", simulated=True)
        return metrics.answer(frames, View(regions=(region,)), by, programme=PROGRAMME)

    occitanie = ask("2024-06-30", "76").row()
    assert (occitanie["eligible"], occitanie["applicants"]) == (294, 235)
    assert round(occitanie["participation_rate"], 4) == 0.7993
    windows = ask("2022-07-31", "11", "window")
    assert [(w["accepted"], w["newcomers"]) for w in windows.rows[:2]] == [(166, 166), (159, 83)]
    assert windows.row(window=2)["applications"] == 168
    assert ask("2022-07-31", "11").row()["accepted"] == 249
    ends = {region: ask("2024-06-30", region, "volet") for region in ("76", "11")}
    assert 8 <= ends["76"].row(volet="dmp")["gap_establishments"] <= 15
    assert ends["76"].row(volet="mss")["gap_establishments"] == 0
    assert ends["11"].row(volet="dmp")["gap_establishments"] == 0
    assert ends["11"].row(volet="mss")["gap_establishments"] > 0


# --- Fictitious -------------------------------------------------------------------------------------------------------


def test_nobody_takes_an_establishment_for_a_real_one() -> None:
    everyone = {row["finess"]: row["name"] for s in drawn() for row in s.tables["establishments"].to_pylist()}
    assert len(everyone) > 700
    assert len(set(everyone.values())) == len(everyone)
    assert all("fictif" in name or "fictive" in name for name in everyone.values())
    assert all(finess.startswith("99") and finess.isdigit() for finess in everyone)
    entities = {row["finess_ej"] for row in rows("2024-06-30", "establishments") if row["finess_ej"]}
    assert all(entity.startswith("99") for entity in entities)
    assert entities.isdisjoint(everyone)


def test_establishments_stand_in_their_region() -> None:
    departments = {department: region.code for region in PROGRAMME.regions for department in region.departments}
    located = 0
    for row in rows("2024-06-30", "establishments"):
        assert departments[row["department_code"]] == row["region_code"]
        assert row["commune_code"].startswith(row["department_code"])
        assert (row["latitude"] is None) == (row["longitude"] is None) == (row["location_source"] == "none")
        if row["latitude"] is not None:
            box = (42.3, 45.1, -0.4, 4.9) if row["region_code"] == "76" else (48.1, 49.3, 1.4, 3.6)
            assert box[0] < row["latitude"] < box[1]
            assert box[2] < row["longitude"] < box[3]
            located += 1
    assert located > 600


# --- Valid and consistent ---------------------------------------------------------------------------------------------


def test_every_snapshot_keeps_the_contract() -> None:
    for snapshot in drawn():
        assert row_problems(snapshot.tables, PROGRAMME) == []
        for name, table in snapshot.tables.items():
            keys = list(zip(*(table.column(column).to_pylist() for column in TABLES[name].key), strict=True))
            assert keys == sorted(keys)


def test_nothing_comes_from_the_future_and_every_dossier_from_its_window() -> None:
    windows = {window.number: window for window in PROGRAMME.windows}
    for snapshot in drawn():
        for row in snapshot.tables["applications"].to_pylist():
            window = windows[row["window"]]
            assert window.opens <= row["filed_on"] <= min(window.closes, snapshot.as_of)
            assert row["volet"] in window.volets
            assert (row["decided_on"] is None) == (row["decision"] == "pending")
            assert row["decided_on"] is None or row["filed_on"] <= row["decided_on"] <= snapshot.as_of
            assert (row["grant_eur"] is not None) == (row["decision"] == "accepted")
        for row in snapshot.tables["usages"].to_pylist():
            assert (row["evaluated_on"] is None) == (row["status"] == "not_evaluated")
            assert row["evaluated_on"] is None or row["evaluated_on"] <= snapshot.as_of


def test_a_usage_says_what_its_numbers_say() -> None:
    compared = 0
    for snapshot in drawn():
        for row in snapshot.tables["usages"].to_pylist():
            assert (row["numerator"] is None) == (row["denominator"] is None)
            if row["numerator"] is not None:
                assert 0 <= row["numerator"] <= row["denominator"]
                assert row["denominator"] > 0
            if row["status"] != "not_evaluated" and row["threshold"] is not None:
                attained = row["numerator"] / row["denominator"] >= row["threshold"]
                assert attained == (row["status"] == "attained")
                compared += 1
    assert compared > 10_000


def test_each_accepted_application_has_the_indicators_of_its_volet_and_of_its_activities() -> None:
    optional = {measure.id: measure.activity for measure in load_settings().indicators if measure.activity}
    activities = {row["finess"]: row["activities"] for row in rows("2024-06-30", "establishments")}
    found = defaultdict(set)
    for row in rows("2024-06-30", "usages"):
        found[row["finess"], row["window"], row["volet"]].add(row["indicator"])
    for row in rows("2024-06-30", "applications"):
        expected = set()
        if row["decision"] == "accepted":
            expected = {
                indicator.id
                for indicator in PROGRAMME.indicators
                if indicator.volet == row["volet"] and optional.get(indicator.id) in (None, *activities[row["finess"]])
            }
        assert found[row["finess"], row["window"], row["volet"]] == expected


def test_an_establishment_changes_only_as_said() -> None:
    settings = load_settings()
    changes: dict[str, set[str]] = defaultdict(set)
    known: dict[str, Row] = {}
    for snapshot in drawn():
        for row in snapshot.tables["establishments"].to_pylist():
            before = known.get(row["finess"], row)
            changes[row["finess"]] |= {column for column in row if row[column] != before[column]}
            known[row["finess"]] = row
    assert sorted(column for columns in changes.values() for column in columns) == ["eligible", "legal_status"]
    assert len(settings.status_changes) == 1


def test_a_decision_is_only_taken_back_by_a_withdrawal_or_a_correction() -> None:
    steps: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for snapshot in drawn():
        if (snapshot.as_of, snapshot.revision) != (load_settings().correction.as_of, 1):
            for row in snapshot.tables["applications"].to_pylist():
                decisions = steps[row["finess"], row["window"], row["volet"]]
                if decisions[-1:] != [row["decision"]]:
                    decisions.append(row["decision"])
    after_pending = {tuple(d for d in decisions if d != "pending") for decisions in steps.values()}
    assert after_pending == {("accepted",), ("rejected",), ("withdrawn",), ("accepted", "withdrawn")}


# --- Every state of real data -----------------------------------------------------------------------------------------


def test_every_decision_and_status_is_there() -> None:
    for region in ("76", "11"):
        decisions, statuses = set(), set()
        for snapshot in drawn():
            of = {e["finess"]: e["region_code"] for e in snapshot.tables["establishments"].to_pylist()}
            decisions |= {
                a["decision"] for a in snapshot.tables["applications"].to_pylist() if of[a["finess"]] == region
            }
            statuses |= {u["status"] for u in snapshot.tables["usages"].to_pylist() if of[u["finess"]] == region}
        assert decisions == {"pending", "accepted", "rejected", "withdrawn"}
        assert statuses == {"not_evaluated", "attained", "missed"}


def test_usages_are_missed_then_attained_sometimes_lost_again_and_sometimes_never_evaluated() -> None:
    histories: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for snapshot in drawn():
        for row in snapshot.tables["usages"].to_pylist():
            history = histories[row["finess"], row["window"], row["volet"], row["indicator"]]
            if history[-1:] != [row["status"]]:
                history.append(row["status"])
    kinds = Counter(tuple(history) for history in histories.values())
    assert kinds["not_evaluated", "missed", "attained"] > 100
    assert kinds["not_evaluated",] > 50
    assert 5 < kinds["not_evaluated", "attained", "missed"] < kinds["not_evaluated", "attained"] / 10
    assert all(history[0] == "not_evaluated" for history in histories.values())


def test_some_things_are_not_known_and_some_are_zero() -> None:
    establishments, usages = rows("2024-06-30", "establishments"), rows("2024-06-30", "usages")
    assert {e["location_source"] for e in establishments} == {"register", "commune", "none"}
    assert {e["level"] for e in establishments} == {"EJ", "ET"}
    assert {e["legal_status"] for e in establishments} == {"public", "espic", "private"}
    assert any(e["combined_activity"] is None for e in establishments)
    assert any(not e["activities"] for e in establishments)
    assert any(not e["eligible"] for e in establishments)
    assert any(u["numerator"] is None for u in usages)
    assert any(u["numerator"] == 0 for u in usages)
    assert 0.2 < sum(u["threshold"] is None for u in usages) / len(usages) < 0.4


def test_a_volet_can_be_accepted_and_the_other_rejected_but_not_in_the_window_that_is_published() -> None:
    decisions: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for row in rows("2024-06-30", "applications"):
        decisions[regions("2024-06-30")[row["finess"]], row["finess"], row["window"]].add(row["decision"])
    mixed = {(region, window) for (region, _, window), found in decisions.items() if found == {"accepted", "rejected"}}
    assert ("11", 2) not in mixed
    assert {("76", 2), ("11", 4)} <= mixed


def test_an_establishment_without_a_dossier_closes_and_leaves_the_register() -> None:
    def eligible(as_of: str) -> set[str]:
        return {e["finess"] for e in rows(as_of, "establishments") if e["region_code"] == "76" and e["eligible"]}

    (closed,) = eligible("2023-01-31") - eligible("2023-02-28")
    assert (len(eligible("2023-01-31")), len(eligible("2023-02-28"))) == (295, 294)
    assert closed not in regions("2023-02-28")


def test_an_establishment_with_a_dossier_closes_stays_in_the_table_and_is_not_eligible_any_more() -> None:
    def states(as_of: str) -> dict[str, bool]:
        return {e["finess"]: e["eligible"] for e in rows(as_of, "establishments")}

    before, after = states("2022-11-30"), states("2022-12-31")
    (closed,) = [finess for finess in before if before[finess] and not after[finess]]
    dossiers = {
        as_of: {a["decision"] for a in rows(as_of, "applications") if a["finess"] == closed}
        for as_of in ("2022-11-30", "2022-12-31")
    }
    assert dossiers == {"2022-11-30": {"pending"}, "2022-12-31": {"withdrawn"}}


def test_one_snapshot_is_corrected_and_only_its_decisions_and_their_usages_change() -> None:
    correction = load_settings().correction
    as_of = str(correction.as_of)
    assert [s.revision for s in drawn() if s.as_of == correction.as_of] == [1, 2]
    wrong, right = (
        {(a["finess"], a["window"], a["volet"]): a["decision"] for a in rows(as_of, "applications", revision)}
        for revision in (1, 2)
    )
    corrected = {key for key in right if wrong[key] != right[key]}
    assert corrected
    assert {(wrong[key], right[key]) for key in corrected} == {("rejected", "accepted")}
    followed = {(u["finess"], u["window"], u["volet"]) for u in rows(as_of, "usages", 1)}
    assert followed.isdisjoint(corrected)
    assert {(u["finess"], u["window"], u["volet"]) for u in rows(as_of, "usages", 2)} == followed | corrected


# --- Settings that make no sense --------------------------------------------------------------------------------------


def broken(**update: Any) -> tuple[str | None, str | None, str]:
    """Key, value and message of the first problem with the settings so changed."""
    with pytest.raises(DataError) as caught:
        list(simulate(PROGRAMME, load_settings().model_copy(update=update)))
    first = caught.value.problems[0]
    assert first.file == "simulation.toml"
    return first.key, first.value, first.message


def test_settings_that_contradict_the_programme_are_told_by_key_and_value() -> None:
    settings = load_settings()
    message = "ce département n’a pas d’établissements dans « territories »."
    assert broken(closures=(Closure(department="13", on=date(2023, 1, 1)),)) == ("closures", "13", message)
    assert broken(due=()) == ("due", "3", "cette fenêtre n’a pas d’échéance.")
    missing = settings.indicators[0].id
    assert broken(indicators=settings.indicators[1:])[:2] == ("indicators", missing)
    early = settings.intakes[0].model_copy(update={"groups": settings.intakes[1].groups})
    assert broken(intakes=(early,))[:2] == ("intakes", "mss")


def test_settings_that_ask_for_more_than_there_is_are_told_what_is_short() -> None:
    settings = load_settings()
    names = settings.names.model_copy(update={"adjectives": settings.names.adjectives[:2]})
    assert "ne suffisent pas" in broken(names=names)[2]
    group = settings.intakes[0].groups[0].model_copy(update={"accepted": 600})
    intakes = (settings.intakes[0].model_copy(update={"groups": (group,)}), *settings.intakes[1:])
    assert "établissements possibles" in broken(intakes=intakes)[2]
    location = settings.location.model_copy(update={"minimum_population": 10**9})
    assert "minimum_population" in broken(location=location)[2]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('title = "Clinique fictive"', 'title = "Clinique"', "kinds[5]"),
        ('establishment = "990"', 'establishment = "310"', "keys.establishment"),
        ("as_of = 2023-05-31", "as_of = 2023-05-30", None),
        ("seed = ", "sed = ", "seed"),
    ],
)
def test_a_settings_file_that_could_mislead_is_refused(tmp_path: Path, old: str, new: str, key: str | None) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / FILE.name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_settings(tmp_path / FILE.name)
    assert key in [problem.key for problem in caught.value.problems]
