"""Flagged latch: hold one symbol, marked by a flag, among distractors of the same alphabet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.experiments.tasks.task import Batch, Task, one_hot


@dataclass(frozen=True)
class FlaggedLatch(Task):
    """At the last step say the symbol that came with the flag.

    x: (B, T, S + 1): one-hot symbols, independent and uniform, and a flag, 1 at one step and 0 elsewhere. The flag
    stands from `shortest_lag` to `longest_lag` steps before the last, each equally likely; T = longest_lag + 1. For
    a lag of k and a cue among the first n steps take FlaggedLatch(k, k + n − 1). y: (B,) whole numbers below S.

    Where the cue has an alphabet of its own, a network may count symbols and never latch. Here it cannot: see
    `ignoring_the_flag`.

    Attributes:
        shortest_lag: from the latest cue to the answer, in steps, at least 1.
        longest_lag: from the earliest cue to the answer.
        symbols: size of the alphabet, S.

    Raises:
        CourseError: lags below 1 or in the wrong order, fewer than two symbols.
    """

    name: ClassVar[str] = "flagged latch"
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
        """S + 1: one input a symbol, and the flag."""
        return self.symbols + 1

    @property
    def output_size(self) -> int:
        """S: one class a symbol."""
        return self.symbols

    @property
    def chance(self) -> float:
        """Accuracy 1/S: the last symbol is never the cue, and says nothing about it."""
        return 1 / self.symbols

    @property
    def chance_loss(self) -> float:
        """Cross-entropy ln S, nats."""
        return math.log(self.symbols)

    @property
    def ignoring_the_flag(self) -> float:
        """Accuracy of the best rule that does not look at the flag: say the most frequent symbol of the cue's places.

        The cue is one of n = longest_lag − shortest_lag + 1 steps, each equally likely. Given all symbols, one that
        stands at N of these steps is the answer with probability N/n; the best guess is the most frequent one, and it
        is right with probability E[max N] / n. With n = 1 the flag is not needed. See `most_frequent_accuracy`.
        """
        return most_frequent_accuracy(self.longest_lag - self.shortest_lag + 1, self.symbols)

    @property
    def counting(self) -> float:
        """Accuracy of saying the most frequent symbol of all T steps: E[max N over T steps] / T.

        All T symbols are drawn alike, so whichever place the flag has, the cue is the most frequent one as often as any
        other symbol of the sequence is.
        """
        return most_frequent_accuracy(self.seq_len, self.symbols)

    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        symbols = torch.randint(self.symbols, (batch_size, self.seq_len), generator=generator)
        cue = torch.randint(self.seq_len - self.shortest_lag, (batch_size, 1), generator=generator)
        flag = torch.zeros(symbols.shape).scatter_(1, cue, 1.0)
        x = torch.cat([one_hot(symbols, self.symbols), flag[..., None]], dim=-1)
        return Batch(x, symbols.gather(1, cue).squeeze(1), None)

    def answer(self, x: Tensor) -> Tensor:
        """(B, T, S + 1) → (B,): the symbol at the step whose last input is 1."""
        at_flag = x[x[..., -1] == 1]
        return at_flag[:, :-1].argmax(-1)


def most_frequent_accuracy(steps: int, symbols: int = 4) -> float:
    """How often a random one of n random symbols is the most frequent of them: E[max N] / n.

    The counts N of n independent, uniform symbols are S independent Poisson numbers of mean n/S, given that they sum
    to n. So P(max N ≤ m) is the coefficient of zⁿ in (Σ_{j ≤ m} P(j) zʲ)ˢ, divided by the Poisson probability of n at
    mean n; and E[max N] = Σ_{m ≥ 0} P(max N > m). Of equally frequent symbols any may be said.

    Args:
        steps: n, from 1.
        symbols: S, from 2.

    Returns:
        The probability, to about 1e-11 and without simulation; 1/S in the limit of many steps.

    Raises:
        CourseError: sizes below these.
    """
    check_whole("steps", steps, 1)
    check_whole("symbols", symbols, 2)
    n, mean = steps, steps / symbols
    poisson = np.array([math.exp(j * math.log(mean) - mean - math.lgamma(j + 1)) for j in range(n + 1)])
    all_n = math.exp(n * math.log(n) - n - math.lgamma(n + 1))
    expected = float(math.ceil(mean))  # some symbol always comes n/S times or more
    for m in range(math.ceil(mean), n):
        size = 1 << max(n, symbols * m - n).bit_length()  # so long that no other coefficient folds onto that of zⁿ
        power = np.fft.irfft(np.fft.rfft(poisson[: m + 1], size) ** symbols, size)
        beyond = 1 - float(power[n]) / all_n
        expected += beyond
        if beyond < 1e-12:
            break
    return expected / n
