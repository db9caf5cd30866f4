"""Lesson 07: one LSTM unit, programmed by hand. What counts is what it does, not which numbers it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Mistake
from course_utils.exercises.engine.programmed import ProgrammedExercise, weights_of
from course_utils.experiments.long_memory import programmed_by_hand
from course_utils.experiments.tasks.adding import Adding

Unit = tuple[Tensor, Tensor, float]

STEPS = 2_000  # of the sequences on which an answer is tried
ENOUGH = 1e-3  # mean squared error; always saying 1 has 1/6

SHAPES = "Return three things: W_ih of the shape (4, 2), the biases of the shape (4,), and one number for the read-out."
FADES = "The forget gate is below 1: after 2,000 steps the first number has faded. A bias of 40 keeps it open."
LEAKS = "The input gate lets numbers in that are not marked. Without a mark it must be shut: a bias of −40."
SHUT = "The input gate is not open at a mark. Its weight of the marker and its bias together must be well above 0."
NO_NUMBER = "The candidate does not see the number: its weight of the number is 0."
MORE = "The candidate must be the number alone: its weight of the marker and its bias are 0."
BENT = "The candidate's weight is so large that tanh bends the number. Make it small, such as 0.01."
HIDDEN = "The output gate is not open, so the read-out does not see the whole cell. A bias of 40 opens it."
FACTOR = "The read-out must undo the candidate's weight: factor × weight of the number is 1."


def as_unit(result: Any) -> Unit | None:
    """W_ih, biases and factor, if a result holds them."""
    found = weights_of(result, (4, 2), (4,), ())
    return None if found is None else (found[0], found[1], float(found[2]))


def judged(unit: Unit) -> tuple[bool, str]:
    """Does the unit add? If it does not, the first part at fault is named."""
    error_found = error_of(unit)
    if error_found < ENOUGH:
        return True, f"Over {STEPS:,} steps its mean squared error is {error_found:.0e}."
    told = f"Over {STEPS:,} steps its mean squared error is {error_found:.2g}; always saying 1 has 0.167."
    return False, fault(unit) or told


@torch.no_grad()
def error_of(unit: Unit) -> float:
    """The mean squared error of a unit on long sequences of the adding problem."""
    task = Adding(STEPS)
    batch = task.held_out(64, seed=0)
    return task.score(programmed_by_hand.adding_lstm(unit)(batch.x), batch)


def fault(unit: Unit) -> str:
    """The first part of a unit that is not as it should be, in words; "" if none stands out."""
    W_ih, bias, factor = unit
    numbers = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # number and marker: two without a mark
    before = numbers @ W_ih.T + bias
    i, f, _, o = torch.sigmoid(before).T
    weight = float(W_ih[2, 0])
    found = (
        (bool(f.min() < 1 - 1e-5), FADES),
        (bool(i[:2].max() > 1e-5), LEAKS),
        (bool(i[2:].min() < 0.99), SHUT),
        (weight == 0, NO_NUMBER),
        (bool(W_ih[2, 1] != 0) or bool(bias[2] != 0), MORE),
        (abs(weight) > 0.15, BENT),
        (bool(o.min() < 0.99), HIDDEN),
        (abs(factor * weight - 1) > 0.03, FACTOR),
    )
    return next((told for wrong, told in found if wrong), "")


def changed(row: int, column: int | None, value: float) -> Callable[[], Unit]:
    """The reference with another weight of the number (column 0) or the marker (1), or another bias (None)."""

    def unit() -> Unit:
        W_ih, bias, factor = programmed_by_hand.adding_unit()
        if column is None:
            bias[row] = value
        else:
            W_ih[row, column] = value
        return W_ih, bias, factor

    return unit


def with_factor(value: float) -> Callable[[], Unit]:
    """The reference with another read-out."""
    return lambda: (*programmed_by_hand.adding_unit()[:2], value)


def torch_gates_exchanged() -> Unit:
    """Rows in the order forget, input, candidate, output."""
    W_ih, bias, factor = programmed_by_hand.adding_unit()
    return W_ih[[1, 0, 2, 3]], bias[[1, 0, 2, 3]], factor


def larger_numbers() -> Unit:
    """A right answer with other numbers, as lists."""
    return [[0, 60], [0, 0], [0.05, 0], [0, 0]], [-25, 30, 0, 20], 20  # type: ignore[return-value]


def turned() -> Unit:
    """A right answer whose cell holds minus the sum."""
    W_ih, bias, factor = programmed_by_hand.adding_unit()
    W_ih[2, 0] *= -1
    return W_ih, bias, -factor


adding_unit = ProgrammedExercise(
    lesson="07",
    reference=programmed_by_hand.adding_unit,
    cases=lambda generator: [()],
    read=as_unit,
    shapes=SHAPES,
    judged=judged,
    result="W_ih (4, 2), the biases (4,), and the factor of the read-out",
    variants=(larger_numbers, turned),
    mistakes=(
        Mistake(changed(1, None, 3.0), FADES),
        Mistake(changed(1, None, 0.0), FADES),
        Mistake(torch_gates_exchanged, FADES),
        Mistake(changed(0, None, 0.0), LEAKS),
        Mistake(changed(0, None, 40.0), LEAKS),
        Mistake(changed(0, 1, 0.0), SHUT),
        Mistake(changed(0, 1, 40.0), SHUT),
        Mistake(changed(2, 0, 0.0), NO_NUMBER),
        Mistake(changed(2, 1, 1.0), MORE),
        Mistake(changed(2, 0, 1.0), BENT),
        Mistake(changed(3, None, 0.0), HIDDEN),
        Mistake(with_factor(1.0), FACTOR),
        Mistake(with_factor(0.01), FACTOR),
        Mistake(lambda: programmed_by_hand.adding_unit()[:2], SHAPES),
    ),
    hints=(
        "Four questions. What must the cell keep? When may something come in? What comes in? What is shown?",
        "Always open: weights 0, bias 40. Opened by the marker: bias −40, weight of the marker 80.",
        "The candidate is tanh(0.01 · number), which is nearly 0.01 · number; so the read-out multiplies by 100.",
    ),
)
