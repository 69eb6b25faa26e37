"""How long importing takes, beside `pandas.read_csv` on the same file: python benchmarks/importing.py

Files of full size are written to a temporary folder (see `finess_files`), each measure is a process of its own, and the
median of three is told with its peak memory. pandas only parses cells: it joins, checks and places nothing.
"""

import json
import random
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.box import MARKDOWN
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import finess_files  # noqa: E402

ESTABLISHMENTS = 100_000
USAGES = 100_000
MEGABYTES = 700
ROUNDS = 3

_HEAD = "import json, re, sys, time; from pathlib import Path; path = sys.argv[1:]; started = time.perf_counter()"
# A process's own peak: what its parent had used before counts in getrusage.
_TAIL = (
    "print(json.dumps([time.perf_counter() - started, "
    "int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) / 1024, count]))"
)
# What is imported before the clock starts, and what is measured. The count must be the one that was written.
_PANDAS = "import pandas as pd; " + _HEAD + "; count = len(pd.read_csv(path[0], {options})); " + _TAIL
_SUNES = (
    "from sunes.ingest import InputFile, prepare; from sunes.programme import load_programme; "
    "from sunes.access.people import Person, Role; from sunes.snapshots import Store; from datetime import date; "
    + _HEAD
    + "; "
    "HERE = Person(Role.ADMINISTRATOR); "
    "given = dict(zip(('establishments', 'applications', 'usages'), ([Path(each)] for each in path))); "
    "made = prepare(Store(Path('nowhere')), load_programme(), given, as_of=date(2024, 6, 30), by=HERE); "
    "assert not made.report.problems, made.report.problems[:3]; "
    "count = sum(file.read for file in made.report.files[-1:]); " + _TAIL
)


def main() -> None:
    with TemporaryDirectory() as folder:
        stock, structures = Path(folder) / "stock.csv", Path(folder) / "structures.json.gz"
        finess_files.write(stock, "stock", ESTABLISHMENTS)
        finess_files.write(structures, "structures", MEGABYTES)
        contract = _contract(Path(folder))
        runs = {
            f"FINESS CSV, {ESTABLISHMENTS:,} establishments: pandas.read_csv": (
                _PANDAS.format(options="sep=';', header=None, names=range(33), dtype=str, skiprows=1"),
                [stock],
            ),
            f"FINESS CSV, {ESTABLISHMENTS:,} establishments: import": (_SUNES, [stock]),
            f"{USAGES:,} usages: pandas.read_csv": (_PANDAS.format(options="dtype=str"), contract[-1:]),
            f"{USAGES:,} usages, with their dossiers and register: import": (_SUNES, contract),
            f"FINESS JSON, {MEGABYTES} MB unpacked: import": (_SUNES, [structures]),
        }
        told = Table("", "seconds", "ratio", "peak MB", box=MARKDOWN)
        yardstick = 1.0
        for name, (code, paths) in track(runs.items(), "Measuring", console=Console(stderr=True)):
            measures = [_measure(code, paths) for _ in range(1 if "JSON" in name else ROUNDS)]
            seconds, peak = median(each[0] for each in measures), max(each[1] for each in measures)
            yardstick = seconds if "pandas" in name else yardstick
            ratio = "" if "JSON" in name else f"{seconds / yardstick:.1f}"
            told.add_row(name, f"{seconds:.2f}", ratio, f"{peak:.0f}")
    Console(width=160).print(told)


def _measure(code: str, paths: list[Path]) -> list[float]:
    done = subprocess.run(
        (sys.executable, "-c", code, *map(str, paths)), cwd=ROOT, capture_output=True, text=True, check=True
    )
    measure: list[float] = json.loads(done.stdout)
    return measure


def _contract(folder: Path) -> list[Path]:
    """A register, dossiers and `USAGES` rows of usages, in the columns of the contract."""
    draw = random.Random(1)
    kinds = ("lettre_liaison", "ordonnance_sortie", "cr_operatoire", "cr_imagerie", "cr_biologie")
    dossiers = [(f"99{number:07}", window) for number in range(USAGES // 20) for window in (1, 2, 3, 4)]
    texts = {
        "register.csv": ["finess,legal_status,department_code"]
        + [f"{finess},public,31" for finess in dict.fromkeys(finess for finess, _ in dossiers)],
        "applications.csv": ["finess,window,volet,decision"]
        + [f"{finess},{window},dmp,accepted" for finess, window in dossiers],
        "usages.csv": ["finess,window,volet,indicator,numerator,denominator,status"]
        + [
            f"{finess},{window},dmp,{kind},{draw.randrange(500)},500,attained"
            for finess, window in dossiers
            for kind in kinds
        ],
    }
    paths = [folder / name for name in texts]
    for path, lines in zip(paths, texts.values(), strict=True):
        path.write_text("\n".join(lines))
    return paths


if __name__ == "__main__":
    main()
