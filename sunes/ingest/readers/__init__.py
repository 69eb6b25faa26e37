"""One reader per real file format, from its rows to a `Reading`; `sunes.ingest.formats` says which a file is for."""
