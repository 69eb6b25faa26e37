"""The embedded data through the files that people have, and back: not one figure changes."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pytest

from sunes import metrics, snapshots
from sunes.ingest import InputFile, Report, import_files
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.view import View
from tests import messy
from tests.people import HERE
from tests.rows import Row

PROGRAMME = load_programme()
AS_OF = date(2024, 6, 30)
# FINESS does not know the combined activity; the list that an agency keeps does.
_ACTIVITY = {"activity_applicants", "activity_eligible", "activity_share"}


@pytest.fixture(scope="module")
def embedded() -> Store:
    return Store.default()


@pytest.fixture(scope="module")
def rows(embedded: Store) -> dict[str, list[Row]]:
    return {name: table.to_pylist() for name, table in snapshots.read(embedded.resolve("2024-06-30~1")).items()}


Imported = tuple[Store, Report]


def publish(rows: dict[str, list[Row]], register: InputFile, store: Store) -> Imported:
    report = import_files(
        store,
        PROGRAMME,
        register=[register],
        applications=messy.dossiers(rows["applications"]),
        usages=[messy.follow_up(rows["usages"])],
        as_of=AS_OF,
        by=HERE,
        confirmed=True,
    )
    return store, report


@pytest.fixture(scope="module")
def imported(rows: dict[str, list[Row]], tmp_path_factory: pytest.TempPathFactory) -> Imported:
    register = messy.finess_stock(rows["establishments"], encoding="iso-8859-1")
    return publish(rows, register, Store(tmp_path_factory.mktemp("finess")))


@pytest.fixture(scope="module")
def imported_list(rows: dict[str, list[Row]], tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return publish(rows, messy.register(rows["establishments"]), Store(tmp_path_factory.mktemp("list")))


def figures(store: Store, view: View, by: Sequence[str], without: Collection[str] = ()) -> list[dict[str, Any]]:
    answer = metrics.ask(store, view, by, programme=PROGRAMME)
    told = {"snapshot", "revision", "simulated", *without}
    return [{name: value for name, value in row.items() if name not in told} for row in answer.rows]


@pytest.mark.parametrize(
    ("by", "view"),
    [
        ((), View()),
        (("region",), View()),
        (("region", "volet"), View()),
        (("region", "window", "volet"), View()),
        (("department", "volet"), View()),
        (("legal_status", "volet"), View()),
        (("department", "window"), View(regions=("76",))),
        (("region", "volet"), View(windows=(2, 3))),
    ],
)
def test_every_figure_comes_back(
    embedded: Store, imported: Imported, imported_list: Imported, by: tuple[str, ...], view: View
) -> None:
    expected = figures(embedded, view, by)
    assert expected
    assert figures(imported_list[0], view, by) == expected
    assert figures(imported[0], view, by, _ACTIVITY) == figures(embedded, view, by, _ACTIVITY)


def test_nothing_is_rejected_and_what_was_put_right_is_told(imported: Imported) -> None:
    _, report = imported
    assert report.rejected == ()
    assert report.blocking == ()
    assert [file.encoding == "UTF-8" for file in report.files if file.encoding] == [False, False, True]
    mended = {repair.file for repair in report.repairs}
    assert len(mended) == 5
    assert any("les décimales sont retirées" in repair.message for repair in report.repairs)
    assert any("les espaces sont retirées" in repair.message for repair in report.repairs)


def test_every_dossier_comes_back_as_it_was(rows: dict[str, list[Row]], imported: Imported) -> None:
    assert sorted_rows(imported[0], "applications") == by_key(rows["applications"])


def test_every_measure_comes_back_but_the_counts_behind_mere_rates(
    rows: dict[str, list[Row]], imported: Imported
) -> None:
    """The sheet of the first window has no thresholds, that of the last one has no counts."""
    lost = {1: {"threshold"}, 4: {"numerator", "denominator"}}
    expected = [
        {name: None if name in lost.get(row["window"], ()) else value for name, value in row.items()}
        for row in by_key(rows["usages"])
    ]
    assert sorted_rows(imported[0], "usages") == expected


def test_establishments_are_where_they_were(rows: dict[str, list[Row]], imported: Imported) -> None:
    before = {row["finess"]: row for row in rows["establishments"]}
    after = snapshots.read(imported[0].resolve())["establishments"].to_pylist()
    referred = {row["finess"] for row in rows["applications"]}
    assert {row["finess"] for row in after} == {f for f, row in before.items() if row["eligible"] or f in referred}
    for row in after:
        was = before[row["finess"]]
        for column in ("finess_ej", "region_code", "department_code", "commune_code", "commune_name", "legal_status"):
            assert row[column] == was[column]
        assert row["eligible"] == was["eligible"]
        if was["latitude"] is not None:
            assert row["location_source"] == was["location_source"]
            assert abs(row["latitude"] - was["latitude"]) < 1e-5
            assert abs(row["longitude"] - was["longitude"]) < 1e-5


def test_no_one_s_name_reaches_the_disk(imported: Imported) -> None:
    store, report = imported
    written = b"".join(file.read_bytes() for file in store.directory.rglob("*") if file.is_file())
    for secret in ("martin", "jeanne", "exemple.fr", "05 61 00 00 00", "petit@"):
        assert secret.encode() not in written.lower()
        assert secret not in str(report).lower()


def by_key(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["finess"], row["window"], row["volet"], row.get("indicator", "")))


def sorted_rows(store: Store, table: str) -> list[Row]:
    return by_key(snapshots.read(store.resolve())[table].to_pylist())
