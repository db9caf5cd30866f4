"""Train until a criterion is met, or a budget of steps is spent: the loop of all experiments that ask how soon."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course_utils.experiments.framework.told import CLIP_NORM
from course_utils.experiments.tasks.task import Batch, Task
from course_utils.training import DivergedError, fit


@dataclass(frozen=True)
class Look:
    """What was seen of a network during its training.

    Attributes:
        steps: of the optimiser until then.
        score: on what is not trained on.
        seconds: of CPU until then, for training alone.
    """

    steps: int
    score: float
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Attributes:
        solved: was the criterion met? If not, the steps it takes are censored: more than the budget.
        steps: of the optimiser until the criterion was met; the whole budget where it was not, also where the training
            diverged: that counts as if it had gone on in vain.
        score: at the last look that gave a finite one; before any look, that of the untrained network.
        seconds: of CPU for training alone; of a run that diverged those that all steps would have taken, and 0 where
            that was before the first look.
        diverged: did loss, gradient or score leave the finite numbers?
        looks: all that gave a finite score, in order.
    """

    solved: bool
    steps: int
    score: float
    seconds: float
    diverged: bool
    looks: tuple[Look, ...]


def train_until(
    solved: Callable[[float], bool],
    model: nn.Module,
    batches: Iterator[Batch],
    objective: Callable[[nn.Module, Batch], Tensor],
    judge: Callable[[nn.Module], float],
    *,
    lr: float,
    most_steps: int,
    every: int = 50,
    untrained: float,
    optimizer: torch.optim.Optimizer | None = None,
) -> Outcome:
    """Train a network with Adam, gradients clipped at a norm of 1, until a look finds the criterion met.

    Args:
        solved: the criterion: is a score good enough?
        model: trained in place.
        batches: without end.
        objective: (model, batch) → loss.
        judge: model → the score on what is not trained on.
        lr: learning rate; each experiment chooses it in a search on other seeds.
        most_steps: the budget, in steps of the optimiser.
        every: steps between two looks. The last one is made with the last step.
        untrained: the score before the training. It does not end a run: a criterion is met by training.
        optimizer: of a training that goes on, with its rate; left out: a new one.

    Returns:
        How it ended.
    """
    optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=lr)
    looks: list[Look] = []
    steps, score, seconds, met = 0, untrained, 0.0, False
    while steps < most_steps and not met:
        more, began = min(every, most_steps - steps), time.process_time()
        try:
            fit(model, batches, objective, steps=more, optimizer=optimizer, clip_norm=CLIP_NORM, progress=False)
        except DivergedError:
            return _diverged(looks, untrained, most_steps)
        took = time.process_time() - began
        with torch.no_grad():
            found = judge(model)
        if not math.isfinite(found):
            return _diverged(looks, untrained, most_steps)
        steps, score, seconds = steps + more, found, seconds + took
        looks.append(Look(steps, score, seconds))
        met = solved(score)
    return Outcome(met, steps, score, seconds, False, tuple(looks))


def _diverged(looks: list[Look], untrained: float, most_steps: int) -> Outcome:
    last = looks[-1] if looks else Look(1, untrained, 0.0)
    seconds = last.seconds * most_steps / last.steps
    return Outcome(False, most_steps, last.score, seconds, True, tuple(looks))


def in_a_row(solved: Callable[[float], bool], times: int) -> Callable[[float], bool]:
    """A criterion that is met where several looks one after the other meet it; for one training, since it counts.

    Args:
        solved: is a score good enough?
        times: how many looks.
    """
    met = 0

    def kept(score: float) -> bool:
        nonlocal met
        met = met + 1 if solved(score) else 0
        return met >= times

    return kept


def judged_on(task: Task, batch: Batch) -> Callable[[nn.Module], float]:
    """A `judge` for `train_until`: a network's score on one batch of a task."""
    return lambda model: task.score(model(batch.x), batch)
