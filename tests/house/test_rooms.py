"""The rooms of the house: modules that can be read at one sitting, and nothing that stands in two rooms."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "course_utils"
MODULES = sorted(path for kind in ("*.py", "*.js") for path in PACKAGE.rglob(kind))
MOST_LINES = 450
ALIKE = 6  # lines that may not stand in two rooms


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_can_be_read_at_one_sitting(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def room(path: Path) -> str:
    """The folder of the package that a module stands in, such as "nn"; of experiments and exercises the theme."""
    parts = path.relative_to(PACKAGE).parts
    return "/".join(parts[:-1][:2]) or parts[0]


def lines_of_code(path: Path) -> list[str]:
    """The lines without blanks, comments, imports, docstrings and lone brackets, white space folded."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        gone: ast.stmt | None = None
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            gone = node.body[0]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            gone = node
        if gone is not None:
            end = gone.end_lineno or gone.lineno
            lines[gone.lineno - 1 : end] = [""] * (end - gone.lineno + 1)
    folded = (re.sub(r"\s+", " ", line).strip() for line in lines)
    return [line for line in folded if re.search(r"\w", line) and not line.startswith("#")]


def test_no_six_lines_stand_in_two_rooms() -> None:
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        lines = lines_of_code(path)
        for start in range(len(lines) - ALIKE + 1):
            found[tuple(lines[start : start + ALIKE])].add(name(path))
    twice = {
        "\n".join(run): places for run, places in found.items() if len({room(ROOT / place) for place in places}) > 1
    }
    assert not twice, "\n\n".join(f"{sorted(places)}:\n{run}" for run, places in list(twice.items())[:5])
