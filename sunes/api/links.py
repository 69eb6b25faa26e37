"""Where a page sends those who want its figures for a program."""

from collections.abc import Mapping
from urllib.parse import urlencode

from sunes import french, geography
from sunes.access.people import NOTHING, Person, Role
from sunes.access.rules import Detail, rules
from sunes.api.openapi import PREFIX
from sunes.view import View


def links(view: View, person: Person) -> Mapping[str, str]:
    """What somebody may read for a View: a French label → its address, relative to the pages."""
    asked = view.to_params()
    figures, places = _query(asked | {"by": "region,volet"}), _query(asked)
    addresses: dict[str, str] = {}
    if _are_open(person):
        addresses |= {
            "Indicateurs par région et volet (JSON)": f"metrics.json{figures}",
            "Indicateurs par région et volet (CSV)": f"metrics.csv{figures}",
        }
        if rules().sight(person) != NOTHING:
            addresses |= {
                "Établissements (JSON)": f"establishments.json{places}",
                "Établissements (CSV)": f"establishments.csv{places}",
                "Établissements (GeoJSON)": f"establishments.geojson{places}",
            }
        addresses |= {"Situations (JSON)": "snapshots.json"}
    addresses |= {"Description de l’API (OpenAPI 3.1)": "openapi.json"}
    return {label: f"{PREFIX.lstrip('/')}/{address}" for label, address in addresses.items()}


def reserved_said(person: Person) -> str:
    """What somebody is not given there, or only in part, and who is, as one sentence; "" where they are given all."""
    return french.typographic(_reserved_said(person))


def _reserved_said(person: Person) -> str:
    if not _are_open(person):
        return "Ces données sont réservées aux personnes connectées et aux programmes qui ont une clé."
    sight = rules().sight(person)
    if sight.regions is None:
        return ""
    if sight.regions:
        own = "votre région" if len(sight.regions) == 1 else "vos régions"
        names = french.join(sorted((geography.region(code).name for code in sight.regions), key=french.sort_key))
        return f"Les établissements y sont ceux de {own} ({names})."
    if person.role is not Role.VISITOR:
        return "Le détail des établissements est réservé à leur région ; aucune ne vous est attribuée."
    whose = ", chacun pour ceux de sa région" if rules().establishments is Detail.OWN_REGION else ""
    return (
        f"Le détail des établissements est réservé aux personnes connectées et aux programmes qui ont une clé{whose}."
    )


def _are_open(person: Person) -> bool:
    return rules().public_data or person.role is not Role.VISITOR


def _query(params: Mapping[str, str]) -> str:
    return f"?{urlencode(params, safe=',~')}" if params else ""
