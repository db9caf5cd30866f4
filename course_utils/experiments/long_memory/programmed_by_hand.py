"""Networks programmed by hand: weights that nobody trained, for the adding problem over thousands of steps."""

from __future__ import annotations

from copy import deepcopy
from typing import TypeVar

import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn.sequence_model import SequenceModel

Network = TypeVar("Network", bound=nn.Module)

OPEN = 40.0  # a gate with this bias is open: σ(40) is 1 but for 4e−18
CLOSED = -OPEN
SMALL = 0.01  # the candidate is tanh(SMALL · number): so near 0 tanh is a straight line, to 3e−5 of its value


def adding_unit() -> tuple[Tensor, Tensor, float]:
    """The weights of one LSTM unit that adds the marked numbers; those from its state, which are not given, are 0.

    The forget gate is always open: the cell keeps what it has. The input gate is closed, and the marker opens it. The
    candidate is the number, made small so that tanh does not bend it; the output gate is always open, and the read-out
    makes the sum large again. So the cell holds SMALL · (the sum of the marked numbers so far).

    Returns:
        W_ih (4, 2), whose rows are input gate, forget gate, candidate and output gate, and whose columns are the number
        and the marker; the biases of these rows (4,); and the factor of the read-out, which multiplies the state.
    """
    #                     number  marker
    W_ih = torch.tensor([[0.0, OPEN - CLOSED], [0.0, 0.0], [SMALL, 0.0], [0.0, 0.0]])
    bias = torch.tensor([CLOSED, OPEN, 0.0, OPEN])
    return W_ih, bias, 1 / SMALL


@torch.no_grad()
def adding_lstm(weights: tuple[Tensor, Tensor, float] | None = None) -> SequenceModel:
    """One LSTM unit that solves the adding problem of any length: 20 numbers, and 2 of the read-out.

    Args:
        weights: as `adding_unit` returns them; default: those of `adding_unit`.

    Returns:
        (B, T, 2) → (B, T, 1), float32: at every step the sum of the numbers marked so far, to about 1e−4.
    """
    from_input, bias, factor = weights or adding_unit()
    model = SequenceModel("lstm", 2, 1, 1)
    W_ih, W_hh, b_ih, b_hh = model.core.parameters()
    W_ih.copy_(torch.as_tensor(from_input))
    b_ih.copy_(torch.as_tensor(bias))
    W_hh.zero_()
    b_hh.zero_()
    model.readout.weight.fill_(float(factor))
    model.readout.bias.zero_()
    return model


@torch.no_grad()
def adding_relu_rnn() -> SequenceModel:
    """Two ReLU units that solve the adding problem of any length, exactly but for rounding: 12 numbers, and 3.

    The first is max(0, number + marker − 1): the number where the marker is 1, and 0 elsewhere, for the numbers are
    below 1. The second adds up what the first had one step before. The read-out adds the two.

    Returns:
        (B, T, 2) → (B, T, 1), float32: at every step the sum of the numbers marked so far.
    """
    model = SequenceModel("relu_rnn", 2, 2, 1)
    W_ih, W_hh, b_ih, b_hh = model.core.parameters()
    W_ih.copy_(torch.tensor([[1.0, 1.0], [0.0, 0.0]]))  # columns: number, marker
    W_hh.copy_(torch.tensor([[0.0, 0.0], [1.0, 1.0]]))
    b_ih.copy_(torch.tensor([-1.0, 0.0]))
    b_hh.zero_()
    model.readout.weight.fill_(1.0)
    model.readout.bias.zero_()
    return model


@torch.no_grad()
def perturbed(model: Network, size: float, generator: torch.Generator) -> Network:
    """A copy whose weights are each multiplied by 1 + size · (a normal random number); weights of 0 stay 0.

    Args:
        model: any network.
        size: the standard deviation, as a share of each weight; 0.01 is one per cent.
        generator: draws the numbers.

    Raises:
        CourseError: a size below 0.
    """
    if not size >= 0:
        raise CourseError(f"size must be a number from 0, such as 0.01 for one per cent; it is {size!r}.")
    copy = deepcopy(model)
    for parameter in copy.parameters():
        parameter.mul_(1 + size * _normal(parameter, generator))
    return copy


def _normal(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(like.shape, dtype=like.dtype, generator=generator)
