"""`make bench`: what each lesson takes, measured from outside its kernel, written to docs/bench.md.

Seconds are those of the whole kernel: its start and imports included.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

from course_utils.errors import CourseError
from course_utils.runtime import peak_memory
from course_utils.syllabus import LESSONS
from tools import build, launch

TABLE = launch.ROOT / "docs" / "bench.md"


@dataclass(frozen=True)
class Measurement:
    """What one run of a lesson took: seconds and bytes."""

    lesson: str
    cpu: float
    wall: float
    peak: int


def measure(name: str, root: Path = launch.ROOT) -> Measurement:
    """Run a lesson in a fresh kernel and look at the kernel's process before it ends."""
    notebook = build.unexecuted(name, root)
    client = build.kernel_client(notebook, root / "notebooks")
    began = time.perf_counter()
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        wall = time.perf_counter() - began
        assert client.km is not None
        kernel = psutil.Process(getattr(client.km.provisioner, "pid"))  # noqa: B009
        times = kernel.cpu_times()
        cpu = times.user + times.system + times.children_user + times.children_system
        return Measurement(name, cpu, wall, peak_memory(kernel.pid))


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
    """The measurements as a page of markdown."""
    lines = [
        "# What each lesson takes",
        "",
        "Written by `make bench`: Run All in a fresh kernel, its start and imports included. The budget is that of the",
        "syllabus, in CPU seconds. No test depends on these figures.",
        "",
        f"Machine: {machine()}.",
        "",
        "| lesson | CPU s | budget | wall s | peak memory MB |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        budget = LESSONS[row.lesson].budget
        lines.append(f"| {row.lesson} | {row.cpu:.1f} | {budget} | {row.wall:.1f} | {row.peak / 1e6:.0f} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all lessons and write the table, or measure the lessons named and print it."""
    parser = argparse.ArgumentParser(description="Measure each lesson: CPU seconds, wall seconds, peak memory.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons to measure (default: all, written to docs/)")
    options = parser.parse_args(arguments)
    try:
        text = table([measure(name) for name in build.chosen(options.names)])
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    print(text)
    if not options.names:
        TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
