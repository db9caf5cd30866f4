"""Runs the tests with the oldest and the newest packages that pyproject.toml allows, each in an environment of its own.

    python -m tools.versions [oldest] [newest] [--quick]

The environments stand in build/venvs and are made again each time. Browser tests are left out: they test JupyterLab.
`--quick` leaves out what trains for long, and most lessons: `make test-oldest`, once for each change.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESOLUTIONS = {"oldest": "lowest-direct", "newest": "highest"}  # what uv calls them
# what is only about the lock, the set-up of .venv, or the text that one version of ruff gives
OF_THE_LOCK = ("tests/browser", "tests/house", "tests/tools/test_install.py")

# what leans on packages without training for long; lesson 05 has questions, widgets and figures
QUICK_TESTS = (
    *("tests/cli", "tests/data", "tests/display", "tests/exercises/engine", "tests/exercises/test_exercises.py"),
    *("tests/exercises/test_wrong_answers.py", "tests/figures", "tests/metrics", "tests/models", "tests/nn"),
    *("tests/training", "tests/widgets", "tests/test_checks.py", "tests/test_runtime.py", "tests/test_stats.py"),
    "tests/test_surroundings.py",
)
QUICK_NOTEBOOKS = ("notebooks/00_start_here.ipynb", "notebooks/05_recurrent_networks.ipynb")


def run(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> int:
    """Run a command in the checkout; its output goes to the terminal."""
    print("$", *command, flush=True)
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, check=False).returncode


def install(which: str, folder: Path) -> int:
    """Make an environment with these packages. Returns the exit status."""
    uv = Path(sys.executable).with_name("uv")
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # --no-config: the pins of torch in pyproject.toml, [tool.uv], are meant for the lock and would hold here too
    pip: list[str | Path] = [uv, "pip", "install", "--quiet", "--no-config", "--resolution", RESOLUTIONS[which]]
    return run([uv, "venv", "--quiet", "--python", sys.executable, folder]) or run(
        [*pip, "--python", python, "-e", ".[lab,dev]"]
    )


def check(which: str, quick: bool = False) -> int:
    """Run the tests and the notebooks with these packages. Returns the exit status of the first that fails, else 0.

    Args:
        which: "oldest" or "newest".
        quick: leave out what takes long.
    """
    folder = ROOT / "build" / "venvs" / which
    if status := install(which, folder):
        return status
    bin_folder = folder / ("Scripts" if os.name == "nt" else "bin")
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(folder)}
    pytest: list[str | Path] = [bin_folder / "python", "-m", "pytest"]
    workers = ["-p", "tests.longest_first", "-n", "logical", "--dist", "loadfile"]
    left_out = [f"--ignore={path}" for path in OF_THE_LOCK]
    tests, notebooks = (QUICK_TESTS, QUICK_NOTEBOOKS) if quick else (("tests",), ("notebooks",))
    unit = run([*pytest, *tests, *workers, *left_out], environment)
    return unit or run([*pytest, *notebooks, "-p", "tests.nbval_strict", "--nbval-lax", *workers], environment)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the one that is named, or both."""
    parser = argparse.ArgumentParser(description="Run the tests with the oldest and the newest packages.")
    parser.add_argument("which", nargs="*", choices=[*RESOLUTIONS, []], metavar="oldest|newest")
    parser.add_argument("--quick", action="store_true", help="leave out what takes long")
    options = parser.parse_args(arguments)
    statuses = {which: check(which, options.quick) for which in options.which or RESOLUTIONS}
    for which, status in statuses.items():
        print(f"{which} packages: {'passed' if status == 0 else 'FAILED'}")
    return int(any(statuses.values()))


if __name__ == "__main__":
    sys.exit(main())
