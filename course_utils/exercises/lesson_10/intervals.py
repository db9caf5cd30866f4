"""Lesson 10: intervals over seeds, of a mean difference and of a share."""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.special import ndtri, stdtrit

from course_utils import stats
from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.stats import Numbers


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
    return centre_and_half(*stats.paired_interval(a, b, level))


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
    helpers=(stats.mean_interval, stats.t_quantile),
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
        Mistake(
            lambda a, b, level=0.95: half_of(a, b, stdtrit(9, (1 + level) / 2)),
            "Nine degrees of freedom belong to ten seeds. Of N seeds it is N − 1: `stdtrit(N - 1, (1 + level) / 2)`.",
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
        Mistake(
            lambda a, b, level=0.95: np.percentile(a - b, [50 * (1 - level), 50 * (1 + level)]),
            "Those are percentiles: how far *single* seeds spread. We want how well the mean is known: t · s / √N.",
        ),
        Mistake(n_degrees, "N − 1 degrees of freedom, not N: one was spent on the mean."),
        Mistake(
            spread_of_runs,
            "That is how far *single* seeds spread. The mean of N of them spreads less: divide by √N.",
        ),
        Mistake(
            lambda a, b, level=0.95: half_of(a, b, stdtrit(len(a) - 1, (1 + level) / 2) / math.sqrt(len(a))),
            "The standard error of a mean is s / √N. You divide by N.",
        ),
        Mistake(
            lambda a, b, level=0.95: half_of(a, b, stdtrit(len(a) - 1, (1 + level) / 2) * (a - b).std(ddof=1)),
            "That takes the variance s². The interval has the standard deviation s: `std(ddof=1)`, not `var`.",
        ),
        Mistake(other_way_round, "That is b − a. We want a − b: above 0 where a is larger."),
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

Z = stats.z_quantile()


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


def with_quantile(solved_count: int, runs: int, z: float) -> Numbers:
    """Wilson's interval with another z."""
    p = solved_count / runs
    half = z * math.sqrt(p * (1 - p) / runs + z**2 / (4 * runs**2))
    return around(p + z**2 / (2 * runs), half) / (1 + z**2 / runs)


def centre_and_half(low: float, high: float) -> Numbers:
    """The middle of an interval, and half of its width."""
    return np.array([(low + high) / 2, (high - low) / 2])


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
    helpers=(stats.wilson_interval, stats.z_quantile),
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
        Mistake(
            lambda solved_count, runs: with_quantile(solved_count, runs, 2.0),
            "With z = 2 the interval is a little too wide. For 95 % z is 1.96.",
        ),
        Mistake(
            lambda solved_count, runs: with_quantile(solved_count, runs, 1.645),
            "z = 1.645 leaves 5 % out at *each* end, an interval of 90 %. For 95 % z is 1.96.",
        ),
        Mistake(
            lambda solved_count, runs: centre_and_half(*stats.share_interval(solved_count, runs)),
            "That is the centre, and half of the width. Return the two ends: centre − half, centre + half.",
        ),
        Mistake(
            lambda solved_count, runs: with_quantile(solved_count, runs, math.sqrt(Z)),
            "In the formula z is squared: u = z²/N, with z = 1.96.",
        ),
        Mistake(
            lambda solved_count, runs: with_quantile(solved_count, runs, 1.0),
            "With z = 1 that is one standard error, an interval of 68 %. For 95 % z is 1.96.",
        ),
        Mistake(
            agresti_coull,
            "That is the interval of Agresti and Coull, wider than Wilson's. The centre is the same, the width is not.",
        ),
        Mistake(
            plus_four,
            "Two successes and two failures added: a good rule by hand (Agresti and Coull), and not Wilson's interval.",
        ),
        Mistake(
            lambda solved_count, runs: stats.share_interval(solved_count / runs * 10, 10),
            "You take 10 runs. How many there are is an argument: `runs`.",
        ),
        Mistake(counts_in_place_of_shares, "Those are numbers of runs. We want the share, between 0 and 1."),
    ),
    hints=(
        "To which true shares q is the share p that you saw no surprise? To those with |p − q| ≤ z · √(q(1 − q)/N). "
        "Squared, it is a quadratic equation in q.",
        "With u = z²/N: centre (p + u/2) / (1 + u), half of the width √(u · p(1 − p) + u²/4) / (1 + u).",
        "`u = 1.96**2 / runs`, `half = (u * p * (1 - p) + u**2 / 4) ** 0.5`, and return "
        "`(p + u / 2 - half) / (1 + u), (p + u / 2 + half) / (1 + u)`.",
    ),
)
