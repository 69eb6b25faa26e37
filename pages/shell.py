"""The frame round every page: the way to the others, the filters, how fresh the data are."""

import streamlit as st

from sunes.deck.plan import LINK
from sunes.insights import headlines
from sunes.ui import damage, data, frame, site, turns
from sunes.ui.access import account, signin
from sunes.ui.server import monitoring, readiness
from sunes.ui.server.asgi import CONTENT

pages = site.pages()
# It shows no View, and has to work where there is nothing to show yet.
importer = pages["importer"]
# Its address holds a deck beside the View, and its figures stay those with which it was opened.
presentation = pages["presentation"]

page = st.navigation(list(pages.values()), position="hidden")
st.set_page_config(page_title=f"{page.title} · sunes", layout="wide")

with monitoring.run(f"/{page.url_path}"), turns.turn():
    own = LINK if page is presentation else ()
    data.keep_beside(own)
    view, notices = data.read_view(own)
    frame.links(site.linked(pages, signin.person()), view)
    if account.turns_away(page):
        st.stop()
    if page in (importer, pages["journal"]):
        frame.notices(*damage.unread(), *readiness.outdated())
        st.title(page.title, anchor=False)
        # Large files are read and checked there: nobody waits for that.
        with st.container(key=CONTENT), turns.aside():
            frame.simulated(view)
            page.run()
        st.stop()
    if data.nothing_in_force():
        frame.nothing_yet(page.title, importer)
        st.stop()
    if error := data.damage(view):
        frame.notices(*readiness.outdated(), *notices)
        frame.unusable(page.title, error, view)
        st.stop()
    if page is presentation:
        view = frame.hold(view)
    frame.notices(
        *damage.unread(),
        *readiness.outdated(),
        *notices,
        *damage.left_aside(data.damaged(view)),
        *headlines.beside_the_point(view, data.programme()),
    )
    frame.head(page.title, view)
    frame.freshness(data.snapshot(view), view)
    page.run()
