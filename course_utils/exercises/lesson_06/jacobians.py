"""Lesson 06: the product of backpropagation through time."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.nn import gradients


def states_and_weights(generator: torch.Generator) -> list[Arguments]:
    """States of several lengths and sizes, T = H among them, and weights that are not symmetric."""
    return [
        (
            torch.rand(T, H, generator=generator, dtype=torch.float64) * 1.8 - 0.9,
            torch.randn(H, H, generator=generator, dtype=torch.float64),
        )
        for T, H in ((1, 1), (1, 3), (2, 2), (4, 4), (6, 3))
    ]


def _product(states: Tensor, factor: object) -> Tensor:
    product = torch.eye(states.shape[1], dtype=states.dtype)
    for h in states:
        product = factor(h) @ product  # type: ignore[operator]
    return product


def without_the_slope(states: Tensor, W_hh: Tensor) -> Tensor:
    """The weights alone."""
    power: Tensor = torch.linalg.matrix_power(W_hh, len(states))
    return power


def slope_on_the_columns(states: Tensor, W_hh: Tensor) -> Tensor:
    """(1 − h²) * W_hh broadcasts over the columns."""
    return _product(states, lambda h: (1 - h**2) * W_hh)


def transposed(states: Tensor, W_hh: Tensor) -> Tensor:
    """W_hh.T, as in the step for a batch of rows."""
    return _product(states, lambda h: (1 - h**2)[:, None] * W_hh.T)


def wrong_order(states: Tensor, W_hh: Tensor) -> Tensor:
    """The new factor on the right."""
    product = torch.eye(states.shape[1], dtype=states.dtype)
    for h in states:
        product = product @ gradients.step_jacobian(h, W_hh)
    return product


def entry_by_entry(states: Tensor, W_hh: Tensor) -> Tensor:
    """* for @."""
    product = torch.ones_like(W_hh)
    for h in states:
        product = product * gradients.step_jacobian(h, W_hh)
    return product


def added(states: Tensor, W_hh: Tensor) -> Tensor:
    """A sum for a product."""
    return torch.stack([gradients.step_jacobian(h, W_hh) for h in states]).sum(dim=0)


def tanh_again(states: Tensor, W_hh: Tensor) -> Tensor:
    """The slope at the state, as if it had not been squashed yet."""
    return _product(states, lambda h: (1 - torch.tanh(h) ** 2)[:, None] * W_hh)


def slope_without_square(states: Tensor, W_hh: Tensor) -> Tensor:
    """1 − h."""
    return _product(states, lambda h: (1 - h)[:, None] * W_hh)


def last_step_only(states: Tensor, W_hh: Tensor) -> Tensor:
    """The factor of the last step."""
    return gradients.step_jacobian(states[-1], W_hh)


def first_left_out(states: Tensor, W_hh: Tensor) -> Tensor:
    """The factor of the first step is missing."""
    return gradients.jacobian_product(states[1:], W_hh)


def slopes_apart(states: Tensor, W_hh: Tensor) -> Tensor:
    """All slopes multiplied, and all weights multiplied, as if the order did not matter."""
    power: Tensor = torch.linalg.matrix_power(W_hh, len(states))
    return (1 - states**2).prod(dim=0)[:, None] * power


def with_diag(states: Tensor, W_hh: Tensor) -> Tensor:
    """A right answer with a diagonal matrix."""
    return _product(states, lambda h: torch.diag(1 - h**2) @ W_hh)


def from_the_end(states: Tensor, W_hh: Tensor) -> Tensor:
    """A right answer that goes backwards, as backpropagation does."""
    product = torch.eye(states.shape[1], dtype=states.dtype)
    for h in states.flip(0):
        product = product @ gradients.step_jacobian(h, W_hh)
    return product


jacobian_product = FunctionExercise(
    lesson="06",
    reference=gradients.jacobian_product,
    cases=states_and_weights,
    result="∂h_T/∂h_0, shape (H, H)",
    variants=(with_diag, from_the_end),
    shape_tip="Each factor is a matrix (H, H): `(1 - h**2)[:, None] * W_hh` scales the rows of W_hh.",
    mistakes=(
        Mistake(
            without_the_slope,
            "That is the power of W_hh alone. Each step also passes through tanh: its slope is 1 − h².",
        ),
        Mistake(
            slope_on_the_columns,
            "`(1 - h**2) * W_hh` scales the columns. The slope belongs to the unit that is computed, a row of W_hh: "
            "`(1 - h**2)[:, None] * W_hh`.",
        ),
        Mistake(transposed, "For one state as a column the factor holds W_hh itself, not W_hh.T."),
        Mistake(
            wrong_order,
            "The factors stand in the wrong order. The first step acts first, so it stands on the right: "
            "`product = factor @ product`.",
        ),
        Mistake(entry_by_entry, "`*` multiplies entry by entry. One step after the other is the matrix product `@`."),
        Mistake(added, "You add the factors. One step acts on the result of the one before: multiply them."),
        Mistake(tanh_again, "h is squashed already: the slope of tanh there is 1 − h², without another tanh."),
        Mistake(slope_without_square, "The slope of tanh is 1 − h², with the square."),
        Mistake(
            slopes_apart,
            "You multiply all slopes, and all weights, and then both. The order of matrices matters: between two W_hh "
            "stands the slope of that step.",
        ),
        Mistake(last_step_only, "That is the factor of the last step alone. Multiply the factors of all steps."),
        Mistake(
            lambda states, W_hh: gradients.jacobian_product(states, W_hh).T,
            "That is the transpose: entry [i, j] should be ∂h_T[i]/∂h_0[j].",
        ),
        Mistake(
            lambda states, W_hh: gradients.jacobian_product(states[:-1], W_hh),
            "The factor of the last state is missing: there are T factors, one for each state.",
        ),
        Mistake(
            lambda states, W_hh: gradients.jacobian_product(states[-1:].expand_as(states), W_hh),
            "Every step uses the slope of the last state. Each has its own: 1 − h² with the h of that step.",
        ),
        Mistake(first_left_out, "The factor of the first state is missing: there are T factors, one for each state."),
    ),
    hints=(
        "One factor a step, `step_jacobian(h, W_hh)`, for each h in states. How do you combine them?",
        "Start from `torch.eye(H)` (of the dtype of W_hh), and multiply a factor onto it at each step.",
        "The later step acts on what the earlier one gave: `product = step_jacobian(h, W_hh) @ product`.",
    ),
)

step_jacobian = FunctionExercise(
    lesson="06",
    reference=gradients.step_jacobian,
    cases=lambda generator: [(states[-1], W) for states, W in states_and_weights(generator)],
    result="∂h_t/∂h_{t−1}, shape (H, H)",
    variants=(lambda h, W_hh: torch.diag(1 - h**2) @ W_hh, lambda h, W_hh: W_hh - (h**2)[:, None] * W_hh),
    shape_tip="The result is a matrix (H, H): `[:, None]` makes a column of h, which then scales the rows of W_hh.",
    mistakes=(
        Mistake(
            lambda h, W_hh: W_hh.clone(),
            "That is W_hh alone. The step also passes through tanh, whose slope is 1 − h².",
        ),
        Mistake(
            lambda h, W_hh: (1 - h**2) * W_hh,
            "`(1 - h**2) * W_hh` scales the columns of W_hh. Row i belongs to unit i of the new state, and "
            "so does its slope: "
            "`(1 - h**2)[:, None] * W_hh`.",
        ),
        Mistake(
            lambda h, W_hh: (1 - h**2)[:, None] * W_hh.T,
            "Here W_hh stands as it is, without .T: entry [i, j] leads from unit j to unit i.",
        ),
        Mistake(
            lambda h, W_hh: ((1 - h**2)[:, None] * W_hh).T,
            "That is the transpose: entry [i, j] should be ∂h_t[i]/∂h_{t−1}[j].",
        ),
        Mistake(
            lambda h, W_hh: (1 - torch.tanh(h) ** 2)[:, None] * W_hh,
            "h is the state after tanh. Its slope there is 1 − h², without another tanh.",
        ),
        Mistake(lambda h, W_hh: (1 - h)[:, None] * W_hh, "The slope of tanh is 1 − h², with the square."),
        Mistake(
            lambda h, W_hh: torch.diag(1 - h**2),
            "That is the slope of tanh alone. The change comes through W_hh first: multiply by it.",
        ),
        Mistake(
            lambda h, W_hh: (1 - h**2) @ W_hh,
            "That is a vector: the slopes were summed up. Each row of W_hh is scaled by its own slope, so "
            "the result is (H, H).",
        ),
    ),
    hints=(
        "h_t = tanh(a), with a = … + W_hh h_{t−1}. By the chain rule: the slope of tanh at each unit, "
        "times ∂a/∂h_{t−1}.",
        "∂a/∂h_{t−1} is W_hh. The slope of tanh, written with the result h, is 1 − h².",
        "Row i of W_hh is scaled by 1 − h[i]²: `(1 - h**2)[:, None] * W_hh`.",
    ),
)
