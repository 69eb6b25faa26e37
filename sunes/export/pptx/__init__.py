"""A deck as a PowerPoint file: charts and tables that can be edited, maps as shapes, in the deck's colours."""

from datetime import UTC, datetime, time

from sunes.deck.slide import Presentation
from sunes.export.pptx import slides, template

MIME = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def powerpoint(presentation: Presentation, *, base: str | None = None) -> bytes:
    """The deck as a `.pptx` file, the same bytes for the same deck.

    Parameters
    ----------
    base
        The product's address: each slide then leads to its figures there, by a link and a QR code.
    """
    file = template.begin(presentation.theme)
    for slide in presentation.slides:
        slides.add(file, slide, presentation, base)
    then = datetime.combine(presentation.snapshot.as_of, time(12), UTC).replace(tzinfo=None)
    return template.finish(file, presentation.title, presentation.footer, then)
