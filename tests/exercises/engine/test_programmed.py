"""Exercises whose answer is weights: what is refused before they are run, and what they do decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from course_utils.exercises.engine.feedback import Outcome
from course_utils.exercises.engine.programmed import ProgrammedExercise, weights_of


def double() -> tuple[Tensor]:
    """The reference: a factor of 2."""
    return (torch.tensor(2.0),)


EXERCISE = ProgrammedExercise(
    lesson="19",
    reference=double,
    cases=lambda generator: [()],
    read=lambda result: weights_of(result, ()),
    shapes="One number is wanted.",
    judged=lambda weights: (float(weights[0]) * 3 == 6, f"Three times it is {float(weights[0]) * 3:g}."),
    result="a factor",
    mistakes=(),
)


def _raises() -> Any:
    raise ValueError("no")


def _stub() -> Any:
    raise NotImplementedError


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        (lambda: [2.0], Outcome.SOLVED, "Three times it is 6."),
        (lambda: [1.0], Outcome.NOT_YET, "Three times it is 3."),
        (lambda: 2.0, Outcome.NOT_YET, "One number is wanted."),
        (lambda: None, Outcome.NOT_ATTEMPTED, ""),
        (lambda: ..., Outcome.NOT_ATTEMPTED, ""),
        (_stub, Outcome.NOT_ATTEMPTED, ""),
        (_raises, Outcome.ERROR, "ValueError"),
        (7, Outcome.NOT_YET, "should be a function"),
    ],
)
def test_what_the_weights_do_decides(answer: Any, outcome: Outcome, said: str) -> None:
    feedback = EXERCISE.check(answer)
    assert feedback.outcome is outcome
    assert said in str(feedback)


def test_weights_of_several_kinds() -> None:
    found = weights_of([np.ones((2, 3)), [[1], [2]], 4], (2, 3), (2, 1), ())
    assert found is not None
    assert [tuple(part.shape) for part in found] == [(2, 3), (2, 1), ()]
    assert {part.dtype for part in found} == {torch.float32}


@pytest.mark.parametrize(
    "result", [[1.0, 2.0], 3.0, [[1.0, 2.0, 3.0]], ["a"], [float("nan")], [[[1.0, 2.0], [3.0]]], {"a": 1.0}]
)
def test_what_is_no_such_weights(result: Any) -> None:
    assert weights_of(result, (2,) if isinstance(result, list) and isinstance(result[0], list) else ()) is None
