"""FINESS as published since 2026: `finess-structures-….json`, legal entities (`pmej`) and their establishments (`ege`).

The file unpacks to 700 MB: it is read one legal entity at a time. Files write some names otherwise than the published
schema does (`categorieentiteGeographiqueExercice`), so capitals don't matter. A code may be a text, an object that
holds it under `code`, or a list of either.

Kept are establishments that are active (`etatObjet` A, no `dateFermeture`) as is their legal entity. The address is the
one whose `usageAdresse` is 03, where care is given. A line of the reading is the rank of an establishment in the file.

The legal form of the legal entity (`statutJuridique`) tells the legal status, failing it `espic` or
`modefixationtarifaire`; after these it can only be assumed (see data/reference/finess.toml), and the reading says so.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import ijson

from sunes.errors import DataError, Problem
from sunes.french import number
from sunes.ingest.files import InputFile
from sunes.ingest.readers import positions, statuses
from sunes.ingest.readers.finess_codes import load_codes
from sunes.ingest.readers.finess_stock import ELSEWHERE, NO_CATEGORY, OTHER_CATEGORY, stop_if_hopeless
from sunes.ingest.reading import Reading
from sunes.programme import Programme
from sunes.schema import ESTABLISHMENTS

# Column of the contract → name in the file.
ORIGINS = {
    "finess": "numFinessEge",
    "name": "nomEgeCourt",
    "finess_ej": "numFinessPm",
    "department_code": "cogCommune",
    "commune_code": "cogCommune",
    "legal_status": "statutJuridique",
    "latitude": "coordonneesGeographique",
    "longitude": "coordonneesGeographique",
    "eligible": "categorieEntiteGeographiqueExercice",
}
CLOSED = "d’un établissement fermé"

_ACTIVE = "A"
_PLACE_OF_CARE = "03"
_BOM = b"\xef\xbb\xbf"
_MEGABYTE = 1024 * 1024
# A legal entity takes some kilobytes, the largest a megabyte or two. What goes on for longer would fill the memory.
_LARGEST_ENTITY = 32 * _MEGABYTE
_DEEPEST = 32
_BLOCK = 64 * 1024
# All bytes but brackets and quotation marks.
_NO_MARK = bytes(set(range(256)) - set(b'{}[]"'))

# Each pair holds degrees in one file and metres in the next, the first one in either order.
_PAIRS = (("directionLongitude", "directionLatitude"), ("coordonneeX", "coordonneeY"))

Object = Mapping[str, Any]


def recognises(head: bytes) -> bool:
    """Whether a file is JSON, by its first bytes; `read` says so if it is not this feed."""
    return head.removeprefix(_BOM).lstrip().startswith(b"{")


def read(file: InputFile, programme: Programme, also: Collection[str] = ()) -> Reading:
    """Read the active establishments that `programme` holds eligible, and those of `also`, whatever they are.

    Parameters
    ----------
    also
        FINESS numbers that applications refer to. A closed establishment stays left aside.

    Raises
    ------
    DataError
        The file cannot be read to its end, is no JSON, is another feed, or holds no establishment.
    """
    reading = Reading(file, ESTABLISHMENTS, "FINESS (format de 2026, structures)", encoding="UTF-8", origins=ORIGINS)
    assumptions = statuses.Assumptions()
    for entity in _entities(file):
        if not _object(entity, "informationsGeneralesPMEJ"):
            message = (
                "les entités juridiques n’ont pas d’« informationsGeneralesPmej » ; donnez le flux « structures »."
            )
            raise DataError(Problem(message, file.name))
        for establishment in _objects(entity, "ege"):
            reading.read += 1
            _add(reading, _Owned(establishment, entity), programme, also, assumptions)
            stop_if_hopeless(reading)
    if not reading.read:
        message = "ce fichier JSON ne contient aucun établissement de FINESS (« pmej », « ege ») ; vérifiez-le."
        raise DataError(Problem(message, file.name))
    statuses.report(assumptions, reading)
    return reading


def _entities(file: InputFile) -> Iterator[Object]:
    """The legal entities, one at a time."""
    with file.stream() as stream:
        metered = _Metered(stream, file.name)
        try:
            for entity in ijson.items(metered, "pmej.item", use_float=True, buf_size=_BLOCK):
                metered.since_entity = 0
                if isinstance(entity, dict):
                    yield entity
        except (ijson.JSONError, ValueError) as error:
            where = number(metered.total // 1000)
            message = f"ce JSON est tronqué ou endommagé, vers {where} ko ; téléchargez-le de nouveau."
            raise DataError(Problem(message, file.name)) from error


class _Metered:
    """A stream that lets nothing grow beyond bounds: neither one entity, nor how deep things lie within each other.

    `since_entity` counts bytes since it was last set to 0. A parser keeps the path to where it is, so that depth alone
    can fill the memory.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.stream, self.name = stream, name
        self.total = self.since_entity = 0
        self.open = b""  # the brackets that are open
        self.in_text = self.escaped = False

    def read(self, size: int) -> bytes:
        block = self.stream.read(size)
        if self.total == 0:
            block = block.removeprefix(_BOM)
        self.total += len(block)
        self.since_entity += len(block)
        if self.since_entity > _LARGEST_ENTITY:
            limit = number(_LARGEST_ENTITY // _MEGABYTE)
            message = f"{limit} Mo se suivent sans qu’une entité juridique finisse ; est-ce bien le flux de FINESS ?"
            raise DataError(Problem(message, self.name))
        self.open += self._brackets(block)
        for _ in range(_DEEPEST):
            before, self.open = self.open, self.open.replace(b"{}", b"").replace(b"[]", b"")
            if self.open == before and len(before) <= _DEEPEST:
                return block
        message = f"ce JSON est imbriqué sur plus de {_DEEPEST} niveaux ; est-ce bien le flux de FINESS ?"
        raise DataError(Problem(message, self.name))

    def _brackets(self, block: bytes) -> bytes:
        """The brackets of a block that are not within a text."""
        if self.escaped:
            block = block[1:]
        if b"\\" in block or self.escaped:
            block = block.replace(rb"\\", b"")
            self.escaped = block.endswith(b"\\")
            block = block.replace(rb"\"", b"")
        parts = block.translate(None, _NO_MARK).split(b'"')
        outside = b"".join(parts[self.in_text :: 2])
        self.in_text ^= len(parts) % 2 == 0
        return outside


@dataclass(frozen=True, slots=True)
class _Owned:
    """An establishment with its legal entity, by the names of the schema."""

    establishment: Object
    entity: Object

    @property
    def general(self) -> Object:
        return _object(self.establishment, "informationsGeneralesEGE")

    @property
    def owner(self) -> Object:
        return _object(self.entity, "informationsGeneralesPMEJ")

    @property
    def active(self) -> bool:
        return all(
            (_text(whole, "etatObjet") or _text(part, "etatObjet")) == _ACTIVE and not _text(part, "dateFermeture")
            for whole, part in ((self.establishment, self.general), (self.entity, self.owner))
        )

    @property
    def category(self) -> str:
        return _text(self.establishment, "categorieentiteGeographiqueExercice")

    @property
    def address(self) -> Object:
        """The one of the place of care; an empty one where there is none."""
        addresses = _objects(self.establishment, "adresse")
        return next((a for a in addresses if _text(a, "usageAdresse") == _PLACE_OF_CARE), {})

    def cells(self, address: Object) -> dict[str, str]:
        """What the reader goes by, flat: the record to correct when something is wrong."""
        coordinates = _object(address, "coordonneesGeographique")
        given = {name: _text(coordinates, name) for pair in _PAIRS for name in pair}
        return {
            "numFinessEge": _text(self.general, "numFinessEge"),
            "numFinessPm": _text(self.owner, "numFinessPm"),
            "nomEgeCourt": _text(self.general, "nomEgeCourt") or _text(self.general, "nomEgeLong"),
            "categorieEntiteGeographiqueExercice": self.category,
            "statutJuridique": _text(self.owner, "statutJuridique"),
            "espic": _text(self.general, "espic"),
            "modeFixationTarifaire": _text(self.establishment, "modefixationtarifaire"),
            "cogCommune": _text(address, "cogCommune"),
            "coordonneesGeographique": ", ".join(f"{name} {text}" for name, text in given.items() if text),
            **given,
        }


def _add(
    reading: Reading, owned: _Owned, programme: Programme, also: Collection[str], assumptions: statuses.Assumptions
) -> None:
    """Add one establishment, or leave it aside."""
    line, codes = reading.read, load_codes()
    eligible = owned.category in programme.eligibility.codes
    if not owned.active:
        reading.left_aside[CLOSED] += 1
        return
    if not eligible and _text(owned.general, "numFinessEge") not in also:
        reading.left_aside[OTHER_CATEGORY if owned.category else NO_CATEGORY] += 1
        return
    address = owned.address
    cells = owned.cells(address)
    commune = cells["cogCommune"]
    department = commune[:3] if commune.startswith(("97", "98")) else commune[:2]
    if codes.elsewhere(department):
        reading.left_aside[ELSEWHERE] += 1
        return
    reading.originals[line] = cells
    if not address:
        message = f"aucune adresse n’a l’usage {_PLACE_OF_CARE} (lieu d’exercice), celle qui dit la commune."
        reading.problem(message, line, "usageAdresse")
    texts = {column: cells[name] for column, name in ORIGINS.items()}
    texts |= {
        "department_code": department,
        "latitude": "",
        "longitude": "",
        "eligible": "true" if eligible else "false",
    }
    texts["legal_status"] = _status(reading, line, cells, assumptions)
    point = positions.by_range([(cells[one], cells[other]) for one, other in _PAIRS], department, commune)
    key = _text(_object(address, "coordonneesGeographique"), "cleInInteropBAN")
    given = cells["coordonneesGeographique"]
    reading.add(line, texts | positions.located(reading, line, commune, point, given, centre=_is_commune(key)))


def _status(reading: Reading, line: int, cells: Mapping[str, str], assumptions: statuses.Assumptions) -> str:
    codes, service = load_codes(), cells["espic"]
    form, pricing = cells["statutJuridique"].zfill(2), cells["modeFixationTarifaire"].zfill(2)
    known = [(form, codes.legal_form), (service, codes.public_service), (pricing, codes.pricing)]
    category = cells["categorieEntiteGeographiqueExercice"]
    guesses = [(category, codes.assumed_from_category), (service, codes.assumed_from_public_service)]
    status = statuses.told(known) or statuses.assumed(guesses, assumptions)
    if status is None:
        message = "ce code, « espic », le mode de tarification et la catégorie ne disent pas s’il est public ou privé ;"
        reading.problem(f"{message} complétez finess.toml.", line, ORIGINS["legal_status"], cells["statutJuridique"])
    return status or ""


def _is_commune(key: str) -> bool:
    """Whether a key of the national address base is a commune's: a street's or a number's has more parts."""
    return bool(key) and "_" not in key


def _get(whole: Object, name: str) -> Any:
    if name in whole:
        return whole[name]
    return next((value for key, value in whole.items() if key.lower() == name.lower()), None)


def _object(whole: Object, name: str) -> Object:
    part = _get(whole, name)
    return part if isinstance(part, dict) else {}


def _objects(whole: Object, name: str) -> list[Object]:
    parts = _get(whole, name)
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _text(whole: Object, name: str) -> str:
    """A text, the code of a coded value, or the first one of a list of either; empty for anything else."""
    value = _get(whole, name)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("code")
    return str(value).strip() if isinstance(value, str | int | float) else ""
