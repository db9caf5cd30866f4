"""The pages for people who take part: their links, commands, paths and floors are those of today."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("CONTRIBUTING.md", "CHANGELOG.md", "README.md")
FOLDERS = "lessons|notebooks|course_utils|tools|data|tests|docs"
KINDS_OF_CHANGE = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}  # of Keep a Changelog


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page(name)):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", PAGES)
def test_commands_and_paths_exist(name: str) -> None:
    (targets,) = re.findall(r"^\.PHONY: (.*)$", page("Makefile"), re.MULTILINE)
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", page(name), re.MULTILINE)) <= set(targets.split())
    for path in re.findall(rf"(?<![\w/.])((?:{FOLDERS})/[\w./-]*)", page(name)):
        assert "NN_" in path or (ROOT / path.rstrip(".")).exists(), path


def test_contributing_names_the_floors_in_their_order() -> None:
    contracts = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    floors = [name for layer in layers for name in layer.split(" | ")]
    (line,) = [line for line in page("CONTRIBUTING.md").splitlines() if line.count("→") > 2]
    named = re.findall(r"`(\w+)`", line)
    assert [name for name in floors if name in named] == named


def test_contributing_is_one_page() -> None:
    assert len(page("CONTRIBUTING.md").split()) < 1000


def test_the_changelog_begins_with_what_is_not_released_yet() -> None:
    text = page("CHANGELOG.md")
    releases = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert releases[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", release) for release in releases[1:])
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= KINDS_OF_CHANGE
