"""Files to take away, written where a person asks for them: whole, or not at all."""

import errno
import uuid
from pathlib import Path

from sunes.errors import DataError
from sunes.publishing import put_file

_REASONS = {
    errno.ENOSPC: "le disque est plein ; libérez de la place, puis recommencez.",
    errno.EDQUOT: "la place qui vous est accordée est prise ; libérez-en, puis recommencez.",
    errno.EACCES: "vous n’avez pas le droit d’écrire dans ce dossier ; demandez-le ou choisissez-en un autre.",
    errno.EPERM: "vous n’avez pas le droit d’écrire dans ce dossier ; demandez-le ou choisissez-en un autre.",
    errno.EROFS: "ce disque est en lecture seule ; choisissez un autre dossier.",
    errno.ENAMETOOLONG: "ce nom est trop long ; choisissez-en un plus court.",
    errno.ENOENT: "ce dossier n’existe pas ; créez-le ou choisissez-en un autre.",
    errno.ENOTDIR: "ce dossier n’en est pas un ; choisissez-en un autre.",
}


def save(target: Path, content: bytes) -> None:
    """Create or replace a file. Whatever happens meanwhile, there is the old one, or none, or the whole new one.

    A link leads to the file that is replaced. Raises DataError when the system refuses; nothing has changed then.
    """
    target = target.resolve()
    try:
        put_file(target, content, staging=target.with_name(f".sunes-{uuid.uuid4().hex}"))
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, "le système l’a refusé ; vérifiez le nom, le dossier et le disque.")
        raise DataError(f"« {target} » n’a pas été écrit : {reason}") from error
