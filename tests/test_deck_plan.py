"""Decks as links and as files: both bring the same deck back, and whatever is wrong with one is said in a sentence."""

import json
import zlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sunes.deck import plan
from sunes.deck.plan import KIND_LABELS, PER_ESTABLISHMENT, PER_REGION, Choice, Deck, Kind, from_params, readies
from sunes.errors import DataError
from sunes.programme import load_programme
from sunes.view import View

PROGRAMME = load_programme()
KNOWN_AT = datetime(2024, 7, 6, 9, 30, 15, 123456, tzinfo=UTC)
HOSTILE = '=cmd|\' /C calc\'!A0 & <script>alert(1)</script> """ \\ \u202eאב 🏥'

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
CHOICES = st.builds(
    Choice,
    kind=st.sampled_from(get_args(Kind)),
    of=st.none() | st.sampled_from(["76", "11", "310000001"]),
    title=st.none() | TEXTS,
    notes=st.none() | TEXTS,
)
VIEWS = st.builds(
    View,
    snapshot=st.none() | st.sampled_from(["2024-06-30", "2024-06-30~2"]),
    regions=st.lists(st.sampled_from(["76", "11"]), max_size=2),
    volet=st.none() | st.sampled_from(PROGRAMME.volet_ids),
)
DECKS = st.builds(
    Deck,
    title=TEXTS,
    slides=st.lists(CHOICES, min_size=1, max_size=5).map(tuple),
    view=VIEWS.map(lambda view: urlencode(view.to_params())),
    theme=st.sampled_from(["light", "dark"]),
    known_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)


def deck(**fields: Any) -> Deck:
    return Deck.model_validate({"title": "Une présentation", "slides": [{"kind": "title"}], **fields})


def link(content: object) -> str:
    """What a link would hold whose content is this, packed as decks are."""
    return packed(json.dumps(content).encode())


def packed(content: bytes) -> str:
    return "~" + urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")


def told(code: str) -> str:
    """The one sentence that is said of a deck in a link; the deck shown instead is the first ready one."""
    shown, notices = from_params({"deck": code}, PROGRAMME)
    assert (shown.title, shown.slides) == (readies()[0].title, readies()[0].slides)
    (notice,) = notices
    return notice


def fault(content: bytes | str) -> str:
    with pytest.raises(DataError) as caught:
        Deck.from_toml(content.encode() if isinstance(content, str) else content, "deck.toml", PROGRAMME)
    return str(caught.value).replace("\u00a0", " ").replace("\u202f", " ")


# There and back -------------------------------------------------------------------------------------------------------


@given(DECKS)
@example(deck(title=HOSTILE, slides=[{"kind": "title", "title": HOSTILE, "notes": f"{HOSTILE}\n\n– {HOSTILE}\n"}]))
@example(deck(known_at=KNOWN_AT, theme="dark", view="region=11,76&snapshot=2024-06-30~1"))
def test_a_link_brings_the_same_deck_back(made: Deck) -> None:
    address = urlencode(made.params(PROGRAMME))
    back, notices = from_params(dict(parse_qsl(address)), PROGRAMME)

    assert notices == ()
    assert back.params(PROGRAMME) == made.params(PROGRAMME)
    assert back.question(PROGRAMME) == made.question(PROGRAMME)
    assert (back.title, back.slides, back.theme, back.known_at) == (
        made.title,
        made.slides,
        made.theme,
        made.known_at,
    )


@given(DECKS)
@example(deck(title=HOSTILE, slides=[{"kind": "title", "title": HOSTILE, "notes": f"{HOSTILE}\n\n– {HOSTILE}\n"}]))
@example(deck(slides=[{"kind": "title", "notes": 'une\r\nligne\rdeux """ trois \\'}]))
def test_a_file_brings_the_same_deck_back(made: Deck) -> None:
    assert Deck.from_toml(made.to_toml().encode(), "deck.toml", PROGRAMME) == made


@pytest.mark.parametrize("ready", readies(), ids=lambda ready: ready.id)
def test_the_link_of_a_ready_deck_is_short_and_names_it(ready: plan.Ready) -> None:
    made = Deck(title=ready.title, slides=ready.slides, view="region=76")

    assert made.params(PROGRAMME) == {"region": "76", "deck": ready.id}
    assert from_params({"deck": ready.id}, PROGRAMME)[0].slides == ready.slides


def test_every_kind_of_slide_has_a_name_and_there_is_one_ready_deck_with_nearly_all() -> None:
    assert set(KIND_LABELS) == set(get_args(Kind))
    assert set(KIND_LABELS) >= PER_REGION | PER_ESTABLISHMENT
    assert {slide.kind for slide in readies()[-1].slides} == set(KIND_LABELS) - {"sheet"}


def test_a_link_without_a_deck_is_the_first_ready_one_about_the_view() -> None:
    made, notices = from_params({"region": "76", "snapshot": "2024-06-30~1"}, PROGRAMME)

    assert notices == ()
    assert made.title == readies()[0].title
    assert made.question(PROGRAMME) == View(snapshot="2024-06-30~1", regions=("76",))


def test_a_moment_without_a_zone_is_utc_and_any_other_zone_becomes_utc() -> None:
    assert deck(known_at=datetime(2024, 7, 6, 9)).known_at == datetime(2024, 7, 6, 9, tzinfo=UTC)
    made = from_params({"known_at": "2024-07-06T11:00:00+02:00"}, PROGRAMME)[0]
    assert made.params(PROGRAMME)["known_at"] == "2024-07-06T09:00:00Z"


# Links that are wrong -------------------------------------------------------------------------------------------------

DAMAGED = "Le lien de cette présentation est abîmé ; recopiez-le en entier."


@pytest.mark.parametrize(
    "code",
    [
        "~",
        "~AAAA",
        "~é",
        "~" + "A" * 5000,
        packed(b"[]"),
        packed(b"not json"),
        packed(b"\xff\xfe"),
        packed(b"["),
        packed(b"[" * 30_000),
        packed(b'["\\ud800", [["title", null, null, null]]]'),
        packed(b"0" * 10_000_000),
        link(7),
        link(["Titre"]),
        link(["Titre", []]),
        link(["Titre", 7]),
        link(["Titre", [7]]),
        link(["Titre", ["abcd"]]),
        link(["Titre", [["title"]]]),
        link(["Titre", [["unknown", None, None, None]]]),
        link(["Titre", [["title", 76, None, None]]]),
        link(["Titre", [["title", None, "", None]]]),
        link(["Titre", [["title", None, "t" * 301, None]]]),
        link(["", [["title", None, None, None]]]),
        link(["Titre", [["title", None, None, None]] * 101]),
        link({"title": "Titre", "slides": []}),
    ],
    ids=range(25),
)
def test_a_damaged_link_is_told_of_in_one_sentence(code: str) -> None:
    assert told(code).replace("\u00a0", " ").replace("\u202f", " ") == DAMAGED


@given(st.data())
def test_a_link_that_lost_a_piece_is_never_another_deck(data: st.DataObject) -> None:
    whole = deck(title="Point mensuel", slides=[{"kind": "region", "of": "76", "notes": "Saluer."}]).params(PROGRAMME)
    code = whole["deck"]
    cut = data.draw(st.integers(1, len(code) - 1))

    shown, notices = from_params({"deck": code[:cut]}, PROGRAMME)
    assert notices
    assert shown.title == readies()[0].title


def test_what_a_link_names_and_nobody_has_is_told_of() -> None:
    assert "« inconnue » n’existe pas" in told("inconnue").replace("\u00a0", " ")
    assert "webinaire, directeurs, bilan" in told("inconnue")


@pytest.mark.parametrize("moment", ["hier", "2024-13-01", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_moment_that_is_none_is_told_of(moment: str) -> None:
    made, notices = from_params({"known_at": moment}, PROGRAMME)

    assert made.known_at is None
    assert len(notices) == 1
    assert moment in notices[0]


def test_a_theme_that_is_none_is_told_of_and_so_is_what_is_wrong_in_the_view() -> None:
    made, notices = from_params({"theme": "sepia", "region": "99", "other": "1"}, PROGRAMME)

    assert made.theme == "light"
    assert made.question(PROGRAMME) == View()
    assert [word for word in ("sepia", "99", "other") if not any(word in notice for notice in notices)] == []
    assert len(notices) == 3


# Files that are wrong -------------------------------------------------------------------------------------------------

HEAD = 'title = "Point"\n'
SLIDE = '[[slides]]\nkind = "title"\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SLIDE, "title"),
        (HEAD, "slides"),
        (f"{HEAD}slides = []", "slides"),
        (f"{HEAD}[[slides]]\nkind = 'nothing'", "slides[1].kind"),
        (f"{HEAD}[[slides]]\nkind = 7", "slides[1].kind"),
        (f"{HEAD}{SLIDE}of = 76", "slides[1].of"),
        (f"{HEAD}{SLIDE}of = 'far too long'", "slides[1].of"),
        (f"{HEAD}{SLIDE}titel = 'x'", "slides[1].titel"),
        (f"{HEAD}theme = 'sepia'\n{SLIDE}", "theme"),
        (f"{HEAD}known_at = 'hier'\n{SLIDE}", "known_at"),
        (f"{HEAD}known_at = 0001-01-01T00:00:00+23:59\n{SLIDE}", "known_at"),
        (f"{HEAD}view = 'region=99'\n{SLIDE}", "99"),
        (f"{HEAD}view = 'autre=1'\n{SLIDE}", "autre"),
        (f"{HEAD}view = 'Occitanie'\n{SLIDE}", "Occitanie"),
        (f"{HEAD}{SLIDE * 101}", "slides"),
        ("title = ", "TOML"),
        ("a = " + "[" * 100_000, "TOML"),
        (b"PK\x03\x04\xff\xfe", "UTF-8"),
    ],
)
def test_a_file_that_is_wrong_says_what_and_where(content: bytes | str, said: str) -> None:
    text = fault(content)

    assert "deck.toml" in text
    assert said in text
    assert len(text.splitlines()) == 1


def test_each_thing_that_is_wrong_in_a_file_has_its_own_sentence() -> None:
    text = fault("theme = 'sepia'\n[[slides]]\nkind = 'nothing'\n[[slides]]\nkind = 'title'\ntitle = ''\n")

    assert [place for place in ("title", "theme", "slides[1].kind", "slides[2].title") if place not in text] == []
