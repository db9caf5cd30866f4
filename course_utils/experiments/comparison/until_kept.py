"""A training that ends when looks in a row at validation data meet the criterion; a search that halves its tries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import nn

from course_utils.experiments.comparison.contests import Contest
from course_utils.experiments.comparison.grid import LOOKS
from course_utils.experiments.framework.experiment import Row
from course_utils.experiments.framework.train_until import Look, in_a_row, train_until
from course_utils.nn.parameters import parameters_count

IN_A_ROW = 3  # looks, one after the other, that must meet the criterion
VALIDATION = 1_000_000  # added to a seed for the sequences that a run is looked at on; the seed's own are the test
GO_ON = 3 / 8  # of the rates of a start


class KeptTraining:
    """A network in training, looked at on validation data. It can be stopped, and go on later.

    Attributes:
        model: the network.
        steps: of the optimiser so far; of a run that diverged those that it was allowed.
        seconds: of CPU for training alone, likewise.
        looks: so far.
        solved: did `IN_A_ROW` looks in a row meet the criterion?

    Args:
        this: the task with its criterion.
        model: trained in place.
        lr: learning rate of Adam.
        seed: of the data.
    """

    def __init__(self, this: Contest, model: nn.Module, lr: float, seed: int) -> None:
        self._this, self._lr, self._seed = this, lr, seed
        self.model = model
        self._optimizer = torch.optim.Adam(self.model.parameters(), lr=lr)
        self._batches = this.batches(seed)
        self._kept = in_a_row(this.solved, IN_A_ROW)
        self._untrained = self._judge(self.model)
        self.steps, self.seconds, self.solved, self._diverged = 0, 0.0, False, False
        self.looks: list[Look] = []

    def _judge(self, model: nn.Module) -> float:
        return self._this.judge(model, self._seed + VALIDATION)

    @property
    def score(self) -> float:
        """The mean of the last `IN_A_ROW` looks; before any, that of the untrained network."""
        last = [look.score for look in self.looks[-IN_A_ROW:]] or [self._untrained]
        return sum(last) / len(last)

    def go_on(self, most_steps: int) -> None:
        """Train until the criterion is kept, or until so many steps were made in all."""
        if self.solved or self._diverged or self.steps >= most_steps:
            return
        outcome = train_until(
            self._kept,
            self.model,
            self._batches,
            self._this.objective,
            self._judge,
            lr=self._lr,
            most_steps=most_steps - self.steps,
            every=LOOKS,
            untrained=self._untrained,
            optimizer=self._optimizer,
        )
        before, spent = self.steps, self.seconds
        self.looks += [Look(before + look.steps, look.score, spent + look.seconds) for look in outcome.looks]
        self.steps, self.seconds = before + outcome.steps, spent + outcome.seconds
        self.solved, self._diverged = outcome.solved, outcome.diverged

    def row(self, most_steps: int) -> Row:
        """What was found so far.

        Args:
            most_steps: the budget.

        Returns:
            `parameters`, `steps`, `solved` (1 or 0), `first` (steps until the first look that meets the criterion, the
            budget where none does), `score` on validation data, `seconds` of CPU for training alone.
        """
        met = [look.steps for look in self.looks if self._this.solved(look.score)]
        return {
            "parameters": parameters_count(self.model),
            "steps": self.steps,
            "solved": int(self.solved),
            "first": met[0] if met else most_steps,
            "score": round(self.score, 6),
            "seconds": round(self.seconds, 3),
        }


class Searched(Protocol):
    """What `go_on_with_the_best` asks of a training: that of `KeptTraining`."""

    solved: bool
    steps: int

    @property
    def score(self) -> float:
        """So far."""

    def go_on(self, most_steps: int) -> None:
        """Until so many steps in all."""


def go_on_with_the_best(
    found: Mapping[float, Searched], first_steps: int, most_steps: int, *, less_is_better: bool
) -> list[float]:
    """Train all for a few steps, and the best three in eight for the whole budget.

    Better is who keeps the criterion after fewer steps; of those who do not, who has the better score.

    Args:
        found: rate → training.
        first_steps: of all.
        most_steps: of those that go on.
        less_is_better: of the score.

    Returns:
        The rates that went on.
    """

    def rank(lr: float) -> tuple[float, float]:
        training = found[lr]
        steps = float(training.steps) if training.solved else float("inf")
        return steps, training.score if less_is_better else -training.score

    for training in found.values():
        training.go_on(first_steps)
    best = sorted(found, key=rank)[: max(1, round(GO_ON * len(found)))]
    for lr in best:
        found[lr].go_on(most_steps)
    return best
