"""The Makefile: `make help` lists every target, `make clean` removes what the course made, `make format` formats."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.install import Environment

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
pytestmark = pytest.mark.skipif(shutil.which("make") is None or sys.platform == "win32", reason="no make here")


def phony_targets() -> list[str]:
    (names,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    return list(names.split())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the Makefile, and a file and a cache in each place that `make clean` looks at."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("build/pages", ".mypy_cache", ".ruff_cache", ".hypothesis", "tests/__pycache__", "venv/__pycache__"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").touch()
    (tmp_path / "tests" / "test_kept.py").touch()
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_help_lists_every_target_with_a_sentence() -> None:
    listed = re.findall(r"^  make (\S+) +(\S.*)$", make(ROOT, "help").stdout, re.MULTILINE)
    assert [name for name, _ in listed] == list(dict.fromkeys(name for name, _ in listed))
    assert {name for name, _ in listed} == set(phony_targets())
    assert {"setup", "lab", "test", "format", "clean"} <= set(phony_targets())


def test_every_target_is_declared_phony() -> None:
    assert set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE)) == set(phony_targets())


def test_clean_removes_build_and_caches_and_nothing_else(folder: Path) -> None:
    done = make(folder, "clean")
    assert done.returncode == 0, done.stderr
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert left == ["Makefile", "tests/test_kept.py", "venv/__pycache__/file"]
    assert make(folder, "clean").returncode == 0  # a second time there is nothing left to do


@pytest.mark.parametrize("name", ["stamp", "marker"])
def test_clean_removes_an_environment_that_the_course_made(folder: Path, name: str) -> None:
    environment = Environment(folder)
    environment.dir.mkdir()
    (environment.dir / "file").touch()
    getattr(environment, name).touch()
    assert make(folder, "clean").returncode == 0
    assert not environment.dir.exists()


def foreign_folder(folder: Path) -> None:
    (folder / ".venv").mkdir()
    (folder / ".venv" / "file").touch()


def link_to_one_of_ours(folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    (elsewhere / Environment(folder).stamp.name).touch()
    (folder / ".venv").symlink_to(elsewhere)


@pytest.mark.parametrize("prepare", [foreign_folder, link_to_one_of_ours])
def test_clean_leaves_another_environment_alone_and_says_so(folder: Path, prepare: Callable[[Path], None]) -> None:
    prepare(folder)
    done = make(folder, "clean")
    assert done.returncode == 0, done.stderr
    assert "it stays" in done.stdout
    assert (folder / ".venv" / "file").exists()
    assert not (folder / "build").exists()


def test_format_formats_lessons_too_and_still_reports_what_ruff_cannot_correct(folder: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("data", "__pycache__"))
    lesson, module = folder / "lessons" / "99_x.py", folder / "tests" / "test_x.py"
    lesson.parent.mkdir()
    lesson.write_text("# %% [markdown]\n# One. Two.\n\n# %%\nx={'a':1}\n", encoding="utf-8")
    module.write_text("import sys\nimport os\nprint( os,undefined )\n", encoding="utf-8")
    without_setup = ("format", "PYTHON=true", f"BIN={Path(sys.executable).parent}")
    done = make(folder, *without_setup)
    assert done.returncode != 0
    assert "undefined" in done.stdout
    assert lesson.read_text(encoding="utf-8") == '# %% [markdown]\n# One.\n# Two.\n\n# %%\nx = {"a": 1}\n'
    assert module.read_text(encoding="utf-8") == "import os\n\nprint(os, undefined)\n"
    module.write_text("import os\n\nprint(os)\n", encoding="utf-8")
    assert make(folder, *without_setup).returncode == 0


def test_terminals_and_kernels_of_the_lab_find_the_command_course(folder: Path) -> None:
    said = make(folder, "--dry-run", "lab").stdout
    assert f'PATH="{folder.resolve()}/.venv/bin:$PATH" .venv/bin/jupyter lab' in said
