"""Key–value recall: values are shown with keys; at the last step a key is asked, and its value is the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.experiments.tasks.flagged_latch import most_frequent_accuracy
from course_utils.experiments.tasks.task import Batch, Task, one_hot


@dataclass(frozen=True)
class KeyValues(Task):
    """At the last step a key is asked: say the value that it was shown with.

    x: (B, T, K + V + 1): K keys, V values, and a mark, which is 1 at the last step and 0 before. Every step shows a
    random value. At K of the steps, drawn from those at least `shortest_lag` and at most `longest_lag` before the last,
    a key is shown with it, each of the keys once, in random order; at the last step the key that is asked.
    T = longest_lag + 1. y: (B,) whole numbers below V.

    Values without a key are there to be ignored, as the symbols without a flag are in `FlaggedLatch`; with one key the
    two are the same task. Associative recall of this kind is used since Graves, Wayne & Danihelka 2014, and with a
    question for several keys in Arora and others 2024.

    Attributes:
        shortest_lag: from the latest of the keys to the answer, in steps, at least 1.
        longest_lag: from the earliest of them to the answer; there must be room for all keys.
        keys: K, from 1.
        values: size of the alphabet of values, V.

    Raises:
        CourseError: lags without room for the keys, no key, fewer than two values.
    """

    name: ClassVar[str] = "key–value recall"
    shortest_lag: int
    longest_lag: int
    keys: int = 4
    values: int = 4

    def __post_init__(self) -> None:
        check_whole("keys", self.keys, 1)
        check_whole("values", self.values, 2)
        check_whole("shortest_lag", self.shortest_lag, 1)
        check_whole("longest_lag", self.longest_lag, self.shortest_lag + self.keys - 1)

    @property
    def seq_len(self) -> int:
        """Steps of a sequence, T."""
        return self.longest_lag + 1

    @property
    def input_size(self) -> int:
        """K + V + 1: one input a key, one a value, and the mark."""
        return self.keys + self.values + 1

    @property
    def output_size(self) -> int:
        """V: one class a value."""
        return self.values

    @property
    def chance(self) -> float:
        """Accuracy 1/V: the value of the last step belongs to no key."""
        return 1 / self.values

    @property
    def chance_loss(self) -> float:
        """Cross-entropy ln V, nats."""
        return math.log(self.values)

    @property
    def ignoring_the_key(self) -> float:
        """Accuracy of the best rule that does not look at the key asked: say the most frequent of the K values."""
        return most_frequent_accuracy(self.keys, self.values)

    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        B, T = batch_size, self.seq_len
        values = torch.randint(self.values, (B, T), generator=generator)
        places = torch.rand(B, T - self.shortest_lag, generator=generator).argsort(1)[:, : self.keys]  # one a key
        asked = torch.randint(self.keys, (B, 1), generator=generator)
        keys = torch.zeros(B, T, self.keys)
        keys[torch.arange(B)[:, None], places, torch.arange(self.keys)] = 1
        keys[torch.arange(B), -1, asked.squeeze(1)] = 1
        mark = torch.zeros(B, T, 1)
        mark[:, -1] = 1
        y = values.gather(1, places.gather(1, asked)).squeeze(1)
        return Batch(torch.cat([keys, one_hot(values, self.values), mark], dim=-1), y, None)

    def answer(self, x: Tensor) -> Tensor:
        """(B, T, K + V + 1) → (B,): the value at the earlier step that shows the key of the last step."""
        keys, values = x[..., : self.keys], x[..., self.keys : -1]
        at_key = (keys[:, :-1] * keys[:, -1:]).sum(-1)  # (B, T − 1)
        return (values[:, :-1] * at_key[..., None]).sum(1).argmax(-1)
