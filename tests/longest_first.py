"""A pytest plugin: files that take longest begin first, so that two workers end at about the same time.

The seconds of each file stand in tests/durations.json, which `make durations` writes; a file that is not in it begins
before all others.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

TABLE = Path(__file__).with_name("durations.json")


def seconds_by_file() -> dict[str, float]:
    """What was measured last: file → seconds."""
    return dict(json.loads(TABLE.read_text(encoding="utf-8"))) if TABLE.exists() else {}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    seconds = seconds_by_file()

    def order(item: pytest.Item) -> float:
        path = item.path
        name = path.relative_to(config.rootpath).as_posix() if path.is_relative_to(config.rootpath) else str(path)
        return -seconds.get(name, math.inf)

    items.sort(key=order)  # stable: the tests of a file stay together and in their order
