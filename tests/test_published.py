"""What agencies published, beside what is computed: equal, different for a stated reason, or not computable."""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sunes.errors import DataError
from sunes.programme import load_programme
from sunes.published import Comparison, Figure, load_figures, reconcile
from sunes.snapshots import DATA, Store
from tests.rows import Row, application, arrow, establishment, tables

PROGRAMME = load_programme()

# The figures of the sources: region (None: France), metric, window, volet, as printed, value, source.
PRINTED = [
    ("11", "accepted", (1,), "dmp", "166", 166, "A"),
    ("11", "applications", (2,), None, "168", 168, "A"),
    ("11", "accepted", (2,), None, "159", 159, "A"),
    ("11", "applications", (2,), "dmp", "87", 87, "A"),
    ("11", "applications", (2,), "mss", "138", 138, "A"),
    ("11", "accepted", (1, 2), None, "249", 249, "A"),
    ("11", "grants_eur", (), None, "près de 21 M€", 21_000_000, "A"),
    ("76", "applicants", (), None, "235", 235, "B"),
    ("76", "participation_rate", (), None, "80 %", Decimal("0.80"), "B"),
    ("76", "target_rate", (), "dmp", "80 %", Decimal("0.80"), "B"),
    ("76", "target_rate", (), "mss", "70 %", Decimal("0.70"), "B"),
    ("76", "eligible", (), None, "303", 303, "C"),
    (None, "applicants", (1,), None, "990 (ou 985)", 990, "C"),
    (None, "accepted", (1,), None, "879 (ou 875)", 879, "C"),
    (None, None, (), None, "plus de 32 %", Decimal("0.32"), "C"),
    (None, None, (), None, "plus de 50 %", Decimal("0.50"), "C"),
    (None, "applicants", (), None, "1 959", 1959, "C"),
    (None, "accepted", (), None, "1 811", 1811, "C"),
    (None, None, (), None, "64 %", Decimal("0.64"), "C"),
]


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("printed", PRINTED, ids=lambda printed: f"{printed[0]} {printed[1]} {printed[4]}")
def test_every_printed_figure_is_in_the_file(printed: tuple[Any, ...]) -> None:
    told = [(f.region, f.metric, f.windows, f.volet, plain(f.shown), f.value, f.source) for f in load_figures()]
    assert told.count(printed) == 1


def test_the_file_adds_one_figure_only() -> None:
    """The 159 that the article calls new: printed too, in words."""
    assert len(load_figures()) == len(PRINTED) + 1
    (newcomers,) = (f for f in load_figures() if f.metric == "newcomers")
    assert (int(newcomers.value), newcomers.windows, newcomers.source) == (159, (2,), "A")


def test_the_file_agrees_with_the_programme() -> None:
    for figure in load_figures():
        assert figure.source in PROGRAMME.sources
        assert figure.region in {None, *(region.code for region in PROGRAMME.regions)}
        assert figure.volet in {None, *PROGRAMME.volet_ids}
        assert set(figure.windows) <= set(PROGRAMME.window_numbers)


@cache
def embedded() -> dict[str, Comparison]:
    return {comparison.figure.id: comparison for comparison in reconcile(Store(DATA), PROGRAMME)}


class TestTheEmbeddedData:
    def test_everything_that_should_match_does(self) -> None:
        assert all(comparison.ok for comparison in embedded().values())
        assert [id_ for id_, c in embedded().items() if c.verdict == "equal"] == [
            "idf-accepted-1",
            "idf-applications-2",
            "idf-accepted-2",
            "idf-applications-2-dmp",
            "idf-applications-2-mss",
            "idf-accepted-1-2",
            "idf-grants",
            "occitanie-applicants",
            "occitanie-participation",
            "occitanie-target-dmp",
            "occitanie-target-mss",
        ]

    def test_the_159_are_83_newcomers(self) -> None:
        newcomers = embedded()["idf-newcomers-2"]
        assert (int(newcomers.figure.value), newcomers.computed, newcomers.verdict) == (159, 83, "explained")
        for number in ("166", "159", "325", "249", "76", "83"):
            assert number in newcomers.explanation

    def test_the_303_eligible_are_294(self) -> None:
        eligible = embedded()["occitanie-eligible"]
        assert (int(eligible.figure.value), eligible.computed, eligible.verdict) == (303, 294, "explained")
        assert "La date du dénominateur compte" in eligible.explanation

    def test_the_nation_can_t_be_computed_from_two_regions(self) -> None:
        national = [c for id_, c in embedded().items() if id_.startswith("france")]
        assert len(national) == 7
        assert {c.verdict for c in national} == {"not_computable"}
        assert {c.computed for c in national} == {None}
        assert all(c.explanation for c in national)
        assert "2 régions sur 18" in embedded()["france-applicants"].explanation

    def test_each_is_computed_from_a_snapshot_of_its_date(self) -> None:
        for comparison in embedded().values():
            assert comparison.snapshot is not None
            assert comparison.figure.since <= comparison.snapshot.as_of <= comparison.figure.until


def small(store: Store, *rows: Row, as_of: date = date(2024, 6, 30)) -> Store:
    """A store of one snapshot: ten establishments of Occitanie, and these applications."""
    establishments = [establishment(f"31000000{n}") for n in range(10)]
    content = arrow((as_of, 1, tables(establishments, rows)))[2]
    store.publish(as_of, content, simulated=False)
    return store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    return Store(tmp_path)


def figure(**changes: Any) -> Figure:
    given: dict[str, Any] = {
        "id": "essai",
        "label": "Candidats",
        "shown": "2",
        "value": 2,
        "when": "juin 2024",
        "since": date(2024, 6, 1),
        "until": date(2024, 6, 30),
        "source": "B",
        "region": "76",
        "metric": "applicants",
    }
    return Figure(**given | changes)


def only(store: Store, **changes: Any) -> Comparison:
    (comparison,) = reconcile(store, PROGRAMME, (figure(**changes),))
    return comparison


TWO = (application("310000000", 1, "dmp"), application("310000001", 2, "mss"), application("310000001", 2, "dmp"))


class TestVerdicts:
    @pytest.mark.parametrize(
        ("changes", "computed", "verdict"),
        [
            ({}, 2, "equal"),
            ({"value": 3}, 2, "unexplained"),
            ({"value": 3, "differs": True, "reason": "Parce que."}, 2, "explained"),
            ({"value": 2, "differs": True, "reason": "Parce que."}, 2, "equal"),
            ({"value": 3, "also": 2}, 2, "equal"),
            ({"value": 3, "tolerance": 1}, 2, "equal"),
            ({"value": 3, "tolerance": Decimal("0.9")}, 2, "unexplained"),
            ({"metric": "participation_rate", "value": Decimal("0.2")}, 0.2, "equal"),
            ({"metric": "participation_rate", "value": Decimal("0.21")}, 0.2, "unexplained"),
            ({"windows": (2,), "volet": "dmp", "value": 1}, 1, "equal"),
            ({"metric": "newcomers", "windows": (2,), "value": 1}, 1, "equal"),
            ({"metric": None, "reason": "Illisible."}, None, "not_computable"),
            ({"region": "11"}, None, "not_computable"),
            ({"region": None}, None, "not_computable"),
            ({"since": date(2024, 7, 1), "until": date(2024, 7, 31)}, None, "not_computable"),
            ({"metric": "attained"}, None, "not_computable"),
        ],
    )
    def test_what_is_said_of_a_figure(
        self, store: Store, changes: dict[str, Any], computed: float | None, verdict: str
    ) -> None:
        comparison = only(small(store, *TWO), **changes)
        assert (comparison.computed, comparison.verdict) == (computed, verdict)
        assert comparison.ok == (verdict != "unexplained")
        assert comparison.explanation.endswith(".")

    def test_why_it_can_t_be_computed(self, store: Store) -> None:
        small(store, *TWO)
        assert "aucun établissement de cette région" in only(store, region="11").explanation
        assert "1 région sur 18" in only(store, region=None).explanation
        late = only(store, since=date(2024, 7, 1), until=date(2024, 7, 31))
        assert late.snapshot is None
        assert late.explanation == "Aucune situation entre le 1er juillet 2024 et le 31 juillet 2024."

    def test_the_last_snapshot_of_the_period_counts(self, store: Store) -> None:
        small(store, *TWO[:1], as_of=date(2024, 6, 10))
        small(store, *TWO, as_of=date(2024, 6, 20))
        small(store, as_of=date(2024, 7, 1))
        comparison = only(store)
        assert comparison.snapshot is not None
        assert (comparison.snapshot.as_of, comparison.computed) == (date(2024, 6, 20), 2)

    def test_a_correction_replaces_what_it_corrects(self, store: Store) -> None:
        small(store)
        assert only(small(store, *TWO)).verdict == "equal"


def test_a_store_whose_figures_are_wrong_is_found_out(store: Store) -> None:
    found = {c.figure.id: c for c in reconcile(small(store, *TWO), PROGRAMME)}
    assert not found["occitanie-applicants"].ok
    assert (found["occitanie-applicants"].computed, found["occitanie-applicants"].verdict) == (2, "unexplained")
    assert not found["occitanie-participation"].ok
    assert found["occitanie-target-dmp"].ok
    assert found["idf-accepted-2"].verdict == "not_computable"


def test_a_figure_of_an_unknown_source_is_refused(store: Store) -> None:
    with pytest.raises(DataError, match=r"published\.toml, clé «.essai.», valeur «.Z.»"):
        only(small(store), source="Z")


def test_an_empty_store_computes_nothing(store: Store) -> None:
    comparisons = reconcile(store, PROGRAMME)
    assert {c.verdict for c in comparisons} == {"not_computable"}
    assert {c.snapshot for c in comparisons} == {None}


def test_a_damaged_snapshot_is_not_passed_over(store: Store) -> None:
    small(store, *TWO).resolve().file("applications").write_bytes(b"")
    with pytest.raises(DataError, match=r"applications\.parquet"):
        only(store)


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ('metric = "accepted"', 'metric = "retenus"', "« retenus » n’est pas un indicateur calculé"),
        ("since = 2021-12-31", "since = 2022-12-31", "« idf-accepted-1 » finit (« until ») avant de commencer"),
        ('id = "idf-applications-2"\n', 'id = "idf-accepted-1"\n', "chiffre en double : idf-accepted-1"),
        ("value = 166", 'value = "beaucoup"', "clé « figures[1].value », valeur « beaucoup » : un nombre est attendu."),
        ("value = 166", "valeur = 166", "clé « figures[1].valeur »"),
        ('reason = "L’article', 'motif = "L’article', "clé « figures[4].motif »"),
        ("differs = true\nreason", "differs = true\nwhen_not", "clé « figures[4].when_not »"),
    ],
)
def test_a_faulty_file_is_told_with_its_place(tmp_path: Path, written: str, instead: str, said: str) -> None:
    text = (DATA / "reference" / "published.toml").read_text(encoding="utf-8")
    assert written in text
    file = tmp_path / "published.toml"
    file.write_text(text.replace(written, instead, 1), encoding="utf-8")
    with pytest.raises(DataError) as error:
        load_figures(file)
    assert "published.toml" in str(error.value)
    assert said in plain(error.value)


@pytest.mark.parametrize("changes", [{"metric": None}, {"differs": True}], ids=str)
def test_what_can_t_match_must_say_why(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="doit dire dans « reason »"):
        figure(**changes)
