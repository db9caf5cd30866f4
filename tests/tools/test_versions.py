"""The environments of `make test-long`: the oldest and the newest packages, torch included."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import versions

PYPROJECT = tomllib.loads((versions.ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("which", ["oldest", "newest"])
def test_the_pins_of_the_lock_do_not_hold(which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """uv reads [tool.uv] of the folder that it runs in, unless told not to."""
    commands: list[list[str]] = []

    def record(command: Sequence[str | Path]) -> int:
        commands.append([str(part) for part in command])
        return 0

    monkeypatch.setattr(versions, "run", record)
    assert versions.install(which, tmp_path / "environment") == 0
    assert any(pin.startswith("torch==") for pin in PYPROJECT["tool"]["uv"]["constraint-dependencies"])
    (pip,) = [command for command in commands if "pip" in command]
    assert "--no-config" in pip
    assert pip[pip.index("--resolution") + 1] == versions.RESOLUTIONS[which]
    assert pip[-1] == ".[lab,dev]"
    uv = subprocess.run([*pip[:3], "--help"], capture_output=True, text=True, check=True)
    assert "--no-config" in uv.stdout
    assert pip[pip.index("--python") + 1].startswith(str(tmp_path))
    assert commands[0][:2] == [str(Path(sys.executable).with_name("uv")), "venv"]


def test_the_quick_run_names_tests_that_are_there_and_leaves_out_most_lessons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def record(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> int:
        commands.append([str(part) for part in command])
        return 0

    monkeypatch.setattr(versions, "run", record)
    monkeypatch.setattr(versions, "install", lambda which, folder: 0)
    assert versions.main(["oldest", "--quick"]) == 0
    unit, notebooks = commands
    assert {*versions.QUICK_TESTS} <= {*unit}
    assert {*versions.QUICK_NOTEBOOKS} <= {*notebooks}
    assert "tests" not in unit
    assert "notebooks" not in notebooks
    assert all((versions.ROOT / path).exists() for path in (*versions.QUICK_TESTS, *versions.QUICK_NOTEBOOKS))
    commands.clear()
    assert versions.main(["oldest"]) == 0
    assert "tests" in commands[0]
    assert "notebooks" in commands[1]
