"""All experiments of the course by name. A new one: write its module, then name the module here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from course_utils.errors import CourseError, unknown
from course_utils.experiments.experiment import Experiment

# Modules of this folder; each has an EXPERIMENT, or a tuple EXPERIMENTS.
MODULES: tuple[str, ...] = (
    "recalling",
    "latch",
    "what_changes",
    "popular_rule",
    "gradient_flow",
    "clipping",
    "starting_points",
    "effort",
    "transplant",
    "forget_bias",
    "gates_removed",
    "lengths",
    "contest",
    "learning_curves",
    "shuffled_pixels",
    "probes",
    "translating",
    "captioning",
    "moving_digits",
    "who_and_what",
    "joined_digits",
    "synthetic_to_real",
    "counting",
    "phase",
    "long_lags",
    "long_adding",
    "hidden_markov",
    "untrained",
    "grid",
    "seconds_by_length",
)

EXPERIMENTS: dict[str, Experiment]  # made at its first use: experiments import torch


def experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        CourseError: there is none; the message lists the names.
    """
    experiments = load_experiments()
    if name not in experiments:
        raise unknown("experiment", name, experiments)
    return experiments[name]


@cache
def load_experiments() -> dict[str, Experiment]:
    """Import all modules and collect their experiments, in the order of the modules.

    Raises:
        CourseError: two experiments have one name.
    """
    found: dict[str, Experiment] = {}
    for name in MODULES:
        module = import_module(f"course_utils.experiments.{name}")
        for one in getattr(module, "EXPERIMENTS", None) or (module.EXPERIMENT,):
            if one.name in found:
                raise CourseError(f"Two experiments are called {one.name!r}. Rename the one in {name}.py.")
            found[one.name] = one
    return found


def __getattr__(name: str) -> Any:
    if name == "EXPERIMENTS":
        return load_experiments()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
