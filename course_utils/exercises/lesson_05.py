"""Exercise of lesson 05: one step of a recurrent network."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine import Arguments, FunctionExercise, Mistake
from course_utils.nn import cells


def cases(generator: torch.Generator) -> list[Arguments]:
    """Steps of several sizes (B, I, H): one of each kind, I = H among them."""
    return [step_arguments(generator, *sizes) for sizes in ((1, 1, 1), (4, 3, 5), (3, 6, 2), (2, 4, 4))]


def step_arguments(generator: torch.Generator, batch: int, input_size: int, hidden_size: int) -> Arguments:
    """Random x (B, I), h (B, H), W_ih (H, I), W_hh (H, H), b_ih (H,), b_hh (H,)."""
    B, I, H = batch, input_size, hidden_size  # noqa: E741
    return tuple(torch.randn(shape, generator=generator) for shape in ((B, I), (B, H), (H, I), (H, H), (H,), (H,)))


def no_tanh(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The activation forgotten."""
    return x @ W_ih.T + b_ih + h @ W_hh.T + b_hh


def no_state(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The state before is not used: a feedforward layer."""
    return torch.tanh(x @ W_ih.T + b_ih + b_hh)


def no_state_one_bias(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The state before is not used, nor its bias."""
    return torch.tanh(x @ W_ih.T + b_ih)


def not_transposed(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """h @ W_hh runs, for W_hh is square, but multiplies by the wrong side."""
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh + b_hh)


def one_bias(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """b_hh forgotten."""
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T)


def tanh_of_the_input_only(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The bracket closed too early."""
    return torch.tanh(x @ W_ih.T + b_ih) + h @ W_hh.T + b_hh


def two_tanhs(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """Each part squashed by itself."""
    return torch.tanh(x @ W_ih.T + b_ih) + torch.tanh(h @ W_hh.T + b_hh)


def sigmoid(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """Sigmoid for tanh."""
    return torch.sigmoid(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def state_added(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """The old state kept and the new one added to it."""
    return h + torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def with_linear(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """A right answer by torch's own affine map."""
    return (torch.nn.functional.linear(x, W_ih, b_ih) + torch.nn.functional.linear(h, W_hh, b_hh)).tanh()


def with_einsum(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """A right answer that names every index."""
    a = torch.einsum("bi,hi->bh", x, W_ih) + torch.einsum("bg,hg->bh", h, W_hh)
    return torch.tanh(a + b_ih + b_hh)


NO_STATE = (
    "This step never looks at the state before. That is a feedforward layer: it forgets everything. "
    "Let h take part, through W_hh."
)

rnn_step = FunctionExercise(
    reference=cells.rnn_step,
    cases=cases,
    result="the new state, shape (B, H)",
    variants=(with_linear, with_einsum),
    gradients=True,
    mistakes=(
        Mistake(no_tanh, "The sum is right, but nothing bounds it. Without tanh the state can grow at every step."),
        Mistake(no_state, NO_STATE),
        Mistake(no_state_one_bias, NO_STATE),
        Mistake(
            not_transposed,
            "`h @ W_hh` runs, because W_hh is square, but it takes the weights by the wrong side. "
            "Row i of W_hh belongs to unit i of the new state: use `h @ W_hh.T`.",
        ),
        Mistake(one_bias, "One bias is missing: torch keeps two, b_ih and b_hh, and adds both."),
        Mistake(
            tanh_of_the_input_only, "Check the brackets: tanh goes round the whole sum, the state's part included."
        ),
        Mistake(two_tanhs, "You squash input and state one by one. Add them first; one tanh goes round the whole sum."),
        Mistake(
            sigmoid, "The shape of the sum is right. This network squashes with tanh (−1 to 1), not sigmoid (0 to 1)."
        ),
        Mistake(state_added, "The old state is not kept beside the new one: tanh(…) alone is the new state."),
    ),
    hints=(
        "Two things flow into the new state: the input through W_ih, and the state before through W_hh.",
        "x is (B, I) and W_ih is (H, I). Which of `x @ W_ih` and `x @ W_ih.T` gives (B, H)?",
        "`torch.tanh(` input part + its bias + state part + its bias `)`.",
    ),
)
