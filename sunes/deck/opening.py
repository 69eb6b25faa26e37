"""What a deck begins with: its title, and what the programme is."""

from sunes import french
from sunes.deck.facts import Facts
from sunes.deck.slide import Listing, Slide
from sunes.figures.palette import Theme
from sunes.insights import deadlines
from sunes.maps import words
from sunes.programme import Programme


def title(facts: Facts, name: str) -> Slide:
    """The title of the deck, and what its figures are about."""
    regions = french.join([facts.region_name(code) for code in facts.regions])
    about = [regions, words.filters(facts.view, facts.programme), words.origin(facts.snapshot.manifest)]
    return Slide(
        id="titre",
        kind="title",
        kicker=facts.programme.name,
        title=name,
        paragraphs=tuple(filter(None, about)),
        view=facts.view,
    )


def frame(facts: Facts, _of: str, _theme: Theme) -> Slide:
    """What the programme pays for, by when, and the targets: all of it published, with its sources."""
    programme = facts.programme
    return Slide(
        id="cadre",
        kind="frame",
        kicker="Le cadre national",
        title=french.typographic(f"{programme.name} : {_volets(programme)}"),
        paragraphs=(programme.summary,),
        visuals=(
            Listing(
                "fenetres",
                "Les fenêtres de dépôt",
                tuple(deadlines.calendar(facts.view, programme)),
                deadlines.sources_said(facts.view, programme),
            ),
        ),
        page="donnees",
        view=facts.view,
    )


def _volets(programme: Programme) -> str:
    names = [f"le volet {volet.number} ({volet.name})" for volet in programme.volets]
    return f"{len(programme.windows)} fenêtres pour {french.join(names)}"
