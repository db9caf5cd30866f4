"""Each fault that `course doctor` can find comes with its fix; a good machine comes with none."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from course_utils.cli import doctor, main
from course_utils.cli.doctor import Finding, Report
from tools.install import Environment


@pytest.mark.parametrize(
    ("finding", "fix"),
    [
        (doctor.check_python((3, 9, 18)), "Install Python 3.11"),
        (doctor.check_packages(["torch>=999"]), "Run `"),
        (doctor.check_packages(["a-package-that-is-not-there>=1"]), "Run `"),
        (doctor.check_files([Path("/notebooks/torch.py")]), f"Rename {Path('/notebooks/torch.py')}"),
        (doctor.check_memory(0.4e9), "Close other programs"),
        (doctor.check_disk(0.2e9), "Free at least 1 GB"),
    ],
    ids=["old Python", "old package", "missing package", "own torch.py", "little memory", "little disk"],
)
def test_every_fault_has_its_fix(finding: Finding, fix: str) -> None:
    assert not finding.fine
    assert fix in finding.fix
    assert finding.fix in str(Report([finding]))
    assert "One thing to fix" in Report([finding]).html


def test_a_good_machine_has_nothing_to_fix() -> None:
    good = [doctor.check_python((3, 11, 0)), doctor.check_memory(8e9), doctor.check_disk(9e9), doctor.check_torch()]
    assert all(finding.fine for finding in good)
    assert "ready for the course" in str(Report(good))


def test_versions_found_are_those_installed() -> None:
    assert version("torch") in doctor.check_packages(doctor.own_requirements()).state


def test_a_torch_that_cannot_be_imported_is_a_fault_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # what import finds when a package is broken
    finding = doctor.check_torch()
    assert "cannot compute" in finding.state
    assert finding.fix == doctor.install_torch_anew()


@pytest.mark.parametrize("made", [True, False])
def test_the_fix_fits_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: bool) -> None:
    """`make` brings up to date what it has made, and leaves every other environment alone."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    if made:
        Environment(tmp_path, tmp_path).stamp.touch()
    packages = doctor.check_packages(["torch>=2", "torch>=999", "not-there>=1"]).fix
    torch = doctor.install_torch_anew()
    if made:
        assert "`make setup`" in packages
        assert "`make clean setup`" in torch  # `make setup` alone finds nothing missing
    else:
        assert f'{sys.executable} -m pip install "torch>=999" "not-there>=1"`' in packages
        assert "--force-reinstall torch" in torch
        assert "make" not in packages + torch


def test_a_file_named_torch_py_is_named_by_doctor_and_start(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("greeting = 'my own file'\n", encoding="utf-8")
    code = "import sys; sys.path.insert(0, ''); import course_utils; from course_utils.cli.doctor import doctor; {}"
    settings = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(Path(doctor.__file__).parents[2])}
    for call in ("print(doctor())", "course_utils.start('05_recurrent_networks')"):
        command = [sys.executable, "-c", code.format(call)]
        done = subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, encoding="utf-8", check=False)
        assert f"Rename {tmp_path.resolve() / 'torch.py'}" in done.stdout + done.stderr
        assert "make setup" not in done.stdout


@pytest.mark.parametrize(
    ("prefix", "limit", "used", "cache"),
    [
        ("", "memory.max", "memory.current", "inactive_file"),
        ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ],
)
def test_memory_in_a_container_is_what_its_limit_leaves(
    tmp_path: Path, prefix: str, limit: str, used: str, cache: str
) -> None:
    folder = tmp_path / prefix
    folder.mkdir(exist_ok=True)
    (folder / limit).write_text("2000000000\n")
    (folder / used).write_text("900000000\n")
    (folder / "memory.stat").write_text(f"anon 5\n{cache} 300000000\n")
    assert doctor.container_memory(tmp_path) == 1.4e9


def test_a_container_without_limit_leaves_all(tmp_path: Path) -> None:
    for name, text in (("memory.max", "max\n"), ("memory.current", "5\n"), ("memory.stat", "inactive_file 1\n")):
        (tmp_path / name).write_text(text)
    assert doctor.container_memory(tmp_path) == float("inf")
    assert doctor.container_memory(tmp_path / "absent") == float("inf")


@pytest.mark.parametrize("fine", [True, False])
def test_the_command_ends_with_1_where_something_is_to_be_mended(
    fine: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = Finding("disk", "0.1 GB free", "" if fine else "Free some.")
    monkeypatch.setattr(doctor, "doctor", lambda: Report([finding]))
    assert main.main(["doctor"]) == (0 if fine else 1)
    assert "0.1 GB free" in capsys.readouterr().out


def test_an_unknown_command_lists_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.main(["docter"])
    assert "doctor" in capsys.readouterr().err
