"""What all tests share: a progress file of their own, one thread, and patience with slow machines."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from tests.experiments import small_runs
from tests.strategies import FEW, LONG, MORE, PATIENCE

torch.set_num_threads(1)
# A slow machine is not a fault. In `make test` the examples are few, and in CI the same in every run;
# in `make test-long` (COURSE_TESTS=long) they are many and new each time.
PATIENT = settings(deadline=None, suppress_health_check=PATIENCE)
settings.register_profile("course", PATIENT, max_examples=FEW, derandomize=bool(os.environ.get("CI")))
settings.register_profile("long", PATIENT, max_examples=MORE * FEW, print_blob=True)
settings.load_profile("long" if LONG else "course")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    long = [item for item in items if item.get_closest_marker("long")]
    if long and not LONG:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(autouse=True, scope="session")
def shared_rows(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The processes of one run of the tests measure the small settings of an experiment once between them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        small_runs.share(tmp_path_factory.getbasetemp().parent / "small_rows")


@pytest.fixture(autouse=True)
def own_progress(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder: Path = tmp_path_factory.mktemp("progress")
    monkeypatch.setenv("COURSE_PROGRESS", str(folder / "progress.jsonl"))


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user number without a name, and no HOME, as in a container: nothing tells where home is."""

    def unknown(path: Path) -> Path:
        if str(path).startswith("~"):
            raise RuntimeError("Could not determine home directory.")
        return path

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", unknown)


@pytest.fixture
def stop_button() -> Iterator[None]:
    """SIGINT raises a KeyboardInterrupt, also where it was ignored at the start, as in a background job."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
