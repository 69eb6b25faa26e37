"""`python -m sunes`."""

import sys

from sunes.cli import app

for stream in (sys.stdout, sys.stderr):
    # A terminal that lacks a character of French typography must not make a command fail.
    stream.reconfigure(errors="replace")  # type: ignore[union-attr]

app()
