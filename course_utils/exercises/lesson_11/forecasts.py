"""Lesson 11: windows, one scale for a series, the season again, and intervals over origins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from course_utils import stats
from course_utils.data import windows as cut
from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.stats import Numbers, mean_interval, t_quantile, z_quantile

Values: TypeAlias = npt.NDArray[np.float64]


def series(generator: torch.Generator, length: int) -> Values:
    """(T,) numbers with both signs."""
    return torch.randn(length, generator=generator, dtype=torch.float64).numpy() * 5 + 3


# ---------------------------------------------------------------------------------------------------------------------
# Windows


def series_to_cut(generator: torch.Generator) -> list[Arguments]:
    """A series, L and S; the last leaves one window."""
    return [(series(generator, length), seen, steps) for length, seen, steps in ((6, 2, 1), (12, 4, 3), (9, 6, 3))]


def moved(by: int) -> Callable[[Values, int, int], tuple[Values, Values]]:
    """Targets that begin `by` steps too late (below 0: too early)."""

    def answer(values: Values, seen: int, steps: int) -> tuple[Values, Values]:
        starts = range(len(values) - seen - steps - max(by, 0) + 1)
        targets = [values[start + seen + by : start + seen + by + steps] for start in starts]
        return np.stack([values[start : start + seen] for start in starts]), np.stack(targets)

    return answer


def by_a_loop(values: Values, seen: int, steps: int) -> tuple[Values, Values]:
    """A right answer, window by window."""
    return moved(0)(values, seen, steps)


def one_window_less(values: Values, seen: int, steps: int) -> tuple[Values, Values]:
    """range(T − L − S)."""
    first, second = cut.windows(values, seen, steps)
    return first[:-1], second[:-1]


def last_target_alone(values: Values, seen: int, steps: int) -> tuple[Values, Values]:
    """One target for each window."""
    first, second = cut.windows(values, seen, steps)
    return first, second[:, -1]


def windows_without_targets(values: Values, seen: int, steps: int) -> tuple[Values, Values]:
    """Windows up to the last value but one, and the targets that there are."""
    return np.stack([values[at : at + seen] for at in range(len(values) - seen)]), cut.windows(values, seen, steps)[1]


def side_by_side(values: Values, seen: int, steps: int) -> tuple[Values, Values]:
    """Windows that do not overlap."""
    first, second = cut.windows(values, seen, steps)
    return first[:: seen + steps], second[:: seen + steps]


def target_in_window(values: Values, seen: int, steps: int) -> tuple[Values, Values]:
    """The window runs on over what is to be forecast."""
    first, second = cut.windows(values, seen, steps)
    return np.concatenate([first, second], axis=1), second


windows = FunctionExercise(
    lesson="11",
    reference=cut.windows,
    cases=series_to_cut,
    result="a pair: what is seen, (N, L), and what comes after it, (N, S)",
    variants=(by_a_loop,),
    mistakes=(
        Mistake(
            moved(-1),
            "The first target is the last value of the window: the network sees it, and has only to copy it. Targets "
            "begin at `start + seen`.",
        ),
        Mistake(target_in_window, "The window runs on over its own targets. It ends where they begin."),
        Mistake(moved(1), "A value is left out between a window and its targets. They begin at `start + seen`."),
        Mistake(
            one_window_less,
            "One window is missing, the last. Of T values there are T − L − S + 1: `range` leaves out its end.",
        ),
        Mistake(
            side_by_side,
            "Your windows lie side by side. One may begin at *every* value that leaves room for its targets.",
        ),
        Mistake(
            last_target_alone,
            "Each window has one target, the last of its steps. All that come after it are forecast: (N, S).",
        ),
        Mistake(
            windows_without_targets,
            "Your windows go on to the end of the series, where nothing comes after them. Keep those that leave room "
            "for their targets: as many as there are targets.",
        ),
        Mistake(
            lambda values, seen, steps: cut.windows(values, seen, steps)[::-1],
            "What is seen comes first, what is forecast second: you have exchanged them.",
        ),
    ),
    hints=(
        "The window that begins at `start` is `values[start : start + seen]`. What comes right after it?",
        "Its targets are `values[start + seen : start + seen + steps]`. Which starts leave room for both?",
        "`starts = range(len(values) - seen - steps + 1)`; then `np.stack` each of the two lists.",
    ),
)


# ---------------------------------------------------------------------------------------------------------------------
# One scale


def series_to_scale(generator: torch.Generator) -> list[Arguments]:
    """A series that rises, and how many values are learned from."""
    return [(series(generator, length) + np.arange(length), count) for length, count in ((6, 4), (20, 12), (30, 5))]


def by_least_and_most(values: Values, count: int) -> Values:
    """Between 0 and 1."""
    low, high = values[:count].min(), values[:count].max()
    scaled: Values = (values - low) / (high - low)
    return scaled


scaled_by_training = FunctionExercise(
    lesson="11",
    reference=cut.scaled_by_training,
    cases=series_to_scale,
    result="the whole series on the scale of its training part, shape (T,)",
    variants=(lambda values, count: (values - np.mean(values[:count])) / np.sqrt(np.var(values[:count])),),
    mistakes=(
        Mistake(
            lambda values, count: (values - values.mean()) / values.std(),
            "Mean and standard deviation come from *all* values, those that judge as well: the future leaks into what "
            "is learned from. Take them from `values[:count]`.",
        ),
        Mistake(
            lambda values, count: (values - values[:count].mean()) / values.std(),
            "The mean is that of the training part, but the standard deviation comes from all values.",
        ),
        Mistake(
            lambda values, count: (values - values.mean()) / values[:count].std(),
            "The standard deviation is that of the training part, but the mean comes from all values.",
        ),
        Mistake(
            lambda values, count: np.concatenate(
                [(part - part.mean()) / part.std() for part in (values[:count], values[count:])]
            ),
            "Each part has a scale of its own: the second one uses values that are not known yet, and a step from one "
            "part to the next is lost. One scale for all, from the training part.",
        ),
        Mistake(
            lambda values, count: cut.scaled_by_training(values, count)[:count],
            "Only the training part is left. Put the whole series on its scale.",
        ),
        Mistake(lambda values, count: values - values[:count].mean(), "Now divide by the standard deviation."),
        Mistake(lambda values, count: values / values[:count].std(), "Take off the mean first."),
        Mistake(
            lambda values, count: (values - values[:count].mean()) / values[:count].var(),
            "You divide by the variance. The standard deviation is its root.",
        ),
        Mistake(
            lambda values, count: (values - values[:count].mean()) / values[:count].std(ddof=1),
            "You divide by the standard deviation with count − 1 (pandas, or ddof=1). That is a fair scale too; here "
            "it is numpy's `.std()`, so that the training part has a standard deviation of exactly 1.",
        ),
        Mistake(
            lambda values, count: (values - values[count:].mean()) / values[count:].std(),
            "The scale comes from what comes *after* the training part. Take it from `values[:count]`.",
        ),
        Mistake(by_least_and_most, "That is a scale from 0 to 1. Here: mean 0, and standard deviation 1."),
    ),
    hints=(
        "What may be known when the first forecast is made? Only `values[:count]`.",
        "`train = values[:count]`; its `.mean()` and `.std()` make the scale.",
        "`return (values - train.mean()) / train.std()`",
    ),
)


# ---------------------------------------------------------------------------------------------------------------------
# The season again


def series_with_seasons(generator: torch.Generator) -> list[Arguments]:
    """Horizons within a season, of one season, and beyond; a series of one season."""
    sizes = ((7, 2, 3), (9, 4, 4), (13, 11, 4), (5, 12, 5), (8, 3, 1))
    return [(series(generator, length), steps, season) for length, steps, season in sizes]


def off_by_one(values: Values, steps: int, season: int) -> Values:
    """A season that begins one value too early."""
    return values[len(values) - season - 1 + np.arange(steps) % season]


def never_again(values: Values, steps: int, season: int) -> Values:
    """What lies a season before each step, as far as it is known."""
    return values[len(values) - season : len(values) - season + steps]


def first_season(values: Values, steps: int, season: int) -> Values:
    """The first season in place of the last."""
    return values[np.arange(steps) % season]


def by_appending(values: Values, steps: int, season: int) -> Values:
    """A right answer: each value is put at the end, and read again a season later."""
    known = list(values)
    for _ in range(steps):
        known.append(known[-season])
    return np.array(known[len(values) :])


last_season_again = FunctionExercise(
    lesson="11",
    reference=cut.last_season_again,
    cases=series_with_seasons,
    result="the forecast, shape (S,)",
    variants=(by_appending, lambda values, steps, season: np.resize(values[-season:], steps)),
    mistakes=(
        Mistake(
            off_by_one, "Off by one: the last season is `values[-season:]`, and the forecast begins with its first."
        ),
        Mistake(
            never_again,
            "Beyond one season your forecast ends: nothing lies a season before it yet. Begin the season again.",
        ),
        Mistake(
            lambda values, steps, season: np.array([values[step - season] for step in range(steps)]),
            "Beyond one season your index leaves the series, or counts from its beginning. Begin the season again: "
            "`step % season`.",
        ),
        Mistake(
            lambda values, steps, season: values[-season : steps - season],
            "Beyond one season your slice ends where it should not. Begin the season again: `step % season`.",
        ),
        Mistake(first_season, "That is the *first* season of the series. Take the last one that is known."),
        Mistake(
            lambda values, steps, season: np.full(steps, values[-1]),
            "That is the naive forecast, the last value. Take the value a *season* before each step.",
        ),
        Mistake(
            lambda values, steps, season: np.full(steps, values[-season]),
            "One value for all steps. Each step has its own place in the season.",
        ),
        Mistake(
            lambda values, steps, season: np.resize(values[-season:][::-1], steps),
            "The season runs backwards. Its first value comes first.",
        ),
    ),
    hints=(
        "The last season is `values[-season:]`. Step 0 takes its first value; which one takes step `season`?",
        "`np.arange(steps) % season` is each step's place in the season.",
        "`return values[-season:][np.arange(steps) % season]`",
    ),
)


# ---------------------------------------------------------------------------------------------------------------------
# Intervals


def errors_of_origins(generator: torch.Generator) -> list[Arguments]:
    """(origins, S) errors: each origin has its own level."""
    found = []
    for origins, steps in ((3, 2), (10, 12), (5, 6)):
        level = torch.rand(origins, 1, generator=generator, dtype=torch.float64) * 3
        found.append((level + torch.rand(origins, steps, generator=generator, dtype=torch.float64)).numpy())
    return [(found[0],), (found[1],), (found[1], 0.8), (found[2], 0.99)]


NORMAL = (
    "You take the quantile of the normal distribution, such as 1.96. With few origins it is Student's, which is "
    "larger: `mean_interval` uses it."
)


def by_hand(errors: Values, quantile: Callable[[int], float], *, ddof: int = 1, root: bool = True) -> Numbers:
    """Mean ± quantile · s / √N over the origins."""
    means = errors.mean(axis=1)
    half = quantile(len(means) - 1) * means.std(ddof=ddof) / (np.sqrt(len(means)) if root else 1.0)
    return np.array([means.mean() - half, means.mean() + half])


def ends_of(values: Values, level: float) -> Numbers:
    """The interval of a mean, low and high."""
    found = mean_interval(values, level)
    return np.array([found.low, found.high])


interval_over_origins = FunctionExercise(
    lesson="11",
    reference=stats.interval_over_origins,
    helpers=(mean_interval,),
    cases=errors_of_origins,
    result="low and high of the mean error's interval, shape (2,)",
    variants=(lambda errors, level=0.95: list(ends_of(np.array([row.mean() for row in errors]), level)),),
    mistakes=(
        Mistake(
            lambda errors, level=0.95: ends_of(errors.reshape(-1), level),
            "You count every step of every forecast as a measurement of its own. The steps of one forecast go wrong "
            "together, so the interval is too narrow: take each origin's mean first.",
        ),
        Mistake(
            lambda errors, level=0.95: ends_of(errors.mean(axis=0), level),
            "You took means over the origins, and the interval over the steps. The other way round: axis=1.",
        ),
        Mistake(
            lambda errors, level=0.95: ends_of(errors[:, -1], level),
            "Only the last step counts. Take each origin's mean over its steps.",
        ),
        Mistake(
            lambda errors, level=0.95: ends_of(errors.mean(axis=1), 0.95),
            "The level is an argument: give it to `mean_interval`.",
        ),
        Mistake(lambda errors, level=0.95: by_hand(errors, lambda _: z_quantile(level)), NORMAL),
        Mistake(lambda errors, level=0.95: by_hand(errors, lambda _: 1.96), NORMAL),
        Mistake(
            lambda errors, level=0.95: by_hand(errors, lambda n: float(t_quantile(n, level)), ddof=0),
            "Your standard deviation divides by N. Of N measurements it divides by N − 1, with ddof=1.",
        ),
        Mistake(
            lambda errors, level=0.95: by_hand(errors, lambda n: float(t_quantile(n, level)), root=False),
            "Divide by √N: the mean of N origins is surer than one of them.",
        ),
        Mistake(
            lambda errors, level=0.95: by_hand(errors, lambda n: float(t_quantile(n, 2 * level - 1))),
            "Your quantile leaves 1 − level at *each* end. Both ends together are 1 − level.",
        ),
        Mistake(
            lambda errors, level=0.95: np.quantile(errors.mean(axis=1), [(1 - level) / 2, (1 + level) / 2]),
            "That is where single forecasts lie. The interval of their *mean* narrows with the number of origins.",
        ),
        Mistake(
            lambda errors, level=0.95: np.array([errors.mean(), mean_interval(errors.mean(axis=1), level).half]),
            "Those are the mean and half of the width. Low is the one minus the other, high their sum.",
        ),
    ),
    hints=(
        "How many independent measurements are there? As many as forecasts were made, not as many as they have steps.",
        "`errors.mean(axis=1)` has one number for each origin; `mean_interval` of lesson 10 does the rest.",
        "`found = mean_interval(errors.mean(axis=1), level)`; `return np.array([found.low, found.high])`",
    ),
)

mase_below_one = ChoiceQuestion(
    lesson="11",
    name="mase_below_one",
    question="MASE divides by the error of 'like a season ago'. Of which part of the series?",
    choices=("the part that judges", "the training part", "the whole series"),
    answer="the training part",
    says={
        "the part that judges": "Then the same forecast has another score wherever the test is hard for the seasonal "
        "naive forecast, and with a test of one season there may be nothing to divide by.",
        "the whole series": "Then what is to be judged is in the scale too.",
    },
    why="It is known before the first forecast is made, and it is the same for all methods and origins.",
    prediction=False,
)

pinball_minimum = NumberQuestion(
    lesson="11",
    name="pinball_minimum",
    answer=0.2,
    mistakes={
        1.8: "The sides are exchanged: a truth *above* the forecast costs 0.9 a unit. This one is below it.",
        0.1: "That is the price of one unit. The truth is two units below.",
        0.9: "That is the price of one unit on the other side. The truth is two units below.",
        2.0: "That is the size of the error. Each unit below the forecast costs 0.1.",
        1.0: "Only the median has the same price on both sides.",
        -0.2: "A cost is never below 0: two units, 0.1 each.",
    },
    why="The truth lies two units below, 0.1 each. A truth above the forecast is nine times as dear, so the cheapest "
    "forecast has nine truths in ten below it.",
)
