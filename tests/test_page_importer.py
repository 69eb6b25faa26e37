"""The page « Importer »: from files to a published situation, and back, without losing what was given."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from sunes import snapshots
from sunes.ingest import InputFile
from sunes.snapshots import Store
from sunes.ui.importer.draft import Draft
from tests.browser import ROOT, Visit, serve
from tests.test_importing import AS_OF, BEFORE, NUMBERS, applications, register, run, usages
from tests.test_journeys import Open

NAME = "<img src=x onerror=alert(1)> **gras**"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    return Store(tmp_path)


def page(**given: str) -> AppTest:
    """The page of a session in which these files were given for a day."""
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60)
    at = at.run().switch_page("importer.py")
    if given:
        files: dict[str, list[InputFile]] = {"establishments": [], "applications": [], "usages": []}
        for name, text in given.items():
            files["establishments" if name == "register" else name] = [InputFile(f"{name}.csv", text.encode())]
        at.session_state["import-draft"] = Draft("30/06/2024", files)
    at.run()
    assert not at.exception
    return at


def press(at: AppTest, label: str) -> AppTest:
    (button,) = (button for button in at.button if button.label == label)
    button.click().run()
    assert not at.exception
    return at


def said(at: AppTest) -> str:
    """Every text of the page, as a person reads it."""
    kinds = (at.markdown, at.caption, at.warning, at.error, at.info, at.success)
    texts = [element.value for kind in kinds for element in kind]
    texts += [element.proto.body for element in at.get("html")]
    texts += [expander.label for expander in at.expander]
    return "\n".join(texts).replace("\\", "").replace("\u00a0", " ").replace("\u202f", " ")


def disabled(at: AppTest, label: str) -> bool:
    return next(button.disabled for button in at.button if button.label == label)


def step(at: AppTest) -> str:
    return str(at.session_state["import-step"])


def test_it_works_where_there_is_nothing_yet(store: Store) -> None:
    at = page()

    assert disabled(at, "Vérifier les fichiers")
    assert "Aucune situation n’est encore publiée." in said(at)


def test_from_files_to_a_published_situation(store: Store) -> None:
    at = press(page(register=register(), applications=applications(), usages=usages()), "Vérifier les fichiers")
    assert step(at) == "checks"
    assert "Aucun problème : tout peut être publié." in said(at)

    press(at, "Voir ce qui changerait")
    assert "Première situation réelle : rien à comparer." in said(at)
    at.text_input(key="import-published-by").set_value("Une direction").run()
    press(at, "Publier")

    (snapshot,) = store.snapshots()
    assert (snapshot.as_of, snapshot.manifest.published_by) == (AS_OF, "Une direction")
    assert "La situation au 30 juin 2024 (révision 1) est publiée." in said(at)
    assert step(at) == "files"
    assert not any(at.session_state["import-draft"].files.values())


def test_what_is_wrong_is_told_and_nothing_is_published(store: Store) -> None:
    wrong = register(NUMBERS[:2]).replace("Clinique 1", NAME).replace(",31", ",99", 1)
    at = press(page(register=wrong), "Vérifier les fichiers")

    assert "Les fichiers sont lisibles : 1 ligne rejetée." in said(at)
    assert "le département 99 n’existe pas." in said(at)
    press(at, "Voir ce qui changerait")
    assert disabled(at, "Publier")
    press(at, "Revenir aux contrôles")
    at.checkbox(key="import-without_rejected").check().run()
    press(at, "Voir ce qui changerait")
    assert not disabled(at, "Publier")
    assert not store.snapshots()


def test_a_file_that_cannot_be_used_at_all(store: Store) -> None:
    at = press(page(register="%PDF-1.7"), "Vérifier les fichiers")

    assert "de publier ; corrigez les fichiers" in said(at)
    assert not [button for button in at.button if button.label == "Voir ce qui changerait"]


def test_cautions_are_confirmed_before_anything_is_published(store: Store) -> None:
    run(store, BEFORE, register=register(), applications=applications(), usages=usages())
    at = page(applications=applications(NUMBERS[:3]), usages=usages(NUMBERS[:3]))
    press(at, "Vérifier les fichiers")
    assert "3 établissements n’atteignent plus la cible depuis la situation au 31 mai 2024." in said(at)

    press(at, "Voir ce qui changerait")
    assert disabled(at, "Publier")
    assert "chiffres changent, dans 1 région." in said(at)
    press(at, "Revenir aux contrôles")
    at.checkbox(key="import-confirmed").check().run()
    press(at, "Voir ce qui changerait")
    press(at, "Publier")
    assert any("n’atteignent plus" in check["result"] for check in store.resolve().manifest.checks)


def test_going_to_another_page_and_back_loses_nothing(store: Store) -> None:
    run(store, BEFORE, register=register())
    at = press(page(register=register(NUMBERS[:5])), "Vérifier les fichiers")

    at.switch_page("sources.py").run()
    at.switch_page("importer.py").run()

    assert "register.csv" in said(at)
    assert at.session_state["import-draft"].as_of == AS_OF


def test_a_changed_file_has_to_be_checked_again(store: Store) -> None:
    at = press(page(register=register(), applications=applications()), "Vérifier les fichiers")
    at.session_state["import-step"] = "files"
    at.run()

    next(button for button in at.button if button.key == "import-applications-out-0").click().run()
    at.session_state["import-step"] = "preview"
    at.run()

    assert "Vérifiez d’abord les fichiers" in said(at)
    assert not [button for button in at.button if button.label == "Publier"]


def test_what_somebody_else_published_meanwhile_is_not_overwritten(store: Store) -> None:
    at = press(page(register=register()), "Vérifier les fichiers")
    press(at, "Voir ce qui changerait")
    run(store, AS_OF, register=register(NUMBERS[:2]))

    press(at, "Publier")

    assert "a changé entre-temps" in said(at)
    assert len(store.snapshots()) == 1


def test_a_publication_is_taken_back_and_put_in_force_again_with_its_reason(store: Store) -> None:
    run(store, BEFORE, register=register())
    run(store, AS_OF, register=register(NUMBERS[:5]), confirmed=True)
    at = page()
    assert "au regard de la situation au 31 mai 2024, révision 1 : 1 chiffre change, dans 1 région." in said(at)

    press(at, "Retirer")
    assert "un retrait demande un motif" in said(at).lower()
    at.text_input(key="withdrawal-reason").set_value(NAME)
    press(at, "Retirer")
    assert store.resolve().as_of == BEFORE
    assert NAME in said(at)

    press(at, "Rétablir")
    assert store.resolve().as_of == AS_OF
    assert f"(motif : {NAME}), puis rétablie." in said(at)


def give(here: Visit, label: str, path: Path) -> None:
    """Give a file to one of the boxes, and wait until it is taken."""
    here.settle()
    box = here.page.get_by_test_id("stFileUploader").filter(has_text=label)
    box.locator("input[type=file]").set_input_files(path)
    expect(here.page.get_by_role("button", name=f"Retirer {path.name}")).to_be_visible()
    here.settle()


def test_in_a_browser_from_the_files_to_the_overview(visit: Open, tmp_path: Path) -> None:
    given = tmp_path / "fichiers"
    given.mkdir()
    for name, text in (("registre", register()), ("candidatures", applications()), ("usages", usages())):
        (given / f"{name}.csv").write_text(text)
    with serve(tmp_path / "server.log", SUNES_DATA=str(tmp_path / "données")) as site:
        here = visit(f"{site}/importer")
        give(here, "Registre des établissements", given / "registre.csv")
        give(here, "Candidatures", given / "candidatures.csv")
        give(here, "Usages", given / "usages.csv")
        here.page.get_by_role("textbox", name="Situation au").fill("30 juin 2024")
        here.page.keyboard.press("Enter")
        expect(here.page.get_by_role("button", name="Vérifier les fichiers")).to_be_enabled()
        here.page.get_by_role("button", name="Vérifier les fichiers").click()
        expect(here.page.get_by_text("Aucun problème : tout peut être publié.")).to_be_visible()
        assert here.barriers() == []
        here.page.get_by_role("button", name="Revenir aux fichiers").click()
        expect(here.page.get_by_role("textbox", name="Situation au")).to_have_value("30 juin 2024")
        here.settle()
        here.page.get_by_role("radio", name="3. Contrôles").click()
        expect(here.page.get_by_text("Aucun problème : tout peut être publié.")).to_be_visible()
        here.page.get_by_role("button", name="Voir ce qui changerait").click()
        here.page.get_by_role("button", name="Publier", exact=True).click()
        expect(here.page.get_by_text("est publiée")).to_be_visible()
        here.page.get_by_role("link", name="Voir la vue d’ensemble").click()
        expect(here.page.get_by_text("établissements éligibles d’Occitanie")).to_contain_text("6 des 6")
        assert here.errors == []
        assert here.hosts <= {"127.0.0.1", "local"}
    assert Store(tmp_path / "données").resolve().as_of == AS_OF


# One dossier a line, each wrong in a way of its own; the first one is right.
HEADER = "ID;Email;Nom;État du dossier;Déposé le;Traité le;N° FINESS;Fenêtre;Volet(s) demandé(s);Montant accordé"
RIGHT = f"1;prenom.nom@exemple.org;NOMDEFAMILLE;Accepté;15/09/2021;01/12/2021;{NUMBERS[0]};Fenêtre 1;Volet 1;12 000 €"
MISTAKES = {
    "cette décision n’est pas connue": {"État du dossier": "Peut-être"},
    "31/02/2022": {"Déposé le": "31/02/2022"},
    "hier": {"Traité le": "hier"},
    "est dans le futur": {"Traité le": "01/01/2999"},
    "précède le dépôt": {"Traité le": "14/09/2021"},
    "9 chiffres": {"N° FINESS": "99000"},
    "1,0E+07": {"N° FINESS": "1,0E+07"},
    "aucune ligne de": {"N° FINESS": "990000099"},
    "une valeur est obligatoire": {"N° FINESS": ""},
    "Fenêtre 7": {"Fenêtre": "Fenêtre 7"},
    "la date de dépôt n’est dans aucune fenêtre": {"Fenêtre": "", "Déposé le": "15/01/2022"},
    "rien ne dit la fenêtre": {"Fenêtre": "", "Déposé le": ""},
    "Volet 3": {"Volet(s) demandé(s)": "Volet 3"},
    "aucun volet n’est demandé": {"Volet(s) demandé(s)": ""},
    "ce montant est celui de plusieurs volets": {"Fenêtre": "Fenêtre 2", "Volet(s) demandé(s)": "Volets 1 et 2"},
    "beaucoup": {"Montant accordé": "beaucoup"},
    "-5": {"Montant accordé": "-5"},
    "cette ligne répète la ligne 2": {},
    "qui dit autre chose": {"Montant accordé": "13 000 €"},
}


def twenty_mistakes() -> str:
    columns = HEADER.split(";")
    right = dict(zip(columns, RIGHT.split(";"), strict=True))
    own = iter(NUMBERS[1:] * 4)
    lines = []
    for place, wrong in enumerate(MISTAKES.values(), start=2):
        # Two mistakes are about the first dossier itself; the others would only repeat each other's keys.
        number = NUMBERS[0] if place > 18 else next(own)
        lines.append(";".join({**right, "ID": str(place), "N° FINESS": number, **wrong}.values()))
    return "\n".join([HEADER, RIGHT, *lines, "21;trop court"])


def test_in_a_browser_twenty_mistakes_are_told_at_once_and_come_back_to_be_corrected(
    visit: Open, tmp_path: Path
) -> None:
    given = tmp_path / "fichiers"
    given.mkdir()
    (given / "registre.csv").write_text(register())
    (given / "dossiers.csv").write_bytes(twenty_mistakes().encode("cp1252"))
    with serve(tmp_path / "server.log", SUNES_DATA=str(tmp_path / "données")) as site:
        here = visit(f"{site}/importer")
        here.page.get_by_role("textbox", name="Situation au").fill("30/06/2024")
        here.page.keyboard.press("Enter")
        give(here, "Registre des établissements", given / "registre.csv")
        give(here, "Candidatures", given / "dossiers.csv")
        here.page.get_by_role("button", name="Vérifier les fichiers").click()
        expect(here.page.get_by_text("Publier sans les 20 lignes rejetées")).to_be_visible()
        told = here.page.get_by_role("region", name="Lignes rejetées").inner_text().replace("\u00a0", " ")
        assert [mistake for mistake in MISTAKES if mistake not in told] == []
        with here.page.expect_download() as download:
            here.page.get_by_role("button", name="Télécharger les lignes rejetées (candidatures)").click()
        rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8-sig").splitlines(), delimiter=";"))
        assert [int(row["Ligne"]) for row in rows] == list(range(3, 23))
        assert {"Motif du rejet", "N° FINESS", "Déposé le"} <= set(rows[0])
        here.page.get_by_text("Publier sans les 20 lignes rejetées").click()
        here.page.get_by_role("button", name="Voir ce qui changerait").click()
        here.page.get_by_role("button", name="Publier", exact=True).click()
        expect(here.page.get_by_text("est publiée")).to_be_visible()
        assert here.errors == []

    data = tmp_path / "données"
    assert snapshots.read(Store(data).resolve())["applications"].num_rows == 1
    kept = [file.read_bytes() for file in (*data.rglob("*"), tmp_path / "server.log") if file.is_file()]
    assert not [content for content in kept if b"NOMDEFAMILLE" in content or b"exemple.org" in content]
