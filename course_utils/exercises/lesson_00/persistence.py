"""Lesson 00: the error of the simplest forecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from course_utils import metrics
from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion

persistence_guess = NumberQuestion(
    lesson="00",
    name="persistence_guess",
    unit="sunspots",
    tolerance=0.25,
    prediction=True,
    why="Anything within a quarter of it counts as well guessed.",
)

Values = Any  # (T,) array of floats


def cases(generator: torch.Generator) -> list[Arguments]:
    """Series of several lengths, one backwards, so that the sign of the mean change shows, one with both signs."""
    found = [(torch.rand(length, generator=generator, dtype=torch.float64).numpy() * 100,) for length in (3, 5, 30)]
    return [*found, (found[1][0][::-1].copy(),), (50 - found[1][0],)]


def signed(values: Values) -> float:
    """The absolute value forgotten."""
    return float(np.diff(values).mean())


def signed_the_other_way(values: Values) -> float:
    """The absolute value forgotten, forecast minus truth."""
    return float((values[:-1] - values[1:]).mean())


def absolute_of_mean(values: Values) -> float:
    """The absolute value taken after the mean."""
    return float(abs(np.diff(values).mean()))


def summed(values: Values) -> float:
    """Sum for mean."""
    return float(abs(np.diff(values)).sum())


def divided_by_all(values: Values) -> float:
    """Divided by the number of values instead of the number of forecasts."""
    return float(abs(np.diff(values)).sum() / len(values))


def squared(values: Values) -> float:
    """Squares instead of absolute values."""
    return float((np.diff(values) ** 2).mean())


def root_mean_square(values: Values) -> float:
    """Root of the mean square."""
    return float((np.diff(values) ** 2).mean() ** 0.5)


def median(values: Values) -> float:
    """Median for mean."""
    return float(np.median(abs(np.diff(values))))


def not_averaged(values: Values) -> Any:
    """All errors, one by one."""
    return abs(np.diff(values))


def two_years_back(values: Values) -> float:
    """Two steps apart instead of one."""
    return float(abs(values[2:] - values[:-2]).mean())


def wrapped_around(values: Values) -> float:
    """np.roll: the first value is compared with the last."""
    return float(abs(values - np.roll(values, 1)).mean())


def rounded(values: Values) -> float:
    """Rounded to one decimal, as the number in the lesson is shown."""
    return round(float(abs(np.diff(values)).mean()), 1)


def with_a_loop(values: Values) -> float:
    """A right answer without array operations."""
    total = 0.0
    for t in range(1, len(values)):
        total += abs(values[t] - values[t - 1])
    return total / (len(values) - 1)


def with_diff(values: Values) -> Any:
    """A right answer that returns a numpy scalar."""
    return np.abs(np.diff(values)).mean()


SIGNED = "Errors of opposite sign cancel here: a forecast 10 too high and one 10 too low would count as perfect. "

persistence_error = FunctionExercise(
    lesson="00",
    reference=metrics.persistence_error,
    cases=cases,
    result="one number, the mean absolute error",
    variants=(with_a_loop, with_diff),
    mistakes=(
        Mistake(signed, SIGNED + "Take the absolute value of each error."),
        Mistake(signed_the_other_way, SIGNED + "Take the absolute value of each error."),
        Mistake(absolute_of_mean, SIGNED + "Take the absolute value of each error first, and the mean last."),
        Mistake(summed, "That is the sum of the errors. A mean does not grow with the length of the series."),
        Mistake(
            divided_by_all,
            "Nearly: you divide by the number of values. The first year has no forecast, so there is one error fewer.",
        ),
        Mistake(squared, "That is the mean of the squares. Here we want the absolute values, in sunspots."),
        Mistake(
            root_mean_square,
            "That is the root of the mean square, which counts large errors more. Here: the mean of absolute values.",
        ),
        Mistake(rounded, "That is the right error, rounded. Return it as it is: only what is shown is rounded."),
        Mistake(median, "That is the median error. It is a good measure too, but here we want the mean."),
        Mistake(not_averaged, "These are the single errors, and they are right. Now take their mean."),
        Mistake(two_years_back, "You compare with the value two years before. Persistence takes the year before."),
        Mistake(
            wrapped_around,
            "Your first forecast is the last value of the series: an index of −1 and `np.roll` both go round in a "
            "circle. The first year has no forecast: leave it out.",
        ),
    ),
    hints=(
        "The forecast for `values[1]` is `values[0]`. Which forecasts are there, and how many?",
        "`values[1:]` is what happened, `values[:-1]` is what was forecast. Both have T − 1 entries.",
        "Subtract one from the other, take `abs(…)`, then `.mean()`.",
    ),
)
