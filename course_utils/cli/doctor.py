"""`course doctor`: is this machine ready for the course? Each fault comes with its fix."""

from __future__ import annotations

import importlib
import importlib.metadata
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.display.html import LEFT, Html, element, joined
from course_utils.display.message import Message
from course_utils.surroundings import advice_on_files, files_in_the_way

GB = 1e9
MEMORY_NEEDED = 1.5 * GB  # a lesson takes up to 1.2 GB
DISK_NEEDED = 1.0 * GB
OLDEST_PYTHON = (3, 11)
STAMP = "course-installed"  # in an environment that `make` has made
MAKE = "Run `make {}` in the course's folder, then restart the kernel."
PIP = "Run `{} -m pip install {}`, then restart the kernel."


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, what was found, and the fix where that is not enough."""

    what: str
    state: str
    fix: str = ""

    @property
    def fine(self) -> bool:
        """Is there nothing to fix?"""
        return not self.fix


@dataclass
class Report(Message):
    """All findings, as a table in a notebook and as lines in a terminal."""

    findings: Sequence[Finding]

    @property
    def fine(self) -> bool:
        """Is there nothing to fix?"""
        return all(finding.fine for finding in self.findings)

    @property
    def summary(self) -> str:
        """The report in one sentence."""
        faults = sum(not finding.fine for finding in self.findings)
        if not faults:
            return "All is well: this machine is ready for the course."
        return "One thing to fix before you go on." if faults == 1 else f"{faults} things to fix before you go on."

    def __str__(self) -> str:
        lines = []
        for f in self.findings:
            lines.append(f"{'✔ ok ' if f.fine else '⚠ fix'}  {f.what:<9} {f.state}")
            if f.fix:
                lines.append(f"       {'':<9} → {f.fix}")
        return "\n".join([*lines, "", self.summary])

    @property
    def html(self) -> Html:
        """A table whose caption is the summary."""
        rows = joined(
            element(
                "tr",
                element("td", "✔ ok" if f.fine else "⚠ fix", style=LEFT),
                element("th", f.what, scope="row", style=LEFT),
                element("td", f.state, *([element("br"), element("strong", f"→ {f.fix}")] * (not f.fine)), style=LEFT),
            )
            for f in self.findings
        )
        return element("table", element("caption", element("strong", self.summary), style=LEFT), rows)


def check_python(version: tuple[int, ...]) -> Finding:
    """Is Python new enough?"""
    version_text = ".".join(map(str, version[:3]))
    fine = tuple(version[:2]) >= OLDEST_PYTHON
    return Finding("Python", version_text, "" if fine else "Install Python 3.11 or newer, then run `make lab` again.")


def check_files(paths: Sequence[Path]) -> Finding:
    """The learner's files that take the place of packages, as `files_in_the_way` finds them."""
    named = ", ".join(path.name for path in paths)
    return Finding("files", f"{named}: named like a package that the course needs", advice_on_files(paths))


def made_by_make() -> bool:
    """Does this Python stand in an environment that `make setup` has made, and brings up to date?"""
    return Path(sys.prefix, STAMP).is_file()


def reinstall(requirements: Sequence[str]) -> str:
    """What installs packages that are missing or too old, in an environment of ours or in the learner's own."""
    if made_by_make():
        return MAKE.format("setup")
    return PIP.format(sys.executable, " ".join(f'"{text}"' for text in requirements))


def check_packages(requirements: Sequence[str]) -> Finding:
    """Are all packages there, in versions that are new enough, and can torch compute?

    Args:
        requirements: as in pyproject.toml, such as "torch>=2.6".
    """
    from packaging.requirements import Requirement

    faults, wanted, versions = [], [], {}
    for text in requirements:
        requirement = Requirement(text)
        try:
            versions[requirement.name] = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            faults.append(f"{requirement.name} is missing")
            wanted.append(text)
            continue
        if not requirement.specifier.contains(versions[requirement.name], prereleases=True):
            faults.append(f"{requirement.name} {versions[requirement.name]} is too old (needs {requirement.specifier})")
            wanted.append(text)
    if faults:
        return Finding("packages", "; ".join(faults), reinstall(wanted))
    main_versions = ", ".join(
        f"{name} {versions[name]}" for name in ("torch", "numpy", "matplotlib") if name in versions
    )
    return Finding("packages", f"{main_versions}; {len(versions)} packages in all")


def check_torch() -> Finding:
    """Can torch be imported, and does it multiply?"""
    try:
        torch: Any = importlib.import_module("torch")
        product = float((torch.ones(2, 3) @ torch.ones(3, 2)).sum())
    except Exception as error:  # whatever a broken install raises
        return Finding("torch", f"cannot compute: {type(error).__name__}: {error}", install_torch_anew())
    if product != 12:
        return Finding("torch", f"computes wrongly: 12 came out as {product}", install_torch_anew())
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else "the CPU, which is all the course needs"
    return Finding("torch", f"computes on {where}")


def install_torch_anew() -> str:
    """What mends a torch that is installed and does not work: setting up again finds nothing missing."""
    return MAKE.format("clean setup") if made_by_make() else PIP.format(sys.executable, "--force-reinstall torch")


def check_memory(available: float) -> Finding:
    """Is there memory enough for a lesson? Available memory in bytes."""
    fix = "Close other programs or notebooks (in JupyterLab: Kernel → Shut Down All Kernels), then look again."
    return Finding("memory", f"{available / GB:.1f} GB free", "" if available >= MEMORY_NEEDED else fix)


def check_disk(free: float) -> Finding:
    """Is there disk enough? Free space in bytes."""
    fix = "Free at least 1 GB of disk, then look again."
    return Finding("disk", f"{free / GB:.1f} GB free", "" if free >= DISK_NEEDED else fix)


def available_memory() -> float:
    """Bytes of memory that this process can still take; in a container, what its own limit leaves."""
    import psutil

    return min(float(psutil.virtual_memory().available), container_memory(Path("/sys/fs/cgroup")))


def container_memory(cgroup: Path) -> float:
    """What the container's limit leaves, in bytes; infinite without a limit. File caches do not count as used."""
    for folder, limit_name, used_name, cache_name in (
        (cgroup, "memory.max", "memory.current", "inactive_file"),
        (cgroup / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        limit, used, stat = folder / limit_name, folder / used_name, folder / "memory.stat"
        if limit.exists() and used.exists() and stat.exists() and limit.read_text().strip().isdigit():
            caches = dict(line.split() for line in stat.read_text().splitlines())
            return float(limit.read_text()) - float(used.read_text()) + float(caches.get(cache_name, 0))
    return float("inf")


def own_requirements() -> list[str]:
    """What the course's package says it needs, extras aside."""
    return [text for text in importlib.metadata.requires("course-utils") or [] if "extra ==" not in text]


def doctor() -> Report:
    """Look at Python, the learner's files, packages, torch, memory and disk."""
    paths = files_in_the_way()
    python = check_python(sys.version_info[:3])
    if paths:  # all that follows imports packages, and may get such a file in their place
        return Report((python, check_files(paths)))
    return Report(
        (
            python,
            check_packages(own_requirements()),
            check_torch(),
            check_memory(available_memory()),
            check_disk(shutil.disk_usage(Path.cwd()).free),
        )
    )
