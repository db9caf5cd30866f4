"""Four tasks with the criterion that ends a training: what networks are compared on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.errors import CourseError
from course_utils.experiments.comparison.networks import Shape
from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.digit_rows import digit_parts
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.task import Batch, Task
from course_utils.experiments.tasks.temporal_order import TemporalOrder

BATCH = 32
LAGS = {
    "adding": (20, 40, 80, 160),
    "flagged latch": (20, 40, 80, 160),
    "temporal order": (20, 40, 80, 160),
    "digits": (8, 16, 32, 64),
}


@dataclass(frozen=True)
class Contest:
    """A task with its criterion.

    Attributes:
        shape: inputs, outputs and steps.
        lag: in steps, what "chrono" is told.
        batches: seed → training batches without end.
        objective: (model, batch) → loss.
        judge: (model, seed) → the score on what is not trained on.
        solved: is a score good enough?
    """

    shape: Shape
    lag: int
    batches: Callable[[int], Iterator[Batch]]
    objective: Callable[[nn.Module, Batch], Tensor]
    judge: Callable[[nn.Module, int], float]
    solved: Callable[[float], bool]


def contest(task: str, lag: int, part: str = "test", judged: int = 500) -> Contest:
    """One of the four tasks at one of its lags.

    adding: T = lag steps; mean squared error below 0.01 (always saying 1: 1/6). flagged latch: the flag stands lag to
    lag + 9 steps before the answer; 99 % right (chance 25 %). temporal order: T = lag; 99 % right (chance 25 %).
    digits: 8 × 8 pixels in `lag` steps of 64 / lag pixels, row by row; 85 % right (chance 10 %).

    Args:
        task: one of `LAGS`.
        lag: see above.
        part: of the digits, "validation" or "test"; the other tasks draw new sequences.
        judged: how many drawn sequences are judged.

    Raises:
        CourseError: another task or part, or a lag that the task cannot have.
    """
    check_name("task", task, LAGS)
    if task == "digits":
        return _digits(lag, part)
    tasks: dict[str, Callable[[], Task]] = {
        "adding": lambda: Adding(lag),
        "flagged latch": lambda: FlaggedLatch(lag, lag + 9),
        "temporal order": lambda: TemporalOrder(lag),
    }
    this: Any = tasks[task]()

    @torch.no_grad()
    def judge(model: nn.Module, seed: int) -> float:
        held_out = this.held_out(judged, seed)
        return float(this.score(model(held_out.x), held_out))

    shape = Shape(this.input_size, this.output_size, this.seq_len)
    good = (lambda score: score < 0.01) if task == "adding" else (lambda score: score >= 0.99)
    return Contest(shape, lag, lambda seed: this.batches(BATCH, seed), this.objective, judge, good)


def _digits(steps: int, part: str) -> Contest:
    if steps not in range(1, 65) or 64 % steps:
        raise CourseError(
            f"The 64 pixels of a digit cannot be read in {steps!r} equal steps. Take one of 8, 16, 32, 64."
        )
    parts = digit_parts()
    check_name("part of the digits", part, parts)

    def in_steps(batch: Batch) -> Tensor:
        return batch.x.reshape(len(batch.x), steps, -1)

    def batches(seed: int) -> Iterator[Batch]:
        generator, (x, y) = torch.Generator().manual_seed(seed), (in_steps(parts["train"]), parts["train"].y)
        while True:
            for some in torch.randperm(len(x), generator=generator).split(BATCH):
                yield Batch(x[some], y[some], None)

    def objective(model: nn.Module, batch: Batch) -> Tensor:
        return nn.functional.cross_entropy(model(batch.x)[:, -1], batch.y)

    @torch.no_grad()
    def judge(model: nn.Module, seed: int) -> float:
        predictions = model(in_steps(parts[part]))[:, -1].argmax(-1)
        return float((predictions == parts[part].y).double().mean())

    return Contest(Shape(64 // steps, 10, steps), steps, batches, objective, judge, lambda score: score >= 0.85)
