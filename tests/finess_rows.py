"""FINESS files in small: ten places whose coordinates are known, in both formats, with fictitious establishments."""

import json
from dataclasses import dataclass
from typing import Any

from sunes.ingest.files import InputFile

L93 = "1,ATLASANTE,96,BAN,EPSG:2154 RGF93 / Lambert-93 (Métropole)"


@dataclass(frozen=True)
class Place:
    """A place in metres, as FINESS gives it, and in degrees, as another source or formula does.

    `department` and `commune` are FINESS's; `insee` is the commune's code.
    """

    department: str
    commune: str
    insee: str
    x: str
    y: str
    source: str
    latitude: float
    longitude: float


# The first one is the check value of the format. 46.5° N, 3° E is where Lambert-93 has its origin; the other mainland
# points were computed by IGN's published formula, those of the Ain come from the national address base.
PLACES = (
    Place("01", "451", "01451", "870262.2", "6571540.8", L93, 46.22229, 5.20918),
    Place("01", "053", "01053", "873766.07", "6570414.61", "1,ATLASANTE,97,BAN,LAMBERT_93", 46.211257, 5.254203),
    Place("01", "143", "01143", "941342.52", "6589480.53", "1,ATLASANTE,96,BAN,L93_METROPOLE", 46.362063, 6.139885),
    Place("03", "238", "03238", "700000", "6600000", L93, 46.5, 3.0),
    Place("31", "555", "31555", "574341.2", "6279621.1", L93, 43.6045, 1.444),
    Place("75", "113", "75113", "653406.6", "6860003.8", L93, 48.8384, 2.3652),
    Place("2A", "004", "2A004", "1176611.3", "6108358.5", L93, 41.92, 8.738),
    Place(
        *("9A", "101", "97101", "657242.9", "1795384.4", "2,ATLASANTE,96,BAN,EPSG:5490 RGAF09/UTM Zone 20N (Antilles)"),
        *(16.234, -61.52874),
    ),
    Place("9C", "302", "97302", "353672.8", "544349.1", "1,ATLASANTE,100,IGN,UTM_N22", 4.92347, -52.31973),
    Place("9F", "611", "97611", "524819.9", "8587194.7", "EPSG:4471 RGM04/UTM zone 38S (Mayotte)", -12.77989, 45.22868),
)


def structure(finess: str = "990000014", **cells: str) -> str:
    """One `structureet` line: a public hospital of Viriat unless `cells` say otherwise."""
    values = {
        "section": "structureet",
        "nofinesset": finess,
        "nofinessej": "990000001",
        "rs": "HOPITAL FICTIF",
        "rslongue": "HOPITAL FICTIF DES ESSAIS",
        "complrs": "",
        "compldistrib": "",
        "numvoie": "12",
        "typvoie": "R",
        "voie": "DES ESSAIS",
        "compvoie": "",
        "lieuditbp": "",
        "commune": "451",
        "departement": "01",
        "libdepartement": "AIN",
        "ligneacheminement": "01440 VIRIAT",
        "telephone": "0199001234",
        "telecopie": "0199005678",
        "categetab": "355",
        "libcategetab": "Centre Hospitalier (C.H.)",
        "categagretab": "1102",
        "libcategagretab": "Centres Hospitaliers",
        "siret": "00000000000000",
        "codeape": "8610Z",
        "codemft": "03",
        "libmft": "Mode fictif",
        "codesph": "1",
        "libsph": "Participation fictive",
        "dateouv": "1979-02-13",
        "dateautor": "1979-02-13",
        "datemaj": "2020-02-04",
        "numuai": "",
    }
    return ";".join((values | cells).values())


def place(finess: str = "990000014", x: str = "870262.2", y: str = "6571540.8", source: str = L93) -> str:
    """One `geolocalisation` line."""
    return f"geolocalisation;{finess};{x};{y};{source};2026-05-04"


def stock(*lines: str, encoding: str = "utf-8", end: str = "\n") -> InputFile:
    """An extraction of the format until 2026."""
    text = end.join(("finess;etalab;98;2026-05-12", *lines, ""))
    return InputFile("etalab-cs1100507-stock.csv", text.encode(encoding))


def address(insee: str = "01451", usage: str = "03", **coordinates: str) -> dict[str, Any]:
    """An address as the files write it; without coordinates unless some are given."""
    fields = {"usageAdresse": usage, "libelleVoie": "DES ESSAIS", "cogCommune": insee, "codePostal": "00000"}
    return fields | ({"coordonneesGeographique": coordinates} if coordinates else {})


def establishment(finess: str = "990000014", category: str = "355", **fields: Any) -> dict[str, Any]:
    """An `ege` as the files write it, active; `fields` go over it, those of `general` over its general part."""
    general = {"numFinessEge": finess, "nomEgeCourt": "HOPITAL FICTIF", "espic": ["1"], **fields.pop("general", {})}
    whole = {
        "informationsGeneralesEGE": general,
        "categorieentiteGeographiqueExercice": category,
        "modefixationtarifaire": "03",
        "adresse": [address(directionLongitude="5.20918", directionLatitude="46.22229")],
        "contact": [{"telecom": {"telephone": "0199001234", "courriel": "accueil@example.org"}}],
        "etatObjet": "A",
    }
    return whole | fields


def entity(*establishments: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A `pmej` as the files write it, active; `fields` go over it, those of `general` over its general part."""
    general = {"numFinessPm": "990000001", "denominationPm": "ENTITE FICTIVE", "statutJuridique": "13"}
    general |= fields.pop("general", {})
    whole = {"informationsGeneralesPMEJ": general, "adresse": [], "ege": [*establishments], "etatObjet": "A"}
    return whole | fields


def structures(*entities: dict[str, Any]) -> InputFile:
    """A file of the format since 2026."""
    content = {"schemaVersion": "v1.0.0", "generatedAt": "2026-09-11T02:06:22Z", "gcc": [], "gco": []}
    return InputFile("finess-structures.json", json.dumps(content | {"pmej": [*entities]}).encode())
