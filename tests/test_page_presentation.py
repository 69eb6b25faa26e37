"""The page « Présentation »: what is composed is in the address, and what is shown stays what it was."""

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Frame, Page, expect
from streamlit.testing.v1 import AppTest

from sunes.deck.plan import Choice, Deck, from_params, readies
from sunes.programme import load_programme
from sunes.snapshots import Store
from tests import decks
from tests.browser import ROOT, Visit, serve
from tests.people import HERE
from tests.rows import establishment

Open = Callable[..., Visit]

PROGRAMME = load_programme()
JUNE, SEPTEMBER = date(2024, 6, 30), date(2024, 9, 30)
REGISTER = [
    establishment("310000001"),
    establishment("310000002"),
    establishment("340000003", "76", "34"),
    establishment("750000004", "11", "75"),
]
FROZEN = {"snapshot": "2024-06-30~1", "known_at": "2024-10-01T08:30:00Z"}
WEBINAR, DIRECTORS, _ = readies()


publish = partial(decks.publish, REGISTER)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))
    store = Store(tmp_path)
    publish(store, JUNE, 1)
    return store


def page(**params: str) -> AppTest:
    """The page in its frame."""
    at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=60).run().switch_page("presentation.py")
    for name, value in params.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def opened(**params: str) -> AppTest:
    """The page of a frozen deck."""
    return page(**FROZEN | params)


def address(at: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else ",".join(value) for name, value in at.query_params.items()}


def deck(at: AppTest) -> Deck:
    made, notices = from_params(address(at), PROGRAMME)
    assert notices == ()
    return made


def kinds(at: AppTest) -> list[str]:
    return [slide.kind for slide in deck(at).slides]


def ours(*slides: Choice, title: str = "La nôtre", **fields: Any) -> dict[str, str]:
    """What the address says of a deck of our own."""
    made = Deck(title=title, slides=slides, **fields).params(PROGRAMME)
    return {name: made[name] for name in ("deck", "theme", "known_at") if name in made}


def press(at: AppTest, label: str) -> AppTest:
    (button,) = (button for button in at.button if button.label == label)
    assert not button.disabled
    button.click().run()
    assert not at.exception
    return at


def choose(at: AppTest, rank: int) -> AppTest:
    at.radio(key="deck-rank").set_value(rank).run()
    return at


def links(at: AppTest) -> dict[str, str]:
    """The page's own links; a test has no address that « Partager » could know the page by."""
    found = {each.proto.label: each.proto.url for each in at.get("link_button")}
    found.pop("Présentation, PowerPoint, page web", None)
    return found


def read(text: str) -> str:
    return text.replace("\\", "").replace("\u00a0", " ").replace("\u202f", " ")


def said(at: AppTest) -> str:
    kinds = (at.markdown, at.caption, at.warning, at.error, at.info, at.title)
    return read("\n".join(str(element.value) for kind in kinds for element in kind))


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# Which deck ----------------------------------------------------------------------------------------------------------


def test_a_ready_deck_is_chosen_and_every_link_leads_to_it(store: Store) -> None:
    at = opened(region="76")
    assert at.radio(key="deck-ready").value == WEBINAR.id

    at.radio(key="deck-ready").set_value(DIRECTORS.id).run()
    assert address(at) == {**FROZEN, "region": "76", "deck": DIRECTORS.id}
    assert {label: asked(url) for label, url in links(at).items()} == {
        "Présenter": address(at),
        "Fenêtre du présentateur": address(at),
        "PowerPoint (.pptx)": address(at),
        "Page web (.html)": address(at),
        "PDF": {**address(at), "layout": "page"},
        "deck.toml": address(at),
    }
    assert urlsplit(links(at)["Fenêtre du présentateur"]).fragment == "notes"
    assert urlsplit(links(at)["Présenter"]).path == "/presentation/ecran"


def test_a_page_without_an_address_is_frozen_on_what_stands(store: Store) -> None:
    at = page()

    assert asked(links(at)["Présenter"]) == {**FROZEN, "deck": WEBINAR.id}
    assert "Figé sur la situation au **30 juin 2024**, révision 1" in said(at)


def test_a_filter_applies_to_the_deck_and_keeps_it(store: Store) -> None:
    at = opened(**ours(Choice(kind="region"), theme="dark"))
    at.multiselect(key="filter-regions").set_value(["76"]).run()

    assert address(at)["region"] == "76"
    assert deck(at).theme == "dark"
    assert kinds(at) == ["region"]
    assert not at.warning


def test_other_pages_are_not_told_of_the_deck(store: Store) -> None:
    at = opened(region="76", **ours(Choice(kind="region")))
    ways = [each.proto for each in at.get("page_link")]

    assert {way.query_string for way in ways} == {"snapshot=2024-06-30~1&region=76"}


def test_a_filter_works_before_the_address_is_frozen(store: Store) -> None:
    at = page()
    at.multiselect(key="filter-regions").set_value(["11"]).run()

    assert address(at)["region"] == "11"


# Composing -----------------------------------------------------------------------------------------------------------


def test_a_slide_is_added_after_the_chosen_one(store: Store) -> None:
    at = choose(opened(**ours(Choice(kind="title"), Choice(kind="sources"))), 0)
    at.selectbox(key="deck-kind").set_value("funnel").run()
    press(at, "Ajouter")

    assert kinds(at) == ["title", "funnel", "sources"]
    assert at.radio(key="deck-rank").value == 1
    assert "Diapositive 2 sur 3 : Écarts entre départements" in said(at)


def test_a_slide_is_removed_but_the_last_one(store: Store) -> None:
    at = choose(opened(**ours(Choice(kind="title"), Choice(kind="sources"))), 1)
    press(at, "Retirer")

    assert kinds(at) == ["title"]
    assert next(button.disabled for button in at.button if button.label == "Retirer")


def test_slides_are_put_in_order(store: Store) -> None:
    at = choose(opened(**ours(*(Choice(kind=kind) for kind in ("title", "region", "sources")))), 2)
    assert next(button.disabled for button in at.button if button.label == "Descendre")

    press(press(at, "Monter"), "Monter")
    assert kinds(at) == ["sources", "title", "region"]
    assert at.radio(key="deck-rank").value == 0, "the slide that is moved stays chosen"
    press(at, "Descendre")
    assert kinds(at) == ["title", "sources", "region"]


def test_titles_notes_and_theme_are_written_to_the_address(store: Store) -> None:
    at = choose(opened(), 2)
    at.text_input(key="deck-title").set_value("  Où en est-on ?  ").run()
    at.text_area(key="deck-notes").set_value("Saluer.\n\nPuis <b>dire</b> « bonjour ».").run()
    at.text_input(key="deck-name").set_value("Notre réunion").run()
    at.segmented_control(key="deck-theme").set_value("dark").run()

    made = deck(at)
    assert (read(made.title), made.theme) == ("Notre réunion", "dark")
    assert read(made.slides[2].title or "") == "Où en est-on ?"
    assert read(made.slides[2].notes or "") == "Saluer.\n\nPuis <b>dire</b> « bonjour »."
    assert made.slides[3:] == WEBINAR.slides[3:]
    assert at.radio(key="deck-ready").value == "~"

    at.text_input(key="deck-title").set_value("").run()
    at.text_input(key="deck-name").set_value("   ").run()
    assert deck(at).slides[2].title is None
    assert read(deck(at).title) == "Notre réunion", "a deck always has a title"


def test_a_slide_is_narrowed_to_one_region(store: Store) -> None:
    at = choose(opened(), 2)
    assert "3. Une région en bref (chaque région)" in read(str(at.radio(key="deck-rank").options))

    at.selectbox(key="deck-of").set_value("76").run()
    assert deck(at).slides[2].of == "76"
    assert "3. Une région en bref (Occitanie)" in read(str(at.radio(key="deck-rank").options))
    at.selectbox(key="deck-of").set_value("").run()
    assert deck(at).slides[2].of is None


def test_the_address_brings_back_what_was_composed(store: Store) -> None:
    at = choose(opened(region="76"), 1)
    press(at, "Retirer")
    again = page(**address(at))

    assert address(again) == address(at)
    assert links(again) == links(at)
    assert again.radio(key="deck-ready").value == "~"


def test_going_back_to_a_ready_deck_leaves_the_view(store: Store) -> None:
    at = opened(region="76", **ours(Choice(kind="title"), theme="dark"))
    at.radio(key="deck-ready").set_value(WEBINAR.id).run()

    assert address(at) == {**FROZEN, "region": "76", "deck": WEBINAR.id, "theme": "dark"}


def test_what_does_not_fit_in_a_link_leaves_the_deck_as_it_was(store: Store) -> None:
    notes = [Choice(kind="title", notes=f"{rank} {'mot ' * 1010}") for rank in range(16)]
    at = choose(opened(**ours(*notes)), 3)
    before = address(at)
    at.text_area(key="deck-notes").set_value("long " * 999 * 2).run()

    assert address(at) == before
    assert "Ce texte est trop long pour un lien" in said(at)


def test_a_long_link_has_no_code_and_says_so(store: Store) -> None:
    words = " ".join(f"{number:x}" for number in range(10_000, 11_500))
    at = opened(**ours(Choice(kind="title", notes=words[:8_000])))

    assert "Le lien est trop long pour un QR code." in said(at)
    assert "certaines messageries le coupent" in said(at)


# Files ---------------------------------------------------------------------------------------------------------------


def given(at: AppTest, content: str | bytes, name: str = "deck.toml") -> AppTest:
    body = content if isinstance(content, bytes) else content.encode()
    at.file_uploader(key="deck-file").upload(name, body, "application/toml").run()
    assert not at.exception
    return at


def test_a_file_brings_its_deck_and_its_view(store: Store) -> None:
    made = Deck(title="Point", slides=(Choice(kind="region", of="76"),), view="region=76&volet=dmp", theme="dark")
    at = given(opened(), made.to_toml())

    assert address(at) == {"region": "76", "volet": "dmp", **ours(*made.slides, title="Point", theme="dark")}
    assert not at.error


@pytest.mark.parametrize(
    ("content", "said_of_it"),
    [
        ("title =", "ce n’est plus du TOML"),
        ('title = "Point"', "slides"),
        ('title = "Point"\n[[slides]]\nkind = "inconnu"', "slides[1].kind"),
        ('title = "Point"\nview = "region=99"\n[[slides]]\nkind = "title"', "« 99 » n’existe pas"),
        (b"\x89PNG\xff", "UTF-8"),
    ],
)
def test_a_file_that_is_wrong_changes_nothing_and_says_why(store: Store, content: str | bytes, said_of_it: str) -> None:
    at = given(opened(), content)

    assert address(at) == FROZEN
    (error,) = at.error
    assert said_of_it in read(str(error.value))
    given(at, Deck(title="Point", slides=(Choice(kind="title"),)).to_toml(), "autre.toml")
    assert not at.error


# States of the data --------------------------------------------------------------------------------------------------


def test_nothing_changes_until_it_is_asked(store: Store) -> None:
    at = opened()
    assert "Actualiser" not in [button.label for button in at.button]

    publish(store, JUNE, 2, applicants=2)
    publish(store, SEPTEMBER, 3)
    at.run()
    assert asked(links(at)["Présenter"]) == {**FROZEN, "deck": WEBINAR.id}
    assert "Une situation plus récente est publiée (au 30 septembre 2024)" in said(at)

    press(at, "Actualiser")
    assert asked(links(at)["Présenter"]) == {
        "snapshot": "2024-09-30~1",
        "known_at": "2024-10-03T08:30:00Z",
        "deck": WEBINAR.id,
    }
    assert "Actualiser" not in [button.label for button in at.button]


def test_a_situation_that_was_withdrawn_is_told_of(store: Store) -> None:
    publish(store, JUNE, 2)
    store.withdraw("2024-06-30~1", "erreur", HERE)
    at = opened()

    assert "a été retirée" in said(at)
    assert asked(links(at)["Présenter"])["snapshot"] == "2024-06-30~2"


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"deck": "inconnue"}, "La présentation « inconnue » n’existe pas"),
        ({"deck": "~abime"}, "Le lien de cette présentation est abîmé"),
        ({"theme": "sepia"}, "Le thème « sepia » n’existe pas"),
        ({"known_at": "hier"}, "« hier » n’est pas un moment"),
        ({"autre": "1"}, "Le paramètre « autre » de l’adresse est inconnu"),
    ],
)
def test_what_is_wrong_in_the_address_is_told_of(store: Store, params: dict[str, str], told: str) -> None:
    at = opened(**params)

    (warning,) = at.warning
    assert told in read(str(warning.value))
    assert asked(links(at)["Présenter"])["deck"] == WEBINAR.id


@pytest.mark.parametrize(
    "params",
    [
        {"region": "94"},
        {"region": "76", "status": "private"},
        {"finess": "310000001"},
        {"finess": "310000001", "deck": ours(Choice(kind="sheet"))["deck"]},
        {"deck": ours(Choice(kind="sheet"))["deck"]},
    ],
)
def test_it_works_for_every_selection(store: Store, params: dict[str, str]) -> None:
    at = opened(**params)

    assert not at.error
    assert asked(links(at)["Présenter"])["snapshot"] == "2024-06-30~1"


def test_an_empty_store_has_nothing_to_present(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUNES_DATA", str(tmp_path))

    assert "Aucune situation n’est publiée" in said(page())


def test_a_damaged_situation_is_told_of(store: Store) -> None:
    (store.folder / "as_of=2024-06-30" / "usages.parquet").write_bytes(b"x")

    assert "est endommagée" in said(opened(deck="bilan"))


def test_texts_of_others_are_shown_as_they_are(store: Store) -> None:
    at = opened(**ours(Choice(kind="title", title="<img src=x> **gras** [lien](http://x)"), title="# *titre*"))

    assert r"\*\*gras\*\*" in at.radio(key="deck-rank").options[0]
    assert r"\*titre\*" in at.radio(key="deck-ready").proto.captions[-1]


# In a browser --------------------------------------------------------------------------------------------------------


def inside(page: Page) -> Frame:
    """The preview, once its first slide is there."""
    expect(page.frame_locator("iframe[title^=Aperçu]").locator(".is-now")).to_be_visible()
    return next(frame for frame in page.frames if urlsplit(frame.url).path.endswith("/ecran"))


def at_slide(frame: Frame | Page, rank: int) -> None:
    frame.wait_for_function("rank => location.hash === `#${rank}`", arg=rank)


def test_the_keys_of_the_deck_work_on_the_page(site: str, visit: Open) -> None:
    opened = visit(f"{site}/presentation?region=76&snapshot=2024-06-30")
    page = opened.page
    page.wait_for_url(re.compile("known_at="))
    frame = inside(page)
    keys = page.keyboard

    keys.press("ArrowRight")
    at_slide(frame, 2)
    keys.press("End")
    frame.wait_for_function("() => document.documentElement.classList.contains('is-last')")
    keys.press("Home")
    at_slide(frame, 1)
    keys.press("3")
    keys.press("Enter")
    at_slide(frame, 3)
    keys.press("f")
    frame.wait_for_function("() => document.fullscreenElement")
    keys.press("f")
    frame.wait_for_function("() => !document.fullscreenElement")

    name = page.get_by_label("Titre de la présentation")
    name.focus()
    keys.press("Home")
    keys.type("b2")
    expect(name).to_have_value(re.compile("^b2"))
    at_slide(frame, 3)
    keys.press("Enter")
    page.wait_for_url(re.compile("deck=~"))
    opened.settle()
    changed = inside(page)
    changed.wait_for_url(re.compile("deck=~"))
    at_slide(changed, 3)

    page.go_back()
    page.wait_for_url(lambda url: "deck=" not in url)
    assert not [error for error in opened.errors if "favicon" not in error]
    assert opened.hosts <= {urlsplit(site).hostname, "local"}


def test_an_address_that_is_not_frozen_becomes_so_without_a_step_back(site: str, visit: Open) -> None:
    page = visit(f"{site}/regions?region=76").page
    page.get_by_role("link", name="Présentation").click()
    page.wait_for_url(re.compile("known_at="))
    inside(page)
    frozen = page.url
    page.reload()
    inside(page)
    assert page.url == frozen

    page.go_back()
    page.wait_for_url(re.compile("/regions"))


def figures(page: Page) -> list[str]:
    """What all slides say, charts left out: these are drawn when their turn comes."""
    texts: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('section.slide :is(h1, p, td)')].map((text) => text.textContent)"
    )
    assert len(texts) > 20
    return texts


def test_a_talk_goes_on_whatever_happens(store: Store, tmp_path: Path, visit: Open) -> None:
    data = str(tmp_path)
    with serve(tmp_path / "first.log", SUNES_DATA=data) as url:
        prepared = visit(f"{url}/presentation?region=76").page
        prepared.wait_for_url(re.compile("known_at="))
        with prepared.context.expect_page() as another:
            prepared.get_by_role("link", name="Présenter", exact=True).click()
        talk = another.value
        expect(talk.locator(".is-now")).to_be_visible()
        before = figures(talk)
        talk.keyboard.press("ArrowRight")
        talk.keyboard.press("ArrowRight")
        at_slide(talk, 3)

        publish(store, JUNE, 2, applicants=3)
        look = "() => dispatchEvent(new Event('online'))"  # sooner than by itself
        talk.evaluate(look)
        expect(talk.locator(".news")).to_have_text(re.compile("Une correction est publiée"))
        talk.reload()
        at_slide(talk, 3)
        assert figures(talk) == before

    talk.evaluate(look)
    expect(talk.locator(".offline")).to_have_text("Réseau coupé")
    talk.keyboard.press("ArrowRight")
    at_slide(talk, 4)
    with serve(tmp_path / "second.log", port=urlsplit(url).port or 0, SUNES_DATA=data):
        talk.evaluate(look)
        expect(talk.locator(".offline")).to_have_text("")
        at_slide(talk, 4)
        talk.reload()
        at_slide(talk, 4)
        assert figures(talk) == before
