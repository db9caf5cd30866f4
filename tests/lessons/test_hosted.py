"""A lesson opened alone on a hosted service: its first cell installs the course, and it runs to its end.

The hosted machine is an environment that holds all packages but the course, knows `google.colab`, and has nothing of
this checkout but one notebook. The address is a local git repository, the same files as this working tree.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.tools.test_launch import checkout, relink  # noqa: F401
from tools import launch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Colab is laid out as on Linux")

COLAB = """\
def enable_custom_widget_manager() -> None:
    pass
"""


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(checkout: Path) -> Path:  # noqa: F811
    """A repository whose notebooks name its own address, tagged as the release."""
    done = relink(checkout, checkout.as_uri())
    assert done.returncode == 0, done.stderr
    git(checkout, "init", "-q")
    git(checkout, "add", "-A")
    git(checkout, "commit", "-q", "-m", "release")
    git(checkout, "tag", launch.release())
    return checkout


@pytest.fixture
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with every package of this one except the course, and a stub of google.colab."""
    folder = tmp_path_factory.mktemp("hosted") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    ours = Path(sysconfig.get_paths()["purelib"])
    theirs = folder / ours.relative_to(sys.prefix)
    for entry in ours.iterdir():
        if "course_utils" not in entry.name and entry.name != "__pycache__":
            (theirs / entry.name).symlink_to(entry)
    colab = theirs / "google" / "colab"
    colab.mkdir(parents=True)
    (colab / "__init__.py").touch()
    (colab / "output.py").write_text(COLAB)
    kernel = folder / "share/jupyter/kernels/python3"
    kernel.mkdir(parents=True)
    argv = [str(folder / "bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "hosted", "language": "python"}))
    return folder


def run(notebook: Path, environment: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    monkeypatch.setenv("JUPYTER_PATH", str(environment / "share/jupyter"))
    content: nbformat.NotebookNode = nbformat.read(notebook, as_version=4)
    settings = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV", "COURSE_"))
    }
    settings |= {"HOME": str(home), "PIP_NO_BUILD_ISOLATION": "false", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    settings["PIP_NO_INDEX"] = "1"  # everything but the course is there: nothing may be fetched or changed
    client = NotebookClient(content, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(home)}})
    client.execute(env=settings)
    return content


def test_a_lesson_opened_alone_installs_the_course_and_runs(
    repository: Path, hosted: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shortest lesson; that the package holds what the others import is tested in tests/house/test_wheel.py."""
    (hosted / "lib" / f"python3.{sys.version_info[1]}" / "site-packages" / "colab.pth").write_text(
        "import google.colab"
    )
    home = tmp_path_factory.mktemp("home")
    alone = home / "lesson.ipynb"
    alone.write_bytes((repository / "notebooks" / "00_start_here.ipynb").read_bytes())
    done = run(alone, hosted, home, monkeypatch)
    installed = next(hosted.rglob("course_utils/__init__.py"))
    assert installed.parent.joinpath("_data/README.md").exists()
    text = json.dumps(done)
    assert "Lesson 00 took" in text
    assert not [o for cell in done.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]


def test_on_a_machine_of_one_s_own_nothing_is_installed_unasked(
    repository: Path, hosted: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("home")
    with pytest.raises(CellExecutionError, match="start it with `make lab`"):
        run(repository / "notebooks/00_start_here.ipynb", hosted, home, monkeypatch)
    assert not list(hosted.rglob("course_utils"))
