"""« Vue d'ensemble » in its frame, as a person gets it from an address: what it shows, and what it says of trouble."""

import functools
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.testing.v1 import AppTest

from sunes import french, metrics
from sunes.metrics import Row
from sunes.programme import load_programme
from sunes.snapshots import DATA, Snapshot, Store
from sunes.ui.errors import show_error
from sunes.view import View
from tests.pages import opened
from tests.people import HERE
from tests.rows import Tables, application, arrow, establishment, tables

PROGRAMME = load_programme()
SHELL = Path(__file__).parents[1] / "pages" / "shell.py"
MAY, JUNE = date(2024, 5, 31), date(2024, 6, 30)
REGISTER = tables([*(establishment(f"31000000{n}") for n in range(7)), establishment("750000001", "11", "75")])

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _as_the_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors that no page catches go where `app.py` sends them. Answers are cached by folder and digest: no clash."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    guarded = functools.partialmethod(ScriptRunner.__init__, on_script_error=show_error)
    monkeypatch.setattr(ScriptRunner, "__init__", guarded)


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the overview of a store (None: the embedded one) by an address: `visit(None, region="76")`."""

    def visit(data: Path | None, **params: str | list[str]) -> AppTest:
        if data is None:
            monkeypatch.delenv("SUNES_DATA", raising=False)
        else:
            monkeypatch.setenv("SUNES_DATA", str(data))
        page = AppTest.from_file(SHELL, default_timeout=60)
        for name, value in params.items():
            page.query_params[name] = value
        return opened(page.run())

    return visit


def plain(text: object) -> str:
    """As typed on a keyboard: no-break spaces and the backslashes that keep Markdown away are no matter here."""
    return re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", str(text)).replace("\u00a0", " ").replace("\u202f", " ")


def written(page: AppTest) -> str:
    """All that a person can read on the page, charts and tables included."""
    blocks = (page.title, page.header, page.markdown, page.caption, page.warning, page.error)
    texts = [element.value for elements in blocks for element in elements]
    texts += made_of(page)
    texts += [" ".join(card) for card in every_card(page)]
    texts += [table.value.to_csv(index=False) for table in page.table]
    texts += [chart.proto.spec + chart.proto.alt for chart in page.get("plotly_chart")]
    return plain("\n".join(texts))


def said(elements: Any) -> list[str]:
    return [plain(element.value) for element in elements]


class Card(NamedTuple):
    label: str
    value: str
    moved: str
    made_of: str


def every_card(page: AppTest) -> list[Card]:
    bodies = [html.proto.body for html in page.get("html")]
    return [
        Card(*(_inside(kind, card) for kind in Card._fields))
        for body in bodies
        for card in body.split('<div class="card"')[1:]
    ]


def _inside(kind: str, card: str) -> str:
    """What an element of a class says at its beginning, up to what can be unfolded in it."""
    found = re.search(rf'class="{kind.replace("_", "-")}">(.*?)(?:<details>|</div>|</p>)', card, re.DOTALL)
    assert found
    return plain(unescape(re.sub("<.*?>", "", found[1]))).strip()


def made_of(page: AppTest) -> list[str]:
    """What stands under the figure of each card."""
    return [card.made_of for card in every_card(page)]


def cards(page: AppTest) -> list[tuple[str, str]]:
    return [(card.label, card.value) for card in every_card(page)]


def regions(page: AppTest) -> list[str]:
    return [header for header in said(page.header) if header != "Ce qui a changé"]


def asked(by: tuple[str, ...], store: Store | None = None, **filters: Any) -> tuple[Row, ...]:
    return metrics.ask(store or Store(DATA), View(**filters), by, programme=PROGRAMME).rows


def percent(rate: float | None) -> str:
    return "–" if rate is None else plain(french.percent(rate))


def whole(number: int) -> str:
    return plain(french.number(number))


class TestTheEmbeddedData:
    def test_it_opens_on_the_latest_state_of_both_regions(self, visit: Open) -> None:
        page = visit(None)
        assert not page.exception
        assert said(page.error) == said(page.warning) == []
        assert said(page.title) == ["Vue d’ensemble"]
        assert regions(page) == ["Occitanie", "Île-de-France"]
        assert "Données simulées" in written(page)
        assert "Situation au **30 juin 2024** (révision 1, publiée le 6 juillet 2024)" in written(page)
        assert cards(page)[0] == ("Participation", "79,9 %")
        assert "235 sur 294 établissements éligibles" in made_of(page)

    def test_the_targets_have_their_source(self, visit: Open) -> None:
        text = written(visit(None, region="11"))
        assert "Publiée pour l’Occitanie, appliquée ici à chaque région." in text
        assert "Source : « Bilan du programme SUN-ES » (e-santé Occitanie, 2024)." in text

    @pytest.mark.parametrize(
        "filters",
        [
            {},
            {"regions": ("76",), "snapshot": "2022-07-31"},
            {"regions": ("11",), "windows": (2,), "legal_statuses": ("private",)},
            {"departments": ("31", "34"), "volet": "mss", "snapshot": "2023-05-31~1"},
        ],
        ids=str,
    )
    def test_every_figure_is_the_one_computed(self, visit: Open, filters: dict[str, Any]) -> None:
        page = visit(None, **View(**filters).to_params())
        assert not page.exception
        assert said(page.warning) == []
        whole_rows, volet_rows = asked(("region",), **filters), asked(("region", "volet"), **filters)
        order = sorted((row["region"] for row in whole_rows), reverse=True)  # 76 before 11, as the programme has them
        expected_cards, expected_parts, expected_tables, expected_bars = [], [], [], []
        for region in order:
            (row,) = (row for row in whole_rows if row["region"] == region)
            of_region = [row for row in volet_rows if row["region"] == region]
            expected_cards.append(("Participation", percent(row["participation_rate"])))
            expected_parts.append(f"{whole(row['applicants'])} sur {whole(row['eligible'])} établissements éligibles")
            for each in of_region:
                volet = PROGRAMME.volet(each["volet"])
                said_of = percent(each["attainment_rate"]) if each["evaluated"] else "pas encore évalué"
                expected_cards.append((f"Volet {volet.number} – {volet.name}", said_of))
                expected_parts.append(
                    f"{whole(each['attained'])} sur {whole(each['accepted'])} établissements retenus, "
                    f"{french.count(each['evaluated'], 'évalué') if each['evaluated'] else 'aucun évalué'}"
                )
                expected_bars += [each["attainment_rate_max"], each["attainment_rate"]] if each["accepted"] else []
                expected_tables.append(
                    [
                        *(whole(each[name]) for name in ("accepted", "evaluated", "attained")),
                        percent(each["attainment_rate"]) if each["evaluated"] else french.UNKNOWN_MARK,
                        plain(french.percent(each["target_rate"], None)),
                        whole(each["gap_establishments"]) if each["evaluated"] else french.UNKNOWN_MARK,
                    ]
                )
        assert cards(page) == expected_cards
        assert made_of(page) == expected_parts
        twins = [table.value for table in page.table]
        found = [[plain(cell) for cell in row[2:]] for twin in twins[::3] for row in twin.to_numpy().tolist()]
        assert found == expected_tables
        charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
        bars = [trace["x"][0] for chart in charts[::2] for trace in chart["data"] if trace["type"] == "bar"]
        assert bars == expected_bars

    def test_the_last_line_of_the_history_is_the_state_on_the_cards(self, visit: Open) -> None:
        page = visit(None, region="76", snapshot="2023-06-30")
        last = [plain(cell) for cell in page.table[1].value.to_numpy().tolist()[-1]]
        (row,) = asked(("region",), regions=("76",), snapshot="2023-06-30")
        assert last[0] == "30/06/2023"
        assert last[-3:] == [whole(row["eligible"]), whole(row["applicants"]), percent(row["participation_rate"])]
        assert len(page.table[1].value) == 20, "one line for each date, corrections included"

    def test_a_card_says_how_its_figure_moved(self, visit: Open) -> None:
        page = visit(None, region="76", snapshot="2023-06-30")
        before, now = (asked(("volet",), regions=("76",), snapshot=day) for day in ("2023-05-31", "2023-06-30"))
        moved = [late["attainment_rate"] - early["attainment_rate"] for early, late in zip(before, now, strict=True)]
        words = ["stable", *(f"{'↑' if m > 0 else '↓'} {plain(french.points(m))}" for m in moved)]
        assert [card.moved for card in every_card(page)] == [f"{word} depuis le 31 mai 2023" for word in words]
        assert all(moved)

    def test_region_and_snapshot_come_from_the_address(self, visit: Open) -> None:
        page = visit(None, region="11", snapshot="2022-07-31")
        assert regions(page) == ["Île-de-France"]
        assert "Situation au **31 juillet 2022**" in written(page)
        assert page.selectbox(key="filter-snapshot").value == "2022-07-31~1"
        assert page.multiselect(key="filter-regions").value == ["11"]

    def test_what_a_person_chooses_goes_to_the_address(self, visit: Open) -> None:
        page = visit(None, window="2")
        page.selectbox(key="filter-snapshot").select("2023-05-31~2").run()
        page.multiselect(key="filter-regions").select("76").run()
        assert {name: page.query_params[name] for name in ("snapshot", "region", "window")} == {
            "snapshot": "2023-05-31~2",
            "region": "76",
            "window": "2",
        }
        assert regions(page) == ["Occitanie"]
        assert "(révision 2, publiée le" in written(page)
        assert cards(page) == cards(visit(None, snapshot="2023-05-31~2", region="76", window="2"))

    def test_a_replaced_revision_can_be_pinned(self, visit: Open) -> None:
        wrong, corrected = (visit(None, snapshot=f"2023-05-31~{revision}") for revision in (1, 2))
        assert "(révision 1, publiée le" in written(wrong)
        assert cards(wrong) != cards(corrected)

    @pytest.mark.parametrize(
        ("params", "notice"),
        [
            ({"region": "99"}, "Région : « 99 » n’existe pas ; cette valeur est ignorée."),
            ({"region": "<b>"}, "Région : « <b> » n’existe pas ; cette valeur est ignorée."),
            (
                {"region": "76", "department": "75"},
                "Le département 75 n’est pas dans la région choisie ; il est ignoré.",
            ),
            ({"window": "9"}, "Fenêtre : « 9 » n’existe pas (possibles : 1, 2, 3, 4) ; cette valeur est ignorée."),
            (
                {"snapshot": "2020-01-01"},
                "Il n’y a pas de situation « 2020-01-01 » ; dates les plus proches : 2021-11-30. "
                "La plus récente est affichée.",
            ),
            (
                {"snapshot": "hier"},
                "« hier » ne désigne pas une situation : indiquez « latest », une date (« 2024-06-30 ») "
                "ou une révision (« 2024-06-30~2 »). La plus récente est affichée.",
            ),
        ],
        ids=str,
    )
    def test_an_impossible_address_gets_a_notice_and_the_default(
        self, visit: Open, params: dict[str, str], notice: str
    ) -> None:
        page = visit(None, **params)
        assert not page.exception
        assert said(page.error) == []
        assert said(page.warning) == [notice]
        assert cards(page)[0] == ("Participation", "79,9 %")

    def test_each_impossible_value_has_its_line(self, visit: Open) -> None:
        (warning,) = said(visit(None, region="98,99", volet="x", snapshot="x").warning)
        assert len(warning.split("  \n")) == 4

    def test_an_address_of_any_length_costs_little(self, visit: Open) -> None:
        (warning,) = said(visit(None, region=",".join(f"x{n}" for n in range(50))).warning)
        assert warning.split("  \n")[-1] == "… et 40 autres remarques."
        page = visit(None, region=f"76,{'x' * 40_000}")
        assert said(page.warning) == ["L’adresse est trop longue (32 768 caractères au plus) ; elle est ignorée."]
        assert regions(page) == ["Occitanie", "Île-de-France"]

    def test_a_region_without_data_is_said_to_have_none(self, visit: Open) -> None:
        page = visit(None, region="53")
        assert not page.exception
        assert said(page.warning) == [
            "Aucun établissement ne correspond aux filtres ; retirez-en pour voir des chiffres."
        ]
        assert regions(page) == []
        assert not cards(page)

    def test_a_part_of_a_region_is_not_called_the_region(self, visit: Open) -> None:
        page = visit(None, region="76", department="31")
        (row,) = asked((), departments=("31",))
        assert f"{row['applicants']} des {row['eligible']} établissements éligibles de la sélection" in written(page)
        assert "éligibles d’Occitanie" not in written(page)

    def test_links_to_sheets_say_that_they_open_a_tab(self, visit: Open) -> None:
        (table,) = (html.proto.body for html in visit(None).get("html") if 'class="changes"' in html.proto.body)
        links = re.findall(r"<a [^>]*target=.*?</a>", table)
        assert links
        assert all("(nouvel onglet)</span></a>" in link for link in links)

    def test_before_anything_was_evaluated_nothing_is_known(self, visit: Open) -> None:
        page = visit(None, snapshot="2021-11-30", region="76")
        assert cards(page)[2] == ("Volet 2 – Usage de MSSanté", "sans objet")
        assert "aucun établissement retenu" in made_of(page)
        assert "aucun établissement n’est retenu au volet 2" in written(page)
        assert "première situation connue" in written(page)
        assert [french.UNKNOWN_LEGEND in element.value for element in page.caption].count(True) == 2
        assert "volet 1 pas encore évalué" in written(page)

    def test_before_any_evaluation_a_card_does_not_say_zero(self, visit: Open) -> None:
        page = visit(None, snapshot="2021-12-31", region="76")
        assert cards(page)[1:] == [
            ("Volet 1 – Alimentation du DMP", "pas encore évalué"),
            ("Volet 2 – Usage de MSSanté", "sans objet"),
        ]
        assert not every_card(page)[1].moved
        assert "0 sur 59 établissements retenus, aucun évalué" in made_of(page)
        assert "aucun des 59 établissements retenus au volet 1 n’est encore évalué" in written(page)

    def test_what_can_still_be_won_is_the_answer_s(self, visit: Open) -> None:
        (row,) = asked(("volet",), regions=("76",), volet="dmp")
        waiting, best = row["accepted"] - row["evaluated"], percent(row["attainment_rate_max"])
        (paragraph,) = (text for text in said(visit(None, region="76").markdown) if "encore venir" in text)
        sentence = paragraph.split("\n\n")[1]
        assert sentence.startswith(
            f"Volet 1 : les {row['gap_establishments']} établissements qui manquent peuvent encore venir "
            f"des {waiting} retenus non évalués ({best} s’ils l’atteignent tous)"
        )


def publish(store: Store, content: Tables, *days: date, simulated: bool = False) -> None:
    for day in days:
        store.publish(day, arrow((day, 1, content))[2], simulated=simulated)


class TestARegisterAlone:
    @pytest.fixture
    def page(self, tmp_path: Path, visit: Open) -> AppTest:
        publish(Store(tmp_path), REGISTER, JUNE)
        return visit(tmp_path)

    def test_nobody_has_applied_yet(self, page: AppTest) -> None:
        assert not page.exception
        assert said(page.error) == said(page.warning) == []
        assert regions(page) == ["Occitanie", "Île-de-France"]
        assert (
            cards(page)
            == [
                ("Participation", "0,0 %"),
                ("Volet 1 – Alimentation du DMP", "sans objet"),
                ("Volet 2 – Usage de MSSanté", "sans objet"),
            ]
            * 2
        )
        assert [text for text in made_of(page) if text.startswith(("0 sur", "aucun "))] == [
            "0 sur 7 établissements éligibles",
            *["aucun établissement retenu"] * 2,
            "0 sur 1 établissement éligible",
            *["aucun établissement retenu"] * 2,
        ]
        assert "aucun des 7 établissements éligibles d’Occitanie n’a candidaté" in written(page)

    def test_nothing_is_called_simulated(self, page: AppTest) -> None:
        assert "simul" not in written(page).lower()

    def test_there_is_nothing_earlier_to_compare_with(self, page: AppTest) -> None:
        assert "est la première connue : rien à quoi la comparer." in written(page)
        assert "Rien à comparer à la cible : aucun établissement retenu" in written(page)


def test_participation_beyond_everybody_has_its_reason(tmp_path: Path, visit: Open) -> None:
    rows = [establishment("310000001"), *(establishment(f"31000000{n}", eligible=False) for n in (2, 3))]
    publish(Store(tmp_path), tables(rows, [application(f"31000000{n}", 1, "dmp") for n in (1, 2, 3)]), JUNE)
    page = visit(tmp_path)
    assert cards(page)[0] == ("Participation", "300,0 %")
    assert "3 sur 1 établissement éligible, candidats non éligibles compris" in made_of(page)


def test_figures_of_one_window_say_that_the_target_is_for_all(visit: Open) -> None:
    scope = "pour toutes les fenêtres ensemble"
    headline, distance = (text for text in said(visit(None, region="76", window="2").markdown) if scope in text)
    assert "il manque" in headline
    assert distance.startswith("**Écart à la cible")
    assert scope not in written(visit(None, region="76"))


def test_a_region_that_nobody_knows_is_shown_by_its_code(tmp_path: Path, visit: Open) -> None:
    publish(Store(tmp_path), tables([establishment("310000001", "98", "98")]), JUNE)
    page = visit(tmp_path)
    assert not page.exception
    assert said(page.error) == []
    assert regions(page) == ["98"]


def test_names_from_a_file_are_shown_not_rendered(tmp_path: Path, visit: Open) -> None:
    name = "![x](http://exemple.invalid/x.png) <script>alert(1)</script> **gras**"
    earlier, later = (
        tables([establishment("310000001", name=name)], filed) for filed in ([], [application("310000001", 1, "dmp")])
    )
    publish(Store(tmp_path), earlier, MAY)
    publish(Store(tmp_path), later, JUNE)
    page = visit(tmp_path)
    assert not page.exception
    assert not [text for text in (*page.markdown, *page.caption) if "exemple.invalid" in text.value]


# Damage --------------------------------------------------------------------------------------------------------------


def unlink(snapshot: Snapshot) -> None:
    snapshot.file("usages").unlink()


def truncate(snapshot: Snapshot) -> None:
    file = snapshot.file("applications")
    file.write_bytes(file.read_bytes()[:-40])


def alter(snapshot: Snapshot) -> None:
    file = snapshot.file("establishments")
    pq.write_table(pq.ParquetFile(file).read(), file, compression="gzip")


def add_a_column(snapshot: Snapshot) -> None:
    file = snapshot.file("usages")
    table = pq.ParquetFile(file).read()
    pq.write_table(table.append_column("couleur", pa.nulls(table.num_rows)), file)
    path = snapshot.path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"tables": {}}), encoding="utf-8")


def no_manifest(snapshot: Snapshot) -> None:
    (snapshot.path / "manifest.json").unlink()


DAMAGES = [
    (unlink, "as_of=2024-06-30/usages.parquet : ce fichier manque."),
    (truncate, "as_of=2024-06-30/applications.parquet : ce fichier Parquet est tronqué ou illisible."),
    (alter, "as_of=2024-06-30/establishments.parquet : l’empreinte n’est plus celle du manifeste"),
    (add_a_column, "as_of=2024-06-30/usages.parquet, colonne « couleur » : cette colonne n’est pas prévue"),
    (no_manifest, "as_of=2024-06-30/manifest.json : ce fichier manque."),
]


class TestDamagedStores:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        store = Store(tmp_path)
        publish(store, REGISTER, MAY, JUNE)
        return store

    @pytest.mark.parametrize(("damage", "told"), DAMAGES, ids=lambda given: getattr(given, "__name__", ""))
    def test_the_latest_snapshot_is_damaged(
        self, store: Store, visit: Open, damage: Callable[[Snapshot], None], told: str
    ) -> None:
        damage(store.resolve())
        page = visit(store.directory)
        assert not page.exception
        (error,) = said(page.error)
        assert error.startswith(f"La situation au 30 juin 2024 est endommagée ({told.removesuffix('.')}")
        assert error.endswith(" ; prévenez la personne qui publie les données.")
        assert "Traceback" not in written(page)
        assert "sunes snapshots" not in written(page), "a command is for those who have a command line"
        assert not cards(page), "an older state never stands in for the latest one in silence"

        page.button[0].click().run()
        assert said(page.error) == []
        assert page.query_params["snapshot"] == "2024-05-31~1"
        assert "Situation au **31 mai 2024**" in written(page)
        assert cards(page)[0] == ("Participation", "0,0 %")

    def test_only_a_sound_snapshot_is_offered(self, store: Store, visit: Open) -> None:
        truncate(store.resolve("2024-05-31"))
        no_manifest(store.resolve())
        page = visit(store.directory, region="76")
        assert "manifest.json : ce fichier manque" in said(page.error)[0]
        assert len(page.button) == 0
        publish(store, REGISTER, date(2024, 4, 30))
        page.run()
        assert [plain(button.label) for button in page.button] == ["Voir la dernière situation saine, au 30 avril 2024"]
        page.button[0].click().run()
        assert page.query_params["region"] == "76", "the rest of the question stays"

    @pytest.mark.parametrize(("damage", "told"), DAMAGES[::4], ids=lambda given: getattr(given, "__name__", ""))
    def test_the_sound_one_before_it_can_be_opened(
        self, store: Store, visit: Open, damage: Callable[[Snapshot], None], told: str
    ) -> None:
        damage(store.resolve())
        page = visit(store.directory, snapshot="2024-05-31")
        assert not page.exception
        assert said(page.error) == []
        assert cards(page)[0] == ("Participation", "0,0 %")

    @pytest.mark.parametrize(("damage", "told"), DAMAGES[1::3], ids=lambda given: getattr(given, "__name__", ""))
    def test_an_older_damaged_snapshot_is_left_out_aloud(
        self, store: Store, visit: Open, damage: Callable[[Snapshot], None], told: str
    ) -> None:
        damage(store.resolve("2024-05-31"))
        page = visit(store.directory)
        assert not page.exception
        assert said(page.error) == []
        (warning,) = said(page.warning)
        assert warning.startswith(told.replace("2024-06-30", "2024-05-31"))
        assert warning.endswith("Ce dossier est laissé de côté.")
        assert "sunes snapshots" not in warning
        assert cards(page)[0] == ("Participation", "0,0 %")

    def test_what_is_damaged_while_it_is_shown_is_found_out(self, store: Store, visit: Open) -> None:
        page = visit(store.directory)
        assert said(page.error) == []
        truncate(store.resolve())
        page.run()
        assert not page.exception
        assert "tronqué ou illisible" in said(page.error)[0]
        assert not cards(page)

    @pytest.mark.parametrize("content", ["missing", "empty", "snapshots", "as_of=2024-06-30"])
    def test_a_store_without_anything(self, tmp_path: Path, visit: Open, content: str) -> None:
        folder = tmp_path / "données"
        if content != "missing":
            folder.mkdir()
        if content not in ("missing", "empty"):
            (folder / content).mkdir()
        page = visit(folder)
        assert not page.exception
        if "=" in content:
            (error,) = said(page.error)
            assert "manifest.json : ce fichier manque" in error
        else:
            assert said(page.info) == ["Aucune situation n’est publiée : il n’y a rien à montrer."]
            assert [link.proto.label for link in page.get("page_link")][-1] == "Importer des fichiers"
        assert "simulé" not in written(page)

    def test_a_file_instead_of_a_store(self, tmp_path: Path, visit: Open) -> None:
        file = tmp_path / "snapshots"
        file.write_text("", encoding="utf-8")
        page = visit(tmp_path)
        assert not page.exception
        assert "n’est pas un dossier que vous puissiez lire" in said(page.error)[0]

    def test_a_withdrawn_snapshot_is_not_shown(self, store: Store, visit: Open) -> None:
        store.withdraw("2024-06-30", "trop tôt", HERE)
        assert "Situation au **31 mai 2024**" in written(visit(store.directory))
        (warning,) = said(visit(store.directory, snapshot="2024-06-30").warning)
        assert "a été retirée le" in warning
        assert "(motif : trop tôt)" in warning
        assert warning.endswith("La plus récente est affichée.")

    def test_a_folder_of_another_name_is_told_and_passed_over(self, store: Store, visit: Open) -> None:
        shutil.copytree(store.resolve().path, store.folder / "as_of=hier")
        page = visit(store.directory)
        assert said(page.error) == []
        assert said(page.warning)[0].startswith("as_of=hier : ce nom de dossier ne désigne pas une situation")
