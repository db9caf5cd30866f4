"""What all tests share: a progress file of their own, one thread, and patience with slow machines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
# A slow machine is not a fault. In CI the examples are the same in every run; elsewhere they are new each time.
settings.register_profile(
    "course", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("course")


@pytest.fixture(autouse=True)
def own_progress(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder: Path = tmp_path_factory.mktemp("progress")
    monkeypatch.setenv("COURSE_PROGRESS", str(folder / "progress.jsonl"))
