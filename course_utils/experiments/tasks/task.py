"""What every memory task is: batches from a seed, the right answer by a plain rule, and the score of knowing nothing.

task = Recall(seq_len=100, lag=20)
model = SequenceModel("lstm", task.input_size, 32, task.output_size)
fit(model, task.batches(32, seed=0), task.objective, steps=1000)
held_out = task.held_out(1000, seed=0)
task.score(model(held_out.x), held_out), task.chance
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from course_utils.checks import check_whole
from course_utils.errors import CourseError

SEEDS = 2**31  # torch's generator keeps 32 bits of a seed; one of them says training or held out
NO_ANSWER = -1  # the target at steps that do not count


class Batch(NamedTuple):
    """Sequences with their answers. (A named tuple: `fit` moves its tensors to the model's device.)

    Attributes:
        x: (B, T, I) float, the inputs.
        y: the answers. Without a mask they belong to the last step: (B,). With one: (B, T) or (B, T, O).
        mask: (B, T) bool, the steps that count; None: only the last one does.
    """

    x: Tensor
    y: Tensor
    mask: Tensor | None


class Task(ABC):
    """A task whose answer is one of `output_size` classes; the tasks that answer otherwise say so.

    Attributes:
        name: of the task, such as "recall".
        higher_is_better: is a higher `score` better?
    """

    name: ClassVar[str]
    higher_is_better: ClassVar[bool] = True

    @property
    @abstractmethod
    def input_size(self) -> int:
        """I, numbers that come in at every step."""

    @property
    @abstractmethod
    def output_size(self) -> int:
        """O, numbers that a network must put out at every step."""

    @property
    @abstractmethod
    def chance(self) -> float:
        """The score of the best rule that remembers nothing."""

    @property
    @abstractmethod
    def chance_loss(self) -> float:
        """The loss of the best rule that remembers nothing."""

    @abstractmethod
    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        """A batch; its arguments are checked."""

    @abstractmethod
    def answer(self, x: Tensor) -> Tensor:
        """The right answers, read off the inputs alone.

        Args:
            x: (B, T, I) inputs of this task.

        Returns:
            What `sample` gives as y, −1 at steps that do not count.
        """

    def sample(self, batch_size: int, generator: torch.Generator) -> Batch:
        """Draw sequences; all random numbers come from the generator.

        Args:
            batch_size: how many sequences, B.
            generator: a torch generator on the CPU.

        Returns:
            The batch, on the CPU.

        Raises:
            CourseError: a batch size that is no whole number from 1, or something else than a generator.
        """
        check_whole("batch_size", batch_size, 1)
        if not isinstance(generator, torch.Generator):
            raise CourseError(
                f"The random numbers must come from a torch generator; {generator!r} is none. "
                "Give torch.Generator().manual_seed(0), or use held_out(batch_size, seed)."
            )
        return self._draw(batch_size, generator)

    def batches(self, batch_size: int, seed: int) -> Iterator[Batch]:
        """Training batches without end, for `fit(…, steps=…)`: always the same ones for the same seed.

        Args:
            batch_size: how many sequences in each, B.
            seed: a whole number from 0 to 2³¹ − 1. The generator is seeded with 2·seed, an even number.

        Returns:
            An endless iterator.

        Raises:
            CourseError: a batch size or a seed that cannot be meant.
        """
        check_whole("batch_size", batch_size, 1)
        return self._endless(batch_size, generator_for(seed, 0))

    def _endless(self, batch_size: int, generator: torch.Generator) -> Iterator[Batch]:
        while True:
            yield self.sample(batch_size, generator)

    def held_out(self, batch_size: int, seed: int) -> Batch:
        """A batch that no training draws: its generator is seeded with 2·seed + 1, and those of training are even.

        Args:
            batch_size: how many sequences, B.
            seed: a whole number from 0 to 2³¹ − 1.

        Returns:
            The batch.

        Raises:
            CourseError: a batch size or a seed that cannot be meant.
        """
        return self.sample(batch_size, generator_for(seed, 1))

    def objective(self, model: nn.Module, batch: Batch) -> Tensor:
        """The loss as `fit` asks for it: objective(model, batch) → scalar."""
        return self.loss(model(batch.x), batch)

    def loss(self, outputs: Tensor, batch: Batch) -> Tensor:
        """What to train: the mean cross-entropy in nats, over the steps that count.

        Args:
            outputs: (B, T, O) logits.
            batch: the batch they answer.

        Returns:
            A scalar tensor.

        Raises:
            CourseError: outputs of another shape.
        """
        return nn.functional.cross_entropy(*self.counted(outputs, batch))

    def score(self, outputs: Tensor, batch: Batch) -> float:
        """The share of right answers, over the steps that count.

        Args:
            outputs: (B, T, O) logits.
            batch: the batch they answer.

        Returns:
            A number from 0 to 1.

        Raises:
            CourseError: outputs of another shape.
        """
        logits, y = self.counted(outputs, batch)
        return float((logits.argmax(-1) == y).double().mean())

    def counted(self, outputs: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Outputs and answers at the steps that count.

        Args:
            outputs: (B, T, O).
            batch: the batch they answer.

        Returns:
            (N, O) and (N,) or (N, O).

        Raises:
            CourseError: outputs of another shape.
        """
        expected = (*batch.x.shape[:2], self.output_size)
        if tuple(outputs.shape) != expected:
            raise CourseError(
                f"The outputs have the shape {tuple(outputs.shape)}; for this batch of {self.name} they should have "
                f"(B, T, O) = {expected}. Return one output for every step, batch first."
            )
        if batch.mask is None:
            return outputs[:, -1], batch.y
        return outputs[batch.mask], batch.y[batch.mask]


def one_hot(symbols: Tensor, size: int) -> Tensor:
    """(…) whole numbers below size → (…, size) float: 1 at the symbol's place, 0 elsewhere."""
    return nn.functional.one_hot(symbols, size).float()


def generator_for(seed: int, held_out: int) -> torch.Generator:
    """The random numbers of a seed: those of held-out batches (1) are never those of training batches (0).

    Raises:
        CourseError: the seed is no whole number from 0, or too large.
    """
    check_whole("seed", seed, 0, SEEDS - 1)
    return torch.Generator().manual_seed(2 * seed + held_out)
