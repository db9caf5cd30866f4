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
