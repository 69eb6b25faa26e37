"""What the colours, marks and sizes of a map mean, as HTML: the same marks as on the map, with how many there are."""

from collections.abc import Iterable, Sequence
from html import escape

from sunes import french
from sunes.figures.palette import MapPalette
from sunes.maps import marks, places
from sunes.maps.deck import Layers
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


def legend(layers: Layers, lines: Sequence[Line], programme: Programme) -> str:
    """The legend of a map of these establishments, as HTML. Every text in it is the product's own."""
    states = _states(lines, layers.volet, programme, layers.palette)
    return f'{_STYLE}<div class="map-legend">{_classes(layers)}{states}{_sizes(layers.shrinkage)}</div>'


def _classes(layers: Layers) -> str:
    rate, scale = layers.rate, layers.scale
    items = []
    for rank, (colour, label) in enumerate(zip(scale.colours, scale.labels, strict=True)):
        if scale.targets and scale.edges[rank - 1 : rank] == (0.0,):
            shares = french.join([french.percent(share, None) for share in scale.targets])
            items.append(f'<li class="target">cible {shares}</li>')
        items.append(f'<li><i style="background:{colour}"></i>{label}</li>')
    items.reverse()  # the highest on top
    if any(scale.place(row) is None for row in layers.answer.rows):
        items.append(f'<li><i style="background:{scale.unknown};border:1px dashed"></i>{rate.nothing}</li>')
    unit = "écart à la cible, en points" if scale.targets else "part des établissements éligibles"
    unit = unit if scale.targets or not rate.volet else "part des établissements retenus"
    return _part(f"Départements : {rate.label.lower()}", unit, items)


def _states(lines: Sequence[Line], volet: str | None, programme: Programme, palette: MapPalette) -> str:
    found = [places.state(line, volet) for line in lines]
    items = [
        f'<li><img src="{marks.picture(state, palette)}" width="20" height="20" alt="">{STATE_LABELS[state]}'
        f"<span>{french.number(found.count(state))}</span></li>"
        for state in State
    ]
    which = f"volet {programme.volet(volet).number}" if volet else "volet le plus avancé"
    return _part("Établissements", which, items)


def _sizes(shrinkage: float) -> str:
    items = [
        f'<li><i class="size" style="width:{diameter}px;height:{diameter}px"></i>{french.number(activity)}{more}</li>'
        for activity, more in zip(_ACTIVITIES, (" ou moins, ou non connue", "", ""), strict=True)
        for diameter in (round(places.diameter(activity) * shrinkage),)
    ]
    return _part("Taille", "activité combinée", items)


def _part(title: str, what: str, items: Iterable[str]) -> str:
    head = french.typographic(f"<p>{escape(title)}<br><span>{escape(what)}</span></p>")
    return f"<div>{head}<ul>{''.join(items)}</ul></div>"
