"""Scripts follow the Python that runs them; on POSIX test_install.py runs them in a folder that was moved."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.moved_scripts import with_python


def test_a_launcher_of_windows_names_its_new_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = tmp_path / "course.exe"
    python = tmp_path / "old" / "python.exe"
    launcher.write_bytes(b"MZ\x00launcher#!" + bytes(python) + b"\n\r\nPK\x03\x04")
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        with_python(launcher, python.parent, tmp_path / "new")
    new = os.fsencode(str(tmp_path / "new" / "python.exe"))
    assert launcher.read_bytes() == b'MZ\x00launcher#!"' + new + b'"\n\r\nPK\x03\x04'
