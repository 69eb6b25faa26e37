"""The invented nation of the benchmarks: it obeys the contract, and three ways of counting it agree."""

from pathlib import Path

import pytest

from benchmarks import by_hand, generated
from benchmarks.nation import BY
from sunes import engine, metrics
from sunes.access.people import EVERYTHING
from sunes.programme import load_programme
from sunes.snapshots import Store
from sunes.view import View

PROGRAMME = load_programme()


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Its last three weeks."""
    return generated.write(tmp_path_factory.mktemp("nation"), snapshots=3)


def test_it_obeys_the_contract_and_says_that_it_is_invented(nation: Store) -> None:
    assert nation.damaged() == ()
    assert [nation.verify(snapshot.id.pin) for snapshot in nation.history()] == [()] * 3
    assert all(snapshot.simulated for snapshot in nation.history())


def test_it_is_a_nation_and_the_same_every_time(nation: Store, tmp_path: Path) -> None:
    regions = metrics.ask(nation, View(), ("region",), programme=PROGRAMME).rows
    assert len(regions) == 18
    assert nation.resolve().manifest.tables["establishments"].rows == generated.ESTABLISHMENTS
    again = generated.write(tmp_path, snapshots=1)
    assert again.resolve().digest == nation.resolve().digest


def test_what_is_written_by_hand_says_what_sunes_says(nation: Store) -> None:
    snapshots = nation.history()
    rows = metrics.answer(engine.frames(snapshots, EVERYTHING), View(), BY, programme=PROGRAMME).rows
    targets = by_hand.targets(PROGRAMME, snapshots, {row["region"] for row in rows})
    expected = by_hand.fingerprint(rows)
    assert by_hand.fingerprint(by_hand.sql(nation.folder, PROGRAMME, targets)) == expected
    assert by_hand.fingerprint(by_hand.pandas(nation.folder, PROGRAMME, targets)) == expected
