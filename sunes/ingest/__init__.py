"""From the files that people have to a snapshot: one reader per format, and one function that does it all."""

from sunes.ingest.files import InputFile
from sunes.ingest.importing import Prepared, import_files, note_files, prepare, publish
from sunes.ingest.report import Caution, FileReport, Rejected, Report, rejected_records

__all__ = [
    "Caution",
    "FileReport",
    "InputFile",
    "Prepared",
    "Rejected",
    "Report",
    "import_files",
    "note_files",
    "prepare",
    "publish",
    "rejected_records",
]
