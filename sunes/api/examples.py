"""One answer of each kind, for those who read the description of the HTTP routes."""

from typing import Any

from sunes.export.plain import to_csv
from sunes.metrics import METRICS
from sunes.records import ORIGIN

_ORIGIN: dict[str, Any] = dict(zip(ORIGIN, ("2024-06-30", 1, True), strict=True))

METRICS_RECORD: dict[str, Any] = {
    **_ORIGIN,
    "region": "76",
    **dict.fromkeys(METRICS),
    **{"eligible": 294, "applications": 331, "applicants": 235, "accepted": 226, "rejected_applications": 29},
    **{"accepted_applications": 309, "participation_rate": 235 / 294, "acceptance_rate": 309 / 338},
}
ESTABLISHMENT: dict[str, Any] = {
    **_ORIGIN,
    "finess": "990000200",
    "name": "Centre de dialyse fictif de la Comète Souriante",
    "level": "ET",
    "finess_ej": "998000200",
    "region_code": "76",
    "department_code": "34",
    "commune_code": "34172",
    "commune_name": "Montpellier",
    "legal_status": "private",
    "activities": ["dialysis"],
    "combined_activity": 6007.0,
    "latitude": 43.59945,
    "longitude": 3.89609,
    "location_source": "commune",
    "eligible": True,
    "state_dmp": "attained",
    "state_mss": "applicant",
    "attained_indicators": 2,
    "required_indicators": 2,
}
FEATURES: dict[str, Any] = {
    "type": "FeatureCollection",
    **_ORIGIN,
    "total": 1,
    "withheld": 0,
    "without_position": 0,
    "features": [
        {
            "type": "Feature",
            "id": ESTABLISHMENT["finess"],
            "geometry": {
                "type": "Point",
                "coordinates": [ESTABLISHMENT["longitude"], ESTABLISHMENT["latitude"]],
            },
            "properties": {
                name: value for name, value in ESTABLISHMENT.items() if name not in ("longitude", "latitude")
            },
        }
    ],
}
SNAPSHOT: dict[str, Any] = {
    "snapshot": "2024-06-30",
    "revision": 1,
    "state": "current",
    "simulated": True,
    "published_at": "2024-07-06T09:00:00+00:00",
    "published_by": "sunes",
    "establishments": 737,
    "applications": 1099,
    "usages": 2481,
    "withdrawal_reason": None,
}


def as_csv(record: dict[str, Any]) -> str:
    """A record under its header."""
    return to_csv(list(record), [record])
