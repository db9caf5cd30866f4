"""Temporal order: in which order did two symbols come, far apart in a row of distractors?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.experiments.tasks.task import Batch, Task, one_hot

SYMBOLS = "abcdXYEB"  # four distractors, the two that matter, first (E) and last (B) of a sequence
X = SYMBOLS.index("X")


@dataclass(frozen=True)
class TemporalOrder(Task):
    """At the last step name the two symbols that mattered, in order: XX 0, XY 1, YX 2, YY 3.

    x: (B, T, 8) one-hot of `SYMBOLS`. A sequence is E, then a, b, c, d at random, then B; at one step from T/10 to T/5
    and one from T/2 to 6T/10 (rounded down, both ends included) stands an X or a Y instead. y: (B,) whole numbers.

    Source: Hochreiter & Schmidhuber 1997, experiment 6a, whose sequences have 100 to 110 steps and the two symbols at
    steps 10–20 and 50–60; here all sequences of a task have the same length, and the places grow with it.

    Attributes:
        seq_len: steps of a sequence, T, at least 10.

    Raises:
        CourseError: fewer than ten steps.
    """

    name: ClassVar[str] = "temporal order"
    seq_len: int

    def __post_init__(self) -> None:
        check_whole("seq_len", self.seq_len, 10)

    @property
    def input_size(self) -> int:
        """8: one input a symbol."""
        return len(SYMBOLS)

    @property
    def output_size(self) -> int:
        """4: one class for each pair."""
        return 4

    @property
    def places(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """First and last step, from 0, at which the first symbol that matters may stand; the same of the second."""
        T = self.seq_len
        return (T // 10, T // 5), (T // 2, 6 * T // 10)

    @property
    def chance(self) -> float:
        """Accuracy 1/4: the last symbol is always B, and the four pairs are equally likely."""
        return 1 / 4

    @property
    def chance_loss(self) -> float:
        """Cross-entropy ln 4, nats."""
        return math.log(4)

    @property
    def counting(self) -> float:
        """Accuracy 3/4 of the best rule that counts the X and Y and knows no order: XX and YY, and half of the rest."""
        return 3 / 4

    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        symbols = torch.randint(4, (batch_size, self.seq_len), generator=generator)
        pair = torch.randint(2, (batch_size, 2), generator=generator)
        for k, (first, last) in enumerate(self.places):
            step = torch.randint(first, last + 1, (batch_size, 1), generator=generator)
            symbols.scatter_(1, step, X + pair[:, k : k + 1])
        symbols[:, 0], symbols[:, -1] = SYMBOLS.index("E"), SYMBOLS.index("B")
        return Batch(one_hot(symbols, len(SYMBOLS)), 2 * pair[:, 0] + pair[:, 1], None)

    def answer(self, x: Tensor) -> Tensor:
        """(B, T, 8) → (B,): the symbols with a, b, c, d, E and B crossed out, looked up in the list of pairs."""
        pairs = ("XX", "XY", "YX", "YY")
        words = ("".join(SYMBOLS[s] for s in row) for row in x.argmax(-1).tolist())
        return torch.tensor([pairs.index("".join(s for s in word if s in "XY")) for word in words], device=x.device)
