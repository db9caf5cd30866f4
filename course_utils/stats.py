"""What a fair comparison computes: sizes, mean times with a budget, and intervals over seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from course_utils.errors import CourseError

Numbers: TypeAlias = npt.NDArray[np.floating[Any]]


def network_size(gates: int, input_size: int, hidden_size: int, output_size: int) -> int:
    """How many numbers a recurrent network learns: one layer with torch's two biases a gate, and a linear read-out.

    Args:
        gates: affine maps of a unit: 1 for an RNN, 3 for a GRU, 4 for an LSTM.
        input_size: I.
        hidden_size: H.
        output_size: O.

    Returns:
        gates · H · (I + H + 2) + (H + 1) · O
    """
    layer = gates * hidden_size * (input_size + hidden_size + 2)
    readout = (hidden_size + 1) * output_size
    return layer + readout


def nearest_width(target: float, size: Callable[[int], float]) -> int:
    """The width whose network has nearest to a given number of parameters, to compare networks of equal size.

    Args:
        target: the number of parameters wanted.
        size: a function, width → parameters. It must grow with the width.

    Returns:
        The width, from 1 on; of two equally near ones the smaller.
    """
    width = 1
    while size(width + 1) <= target:
        width += 1
    return min(width, width + 1, key=lambda w: abs(size(w) - target))


def restricted_mean(steps: npt.ArrayLike, solved: npt.ArrayLike, budget: float) -> float:
    """The mean number of steps until a run solved its task, where no run counts more than the budget.

    The restricted mean time of survival analysis (Royston & Parmar 2013, doi:10.1186/1471-2288-13-152). A run that did
    not solve the task has used up its budget, and so it counts.

    Args:
        steps: (N,) steps until it was solved; of a run that did not solve it anything, NaN too.
        solved: (N,) bool, did the run solve it?
        budget: the most that a run counts, in steps.

    Returns:
        Steps, at most the budget.

    Raises:
        CourseError: there is no run, or the two have not one entry each for a run.
    """
    steps, solved = np.asarray(steps, dtype=np.float64), np.asarray(solved, dtype=bool)
    _check_runs("steps", steps, "solved", solved, at_least=1)
    counted = np.where(solved, np.minimum(steps, budget), budget)
    return float(counted.mean())


def paired_interval(a: npt.ArrayLike, b: npt.ArrayLike, level: float = 0.95) -> Numbers:
    """The interval for the mean of a − b over seeds, where both of a pair were run with the same seed.

    By Student's t (Student 1908, doi:10.1093/biomet/6.1.1): mean ± t · s / √N, with s the standard deviation of the
    differences (N − 1 in its denominator) and t the quantile of N − 1 degrees of freedom.

    Args:
        a: (N,) a score for each seed.
        b: (N,) the other's score, in the same order of seeds.
        level: such as 0.95.

    Returns:
        (2,) low and high, in the unit of the scores.

    Raises:
        CourseError: fewer than two seeds, or the two have not one entry each for a seed; a level not between 0 and 1.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    _check_runs("a", a, "b", b, at_least=2)
    if not 0 < level < 1:
        raise CourseError(f"The level is a share between 0 and 1, such as 0.95; it is {level!r}.")
    differences = a - b
    N = len(differences)
    half = stdtrit(N - 1, (1 + level) / 2) * differences.std(ddof=1) / math.sqrt(N)
    return np.array([differences.mean() - half, differences.mean() + half])


def share_interval(solved_count: int, runs: int) -> Numbers:
    """The 95 % interval for the share of runs that solve a task, by Wilson's score.

    It holds all shares q to which the share p that was seen is no surprise: |p − q| ≤ z · √(q(1 − q)/N) with z = 1.96
    (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Args:
        solved_count: how many runs solved it.
        runs: N, how many there were.

    Returns:
        (2,) low and high, within 0 and 1.

    Raises:
        CourseError: there is no run, or more solved it than there were.
    """
    if runs < 1 or not 0 <= solved_count <= runs:
        raise CourseError(f"{solved_count} of {runs} runs is no share. Give at least one run, and at most all solved.")
    p, z = solved_count / runs, ndtri(0.975)
    centre = p + z**2 / (2 * runs)
    half = z * math.sqrt(p * (1 - p) / runs + z**2 / (4 * runs**2))
    low, high = (centre - half) / (1 + z**2 / runs), (centre + half) / (1 + z**2 / runs)
    return np.array([max(min(low, p), 0), min(max(high, p), 1)])  # rounding aside, it holds p and stays within 0 and 1


def _check_runs(first: str, a: npt.NDArray[Any], second: str, b: npt.NDArray[Any], at_least: int) -> None:
    if a.ndim != 1 or a.shape != b.shape:
        raise CourseError(
            f"{first} has shape {a.shape} and {second} {b.shape}. Give both as (N,), an entry each for a run."
        )
    if len(a) < at_least:
        raise CourseError(f"There are {len(a)} runs, and at least {at_least} are needed. Add seeds.")
