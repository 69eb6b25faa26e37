"""The files that a person gives: in memory when they come from a browser, on disk when they come by their path."""

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Self, cast

from sunes.errors import DataError, Problem
from sunes.french import number

# What may be read into memory at once. Files that are read as a stream may be larger.
MAX_BYTES = 256 * 1024 * 1024

_GZIP = b"\x1f\x8b"
_MEGABYTE = 1024 * 1024
_UNWRITTEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class InputFile:
    """A file under the name that a person knows it by. One that is packed by gzip reads as what it holds."""

    name: str
    source: bytes | Path

    def __post_init__(self) -> None:
        # It is quoted in sentences and logs, where it must neither begin a line nor turn the rest round.
        object.__setattr__(self, "name", _UNWRITTEN.sub(" ", self.name))

    @classmethod
    def open(cls, path: Path) -> Self:
        """The file at a path, left on disk until it is read. Raises DataError when there is no such file."""
        try:
            if not path.stat() or not path.is_file():
                raise DataError(Problem("ce n’est pas un fichier ; indiquez un fichier.", path.name or str(path)))
        except FileNotFoundError:
            raise DataError(Problem("ce fichier n’existe pas ; vérifiez son chemin.", str(path))) from None
        except (OSError, ValueError):  # a name too long, a null byte in it, a disk error
            raise DataError(Problem("ce fichier ne peut pas être lu ; vérifiez son chemin.", str(path))) from None
        return cls(path.name, path)

    @contextmanager
    def stream(self) -> Iterator[BinaryIO]:
        """The content, unpacked, to be read once from its beginning.

        Raises DataError, from within the `with` block as well, where the disk or a damaged archive keeps it from being
        read.
        """
        try:
            with self._open() as raw:
                packed = raw.read(len(_GZIP)) == _GZIP
                raw.seek(0)
                # A GzipFile reads as any binary file does, though its type says less.
                yield cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=raw), _MEGABYTE)) if packed else raw
        except (EOFError, gzip.BadGzipFile, zlib.error):
            message = "cette archive GZIP est tronquée ou endommagée ; téléchargez-la de nouveau."
            raise DataError(Problem(message, self.name)) from None
        except PermissionError:
            raise DataError(Problem("vous n’avez pas le droit de lire ce fichier.", str(self.source))) from None
        except OSError as error:
            raise DataError(Problem("la lecture de ce fichier a échoué ; vérifiez le disque.", self.name)) from error

    def head(self, size: int = 65_536) -> bytes:
        """The first bytes, unpacked: enough to tell what the file is. Raises DataError like `stream`."""
        with self.stream() as stream:
            return stream.read(size)

    @cached_property
    def content(self) -> bytes:
        """All bytes, unpacked. Raises DataError like `stream`, and where there are more than `MAX_BYTES`."""
        with self.stream() as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            limit = number(MAX_BYTES // _MEGABYTE)
            raise DataError(Problem(f"ce fichier dépasse {limit} Mo ; découpez-le ou allégez-le.", self.name))
        return content

    @cached_property
    def sha256(self) -> str:
        """The fingerprint of the file as it was given, packed where it is."""
        digest = hashlib.sha256()
        with self._open() as raw:
            while chunk := raw.read(_MEGABYTE):
                digest.update(chunk)
        return digest.hexdigest()

    def _open(self) -> BinaryIO:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")
