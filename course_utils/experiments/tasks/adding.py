"""Adding: the sum of the two marked numbers in a long row of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.experiments.tasks.task import Batch, Task


@dataclass(frozen=True)
class Adding(Task):
    """At the last step say the sum of the two marked numbers.

    x: (B, T, 2): a number, uniform on [0, 1), and a marker, 1 at one step of each half and 0 elsewhere. y: (B,) float,
    the sum. The answer is one number, so loss and score are the mean squared error; lower is better.

    Source: Hochreiter & Schmidhuber 1997, experiment 4, in the form used since Le, Jaitly & Hinton 2015: numbers from
    [0, 1) instead of [−1, 1], one marker in each half, and the sum itself as the target.

    Attributes:
        seq_len: steps of a sequence, T, at least 2. With an odd T the middle step belongs to the second half.

    Raises:
        CourseError: fewer than two steps.
    """

    name: ClassVar[str] = "adding"
    higher_is_better: ClassVar[bool] = False
    seq_len: int

    def __post_init__(self) -> None:
        check_whole("seq_len", self.seq_len, 2)

    @property
    def input_size(self) -> int:
        """2: number and marker."""
        return 2

    @property
    def output_size(self) -> int:
        """1: the sum."""
        return 1

    @property
    def chance(self) -> float:
        """Mean squared error 1/6, by always saying 1: the variance of a sum of two independent uniforms, 2 · 1/12.

        Who holds one of the two numbers and guesses ½ for the other still errs by 1/12.
        """
        return 1 / 6

    @property
    def chance_loss(self) -> float:
        """The same 1/6: the loss is the score."""
        return self.chance

    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        half = self.seq_len // 2
        numbers = torch.rand(batch_size, self.seq_len, generator=generator)
        first = torch.randint(half, (batch_size, 1), generator=generator)
        second = torch.randint(half, self.seq_len, (batch_size, 1), generator=generator)
        marked = torch.cat([first, second], dim=1)
        markers = torch.zeros_like(numbers).scatter_(1, marked, 1.0)
        return Batch(torch.stack([numbers, markers], dim=-1), numbers.gather(1, marked).sum(1), None)

    def answer(self, x: Tensor) -> Tensor:
        """(B, T, 2) → (B,): numbers times markers, summed."""
        return (x[..., 0] * x[..., 1]).sum(1)

    def loss(self, outputs: Tensor, batch: Batch) -> Tensor:
        """What to train: the mean squared error of the last output.

        Args:
            outputs: (B, T, 1).
            batch: the batch they answer.

        Returns:
            A scalar tensor.

        Raises:
            CourseError: outputs of another shape.
        """
        predictions, y = self.counted(outputs, batch)
        return (predictions.squeeze(-1) - y).square().mean()

    def score(self, outputs: Tensor, batch: Batch) -> float:
        """The mean squared error of the last output, as `loss`."""
        return float(self.loss(outputs, batch).detach())
