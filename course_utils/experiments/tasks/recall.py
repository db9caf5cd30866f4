"""Recall: say the symbol that came k steps ago, at every step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.experiments.tasks.task import NO_ANSWER, Batch, Task, one_hot


@dataclass(frozen=True)
class Recall(Task):
    """At step t say the symbol of step t − lag; the first `lag` steps do not count.

    x: (B, T, S) one-hot symbols, independent and uniform. y: (B, T) whole numbers below S. With lag 0 no memory is
    needed: a control, not a task.

    Attributes:
        seq_len: steps of a sequence, T.
        lag: how many steps back, from 0 to T − 1.
        symbols: size of the alphabet, S.

    Raises:
        CourseError: a lag that does not fit into the sequence, fewer than two symbols.
    """

    name: ClassVar[str] = "recall"
    seq_len: int
    lag: int
    symbols: int = 4

    def __post_init__(self) -> None:
        check_whole("seq_len", self.seq_len, 1)
        check_whole("lag", self.lag, 0, self.seq_len - 1)
        check_whole("symbols", self.symbols, 2)

    @property
    def input_size(self) -> int:
        """S: one input a symbol."""
        return self.symbols

    @property
    def output_size(self) -> int:
        """S: one class a symbol."""
        return self.symbols

    @property
    def chance(self) -> float:
        """Accuracy 1/S: the symbols are independent, so the last `lag` of them say nothing about the one asked for."""
        return 1 / self.symbols

    @property
    def chance_loss(self) -> float:
        """Cross-entropy ln S, nats a step: every symbol is given the probability 1/S."""
        return math.log(self.symbols)

    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        symbols = torch.randint(self.symbols, (batch_size, self.seq_len), generator=generator)
        y = torch.full_like(symbols, NO_ANSWER)
        y[:, self.lag :] = symbols[:, : self.seq_len - self.lag]
        return Batch(one_hot(symbols, self.symbols), y, y != NO_ANSWER)

    def answer(self, x: Tensor) -> Tensor:
        """(B, T, S) → (B, T): the symbols turned `lag` steps to the right, −1 at the first `lag` steps."""
        delayed = x.roll(self.lag, dims=1).argmax(-1)
        delayed[:, torch.arange(x.shape[1], device=x.device) < self.lag] = NO_ANSWER
        return delayed
