"""The deck that the address holds: read at each run, written when a person changes it."""

import os
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import streamlit as st

from sunes import french
from sunes.deck import frozen, plan
from sunes.deck.plan import KNOWN_AT, LINK, Deck
from sunes.manifest import SnapshotId
from sunes.ui import data, frame

_PATH = "presentation"
_BEFORE, _REFUSED = "deck-before", "deck-refused"
# As many characters as a link may have: browsers and this server take them, and it is far more than a talk needs.
_LONGEST = 30_000


def read() -> tuple[Deck, tuple[str, ...]]:
    """The deck of the address, frozen, and a French sentence for each thing in it that had to be set aside."""
    deck, notices = _asked()
    return frozen.frozen(deck.about(data.current_view()), data.store(), data.programme()), notices


def refused() -> str:
    """Why the latest change could not be kept, if it could not."""
    return str(st.session_state.pop(_REFUSED, ""))


def change(drawn: Deck, page: str | None, made: Callable[[Deck], Deck]) -> None:
    """Change the deck of the address. To be called from a callback of a widget that was drawn for a deck on a page.

    As with the View (see `frame`), it may answer to an address that has gone elsewhere since: then nothing changes.
    """
    deck = _asked()[0]
    if st.context.url == page and _looks(deck) in (_looks(drawn), st.session_state.get(_BEFORE)):
        go_to(made(deck.about(data.current_view())))


def go_to(deck: Deck) -> None:
    """Make `deck` the one that is shown, unless it is too long for any address. To be called from a callback."""
    params = deck.params(data.programme())
    if len(urlencode(params)) > _LONGEST or plan.from_params(params, data.programme())[1]:
        st.session_state[_REFUSED] = "Ce texte est trop long pour un lien : la présentation reste comme elle était."
        return
    st.session_state[_BEFORE] = _looks(_asked()[0])
    frame.go_to(deck.question(data.programme()), {name: params[name] for name in LINK if name in params})


def renew(deck: Deck) -> None:
    """Show the deck with the newest data."""
    go_to(deck.about(deck.question(data.programme()).having(snapshot=None)).model_copy(update={KNOWN_AT: None}))


def held(deck: Deck) -> dict[str, str]:
    """What the address has to say for a reload to bring the same figures back; empty: it says so already."""
    wanted = deck.params(data.programme())
    params = deck.question(data.programme()).to_params() | data.beside() | {KNOWN_AT: wanted[KNOWN_AT]}
    return {} if all(st.query_params.get(name) == params[name] for name in ("snapshot", KNOWN_AT)) else params


def hold(deck: Deck, params: Mapping[str, str]) -> None:
    """Learn that the address says it now (see `held`). To be called from a callback."""
    frame.go_to(deck.question(data.programme()), {name: params[name] for name in LINK if name in params})


def news(deck: Deck) -> str:
    """What was published since the deck was frozen, as a French sentence."""
    shown, known_at = data.snapshot(deck.question(data.programme())).id, deck.known_at
    return frozen.news(data.store(), shown, known_at) if known_at else ""


def frozen_said(shown: SnapshotId) -> str:
    """That the figures stay what they are, as Markdown."""
    return french.typographic(
        f"Figé sur la situation au **{french.day(shown.as_of)}**, révision {shown.revision} : ce qui sera publié "
        "ensuite n’y changera aucun chiffre."
    )


# Addresses -----------------------------------------------------------------------------------------------------------


def here(deck: Deck, name: str = "ecran", **extra: str) -> str:
    """The address of the deck, or of a file of it, on the server of this page."""
    return _address(_site(), deck, f"{_PATH}/{name}", extra)


def public(deck: Deck, name: str = "ecran", **extra: str) -> str:
    """The same address for others: on the site that `SUNES_PUBLIC_URL` names, if it does."""
    return _address(os.environ.get("SUNES_PUBLIC_URL", "").rstrip("/") or _site(), deck, f"{_PATH}/{name}", extra)


def _site() -> str:
    return (st.context.url or "").rstrip("/").removesuffix(f"/{_PATH}")


def _address(site: str, deck: Deck, path: str, extra: dict[str, str]) -> str:
    return f"{site}/{path}?{urlencode(deck.params(data.programme()) | extra, safe=',~:')}"


def _asked() -> tuple[Deck, tuple[str, ...]]:
    """What the address says of the deck, about no View yet."""
    given = {name: st.query_params.get_all(name) for name in LINK}
    return plan.from_params(given, data.programme())


def _looks(deck: Deck) -> tuple[object, ...]:
    return deck.title, deck.slides, deck.theme
