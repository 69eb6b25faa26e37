"""The deck on the page, as it will be on the screen. Its keys work wherever on the page the keyboard is not wanted."""

from urllib.parse import urlencode

import streamlit as st
from streamlit.components.v2 import component

from sunes.deck.plan import Deck
from sunes.ui.presentation import address

_SCRIPT = """
// Which keys the page wants itself; where the keyboard is when it is nowhere in particular, and where it wants two.
const SCROLL = /^(ArrowUp|ArrowDown|Tab)$/
const PRESS = /^(Enter| )$/
const PRESSED = "a[href], button:not([role], [aria-haspopup], [aria-expanded])"
const NOWHERE = "html, body, [data-testid=stMain], [tabindex='-1']"

export default function ({ data, setTriggerValue, parentElement }) {
  const frame = parentElement.querySelector("iframe")
  frame.title = data.title
  if (frame.dataset.shown !== data.address) {
    // The same slide of the changed deck; and no step for the browser's back button.
    const slide = frame.dataset.shown ? frame.contentWindow.location.hash : ""
    frame.dataset.shown = data.address
    frame.contentWindow.location.replace(new URL(data.address, location.href).href + slide)
  }
  // A reload, a bookmark, a copied address: all of them the deck with these figures. No step for the back button.
  if (data.held && location.search !== data.held) {
    history.replaceState(history.state, "", data.held)
    setTriggerValue("held", true)
  }

  let inSight = true
  let typed = false  // a slide's number, which Enter then jumps to
  const sight = new IntersectionObserver(([entry]) => { inSight = entry.isIntersecting }, { threshold: 0.25 })
  sight.observe(frame)
  const forward = (event) => {
    if (!inSight || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return
    const { key, code, shiftKey, repeat } = event
    const inside = frame.contentDocument?.body
    const free = event.target.matches(NOWHERE) || (event.target.matches(PRESSED) && (typed || !PRESS.test(key)))
    if (!inside || !free || SCROLL.test(key)) return
    const same = new KeyboardEvent("keydown", { key, code, shiftKey, repeat, bubbles: true, cancelable: true })
    if (!inside.dispatchEvent(same)) event.preventDefault()
    typed = /^(Digit|Numpad)\\d$/.test(code) && event.defaultPrevented
  }
  document.addEventListener("keydown", forward)
  return () => { document.removeEventListener("keydown", forward); sight.disconnect() }
}
"""

_STYLE = """
iframe {
  display: block; box-sizing: border-box; border: 1px solid var(--st-border-color); border-radius: 0.35rem;
  width: min(100%, 88vh * 16 / 9); margin: 0 auto; aspect-ratio: 16 / 9;
  background: var(--st-secondary-background-color);
}
"""
_preview = component("sunes_deck", html='<iframe allow="fullscreen; clipboard-write"></iframe>', css=_STYLE, js=_SCRIPT)


def show(deck: Deck) -> None:
    """The deck in a frame; it stays on its slide when it is changed."""
    held = address.held(deck)
    _preview(
        key="deck-preview",
        data={
            "address": address.here(deck),
            "title": f"Aperçu de la présentation « {deck.title} »",
            # As Streamlit writes addresses, which takes any other way to write them for another address.
            "held": f"?{urlencode(held)}" if held else "",
        },
        on_held_change=lambda: address.hold(deck, held),
    )
    st.caption(
        "Touches : ← → pour changer de diapositive, Début et Fin, F plein écran, B écran noir, T tableau, "
        "un numéro puis Entrée, ? pour l’aide."
    )


@st.fragment(run_every=60)
def watch(deck: Deck, news: str) -> None:
    """Draw the page again once there is other news of the data than `news`."""
    if address.news(deck) != news:
        st.rerun()
