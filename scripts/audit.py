"""What runs, looked at as a supply: licences, known vulnerabilities, and the list of all of it (SBOM).

`make audit` runs it. A licence that is not on the list or a known vulnerability fails; a package index that can't be
asked is a warning, since it says nothing about us.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".venv" / "audit" / "bin"
LIST = ROOT / "dist" / "sbom.json"

# Licences that ask for nothing but to be named, or, for the MPL, for changes to files that we don't change.
ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0"),
        *("PSF-2.0", "Unlicense", "Zlib", "ZPL-2.1"),
    }
)
# What packages write that say it in another way than by SPDX.
_NAMED = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
# A vulnerability that does not concern us: its id → why.
IGNORED: Mapping[str, str] = {}
_PATIENCE = 300  # seconds for an index that does not answer


def main() -> int:
    """Say what was found; the exit code."""
    wrong = [f"{name}: licence « {said} »" for name, said in licences().items() if not is_allowed(said)]
    known, unasked = vulnerabilities()
    wrong += known
    LIST.parent.mkdir(exist_ok=True)
    LIST.write_text(json.dumps(bill(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    if unasked:
        sys.stderr.write(f"Warning: {unasked} packages could not be looked up; is the package index reachable?\n")
    sys.stderr.writelines(f"Error: {each}\n" for each in wrong)
    sys.stderr.write(f"{len(licences())} packages run; they are listed in {LIST.relative_to(ROOT)}.\n")
    return 1 if wrong else 0


def packages() -> list[str]:
    """The names of the packages that run, as `requirements.txt` pins them for this system."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    wanted = (Requirement(line) for line in lines if line and not line.startswith("#"))
    return [each.name for each in wanted if each.marker is None or each.marker.evaluate()]


def licences() -> dict[str, str]:
    """Package → its licence, as an SPDX expression where it says one."""
    return {name: _licence(metadata(name)) for name in packages()}


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression leaves us a choice that is on the list: one of what OR joins, all of what AND does."""
    inner = re.search(r"\(([^()]*)\)", expression)
    if inner:
        kept = "MIT" if is_allowed(inner[1]) else "refused"
        return is_allowed(f"{expression[: inner.start()]}{kept}{expression[inner.end() :]}")
    return any(all(each.strip() in ALLOWED for each in choice.split(" AND ")) for choice in expression.split(" OR "))


def _licence(said: PackageMetadata) -> str:
    if "License-Expression" in said:
        return said["License-Expression"]
    classifiers = (each.split(" :: ") for each in said.get_all("Classifier") or ())
    named = [parts[-1] for parts in classifiers if parts[0] == "License" and len(parts) > 2]
    if not named and "License" in said:
        named = [said["License"].strip()]
    return " AND ".join(_NAMED.get(each, each) for each in named)


def vulnerabilities() -> tuple[list[str], int]:
    """What is known of the pinned versions, tests included, and how many of them could not be looked up."""
    command = (TOOLS / "pip-audit", "--requirement", ROOT / "requirements-dev.txt", "--disable-pip", "--no-deps")
    options = ("--format", "json", "--progress-spinner", "off", "--timeout", "10")
    try:
        done = subprocess.run((*command, *options), capture_output=True, text=True, timeout=_PATIENCE)
        found: Sequence[Mapping[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return [], len(packages())
    known = [
        f"{package['name']} {package['version']}: {each['id']}, fixed in {', '.join(each['fix_versions']) or 'nothing'}"
        for package in found
        for each in package.get("vulns", ())
        if not {each["id"], *each["aliases"]} & IGNORED.keys()
    ]
    return known, sum("skip_reason" in package for package in found)


def bill() -> dict[str, Any]:
    """What runs, as CycloneDX says it: the environment without what tests it."""
    command = (TOOLS / "cyclonedx-py", "environment", sys.executable, "--output-reproducible", "--of", "JSON")
    whole: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    names = {canonicalize_name(name) for name in packages()}
    components = [each for each in whole["components"] if canonicalize_name(each["name"]) in names]
    kept = {each["bom-ref"] for each in components}
    links = [
        {**each, "dependsOn": [other for other in each.get("dependsOn", ()) if other in kept]}
        for each in whole.get("dependencies", ())
        if each["ref"] in kept
    ]
    return {**whole, "components": components, "dependencies": links}


if __name__ == "__main__":
    raise SystemExit(main())
