"""What a fair comparison computes, each once: sizes, mean times with a budget, and intervals over seeds.

Lesson 10 has the learner write some of these functions, and shows them as its solutions.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtri, stdtrit

from course_utils.checks import check_whole
from course_utils.errors import CourseError

Numbers: TypeAlias = npt.NDArray[np.floating[Any]]


class Mean(NamedTuple):
    """A mean, and half the width of its interval."""

    value: float
    half: float

    @property
    def low(self) -> float:
        """Where the interval begins."""
        return self.value - self.half

    @property
    def high(self) -> float:
        """Where the interval ends."""
        return self.value + self.half

    def __str__(self) -> str:
        return f"{self.value:.3f} ± {self.half:.3f}"


# ---------------------------------------------------------------------------------------------------------------------
# Sizes


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
    enough = 1
    while size(enough) < target:
        enough *= 2
    enough = 1 + bisect_left(range(1, enough), target, key=size)  # the first width that reaches the target
    return min(max(enough - 1, 1), enough, key=lambda width: abs(size(width) - target))


# ---------------------------------------------------------------------------------------------------------------------
# Times


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
    return float(restricted_times(steps, solved, budget).mean())


def restricted_times(
    steps: npt.NDArray[np.float64], solved: npt.NDArray[Any], budget: float
) -> npt.NDArray[np.float64]:
    """(N,) steps of each run, the whole budget where it did not solve its task, NaN where both are NaN."""
    return np.where(solved, np.minimum(steps, budget), budget)


# ---------------------------------------------------------------------------------------------------------------------
# Intervals


def t_quantile(degrees: npt.ArrayLike, level: float = 0.95) -> Any:
    """The number t for which a share `level` of Student's distribution lies between −t and t.

    Student 1908, doi:10.1093/biomet/6.1.1. It is 2.26 for ten seeds, which have 9 degrees of freedom, at 95 %.

    Args:
        degrees: degrees of freedom, one number or many.
        level: such as 0.95.

    Returns:
        One number or an array, as given.
    """
    return stdtrit(degrees, (1 + level) / 2)


def z_quantile(level: float = 0.95) -> float:
    """The number z for which a share `level` of the normal distribution lies between −z and z: 1.96 at 95 %.

    Args:
        level: such as 0.95.
    """
    return float(-ndtri((1 - level) / 2))


def mean_interval(values: npt.ArrayLike, level: float = 0.95, single: float = math.inf) -> Mean:
    """The mean of some values with its interval, by Student's t (Student 1908, doi:10.1093/biomet/6.1.1).

    mean ± t · s / √N, with s the standard deviation of the values (N − 1 in its denominator) and t the quantile of
    N − 1 degrees of freedom. Equal values have an interval without width.

    Args:
        values: (N,) such as a score for each seed; at least one.
        level: such as 0.95.
        single: half the width where there is one value only. Its spread is unknown, so by default it is infinite.

    Returns:
        The mean, and half the width of its interval.

    Raises:
        CourseError: there is no value, or they are no list of numbers; a level not between 0 and 1.
    """
    values = np.asarray(values, dtype=np.float64)
    N = values.size
    if values.ndim != 1 or N < 1:
        raise CourseError(f"A mean is taken of values (N,), at least one; these have shape {values.shape}.")
    _check_level(level)
    if N == 1:
        return Mean(float(values[0]), single)
    if values.min() == values.max():
        return Mean(float(values[0]), 0.0)
    mean = math.fsum(values) / N
    s = math.sqrt(math.fsum((values - mean) ** 2) / (N - 1))
    return Mean(mean, float(t_quantile(N - 1, level)) * s / math.sqrt(N))


def interval_over_origins(errors: Numbers, level: float = 0.95) -> Numbers:
    """The interval of a mean error, where each forecast counts as one measurement.

    The steps of one forecast go wrong together, so that they say less than as many forecasts would.

    Args:
        errors: (origins, S) absolute errors.
        level: such as 0.95.

    Returns:
        (2,) low and high.
    """
    found = mean_interval(errors.mean(axis=1), level)
    return np.array([found.low, found.high])


def paired_interval(a: npt.ArrayLike, b: npt.ArrayLike, level: float = 0.95) -> Numbers:
    """The interval for the mean of a − b over seeds, where both of a pair were run with the same seed.

    By Student's t: mean ± t · s / √N, with s the standard deviation of the differences.

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
    difference = mean_interval(a - b, level)
    return np.array([difference.low, difference.high])


def share_interval(solved_count: int, runs: int) -> Numbers:
    """The 95 % interval for the share of runs that solve a task, by Wilson's score.

    Args:
        solved_count: how many runs solved it.
        runs: N, how many there were.

    Returns:
        (2,) low and high, within 0 and 1.

    Raises:
        CourseError: there is no run, or more solved it than there were.
    """
    return wilson_interval(solved_count, runs, 0.95)


def wilson_interval(solved_count: int, runs: int, level: float = 0.95) -> Numbers:
    """The interval for a share at any level.

    It holds all shares q to which the share p that was seen is no surprise: |p − q| ≤ z · √(q(1 − q)/N), with
    z = 1.96 for 95 % (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Args:
        solved_count: how many runs solved it.
        runs: N, how many there were.
        level: such as 0.95.

    Returns:
        (2,) low and high, within 0 and 1.

    Raises:
        CourseError: there is no run, or more solved it than there were; a level not between 0 and 1.
    """
    if runs < 1 or not 0 <= solved_count <= runs:
        raise CourseError(f"{solved_count} of {runs} runs is no share. Give at least one run, and at most all solved.")
    _check_level(level)
    p, z = solved_count / runs, z_quantile(level)
    centre = (p + z**2 / (2 * runs)) / (1 + z**2 / runs)
    half = z * math.sqrt(p * (1 - p) / runs + z**2 / (4 * runs**2)) / (1 + z**2 / runs)
    low, high = centre - half, centre + half
    return np.array([max(min(low, p), 0), min(max(high, p), 1)])  # rounding aside, it holds p and stays within 0 and 1


def exact_interval(solved_count: int, runs: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share (Clopper & Pearson 1934): never too narrow, also for shares near 0 and 1.

    Args:
        solved_count: how many of the runs count.
        runs: how many there are.
        level: such as 0.95.

    Returns:
        Low and high.

    Raises:
        CourseError: more counted than there are, no run, or a level that is none.
    """
    from scipy.stats import binomtest

    _check_level(level)
    check_whole("runs", runs, 1)
    check_whole("solved_count", solved_count, 0, runs)
    found = binomtest(solved_count, runs).proportion_ci(level, "exact")
    return float(found.low), float(found.high)


def accuracy_interval(
    values: npt.ArrayLike, level: float = 0.95, single: float = math.inf
) -> tuple[float, float, float]:
    """The mean of numbers from 0 to 1, such as accuracies, with an interval that never leaves 0 and 1.

    Student's t on the scale of log-odds: log(m/(1 − m)) ± t · s / (√N · m(1 − m)), and back (as `svyciprop` with
    "logit" in Lumley 2010, *Complex Surveys*). Where all are 0, or all 1, the mean has no spread, and the interval has
    no width.

    Args:
        values: (N,) from 0 to 1, at least one.
        level: such as 0.95.
        single: half the width where there is one value only; default: infinite.

    Returns:
        Mean, low and high.

    Raises:
        CourseError: there is no value, or one outside 0 and 1.
    """
    mean, half = mean_interval(values, level, single)
    if not 0 <= np.min(values) <= np.max(values) <= 1:
        raise CourseError("An accuracy is a number from 0 to 1, and one of these is not. Use the mean for others.")
    if half == 0 or np.size(values) == 1:
        return mean, mean - half, mean + half
    centre, spread = math.log(mean / (1 - mean)), half / (mean * (1 - mean))
    return mean, float(expit(centre - spread)), float(expit(centre + spread))


def share_difference_interval(first: tuple[int, int], second: tuple[int, int], level: float = 0.95) -> Numbers:
    """The interval for the difference of two shares of separate runs, by Newcombe's score.

    With the shares p and q, and Wilson's interval of each: from p − q − √((p − low p)² + (high q − q)²) to
    p − q + √((high p − p)² + (q − low q)²) (Newcombe 1998, method 10,
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I).

    Args:
        first: how many runs solved it, and how many there were.
        second: the same of the other.
        level: such as 0.95.

    Returns:
        (2,) low and high of first − second, within −1 and 1.

    Raises:
        CourseError: as in `wilson_interval`.
    """
    (p_low, p_high), (q_low, q_high) = wilson_interval(*first, level), wilson_interval(*second, level)
    p, q = first[0] / first[1], second[0] / second[1]
    return np.array([p - q - math.hypot(p - p_low, q_high - q), p - q + math.hypot(p_high - p, q - q_low)])


# ---------------------------------------------------------------------------------------------------------------------
# Tries


def expected_best(
    scores: npt.ArrayLike, tries: int, reported: npt.ArrayLike | None = None, *, replacement: bool = False
) -> float:
    """The score that the best of some tries has on average, where N scores of settings drawn at random are known.

    Of the N scores in order, x₁ ≤ … ≤ x_N, the best of k is xᵢ with a probability of C(i − 1, k − 1) / C(N, k) where
    the k are different ones: so the mean over all choices of k of the N, exactly, which is right on average for new
    settings too (Tang and others 2020, arXiv 2004.13705). With replacement it is (i/N)ᵏ − ((i − 1)/N)ᵏ (Dodge and
    others 2019, arXiv 1909.03004, equation 6), which is too low on average for new settings.

    Args:
        scores: (N,) of one setting each, the higher the better.
        tries: k, from 1; where they are different ones, at most N.
        reported: (N,) what is reported of the setting that has the best score, such as its score on the test; of
            settings with equal scores the mean. Default: that score.
        replacement: may a setting be drawn more than once?

    Returns:
        The expected score.

    Raises:
        CourseError: there is no score, or one that is no number; tries that are no whole number, or too many; not one
            reported number for each score.
    """
    values = np.asarray(scores, dtype=np.float64)
    told = values if reported is None else np.asarray(reported, dtype=np.float64)
    _check_runs("scores", values, "reported", told, at_least=1)
    if not np.isfinite(values).all():
        raise CourseError("A score is not a finite number. Give a setting that failed the score that it counts as.")
    highest = None if replacement else len(values)
    check_whole("tries", tries, 1, highest, unit="of the scores" if highest else "")
    order = np.argsort(values, kind="stable")
    weights = _weights_of_the_best(len(values), tries, replacement)
    equal = np.unique(values[order], return_inverse=True)[1]  # settings with equal scores are equally likely the best
    shared = (np.bincount(equal, weights) / np.bincount(equal))[equal]
    return float(np.sum(shared * told[order]))


def expected_best_band(
    scores: npt.ArrayLike,
    tries: int,
    reported: npt.ArrayLike | None = None,
    *,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Numbers:
    """Between which numbers `expected_best` lies, had other settings been drawn: percentiles of the bootstrap.

    The N settings are drawn again, N of them with replacement (Efron 1979, doi:10.1214/aos/1176344552). For tries near
    N it is too narrow: no draw has a better score than the best that was seen. Read it up to about N/4.

    Args:
        scores: as in `expected_best`.
        tries: likewise.
        reported: likewise.
        level: such as 0.95.
        draws: how often they are drawn again.
        seed: of the draws.

    Returns:
        (2,) low and high.

    Raises:
        CourseError: as in `expected_best`; a level not between 0 and 1.
    """
    expected_best(scores, tries, reported)
    _check_level(level)
    values = np.asarray(scores, dtype=np.float64)
    told = values if reported is None else np.asarray(reported, dtype=np.float64)
    shape = (check_whole("draws", draws, 1), len(values))
    again = np.random.default_rng(seed).integers(len(values), size=shape)  # in no order: equal scores are as likely
    rising = np.take_along_axis(again, values[again].argsort(axis=1, kind="stable"), axis=1)
    found = told[rising] @ _weights_of_the_best(len(values), tries, replacement=False)
    return np.quantile(found, [(1 - level) / 2, (1 + level) / 2])


def _weights_of_the_best(count: int, tries: int, replacement: bool) -> Numbers:
    """(N,) how probable it is that the best of some tries is the i-th of all scores in rising order."""
    if replacement:
        return np.diff((np.arange(count + 1) / count) ** tries)
    return np.array([math.comb(i, tries - 1) / math.comb(count, tries) for i in range(count)])


# ---------------------------------------------------------------------------------------------------------------------
# Checks


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise CourseError(f"The level is a share between 0 and 1, such as 0.95; it is {level!r}.")


def _check_runs(first: str, a: npt.NDArray[Any], second: str, b: npt.NDArray[Any], at_least: int) -> None:
    if a.ndim != 1 or a.shape != b.shape:
        raise CourseError(
            f"{first} has shape {a.shape} and {second} {b.shape}. Give both as (N,), an entry each for a run."
        )
    if len(a) < at_least:
        raise CourseError(f"There are {len(a)} runs, and at least {at_least} are needed. Add seeds.")
