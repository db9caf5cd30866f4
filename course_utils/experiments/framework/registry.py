"""All experiments of the course by name: every module of a theme that has an EXPERIMENT, or a tuple EXPERIMENTS."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from course_utils.checks import check_name
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment

THEMES = (
    "foundations",
    "gradients",
    "gates",
    "long_memory",
    "comparison",
    "applications",
    "computation",
    "study",
)  # folders of experiments

EXPERIMENTS: dict[str, Experiment]  # made at its first use: experiments import torch


def experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        CourseError: there is none; the message lists the names.
    """
    experiments = load_experiments()
    check_name("experiment", name, experiments)
    return experiments[name]


@cache
def load_experiments() -> dict[str, Experiment]:
    """Import the modules of all themes and collect their experiments, by theme and in the order of the alphabet.

    Raises:
        CourseError: two experiments have one name.
    """
    found: dict[str, Experiment] = {}
    for module in modules():
        for experiment in getattr(module, "EXPERIMENTS", None) or (getattr(module, "EXPERIMENT", None),):
            if experiment is None:
                continue  # a module that others measure with
            if experiment.name in found:
                raise CourseError(f"Two experiments are called {experiment.name!r}. Rename that of {module.__name__}.")
            found[experiment.name] = experiment
    return found


def modules() -> Iterator[ModuleType]:
    """The modules of all themes, imported."""
    for theme in THEMES:
        package = import_module(f"course_utils.experiments.{theme}")
        for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
            yield import_module(f"{package.__name__}.{name}")


def __getattr__(name: str) -> Any:
    if name == "EXPERIMENTS":
        return load_experiments()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
