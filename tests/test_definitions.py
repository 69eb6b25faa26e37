"""Every metric is explained in French, and the explanation agrees with what is computed."""

from datetime import date
from pathlib import Path

import pytest

from sunes.definitions import load_definitions
from sunes.errors import DataError
from sunes.french import typographic
from sunes.metrics import METRICS
from sunes.programme import load_programme
from sunes.reference import REFERENCE
from sunes.view import View
from tests import oracle
from tests.rows import Row, application, establishment, tables, usage

IDS = (
    "eligible",
    "applications",
    "applicants",
    "newcomers",
    "accepted_applications",
    "accepted",
    "rejected_applications",
    "evaluated",
    "attained",
    "participation_rate",
    "acceptance_rate",
    "attainment_rate",
    "attainment_rate_max",
    "target_rate",
    "gap_points",
    "gap_establishments",
    "activity_applicants",
    "activity_eligible",
    "activity_share",
    "grants_eur",
)
RATES = ("participation_rate", "acceptance_rate", "attainment_rate", "attainment_rate_max", "activity_share")


def test_every_metric_is_defined_and_no_other() -> None:
    assert sorted(load_definitions()) == sorted(IDS) == sorted(METRICS)


@pytest.mark.parametrize("metric_id", IDS)
def test_texts_are_french_sentences_well_typeset(metric_id: str) -> None:
    metric = load_definitions()[metric_id]
    assert metric.label
    assert 0 < len(metric.short) <= 20
    for text in (metric.definition, metric.why_it_matters, metric.what_to_know, metric.source):
        assert len(text) > 20
        assert text.endswith(".")
        assert "'" not in text
        assert not any(f" {mark}" in text for mark in ":;!?%»€")


def test_labels_tell_metrics_apart() -> None:
    metrics = load_definitions().values()
    assert len({metric.label for metric in metrics}) == len({metric.short for metric in metrics}) == len(metrics)


def test_rates_are_what_their_numerator_and_denominator_say() -> None:
    definitions = load_definitions()
    assert tuple(m.id for m in definitions.values() if m.numerator or m.denominator) == RATES
    answer = _answer(View(volet="dmp"))
    for metric_id in RATES:
        numerator, denominator = definitions[metric_id].numerator, definitions[metric_id].denominator
        assert numerator is not None
        assert denominator is not None
        part, whole = numerator.value(answer), denominator.value(answer)
        assert part is not None
        assert whole is not None
        assert 0 < part < whole
        assert answer[metric_id] == pytest.approx(part / whole)


def test_a_part_is_not_known_when_one_of_its_counts_is_not() -> None:
    best = load_definitions()["attainment_rate_max"].numerator
    assert best is not None
    assert best.value({"attained": 2, "accepted": 5, "evaluated": 3}) == 4
    assert best.value({"attained": 0, "accepted": 0, "evaluated": 0}) == 0
    assert best.value({"attained": None, "accepted": 5, "evaluated": None}) is None


def test_a_metric_needs_what_it_says_and_nothing_else() -> None:
    everything, of_a_volet, of_a_window = _answer(View()), _answer(View(volet="dmp")), _answer(View(), by=("window",))
    for metric in load_definitions().values():
        assert (everything[metric.id] is None) == (metric.needs is not None), metric.id
        assert (of_a_volet[metric.id] is None) == (metric.needs == "window"), metric.id
        assert (of_a_window[metric.id] is None) == (metric.needs == "volet"), metric.id


def _answer(view: View, by: tuple[str, ...] = ()) -> Row:
    """The metrics of five establishments: attained, missed, not evaluated, rejected, silent. With `by`: window 1."""
    finess = [f"99000000{i}" for i in range(5)]
    decisions = ("accepted", "accepted", "accepted", "rejected")
    content = tables(
        [establishment(f, combined_activity=10.0) for f in finess],
        [application(f, 1, "dmp", decision, grant_eur=1) for f, decision in zip(finess, decisions, strict=False)],
        [
            usage(finess[i], 1, "dmp", indicator, status)
            for i, status in enumerate(("attained", "missed"))
            for indicator in ("lettre_liaison", "ordonnance_sortie")
        ],
    )
    return oracle.answer(load_programme(), [(date(2024, 6, 30), 1, content)], view, by)[0]


@pytest.mark.parametrize(
    ("metric_id", "value", "text"),
    [
        ("applicants", 235, "235"),
        ("applications", 12345, "12\u202f345"),
        ("participation_rate", 235 / 294, "79,9\u00a0%"),
        ("attainment_rate", 0.9999, ">\u00a099,9\u00a0%"),
        ("target_rate", 0.8, "80\u00a0%"),
        ("gap_points", -0.123, "\u221212,3\u00a0points"),
        ("gap_establishments", 0, "0"),
        ("activity_eligible", 12345.6, "12\u202f346"),
        ("grants_eur", 20_900_000, "20\u202f900\u202f000\u00a0€"),
    ],
)
def test_values_are_written_by_unit(metric_id: str, value: float, text: str) -> None:
    assert load_definitions()[metric_id].format(value) == text


@pytest.mark.parametrize("metric_id", IDS)
def test_a_value_that_is_not_known_is_never_written_as_a_figure(metric_id: str) -> None:
    assert load_definitions()[metric_id].format(None) == "non connu"


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('short = "Éligibles"', "", "clé « metrics[1].short » : cette clé est obligatoire"),
        ('short = "Éligibles"', 'short = ""', "clé « metrics[1].short »"),
        ('short = "Éligibles"', 'shrot = "Éligibles"', "clé « metrics[1].shrot »"),
        ('unit = "dossier"', 'unit = "dossiers"', "clé « metrics[2].unit », valeur « dossiers »"),
        ('needs = "window"', 'needs = "region"', "clé « metrics[4].needs »"),
        ('unit = "target"', 'unit = "rate"', "clé « metrics[14] » : le taux « target_rate » doit avoir"),
        ('unit = "rate"', 'unit = "points"', "clé « metrics[10] » : « participation_rate » n’est pas un taux"),
        ('add = ["eligible"]', 'add = ["eligibles"]', "cite « eligibles »"),
        ('add = ["eligible"]', 'add = ["acceptance_rate"]', "cite « acceptance_rate »"),
        ('id = "applications"', 'id = "eligible"', "en double : eligible"),
    ],
)
def test_a_broken_file_is_named_with_its_key(tmp_path: Path, before: str, after: str, where: str) -> None:
    content = (REFERENCE / "metrics.toml").read_text(encoding="utf-8")
    assert before in content
    broken = tmp_path / "metrics.toml"
    broken.write_text(content.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_definitions(broken)
    assert "metrics.toml" in str(caught.value)
    assert typographic(where) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.toml"):
        load_definitions(tmp_path / "absent.toml")
