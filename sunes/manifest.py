"""What a snapshot says about itself: its name, its manifest and, where it was taken back, its withdrawal."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, WrapValidator
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from sunes import french
from sunes.errors import DataError, Problem, UsageError
from sunes.schema import SCHEMA_VERSION

MANIFEST = "manifest.json"
WITHDRAWAL = "withdrawn.json"
# What a withdrawal is called once it was undone: its reason is kept.
UNDONE = "withdrawn-until-{:%Y%m%dT%H%M%S%fZ}.json"
LATEST = "latest"

_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:~([1-9]\d*))?", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class SnapshotId:
    """The name of one revision of one snapshot. Revisions count from 1."""

    as_of: date
    revision: int = 1

    def __str__(self) -> str:
        return f"{self.as_of}" if self.revision == 1 else self.pin

    @property
    def pin(self) -> str:
        """The reference that still means this revision when the date is corrected again: `2024-06-30~1`."""
        return f"{self.as_of}~{self.revision}"

    @property
    def folder(self) -> str:
        return f"as_of={self}"

    @staticmethod
    @lru_cache(maxsize=8192)
    def of_folder(name: str) -> "SnapshotId | None":
        """The revision that a folder holds, None where its name is not one that a store gives."""
        found = _parts(name.removeprefix("as_of="))
        snapshot_id = SnapshotId(found[0], found[1] or 1) if found else None
        return snapshot_id if snapshot_id and snapshot_id.folder == name else None


def parse_reference(text: str | None) -> SnapshotId | date | None:
    """What a person means by `2024-06-30~2` (one revision), `2024-06-30` (the newest of a date), `latest` or nothing.

    Raises UsageError for any other text.
    """
    if text is None or text.strip().lower() in ("", LATEST):
        return None
    found = _parts(text.strip())
    if not found:
        raise UsageError(
            f"« {text} » ne désigne pas une situation : indiquez « {LATEST} », une date (« 2024-06-30 ») "
            "ou une révision (« 2024-06-30~2 »)."
        )
    as_of, revision = found
    return SnapshotId(as_of, revision) if revision else as_of


def _parts(text: str) -> tuple[date, int | None] | None:
    found = _NAME.fullmatch(text)
    try:
        return (date.fromisoformat(found[1]), int(found[2]) if found[2] else None) if found else None
    except ValueError:  # 30 February
        return None


def _or_none(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError:
        return None


def _in_utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


# A store of another's making may say more than the contract, or say it otherwise. What only informs a reader is
# then left out; what decides whether the data can be trusted is not.
Lenient = WrapValidator(_or_none)
Moment = Annotated[datetime, AfterValidator(_in_utc)]


class _Statement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class SourceFile(_Statement):
    """A file that a snapshot was made from. `accessed` is the day on which it was fetched."""

    title: str
    publisher: Annotated[str | None, Lenient] = None
    file_name: Annotated[str | None, Lenient] = None
    sha256: Annotated[str | None, Lenient] = None
    accessed: Annotated[date | None, Lenient] = None
    licence: Annotated[str | None, Lenient] = None


class TableEntry(_Statement):
    """What one Parquet file held when it was published."""

    rows: Annotated[int | None, Field(ge=0)] = None
    sha256: str | None = None


class Manifest(_Statement):
    """The `manifest.json` of one revision.

    `sources` is None where the file states them in a shape that is not ours. `checks` is what the publisher verified,
    free-form: sunes itself writes a list of `{"name": …, "result": …}`.
    """

    as_of: date
    revision: Annotated[int, Field(ge=1)] = 1
    schema_version: Annotated[int, Field(ge=1, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    simulated: bool = False
    published_at: Annotated[Moment | None, Lenient] = None
    published_by: Annotated[str | None, Lenient] = None
    sources: Annotated[tuple[SourceFile, ...] | None, Lenient] = ()
    tables: dict[str, TableEntry] = Field(default_factory=dict)
    checks: Any = ()


class Withdrawal(_Statement):
    """The `withdrawn.json` of a revision that its publisher took back."""

    reason: str
    date: Moment
    by: str | None = None

    def __str__(self) -> str:
        author = f" par {self.by}" if self.by else ""
        return f"retirée le {french.day(french.local_day(self.date))}{author} (motif : {self.reason})"


Statement = TypeVar("Statement", bound=_Statement)


def encode(statement: BaseModel) -> bytes:
    return f"{statement.model_dump_json(indent=2)}\n".encode()


def decode(content: bytes, model: type[Statement], file: str) -> Statement:
    """The content of a JSON file of a revision. Raises DataError with one problem that names `file` and the key."""
    with suppress(ValidationError):
        return model.model_validate_json(content)
    # What a person can act on takes a closer look, and so does a file that begins with a byte order mark.
    try:
        return model.model_validate(json.loads(content.decode("utf-8-sig")))
    except ValidationError as error:
        raise DataError(_problem(error, file)) from error
    except (ValueError, RecursionError) as error:
        raise DataError(Problem("ce fichier n’est pas un JSON lisible.", file)) from error


def _problem(error: ValidationError, file: str) -> Problem:
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"]))
    if first["type"] == "missing":
        return Problem("cette clé manque.", file, key=key)
    if key == "schema_version" and first["type"] == "less_than_equal":
        return Problem("cette situation vient d’une version plus récente de sunes ; mettez sunes à jour.", file)
    given = first["input"]
    value = str(given) if isinstance(given, str | int | float) else None
    return Problem(
        "cette valeur ne convient pas." if key else "un objet JSON est attendu.", file, key=key or None, value=value
    )
