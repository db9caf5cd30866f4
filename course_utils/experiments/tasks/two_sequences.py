"""Two sequences: which of two classes does a noisy sequence belong to, as its first steps said? Easily guessed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.experiments.tasks.task import Batch, Task

NOISE = 0.2  # variance of the steps that say nothing


@dataclass(frozen=True)
class TwoSequences(Task):
    """At the last step name the class of the sequence.

    x: (B, T, 1): at the first `shown` steps −1 in class 0 and 1 in class 1, then normal noise of variance 0.2. y: (B,)
    whole numbers, 0 or 1, equally likely.

    Source: Bengio, Simard & Frasconi 1994, in the form of Hochreiter & Schmidhuber 1997, experiment 3a, whose sequences
    have 100 to 110 steps. They found that guessing weights at random solves it faster than learning does.

    Attributes:
        seq_len: steps of a sequence, T.
        shown: how many of the first steps say the class, fewer than T.

    Raises:
        CourseError: no step that says it, or none that does not.
    """

    name: ClassVar[str] = "two sequences"
    seq_len: int
    shown: int = 3

    def __post_init__(self) -> None:
        check_whole("seq_len", self.seq_len, 2)
        check_whole("shown", self.shown, 1, self.seq_len - 1)

    @property
    def input_size(self) -> int:
        """1: a number."""
        return 1

    @property
    def output_size(self) -> int:
        """2: the classes."""
        return 2

    @property
    def chance(self) -> float:
        """Accuracy 1/2: the noise says nothing."""
        return 1 / 2

    @property
    def chance_loss(self) -> float:
        """Cross-entropy ln 2, nats."""
        return math.log(2)

    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        y = torch.randint(2, (batch_size,), generator=generator)
        x = math.sqrt(NOISE) * torch.randn(batch_size, self.seq_len, 1, generator=generator)
        x[:, : self.shown] = (2.0 * y - 1)[:, None, None]
        return Batch(x, y, None)

    def answer(self, x: Tensor) -> Tensor:
        """(B, T, 1) → (B,): the sign of the first step."""
        return (x[:, 0, 0] > 0).long()
