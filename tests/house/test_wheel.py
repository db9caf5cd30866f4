"""The wheel alone carries the course: with the packages it declares, without the workshop and without this checkout."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
SITE_PACKAGES = Path(sysconfig.get_paths()["purelib"])
LESSONS = sorted((ROOT / "lessons").glob("*.py"))
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the bare environment is made of links")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as `pip install git+…` would build it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel, the packages it needs, theirs, and no other."""
    folder = tmp_path_factory.mktemp("bare") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    site_packages = folder / SITE_PACKAGES.relative_to(sys.prefix)
    for name in top_level_entries(needed_packages(wheel)):
        (site_packages / name).symlink_to(SITE_PACKAGES / name)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_packages)
    return folder / "bin" / "python"


def needed_packages(wheel: Path) -> set[str]:
    """The names of all packages that an install of the wheel brings, without any of its extras."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA")))
    asked = re.findall(r"^Requires-Dist: (.*)$", metadata.decode(), re.MULTILINE)
    found: set[str] = set()
    open_ones = [(Requirement(text), "") for text in asked]
    while open_ones:
        requirement, extra = open_ones.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        with_extras = {name, *(f"{name}[{wanted}]" for wanted in requirement.extras)} - found
        found |= with_extras
        for wanted in with_extras:
            its_extra = wanted.partition("[")[2].rstrip("]")
            open_ones += [(Requirement(text), its_extra) for text in importlib.metadata.requires(name) or []]
    return {name for name in found if "[" not in name}


def top_level_entries(packages: Iterable[str]) -> set[str]:
    """The files and folders in site-packages that belong to these packages."""
    found = set()
    for package in packages:
        for path in importlib.metadata.files(package) or []:
            if path.parts[0] not in ("..", "__pycache__"):
                found.add(path.parts[0])
    return found


def run(python: Path, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code in the bare environment, in a folder that is not this checkout and without its settings."""
    command = [str(python), "-I", "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def import_statements(lesson: Path) -> list[str]:
    """Every import of a lesson, as a statement of its own."""
    nodes = ast.walk(ast.parse(lesson.read_text(encoding="utf-8")))
    return [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def test_the_wheel_holds_package_and_data_and_nothing_of_the_workshop(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"course_utils"}
    ours = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "course_utils", "data"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    expected = {re.sub(r"^data/", "course_utils/_data/", name) for name in ours if name and (ROOT / name).is_file()}
    assert {name for name in names if ".dist-info/" not in name} == expected
    for pattern in (r"widgets/.*\.js$", r"claims/ledger/.*\.toml$", r"_data/results/.*\.json$", r"_data/README\.md$"):
        assert any(re.search(pattern, name) for name in names), pattern


def test_every_import_of_every_lesson_is_there(bare: Path, tmp_path: Path) -> None:
    lines = sorted({line for lesson in LESSONS for line in import_statements(lesson)})
    assert len(LESSONS) > 10
    assert any("course_utils.exercises" in line for line in lines)
    checks = ["import course_utils", f"assert course_utils.__file__.startswith({str(bare.parents[1])!r})"]
    done = run(bare, "\n".join([*checks, *lines]), tmp_path)
    assert done.returncode == 0, done.stderr


def test_what_only_the_workshop_needs_is_absent(bare: Path, tmp_path: Path) -> None:
    """Otherwise a package that pyproject.toml forgets would not be missed here."""
    for name in ("tools", "tests", "pytest", "jupytext", "nbclient", "jupyterlab"):
        assert run(bare, f"import {name}", tmp_path).returncode != 0, name


def test_the_command_runs(bare: Path, tmp_path: Path) -> None:
    code = (
        "from importlib.metadata import entry_points\n"
        "(course,) = entry_points(group='console_scripts', name='course')\n"
        "course.load()(['--help'])\n"
    )
    done = run(bare, code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "doctor" in done.stdout
