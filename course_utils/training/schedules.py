"""How long a training lasts, and how its learning rate moves while that budget is spent."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from time import perf_counter

import torch
from torch.optim.lr_scheduler import LambdaLR

from course_utils.display.numbers import short
from course_utils.training.history import many


class Budget:
    """How long a training may last: in steps, epochs or seconds, whichever ends first. None: no limit of this kind.

    Where steps are given, they are the goal, and seconds only a limit for a slow machine: the learning rate moves, and
    validation comes round, with the steps alone, so that a training that reaches its goal is the same on each machine.

    Args:
        steps: the most steps.
        epochs: the most passes through the batches.
        seconds: the most seconds on the clock; they count from now.
        per_epoch: how many batches an epoch has, where that is known; without it epochs count for nothing in `spent`.
    """

    def __init__(
        self,
        steps: int | None = None,
        epochs: int | None = None,
        seconds: float | None = None,
        *,
        per_epoch: int | None = None,
    ) -> None:
        self.steps, self.epochs, self.seconds = steps, epochs, seconds
        in_epochs = epochs * per_epoch if epochs and per_epoch else None
        self.all_steps = min((n for n in (steps, in_epochs) if n), default=None)
        self.began = perf_counter()

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return perf_counter() - self.began

    def spent(self, step: int) -> float:
        """The share that is spent after some steps, 0 … 1: of its steps; of its seconds too if no steps are given."""
        in_steps = step / self.all_steps if self.all_steps else 0.0
        in_seconds = self.elapsed / self.seconds if self.seconds and self.steps is None else 0.0
        return min(max(in_steps, in_seconds), 1.0)

    def over(self, step: int, elapsed: float) -> str | None:
        """Why the training is over after some steps and seconds, in words; None while it is not."""
        if self.steps is not None and step >= self.steps:
            return f"{many(self.steps, 'step')} done"
        if not self.out_of_time(elapsed):
            return None
        if self.steps is None:
            return f"the time of {short(self.seconds or 0)} s was up"
        made = f"{step:,} of {many(self.steps, 'step')}"
        return f"cut short: the limit of {short(self.seconds or 0)} s was reached after {made}"

    def out_of_time(self, elapsed: float) -> bool:
        """Are the seconds over?"""
        return self.seconds is not None and elapsed >= self.seconds


@dataclass
class Schedule(ABC):
    """How the learning rate moves while a budget is spent.

    Attributes:
        budget: of steps or seconds.
        warmup: the number of steps over which the rate rises from almost 0; 0: it begins in full.
    """

    budget: Budget
    warmup: int = 0

    @abstractmethod
    def level(self, spent: float) -> float:
        """The factor of the learning rate where a share of the budget is spent, without the rise of the beginning."""

    @property
    @abstractmethod
    def falling(self) -> str:
        """How it falls, in words."""

    @property
    def words(self) -> str:
        """How the rate moves, in words, for the line of settings."""
        return f"rising over {many(self.warmup, 'step')}, then {self.falling}" if self.warmup else self.falling

    def rate(self, step: int) -> float:
        """The factor of the learning rate after some steps."""
        rise = (step + 1) / self.warmup if self.warmup else 1.0
        return min(rise, self.level(self.budget.spent(step)))

    def of(self, optimizer: torch.optim.Optimizer) -> LambdaLR:
        """The scheduler of torch that moves this optimiser's learning rate, for `fit(lr_schedule=…)`."""
        return LambdaLR(optimizer, self.rate)


@dataclass
class WarmupCosine(Schedule):
    """Up over the first steps, then down to 0 as half a cosine. Source: Loshchilov & Hutter 2017, without restarts."""

    def level(self, spent: float) -> float:
        """Half a cosine."""
        return 0.5 * (1 + math.cos(math.pi * spent))

    @property
    def falling(self) -> str:
        """As a cosine."""
        return "falling to 0 as a cosine"


@dataclass
class WarmupStableDecay(Schedule):
    """Up over the first steps, level for a third of the budget, and in a straight line down to 1 % over the rest."""

    def level(self, spent: float) -> float:
        """1, then a line that falls."""
        return min(1.5 * (1 - spent) + 0.01, 1.0)

    @property
    def falling(self) -> str:
        """In a line, after a third."""
        return "level for a third of the training, then falling in a line to 1 %"
