"""What the colours, marks and sizes of a map mean: the same marks as on the map, with how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from sunes import french
from sunes.figures.palette import MapPalette
from sunes.insights.headlines import NOT_EVALUATED
from sunes.maps import marks, places
from sunes.maps.deck import Layers
from sunes.metrics import not_evaluated_yet
from sunes.programme import Programme
from sunes.roster import STATE_LABELS, Line, State

# Activities whose circles are shown, as a scale of sizes.
_ACTIVITIES = (7_000, 50_000, 150_000)

_STYLE = """<style>
.map-legend { display: flex; flex-wrap: wrap; gap: 1rem 2rem; font-size: 0.9rem; line-height: 1.3; }
.map-legend p { margin: 0 0 0.35rem; font-weight: 600; }
.map-legend p span { font-weight: 400; }
.map-legend ul { list-style: none; margin: 0; padding: 0; }
.map-legend li { display: flex; align-items: center; gap: 0.5rem; margin: 0; min-height: 1.55rem; }
.map-legend li > span:last-child { margin-left: auto; font-variant-numeric: tabular-nums; }
.map-legend div > ul { min-width: 12.5rem; }
.map-legend i { flex: none; width: 1.75rem; height: 1.55rem; }
.map-legend .target { min-height: 0; border-top: 2px solid; font-size: 0.85rem; font-weight: 600; }
.map-legend .size { border: 1.5px solid; border-radius: 50%; }
</style>"""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a legend explains: a class of the scale, a state or a size; the target, if it is none of these.

    Attributes
    ----------
    colour, known
        Of a class, as `#rrggbb`; whether the départements in it have a value.
    diameter
        Of the circle of a size, in pixels.
    count
        How many establishments are in a state.
    """

    label: str
    colour: str = ""
    known: bool = True
    state: State | None = None
    diameter: int = 0
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that are read from a map, and `what` exactly is shown of it."""

    title: str
    what: str
    items: tuple[Item, ...]


def parts(layers: Layers, lines: Sequence[Line], programme: Programme) -> tuple[Part, ...]:
    """What the legend of a map of these establishments explains, from top to bottom."""
    if layers.withheld and not layers.places and not lines:
        return (_classes(layers),)  # counts of none would look like counts of all
    return _classes(layers), _states(lines, layers, programme), _sizes(layers.shrinkage)


def legend(layers: Layers, lines: Sequence[Line], programme: Programme) -> str:
    """The legend of a map of these establishments, as HTML. Every text in it is the product's own."""
    shown = "".join(_part(part, layers.palette) for part in parts(layers, lines, programme))
    return f'{_STYLE}<div class="map-legend">{shown}</div>'


def _classes(layers: Layers) -> Part:
    rate, scale = layers.rate, layers.scale
    items = []
    for rank, (colour, label) in enumerate(zip(scale.colours, scale.labels, strict=True)):
        if scale.targets and scale.edges[rank - 1 : rank] == (0.0,):
            shares = french.join([french.percent(share, None) for share in scale.targets])
            items.append(Item(f"cible {shares}"))
        items.append(Item(label, colour))
    items.reverse()  # the highest on top
    unknown = [row for row in layers.answer.rows if scale.place(row) is None]
    if unknown:
        reasons = {NOT_EVALUATED if rate.volet and not_evaluated_yet(row) else rate.nothing for row in unknown}
        items.append(Item(" ou ".join(sorted(reasons)), scale.unknown, known=False))
    unit = "écart à la cible, en points" if scale.targets else "part des établissements éligibles"
    unit = unit if scale.targets or not rate.volet else "part des établissements retenus"
    return Part(french.typographic(f"Départements : {rate.label.lower()}"), unit, tuple(items))


def _states(lines: Sequence[Line], layers: Layers, programme: Programme) -> Part:
    volet = layers.volet
    found = [places.state(line, volet) for line in lines]
    which = f"volet {programme.volet(volet).number}" if volet else "volet le plus avancé"
    items = (Item(STATE_LABELS[state], state=state, count=found.count(state)) for state in State)
    return Part("Établissements visibles" if layers.withheld else "Établissements", which, tuple(items))


def _sizes(shrinkage: float) -> Part:
    return Part(
        "Taille",
        "activité combinée",
        tuple(
            Item(f"{french.number(activity)}{more}", diameter=round(places.diameter(activity) * shrinkage))
            for activity, more in zip(_ACTIVITIES, (" ou moins, ou non connue", "", ""), strict=True)
        ),
    )


def _part(part: Part, palette: MapPalette) -> str:
    items = "".join(_item(item, palette) for item in part.items)
    return f"<div><p>{escape(part.title)}<br><span>{escape(part.what)}</span></p><ul>{items}</ul></div>"


def _item(item: Item, palette: MapPalette) -> str:
    label = escape(item.label)
    if item.colour:
        border = "" if item.known else ";border:1px dashed"
        return f'<li><i style="background:{item.colour}{border}"></i>{label}</li>'
    if item.state:
        mark = f'<img src="{marks.picture(item.state, palette)}" width="20" height="20" alt="">'
        return f"<li>{mark}{label}<span>{french.number(item.count)}</span></li>"
    if item.diameter:
        return f'<li><i class="size" style="width:{item.diameter}px;height:{item.diameter}px"></i>{label}</li>'
    return f'<li class="target">{label}</li>'
