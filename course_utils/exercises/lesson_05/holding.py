"""Lesson 05: the derivative along a sequence, and what holds a bit."""

from __future__ import annotations

import math
from typing import Any

import torch

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion
from course_utils.nn import gradients


def weights_and_starts(generator: torch.Generator) -> list[Arguments]:
    """Weights below and above 1, one of them negative, with starts and numbers of steps."""
    return [
        (0.5, 0.8, 1),
        (1.25, 0.5, 3),
        (0.9, -0.3, 10),
        (-1.5, 0.4, 3),
        (-1.2, 0.4, 4),
        (1.25, 0.5, 100),
        (2.0, 0.7, 0),
    ]


def _along(w: float, h_0: float, steps: int, factor: Any) -> float:
    h, derivative = h_0, 1.0
    for _ in range(steps):
        before, h = h, math.tanh(w * h)
        derivative *= factor(w, before, h)
    return derivative


def added_up(w: float, h_0: float, steps: int) -> float:
    """A sum for a product."""
    h, total = h_0, 0.0
    for _ in range(steps):
        h = math.tanh(w * h)
        total += w * (1 - h**2)
    return total


def difference_of_two_runs(w: float, h_0: float, steps: int) -> float:
    """The difference that a little more at the start makes, divided by the little."""
    little, ends = 1e-6, []
    for h in (h_0 - little, h_0 + little):
        for _ in range(steps):
            h = math.tanh(w * h)
        ends.append(h)
    return (ends[1] - ends[0]) / (2 * little)


def by_autograd(w: float, h_0: float, steps: int) -> float:
    """A right answer by torch, in its usual float32."""
    start = torch.tensor(h_0, requires_grad=True)
    h = start
    for _ in range(steps):
        h = torch.tanh(w * h)
    (derivative,) = torch.autograd.grad(h, start)
    return float(derivative)


def last_state(w: float, h_0: float, steps: int) -> float:
    """The state, not its derivative."""
    h = h_0
    for _ in range(steps):
        h = math.tanh(w * h)
    return h


def first_factor(w: float, h_0: float, steps: int) -> float:
    """The factor of the first step, as often as there are steps."""
    return float((w * (1 - math.tanh(w * h_0) ** 2)) ** steps)


def last_factor(w: float, h_0: float, steps: int) -> float:
    """The factor of the last step."""
    h = h_0
    for _ in range(steps):
        h = math.tanh(w * h)
    return w * (1 - h**2)


derivative_along = FunctionExercise(
    lesson="05",
    least=0.0,
    tolerance=1e-4,  # so that autograd in float32 is right as well
    reference=gradients.derivative_along,
    cases=weights_and_starts,
    result="∂h_T/∂h_0, a number",
    variants=(
        lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w / math.cosh(w * before) ** 2),
        by_autograd,
    ),
    mistakes=(
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: 1 - h**2),
            "The factor w is missing: the state enters the next step multiplied by w.",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w),
            "That is w^T, as if tanh were not there. Each step also has the slope of tanh, 1 − h².",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w * (1 - before**2)),
            "You take the slope at the state *before* the step. It is 1 − h² with the new h: step first, "
            "then the factor.",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w * (1 - math.tanh(h) ** 2)),
            "h is tanh of something already: the slope is 1 − h², without another tanh.",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: w * (1 - h)),
            "The slope of tanh is 1 − h², with the square.",
        ),
        Mistake(
            lambda w, h_0, steps: _along(w, h_0, steps, lambda w, before, h: h / before if before else 1.0),
            "h_T/h_0 compares two states. The derivative asks what a *small change* of h_0 does: multiply w "
            "(1 − h²) over the steps.",
        ),
        Mistake(
            difference_of_two_runs,
            "The difference of two runs drowns in rounding once the derivative is small. Multiply the steps' factors.",
        ),
        Mistake(last_state, "That is the state itself, h_T. We want how much it changes when h_0 changes."),
        Mistake(
            first_factor,
            "That is the factor of the first step, T times. The state moves on, and each step has a slope of its own.",
        ),
        Mistake(
            lambda w, h_0, steps: last_factor(w, h_0, steps) ** steps,
            "That is the factor of the last step, T times. Each step has a slope of its own, 1 − h² with its own h.",
        ),
        Mistake(
            lambda w, h_0, steps: gradients.derivative_along(w, h_0, max(steps - 1, 0)),
            "One factor is missing: T steps have T factors.",
        ),
        Mistake(
            lambda w, h_0, steps: abs(gradients.derivative_along(w, h_0, steps)),
            "The size is right, the sign is not: with a negative w and an odd number of steps it is negative.",
        ),
        Mistake(last_factor, "That is the factor of the last step alone. The factors of all steps multiply."),
        Mistake(added_up, "By the chain rule the factors of the steps are multiplied, not added."),
    ),
    hints=(
        "By the chain rule ∂h_T/∂h_0 is a product, with one factor a step. What is ∂h_t/∂h_{t−1}?",
        "The slope of tanh is 1 − tanh². So the factor of a step is w · (1 − h²), with the h after the step.",
        "In a loop: `h = tanh(w * h)`, then `derivative *= w * (1 - h**2)`.",
    ),
)

held = ChoiceQuestion(
    lesson="05",
    name="held",
    question="h ← tanh(1.25 h + noise), from +0.5, for 5,000 steps. Is the sign still +? And how much does h "
    "at the end depend on a small change of h at the start?",
    choices=(
        "the sign is lost, and it depends on nothing",
        "the sign is kept, and h depends on the start",
        "the sign is kept, and h does not depend on the start",
        "the sign is lost, and h depends on the start",
    ),
    answer="the sign is kept, and h does not depend on the start",
    says={
        "the sign is lost, and it depends on nothing": (
            "The second half is right. But the sign is kept: each step pulls the state back towards +0.71."
        ),
        "the sign is kept, and h depends on the start": (
            "The sign is kept because every step pulls the state back. The same pull wipes out the small change."
        ),
        "the sign is lost, and h depends on the start": (
            "Both are the other way round: the pull that keeps the sign wipes out small changes."
        ),
    },
    why="Each step pulls the state back to one point. That undoes the noise, and a small change of the start as well.",
)

pulse = ChoiceQuestion(
    lesson="05",
    name="pulse",
    question="A pulse of 1 at the first step, then nothing. With which state weight w_h is the state still further "
    "than 0.1 from 0 after 1,000 steps?",
    choices=("1.5 alone", "1.5 and −1.5", "1, 1.5 and −1.5", "1, 1.5, −0.8 and −1.5"),
    answer="1.5 and −1.5",
    says={
        "1.5 alone": "With −1.5 the state changes its sign at every step, and keeps its size.",
        "1, 1.5 and −1.5": "With exactly 1 each step keeps tanh(h), which is a little less than h: it fades slowly.",
        "1, 1.5, −0.8 and −1.5": "With −0.8 the sign changes, and each step keeps at most 0.8 of the size.",
    },
    why="A weight beyond 1 or −1 pushes the state away from 0, and tanh stops it before 1.",
)
