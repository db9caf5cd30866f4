"""A pytest plugin for the nbval run: cells fail that write to stderr, and those that nbval marks xfail (a time-out)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest


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
