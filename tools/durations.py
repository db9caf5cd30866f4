"""`make durations`: what `make test` takes, part by part, and its 30 slowest tests.

    python -m tools.durations

Runs the parts of `make test` one after the other, each with its clock, and writes the seconds of each file to
tests/durations.json, by which the longest files begin first.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "build" / "durations"
TABLE = ROOT / "tests" / "durations.json"
PARTS = ("lint", "unit", "nbval")
SLOWEST = 30


@dataclass(frozen=True)
class Case:
    """One test: the file it stands in, its name, and its seconds with what it set up."""

    file: str
    name: str
    seconds: float


def cases(report: Path, root: Path = ROOT) -> list[Case]:
    """The tests of a JUnit report.

    Args:
        report: what pytest's --junitxml wrote.
        root: the checkout, to tell files from classes.
    """
    rows = []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        names = case.get("classname", "").split(".")
        file = next(
            (path for n in range(len(names), 0, -1) for path in _paths(names[:n], root)), case.get("classname", "")
        )
        rows.append(Case(file, case.get("name", ""), float(case.get("time", 0))))
    return rows


def _paths(names: list[str], root: Path) -> list[str]:
    """The file that these names lead to, if there is one: ("tests", "test_stats") or ("notebooks", "00_x", "ipynb")."""
    *folders, last = names
    candidates = ["/".join(names) + ".py", "/".join(folders) + f".{last}"]
    return [name for name in candidates if (root / name).is_file()]


def by_file(all_cases: list[Case]) -> dict[str, float]:
    """The seconds of each file, the longest first."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for case in all_cases:
        seconds[case.file] += case.seconds
    return {file: round(seconds[file], 1) for file in sorted(seconds, key=lambda file: -seconds[file])}


def table(walls: dict[str, float], all_cases: list[Case]) -> str:
    """What to print: the parts with their seconds, and the slowest tests."""
    browser = sum(case.seconds for case in all_cases if case.file.startswith("tests/browser/"))
    lines = [f"{part:10} {seconds:7.0f} s on the clock" for part, seconds in walls.items()]
    lines.append(f"{'together':10} {sum(walls.values()):7.0f} s, of which browser tests {browser:.0f} s of one worker")
    lines += ["", f"The {SLOWEST} slowest tests:"]
    slowest = sorted(all_cases, key=lambda case: -case.seconds)[:SLOWEST]
    return "\n".join(lines + [f"{case.seconds:7.1f} s  {case.file}::{case.name}" for case in slowest])


def main() -> int:
    """Run the parts, print the table, write the seconds of each file."""
    walls: dict[str, float] = {}
    failed = []
    for part in PARTS:
        began = time.perf_counter()
        if subprocess.run(["make", part], cwd=ROOT, check=False).returncode:
            failed.append(part)
        walls[part] = time.perf_counter() - began
    all_cases = [
        case for part in PARTS if (REPORTS / f"{part}.xml").exists() for case in cases(REPORTS / f"{part}.xml")
    ]
    print(table(walls, all_cases))
    if failed:
        print(f"Failed: {', '.join(failed)}. tests/durations.json is left as it was.", file=sys.stderr)
        return 1
    TABLE.write_text(json.dumps(by_file(all_cases), indent=0) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
