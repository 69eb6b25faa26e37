"""What a deck begins with: its title, and what the programme is."""

from collections.abc import Iterable

from sunes import french
from sunes.deck.facts import Facts
from sunes.deck.slide import Listing, Slide
from sunes.figures.palette import Theme
from sunes.insights import deadlines
from sunes.maps import words
from sunes.programme import Programme, Volet


def title(facts: Facts, name: str) -> Slide:
    """The title of the deck, and what its figures are about."""
    regions = french.join([facts.region_name(code) for code in facts.regions[:_NAMED]])
    if len(facts.regions) > _NAMED:
        regions = french.count(len(facts.regions), "région")
    about = [
        regions or "Aucun établissement ne répond à ces filtres",
        words.filters(facts.view, facts.programme),
        words.origin(facts.snapshot.manifest),
    ]
    return Slide(
        id="titre",
        kind="title",
        kicker=facts.programme.name,
        title=name,
        paragraphs=tuple(filter(None, about)),
        view=facts.view,
    )


# Up to so many regions, the title names them.
_NAMED = 3


def frame(facts: Facts, _of: str, _theme: Theme) -> Slide:
    """What the programme pays for, by when, and the targets: all of it published, with the letters of its sources."""
    programme, view = facts.programme, facts.view
    volets = [volet for volet in programme.volets if view.volet in (None, volet.id)]
    windows = deadlines.windows(view, programme)
    targets = [target for target in programme.targets if view.volet in (None, target.volet)]
    cited = [*programme.summary_sources, *(volet.source for volet in volets), *(target.source for target in targets)]
    cited += [
        source for window in windows for source in (window.source, window.deadline and window.deadline.source) if source
    ]
    return Slide(
        id="cadre",
        kind="frame",
        kicker="Le cadre national",
        title=_finding(programme),
        paragraphs=(programme.summary, _sources(cited, programme)),
        visuals=(
            Listing("volets", "Ce que le programme finance", tuple(_volet(volet, facts) for volet in volets)),
            Listing(
                "fenetres",
                "Les fenêtres de dépôt",
                tuple(deadlines.calendar(view, programme)),
                deadlines.sources_said(view, programme),
            ),
        ),
        page="donnees",
        view=view,
    )


def _finding(programme: Programme) -> str:
    shares = list(dict.fromkeys(french.percent(target.share, None) for target in programme.targets))
    targets = f", {'cibles' if len(shares) > 1 else 'cible'} de {french.join(shares)}" if shares else ""
    volets, windows = (
        french.count(len(found), noun) for found, noun in ((programme.volets, "volet"), (programme.windows, "fenêtre"))
    )
    return french.typographic(f"{programme.name} : {volets}, {windows}{targets} des établissements retenus")


def _volet(volet: Volet, facts: Facts) -> dict[str, str]:
    names = {indicator.id: indicator.name for indicator in facts.programme.indicators}
    targets = [target for target in facts.programme.targets if target.volet == volet.id]
    shares = [
        f"{french.percent(target.share, None)} au {french.day(target.due)} ({target.source})" for target in targets
    ]
    return {
        "Volet": f"{volet.number} – {volet.name}",
        "Ce qu’il finance": f"{volet.description} ({volet.source})",
        "Indicateurs exigés": " · ".join(names[indicator] for indicator in volet.required),
        "Cible régionale": " ; ".join(dict.fromkeys(shares)) or "non publiée",
    }


def _sources(cited: Iterable[str], programme: Programme) -> str:
    said = [
        f"{key}, {programme.sources[key].publisher} ({programme.sources[key].date})"
        for key in sorted(dict.fromkeys(cited))
    ]
    return french.typographic(f"{'Sources' if len(said) > 1 else 'Source'} : {' ; '.join(said)}.")
