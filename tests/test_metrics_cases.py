"""Small cases worked out by hand, on every engine and on the oracle that the property tests trust."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sunes import engine, metrics
from sunes.programme import Programme, Target, load_programme
from sunes.view import View
from tests import oracle
from tests.rows import BACKENDS, Row, Snapshot, Tables, application, arrow, computed, establishment, tables, usage

MID_2024 = date(2024, 6, 30)
SUN_ES = load_programme()

A, B, C, D, E, F, G = (f"{letter}00000000" for letter in "ABCDEFG")

Ask = Callable[..., list[Row]]
Implementation = Callable[[Programme, Sequence[Snapshot], View, Sequence[str]], list[Row]]


@pytest.fixture(params=("oracle", *BACKENDS))
def implementation(request: pytest.FixtureRequest) -> Implementation:
    """The oracle, or the metrics on one engine."""
    if request.param == "pyspark":
        request.getfixturevalue("spark")
    return oracle.answer if request.param == "oracle" else partial(computed, request.param)


@pytest.fixture
def ask(implementation: Implementation) -> Ask:
    """Ask a question of one snapshot: `ask(tables, by=…, programme=…, as_of=…, <filters of the View>)`."""

    def rows(
        content: Tables,
        by: Sequence[str] = (),
        programme: Programme = SUN_ES,
        as_of: date = MID_2024,
        **filters: Any,
    ) -> list[Row]:
        return implementation(programme, [(as_of, 1, content)], View(**filters), by)

    return rows


def of(row: Row, *names: str) -> tuple[Any, ...]:
    """Some cells of a row, in the order asked."""
    return tuple(row[name] for name in names)


def column(rows: Iterable[Row], *names: str) -> list[tuple[Any, ...]]:
    return [of(row, *names) for row in rows]


def usages(finess: str, window: int, volet: str, *statuses: str) -> list[Row]:
    """The usages of one application, one status for each indicator that SUN-ES requires of the volet."""
    required = SUN_ES.volet(volet).required
    return [
        usage(finess, window, volet, indicator, status) for indicator, status in zip(required, statuses, strict=True)
    ]


# Counting --------------------------------------------------------------------------------------------------------


def test_windows_do_not_add_up(ask: Ask) -> None:
    """A, B, C, D, E are accepted in window 1, then D, E, F, G in window 2: 5 and 4, but 7 in all."""
    content = tables(
        [establishment(finess) for finess in (A, B, C, D, E, F, G)],
        [application(f, 1, "dmp") for f in (A, B, C, D, E)] + [application(f, 2, "mss") for f in (D, E, F, G)],
    )

    first, second, third, fourth = ask(content, by=["window"])
    assert of(first, "window", "accepted", "newcomers") == (1, 5, 5)
    assert of(second, "window", "accepted", "newcomers") == (2, 4, 2)
    assert of(third, "window", "accepted", "newcomers") == (3, 0, 0)
    assert of(fourth, "window", "accepted", "newcomers") == (4, 0, 0)

    [everything] = ask(content)
    assert of(everything, "applications", "applicants", "accepted_applications", "accepted") == (9, 7, 9, 7)
    assert everything["newcomers"] is None


def test_the_published_figures_of_ile_de_france(ask: Ask) -> None:
    """166 accepted in window 1; in window 2, 168 dossiers of which 159 accepted: 249 in all, so 83 newcomers.

    76 came back, for mss only. The 92 other dossiers of window 2 are 30 for dmp, 5 for mss and 57 for both, which
    makes 87 dmp and 76 + 62 = 138 mss; 9 of them are rejected.
    """
    names = [f"99{number:07d}" for number in range(166 + 92)]
    old, new = names[:166], names[166:]
    dmp_only, mss_only, both = new[:30], new[30:35], new[35:]
    rejected = {*dmp_only[:4], *mss_only}
    assert (len(both), len(rejected)) == (57, 9)

    def filed(finess: str, volet: str) -> Row:
        return application(finess, 2, volet, "rejected" if finess in rejected else "accepted")

    content = tables(
        [establishment(finess, "11", "75") for finess in names],
        [application(finess, 1, "dmp") for finess in old]
        + [filed(finess, "dmp") for finess in (*dmp_only, *both)]
        + [filed(finess, "mss") for finess in (*old[:76], *mss_only, *both)],
    )

    first, second = ask(content, by=["window"], regions=("11",), windows=(1, 2))
    assert of(first, "accepted", "newcomers") == (166, 166)
    assert of(second, "applications", "accepted", "newcomers") == (168, 159, 83)
    assert column(ask(content, by=["volet"], windows=(2,)), "volet", "applications") == [("dmp", 87), ("mss", 138)]
    assert ask(content)[0]["accepted"] == 249


def test_a_filter_on_windows_makes_no_newcomer(ask: Ask) -> None:
    """A was accepted in window 1 for dmp. Looking at window 2, or at mss, does not make it new."""
    content = tables(
        [establishment(A), establishment(B)],
        [
            application(A, 1, "dmp"),
            application(A, 2, "mss"),
            application(B, 1, "mss", "rejected"),
            application(B, 2, "mss"),
        ],
    )
    assert column(ask(content, by=["window"], windows=(2,)), "accepted", "newcomers") == [(2, 1)]
    assert column(ask(content, by=["window"], windows=(2,), volet="mss"), "accepted", "newcomers") == [(2, 1)]
    assert column(ask(content, by=["window", "volet"], windows=(2,)), "volet", "accepted", "newcomers") == [
        ("dmp", 0, 0),
        ("mss", 2, 1),
    ]
    assert ask(content, windows=(2,))[0]["newcomers"] is None


def test_a_dossier_with_mixed_decisions_counts_on_both_sides(ask: Ask) -> None:
    """A's dossier is accepted for dmp and rejected for mss; B's is accepted; C's is pending for both volets."""
    content = tables(
        [establishment(finess) for finess in (A, B, C)],
        [
            application(A, 2, "dmp", "accepted"),
            application(A, 2, "mss", "rejected"),
            application(B, 2, "dmp", "accepted"),
            application(C, 2, "dmp", "pending"),
            application(C, 2, "mss", "pending"),
        ],
    )
    [row] = ask(content)
    assert of(row, "applications", "applicants", "accepted_applications", "rejected_applications") == (3, 3, 2, 1)
    assert row["acceptance_rate"] == pytest.approx(2 / 3)

    dmp, mss = ask(content, by=["volet"])
    assert of(dmp, "applications", "accepted_applications", "rejected_applications", "acceptance_rate") == (3, 2, 0, 1)
    assert of(mss, "applications", "accepted_applications", "rejected_applications", "acceptance_rate") == (2, 0, 1, 0)


def test_a_withdrawn_dossier_is_no_application(ask: Ask) -> None:
    """A withdrew everything; B withdrew one volet of its dossier only, and what is left counts."""
    content = tables(
        [establishment(A), establishment(B)],
        [
            application(A, 1, "dmp", "withdrawn"),
            application(B, 2, "dmp", "withdrawn"),
            application(B, 2, "mss", "pending"),
        ],
    )
    [row] = ask(content)
    assert of(row, "eligible", "applications", "applicants", "participation_rate") == (2, 1, 1, 0.5)
    assert column(ask(content, by=["volet"]), "volet", "applications") == [("dmp", 0), ("mss", 1)]


def test_an_applicant_need_not_be_eligible(ask: Ask) -> None:
    """Eligibility is an assumption, an application is a fact: 2 applicants of 1 eligible make 200 %."""
    content = tables(
        [establishment(A, combined_activity=100.0), establishment(B, eligible=False, combined_activity=50.0)],
        [application(A, 1, "dmp"), application(B, 1, "dmp")],
    )
    [row] = ask(content)
    assert of(row, "eligible", "applicants", "participation_rate") == (1, 2, 2.0)
    assert of(row, "activity_applicants", "activity_eligible", "activity_share") == (150.0, 100.0, 1.5)


def test_the_denominator_is_never_cut_by_window_or_volet(ask: Ask) -> None:
    content = tables([establishment(finess) for finess in (A, B, C, D)], [application(A, 2, "mss")])
    assert {row["eligible"] for row in ask(content, by=["window", "volet"])} == {4}
    assert of(ask(content, windows=(2,), volet="mss")[0], "eligible", "participation_rate") == (4, 0.25)
    assert of(ask(content, windows=(1,))[0], "eligible", "applicants", "participation_rate") == (4, 0, 0.0)


# Groups ----------------------------------------------------------------------------------------------------------


def test_a_group_exists_where_there_is_an_establishment(ask: Ask) -> None:
    """Every window and volet has its row, even without an application; a département only with an establishment."""
    content = tables(
        [establishment(A, "76", "31"), establishment(B, "11", "75", eligible=False), establishment(C, "94", "2A")],
        [application(A, 2, "mss")],
    )
    rows = ask(content, by=["department", "volet"], regions=("76", "11", "84"))
    assert column(rows, "department", "volet", "eligible", "applicants", "participation_rate") == [
        ("31", "dmp", 1, 0, 0.0),
        ("31", "mss", 1, 1, 1.0),
        ("75", "dmp", 0, 0, None),
        ("75", "mss", 0, 0, None),
    ]
    assert column(ask(content, by=["window"], windows=(4, 2)), "window", "applicants") == [(2, 1), (4, 0)]


def test_statuses_come_in_the_order_of_the_contract(ask: Ask) -> None:
    kinds = {A: "private", B: "espic", C: "public", D: "public"}
    content = tables([establishment(finess, legal_status=kind) for finess, kind in kinds.items()])
    rows = ask(content, by=["legal_status"])
    assert column(rows, "legal_status", "eligible") == [("public", 2), ("espic", 1), ("private", 1)]
    assert column(ask(content, by=["legal_status"], legal_statuses=("espic",)), "legal_status") == [("espic",)]


def test_nothing_over_nothing_is_not_known(ask: Ask) -> None:
    """Without a territory there is one row even over an empty store, and no rate has a value in it."""
    [row] = ask(tables([]), volet="dmp")
    assert of(row, "eligible", "applications", "accepted", "attained", "gap_establishments", "grants_eur") == (0,) * 6
    rates = ("participation_rate", "acceptance_rate", "attainment_rate", "attainment_rate_max", "gap_points")
    assert of(row, *rates, "activity_share") == (None,) * 6
    assert of(row, "target_rate", "snapshot", "revision", "simulated") == (0.8, "2024-06-30", 1, False)
    assert ask(tables([]), by=["region"]) == []


def test_one_establishment_asked_by_its_finess_number(ask: Ask) -> None:
    content = tables(
        [establishment(A, combined_activity=10.0), establishment(B, combined_activity=90.0)],
        [application(A, 1, "dmp", grant_eur=7), application(B, 1, "dmp", grant_eur=8)],
    )
    [row] = ask(content, finess=(A, "999999999"))
    assert of(row, "eligible", "applicants", "accepted", "grants_eur", "activity_eligible") == (1, 1, 1, 7, 10.0)
    assert ask(content, finess=("999999999",))[0]["eligible"] == 0


# Attainment ------------------------------------------------------------------------------------------------------


def test_missed_then_attained_is_attained(ask: Ask) -> None:
    """A missed the volet in window 1 and attained it in window 2: attained over both, missed in window 1."""
    content = tables(
        [establishment(A)],
        [application(A, 1, "dmp"), application(A, 2, "dmp")],
        usages(A, 1, "dmp", "attained", "missed") + usages(A, 2, "dmp", "attained", "attained"),
    )
    assert of(ask(content, volet="dmp")[0], "accepted", "evaluated", "attained", "attainment_rate") == (1, 1, 1, 1.0)
    rows = ask(content, by=["window", "volet"], windows=(1, 2), volet="dmp")
    assert column(rows, "window", "evaluated", "attained", "attainment_rate_max") == [(1, 1, 0, 0.0), (2, 1, 1, 1.0)]


def test_what_is_not_evaluated_may_still_be_attained(ask: Ask) -> None:
    """Of 5 accepted: A attained, B missed; C, D, E not yet evaluated, each for another reason. 1/5, at most 4/5."""
    content = tables(
        [establishment(finess) for finess in (A, B, C, D, E)],
        [application(finess, 2, "mss") for finess in (A, B, C, D, E)],
        usages(A, 2, "mss", "attained", "attained")
        + usages(B, 2, "mss", "not_evaluated", "missed")  # one miss is enough, whatever the other becomes
        + usages(C, 2, "mss", "attained", "not_evaluated")
        + [usage(D, 2, "mss", "mss_pro", "attained")],  # no row for the other indicator; and E has none at all
    )
    [row] = ask(content, volet="mss")
    assert of(row, "accepted", "evaluated", "attained") == (5, 2, 1)
    assert of(row, "attainment_rate", "attainment_rate_max", "target_rate") == (0.2, 0.8, 0.7)
    assert row["gap_points"] == pytest.approx(-0.5)
    assert row["gap_establishments"] == 3  # 70 % of 5 is 3.5, so 4 must attain and 1 does


def test_only_required_indicators_and_accepted_rows_decide(ask: Ask) -> None:
    """A missed an indicator that the volet does not require. B's usages are attained, but B is not accepted."""
    content = tables(
        [establishment(A), establishment(B)],
        [application(A, 1, "dmp"), application(B, 1, "dmp", "rejected")],
        [
            *usages(A, 1, "dmp", "attained", "attained"),
            usage(A, 1, "dmp", "cr_biologie", "missed"),
            *usages(B, 1, "dmp", "attained", "attained"),
        ],
    )
    assert of(ask(content, volet="dmp")[0], "accepted", "evaluated", "attained") == (1, 1, 1)


def test_usages_of_another_window_or_volet_do_not_count(ask: Ask) -> None:
    """A attained dmp in window 1, where it was not accepted; in window 2, where it was, only one of two indicators."""
    content = tables(
        [establishment(A)],
        [application(A, 1, "dmp", "withdrawn"), application(A, 2, "dmp"), application(A, 2, "mss")],
        [
            *usages(A, 1, "dmp", "attained", "attained"),
            usage(A, 2, "dmp", "lettre_liaison", "attained"),
            *usages(A, 2, "mss", "attained", "attained"),
        ],
    )
    rows = ask(content, by=["volet"])
    assert column(rows, "volet", "accepted", "evaluated", "attained") == [("dmp", 1, 0, 0), ("mss", 1, 1, 1)]


def test_attainment_needs_a_volet(ask: Ask) -> None:
    """Two volets have two rules and two targets: over both, attainment has no meaning, and is null rather than 0."""
    content = tables([establishment(A)], [application(A, 1, "dmp")], usages(A, 1, "dmp", "attained", "attained"))
    names = ("evaluated", "attained", "attainment_rate", "attainment_rate_max", "target_rate", "gap_points")
    assert of(ask(content)[0], *names, "gap_establishments") == (None,) * 7
    assert ask(content)[0]["accepted"] == 1


@pytest.mark.parametrize(
    ("share", "accepted", "needed"),
    [
        ("0.7", 10, 7),
        ("0.55", 100, 55),  # 0.55 * 100 is 55.00000000000001 for a computer that counts in binary
        ("0.07", 100, 7),
        ("0.333", 3, 1),
        ("0.333", 4, 2),  # 1.332
        ("0.8", 9, 8),  # 7.2
        ("1", 3, 3),
    ],
)
def test_the_gap_is_rounded_up_exactly(ask: Ask, share: str, accepted: int, needed: int) -> None:
    target = Target(volet="dmp", share=Decimal(share), due=MID_2024, source="B")
    programme = SUN_ES.model_copy(update={"targets": (target,)})
    names = [f"99{number:07d}" for number in range(accepted)]
    content = tables([establishment(f) for f in names], [application(f, 1, "dmp") for f in names])
    assert ask(content, programme=programme, volet="dmp")[0]["gap_establishments"] == needed


def test_a_target_that_is_passed_leaves_no_gap(ask: Ask) -> None:
    """80 % of 5 is 4, and all 5 attain: nobody is missing, rather than « minus one »."""
    names = (A, B, C, D, E)
    content = tables(
        [establishment(finess) for finess in names],
        [application(finess, 1, "dmp") for finess in names],
        [row for finess in names for row in usages(finess, 1, "dmp", "attained", "attained")],
    )
    [row] = ask(content, volet="dmp")
    assert of(row, "attained", "gap_establishments") == (5, 0)
    assert row["gap_points"] == pytest.approx(0.2)


def test_a_target_holds_for_its_regions_and_dates(ask: Ask) -> None:
    """90 % in region 11 from 2024 on, 60 % elsewhere or before: the first target that covers the group wins."""
    targets = (
        Target(
            volet="dmp", share=Decimal("0.9"), due=MID_2024, source="B", regions=("11",), valid_from=date(2024, 1, 1)
        ),
        Target(volet="dmp", share=Decimal("0.6"), due=MID_2024, source="B"),
    )
    programme = SUN_ES.model_copy(update={"targets": targets})
    content = tables([establishment(A, "11", "75"), establishment(B, "76", "31")])

    rows = ask(content, by=["region", "volet"], programme=programme)
    assert column(rows, "region", "volet", "target_rate") == [
        ("11", "dmp", 0.9),
        ("11", "mss", None),
        ("76", "dmp", 0.6),
        ("76", "mss", None),
    ]
    assert ask(content, programme=programme, volet="dmp", regions=("11",))[0]["target_rate"] == 0.9
    assert ask(content, programme=programme, volet="dmp", regions=("11", "76"))[0]["target_rate"] == 0.6
    before = ask(content, programme=programme, volet="dmp", regions=("11",), as_of=date(2023, 12, 31))
    assert before[0]["target_rate"] == 0.6
    assert of(rows[1], "attained", "gap_points", "gap_establishments") == (0, None, None)


# Sums ------------------------------------------------------------------------------------------------------------


def test_an_unknown_grant_is_not_zero(ask: Ask) -> None:
    """Window 1: 30 000 and one not known; window 2: nothing known; window 3: zero, known; window 4: none accepted."""
    content = tables(
        [establishment(A), establishment(B)],
        [
            application(A, 1, "dmp", grant_eur=30_000),
            application(B, 1, "dmp", grant_eur=None),
            application(A, 2, "dmp", grant_eur=None),
            application(A, 3, "dmp", grant_eur=0),
            application(A, 4, "dmp", "rejected", grant_eur=999),
        ],
    )
    rows = ask(content, by=["window"])
    assert column(rows, "window", "grants_eur") == [(1, 30_000), (2, None), (3, 0), (4, 0)]
    assert ask(content)[0]["grants_eur"] == 30_000


def test_an_unknown_activity_is_not_zero(ask: Ask) -> None:
    """In 31, 30 of the 40 that are known; in 75 nothing is known; in 2A the activity is known to be zero."""
    content = tables(
        [
            establishment(A, department="31", combined_activity=30.0),
            establishment(B, department="31", combined_activity=10.0),
            establishment(C, department="31", combined_activity=None),
            establishment(D, "11", "75", combined_activity=None),
            establishment(E, "94", "2A", combined_activity=0.0),
        ],
        [application(finess, 1, "dmp") for finess in (A, C, D, E)],
    )
    rows = ask(content, by=["department"])
    assert column(rows, "department", "activity_applicants", "activity_eligible", "activity_share") == [
        ("2A", 0.0, 0.0, None),
        ("31", 30.0, 40.0, 0.75),
        ("75", None, None, None),
    ]
    assert column(ask(content, by=["region"], windows=(2,)), "region", "activity_applicants", "activity_share") == [
        ("11", 0, None),
        ("76", 0, 0.0),
        ("94", 0, None),
    ]


# Another programme -----------------------------------------------------------------------------------------------

ANOTHER_PROGRAMME = """
id = "phares"
name = "Phares"
long_name = "Programme des phares et balises"
launched = 2030
ends = { date = 2031-12-31, source = "X" }
summary = "Un programme inventé, pour que rien de SUN-ES ne soit tenu pour acquis."
summary_sources = ["X"]
regions = [
  { code = "53", name = "Bretagne", departments = ["29", "56"] },
  { code = "94", name = "Corse", departments = ["2A", "2B"] },
]
windows = [
  { number = 7, opens = 2030-01-01, closes = 2030-02-28, volets = ["veille", "lampe", "corne"], source = "X" },
  { number = 12, opens = 2030-06-01, closes = 2030-07-31, volets = ["veille", "lampe"], source = "X" },
]
volets = [
  { id = "veille", number = 1, name = "Veille", description = "La veille.", required = ["quart"], source = "X" },
  { id = "lampe", number = 2, name = "Lampe", description = "Le feu.", required = ["portee", "eclat"], source = "X" },
  { id = "corne", number = 3, name = "Corne", description = "La brume.", required = ["son"], source = "X" },
]
indicators = [
  { id = "quart", volet = "veille", name = "Quarts tenus", source = "X" },
  { id = "portee", volet = "lampe", name = "Portée", source = "X" },
  { id = "eclat", volet = "lampe", name = "Éclat", source = "X" },
  { id = "couleur", volet = "lampe", name = "Couleur", source = "X" },
  { id = "son", volet = "corne", name = "Son", source = "X" },
]
targets = [
  { volet = "lampe", share = 0.55, due = 2031-06-30, source = "X", regions = ["53"] },
  { volet = "veille", share = 1, due = 2031-06-30, source = "X" },
]

[sources.X]
title = "Avis aux navigateurs"
publisher = "Service des phares"
date = "2030"

[eligibility]
assumption = "Tous les phares."
categories = [{ code = "1", name = "Phare" }]
"""


def test_another_programme_is_another_file(ask: Ask, tmp_path: Path) -> None:
    """Nothing about SUN-ES is in the code: other windows, three volets in their own order, other indicators."""
    path = tmp_path / "programme.toml"
    path.write_text(ANOTHER_PROGRAMME, encoding="utf-8")
    content = tables(
        [establishment(A, "53", "29"), establishment(B, "53", "56"), establishment(C, "94", "2A")],
        [
            application(A, 7, "lampe"),
            application(A, 12, "veille"),
            application(B, 12, "lampe"),
            application(C, 12, "lampe", "pending"),
        ],
        [
            usage(A, 7, "lampe", "portee", "attained"),
            usage(A, 7, "lampe", "eclat", "attained"),
            usage(A, 7, "lampe", "couleur", "missed"),
            usage(A, 12, "veille", "quart", "missed"),
            usage(B, 12, "lampe", "portee", "attained"),
        ],
    )
    programme = load_programme(path)

    rows = ask(content, by=["region", "volet"], programme=programme, as_of=date(2031, 6, 30))
    names = ("region", "volet", "accepted", "evaluated", "attained", "target_rate", "gap_establishments")
    assert column(rows, *names) == [
        ("53", "veille", 1, 1, 0, 1.0, 1),
        ("53", "lampe", 2, 1, 1, 0.55, 1),  # 1.1 must attain, so 2, and 1 does
        ("53", "corne", 0, 0, 0, None, None),
        ("94", "veille", 0, 0, 0, 1.0, 0),
        ("94", "lampe", 0, 0, 0, None, None),
        ("94", "corne", 0, 0, 0, None, None),
    ]
    rows = ask(content, by=["window"], programme=programme, as_of=date(2031, 6, 30))
    assert column(rows, "window", "applications", "accepted", "newcomers") == [(7, 1, 1, 1), (12, 3, 2, 1)]


# History ---------------------------------------------------------------------------------------------------------


def test_each_snapshot_is_counted_for_itself(implementation: Implementation) -> None:
    """A applies, then is accepted while B opens, then closes: nothing of one date leaks into another."""
    pending, accepted = application(A, 1, "dmp", "pending"), application(A, 1, "dmp")
    history = [
        (date(2021, 11, 30), 1, tables([establishment(A)], [pending])),
        (date(2021, 12, 31), 2, tables([establishment(A), establishment(B)], [accepted])),
        (date(2022, 1, 31), 1, tables([establishment(B)])),
    ]
    rows = implementation(SUN_ES, history, View(), ["snapshot"])
    assert column(rows, "snapshot", "revision", "eligible", "applicants", "accepted") == [
        ("2021-11-30", 1, 1, 1, 0),
        ("2021-12-31", 2, 2, 1, 1),
        ("2022-01-31", 1, 1, 0, 0),
    ]


def test_every_row_says_where_it_comes_from(implementation: Implementation) -> None:
    """The date, the revision and the mark of simulated data are there whether asked or not."""
    [row] = implementation(SUN_ES, [(MID_2024, 2, tables([]))], View(), [])
    assert of(row, "snapshot", "revision", "simulated") == ("2024-06-30", 2, False)


def test_simulated_data_stay_marked() -> None:
    snapshots = [arrow((MID_2024, 1, tables([establishment(A)])))]
    frames = engine.frames_from_tables(snapshots, "duckdb", simulated=True)
    answer = metrics.answer(frames, View(), ["region"], programme=SUN_ES)
    assert [row["simulated"] for row in answer.rows] == [True]
