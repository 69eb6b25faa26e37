"""A deck as it is planned: which slides, in which order, under which titles, about which View. A file or a link."""

import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from json import dumps, loads
from typing import Annotated, Literal, Self
from urllib.parse import parse_qs, urlencode

import tomli_w
from pydantic import AfterValidator, Field, field_validator

from sunes import geography
from sunes.errors import DataError, Problem, UsageError
from sunes.french import typographic
from sunes.programme import Programme
from sunes.reference import REFERENCE, Entry, Identifier, Prose, load, parse
from sunes.view import View

Kind = Literal[
    "title", "frame", "region", "comparison", "funnel", "windows", "targets", "progress",
    "map", "departments", "changes", "sheet", "sources", "definitions",
]  # fmt: skip

KIND_LABELS: Mapping[Kind, str] = {
    "title": "Titre",
    "frame": "Le cadre national",
    "region": "Une région en bref",
    "comparison": "Comparaison des régions",
    "targets": "Atteinte des cibles",
    "windows": "Fenêtre par fenêtre",
    "progress": "Au fil du temps",
    "map": "Carte d’une région",
    "departments": "Départements qui se distinguent",
    "funnel": "Écarts entre départements",
    "changes": "Ce qui a changé",
    "sheet": "Fiche d’un établissement",
    "sources": "Sources",
    "definitions": "Définitions",
}

# What there is one slide of for each region, or for each establishment, that the View is about.
PER_REGION: frozenset[Kind] = frozenset({"region", "windows", "map"})
PER_ESTABLISHMENT: frozenset[Kind] = frozenset({"sheet"})

THEME, DECK, KNOWN_AT = "theme", "deck", "known_at"
# The parameters of a deck's link, beside those of its View.
LINK = (DECK, THEME, KNOWN_AT)

_ENCODED = "~"  # no ready deck begins with it
_MOST = 64 * 1024  # bytes of a deck in a link, decoded: a link is not a file
_MOST_SLIDES = 100
# Lines end as they do in the file, so that the deck that comes back from it is the same.
_Lines = AfterValidator(lambda text: re.sub(r"\r\n?", "\n", text))


class Choice(Entry):
    """A slide that was chosen. `of` is the region's code, or the FINESS number, where there is one slide for each."""

    kind: Kind
    of: Annotated[str, Field(max_length=9)] | None = None
    title: Annotated[Prose, _Lines, Field(max_length=300)] | None = None
    notes: Annotated[str, _Lines, Field(max_length=10_000)] | None = None


class Plan(Entry):
    """What a deck shows, whatever the View."""

    title: Annotated[Prose, _Lines, Field(max_length=200)]
    slides: Annotated[tuple[Choice, ...], Field(min_length=1, max_length=_MOST_SLIDES)]


class Ready(Plan):
    """A deck that the product offers."""

    id: Identifier
    for_whom: Prose


class _Readies(Entry):
    decks: Annotated[tuple[Ready, ...], Field(min_length=1)]


class Deck(Plan):
    """A plan about a View.

    Attributes
    ----------
    view
        URL parameters. A deck whose snapshot names a revision, and that has `known_at`, always shows the same figures.
    known_at
        What was published after this moment is not in the history.
    """

    view: str = ""
    theme: Literal["light", "dark"] = "light"
    known_at: datetime | None = None

    @field_validator("known_at")
    @classmethod
    def _in_utc(cls, moment: datetime | None) -> datetime | None:
        return moment and _utc(moment)

    def question(self, programme: Programme) -> View:
        """The View that the deck is about. What is wrong in it is left out: `from_params` and `from_toml` tell."""
        return _view(self.view, programme)[0]

    def about(self, view: View) -> Self:
        """The same deck about another View, or about the same one pinned to a revision."""
        return self.model_copy(update={"view": urlencode(view.to_params())})

    def params(self, programme: Programme) -> dict[str, str]:
        """The parameters of the link that brings this deck back: those of the View, then LINK."""
        ready = next((each.id for each in readies() if (each.title, each.slides) == (self.title, self.slides)), None)
        return {
            **_view(self.view, programme)[0].to_params(),
            DECK: ready or _encoded(self),
            **({THEME: self.theme} if self.theme != "light" else {}),
            **({KNOWN_AT: self.known_at.isoformat().replace("+00:00", "Z")} if self.known_at else {}),
        }

    def to_toml(self) -> str:
        """The deck as a file that people can write in."""
        content = self.model_dump(exclude_none=True)
        return tomli_w.dumps({**content, "slides": list(content["slides"])}, multiline_strings=True)

    @classmethod
    def from_toml(cls, content: bytes, name: str, programme: Programme) -> Self:
        """Read such a file. Raises DataError, one sentence for each thing that is wrong, with the name of the file."""
        deck = parse(content, name, cls)
        try:
            parse_qs(deck.view, strict_parsing=bool(deck.view))
        except ValueError:
            message = "des filtres comme « region=76&snapshot=2024-06-30 » sont attendus."
            raise DataError(Problem(message, file=name, key="view", value=deck.view)) from None
        if notices := _view(deck.view, programme)[1]:
            raise DataError(*(Problem(notice, file=name, key="view") for notice in notices))
        return deck


@cache
def readies() -> tuple[Ready, ...]:
    """The decks that the product offers. Raises DataError when their file is broken."""
    return load(REFERENCE / "decks.toml", _Readies).decks


def from_params(params: Mapping[str, str | Sequence[str]], programme: Programme) -> tuple[Deck, tuple[str, ...]]:
    """Read the parameters of a link, and say what had to be left aside, one French sentence each."""
    given = {name: value if isinstance(value, str) else ",".join(value) for name, value in params.items()}
    own = {name: given.pop(name, "") for name in LINK}
    view, notices = _from_params(given, programme)
    told = list(notices)
    plan: Plan = readies()[0]
    if own[DECK]:
        try:
            plan = _decoded(own[DECK])
        except UsageError as error:
            told.append(str(error))
    if own[THEME] not in ("", "light", "dark"):
        told.append(typographic(f"Le thème « {own[THEME]} » n’existe pas (possibles : light, dark) ; il est ignoré."))
    known_at = None
    try:
        known_at = _utc(datetime.fromisoformat(own[KNOWN_AT])) if own[KNOWN_AT] else None
    except ValueError:
        told.append(typographic(f"« {own[KNOWN_AT]} » n’est pas un moment ; l’historique est celui d’aujourd’hui."))
    theme: Literal["light", "dark"] = "dark" if own[THEME] == "dark" else "light"
    deck = Deck(title=plan.title, slides=plan.slides, view=urlencode(view.to_params()), theme=theme, known_at=known_at)
    return deck, tuple(told)


def _view(text: str, programme: Programme) -> tuple[View, tuple[str, ...]]:
    return _from_params({name: ",".join(values) for name, values in parse_qs(text).items()}, programme)


def _from_params(params: Mapping[str, str], programme: Programme) -> tuple[View, tuple[str, ...]]:
    territories = {code: department.region_code for code, department in geography.departments().items()}
    return View.from_params(params, programme, territories)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("ce moment est hors du calendrier") from None


def _encoded(plan: Plan) -> str:
    slides = [[each.kind, each.of, each.title, each.notes] for each in plan.slides]
    compact = dumps([plan.title, slides], ensure_ascii=False, separators=(",", ":"))
    return _ENCODED + urlsafe_b64encode(zlib.compress(compact.encode(), 9)).decode().rstrip("=")


def _decoded(text: str) -> Plan:
    """The plan that a link holds or names. Raises UsageError when it does neither."""
    if not text.startswith(_ENCODED):
        known = {ready.id: ready for ready in readies()}
        if text not in known:
            choices = ", ".join(known)
            raise UsageError(f"La présentation « {text} » n’existe pas (possibles : {choices}) ; elle est ignorée.")
        return known[text]
    code = text.removeprefix(_ENCODED)
    try:
        title, slides = loads(_inflated(urlsafe_b64decode(code + "=" * (-len(code) % 4))))
        chosen = [dict(zip(("kind", "of", "title", "notes"), slide, strict=True)) for slide in slides]
        return Plan.model_validate({"title": title, "slides": chosen})
    except (ValueError, TypeError, RecursionError, zlib.error) as error:  # a ValidationError is a ValueError
        raise UsageError("Le lien de cette présentation est abîmé ; recopiez-le en entier.") from error


def _inflated(content: bytes) -> str:
    inflate = zlib.decompressobj()
    text = inflate.decompress(content, _MOST)
    if inflate.unconsumed_tail or not inflate.eof:
        raise ValueError
    return text.decode()
