"""The description of the HTTP routes by OpenAPI 3.1, made from what the code itself goes by."""

from collections.abc import Mapping, Sequence
from typing import Any

from sunes import geography
from sunes.api import examples
from sunes.api.replies import MEDIA_TYPES, TITLES
from sunes.api.schemas import Schema, schemas
from sunes.french import typographic
from sunes.metrics import KEYS
from sunes.programme import Programme
from sunes.schema import FINESS, LEGAL_STATUSES
from sunes.tables import KEY_LABELS
from sunes.view import PARAMETERS

PREFIX = "/data/v1"
METRICS_PARAMETERS = (*PARAMETERS, "by", "since", "until")
ESTABLISHMENTS_PARAMETERS = (*PARAMETERS, "limit", "offset")
PAGE, LARGEST_PAGE, FURTHEST = 1000, 5000, 999_999_999

_ABOUT = """\
Les chiffres du programme SUN-ES tels que les pages les montrent et que la ligne de commande les écrit.

- Une question sans situation porte sur la plus récente ; « snapshot=2024-06-30~1 » fixe une révision, qui ne change \
plus.
- Une valeur inconnue est refusée (400) : aucune réponse n’est celle d’une autre question.
- « null » (vide en CSV) : non connu, ce qui n’est pas zéro. Les taux sont des parts (0,5 pour 50 %).
- Les effectifs de plusieurs fenêtres, volets ou situations ne s’additionnent pas : un établissement peut y revenir.
- CSV : UTF-8, virgules, point décimal, « true » et « false », listes jointes par « | ». Un nom qu’un tableur \
prendrait pour une formule y est précédé d’une apostrophe ; le JSON le donne tel quel.\
"""
_KEY = "Clé remise par qui administre le site ; nécessaire là où les réponses ne sont pas publiques."
_HEADERS: Mapping[str, tuple[Schema, str]] = {
    "ETag": ({"type": "string"}, "Validateur, à renvoyer dans If-None-Match."),
    "Cache-Control": ({"type": "string"}, "Une heure pour une révision fixée, « no-cache » sinon."),
    "Sunes-Snapshot": ({"type": "string"}, "Situation, ou situations séparées par des virgules."),
    "Sunes-Revision": ({"type": "string"}, "Révision de chacune de ces situations."),
    "Sunes-Simulated": ({"type": "string"}, "« true » ou « false » pour chacune de ces situations."),
    "Sunes-Left-Out": ({"type": "string"}, "Révisions en vigueur mais illisibles, qu’un historique laisse de côté."),
    "X-Total-Count": ({"type": "integer"}, "Nombre total d’éléments, toutes pages réunies."),
    "Sunes-Withheld": ({"type": "integer"}, "Établissements demandés dont vous ne pouvez pas voir le détail."),
    "Link": ({"type": "string"}, 'Adresses relatives des pages voisines : rel="next" et rel="prev".'),
    "Content-Disposition": ({"type": "string"}, "Nom de fichier proposé (CSV)."),
}
_COMMON = ("ETag", "Cache-Control")
_OF_SNAPSHOTS = (*_COMMON, "Sunes-Snapshot", "Sunes-Revision", "Sunes-Simulated")


def document(programme: Programme) -> dict[str, Any]:
    """The whole document, as JSON types; prose in French."""
    content: dict[str, Any] = _spoken(
        {
            "openapi": "3.1.0",
            "info": {"title": "sunes – données ouvertes", "version": "1", "description": _ABOUT},
            "tags": [{"name": "données"}, {"name": "description"}],
            "security": [{}, {"key": []}],
            "paths": _paths(),
            "components": {
                "parameters": _parameters(programme),
                "headers": {name: {"schema": schema, "description": said} for name, (schema, said) in _HEADERS.items()},
                "schemas": schemas(programme),
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": _KEY}},
                "responses": _errors(),
            },
        }
    )
    return content


def _paths() -> Schema:
    listed = _listed("Metrics", examples.METRICS_RECORD)
    people = _listed("Establishment", examples.ESTABLISHMENT)
    rates, lines = (
        _content("csv", {"type": "string"}, example=examples.as_csv(record))
        for record in (examples.METRICS_RECORD, examples.ESTABLISHMENT)
    )
    paged, history = (*_OF_SNAPSHOTS, "X-Total-Count", "Sunes-Withheld", "Link"), (*_OF_SNAPSHOTS, "Sunes-Left-Out")
    computed = "Participation et atteinte des cibles, au total ou par groupe"
    states = "Les établissements et leur état dans chaque volet"
    return {
        f"{PREFIX}/metrics.json": _path("metricsJson", computed, METRICS_PARAMETERS, listed, history),
        f"{PREFIX}/metrics.csv": _path(
            "metricsCsv", f"{computed} (CSV)", METRICS_PARAMETERS, rates, (*history, "Content-Disposition")
        ),
        f"{PREFIX}/establishments.json": _path("establishmentsJson", states, ESTABLISHMENTS_PARAMETERS, people, paged),
        f"{PREFIX}/establishments.csv": _path(
            "establishmentsCsv", f"{states} (CSV)", ESTABLISHMENTS_PARAMETERS, lines, (*paged, "Content-Disposition")
        ),
        f"{PREFIX}/establishments.geojson": _path(
            "establishmentsGeojson",
            f"{states}, pour une carte (ceux dont la position est connue)",
            ESTABLISHMENTS_PARAMETERS,
            _content("geojson", _ref("schemas", "Establishments"), example=examples.FEATURES),
            paged,
        ),
        f"{PREFIX}/snapshots.json": _path(
            "snapshots",
            "Toutes les situations et leurs révisions",
            (),
            _listed("Snapshot", examples.SNAPSHOT),
            (*_COMMON, "Sunes-Left-Out"),
        ),
        f"{PREFIX}/openapi.json": _path(
            "openapi", "Ce document", (), _content("json", {"type": "object"}), _COMMON, tag="description"
        ),
    }


def _path(
    operation: str,
    summary: str,
    parameters: Sequence[str],
    content: Schema,
    headers: Sequence[str],
    tag: str = "données",
) -> Schema:
    errors = {"400": "Impossible", "500": "Failed"}
    if parameters:
        errors |= {"404": "Unknown", "414": "TooLong"}
    if tag == "données":
        errors |= {"401": "Unidentified", "403": "Forbidden", "503": "Damaged"}
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": [tag],
            "parameters": [_ref("parameters", name) for name in parameters],
            "responses": {
                "200": {
                    "description": summary,
                    "headers": {name: _ref("headers", name) for name in headers},
                    "content": content,
                },
                "304": {"description": "La réponse est celle que l’ETag envoyé désigne."},
                **{status: _ref("responses", name) for status, name in sorted(errors.items())},
            },
        }
    }


def _parameters(programme: Programme) -> Schema:
    territories = {"region": geography.regions(), "department": geography.departments()}
    schemas: dict[str, tuple[Schema, str, object]] = {
        "snapshot": (
            {"type": "string", "pattern": r"^(latest|\d{4}-\d{2}-\d{2}(~[1-9]\d*)?)$", "default": "latest"},
            "« latest », une date (« 2024-06-30 », sa dernière révision) ou une révision (« 2024-06-30~1 »).",
            "2024-06-30",
        ),
        **{
            name: (_many({"type": "string", "enum": list(found)}), f"Codes INSEE ({KEY_LABELS[name].lower()}).", [code])
            for (name, found), code in zip(territories.items(), ("76", "31"), strict=True)
        },
        "volet": (
            {"type": "string", "enum": list(programme.volet_ids)},
            "Un volet ; sans lui, les deux. L’atteinte des cibles demande un volet, ou « by=volet ».",
            programme.volet_ids[0],
        ),
        "window": (_many({"type": "integer", "enum": list(programme.window_numbers)}), "Fenêtres.", [1, 2]),
        "status": (_many({"type": "string", "enum": list(LEGAL_STATUSES)}), "Statuts juridiques.", ["public"]),
        "finess": (_many({"type": "string", "pattern": FINESS}), "Numéros FINESS d’établissements.", ["990000200"]),
        "by": (
            _many({"type": "string", "enum": list(KEYS)}),
            "Une ligne par groupe. Avec « snapshot », une ligne par situation ; le paramètre « snapshot » est alors "
            "remplacé par « since » et « until ».",
            ["region", "volet"],
        ),
        "since": ({"type": "string", "format": "date"}, "Avec « by=snapshot » : premier jour.", "2024-01-31"),
        "until": ({"type": "string", "format": "date"}, "Avec « by=snapshot » : dernier jour.", "2024-06-30"),
        "limit": (
            {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE},
            "Nombre d’établissements par page.",
            100,
        ),
        "offset": (
            {"type": "integer", "minimum": 0, "maximum": FURTHEST, "default": 0},
            "Nombre d’établissements à passer ; l’en-tête Link donne la page suivante.",
            0,
        ),
    }
    return {
        name: {
            "name": name,
            "in": "query",
            "description": said,
            "schema": schema,
            "example": example,
            **({"style": "form", "explode": False} if schema["type"] == "array" else {}),
        }
        for name, (schema, said, example) in schemas.items()
    }


def _errors() -> Schema:
    causes = {
        "Impossible": (
            400,
            "Paramètre ou valeur inconnus, ou qui ne vont pas ensemble.",
            "Région : « 99 » n’existe pas.",
        ),
        "Unidentified": (
            401,
            "Réponse réservée, sans clé ni connexion, ou clé inconnue.",
            "Le détail des établissements est réservé.",
        ),
        "Forbidden": (
            403,
            "Réponse réservée à d’autres.",
            "Numéro FINESS 990000200 : aucun établissement dont vous puissiez voir le détail.",
        ),
        "Unknown": (404, "Aucune situation ne correspond.", "Il n’y a pas de situation « 1999-01-01 »."),
        "TooLong": (414, "Adresse trop longue.", "L’adresse est trop longue."),
        "Failed": (500, "Erreur imprévue.", "Une erreur inattendue s’est produite."),
        "Damaged": (503, "Données absentes ou endommagées.", "Les données demandées sont absentes ou endommagées."),
    }
    return {
        name: {
            "description": said,
            "content": _content(
                "problem",
                _ref("schemas", "Problem"),
                example={
                    "type": "about:blank",
                    "title": TITLES[status],
                    "status": status,
                    "detail": typographic(detail),
                },
            ),
        }
        for name, (status, said, detail) in causes.items()
    }


def _many(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1}


def _listed(name: str, example: Schema) -> Schema:
    return _content("json", {"type": "array", "items": _ref("schemas", name)}, example=[example])


def _content(kind: str, schema: Schema, **more: Any) -> Schema:
    return {MEDIA_TYPES[kind].partition(";")[0]: {"schema": schema, **more}}


def _ref(room: str, name: str) -> Schema:
    return {"$ref": f"#/components/{room}/{name}"}


def _spoken(node: Any) -> Any:
    """The same with the typography of its prose put in."""
    if isinstance(node, Mapping):
        prose = ("description", "summary")
        return {
            key: typographic(value) if key in prose and isinstance(value, str) else _spoken(value)
            for key, value in node.items()
        }
    return [_spoken(item) for item in node] if isinstance(node, list) else node
