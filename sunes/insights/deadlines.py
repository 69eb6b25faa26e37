"""When the windows of the programme opened and closed, by when their usages were due, and who published it."""

from sunes import french
from sunes.programme import Programme, Window
from sunes.view import View


def windows(view: View, programme: Programme) -> tuple[Window, ...]:
    """The windows that a View is about, in their order."""
    return tuple(window for window in programme.windows if not view.windows or window.number in view.windows)


def open_to(window: Window, programme: Programme) -> str:
    """« volet 1 », « volets 1 et 2 »: what could be applied for in a window."""
    numbers = [str(volet.number) for volet in programme.volets if volet.id in window.volets]
    return f"{'volets' if len(numbers) > 1 else 'volet'} {french.join(numbers)}"


def calendar(view: View, programme: Programme) -> list[dict[str, str]]:
    """The dates of the windows of a View, under French headers. `sources_said` says who published them."""
    return [
        {
            "Fenêtre": str(window.number),
            "Dépôt des dossiers": f"du {french.day(window.opens)} au {french.day(window.closes)}",
            "Ouverte à": open_to(window, programme),
            "Échéance des usages": french.day(window.deadline.date) if window.deadline else "échéance non publiée",
        }
        for window in windows(view, programme)
    ]


def sources_said(view: View, programme: Programme) -> str:
    """Who published the dates of the calendar, and how to read them."""
    asked = windows(view, programme)
    sources = dict.fromkeys(source for window in asked for source in (window.source, *_deadline_source(window)))
    notes = dict.fromkeys(window.deadline.note for window in asked if window.deadline and window.deadline.note)
    cited = [str(programme.sources[source]) for source in sources]
    return french.typographic(
        " ".join([f"{'Sources' if len(cited) > 1 else 'Source'} : {french.join(cited)}.", *notes])
    )


def deadlines_said(view: View, programme: Programme) -> str:
    """Which deadlines are published for the windows and the volet of a View, by whom, and which are not."""
    concerned = [window for window in windows(view, programme) if view.volet in (None, *window.volets)]
    known = [window for window in concerned if window.deadline]
    unknown = [str(window.number) for window in concerned if not window.deadline]
    parts = []
    if known:
        days = [f"fenêtre {w.number}, {french.day(w.deadline.date)}" for w in known if w.deadline]
        sources = dict.fromkeys(str(programme.sources[source]) for w in known for source in _deadline_source(w))
        label = "Échéances publiées" if len(known) > 1 else "Échéance publiée"
        parts.append(f"{label} : {' ; '.join(days)} (source : {french.join(list(sources))}).")
    if unknown:
        label = "Fenêtres" if len(unknown) > 1 else "Fenêtre"
        parts.append(f"{label} {french.join(unknown)} : échéance non publiée.")
    return french.typographic(" ".join(parts))


def _deadline_source(window: Window) -> tuple[str, ...]:
    return (window.deadline.source,) if window.deadline else ()
