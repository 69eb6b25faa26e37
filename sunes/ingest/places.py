"""Where an establishment is: what its commune tells of its département, its region and its position."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sunes import geography
from sunes.french import number, quote

# Called with a column of the contract and a French sentence.
Complain = Callable[[str, str], None]

# What `complete` judges by itself, better than a pattern could.
JUDGED = frozenset({"commune_code", "department_code", "region_code"})

# A point further than this from the box round its commune is wrong: large sites reach over a border, not over a canton.
FAR_KM = 20

find_commune = lru_cache(maxsize=65_536)(geography.commune)


def complete(row: dict[str, Any], complain: Complain, mend: Complain) -> bool:
    """Fill in what the commune and the département imply in a row of `establishments`, and check that they agree.

    A cell that is None was not given. Without coordinates, or with those of a point more than `FAR_KM` from the
    commune, the position is its town hall, unless the row says that it has none.

    Parameters
    ----------
    complain, mend
        Called with a column and a sentence: what is wrong, and what was put right.

    Returns
    -------
    Whether the row goes by today's communes. One whose commune is not among them can do without where it gives its own
    coordinates (False) or says that it has none: communes merge, and registers keep the codes of the time.
    """
    code = row["commune_code"]
    commune = find_commune(code) if code else None
    implied = geography.department_code(code) if code else None
    located = row["location_source"] == "none" or None not in (row["latitude"], row["longitude"])
    if code and implied is None:
        complain("commune_code", "un code INSEE de commune compte 5 caractères, par exemple 31555.")
    elif code and not commune and not located and implied in geography.departments():
        complain(
            "commune_code",
            "cette commune n’existe pas aujourd’hui ; corrigez son code INSEE, ou donnez latitude et longitude.",
        )
    _territory(row, implied, complain)
    _position(row, commune, complain, mend)
    if commune:
        row["commune_name"] = row["commune_name"] or commune.name
    return not code or commune is not None or row["location_source"] == "none"


def _territory(row: dict[str, Any], implied: str | None, complain: Complain) -> None:
    """Département and region: given or implied, existing, and each within the other."""
    given, region = row["department_code"], row["region_code"]
    code = given or implied
    department = geography.departments().get(code) if code else None
    if department is None and code:
        complain("department_code" if given else "commune_code", f"le département {code} n’existe pas.")
    elif department is None and not row["commune_code"]:
        complain("department_code", "le département manque ; indiquez-le, ou le code INSEE de la commune.")
    elif implied and code != implied:
        complain("department_code", f"la commune est dans le département {implied} ; corrigez l’un des deux codes.")
    if region and region not in geography.regions():
        complain("region_code", "cette région n’existe pas ; donnez un code INSEE, par exemple 76 (Occitanie).")
    elif region and department and region != department.region_code:
        complain(
            "region_code",
            f"le département {code} est dans la région {department.region_code} ; corrigez l’un des deux codes.",
        )
    row["department_code"] = code
    row["region_code"] = region or (department and department.region_code)


def _position(row: dict[str, Any], commune: geography.Commune | None, complain: Complain, mend: Complain) -> None:
    latitude, longitude = row["latitude"], row["longitude"]
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        complain(missing, "latitude et longitude vont ensemble ; complétez l’une ou videz l’autre.")
    elif latitude is not None:
        row["location_source"] = row["location_source"] or "register"
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            return  # no point of the Earth: the contract's limits tell it
        if commune and (distance := commune.distance_km(latitude, longitude)) > FAR_KM:
            where = f"{number(distance, 0)} km de sa commune, {quote(commune.name)}"
            mend("latitude", f"ce point est à {where} : l’établissement est placé à la mairie.")
            _at_town_hall(row, commune)
    elif commune and row["location_source"] != "none":
        _at_town_hall(row, commune)


def _at_town_hall(row: dict[str, Any], commune: geography.Commune) -> None:
    row.update(latitude=commune.latitude, longitude=commune.longitude, location_source="commune")
