"""A workbook to fill in, for those who start from nothing.

Its sheets « Établissements », « Candidatures » and « Usages » have the columns of the contract under French names,
which the readers of registers, dossiers and usages know. The worked example stands on a sheet of its own, which says so
in its first cell and is therefore never read (see `own`).
"""

from sunes.ingest.readers.template.blank import template
from sunes.ingest.readers.template.filled import own

__all__ = ["own", "template"]
