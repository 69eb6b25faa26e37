"""What is behind the figures, as people read it: definitions, published figures, the programme's own facts."""

from dataclasses import replace
from datetime import date

import pytest

from sunes import documentation, published
from sunes.definitions import load_definitions
from sunes.programme import load_programme
from sunes.published import Comparison
from sunes.snapshots import Store

PROGRAMME, DEFINITIONS = load_programme(), load_definitions()


@pytest.fixture(scope="module")
def comparisons() -> tuple[Comparison, ...]:
    return published.reconcile(Store.default(), PROGRAMME)


class TestDefinitions:
    def test_every_metric_is_found_without_a_word(self) -> None:
        assert documentation.search(DEFINITIONS, " ") == list(DEFINITIONS.values())

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("DENOMINATEUR participation", "participation_rate"),
            ("gap_establishments", "gap_establishments"),
            ("près de 21 M€", "grants_eur"),
        ],
    )
    def test_words_are_found_whatever_their_accents(self, text: str, expected: str) -> None:
        assert expected in [metric.id for metric in documentation.search(DEFINITIONS, text)]

    def test_what_is_nowhere_finds_nothing(self) -> None:
        assert documentation.search(DEFINITIONS, "<script>") == []

    def test_a_rate_says_what_it_is_made_of_and_a_count_does_not(self) -> None:
        rate = dict(documentation.meaning(DEFINITIONS["attainment_rate"]))
        assert rate["Dénominateur"] == "établissements retenus"
        assert "Un volet" in rate["Demande"]
        assert list(dict(documentation.meaning(DEFINITIONS["eligible"]))) == [
            "Définition",
            "Pourquoi",
            "À savoir",
            "Source",
            "Identifiant",
        ]


class TestPublishedFigures:
    def test_each_has_its_verdict_its_reason_and_its_source(self, comparisons: tuple[Comparison, ...]) -> None:
        records = documentation.comparison_records(comparisons, DEFINITIONS, PROGRAMME)
        assert len(records) == len(published.load_figures())
        assert all(record["Explication"] for record in records if record["Verdict"] != "Identique")
        by_label = {(record["Territoire"], record["Chiffre"]): record for record in records}
        newcomers = by_label["Île-de-France", "«\u00a0Nouveaux\u00a0» établissements en fenêtre 2"]
        assert (newcomers["Publié"], newcomers["Calculé"]) == ("159", "83")
        assert newcomers["Verdict"] == "Différent, expliqué"
        assert newcomers["Données"] == "simulées"
        older = by_label["Occitanie", "Établissements éligibles (page plus ancienne)"]
        assert (older["Publié"], older["Calculé"], older["Source"]) == ("303", "294", "C (secondaire)")
        assert {record["Calculé"] for record in records if record["Territoire"] == "France"} == {"–"}

    def test_the_finding_counts_the_verdicts(self, comparisons: tuple[Comparison, ...]) -> None:
        assert documentation.comparisons_finding(comparisons) == (
            "Sur 20 chiffres publiés, 11 sont retrouvés à l’identique, 2 diffèrent pour une raison connue "
            "et 7 ne se calculent pas ici."
        )
        wrong = replace(comparisons[0], computed=165, verdict="unexplained")
        assert documentation.comparisons_finding([wrong]) == "Sur 1 chiffre publié, 1 diffère sans explication."
        assert documentation.comparisons_finding([]) == ""


class TestTheProgramme:
    def test_its_summary_names_its_sources(self) -> None:
        said = documentation.programme_said(PROGRAMME)
        assert "(MSSanté) (sources A et B). Fin\u00a0: 31 mars 2024 (source C, secondaire)." in said

    def test_required_indicators_are_apart_from_those_that_are_followed(self) -> None:
        first, second = documentation.volet_records(PROGRAMME)
        assert first["Indicateurs exigés"] == "Lettres de liaison · Ordonnances de sortie"
        assert "imagerie" in first["Indicateurs suivis"]
        assert second["Indicateurs suivis"] == "aucun"

    def test_targets_say_where_they_hold(self) -> None:
        targets = documentation.target_records(PROGRAMME)
        assert [(t["Cible"], t["À la date du"], t["Régions"], t["Source"]) for t in targets] == [
            ("80\u00a0%", "30 juin 2024", "toutes", "B"),
            ("70\u00a0%", "30 juin 2024", "toutes", "B"),
        ]
        limited = PROGRAMME.model_copy(
            update={"targets": (PROGRAMME.targets[0].model_copy(update={"regions": ("76", "00"), "note": None}),)}
        )
        (target,) = documentation.target_records(limited)
        assert (target["Régions"], target["Remarque"]) == ("Occitanie et 00", "–")

    def test_assumptions_follow_the_programme(self) -> None:
        said = "\n".join(documentation.assumptions(PROGRAMME))
        assert "notre hypothèse" in said
        assert "appliquée ici à chaque région («\u00a0Bilan du programme SUN-ES\u00a0»" in said
        assert "Échéances non publiées (fenêtres 3 et 4)" in said
        last = PROGRAMME.windows[-1]
        dated = last.model_copy(update={"deadline": PROGRAMME.ends.model_copy(update={"date": date(2024, 1, 1)})})
        shorter = PROGRAMME.model_copy(update={"windows": (*PROGRAMME.windows[:3], dated), "targets": ()})
        said = "\n".join(documentation.assumptions(shorter))
        assert "(fenêtre 3)" in said
        assert "cible de" not in said.lower()
        assert len(documentation.category_records(PROGRAMME)) == len(PROGRAMME.eligibility.codes)

    def test_secondary_sources_are_marked(self) -> None:
        assert [entry["Nature"] for entry in documentation.bibliography(PROGRAMME)] == [
            "source directe",
            "source directe",
            "source secondaire",
        ]
