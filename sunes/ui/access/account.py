"""What people are told of their sign-in, and the way in and out."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from sunes import french, geography
from sunes.access.claims import Standing
from sunes.access.people import ROLE_LABELS, Role
from sunes.access.rules import rules
from sunes.ui.access import providers
from sunes.ui.access.closed import closed_pages
from sunes.ui.access.signin import account
from sunes.ui.errors import plain
from sunes.ui.server.asgi import CONTENT

_OVER = {
    Standing.EXPIRED: "Votre session est terminée : elle est limitée à {}. Connectez-vous de nouveau pour continuer.",
    Standing.ENDED: "Vous vous êtes déconnecté dans un autre onglet.",
    Standing.INVALID: "Votre connexion n’a pas pu être vérifiée : connectez-vous de nouveau.",
}
_REFUSED = "Votre compte n’a pas accès à ce site ; demandez-le à la personne qui l’administre."
_CLOSED = "Cette page est réservée aux personnes connectées."
_FRAMED = "On ne se connecte pas dans le cadre d’un autre site : ouvrez cette page dans un onglet à elle."
_FAULTY = "La connexion n’est pas ouverte : prévenez la personne qui administre ce site."


def corner() -> None:
    """Who is signed in, and the way in or out: at the end of a row."""
    if not providers.is_configured() or st.context.is_embedded:
        return
    st.space("stretch")
    own = account()
    if own.standing is not Standing.SIGNED_IN:
        _way_in("corner", quiet=True)
        return
    with st.popover(own.person.name, icon=":material/account_circle:", type="tertiary", key="account"):
        role = ROLE_LABELS[own.person.role]
        regions = french.join(sorted(geography.region(code).name for code in own.person.regions))
        st.markdown(
            f"**{plain(own.person.name)}**  \n{plain(french.typographic(f'{role} : {regions}') if regions else role)}"
        )
        _way_out("corner")


def turns_away(page: StreamlitPage) -> bool:
    """Tell somebody what became of their sign-in; whether they don't get to see the page.

    Raises DataError where the rules can't be understood.
    """
    own = account()
    closed = closed_pages()
    if own.standing is Standing.REFUSED:
        st.title("Accès refusé", anchor=False)
        with st.container(key=CONTENT):
            st.error(_REFUSED, icon=":material/block:")
            _way_out("refused")
        return True
    if said := _OVER.get(own.standing):
        hours = french.number(rules().sign_in.hours)
        st.warning(said.format(f"{hours} h"), icon=":material/logout:")
    if page.url_path not in closed or own.person.is_at_least(Role.READER):
        if said:
            _way_in("over")
        return False
    st.title(page.title, anchor=False)
    with st.container(key=CONTENT):
        st.info(_CLOSED, icon=":material/lock:")
        _way_in("closed")
    return True


def _way_in(key: str, quiet: bool = False) -> None:
    if st.context.is_embedded:
        st.caption(_FRAMED)
    elif providers.fault() or not providers.is_configured():
        st.caption(_FAULTY)
    else:
        known = providers.providers()
        for each in known:
            label = f"Se connecter avec {each.label}" if len(known) > 1 else "Se connecter"
            st.button(
                label,
                key=f"sign-in-{key}-{each.id}",
                icon=":material/login:",
                type="tertiary" if quiet else "primary",
                on_click=st.login,
                args=(each.id,),
            )


def _way_out(key: str) -> None:
    st.button("Se déconnecter", key=f"sign-out-{key}", icon=":material/logout:", on_click=st.logout)
