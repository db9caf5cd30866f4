"""The course's address stands in one place, and one command writes it into every link."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.errors import CourseError
from tools import launch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the working tree's files that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            target = tmp_path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    return tmp_path


def relink(checkout: Path, address: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.build", "--address", address]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def mentions(checkout: Path, address: str) -> set[str]:
    files = [p for p in checkout.rglob("*") if p.suffix in {".md", ".toml", ".cff", ".ipynb", ".py", ".yml"}]
    return {str(p.relative_to(checkout)) for p in files if address in p.read_text(encoding="utf-8")}


def test_one_command_rewrites_every_link_and_nothing_is_stale(checkout: Path) -> None:
    before = launch.repository().removeprefix("https://github.com/")
    done = relink(checkout, "https://github.com/someone/another")
    assert done.returncode == 0, done.stderr
    assert "building" not in done.stdout  # no lesson had to run again
    assert mentions(checkout, before) == set()
    named = mentions(checkout, "someone/another")
    assert named >= {"pyproject.toml", "CITATION.cff", "README.md", "notebooks/05_recurrent_networks.ipynb"}
    first = json.loads((checkout / "notebooks/05_recurrent_networks.ipynb").read_text())["cells"]
    assert "colab.research.google.com/github/someone/another/" in "".join(first[0]["source"])
    assert "git+https://github.com/someone/another.git@v" in "".join(first[1]["source"])


@pytest.mark.parametrize(
    "wrong", ["someone/another", "http://x", "https://github.com/a/b/c", "", 'https://github.com/a/b"']
)
def test_what_is_no_address_is_refused_and_nothing_changes(checkout: Path, wrong: str) -> None:
    before = (checkout / "pyproject.toml").read_bytes()
    with pytest.raises(CourseError, match="is not an address like"):
        launch.relink(wrong, checkout)
    assert (checkout / "pyproject.toml").read_bytes() == before


def test_a_lesson_changed_since_it_was_built_is_not_given_links_as_if_it_had_run(checkout: Path) -> None:
    lesson = checkout / "lessons/00_start_here.py"
    lesson.write_text(lesson.read_text().replace("my_guess = ...", "my_guess = 5"))
    done = relink(checkout, "https://github.com/someone/another")
    assert done.returncode == 1
    assert "run `make notebooks` first" in done.stderr
