"""Lesson 06: clipping by norm and by value."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion
from course_utils.nn import gradients


def gradients_and_limits(generator: torch.Generator) -> list[Arguments]:
    """Gradients longer and shorter than the limit, vectors and matrices, and one that is 0.

    One has its norm below the limit and the sum of its entries above, one its norm above and each entry below.
    """
    plain = torch.tensor([30.0, 40.0])
    drawn = [
        torch.randn(shape, generator=generator) * size for shape, size in (((4,), 10.0), ((3, 2), 5.0), ((5,), 0.1))
    ]
    found = [(plain, 5.0), (plain / 100, 5.0), (drawn[0], 1.0), (drawn[1], 2.0), (drawn[2], 1.0), (-plain, 10.0)]
    between = [(plain / 10, 6.0), (torch.tensor([0.6, 0.6]), 1.0), (torch.tensor([4.0, -4.0]), 5.0), (drawn[0], 0.75)]
    return [*between, *found, (torch.zeros(3), 1.0)]


def clipped_by_value(gradient: Tensor, limit: float) -> Tensor:
    """Each entry cut."""
    return gradients.clip_by_value(gradient, limit)


def always_scaled(gradient: Tensor, limit: float) -> Tensor:
    """Short gradients are made longer."""
    factor: Tensor = limit / gradient.norm()
    return gradient * factor


def never_scaled(gradient: Tensor, limit: float) -> Tensor:
    """The gradient as it is."""
    return gradient.clone()


def unit_length(gradient: Tensor, limit: float) -> Tensor:
    """Scaled to 1 instead of the limit."""
    return gradient / gradient.norm() if gradient.norm() > limit else gradient.clone()


def divided_by_the_limit(gradient: Tensor, limit: float) -> Tensor:
    """The limit where the norm belongs."""
    return gradient / limit if gradient.norm() > limit else gradient.clone()


def norm_without_root(gradient: Tensor, limit: float) -> Tensor:
    """The root forgotten."""
    norm = gradient.square().sum()
    return gradient * (limit / norm) if norm > limit else gradient.clone()


def sum_of_sizes(gradient: Tensor, limit: float) -> Tensor:
    """The sum of absolute values for the norm."""
    norm = gradient.abs().sum()
    return gradient * (limit / norm) if norm > limit else gradient.clone()


def largest_entry(gradient: Tensor, limit: float) -> Tensor:
    """The largest entry for the norm."""
    norm = gradient.abs().max()
    return gradient * (limit / norm) if norm > limit else gradient.clone()


def scaled_where(gradient: Tensor, limit: float, longer: Tensor) -> Tensor:
    """Scaled down to the limit where some test says that it is longer."""
    return gradient * (limit / gradient.norm()) if longer else gradient.clone()


def direction_times_size(gradient: Tensor, limit: float) -> Tensor:
    """Right but for a gradient of 0, which is divided by 0."""
    norm = gradient.norm()
    size: Tensor = norm.clamp(max=limit)
    direction: Tensor = gradient / norm
    return direction * size


def thrown_away(gradient: Tensor, limit: float) -> Tensor:
    """A long gradient set to zero."""
    return gradient * float(gradient.norm() <= limit)


def with_min(gradient: Tensor, limit: float) -> Tensor:
    """A right answer without an if."""
    factor: Tensor = (limit / gradient.norm()).clamp(max=1.0)
    return gradient * factor


def as_torch_does(gradient: Tensor, limit: float) -> Tensor:
    """A right answer by torch's own function, which adds 1e−6 to the norm."""
    parameter = torch.nn.Parameter(torch.zeros_like(gradient))
    parameter.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_([parameter], limit)
    return parameter.grad


clip_by_norm = FunctionExercise(
    lesson="06",
    reference=gradients.clip_by_norm,
    cases=gradients_and_limits,
    result="the gradient, no longer than the limit",
    variants=(with_min, as_torch_does),
    mistakes=(
        Mistake(
            clipped_by_value,
            "You cut each entry: that is clipping by value, and it turns the gradient. Scale the whole of "
            "it by one factor.",
        ),
        Mistake(
            always_scaled,
            "Long gradients come out right. Short ones are made longer: leave those alone whose norm is "
            "within the limit.",
        ),
        Mistake(never_scaled, "The gradient comes back as it was. Where its norm is above the limit, scale it down."),
        Mistake(unit_length, "It has the norm 1 now. It should have the norm `limit`: multiply by the limit as well."),
        Mistake(
            divided_by_the_limit, "You divide by the limit. Divide by the gradient's norm, and multiply by the limit."
        ),
        Mistake(
            norm_without_root, "The root is missing: the norm of (30, 40) is 50, not 2,500. `gradient.norm()` knows."
        ),
        Mistake(
            sum_of_sizes,
            "You add up the sizes of the entries. The norm is the root of the sum of squares: 50 for (30, 40), not 70.",
        ),
        Mistake(
            largest_entry,
            "You take the largest entry for the norm. The norm of (30, 40) is 50: the root of the sum of squares.",
        ),
        Mistake(
            lambda gradient, limit: scaled_where(gradient, limit, gradient.square().sum() > limit),
            "You scale by the norm, but you compare the *squared* norm with the limit: (3, 4) has the norm 5, not 25.",
        ),
        Mistake(
            lambda gradient, limit: scaled_where(gradient, limit, gradient.abs().sum() > limit),
            "You scale by the norm, but you compare the sum of sizes with the limit: the norm of (3, 4) is 5, not 7.",
        ),
        Mistake(
            lambda gradient, limit: scaled_where(gradient, limit, gradient.abs().max() > limit),
            "You compare the largest entry with the limit. (4, −4) has the norm 5.7, and is longer than 5.",
        ),
        Mistake(
            direction_times_size,
            "A gradient of 0 becomes NaN: it is divided by its norm, 0. A gradient within the limit needs no division.",
        ),
        Mistake(
            thrown_away,
            "A gradient that is too long is not thrown away: keep its direction, and shorten it to the limit.",
        ),
    ),
    hints=(
        "Only a gradient that is longer than the limit is changed. How long is it?",
        "`gradient.norm()` is its length. Which factor brings that to the limit?",
        "`gradient * (limit / norm)` where norm > limit, else the gradient as it is.",
    ),
)

clipped_angle = NumberQuestion(
    lesson="06",
    name="clipped_angle",
    unit="degrees",
    answer=round(math.degrees(math.acos(7 / (5 * math.sqrt(2)))), 2),
    tolerance=0.03,
    mistakes={
        0.0: "By norm it would be 0. By value, (30, 40) becomes (5, 5), which points elsewhere.",
        45.0: "45° is the direction of (5, 5). We want the angle between it and (30, 40), which points to 53.1°.",
        0.1419: "That is the angle in radians. We want it in degrees: times 180/π.",
        53.13: "53.1° is the direction of (30, 40). We want the angle between it and (5, 5), which points to 45°.",
    },
    why="(5, 5) points to 45°, (30, 40) to 53.1°.",
    prediction=True,
)
