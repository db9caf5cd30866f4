"""A "✔ Solved" answer breaks no later cell: each right answer goes through the cells that use the learner's own."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
import torch

from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.exercises.engine.exercise import FunctionExercise

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
GIVEN: dict[str, dict[str, Any]] = {  # what only a training gives
    "17": {"written": ["one two", "nine three"], "test_texts": ["one two two", "nine three"], "error": 0.2},
}


def code_cells(number: str) -> list[str]:
    """The code cells of a lesson, evidence aside, from its source."""
    (path,) = LESSONS.glob(f"{number}_*.py")
    cells = re.split(r"^# %%", path.read_text(), flags=re.MULTILINE)[1:]
    return [cell.partition("\n")[2] for cell in cells if not cell.startswith((" [markdown]", ' tags=["evidence"]'))]


def bound_by(statement: ast.stmt) -> set[str]:
    """The names that a statement gives a value to."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    return {
        node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }


def used_by(statement: ast.stmt) -> set[str]:
    """The names whose values a statement needs, without those that it binds itself in comprehensions and functions."""
    nodes = list(ast.walk(statement))
    inside = [node.target for node in nodes if isinstance(node, ast.comprehension)]
    own = {node.id for target in inside for node in ast.walk(target) if isinstance(node, ast.Name)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)} - own


def needed_for(cells: list[str], given: set[str]) -> list[ast.stmt]:
    """The last cell, and of those before it only the statements that make what it uses. (Trainings are left out.)"""
    *before, last = (ast.parse(cell).body for cell in cells)
    missing = {name for statement in last for name in used_by(statement)} - given
    found: list[ast.stmt] = []
    for statement in reversed([statement for cell in before for statement in cell]):
        if bound_by(statement) & missing:
            found.insert(0, statement)
            missing = (missing - bound_by(statement)) | (used_by(statement) - given)
    return [*found, *last]


def uses() -> list[tuple[str, str, int]]:
    """Lesson, exercise, and which code cell of the lesson uses the learner's answer to it."""
    return [
        (number, name, index)
        for number in exercises_by_lesson()
        for index, cell in enumerate(code_cells(number))
        for name in re.findall(r"ex\.(\w+)\.mine\(\)", cell)
    ]


ANSWERS = [
    pytest.param(number, name, index, answer, id=f"{number}.{name}.{position}")
    for number, name, index in uses()
    if isinstance(exercise := exercises_by_lesson()[number][name], FunctionExercise)
    for position, answer in enumerate(exercise.variants)
]


@pytest.mark.parametrize(("number", "name", "index", "answer"), ANSWERS)
def test_a_right_answer_goes_through_the_cell_that_uses_it(
    number: str, name: str, index: int, answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = run_cell(number, name, index, answer, monkeypatch)
    assert "False" not in printed, printed


def test_the_cell_really_uses_the_learner_s_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, name, index in {(number, name, index) for number, name, index in uses() if number in ("02", "05")}:
        with pytest.raises(ZeroDivisionError):
            run_cell(number, name, index, lambda *arguments: 1 / 0, monkeypatch)


def run_cell(number: str, name: str, index: int, answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """What a lesson's code cell prints with this answer in the learner's place."""
    exercise = exercises_by_lesson()[number][name]
    monkeypatch.setattr(exercise, "_passed", answer)
    given = GIVEN.get(number, {})
    statements = needed_for(code_cells(number)[: index + 1], set(given))
    module = ast.fix_missing_locations(ast.Module(statements, []))
    printed = io.StringIO()
    torch.manual_seed(0)
    with contextlib.redirect_stdout(printed):
        exec(compile(module, f"lesson {number}", "exec"), {"__name__": f"lesson_{number}", **given})
    plt.close("all")
    return printed.getvalue()


def test_the_lessons_use_answers_of_learners_at_all() -> None:
    assert len({number for number, _, _ in uses()}) >= 6


def test_only_what_a_cell_needs_is_run() -> None:
    cells = ["import math\nx = 1\nprint('long training')", "x = math.pi\ny = x + z\nw = 3", "print(y)"]
    assert [ast.unparse(statement) for statement in needed_for(cells, {"z"})] == [
        "import math",
        "x = math.pi",
        "y = x + z",
        "print(y)",
    ]
