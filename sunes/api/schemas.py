"""What records look like, as JSON schemas: from the contract, the metrics and their definitions."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from sunes.api.replies import TITLES
from sunes.definitions import load_definitions
from sunes.metrics import METRICS
from sunes.programme import Programme
from sunes.records import SNAPSHOT_FIELDS, establishment_fields, metric_fields
from sunes.roster import STATE_LABELS, State
from sunes.schema import ESTABLISHMENTS, FINESS, LEGAL_STATUSES, TABLES, Column
from sunes.tables import KEY_LABELS
from sunes.view import View

Schema = dict[str, Any]

_ORIGIN: Mapping[str, Schema] = {
    "snapshot": {"type": "string", "format": "date", "description": "Jour que les données décrivent."},
    "revision": {"type": "integer", "minimum": 1, "description": "Révision de cette situation."},
    "simulated": {"type": "boolean", "description": "Si les données sont simulées."},
}
_STATES = {"current": "en vigueur", "replaced": "remplacée par une correction", "withdrawn": "retirée"}


def schemas(programme: Programme) -> Schema:
    """The schemas of every record and of errors, by name."""
    definitions = load_definitions()
    keys: dict[str, Schema] = {
        "region": {"type": "string"},
        "department": {"type": "string"},
        "legal_status": {"type": "string", "enum": list(LEGAL_STATUSES)},
        "window": {"type": "integer"},
        "volet": {"type": "string", "enum": list(programme.volet_ids)},
    }
    figures = {
        name: _nullable({"type": "integer" if pa.types.is_integer(kind) else "number"})
        | {"title": definitions[name].label, "description": definitions[name].definition}
        for name, kind in METRICS.items()
    }
    establishment = dict(_ORIGIN) | {column.name: _column(column) for column in ESTABLISHMENTS.columns}
    for volet in programme.volets:
        said = ", ".join(f"{state} : {STATE_LABELS[state]}" for state in State)
        establishment[f"state_{volet.id}"] = {
            "type": "string",
            "enum": [state.value for state in State],
            "description": f"État dans le volet {volet.number} ({said}) ; absent si un autre volet est demandé.",
        }
    for name, said in (("attained", "atteints"), ("required", "exigés")):
        establishment[f"{name}_indicators"] = _nullable({"type": "integer"}) | {
            "description": f"Indicateurs {said}, dans les volets où l’établissement est retenu ; sans eux, null."
        }
    of_view = establishment_fields(View(), programme)
    position = ("longitude", "latitude")
    properties = {name: schema for name, schema in establishment.items() if name not in position}
    return {
        "Metrics": _object(
            dict(_ORIGIN)
            | {
                key: schema | {"description": f"{KEY_LABELS[key]}, si « by » le demande."}
                for key, schema in keys.items()
            }
            | figures,
            required=metric_fields(()),
        ),
        "Establishment": _object(establishment, [name for name in of_view if not name.startswith("state_")]),
        "Establishments": _object(
            {
                "type": {"const": "FeatureCollection"},
                **_ORIGIN,
                "total": {"type": "integer", "description": "Établissements dont la position est connue."},
                "without_position": {"type": "integer", "description": "Établissements dont elle ne l’est pas."},
                "withheld": {
                    "type": "integer",
                    "description": "Établissements dont vous ne pouvez pas voir le détail.",
                },
                "features": {
                    "type": "array",
                    "items": _object(
                        {
                            "type": {"const": "Feature"},
                            "id": {"type": "string", "pattern": FINESS},
                            "geometry": _object(
                                {
                                    "type": {"const": "Point"},
                                    "coordinates": {
                                        "type": "array",
                                        "items": {"type": "number"},
                                        "minItems": 2,
                                        "maxItems": 2,
                                        "description": "Longitude, latitude, en degrés (WGS 84).",
                                    },
                                }
                            ),
                            "properties": _object(
                                properties, [n for n in of_view if n in properties and not n.startswith("state_")]
                            ),
                        }
                    ),
                },
            }
        ),
        "Snapshot": _object(
            {
                **_ORIGIN,
                "state": {
                    "type": "string",
                    "enum": list(_STATES),
                    "description": ", ".join(f"{state} : {said}" for state, said in _STATES.items()),
                },
                "published_at": _nullable({"type": "string", "format": "date-time"}),
                "published_by": _nullable({"type": "string"}),
                **{
                    name: _nullable({"type": "integer"}) | {"description": f"Lignes de la table : {table.label}."}
                    for name, table in TABLES.items()
                },
                "withdrawal_reason": _nullable({"type": "string"}),
            },
            SNAPSHOT_FIELDS,
        ),
        "Problem": _object(
            {
                "type": {"type": "string", "const": "about:blank"},
                "title": {"type": "string", "enum": list(TITLES.values())},
                "status": {"type": "integer", "enum": list(TITLES)},
                "detail": {"type": "string", "description": "Ce qui ne va pas, en une phrase."},
            }
        ),
    }


def _column(column: Column) -> Schema:
    kinds = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_floating, "number"),
        (pa.types.is_list, "array"),
        (pa.types.is_string, "string"),
    )
    schema: Schema = {"type": next(name for is_kind, name in kinds if is_kind(column.type))}
    if schema["type"] == "array":
        schema["items"] = {"type": "string"}
    stated = {
        "enum": list(column.choices),
        "pattern": column.pattern,
        "minimum": column.minimum,
        "maximum": column.maximum,
    }
    schema |= {name: value for name, value in stated.items() if value not in (None, [])}
    return (_nullable(schema) if column.nullable else schema) | {"description": f"{column.label.capitalize()}."}


def _object(properties: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(required or properties)}


def _nullable(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}
