"""Curriculum: training that begins with short lags and lets them grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from course_utils.checks import check_whole
from course_utils.experiments.tasks.task import Batch, Task, generator_for


def lag_at(step: int, steps: int, shortest: int, longest: int) -> int:
    """The longest lag that is shown at a step of the training.

    It grows from `shortest` to `longest` in equal ratios, by the same factor at each step, is there after half of the
    steps, and stays.

    Args:
        step: of the training, from 0.
        steps: of the whole training.
        shortest: the longest lag at step 0, in time steps, at least 1.
        longest: the longest lag from half of the training on.

    Returns:
        A lag in time steps, rounded to a whole number.

    Raises:
        CourseError: a step below 0, no steps, lags below 1 or in the wrong order.
    """
    check_whole("step", step, 0)
    check_whole("steps", steps, 1)
    check_whole("shortest", shortest, 1)
    check_whole("longest", longest, shortest)
    grown = min(1.0, step / (steps / 2))  # 0 at the first step, 1 from half of them on
    factor: float = (longest / shortest) ** grown
    return round(shortest * factor)


def growing(
    make_task: Callable[[int], Task], steps: int, shortest: int, longest: int, batch_size: int, seed: int
) -> Iterator[Batch]:
    """Training batches whose longest lag grows with `lag_at`, one for each step.

    fit(model, growing(lambda lag: FlaggedLatch(5, lag), 2000, 10, 100, 32, seed=0), task.objective, steps=2000)

    Args:
        make_task: from a longest lag to the task that has it.
        steps: of the whole training.
        shortest: the longest lag at step 0, in time steps, at least 1.
        longest: the longest lag from half of the training on.
        batch_size: how many sequences in each batch, B.
        seed: a whole number from 0 to 2³¹ − 1; the generator is seeded as in `Task.batches`, so that no batch is one of
            `held_out`.

    Returns:
        An iterator of `steps` batches.

    Raises:
        CourseError: steps, lags, batch size or seed that cannot be meant.
    """
    check_whole("steps", steps, 1)
    check_whole("batch_size", batch_size, 1)
    lags, generator = [lag_at(step, steps, shortest, longest) for step in range(steps)], generator_for(seed, 0)
    return (make_task(lag).sample(batch_size, generator) for lag in lags)
