"""Separate latch: hold a symbol whose alphabet is its own. The popular, easy form: counting the symbols solves it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.experiments.tasks.task import Batch, Task, one_hot


@dataclass(frozen=True)
class SeparateLatch(Task):
    """At the last step say the cue, the one symbol of an alphabet that no distractor shares.

    x: (B, T, 2·S) one-hot: a cue is one of the first S symbols, all other steps show one of the last S, independent and
    uniform. The cue stands from `shortest_lag` to `longest_lag` steps before the last, each equally likely;
    T = longest_lag + 1. y: (B,) whole numbers below S.

    No flag is needed to find the cue, and no order to keep it: `counting_answer` is always right. A network has nothing
    to decide here: fixed input weights that are 0 for all distractors let in the cue and nothing else. Where cue and
    distractors share an alphabet, as in `FlaggedLatch`, that is not enough.

    Attributes:
        shortest_lag: from the latest cue to the answer, in steps, at least 1.
        longest_lag: from the earliest cue to the answer.
        symbols: size of each of the two alphabets, S.

    Raises:
        CourseError: lags below 1 or in the wrong order, fewer than two symbols.
    """

    name: ClassVar[str] = "separate latch"
    shortest_lag: int
    longest_lag: int
    symbols: int = 4

    def __post_init__(self) -> None:
        check_whole("shortest_lag", self.shortest_lag, 1)
        check_whole("longest_lag", self.longest_lag, self.shortest_lag)
        check_whole("symbols", self.symbols, 2)

    @property
    def seq_len(self) -> int:
        """Steps of a sequence, T."""
        return self.longest_lag + 1

    @property
    def input_size(self) -> int:
        """2·S: one input a symbol, of the cues and then of the distractors."""
        return 2 * self.symbols

    @property
    def output_size(self) -> int:
        """S: one class a cue."""
        return self.symbols

    @property
    def chance(self) -> float:
        """Accuracy 1/S: the last symbol is never the cue, and says nothing about it."""
        return 1 / self.symbols

    @property
    def chance_loss(self) -> float:
        """Cross-entropy ln S, nats."""
        return math.log(self.symbols)

    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        symbols = self.symbols + torch.randint(self.symbols, (batch_size, self.seq_len), generator=generator)
        cue_step = torch.randint(self.seq_len - self.shortest_lag, (batch_size, 1), generator=generator)
        cue = torch.randint(self.symbols, (batch_size, 1), generator=generator)
        return Batch(one_hot(symbols.scatter(1, cue_step, cue), self.input_size), cue.squeeze(1), None)

    def answer(self, x: Tensor) -> Tensor:
        """(B, T, 2·S) → (B,): the symbol at the one step that shows one of the first S."""
        at_cue = x[x[..., : self.symbols].any(-1)]
        return at_cue.argmax(-1)


def counting_answer(x: Tensor) -> Tensor:
    """The cue of a separate latch, found by counting: how often was each cue shown? Neither order nor place matters.

    Args:
        x: (B, T, 2·S) one-hot, cues in the first S places and distractors in the last S.

    Returns:
        (B,) whole numbers below S: the cue that was shown most often, which is the only one.
    """
    S = x.shape[-1] // 2
    counts = x[..., :S].sum(dim=1)  # (B, S)
    return counts.argmax(dim=-1)
