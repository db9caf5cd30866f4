"""`make bench`: what each lesson takes, measured from outside its kernel, written to docs/bench.md.

    python -m tools.bench [NAME …]

With names, the rows of these lessons are written and all others stay. Seconds are those of the whole kernel: its start
and imports included.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
from nbclient.exceptions import CellExecutionError

from course_utils.errors import CourseError
from course_utils.runtime import peak_memory
from course_utils.syllabus import LESSONS
from tools import build, failures, launch

TABLE = launch.ROOT / "docs" / "bench.md"
ROW = re.compile(r"^\| (\w+) \| ([\d.]+) \| \d+ \| ([\d.]+) \| (\d+) \| (\w+) \|$", re.MULTILINE)
MACHINE = re.compile(r"^- ([A-Z]\w*): (.+)\.$", re.MULTILINE)


@dataclass(frozen=True)
class Measurement:
    """What one run of a lesson took, in seconds and bytes, and on which machine."""

    lesson: str
    cpu: float
    wall: float
    peak: int
    machine: str


def measure(name: str, root: Path = launch.ROOT) -> Measurement:
    """Run a lesson in a fresh kernel and look at the kernel's process before it ends.

    Raises:
        CourseError: the lesson does not run to its end.
    """
    notebook = build.unexecuted(name, root)
    client = build.kernel_client(notebook, root / "notebooks")
    began = time.perf_counter()
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                raise failures.failure(notebook, error, root) from None
        wall = time.perf_counter() - began
        assert client.km is not None
        kernel = psutil.Process(getattr(client.km.provisioner, "pid"))  # noqa: B009
        times = kernel.cpu_times()
        cpu = times.user + times.system + times.children_user + times.children_system
        return Measurement(name, cpu, wall, peak_memory(kernel.pid), machine())


def machine() -> str:
    """The machine and the versions, in one line."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].split(":")[1].strip() if lines else model
    memory = psutil.virtual_memory().total / 1e9
    return (
        f"{platform.system()} {platform.machine()}, {model}, {os.cpu_count()} cores, {memory:.0f} GB; "
        f"Python {platform.python_version()}, torch {version('torch')}, numpy {version('numpy')}"
    )


def table(rows: Sequence[Measurement]) -> str:
    """The measurements as a page of markdown; machines are named by letters, A for the first."""
    letters = {name: chr(ord("A") + n) for n, name in enumerate(dict.fromkeys(row.machine for row in rows))}
    lines = [
        "# What each lesson takes",
        "",
        "Written by `make bench`: Run All in a fresh kernel, its start and imports included. The budget is that of the",
        "syllabus, in CPU seconds. A test checks that every lesson has a row; no test depends on the figures.",
        "",
        "| lesson | CPU s | budget | wall s | peak memory MB | machine |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        budget, machine = LESSONS[row.lesson].budget, letters[row.machine]
        lines.append(f"| {row.lesson} | {row.cpu:.1f} | {budget} | {row.wall:.1f} | {row.peak / 1e6:.0f} | {machine} |")
    return "\n".join([*lines, "", *(f"- {letter}: {name}." for name, letter in letters.items())]) + "\n"


def rows_of(text: str) -> list[Measurement]:
    """The measurements of a page that `table` wrote."""
    machines = dict(MACHINE.findall(text))
    return [
        Measurement(lesson, float(cpu), float(wall), int(peak) * 10**6, machines[letter])
        for lesson, cpu, wall, peak, letter in ROW.findall(text)
    ]


def updated(text: str, measured: Sequence[Measurement], written: Sequence[str]) -> str:
    """A page with new measurements in place of those of the same lessons; the others stay.

    Args:
        text: the page as it is.
        measured: the new measurements.
        written: the lessons that are written, in order; rows of others are dropped.
    """
    rows = {row.lesson: row for row in (*rows_of(text), *measured)}
    return table([rows[name] for name in written if name in rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all lessons, or those named, and write their rows of the table."""
    parser = argparse.ArgumentParser(description="Measure each lesson: CPU seconds, wall seconds, peak memory.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons to measure (default: all)")
    options = parser.parse_args(arguments)
    try:
        measured = [measure(name) for name in build.chosen(options.names)]
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    before = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    TABLE.write_text(updated(before, measured, build.lesson_names()), encoding="utf-8")
    print(table(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
