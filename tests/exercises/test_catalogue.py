"""Exercises are found by their module, a file or a folder; a folder hands on all of its exercises."""

from __future__ import annotations

import importlib
import pkgutil
import types
from types import ModuleType

import pytest

from course_utils import exercises
from course_utils.exercises.catalogue import exercises_by_lesson, exercises_of
from course_utils.exercises.engine.exercise import Exercise
from course_utils.exercises.engine.questions import NumberQuestion

FOLDERS = [
    module.name
    for module in pkgutil.iter_modules(exercises.__path__)
    if module.name.startswith("lesson_") and module.ispkg
]


def parts_of(folder: str) -> list[ModuleType]:
    """The modules of a lesson's folder."""
    package = importlib.import_module(f"course_utils.exercises.{folder}")
    return [importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]


def test_exercises_are_found_by_lesson_and_in_the_order_of_the_lesson() -> None:
    found = exercises_by_lesson()
    assert "engine" not in found
    assert list(found["05"])[:3] == ["rnn_step", "rnn_states", "next_year"]
    assert list(found["00"]) == ["persistence_guess", "persistence_error"]


def test_one_file_is_enough_for_a_lesson() -> None:
    module = types.ModuleType("lesson_99")
    first, second = (NumberQuestion(lesson="99", name=name, answer=1) for name in ("second", "first"))
    vars(module).update(second=first, first=second, note="no exercise", Exercise=Exercise)
    assert exercises_of(module) == {"second": first, "first": second}
    assert list(exercises_of(module)) == ["second", "first"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_hands_on_every_exercise_of_its_parts(folder: str) -> None:
    package = importlib.import_module(f"course_utils.exercises.{folder}")
    made = {name for part in parts_of(folder) for name, value in vars(part).items() if isinstance(value, Exercise)}
    assert made == set(package.__all__) == set(exercises_of(package))
    assert len(package.__all__) == len(made), "an exercise is listed twice"


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_part_of_a_folder_has_the_name_of_an_exercise(folder: str) -> None:
    """`ex.name` would be the module or the exercise, depending on what was imported last."""
    parts = {part.__name__.rpartition(".")[2] for part in parts_of(folder)}
    assert not parts & set(exercises_by_lesson()[folder.removeprefix("lesson_")])
