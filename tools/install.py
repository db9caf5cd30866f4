"""Sets up `.venv` from requirements.lock; every `make` target calls it first.

Runs on a bare Python (standard library only), before anything is installed:

    python3.11 tools/install.py [--torch pypi|cpu]

A second call returns at once. A changed lock or pyproject.toml installs again. An install that was interrupted has
left its marker behind, and the next call starts that environment anew (finished downloads are in pip's cache).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = (3, 11)
TORCH_SOURCES = ("pypi", "cpu")
TORCH_PACKAGES = ("torch", "torchvision", "torchaudio")
CUDA_PACKAGES = re.compile(r"(nvidia-.*|triton)$")


class InstallError(Exception):
    """What went wrong, in a sentence that says what to do."""


def requirement_blocks(lock: str) -> dict[str, str]:
    """The entries of a lock file: "name==version ; marker" -> the whole entry with its hashes."""
    blocks: dict[str, str] = {}
    head = ""
    for line in lock.splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            head = line.rstrip(" \\")
            blocks[head] = line + "\n"
        elif head and line.startswith(" "):
            blocks[head] += line + "\n"
    return blocks


def package_name(requirement: str) -> str:
    """ "Foo_bar==1.0 ; marker" -> "foo-bar"."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def without_torch(lock: str) -> tuple[str, list[str]]:
    """Split a lock for the CPU build: the lock without torch and CUDA, and torch's own pins without hashes."""
    kept, torch_pins = "", []
    for requirement, block in requirement_blocks(lock).items():
        name = package_name(requirement)
        if name in TORCH_PACKAGES:
            torch_pins.append(requirement.split(";")[0].strip())
        elif not CUDA_PACKAGES.match(name):
            kept += block
    return kept, torch_pins


class Environment:
    """The folder `.venv` beside the lock, its stamp (what is installed) and its marker (an install under way)."""

    def __init__(self, root: Path, venv_dir: Path | None = None) -> None:
        self.root = root
        self.dir = venv_dir or root / ".venv"
        self.stamp = self.dir / "course-installed"
        self.marker = self.dir / "course-install-under-way"
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.bin = self.dir / scripts
        self.python = self.bin / ("python.exe" if os.name == "nt" else "python")

    def torch_source(self, asked: str | None) -> str:
        """The source asked for; else the one installed before; else PyPI."""
        before = self.stamp.read_text().split() if self.stamp.exists() else []
        return asked or (before[0] if before and before[0] in TORCH_SOURCES else "pypi")

    def fingerprint(self, torch_source: str) -> str:
        """What an install depends on: where torch comes from, the lock, pyproject.toml and this folder."""
        digest = hashlib.sha256()
        for name in ("requirements.lock", "pyproject.toml"):
            digest.update((self.root / name).read_bytes())
        return f"{torch_source} {digest.hexdigest()} {self.root}"

    def is_current(self, torch_source: str) -> bool:
        """Is everything installed as it should be?"""
        if self.marker.exists() or not self.stamp.exists():
            return False
        return self.stamp.read_text() == self.fingerprint(torch_source) and self.runs()

    def runs(self) -> bool:
        """Is there a Python with pip in it? (It is gone when the Python beneath was removed.)"""
        try:
            done = subprocess.run([self.python, "-c", "import pip"], capture_output=True, check=False)
        except OSError:
            return False
        return done.returncode == 0

    def create(self) -> None:
        """Make the environment where it is missing or was left half made, and set the marker."""
        interrupted = self.marker.exists() or (self.dir.exists() and not self.stamp.exists())
        if interrupted or not self.runs():
            if interrupted:
                print("An earlier install was interrupted: starting its environment anew.")
            make_venv(self.dir)
        self.marker.touch()

    def pip(self, *arguments: str) -> None:
        """`pip install` with these arguments."""
        run([str(self.python), "-m", "pip", "install", "--disable-pip-version-check", *arguments])

    def install(self, torch_source: str) -> None:
        """Install the lock and the course's own package; the marker goes when all is done."""
        fingerprint = self.fingerprint(torch_source)
        self.create()
        lock = self.root / "requirements.lock"
        if torch_source == "cpu":
            kept, torch_pins = without_torch(lock.read_text())
            lock = self.dir / "requirements-without-torch.lock"
            lock.write_text(kept)
        self.pip("--quiet", "--progress-bar", "on", "--no-deps", "--require-hashes", "-r", str(lock))
        if torch_source == "cpu":
            self.install_cpu_torch(torch_pins)
        self.pip("--quiet", "--no-deps", "--no-build-isolation", "--editable", str(self.root))
        self.write_lab_settings()
        self.stamp.write_text(fingerprint)
        self.marker.unlink()

    def write_lab_settings(self) -> None:
        """JupyterLab in this environment asks no server for news or updates, and the learner no question about it."""
        settings = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
        folder = self.dir / "share" / "jupyter" / "lab" / "settings"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "overrides.json").write_text(json.dumps(settings))

    def install_cpu_torch(self, torch_pins: list[str]) -> None:
        """uv knows PyTorch's own index of CPU builds."""
        uv = str(self.bin / "uv")
        try:
            run(
                [uv, "pip", "install", "--python", str(self.python), "--no-deps", "--torch-backend", "cpu", *torch_pins]
            )
        except InstallError as error:
            raise InstallError(
                "PyTorch's index of CPU builds did not answer (see above). "
                "Try again, or leave TORCH=cpu out: the ordinary build runs on a CPU as well, it is only larger."
            ) from error


def make_venv(folder: Path) -> None:
    """An empty virtual environment with pip."""
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(folder)
    except subprocess.CalledProcessError as error:
        raise InstallError(
            "This Python cannot make a virtual environment (its module ensurepip is missing). "
            "On Debian or Ubuntu: sudo apt install python3-venv. Then run the same command again."
        ) from error


def run(command: list[str]) -> None:
    """Run a command; its output goes to the terminal."""
    if subprocess.run(command, check=False).returncode:
        raise InstallError(
            "The install stopped (see above). Is the network there, and is 10 GB of disk free? "
            "Run the same command again: what was downloaded is kept."
        )


def main(arguments: list[str] | None = None) -> int:
    """Set up what is not set up yet."""
    parser = argparse.ArgumentParser(description="Set up .venv for the course.")
    parser.add_argument("--torch", choices=TORCH_SOURCES, help="where torch comes from (default: PyPI, or as before)")
    asked = parser.parse_args(arguments).torch
    environment = Environment(ROOT)
    try:
        if sys.version_info[:2] < OLDEST_PYTHON:
            version = ".".join(map(str, sys.version_info[:2]))
            raise InstallError(f"The course needs Python 3.11 or newer; this is {version}. See https://www.python.org.")
        torch_source = environment.torch_source(asked)
        if not environment.is_current(torch_source):
            if environment.stamp.exists():
                print("Bringing .venv up to date.", flush=True)
            else:
                print("Setting up .venv: the first time takes some minutes, and 8 GB of disk on Linux.", flush=True)
            environment.install(torch_source)
            print("Set up.", flush=True)
    except InstallError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
