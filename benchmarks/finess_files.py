"""Write FINESS files of full size in both formats, with invented establishments in real communes.

    python benchmarks/finess_files.py stock /tmp/stock.csv --establishments 100000
    python benchmarks/finess_files.py structures /tmp/structures.json.gz --megabytes 700

The same seed gives the same bytes. FINESS numbers begin with 99, a département that does not exist. The proportions
(categories, entities closed, addresses without coordinates, coordinates swapped or in metres) follow what is known of
the national files; a name ending in .gz is packed.
"""

import argparse
import gzip
import io
import json
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, TextIO

from pyproj import Transformer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sunes import geography
from sunes.ingest.readers.finess_codes import load_codes

MEGABYTE = 1_000_000
# One establishment in 25 is of a category that may be eligible: hospitals are few among pharmacies and homes.
ELIGIBLE = ("101", "106", "109", "122", "127", "128", "129", "131", "141", "146", "161", "292", "355", "362", "365")
OTHERS = ("124", "159", "182", "183", "189", "202", "207", "354", "402", "500", "611", "620")
SHARE_ELIGIBLE = 0.04
# How files name the projection of the mainland and of each overseas département.
NAMES = {
    2154: "EPSG:2154 RGF93 / Lambert-93 (Métropole)",
    5490: "EPSG:5490 RGAF09/UTM Zone 20N (Antilles)",
    2972: "EPSG:2972 RGFG95/UTM zone 22N (Guyane)",
    2975: "EPSG:2975 RGR92/UTM zone 40S (La Réunion)",
    4471: "EPSG:4471 RGM04/UTM zone 38S (Mayotte)",
}
# Legal form of the entity, part in the public service, pricing.
KINDS = (("13", "1", "03"), ("60", "6", "04"), ("63", "7", "07"), ("73", "0", "07"), ("95", "0", "07"))


@dataclass(frozen=True, slots=True)
class Site:
    """One invented establishment: where it is in degrees, and in metres of its legal projection."""

    finess: str
    owner: str
    name: str
    category: str
    kind: tuple[str, str, str]
    commune: geography.Commune
    latitude: float
    longitude: float
    x: float
    y: float
    projection: int


def sites(seed: int) -> Iterator[Site]:
    """Invented establishments without end, up to ten of them to an owner."""
    draw = random.Random(seed)
    communes = [geography.Commune(**row) for row in geography.communes().to_pylist()]
    weights = list(accumulate(commune.population or 500 for commune in communes))
    projections = {code: load_codes().projection(code).epsg for code in geography.departments()}
    to_metres: dict[int, Callable[[float, float], tuple[float, float]]] = {
        epsg: Transformer.from_crs(4326, epsg, always_xy=True).transform for epsg in {*projections.values()}
    }
    number = 0
    while True:
        owner, kind = f"99{9_000_000 + number:07}", draw.choice(KINDS)
        for commune in draw.choices(communes, cum_weights=weights, k=draw.randint(1, 10)):
            number += 1
            latitude = commune.latitude + draw.uniform(-0.01, 0.01)
            longitude = commune.longitude + draw.uniform(-0.01, 0.01)
            projection = projections[commune.department_code]
            x, y = to_metres[projection](longitude, latitude)
            category = draw.choice(ELIGIBLE if draw.random() < SHARE_ELIGIBLE else OTHERS)
            name = f"ETABLISSEMENT FICTIF N° {number}"
            finess = f"99{number:07}"
            yield Site(finess, owner, name, category, kind, commune, latitude, longitude, x, y, projection)


def write_stock(out: TextIO, establishments: int, seed: int) -> None:
    """The format until 2026: all establishments, then all points."""
    out.write("finess;etalab;98;2026-05-12\n")
    lettered = {insee: code for code, insee in load_codes().departments.items()}
    for site in _first(establishments, seed):
        code = site.commune.department_code
        department, commune = lettered.get(code, code), site.commune.code[-3:]
        _, service, pricing = site.kind
        category = f"{site.category};Catégorie {site.category};1102;Agrégat fictif"
        address = f"12;R;DES ESSAIS;;;{commune};{department};DEPARTEMENT;00000 {site.commune.name.upper()};;"
        money = f"26010004500012;8610Z;{pricing};Mode fictif;{service};Participation fictive"
        dates = "1979-02-13;1979-02-13;2020-02-04"
        name = f"{site.name};{site.name} (NOM LONG);;"
        out.write(f"structureet;{site.finess};{site.owner};{name};{address};{category};{money};{dates};\n")
    for site in _first(establishments, seed):
        source = f"1,ATLASANTE,96,BAN,{NAMES[site.projection]}"
        out.write(f"geolocalisation;{site.finess};{site.x:.1f};{site.y:.1f};{source};2026-05-04\n")


def _first(establishments: int, seed: int) -> Iterator[Site]:
    return islice(sites(seed), establishments)


def write_structures(out: TextIO, size: int, seed: int) -> int:
    """The format since 2026, until `size` characters are written. Returns how many establishments there are."""
    draw = random.Random(seed)
    establishments, written, owner = 0, 0, ""
    entity: dict[str, Any] = {}
    out.write('{"schemaVersion":"v1.0.0","generatedAt":"2026-09-11T02:06:22Z","gcc":[],"gco":[],"pmej":[')
    mark = ""
    for site in sites(seed):
        if site.owner != owner:
            if entity:
                text = mark + json.dumps(entity, ensure_ascii=False, indent=1)
                written += out.write(text)
                mark = ","
                if written >= size:
                    break
            owner, entity = site.owner, _entity(site, draw)
        establishments += 1
        entity["ege"].append(_establishment(site, draw))
    out.write("]}")
    return establishments


def _entity(site: Site, draw: random.Random) -> dict[str, Any]:
    general = {
        "pmSmsseId": str(draw.randrange(10**6)),
        "codeApe": "86.10Z",
        "dateCreation": "2001-01-01",
        "denominationLonguePmSmsse": f"{site.name} (ENTITE JURIDIQUE)",
        "denominationPm": site.name,
        "numFinessPm": site.owner,
        "siren": "000000000",
        "statutJuridique": site.kind[0],
    }
    closed = draw.random() < 0.2
    if closed:
        general["dateFermeture"] = "2019-03-03"
    return {
        "informationsGeneralesPMEJ": general,
        "adresse": [_address(site, "02", draw)],
        "contact": [{"typeContact": {"roleContact": "01"}, "telecom": {"telephone": "0000000000"}}],
        "engagement": [],
        "evenement": [_event(draw) for _ in range(4)],
        "ege": [],
        "etatObjet": "I" if closed else "A",
        "dateDerniereMaj": "2021-10-18 00:00:00",
    }


def _establishment(site: Site, draw: random.Random) -> dict[str, Any]:
    general = {
        "egeId": str(draw.randrange(10**6)),
        "dateOuverture": "1956-11-16",
        "nomEgeCourt": site.name,
        "nomEgeLong": f"{site.name} (NOM LONG)",
        "numFinessEge": site.finess,
        "espic": [site.kind[1]],
        "siret": "00000000000000",
    }
    closed = draw.random() < 0.25
    if closed:
        general["dateFermeture"] = "2014-03-31"
    welcome = [_address(site, "06", draw)] if draw.random() < 0.05 else []
    return {
        "informationsGeneralesEGE": general,
        "categorieentiteGeographiqueExercice": site.category,
        "modefixationtarifaire": site.kind[2],
        "typeBudget": ["01"],
        "adresse": [*welcome, _address(site, "03", draw)],
        "contact": [{"typeContact": {"roleContact": "01"}, "telecom": {"telephone": "0000000000"}}],
        "engagement": [],
        "evenement": [_event(draw) for _ in range(5)],
        "roleEge": [],
        "etatObjet": "I" if closed else "A",
        "dateDerniereMaj": "2021-10-18 00:00:00",
    }


def _address(site: Site, usage: str, draw: random.Random) -> dict[str, Any]:
    address = {
        "usageAdresse": usage,
        "numeroVoie": "12",
        "typeVoie": "R",
        "libelleVoie": "DES ESSAIS",
        "cogCommune": site.commune.code,
        "ligneAcheminement": site.commune.name.upper(),
        "codePostal": "00000",
    }
    if draw.random() < 0.25:
        return address
    degrees, metres = (f"{site.longitude:.6f}", f"{site.latitude:.6f}"), (f"{site.x:.2f}", f"{site.y:.2f}")
    first, second = (degrees, metres[::-1]) if draw.random() < 0.74 else (metres[::-1], degrees)
    coordinates = {
        "coordonneeX": first[0],
        "coordonneeY": first[1],
        "directionLongitude": second[0],
        "directionLatitude": second[1],
        "cleInInteropBAN": f"{site.commune.code}_0001_00012",
        "scoreBAN": "0.97",
    }
    return address | {"coordonneesGeographique": coordinates}


def _event(draw: random.Random) -> dict[str, str]:
    return {
        "evenementId": str(draw.randrange(10**6)),
        "dateEnregistrement": "2025-10-21 18:36:29",
        "dateEvenement": "1994-01-01",
        "etatObjet1": "001",
        "identifiantObjet1": "1",
        "systemeMaitre": "01",
        "typeObjet1": "PM",
        "codeEvenement": "001",
    }


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    with path.open("wb") as raw:
        # No file name and no time in the archive, so that the same seed gives the same bytes.
        packed = gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.suffix == ".gz" else raw
        with io.TextIOWrapper(packed, encoding="utf-8", newline="") as out:
            yield out


def write(path: Path, kind: str, size: int, seed: int = 1) -> None:
    """Write a file of either format: `size` establishments of a stock, or megabytes of structures."""
    with _open(path) as out:
        if kind == "stock":
            write_stock(out, size, seed)
        else:
            write_structures(out, size * MEGABYTE, seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("format", choices=("stock", "structures"))
    parser.add_argument("path", type=Path)
    parser.add_argument("--establishments", type=int, default=100_000, help="of a stock file")
    parser.add_argument("--megabytes", type=int, default=700, help="of a structures file, unpacked")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    size = given.establishments if given.format == "stock" else given.megabytes
    write(given.path, given.format, size, given.seed)


if __name__ == "__main__":
    main()
