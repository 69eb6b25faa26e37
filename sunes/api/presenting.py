"""Decks over HTTP: shown edge to edge in a window, and as files to take away. All that a link needs is in the link."""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from hashlib import sha256
from html import escape
from typing import Literal, ParamSpec, TypeVar, get_args
from urllib.parse import urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sunes import engine, geography, request_id
from sunes.access.journal import What
from sunes.access.people import ForbiddenError, Role, Sight
from sunes.access.rules import Detail, rules
from sunes.api.callers import caller
from sunes.api.replies import WHO, refusal
from sunes.api.serving import UnknownError
from sunes.api.workshop import BusyError, File, Workshop, send
from sunes.deck import frozen, plan
from sunes.deck.build import presentation
from sunes.deck.facts import Facts
from sunes.deck.plan import Deck
from sunes.deck.slide import Presentation
from sunes.definitions import load_definitions
from sunes.errors import DataError, TooLongError, UsageError
from sunes.export.csv import file_name
from sunes.export.html import Layout, Live, assets, document
from sunes.export.pptx import powerpoint
from sunes.french import typographic
from sunes.links import EMBEDDED
from sunes.manifest import SnapshotId, parse_reference
from sunes.programme import load_programme
from sunes.snapshots import Snapshot, Store, check_files
from sunes.view import View

PREFIX = "/presentation"
# Notes of a talk fit; the servers in front that cut addresses earlier are told of on the page.
LONGEST = 32_768

LAYOUT = "layout"
_LAYOUTS: tuple[Layout, ...] = get_args(Layout)
_POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
# The document asks nothing of anybody else, whatever a name in the data may hold.
_POLICY = "default-src 'self' 'unsafe-inline' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'"
_ALWAYS, _EACH_TIME, _NEVER = "public, max-age=31536000, immutable", "private, no-cache", "no-store"

_LOGGER = logging.getLogger(__name__)
_READERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sunes-decks")
_WORKSHOP = Workshop(room=128_000_000, workers=2)

Kind = Literal["pptx", "html", "toml"]
Answer = Callable[[Request], Awaitable[Response]]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A link that was understood: its deck, frozen, and the snapshots that it shows, its own one last."""

    deck: Deck
    snapshots: tuple[Snapshot, ...]
    base: str | None
    layout: Layout
    sight: Sight

    @property
    def params(self) -> dict[str, str]:
        return self.deck.params(load_programme())

    def key(self, form: str) -> tuple[object, ...]:
        """What a file depends on; the digests say which bytes of which snapshots."""
        digests = tuple(each.digest for each in self.snapshots)
        return form, self.layout, self.base, self.sight, tuple(self.params.items()), digests

    def presentation(self) -> Presentation:
        """Raises UnknownError when no slide has anything to show."""
        deck = self.deck
        digests = tuple(each.digest for each in self.snapshots)
        question = deck.question(load_programme())
        made = presentation(deck, _facts(Store.default(), question, deck.known_at, self.sight, digests))
        if not made.slides:
            raise UnknownError(
                "Aucune diapositive de cette présentation n’a de quoi être montrée ; choisissez-en d’autres."
            )
        return made

    def file_name(self, kind: Kind) -> str:
        regions = self.deck.question(load_programme()).regions
        names = [geography.region(code).name for code in regions] if len(regions) == 1 else []
        title = re.sub(r"\W+$", "", self.deck.title[:60])
        return file_name("presentation", title, *names, self.snapshots[-1].id.pin, suffix=kind)


@lru_cache(maxsize=4)
def _facts(store: Store, view: View, known_at: datetime | None, sight: Sight, _digests: tuple[str, ...]) -> Facts:
    """The figures of the decks that were opened last: a deck that is being composed asks for the same ones again."""
    return Facts(store, view, load_programme(), load_definitions(), known_at, sight=sight)


# Routes --------------------------------------------------------------------------------------------------------------


async def _screen(request: Request) -> Response:
    deck, layout = await _read(_deck, request), _layout(request)
    held = await _read(_held, deck)
    if not frozen.is_frozen(deck, load_programme()):
        params = held.params(load_programme()) | ({LAYOUT: layout} if layout != _LAYOUTS[0] else {})
        return RedirectResponse(f"ecran?{urlencode(params, safe=',~:')}", 302, {"cache-control": _NEVER})
    asked = await _read(_asked, request, held, layout)
    file = await _WORKSHOP.get(request, asked.key("screen"), lambda: _shown(asked))
    return send(request, file, _EACH_TIME, content_security_policy=_POLICY, **_vary())


def _shown(asked: _Asked) -> File:
    status = urlencode({name: asked.params[name] for name in ("snapshot", plan.KNOWN_AT)}, safe=",~:")
    live = Live(status=f"etat?{status}", script=f"plotly-{_plotly()[0]}.js")
    return File.of_text(document(asked.presentation(), layout=asked.layout, base=asked.base, live=live), "text/html")


def _taken_away(kind: Kind) -> Answer:
    async def serve(request: Request) -> Response:
        deck, layout = await _read(_deck, request), _layout(request)
        asked = await _read(_asked, request, await _read(_held, deck), layout)
        file = await _WORKSHOP.get(request, asked.key(kind), lambda: _file(kind, asked))
        await _read(lambda: Store.default().journal.note(caller(request), What.EXPORTED, asked.file_name(kind)))
        return send(request, file, _EACH_TIME, **_vary())

    return serve


def _file(kind: Kind, asked: _Asked) -> File:
    name = asked.file_name(kind)
    if kind == "toml":
        return File.of_text(asked.deck.to_toml(), "application/toml", name)
    if kind == "html":
        return File.of_text(document(asked.presentation(), layout=asked.layout, base=asked.base), "text/html", name)
    return File(powerpoint(asked.presentation(), base=asked.base), _POWERPOINT, name=name)


def _vary() -> dict[str, str]:
    """The header of what shows not everybody the same."""
    return {} if rules().establishments is Detail.PUBLIC else {"vary": WHO}


async def _state(request: Request) -> Response:
    """What hundreds of windows ask for every few seconds: no deck is read for it, and no table is opened."""
    given = {name: request.query_params.get(name, "") for name in ("snapshot", plan.KNOWN_AT)}
    return JSONResponse({"said": await _read(_news, given)}, headers={"cache-control": _NEVER})


def _news(given: Mapping[str, str]) -> str:
    deck = plan.from_params(given, load_programme())[0]
    shown = parse_reference(given["snapshot"])
    if not isinstance(shown, SnapshotId) or deck.known_at is None:
        return ""
    return frozen.news(Store.default(), shown, deck.known_at)


async def _script(request: Request) -> Response:
    digest, file = await _read(_plotly)
    if request.path_params["digest"] != digest:
        raise UnknownError("Ce fichier n’est plus celui de cette version ; rechargez la présentation.")
    return send(request, file, _ALWAYS)


@cache
def _plotly() -> tuple[str, File]:
    source = assets.plotly()
    return sha256(source.encode()).hexdigest()[:16], File.of_text(source, "text/javascript")


# Links ---------------------------------------------------------------------------------------------------------------


def _deck(request: Request) -> Deck:
    """The deck of a link. Raises UsageError for whatever in it can't be understood: a screen has no place to say so."""
    query = request.query_params
    params = {name: query.getlist(name) for name in query if name != LAYOUT and name not in EMBEDDED}
    deck, notices = plan.from_params(params, load_programme())
    if notices:
        raise UsageError("\n".join(notices))
    return deck


def _held(deck: Deck) -> Deck:
    """The deck, frozen. Raises UsageError when its snapshot is no name of one, UnknownError when there is none."""
    parse_reference(deck.question(load_programme()).snapshot)
    try:
        return frozen.frozen(deck, Store.default(), load_programme())
    except UsageError as error:
        raise UnknownError(str(error)) from None


def _asked(request: Request, deck: Deck, layout: Layout) -> _Asked:
    """Raises UnknownError when the deck's snapshot is not to be had, DataError when it is damaged.

    The files are looked at before what is kept is: they may have been damaged since.
    """
    store = Store.default()
    try:
        shown = store.resolve(deck.question(load_programme()).snapshot)
    except UsageError as error:
        raise UnknownError(str(error)) from None
    check_files(shown)
    history = store.history(until=shown.as_of, known_at=deck.known_at)
    earlier = engine.sound([each for each in history if each.as_of < shown.as_of])[0]
    return _Asked(deck, (*earlier, shown), _base(request), layout, rules().sight(caller(request)))


def _layout(request: Request) -> Layout:
    given = request.query_params.get(LAYOUT, _LAYOUTS[0])
    for layout in _LAYOUTS:
        if given == layout:
            return layout
    raise UsageError(f"La mise en page « {given} » n’existe pas (possibles : {', '.join(_LAYOUTS)}).")


def _base(request: Request) -> str | None:
    """The address of the product as the public knows it, for links and QR codes."""
    if public := os.environ.get("SUNES_PUBLIC_URL"):
        return public.rstrip("/")
    base = str(request.base_url).rstrip("/")
    return base if re.fullmatch(r"https?://[\w.:\[\]/-]+", base, re.ASCII) else None


# Answers -------------------------------------------------------------------------------------------------------------


async def _read(ask: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What touches the disk, off the event loop."""
    context = copy_context()  # what it logs names the request
    return await asyncio.get_running_loop().run_in_executor(_READERS, lambda: context.run(ask, *given, **named))


def _guarded(answer: Answer) -> Answer:
    """The same answer or, when there is none, a page that says why, never with a trace of what went wrong inside."""

    async def serve(request: Request) -> Response:
        if len(request.scope["query_string"]) > LONGEST:
            return _refusal(request, 414, f"Le lien est trop long : {LONGEST} caractères au plus après le « ? ».")
        try:
            await _read(_admit, request)
            return await answer(request)
        except ForbiddenError as error:
            status, headers = await _read(refusal, request)
            return _refusal(request, status, str(error), headers)
        except UsageError as error:
            return _refusal(request, 404 if isinstance(error, UnknownError) else 400, str(error))
        except TooLongError as error:
            return _refusal(request, 503, str(error))
        except BusyError as error:
            return _refusal(request, 503, str(error), {"retry-after": "60"})
        except ClientDisconnect:
            return Response(status_code=499)  # for the figures: nobody reads it
        except DataError as error:
            # What is wrong, and where, is for those who run the server.
            _LOGGER.error("%s : %s", request.url.path, error)
            return _refusal(request, 503, await _read(_unavailable))
        except Exception:
            reference = request_id.reference()
            _LOGGER.exception("Erreur %s", reference)
            said = f"Une erreur inattendue s’est produite ; signalez-la avec la référence {reference}."
            return _refusal(request, 500, said)

    return serve


def _admit(request: Request) -> None:
    """Raises ForbiddenError for visitors where the page that prepares decks is not for those either."""
    if PREFIX.strip("/") in rules().closed_pages and caller(request).role is Role.VISITOR:
        raise ForbiddenError("Les présentations sont réservées ; connectez-vous pour les voir.")


def _unavailable() -> str:
    store = Store.default()
    if not store.snapshots() and not store.damaged():
        return "Aucune situation n’est publiée : il n’y a rien à montrer."
    return (
        "Les données demandées sont absentes ou endommagées sur le serveur ; choisissez une autre situation ou "
        "prévenez la personne qui publie les données."
    )


def _refusal(request: Request, status: int, said: str, more: Mapping[str, str] | None = None) -> Response:
    """A small page with what is wrong and the way back, where the same deck is prepared."""
    given = "" if status == 414 else request.url.query
    back = f"../{PREFIX.strip('/')}{f'?{given}' if given else ''}"
    sentences = "".join(f"<p>{escape(typographic(f'{line[:1].upper()}{line[1:]}'))}</p>" for line in said.splitlines())
    body = _REFUSAL.format(sentences=sentences, back=escape(back)).encode("utf-8", "replace")
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(body)),
        "content-security-policy": _POLICY,
        "cache-control": _NEVER,
        "x-content-type-options": "nosniff",
        **(more or {}),
    }
    return Response(b"" if request.method == "HEAD" else body, status, headers)


_REFUSAL = """<!doctype html>
<html lang="fr">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Présentation · sunes</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1.25rem/1.5 "Source Sans", sans-serif;
  background: light-dark(#ffffff, #10181d); color: light-dark(#0c171d, #e6edf0); }}
main {{ max-width: 40rem; padding: 2rem; overflow-wrap: anywhere; }}
a {{ color: light-dark(#0b6280, #58b7d3); }}
</style>
<main>
<h1>Présentation indisponible</h1>
{sentences}
<p><a href="{back}" target="_top">Revenir à la préparation</a></p>
</main>
</html>
"""

ROUTES: list[BaseRoute] = [
    Route(f"{PREFIX}/{path}", _guarded(answer), methods=["GET"])
    for path, answer in {
        "ecran": _screen,
        "etat": _state,
        "plotly-{digest}.js": _script,
        **{f"deck.{kind}": _taken_away(kind) for kind in get_args(Kind)},
    }.items()
]
