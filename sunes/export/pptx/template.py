"""What every file begins with: a master, two layouts and a theme in the deck's colours. Arial, which has the same
widths in whatever program opens the file."""

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from string import Template
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pptx import Presentation
from pptx.presentation import Presentation as File

from sunes.export.pptx import text
from sunes.figures.palette import Theme

_FOLDER = Path(__file__).parent / "template"
# What a slide's background and text are called, and which of the theme's four they are: PowerPoint wants the dark ones
# to be dark in either.
_LIGHT = 'bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2"'
_DARK = 'bg1="dk1" tx1="lt1" bg2="dk2" tx2="lt2"'
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP file knows

TITLE, CONTENT = 0, 1  # the layouts
KICKER, SUBTITLE, BODY = 13, 1, 14  # the placeholders of a layout beside its title, by `idx`


def begin(theme: Theme) -> File:
    """A file without slides, 16:9, in the colours of a theme."""
    colours = _colours(theme)
    parts = {
        file.relative_to(_FOLDER).as_posix(): Template(file.read_text("utf-8")).substitute(colours).encode()
        for file in sorted(_FOLDER.rglob("*"))
        if file.is_file()
    }
    return Presentation(io.BytesIO(_packed(parts)))


def finish(file: File, title: str, subject: str, moment: datetime) -> bytes:
    """The file's bytes: the same whenever it is written. `moment` is when what it shows was so."""
    told = file.core_properties
    told.title, told.subject = text.legible(title)[:255], text.legible(subject)[:255]
    told.author = told.last_modified_by = "sunes"
    told.created = told.modified = moment
    told.language, told.revision = "fr-FR", 1
    content = io.BytesIO()
    file.save(content)
    with ZipFile(content) as written:
        return _packed({name: written.read(name) for name in written.namelist()})


def muted(theme: Theme) -> str:
    """The colour of what is said aside, as `#rrggbb`: between text and paper, with a contrast above 4.5:1."""
    return _mixed(theme.text, theme.paper, 0.72)


def _packed(parts: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        for name, part in parts.items():
            entry = ZipInfo(name, _EPOCH)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 0  # wherever it is written
            archive.writestr(entry, part)
    return content.getvalue()


def _colours(theme: Theme) -> dict[str, str]:
    ink, paper, quiet, aside = theme.text, theme.paper, theme.quiet, muted(theme)
    dark = theme.name == "dark"
    four = (paper, ink, quiet, aside) if dark else (ink, paper, aside, quiet)
    named = {
        **dict(zip(("dk1", "lt1", "dk2", "lt2"), four, strict=True)),
        "volet1": theme.charts.volet(0),
        "volet2": theme.charts.volet(1),
        "target": theme.charts.target,
        "participation": theme.charts.participation,
        "accent": theme.accent,
        "line": theme.line,
    }
    return {"mapping": _DARK if dark else _LIGHT, **{name: colour.lstrip("#") for name, colour in named.items()}}


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return f"#{bytes(round(share * a + (1 - share) * b) for a, b in pairs).hex()}"
