"""Where a page sends those who want its figures for a program."""

from collections.abc import Mapping
from urllib.parse import urlencode

from sunes.api.openapi import PREFIX
from sunes.view import View


def links(view: View) -> Mapping[str, str]:
    """What there is to read for a View: a French label → its address, relative to the pages."""
    asked = view.to_params()
    figures, places = _query(asked | {"by": "region,volet"}), _query(asked)
    addresses = {
        "Indicateurs par région et volet (JSON)": f"metrics.json{figures}",
        "Indicateurs par région et volet (CSV)": f"metrics.csv{figures}",
        "Établissements (JSON)": f"establishments.json{places}",
        "Établissements (CSV)": f"establishments.csv{places}",
        "Établissements (GeoJSON)": f"establishments.geojson{places}",
        "Situations (JSON)": "snapshots.json",
        "Description de l’API (OpenAPI 3.1)": "openapi.json",
    }
    return {label: f"{PREFIX.lstrip('/')}/{address}" for label, address in addresses.items()}


def _query(params: Mapping[str, str]) -> str:
    return f"?{urlencode(params, safe=',~')}" if params else ""
