"""Copy: repeat a row of symbols after a long blank."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.experiments.tasks.task import Batch, Task, one_hot


@dataclass(frozen=True)
class Copy(Task):
    """Say blank, until a delimiter comes; then repeat the symbols that stood at the beginning, in their order.

    x: (B, delay + 2n, S + 2) one-hot: n symbols, delay − 1 blanks, the delimiter, n blanks. y: (B, delay + 2n) whole
    numbers: delay + n times blank (the number S), then the n symbols. The delimiter is never an answer.

    All steps count, in loss and score, as in most publications. Then nearly every step is easy, and remembering nothing
    looks good: see `chance`. `recalled` looks at the repeated symbols alone.

    Source: Hochreiter & Schmidhuber 1997 for the idea; in this form Arjovsky, Shah & Bengio 2016, section 4.1.

    Attributes:
        delay: steps from the last symbol to the delimiter, at least 1.
        copied: how many symbols are to be repeated, n.
        symbols: size of the alphabet, S.

    Raises:
        CourseError: sizes below 1, fewer than two symbols.
    """

    name: ClassVar[str] = "copy"
    delay: int
    copied: int = 10
    symbols: int = 8

    def __post_init__(self) -> None:
        check_whole("delay", self.delay, 1)
        check_whole("copied", self.copied, 1)
        check_whole("symbols", self.symbols, 2)

    @property
    def seq_len(self) -> int:
        """Steps of a sequence, T = delay + 2n."""
        return self.delay + 2 * self.copied

    @property
    def input_size(self) -> int:
        """S + 2: the symbols, blank, delimiter."""
        return self.symbols + 2

    @property
    def output_size(self) -> int:
        """S + 1: the symbols and blank."""
        return self.symbols + 1

    @property
    def chance(self) -> float:
        """Accuracy over all steps of remembering no symbol: (n/S + delay + n) / (delay + 2n).

        Such a rule still knows when to say blank, delay + n times; then it guesses, n times, right once in S. With 10
        of 8 symbols and a delay of 1000 it is right at 99.1 % of the steps.
        """
        return (self.copied / self.symbols + self.delay + self.copied) / self.seq_len

    @property
    def chance_loss(self) -> float:
        """Cross-entropy n · ln S / (delay + 2n), nats a step: 0 where it says blank, ln S where it guesses."""
        return self.copied * math.log(self.symbols) / self.seq_len

    @property
    def chance_recalled(self) -> float:
        """`recalled` of the same rule: 1/S."""
        return 1 / self.symbols

    def recalled(self, outputs: Tensor, batch: Batch) -> float:
        """The share of right symbols among those to be repeated, the last n steps.

        Args:
            outputs: (B, T, S + 1) logits.
            batch: the batch they answer.

        Returns:
            A number from 0 to 1.

        Raises:
            CourseError: outputs of another shape.
        """
        logits, y = self.counted(outputs, batch._replace(mask=batch.y < self.symbols))
        return float((logits.argmax(-1) == y).double().mean())

    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        blank, delimiter = self.symbols, self.symbols + 1
        symbols = torch.randint(self.symbols, (batch_size, self.copied), generator=generator)
        rest = torch.full((batch_size, self.delay + self.copied), blank)
        x = torch.cat([symbols, rest], dim=1)
        x[:, self.copied + self.delay - 1] = delimiter
        y = torch.cat([rest, symbols], dim=1)
        return Batch(one_hot(x, self.input_size), y, torch.ones(y.shape, dtype=torch.bool))

    def answer(self, x: Tensor) -> Tensor:
        """(B, T, S + 2) → (B, T): blank; from the step after the delimiter on the symbols seen before it."""
        answers = []
        for row in x.argmax(-1).tolist():
            seen = [s for s in row if s < self.symbols]
            at = row.index(self.symbols + 1)
            answers.append([self.symbols] * (at + 1) + seen)
        return torch.tensor(answers, device=x.device)
