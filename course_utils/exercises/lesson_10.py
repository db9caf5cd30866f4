"""Exercises of lesson 10: a fair comparison (sizes, time to solve, seeds and intervals), unfair ones, and a scan."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import ndtri, stdtrit

from course_utils import stats
from course_utils.errors import unknown
from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.feedback import Feedback
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import scan
from course_utils.nn.scan import Pair
from course_utils.stats import Numbers

Bools: TypeAlias = npt.NDArray[np.bool_]

# ---------------------------------------------------------------------------------------------------------------------
# Sizes

equal_width = NumberQuestion(
    lesson="10",
    name="equal_width",
    hints=("How many affine maps has a unit of each?", "An LSTM has one for each of its gates, and one for g."),
    answer=4,
    unit="times as many",
    mistakes={
        1: "Equal width is not equal size: a unit of an LSTM has more weights than a unit of an RNN.",
        2: "The second state, c, has no weights of its own. Count the affine maps of a unit: i, f, g, o.",
        3: "An LSTM has three gates, and the candidate g has weights too. (3 is right for a GRU: r, z, n.)",
        5: "Input, forget and output gate, and the candidate: each is an affine map of its own. That makes four.",
        8: "An RNN has two biases as well. Both have as many for each affine map.",
        16: "Only the rows of the matrices are four times as many: (4·H, I) and (4·H, H). The columns stay.",
    },
    why="An LSTM has four affine maps of input and state (i, f, g, o), an RNN has one, all of the same size. At equal "
    "width a network is compared with one that has a quarter of its weights.",
    prediction=True,
)

network_size = FunctionExercise(
    lesson="10",
    reference=stats.network_size,
    cases=lambda generator: [(1, 1, 1, 1), (4, 2, 3, 1), (3, 5, 4, 2), (1, 2, 6, 3), (4, 10, 16, 5)],
    result="the number of parameters, a whole number",
    variants=(
        lambda gates, i, h, o: gates * h * i + gates * h * h + 2 * gates * h + o * h + o,
        lambda gates, i, h, o: gates * (h * i + h * h + h + h) + h * o + o,
    ),
    tolerance=1e-9,
    mistakes=(
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h + 2),
            "That is the recurrent layer alone. The linear read-out has weights (O, H) and a bias (O,).",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h + 1) + (h + 1) * o,
            "One bias a gate is missing: torch keeps two, `bias_ih` and `bias_hh`.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h) + 2 * gates + (h + 1) * o,
            "A gate has two biases for *each unit*: 2 · H numbers, not 2.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h) + 2 * h + (h + 1) * o,
            "The biases are counted once: each *gate* has two for each unit, so they are times `gates` as well.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h) + (h + 1) * o,
            "The biases of the layer are missing: torch keeps two numbers for each unit of each gate.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + h + 2) + h * o,
            "The read-out's bias is missing, one number for each output.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * (h * (i + h + 2) + (h + 1) * o),
            "The gates multiply the layer only. The read-out sees the one state h, whatever the gates were.",
        ),
        Mistake(
            lambda gates, i, h, o: h * (i + h + 2) + (h + 1) * o,
            "The number of gates is not used: that is the size of an RNN. Equal width is not equal size.",
        ),
        Mistake(
            lambda gates, i, h, o: gates * h * (i + gates * h + 2) + (h + 1) * o,
            "The state that a step reads has H numbers, not gates · H: the matrix is (gates · H, H).",
        ),
    ),
    hints=(
        "Which matrices and biases does the layer have, and which the read-out? Write down their shapes.",
        "For each gate: (H, I), (H, H), and two biases (H,). For the read-out: (O, H) and (O,).",
        "`gates * hidden_size * (input_size + hidden_size + 2)` for the layer; the read-out has "
        "`(hidden_size + 1) * output_size`.",
    ),
)


def lstm_of(width: int) -> int:
    """An LSTM from 2 inputs to 1 output."""
    return stats.network_size(4, 2, width, 1)


def gru_of(width: int) -> int:
    """A GRU from 10 inputs to 10 outputs."""
    return stats.network_size(3, 10, width, 10)


def square_of(width: int) -> int:
    """4, 10, 18, 28 …, which leaves a middle between each two."""
    return width * (width + 3)


def plain_of(width: int) -> int:
    """A feedforward network from 10 inputs to 1 output, whose size grows in proportion to its width."""
    return 12 * width + 1


def last_below(target: float, size: Callable[[int], float]) -> int:
    """The largest width that does not go over the target."""
    width = 1
    while size(width + 1) <= target:
        width += 1
    return width


def first_above(target: float, size: Callable[[int], float]) -> int:
    """The smallest width that has as many as the target."""
    width = 1
    while size(width) < target:
        width += 1
    return width


def larger_of_two(target: float, size: Callable[[int], float]) -> int:
    """Equally near: the larger."""
    width = last_below(target, size)
    return min(width + 1, width, key=lambda w: abs(size(w) - target))


nearest_width = FunctionExercise(
    lesson="10",
    reference=stats.nearest_width,
    cases=lambda generator: [
        (7, square_of),  # in the middle of 4 and 10
        (23, square_of),
        (28, square_of),
        (1200, lstm_of),
        (5000, lstm_of),
        (2000, gru_of),
        (100, plain_of),
        (107, plain_of),
    ],
    result="the width, a whole number",
    variants=(
        lambda target, size: min(range(1, 300), key=lambda width: abs(size(width) - target)),
        lambda target, size: int(np.argmin([abs(size(width) - target) for width in range(1, 300)])) + 1,
    ),
    tolerance=1e-9,
    mistakes=(
        Mistake(
            last_below,
            "That is the largest width that does not go over the target. The next one may be nearer.",
        ),
        Mistake(
            first_above,
            "That is the first width that reaches the target. The one before may be nearer.",
        ),
        Mistake(larger_of_two, "Of two widths that are equally near, the smaller one is asked for."),
        Mistake(
            lambda target, size: max(1, round(target / size(1))),
            "That takes the size as proportional to the width. The recurrent matrix grows with its *square*.",
        ),
        Mistake(
            lambda target, size: max(1, round(math.sqrt(target))),
            "√target would be right for one matrix of H · H and nothing else. `size` knows what else there is.",
        ),
        Mistake(
            lambda target, size: size(stats.nearest_width(target, size)),
            "That is the size of the network. Asked is its width.",
        ),
        Mistake(
            lambda target, size: int(np.argmin([abs(size(width) - target) for width in range(1, 300)])),
            "One too few: places are counted from 0, and your first width is 1.",
        ),
    ),
    hints=(
        "`size` is a function: `size(5)` says how many parameters the width 5 has. You may simply try widths.",
        "Go up while the next width does not exceed the target; then one of two is nearest. Or take `min` of many.",
        "`min(range(1, 1000), key=lambda width: abs(size(width) - target))`: `min` takes the first of equals.",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# How long until it is solved


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
            "That is the share of runs that solved it. Asked is the time, with the budget where it was used up.",
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

# ---------------------------------------------------------------------------------------------------------------------
# Intervals over seeds


def pairs_of_scores(generator: torch.Generator) -> list[Arguments]:
    """Scores of two networks over seeds: what a seed makes hard is hard for both."""
    found = []
    for seeds, shift in ((2, 0.4), (5, -0.3), (10, 0.1), (30, 0.2)):
        hard = torch.randn(seeds, generator=generator, dtype=torch.float64)
        own = torch.randn(2, seeds, generator=generator, dtype=torch.float64)
        found.append(((hard + 0.5 * own[0] + shift).numpy(), (hard + 0.3 * own[1]).numpy()))
    return [*found, (*found[1], 0.9), (*found[2], 0.99)]


def around(mean: float, half: float) -> Numbers:
    """Low and high."""
    return np.array([mean - half, mean + half])


def half_of(a: Numbers, b: Numbers, factor: float, ddof: int = 1) -> Numbers:
    """mean ± factor · s / √N."""
    return around((a - b).mean(), factor * (a - b).std(ddof=ddof) / math.sqrt(len(a)))


def apart(a: Numbers, b: Numbers, level: float, degrees: float) -> Numbers:
    """The interval of two groups that have nothing to do with each other."""
    error = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))
    return around(a.mean() - b.mean(), stdtrit(degrees, (1 + level) / 2) * error)


def welch(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """Unpaired, each with its own spread."""
    u, v = a.var(ddof=1), b.var(ddof=1)
    return apart(a, b, level, (len(a) - 1) * (u + v) ** 2 / (u**2 + v**2))


def pooled(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """Unpaired, with one spread for both."""
    return apart(a, b, level, 2 * len(a) - 2)


def normal(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """The normal curve's quantile in place of t."""
    return half_of(a, b, ndtri((1 + level) / 2))


def always_1_96(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """1.96 at every level."""
    return half_of(a, b, 1.96)


def always_95(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """The level is not used."""
    return stats.paired_interval(a, b)


def one_sided(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """The quantile at the level itself."""
    return half_of(a, b, stdtrit(len(a) - 1, level))


def with_n(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """numpy's std as it comes."""
    return half_of(a, b, stdtrit(len(a) - 1, (1 + level) / 2), ddof=0)


def n_degrees(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """t with N degrees of freedom."""
    return half_of(a, b, stdtrit(len(a), (1 + level) / 2))


def spread_of_runs(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """Not divided by √N."""
    return half_of(a, b, stdtrit(len(a) - 1, (1 + level) / 2) * math.sqrt(len(a)))


def other_way_round(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """b − a."""
    return stats.paired_interval(b, a, level)


def mean_and_half(a: Numbers, b: Numbers, level: float = 0.95) -> Numbers:
    """The mean, and half of the interval."""
    low, high = stats.paired_interval(a, b, level)
    return np.array([(low + high) / 2, (high - low) / 2])


def by_scipy(a: Numbers, b: Numbers, level: float = 0.95) -> tuple[float, float]:
    """A right answer with scipy's own interval."""
    from scipy import stats

    low, high = stats.t.interval(level, len(a) - 1, loc=(a - b).mean(), scale=stats.sem(a - b))
    return low, high


def from_with_n(a: Numbers, b: Numbers, level: float = 0.95) -> list[float]:
    """A right answer: s with N, divided by √(N − 1)."""
    half = stdtrit(len(a) - 1, (1 + level) / 2) * (a - b).std() / math.sqrt(len(a) - 1)
    return [(a - b).mean() - half, (a - b).mean() + half]


paired_interval = FunctionExercise(
    lesson="10",
    reference=stats.paired_interval,
    cases=pairs_of_scores,
    result="low and high of the mean of a − b, shape (2,)",
    variants=(by_scipy, from_with_n),
    mistakes=(
        Mistake(
            welch,
            "You treat the two as strangers (Welch's interval). They share their seeds: take the difference of each "
            "pair first, then its mean and its spread. What both find hard then drops out.",
        ),
        Mistake(
            pooled,
            "You treat the two as strangers (the interval of a pooled spread). They share their seeds: take the "
            "difference of each pair first.",
        ),
        Mistake(
            normal,
            "That is the normal curve's quantile. The spread was estimated from a few seeds as well: take Student's t "
            "with N − 1 degrees of freedom. For five seeds it is 2.78 in place of 1.96.",
        ),
        Mistake(
            always_1_96,
            "1.96 is for very many seeds, and for a level of 95 % alone. Take Student's t: "
            "`stdtrit(N - 1, (1 + level) / 2)`.",
        ),
        Mistake(
            lambda a, b, level=0.95: half_of(a, b, stdtrit(9, 0.975)),
            "2.26 belongs to ten seeds and to 95 %. Of N seeds take `stdtrit(N - 1, (1 + level) / 2)`.",
        ),
        Mistake(
            lambda a, b, level=0.95: half_of(a, b, 2.26),
            "2.26 belongs to ten seeds and to 95 %. Of N seeds take `stdtrit(N - 1, (1 + level) / 2)`.",
        ),
        Mistake(always_95, "Right for 95 %. But `level` may be another one: the quantile is at (1 + level) / 2."),
        Mistake(
            one_sided,
            "The interval has two ends, and what is left out is shared between them: the quantile is at "
            "(1 + level) / 2, which is 0.975 for 95 %.",
        ),
        Mistake(
            with_n,
            "numpy's `std` divides by N. The mean came from the same numbers, so divide by N − 1: `std(ddof=1)`.",
        ),
        Mistake(n_degrees, "N − 1 degrees of freedom, not N: one was spent on the mean."),
        Mistake(
            spread_of_runs,
            "That is how far *single* seeds spread. The mean of N of them spreads less: divide by √N.",
        ),
        Mistake(other_way_round, "That is b − a. Asked is a − b: above 0 where a is larger."),
        Mistake(
            mean_and_half, "That is the mean, and half of the width. Return the two ends: mean − half, mean + half."
        ),
    ),
    hints=(
        "Both were run with the same seeds. Which N numbers does the question turn on?",
        "The mean of a − b, give or take t · s / √N. s is `std(ddof=1)`, and t is "
        "`scipy.special.stdtrit(N - 1, (1 + level) / 2)`.",
        "`half = stdtrit(len(d) - 1, (1 + level) / 2) * d.std(ddof=1) / len(d) ** 0.5` with `d = a - b`; return "
        "`d.mean() - half, d.mean() + half`.",
    ),
)

Z = float(ndtri(0.975))


def share_of(solved_count: int, runs: int) -> tuple[float, float, float]:
    """p, and Wilson's centre and half, before they are divided by 1 + z²/N."""
    p = solved_count / runs
    return p, p + Z**2 / (2 * runs), Z * math.sqrt(p * (1 - p) / runs + Z**2 / (4 * runs**2))


def wald(solved_count: int, runs: int) -> Numbers:
    """p ± 1.96 standard errors."""
    p = solved_count / runs
    return around(p, Z * math.sqrt(p * (1 - p) / runs))


def no_root(solved_count: int, runs: int) -> Numbers:
    """The square root forgotten."""
    _, centre, half = share_of(solved_count, runs)
    return around(centre, half**2 / Z) / (1 + Z**2 / runs)


def not_moved(solved_count: int, runs: int) -> Numbers:
    """Wilson's width, round the share that was seen."""
    p, _, half = share_of(solved_count, runs)
    return around(p, half / (1 + Z**2 / runs))


def not_divided(solved_count: int, runs: int) -> Numbers:
    """The denominator 1 + z²/N forgotten."""
    _, centre, half = share_of(solved_count, runs)
    return around(centre, half)


def half_not_divided(solved_count: int, runs: int) -> Numbers:
    """The denominator under the centre alone."""
    _, centre, half = share_of(solved_count, runs)
    return around(centre / (1 + Z**2 / runs), half)


def once_n(solved_count: int, runs: int) -> Numbers:
    """z²/(4N) in place of z²/(4N²)."""
    p, centre, _ = share_of(solved_count, runs)
    return around(centre, Z * math.sqrt(p * (1 - p) / runs + Z**2 / (4 * runs))) / (1 + Z**2 / runs)


def without_z(solved_count: int, runs: int) -> Numbers:
    """z = 1: one standard error."""
    p, z = solved_count / runs, 1.0
    half = z * math.sqrt(p * (1 - p) / runs + z**2 / (4 * runs**2))
    return around(p + z**2 / (2 * runs), half) / (1 + z**2 / runs)


def agresti_coull(solved_count: int, runs: int) -> Numbers:
    """The normal interval after z²/2 successes and as many failures were added."""
    n = runs + Z**2
    p = (solved_count + Z**2 / 2) / n
    return around(p, Z * math.sqrt(p * (1 - p) / n))


def plus_four(solved_count: int, runs: int) -> Numbers:
    """The normal interval after two successes and two failures were added."""
    p = (solved_count + 2) / (runs + 4)
    return around(p, Z * math.sqrt(p * (1 - p) / (runs + 4)))


def counts_in_place_of_shares(solved_count: int, runs: int) -> Numbers:
    """The interval of the count."""
    return stats.share_interval(solved_count, runs) * runs


def by_quadratic(solved_count: int, runs: int) -> Numbers:
    """A right answer: the two shares for which what was seen is just no surprise."""
    p, u = solved_count / runs, Z**2 / runs
    found: Numbers = np.sort(np.roots([1 + u, -2 * p - u, p * p]).real)
    return found


def with_1_96(solved_count: int, runs: int) -> tuple[float, float]:
    """A right answer with the rounded quantile."""
    p, u = solved_count / runs, 1.96**2 / runs
    half = math.sqrt(u * p * (1 - p) + u * u / 4)
    return (p + u / 2 - half) / (1 + u), (p + u / 2 + half) / (1 + u)


share_interval = FunctionExercise(
    lesson="10",
    reference=stats.share_interval,
    cases=lambda generator: [(10, 10), (7, 10), (0, 10), (1, 3), (25, 40), (0, 1)],
    result="low and high of the share, shape (2,)",
    variants=(by_quadratic, with_1_96),
    tolerance=1e-4,
    mistakes=(
        Mistake(
            wald,
            "That is p ± 1.96 · √(p(1 − p)/N). At 10 of 10 it has no width at all: certain after ten runs. Wilson asks "
            "which *true* shares would make this no surprise.",
        ),
        Mistake(
            lambda solved_count, runs: np.clip(wald(solved_count, runs), 0, 1),
            "p ± 1.96 · √(p(1 − p)/N), cut at 0 and 1, is still certain at 10 of 10: it has no width there.",
        ),
        Mistake(
            lambda solved_count, runs: stats.share_interval(solved_count, runs)[::-1],
            "The two ends are right, in the wrong order: low first, then high.",
        ),
        Mistake(no_root, "The square root is missing: the width is z · √(p(1 − p)/N + z²/(4N²))."),
        Mistake(
            not_moved,
            "The width is right, but its centre is not p: it moves towards a half, to (p + z²/(2N)) / (1 + z²/N).",
        ),
        Mistake(not_divided, "Both, the centre and the half of the width, are still to be divided by 1 + z²/N."),
        Mistake(half_not_divided, "The half of the width is divided by 1 + z²/N as well, as the centre is."),
        Mistake(once_n, "Under the root it is z²/(4N²): N is squared there."),
        Mistake(without_z, "With z = 1 that is one standard error, an interval of 68 %. For 95 % z is 1.96."),
        Mistake(
            agresti_coull,
            "That is the interval of Agresti and Coull, wider than Wilson's. The centre is the same, the width is not.",
        ),
        Mistake(
            plus_four,
            "Two successes and two failures added: a good rule by hand (Agresti and Coull), and not Wilson's interval.",
        ),
        Mistake(counts_in_place_of_shares, "Those are numbers of runs. Asked is the share, between 0 and 1."),
    ),
    hints=(
        "To which true shares q is the share p that you saw no surprise? To those with |p − q| ≤ z · √(q(1 − q)/N). "
        "Squared, it is a quadratic equation in q.",
        "With u = z²/N: centre (p + u/2) / (1 + u), half of the width √(u · p(1 − p) + u²/4) / (1 + u).",
        "`u = 1.96**2 / runs`, `half = (u * p * (1 - p) + u**2 / 4) ** 0.5`, and return "
        "`(p + u / 2 - half) / (1 + u), (p + u / 2 + half) / (1 + u)`.",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Unfair comparisons

best_of = NumberQuestion(
    lesson="10",
    name="best_of",
    hints=(
        "Four tries in all, and all alike. How likely is each of them to be the best of the four?",
        "Three of the four equally likely winners are the LSTM's.",
    ),
    answer=0.75,
    within=0.001,
    mistakes={
        0.5: "A half would be right for one try each. The LSTM has three chances to be lucky.",
        0.25: "That is how often the RNN's single try is the best of all four.",
        1 / 3: "Each of the *four* tries is equally likely to be the best, and three of them are the LSTM's.",
        2 / 3: "Each of the *four* tries is equally likely to be the best, and three of them are the LSTM's.",
        0.875: "1 − ½³ would be three tries, each against another try of the RNN. They all meet the same one: if that "
        "one was good, all three are likely to lose.",
        1.0: "Not always: the RNN's single try may be the luckiest of the four.",
        0.0: "The more tries, the better the best of them.",
    },
    why="The best of four tries that are all alike is equally likely to be any of them, and three are the LSTM's. So "
    "often it “wins”, though both are equally good. Give each network the same number of tries.",
)

lag_told = ChoiceQuestion(
    lesson="10",
    name="lag_told",
    question="One kind of first weights in this table knows something about the task that no other knows. Which?",
    choices=("chrono", "identity, inputs 0.1", "orthogonal, forget bias 1", "|λ| from 0.99"),
    answer="chrono",
    says={
        "identity, inputs 0.1": "The identity holds a state for any time, and with small inputs little is added to it. "
        "It is the same matrix for a lag of 20 and for one of 160.",
        "orthogonal, forget bias 1": "A forget bias of 1 is the same whatever the task. Look for the one that is "
        "computed anew for each lag.",
        "|λ| from 0.99": "Decays that near 1 are meant for long memory, but they are the same for every lag. The "
        "search found them; nobody told them.",
    },
    why="Chrono biases are drawn from the longest lag of the task (lesson 09): of the recurrent networks only the "
    "gated ones are told how long they will have to wait. (The convolution is told something too: it is as deep as "
    "the sequence is long.) To be fair, show the result without it as well, or tell all of them.",
    prediction=False,
)

ten_to_seven = ChoiceQuestion(
    lesson="10",
    name="ten_to_seven",
    question="An LSTM solves a task with 10 of 10 seeds, an RNN with 7 of 10. What has been shown?",
    choices=(
        "the LSTM solves it more often",
        "no difference yet: both may have the same share",
        "both solve it equally often",
    ),
    answer="no difference yet: both may have the same share",
    says={
        "the LSTM solves it more often": "With these ten seeds it did. But where both are equally good and three of "
        "20 runs fail, all three fall to the same network in 21 of 100 cases.",
        "both solve it equally often": "That was not shown either: the true shares may well be 0.95 and 0.6. What was "
        "not found may still be there.",
    },
    why="By Wilson the shares are 0.72 to 1 and 0.40 to 0.89: the intervals overlap widely. If both are equally good "
    "and three of 20 runs fail, all three fall to the same network in 21 of 100 cases (Fisher's exact test, p = 0.21). "
    "More seeds are needed.",
    prediction=False,
)

# ---------------------------------------------------------------------------------------------------------------------
# Steps in any grouping


def pairs_of_steps(generator: torch.Generator) -> list[Arguments]:
    """Two steps h → a · h + b, of several shapes."""
    return [
        tuple((drawn[0], drawn[1]) for drawn in torch.randn(2, 2, *shape, generator=generator))
        for shape in ((1,), (3,), (2, 4), (2, 5, 3))
    ]


def same_order_of_steps(first: Pair, then: Pair) -> Pair:
    """A right answer: where 0 goes, and from there how steep it is."""

    def both(h: torch.Tensor) -> torch.Tensor:
        return then[0] * (first[0] * h + first[1]) + then[1]

    b = both(torch.zeros_like(first[0]))
    return both(torch.ones_like(first[0])) - b, b


combine = FunctionExercise(
    lesson="10",
    reference=scan.combine,
    cases=pairs_of_steps,
    result="a pair (a, b), each of the shape of the a and b given",
    variants=(same_order_of_steps,),
    shape_tip="All four are of the same shape. Multiply them entry by entry, with *.",
    mistakes=(
        Mistake(
            lambda first, then: (first[0] * then[0], first[0] * then[1] + first[1]),
            "The order is exchanged: `first` is done first, and `then` is done with its result.",
        ),
        Mistake(
            lambda first, then: (first[0] * then[0], first[1] + then[1]),
            "What the first step added goes through the second one too: it is multiplied by the second a.",
        ),
        Mistake(
            lambda first, then: (first[0] + then[0], then[0] * first[1] + then[1]),
            "h is multiplied by one a and then by the other. Together they multiply it by the *product*.",
        ),
        Mistake(
            lambda first, then: (first[0] * then[0], first[0] * first[1] + then[1]),
            "The first b is multiplied by the wrong a. It comes *after* the first a had its turn; the second follows.",
        ),
        Mistake(
            lambda first, then: (first[0] * then[0], then[0] * (first[1] + then[1])),
            "The second b is added at the very end. Nothing multiplies it any more.",
        ),
        Mistake(
            lambda first, then: (first[0], then[0] * first[1] + then[1]),
            "The b is right. The h of the beginning is multiplied by both a, not by the first alone.",
        ),
        Mistake(
            lambda first, then: (then[0], then[0] * first[1] + then[1]),
            "The b is right. The h of the beginning is multiplied by both a.",
        ),
        Mistake(
            lambda first, then: (first[0] * then[0], first[1] * then[1]),
            "The b are added, not multiplied; the first one was multiplied by the second a before.",
        ),
    ),
    hints=(
        "Put the first step into the second: what becomes of h in the end?",
        "a₂ · (a₁ · h + b₁) + b₂. Multiply out: what stands before h, and what stands alone?",
        "`return first[0] * then[0], then[0] * first[1] + then[1]`",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Answered by what the lesson measures


@dataclass(kw_only=True)
class MeasuredChoice(ChoiceQuestion):
    """A prediction with choices, of which the lesson measures the right one: `ex.….check(predict, measured)`."""

    answer: str = "The lesson measures it"
    says: Mapping[str, str] = field(default_factory=dict)
    why: str = "Run its cells, and check your prediction."

    def __post_init__(self) -> None:
        """There are no sentences to check yet: no choice is right before it is measured."""

    def check(self, given: Any, measured: str | None = None) -> Feedback:
        """Compare a choice with what was measured.

        Args:
            given: what `ask` returned, or a choice by its text or its number from 1.
            measured: the choice that turned out right.

        Raises:
            CourseError: what was measured is none of the choices (a mistake of the lesson).
        """
        if measured not in self.choices:
            raise unknown("choice", measured, self.choices)
        self.answer, self.why = measured, f"Measured: {measured}."
        self.says = dict.fromkeys((choice for choice in self.choices if choice != measured), self.why)
        return super().check(given)


first_winner = MeasuredChoice(
    lesson="10",
    name="first_winner",
    question="Digits, read pixel by pixel in 64 steps: which network is first at the criterion?",
    choices=("RNN", "LSTM", "GRU", "none of them clearly"),
)

longest_winner = MeasuredChoice(
    lesson="10",
    name="longest_winner",
    question="The adding problem with the longest lag: which network is first at the criterion?",
    choices=("RNN", "LSTM", "GRU", "none of them clearly"),
)

others = MeasuredChoice(
    lesson="10",
    name="others",
    question="The flagged latch over 160 steps: which of the two needs clearly fewer CPU seconds than the LSTM?",
    choices=("both, Transformer and state space network", "the Transformer", "the state space network", "neither"),
)

doubling = NumberQuestion(lesson="10", name="doubling", unit="times as long", tolerance=0.25, prediction=True)

attention_doubling = NumberQuestion(
    lesson="10", name="attention_doubling", unit="times as long", tolerance=0.25, prediction=True
)
