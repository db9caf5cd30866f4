"""Lesson 10: how long until a task is solved."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from course_utils import stats
from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.stats import Numbers

Bools: TypeAlias = npt.NDArray[np.bool_]


def runs_and_budgets(generator: torch.Generator) -> list[Arguments]:
    """Runs of which all, some or none solved it; a run that did not may hold anything."""
    drawn = torch.randint(50, 900, (10,), generator=generator).double().numpy()
    return [
        (np.array([30.0]), np.array([True]), 100),
        (np.array([120.0]), np.array([True]), 100),  # solved after the budget
        (np.array([40.0]), np.array([False]), 100),  # where it was when somebody stopped it
        (drawn, np.ones(10, dtype=bool), 1000),
        (np.where(np.arange(10) % 3 == 1, 1500.0, drawn), np.arange(10) % 3 != 1, 1000),
        (np.where(np.arange(10) % 2 == 1, np.nan, drawn), np.arange(10) % 2 == 0, 400),
        (np.array([700.0, 700.0, 12.0]), np.zeros(3, dtype=bool), 600),
        (np.array([10.0, 50.0, 75.0]), np.ones(3, dtype=bool), 62.5),
        (np.array([10.0, 200.0, 5000.0, 300.0, 0.0]), np.array([True, True, True, False, False]), 1000),
    ]


def counted(steps: Numbers, solved: Bools, budget: float) -> Numbers:
    """What each run counts."""
    return np.where(solved, np.minimum(steps, budget), budget)


def survivors(steps: Numbers, solved: Bools, budget: float) -> float:
    """Runs that did not solve it are left out."""
    return float(steps[solved].mean()) if solved.any() else math.nan


def survivors_limited(steps: Numbers, solved: Bools, budget: float) -> float:
    """The same, none beyond the budget."""
    return survivors(np.minimum(steps, budget), solved, budget)


restricted_mean = FunctionExercise(
    lesson="10",
    reference=stats.restricted_mean,
    helpers=(stats.restricted_times,),
    cases=runs_and_budgets,
    result="the mean number of steps, a number",
    variants=(
        lambda steps, solved, budget: (
            sum(min(s, budget) if ok else budget for s, ok in zip(steps, solved, strict=True)) / len(steps)
        ),
        lambda steps, solved, budget: np.clip(np.where(solved, steps, np.inf), None, budget).mean(),
    ),
    mistakes=(
        Mistake(
            survivors,
            "You left out the runs that did not solve it. Then a network that solves it once, by luck, looks fast. "
            "Each run that failed counts the whole budget.",
        ),
        Mistake(
            survivors_limited,
            "No run counts more than the budget: right. But the runs that did not solve it are left out. Each of them "
            "counts the whole budget.",
        ),
        Mistake(
            lambda steps, solved, budget: np.where(solved, steps, 0).mean(),
            "A run that did not solve it counts 0 steps with you: failing would be fastest. It counts the budget.",
        ),
        Mistake(
            lambda steps, solved, budget: (steps * solved).mean(),
            "Times `solved`, a run that did not solve it counts 0 steps, as if it had been fastest (or NaN, where its "
            "steps are NaN). It counts the budget.",
        ),
        Mistake(
            lambda steps, solved, budget: steps.mean(),
            "That is the mean of steps as they stand. Of a run that did not solve it they mean nothing.",
        ),
        Mistake(
            lambda steps, solved, budget: np.minimum(steps, budget).mean(),
            "Whether a run solved it stands in `solved`. Where it did not, its steps may be anything, also small.",
        ),
        Mistake(
            lambda steps, solved, budget: np.mean(np.where(solved, steps, budget)),
            "A run that solved it after the budget counts the budget, as if it had been stopped there.",
        ),
        Mistake(
            lambda steps, solved, budget: np.mean(np.where(solved, budget, np.minimum(steps, budget))),
            "Exchanged: `np.where(condition, x, y)` takes x where the condition is true.",
        ),
        Mistake(
            lambda steps, solved, budget: (np.minimum(steps, budget) * solved + budget * ~solved).mean(),
            "Where a run has no number of steps (NaN), NaN · 0 is NaN. `np.where` chooses without multiplying.",
        ),
        Mistake(
            lambda steps, solved, budget: np.median(counted(steps, solved, budget)),
            "That is the median. It does not see how long the slower half took. Take the mean.",
        ),
        Mistake(
            lambda steps, solved, budget: solved.mean(),
            "That is the share of runs that solved it. We want the time, with the budget where it was used up.",
        ),
        Mistake(
            lambda steps, solved, budget: counted(steps, solved, budget).sum(),
            "That is the sum over the runs. Divide by their number: all of them.",
        ),
    ),
    hints=(
        "How long did a run work that had not solved it when the budget was used up?",
        "`np.where(solved, …, budget)` gives one number for each run. A solved run counts at most the budget as well.",
        "`np.where(solved, np.minimum(steps, budget), budget).mean()`",
    ),
)
