"""What .gitattributes says: built files are generated, sources are not, and data stays as it is byte by byte."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = (
    "notebooks/*.ipynb",
    "requirements.lock",
    "docs/bench.md",
    "docs/study.md",
    "data/results/*.json",
    "data/checkpoints/*",
)
BUILT_DATA = ("tests/durations.json", "data/*.ogg", "data/*.json", "data/*.npz")
WRITTEN = (
    "lessons/*.py",
    "course_utils/**/*.py",
    "docs/writing_lessons.md",
    "*.md",
    "pyproject.toml",
    "data/README.md",
)
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this system")


def files(*patterns: str) -> list[str]:
    found = [path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository with our attributes, so that the test also runs in a copy without git's folder."""
    folder = tmp_path_factory.mktemp("attributes")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    shutil.copy(ROOT / ".gitattributes", folder)
    return folder


def attributes(repository: Path, name: str, paths: list[str]) -> dict[str, str]:
    """The value of an attribute for each path, as `git check-attr` gives it."""
    assert paths
    command = ["git", "-C", str(repository), "check-attr", "-z", "--stdin", name]
    done = subprocess.run(command, input="\0".join(paths), capture_output=True, text=True, check=True)
    fields = done.stdout.rstrip("\0").split("\0")
    return dict(zip(fields[0::3], fields[2::3], strict=True))


@pytest.mark.parametrize("pattern", [*BUILT, *BUILT_DATA])
def test_built_files_are_marked_as_generated(repository: Path, pattern: str) -> None:
    paths = files(pattern) if "*" in pattern else [pattern]
    assert set(attributes(repository, "linguist-generated", paths).values()) == {"set"}


@pytest.mark.parametrize("pattern", WRITTEN)
def test_sources_are_not(repository: Path, pattern: str) -> None:
    paths = [path for path in files(pattern) if path != "docs/bench.md"]
    assert set(attributes(repository, "linguist-generated", paths).values()) == {"unspecified"}


def test_binary_data_is_never_changed_by_git(repository: Path) -> None:
    paths = [path for path in files("data/**/*", "course_utils/**/*") if b"\0" in (ROOT / path).read_bytes()]
    paths = [path for path in paths if "__pycache__" not in path]
    assert set(attributes(repository, "text", paths).values()) == {"unset"}


def test_text_has_the_same_line_ends_everywhere(repository: Path) -> None:
    paths = files("lessons/*.py", "notebooks/*.ipynb", "*.md", "Makefile", "requirements.lock")
    assert set(attributes(repository, "eol", paths).values()) == {"lf"}
    for path in paths:
        assert b"\r\n" not in (ROOT / path).read_bytes(), path
