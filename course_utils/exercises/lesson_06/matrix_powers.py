"""Lesson 06: how the powers of a matrix grow."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.nn import gradients

four_fates = ChoiceQuestion(
    lesson="06",
    name="four_fates",
    question="For which of the four does the norm of W^t rise above 1 at some step from 1 to 60?",
    choices=("D alone", "B and D", "C and D", "B, C and D"),
    answer="B, C and D",
    says={
        "D alone": "D has an eigenvalue above 1, and grows. B and C grow as well, for a while: look at their peaks.",
        "B and D": "B and D are right. C grows too: every eigenvalue is 0.8, and yet its norm is above 1 for 31 steps.",
        "C and D": "C and D are right. B grows too, for one step: both its eigenvalues are 0, and ‖B‖ is 4.",
    },
    why="A and D do what their eigenvalues say from the first step on. B and C do not.",
)


def matrices_and_steps(generator: torch.Generator) -> list[Arguments]:
    """Matrices of several sizes and kinds, none of them symmetric, with numbers of steps."""
    found: list[Arguments] = [
        (gradients.recurrent_matrix(size, radius, 0.8, generator), t)
        for size, radius, t in ((2, 0.8, 3), (4, 0.9, 5), (6, 1.1, 4), (3, 0.7, 1), (5, 1.0, 8))
    ]
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
    return [*found, (0.9 * turn, 7), (found[0][0], 0)]


def largest_eigenvalue(W: Tensor, t: int) -> float:
    """The rule of thumb: the eigenvalue to the power of t."""
    return gradients.spectral_radius(W) ** t


def norm_to_the_t(W: Tensor, t: int) -> float:
    """The norm of one step to the power of t."""
    return float(torch.linalg.matrix_norm(W, 2)) ** t


def t_times_the_norm(W: Tensor, t: int) -> float:
    """The norm of one step times t."""
    return float(torch.linalg.matrix_norm(W, 2)) * t


def norm_of_one_step(W: Tensor, t: int) -> float:
    """The number of steps ignored."""
    return float(torch.linalg.matrix_norm(W, 2))


def entries_to_the_t(W: Tensor, t: int) -> float:
    """W ** t is taken entry by entry."""
    return float(torch.linalg.matrix_norm(W**t, 2))


def frobenius(W: Tensor, t: int) -> float:
    """The default norm of torch, over all entries."""
    return float(torch.linalg.norm(torch.linalg.matrix_power(W, t)))


def one_step_less(W: Tensor, t: int) -> float:
    """range(1, t)."""
    return gradients.worst_growth(W, max(t - 1, 0))


def one_step_more(W: Tensor, t: int) -> float:
    """The product starts from W, and is multiplied t times."""
    return gradients.worst_growth(W, t + 1)


def eigenvalue_of_one_step(W: Tensor, t: int) -> float:
    """The spectral radius, and the number of steps ignored."""
    return gradients.spectral_radius(W)


def by_svd(W: Tensor, t: int) -> float:
    """A right answer through the singular values."""
    return float(torch.linalg.svdvals(torch.linalg.matrix_power(W, t)).max())


def by_loop(W: Tensor, t: int) -> Tensor:
    """A right answer that multiplies step by step, and returns a tensor."""
    product = torch.eye(len(W), dtype=W.dtype)
    for _ in range(t):
        product = W @ product
    norm: Tensor = torch.linalg.matrix_norm(product, 2)
    return norm


worst_growth = FunctionExercise(
    lesson="06",
    reference=gradients.worst_growth,
    cases=matrices_and_steps,
    result="the largest stretch of W^t, a number",
    variants=(by_svd, by_loop),
    mistakes=(
        Mistake(
            largest_eigenvalue,
            "That is the largest eigenvalue's growth: right in the long run, but W^t can stretch a vector by more. "
            "Take the largest *singular value* of W^t.",
        ),
        Mistake(
            norm_to_the_t,
            "The norm of one step to the power of t is a bound: it assumes the worst direction again at each step. "
            "Take the power first, then its norm.",
        ),
        Mistake(
            t_times_the_norm, "t steps multiply, they do not add: take the t-th power of the matrix, then its norm."
        ),
        Mistake(norm_of_one_step, "That is the largest stretch of one step. Apply W t times first."),
        Mistake(
            entries_to_the_t,
            "`W ** t` takes the power of each entry by itself. `torch.linalg.matrix_power(W, t)` applies "
            "the matrix t times.",
        ),
        Mistake(
            frobenius,
            "`torch.linalg.norm` of a matrix adds the squares of all entries (Frobenius). The largest stretch is "
            "`torch.linalg.matrix_norm(…, 2)`, with the 2.",
        ),
        Mistake(
            lambda W, t: max(gradients.worst_growth(W, step) for step in range(t + 1)),
            "That is the largest stretch on the way, the peak. We want the stretch after exactly t steps.",
        ),
        Mistake(
            lambda W, t: gradients.worst_growth(W, t) ** 2,
            "That is its square: the eigenvalues of A.T @ A are the *squares* of the singular values. Take the root.",
        ),
        Mistake(
            eigenvalue_of_one_step,
            "That is the largest |eigenvalue| of W, whatever t is. Take the power first, and then the largest stretch.",
        ),
        Mistake(one_step_less, "One step is missing: W^1 is W, and W^0 is the identity, which stretches by 1."),
        Mistake(one_step_more, "That is one step too many: W^1 is W, and W^0 is the identity, which stretches by 1."),
    ),
    hints=(
        "Two things to do: apply W t times, and find the largest stretch of the result.",
        "`torch.linalg.matrix_power(W, t)` is the matrix of t steps together.",
        "The largest stretch of a matrix A is `torch.linalg.matrix_norm(A, 2)`, its largest singular value.",
    ),
)
