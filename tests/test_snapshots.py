"""The store: what is published can be found, opened and believed; what cannot be believed is said, in French."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunes import french
from sunes.errors import DataError, UsageError
from sunes.schema import TABLES
from sunes.snapshots import Snapshot, SnapshotId, SourceFile, Store, StoreBusyError, check_files, parse_reference, read
from tests.people import HERE, named
from tests.rows import application, establishment, tables, usage

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
ROWS = tables(
    [
        establishment(
            "310000001", activities=["mco", "had"], latitude=43.6, longitude=1.44, location_source="register"
        ),
        establishment("2A0000014", "94", "2A", legal_status="espic", combined_activity=12.5),
    ],
    [application("310000001", 1, "dmp", grant_eur=90_000, filed_on=date(2021, 10, 1))],
    [usage("310000001", 1, "dmp", "lettre_liaison", "attained")],
)


def typed(rows: dict[str, list[dict[str, Any]]]) -> dict[str, pa.Table]:
    return {name: pa.Table.from_pylist(rows[name], schema=TABLES[name].schema) for name in TABLES}


CONTENT = typed(ROWS)


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here depends on what survives a power cut, and waiting for the disk takes most of the time."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two dates, one revision each."""
    store = Store(tmp_path / "données")
    store.publish(MAY, CONTENT, simulated=True)
    store.publish(JUNE, CONTENT, simulated=True)
    return store


def plain(text: object) -> str:
    """As typed on a keyboard: which space stands before a semicolon is no matter of this file."""
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


def message(error: pytest.ExceptionInfo[Exception]) -> str:
    return plain(error.value)


class TestPublishing:
    def test_a_published_snapshot_reads_back_sorted_by_key(self, tmp_path: Path) -> None:
        snapshot = Store(tmp_path).publish(JUNE, CONTENT, simulated=True)
        found = read(snapshot)
        assert [row["finess"] for row in found["establishments"].to_pylist()] == ["2A0000014", "310000001"]
        assert found["establishments"].sort_by("name").equals(CONTENT["establishments"].sort_by("name"))
        assert found["applications"].equals(CONTENT["applications"])
        assert found["usages"].equals(CONTENT["usages"])

    def test_the_manifest_says_where_the_data_come_from(self, tmp_path: Path) -> None:
        source = SourceFile(title="Registre", publisher="Une agence", file_name="r.csv", sha256="ab", accessed=JUNE)
        moment = datetime(2024, 7, 1, 10, tzinfo=timezone(timedelta(hours=2)))
        Store(tmp_path).publish(
            JUNE,
            CONTENT,
            simulated=False,
            sources=[source],
            published_by="Une personne",
            published_at=moment,
            checks=[{"name": "lignes rejetées", "result": 0}],
        )
        manifest = Store(tmp_path).resolve().manifest
        assert not manifest.simulated
        assert manifest.sources == (source,)
        assert manifest.published_by == "Une personne"
        assert manifest.published_at == moment
        assert manifest.published_at.tzinfo == UTC
        assert manifest.checks == [{"name": "lignes rejetées", "result": 0}]
        assert {name: entry.rows for name, entry in manifest.tables.items()} == {
            "establishments": 2,
            "applications": 1,
            "usages": 1,
        }

    def test_the_same_content_in_another_order_gives_the_same_files(self, tmp_path: Path) -> None:
        moment = datetime(2024, 7, 1, tzinfo=UTC)
        shuffled = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in CONTENT.items()}
        one = Store(tmp_path / "a").publish(JUNE, CONTENT, simulated=True, published_at=moment)
        two = Store(tmp_path / "b").publish(JUNE, shuffled, simulated=True, published_at=moment)
        files = sorted(file.name for file in one.path.iterdir())
        assert files == ["applications.parquet", "establishments.parquet", "manifest.json", "usages.parquet"]
        assert [(one.path / name).read_bytes() for name in files] == [(two.path / name).read_bytes() for name in files]

    def test_invalid_rows_publish_nothing(self, store: Store) -> None:
        broken = typed(tables([establishment("31000")], [application("310000001", 1, "dmp")]))
        with pytest.raises(DataError) as error:
            store.publish(JUNE, broken, simulated=True)
        assert "31000" in message(error)
        assert "aucune ligne de « établissements » ne porte cette clé" in message(error)
        assert [s.id for s in store.snapshots()] == [SnapshotId(MAY), SnapshotId(JUNE)]

    def test_a_missing_or_unknown_table_publishes_nothing(self, tmp_path: Path) -> None:
        some = {"establishments": CONTENT["establishments"], "applications": CONTENT["applications"], "x": pa.table({})}
        with pytest.raises(DataError) as error:
            Store(tmp_path).publish(JUNE, some, simulated=True)
        assert message(error).splitlines() == [
            "usages : cette table manque.",
            "x : cette table n’est pas prévue par le contrat.",
        ]
        assert list(tmp_path.iterdir()) == []

    def test_a_correction_is_a_new_revision_and_both_stay_readable(self, store: Store) -> None:
        corrected = CONTENT | {"usages": TABLES["usages"].empty()}
        store.publish(JUNE, corrected, simulated=True)
        assert store.resolve().id == store.resolve("2024-06-30").id == SnapshotId(JUNE, 2)
        assert read(store.resolve("2024-06-30~2"))["usages"].num_rows == 0
        assert read(store.resolve("2024-06-30~1"))["usages"].num_rows == 1
        assert [str(s.id) for s in store.snapshots()] == ["2024-05-31", "2024-06-30", "2024-06-30~2"]
        assert [str(s.id) for s in store.history()] == ["2024-05-31", "2024-06-30~2"]

    def test_a_correction_of_what_one_has_not_seen_is_refused(self, store: Store) -> None:
        first = store.resolve().id
        second = store.publish(JUNE, CONTENT, simulated=True, base=first).id
        for stale in (first, None):
            with pytest.raises(StoreBusyError, match="a changé entre-temps"):
                store.publish(JUNE, CONTENT, simulated=True, base=stale)
        assert store.resolve().id == second

    @settings(max_examples=20, deadline=None)
    @given(
        st.lists(
            st.builds(
                establishment,
                st.from_regex(r"[0-9A-Z]{9}", fullmatch=True),
                name=st.text(),
                finess_ej=st.none() | st.just("310000001"),
                activities=st.lists(st.text(max_size=4), max_size=3),
                combined_activity=st.none() | st.floats(0, 1e9),
                latitude=st.none() | st.floats(-90, 90),
                eligible=st.booleans(),
            ),
            unique_by=lambda row: row["finess"],
            max_size=8,
        )
    )
    def test_whatever_is_valid_reads_back_as_it_was(
        self, tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
    ) -> None:
        filed = [
            application(row["finess"], 2, "mss", grant_eur=index or None, decided_on=date.fromordinal(index + 1))
            for index, row in enumerate(rows)
        ]
        content = typed(tables(rows, filed))
        snapshot = Store(tmp_path_factory.mktemp("store")).publish(JUNE, content, simulated=True)
        assert {name: table.to_pylist() for name, table in read(snapshot).items()} == {
            name: table.sort_by([(column, "ascending") for column in TABLES[name].key]).to_pylist()
            for name, table in content.items()
        }


class TestFinding:
    def test_latest_and_dates_and_pins(self, store: Store) -> None:
        for reference in (None, "", "latest", " Latest ", "2024-06-30", "2024-06-30~1"):
            assert store.resolve(reference).as_of == JUNE
        assert store.resolve("2024-05-31").as_of == MAY

    @pytest.mark.parametrize(
        "text", ["hier", "2024", "2024-02-30", "2024-06-30~0", "2024-06-30~", "20240630", "٢٠٢٤-٠٦-٣٠"]
    )
    def test_what_is_not_a_reference_is_told_what_is(self, store: Store, text: str) -> None:
        with pytest.raises(UsageError) as error:
            store.resolve(text)
        assert f"« {text} » ne désigne pas une situation" in message(error)
        assert "« latest », une date (« 2024-06-30 ») ou une révision (« 2024-06-30~2 »)" in message(error)

    @pytest.mark.parametrize(
        ("reference", "advice"),
        [
            ("2024-06-15", "dates les plus proches : 2024-05-31, 2024-06-30."),
            ("2019-01-01", "dates les plus proches : 2024-05-31."),
            ("2030-01-01~4", "dates les plus proches : 2024-06-30."),
            ("2024-06-30~4", "révisions de cette date : 2024-06-30~1."),
        ],
    )
    def test_an_unknown_date_names_the_nearest_ones(self, store: Store, reference: str, advice: str) -> None:
        with pytest.raises(UsageError) as error:
            store.resolve(reference)
        assert message(error) == f"il n’y a pas de situation « {reference} » ; {advice}"

    def test_history_is_cut_by_dates_included(self, store: Store) -> None:
        assert [s.as_of for s in store.history(since=JUNE)] == [JUNE]
        assert [s.as_of for s in store.history(until=MAY)] == [MAY]
        assert [s.as_of for s in store.history(MAY, JUNE)] == [MAY, JUNE]
        assert store.history(until=date(2020, 1, 1)) == ()

    def test_revisions_are_ordered_as_numbers(self, store: Store) -> None:
        for _ in range(10):
            store.publish(JUNE, CONTENT, simulated=True)
        assert store.resolve().id == SnapshotId(JUNE, 11)
        assert [s.revision for s in store.snapshots() if s.as_of == JUNE] == list(range(1, 12))

    def test_a_pin_means_itself(self) -> None:
        for snapshot_id in (SnapshotId(JUNE), SnapshotId(JUNE, 12)):
            assert parse_reference(snapshot_id.pin) == snapshot_id
        assert str(SnapshotId(JUNE)) == "2024-06-30"
        assert str(SnapshotId(JUNE, 2)) == "2024-06-30~2"

    def test_the_store_is_where_the_environment_says(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUNES_DATA", str(store.directory))
        assert Store.default().resolve() == store.resolve()

    def test_a_snapshot_is_a_key_that_follows_its_content(self, store: Store) -> None:
        before = store.resolve()
        assert {before: 1}[Store(store.directory).resolve()] == 1
        shutil.rmtree(store.directory)
        store.publish(JUNE, CONTENT, simulated=False)
        assert store.resolve() != before
        assert not store.resolve().simulated


class TestWithdrawing:
    def test_the_revision_before_becomes_the_default(self, store: Store) -> None:
        store.publish(JUNE, CONTENT, simulated=True)
        before = {file.name: file.read_bytes() for file in store.resolve().path.iterdir()}
        assert store.withdraw("latest", "fichier d’une autre région", by=named("Une personne")) == SnapshotId(JUNE, 2)
        assert store.resolve().id == store.resolve("2024-06-30").id == SnapshotId(JUNE, 1)
        assert [s.id for s in store.history()] == [SnapshotId(MAY), SnapshotId(JUNE)]
        assert SnapshotId(JUNE, 2) not in [s.id for s in store.snapshots()]
        assert [s.id for s in store.snapshots(withdrawn=True)][-1] == SnapshotId(JUNE, 2)
        withdrawal = store.withdrawals()[SnapshotId(JUNE, 2)]
        assert (withdrawal.reason, withdrawal.by) == ("fichier d’une autre région", "Une personne")
        kept = store.snapshots(withdrawn=True)[-1]
        assert {name: (kept.path / name).read_bytes() for name in before} == before
        assert store.verify("2024-06-30~2") == ()

    def test_a_link_to_it_says_when_and_why(self, store: Store) -> None:
        store.withdraw("2024-06-30", "fichier d’une autre région", by=named("Une personne"))
        today = datetime.now(UTC).date()
        for reference in ("2024-06-30", "2024-06-30~1"):
            with pytest.raises(UsageError) as error:
                store.resolve(reference)
            assert message(error) == (
                f"la situation « 2024-06-30~1 » a été retirée le {french.day(today)} par Une personne "
                "(motif : fichier d’une autre région) ; choisissez-en une autre."
            )
        assert store.resolve().as_of == MAY

    def test_it_can_be_restored(self, store: Store) -> None:
        store.publish(JUNE, CONTENT, simulated=True)
        store.withdraw("2024-06-30~2", "trop tôt", HERE)
        assert store.restore("2024-06-30", HERE) == SnapshotId(JUNE, 2)
        assert store.resolve().id == SnapshotId(JUNE, 2)
        assert store.withdrawals() == {}

    def test_the_reason_stays_when_it_is_restored(self, store: Store) -> None:
        for reason in ("trop tôt", "encore trop tôt"):
            store.withdraw("2024-06-30", reason, by=named("Une personne"))
            store.restore("2024-06-30", HERE)
        undone = store.undone_withdrawals(store.resolve().id)
        assert [(each.reason, each.by) for each in undone] == [
            ("trop tôt", "Une personne"),
            ("encore trop tôt", "Une personne"),
        ]

    def test_a_correction_of_a_withdrawn_revision_takes_the_next_number(self, store: Store) -> None:
        store.withdraw("2024-06-30", "trop tôt", HERE)
        assert store.publish(JUNE, CONTENT, simulated=True, base=None).id == SnapshotId(JUNE, 2)

    def test_what_makes_no_sense_is_refused(self, store: Store) -> None:
        with pytest.raises(UsageError, match="demande un motif"):
            store.withdraw("latest", "  ", HERE)
        with pytest.raises(UsageError, match="n’est pas retirée"):
            store.restore("latest", HERE)
        store.withdraw("2024-06-30", "trop tôt", HERE)
        with pytest.raises(UsageError, match="a été retirée"):
            store.withdraw("2024-06-30", "trop tôt", HERE)
        assert len(store.snapshots()) == 1


def rewrite_manifest(snapshot: Snapshot, **changes: Any) -> None:
    path = snapshot.path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def rewrite_table(snapshot: Snapshot, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change a file and its checksum, as somebody does who repairs a store by hand."""
    path = snapshot.file("usages")
    pq.write_table(change(pq.ParquetFile(path).read()), path)
    tables = {name: entry.model_dump() for name, entry in snapshot.manifest.tables.items()}
    rewrite_manifest(snapshot, tables=tables | {"usages": {"rows": 1}})


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[10] ^= 0xFF
    path.write_bytes(content)


class TestDamagedFiles:
    @pytest.mark.parametrize(
        ("damage", "said"),
        [
            (lambda s: s.file("usages").unlink(), "as_of=2024-06-30/usages.parquet : ce fichier manque."),
            (
                lambda s: truncate(s.file("applications")),
                "as_of=2024-06-30/applications.parquet : ce fichier Parquet est tronqué ou illisible.",
            ),
            (
                lambda s: s.file("usages").write_bytes(b""),
                "as_of=2024-06-30/usages.parquet : ce fichier Parquet est tronqué ou illisible.",
            ),
            (
                lambda s: flip(s.file("establishments")),
                "as_of=2024-06-30/establishments.parquet : l’empreinte n’est plus celle du manifeste : "
                "le fichier a changé.",
            ),
            (
                lambda s: rewrite_table(s, lambda t: t.append_column("couleur", pa.array(["bleu"]))),
                "as_of=2024-06-30/usages.parquet, colonne « couleur » : "
                "cette colonne n’est pas prévue par le contrat de données.",
            ),
            (
                lambda s: rewrite_table(s, lambda t: t.drop_columns(["status"])),
                "as_of=2024-06-30/usages.parquet, colonne « status » : cette colonne manque.",
            ),
            (
                lambda s: rewrite_table(s, lambda t: t.slice(0, 0)),
                "as_of=2024-06-30/usages.parquet : 0 ligne(s) au lieu de 1 selon le manifeste.",
            ),
        ],
    )
    def test_each_damage_names_its_file(self, store: Store, damage: Callable[[Snapshot], None], said: str) -> None:
        read(store.resolve())
        damage(store.resolve())
        with pytest.raises(DataError) as error:
            check_files(store.resolve())
        assert message(error).splitlines() == [
            said,
            "La situation « 2024-06-30~1 » est endommagée ; rétablissez-la ou retirez-la "
            "(`python -m sunes snapshots withdraw 2024-06-30~1 --reason …`).",
        ]
        with pytest.raises(DataError):
            read(store.resolve())
        assert [plain(problem) for problem in store.verify()] == [said]
        check_files(store.resolve("2024-05-31"))

    def test_a_repaired_file_is_sound_again(self, store: Store) -> None:
        file = store.resolve().file("usages")
        content = file.read_bytes()
        file.write_bytes(b"x")
        with pytest.raises(DataError):
            check_files(store.resolve())
        file.write_bytes(content)
        check_files(store.resolve())
        assert store.verify() == ()

    def test_verifying_looks_at_every_row(self, store: Store) -> None:
        rewrite_table(store.resolve(), lambda t: t.set_column(0, "finess", pa.array(["999999999"])))
        check_files(store.resolve())
        assert ["aucune ligne" in problem.message for problem in store.verify()] == [True]

    def test_damage_that_only_reading_finds(self, store: Store) -> None:
        snapshot = store.resolve()
        rewrite_manifest(snapshot, tables={})
        flip(snapshot.file("usages"))
        with pytest.raises(DataError, match=r"as_of=2024-06-30/usages\.parquet.*tronqué ou illisible"):
            read(store.resolve())


class TestDamagedManifests:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (None, "manifest.json : ce fichier manque."),
            ("", "manifest.json : ce fichier n’est pas un JSON lisible."),
            ('{"as_of": "2024-', "manifest.json : ce fichier n’est pas un JSON lisible."),
            ("{}", "manifest.json, clé « as_of » : cette clé manque."),
            ("[]", "manifest.json : un objet JSON est attendu."),
            (
                '{"as_of": "2024-05-31"}',
                "manifest.json, clé « as_of », valeur « 2024-05-31 » : le nom du dossier dit « 2024-06-30 ».",
            ),
            (
                '{"as_of": "2024-06-30", "revision": 2}',
                "manifest.json, clé « revision », valeur « 2 » : le nom du dossier dit « 1 ».",
            ),
            (
                '{"as_of": "2024-06-30", "tables": {"usages": {"rows": "x"}}}',
                "manifest.json, clé « tables.usages.rows », valeur « x » : cette valeur ne convient pas.",
            ),
            (
                '{"as_of": "2024-06-30", "schema_version": 99}',
                "manifest.json : cette situation vient d’une version plus récente de sunes ; mettez sunes à jour.",
            ),
        ],
    )
    def test_latest_says_so_and_does_not_fall_back(self, store: Store, content: str | None, said: str) -> None:
        manifest = store.resolve().path / "manifest.json"
        manifest.unlink()
        if content is not None:
            manifest.write_text(content, encoding="utf-8")
        for reference in ("latest", "2024-06-30", "2024-06-30~1"):
            with pytest.raises(DataError) as error:
                store.resolve(reference)
            lines = message(error).splitlines()
            assert lines[0] == f"as_of=2024-06-30/{said}"
            assert lines[-1] == "La dernière situation saine est « 2024-05-31~1 »."
        assert [s.as_of for s in store.snapshots()] == [s.as_of for s in store.history()] == [MAY]
        assert [plain(problem) for problem in store.damaged()] == [lines[0]]
        assert [plain(problem) for problem in store.verify()] == [lines[0]]
        assert store.resolve("2024-05-31").as_of == MAY

    def test_a_damaged_correction_does_not_bring_the_error_back(self, store: Store) -> None:
        (store.publish(JUNE, CONTENT, simulated=True).path / "manifest.json").unlink()
        assert [s.as_of for s in store.history()] == [MAY]
        with pytest.raises(DataError) as error:
            store.resolve("2024-06-30")
        assert message(error).endswith("La dernière situation saine est « 2024-06-30~1 ».")
        assert store.resolve("2024-06-30~1").id == SnapshotId(JUNE)

    def test_withdrawing_it_is_the_way_out(self, store: Store) -> None:
        (store.resolve().path / "manifest.json").unlink()
        store.withdraw("2024-06-30", "disque endommagé", HERE)
        assert store.resolve().as_of == MAY
        assert store.damaged() == ()
        assert store.publish(JUNE, CONTENT, simulated=True).id == SnapshotId(JUNE, 2)

    def test_an_unreadable_withdrawal_is_damage(self, store: Store) -> None:
        (store.resolve().path / "withdrawn.json").write_text("?", encoding="utf-8")
        with pytest.raises(DataError, match=r"withdrawn\.json"):
            store.resolve()
        store.withdraw("latest", "à refaire", HERE)
        assert store.restore("2024-06-30", HERE) == store.resolve().id

    def test_folders_of_other_names_are_reported_or_left_alone(self, store: Store) -> None:
        for name in ("as_of=hier", "as_of=2024-06-30~1", "as_of=2024-02-30", ".staging-x", "notes"):
            (store.folder / name).mkdir()
        assert [problem.file for problem in store.damaged()] == ["as_of=2024-02-30", "as_of=2024-06-30~1", "as_of=hier"]
        assert store.resolve().id == SnapshotId(JUNE)

    def test_an_empty_folder_of_a_date_is_damage(self, store: Store) -> None:
        (store.folder / "as_of=2024-07-31").mkdir()
        with pytest.raises(DataError) as error:
            store.resolve()
        assert message(error).startswith("as_of=2024-07-31/manifest.json : ce fichier manque.")
        assert store.publish(date(2024, 7, 31), CONTENT, simulated=True).id == SnapshotId(date(2024, 7, 31), 2)


class TestEmptyStores:
    @pytest.mark.parametrize("inside", ["", "snapshots", "as_of=hier"])
    def test_an_empty_store_says_what_to_do(self, tmp_path: Path, inside: str) -> None:
        (tmp_path / inside).mkdir(exist_ok=True)
        store = Store(tmp_path)
        assert store.snapshots() == store.history() == ()
        for ask in (store.resolve, store.verify, lambda: store.withdraw("latest", "essai", HERE)):
            with pytest.raises(DataError) as error:
                ask()
            assert f"« {store.folder} » ne contient aucune situation" in message(error)
            assert "python -m sunes import" in message(error)
            assert "python -m sunes simulate" in message(error)

    def test_a_missing_store_is_empty(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "absent" / "absent")
        assert store.snapshots() == ()
        assert store.damaged() == ()
        with pytest.raises(DataError, match="aucune situation"):
            store.resolve()
        assert not (tmp_path / "absent").exists()

    def test_a_file_is_not_a_store(self, tmp_path: Path) -> None:
        (tmp_path / "snapshots").write_text("", encoding="utf-8")
        with pytest.raises(DataError, match="n’est pas un dossier"):
            Store(tmp_path).resolve()
        with pytest.raises(DataError, match="vérifiez le dossier"):
            Store(tmp_path).publish(JUNE, CONTENT, simulated=True)
        assert (tmp_path / "snapshots").is_file()


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A store as somebody writes it who has read the data contract and uses plain pandas."""
    folder = tmp_path / "as_of=2024-06-30"
    folder.mkdir()
    for name, rows in ROWS.items():
        frame = pd.DataFrame(rows, columns=TABLES[name].schema.names)
        for column in frame.columns.intersection(["filed_on", "decided_on", "evaluated_on"]):
            frame[column] = pd.to_datetime(frame[column])
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "manifest.json").write_text('{"as_of": "2024-06-30", "simulated": false}', encoding="utf-8")
    return folder


class TestStoresOfAnothersMaking:
    def test_other_widths_and_a_minimal_manifest_open(self, foreign: Path) -> None:
        schema = pq.read_schema(foreign / "applications.parquet")
        assert schema.field("window").type == pa.int64()
        assert schema.field("finess").type == pa.large_string()
        assert pa.types.is_timestamp(schema.field("filed_on").type)
        store = Store(foreign.parent)
        assert store.folder == foreign.parent
        snapshot = store.resolve()
        assert {name: table.to_pylist() for name, table in read(snapshot).items()} == ROWS
        assert store.verify() == ()
        assert snapshot.manifest.published_at is None

    def test_what_only_informs_may_take_another_shape(self, foreign: Path) -> None:
        statement = {
            "as_of": "2024-06-30",
            "simulated": True,
            "sources": ["Registre"],
            "checks": {"clés": "ok"},
            "published_at": "hier",
            "published_by": {"nom": "x"},
            "tables": {"usages": {"rows": 1, "bytes": 12, "sha256": None}},
            "tool": {"name": "autre"},
        }
        (foreign / "manifest.json").write_text(json.dumps(statement), encoding="utf-8-sig")
        manifest = Store(foreign.parent).resolve().manifest
        assert manifest.simulated
        assert (manifest.sources, manifest.published_at, manifest.published_by) == (None, None, None)
        assert manifest.checks == {"clés": "ok"}

    def test_an_hour_without_zone_is_taken_as_utc(self, foreign: Path) -> None:
        (foreign / "manifest.json").write_text('{"as_of": "2024-06-30", "published_at": "2024-07-01T08:00:00"}')
        assert Store(foreign.parent).resolve().manifest.published_at == datetime(2024, 7, 1, 8, tzinfo=UTC)

    def test_its_revision_may_be_in_the_folder_name_alone(self, foreign: Path) -> None:
        foreign.rename(foreign.with_name("as_of=2024-06-30~3"))
        snapshot = Store(foreign.parent).resolve()
        assert snapshot.revision == snapshot.manifest.revision == 3

    def test_a_correction_can_be_published_into_it(self, foreign: Path) -> None:
        store = Store(foreign.parent)
        assert store.publish(JUNE, CONTENT, simulated=False).path == foreign.parent / "as_of=2024-06-30~2"
        assert [s.revision for s in store.snapshots()] == [1, 2]

    def test_a_checksum_may_name_its_algorithm(self, store: Store) -> None:
        entries = {
            name: {"sha256": f"sha256:{entry.sha256}".upper().replace("SHA256", "sha256")}
            for name, entry in store.resolve().manifest.tables.items()
        }
        rewrite_manifest(store.resolve(), tables=entries)
        check_files(store.resolve())
        assert store.verify() == ()


def test_reading_writes_nothing(store: Store) -> None:
    """The whole of reading, in a process that is refused every change to a file system."""
    script = """
import os, sys
from pathlib import Path
from sunes.snapshots import Store, read

def refuse(event, arguments):
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod"):
        raise SystemExit(f"{event} {arguments}")

sys.dont_write_bytecode = True
sys.addaudithook(refuse)
store = Store(Path(sys.argv[1]))
print(read(store.resolve("latest"))["usages"].num_rows, len(store.history()), len(store.damaged()), len(store.verify()))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(store.directory)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    assert (done.stdout, done.returncode) == ("1 2 0 0\n", 0), done.stderr
