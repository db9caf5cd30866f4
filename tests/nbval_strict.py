"""A pytest plugin for the nbval run: cells fail that write to stderr, and those that nbval marks xfail (a time-out).

The evidence cells of a lesson are run at their places among those of its notebook.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from tools import build, evidence

SECONDS_FOR_OUTPUT = 60  # that a busy machine may take to hand over what a cell has shown; nbval's own are 5


def pytest_configure() -> None:
    original = IPyNbFile.collect

    def collect(self: Any) -> Generator[Any, None, None]:
        for cell in with_evidence(self, list(original(self))):
            cell.output_timeout = SECONDS_FOR_OUTPUT
            yield cell

    IPyNbFile.collect = collect


def with_evidence(file: Any, cells: list[Any]) -> Generator[Any, None, None]:
    """The cells that nbval runs of a notebook, and the evidence of its lesson among them."""
    lesson = Path(file.path).stem
    written = build.ROOT / "lessons" / f"{lesson}.py"
    ready = evidence.beside(build.lesson_cells(lesson), written) if written.exists() else []
    for count, cell in enumerate(cells, 1):
        yield cell
        for number, (before, found) in enumerate(ready):
            if max(before, 1) == count:
                options: dict[str, bool] = defaultdict(bool)  # not compared, not skipped
                name = f"Evidence {number}"
                yield IPyNbCell.from_parent(file, name=name, cell_num=cell.cell_num, cell=found, options=options)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    outcome = yield
    report = outcome.get_result()
    if hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"not run: {report.wasxfail}"
        del report.wasxfail
    elif report.when == "call" and report.passed and (noise := written_to_stderr(item)):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} wrote to stderr:\n{noise}"


def written_to_stderr(item: pytest.Item) -> str:
    """What a notebook's cell has written to stderr; empty for any other test."""
    outputs = getattr(item, "test_outputs", None) or ()
    return "".join(output.text for output in outputs if output.get("name") == "stderr")
