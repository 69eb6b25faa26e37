"""What is told of a measure: its row as a line of a Markdown table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
# The key of a row → its heading, and how its value is written.
Columns = Mapping[str, tuple[str, Callable[[Any], str]]]

USE: Columns = {
    "app": ("application", str),
    "page": ("page", str),
    "sessions": ("sessions", str),
    "reruns_per_s": ("reruns/s", "{:.1f}".format),
    "p50_ms": ("p50 ms", "{:,.0f}".format),
    "p95_ms": ("p95 ms", "{:,.0f}".format),
    "max_ms": ("max ms", "{:,.0f}".format),
    "errors": ("errors", str),
    "unanswered": ("unanswered", str),
    "new_views": ("new views", "{:.0%}".format),
    "bytes_per_rerun": ("kB/rerun", lambda value: f"{value / 1000:.0f}"),
    "messages_per_rerun": ("messages", "{:.0f}".format),
    "server_cpus": ("server CPUs", "{:.2f}".format),
    "cpu_ms_per_rerun": ("CPU ms/rerun", "{:.1f}".format),
    "viewers_cpus": ("viewers CPUs", "{:.2f}".format),
    "server_mb": ("server MB", "{:.0f}".format),
    "arrival_s": ("all arrived s", "{:.1f}".format),
}
STORM: Columns = {
    **{key: USE[key] for key in ("page", "sessions", "p50_ms", "p95_ms", "max_ms", "errors")},
    "last_s": ("all served after s", "{:.1f}".format),
    "server_cpu_s": ("server CPU s", "{:.1f}".format),
    "computed": ("answers computed", str),
    "different": ("different ones", str),
}
CROWD: Columns = {
    **{key: USE[key] for key in ("page", "sessions", "errors")},
    "before_mb": ("MB before", "{:.0f}".format),
    "held_mb": ("MB held", "{:.0f}".format),
    "kb_per_session": ("kB/session", "{:.0f}".format),
    "idle_cpus": ("CPUs idle", "{:.2f}".format),
    "click_p50_ms": ("a click, p50 ms", "{:.0f}".format),
    "after_mb": ("MB after they left", "{:.0f}".format),
    "after_share": ("of before", "{:.0%}".format),
    "back_s": ("within 20 % after s", "{:.0f}".format),
}


def table(rows: Sequence[Row], columns: Columns) -> str:
    """The rows as a Markdown table, with those of the columns that any of them has; « – » where a value is missing."""
    shown = {key: column for key, column in columns.items() if any(key in row for row in rows)}
    lines = [[title for title, _ in shown.values()], ["---:" for _ in shown]]
    lines += [["–" if row.get(key) is None else told(row[key]) for key, (_, told) in shown.items()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
