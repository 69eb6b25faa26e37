"""The files of `data/reference`: TOML read into pydantic models, with errors that name file and key."""

import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sunes import french
from sunes.errors import DataError, Problem

REFERENCE = Path(__file__).resolve().parent.parent / "data" / "reference"

# pydantic's own words are English; these are the kinds of mistake that an edited file really holds.
_FRENCH = {
    "missing": "cette clé est obligatoire et manque",
    "extra_forbidden": "cette clé est inconnue ; vérifiez son orthographe",
    "date_from_datetime_parsing": "une date AAAA-MM-JJ est attendue",
    "date_from_datetime_inexact": "une date AAAA-MM-JJ est attendue",
    "date_type": "une date AAAA-MM-JJ est attendue",
    "decimal_type": "un nombre est attendu",
    "decimal_parsing": "un nombre est attendu",
    "finite_number": "un nombre fini est attendu",
    "string_type": "un texte est attendu",
    "string_too_short": "le texte ne peut pas être vide",
    "string_pattern_mismatch": "le texte n’a pas la forme attendue ({pattern})",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "bool_type": "true ou false est attendu",
    "bool_parsing": "true ou false est attendu",
    "list_type": "une liste est attendue",
    "tuple_type": "une liste est attendue",
    "dict_type": "une table est attendue",
    "model_type": "une table est attendue",
    "model_attributes_type": "une table est attendue",
    "too_short": "au moins {min_length} élément est attendu",
    "literal_error": "les valeurs possibles sont {expected}",
    "greater_than": "la valeur doit dépasser {gt}",
    "greater_than_equal": "la valeur doit être d’au moins {ge}",
    "less_than_equal": "la valeur doit être d’au plus {le}",
}
_UNFIT = "cette valeur ne convient pas"


class Entry(BaseModel):
    """One table of a reference file: immutable, and a misspelt key is an error rather than silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Text = Annotated[str, Field(min_length=1)]
# French for the screen, written with ordinary spaces: the no-break ones are put in when the file is read.
Prose = Annotated[Text, AfterValidator(french.typographic)]


class Source(Entry):
    """Where a published fact comes from."""

    title: Prose
    publisher: Prose
    date: Prose
    secondary: bool = False

    def __str__(self) -> str:
        return f"« {self.title} » ({self.publisher}, {self.date}{', source secondaire' if self.secondary else ''})"


class SourcedDate(Entry):
    """A day that somebody published, and who."""

    date: date
    source: str
    note: Prose | None = None


Model = TypeVar("Model", bound=BaseModel)


def load(path: Path, model: type[Model]) -> Model:
    """Read a TOML file into `model`; see `parse`. Raises DataError as it does, and when there is no such file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(Problem("ce fichier de référence manque ; rétablissez-le.", file=str(path))) from error
    except OSError as error:
        raise DataError(Problem("ce fichier ne peut pas être lu ; vérifiez-en les droits.", file=str(path))) from error
    return parse(content, str(path), model)


def parse(content: bytes, name: str, model: type[Model]) -> Model:
    """Read TOML into `model`; `name` is the file's.

    Numbers with a decimal point are read as `Decimal`, so that a share of 0.70 is exactly seven tenths.

    Raises
    ------
    DataError
        It is not TOML, or breaks the model: one problem per key, with its key.
    """
    try:
        values = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, character = (int(place[1]), int(place[2])) if place else (None, None)
        where = f" au caractère {character} de cette ligne" if character else " à la fin du fichier"
        raise DataError(Problem(f"ce n’est plus du TOML{where}.", file=name, line=line)) from error
    except RecursionError as error:
        raise DataError(Problem("ce n’est pas du TOML qu’une personne aurait écrit.", file=name)) from error
    except UnicodeDecodeError as error:
        raise DataError(Problem("ce fichier n’est pas en UTF-8.", file=name)) from error
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise DataError(*problems(error, name)) from error


def problems(error: ValidationError, name: str) -> list[Problem]:
    """What a model says of the values of a file, one problem per key."""
    found = []
    for detail in error.errors():
        kind, context = detail["type"], detail.get("ctx", {})
        if kind == "too_short" and any(_inside(other["loc"], detail["loc"]) for other in error.errors()):
            continue  # entries that are wrong themselves are not counted, and a second complaint would be untrue
        message = str(context["error"]) if kind == "value_error" else _FRENCH.get(kind, _UNFIT).format(**context)
        given = detail["input"]
        found.append(
            Problem(
                f"{message}.",
                file=Path(name).name,
                key=_key(detail["loc"]) or None,
                value=str(given) if isinstance(given, (str, int, float, Decimal, date)) else None,
            )
        )
    return found


def _inside(location: tuple[int | str, ...], outer: tuple[int | str, ...]) -> bool:
    return len(location) > len(outer) and location[: len(outer)] == outer


def _key(location: tuple[int | str, ...]) -> str:
    """`("windows", 2, "opens")` → `windows[3].opens`: entries are counted from one, as a reader of the file does."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).lstrip(".")
