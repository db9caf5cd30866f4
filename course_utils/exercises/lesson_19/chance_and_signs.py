"""Lesson 19: the best constant answer, and what a diagonal recurrence leaves of a difference."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.metrics import answers as metrics
from course_utils.nn import diagonal


def answers_and_steps(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """Answers of several shapes; which steps count is drawn so that some answers count more often than others."""
    found = []
    for kinds, shape in ((2, (2, 4)), (3, (3, 7)), (5, (4, 9)), (6, (1, 12)), (3, (5, 5))):
        drawn = torch.randint(kinds, shape, generator=generator)
        favoured = drawn == torch.randint(kinds, (), generator=generator)
        decisive = torch.rand(shape, generator=generator) < torch.where(favoured, 0.9, 0.4)
        decisive[0, 0] = True
        found.append((drawn, decisive))
    often, rare = torch.zeros(2, 9, dtype=torch.int64), torch.tensor([0, 0, 0, 0, 0, 1, 1, 1, 2])
    found.append((often + rare, often + rare > 0))  # what comes most often does not count
    return found


def _by_string(answers: Tensor, decisive: Tensor) -> float:
    shares = [metrics.best_constant_share(a[None], d[None]) for a, d in zip(answers, decisive, strict=True) if d.any()]
    return sum(shares) / len(shares)


best_constant_share = FunctionExercise(
    lesson="19",
    reference=metrics.best_constant_share,
    cases=answers_and_steps,
    result="a number from 0 to 1",
    variants=(
        lambda answers, decisive: max(
            float((answers[decisive] == answer).float().mean()) for answer in range(int(answers.max()) + 1)
        ),
        lambda answers, decisive: (
            (answers[decisive] == answers[decisive].mode().values).sum() / decisive.sum()
        ).item(),
    ),
    mistakes=(
        Mistake(
            lambda answers, decisive: metrics.best_constant_share(answers, torch.ones_like(decisive)),
            "All steps are counted. Count only those where `decisive` is True: `answers[decisive]`.",
        ),
        Mistake(
            lambda answers, decisive: 1 / len(answers.unique()),
            "One over the number of answers is right only where all of them come equally often. Count them.",
        ),
        Mistake(
            lambda answers, decisive: 1 / len(answers[decisive].unique()),
            "One over the number of answers is right only where all of them come equally often. Count them.",
        ),
        Mistake(
            lambda answers, decisive: float((answers[decisive] == 0).float().mean()),
            "That is the rule that always says 0. Another constant may be right more often: take the best.",
        ),
        Mistake(
            lambda answers, decisive: float((answers[decisive] == answers.max()).float().mean()),
            "That is the rule that always says the last answer. Another may be right more often: take the best.",
        ),
        Mistake(
            lambda answers, decisive: int(answers[decisive].bincount().argmax()),
            "That is the best constant answer itself. Return on which share of the steps that count it is right.",
        ),
        Mistake(
            _by_string,
            "Here the constant may change from string to string. One answer is fixed for all strings together.",
        ),
        Mistake(
            lambda answers, decisive: float(answers[decisive].bincount().max()),
            "That is how often the most frequent answer comes. Divide by the number of steps that count.",
        ),
        Mistake(
            lambda answers, decisive: float(answers[decisive].bincount().max() / answers.numel()),
            "It is divided by the number of all steps. Divide by the number of those that count.",
        ),
        Mistake(
            lambda answers, decisive: float((answers[decisive] == answers.flatten().mode().values).float().mean()),
            "The constant is chosen on all steps, and judged on those that count. Choose it on those too.",
        ),
    ),
    hints=(
        "The rule always answers the same. On which share of the steps that count is it right?",
        "`answers[decisive]` are the right answers that count; `bincount()` says how often each comes.",
        "`counted = answers[decisive]`, then the largest of `counted.bincount()`, divided by `len(counted)`.",
    ),
)


def eigenvalues_of_several_shapes(generator: torch.Generator) -> list[tuple[Tensor]]:
    """(B, T, N) of both signs, and positive ones alone."""
    found = []
    for shape, low in (((1, 1, 1), -1.0), ((2, 3, 2), -1.0), ((3, 5, 4), 0.2), ((2, 4, 2), -1.0), ((4, 2, 4), -1.0)):
        drawn = low + (1 - low) * torch.rand(shape, generator=generator, dtype=torch.float64)
        found.append((drawn,))
    return found


def _loop(eigenvalues: Tensor) -> Tensor:
    left = torch.ones_like(eigenvalues[:, 0])
    for step in eigenvalues.unbind(1):
        left = left * step
    return left


def _two_states(eigenvalues: Tensor) -> Tensor:
    """Two states, 1 apart at the beginning, are run side by side and subtracted."""
    one, other = torch.ones_like(eigenvalues[:, 0]), torch.zeros_like(eigenvalues[:, 0])
    for step in eigenvalues.unbind(1):
        one, other = step * one + 3, step * other + 3
    return one - other


difference_left = FunctionExercise(
    lesson="19",
    reference=diagonal.difference_left,
    cases=eigenvalues_of_several_shapes,
    result="(B, N): a factor for each number of the state",
    variants=(_loop, _two_states, lambda eigenvalues: eigenvalues.cumprod(1)[:, -1]),
    gradients=True,
    mistakes=(
        Mistake(
            lambda eigenvalues: eigenvalues.sum(1),
            "The factors of the steps are multiplied, not added: each step multiplies what the step before has left.",
        ),
        Mistake(lambda eigenvalues: eigenvalues.mean(1), "The factors are multiplied: their mean says nothing here."),
        Mistake(
            lambda eigenvalues: eigenvalues[:, -1],
            "That is the last step's factor. All steps before it have multiplied the difference too.",
        ),
        Mistake(
            lambda eigenvalues: eigenvalues.cumprod(1),
            "These are the factors after every step, (B, T, N). Only the last is wanted: what is left in the end.",
        ),
        Mistake(
            lambda eigenvalues: eigenvalues.prod(-1),
            "The product goes over the numbers of the state. It must go over the steps, dimension 1.",
        ),
        Mistake(
            lambda eigenvalues: eigenvalues.abs().prod(1),
            "The sign is lost. It is what this is about: a negative factor turns the difference round.",
        ),
        Mistake(
            lambda eigenvalues: eigenvalues.prod(0), "The product goes over the strings. It must go over the steps."
        ),
        Mistake(
            lambda eigenvalues: eigenvalues[:, 1:].prod(1),
            "The first step is left out. The difference is there before it, and the first factor multiplies it too.",
        ),
        Mistake(
            lambda eigenvalues: eigenvalues.abs().log().sum(1),
            "That is the logarithm of its size, without the sign. Return the factor itself.",
        ),
    ),
    hints=(
        "Write one step for both states, h = a · h + b, and subtract. What becomes of b?",
        "b cancels: the new difference is a times the old one. After all steps it has been multiplied by every a.",
        "`return eigenvalues.prod(dim=1)`",
    ),
)
