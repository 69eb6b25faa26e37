"""The files of `data/reference`: TOML read into pydantic models, with errors that name file and key."""

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
    "date_type": "une date AAAA-MM-JJ est attendue",
    "decimal_type": "un nombre est attendu",
    "decimal_parsing": "un nombre est attendu",
    "string_type": "un texte est attendu",
    "string_too_short": "le texte ne peut pas être vide",
    "string_pattern_mismatch": "le texte n’a pas la forme attendue ({pattern})",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
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
    """Read a TOML file into `model`.

    Numbers with a decimal point are read as `Decimal`, so that a share of 0.70 is exactly seven tenths.

    Raises
    ------
    DataError
        The file is missing, is not TOML, or breaks the model: one problem per key, with its key.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except FileNotFoundError as error:
        raise DataError(Problem("ce fichier de référence manque ; rétablissez-le.", file=str(path))) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(Problem(f"ce fichier TOML n’est pas lisible ({error}).", file=str(path))) from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise DataError(*_problems(error, path)) from error


def _problems(error: ValidationError, path: Path) -> list[Problem]:
    problems = []
    for detail in error.errors():
        kind, context = detail["type"], detail.get("ctx", {})
        message = str(context["error"]) if kind == "value_error" else _FRENCH.get(kind, detail["msg"]).format(**context)
        given = detail["input"]
        problems.append(
            Problem(
                f"{message}.",
                file=path.name,
                key=_key(detail["loc"]) or None,
                value=str(given) if isinstance(given, (str, int, float, Decimal, date)) else None,
            )
        )
    return problems


def _key(location: tuple[int | str, ...]) -> str:
    """`("windows", 2, "opens")` → `windows[3].opens`: entries are counted from one, as a reader of the file does."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).lstrip(".")
