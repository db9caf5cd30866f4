"""Which exercises there are: those of the modules `lesson_NN`, each a file or a folder."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from course_utils import exercises
from course_utils.exercises.engine.exercise import Exercise

PREFIX = "lesson_"


def exercises_by_lesson() -> dict[str, dict[str, Exercise]]:
    """All exercises, predictions too, by the number of their lesson and by name, such as {"05": {"rnn_step": …}}."""
    names = [module.name for module in pkgutil.iter_modules(exercises.__path__) if module.name.startswith(PREFIX)]
    return {
        name.removeprefix(PREFIX): exercises_of(importlib.import_module(f"{exercises.__name__}.{name}"))
        for name in names
    }


def exercises_of(module: ModuleType) -> dict[str, Exercise]:
    """The exercises of a module by name, in the order of its `__all__`, or of their definition where it has none."""
    contents = vars(module)
    names = contents.get("__all__", contents)
    return {name: contents[name] for name in names if isinstance(contents[name], Exercise)}
