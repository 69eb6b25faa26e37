"""A deck's slides with their figures in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sunes import french
from sunes.access.people import Sight
from sunes.deck import closing, comparing, mapping, opening, regional, sheet, spread, timely
from sunes.deck.facts import Facts
from sunes.deck.plan import PER_ESTABLISHMENT, PER_REGION, Choice, Deck, Kind
from sunes.deck.slide import Presentation, Slide, Visual
from sunes.definitions import Metric
from sunes.figures.palette import THEMES, Theme
from sunes.maps import words
from sunes.programme import Programme
from sunes.snapshots import Store

# What makes the slide of a kind. `of` is the region or the establishment of a kind that there is one slide of for each,
# the empty text for the others. None: there is nothing to say, as what changed in the first snapshot.
Builder = Callable[[Facts, str, Theme], Slide | None]

BUILDERS: Mapping[Kind, Builder] = {
    "frame": opening.frame,
    "region": regional.region,
    "comparison": comparing.comparison,
    "targets": comparing.targets,
    "windows": regional.windows,
    "progress": timely.progress,
    "departments": spread.departments,
    "funnel": spread.funnel,
    "changes": timely.changes,
    "sheet": sheet.sheet,
    "sources": closing.sources,
    "definitions": closing.definitions,
    "map": mapping.region_map,
}


# Those with figures of the View.
_FILTERED: frozenset[Kind] = frozenset(BUILDERS) - {"frame", "sheet", "sources", "definitions"}


def presented(
    deck: Deck, store: Store, programme: Programme, definitions: Mapping[str, Metric], *, sight: Sight
) -> Presentation:
    """A deck with its figures, from a store. Raises UsageError or DataError when its snapshot is not to be had."""
    question = deck.question(programme)
    return presentation(deck, Facts(store, question, programme, definitions, deck.known_at, sight=sight))


def presentation(deck: Deck, facts: Facts) -> Presentation:
    """The slides of a deck in their order, each with an id of its own, under the titles that were given."""
    theme = THEMES[deck.theme]
    manifest = facts.snapshot.manifest
    said = [words.origin(manifest), words.source(manifest)]
    return Presentation(
        title=deck.title,
        slides=tuple(_slides(deck, facts, theme)),
        snapshot=facts.snapshot.id,
        simulated=facts.snapshot.simulated,
        footer=french.typographic(" · ".join(filter(None, said))),
        theme=theme,
        view=facts.view,
        link=deck.about(facts.view).params(facts.programme),
    )


def _slides(deck: Deck, facts: Facts, theme: Theme) -> Iterator[Slide]:
    taken: set[str] = set()
    for choice in deck.slides:
        for of in _subjects(choice, facts):
            made = opening.title(facts, deck.title) if choice.kind == "title" else _made(choice.kind, facts, of, theme)
            if made is None:
                continue
            name = made.id
            rank = 2
            while name in taken:  # the same slide twice in a deck: with other notes, say
                name, rank = f"{made.id}-{rank}", rank + 1
            taken.add(name)
            titled = replace(made, id=name, title=choice.title or made.title, notes=choice.notes or made.notes)
            yield _unbroken(titled)


def _unbroken(slide: Slide) -> Slide:
    """The slide with no line that may end inside a date or inside « 1 et 2 »: in its sentences and its tables."""
    return replace(
        slide,
        title=french.unbroken(slide.title),
        kicker=french.unbroken(slide.kicker),
        paragraphs=tuple(map(french.unbroken, slide.paragraphs)),
        figures=tuple(
            replace(each, made_of=french.unbroken(each.made_of), since=french.unbroken(each.since))
            for each in slide.figures
        ),
        visuals=tuple(_unbroken_visual(visual) for visual in slide.visuals),
    )


def _unbroken_visual(visual: Visual) -> Visual:
    records = tuple({name: french.unbroken(cell) for name, cell in record.items()} for record in visual.records)
    return replace(visual, title=french.unbroken(visual.title), records=records)


def _made(kind: Kind, facts: Facts, of: str, theme: Theme) -> Slide | None:
    """The slide of a kind, under its own title and with its filters: made once, whatever a deck then calls it."""

    def make() -> Slide | None:
        made = BUILDERS[kind](facts, of, theme) if kind in BUILDERS else None
        within = _within(facts)
        if made is None or not within or kind not in _FILTERED:
            return made
        return replace(made, kicker=french.typographic(f"{made.kicker} · {within}"))

    return facts.once(("slide", kind, of, theme.name), make)


def _within(facts: Facts) -> str:
    """What the View leaves out, on every slide: taken out of its deck, one must not pass for a whole region."""
    if len(facts.view.finess) == 1 and (lines := facts.roster().lines):
        return lines[0].name
    return words.filters(facts.view, facts.programme).partition(":")[2].strip()


def _subjects(choice: Choice, facts: Facts) -> tuple[str, ...]:
    """What a chosen slide is made of: that which it names, or each one that the View is about."""
    if choice.kind in PER_REGION:
        return (choice.of,) if choice.of in facts.regions else () if choice.of else facts.regions
    if choice.kind in PER_ESTABLISHMENT:
        return (choice.of,) if choice.of else facts.view.finess
    return ("",)
