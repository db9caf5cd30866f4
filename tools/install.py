"""Sets up `.venv` from requirements.lock; every `make` target calls it first.

Runs on a bare Python (standard library only), before anything is installed:

    python3.11 tools/install.py [--torch pypi|cpu]

A second call returns immediately. A changed lock or pyproject.toml, or a missing package, installs what is missing.
Every file is compared with its hash, and nothing is built: packages come as wheels. Torch's CPU builds have their
hashes from PyTorch's index itself, on the day of the install.
A folder that was moved or copied is repaired without a network. An install that was interrupted has left its marker
behind, and the next call starts that environment again, as it does when its Python is gone. Only a folder that bears
our stamp or marker is ever emptied.

uv installs the lock, because it took 3 minutes where pip took 7 on the same busy machine. Where pip has settings of its
own that say from where and how (a company's index, proxy or certificate), which uv does not read, pip does it, and so
it does where uv fails. Other settings of pip do not hold here (pip_settings.py).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.request
import venv
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # `python tools/install.py` begins with tools/ alone

from tools.lock_file import CUDA_PACKAGES, TORCH_PACKAGES, package_name, requirement_blocks, without_torch
from tools.moved_scripts import WRITE_ACTIVATE_SCRIPTS, with_python
from tools.one_at_a_time import one_at_a_time
from tools.pip_settings import environment_of_the_set_up, kept_settings, say_from_where

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = (3, 11)
TORCH_SOURCES = ("pypi", "cpu")
SIZES = {"pypi": "8 GB", "cpu": "2 GB"}  # of .venv on Linux
PROBE_SECONDS = 8
WHEELS_OF_THE_LOCK = ("--no-deps", "--only-binary=:all:", "--require-hashes", "-r")
STOPPED = (
    "The install stopped, for the reason above. Run the same command again: what was downloaded is kept. "
    "Is the network there, and is 10 GB of disk free? In a company: HTTPS_PROXY names the proxy, with user name and "
    "password where it asks for them (407); PIP_CERT names the file of the company's own certificate."
)
SOCKS = "A SOCKS proxy is named ({}), which pip cannot use: name an http proxy, or unset it for the set-up."
AWAY = '{} and give the same command again, or use it yourself: README, "Without make".'
# For `course` in the server's terminals and in `!course` of a notebook. A login shell would set PATH again.
SERVER_SETTINGS = """\
import os
import sysconfig

os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
if os.name != "nt":
    c.ServerApp.terminado_settings = {"shell_command": [os.environ.get("SHELL") or "sh"]}
"""


class InstallError(Exception):
    """What went wrong, in a sentence that says what to do."""


class Environment:
    """The folder `.venv` beside the lock, its stamp (what is installed) and its marker (an install under way)."""

    def __init__(self, root: Path, venv_dir: Path | None = None) -> None:
        self.root = root
        self.dir = venv_dir or root / ".venv"
        self.stamp = self.dir / "course-installed"
        self.marker = self.dir / "course-install-under-way"
        self.lock = root / "requirements.lock"
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.bin = self.dir / scripts
        self.python = self.bin / ("python.exe" if os.name == "nt" else "python")

    def stamped(self) -> dict[str, Any]:
        """What the stamp says: where torch came from, what was read, in which folder, and the packages."""
        try:
            content = json.loads(self.stamp.read_text())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def torch_source(self, asked: str | None) -> str | None:
        """The source asked for; else the one installed before; else None: it is still to be decided."""
        before = self.stamped().get("torch")
        return asked or (before if before in TORCH_SOURCES else None)

    def inputs(self) -> str:
        """A hash of what an install reads."""
        digest = hashlib.sha256()
        for name in ("requirements.lock", "pyproject.toml"):
            digest.update((self.root / name).read_bytes())
        return digest.hexdigest()

    def packages(self) -> list[str]:
        """Our package and those of the lock that are installed, as their folders are called: `six-1.17.0.dist-info`."""
        ours = {"course-utils", *map(package_name, requirement_blocks(self.lock.read_text(encoding="utf-8")))}
        site_packages = next((self.dir / "lib").glob("python*/site-packages"), self.dir / "Lib" / "site-packages")
        found = [entry.name for entry in site_packages.glob("*.dist-info")]
        return sorted(name for name in found if package_name(name.split("-")[0]) in ours)

    def is_current(self, torch_source: str | None) -> bool:
        """Is everything installed as it should be?"""
        return not self.marker.exists() and not self.moved_from() and self.is_complete(torch_source) and self.runs()

    def is_complete(self, torch_source: str | None) -> bool:
        """Was this lock installed, with torch from there, and is every package of it still here?"""
        stamped = self.stamped()
        return (
            stamped.get("torch") == torch_source
            and stamped.get("inputs") == self.inputs()
            and set(stamped.get("packages", [])) <= set(self.packages())
        )

    def moved_from(self) -> Path | None:
        """The folder in which it was installed, where that is another than today's."""
        before = self.stamped().get("folder")
        return Path(before) if before and before != str(self.dir) else None

    def runs(self) -> bool:
        """Is there a Python with pip in it? (It is gone when the Python beneath was removed or upgraded.)"""
        try:
            done = subprocess.run([self.python, "-I", "-c", "import pip"], capture_output=True, check=False)
        except OSError:
            return False
        return done.returncode == 0

    def refuse_what_is_not_ours(self) -> None:
        """A folder without our stamp or marker may hold anything, and a link leads to what others use."""
        if self.dir.resolve() != self.dir.parent.resolve() / self.dir.name:  # also a junction of Windows
            raise InstallError(
                f"{self.dir} is a link to another folder: it is left as it is. {AWAY.format('Remove it')}"
            )
        ours = self.stamp.exists() or self.marker.exists()
        empty = self.dir.is_dir() and not any(self.dir.iterdir())
        if self.dir.exists() and not ours and not empty:
            raise InstallError(f"{self.dir} was not made by `make`: it is left as it is. {AWAY.format('Rename it')}")

    def create(self) -> None:
        """Make the environment where it is missing, was left half made or lost its Python; repair it if it moved."""
        self.refuse_what_is_not_ours()
        if self.marker.exists():
            print("An earlier install was interrupted: starting its environment again.", flush=True)
            self.make_anew()
        elif not self.stamp.exists():
            self.make_anew()
        elif not self.runs():
            now = ".".join(map(str, sys.version_info[:2]))
            print(f"The Python of .venv{self.python_version()} is gone: making .venv again with {now}.", flush=True)
            self.make_anew()
        elif before := self.moved_from():
            print(f"The course was in {before.parent} before: repairing .venv.", flush=True)
            self.repair_paths(before)

    def make_anew(self) -> None:
        """An empty environment with pip, and the marker in it from the first moment on."""
        self.dir.mkdir(parents=True, exist_ok=True)
        self.marker.touch()
        for entry in self.dir.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry != self.marker:
                entry.unlink()
        make_venv(self.dir)

    def python_version(self) -> str:
        """The version of the Python with which it was made, such as " (3.11.7)"."""
        settings = self.dir / "pyvenv.cfg"
        text = settings.read_text(encoding="utf-8", errors="replace") if settings.exists() else ""
        found = re.search(r"^version\w* *= *([\d.]+)", text, re.MULTILINE)
        return f" ({found[1]})" if found else ""

    def repair_paths(self, before: Path) -> None:
        """Scripts name the Python that runs them by its whole path, and activate the folder: write today's."""
        old_bin = before / self.bin.name
        for script in self.bin.iterdir():
            if script.is_file() and not script.is_symlink():
                with_python(script, old_bin, self.bin)
        run([str(self.python), "-c", WRITE_ACTIVATE_SCRIPTS, str(self.dir)])
        self.install_course()

    def pip(self, *arguments: str) -> None:
        """`pip` with these arguments."""
        run([str(self.python), "-m", "pip", *arguments])

    def install(self, asked: str | None) -> None:
        """Install the lock and the course's own package; the marker goes when all is done."""
        torch_source = self.torch_source(asked)
        self.create()
        if not self.is_complete(torch_source):
            self.marker.touch()
            torch_source = torch_source or self.decide_torch_source()
            try:
                self.install_lock(torch_source)
                self.install_course()
            except InstallError:  # pip and uv install only when all is downloaded: what was finished before still works
                if self.stamp.exists():
                    self.marker.unlink()
                raise
        self.write_jupyter_settings()
        self.write_stamp(torch_source)

    def write_stamp(self, torch_source: str | None) -> None:
        """Say that all is installed, and what that was."""
        content = {"torch": torch_source, "inputs": self.inputs(), "folder": str(self.dir), "packages": self.packages()}
        self.stamp.write_text(json.dumps(content, indent=1))
        self.marker.unlink(missing_ok=True)

    def install_lock(self, torch_source: str) -> None:
        """Install every package of the lock, torch from where it is to come."""
        if self.stamped().get("torch", torch_source) != torch_source:
            self.remove_torch()
        if torch_source == "pypi":
            self.install_hashed(self.lock)
            return
        kept, torch_pins = without_torch(self.lock.read_text(encoding="utf-8"))
        rest = self.dir / "requirements-without-torch.lock"
        rest.write_text(kept)
        self.install_hashed(rest)
        self.install_cpu_torch(torch_pins)

    def install_hashed(self, lock: Path) -> None:
        """Install what a lock names, each file compared with its hash, by uv or else by pip."""
        what = [*WHEELS_OF_THE_LOCK, str(lock)]
        if not self.pip_has_settings():
            try:
                run([*self.uv_install(), "--compile-bytecode", *what])
                return
            except InstallError:
                print("uv could not install all of it (see above): pip takes over.", flush=True)
        self.pip("install", "--quiet", "--progress-bar", "on", *what)

    def pip_has_settings(self) -> bool:
        """Is pip told, in its files or by variables, from where packages come and how?"""
        return say_from_where(kept_settings(self.python))

    def install_course(self) -> None:
        """The course's own package, as it stands in this checkout; this needs no network."""
        self.pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(self.root))

    def remove_torch(self) -> None:
        """Both builds have the same version: the one that is here would be taken for the one that is wanted."""
        names = {package_name(name.split("-")[0]) for name in self.packages()}
        unwanted = sorted(name for name in names if name in TORCH_PACKAGES or CUDA_PACKAGES.match(name))
        if unwanted:
            self.pip("uninstall", "--quiet", "--yes", *unwanted)

    def write_jupyter_settings(self) -> None:
        """JupyterLab asks no server for news and the learner no question about it; its terminals find `course`."""
        settings = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
        for name, content in (
            ("share/jupyter/lab/settings/overrides.json", json.dumps(settings)),
            ("etc/jupyter/jupyter_server_config.py", SERVER_SETTINGS),
        ):
            path = self.dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    def decide_torch_source(self) -> str:
        """Take torch's CPU build where the other is of no use and PyTorch's index answers; say which, and why."""
        if sys.platform != "linux" or platform.machine() != "x86_64":
            return "pypi"  # whose builds are for CPUs there
        if has_nvidia_gpu():
            source, why = "pypi", f"There is an NVIDIA GPU: torch comes with its CUDA libraries, {SIZES['pypi']} in all"
        elif self.cpu_index_answers():
            source, why = "cpu", f"There is no NVIDIA GPU: torch comes as its CPU build, {SIZES['cpu']} in all"
        else:
            source = "pypi"
            why = f"PyTorch's index of CPU builds does not answer: torch comes from PyPI, {SIZES['pypi']} in all"
        other = "cpu" if source == "pypi" else "pypi"
        print(f"{why} (TORCH={other} decides otherwise).", flush=True)
        return source

    def uv(self) -> str:
        """The path of uv, which pip brings. It also knows the address of PyTorch's index of CPU builds."""
        uv = self.bin / ("uv.exe" if os.name == "nt" else "uv")
        if not uv.exists():
            blocks = requirement_blocks(self.lock.read_text(encoding="utf-8"))
            only_uv = self.dir / "requirements-uv.lock"
            only_uv.write_text("".join(block for name, block in blocks.items() if package_name(name) == "uv"))
            self.pip("install", "--quiet", *WHEELS_OF_THE_LOCK, str(only_uv))
        return str(uv)

    def uv_install(self) -> list[str]:
        """uv's command that installs into this environment."""
        return [self.uv(), "pip", "install", "--python", str(self.python)]

    def lock_cpu_torch(self, torch_pins: list[str]) -> tuple[list[str], Path]:
        """What asks uv for the hashes of CPU builds, as PyTorch's index states them, and the file that it writes."""
        pins = self.dir / "requirements-torch.txt"
        pins.write_text("\n".join(torch_pins) + "\n")
        lock = pins.with_suffix(".lock")
        lock.unlink(missing_ok=True)
        command = [
            self.uv(),
            "pip",
            "compile",
            "--quiet",
            "--python",
            str(self.python),
            "--no-deps",
            "--generate-hashes",
        ]
        return [*command, "--torch-backend", "cpu", "--output-file", str(lock), str(pins)], lock

    def cpu_index_answers(self) -> bool:
        """Does PyTorch's index of CPU builds hold what the lock names, and say so within a few seconds?"""
        command, _ = self.lock_cpu_torch(without_torch(self.lock.read_text(encoding="utf-8"))[1])
        settings = {**environment_of_the_set_up(), "UV_HTTP_TIMEOUT": "4", "UV_HTTP_RETRIES": "0"}
        return succeeds(command, PROBE_SECONDS, settings)

    def install_cpu_torch(self, torch_pins: list[str]) -> None:
        """Install torch from PyTorch's index of CPU builds."""
        command, lock = self.lock_cpu_torch(torch_pins)
        try:
            run(command)
            run([*self.uv_install(), "--torch-backend", "cpu", *WHEELS_OF_THE_LOCK, str(lock)])
            print("torch was compared with the hashes that PyTorch's index states, all else with the lock.", flush=True)
        except InstallError as error:
            raise InstallError(
                "torch's CPU build could not be installed from PyTorch's index, for the reason above. "
                "Try again, or say TORCH=pypi: the ordinary build runs on a CPU as well, it is only larger."
            ) from error


def has_nvidia_gpu() -> bool:
    """Is there an NVIDIA GPU that works? The second path is that of Linux inside Windows."""
    if any(Path("/proc/driver/nvidia/gpus").glob("*")):
        return True
    programs = (shutil.which("nvidia-smi"), "/usr/lib/wsl/lib/nvidia-smi")
    return any(succeeds([program, "--list-gpus"], PROBE_SECONDS) for program in programs if program)


def succeeds(command: list[str], seconds: float, settings: dict[str, str] | None = None) -> bool:
    """Does the command end well within this time?"""
    try:
        done = subprocess.run(command, env=settings, capture_output=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def make_venv(folder: Path) -> None:
    """An empty virtual environment with pip."""
    try:
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(folder)
    except subprocess.CalledProcessError as error:
        raise InstallError(
            "This Python cannot make a virtual environment (its module ensurepip is missing). "
            "On Debian or Ubuntu: sudo apt install python3-venv. Then run the same command again."
        ) from error


def run(command: list[str]) -> None:
    """Run a command of pip, uv or the environment's Python; its output goes to the terminal."""
    settings = kept_settings(command[0]) if command[1:3] == ["-m", "pip"] else {}
    if subprocess.run(command, env=environment_of_the_set_up(settings), check=False).returncode:
        socks = [name for name, proxy in urllib.request.getproxies().items() if proxy.startswith("socks")]
        raise InstallError(" ".join([STOPPED, *(SOCKS.format(f"{name}_proxy") for name in socks[:1])]))


def set_up(environment: Environment, asked: str | None) -> None:
    """Install what another process has not installed while this one waited."""
    if environment.is_current(environment.torch_source(asked)):
        return
    environment.refuse_what_is_not_ours()
    if environment.stamp.exists():
        print("Bringing .venv up to date.", flush=True)
    else:
        print("Setting up .venv: the first time takes some minutes.", flush=True)
    environment.install(asked)
    print("Set up.", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Set up what is not set up yet."""
    parser = argparse.ArgumentParser(description="Set up .venv for the course.")
    parser.add_argument(
        "--torch", choices=TORCH_SOURCES, help="where torch comes from (default: as before, or as fits the machine)"
    )
    asked = parser.parse_args(arguments).torch
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a folder's name on a terminal that cannot show it
    environment = Environment(ROOT)
    try:
        if sys.version_info[:2] < OLDEST_PYTHON:
            version = ".".join(map(str, sys.version_info[:2]))
            raise InstallError(f"The course needs Python 3.11 or newer; this is {version}. See https://www.python.org.")
        if not environment.is_current(environment.torch_source(asked)):
            with one_at_a_time(ROOT):
                set_up(environment, asked)
    except InstallError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    if sys.getfilesystemencoding() != "utf-8":  # LC_ALL=C: the name of our folder may need it
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.argv])
    sys.exit(main())
