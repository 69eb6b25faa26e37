"""The house keeps its shape: imports go one way, Streamlit stays upstairs, modules and pages stay short."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [ROOT / "app.py", *sorted(ROOT.glob("pages/*.py")), *sorted(ROOT.glob("sunes/**/*.py"))]

# From the ground up: a module may import from its own floor and from those below it. What is not named here says
# something with figures (sentences, tables, comparisons), and lives on the floor of figures and maps.
FLOORS = (
    ("sunes", "sunes.french"),
    ("sunes.errors", "sunes.request_id", "sunes.tally"),
    ("sunes.reference",),
    ("sunes.programme", "sunes.geography", "sunes.definitions", "sunes.statistics"),
    ("sunes.schema", "sunes.memo", "sunes.access"),
    (
        "sunes.manifest",
        "sunes.publishing",
        "sunes.place",
        "sunes.index",
        "sunes.copies",
        "sunes.remote",
        "sunes.archive",
    ),
    ("sunes.access.journal", "sunes.access.ended"),
    (
        "sunes.view",
        "sunes.revision",
        "sunes.listing",
        "sunes.watch",
        "sunes.snapshots",
        "sunes.backup",
        "sunes.restoration",
    ),
    ("sunes.simulation", "sunes.simulate"),
    ("sunes.engine", "sunes.limits", "sunes.cluster"),
    ("sunes.counts", "sunes.roster"),
    ("sunes.metrics",),
    ("sunes.insights", "sunes.tables", "sunes.published", "sunes.figures", "sunes.maps", "sunes.export"),
    ("sunes.ingest",),
    ("sunes.ui", "sunes.cli", "sunes.api", "sunes.serving"),
    ("pages", "sunes.__main__"),
    ("app",),
)
OTHERS = next(floor for floor, names in enumerate(FLOORS) if "sunes.insights" in names)

# Who may import what comes from outside (as far as it matters where): the first package of an import → its places.
ALLOWED = {
    "streamlit": ("sunes.ui", "pages", "app"),
    "starlette": ("sunes.ui", "sunes.api", "app"),
    "prometheus_client": ("sunes.ui.server.monitoring",),
    "plotly": ("sunes.figures", "sunes.deck", "sunes.export", "sunes.ui"),
    "pydeck": ("sunes.maps", "sunes.ui"),
    "typer": ("sunes.cli",),
    "uvicorn": ("sunes.serving",),
    "duckdb": ("sunes.engine", "sunes.limits", "sunes.aggregation.engines"),
    "pyspark": ("sunes.cluster", "sunes.aggregation.engines"),
    "py4j": ("sunes.aggregation.engines",),
    "pptx": ("sunes.export.pptx",),
    "pandas": (),
    "polars": (),
}


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in FILES}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text("utf-8"))


def imports(name: str) -> Iterator[str]:
    """The modules that a module imports, wherever in it: ours by their full name, others as they are written."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: say where from, in full"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else str(node.module)


def ours(name: str) -> set[str]:
    return {imported for imported in imports(name) if imported in MODULES} - {name}


def is_in(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def floor(name: str) -> int:
    named = [
        (len(place), level)
        for level, names in enumerate(FLOORS)
        for place in names
        if is_in(name, (place,)) and (place != "sunes" or name == "sunes")
    ]
    return max(named)[1] if named else OTHERS


def test_every_place_named_here_exists() -> None:
    named = {place for names in FLOORS for place in names}
    assert {place for place in named if not any(is_in(name, (place,)) for name in MODULES)} == set()


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_go_down(name: str) -> None:
    assert {imported for imported in ours(name) if floor(imported) > floor(name)} == set()


def test_imports_go_round_no_circle() -> None:
    order = list(TopologicalSorter({name: ours(name) for name in MODULES}).static_order())
    assert set(order) == set(MODULES)


def test_what_brings_data_in_and_what_shows_them_do_not_meet() -> None:
    """Only the command line knows both the ways in and the figures."""
    ways_in = ("sunes.ingest", "sunes.simulation", "sunes.simulate")
    meeting = {
        name
        for name in MODULES
        if not is_in(name, (*ways_in, "sunes.cli", "sunes.ui", "pages"))
        and any(is_in(imported, ways_in) for imported in ours(name))
    }
    assert meeting == set()


@pytest.mark.parametrize("package", ALLOWED)
def test_libraries_stay_where_they_belong(package: str) -> None:
    users = {name for name in MODULES if any(imported.split(".")[0] == package for imported in imports(name))}
    assert {name for name in users if not is_in(name, ALLOWED[package])} == set()


@pytest.mark.parametrize("name", [name for name in sorted(MODULES) if name.startswith("pages.")])
def test_a_page_is_short_and_computes_nothing(name: str) -> None:
    assert len(MODULES[name].read_text("utf-8").splitlines()) <= 80
    outside = {imported.split(".")[0] for imported in imports(name)}
    assert outside <= {"streamlit", "sunes", "datetime", "functools", "collections", "typing", "urllib"}
    arithmetic = (ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
    assert not [
        node for node in ast.walk(tree(name)) if isinstance(node, ast.BinOp) and isinstance(node.op, arithmetic)
    ]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_is_short_and_says_what_it_is(name: str) -> None:
    assert len(MODULES[name].read_text("utf-8").splitlines()) <= 350
    assert ast.get_docstring(tree(name))


@pytest.mark.parametrize("name", [name for name in sorted(MODULES) if not is_in(name, ("sunes.cli",))])
def test_only_the_command_line_prints(name: str) -> None:
    called = {
        node.func.id for node in ast.walk(tree(name)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "print" not in called


def test_nothing_is_left_to_do() -> None:
    marks = ("TODO", "FIXME", "XXX", "NotImplementedError", "breakpoint(")
    assert [name for name, file in MODULES.items() if any(mark in file.read_text("utf-8") for mark in marks)] == []
