"""Exercises whose answer is the weights of a network, set by hand: what counts is what the network does with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises.engine import isolation
from course_utils.exercises.engine.exercise import FunctionExercise
from course_utils.exercises.engine.feedback import Feedback, Outcome


@dataclass(kw_only=True)
class ProgrammedExercise(FunctionExercise):
    """An answer is a function without arguments that returns weights; other right weights are right too.

    Attributes:
        read: what was returned, as weights that can be run; None where it is none.
        shapes: what to say then.
        judged: weights → whether they solve the task, and what is said.
    """

    read: Callable[[Any], Any]
    shapes: str
    judged: Callable[[Any], tuple[bool, str]]

    def _run(self, answer: Any) -> Feedback:
        if not callable(answer):
            return super()._run(answer)
        try:
            result = isolation.call(answer, ())
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # whatever a learner's function raises
            return self._not_attempted() if isinstance(error, NotImplementedError) else self._raised(answer, error, ())
        if result is None or result is Ellipsis:
            return self._not_attempted()
        weights = self.read(result)
        if weights is None:
            return self._feedback(Outcome.NOT_YET, self.shapes)
        solved, told = self.judged(weights)
        return self._feedback(Outcome.SOLVED if solved else Outcome.NOT_YET, told)


def weights_of(result: Any, *shapes: Sequence[int]) -> tuple[Tensor, ...] | None:
    """Tensors of these shapes and of finite numbers, if a result holds them.

    Args:
        result: a tuple or list of tensors, arrays, nested lists or numbers.
        shapes: one for each; () for a number.
    """
    if not isinstance(result, tuple | list) or len(result) != len(shapes):
        return None
    try:
        found = tuple(torch.as_tensor(part, dtype=torch.float32).detach() for part in result)
    except Exception:  # whatever an odd result raises
        return None
    fits = all(tuple(part.shape) == tuple(shape) for part, shape in zip(found, shapes, strict=True))
    return found if fits and all(bool(part.isfinite().all()) for part in found) else None
