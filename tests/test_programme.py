"""The programme as data: what it says is what was published, and a file that is wrong is refused with the place."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sunes import geography
from sunes.errors import DataError
from sunes.programme import Programme, load_programme
from sunes.reference import REFERENCE

DAY = date(2024, 6, 30)

INVENTED = """
id = "eau"
name = "EAU"
long_name = "Un programme pour l'eau"
launched = 2030
ends = { date = 2032-12-31, source = "S" }
summary = "Il finance deux choses : mesurer et réparer."
summary_sources = ["S"]

[sources.S]
title = "Une note"
publisher = "Une agence"
date = "2030"
secondary = true

[[regions]]
code = "94"
name = "Corse"
departments = ["2A", "2B"]

[[regions]]
code = "53"
name = "Bretagne"
departments = ["22", "29", "35", "56"]

[[windows]]
number = 7
opens = 2030-01-01
closes = 2030-02-28
volets = ["mesurer", "reparer"]
source = "S"

[[volets]]
id = "mesurer"
number = 1
name = "Mesurer"
description = "Poser des compteurs."
required = ["compteurs"]
source = "S"

[[volets]]
id = "reparer"
number = 2
name = "Réparer"
description = "Boucher les fuites."
required = ["fuites", "vannes"]
source = "S"

[[indicators]]
id = "compteurs"
volet = "mesurer"
name = "Compteurs"
source = "S"

[[indicators]]
id = "fuites"
volet = "reparer"
name = "Fuites"
source = "S"

[[indicators]]
id = "vannes"
volet = "reparer"
name = "Vannes"
source = "S"

[[targets]]
volet = "mesurer"
share = 0.5
due = 2031-01-01
source = "S"
regions = ["94"]
valid_until = 2030-12-31

[[targets]]
volet = "mesurer"
share = 0.6
due = 2032-01-01
source = "S"
regions = ["94"]
valid_from = 2031-01-01

[[targets]]
volet = "mesurer"
share = 0.9
due = 2032-01-01
source = "S"

[eligibility]
assumption = "Tout le monde."
categories = [{ code = "1", name = "Tout" }]
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Programme]:
    """Load a programme from the text of its file."""
    file = tmp_path / "programme.toml"

    def load(text: str) -> Programme:
        file.write_text(text, encoding="utf-8")
        return load_programme(file)

    return load


class TestTheRealOne:
    programme = load_programme()

    def test_windows_are_the_published_ones(self) -> None:
        assert [(w.number, w.opens, w.closes, w.source) for w in self.programme.windows] == [
            (1, date(2021, 9, 1), date(2021, 10, 31), "A"),
            (2, date(2022, 3, 1), date(2022, 4, 30), "A"),
            (3, date(2022, 9, 1), date(2022, 10, 31), "A"),
            (4, date(2023, 3, 1), date(2023, 4, 30), "A"),
        ]

    def test_the_first_window_was_for_the_first_volet_only(self) -> None:
        assert [w.volets for w in self.programme.windows] == [("dmp",), *[("dmp", "mss")] * 3]

    def test_only_two_deadlines_are_published(self) -> None:
        deadlines = {w.number: w.deadline and (w.deadline.date, w.deadline.source) for w in self.programme.windows}
        assert deadlines == {1: (date(2022, 9, 30), "A"), 2: (date(2022, 12, 31), "A"), 3: None, 4: None}

    def test_targets_are_eighty_and_seventy_percent_at_mid_2024(self) -> None:
        targets = {t.volet: (t.share, t.due, t.source) for t in self.programme.targets}
        assert targets == {"dmp": (Decimal("0.80"), DAY, "B"), "mss": (Decimal("0.70"), DAY, "B")}
        assert all("Publiée pour l’Occitanie" in (t.note or "") for t in self.programme.targets)

    def test_what_attains_a_volet(self) -> None:
        assert {v.id: (v.number, v.required) for v in self.programme.volets} == {
            "dmp": (1, ("lettre_liaison", "ordonnance_sortie")),
            "mss": (2, ("mss_pro", "mss_citoyenne")),
        }
        assert {i.id for i in self.programme.indicators if i.volet == "dmp"} == {
            "lettre_liaison",
            "ordonnance_sortie",
            "cr_operatoire",
            "cr_imagerie",
            "cr_biologie",
        }

    def test_it_begins_and_ends(self) -> None:
        assert (self.programme.launched, self.programme.ends.date, self.programme.ends.source) == (
            2021,
            date(2024, 3, 31),
            "C",
        )

    def test_secondary_sources_are_said_to_be(self) -> None:
        assert [key for key, source in self.programme.sources.items() if source.secondary] == ["C"]
        assert str(self.programme.sources["C"]).endswith(", source secondaire)")

    def test_regions_are_those_of_geography(self) -> None:
        for region in self.programme.regions:
            assert region.name == geography.region(region.code).name
            assert set(region.departments) == {
                code for code, each in geography.departments().items() if each.region_code == region.code
            }
        assert [region.code for region in self.programme.regions] == ["76", "11"]

    def test_eligible_categories_are_stated_as_an_assumption(self) -> None:
        assert "hypothèse" in self.programme.eligibility.assumption
        assert self.programme.eligibility.codes == {
            *("101", "106", "109", "114", "122", "127", "128", "129", "131", "141", "146", "161"),
            *("292", "355", "362", "365", "430", "697", "698", "699"),
        }


class TestAnInventedOne:
    def test_another_file_describes_another_programme(self, load: Callable[[str], Programme]) -> None:
        programme = load(INVENTED)
        assert programme.volet_ids == ("mesurer", "reparer")
        assert programme.window_numbers == (7,)
        assert programme.volet("reparer").required == ("fuites", "vannes")
        assert programme.summary == "Il finance deux choses\u00a0: mesurer et réparer."

    @pytest.mark.parametrize(
        ("volet", "region", "day", "share"),
        [
            ("mesurer", "94", date(2030, 12, 31), "0.5"),
            ("mesurer", "94", date(2031, 1, 1), "0.6"),
            ("mesurer", "53", date(2031, 1, 1), "0.9"),
            ("mesurer", None, date(2030, 1, 1), "0.9"),
            ("reparer", "94", date(2031, 1, 1), None),
            (None, "94", date(2031, 1, 1), None),
        ],
    )
    def test_the_target_is_the_one_of_region_and_day(
        self, load: Callable[[str], Programme], volet: str | None, region: str | None, day: date, share: str | None
    ) -> None:
        target = load(INVENTED).target(volet, region, day)
        assert (target and target.share) == (share and Decimal(share))

    def test_it_may_have_no_target_at_all(self, load: Callable[[str], Programme]) -> None:
        head, _, tail = INVENTED.partition("[[targets]]")
        assert load(head + tail[tail.index("[eligibility]") :]).targets == ()


FAULTS = [
    # What is written, what is written instead, what is said of it.
    ('name = "EAU"\n', "", "clé « name » : cette clé est obligatoire et manque."),
    ('name = "EAU"', 'name = ""', "clé « name », valeur « » : le texte ne peut pas être vide."),
    ('name = "EAU"', "name = 3", "clé « name », valeur « 3 » : un texte est attendu."),
    ('id = "eau"', 'id = "L EAU"', "clé « id », valeur « L EAU » : le texte n’a pas la forme attendue"),
    ("launched = 2030", "lancé = 2030", "ce n’est plus du TOML"),
    ("launched = 2030", "started = 2030", "clé « started », valeur « 2030 » : cette clé est inconnue"),
    ("launched = 2030", "launched = 2030.5", "clé « launched », valeur « 2030.5 » : un nombre entier est attendu."),
    (
        "secondary = true",
        'secondary = "oui"',
        "clé « sources.S.secondary », valeur « oui » : true ou false est attendu",
    ),
    ("[sources.S]", "[[sources]]", "clé « sources » : une table est attendue."),
    ('code = "53"', 'code = "5"', "clé « regions[2].code », valeur « 5 » : le texte n’a pas la forme attendue"),
    ('"22", "29", "35", "56"', "", "clé « regions[2].departments » : au moins 1 élément est attendu."),
    ("opens = 2030-01-01", 'opens = "hier"', "clé « windows[1].opens », valeur « hier » : une date AAAA-MM-JJ"),
    ("opens = 2030-01-01", "opens = 2030-01-01T12:00:00", "clé « windows[1].opens »"),
    ("closes = 2030-02-28", "closes = 2030-02-30", "ligne 29 : ce n’est plus du TOML au caractère"),
    ("closes = 2030-02-28", "closes = 2029-12-31", "clé « windows[1] » : la fenêtre 7 ferme avant d’ouvrir."),
    ("number = 7", "number = 0", "clé « windows[1].number », valeur « 0 » : la valeur doit être d’au moins 1."),
    ('["mesurer", "reparer"]', '"mesurer"', "clé « windows[1].volets », valeur « mesurer » : une liste est attendue."),
    ('["mesurer", "reparer"]', '["payer"]', "la fenêtre 7 cite « payer », que le fichier ne définit pas (volet)."),
    ("share = 0.5", "share = 50", "clé « targets[1].share », valeur « 50 » : la valeur doit être d’au plus 1."),
    ("share = 0.5", "share = 0.0", "clé « targets[1].share », valeur « 0.0 » : la valeur doit dépasser 0."),
    ("share = 0.5", "share = nan", "clé « targets[1].share », valeur « NaN » : un nombre fini est attendu."),
    ('share = 0.9\ndue = 2032-01-01\nsource = "S"', 'share = 0.9\ndue = 2032-01-01\nsource = "Z"', "cite « Z »"),
    ('volet = "mesurer"\nshare = 0.9', 'volet = "payer"\nshare = 0.9', "une cible cite « payer »"),
    (
        'regions = ["94"]\nvalid_until',
        'regions = ["49"]\nvalid_until',
        "la cible du volet « mesurer » cite « 49 », que le fichier ne définit pas (région).",
    ),
    ('required = ["compteurs"]', 'required = ["compteur"]', "le volet « mesurer » cite « compteur »"),
    ('required = ["compteurs"]', 'required = ["fuites"]', "le volet « mesurer » exige « fuites », qui est d’un autre"),
    ('["fuites", "vannes"]', '["fuites", "fuites"]', "indicateur exigé du volet « reparer » en double : fuites."),
    ('id = "vannes"', 'id = "fuites"', "indicateur en double : fuites."),
    ('name = "Vannes"', 'name = "Vannes"\naliases = ["FUITES"]', "nom ou alias d’indicateur en double : fuites."),
    ("number = 2\n", "number = 1\n", "numéro de volet en double : 1."),
    ('id = "reparer"', 'id = "mesurer"', "volet en double : mesurer."),
    ('code = "53"', 'code = "94"', "code de région en double : 94."),
    ('["22", "29"', '["2A", "29"', "département en double : 2A."),
    ('summary_sources = ["S"]', 'summary_sources = ["Z"]', "summary_sources cite « Z »"),
    ("[eligibility]", "[eligibilité]", "ce n’est plus du TOML"),
]


@pytest.mark.parametrize(("written", "instead", "said"), FAULTS)
def test_a_fault_is_told_with_file_and_place(
    load: Callable[[str], Programme], written: str, instead: str, said: str
) -> None:
    assert INVENTED.count(written) == 1
    with pytest.raises(DataError) as error:
        load(INVENTED.replace(written, instead))
    problem = str(error.value).replace("\u00a0", " ").replace("\u202f", " ")
    assert "programme.toml" in problem.splitlines()[0]
    assert said in problem
    assert "Input" not in problem
    assert "should" not in problem


def test_every_fault_is_told_at_once(load: Callable[[str], Programme]) -> None:
    text = INVENTED.replace("number = 7", 'number = "sept"').replace("share = 0.5", "share = 50")
    with pytest.raises(DataError) as error:
        load(text)
    assert [problem.key for problem in error.value.problems] == ["windows[1].number", "targets[1].share"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "ce fichier de référence manque\u202f; rétablissez-le."),
        (b"\xff\xfe", "ce fichier n’est pas en UTF-8."),
        (b'id = "eau', "ce n’est plus du TOML"),
        (b"", "cette clé est obligatoire et manque."),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "autre.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DataError) as error:
        load_programme(file)
    assert "autre.toml" in str(error.value)
    assert said in str(error.value)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="ne peut pas être lu"):
        load_programme(tmp_path)


def test_the_file_of_the_repository_is_the_default() -> None:
    assert load_programme() == load_programme(REFERENCE / "programme.toml")
