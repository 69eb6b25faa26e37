"""What people in front of a dashboard do next: mostly what others did before them, sometimes what nobody did yet.

They use widgets by their labels, so that the same people can be sent to any application that shows the same views.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Protocol

from benchmarks.streamlit_client import OPEN, Rerun, Widget

# A page of sunes by its name in the house, and its path in the address.
PAGES = {
    "overview": "",
    "regions": "regions",
    "windows": "fenetres",
    "map": "carte",
    "establishments": "etablissements",
    "presentation": "presentation",
    "sources": "donnees",
}

# The widgets of the ordinary questions, and which of their options: 3 snapshots × 3 choices of regions × the volets
# × 2 choices of windows make the views that many people ask for.
_ORDINARY = {"Situation au": 3, "Régions": 2, "Volet": 3, "Fenêtres": 1}
# Those of rarer ones: a few départements, an old snapshot, a legal status.
_RARE = ("Départements", "Départements", "Situation au", "Statut juridique")
# Those that only one page has.
OWN = ("Comparer", "Taux étudié", "Couleur des départements", "Depuis la situation au")
# The part of the page that holds widgets which are not on the screen: who needs one of them opens it first.
MORE = "Filtres"
_PAGE = 0.25  # share of steps that lead to another page, where there is a choice
_HERE = 0.15  # share of steps that change what only this page has
_FIRST = 3  # of its options: those that many people take


class Site(Protocol):
    """What a person needs of a page, whatever serves it: see `streamlit_client.Viewer`."""

    page: str
    query: str

    @property
    def connected(self) -> bool: ...
    @property
    def widgets(self) -> Mapping[str, Widget]: ...
    async def open(self, page: str = "", query: str = "") -> Rerun: ...
    async def follow(self, page: str, query: str | None = None) -> Rerun: ...
    async def go_back(self, query: str) -> Rerun: ...
    async def choose(self, label: str, options: Sequence[str]) -> Rerun: ...


@dataclass
class Person:
    """Somebody with a habit of asking; the same seed asks the same questions of the same answers."""

    viewer: Site
    random: Random
    pages: tuple[str, ...]
    rare: float = 0.1  # share of steps that lead to a rare question
    _meant: str = ""  # the widget for which the filters were opened
    _before: str | None = None  # the address before a rare question, to go back to
    _undo: tuple[str, tuple[str, ...]] | None = None  # and what the widget said then

    async def arrive(self) -> Rerun:
        return await self.viewer.open(self.random.choice(self.pages))

    async def tour(self) -> AsyncIterator[Rerun]:
        """Ask every ordinary question of the page once: from then on, they are what others have asked before."""
        yield await self.arrive()
        viewer = self.viewer
        if MORE in viewer.widgets:
            yield await self._open("")
        ways = {label: self._ways(label) for label in _ORDINARY if label in viewer.widgets}
        for question in product(*ways.values()):
            for label, way in zip(ways, question, strict=True):
                if viewer.widgets[label].chosen != way:
                    yield await viewer.choose(label, way)

    async def act(self) -> Rerun:
        """Do one thing that makes the server run the page once."""
        random, viewer = self.random, self.viewer
        if self._undo is not None:
            return await self._go_back()
        if len(self.pages) > 1 and random.random() < _PAGE:
            others = [page for page in self.pages if page != viewer.page]
            return await viewer.follow(random.choice(others))
        if self._meant in _RARE and self._meant in viewer.widgets:
            return await self._ask_rarely(self._meant)
        if random.random() < self.rare:
            label = random.choice(_RARE)
            if label in viewer.widgets:
                return await self._ask_rarely(label)
            if MORE in viewer.widgets:
                return await self._open(label)
        if random.random() < _HERE and (own := [label for label in OWN if label in viewer.widgets]):
            label = random.choice(own)
            return await viewer.choose(label, [random.choice(viewer.widgets[label].options[:_FIRST])])
        known = [label for label in _ORDINARY if label in viewer.widgets or MORE in viewer.widgets]
        if not known:  # a page without filters
            return await viewer.open(viewer.page, viewer.query)
        label = self._meant if self._meant in viewer.widgets else random.choice(known)
        if label not in viewer.widgets:
            return await self._open(label)
        self._meant = ""
        ways, chosen = self._ways(label), viewer.widgets[label].chosen
        return await viewer.choose(label, random.choice([way for way in ways if way != chosen] or ways))

    def _ways(self, label: str) -> list[tuple[str, ...]]:
        """What an ordinary question may say in a widget."""
        widget = self.viewer.widgets[label]
        ways: list[tuple[str, ...]] = [(option,) for option in widget.options[: _ORDINARY[label]]]
        return ways + ([()] if widget.kind == "multiselect" else [])

    async def _open(self, label: str) -> Rerun:
        """Open the filters for the sake of one of them; where it is not among them, that was all."""
        is_open = bool(self.viewer.widgets[MORE].chosen)
        self._meant = "" if is_open else label
        return await self.viewer.choose(MORE, () if is_open else OPEN)

    async def _ask_rarely(self, label: str) -> Rerun:
        self._meant = ""
        widget = self.viewer.widgets[label]
        several = widget.kind == "multiselect"
        count = self.random.randint(1, min(3, len(widget.options))) if several else 1
        self._before, self._undo = self.viewer.query, (label, widget.chosen)
        return await self.viewer.choose(label, self.random.sample(widget.options, count))

    async def _go_back(self) -> Rerun:
        before, undo = self._before, self._undo
        assert undo is not None
        self._before = self._undo = None
        if before is not None and before != self.viewer.query:
            return await self.viewer.go_back(before)
        return await self.viewer.choose(*undo)  # an application whose address says nothing
