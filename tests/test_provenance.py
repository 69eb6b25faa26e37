"""Where the figures come from: every revision with its state, and what one says of itself."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sunes import provenance
from sunes.manifest import Manifest, SourceFile, TableEntry
from sunes.snapshots import Snapshot, Store
from tests.people import HERE, named
from tests.rows import arrow, establishment, tables

MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
DIGEST = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


def publish(store: Store, as_of: date, establishments: int = 1, **said: Any) -> Snapshot:
    content = tables(establishment(f"31000000{n}") for n in range(establishments))
    return store.publish(as_of, arrow((as_of, 1, content))[2], **{"simulated": False} | said)


def states(store: Store) -> list[tuple[str, str]]:
    return [(revision.id.pin if revision.id else revision.folder, revision.state) for revision in revisions(store)]


def revisions(store: Store) -> tuple[provenance.Revision, ...]:
    return provenance.revisions(store)


class TestRevisions:
    def test_a_correction_replaces_what_it_corrects(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        for as_of in (MAY, JUNE, MAY):
            publish(store, as_of)
        assert states(store) == [
            ("2024-06-30~1", "current"),
            ("2024-05-31~2", "current"),
            ("2024-05-31~1", "superseded"),
        ]
        assert revisions(store)[2].state_said == "Remplacée par la révision 2"
        assert provenance.revisions_finding(revisions(store)) == (
            "2 situations du 31 mai 2024 au 30 juin 2024\u202f; 3 révisions, dont 1 remplacée par une correction."
        )

    def test_what_was_taken_back_says_why_and_the_one_before_stands_again(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        publish(store, MAY)
        publish(store, MAY)
        store.withdraw("2024-05-31~2", "Mauvais fichier", by=named("Service <b>"))
        withdrawn, standing = revisions(store)
        assert (withdrawn.state, standing.state) == ("withdrawn", "current")
        assert withdrawn.state_said.startswith("Retirée le ")
        assert "par Service <b> (motif\u00a0: Mauvais fichier)" in withdrawn.state_said

    def test_a_damaged_one_is_listed_and_does_not_give_way_to_an_older_one(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        publish(store, MAY)
        (publish(store, MAY).path / "manifest.json").write_text("{")
        usages = publish(store, JUNE).file("usages")
        usages.write_bytes(usages.read_bytes()[:-20])
        (store.folder / "as_of=juin").mkdir()
        assert states(store) == [
            ("2024-06-30~1", "damaged"),
            ("2024-05-31~2", "damaged"),
            ("2024-05-31~1", "superseded"),
            ("as_of=juin", "damaged"),
        ]
        truncated, unreadable, _, stranger = revisions(store)
        assert "as_of=2024-06-30/usages.parquet" in truncated.state_said
        assert "as_of=2024-05-31~2/manifest.json" in unreadable.state_said
        assert "ne désigne pas une situation" in stranger.state_said
        assert provenance.revisions_finding(revisions(store)).endswith(
            "3 révisions, dont 1 remplacée par une correction et 2 endommagées."
        )

    def test_a_damaged_one_that_was_taken_back_is_taken_back(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        (publish(store, MAY).path / "manifest.json").unlink()
        store.withdraw("2024-05-31", "Illisible", HERE)
        (revision,) = revisions(store)
        assert (revision.state, revision.manifest) == ("withdrawn", None)
        (record,) = provenance.revision_records([revision])
        assert record["Données"] == record["Indicateurs suivis"] == record["Origine"] == "–"

    def test_the_records_say_what_each_holds(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        source = SourceFile(title="Registre")
        publish(
            store,
            MAY,
            establishments=3,
            simulated=True,
            sources=[source, source],
            published_by="ARS",
            published_at=datetime(2024, 6, 5, tzinfo=UTC),
        )
        (record,) = provenance.revision_records(revisions(store))
        assert record == {
            "Situation au": "31/05/2024",
            "Révision": "1",
            "État": "En vigueur",
            "Données": "simulées",
            "Établissements": "3",
            "Candidatures par volet": "0",
            "Indicateurs suivis": "0",
            "Publiée le": "05/06/2024",
            "Par": "ARS",
            "Origine": "Registre",
        }

    def test_an_empty_store_says_so(self, tmp_path: Path) -> None:
        assert revisions(Store(tmp_path)) == ()
        assert provenance.revisions_finding(()) == "Aucune situation n’est publiée."

    def test_the_embedded_store_has_one_correction(self) -> None:
        found = revisions(Store.default())
        assert [revision.id.pin for revision in found if revision.id and revision.state != "current"] == [
            "2023-05-31~1"
        ]


class TestOneRevision:
    def test_its_checksums_are_those_of_its_files(self, tmp_path: Path) -> None:
        snapshot = publish(Store(tmp_path), MAY, sources=[SourceFile(title="Registre", sha256=DIGEST)])
        lines = provenance.checksums(snapshot).splitlines()
        assert lines[3:] == [f"{DIGEST}  Registre"]
        for line in lines[:3]:
            digest, name = line.split("  ")
            assert hashlib.sha256((snapshot.path / name).read_bytes()).hexdigest() == digest
        assert "conformes à leur empreinte" in provenance.verified_said(snapshot)
        assert [record["SHA-256"] for record in provenance.source_records(snapshot.manifest)] == ["01234567…9abcdef"]

    def test_every_file_can_be_had(self, tmp_path: Path) -> None:
        snapshot = publish(Store(tmp_path), MAY)
        offered = {name for _, name, _ in provenance.files(snapshot)}
        assert offered == {path.name for path in snapshot.path.iterdir()}

    def test_what_a_manifest_leaves_out_is_not_known(self, tmp_path: Path) -> None:
        published = publish(Store(tmp_path), MAY)
        bare = Manifest(as_of=MAY, sources=None, tables={"usages": TableEntry(rows=0)})
        snapshot = Snapshot(published.id, published.path, published.digest, bare)
        assert [record["Lignes"] for record in provenance.table_records(snapshot)] == ["–", "–", "0"]
        assert [record["SHA-256"] for record in provenance.table_records(snapshot)] == ["–", "–", "–"]
        assert provenance.source_records(bare) == []
        assert provenance.checksums(snapshot) == ""
        assert "sans empreinte à vérifier" in provenance.verified_said(snapshot)
        assert provenance.published_said(bare) == (
            "Situation au 31 mai 2024, révision 1, publiée à une date non connue, sans nom d’auteur. "
            "Ses données sont réelles."
        )

    def test_the_day_of_publication_is_that_of_paris(self) -> None:
        late = Manifest(as_of=MAY, published_at=datetime(2024, 6, 30, 22, 30, tzinfo=UTC))
        assert provenance.published_on(late) == date(2024, 7, 1)
        assert "publiée le 1er juillet 2024" in provenance.published_said(late)
        winter = Manifest(as_of=MAY, published_at=datetime(2024, 12, 31, 22, 59, tzinfo=UTC))
        assert provenance.published_on(winter) == date(2024, 12, 31)

    @pytest.mark.parametrize(
        ("stated", "said"),
        [
            ([{"name": "Lecture", "result": "3 lignes"}, "Vu"], ["Lecture\u00a0: 3 lignes", "Vu"]),
            ({"Clés": "uniques"}, ["Clés\u00a0: uniques"]),
            (
                [{"name": "Remarque", "result": "Les usages sont inventés."}],
                ["Remarque\u00a0: les usages sont inventés."],
            ),
            ([{}], [""]),
            (
                [{"name": "Remarque", "result": "Occitanie.csv\u00a0: lu."}],
                ["Remarque\u00a0: Occitanie.csv\u00a0: lu."],
            ),
            ("Vu", ["Vu"]),
            ([], []),
            (None, []),
        ],
    )
    def test_checks_are_said_in_whatever_shape_they_come(self, stated: Any, said: list[str]) -> None:
        assert provenance.checks_said(Manifest(as_of=MAY, checks=stated)) == said
