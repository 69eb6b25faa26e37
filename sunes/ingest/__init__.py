"""From the files that people have to a snapshot: one reader per format, and one function that does it all."""

from sunes.ingest.importing import FileReport, Report, import_files
from sunes.ingest.sheet import InputFile

__all__ = ["FileReport", "InputFile", "Report", "import_files"]
