"""What a newcomer's two commands stand on: exact pins, the server's settings, readable colours."""

import subprocess
import tomllib
from importlib.metadata import distribution
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
CONFIG: dict[str, Any] = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))


def pins(*names: str) -> dict[str, str]:
    """The pins of some requirements files, as far as they are for this system: canonical name → version."""
    lines = (line for name in names for line in (ROOT / name).read_text("utf-8").splitlines())
    wanted = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r "))]
    here = (each for each in wanted if each.marker is None or each.marker.evaluate())
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in here}


WHAT_RUNS = ("requirements.txt",)
ON_A_CLUSTER = (*WHAT_RUNS, "requirements-cluster.txt")
WHAT_TESTS = (*ON_A_CLUSTER, "requirements-dev.txt")


@pytest.mark.parametrize("files", [WHAT_RUNS, ON_A_CLUSTER, WHAT_TESTS])
def test_the_pins_are_complete(files: tuple[str, ...]) -> None:
    pinned = pins(*files)
    needed = {
        canonicalize_name(requirement.name)
        for name in pinned
        for requirement in map(Requirement, distribution(name).requires or ())
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    }
    assert needed
    assert needed - pinned.keys() == set()


def test_the_tests_run_on_exactly_the_pinned_versions() -> None:
    pinned = pins(*WHAT_TESTS)
    assert {name: distribution(name).version for name in pinned} == pinned


def test_the_server_keeps_to_itself() -> None:
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["server"]["address"] == "localhost"
    assert CONFIG["server"]["headless"] is True
    assert CONFIG["server"]["fileWatcherType"] == "none"
    assert CONFIG["runner"]["postScriptGC"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert "http" not in str(CONFIG["theme"])


def test_an_old_or_missing_python_gets_one_clear_sentence(tmp_path: Path) -> None:
    make = subprocess.run(
        ("make", "-f", ROOT / "Makefile", "run", "PYTHON=false"), cwd=tmp_path, capture_output=True, text=True
    )
    assert make.returncode != 0
    assert "sunes a besoin de Python 3.11 ou plus récent" in make.stderr
    assert not (tmp_path / ".venv").exists()


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb, as WCAG 2 defines it."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_marks_stand_out_from_their_background(scheme: str) -> None:
    theme = CONFIG["theme"][scheme]
    for background in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert min(contrast(theme[text], background) for text in ("textColor", "primaryColor", "linkColor")) >= 4.5
    assert min(contrast(mark, theme["backgroundColor"]) for mark in theme["chartCategoricalColors"]) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_scales_have_the_ten_steps_that_streamlit_wants(scheme: str) -> None:
    theme = CONFIG["theme"][scheme]
    assert [len(theme[scale]) for scale in ("chartSequentialColors", "chartDivergingColors")] == [10, 10]
    steps = [luminance(colour) for colour in theme["chartSequentialColors"]]
    assert steps == sorted(steps, reverse=scheme == "light")
    assert all(one != other for one, other in combinations(theme["chartCategoricalColors"], 2))
