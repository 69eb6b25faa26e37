"""A small deck with one slide of each sort, made by hand, which needs no data; and small situations for larger ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sunes.deck.slide import Bars, Chart, Frame, Listing, Moment, Picture, Presentation, Series, Slide
from sunes.figures.palette import THEMES
from sunes.figures.sketch import Drawn, Sketch
from sunes.insights.key_figures import KeyFigure
from sunes.manifest import SnapshotId
from sunes.snapshots import Store
from sunes.view import View
from tests import rows

VIEW = View(snapshot="2024-06-30~1", regions=("76",))
# What people may have written into a name.
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    "=cmd|' /C calc'!A0",
    "A" * 200,
    "مستشفى الاختبار",
    "guillemet \" apostrophe ' & </caption> {{ 7 * 7 }} \u2028 \u2029",
)
MAP = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 450" font-size="16"><defs>'
    '<symbol id="carte-a" data-label="cible atteinte" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></symbol>'
    '<symbol id="carte-b" data-label="cible manquée" viewBox="0 0 9 9"><path d="M0 0h9v9H0Z"/></symbol></defs>'
    '<path data-department="31" d="M0 0H400V400H0Z" fill="#aabbcc"><title>Haute-Garonne : 79,9 %</title></path>'
    '<use data-finess="310000001" href="#carte-a" x="50" y="50" width="60" height="60">'
    "<title>Clinique fictive\ncible atteinte</title></use>"
    '<text x="500" y="40" data-count="attained">1</text></svg>'
)
LABELS = ("31 mars 2024", "30 avril 2024", "31 mai 2024")


def moment(day: int) -> datetime:
    """When what was published on a day of October was published."""
    return datetime(2024, 10, day, 8, 30, tzinfo=UTC)


def publish(register: Sequence[dict[str, Any]], store: Store, as_of: date, day: int, applicants: int = 1) -> SnapshotId:
    """A revision in which so many of a register apply, published on a day of October."""
    content = rows.tables(register, [rows.application(row["finess"], 1, "dmp") for row in register[:applicants]])
    typed = rows.arrow((as_of, 1, content))[2]
    return store.publish(as_of, typed, simulated=True, published_at=moment(day)).id


def figure(values: tuple[float, ...] = (0.4, 0.7), title: str = "") -> Drawn:
    """Two bars, with their values written beside them."""
    sketch = Sketch()
    sketch.add_bar(x=values, y=["Gers", "Tarn"], orientation="h", hovertemplate="%{y} : %{x:.1f}<extra></extra>")
    sketch.update_layout(
        height=200, margin={"l": 0, "r": 20, "t": 10, "b": 24}, showlegend=False, xaxis={"range": [0, 1]}
    )
    if title:
        sketch.update_layout(title={"text": title})
    return sketch.drawn()


def chart(name: str, frames: int = 0) -> Chart:
    """A chart that may go through some moments."""
    return Chart(
        name=name,
        title=f"Un constat sur {name}",
        figure=figure(),
        native=Bars(("Gers", "Tarn"), (Series("Participation", (0.4, 0.7), "#0a6c8c"),), "rate"),
        description="Gers 40 %, Tarn 70 %.",
        records=({"Territoire": "Gers", "Participation": "40,0 %"}, {"Territoire": "Tarn", "Participation": "70,0 %"}),
        frames=tuple(Frame(label, figure((0.1 * rank, 0.7))) for rank, label in enumerate(LABELS[:frames])),
    )


def picture() -> Picture:
    """A map with two moments."""
    moments = (
        Moment(
            LABELS[0], {"31": "#ff0000"}, {"310000001": "carte-b"}, {"31": "Haute-Garonne : 10 %"}, {"attained": "0"}
        ),
        Moment(
            LABELS[1], {"31": "#aabbcc"}, {"310000001": "carte-a"}, {"31": "Haute-Garonne : 79,9 %"}, {"attained": "1"}
        ),
    )
    records = ({"Département": "Haute-Garonne", "Participation": "79,9 %"},)
    return Picture("carte", "Une carte", MAP, "Haute-Garonne 79,9 %.", records, moments)


def listing(rows: int = 3) -> Listing:
    """Establishments, with the worst names first."""
    names = (*HOSTILE, *(f"Clinique fictive numéro {rank}" for rank in range(rows)))
    return Listing("liste", HOSTILE[1], tuple({"Établissement": name, "Lits": "1 234", "Ville": "–"} for name in names))


def small(theme: str = "light", **changes: object) -> Presentation:
    """Seven slides: title, figures with a chart, two charts, a chart that moves, a map, a list, text alone."""
    numbers = (
        KeyFigure(
            "Participation", "79,9 %", "235 sur 294 établissements éligibles", "+0,3 point", "depuis le 31 mai 2024", 1
        ),
        KeyFigure("Volet 1", "75,7 %", "165 sur 218 établissements retenus"),
    )
    slides = (
        Slide(
            "titre", "title", "SUN-ES", "Un petit deck", VIEW, paragraphs=("Occitanie",), notes="Saluer.\nDire la date."
        ),
        Slide(
            "region-76", "region", "Occitanie", "Un constat", VIEW, "", ("Une phrase.",), numbers, (chart("evolution"),)
        ),
        Slide("deux", "comparison", "Comparaison", "Deux vues", VIEW, "regions", visuals=(chart("a"), chart("b"))),
        Slide("temps", "progress", "Au fil du temps", "Le mouvement", VIEW, visuals=(chart("temps", frames=3),)),
        Slide(
            "carte-76", "map", "Occitanie", "La carte", VIEW, "carte", visuals=(picture(),), notes="Montrer le Gers."
        ),
        Slide("liste", "changes", HOSTILE[0], HOSTILE[3], VIEW, "", HOSTILE, visuals=(listing(30),), notes=HOSTILE[1]),
        Slide("fin", "sources", "Sources", "Merci", VIEW, "donnees", ("Rien à ajouter.",)),
    )
    deck = Presentation(
        title="Un petit deck",
        slides=slides,
        snapshot=SnapshotId(date(2024, 6, 30)),
        simulated=True,
        footer="Données simulées · Situation au 30 juin 2024 (révision 1) · Source : « Jeu simulé »",
        theme=THEMES[theme],
        view=VIEW,
        link={"deck": "petit", "snapshot": "2024-06-30~1"},
    )
    return replace(deck, **changes)  # type: ignore[arg-type]
