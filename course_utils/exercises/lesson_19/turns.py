"""Lesson 19: a linear recurrence of two numbers that counts modulo three."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Mistake
from course_utils.exercises.engine.programmed import ProgrammedExercise, weights_of
from course_utils.experiments.computation import set_for_languages

LONG = 3_000  # ones
APART = 0.05  # how far off a state may be after so many
SHAPE = "Return one matrix of the shape (2, 2)."
STAYS = "A 1 does not move the state: it stays at (1, 0), and nothing is counted."
DIAGONAL = (
    "Off the diagonal there is 0, so each number of the state is multiplied by its own factor: the case that does not "
    "count modulo 3. The two numbers must be mixed."
)
SIZE = (
    "The length of the state changes. A turn keeps it: its rows are (cos α, −sin α) and (sin α, cos α), with one α "
    "in all four places."
)
RADIANS = "`cos` and `sin` take radians: 120 degrees are 2π/3."
BACK = "After {k} ones the state is back at (1, 0): this counts modulo {k}. Three ones must lead back, and no fewer."
NOT_BACK = "Three ones do not lead back to (1, 0). A third of a full turn, three times, is a full turn."
DRIFTS = (
    "After {n:,} ones the state is no longer where it should be: the numbers are rounded too roughly. Write "
    "`3**0.5 / 2`."
)


def as_matrix(result: Any) -> Tensor | None:
    """The matrix, if a result is one."""
    found = weights_of((result,), (2, 2))
    return None if found is None else found[0]


@torch.no_grad()
def turn_judged(R: Tensor) -> tuple[bool, str]:
    """Does the state tell how many ones there were, modulo 3? If it does not, why not."""
    states = [torch.tensor([1.0, 0.0])]
    for _ in range(LONG):
        states.append(R @ states[-1])

    def back(k: int) -> bool:
        return bool((states[k] - states[0]).norm() < 1e-3)

    early = next((k for k in range(1, 13) if back(k)), None)
    if early == 3:
        late = max(float((states[k] - states[k % 3]).norm()) for k in range(LONG - 2, LONG + 1))
        told = f"{LONG:,} ones are counted modulo 3."
        return (True, told) if late < APART else (False, DRIFTS.format(n=LONG))
    return False, turn_fault(R, states, early)


def turn_fault(R: Tensor, states: list[Tensor], early: int | None) -> str:
    """What is wrong with a matrix after which three ones do not lead back, or fewer do."""
    if (states[1] - states[0]).norm() < 1e-3:
        return STAYS
    if float(R[0, 1].abs() + R[1, 0].abs()) < 1e-6:
        return DIAGONAL
    if early is not None:
        return BACK.format(k=early)
    if torch.allclose(R.abs(), set_for_languages.turn_by(120.0).abs(), atol=1e-3):
        return RADIANS
    return SIZE if abs(float(torch.linalg.det(R).abs()) - 1) > 1e-3 else NOT_BACK


third_of_a_turn = ProgrammedExercise(
    lesson="19",
    reference=set_for_languages.third_of_a_turn,
    cases=lambda generator: [()],
    read=as_matrix,
    shapes=SHAPE,
    judged=turn_judged,
    result="a (2, 2) matrix",
    variants=(
        lambda: set_for_languages.third_of_a_turn().T,  # the other way round
        lambda: [[0, -1], [1, -1]],
    ),
    mistakes=(
        Mistake(lambda: torch.eye(2), STAYS),
        Mistake(lambda: [[-1, 0], [0, -1]], DIAGONAL),
        Mistake(lambda: [[-0.5, 0], [0, 0.866]], DIAGONAL),
        Mistake(lambda: [[0, 1], [1, 0]], BACK.format(k=2)),
        Mistake(lambda: set_for_languages.turn_by(torch.pi / 3), BACK.format(k=6)),
        Mistake(lambda: set_for_languages.turn_by(torch.pi / 2), BACK.format(k=4)),
        Mistake(
            lambda: set_for_languages.third_of_a_turn() * torch.tensor([[1, -1], [1, -1]]), BACK.format(k=2)
        ),  # a mirror
        Mistake(lambda: set_for_languages.third_of_a_turn() * torch.tensor([[1, 1], [1, -1]]), SIZE),
        Mistake(lambda: set_for_languages.turn_by(120.0), RADIANS),
        Mistake(lambda: set_for_languages.third_of_a_turn() / 3, SIZE),
        Mistake(lambda: [[-0.5, -0.87], [0.87, -0.5]], SIZE),
        Mistake(lambda: set_for_languages.turn_by(1 / 3), NOT_BACK),
        Mistake(lambda: [[-0.5, -0.866], [0.866, -0.5]], DRIFTS.format(n=LONG)),
        Mistake(lambda: set_for_languages.third_of_a_turn()[0], SHAPE),
        Mistake(lambda: 2 * torch.pi / 3, SHAPE),
    ),
    hints=(
        "Think of the state as a point of a plane, on a circle around 0. Where must one 1 move it, so that three lead "
        "back?",
        "By a third of a full turn, 2π/3. A turn by the angle α has the rows (cos α, −sin α) and (sin α, cos α).",
        "cos(2π/3) = −1/2 and sin(2π/3) = √3/2: `[[-1/2, -3**0.5 / 2], [3**0.5 / 2, -1/2]]`.",
    ),
)
